#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: calendar_directory
short_description: Prepare a directory server for Calendar Server 6.3 once
version_added: 0.1.0
description:
  - Runs C(comm_dssetup.pl), which adds schema, indexes and the roots of trees, unless the directory knows the
    calendar's schema already. Runs on the machine where the directory server is.
  - The run is taken for done only if the directory knows the schema afterwards. A script that died is run again.
  - The directory manager's password is given to the script when it asks for it, and on no command line.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  program:
    description: The script.
    type: path
    default: /opt/SUNWcomds/sbin/comm_dssetup.pl
  server_root:
    description: Directory that has the directory server's instances.
    type: path
    required: true
  instance:
    description: Name of the instance's directory, such as V(slapd-ldap1).
    type: str
    required: true
  dc_suffix:
    description: Root of the DC tree.
    type: str
    default: o=internet
  user_group_suffix:
    description: Root of the users and groups.
    type: str
    default: o=usergroup
  manager:
    description: Distinguished name of the directory manager.
    type: str
    default: cn=Directory Manager
  password:
    description: Password of the directory manager.
    type: str
    required: true
  schema:
    description: Version of the schema.
    type: str
    choices: ["1", "1.5", "2"]
    default: "2"
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Prepare the directory
  groupware.ha.calendar_directory:
    server_root: /var/opt/mps/serverroot
    instance: slapd-ldap1
    password: "{{ vault_directory_manager_password }}"
  delegate_to: ldap1
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [perl /opt/SUNWcomds/sbin/comm_dssetup.pl -i yes -R yes]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.calendar_directory import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
