#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: resource
short_description: Manage one resource of a cluster in native names
description:
  - Creates, changes or removes one resource, as a member of a group or on its own (as fencing devices are).
  - Only the settings that are given are compared; others are left alone.
  - For whole deployments use M(groupware.ha.failover_services), which costs the same few commands for any
    number of services.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
  - groupware.ha.engine.native
  - groupware.ha.engine.permission
options:
  group:
    description:
      - The group that the resource is a member of; a new member starts after those that are there.
      - A group that does not exist is created on Pacemaker with this resource as its first member.
    type: str
  enabled:
    description:
      - Whether the resource runs when its service does. Left alone when not given.
      - Red Hat Cluster Suite knows no such thing of a member of a service.
    type: bool
  monitored:
    description:
      - Whether the cluster watches the resource. Left alone when not given.
      - Only Solaris Cluster and Pacemaker keep this for a single resource.
    type: bool
  state:
    description: V(absent) stops the resource and what depends on it in its group, and removes it.
    type: str
    default: present
    choices: [present, absent]
"""

EXAMPLES = r"""
---
- name: A second address for mail1
  groupware.ha.resource:
    name: mail1_second_address
    group: mail1
    type: ocf:heartbeat:IPaddr2
    properties: {ip: 192.0.2.41, cidr_netmask: 24}
    operations: {monitor: {interval: 10s, timeout: 20s}}
"""

RETURN = r"""
---
changes:
  description:
    - What was changed, or would be changed in check mode, in the order of doing it.
    - RV(groupware.ha.failover_services#module:changes) says what the keys are.
  returned: success
  type: list
  elements: dict
  sample:
    - action: update
      kind: resource
      name: mail1_address
      service: mail1
      before: {ip: 192.0.2.21}
      after: {ip: 192.0.2.22}
restarts:
  description: Services that run, and that the changes stop for a while or move to another node.
  returned: success
  type: list
  elements: str
  sample: ["mail1"]
services:
  description: Every service of the cluster as it stands afterwards.
  returned: success
  type: dict
  sample:
    mail1: {state: online, node: nodea, nodes: [nodea], enabled: true, managed: true, failures: [], members: {}}
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.entry import (
    FRAMEWORK_OPTIONS,
    PERMISSION_OPTIONS,
    RESOURCE_OPTIONS,
    native_axes,
    native_resource,
    native_service,
    permitted_session,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main():
    module = Module(
        {
            **FRAMEWORK_OPTIONS,
            **RESOURCE_OPTIONS,
            **PERMISSION_OPTIONS,
            "group": {"type": "str"},
            "enabled": {"type": "bool"},
            "monitored": {"type": "bool"},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        },
        required_if=[("state", "present", ["type"])],
    )
    parameters = module.params

    def work(runner):
        framework = create_framework(parameters["framework"], runner)
        session = permitted_session(framework, module)
        if parameters["state"] == "absent":
            return session.converge(ClusterConfig(), absent=[parameters["name"]]).as_dict()
        resource = native_resource(
            framework, parameters, native_axes(framework, "resource", parameters, ["enabled", "monitored"])
        )
        if parameters["group"] is None:
            return session.converge(ClusterConfig(resources=(resource,))).as_dict()
        group = native_service(framework, parameters["group"], [resource])
        return session.converge(ClusterConfig(services=(group,))).as_dict()

    module.run(work)


if __name__ == "__main__":
    main()
