#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: calendar_node
short_description: Prepare a node for Calendar Server on Solaris Cluster
version_added: 0.1.0
description:
  - Has the mount points of shared file systems, and sets how much the cluster's agent for Calendar Server logs
    (Calendar Server 6.3 Administration Guide, 6.10), all in one call.
  - What is logged goes to C(/var/adm/clusterlog) by a line in C(/etc/syslog.conf), whose former version is kept beside
    it. syslogd is told to read it, also by the run after one that was cut off before.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  mount_points:
    description: Directories that are to be there. One that is there keeps its rights.
    type: list
    elements: path
    default: []
  debug:
    description: Whether the agent logs all that it does.
    type: bool
    default: false
  root:
    description: What stands before the paths of the agent's level, of its log and of C(/etc/syslog.conf).
    type: path
    default: /
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
---
- name: Have the mount point of a calendar, and its agent log what it does
  groupware.ha.calendar_node:
    mount_points: [/cal]
    debug: true
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [mkdir -p /cal]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.calendar_node import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
