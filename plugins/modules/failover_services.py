#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: failover_services
short_description: Make a cluster run the services of a description
description:
  - Takes the whole description of a cluster's services, judges it, compiles it for the cluster framework, compares it
    with what the cluster has, and makes all changes,
    in one transaction where the framework has one, else in the order of dependencies.
  - Waits until the cluster has settled, reads everything back, and fails with the reason when a service or
    a fencing device that was touched does not run.
  - Only what the description sets is compared. What it does not name is left alone unless O(purge) is set.
  - It costs the same few commands however many services there are.
  - Run it on one node of the cluster, whichever is online.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.description
  - groupware.ha.engine.permission
options:
  state:
    description:
      - V(present) makes the cluster's properties, fencing devices and services what the description says.
      - V(absent) stops the described services and removes them from the cluster, and nothing else. Their data is not
        touched.
    type: str
    default: present
    choices: [present, absent]
  purge:
    description:
      - Also remove services, resources, members of services and settings that the description does not name.
      - They are stopped first. Clones, bundles and constraints of an administrator are not removed.
    type: bool
    default: false
  include_applications:
    description:
      - When V(false), only storage and address of each service are managed, so that an application can be installed
        and configured on its volume before the cluster starts it. Application members that exist are left alone.
    type: bool
    default: true
  timeout:
    description: Seconds that the cluster has to carry out a change and settle.
    type: int
    default: 120
"""

EXAMPLES = r"""
---
- name: Make the cluster run what is described
  groupware.ha.failover_services:
    cluster: "{{ groupware_cluster }}"
    services: "{{ groupware_services }}"

- name: Show what a run would change and remove
  groupware.ha.failover_services:
    cluster: "{{ groupware_cluster }}"
    services: "{{ groupware_services }}"
    purge: true
  check_mode: true
  diff: true
"""

RETURN = r"""
---
changes:
  description: What was changed, or would be changed in check mode, in the order of doing it.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: What is done.
      type: str
      sample: update
    kind:
      description: What it is done to, one of V(cluster), V(service), V(resource).
      type: str
      sample: resource
    name:
      description: Name of the object.
      type: str
      sample: mail1_address
    service:
      description: The service that a resource is a member of.
      type: str
      sample: mail1
    before:
      description: Settings that differ, as they were; empty of secrets.
      type: dict
    after:
      description: Settings that differ, as they are to be; empty of secrets.
      type: dict
restarts:
  description: Services that run, and that the changes stop for a while or move to another node.
  returned: success
  type: list
  elements: str
  sample: ["mail1"]
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

from ansible_collections.groupware.ha.plugins.module_utils.bodies.failover_services import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
