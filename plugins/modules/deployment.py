#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: deployment
short_description: Judge the description of a cluster and show where its services are placed
description:
  - Reads the description of a cluster and its services, and fails with everything that is wrong with it, each with the
    key, the value, the reason and the remedy.
  - Touches nothing and needs no cluster, so it can run on the controller before anything else.
version_added: 0.1.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.engine.description
"""

EXAMPLES = r"""
---
- name: Refuse a bad description before anything is touched
  groupware.ha.deployment:
    cluster: "{{ groupware_cluster }}"
    services: "{{ groupware_services }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
---
problems:
  description: Everything that is wrong with the description.
  returned: failure
  type: list
  elements: dict
  sample:
    - key: services[mail1].address
      value: 192.0.2.255
      reason: is the broadcast address of 192.0.2.0/24
      remedy: use a host's address
drawing:
  description: The placement as a table of text.
  returned: success
  type: str
placement:
  description:
    - Nodes of each service in order of preference, services that each node carries when all is well, and how many
      it must have room for so that the loss of any other node is survived.
  returned: success
  type: dict
  sample: {services: {mail1: [nodea, nodeb]}, load: {nodea: [mail1], nodeb: []}, capacity: {nodea: 1, nodeb: 1}}
commands:
  description: Command lines that changed something, in order; in check mode those that would.
  returned: always
  type: list
  elements: str
  sample: ["cibadmin --patch --xml-pipe"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.description.placement import draw, summary
from ansible_collections.groupware.ha.plugins.module_utils.entry import DESCRIPTION_OPTIONS, described
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main():
    module = Module(DESCRIPTION_OPTIONS)

    def work(runner):
        framework, description = described(module.params, runner)
        framework.compile(description)
        warnings = []
        if description.cluster.fencing_disabled:
            warnings.append(
                "fencing is DISABLED (cluster.fencing.disabled_accepting_data_loss): when nodes lose sight of each "
                "other, two may mount one volume and destroy the data on it"
            )
        return {
            "changed": False,
            "diff": {"before": "", "after": ""},
            "drawing": draw(description),
            "placement": summary(description),
            "warnings": warnings,
        }

    module.run(work)


if __name__ == "__main__":
    main()
