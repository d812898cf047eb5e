#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_instance
short_description: Make the instance of a node, a member of a GlassFish cluster
version_added: 0.2.0
description:
  - Has the instance's files on the node that it runs on, and the domain know it. No administration server logs in at
    the node for it, so that no keys are needed. It is not running afterwards; let a unit of the system start it.
  - The administration server has to have the certificate with O(fingerprint) before it is told the administrator's
    password, which asadmin itself would tell anybody.
  - The passwords are for GlassFish's program in a private file in memory, and gone with it. Whatever starts the
    instance has to give it both, since it fetches what is new from the administration server.
  - A run that was cut short leaves nothing that counts as an instance. The next one begins again.
attributes:
  diff_mode:
    description: Shows whether the instance is there before and after.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish.place
  - groupware.ha.glassfish.access
options:
  host:
    description: Address of the administration server. Needed where an instance is made.
    type: str
  fingerprint:
    description: SHA-256 of its certificate, as P(groupware.ha.glassfish_domain#module) returns it.
    type: str
  cluster:
    description: The cluster that it is a member of. Needed where an instance is made.
    type: str
  node:
    description: Name of the node, which the domain has to know.
    type: str
    required: true
  instance:
    description: Its name.
    type: str
    required: true
  properties:
    description: System properties that a new one has for itself, such as C(HTTP_LISTENER_PORT).
    type: dict
    default: {}
  registered:
    description:
      - Whether the domain knows it already. Where its files are missing nevertheless, the domain forgets it first.
    type: bool
    default: false
  state:
    description: With V(absent) the files of the node are removed. Stop the instance before.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have an instance
  groupware.ha.glassfish_instance:
    host: 192.0.2.11
    fingerprint: "{{ domain.fingerprint }}"
    cluster: calendar
    node: app2
    instance: instance2
    properties: {HTTP_LISTENER_PORT: "28080"}
    passwords: {administrator: "{{ vault_administrator }}", master: "{{ vault_master }}"}
"""

RETURN = r"""
commands:
  description: Command lines that changed something, without passwords.
  returned: always
  type: list
  elements: str
  sample: [/opt/glassfish/bin/asadmin --host=192.0.2.11 --port=4848 create-local-instance --node=app2 instance2]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_instance import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
