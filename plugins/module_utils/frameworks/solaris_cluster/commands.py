# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of Solaris Cluster's Resource Group Manager, in both command sets. Pure.

Sources: scrgadm(1M) and scswitch(1M) of Sun Cluster 3.2; clresourcetype(1CL), clresourcegroup(1CL), clresource(1CL)
and clreslogicalhostname(1CL).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import is_extension

Argv = tuple[str, ...]


class Commands(Protocol):
    """One command line for each thing that is done; settings are properties by their names."""

    #: Whether a group can be suspended: only the object commands are documented to.
    can_suspend: bool

    def register_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Make a resource type known to the cluster."""

    def change_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Set the properties of a registered type."""

    def unregister_type(self, name: str) -> Argv:
        """Make the cluster forget a resource type."""

    def create_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        """Create an unmanaged resource group."""

    def change_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        """Set properties of a group and, unless there are none, its nodes."""

    def delete_group(self, name: str) -> Argv:
        """Delete a group without resources."""

    def manage(self, group: str) -> Argv:
        """Have the cluster manage the group; it is offline then."""

    def unmanage(self, group: str) -> Argv:
        """Have the cluster no longer manage an offline group."""

    def online(self, group: str, node: str) -> Argv:
        """Bring an offline group online on a node."""

    def switch(self, group: str, node: str) -> Argv:
        """Have the group online on that node alone."""

    def offline(self, group: str) -> Argv:
        """Take the group offline on all nodes."""

    def evacuate(self, node: str) -> Argv:
        """Move all groups away from a node."""

    def suspend(self, group: str, suspended: bool) -> Argv:
        """Suspend the group's automatic recovery, or resume it."""

    def create_resource(self, name: str, group: str, resource_type: str, settings: Mapping[str, str]) -> Argv:
        """Create a disabled resource."""

    def create_host_names(self, name: str, group: str, shared: bool, settings: Mapping[str, str]) -> Sequence[Argv]:
        """Create a disabled resource that is the host names in ``HostnameList``."""

    def change_resource(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Set properties of a resource."""

    def delete_resource(self, name: str) -> Argv:
        """Delete a disabled resource."""

    def enable(self, resources: Sequence[str], enabled: bool) -> Argv:
        """Enable or disable resources; the order is that in which they are named."""

    def monitor(self, resource: str, monitored: bool) -> Argv:
        """Switch the fault monitor of a resource on or off; the resource keeps running."""

    def clear(self, node: str, resources: Sequence[str]) -> Argv:
        """Clear the error flag of resources that failed to stop on the node."""


class OriginalCommands(Commands):
    """``scrgadm`` and ``scswitch``, of all releases."""

    can_suspend = False

    def register_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        """RT_system can only be set afterwards; Installed_nodes with it too."""
        nodes = settings.get("Installed_nodes", "")
        return ("scrgadm", "-a", "-t", name, *(("-h", nodes) if _named(nodes) else ()))

    def change_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        nodes = settings.get("Installed_nodes", "")
        system = settings.get("RT_system")
        return (
            *("scrgadm", "-c", "-t", name),
            *(("-h", nodes) if _named(nodes) else ()),
            *(("-y", f"RT_system={system}") if system else ()),
        )

    def unregister_type(self, name: str) -> Argv:
        return ("scrgadm", "-r", "-t", name)

    def create_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        return ("scrgadm", "-a", "-g", name, *(("-h", ",".join(nodes)) if nodes else ()), *_given("-y", settings))

    def change_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        """The synopsis wants a property to be set besides ``-h``, so nodes are one too."""
        return ("scrgadm", "-c", "-g", name, *_given("-y", _with_nodes(nodes, settings)))

    def delete_group(self, name: str) -> Argv:
        return ("scrgadm", "-r", "-g", name)

    def manage(self, group: str) -> Argv:
        return ("scswitch", "-o", "-g", group)

    def unmanage(self, group: str) -> Argv:
        return ("scswitch", "-u", "-g", group)

    def online(self, group: str, node: str) -> Argv:
        return self.switch(group, node)

    def switch(self, group: str, node: str) -> Argv:
        return ("scswitch", "-z", "-g", group, "-h", node)

    def offline(self, group: str) -> Argv:
        return ("scswitch", "-F", "-g", group)

    def evacuate(self, node: str) -> Argv:
        return ("scswitch", "-S", "-h", node)

    def suspend(self, group: str, suspended: bool) -> Argv:
        """From 3.2 on only, as the object commands."""
        return ("scswitch", "-s" if suspended else "-r", "-g", group)

    def create_resource(self, name: str, group: str, resource_type: str, settings: Mapping[str, str]) -> Argv:
        return ("scrgadm", "-a", "-j", name, "-t", resource_type, "-g", group, *_by_sort(settings))

    def create_host_names(self, name: str, group: str, shared: bool, settings: Mapping[str, str]) -> Sequence[Argv]:
        """Only standard properties can be given at once."""
        hosts, interfaces, others = _host_names(settings)
        standard = {key: value for key, value in others.items() if not is_extension(key)}
        extensions = {key: value for key, value in others.items() if is_extension(key)}
        create = ("scrgadm", "-a", "-S" if shared else "-L", "-g", group, "-l", hosts, "-j", name)
        create = (*create, *(("-n", interfaces) if interfaces else ()), *_given("-y", standard))
        return [create, self.change_resource(name, extensions)] if extensions else [create]

    def change_resource(self, name: str, settings: Mapping[str, str]) -> Argv:
        return ("scrgadm", "-c", "-j", name, *_by_sort(settings))

    def delete_resource(self, name: str) -> Argv:
        return ("scrgadm", "-r", "-j", name)

    def enable(self, resources: Sequence[str], enabled: bool) -> Argv:
        return ("scswitch", "-e" if enabled else "-n", "-j", ",".join(resources))

    def monitor(self, resource: str, monitored: bool) -> Argv:
        return ("scswitch", "-e" if monitored else "-n", "-M", "-j", resource)

    def clear(self, node: str, resources: Sequence[str]) -> Argv:
        return ("scswitch", "-c", "-h", node, "-j", ",".join(resources), "-f", "STOP_FAILED")


class ObjectCommands(Commands):
    """``clrt``, ``clrg``, ``clrs``, ``clrslh`` and ``clrssa``, from 3.2 on."""

    can_suspend = True

    def register_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        nodes = settings.get("Installed_nodes", "")
        return ("clrt", "register", *(("-n", nodes) if _named(nodes) else ()), name)

    def change_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        nodes = settings.get("Installed_nodes", "")
        system = settings.get("RT_system")
        everywhere = ("-N",) if nodes and not _named(nodes) else ()
        return (
            *("clrt", "set"),
            *(("-n", nodes) if _named(nodes) else everywhere),
            *(("-p", f"RT_system={system}") if system else ()),
            name,
        )

    def unregister_type(self, name: str) -> Argv:
        return ("clrt", "unregister", name)

    def create_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        return ("clrg", "create", *(("-n", ",".join(nodes)) if nodes else ()), *_given("-p", settings), name)

    def change_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        return ("clrg", "set", *_given("-p", _with_nodes(nodes, settings)), name)

    def delete_group(self, name: str) -> Argv:
        return ("clrg", "delete", name)

    def manage(self, group: str) -> Argv:
        return ("clrg", "manage", group)

    def unmanage(self, group: str) -> Argv:
        return ("clrg", "unmanage", group)

    def online(self, group: str, node: str) -> Argv:
        return ("clrg", "online", "-n", node, group)

    def switch(self, group: str, node: str) -> Argv:
        return ("clrg", "switch", "-n", node, group)

    def offline(self, group: str) -> Argv:
        return ("clrg", "offline", group)

    def evacuate(self, node: str) -> Argv:
        return ("clrg", "evacuate", "-n", node, "+")

    def suspend(self, group: str, suspended: bool) -> Argv:
        return ("clrg", "suspend" if suspended else "resume", group)

    def create_resource(self, name: str, group: str, resource_type: str, settings: Mapping[str, str]) -> Argv:
        """Without ``-d`` it would be enabled at once."""
        return ("clrs", "create", "-g", group, "-t", resource_type, "-d", *_given("-p", settings), name)

    def create_host_names(self, name: str, group: str, shared: bool, settings: Mapping[str, str]) -> Sequence[Argv]:
        hosts, interfaces, others = _host_names(settings)
        create = ("clrssa" if shared else "clrslh", "create", "-g", group, "-h", hosts)
        return [(*create, *(("-N", interfaces) if interfaces else ()), *_given("-p", others), "-d", name)]

    def change_resource(self, name: str, settings: Mapping[str, str]) -> Argv:
        return ("clrs", "set", *_given("-p", settings), name)

    def delete_resource(self, name: str) -> Argv:
        return ("clrs", "delete", name)

    def enable(self, resources: Sequence[str], enabled: bool) -> Argv:
        return ("clrs", "enable" if enabled else "disable", *resources)

    def monitor(self, resource: str, monitored: bool) -> Argv:
        return ("clrs", "monitor" if monitored else "unmonitor", resource)

    def clear(self, node: str, resources: Sequence[str]) -> Argv:
        return ("clrs", "clear", "-f", "STOP_FAILED", "-n", node, *resources)


def _named(nodes: str) -> bool:
    """Whether the list names nodes, and does not mean all."""
    return nodes.lower() not in ("", "all", "<all>")


def _with_nodes(nodes: Sequence[str], settings: Mapping[str, str]) -> dict[str, str]:
    return {**({"Nodelist": ",".join(nodes)} if nodes else {}), **settings}


def _given(option: str, settings: Mapping[str, str]) -> Argv:
    return tuple(word for key, value in settings.items() for word in (option, f"{key}={value}"))


def _by_sort(settings: Mapping[str, str]) -> Argv:
    """Extension properties with ``-x``, standard ones with ``-y``."""
    return tuple(
        word for key, value in settings.items() for word in ("-x" if is_extension(key) else "-y", f"{key}={value}")
    )


def _host_names(settings: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """Host names, interfaces, and all other properties."""
    others = {key: value for key, value in settings.items() if key not in ("HostnameList", "NetIfList")}
    return settings["HostnameList"], settings.get("NetIfList", ""), others
