#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_files
short_description: Write many configuration files in one call
version_added: 0.1.0
description:
  - Brings files, directories and links into the wanted state, all in one call per node; each file is written
    atomically and is on disk when the module returns.
  - Files on a volume that fails over are written on the node where the volume is mounted, and nowhere else. An entry
    with O(files[].require_mounted) is left out on a node where nothing is mounted there, and is never written into the
    directory below the mount point. The volume is kept from being unmounted while its files are written.
  - Sensitive content appears in no log, no diff and no return value.
notes:
  - Stands in for loops over M(ansible.builtin.template), M(ansible.builtin.copy) and M(ansible.builtin.file), which
    cost a connection for each file.
attributes:
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.files
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Write an instance's files where its volume is mounted
  groupware.ha.configuration_files:
    files:
      - path: /srv/mail1/postfix
        state: directory
        require_mounted: /srv/mail1
      - path: /srv/mail1/postfix/main.cf
        template: main.cf.j2
        variables:
          instance: {name: mail1, address: 192.0.2.21}
        backup: true
        require_mounted: /srv/mail1
        label: mail1
      - path: /srv/mail1/tls/key.pem
        source: /etc/pki/mail1.key
        mode: "0600"
        sensitive: true
        require_mounted: /srv/mail1
        label: mail1
      - path: /etc/postfix/main.cf
        parameters:
          inet_interfaces: loopback-only
          alternate_config_directories: [/srv/mail1/postfix]
        backup: true
        label: node
  register: written

- name: Reload what changed
  ansible.builtin.command:
    argv: [/usr/sbin/postfix, -c, /srv/mail1/postfix, reload]
  changed_when: true
  when: "'mail1' in written.changed_labels"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /srv/mail1/postfix/main.cf, action: write, label: mail1}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [mail1]
mounted:
  description: The paths of O(files[].require_mounted) where a file system is mounted on this node.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1]
backups:
  description: Paths of the copies that were kept.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1/postfix/main.cf.2041.2026-11-21@03:28:45~]
"""


from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import (
    ARGUMENT_SPEC,
    given_entries,
    keeper,
    labeller,
    told,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.files import apply, held_volumes, plan
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(ARGUMENT_SPEC)

    def work(_runner):
        entries = given_entries(module.params)
        with held_volumes(entry.require_mounted for entry in entries if entry.require_mounted) as mounted:
            planned = plan(entries, mounted, check_mode=module.check_mode)
            backups = []
            if not module.check_mode:
                backups = apply(planned.changes, back_up=keeper(entries), label_security=labeller(module))
        return told(module, planned.changes, planned.mounted, backups)

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
