#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: database_replication_info
short_description: Show what a MariaDB server is, has and follows
version_added: 0.2.0
description:
  - Asks the MariaDB server of this node, by one call of its client, whether it takes writes, which transactions it has,
    and whom it follows. Works on a node that has none, and where it does not run.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
  password:
    description: What a replica is to log in with at its primary, to be compared with what it does; see RV(logs_in).
    type: str
  data:
    description: The folder of its data, in which is looked for databases where the server does not run.
    type: path
    default: /var/lib/mysql
  socket:
    description: Where the server of this node listens; it has to let root in without a password, as Debian's does.
    type: path
    default: /run/mysqld/mysqld.sock
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what each server is
  groupware.ha.database_replication_info:
  register: database
"""

RETURN = r"""
server:
  description:
    - What the server says. C(position) is where it stands; C(binlog_state) and C(replica_position) are all transactions
      that it has; C(connection) is whom it follows, or nothing; C(waiting) whether it waits for acknowledgements now.
    - Where C(running) is false, C(words) say why, and C(databases) are those on the disk.
  returned: success
  type: dict
  sample:
    running: true
    read_only: true
    position: 0-1-8
    binlog_state: 0-1-8
    connection: {host: 192.0.2.31, port: 3306, receiving: true, applying: true, lag: 0, error: ""}
enabled:
  description: Whether the server is started with the machine.
  returned: success
  type: bool
logs_in:
  description: Whether it logs in at its primary with O(password); nothing where that is not known.
  returned: success
  type: bool
missing_packages:
  description: The packages that are not installed.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.database_replication_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
