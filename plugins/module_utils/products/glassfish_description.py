# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of GlassFish servers as it is described: servers, options, pools, applications; judged as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import passwords as passwords_of_tier
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import (
    address_fault,
    name_fault,
    path_fault,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    Problems,
    refuse,
)
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    Reader,
    dictionaries_of,
    dictionary_of,
    duplicates,
    plain_settings,
    refuse_secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape

PREFIX = "glassfish_"
#: Of the servers' own passwords, in ``glassfish_passwords``; all others there are aliases of the domain.
ADMINISTRATOR, MASTER = "administrator", "master"
#: GlassFish takes letters, digits and a few marks for a name of a cluster or an instance, and has these for itself.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_OWN_NAMES = ("server", "domain", "default-config", "server-config")
_CHECKSUM = re.compile(r"[0-9a-f]{64}")
#: A path of names with dots between them; what is in them is the server's affair.
OPTION = re.compile(r"[A-Za-z0-9_-]+(\.[^\s.=*]+)+")
_CLASS = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)+")
#: A dot would part the names of options.
_JNDI = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_/-]{0,127}")
_CONTEXT = re.compile(r"/[A-Za-z0-9/._~-]*")
_PAGE = re.compile(r"/[A-Za-z0-9/._~!&()*+,;=:@%?-]*")
_PORTS = range(1, 65536)
DATA_SOURCES = ("javax.sql.DataSource", "javax.sql.XADataSource", "javax.sql.ConnectionPoolDataSource")
#: GlassFish's least for its master password.
_SHORTEST_MASTER = 6
#: What the tier itself sets, by the beginning of its whole name, {} for the cluster's.
_OWN_OPTIONS = ("clusters.cluster.", "nodes.node.", "servers.server.", "applications.", "resources.")


@dataclass(frozen=True)
class Server:
    """A host of the tier with the instance on it.

    :ivar address: where the others reach it, and where its part of the cluster listens
    :ivar port: of the instance, for HTTP
    """

    name: str
    address: str
    instance: str
    port: int


@dataclass(frozen=True)
class Pool:
    """A pool of connections to a database, and the names that applications find it by.

    :ivar database: of a tier of databases, which has to be there first
    :ivar alias: whose password is the pool's
    :ivar settings: the pool's own attributes, such as max-pool-size
    """

    name: str
    data_source: str
    kind: str
    database: str | None
    alias: str | None
    properties: Mapping[str, str]
    settings: Mapping[str, str]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Application:
    """A WAR on the controller.

    :ivar checksum: SHA-256 that it has to have; None: whatever it has
    :ivar session_page: a page of it, below its context root, that begins a session; with it the replication is tried
    """

    name: str
    archive: str
    checksum: str | None
    context_root: str
    session_page: str | None
    availability: bool


@dataclass(frozen=True)
class HttpLbDescription:
    """A configuration for a web server's plug-in, and where its file is written."""

    name: str
    health_check: str
    settings: Mapping[str, str]
    path: str | None


