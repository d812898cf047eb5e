# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of GlassFish 2.1 with its node agents and HADB as it is described; judged as a whole. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import passwords as passwords_of_tier
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import (
    HOST_NAME,
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
from .glassfish_description import ADMINISTRATOR, MASTER, OPTION, administration_of, judge_name, port_number

PREFIX = "glassfish_2_1_"
#: Of HADB's management domain, in ``glassfish_2_1_passwords``, beside the administrator's and the master password.
HADB = "hadb"
USUAL_PORT, USUAL_HADB_PORT, USUAL_HOME = 4848, 1862, "/opt/glassfish"
ON_ONE_MACHINE = f"{PREFIX}hadb_on_one_machine_accepting_its_loss"
#: Options of create-http-lb beside where the web server is, and what the manual gives.
BALANCER_OPTIONS = (
    *("autoapplyenabled", "lbenableallinstances", "lbenableallapplications", "sslproxyhost", "sslproxyport"),
    *("lbpolicy", "lbpolicymodule", "healthcheckerurl", "healthcheckerinterval", "healthcheckertimeout", "lbweight"),
    *("responsetimeout", "httpsrouting", "reloadinterval", "monitor", "routecookie"),
)
_USUAL_BALANCER = {"autoapplyenabled": "true", "lbenableallinstances": "true", "lbenableallapplications": "true"}


@dataclass(frozen=True)
class Server:
    """A host of the tier, with its node agent and the instance that this one keeps.

    :ivar address: its IP address, by which HADB knows it
    :ivar host_name: what the other hosts call it
    """

    name: str
    address: str
    host_name: str
    agent: str
    instance: str


@dataclass(frozen=True)
class Balancer:
    """The load balancer that the administration server tells about its instances.

    :ivar host: of the web server with the plug-in
    :ivar port: its listener with TLS
    :ivar web_server: the tier that this web server is, if it is one of the inventory
    """

    name: str
    host: str
    port: int
    web_server: str | None
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Description:
    """All of a tier. The cluster and its database have its name.

    :ivar hadb: the hosts of HADB's nodes, in their order; one may be there twice
    :ivar applications: those that the load balancer serves
    """

    name: str
    servers: tuple[Server, ...]
    administration: str
    administration_port: int
    home: str
    hadb: tuple[str, ...]
    hadb_port: int
    options: Mapping[str, str]
    applications: tuple[str, ...]
    balancer: Balancer | None

    def server(self, name: str) -> Server:
        """The server of this name."""
        return next(server for server in self.servers if server.name == name)

    @property
    def administration_host(self) -> str:
        """What asadmin calls the host of the administration server."""
        return self.server(self.administration).host_name

    @property
    def hadb_hosts(self) -> tuple[Server, ...]:
        """The hosts of HADB, each once."""
        return tuple(self.server(name) for name in dict.fromkeys(self.hadb))

    @property
    def hadb_agent(self) -> str:
        """Where hadbm reaches a management agent."""
        return f"{self.hadb_hosts[0].host_name}:{self.hadb_port}"

    @property
    def store(self) -> str:
        """What configure-ha-cluster calls the resource that sessions are kept by."""
        return f"jdbc/{self.name}-hastore"

    @property
    def availability(self) -> Mapping[str, str]:
        """That sessions are kept in HADB, as the manual has each application say; described options come first."""
        top = f"{self.name}-config.availability-service"
        usual = {
            f"{top}.availability-enabled": "true",
            f"{top}.web-container-availability.availability-enabled": "true",
            f"{top}.web-container-availability.persistence-type": "ha",
            f"{top}.web-container-availability.persistence-frequency": "web-method",
            f"{top}.web-container-availability.persistence-scope": "session",
        }
        return {name: self.options.get(name, value) for name, value in usual.items()}


def parse(name: str, variables: Mapping[str, Any]) -> Description:
    """Read and judge a description.

    :param variables: those of the tier without ``glassfish_2_1_`` before them
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    judge_name(f"{PREFIX}name", name, problems)
    servers = _servers(variables.get("servers"), problems)
    names = [server.name for server in servers]
    administration = administration_of(variables, names, PREFIX, problems)
    home = variables.get("home") or USUAL_HOME
    fault = path_fault(home)
    if fault is not None:
        problems.add(f"{PREFIX}home", shape(home), *fault)
    description = Description(
        name,
        servers,
        administration,
        port_number(variables.get("administration_port"), f"{PREFIX}administration_port", USUAL_PORT, problems),
        str(home).rstrip("/"),
        _hadb(variables, names, problems),
        port_number(variables.get("hadb_port"), f"{PREFIX}hadb_port", USUAL_HADB_PORT, problems),
        _options(variables.get("options"), problems),
        _applications(variables.get("applications"), problems),
        _balancer(variables.get("load_balancer"), problems),
    )
    refuse(problems)
    return description


def judge_passwords(given: Mapping[str, Any]) -> None:
    """Refuse passwords that are not there, or that no file of the product can carry.

    :raises DescriptionError: with the names of all of them
    """
    passwords_of_tier.judge_passwords(given, f"{PREFIX}passwords", (ADMINISTRATOR, MASTER, HADB), _unfit_password)


def _unfit_password(_name: str, password: str) -> tuple[str, str] | None:
    return None if password.isprintable() else ("has characters that no line can have", "give one line of text")


def _servers(given: Any, problems: Problems) -> tuple[Server, ...]:
    key = f"{PREFIX}servers"
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        reader = Reader(entry, f"{key}[{index}]", problems)
        reader.only("name", "address", "host_name", "agent", "instance")
        name, address = reader.text("name", required=True), reader.text("address", required=True)
        if name is not None:
            reader.refuse("name", name_fault(name))
        if address is not None:
            reader.refuse("address", address_fault(address))
        host_name = reader.text("host_name") or str(name)
        if HOST_NAME.fullmatch(host_name) is None:
            reader.problem("host_name", "is no host name", "give the name that the other hosts know it by", host_name)
        agent, instance = (reader.text(one, required=True) for one in ("agent", "instance"))
        for what, value in (("agent", agent), ("instance", instance)):
            if value is not None:
                judge_name(f"{reader.key}.{what}", value, problems)
        found.append(Server(str(name), str(address), host_name, str(agent), str(instance)))
    if not problems and len(found) < 2:
        problems.add(
            key, shape(given), "has fewer than two servers", "a cluster that is to outlive one of them needs two"
        )
    for attribute in ("name", "address", "host_name", "agent", "instance"):
        for double in duplicates(str(getattr(one, attribute)) for one in found):
            problems.add(
                key, double, f"is the {attribute.replace('_', ' ')} of two servers", "each needs one of its own"
            )
    return tuple(found)


def _hadb(variables: Mapping[str, Any], names: Sequence[str], problems: Problems) -> tuple[str, ...]:
    """The hosts of HADB's nodes: two nodes mirror each other, so that there is an even number of them."""
    key = f"{PREFIX}hadb_hosts"
    given = variables.get("hadb_hosts")
    if given is None:
        given = list(names)
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) for one in given):
        problems.add(key, shape(given), "is not a list of names", "name the servers that HADB's nodes are on")
        return ()
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"name some of {', '.join(names)}"
            problems.add(key, name, "is none of the servers", remedy)
    if len(names) > 1 and (len(given) < 2 or len(given) % 2):
        reason = "is no even number of hosts, and HADB keeps all that it has on two nodes"
        problems.add(key, shape(given), reason, "give two hosts, or four")
    accepted = variables.get(ON_ONE_MACHINE[len(PREFIX) :], False)
    if not isinstance(accepted, bool):
        problems.add(ON_ONE_MACHINE, shape(accepted), "is neither true nor false", "write true or false without quotes")
    elif len(given) > 1 and len(set(given)) == 1 and not accepted:
        reason = "has both nodes of HADB on one machine, with which all sessions are lost"
        remedy = f"give two machines, or accept that in words with {ON_ONE_MACHINE}: true"
        problems.add(key, ", ".join(given), reason, remedy)
    return tuple(given)


