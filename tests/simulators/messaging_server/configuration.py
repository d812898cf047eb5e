"""What the configurators write: msg.conf or config.xml, and the files of the MTA."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from ..engine import Refusal
from .sources import CONFIGUTIL, MARKS, REFERENCE

DISPATCHER = """\
! VERSION=1.1
!
MIN_PROCS=1
MAX_PROCS=5
!
[SERVICE=SMTP]
PORT=25
IMAGE=IMTA_BIN:tcp_smtp_server
LOGFILE=IMTA_LOG:tcp_smtp_server.log
!
[SERVICE=SMTP_SUBMIT]
PORT=587
IMAGE=IMTA_BIN:tcp_smtp_server
LOGFILE=IMTA_LOG:tcp_submit_server.log
"""
#: The same services in a Unified Configuration.
DISPATCHED = {
    "role.dispatcher.service:SMTP.tcp_ports": "25",
    "role.dispatcher.service:SMTP_SUBMIT.tcp_ports": "587",
}
JOB_CONTROLLER = """\
! VERSION=1.1
!
SECRET={secret}
INTERFACE_ADDRESS=127.0.0.1
!
[POOL=DEFAULT]
JOB_LIMIT=10
"""

#: Options that the tools do not show the value of.
HIDDEN = re.compile(r".*(pass|cred|secret)\w*")


@MARKS.documented("configutil", "what was set is in msg.conf, defaults in msg.conf.defaults", CONFIGUTIL)
@MARKS.assumed("configutil", "the layout of msg.conf")
def render_legacy(options: Mapping[str, str]) -> str:
    """The text of msg.conf."""
    return "".join(f"{name}={value}\n" for name, value in sorted(options.items()))


def parse_legacy(text: str) -> dict[str, str]:
    """The options in msg.conf."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


@MARKS.documented("msconfig", "options are XML elements of config.xml, for a role or for an instance", REFERENCE)
@MARKS.assumed("msconfig", "the layout of config.xml")
def render_unified(options: Mapping[str, str]) -> str:
    """The text of config.xml; names have their place, role or instance, in front."""
    root = ElementTree.Element("config")
    for place in ("role", "instance"):
        element = ElementTree.SubElement(root, place)
        for name, value in sorted(options.items()):
            if name.startswith(f"{place}."):
                ElementTree.SubElement(element, "option", name=name[len(place) + 1 :]).text = value
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def parse_unified(text: str) -> dict[str, str]:
    """The options in config.xml."""
    found = {}
    for place in ElementTree.fromstring(text):
        for option in place:
            found[f"{place.tag}.{option.get('name')}"] = option.text or ""
    return found


@MARKS.documented("msconfig", "checks values against the types of options", REFERENCE)
@MARKS.assumed("msconfig", "which types there are: addresses, switches that are 0 or 1, ports; the text and status 1")
def check_type(name: str, value: str) -> None:
    """Refuse a value that the option cannot have."""
    last = name.rsplit(".", 1)[-1]
    legal = {"listenaddr": r"[0-9a-fA-F.:]+", "enable": r"[01]", "port": r"\d{1,5}"}.get(last)
    if legal is not None and re.fullmatch(legal, value) is None:
        raise Refusal(1, f"ERROR: invalid value for option {name}\n")
