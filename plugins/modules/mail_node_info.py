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
  - Reads packages and ids of accounts, by one command. Works on a node that has nothing of it yet.
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
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.mail_node_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
