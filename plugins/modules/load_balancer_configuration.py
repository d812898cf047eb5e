#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer_configuration
short_description: Have HAProxy and keepalived run with judged files
version_added: 0.2.0
description:
  - Brings the files of a load balancer into the wanted state, all in one call per node, and HAProxy and keepalived to
    run with them.
  - The files are first judged by C(haproxy -c) and C(keepalived --config-test). What they refuse is refused before
    anything is changed on this node, in check mode too where they are installed.
  - Servers that run take over what changed by a reload, which drops no connection. Where they do not come to run with
    the new files, the former ones are put back, and the module fails.
  - Files of front ends that are no longer described are removed.
  - Sensitive content appears in no log, no diff and no return value.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports exactly what the next run will do. Judges the files too, where the
        programs are installed.
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
options:
  state:
    description:
      - With V(absent) keepalived and HAProxy are stopped and disabled, the addresses with them, and all files are
        removed. O(files) is empty then.
    type: str
    choices: [present, absent]
    default: present
  balancer:
    description: The balancer's name in its tier, to be told where its addresses cannot be there. Needed for V(present).
    type: str
  address:
    description:
      - Its own address. C(@INTERFACE@) in O(files) becomes the name of the interface that carries it. Needed for
        V(present).
    type: str
  addresses:
    description: The logical addresses, which have to be in networks of that interface. Needed for V(present).
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.files
notes:
  - In a task, an entry of O(files) can have C(sources) in place of O(files[].source), of which its content is made one
    behind the other.
seealso:
  - module: groupware.ha.load_balancer_info
  - module: groupware.ha.load_balancer_member
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have the front ends as described
  groupware.ha.load_balancer_configuration:
    files: "{{ plan.files }}"
    balancer: "{{ inventory_hostname }}"
    address: "{{ plan.address }}"
    addresses: "{{ plan.addresses }}"
  vars:
    plan: >-
      {{ load_balancer_front_ends
         | groupware.ha.load_balancer_plan(load_balancer_name, load_balancer_balancers, inventory_hostname) }}
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /etc/haproxy/groupware-ha.cfg, action: write, label: haproxy}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [haproxy]
services:
  description: What was done, or would be done, about the services.
  returned: success
  type: list
  elements: str
  sample: [reload haproxy]
backups:
  description: Paths of the copies that were kept of files of somebody else's.
  returned: success
  type: list
  elements: str
  sample: []
commands:
  description: Command lines that changed something.
  returned: success
  type: list
  elements: str
  sample: [systemctl reload haproxy.service]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.load_balancer_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