@dataclass(frozen=True)
class Description:
    """All of a tier. The cluster has its name."""

    name: str
    servers: tuple[Server, ...]
    administration: str
    options: Mapping[str, str]
    pools: tuple[Pool, ...]
    applications: tuple[Application, ...]
    group_port: int
    administration_port: int
    http_lb: HttpLbDescription | None = None

    def server(self, name: str) -> Server:
        """The server of this name."""
        return next(server for server in self.servers if server.name == name)

    @property
    def configuration(self) -> str:
        """The name of the cluster's configuration."""
        return f"{self.name}-config"

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that pools have their passwords by."""
        return tuple(dict.fromkeys(pool.alias for pool in self.pools if pool.alias))

    @property
    def own_group_port(self) -> int:
        """Of the administration server, which is a member too, and has an instance beside it."""
        return self.group_port + 1

    @property
    def members(self) -> str:
        """Where all members of the group are found without multicast."""
        own = f"tcp://{self.server(self.administration).address}:{self.own_group_port}"
        return ",".join([*(f"tcp://{server.address}:{self.group_port}" for server in self.servers), own])


USUAL_PORT, USUAL_GROUP_PORT, USUAL_ADMINISTRATION_PORT = 28080, 9090, 4848


def parse(name: str, variables: Mapping[str, Any]) -> Description:
    """Read and judge a description.

    :param variables: those of the tier without ``glassfish_`` before them
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    judge_name(f"{PREFIX}name", name, problems)
    servers = _servers(variables.get("servers"), problems)
    names = [server.name for server in servers]
    administration = administration_of(variables, names, PREFIX, problems)
    group_port = _port(variables, "group_port", USUAL_GROUP_PORT, problems)
    administration_port = _port(variables, "administration_port", USUAL_ADMINISTRATION_PORT, problems)
    description = Description(
        name,
        servers,
        administration,
        _options(variables.get("options"), str(name), problems),
        _pools(variables.get("pools"), problems),
        _applications(variables.get("applications"), problems),
        group_port,
        administration_port,
        _http_lb(variables.get("http_lb"), problems),
    )
    for server in servers:
        used = [group_port, *([administration_port, group_port + 1] if server.name == administration else [])]
        if server.port in used:
            reason = "is a port that the server needs for its administration or for the cluster itself"
            problems.add(f"{PREFIX}servers[{server.name}].port", server.port, reason, "give another one")
    refuse(problems)
    return description


def administration_of(variables: Mapping[str, Any], names: Sequence[str], prefix: str, problems: Problems) -> str:
    """The server that the administration server is on: the first one, if none is named.

    :param prefix: of the names of variables
    """
    given = variables.get("administration_server") or (names[0] if names else "")
    if names and given not in names:
        remedy = f"name one of {', '.join(names)}"
        problems.add(f"{prefix}administration_server", given, "is none of the servers", remedy)
    return str(given)


def judge_name(key: str, name: Any, problems: Problems) -> None:
    """Refuse what GlassFish takes for no name of a cluster, an instance and the like, or has for itself."""
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        remedy = "use letters, digits, hyphens and underscores, 63 at most, with a letter or digit first"
        problems.add(key, name, "is no name that GlassFish takes", remedy)
    elif name in _OWN_NAMES:
        problems.add(key, name, "is a name of GlassFish's own", "give another name")


def _port(variables: Mapping[str, Any], name: str, usual: int, problems: Problems) -> int:
    return port_number(variables.get(name), f"{PREFIX}{name}", usual, problems)


def port_number(value: Any, key: str, usual: int, problems: Problems) -> int:
    """The port that a key gives, or the usual one."""
    if value is None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int) or value not in _PORTS:
        problems.add(key, shape(value), "is no port", "give a number from 1 to 65535 without quotes")
        return usual
    return value


def _servers(given: Any, problems: Problems) -> tuple[Server, ...]:
    key = f"{PREFIX}servers"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "address", "instance", "port")
        name, address = reader.text("name", required=True), reader.text("address", required=True)
        if name is not None:
            reader.refuse("name", name_fault(name))
        if address is not None:
            reader.refuse("address", address_fault(address))
        instance = reader.text("instance") or str(name)
        if name is not None:
            judge_name(f"{reader.key}.instance", instance, problems)
        port = port_number(reader.values.get("port"), f"{reader.key}.port", USUAL_PORT, problems)
        found.append(Server(str(name), str(address), instance, port))
    if not problems and len(found) < 2:
        remedy = "a cluster that is to outlive one of them needs two"
        problems.add(key, shape(given), "has fewer than two servers", remedy)
    for what in ("name", "address", "instance"):
        for double in duplicates(str(getattr(one, what)) for one in found):
            problems.add(key, double, f"is the {what} of two servers", "each needs one of its own")
    return tuple(found)


def whole_name(name: str, cluster: str) -> str:
    """An option's name from the top of the domain, as the server shows it.

    GlassFish also takes the name of a configuration or of a server for the beginning of a name; asadmin's page of the
    subcommand ``get``.
    """
    first, _dot, rest = name.partition(".")
    if first in (f"{cluster}-config", "server-config", "default-config"):
        return f"configs.config.{first}.{rest}"
    if first == "server":
        return f"servers.server.server.{rest}"
    return name


