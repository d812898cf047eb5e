# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to ``cibadmin``, ``crm_mon`` and what decides, which agents this node has, and how a CIB is changed."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import NotRunning
from .cib import parse_xml
from .editing import Edit
from .reading import Observation

#: Seconds for a node to say what it is doing; crmadmin itself would wait for half a minute.
_PATIENCE = 10.0

_OCF_ROOT = Path("/usr/lib/ocf/resource.d")


def observation(runner: Runner) -> Observation:
    """The cluster now, each part of it by one command when somebody looks."""
    return Observation(
        lambda: _monitor(runner),
        lambda: _configuration(runner),
        lambda: _asked(runner, "crm_simulate", "--live-check", "--simulate", "--output-as=xml"),
        lambda node: _controller(runner, node),
    )


def _configuration(runner: Runner) -> Element:
    """The CIB without the status section, which has the history of all operations and is several times as large."""
    cib = Element("cib")
    cib.append(_asked(runner, "cibadmin --query", "--scope=configuration"))
    return cib


def _monitor(runner: Runner) -> Element:
    """What ``crm_mon`` says of nodes and resources."""
    found = _asked(runner, "crm_mon", "--one-shot", "--inactive", "--output-as=xml")
    if found.find("./nodes") is None:
        # Seen with 2.1.5: it exits with 0 although it could not read the CIB.
        errors = [error.text or "" for error in found.findall("./status/errors/error")]
        raise _not_running("; ".join(errors) or "crm_mon shows no nodes")
    return found


def _controller(runner: Runner, node: str) -> str:
    """The state of a node's controller; empty where the node has gone, which the others find out by themselves."""
    try:
        result = runner.run(["crmadmin", f"--status={node}", "--output-as=xml"], timeout=_PATIENCE, record=False)
    except CommandError:
        return ""
    found = parse_xml(result.stdout, "crmadmin").find("./crmd")
    return "" if found is None else found.get("state", "")


def _asked(runner: Runner, command: str, *options: str) -> Element:
    try:
        result = runner.run([*command.split(), *options], record=False)
    except CommandNotFound:
        raise NotRunning("Pacemaker is not installed on this node") from None
    except CommandError as error:
        raise _not_running(error.output or error.reason) from None
    return parse_xml(result.stdout, command)


def _not_running(reason: str) -> NotRunning:
    return NotRunning(f"the cluster is not running on this node ({reason})")


def missing_agents(types: Collection[str]) -> list[str]:
    """Resource types whose agent is not on this node; systemd units and other classes are left to the cluster."""
    return [resource_type for resource_type in types if not _installed(resource_type.split(":"))]


def _installed(parts: Sequence[str]) -> bool:
    if parts[0] == "ocf" and len(parts) == 3:
        return (_OCF_ROOT / parts[1] / parts[2]).exists()
    if parts[0] == "stonith" and len(parts) == 2:
        found = any(os.path.exists(f"{folder}/{parts[1]}") for folder in ("/usr/sbin", "/sbin"))
        return found or parts[1] in ("external/ssh", "fence_watchdog")
    return len(parts) in (2, 3) and parts[0] in ("systemd", "lsb", "service", "nagios")


@dataclass(frozen=True)
class Patch:
    """An edit of the CIB of its moment, sent as one atomic change; nothing is sent where it makes no difference.

    The patch names no version of the CIB, so that a state change that comes in between does not refuse it.
    """

    edit: Edit

    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        current = _asked(runner, "cibadmin --query")
        wanted = copy.deepcopy(current)
        self.edit(wanted)
        # A CIB may hold passwords of fence agents: the directory is the process owner's alone.
        with tempfile.TemporaryDirectory(prefix="groupware-ha-") as directory:
            original, new = Path(directory, "original.xml"), Path(directory, "new.xml")
            original.write_text(ElementTree.tostring(current, encoding="unicode"), encoding="utf-8")
            new.write_text(ElementTree.tostring(wanted, encoding="unicode"), encoding="utf-8")
            # Exit status 1 says that there are differences.
            difference = runner.run(
                ["crm_diff", f"--original={original}", f"--new={new}", "--no-version"], accept=(0, 1), record=False
            )
        if difference.stdout.strip():
            runner.run(["cibadmin", "--patch", "--xml-pipe"], stdin=difference.stdout, timeout=timeout)

    def __str__(self) -> str:
        return "a patch of the CIB"
