# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of Solaris Cluster's Resource Group Manager, in both command sets. Pure.

Sources: scrgadm(1M) and scswitch(1M) of Sun Cluster 3.2; clresourcetype(1CL), clresourcegroup(1CL), clresource(1CL)
and clreslogicalhostname(1CL).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import is_extension

Argv = tuple[str, ...]


@dataclass(frozen=True)
class Commands:
    """One command line for each thing that is done; settings are properties by their names.

    :param objects: whether there are ``clrt``, ``clrg``, ``clrs``, ``clrslh`` and ``clrssa``, as from 3.2 on; else
        it is done with ``scrgadm`` and ``scswitch``, which all releases have
    """

    objects: bool

    @property
    def can_suspend(self) -> bool:
        """Whether a group can be suspended: only the object commands are documented to."""
        return self.objects

    # -- types ------------------------------------------------------------------------------------------------------

    def register_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Make a resource type known to the cluster; RT_system can only be set afterwards."""
        nodes = settings.get("Installed_nodes", "")
        if self.objects:
            return ("clrt", "register", *_option("-n", nodes if _named(nodes) else ""), name)
        return ("scrgadm", "-a", "-t", name, *_option("-h", nodes if _named(nodes) else ""))

    def change_type(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Set the properties of a registered type."""
        nodes = settings.get("Installed_nodes", "")
        listed = nodes if _named(nodes) else ""
        system = {key: value for key, value in settings.items() if key == "RT_system" and value}
        if self.objects:
            everywhere = ("-N",) if nodes and not listed else ()
            return ("clrt", "set", *_option("-n", listed), *everywhere, *_given("-p", system), name)
        return ("scrgadm", "-c", "-t", name, *_option("-h", listed), *_given("-y", system))

    def unregister_type(self, name: str) -> Argv:
        """Make the cluster forget a resource type."""
        return ("clrt", "unregister", name) if self.objects else ("scrgadm", "-r", "-t", name)

    # -- groups -----------------------------------------------------------------------------------------------------

    def create_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        """Create an unmanaged resource group."""
        if self.objects:
            return ("clrg", "create", *_option("-n", ",".join(nodes)), *_given("-p", settings), name)
        return ("scrgadm", "-a", "-g", name, *_option("-h", ",".join(nodes)), *_given("-y", settings))

    def change_group(self, name: str, nodes: Sequence[str], settings: Mapping[str, str]) -> Argv:
        """Set properties of a group and, unless there are none, its nodes.

        The synopsis of scrgadm wants a property to be set besides ``-h``, so nodes are one too.
        """
        settings = {**({"Nodelist": ",".join(nodes)} if nodes else {}), **settings}
        if self.objects:
            return ("clrg", "set", *_given("-p", settings), name)
        return ("scrgadm", "-c", "-g", name, *_given("-y", settings))

    def delete_group(self, name: str) -> Argv:
        """Delete a group without resources."""
        return ("clrg", "delete", name) if self.objects else ("scrgadm", "-r", "-g", name)

    def manage(self, group: str, managed: bool) -> Argv:
        """Have the cluster manage the group, which is offline then; or no longer manage an offline one."""
        if self.objects:
            return ("clrg", "manage" if managed else "unmanage", group)
        return ("scswitch", "-o" if managed else "-u", "-g", group)

    def online(self, group: str, node: str) -> Argv:
        """Bring an offline group online on a node."""
        return ("clrg", "online", "-n", node, group) if self.objects else self.switch(group, node)

    def switch(self, group: str, node: str) -> Argv:
        """Have the group online on that node alone."""
        return ("clrg", "switch", "-n", node, group) if self.objects else ("scswitch", "-z", "-g", group, "-h", node)

    def offline(self, group: str) -> Argv:
        """Take the group offline on all nodes."""
        return ("clrg", "offline", group) if self.objects else ("scswitch", "-F", "-g", group)

    def evacuate(self, node: str) -> Argv:
        """Move all groups away from a node."""
        return ("clrg", "evacuate", "-n", node, "+") if self.objects else ("scswitch", "-S", "-h", node)

    def suspend(self, group: str, suspended: bool) -> Argv:
        """Suspend the group's automatic recovery, or resume it."""
        return ("clrg", "suspend" if suspended else "resume", group)

    # -- resources --------------------------------------------------------------------------------------------------

    def create_resource(self, name: str, group: str, resource_type: str, settings: Mapping[str, str]) -> Argv:
        """Create a disabled resource; without ``-d``, clrs would enable it at once."""
        if self.objects:
            return ("clrs", "create", "-g", group, "-t", resource_type, "-d", *_given("-p", settings), name)
        return ("scrgadm", "-a", "-j", name, "-t", resource_type, "-g", group, *_by_sort(settings))

    def create_host_names(self, name: str, group: str, shared: bool, settings: Mapping[str, str]) -> Sequence[Argv]:
        """Create a disabled resource that is the host names in ``HostnameList``."""
        hosts, interfaces = settings["HostnameList"], settings.get("NetIfList", "")
        others = {key: value for key, value in settings.items() if key not in ("HostnameList", "NetIfList")}
        if self.objects:
            create: Argv = ("clrssa" if shared else "clrslh", "create", "-g", group, "-h", hosts)
            return [(*create, *_option("-N", interfaces), *_given("-p", others), "-d", name)]
        # Only standard properties can be given at once.
        extensions = {key: value for key, value in others.items() if is_extension(key)}
        standard = {key: value for key, value in others.items() if key not in extensions}
        create = ("scrgadm", "-a", "-S" if shared else "-L", "-g", group, "-l", hosts, "-j", name)
        create = (*create, *_option("-n", interfaces), *_given("-y", standard))
        return [create, self.change_resource(name, extensions)] if extensions else [create]

    def change_resource(self, name: str, settings: Mapping[str, str]) -> Argv:
        """Set properties of a resource."""
        if self.objects:
            return ("clrs", "set", *_given("-p", settings), name)
        return ("scrgadm", "-c", "-j", name, *_by_sort(settings))

    def delete_resource(self, name: str) -> Argv:
        """Delete a disabled resource."""
        return ("clrs", "delete", name) if self.objects else ("scrgadm", "-r", "-j", name)

    def enable(self, resources: Sequence[str], enabled: bool) -> Argv:
        """Enable or disable resources; the order is that in which they are named."""
        if self.objects:
            return ("clrs", "enable" if enabled else "disable", *resources)
        return ("scswitch", "-e" if enabled else "-n", "-j", ",".join(resources))

    def monitor(self, resource: str, monitored: bool) -> Argv:
        """Switch the fault monitor of a resource on or off; the resource keeps running."""
        if self.objects:
            return ("clrs", "monitor" if monitored else "unmonitor", resource)
        return ("scswitch", "-e" if monitored else "-n", "-M", "-j", resource)

    def clear(self, node: str, resources: Sequence[str]) -> Argv:
        """Clear the error flag of resources that failed to stop on the node."""
        if self.objects:
            return ("clrs", "clear", "-f", "STOP_FAILED", "-n", node, *resources)
        return ("scswitch", "-c", "-h", node, "-j", ",".join(resources), "-f", "STOP_FAILED")


def _named(nodes: str) -> bool:
    """Whether the list names nodes, and does not mean all."""
    return nodes.lower() not in ("", "all", "<all>")


def _option(option: str, value: str) -> Argv:
    """The option where it has a value."""
    return (option, value) if value else ()


def _given(option: str, settings: Mapping[str, str]) -> Argv:
    return tuple(word for key, value in settings.items() for word in (option, f"{key}={value}"))


def _by_sort(settings: Mapping[str, str]) -> Argv:
    """Extension properties with ``-x``, standard ones with ``-y``."""
    return tuple(
        word for key, value in settings.items() for word in ("-x" if is_extension(key) else "-y", f"{key}={value}")
    )
