#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer_info
short_description: Show what a load balancer has and does
version_added: 0.2.0
description:
  - Reads packages, addresses and services, and asks HAProxy which members it has, in which state. Works on a node that
    has nothing of it yet.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  address:
    description: The balancer's own address, to find its network interface by.
    type: str
  addresses:
    description: Logical addresses that it may hold.
    type: list
    elements: str
    default: []
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
  services:
    description:
      - Services of a failover cluster that are load balancers, by their names, as the role P(groupware.ha.haproxy#role)
        makes them, to be asked besides. One answers on the node that runs it.
    type: list
    elements: str
    default: []
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See which members work, and who has the address
  groupware.ha.load_balancer_info:
    addresses: [192.0.2.21]
  register: balancer
"""

RETURN = r"""
missing_packages:
  description: Those of O(packages) that are not installed.
  returned: success
  type: list
  elements: str
  sample: []
interface:
  description: The network interface that has O(address); none if no interface has it.
  returned: success
  type: str
  sample: eth0
outside:
  description: Those of O(addresses) that are in no network of that interface.
  returned: success
  type: list
  elements: str
  sample: []
held:
  description: Those of O(addresses) that are on this node at the moment.
  returned: success
  type: list
  elements: str
  sample: [192.0.2.21]
haproxy:
  description: Whether HAProxy answers, why not if it does not, its version and the number of its process.
  returned: success
  type: dict
  sample: {running: true, problem: "", version: 3.0.11, pid: "812"}
keepalived:
  description: Whether keepalived runs.
  returned: success
  type: dict
  sample: {running: true}
services:
  description: By the name of each of O(services) the keys that RV(haproxy) has, and its V(members), as RV(members).
  returned: success
  type: dict
  sample: {web: {running: true, problem: "", version: 3.0.11, pid: "812", members: []}}
members:
  description: All members of all front ends.
  returned: success
  type: list
  elements: dict
  contains:
    front_end:
      description: Name of the front end.
      type: str
      sample: calendar
    name:
      description: Its name.
      type: str
      sample: app1
    state:
      description: What an administrator wants of it, V(ready), V(drain) or V(maintenance).
      type: str
      sample: ready
    status:
      description: What it is, in HAProxy's words.
      type: str
      sample: UP
    usable:
      description: Whether it is given what comes new.
      type: bool
      sample: true
    sessions:
      description: How many it serves at the moment.
      type: int
      sample: 3
    total:
      description: How many it was given since HAProxy started.
      type: int
      sample: 12
    check:
      description: How its last check ended, in HAProxy's words.
      type: str
      sample: L7OK HTTP status check returned code <200>
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.load_balancer_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
