# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which native resource each part of a service is: compiled from this table, and recognised by it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource, Service
from . import terms

_WORD = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Agent:
    """One resource of a service: the role that it has there, and its type, which may have words in it too.

    ``parameters`` are made of words that the description has for the service. A service that lacks one has no such
    resource; one that lacks ``optional`` words has it without their parameters.
    """

    role: str
    type: str
    parameters: Mapping[str, str]
    operations: Mapping[str, Mapping[str, str]]
    optional: frozenset[str] = frozenset()

    def settings(self, words: Mapping[str, str]) -> dict[str, str] | None:
        """What the resource is made with in a service of these words; None: the service has no such resource."""
        if self._needed() - words.keys():
            return None
        parameters = {
            name: template.format_map(words)
            for name, template in self.parameters.items()
            if words.keys() >= set(_WORD.findall(template))
        }
        return terms.joined(parameters, operations=self.operations)

    def type_for(self, words: Mapping[str, str]) -> str:
        """Its type in a service of these words."""
        return self.type.format_map(words)

    def words(self, resource: Resource) -> dict[str, str] | None:
        """The words that the parameters of a resource stand for; None: it is another resource, or lacks one."""
        whole = {name: _WORD.fullmatch(template) for name, template in self.parameters.items()}
        given = {word[1]: resource.settings.get(name, "") for name, word in whole.items() if word}
        found = {word: value for word, value in given.items() if value}
        return None if resource.type != self.type or self._needed() - found.keys() else found

    def _needed(self) -> set[str]:
        return {word for template in self.parameters.values() for word in _WORD.findall(template)} - self.optional


def _operations(start_and_stop: str, interval: str, monitor: str) -> dict[str, dict[str, str]]:
    return {
        "start": {"interval": "0s", "timeout": start_and_stop},
        "stop": {"interval": "0s", "timeout": start_and_stop},
        "monitor": {"interval": interval, "timeout": monitor},
    }


#: What a service has by itself, in the order of starting.
_VOLUME = Agent(
    "volume",
    terms.VOLUME,
    {"vgname": "{volume_group}", "lvname": "{logical_volume}", "vg_access_mode": "system_id"},
    _operations("90s", "30s", "90s"),
)
_STORAGE = Agent(
    "storage",
    terms.FILESYSTEM,
    {"device": "{device}", "directory": "{mount_point}", "fstype": "{filesystem}", "options": "{mount_options}"},
    _operations("60s", "20s", "40s"),
    optional=frozenset(["mount_options"]),
)
_ADDRESS = Agent(
    "address", terms.ADDRESS, {"ip": "{address}", "cidr_netmask": "{prefix_length}"}, _operations("20s", "10s", "20s")
)

#: What runs an application of a type, in the order of starting, behind all that.
_APPLICATIONS: Mapping[str, tuple[Agent, ...]] = {
    "postfix_dovecot": (
        Agent(
            "dovecot",
            "ocf:heartbeat:dovecot",
            {
                "config_file": "{mount_point}/dovecot/dovecot.conf",
                # The agent (resource-agents 4.12, 4.16) checks config_file but never hands it to Dovecot, and asks
                # Dovecot 2.4 for its state without the parameters: only what stands here is in every command.
                "binary": "/usr/sbin/dovecot -c {mount_point}/dovecot/dovecot.conf",
                # Of the instance's own base_dir, which is on each node's /run: a stale one dies with its node.
                "pid_file": "/run/dovecot/{name}/master.pid",
            },
            _operations("60s", "10s", "20s"),
        ),
        Agent(
            "postfix",
            "ocf:heartbeat:postfix",
            {"config_dir": "{mount_point}/postfix/etc"},
            _operations("60s", "10s", "20s"),
        ),
    ),
    # A unit of the role radicale, since no agent of resource-agents (4.12, 4.16) does: "anything" starts by su, which
    # the package's account refuses, having no shell; takes any process for it that has its number by now; and leaves
    # behind what it has started itself. systemd ends all of a unit; whether it answers, its watchdog finds out.
    "radicale": (Agent("radicale", "systemd:groupware-radicale@{name}", {}, _operations("90s", "10s", "30s")),),
    # A unit of the role haproxy: resource-agents (4.12, 4.16) has no agent for it. It has started when it has its
    # addresses, within the unit's 30 s, and ends within its 10 s; one that is killed is noticed after 5 s at most.
    "haproxy": (Agent("haproxy", "systemd:groupware-haproxy@{name}", {}, _operations("40s", "5s", "20s")),),
}


def compiled(service: ServiceDescription, include_applications: bool) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Role, type and settings of each resource that the description stands for, in the order of starting."""
    words = _words(service)
    application = service.application.type if service.application is not None and include_applications else ""
    for agent in (_VOLUME, _STORAGE, _ADDRESS, *_APPLICATIONS.get(application, ())):
        settings = agent.settings(words)
        if settings is not None:
            yield agent.role, agent.type_for(words), settings


def _words(service: ServiceDescription) -> dict[str, str]:
    storage = service.storage
    found = {
        "name": service.name,
        "address": service.address,
        "prefix_length": service.prefix_length,
        "volume_group": storage and storage.volume_group,
        "logical_volume": storage and storage.logical_volume,
        "device": storage and storage.block_device,
        "mount_point": storage and storage.mount_point,
        "filesystem": storage and storage.filesystem,
        "mount_options": storage and storage.mount_options,
    }
    return {word: str(value) for word, value in found.items() if value is not None}


def recognised(service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """The words of a group that leads with what is compiled, and the roles of these resources by their names.

    The word ``application`` is there where all others are one.
    """
    words = {"name": service.name}
    roles: dict[str, str] = {}
    members = list(service.resources)
    for agent in (_VOLUME, _STORAGE, _ADDRESS):
        found = agent.words(members[0]) if members else None
        # A volume is described as that of a file system.
        mounted = _is_file_system(members[1:2] if agent is _VOLUME else members[:1])
        if found is not None and (agent is _ADDRESS or mounted):
            words.update(found)
            roles[members.pop(0).name] = agent.role
    for application, runs in _APPLICATIONS.items():
        pairs = list(zip(members, runs))
        # A description wants it to have an address as well.
        if "address" in words and len(pairs) == len(members) == len(runs) and all(_is(*pair, words) for pair in pairs):
            words["application"] = application
            roles.update({member.name: agent.role for member, agent in pairs})
            break
    return words, roles


def _is_file_system(members: Sequence[Resource]) -> bool:
    """Whether the first of these is a file system that a description can have."""
    found = _STORAGE.words(members[0]) if members else None
    return found is not None and found["filesystem"] in terms.CAPABILITIES.filesystems


def _is(member: Resource, agent: Agent, words: Mapping[str, str]) -> bool:
    """Whether it is what is compiled, to the last setting: else the description would be of something else."""
    made = agent.settings(words) or {}
    return (
        member.type == agent.type_for(words)
        and member.settings.keys() == made.keys()
        and all(terms.same(key, member.settings[key], value) for key, value in made.items())
    )
