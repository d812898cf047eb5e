# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendar Server 7 on a GlassFish cluster: judges a description, and says what its hosts are to have. Pure.

The manual has the product configured on machine A alone, for the cluster as a whole: its target is the cluster and not
the administration server, and the database's name is one that means the same on all machines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description import passwords as passwords_of_tier
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    Reader,
    dictionary_of,
    duplicates,
    plain_settings,
    refuse_secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import shape

PREFIX = "calendar_server_7_"
FRONT_ENDS, STORE, DATABASE = f"{PREFIX}front_ends", f"{PREFIX}document_store", f"{PREFIX}database"
#: What the product calls its application, and where it is served.
APPLICATION, CONTEXT_ROOT = "davserver", "/davserver"
#: Options that the tier sets itself: where the document store is, and its password.
STORE_HOST, STORE_PORT = "store.dav.defaultbackend.attachstorehost", "store.dav.defaultbackend.attachstoreport"
STORE_PASSWORD = "store.document.password"  # noqa: S105 - the option's name
_OWN = (STORE_HOST, STORE_PORT, STORE_PASSWORD)
#: What is needed in calendar_server_7_passwords: the product's administrator's, and what front ends tell the store.
PASSWORDS = ("administrator", "document_store")
#: Where a document store listens, and keeps its documents, unless it is told otherwise; the product's reference.
_STORE_PORT, _STORE_DIRECTORY = 8008, "/var/opt/sun/comms/davserver"
#: Names of the host itself, whichever it is.
_LOCAL = re.compile(r"localhost(\..*)?|127\..*|::1", re.IGNORECASE)
_OPTION = re.compile(r"[a-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True)
class Database:
    """The database, and the address at which the server that takes writes is found.

    :ivar front_end: the balancers' name of that address
    """

    name: str
    front_end: str
    host: str
    port: int


@dataclass(frozen=True)
class DocumentStore:
    """Where large attachments are.

    :ivar host: its name in the inventory, or another name where it is somebody else's affair
    :ivar address: what front ends know it by
    :ivar directory: what it keeps documents in
    """

    host: str
    address: str
    port: int
    directory: str


@dataclass(frozen=True)
class Description:
    """All of a tier.

    :ivar front_ends: hosts with an instance of GlassFish; the first one is machine A, with the administration server
    :ivar application_servers: the GlassFish tier, whose name its cluster has
    :ivar front_end: the balancers' name of the address that clients come to
    """

    name: str
    front_ends: tuple[str, ...]
    application_servers: str
    front_end: str
    database: Database
    store: DocumentStore
    options: Mapping[str, str]

    @property
    def first(self) -> str:
        """Machine A, where the product is configured."""
        return self.front_ends[0]

    @property
    def all_options(self) -> dict[str, str]:
        """Those that were given, and the tier's own, but for its password."""
        return {**self.options, STORE_HOST: self.store.address, STORE_PORT: str(self.store.port)}

    def store_files(self, data: str, password: str) -> list[dict[str, Any]]:
        """What the document store is configured by, as groupware.ha.configuration_files takes it.

        :param data: the product's directory for what changes
        """
        usual = {"owner": "root", "group": "root"}
        lines = {
            "service.host": "*",
            "service.port": self.store.port,
            "store.datadir": self.store.directory,
            "store.lockdir": f"{self.store.directory}/lock",
            "store.loglevel": "INFO",
        }
        folders = dict.fromkeys((data, f"{data}/config", self.store.directory, f"{self.store.directory}/lock"))
        private = {**usual, "mode": "0600", "sensitive": True}
        return [
            *({"path": path, "state": "directory", **usual, "mode": "0750"} for path in folders),
            {
                "path": f"{data}/config/ashttpd.properties",
                "content": "".join(f"{name}={value}\n" for name, value in lines.items()),
                **usual,
                "mode": "0644",
            },
            {"path": f"{data}/config/ashttpdcreds.properties", "content": f"{STORE_PASSWORD}={password}\n", **private},
        ]


def parse(name: str, variables: Mapping[str, Any]) -> Description:
    """Read and judge a description.

    :param variables: those of the tier without ``calendar_server_7_`` before them
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    whole = Reader(variables, PREFIX.rstrip("_"), problems)
    front_ends = _front_ends(whole, problems)
    target = _name(whole, "application_servers", "the GlassFish tier", problems)
    if target == "server":
        reason = (
            "is GlassFish's administration server alone, the product's default; no instance would have the calendar"
        )
        problems.add(f"{PREFIX}application_servers", target, reason, "name the tier, as its cluster is called")
    description = Description(
        name,
        front_ends,
        target,
        _name(whole, "front_end", "a front end of the load balancers", problems),
        _database(variables.get("database"), front_ends, problems),
        _store(variables.get("document_store"), front_ends, problems),
        _options(variables.get("options"), problems),
    )
    refuse(problems)
    return description


def judge_passwords(given: Any) -> None:
    """Refuse passwords that are missing, or that no file of lines could have; they are not said.

    :raises DescriptionError: with what is wrong
    """
    passwords_of_tier.judge_passwords(given, f"{PREFIX}passwords", PASSWORDS, _unfit_password)


def _unfit_password(_name_of_it: str, password: str) -> tuple[str, str] | None:
    if password.isprintable() and password == password.strip() and "\\" not in password:
        return None
    reason = "cannot be in the product's files, which have a value on a line"
    return reason, "use printable characters without \\, and no space at its ends"


def _name(whole: Reader, name: str, what: str, problems: Problems) -> str:
    value = whole.values.get(name)
    if not isinstance(value, str) or fields.name_fault(value) is not None:
        problems.add(f"{PREFIX}{name}", value, f"is not the name of {what}", "give the name that it has there")
    return str(value)


def _front_ends(whole: Reader, problems: Problems) -> tuple[str, ...]:
    given = whole.values.get("front_ends")
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) and one for one in given):
        problems.add(
            FRONT_ENDS, shape(given), "is no list of hosts", "list the hosts of the GlassFish tier, machine A first"
        )
        return ()
    for double in duplicates(given):
        problems.add(FRONT_ENDS, double, "is there twice", "name each host once")
    if len(given) < 2:
        problems.add(
            FRONT_ENDS, given, "has fewer than two hosts", "a calendar that is to outlive one of them needs two"
        )
    return tuple(given)


def _is_local(host: str, front_ends: tuple[str, ...]) -> bool:
    return _LOCAL.fullmatch(host) is not None or host in front_ends


def _host(reader: Reader, name: str, front_ends: tuple[str, ...], why: str, remedy: str) -> str:
    host = reader.text(name, required=True) or ""
    wrong = fields.address_fault(host) and fields.host_name_fault(host)
    if host and _is_local(host, front_ends):
        reader.problem(name, why, remedy)
    elif host and wrong:
        reader.problem(name, "is neither a host name nor an address", "give one that all front ends know")
    return host


def _port(reader: Reader, usual: int) -> int:
    value = reader.values.get("port", usual)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        reader.problem("port", "is no port", "give a number from 1 to 65535 without quotes", value=shape(value))
        return usual
    return value


def _database(given: Any, front_ends: tuple[str, ...], problems: Problems) -> Database:
    reader = Reader({} if given is None else given, DATABASE, problems)
    reader.only("name", "front_end", "host", "port")
    why = "means another machine on each front end, and only one of them would find the database"
    host = _host(reader, "host", front_ends, why, "give the logical address of the databases, or its full host name")
    name, front_end = reader.text("name", required=True) or "", reader.text("front_end", required=True) or ""
    return Database(name, front_end, host, _port(reader, 3306))


def _store(given: Any, front_ends: tuple[str, ...], problems: Problems) -> DocumentStore:
    reader = Reader({} if given is None else given, STORE, problems)
    reader.only("host", "address", "port", "directory")
    why = "is local to one front end, and the others would not find attachments, nor would anybody when it is lost"
    host = _host(reader, "host", front_ends, why, "give a host that is no front end")
    address = host
    if reader.values.get("address") is not None:
        address = _host(reader, "address", front_ends, why, "give what all front ends know the host by")
    directory = reader.text("directory") or _STORE_DIRECTORY
    reader.refuse("directory", fields.path_fault(directory), value=directory)
    return DocumentStore(host, address, _port(reader, _STORE_PORT), directory.rstrip("/"))


def _options(given: Any, problems: Problems) -> Mapping[str, str]:
    key = f"{PREFIX}options"
    values = dictionary_of(given, key, problems)
    refuse_secrets(values, key, problems)
    found = plain_settings(values, key, problems, _OPTION)
    for name, value in found.items():
        if name in _OWN:
            problems.add(f"{key}.{name}", value, "is set by the tier itself", f"describe the store in {STORE}")
        elif "\n" in value or "\\" in value:
            problems.add(
                f"{key}.{name}", value, "cannot be on a line of the product's files", "give one line without \\"
            )
    return found
