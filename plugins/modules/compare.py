#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: compare
short_description: Say what a run would do to each cluster and tier
description:
  - Compares all clusters and tiers that a run is about with their descriptions, by what their hosts answered to
    M(groupware.ha.question), which was registered as C(groupware_answer).
  - Runs on the controller alone; it connects to no host and needs no privileges.
  - The playbooks that build and plan sites go on only with clusters and tiers that differ.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  show:
    description:
      - Print what would be done, for each cluster and each tier whose role can be asked, and fail if no node of a
        cluster answered, or if anything would be refused.
    type: bool
    default: false
seealso:
  - module: groupware.ha.question
"""

EXAMPLES = r"""
---
- name: Compare all clusters with their descriptions
  groupware.ha.compare:
  run_once: true
  register: groupware_compared
"""

RETURN = r"""
---
found:
  description:
    - For each host, of the nodes of its cluster those that are RV(found.answering), on which it runs (RV(found.live)),
      that have nothing of any cluster (RV(found.bare)), and a line for each to read.
  returned: always
  type: dict
  contains:
    answering:
      description: Nodes that answered.
      type: list
      elements: str
    live:
      description: Nodes on which the cluster runs.
      type: list
      elements: str
    bare:
      description: Nodes that have nothing of a cluster.
      type: list
      elements: str
    lines:
      description: What each node said.
      type: list
      elements: str
differences:
  description: For each cluster of which a node answered, the roles that would do something, and what.
  returned: always
  type: dict
  sample: {office: [{role: ha_ip_config, lines: ["nodea: writes /etc/hosts"]}], branch: []}
states:
  description:
    - For each cluster of which a node answered, its services as M(groupware.ha.failover_services) returns them.
  returned: always
  type: dict
  sample: {office: {mail1: {state: online, nodes: [nodea]}}}
refusals:
  description:
    - For each host of a cluster that cannot become what is described, why not. Nothing is to be done to it.
  returned: always
  type: dict
  sample: {noded: ["nodeb: the cluster does not run there: no such command: hasys"]}
unanswering:
  description: The nodes that gave no answer.
  returned: always
  type: list
  elements: str
hosts:
  description: The nodes that answered, of clusters that differ and can become what is described.
  returned: always
  type: list
  elements: str
  sample: [nodea, nodeb]
tiers:
  description:
    - Tiers that differ and can become what is described, as RV(groupware.ha.request#module:tiers) has them; among them
      those whose role cannot be asked in advance, and those of which a host gave no answer.
  returned: always
  type: list
  elements: dict
refused_tiers:
  description: By kind and name of a tier that cannot become what is described, why not. Nothing is to be done to it.
  returned: always
  type: dict
  sample: {load_balancer edge: ["balancer1: port 443 is another program's"]}
"""
