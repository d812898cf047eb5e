#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module messaging_service_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_service_info
short_description: Ask instances of Messaging Server whether they work
version_added: 0.2.0
description:
  - Asks the options and commands of each instance on the node that runs it. C(stored -t) says whether the message store
    works, C(imsimta process) whether the dispatcher and the job controller of its MTA run, and the options on which
    ports it is to be asked over the network.
  - Does not fail when an instance does not work. C(msprobe) is not run, since it restarts servers that are slow.
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
        description: The directory that the manuals call C(MessagingServer_home).
        type: path
        required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have Messaging Server say how it is
  groupware.ha.messaging_service_info:
    node: nodea
    instances:
      - {name: mail1, server_root: /opt/mail1/messaging64}
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
    mail1: {running: [stored, dispatcher, job_controller], ports: {imap: 143, smtp: 25}, problems: [], unknown: []}
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_running import ask
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import local_server
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
            given["name"]: ask(local_server(given["server_root"], runner), module.params["node"]).as_dict()
            for given in module.params["instances"]
        }
        return {"changed": False, "instances": found}

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
