# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which native resources an address and an application are: read one way to compile, the other to recognise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Application, ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from . import terms

#: File systems that all nodes can have mounted at once.
_SHARED_FILESYSTEMS = ("nfs", "acfs")


@dataclass(frozen=True)
class Agent:
    """The one resource that an application is.

    ``attributes`` are those that its type is registered with. ``settings`` compiles them, ``options`` recognises them.
    """

    type: str
    attributes: Mapping[str, str]
    settings: Callable[[ServiceDescription, Application, Sequence[str], list[Problem]], dict[str, str]]
    options: Callable[[Mapping[str, str]], dict[str, str]]


def address(service: ServiceDescription, network: str) -> Resource:
    """The address of a service, as a resource."""
    settings = {
        "USR_ORA_VIP": str(service.address),
        "network": network,
        "APPSVIP_FAILBACK": "1" if service.failback else "0",
        "AUTO_START": "restore",
    }
    return Resource(service.resource_name("address"), terms.ADDRESS_TYPE, settings)


def described_address(settings: Mapping[str, str], networks: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """An address as keys of a description, and what of it could not be told."""
    text = settings.get("USR_ORA_VIP", "")
    network = networks.get(f"{terms.NETWORK}{settings.get('network', '')}")
    unexpressed = [f"address {text}: its prefix length is not known; it is written as a host's"]
    length = network.partition("/")[2] if network is not None else "128" if ":" in text else "32"
    keys = {"address": f"{text}/{length}", "failback": settings.get("APPSVIP_FAILBACK") == "1"}
    return keys, unexpressed if network is None else []


def recognised(resources: Sequence[Resource]) -> tuple[str, Agent] | None:
    """The application that these are, with its agent."""
    types = [resource.type for resource in resources]
    return next(((name, agent) for name, agent in AGENTS.items() if types == [agent.type]), None)


def _messaging_server(
    service: ServiceDescription, application: Application, requires: Sequence[str], problems: list[Problem]
) -> dict[str, str]:
    """The application resource of the Messaging Server manual."""
    options, storage = application.options, service.storage
    default_root = "" if storage is None else f"{storage.mount_point}/messaging64"
    server_root = str(options.get("server_root", default_root))
    problems.extend(_refused_options(service, application, server_root, requires))
    needed = [*requires, str(options["storage_resource"])] if "storage_resource" in options else requires
    return {
        "INSTANCE_PATH": server_root,
        "AGENT_FILENAME": "%CRS_HOME%/bin/scriptagent",
        "ACTION_SCRIPT": str(options.get("action_script", _action_script(server_root))),
        "AUTO_START": "restore",
        "UPTIME_THRESHOLD": "10m",
        "CHECK_INTERVAL": "10",
        "SCRIPT_TIMEOUT": "300",
        "RESTART_ATTEMPTS": "2",
        "OFFLINE_CHECK_INTERVAL": "0",
        **formats.dependencies_on(needed),
        "CARDINALITY": "1",
        "FAILURE_INTERVAL": "0",
        "FAILURE_THRESHOLD": "0",
    }


def _messaging_options(settings: Mapping[str, str]) -> dict[str, str]:
    options = {"server_root": settings.get("INSTANCE_PATH", "")}
    if settings.get("ACTION_SCRIPT") != _action_script(options["server_root"]):
        options["action_script"] = settings.get("ACTION_SCRIPT", "")
    return options


def _action_script(server_root: str) -> str:
    return f"{server_root}/cwha/bin/ms_actionscript.pl"


def _refused_options(
    service: ServiceDescription, application: Application, server_root: str, requires: Sequence[str]
) -> list[Problem]:
    problems = []
    key = f"services[{service.name}].application.options"
    known = ("server_root", "action_script", "storage_resource")
    for name, value in application.options.items():
        where, words = f"{key}.{key_name(name)}", shape(value)
        if name not in known:
            problems.append(Problem(where, words, "is not a known option", f"use one of {', '.join(known)}"))
        elif not isinstance(value, str) or not value:
            problems.append(Problem(where, words, "is not a text", "give a text"))
        elif name != "storage_resource" and not value.startswith("/"):
            problems.append(Problem(where, value, "is not an absolute path", "give a path from / on"))
    if not server_root:
        remedy = "name the directory that Messaging Server is installed in"
        problems.append(Problem(f"{key}.server_root", None, "is missing", remedy))
    if not requires:
        remedy = "Messaging Server needs a logical address"
        problems.append(Problem(f"services[{service.name}].address", None, "is missing", remedy))
    storage = service.storage
    mounted = storage is None or storage.filesystem in _SHARED_FILESYSTEMS
    if storage is not None and not mounted and "storage_resource" not in application.options:
        reason = "can be mounted on one node at a time, and this collection has no resource that mounts it"
        remedy = "use nfs or acfs, or name the resource that mounts it in application.options.storage_resource"
        problems.append(Problem(f"services[{service.name}].storage.filesystem", storage.filesystem, reason, remedy))
    return problems


#: The type is the one that the Messaging Server manual registers, and how: what is READONLY is set at creation only.
AGENTS = {
    "messaging_server": Agent(
        terms.CAPABILITIES.types["messaging_server"],
        {"INSTANCE_PATH": "TYPE=string,FLAGS=READONLY|REQUIRED"},
        _messaging_server,
        _messaging_options,
    )
}
TYPES = tuple(agent.type for agent in AGENTS.values())
