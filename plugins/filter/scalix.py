# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role scalix plans for all nodes at once."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.applications.scalix_instances import judged_instances
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_connectors import judge_admin
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_files import INSTALLED, differing_files
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import (
    InstanceError,
    instances_of,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_tomcat import shutdown_ports
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def scalix_instances(services):
    """The instances of services as P(groupware.ha.instances#filter) gives them, judged."""
    return judged_instances(services)


def scalix_plan(states, instances, admin, ports, predict=False):
    """One plan for all nodes of the run, of what scalix_node_info returned on each.

    Ports of all Tomcats, instances whose volumes no node of the run has, those of them that are not installed yet, and
    every reason not to go on. A prediction goes on without their volumes.
    """
    names = [instance["name"] for instance in instances]
    seen = {name: found for state in states.values() for name, found in state["instances"].items()}
    not_seen = [name for name in names if name not in seen]
    problems = []
    if names and admin not in names:
        problems.append(f"scalix_admin_instance = {admin}: is no instance; the instances are {', '.join(names)}")
    homes = {instance["nodes"][0] for instance in instances}
    for node, state in states.items():
        waiting = [instance["name"] for instance in instances if node in instance["nodes"]]
        if waiting and not state["installed"] and node not in homes:
            problems.append(
                f"{node}: may run {' and '.join(waiting)}, but Scalix is not installed there, and installing an "
                "instance at home there is the only way that Scalix documents; make it the home of an instance, or "
                "install the software there by hand"
            )
    try:
        planned = shutdown_ports(names, {name: found["shutdown_port"] for name, found in seen.items()}, ports)
    except InstanceError as error:
        planned = {}
        problems.append(f"scalix_shutdown_ports: {error}")
    try:
        if admin in seen and seen[admin]["status"] == "installed":
            judge_admin(admin, seen[admin]["web_applications"])
        known = {block.name for state in states.values() for block in parse(state["instance_cfg"] or "")}
    except InstanceError as error:
        known = set(names)
        problems.append(str(error))
    new = [
        instance["name"]
        for instance in instances
        if instance["name"] in not_seen and instance["name"] not in known and instance["nodes"][0] in states
    ]
    if not predict:
        problems.extend(
            f"instance {name}: is not installed, and no node has its volume mounted; bring its service online without "
            "its application (role failover_service with failover_service_include_applications: false)"
            for name in new
        )
    return {"problems": problems, "ports": planned, "not_seen": not_seen, "new": new}


def scalix_differences(states, instances, plan):
    """What the role would do besides running the product's own tools, in words.

    Ports and connector files of a node depend on those of all the others.
    """
    lines = [
        f"{name}: its volume is mounted on none of these nodes, so that it is not known whether it lacks anything"
        for name in plan["not_seen"]
    ]
    for node, state in states.items():
        for name, found in state["instances"].items():
            port = plan["ports"].get(name, found["shutdown_port"])
            if found["status"] == INSTALLED and found["shutdown_port"] != port:
                lines.append(f"{node}: gives the Tomcat of {name} the shutdown port {port}")
        if any(node in instance["nodes"] for instance in instances):
            try:
                paths = differing_files(states, node, instances_of(instances))
            except InstanceError as error:
                lines.append(f"{node}: cannot know all instances: {error}")
            else:
                lines += [f"{node}: writes {path}" for path in paths]
                if state["unread"]:
                    lines.append(f"{node}: has Apache read its files, which the run that wrote them did not")
    return lines


FilterModule = filter_module(
    scalix_differences=scalix_differences, scalix_instances=scalix_instances, scalix_plan=scalix_plan
)
