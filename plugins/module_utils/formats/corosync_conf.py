# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""corosync.conf: parse, render, and make one from a description, keeping node ids. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.shown import quoted


@dataclass(frozen=True)
class Section:
    """One block: its own settings, and the blocks in it. The whole file is a section without a name."""

    name: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()

    def section(self, name: str) -> Section:
        """The settings of all blocks of that name together, as corosync reads them; an empty one if there is none."""
        found = [section for section in self.sections if section.name == name]
        settings = {key: value for section in found for key, value in section.settings.items()}
        return Section(name, settings, tuple(inner for section in found for inner in section.sections))


@dataclass(frozen=True)
class ConfiguredNode:
    """A member as corosync.conf has it."""

    name: str
    address: str
    node_id: int


#: Settings that corosync takes over only when it starts; all others by ``corosync-cfgtool -R``.
RESTART_SETTINGS: Mapping[str, Sequence[str]] = {
    # What totemconfig.c of 3.1.7 reads in totem_config_read only.
    "totem": ("version", "cluster_name", "transport", "ip_version", "crypto_model", "netmtu", "link_mode")
    + ("clear_node_high_bit",),
    # votequorum(5): "Only votes, quorum_votes, expected_votes and two_node can be changed at runtime."
    "quorum": ("provider", "wait_for_all", "last_man_standing", "last_man_standing_window", "auto_tie_breaker")
    + ("auto_tie_breaker_node", "allow_downscale", "expected_votes_tracking"),
}


_KEY = re.compile(r"[A-Za-z0-9_.]+")


def parse(text: str) -> Section:
    """Read a corosync.conf.

    :raises FormatError: with the number of the line that is not understood
    """
    # A stack of (name, settings, inner sections) of the blocks that are open.
    stack: list[tuple[str, dict[str, str], list[Section]]] = [("", {}, [])]
    lines = text.splitlines()
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.endswith("{"):
            stack.append((line[:-1].strip(), {}, []))
        elif line == "}":
            if len(stack) == 1:
                raise FormatError(f"line {number}: closes a block that was not opened")
            name, settings, sections = stack.pop()
            stack[-1][2].append(Section(name, settings, tuple(sections)))
        elif ":" in line:
            key, value = line.split(":", 1)
            stack[-1][1][key.strip()] = value.strip()
        else:
            before = lines[number - 2] if number > 1 else ""
            raise FormatError(f"line {number}: {quoted(line, before)} is neither a setting nor a block")
    if len(stack) != 1:
        raise FormatError(f"the block {stack[-1][0]!r} is not closed")
    return Section("", stack[0][1], tuple(stack[0][2]))


def render(configuration: Section, head: str = "") -> str:
    """The text of a corosync.conf.

    :param head: a comment to begin with, without number signs
    :raises FormatError: a name or value that would be read as something else, such as the end of a section
    """
    lines = [f"# {line}" for line in head.splitlines()]
    _render(configuration, "", lines)
    return "".join(f"{line}\n" for line in lines)


def staged(text: str, authkey: str) -> str:
    """The configuration as ``corosync -t`` is to read it before it is in place: its key elsewhere, and not silent.

    :raises FormatError: it is none
    """
    changed = {"totem": {"keyfile": authkey}, "logging": {"to_stderr": "yes", "to_syslog": "no", "to_logfile": "no"}}
    configuration = _changed(parse(text), changed)
    there = {section.name for section in configuration.sections}
    added = tuple(Section(name, settings) for name, settings in changed.items() if name not in there)
    return render(replace(configuration, sections=configuration.sections + added))


def _render(section: Section, indent: str, lines: list[str]) -> None:
    for key, value in section.settings.items():
        if _KEY.fullmatch(key) is None or not value.isprintable() or value != value.strip() or set(value) & set("{}"):
            raise FormatError(f"{key!r}: {value!r} would be read as something else")
    lines.extend(f"{indent}{key}: {value}" for key, value in section.settings.items())
    for inner in section.sections:
        if not indent and lines:
            lines.append("")
        lines.append(f"{indent}{inner.name} {{")
        _render(inner, f"{indent}    ", lines)
        lines.append(f"{indent}}}")


