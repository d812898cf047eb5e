#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module calendar_service_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: calendar_service_info
short_description: Ask installations of Calendar Server 6.3 whether they work
version_added: 0.2.0
description:
  - Asks each installation on the node that runs it. C(start-cal -L) and C(start-cal -l) say which of its services are
    enabled and which are active, C(ics.conf) on which port it is to be asked over the network.
  - Does not fail when an installation does not work.
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
      server_root:
        description: Directory of the installation, such as C(/opt/SUNWics5/cal).
        type: path
        required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have Calendar Server say how it is
  groupware.ha.calendar_service_info:
    node: nodea
    instances:
      - {name: cal, server_root: /opt/SUNWics5/cal}
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
    cal: {running: [watcher, enpd, csstored, csnotifyd, csadmind, cshttpd], ports: {web: 80}, problems: [], unknown: []}
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_running import ask
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
                    "server_root": {"type": "path", "required": True},
                },
            },
        }
    )

    def work(runner):
        found = {
            given["name"]: ask(runner, given["server_root"], module.params["node"]).as_dict()
            for given in module.params["instances"]
        }
        return {"changed": False, "instances": found}

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
