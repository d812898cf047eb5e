#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scalix_instance
short_description: Have a node know all Scalix instances of a cluster
version_added: 0.1.0
description:
  - Each installation registers its instance on its own node alone. This module makes C(instance.cfg) the union of all
    nodes' blocks, by OMNAME, sets OMAUTOSTART, and brings Tomcat's connector files for Apache, with the rules wizard's
    and the list of mod_jk's workers, to each node.
  - Keys and comments that it does not know are kept, also those that only one node has, and what belongs to instances
    that are not named stays as it is. What two nodes, or a node and the description, say differently of one instance is
    refused.
  - A connector file is that of the node on which its instance's volume is mounted. Without such a node in the run, or
    if that node does not know the instance yet, missing files are filled in, and nothing is replaced or removed.
  - Each file is replaced atomically, and the former one is kept beside it.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.scalix.instances
options:
  nodes:
    description:
      - What M(groupware.ha.scalix_node_info) returned as RV(groupware.ha.scalix_node_info#module:state) on each node of
        the run, by name.
    type: dict
    required: true
  node:
    description: This node's name in O(nodes).
    type: str
    required: true
  autostart:
    description: Whether Scalix starts the instances when a node boots. In a cluster it must not.
    type: bool
    default: false
  web_server_reload:
    description:
      - Command that has Apache read the connector files. Run when a file was written, also by the run after one that
        was cut off before. Empty for none.
    type: list
    elements: str
    default: []
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what each node has of Scalix
  groupware.ha.scalix_node_info:
    instances: "{{ scalix_instances }}"
  register: scalix

- name: Register all instances on all nodes
  groupware.ha.scalix_instance:
    instances: "{{ scalix_instances }}"
    nodes: >-
      {{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, ['scalix', 'state']))) }}
    node: "{{ inventory_hostname }}"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which file.
  returned: success
  type: list
  elements: dict
  sample: [{path: /etc/opt/scalix/instance.cfg, action: write}]
backups:
  description: Paths of the copies that were kept.
  returned: success
  type: list
  elements: str
commands:
  description: The command that was run to have Apache read its files, or would be.
  returned: always
  type: list
  elements: str
  sample: [service httpd reload]
"""


from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_files import wanted_files
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import instances_of
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import telling
from ansible_collections.groupware.ha.plugins.module_utils.products import scalix_node
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "instances": scalix_node.INSTANCES_ARGUMENT,
            "nodes": {"type": "dict", "required": True},
            "node": {"type": "str", "required": True},
            "autostart": {"type": "bool", "default": False},
            "web_server_reload": {"type": "list", "elements": "str", "default": []},
        }
    )

    def work(runner):
        nodes, node, autostart = (module.params[name] for name in ("nodes", "node", "autostart"))
        instances = instances_of(module.params["instances"])
        own = scalix_node.read_mounted(instances, runner).as_dict()
        wanted = wanted_files({**nodes, node: own}, node, instances, autostart)
        changes = files.plan(scalix_node.entries(wanted), frozenset(), module.check_mode).changes
        with telling(scalix_node.web_server(module.params["web_server_reload"], bool(changes)), runner):
            backups = [] if module.check_mode else files.apply(changes)
        return {
            "changed": bool(changes or runner.commands),
            "changes": [{"path": change.entry.path, "action": change.action} for change in changes],
            "backups": backups,
            "diff": [change.diff() for change in changes],
        }

    module.run(work)


if __name__ == "__main__":
    main()
