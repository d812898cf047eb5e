#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_domain
short_description: Make the domain of a GlassFish cluster
version_added: 0.2.0
description:
  - Makes a domain with an administrator and a master password of its own, and has it administered over TLS alone, from
    other hosts too. It is not running afterwards; let a unit of the system start it.
  - A run that was cut short leaves nothing that counts as a domain. The next one begins again.
  - The passwords are for GlassFish's program in a private file in memory, and gone with it. Whatever starts the domain
    has to give it the master password.
  - Passwords of a domain that exists are not changed. That of the administrator is changed by C(asadmin
    change-admin-password), the master password by C(asadmin change-master-password).
  - Writes the domain's certificate to C(DATA/DOMAIN.pem), by which P(groupware.ha.glassfish_configuration#module) and
    others know its administration server.
attributes:
  diff_mode:
    description: Shows whether the domain is there before and after.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish.place
  - groupware.ha.glassfish.access
options:
  state:
    description: With V(absent) its directory is removed. Stop the domain before.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have a domain
  groupware.ha.glassfish_domain:
    domain: domain1
    passwords: {administrator: "{{ vault_administrator }}", master: "{{ vault_master }}"}
"""

RETURN = r"""
fingerprint:
  description: SHA-256 of the domain's certificate; none in check mode where it is not there yet.
  returned: success and O(state=present)
  type: str
  sample: 5f6ab4b9d9f0c8b6d0bbdcba3f5fcd3e77b7fd8d7e0f5cd80d7a4c2c4f2f1a11
commands:
  description: Command lines that changed something, without passwords.
  returned: always
  type: list
  elements: str
  sample: [/opt/glassfish/bin/asadmin enable-secure-admin]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_domain import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
