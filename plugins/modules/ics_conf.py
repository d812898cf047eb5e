#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ics_conf
short_description: Parameters of Calendar Server 6 in ics.conf
version_added: 0.1.0
description:
  - Sets parameters of C(ics.conf), where of several occurrences the last one counts. Comments and other lines stay as
    they are, byte for byte.
  - With O(marker), the parameters are kept in a block of their own at the end of the file, which can be removed again,
    so that what stood before counts as it did.
  - The file is replaced atomically, with its owner and permissions, and its former version is kept beside it.
  - Calendar Server reads the file when it starts. The module restarts nothing; RV(restart_required) says whether a
    restart would make a difference.
  - Passwords in the file are not shown in the diff, and cannot be set.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  path:
    description: The file. It has to exist; the product's own configuration program makes it.
    type: path
    required: true
  parameters:
    description:
      - Values by the names of the parameters, as texts or whole numbers. Without O(marker), a parameter that is null is
        switched off by making its line a comment.
    type: dict
    default: {}
  marker:
    description: Words that mark the block. Without it, each parameter is set where it counts.
    type: str
  state:
    description: With V(absent), the block of O(marker) is removed.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Calendar Server answers at its logical address
  groupware.ha.ics_conf:
    path: /cal/config/ics.conf
    marker: high availability
    parameters:
      local.server.ha.enabled: "yes"
      local.server.ha.agent: SUNWscics
      service.http.listenaddr: 192.0.2.31
      local.hostname: cal1
  register: ics_conf

- name: Set one parameter where it counts
  groupware.ha.ics_conf:
    path: /cal/config/ics.conf
    parameters:
      service.http.idletimeout: 180
"""

RETURN = r"""
restart_required:
  description: Whether a parameter has another value than before, so that a server that runs has to be restarted.
  returned: success
  type: bool
  sample: true
parameters_changed:
  description: The parameters that have another value than before; null where there was or is none.
  returned: success
  type: dict
  sample: {local.hostname: {before: node1, after: cal1}}
commands:
  description: What was done to the file, or would be.
  returned: success
  type: list
  elements: str
  sample: ["# replace /cal/config/ics.conf"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.command import shown_text
from ansible_collections.groupware.ha.plugins.module_utils.formats import ics_conf
from ansible_collections.groupware.ha.plugins.module_utils.node.files import diff, edit
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "path": {"type": "path", "required": True},
            "parameters": {"type": "dict", "default": {}},
            "marker": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_if=[("state", "absent", ["marker"])],
    )
    path, *wanted = (module.params[name] for name in ("path", "parameters", "marker", "state"))

    def work(runner):
        missing = "it is made by the product's own configuration program"
        before, after = edit(path, lambda text: ics_conf.edit(text, *wanted), runner, missing)
        edited = after != before
        before, after = shown_text(before), shown_text(after)
        changed = ics_conf.changed_parameters(before, after)
        return {
            "changed": edited,
            "restart_required": bool(changed),
            "parameters_changed": changed,
            "diff": diff(path, ics_conf.shown(before), ics_conf.shown(after, before)),
        }

    module.run(work)


if __name__ == "__main__":
    main()
