#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logical_addresses
short_description: Prepare a node for the logical addresses of a cluster
version_added: 0.1.0
description:
  - Keeps a block in the hosts file with all nodes and all logical hosts, so that the cluster does not depend on DNS.
    Names of the block are taken out of lines that give them to the loopback; where a line gives one to another address,
    the module fails.
  - Fails when the node has no interface on the network of an address that it may carry, and when an address is in the
    node's own network configuration, so that it would take it at boot while another node has it.
  - Returns which of the addresses are online on this node. Never adds or removes an address; that is the cluster's
    part.
attributes:
  diff_mode:
    description: Shows the hosts file before and after.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  nodes:
    description: All nodes of the cluster.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The node's name, as C(uname -n) says it.
        type: str
        required: true
      address:
        description: The node's own address.
        type: str
        required: true
  addresses:
    description: All logical addresses.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service.
        type: str
        required: true
      host_name:
        description: The logical host name.
        type: str
        required: true
      address:
        description: The logical address, without a prefix length.
        type: str
        required: true
      nodes:
        description: Names of the nodes that may carry it.
        type: list
        elements: str
        required: true
  node:
    description: This node's name. The default is what C(uname -n) says.
    type: str
  hosts_file:
    description: The hosts file.
    type: path
    default: /etc/hosts
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Prepare the nodes for a logical address
  groupware.ha.logical_addresses:
    nodes:
      - {name: nodea, address: 192.0.2.11}
      - {name: nodeb, address: 192.0.2.12}
    addresses:
      - {name: mail1, host_name: mail1.example.com, address: 192.0.2.21, nodes: [nodea, nodeb]}
"""

RETURN = r"""
node:
  description: This node's name.
  returned: success
  type: str
  sample: nodea
online:
  description: Those of the addresses that are online on this node.
  returned: success
  type: list
  elements: str
  sample: [192.0.2.21]
hardware:
  description: Hardware addresses of this node's interfaces.
  returned: success
  type: list
  elements: str
  sample: ["52:54:00:12:34:56"]
problems:
  description: Every reason why nothing was done, each with key, value, reason and remedy.
  returned: failure
  type: list
  elements: dict
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.logical_addresses import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
