#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: glassfish_2_1_cluster
short_description: Have a cluster of GlassFish 2.1, with sessions in HADB, as it is described
version_added: 0.2.0
description:
  - Runs on the host of the domain administration server, when the hosts of HADB and all node agents are there. Has
    HADB's management domain, the cluster, its instances, options by dotted name, the load balancer, sessions in
    HADB, and has the cluster run, in the order of the manual of Calendar Server 7.
  - What is there is listed, and read with one C(get), before anything is done and again afterwards; what differs of
    options is set by one command.
  - Before a load balancer is made, which the web server is told at once, TLS with the web server is tried.
  - Instances, options and hosts of HADB that are not described are left alone.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports what the next run will do. Where the administration server gives no
        answer, it says so.
  diff_mode:
    description: Shows what differs, in words.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish_2_1.description
  - groupware.ha.glassfish_2_1.access
options:
  try_connection:
    description: Whether to try TLS with the web server though there is nothing to tell it, in check mode too.
    type: bool
    default: false
  state:
    description:
      - With V(absent) the load balancer, the cluster with its instances and database, and HADB's management domain
        are removed. A management domain that has other databases stays.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Have the cluster
  groupware.ha.glassfish_2_1_cluster:
    description:
      name: dav-cluster
      servers:
        - {name: machinea, address: 192.0.2.31, agent: dav-agent-1, instance: instance1}
        - {name: machineb, address: 192.0.2.32, agent: dav-agent-2, instance: instance2}
      options: {dav-cluster-config.jms-service.type: EMBEDDED}
      load_balancer: {name: dav-lb, host: machinec, port: 8443}
      applications: [davserver]
    passwords: "{{ vault_glassfish_2_1_passwords }}"
"""

RETURN = r"""
---
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: [there is no instance instance2]
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: [asadmin create-instance --nodeagent=dav-agent-2 --cluster=dav-cluster instance2]
database:
  description: The state of the cluster's database; nothing where there is none, or it is not known.
  returned: success
  type: str
  sample: FaultTolerant
not_deployed:
  description: Applications that the load balancer is to serve and nobody has deployed to the cluster.
  returned: success
  type: list
  elements: str
problems:
  description: What is wrong and no run puts right.
  returned: success
  type: list
  elements: str
changes:
  description: That all is to be made, where the administration server gives no answer in check mode.
  returned: where that is not known yet
  type: list
  elements: dict
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_2_1_cluster import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
