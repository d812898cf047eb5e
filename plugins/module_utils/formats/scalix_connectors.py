# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files in which a node's web server has the connectors of Scalix's Tomcats: workers.conf, connector directories.

What belongs to instances that nobody named stays as it is, on the nodes where it is. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .lines import end_of, finished, lines_of
from .scalix_instance import Instance, InstanceError

#: The web applications of the management services: administration server and console.
MANAGEMENT = ("caa", "sac")
#: Directories of the connectors, and the one file in them that is of no instance.
CONNECTORS = ("ajp", "jk")
WORKERS = "jk/workers.conf"

_CONNECTOR_FILE = re.compile(
    r"(?:ajp|jk)/(?:instance-(?P<own>[A-Za-z0-9_-]+)|app-(?P<app>[A-Za-z0-9_-]+)\.[^/]+)\.conf"
)
_WORKERS = re.compile(r"([ \t]*JkWorkerProperty[ \t]+worker\.list[ \t]*=)(.*)", re.IGNORECASE)


def with_workers(text: str | None, instances: Sequence[str], known: Iterable[str]) -> str:
    """A workers.conf whose worker.list has the known instances too; all else that it lists stays.

    mod_jk takes the names of all such lines together. Where there is one line, as usual, the cluster's instances stand
    in it in their own order, so that the file is the same on every node.
    """
    lines = lines_of(text or "")
    found = [number for number, line in enumerate(lines) if _WORKERS.match(line)]
    listed = list(dict.fromkeys(name for number in found for name in _workers(lines[number])))
    here = {*listed, *known}
    wanted = [*(name for name in listed if name not in instances), *(name for name in instances if name in here)]
    missing = [name for name in wanted if name not in listed]
    if not missing and (len(found) != 1 or listed == wanted):
        return text or ""
    if not found:
        return "".join([*finished(lines), f"JkWorkerProperty worker.list={','.join(wanted)}\n"])
    line = lines[found[-1]]
    names = wanted if len(found) == 1 else [*_workers(line), *missing]
    lines[found[-1]] = f"{line[: line.index('=') + 1]}{','.join(names)}{end_of(line)}"
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
