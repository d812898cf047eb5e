# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files in which Scalix says which instances a node knows: instance.cfg, workers.conf, connector directories.

instance.cfg has a block of KEY=VALUE lines for each instance, and a line with nothing but ``#`` between two of them
(Scalix TB-2007-02-HACLUSTER, "Registering all instances on all nodes"). A block that no such line precedes begins with
its OMNAME. Lines are kept byte for byte but for those that are to change; what belongs to instances that nobody named
stays as it is, on the nodes where it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

#: Where Scalix keeps an instance below its volume, and the port that each installation gives to its Tomcat.
ROOT = "/var/opt/scalix"
DEFAULT_SHUTDOWN_PORT = 8005
#: What else a Tomcat listens on by default: AJP, HTTP, HTTPS.
TOMCAT_PORTS = frozenset({8009, 8080, 8443})

NAME, HOST_NAME, DATA_DIRECTORY, AUTOSTART = "OMNAME", "OMHOSTNAME", "OMDATADIR", "OMAUTOSTART"
#: The web applications of the management services: administration server and console.
MANAGEMENT = ("caa", "sac")
#: Directories of the connectors, and the one file in them that is of no instance.
CONNECTORS = ("ajp", "jk")
WORKERS = "jk/workers.conf"

_SEPARATOR = re.compile(r"#[ \t]*")
_SETTING = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=(.*)")
#: Names that can be a part of a file name and an element of worker.list.
_INSTANCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_CONNECTOR_FILE = re.compile(
    r"(?:ajp|jk)/(?:instance-(?P<own>[A-Za-z0-9_-]+)|app-(?P<app>[A-Za-z0-9_-]+)\.[^/]+)\.conf"
)
_WORKERS = re.compile(r"([ \t]*JkWorkerProperty[ \t]+worker\.list[ \t]*=)(.*)", re.IGNORECASE)


class InstanceError(ValueError):
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
                lines[number] = f"{line[: match.start(2)]}{value}{_end_of(line)}"
                return replace(self, lines=tuple(lines))
        last = max((number for number, line in enumerate(lines) if _setting(line)), default=-1)
        lines = _finished(lines)
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

    for line in _lines(text):
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
                found[name], sources[name] = Block(name, tuple(_finished(block.lines))), node
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
    if list(lines) == _finished(place.lines):
        # As it is, if nothing but the end of its last line differs.
        lines = place.lines
    separator = place.separator
    if result:
        before = result[-1]
        ended = _finished([before.separator, *before.lines])
        result[-1] = replace(before, separator=ended[0], lines=tuple(ended[1:]))
        if not separator and before.lines and lines and not _is_name(lines[0]):
            separator = "#\n"
    result.append(replace(place, lines=tuple(lines), separator=separator))


# -- workers.conf and the connector directories ------------------------------------------------------------------------


def with_workers(text: str | None, instances: Sequence[str], known: Iterable[str]) -> str:
    """A workers.conf whose worker.list has the known instances too; all else that it lists stays.

    mod_jk takes the names of all such lines together. Where there is one line, as usual, the cluster's instances stand
    in it in their own order, so that the file is the same on every node.
    """
    lines = _lines(text or "")
    found = [number for number, line in enumerate(lines) if _WORKERS.match(line)]
    listed = list(dict.fromkeys(name for number in found for name in _workers(lines[number])))
    here = {*listed, *known}
    wanted = [*(name for name in listed if name not in instances), *(name for name in instances if name in here)]
    missing = [name for name in wanted if name not in listed]
    if not missing and (len(found) != 1 or listed == wanted):
        return text or ""
    if not found:
        return "".join([*_finished(lines), f"JkWorkerProperty worker.list={','.join(wanted)}\n"])
    line = lines[found[-1]]
    names = wanted if len(found) == 1 else [*_workers(line), *missing]
    lines[found[-1]] = f"{line[: line.index('=') + 1]}{','.join(names)}{_end_of(line)}"
    return "".join(lines)


def _workers(line: str) -> list[str]:
    match = _WORKERS.match(line.rstrip("\r\n"))
    return [] if match is None else [name for name in re.split(r"[,\s]+", match[2]) if name]


def instance_of_connector(path: str) -> str | None:
    """The instance that a connector file belongs to (``ajp/app-mail1.sac.conf``), None for any other file."""
    match = _CONNECTOR_FILE.fullmatch(path)
    return None if match is None else match["own"] or match["app"]


def web_applications(paths: Iterable[str], instance: str) -> list[str]:
    """The web applications that a node's connectors know of an instance."""
    start, end = f"app-{instance}.", ".conf"
    names = (path.partition("/")[2] for path in paths)
    return sorted(
        {name[len(start) : -len(end)] for name in names if name.startswith(start) and name.endswith(end)} - {"srw"}
    )


def missing_connectors(paths: Collection[str], instance: str) -> list[str]:
    """Those of the instance's own connector files that a node lacks."""
    own = (f"{directory}/instance-{instance}.conf" for directory in CONNECTORS)
    return [path for path in own if path not in paths]


def judge_admin(instance: str, applications: Collection[str]) -> None:
    """Refuse an instance as the admin instance that is known not to have the management services any more.

    :param applications: its web applications; none if they are not known on the node that was asked
    :raises InstanceError: it lacks some
    """
    missing = [name for name in MANAGEMENT if applications and name not in applications]
    if missing:
        raise InstanceError(
            f"instance {instance}: is to have the management services, but has no web application "
            f"{' or '.join(missing)}, and Scalix documents only how they are removed; add them by hand, or have "
            "another admin instance"
        )


