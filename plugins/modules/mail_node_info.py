#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_node_info
short_description: Show what a node has of Postfix and Dovecot
version_added: 0.1.0
description:
  - Reads packages, ids of accounts and Dovecot's version, by two commands. Works on a node that has nothing of it yet.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
  users:
    description: Names of users to look for.
    type: list
    elements: str
    default: []
  groups:
    description: Names of groups to look for.
    type: list
    elements: str
    default: []
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what each node has
  groupware.ha.mail_node_info:
    packages: [postfix, dovecot-core]
    users: [postfix, dovecot, vmail]
    groups: [postfix, postdrop, dovecot, vmail]
  register: mail_node
"""

RETURN = r"""
state:
  description: What is there.
  returned: success
  type: dict
  sample:
    missing_packages: []
    users: {postfix: 871, dovecot: 873}
    groups: {postfix: 871, postdrop: 872, dovecot: 873}
    dovecot_version: 2.3.19.1
"""


from ansible_collections.groupware.ha.plugins.module_utils.node import unix_accounts
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.products import mail_running
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    names = {"type": "list", "elements": "str", "default": []}
    module = Module({"packages": names, "users": names, "groups": names})

    def work(runner):
        present = unix_accounts.read()
        state = {
            "missing_packages": missing_packages(module.params["packages"], runner),
            "users": {name: present.users[name] for name in module.params["users"] if name in present.users},
            "groups": {name: present.groups[name] for name in module.params["groups"] if name in present.groups},
            "dovecot_version": mail_running.dovecot_version(runner),
        }
        return {"changed": False, "state": state}

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
