#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_http_lb
short_description: Have a GlassFish cluster in a load balancer configuration
version_added: 0.2.0
description:
  - Has a configuration for a web server with the load balancer plug-in of former products, with one cluster in it,
    all of whose instances and applications are balanced, and the file that the plug-in reads. Runs on the host of the
    administration server.
  - GlassFish 7 writes such files still, and has no plug-in for any web server. To balance a cluster without one, use
    the role P(groupware.ha.load_balancer#role).
  - The file is compared without the time that is in it.
attributes:
  diff_mode:
    description: Shows values of the domain, and the file, before and after.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.glassfish.place
  - groupware.ha.glassfish.access
options:
  cluster:
    description: The cluster.
    type: str
    required: true
  name:
    description: Name of the configuration.
    type: str
    required: true
  health_check:
    description: The page that the plug-in asks instances for.
    type: str
    default: /
  settings:
    description:
      - Attributes of the configuration, C(response-timeout-in-seconds), C(https-routing),
        C(reload-poll-interval-in-seconds), C(monitoring-enabled) and C(route-cookie-enabled). What is not given is left
        alone.
    type: dict
    default: {}
  path:
    description: Where the plug-in's file is written, on this host. Without it there is none.
    type: path
  state:
    description: With V(absent) the configuration and the file are removed.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have the file for the web server
  groupware.ha.glassfish_http_lb:
    cluster: dav-cluster
    name: dav-lb
    health_check: /davserver/
    path: /var/lib/loadbalancer.xml
    passwords: {administrator: "{{ vault_administrator }}"}
"""

RETURN = r"""
commands:
  description: Commands that were told, or would be, as command lines of asadmin, and files that were written.
  returned: always
  type: list
  elements: str
  sample: [asadmin create-http-lb-config dav-lb, "# write /var/lib/loadbalancer.xml"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_http_lb import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
