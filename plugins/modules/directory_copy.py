#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: directory_copy
short_description: Have the files of a directory as another host has them
version_added: 0.2.0
description:
  - Without O(packed), reads all files below a directory, with owners and permissions, and returns them as one text.
  - With O(packed), has them so on this host. What is there besides is left alone.
  - Logs, locks and the like, which are each host's own, are left out; so are the directories C(db), C(docs), C(lock),
    C(logs) and C(tmp) directly below O(path).
  - Any of the files may have a password in it. So no content is in a diff. Who reads them says C(no_log).
attributes:
  diff_mode:
    description: Shows paths, owners and permissions, and that a content differs.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  path:
    description: The directory.
    type: path
    required: true
  packed:
    description: What this module returned on another host.
    type: str
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Read the configuration of machine A
  groupware.ha.directory_copy:
    path: /var/opt/sun/comms/davserver
  register: read
  no_log: true
  when: inventory_hostname == 'machineA'

- name: Have machine B configured alike
  groupware.ha.directory_copy:
    path: /var/opt/sun/comms/davserver
    packed: "{{ hostvars.machineA.read.packed }}"
  when: inventory_hostname == 'machineB'
"""

RETURN = r"""
packed:
  description: All files, as one text.
  returned: without O(packed)
  type: str
paths:
  description: What differed.
  returned: with O(packed)
  type: list
  elements: str
  sample: [/var/opt/sun/comms/davserver/config/davserver.properties]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.directory_copy import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
