#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: database_accounts
short_description: Databases and accounts of a MariaDB server
version_added: 0.2.0
description:
  - Has the MariaDB server of this node have these databases, accounts and privileges, by its own client alone.
  - Databases and accounts that are not named are left alone, and so are privileges for single tables. Nothing is ever
    dropped but an account of a name with O(accounts[].only_these_hosts).
  - Of passwords the server is given the hash that it keeps, so that they are in no statement and no binary log.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  databases:
    description: The databases.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      character_set:
        description: Its default character set; without one the server's, or what it has.
        type: str
      collation:
        description: Its default collation; without one that of the character set, or what it has.
        type: str
  accounts:
    description: The accounts.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      hosts:
        description: The hosts that it logs in from, as the server has them, such as V(192.0.2.%). Each is an account.
        type: list
        elements: str
        required: true
      privileges:
        description: The privileges by database; those for other databases are taken away.
        type: dict
        default: {}
      global_privileges:
        description: The privileges for all that the server has.
        type: list
        elements: str
        default: []
      only_these_hosts:
        description: Whether accounts of this name from other hosts are dropped.
        type: bool
        default: false
  passwords:
    description: Passwords by the name of the account. One without is left as it is, or made without a password.
    type: dict
    default: {}
  socket:
    description: Where the server of this node listens; it has to let root in without a password, as Debian's does.
    type: path
    default: /run/mysqld/mysqld.sock
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have a database, and an account for it
  groupware.ha.database_accounts:
    databases: [{name: calendar, character_set: utf8mb4}]
    accounts:
      - name: calendar
        hosts: [192.0.2.%]
        privileges: {calendar: [ALL PRIVILEGES]}
    passwords: {calendar: "{{ vault_calendar_password }}"}
"""

RETURN = r"""
commands:
  description: The statements that were run, or would be, without passwords and their hashes.
  returned: always
  type: list
  elements: str
  sample: ["CREATE DATABASE IF NOT EXISTS `calendar`"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.database_accounts import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
