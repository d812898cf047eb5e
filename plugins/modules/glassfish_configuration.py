#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_configuration
short_description: Have the domain of a GlassFish cluster as it is described
version_added: 0.2.0
description:
  - Has nodes, a cluster, options, pools of connections and their resources, and aliases of passwords as they are
    described. Runs on the host of the administration server.
  - The whole configuration is read by one request over HTTPS, and only what differs is written, all values together
    in one request. No Java is started for it. What was written is read again before it is believed.
  - An option that the domain does not have, or a setting that no pool has, is refused before anything is changed, in
    check mode too.
  - Members of the cluster find each other by a list of addresses, without multicast. Instances come to be by
    P(groupware.ha.glassfish_instance#module); what they have for themselves is kept as it is described.
  - A domain gives no password back. That an alias has another one than described is known by a salted hash in a private
    file beside the domain; where aliases were changed by others since, all are given again.
  - Elements that are not described are left alone.
attributes:
  diff_mode:
    description: Shows each value that differs, by its dotted name.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish.place
  - groupware.ha.glassfish.access
options:
  description:
    description: The variables of the role P(groupware.ha.glassfish#role), without its name before them.
    type: dict
    required: true
  state:
    description:
      - With V(absent) applications, resources, pools, aliases, instances, the cluster and its nodes are removed.
    type: str
    choices: [present, absent]
    default: present
  awaited:
    description: A server whose instance has to run and to take part in the cluster, in check mode too.
    type: str
  timeout:
    description: Seconds that it has for that.
    type: int
    default: 120
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have a cluster
  groupware.ha.glassfish_configuration:
    description:
      name: calendar
      servers:
        - {name: app1, address: 192.0.2.11}
        - {name: app2, address: 192.0.2.12}
      options: {calendar-config.jms-service.type: EMBEDDED}
    passwords: {administrator: "{{ vault_administrator }}", master: "{{ vault_master }}"}
"""

RETURN = r"""
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: [configs.config.calendar-config.jms-service.type is another one]
restart:
  description: Whether the administration server has to be started again to take part in the cluster.
  returned: success
  type: bool
  sample: false
instances:
  description: The described instances as the administration server sees them.
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The host that it is on.
      type: str
      sample: app1
    name:
      description: Its name.
      type: str
      sample: instance1
    registered:
      description: Whether the domain knows it.
      type: bool
      sample: true
    running:
      description: Whether it runs.
      type: bool
      sample: true
    restart:
      description: What it takes over when it is started again.
      type: list
      elements: str
      sample: []
    member:
      description: Whether it takes part in the group that replicates sessions.
      type: bool
      sample: true
    status:
      description: What it is, in GlassFish's words.
      type: str
      sample: RUNNING
    health:
      description: What the group says of it, in GlassFish's words.
      type: str
      sample: RUNNING
applications:
  description: The applications of the cluster by their whole names, with their version.
  returned: success
  type: dict
  sample: {"calendar:0f1e2d3c4b5a": {enabled: true, context_root: /calendar, availability: true}}
commands:
  description: Commands that were told, or would be, as command lines of asadmin, without passwords.
  returned: always
  type: list
  elements: str
  sample: ["asadmin set configs.config.calendar-config.jms-service.type=EMBEDDED"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
