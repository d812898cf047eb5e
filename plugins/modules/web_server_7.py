#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: web_server_7
short_description: Have a Web Server 7 with the load balancing plug-in serve a calendar
version_added: 0.2.0
description:
  - Brings a configuration of Sun Java System Web Server 7 (Oracle iPlanet Web Server 7) into the state that the manual
    of Calendar Server 7 gives machine C, which balances the load of a GlassFish cluster. GlassFish's installer has put
    its load balancing plug-in there before.
  - What that installer wrote for the instance is pulled into the store of configurations. A listener with TLS is made,
    with a certificate of its own, by which GlassFish's domain administration server reaches the plug-in; GlassFish's
    certificate is trusted. C(default.acl) lets CalDAV's methods through, and C(magnus.conf) has the server know
    C(MKCALENDAR). Then the configuration is deployed, and the instance restarted.
  - Everything else in the configuration stays as it is. The password is in a file of its own as long as C(wadm) runs,
    and on no command line.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports what the next run will do. Where the administration server does not run,
        what follows of starting it is not known yet.
  diff_mode:
    description: Shows what differs, in words.
options:
  configuration:
    description: Name of the configuration, and of its node.
    type: str
    required: true
  server_name:
    description: Name that the listener, and its certificate, are for.
    type: str
    required: true
  port:
    description: Where the listener with TLS takes connections.
    type: int
    required: true
  uri:
    description: Below which the calendar is.
    type: str
    default: /davserver
  listener:
    description: Name of the listener.
    type: str
    default: http-listener-ssl
  certificate:
    description: Name of the listener's certificate. By default C(cert-) with the O(configuration).
    type: str
  trusted:
    description: A certificate that the server trusts; GlassFish's. Another one of that name is replaced.
    type: dict
    suboptions:
      name:
        description: Its name in the certificate database.
        type: str
        required: true
      certificate:
        description: The certificate, as C(certutil -L -a) prints it.
        type: str
        required: true
  home:
    description: Where the product is installed.
    type: path
    default: /opt/SUNWwbsvr7
  root:
    description: What has the administration server and the instances in it.
    type: path
    default: /var/opt/SUNWwbsvr7
  administrator:
    description: Who logs in at the administration server.
    type: str
    default: admin
  administration_port:
    description: Where it listens on this node.
    type: int
    default: 8989
  password:
    description: The administrator's password.
    type: str
    required: true
  state:
    description: With V(absent) the listener, both certificates, and what was added to the files are taken away again.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - groupware.ha.engine.attributes
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Balance the load of a calendar
  groupware.ha.web_server_7:
    configuration: machineC
    server_name: machineC.example.com
    port: 8443
    password: "{{ vault_web_server_password }}"
    trusted:
      name: s1as
      certificate: "{{ exported.stdout }}"
"""

RETURN = r"""
differences:
  description: What differed, in words.
  returned: success
  type: list
  elements: str
  sample: [there is no listener http-listener-ssl]
certificate:
  description: The listener's certificate, as PEM; nothing where there is none yet.
  returned: success
  type: str
backups:
  description: Paths of the copies that were kept of files that were pulled over.
  returned: success
  type: list
  elements: str
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: [wadm deploy-config machineC]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.web_server_7 import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
