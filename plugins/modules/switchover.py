#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: switchover
short_description: Bring a service online or offline, move or freeze it, clear its failures, or evacuate a node
description:
  - Carries out one operation on a running cluster, waits until it has settled, and fails unless everything ended where
    it should; it reports where that is.
  - A target that cannot take the service is refused before anything is touched, and so is a node that carries services
    which no other node can take.
  - In a cluster without quorum nothing but V(returned) is done.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
options:
  service:
    description: The service to operate on. Needed for all states but V(evacuated) and V(returned).
    type: str
  node:
    description:
      - For V(online) and V(moved) the node to run the service on; without it V(online) takes any, and V(moved) the
        best of the service's other nodes. A service with C(failback) returns to its home by itself, so it cannot be
        kept elsewhere.
      - For V(evacuated) and V(returned) the node that they are about.
    type: str
  state:
    description:
      - V(online) has the service run, and V(offline) keeps it stopped until it is brought online again.
      - V(moved) has a running service run on another node. Without O(node) it moves at every run, so it is the one
        operation that is not idempotent.
      - V(frozen) has the cluster leave the service as it is, for maintenance; V(unfrozen) has it act on it again.
      - V(cleared) has the cluster forget that members of the service failed, so that it can run them again. Look first
        at why they failed, and that nothing of theirs runs any more.
      - V(evacuated) takes all services off the node and keeps it free of them; V(returned) lets it take services again.
        Solaris Cluster, Oracle Clusterware and Red Hat Cluster Suite do not keep a node free; there a warning says so.
    type: str
    required: true
    choices: [online, offline, moved, frozen, unfrozen, cleared, evacuated, returned]
  offline_too:
    description:
      - For V(evacuated), whether services that no other node can take may go offline, which a warning then says.
      - Without it such a node is not evacuated at all.
      - They may have to be brought online again when a node can take them, as Veritas Cluster Server and Oracle
        Clusterware leave them offline.
    type: bool
    default: false
"""

EXAMPLES = r"""
---
- name: Run mail1 on nodeb
  groupware.ha.switchover:
    service: mail1
    node: nodeb
    state: online

- name: Free nodea for maintenance
  groupware.ha.switchover:
    node: nodea
    state: evacuated
"""

RETURN = r"""
---
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


from ansible_collections.groupware.ha.plugins.module_utils.engine.operate import Operator
from ansible_collections.groupware.ha.plugins.module_utils.entry import FRAMEWORK_OPTIONS
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main():
    module = Module(
        {
            **FRAMEWORK_OPTIONS,
            "service": {"type": "str"},
            "node": {"type": "str"},
            "state": {
                "type": "str",
                "required": True,
                "choices": ["online", "offline", "moved", "frozen", "unfrozen", "cleared", "evacuated", "returned"],
            },
            "offline_too": {"type": "bool", "default": False},
        },
        required_if=[
            ("state", "online", ["service"]),
            ("state", "offline", ["service"]),
            ("state", "moved", ["service"]),
            ("state", "frozen", ["service"]),
            ("state", "unfrozen", ["service"]),
            ("state", "cleared", ["service"]),
            ("state", "evacuated", ["node"]),
            ("state", "returned", ["node"]),
        ],
    )
    service, node, state, offline_too = (module.params[name] for name in ("service", "node", "state", "offline_too"))
    # Evacuating a whole node when one service was meant would be worse than refusing.
    unused = None if state in ("online", "moved") else "service" if state in ("evacuated", "returned") else "node"
    if unused is not None and module.params[unused] is not None:
        module.fail_json(msg=f"{unused} = {module.params[unused]!r}: has no meaning with state: {state}; leave it out")
    if offline_too and state != "evacuated":
        module.fail_json(msg=f"offline_too = True: has no meaning with state: {state}; leave it out")

    def work(runner):
        framework = create_framework(module.params["framework"], runner)
        operator = Operator(framework, module.params["timeout"])
        movement = {
            "online": lambda: operator.service_online(service, node),
            "offline": lambda: operator.service_offline(service),
            "moved": lambda: operator.service_moved(service, node),
            "frozen": lambda: operator.service_frozen(service, True),
            "unfrozen": lambda: operator.service_frozen(service, False),
            "cleared": lambda: operator.service_cleared(service),
            "evacuated": lambda: operator.node_evacuated(node, offline_too),
            "returned": lambda: operator.node_returned(node),
        }[state]()
        status = operator.carry_out(movement) or framework.status()
        return {
            "changed": movement.changed,
            "diff": movement.diff(),
            "services": status.as_dict()["services"],
            "warnings": movement.warnings,
        }

    module.run(work)


if __name__ == "__main__":
    main()
