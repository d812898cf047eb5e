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
  - On Solaris Cluster it registers a type; on Veritas Cluster Server and Oracle Clusterware it creates or changes one
    with its attributes; O(state=absent) takes it away again, which the framework refuses while resources are of it.
  - On Pacemaker and Red Hat Cluster Suite a type is an agent on the node that a package brings. There the module
    changes nothing; it fails when the agent is missing (or, with O(state=absent), present) and says what to do.
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
  base_type:
    description: The type that a new one is derived from, as V(cluster_resource) on Oracle Clusterware.
    type: str
  properties:
    description:
      - Properties of the type in the framework's own names; only these are compared.
      - On Veritas Cluster Server static attributes such as C(FaultOnMonitorTimeouts).
    type: dict
    default: {}
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

- name: Register the agent of Calendar Server with Solaris Cluster
  groupware.ha.resource_type:
    name: SUNW.scics
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
  sample: [{action: create, kind: type, name: SUNW.scics, service: null, before: null, after: {}}]
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.session import Session
from ansible_collections.groupware.ha.plugins.module_utils.entry import FRAMEWORK_OPTIONS, native_type
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main():
    module = Module(
        {
            **FRAMEWORK_OPTIONS,
            "name": {"type": "str", "required": True},
            "base_type": {"type": "str"},
            "properties": {"type": "dict", "default": {}},
            "state": {"type": "str", "default": "present", "choices": ["present", "absent"]},
        }
    )
    parameters = module.params
    name, state = parameters["name"], parameters["state"]

    def work(runner):
        framework = create_framework(parameters["framework"], runner)
        if framework.capabilities.registers_types:
            session = Session(framework, module.check_mode, parameters["timeout"])
            if state == "absent":
                outcome = session.converge(ClusterConfig(), absent=[name])
            else:
                outcome = session.converge(ClusterConfig(types=(native_type(framework, parameters),)))
            result = outcome.as_dict()
            return {key: result[key] for key in ("changed", "changes", "diff", "warnings")}
        missing = framework.missing_agents([name])
        if missing and state == "present":
            raise FrameworkError(f"name = {name!r}: this node has no such agent; install the package that brings it")
        if not missing and state == "absent":
            raise FrameworkError(f"name = {name!r}: the agent belongs to a package; remove that package instead")
        return {"changed": False, "changes": [], "diff": {"before": "", "after": ""}}

    module.run(work)


if __name__ == "__main__":
    main()
