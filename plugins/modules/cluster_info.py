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
  - A node on which no cluster runs is not an error, so that it can be asked which node to work on. To a user other than
    root it is one, since a cluster that he may not ask looks the same.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.framework
options:
  export:
    description:
      - Also return the configuration as a description of this collection, to adopt what exists. Applied to the same
        cluster it changes nothing.
      - What the description has no words for is listed in C(unexpressed), never dropped in silence.
    type: bool
    default: false
  saved:
    description:
      - Path of a configuration that was saved to a file on the node, to read instead of the running cluster.
        O(framework) must be given with it.
      - A CIB for V(pacemaker), the output of C(scrgadm -pvv) for V(solaris_cluster), C(main.cf) for V(vcs), the output
        of C(crsctl status resource -f) for V(clusterware), C(cluster.conf) for V(rhcs).
    type: path
  online:
    description:
      - Wait until the cluster runs on this node and these nodes are online in it, up to O(timeout) seconds, and fail if
        they are not. Without effect in check mode.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
---
- name: Where is everything?
  groupware.ha.cluster_info:
  register: info

- name: A description of what this cluster runs
  groupware.ha.cluster_info:
    export: true
  register: adopted

- name: What a cluster of another site was configured to do
  groupware.ha.cluster_info:
    framework: rhcs
    saved: /root/cluster.conf
    export: true

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
    remains:
      description: What the node still has of a cluster of any framework; empty where nothing is left for certain.
      returned: the cluster does not run on this node
      type: list
      elements: str
      sample: ["corosync: started at boot", "corosync.conf: there"]
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
    weaknesses:
      description:
        - What keeps the cluster from surviving the next failure although all runs, as far as the framework tells.
          Nodes in standby or in maintenance, frozen services, bans and preferences that a move left behind, nodes on
          which a service failed too often, fencing that does not work.
      type: list
      elements: dict
      sample: [{kind: node, name: nodea, text: is in standby}]
    configuration:
      description: Properties, resources and services in the framework's own names, secrets hidden.
      type: dict
description:
  description: The configuration in words of this collection.
  returned: success and O(export) is set
  type: dict
  contains:
    cluster:
      description: For C(groupware_cluster), as far as the configuration says.
      type: dict
    services:
      description: For C(groupware_services).
      type: list
      elements: dict
    unexpressed:
      description: What the description has no words for, and what has to be added to C(cluster) by hand.
      type: list
      elements: str
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.cluster_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