def _options(given: Any, cluster: str, problems: Problems) -> Mapping[str, str]:
    key = f"{PREFIX}options"
    values = dictionary_of(given, key, problems)
    refuse_secrets({name: value for name, value in values.items() if not _is_alias(value)}, key, problems)
    found = {}
    for name, value in plain_settings(values, key, problems, OPTION).items():
        whole = whole_name(name, cluster)
        if whole.startswith(_OWN_OPTIONS) and not whole.startswith("servers.server.server."):
            problems.add(f"{key}.{key_name(name)}", value, "is set by the tier itself", "take it out, or describe it")
        elif "\n" in value or "\t" in value:
            problems.add(f"{key}.{key_name(name)}", value, "has more than one line", "give one line")
        elif whole in found:
            problems.add(f"{key}.{key_name(name)}", value, "is given twice, by two names", "give it once")
        else:
            found[whole] = value
    return found


def _is_alias(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\$\{ALIAS=[A-Za-z0-9_.-]+\}", value) is not None


def _http_lb(given: Any, problems: Problems) -> HttpLbDescription | None:
    if given is None or given == {}:
        return None
    reader = Reader(given, f"{PREFIX}http_lb", problems)
    reader.only("name", "health_check", "settings", "path")
    name = reader.text("name", required=True)
    if name is not None:
        judge_name(f"{reader.key}.name", name, problems)
    check, path = reader.text("health_check") or "/", reader.text("path")
    if _PAGE.fullmatch(check) is None:
        reader.problem("health_check", "is not the path of a page", "write it as in /calendar/status")
    if path is not None:
        reader.refuse("path", path_fault(path))
    return HttpLbDescription(str(name), check, reader.settings("settings"), path)


def _pools(given: Any, problems: Problems) -> tuple[Pool, ...]:
    key = f"{PREFIX}pools"
    found = []
    refuse_secrets(given, key, problems)
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "data_source", "type", "database", "alias", "properties", "settings", "resources")
        name = reader.text("name", required=True)
        if name is not None:
            judge_name(f"{reader.key}.name", name, problems)
        source = reader.text("data_source", required=True)
        if source is not None and _CLASS.fullmatch(source) is None:
            reader.problem("data_source", "is the name of no class", "such as org.mariadb.jdbc.MariaDbDataSource")
        kind = reader.text("type") or DATA_SOURCES[0]
        if kind not in DATA_SOURCES:
            reader.problem("type", "is no kind of data source", f"use one of {', '.join(DATA_SOURCES)}")
        alias = reader.text("alias")
        if alias in (ADMINISTRATOR, MASTER):
            reader.problem("alias", "is the name of a password of the servers' own", "give the pool another alias")
        elif alias is not None:
            judge_name(f"{reader.key}.alias", alias, problems)
        properties = plain_settings(reader.mapping("properties"), reader.name_of("properties"), problems)
        if alias and "password" in properties:
            reader.problem("properties.password", "is given by the alias", "take one of them out", value=None)
        resources = reader.texts("resources")
        for resource in resources:
            if _JNDI.fullmatch(resource) is None:
                reader.problem(
                    "resources", "is no name that applications find it by", "such as jdbc/calendar", resource
                )
        database = reader.text("database")
        settings = reader.settings("settings")
        found.append(Pool(str(name), str(source), kind, database, alias, properties, settings, resources))
    for what, names in (
        ("the name of two pools", [one.name for one in found]),
        ("a resource of two pools", [name for one in found for name in one.resources]),
    ):
        for double in duplicates(names):
            problems.add(key, double, f"is {what}", "each needs one of its own")
    return tuple(found)