def _options(given: Any, problems: Problems) -> Mapping[str, str]:
    key = f"{PREFIX}options"
    values = dictionary_of(given, key, problems)
    refuse_secrets(values, key, problems)
    found = plain_settings(values, key, problems, OPTION)
    for name, value in found.items():
        if "\n" in value or "\t" in value:
            problems.add(f"{key}.{key_name(name)}", value, "has more than one line", "give one line")
    return found


def _applications(given: Any, problems: Problems) -> tuple[str, ...]:
    reader = Reader({"applications": given}, PREFIX.rstrip("_"), problems)
    found = reader.texts("applications")
    for name in found:
        judge_name(f"{PREFIX}applications", name, problems)
    return found


def _balancer(given: Any, problems: Problems) -> Balancer | None:
    if given is None or given == {}:
        return None
    reader = Reader(given, f"{PREFIX}load_balancer", problems)
    reader.only("name", "host", "port", "web_server", "settings")
    name, host = reader.text("name", required=True), reader.text("host", required=True)
    if name is not None:
        judge_name(f"{reader.key}.name", name, problems)
    if host is not None and HOST_NAME.fullmatch(host) is None:
        reader.problem("host", "is no host name", "give the name that the web server's certificate is for")
    if "port" not in reader.values:
        reader.problem("port", "is missing", "give the port of the web server's listener with TLS")
    port = port_number(reader.values.get("port"), f"{reader.key}.port", 1, problems)
    settings = reader.settings("settings")
    for one in settings:
        if one not in BALANCER_OPTIONS:
            close = difflib.get_close_matches(one, BALANCER_OPTIONS, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"use some of {', '.join(BALANCER_OPTIONS)}"
            reader.problem(f"settings.{one}", "is no option of create-http-lb", remedy, settings[one])
    return Balancer(str(name), str(host), port, reader.text("web_server"), {**_USUAL_BALANCER, **settings})
