#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hadb_host
short_description: Have a host run HADB, the database that GlassFish 2.1 keeps sessions in
version_added: 0.2.0
description:
  - Does what the manual of Calendar Server 7 has done on each host of HADB. Settings of the kernel are written to
    C(/etc/system), and compared with the kernel that runs; where that has to be booted for them, RV(reboot) says so,
    and all else waits.
  - C(clu_nsup_srv) gets root for its owner, and then root's rights; the manual has it the other way round, and a
    change of the owner may take the rights away again.
  - The management agent is started, now and at boot. Nothing is done where the clock of the host does not follow a
    server of time closely.
  - A setting of the kernel that is larger than HADB needs is left alone.
attributes:
  check_mode:
    description: Can run in check mode, and then also says what waits for a reboot.
  diff_mode:
    description: Shows files before and after, and what else differs in words.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish_2_1.description
  - groupware.ha.glassfish_2_1.server
options:
  state:
    description:
      - With V(absent) the management agent is stopped, and not started at boot any more; C(clu_nsup_srv) has no
        rights of root then. Settings of the kernel stay.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Have the host run HADB
  groupware.ha.hadb_host:
    description:
      name: dav-cluster
      servers:
        - {name: machinea, address: 192.0.2.31, agent: dav-agent-1, instance: instance1}
        - {name: machineb, address: 192.0.2.32, agent: dav-agent-2, instance: instance2}
    server: "{{ inventory_hostname }}"
  register: host
"""

RETURN = r"""
---
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: [the management agent of HADB does not run]
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: [chown root /opt/glassfish/hadb/4/lib/server/clu_nsup_srv]
reboot:
  description: What the kernel that runs has less of than HADB needs; the host has to be booted where there is anything.
  returned: success
  type: list
  elements: str
  sample: ["SEMMNU is 30, not 600"]
clock_offset:
  description: Milliseconds between its clock and that of the server of time; nothing where it was not asked.
  returned: success
  type: float
  sample: 0.31
backups:
  description: Paths of the copies that were kept of files.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.hadb_host import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
