# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Radicale for each service: judges the options, and says which files an instance has. Pure.

An instance lives on its service's volume alone, so that it is the same on every node:

    <mount point>/radicale          config, users, tls.pem, authority.pem
    <mount point>/collections       the calendars and address books, one file for each entry

Key and certificate are one file, which is replaced by one rename: a node that is lost leaves both from before, or both
new. On each node there is only a link to the instance's folder, by which the unit finds it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries, fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    dictionary_of,
    refuse_secrets,
    wrong_keys_of_user,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape
from .mail_options import Options

OPTIONS = ("port", "log_in", "imap", "certificate", "key", "settings")
#: Against what users log in.
LOG_INS = ("users", "imap")
_OF_IMAP = ("host", "port", "authority")
_IMAPS = 993

#: The port that Radicale has by itself.
PORT = 5232

#: The role's variables, as its user knows them.
_INSTANCES = "radicale_instances"
_USERS = "radicale_users"

#: Keys of a user, all of them needed.
_OF_USER = ("name", "password_hash")

#: A user's name is a folder of the volume, and what stands before the first colon in the file of users.
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")

# The one kind of hash that protects a password and that Radicale 3.1 (Debian 12) and 3.5 (Debian 13) both read. As
# htpasswd prints it, or with the scheme before it that Dovecot reads.
_HASH = re.compile(r"(?:\{(?:BLF-CRYPT|CRYPT)\})?(\$2[aby]\$(?:0[4-9]|[12][0-9]|3[01])\$[./0-9A-Za-z]{53})")
HASH_REMEDY = "give what `htpasswd -nB alice` prints behind the colon, or `doveadm pw -s BLF-CRYPT`, such as $2y$05$..."

