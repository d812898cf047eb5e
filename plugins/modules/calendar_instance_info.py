#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: calendar_instance_info
short_description: Show what a node has of Calendar Server instances
version_added: 0.1.0
description:
  - Looks at files alone, for many instances in one call. Works on a node that has nothing of them.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  instances:
    description: The instances.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service.
        type: str
        required: true
      server_root:
        description: The directory of the installation, which the manual calls cal-svr-base.
        type: path
        required: true
      config_directory:
        description: The directory on the shared file system that has C(ics.conf).
        type: path
        required: true
      parameters:
        description: What C(ics.conf) is compared with, as M(groupware.ha.ics_conf) takes it.
        type: dict
        default: {}
  marker:
    description: Words that mark the block of these parameters.
    type: str
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: See what this node has of a calendar
  groupware.ha.calendar_instance_info:
    instances:
      - name: cal1
        server_root: /opt/SUNWics5/cal
        config_directory: /cal/config
        parameters: {service.listenaddr: 192.0.2.31}
    marker: high availability, managed by Ansible
  register: found
"""

RETURN = r"""
instances:
  description: What the node has, by instance.
  returned: success
  type: dict
  contains:
    configured_here:
      description: Whether this node's installation was configured.
      type: bool
    configured_anywhere:
      description: Whether there is a whole configuration in the shared directory, as far as it can be seen from here.
      type: bool
    bound:
      description: Whether C(ics.conf) has the parameters; nothing where there is no such file to be seen from here.
      type: bool
    parameters:
      description: Those that have other values there.
      type: list
      elements: str
    problem:
      description: Why it cannot be configured or compared; nothing where it can.
      type: str
  sample:
    cal1: {configured_here: true, configured_anywhere: true, bound: true, parameters: [], problem: null}
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.calendar_instance_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
