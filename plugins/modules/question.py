#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: question
short_description: Ask a node once for everything that roles want to know of it
description:
  - Runs several modules of this collection in check mode, in one call, and returns what each of them says it would do.
  - A playbook that has nothing to do learns it from one question to each node, and leaves out all of its roles.
  - What a role asks it says itself, in its C(vars/question.yml).
  - Fails where C(cluster_info) is asked and fails, since nobody can go on then.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  roles:
    description:
      - Roles of this collection, by their short names, whose questions are asked.
      - Those that do not say what they would ask are left out.
    type: list
    elements: str
    default: []
  questions:
    description:
      - What to ask besides; options by the short names of modules. One that is asked twice gets a word behind a dot,
        as in C(shared_volumes.active).
      - >-
        V(calendar_directory), V(calendar_instance_info), V(calendar_node), V(cluster_info), V(corosync_info),
        V(database_accounts), V(database_replication_info), V(database_settings), V(failover_services),
        V(glassfish_2_1_agent), V(glassfish_2_1_cluster), V(hadb_host), V(haproxy_configuration),
        V(load_balancer_configuration), V(load_balancer_info), V(logical_addresses), V(mail_configuration),
        V(mail_node_info), V(messaging_instance_info), V(nfs_shares), V(radicale_configuration), V(scalix_node_info),
        V(scalix_setup), V(shared_volumes), V(sogo_configuration), V(sogo_info), V(sogo_users) and V(vfstab) can be
        asked.
    type: dict
    default: {}
"""

EXAMPLES = r"""
---
- name: Ask each node what the roles for addresses and volumes would do
  groupware.ha.question:
    roles: [ha_ip_config, shared_storage]
    questions:
      cluster_info:
        framework: pacemaker
  register: asked

- name: Say whether the file of hosts is as it should be
  ansible.builtin.debug:
    msg: "{{ asked.answers.logical_addresses.changed | ternary('it would be changed', 'it is') }}"
"""

RETURN = r"""
---
roles:
  description:
    - The roles that were named, and the names that modules were asked by for each of them; C(questions) that are a
      node's, and C(cluster_questions) that are the cluster's. Nothing for a role that does not say what it would ask.
  returned: always
  type: dict
  sample: {ha_ip_config: {questions: [logical_addresses], cluster_questions: []}}
refused:
  description: By the short name of a role that cannot be asked with the variables that it has, what is wrong with them.
  returned: always
  type: dict
  sample: {calendar_server_63: "calendar_server_63_answers.ldap_host: is missing; give it"}
answers:
  description: >-
    What each module returned, by the name it was asked by. One that failed has RV(ignore:failed) and
    RV(ignore:msg), and the others are asked nevertheless.
  returned: always
  type: dict
  sample:
    logical_addresses: {changed: false, online: [192.0.2.21]}
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.question import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
