#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: service_accounts
short_description: Users and groups with the same ids on every node
version_added: 0.1.0
description:
  - Makes users and groups that own files on volumes that fail over, all in one call per node. On such a volume only ids
    are stored, so that a name must have the same id on every node.
  - Existing ids are found by M(groupware.ha.mail_node_info) and compared by P(groupware.ha.agreed_ids#filter).
  - Refuses, and changes nothing, when an account exists with another id than the wanted one, or when another account
    has that id. Never changes an existing account.
attributes:
  diff_mode:
    description: Shows the accounts that are made.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  groups:
    description: Ids of groups by name.
    type: dict
    default: {}
  users:
    description:
      - Ids of users by name. A new user cannot log in, has no home directory, and its primary group is the group of its
        name, which must exist or be among O(groups).
    type: dict
    default: {}
  primary_groups:
    description: Primary groups of new users by the users' names, where it is not the group of the user's own name.
    type: dict
    default: {}
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: The owner of the mail store has the same id on every node
  groupware.ha.service_accounts:
    groups: {vmail: 5000}
    users: {vmail: 5000}
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [groupadd --system --gid 5000 vmail]
problems:
  description: Every reason why nothing was done, each with key, value, reason and remedy.
  returned: failure
  type: list
  elements: dict
"""


from ansible_collections.groupware.ha.plugins.module_utils.node.unix_accounts import converge
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    ids = {"type": "dict", "default": {}}
    module = Module(
        {"groups": ids, "users": ids, "primary_groups": ids},
    )
    module.run(lambda runner: converge(module.params, runner), failing={"problems": []})


if __name__ == "__main__":
    main()