# Settings that are the role's own, by their section: what the cluster, verify and README.md's promises need.
_OWN: Mapping[str, frozenset[str]] = {
    "server": frozenset(
        ["hosts", "ssl", "certificate", "key", "certificate_authority", "protocol", "ciphersuite", "script_name"]
    ),
    "auth": frozenset(["type", "htpasswd_filename", "htpasswd_encryption", "imap_host", "imap_security"]),
    "storage": frozenset(["type", "filesystem_folder"]),
    "web": frozenset(["type"]),
    "logging": frozenset(["mask_passwords", "request_header_on_debug", "request_content_on_debug"]),
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class User:
    """Somebody with calendars."""

    name: str
    password_hash: str


@dataclass(frozen=True)
class Imap:
    """The mail service that log-ins are tried at."""

    host: str
    port: int
    authority: str | None


@dataclass(frozen=True)
class Instance:
    """What the templates of an instance need to know.

    :ivar imap: where users log in; None: in the file of users
    """

    name: str
    host_name: str
    address: str
    mount_point: str
    port: int
    users: tuple[User, ...]
    imap: Imap | None
    certificate: str | None
    key: str | None
    settings: Mapping[str, Mapping[str, str]]

    @property
    def folder(self) -> str:
        """Where its own files are."""
        return f"{self.mount_point}/radicale"

    @property
    def configuration(self) -> dict[str, Any]:
        """Variables of the template, without secrets."""
        host = f"[{self.address}]" if ipaddress.ip_address(self.address).version == 6 else self.address
        auth = {"type": "htpasswd", "htpasswd_filename": f"{self.folder}/users", "htpasswd_encryption": "bcrypt"}
        if self.imap is not None:
            auth = {"type": "imap", "imap_host": f"{self.imap.host}:{self.imap.port}", "imap_security": "tls"}
        own: dict[str, dict[str, str]] = {
            "server": {
                "hosts": f"{host}:{self.port}",
                "ssl": "True",
                "certificate": f"{self.folder}/tls.pem",
                "key": f"{self.folder}/tls.pem",
                # Radicale's own 8 are one user with some devices.
                "max_connections": "100",
            },
            "auth": auth,
            "rights": {"type": "owner_only"},
            "storage": {"filesystem_folder": f"{self.mount_point}/collections"},
            # Each question whether it answers would be in the log.
            "logging": {"mask_passwords": "True", "level": "warning"},
        }
        for section, given in self.settings.items():
            own.setdefault(section, {}).update(given)
        return {"name": self.name, "address": self.address, "trusts": self._trusts, "sections": own}

    @property
    def _trusts(self) -> str:
        """In words; nothing where users log in by a file."""
        if self.imap is None:
            return ""
        return "those that the node trusts" if self.imap.authority is None else f"{self.folder}/authority.pem"


def parse_instances(instances: Sequence[Mapping[str, Any]], users: Mapping[str, Any] | None) -> list[Instance]:
    """Read and judge the instances.

    :param instances: the value of ``radicale_instances``
    :param users: the value of ``radicale_users``
    :raises DescriptionError: with every problem that was found; no hash is in it
    """
    entries.refuse(instances, _INSTANCES, ("name", "host_name", "address", "mount_point"))
    problems = Problems()
    users = dictionary_of(users or {}, _USERS, problems)
    names = [str(instance["name"]) for instance in instances]
    for name in users:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"the instances are {', '.join(names) or 'not given'}"
            problems.add(f"{_USERS}.{key_name(name, names)}", HIDDEN, "is not the name of an instance", remedy)
    parsed = [_parse_instance(instance, users.get(instance["name"]), problems) for instance in instances]
    refuse(problems)
    return parsed


def _parse_instance(given: Mapping[str, Any], users: Any, problems: Problems) -> Instance:
    name = str(given["name"])
    here = f"{_INSTANCES}[{name}].options"
    options = dictionary_of(given.get("options"), here, problems)
    refuse_secrets(options, here, problems)
    reader = Options(options, OPTIONS, here, problems)
    log_in = reader.text("log_in") or "users"
    if log_in not in LOG_INS:
        close = difflib.get_close_matches(log_in, LOG_INS, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(LOG_INS)}"
        reader.problem("log_in", log_in, "is no way to log in", remedy)
    imap = _parse_imap(reader, log_in)
    if log_in == "imap" and users:
        reason = "are users of their own, who could not log in"
        problems.add(f"{_USERS}.{name}", HIDDEN, reason, "leave log_in out, or them")
    certificate, key = reader.text("certificate"), reader.text("key")
    if (certificate is None) != (key is None):
        missing = "certificate" if certificate is None else "key"
        reader.problem(missing, None, "is missing", "give both certificate and key, or none for a self-signed one")
    return Instance(
        name=name,
        host_name=str(given["host_name"]),
        address=str(given["address"]),
        mount_point=str(given["mount_point"]).rstrip("/"),
        port=reader.number("port", PORT, least=1, most=65535),
        users=_parse_users(users, f"{_USERS}.{name}", problems),
        imap=imap,
        certificate=certificate,
        key=key,
        settings=_parse_settings(reader),
    )


def _parse_imap(reader: Options, log_in: str) -> Imap | None:
    if log_in != "imap":
        if reader.values.get("imap") is not None:
            reader.problem("imap", HIDDEN, "is where nobody logs in", "give log_in: imap too, or leave it out")
        return None
    imap = reader.nested("imap", _OF_IMAP)
    host = imap.text("host")
    if host is None:
        imap.problem("host", None, "is missing", "give the host name of the mail service, as its certificate has it")
    else:
        fault = fields.host_name_fault(host)
        if fault is not None:
            imap.problem("host", host, *fault)
    return Imap(host or "", imap.number("port", _IMAPS, least=1, most=65535), imap.text("authority"))


def _parse_users(users: Any, key: str, problems: Problems) -> tuple[User, ...]:
    if users is None:
        return ()
    if not isinstance(users, Sequence) or isinstance(users, str):
        problems.add(key, HIDDEN, "is not a list", f"give a list of users with {' and '.join(_OF_USER)}")
        return ()
    parsed: dict[str, User] = {}
    for index, given in enumerate(users):
        here = f"{key}[{index}]"
        if not isinstance(given, Mapping):
            problems.add(here, HIDDEN, "is not a dictionary", f"give {' and '.join(_OF_USER)}")
            continue
        wrong = wrong_keys_of_user(given, here, _OF_USER, {"password_hash": HASH_REMEDY})
        if wrong:
            problems.extend(wrong)
            continue
        name, match = given["name"], None
        if not isinstance(name, str):
            problems.add(f"{here}.name", shape(name), "is not a text", "put it in quotes")
            continue
        if isinstance(given["password_hash"], str):
            match = _HASH.fullmatch(given["password_hash"])
        if match is None:
            reason = "is not a hash of bcrypt, the one kind that protects a password and that Radicale 3.1 reads too"
            problems.add(f"{here}.password_hash", HIDDEN, reason, HASH_REMEDY)
        if _USER.fullmatch(name) is None:
            remedy = "use letters, digits, hyphens, dots, underscores, plus signs and @"
            problems.add(f"{here}.name", shape(name), "is not a user name", remedy)
        elif name in parsed:
            problems.add(f"{here}.name", name, "is there twice", "name each user once")
        parsed.setdefault(name, User(name, match[1] if match else ""))
    return tuple(parsed.values())


def _parse_settings(reader: Options) -> Mapping[str, Mapping[str, str]]:
    """Further settings by their section; which ones there are is for Radicale itself to say, on the node."""
    found: dict[str, dict[str, str]] = {}
    refused = {problem.key for problem in reader.problems}
    given = reader.mapping("settings")
    for section, values in given.items():
        here = f"settings.{key_name(section)}"
        if _NAME.fullmatch(str(section)) is None:
            reader.problem(here, shape(values), "is not the name of a section", "see Radicale's documentation")
            continue
        if not isinstance(values, Mapping):
            reader.problem(here, shape(values), "is not a dictionary", "give settings by their names")
            continue
        for name, value in values.items():
            where = f"{here}.{key_name(name)}"
            if f"{reader.key}.settings.{section}.{name}" in refused:
                continue  # as a secret
            # As Radicale reads names: in any case.
            known = str(name).lower()
            fault = _setting_fault(str(section), known, value)
            if fault is None and known in found.get(str(section), {}):
                fault = ("is there twice", "give it once; Radicale reads names in any case")
            if fault is not None:
                reader.problem(where, shape(value), *fault)
                continue
            found.setdefault(str(section), {})[known] = str(value)
    return found


def _setting_fault(section: str, name: str, value: Any) -> tuple[str, str] | None:
    if _NAME.fullmatch(name) is None:
        return "is not the name of a setting", "see Radicale's documentation"
    if name in _OWN.get(section, ()):
        return "is a setting of the role's own", "leave it out; what can be chosen is an option of the instance"
    if not isinstance(value, (str, int, float)) or re.search(r"[\x00-\x1f]", str(value)):
        return "is neither a text of one line, a number nor a switch", "give one of these"
    return None


# -- files -------------------------------------------------------------------------------------------------------------


def users_file(instance: Instance) -> str:
    """The file of users, as ``htpasswd`` writes it."""
    lines = [f"# Users of {instance.name}; this file is replaced by Ansible."]
    lines += [f"{user.name}:{user.password_hash}" for user in instance.users]
    return "\n".join(lines) + "\n"


#: The unit that runs an instance, by the instance's name; and what it runs.
UNIT = "groupware-radicale@.service"
_PROGRAM = "/usr/local/libexec/groupware-ha-radicale"
_LINKS = "/etc/groupware-ha-radicale"


def instance_files(instance: Instance) -> list[dict[str, Any]]:
    """All files of an instance, as groupware.ha.radicale_configuration takes them."""
    readable = {"owner": "root", "group": "radicale"}
    secret = {"mode": "0640", "sensitive": True, **readable}
    restarts = {"label": f"{instance.name}/radicale"}
    folder = instance.folder
    authority = instance.imap.authority if instance.imap is not None else None
    trusted: dict[str, Any] = {"path": f"{folder}/authority.pem", **restarts}
    trusted.update({"state": "absent"} if authority is None else {"source": authority, "mode": "0644"})
    files: list[dict[str, Any]] = [
        {"path": folder, "state": "directory", "mode": "0750", **readable},
        {
            "path": f"{instance.mount_point}/collections",
            "state": "directory",
            "mode": "0750",
            "owner": "radicale",
            "group": "radicale",
        },
        # Before the settings, which name it: a run that ends between the two is seen by them.
        trusted,
        {
            "path": f"{folder}/config",
            "template": "config.j2",
            "variables": {"instance": instance.configuration},
            "mode": "0640",
            **readable,
            **restarts,
        },
        # Read anew at each request.
        {"path": f"{folder}/users", "content": users_file(instance), "label": f"{instance.name}/users", **secret},
    ]
    if instance.certificate is not None:
        files.append(
            {"path": f"{folder}/tls.pem", "sources": [instance.key, instance.certificate], **secret, **restarts}
        )
    return [{**entry, "require_mounted": instance.mount_point} for entry in files]


def node_files(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """What every node needs: the unit, where it finds the instances, and the package's own instance is off."""
    if not instances:
        return []
    unit = {"label": "node:unit"}
    return [
        # What "systemctl mask" does.
        {
            "path": "/etc/systemd/system/radicale.service",
            "state": "link",
            "target": "/dev/null",
            "backup": True,
            "label": "node:radicale",
        },
        {"path": "/usr/local/libexec", "state": "directory"},
        {"path": _PROGRAM, "template": "instance.py", "mode": "0644", **unit},
        {
            "path": f"/etc/systemd/system/{UNIT}",
            "template": "unit.j2",
            "variables": {"program": _PROGRAM, "links": _LINKS},
            "mode": "0644",
            **unit,
        },
        {"path": _LINKS, "state": "directory", "mode": "0755"},
        *({"path": f"{_LINKS}/{instance.name}", "state": "link", "target": instance.folder} for instance in instances),
    ]


def instances_of(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """The instances that these files are of, as groupware.ha.radicale_configuration takes them."""
    return [
        {
            "name": instance.name,
            "mount_point": instance.mount_point,
            "host_name": instance.host_name,
            "log_in": "htpasswd" if instance.imap is None else "imap",
            "self_signed": instance.certificate is None,
        }
        for instance in instances
    ]
