#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_instance_info
short_description: Show what a node has of Messaging Server instances
version_added: 0.1.0
description:
  - Looks at files alone, for many instances in one call. Works on a node that has nothing of them.
  - Of instances that have an O(instances[].address) it also says what of their configuration is not as described, which
    the product's own commands are asked for where the configuration can be seen. Nothing is changed.
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
        description: The directory that the manuals call C(MessagingServer_home).
        type: path
        required: true
      data_root:
        description: Directory on the volume for all that is the instance's own.
        type: path
        required: true
      mount_point:
        description: Where the service's volume is mounted.
        type: path
        required: true
      configuration:
        description: The kind of configuration that it is to have.
        type: str
        choices: [unified, legacy]
        default: unified
      host_name:
        description: The logical host name that it is to be configured for. Required with O(instances[].address).
        type: str
      address:
        description: The logical address that it is to be bound to, without a prefix length.
        type: str
      options:
        description: Further options by name, as M(groupware.ha.messaging_option) takes them.
        type: dict
        default: {}
  framework:
    description: The cluster framework that is to know the agent.
    type: str
    choices: [vcs, solaris_cluster, clusterware]
  secrets:
    description: By instance, further options whose values are secret.
    type: dict
    default: {}
  update_secrets:
    description: Whether secrets differ whose present value the product does not show.
    type: str
    choices: [on_create, always]
    default: on_create
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See what this node has of an instance
  groupware.ha.messaging_instance_info:
    instances:
      - name: mail1
        server_root: /opt/mail1/messaging64
        data_root: /mail1/data
        mount_point: /mail1
  register: found
"""

RETURN = r"""
instances:
  description: By name, the same as RV(groupware.ha.messaging_instance#module:before).
  returned: success
  type: dict
  sample:
    mail1: {installed: true, mounted: false, configured: null, joined: true, unfinished: [], agents: []}
compared:
  description: What is not as described, by the names of instances that have an O(instances[].address).
  returned: success
  type: dict
  contains:
    registered:
      description: Whether O(framework) knows the agent on this node.
      type: bool
    options:
      description: Names of the options that have other values; nothing where that is not known.
      type: list
      elements: str
    problem:
      description: Why it cannot be compared, though it is configured; nothing where it can.
      type: str
  sample:
    mail1: {registered: true, options: [base.listenaddr], problem: null}
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.messaging_instance_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
