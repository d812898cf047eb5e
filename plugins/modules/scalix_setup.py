#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scalix_setup
short_description: Install Scalix instances of a cluster and fit them into it
version_added: 0.1.0
description:
  - With O(state=installed), runs the installer, once, for each instance that is at home on this node and whose volume
    is mounted here and empty.
  - With O(state=configured), removes the management services from all instances but O(admin), has their agents report
    to it, gives each Tomcat its own shutdown port, keeps Scalix from starting at boot, and stops what the installer
    has started, so that the cluster can.
  - An installation that was begun and not seen to end well is never counted as done and never repeated by itself; the
    module fails, and says what is missing and how to go on. A file on the volume remembers it.
  - The installer reads its answers from files, which hold passwords, and never gets them on a command line. They are in
    no log, diff or return value.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.scalix.instances
notes:
  - What the installer asks depends on the release and is not documented question by question. See the role
    C(groupware.ha.scalix) for the answers.
options:
  node:
    description: This node's name.
    type: str
    required: true
  state:
    description: How far to go.
    type: str
    required: true
    choices: [installed, configured]
  installer:
    description: Path of C(scalix-installer) on the node.
    type: path
    required: true
  answers_directory:
    description:
      - Directory on the node with the installer's answers, a line each; C(INSTANCE.install) for an installation,
        C(INSTANCE.agent) for the reconfiguration of a management agent. Needed only where the installer will run, which
        a run in check mode tells beforehand by RV(answers_needed).
    type: path
  expected:
    description:
      - In check mode, instances that are at home here and whose volumes, empty ones, will be mounted here when this is
        run otherwise. What would be done for them is predicted.
    type: list
    elements: str
    default: []
  repeat:
    description:
      - Instances whose installer is to run again although an installation was begun, or which are registered on this
        node although their volume is empty.
    type: list
    elements: str
    default: []
  admin:
    description:
      - The instance with the management services. Without it, they stay as they are.
      - One that has lost them already is refused, since Scalix documents only how they are removed.
    type: str
  shutdown_ports:
    description: The shutdown port of each instance's Tomcat, by name.
    type: dict
    default: {}
  allow_restart:
    description:
      - Whether instances that run may be interrupted. The init scripts know no single instance, so that fitting in a
        new one, or a change of another, stops or restarts all that are on the node.
    type: bool
    default: false
  timeout:
    description: Seconds that one command may take.
    type: int
    default: 3600
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Install the instances that are not installed yet
  groupware.ha.scalix_setup:
    instances:
      - {name: mail1, host_name: mail1.example.com, nodes: [nodea, nodeb]}
      - {name: mail2, host_name: mail2.example.com, nodes: [nodeb, nodea]}
    node: "{{ inventory_hostname }}"
    state: installed
    installer: /root/scalix/scalix-installer
    answers_directory: /root/.scalix-answers

- name: Fit them into the cluster
  groupware.ha.scalix_setup:
    instances:
      - {name: mail1, host_name: mail1.example.com, nodes: [nodea, nodeb]}
      - {name: mail2, host_name: mail2.example.com, nodes: [nodeb, nodea]}
    node: "{{ inventory_hostname }}"
    state: configured
    installer: /root/scalix/scalix-installer
    answers_directory: /root/.scalix-answers
    admin: mail1
    shutdown_ports: {mail1: 8005, mail2: 8006}
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run, to change something.
  returned: always
  type: list
  elements: str
  sample: [/opt/scalix-tomcat/bin/sxtomcat-webapps --del mail2 caa sac]
answers_needed:
  description: Names of the files in O(answers_directory) that the installer was, or would be, answered from.
  returned: success
  type: list
  elements: str
  sample: [mail2.agent]
answers_left:
  description: Whether O(answers_directory) is there, as after a run that was cut short.
  returned: success
  type: bool
  sample: false
state:
  description: What there was before, as M(groupware.ha.scalix_node_info) returns it.
  returned: success
  type: dict
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.scalix_setup import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
