#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: haproxy_configuration
short_description: Have HAProxy instances of a cluster's services run with judged files
version_added: 0.2.0
description:
  - Brings the files of HAProxy instances, and what they have in common, into the wanted state, all in one call per
    node. They are wanted on each node, whether an instance runs there or not.
  - The files of an instance are first judged by HAProxy itself, keys and certificates too, and its ports must be no
    other program's. What is refused is refused before anything is changed on this node, in check mode too.
  - An instance that runs on this node takes its files over by a reload, which drops no connection. It is reloaded
    when its unit last changed its state before they were written. If it does not run with them, the former files are
    put back, and the module fails.
  - It is started and stopped by the cluster alone.
  - Sensitive content appears in no log, no diff and no return value.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports exactly what the next run will do. Judges the files too, where HAProxy
        is installed.
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
options:
  instances:
    description:
      - Names of the instances; the unit C(groupware-haproxy@NAME.service) runs one.
      - Entries of O(files) below C(/etc/groupware-ha-haproxy/NAME) are its files. In a task, an entry can have
        C(sources) in place of O(files[].source), of which its content is made one behind the other.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.files
seealso:
  - module: groupware.ha.configuration_files
  - module: groupware.ha.load_balancer_configuration
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Bring the files of all instances into the wanted state
  groupware.ha.haproxy_configuration:
    files: "{{ wanted.files }}"
    instances: "{{ wanted.instances }}"
  vars:
    wanted: "{{ haproxy_instances | groupware.ha.haproxy_instances }}"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /etc/groupware-ha-haproxy/web/haproxy.cfg, action: write, label: web/haproxy}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [web/haproxy]
running:
  description: The instances that run on this node.
  returned: success
  type: list
  elements: str
  sample: [web]
reloads:
  description: The instances that were reloaded, or would be.
  returned: success
  type: list
  elements: str
  sample: [web]
backups:
  description: Paths of the copies that were kept of files.
  returned: success
  type: list
  elements: str
  sample: []
commands:
  description: Command lines that changed something.
  returned: success
  type: list
  elements: str
  sample: [systemctl reload groupware-haproxy@web.service]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.haproxy_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
