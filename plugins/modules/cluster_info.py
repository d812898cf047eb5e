#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cluster_info
short_description: Say what a cluster is configured to do and where everything is
description:
  - Returns the normalised status of nodes and services and the configuration in the framework's own names.
  - A node on which no cluster runs is not an error, so that it can be asked which node to work on.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
"""

EXAMPLES = r"""
---
- name: Where is everything?
  groupware.ha.cluster_info:
  register: info

- name: Show the node that runs mail1
  ansible.builtin.debug:
    msg: "{{ info.cluster.services.mail1.node }}"
"""

RETURN = r"""
---
cluster:
  description: The cluster as this node sees it.
  returned: success
  type: dict
  contains:
    running:
      description: Whether the cluster runs on this node.
      type: bool
    framework:
      description: The framework that was found.
      type: str
      sample: pacemaker
    quorate:
      description: Whether this node's part of the cluster has quorum.
      type: bool
    nodes:
      description: The members and whether they are online, in standby, in maintenance, or unclean.
      type: dict
      sample: {nodea: {online: true, standby: false, maintenance: false, unclean: false}}
    services:
      description: Every service, its state and its members.
      type: dict
    resources:
      description: Resources that are members of no service, such as fencing devices.
      type: dict
    configuration:
      description: Properties, resources and services in the framework's own names, secrets hidden.
      type: dict
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.entry import FRAMEWORK_OPTIONS, run_module
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.reconcile import shown_configuration


def main():
    """Run the module."""
    module = AnsibleModule(argument_spec=FRAMEWORK_OPTIONS, supports_check_mode=True)

    def work(runner):
        cluster = {"running": False}
        try:
            framework = create_framework(module.params["framework"], runner)
            status, configuration = framework.status(), framework.read()
        except NotRunning as error:
            cluster["reason"] = str(error)
        else:
            cluster = {
                "running": True,
                "framework": framework.name,
                **status.as_dict(),
                "configuration": shown_configuration(configuration),
            }
        return {"changed": False, "diff": {"before": "", "after": ""}, "cluster": cluster}

    run_module(module, work)


if __name__ == "__main__":
    main()
