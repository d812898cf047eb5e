#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer_member
short_description: Drain a member of a load balancer, or have it back
version_added: 0.2.0
description:
  - Has a member of front ends be ready, drained or in maintenance, on the balancer that it runs on. Run it on all
    balancers of a tier, or on the node that runs a service of a cluster.
  - HAProxy keeps the state when it is reloaded, and, on a balancer of a tier, when it is stopped and started.
attributes:
  check_mode:
    description: Can run in check mode, and then reports what the next run will do, and refuses what that refuses.
  diff_mode:
    description: Shows the states before and after.
options:
  member:
    description: Name of the member.
    type: str
    required: true
  front_end:
    description: Name of the front end. Without it, all front ends that have such a member are meant.
    type: str
  service:
    description:
      - Name of the service of a failover cluster that is the load balancer, as the role P(groupware.ha.haproxy#role)
        makes one. Without it, the balancer of a tier is meant.
    type: str
  state:
    description:
      - V(ready) gives it requests again.
      - V(drain) gives it none of new clients. Those that belong to it by a cookie or their address stay.
      - V(maintenance) gives it none at all, and does not check it. Its clients go to other members.
    type: str
    required: true
    choices: [ready, drain, maintenance]
  offline_too:
    description: Whether it may be taken out where no other member of its front end works. Without it, that is refused.
    type: bool
    default: false
  wait:
    description:
      - Seconds to wait until the member serves nobody on this balancer any more; with V(ready), until its checks say
        that it works. If that is not so then, the module fails; the state stays.
    type: int
    default: 0
extends_documentation_fragment:
  - groupware.ha.engine.attributes
seealso:
  - module: groupware.ha.load_balancer_info
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have nobody new come to a member that is to be restarted
  groupware.ha.load_balancer_member:
    member: app1
    state: drain

- name: The same where the load balancer is a service of a cluster, on the node that runs it
  groupware.ha.load_balancer_member:
    service: web
    member: app1
    state: drain
"""

RETURN = r"""
members:
  description: The member in each front end that was meant, as P(groupware.ha.load_balancer_info#module) shows it.
  returned: success
  type: list
  elements: dict
  sample:
    - {front_end: calendar, name: app1, state: drain, status: DRAIN, usable: false, sessions: 0, total: 12, check: L7OK}
commands:
  description: What was said to HAProxy, and command lines that changed something.
  returned: success
  type: list
  elements: str
  sample: ["# set server calendar/app1 state drain", /usr/local/libexec/groupware-ha-haproxy save]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.load_balancer_member import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
