#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sogo_users
short_description: Users of SOGo, in its database
version_added: 0.2.0
description:
  - Has the database of SOGo have a table with exactly these users, by MariaDB's own client. Who is in it and is not
    given is taken out of it, and cannot log in any more; calendars stay.
  - Waits until the server that answers takes writes, as after another one was promoted.
  - A database is refused whose collation makes no difference between capital and small letters.
  - Passwords and hashes are in no command line, no log, no diff and no return value.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  host:
    description: Where the server is that takes writes.
    type: str
    required: true
  port:
    description: Its port.
    type: int
    default: 3306
  account:
    description: The account of SOGo there.
    type: str
    required: true
  password:
    description: Its password.
    type: str
    required: true
  database:
    description: The name of the database.
    type: str
    required: true
  users:
    description: All users.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the user logs in with.
        type: str
        required: true
      full_name:
        description: What others see.
        type: str
        required: true
      mail:
        description: The user's mail address.
        type: str
        required: true
  password_hashes:
    description: The hash of each user's password, with its scheme, by the name of the user.
    type: dict
    required: true
  cache:
    description:
      - The cache of SOGo, which is told to forget what it has when users have changed. SOGo asks the database for
        nobody who has logged in some minutes ago. A cache that gives no answer is warned of.
    type: dict
    suboptions:
      host:
        description: Where it is.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        default: 11211
  timeout:
    description: Seconds to wait for a server that takes writes; not in check mode.
    type: int
    default: 60
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have a user
  groupware.ha.sogo_users:
    host: 192.0.2.22
    account: sogo
    password: "{{ vault_sogo_database_password }}"
    database: sogo
    users: [{name: alice, full_name: Alice, mail: alice@example.com}]
    password_hashes: {alice: "{{ vault_alice }}"}
"""

RETURN = r"""
problem:
  description: In check mode, why the database could not be asked; empty if it could. The next run may do it
    nevertheless.
  returned: success
  type: str
  sample: ""
missing_tables:
  description: Tables that SOGo makes when it is started, and that are not there; all of them before its first start.
  returned: when the database could be asked
  type: list
  elements: str
  sample: []
commands:
  description: The statements that were run, or would be, without hashes.
  returned: always
  type: list
  elements: str
  sample: ["DELETE FROM `sogo`.`groupware_users` WHERE c_uid = 'bob'"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.sogo_users import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
