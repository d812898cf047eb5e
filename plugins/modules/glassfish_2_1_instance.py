#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glassfish_2_1_instance
short_description: Start an instance of a GlassFish 2.1 cluster again while the others serve
version_added: 0.2.0
description:
  - Runs on the host of the domain administration server. Where there is a load balancer, it sends no clients to the
    instance meanwhile, whose sessions are in HADB.
  - Refused where no other instance runs. A run that was cut off is completed by the next, or by the role.
attributes:
  diff_mode:
    support: none
    description: Nothing differs afterwards.
  idempotent:
    support: none
    description: Each run starts the instance again.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish_2_1.description
  - groupware.ha.glassfish_2_1.server
  - groupware.ha.glassfish_2_1.access
options:
  wait:
    description: Seconds that requests have to end; the load balancer is told in whole minutes.
    type: int
    default: 30
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Start it again
  groupware.ha.glassfish_2_1_instance:
    description:
      name: dav-cluster
      servers:
        - {name: machinea, address: 192.0.2.31, agent: dav-agent-1, instance: instance1}
        - {name: machineb, address: 192.0.2.32, agent: dav-agent-2, instance: instance2}
    server: machinea
    passwords: "{{ vault_glassfish_2_1_passwords }}"
"""

RETURN = r"""
---
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: [asadmin stop-instance instance1]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_2_1_instance import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
