#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nfs_shares
short_description: Mount shares of NFS, now and at boot
version_added: 0.1.0
description:
  - Has a line of C(/etc/fstab) for each share, and mounts those that are not mounted, all in one call per node.
  - A line that says the same already, and all other lines, stay as they are, byte for byte. The file is replaced
    atomically, and its former version is kept beside it.
  - A share that is mounted is in use, and stays as it is until it is mounted anew.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  shares:
    description: The shares; P(groupware.ha.shares#filter) judges them.
    type: list
    elements: dict
    required: true
    suboptions:
      device:
        description: Server and path, as in V(filer.example.com:/export/mail1).
        type: str
        required: true
      mount_point:
        description: Where it is mounted. Identifies the line. The directory is made where it is not there.
        type: path
        required: true
      mount_options:
        description: Options of the mount. Without them those that the manual of Messaging Server recommends.
        type: str
  path:
    description: The file.
    type: path
    default: /etc/fstab
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Mount the share of a mail service
  groupware.ha.nfs_shares:
    shares:
      - device: filer.example.com:/export/mail1
        mount_point: /mail1
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [mkdir -p /mail1, mount /mail1]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.nfs_shares import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
