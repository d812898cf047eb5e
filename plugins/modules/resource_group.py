#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: resource_group
short_description: Manage one service of a cluster in native names
description:
  - Creates, changes or removes one resource group (service group, group) with its placement and properties.
  - For whole deployments use M(groupware.ha.failover_services), which costs the same few commands for any
    number of services.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
  - groupware.ha.engine.permission
options:
  name:
    description: Name of the group.
    type: str
    required: true
  nodes:
    description:
      - Nodes that may run the group, the preferred one first. It is kept off all others.
      - When left out, the placement is not managed.
    type: list
    elements: str
    default: []
  properties:
    description: Properties of the group in the framework's own names (meta attributes on Pacemaker).
    type: dict
    default: {}
  resources:
    description:
      - Members to create or change, in the order in which they start. Other members are left alone.
      - Needed to create a group on Pacemaker, which knows no group without members.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the resource, unique in the cluster.
        type: str
        required: true
      type:
        description: Type of the resource as the framework names it.
        type: str
        required: true
      properties:
        description: Properties in the framework's own names (instance attributes on Pacemaker).
        type: dict
        default: {}
      meta:
        description: Meta attributes; a setting of its own on Pacemaker.
        type: dict
        default: {}
      operations:
        description: For each operation its settings.
        type: dict
        default: {}
  managed:
    description:
      - Whether the cluster acts on the group. Left alone when not given.
      - An unmanaged group of Solaris Cluster is offline; elsewhere the group is left running as it is (C(is-managed) on
        Pacemaker, a persistent freeze on Veritas Cluster Server and Red Hat Cluster Suite, C(ENABLED=0) on Oracle
        Clusterware).
    type: bool
  state:
    description: V(absent) stops the group and removes it with its members.
    type: str
    default: present
    choices: [present, absent]
"""

EXAMPLES = r"""
---
- name: A web server that follows its address
  groupware.ha.resource_group:
    name: web1
    nodes: [nodea, nodeb]
    properties:
      resource-stickiness: 1000
    resources:
      - name: web1_address
        type: ocf:heartbeat:IPaddr2
        properties: {ip: 192.0.2.31, cidr_netmask: 24}
        operations: {monitor: {interval: 10s}}
      - name: web1_server
        type: systemd:nginx
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
            **PERMISSION_OPTIONS,
            "name": {"type": "str", "required": True},
            "nodes": {"type": "list", "elements": "str", "default": []},
            "properties": {"type": "dict", "default": {}},
            "resources": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {**RESOURCE_OPTIONS, "type": {"type": "str", "required": True}},
            },
            "managed": {"type": "bool"},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        }
    )
    parameters = module.params

    def work(runner):
        framework = create_framework(parameters["framework"], runner)
        session = permitted_session(framework, module)
        if parameters["state"] == "absent":
            return session.converge(ClusterConfig(), absent=[parameters["name"]]).as_dict()
        service = native_service(
            framework,
            parameters["name"],
            [native_resource(framework, member) for member in parameters["resources"]],
            parameters["nodes"],
            parameters["properties"],
            native_axes(framework, "service", parameters, ["managed"]),
        )
        return session.converge(ClusterConfig(services=(service,))).as_dict()

    module.run(work)


if __name__ == "__main__":
    main()