def nodes(configuration: Section) -> tuple[ConfiguredNode, ...]:
    """The members that a configuration lists; a node without a name goes by its address, as in Pacemaker."""
    members = []
    for node in configuration.section("nodelist").sections:
        address = node.settings.get("ring0_addr", "")
        node_id = int(node.settings.get("nodeid", "0"))
        members.append(ConfiguredNode(node.settings.get("name", address), address, node_id))
    return tuple(members)


def cluster_name(configuration: Section) -> str:
    """The name of the cluster; empty if there is none."""
    return configuration.section("totem").settings.get("cluster_name", "")


def config_version(configuration: Section) -> int:
    """The number of this configuration; corosync itself keeps a node with an older one from joining."""
    return int(configuration.section("totem").settings.get("config_version", "0"))


def is_packaged_default(configuration: Section) -> bool:
    """Whether this is what a distribution's package brings: no cluster, only this machine talking to itself."""
    return all(node.address in ("", "127.0.0.1", "::1", "localhost") for node in nodes(configuration))


def assign_node_ids(names: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """An id for each node: the one that it has, or the next that was free.

    An id is never given to another node while its owner may still be about: Pacemaker knows nodes by id as well.
    """
    ids = {}
    taken = set(known.values())
    for name in names:
        ids[name] = known.get(name) or max(taken, default=0) + 1
        taken.add(ids[name])
    return ids


def make(
    name: str,
    addresses: Mapping[str, str],
    totem: Mapping[str, str],
    quorum: Mapping[str, str],
    current: Section | None,
) -> Section:
    """The configuration of a cluster.

    :param name: the cluster's name
    :param addresses: each member's address, by its name
    :param totem: native settings of the block totem
    :param quorum: native settings of the block quorum
    :param current: what the cluster has so far; its node ids are kept and its version is counted on if anything differs
    """
    known = {node.name: node.node_id for node in nodes(current)} if current else {}
    ids = assign_node_ids(list(addresses), known)
    members = tuple(
        Section("node", {"ring0_addr": address, "name": node, "nodeid": str(ids[node])})
        for node, address in addresses.items()
    )
    version = config_version(current) if current else 0
    quorum_settings = {"provider": "corosync_votequorum"}
    if len(addresses) == 2:
        # Two nodes: either may go on alone once it has fenced the other; but after both were down, none starts alone.
        quorum_settings |= {"two_node": "1", "wait_for_all": "1"}
    configuration = Section(
        sections=(
            Section(
                "totem",
                {"version": "2", "cluster_name": name, "config_version": str(version), "transport": "knet"}
                | {"crypto_cipher": "aes256", "crypto_hash": "sha256"}
                | dict(totem),
            ),
            Section("nodelist", sections=members),
            Section("quorum", quorum_settings | dict(quorum)),
            Section("logging", {"to_stderr": "no", "to_syslog": "yes", "to_logfile": "no", "timestamp": "hires"}),
        )
    )
    if current is not None and same(configuration, current):
        return configuration
    return _with_version(configuration, version + 1)


def same(one: Section, other: Section) -> bool:
    """Whether two configurations mean the same, whatever their order, comments and version."""
    return _normal(_with_version(one, 0)) == _normal(_with_version(other, 0))


def needs_restart(current: Section, desired: Section) -> list[str]:
    """Settings that differ and that a running corosync will not take over, as ``section.key``."""
    differing: list[str] = []
    for section, keys in RESTART_SETTINGS.items():
        before, after = current.section(section).settings, desired.section(section).settings
        differing.extend(f"{section}.{key}" for key in keys if before.get(key) != after.get(key))
    return differing


def _with_version(configuration: Section, version: int) -> Section:
    return _changed(configuration, {"totem": {"config_version": str(version)}})


def _changed(configuration: Section, changes: Mapping[str, Mapping[str, str]]) -> Section:
    """The same with other settings in its blocks, by the blocks' names."""
    sections = [
        replace(section, settings={**section.settings, **changes.get(section.name, {})})
        for section in configuration.sections
    ]
    return replace(configuration, sections=tuple(sections))


def _normal(section: Section) -> tuple[object, ...]:
    return (section.name, sorted(section.settings.items()), sorted(map(_normal, section.sections), key=repr))