def _applications(given: Any, problems: Problems) -> tuple[Application, ...]:
    key = f"{PREFIX}applications"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "archive", "checksum", "context_root", "session_page", "availability")
        name = reader.text("name", required=True)
        if name is not None:
            judge_name(f"{reader.key}.name", name, problems)
        archive, checksum = reader.text("archive", required=True), reader.text("checksum")
        if checksum is not None and _CHECKSUM.fullmatch(checksum) is None:
            reader.problem(
                "checksum", "is no checksum", "give the SHA-256 as sha256sum prints it, 64 hexadecimal digits"
            )
        root = reader.text("context_root") or f"/{name}"
        if _CONTEXT.fullmatch(root) is None or (root != "/" and root.endswith("/")):
            reader.problem("context_root", "is no path to begin with", "write it as in /calendar", value=root)
        page = reader.text("session_page")
        if page is not None and _PAGE.fullmatch(page) is None:
            reader.problem("session_page", "is not the path of a page", "write it as in /login, below the context root")
        availability = reader.values.get("availability", True)
        if not isinstance(availability, bool):
            reader.wrong_shape("availability", "is neither true nor false", "write true or false without quotes")
        if page is not None and availability is False:
            reader.problem("session_page", "is for sessions that are replicated", "take it out, or the availability")
        found.append(Application(str(name), str(archive), checksum, root, page, availability is not False))
    for what in ("name", "context_root"):
        for double in duplicates(str(getattr(one, what)) for one in found):
            problems.add(key, double, f"is the {what} of two applications", "each needs one of its own")
    return tuple(found)


def password_file(passwords: Mapping[str, str]) -> str:
    """What GlassFish's program reads passwords from: one of Java's files of properties."""
    names = {ADMINISTRATOR: "AS_ADMIN_PASSWORD", MASTER: "AS_ADMIN_MASTERPASSWORD"}
    lines = {names[name]: value for name, value in passwords.items() if name in names}
    return "".join(f"{name}={value}\n".replace("\\", "\\\\") for name, value in lines.items())


def judge_passwords(description: Description, passwords: Any) -> None:
    """Refuse passwords that are missing, or that GlassFish could not use; none of them is said.

    :raises DescriptionError: with everything that is wrong
    """
    names = [ADMINISTRATOR, MASTER, *description.aliases]
    passwords_of_tier.judge_passwords(passwords, f"{PREFIX}passwords", names, _unfit_password)


def _unfit_password(name: str, password: str) -> tuple[str, str] | None:
    if not password.isprintable() or not password.isascii() or " " in password:
        # asadmin's files of passwords take no blanks.
        return "has characters that GlassFish does not take", "use printable characters of ASCII, without blanks"
    if name == MASTER and len(password) < _SHORTEST_MASTER:
        return "is too short", f"use {_SHORTEST_MASTER} characters at least"
    return None


def archive_faults(archive: Any, checksum: Any) -> Iterator[tuple[str, Any, str, str]]:
    """What is wrong with what GlassFish itself is installed from."""
    if not isinstance(archive, str) or not archive.strip():
        remedy = "name the distribution's zip file on the controller"
        yield f"{PREFIX}archive", shape(archive), "is missing" if archive in (None, "") else "is not a text", remedy
    if not isinstance(checksum, str) or _CHECKSUM.fullmatch(checksum) is None:
        reason = "is missing" if checksum in (None, "") else "is no checksum"
        yield (
            f"{PREFIX}checksum",
            shape(checksum),
            reason,
            f"give the SHA-256 of {PREFIX}archive, 64 hexadecimal digits",
        )


def directory_faults(directories: Mapping[str, Any]) -> Iterator[tuple[str, Any, str, str]]:
    """What is wrong with directories on the servers."""
    for key, value in directories.items():
        fault = path_fault(value)
        if fault is not None:
            yield key, value, *fault
        elif isinstance(value, str) and value.count("/") < 2:
            yield key, value, "is a directory of the system itself", "give one below it, such as /opt/glassfish"


def judge_files(description: Description, files: Mapping[str, str], libraries: Sequence[str]) -> None:
    """Refuse to deploy files that are not there, or are others than described.

    :param files: the checksums of those that are there, by their paths
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    for application in description.applications:
        key, has = f"{PREFIX}applications[{application.name}]", files.get(application.archive)
        if has is None:
            problems.add(f"{key}.archive", application.archive, "is no file on the controller", "name the WAR there")
        elif application.checksum not in (None, has):
            reason = f"is not the checksum of {application.archive}, which is {has}"
            problems.add(f"{key}.checksum", application.checksum, reason, "have the right file, or its checksum")
    for path in libraries:
        if path not in files:
            problems.add(f"{PREFIX}libraries", path, "is no file on the controller", "name the JAR there")
    refuse(problems)
