#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: request
short_description: Judge what a playbook of this collection was asked for
description:
  - Fails with everything that keeps a playbook from doing what it is for, as far as that is known before a node is
    asked. A group without hosts, a required variable that is missing, a value that the playbook does not know, a
    variable on the command line that is another playbook's or a slip of the keyboard away from one that is read.
  - Judges the descriptions of all clusters of the inventory, their applications and what they would share; it says
    which clusters the playbook is about, and who belongs to them.
  - For playbooks that go through them, it judges the tiers that the hosts of the run belong to; all of them before
    anything is touched.
  - Runs on the controller alone; it connects to no host and needs no privileges.
  - The playbooks of this collection begin with it.
version_added: 0.2.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  playbook:
    description: The playbook that was called, by its short name.
    type: str
    required: true
    choices: [plan, site, verify, switchover, evacuate, add_node, remove_node, unconfigure, adopt, migrate]
"""

EXAMPLES = r"""
---
- name: Refuse a request that cannot be carried out
  groupware.ha.request:
    playbook: evacuate
  run_once: true
"""

RETURN = r"""
---
problems:
  description: Everything that is wrong with the request.
  returned: always
  type: list
  elements: str
  sample: ["state = 'moves': is nothing that switchover knows; did you mean moved?"]
members:
  description: For each host of a cluster that is meant, the hosts of this run that belong to the same.
  returned: always
  type: dict
  sample: {nodea: [nodea, nodeb], nodeb: [nodea, nodeb]}
inventory:
  description: For each host of a cluster that is meant, all hosts of the inventory that belong to the same.
  returned: always
  type: dict
  sample: {nodea: [nodea, nodeb], nodeb: [nodea, nodeb]}
clusters:
  description: The clusters that are meant.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name; none where nothing is described.
      type: str
      sample: office
    hosts:
      description: Its hosts in this run.
      type: list
      elements: str
      sample: [nodea, nodeb]
    nodes:
      description: Its described nodes.
      type: list
      elements: str
      sample: [nodea, nodeb]
    drawing:
      description: The placement of its services as a table of text, where the description was judged.
      type: str
waves:
  description: The clusters in the waves in which they are changed, with their hosts and those of the waves before.
  returned: success
  type: list
  elements: dict
  sample: [{clusters: [office], hosts: [nodea, nodeb], before: []}]
tiers:
  description: The tiers of the inventory, those that others need first.
  returned: for playbooks that go through them
  type: list
  elements: dict
  contains:
    kind:
      description: What it is, by the name of its folder among the playbooks.
      type: str
      sample: ias
    name:
      description: Its name in the description.
      type: str
      sample: mail
    role:
      description: The role that configures it, by its short name.
      type: str
      sample: ias_cluster
    hosts:
      description: All hosts of the inventory that belong to it.
      type: list
      elements: str
      sample: [server0, server1]
    rank:
      description: 0 if it needs no other tier, else one more than the highest of those that it needs.
      type: int
      sample: 0
"""
