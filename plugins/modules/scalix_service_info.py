#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module scalix_service_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: scalix_service_info
short_description: Ask instances of Scalix whether they work
version_added: 0.2.0
description:
  - Asks each instance on the node that runs it. C(omstat -s) and C(omstat -a) say in which state its services and
    daemons are. What an administrator has disabled is no problem, and is said.
  - Does not fail when an instance does not work.
attributes:
  check_mode:
    description: Only reads, so check mode makes no difference.
    support: full
  diff_mode:
    description: Only reads.
    support: none
  idempotent:
    description: Only reads.
    support: full
options:
  node:
    description: This node's name, to speak of it in answers.
    type: str
    required: true
  instances:
    description: The instances that run on this node.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service.
        type: str
        required: true
      instance:
        description: Name of the instance.
        type: str
        required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have Scalix say how it is
  groupware.ha.scalix_service_info:
    node: nodea
    instances:
      - {name: mail1, instance: mail1}
  register: own
"""

RETURN = r"""
instances:
  description:
    - What each instance's own commands say, by name of the service. V(running) has its servers that run, V(ports) where
      it is to be asked over the network, null where it does not say. V(problems) are wrong, V(unknown) could not be
      asked.
  returned: success
  type: dict
  sample:
    mail1: {running: [9 services, 6 daemons], ports: null, problems: [], unknown: []}
"""


from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.products.scalix_running import CURRENT, ask
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "node": {"type": "str", "required": True},
            "instances": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "instance": {"type": "str", "required": True},
                },
            },
        }
    )

    def work(_runner):
        found = {}
        for given in module.params["instances"]:
            instance = given["instance"]
            runner = LocalRunner(environment={CURRENT: instance})
            found[given["name"]] = ask(runner, instance, module.params["node"]).as_dict()
        return {"changed": False, "instances": found}

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
