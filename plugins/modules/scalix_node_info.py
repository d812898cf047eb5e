#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scalix_node_info
short_description: Show what a node of a cluster has of Scalix
version_added: 0.1.0
description:
  - Reads the registered instances, the connector files of Tomcat, the services that start at boot, and of each instance
    whose volume is mounted here, how far its installation has come. Works on a node that has nothing of it yet.
  - M(groupware.ha.scalix_instance) makes the files of all nodes alike from it.
extends_documentation_fragment:
  - groupware.ha.engine.reading
  - groupware.ha.scalix.instances
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what each node has of Scalix
  groupware.ha.scalix_node_info:
    instances:
      - {name: mail1, host_name: mail1.example.com}
      - {name: mail2, host_name: mail2.example.com}
  register: scalix
"""

RETURN = r"""
state:
  description: What is there.
  returned: success
  type: dict
  contains:
    installed:
      description: Whether the software is on the node.
      returned: always
      type: bool
    instance_cfg:
      description: Text of C(/etc/opt/scalix/instance.cfg), null without one. In all texts a byte is a character.
      returned: always
      type: str
    connectors:
      description: Texts of the files in C(/etc/opt/scalix-tomcat/connector), by their paths below it.
      returned: always
      type: dict
    web_client:
      description: Text of C(/opt/scalix/global/httpd/scalix-web-client.conf), null without one.
      returned: always
      type: str
    instances:
      description:
        - Those of O(instances) whose volumes are mounted on this node, by name. Status is V(absent), V(unfinished) or
          V(installed); V(missing) is what an unfinished installation lacks.
      returned: always
      type: dict
      sample:
        mail1: {status: installed, missing: [], shutdown_port: 8005, web_applications: [api, caa, sac, webmail]}
    boot:
      description: Services of Scalix that start when the node boots.
      returned: always
      type: list
      elements: str
      sample: [scalix]
    unread:
      description: Whether Apache was not told of its files by the run that wrote them, which was cut off.
      returned: always
      type: bool
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.scalix_node_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
