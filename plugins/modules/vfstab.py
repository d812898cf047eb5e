#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vfstab
short_description: File systems in /etc/vfstab of Solaris
version_added: 0.1.0
description:
  - Sets and removes entries of C(/etc/vfstab) by their mount points, all in one call per node. Comments, other lines
    and entries that already say the same stay as they are, byte for byte.
  - Knows what Sun Cluster makes of an entry, and refuses what would have each node mount a failover file system as it
    starts.
  - The file is replaced atomically, and its former version is kept beside it.
  - On all nodes of a cluster these entries must be the same; P(groupware.ha.vfstab_differences#filter) compares
    RV(lines).
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  file_systems:
    description: What is wanted.
    type: list
    elements: dict
    required: true
    suboptions:
      mount_point:
        description: Where it is mounted. Identifies the entry.
        type: str
        required: true
      state:
        description: Whether there is to be an entry.
        type: str
        choices: [present, absent]
        default: present
      kind:
        description:
          - What the file system is to the cluster. V(failover) is mounted by the node that runs the service, and never
            at boot. V(global) is mounted at boot on all nodes at once, by the option C(global). V(local) is the node's
            own.
        type: str
        choices: [failover, global, local]
        default: failover
      device:
        description: The block device. Required unless the entry is to be absent.
        type: str
      fsck_device:
        description: The raw device that is checked. By default the one that belongs to the block device.
        type: str
      filesystem:
        description: Type of the file system.
        type: str
        default: ufs
      fsck_pass:
        description: Whether and in which pass C(fsck) checks it at boot; empty for never.
        type: str
        default: "2"
      mount_at_boot:
        description: Whether it is mounted at boot. By default only a global one is.
        type: bool
      options:
        description: Mount options, in any order; V(global) is added to a global file system.
        type: list
        elements: str
        default: [logging]
  path:
    description: The file.
    type: path
    default: /etc/vfstab
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: The calendar's file system is mounted by the node that runs the calendar
  groupware.ha.vfstab:
    file_systems:
      - mount_point: /cal
        kind: failover
        device: /dev/md/penguin/dsk/d400
  register: vfstab

- name: It is the same on all nodes
  ansible.builtin.assert:
    that: lines_by_node | groupware.ha.vfstab_differences | length == 0
  vars:
    lines_by_node: >-
      {{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, ['vfstab', 'lines']))) }}
  run_once: true
"""

RETURN = r"""
lines:
  description:
    - Entries of the mount points of O(file_systems), and all entries of global file systems, in one spelling and order.
    - They have to be the same on all nodes. The cluster's own file systems below C(/global/.devices) are left out.
  returned: success
  type: list
  elements: str
  sample: ["/dev/md/penguin/dsk/d400\t/dev/md/penguin/rdsk/d400\t/cal\tufs\t2\tno\tlogging"]
commands:
  description: What was done to the file, or would be.
  returned: success
  type: list
  elements: str
  sample: ["# replace /etc/vfstab"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.vfstab import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
