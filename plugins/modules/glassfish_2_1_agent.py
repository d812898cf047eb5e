#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glassfish_2_1_agent
short_description: Have a node agent of GlassFish 2.1 on its host
version_added: 0.2.0
description:
  - Makes the node agent of this host, known to the domain by the address that the others have for the host, and
    starts it. The manual of Calendar Server 7 starts one of two only.
  - On the host of the domain administration server that is started too, if it does not run.
attributes:
  check_mode:
    description:
      - Can run in check mode. Where the administration server gives no answer, the agent is taken to be missing.
  diff_mode:
    description: Shows what differs, in words.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish_2_1.description
  - groupware.ha.glassfish_2_1.server
  - groupware.ha.glassfish_2_1.access
options:
  state:
    description: With V(absent) the agent is stopped, and removed from the host and the domain.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Have its node agent
  groupware.ha.glassfish_2_1_agent:
    description:
      name: dav-cluster
      servers:
        - {name: machinea, address: 192.0.2.31, agent: dav-agent-1, instance: instance1}
        - {name: machineb, address: 192.0.2.32, agent: dav-agent-2, instance: instance2}
    server: "{{ inventory_hostname }}"
    passwords: "{{ vault_glassfish_2_1_passwords }}"
"""

RETURN = r"""
---
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: [the node agent dav-agent-2 does not run]
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: [asadmin start-node-agent dav-agent-2]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_2_1_agent import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