@dataclass(frozen=True)
class NodeFiles:
    """What a node has of Scalix: the texts of its connector files by path below the connector directory, the instances
    whose volumes are mounted there, and the rules wizard's part for a web server (None: not installed)."""

    connectors: Mapping[str, str]
    mounted: Sequence[str] = ()
    web_client: str | None = None

    def knows_best(self, instance: str) -> bool:
        """Whether the instance is here and has its files here; they may not have followed it yet."""
        return instance in self.mounted and not missing_connectors(self.connectors, instance)


def wanted_connectors(
    nodes: Mapping[str, NodeFiles], node: str, instances: Sequence[Instance]
) -> dict[str, str | None]:
    """The connector files that this node is to have, and with None those that it is to have no longer.

    The node that has an instance's volume knows best: the product's tools are run there. Where no such node is part of
    the run, nothing is removed or replaced, and what some node lacks is taken from the first that has it. Files of
    other instances are no business of ours.
    """
    result: dict[str, str | None] = {}
    for instance in instances:
        owner = next((name for name, files in nodes.items() if files.knows_best(instance.name)), None)
        best = _files_of(instance.name, [nodes[owner]] if owner else list(nodes.values()))
        for path, text in best.items():
            own = nodes[node].connectors.get(path)
            result[path] = text if owner or own is None else own
        if owner:
            for path in nodes[node].connectors:
                if instance_of_connector(path) == instance.name and path not in best:
                    result[path] = None
        if best:
            wizard = next((files.web_client for files in _first(nodes, owner) if files.web_client is not None), None)
            for directory in CONNECTORS:
                path = f"{directory}/app-{instance.name}.srw.conf"
                if result.get(path) is None and wizard is not None:
                    result[path] = wizard
    known = [one.name for one in instances if _files_of(one.name, list(nodes.values()))]
    workers = with_workers(nodes[node].connectors.get(WORKERS), [one.name for one in instances], known)
    if workers:
        result[WORKERS] = workers
    return result


def _files_of(instance: str, nodes: Sequence[NodeFiles]) -> dict[str, str]:
    found: dict[str, str] = {}
    for files in nodes:
        for path, text in files.connectors.items():
            if instance_of_connector(path) == instance:
                found.setdefault(path, text)
    return found


def _first(nodes: Mapping[str, NodeFiles], owner: str | None) -> list[NodeFiles]:
    return [nodes[name] for name in sorted(nodes, key=lambda name: name != owner)]


# -- Tomcat ------------------------------------------------------------------------------------------------------------


def shutdown_ports(
    instances: Sequence[str], current: Mapping[str, int | None], given: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A shutdown port for each instance, each another one in the cluster.

    What is given counts. An instance keeps the port that it has unless one before it in the list has the same, and else
    gets the one that its place in the list gives it, or the next that is free. So the same list gives the same ports,
    and those of instances that are not to be seen in a run are left free for them.

    :param current: the port of each instance that was seen
    :raises InstanceError: given ports are no ports, or the same
    """
    given = given or {}
    ports: dict[str, int] = {}
    for name, port in given.items():
        if name not in instances:
            raise InstanceError(f"shutdown port of {name}: there is no such instance; correct the name")
        if not 1 <= port <= 65535:
            raise InstanceError(f"shutdown port of {name}: {port} is no port; choose one from 1024 to 65535")
        if port in ports.values():
            raise InstanceError(f"shutdown port of {name}: {port} is another instance's too; choose another one")
        ports[name] = port
    for name in instances:
        kept_port = current.get(name)
        if name not in ports and kept_port is not None and kept_port not in ports.values():
            ports[name] = kept_port
    taken = set(ports.values())
    for name, preferred in _by_place(instances):
        if name not in ports:
            places = {place for other, place in _by_place(instances) if other not in ports and other != name}
            port = preferred
            while port in taken or port in TOMCAT_PORTS or (port in places and port != preferred):
                port += 1
            ports[name] = port
            taken.add(port)
    return {name: ports[name] for name in instances}


def _by_place(instances: Sequence[str]) -> list[tuple[str, int]]:
    """The port that each instance gets by its place in the list, past those that Tomcats listen on by default."""
    result, port = [], DEFAULT_SHUTDOWN_PORT
    for name in instances:
        while port in TOMCAT_PORTS:
            port += 1
        result.append((name, port))
        port += 1
    return result


def shutdown_port(server_xml: str) -> int:
    """The shutdown port in a Tomcat's server.xml, which is the ``port`` of its outermost element.

    :raises InstanceError: it has none
    """
    try:
        root = ElementTree.fromstring(server_xml)
    except (ElementTree.ParseError, ValueError) as error:
        raise InstanceError(f"server.xml is not XML: {error}") from None
    port = root.get("port", "")
    if root.tag != "Server" or not port.isdigit():
        raise InstanceError("server.xml has no shutdown port (the attribute port of Server)")
    return int(port)


def names_host(properties: str, host_name: str) -> bool:
    """Whether a properties file has this host name as a value, or in one (comments are none)."""
    host = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(host_name)}(?![A-Za-z0-9-]|\.[A-Za-z0-9])", re.IGNORECASE)
    lines = (line.strip() for line in properties.splitlines())
    return any(host.search(line.partition("=")[2]) for line in lines if not line.startswith(("#", "!")))


# -- lines -------------------------------------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one, whatever else Unicode thinks of as an end."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _setting(line: str) -> re.Match[str] | None:
    return _SETTING.match(line.rstrip("\r\n"))


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _finished(lines: Sequence[str]) -> list[str]:
    """The lines, the last one with an end."""
    return [*lines[:-1], lines[-1] if _end_of(lines[-1]) else f"{lines[-1]}\n"] if lines else []
