#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: database_settings
short_description: Have a MariaDB server run with judged settings
version_added: 0.2.0
description:
  - Brings a file of settings of the MariaDB server of this node into the wanted state, and has the server run with it.
  - The settings are first judged by the server's own program, with all other files that a start reads. What it refuses
    or would take for another value is refused before anything is changed, in check mode too.
  - The server is restarted when it was started before the file was written, and started where it does not run. If it
    does not start, the former file is put back, and the module fails with what the server said.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  settings:
    description: Options of mariadbd and their values, in its own names with underscores. They are no place for secrets.
    type: dict
    required: true
  path:
    description: The file.
    type: path
    default: /etc/mysql/mariadb.conf.d/90-groupware-ha.cnf
  socket:
    description: Where the server of this node listens; it has to let root in without a password, as Debian's does.
    type: path
    default: /run/mysqld/mysqld.sock
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have the server write a binary log
  groupware.ha.database_settings:
    settings: {server_id: 1, log_bin: mariadb-bin}
"""

RETURN = r"""
changes:
  description: What was done to the file, or would be.
  returned: success
  type: list
  elements: dict
restarted:
  description: Whether the server was restarted, or would be.
  returned: success
  type: bool
started:
  description: Whether it did not run and was started, or would be.
  returned: success
  type: bool
commands:
  description: Command lines that changed something.
  returned: always
  type: list
  elements: str
  sample: [systemctl restart mariadb.service]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.database_settings import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
