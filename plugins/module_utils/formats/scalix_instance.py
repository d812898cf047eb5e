# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file in which Scalix says which instances a node knows, instance.cfg, and what the instances are.

It has a block of KEY=VALUE lines for each instance, and a line with nothing but ``#`` between two of them
(Scalix TB-2007-02-HACLUSTER, "Registering all instances on all nodes"). A block that no such line precedes begins with
its OMNAME. Lines are kept byte for byte but for those that are to change; what belongs to instances that nobody named
stays as it is, on the nodes where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from .lines import end_of, finished, lines_of

#: Where Scalix keeps an instance below its volume.
ROOT = "/var/opt/scalix"

NAME, HOST_NAME, DATA_DIRECTORY, AUTOSTART = "OMNAME", "OMHOSTNAME", "OMDATADIR", "OMAUTOSTART"

_SEPARATOR = re.compile(r"#[ \t]*")
_SETTING = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(.*)")
#: Names that can be a part of a file name and an element of worker.list.
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class InstanceError(FormatError):
    """A file that is not understood, or something that the nodes do not agree on. Names what is wrong and where."""


@dataclass(frozen=True)
class Instance:
    """An instance of the cluster: its name, the name and the volume that its users reach it by."""

    name: str
    host_name: str

    @property
    def mount_point(self) -> str:
        """The mount point of its volume."""
        return f"{ROOT}/{directory_of(self.name)}"

    @property
    def data_directory(self) -> str:
        """Its OMDATADIR."""
        return f"{self.mount_point}/s"


def directory_of(instance: str) -> str:
    """Directory of an instance below /var/opt/scalix: first and last letter of its name.

    Source: Scalix TB-2007-02-HACLUSTER, "Storage Configuration".
    """
    return f"{instance[0]}{instance[-1]}"


def instances_of(given: Iterable[Mapping[str, str]]) -> list[Instance]:
    """The instances, judged: names that can be names, each once, no two on one volume, each with a host's full name.

    :raises InstanceError: with the name and what to do
    """
    found = [Instance(one["name"], one["host_name"]) for one in given]
    owners: dict[str, str] = {}
    names: set[str] = set()
    for instance in found:
        if _INSTANCE.fullmatch(instance.name) is None:
            raise InstanceError(
                f"instance {instance.name!r}: a name has letters, digits, hyphens and underscores, and begins with a "
                "letter or digit; choose another name"
            )
        if instance.name in names:
            raise InstanceError(f"instance {instance.name}: is named twice; name it once")
        names.add(instance.name)
        if "." not in instance.host_name.strip("."):
            raise InstanceError(
                f"instance {instance.name}: its host name {instance.host_name!r} is not fully qualified, as the "
                "installer wants it; give the domain too"
            )
        owner = owners.setdefault(instance.mount_point, instance.name)
        if owner != instance.name:
            raise InstanceError(
                f"instance {instance.name}: has the directory {instance.mount_point}, as instance {owner} has, since "
                "Scalix takes the first and the last letter of the name; choose a name with others"
            )
    return found


# -- instance.cfg ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """Lines of one instance, each with its end, comments above its OMNAME among them; or lines of none (no name)."""

    name: str | None
    lines: tuple[str, ...]
    #: The line that divides it from what precedes it; empty for none.
    separator: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """Values by key."""
        return {match[1]: match[2].strip() for match in map(_setting, self.lines) if match}

    def with_setting(self, key: str, value: str) -> Block:
        """The same with that value: in place, or behind the last setting."""
        if self.settings.get(key) == value:
            return self
        lines = list(self.lines)
        for number, line in enumerate(lines):
            match = _setting(line)
            if match and match[1] == key:
                lines[number] = f"{line[: match.start(2)]}{value}{end_of(line)}"
                return replace(self, lines=tuple(lines))
        last = max((number for number, line in enumerate(lines) if _setting(line)), default=-1)
        lines = finished(lines)
        lines.insert(last + 1, f"{key}={value}\n")
        return replace(self, lines=tuple(lines))


def parse(text: str) -> list[Block]:
    """The blocks of an instance.cfg, in their order; rendered again they are the same text.

    :raises InstanceError: an instance is there twice, or a key twice in one instance
    """
    blocks: list[Block] = []
    name: str | None = None
    separator, lines = "", list[str]()

    def close() -> None:
        if lines or separator or name:
            blocks.append(Block(name, tuple(lines), separator))

    for line in lines_of(text):
        match = _setting(line)
        if _SEPARATOR.fullmatch(line.rstrip("\r\n")):
            close()
            name, separator, lines = None, line, []
        elif match and match[1] == NAME and name is not None:
            close()
            name, separator, lines = match[2].strip(), "", [line]
        else:
            if match and match[1] == NAME:
                name = match[2].strip()
            lines.append(line)
    close()
    _judge(blocks)
    return blocks


def render(blocks: Iterable[Block]) -> str:
    """The text of an instance.cfg."""
    return "".join(block.separator + "".join(block.lines) for block in blocks)


