#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: resource_type
short_description: Make sure that a cluster has a resource type
description:
  - On frameworks that register resource types it registers or removes one.
  - On Pacemaker a resource type is an agent on the node that a package brings. There the module changes nothing; it
    fails when the agent is missing (or, with O(state=absent), present) and says what to do.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
options:
  name:
    description: The type as the framework names it.
    type: str
    required: true
  state:
    description: Whether the type is to be there.
    type: str
    default: present
    choices: [present, absent]
"""

EXAMPLES = r"""
---
- name: Refuse to go on without the agent
  groupware.ha.resource_type:
    name: ocf:heartbeat:dovecot
"""

RETURN = r"""
---
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.entry import FRAMEWORK_OPTIONS, run_module
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework


def main():
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **FRAMEWORK_OPTIONS,
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        },
        supports_check_mode=True,
    )
    name, state = module.params["name"], module.params["state"]

    def work(runner):
        framework = create_framework(module.params["framework"], runner)
        missing = framework.missing_agents([name])
        if missing and state == "present":
            raise FrameworkError(f"name = {name!r}: this node has no such agent; install the package that brings it")
        if not missing and state == "absent":
            raise FrameworkError(f"name = {name!r}: the agent belongs to a package; remove that package instead")
        return {"changed": False, "diff": {"before": "", "after": ""}}

    run_module(module, work)


if __name__ == "__main__":
    main()
