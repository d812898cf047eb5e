#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: corosync_info
short_description: Show what a node has of a Corosync cluster
version_added: 0.1.0
description:
  - Reads packages, C(corosync.conf), a fingerprint of the key, the services' states and the running membership of one
    node, by at most three commands. Works on a node that has nothing of it yet.
  - P(groupware.ha.corosync_plan#filter) makes a plan from what several nodes return.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
  agents:
    description: Names of fence agents to look for.
    type: list
    elements: str
    default: []
  running_version:
    description:
      - Wait until the running Corosync has taken over the configuration of this number, C(config_version), for ten
        seconds, and fail if it has not. Without effect in check mode.
    type: int
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what each node has
  groupware.ha.corosync_info:
    packages: [corosync, pacemaker]
  register: cluster_state
"""

RETURN = r"""
state:
  description: What is there.
  returned: success
  type: dict
  sample:
    node: nodea
    missing_packages: []
    missing_agents: []
    release: debian-12
    configuration: "totem {\n    version: 2\n..."
    authkey: 3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855e
    services:
      corosync: {active: true, enabled: true}
      pacemaker: {active: true, enabled: true}
    members: [nodea, nodeb, nodec]
    running_version: 1
    cib: true
    resources: true
    known_nodes: [nodea, nodeb, nodec]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.corosync_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