def _judge(blocks: Sequence[Block]) -> None:
    names: set[str] = set()
    for block in blocks:
        keys = [match[1] for match in map(_setting, block.lines) if match]
        for key in keys:
            if keys.count(key) > 1:
                raise InstanceError(f"instance {block.name or '(no OMNAME)'}: has {key} twice; remove one of the lines")
        if block.name == "":
            raise InstanceError("an instance has an empty OMNAME; give it its name, or remove its lines")
        if block.name in names:
            raise InstanceError(f"instance {block.name}: is there twice; remove one of its blocks")
        if block.name is not None:
            names.add(block.name)


def registered(texts: Mapping[str, str | None], instances: Sequence[Instance]) -> list[Block]:
    """The blocks of these instances as all nodes together know them: the union, by OMNAME and within it by line.

    The order is that of a node that knows all of them; as long as there is none, that of the description, so that it
    does not depend on which node is asked first.

    :param texts: each node's instance.cfg, None for a node that has none
    :raises InstanceError: two nodes, or a node and the description, say different things of one instance
    """
    wanted = {instance.name: instance for instance in instances}
    found: dict[str, Block] = {}
    sources: dict[str, str] = {}
    orders: list[list[str]] = []
    for node, text in texts.items():
        try:
            blocks = parse(text or "")
        except InstanceError as error:
            raise InstanceError(f"instance.cfg of node {node}: {error}") from None
        known = {block.name: block for block in blocks if block.name is not None and block.name in wanted}
        orders.append(list(known))
        for name, block in known.items():
            _agree_with_description(block, wanted[name], node)
            if name in found:
                found[name] = _united(found[name], sources[name], block, node)
            else:
                found[name], sources[name] = Block(name, tuple(finished(block.lines))), node
    described = [name for name in wanted if name in found]
    return [found[name] for name in next((one for one in orders if len(one) == len(found)), described)]


def _agree_with_description(block: Block, instance: Instance, node: str) -> None:
    expected = {HOST_NAME: instance.host_name, DATA_DIRECTORY: instance.data_directory}
    for key, value in expected.items():
        told = block.settings.get(key)
        same = told is None or (told.lower() == value.lower() if key == HOST_NAME else told.rstrip("/") == value)
        if not same:
            raise InstanceError(
                f"instance.cfg of node {node}: instance {instance.name} has {key}={told}, but by the description it is "
                f"{value}; describe the instance as it was installed, or correct the line"
            )


def _united(first: Block, source: str, second: Block, node: str) -> Block:
    """The first block with the settings and comments that only the second has, those in their places."""
    have = first.settings
    for key, value in second.settings.items():
        if key not in have:
            first = first.with_setting(key, value)
        elif have[key] != value and key not in (AUTOSTART, HOST_NAME, DATA_DIRECTORY):
            raise InstanceError(
                f"instance {first.name}: {key} is {have[key]} in instance.cfg of node {source}, and {value} on node "
                f"{node}; correct the wrong one"
            )
    lines = list(first.lines)
    told = {line.strip() for line in lines}
    above = True
    for line in second.lines:
        match = _setting(line)
        above = above and not (match and match[1] == NAME)
        if match is None and line.strip() and line.strip() not in told:
            told.add(line.strip())
            place = next(number for number, own in enumerate(lines) if _is_name(own)) if above else len(lines)
            lines.insert(place, line.rstrip("\r\n") + "\n")
    return replace(first, lines=tuple(lines))


def _is_name(line: str) -> bool:
    match = _setting(line)
    return match is not None and match[1] == NAME


def with_instances(text: str | None, blocks: Sequence[Block], autostart: bool) -> str:
    """This node's instance.cfg with these blocks in this order; what belongs to other instances is kept in its place.

    :param blocks: what ``registered`` gave, the same on every node
    :param autostart: whether Scalix starts the instances when the node boots; in a cluster it must not
    """
    told = "TRUE" if autostart else "FALSE"
    wanted = {str(block.name): block.with_setting(AUTOSTART, told) for block in blocks}
    rest = list(wanted.values())
    result: list[Block] = []
    for block in parse(text or ""):
        _append(result, block, rest.pop(0).lines if block.name in wanted else block.lines)
    for block in rest:
        _append(result, replace(block, separator="#\n" if result and result[-1].lines else ""), block.lines)
    return render(result)


def _append(result: list[Block], place: Block, lines: Sequence[str]) -> None:
    """Add lines where the place was; divided from what is before them where they would be taken for a part of it."""
    if list(lines) == finished(place.lines):
        # As it is, if nothing but the end of its last line differs.
        lines = place.lines
    separator = place.separator
    if result:
        before = result[-1]
        ended = finished([before.separator, *before.lines])
        result[-1] = replace(before, separator=ended[0], lines=tuple(ended[1:]))
        if not separator and before.lines and lines and not _is_name(lines[0]):
            separator = "#\n"
    result.append(replace(place, lines=tuple(lines), separator=separator))


def _setting(line: str) -> re.Match[str] | None:
    return _SETTING.match(line.rstrip("\r\n"))
