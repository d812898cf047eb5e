#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_application
short_description: Have a GlassFish cluster have an application
version_added: 0.2.0
description:
  - Deploys a WAR to a cluster, where it is another file than that which is deployed, or is to be deployed in another
    way. Runs on the host of the administration server.
  - The file is deployed as a further version beside the former one, which serves until the new one takes its place.
    One that GlassFish does not take is refused while the former one goes on serving. Where the new one does not
    start, the former one is brought back; in between, for some seconds, neither serves.
  - The version is named after the file's checksum and the options, so that the name says what is deployed.
attributes:
  diff_mode:
    description: Shows the versions before and after.
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
    description: Name of the application.
    type: str
    required: true
  archive:
    description: The WAR on the node, readable by the servers' user. Needed only where it is deployed.
    type: path
    required: true
  checksum:
    description: Its SHA-256.
    type: str
    required: true
  context_root:
    description: The path that it is served below.
    type: str
    required: true
  availability:
    description: Whether its sessions are replicated.
    type: bool
    default: true
  state:
    description:
      - With V(absent) no version of it is left; its O(archive), O(checksum) and O(context_root) mean nothing then.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.2.0
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Deploy the calendar
  groupware.ha.glassfish_application:
    cluster: calendar
    name: calendar
    archive: /var/lib/glassfish/calendar.war
    checksum: "{{ file.stat.checksum }}"
    context_root: /calendar
    passwords: {administrator: "{{ vault_administrator }}"}
"""

RETURN = r"""
version:
  description: The whole name of the version that is wanted.
  returned: success
  type: str
  sample: "calendar:0f1e2d3c4b5a"
commands:
  description: Commands that were told, or would be, as command lines of asadmin.
  returned: always
  type: list
  elements: str
  sample: ["asadmin enable --target=calendar calendar:0f1e2d3c4b5a"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_application import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
