#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: database_replication
short_description: Make a MariaDB server the primary, or a replica of another one
version_added: 0.2.0
description:
  - Has the MariaDB server of this node take writes, follow another one by global transaction identifiers, or neither.
  - A replica that has nothing yet is loaded from the primary, over the network, without a file in between. What its own
    first start wrote into its binary log is none of the primary's history, and goes.
  - A server that follows another one than it should, by another account or by file and place, is pointed to the right
    one, whether it runs or stands still. One that was the primary joins from where it stands, as far as it has nothing
    that the primary lacks.
  - Refused, with the reason, before anything is changed, is a server that has transactions which the primary has not,
    one by one; databases that no copy brought there; a disk without room for the copy; an account that the primary does
    not let in.
  - What a server is lasts until it is started again. The role P(groupware.ha.database_replication#role) has all of them
    start as replicas that take no writes, so that an old primary that returns is no second one.
attributes:
  diff_mode:
    description: Shows what differs, in words.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  state:
    description:
      - V(primary) has it follow nobody and take writes. A replica applies first all that it has received.
      - V(replica) has it follow O(primary), and take no writes.
      - V(read_only) has it take no writes; commits that are under way end first. Whom it follows stays.
      - V(alone) has it take no writes, follow nobody, and forget its place in the others' history. Its data stays.
    type: str
    choices: [primary, replica, read_only, alone]
    required: true
  primary:
    description: The server that a replica follows.
    type: dict
    suboptions:
      host:
        description: Its address.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        default: 3306
      user:
        description: The account to log in with there. It needs what P(groupware.ha.database_replication#role) grants.
        type: str
        required: true
  password:
    description: The password of that account.
    type: str
  semi_synchronous:
    description: Whether the primary waits until a replica has received a transaction before it acknowledges it.
    type: bool
    default: true
  after:
    description:
      - With V(primary), the position that it has to have reached before it takes writes, which is where the former
        primary stands. Without one the former primary is taken to be lost, and nothing more is received.
    type: str
    default: ""
  replace_data:
    description:
      - Whether a replica's own databases and accounts may be replaced by a copy of the primary's, where they are not
        the same any more or never were. They are lost then.
    type: bool
    default: false
  timeout:
    description: Seconds to apply what was received, and then again for the threads of a replica to run.
    type: int
    default: 60
  seed_timeout:
    description: Seconds that the copy may take.
    type: int
    default: 3600
  socket:
    description: Where the server of this node listens; it has to let root in without a password, as Debian's does.
    type: path
    default: /run/mysqld/mysqld.sock
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Follow the primary
  groupware.ha.database_replication:
    state: replica
    primary: {host: 192.0.2.31, user: replication}
    password: "{{ vault_replication_password }}"

- name: Take writes after the primary was lost
  groupware.ha.database_replication:
    state: primary
"""

RETURN = r"""
before:
  description: What the server said, as RV(groupware.ha.database_replication_info#module:server).
  returned: success
  type: dict
after:
  description: What it says afterwards; in check mode the same as RV(before).
  returned: success
  type: dict
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: ["follows 192.0.2.32:3306, not 192.0.2.31:3306"]
commands:
  description: The statements that were run, or would be, without passwords.
  returned: always
  type: list
  elements: str
  sample: [STOP ALL SLAVES, START SLAVE]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.database_replication import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
