#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sogo_configuration
short_description: Have SOGo and its cache run with judged files
version_added: 0.2.0
description:
  - Brings the files of a node of SOGo into the wanted state, all in one call per node, and SOGo and memcached to run
    with them.
  - SOGo's file is first read by C(plparse), GNUstep's own parser, which SOGo reads it with too. What it does not take
    is refused before anything is changed on this node, in check mode too where it is installed. Whether SOGo knows a
    setting nobody can ask it; one that it does not know has no effect.
  - Neither program has a reload. Each is restarted where it was started before its files were written. SOGo has to give
    a page then; where it does not, the former files are put back, and the module fails.
  - Sensitive content appears in no log, no diff and no return value.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports exactly what the next run will do. Judges SOGo's file too, where the
        parser is installed.
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
options:
  state:
    description:
      - With V(absent) both are stopped and disabled, and the files of the role removed. O(files) is empty then. What is
        in the database stays.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.files
seealso:
  - module: groupware.ha.sogo_info
  - module: groupware.ha.sogo_users
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have SOGo run as described
  groupware.ha.sogo_configuration:
    files: "{{ plan.files }}"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /etc/sogo/sogo.conf, action: write, label: sogo}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [sogo]
differs:
  description: Whether anything was done, or would be; as RV(ignore:changed), whatever a task makes of that.
  returned: success
  type: bool
  sample: true
services:
  description: What was done, or would be done, about the services.
  returned: success
  type: list
  elements: str
  sample: [restart sogo]
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
  sample: [systemctl restart sogo.service]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.sogo_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
