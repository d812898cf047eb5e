#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_instance_info
short_description: Show what a node has of Messaging Server instances
version_added: 0.1.0
description:
  - Looks at files alone, for many instances in one call. Works on a node that has nothing of them.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  instances:
    description: The instances.
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
      data_root:
        description: Directory on the volume for all that is the instance's own.
        type: path
        required: true
      mount_point:
        description: Where the service's volume is mounted.
        type: path
        required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what this node has of an instance
  groupware.ha.messaging_instance_info:
    instances:
      - name: mail1
        server_root: /opt/mail1/messaging64
        data_root: /mail1/data
        mount_point: /mail1
  register: found
"""

RETURN = r"""
instances:
  description: By name, the same as RV(groupware.ha.messaging_instance#module:before).
  returned: success
  type: dict
  sample:
    mail1: {installed: true, mounted: false, configured: null, joined: true, unfinished: [], agents: []}
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instance import instance_of
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    path = {"type": "path", "required": True}
    options = {"name": {"type": "str", "required": True}, "server_root": path, "data_root": path, "mount_point": path}
    module = Module(
        {"instances": {"type": "list", "elements": "dict", "required": True, "options": options}},
    )

    def work(runner):
        found = {given["name"]: instance_of(given, runner).state().as_dict() for given in module.params["instances"]}
        return {"changed": False, "instances": found}

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
