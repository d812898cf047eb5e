#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ias_server
short_description: Start or stop an iPlanet Application Server
version_added: 0.1.0
description:
  - Starts or stops a server of this node, and waits until its Executive Server (KXS) takes connections, or takes none
    any more.
  - What counts is whether the server runs in the end. A command that failed, or did not end, but had the effect is
    taken for done.
attributes:
  diff_mode:
    description: Shows whether the server runs, before and after.
  idempotent:
    description: A server that runs is not started, one that does not run is not stopped.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  state:
    description: Whether the server is to run.
    type: str
    choices: [started, stopped]
    required: true
  address:
    description: The address that its Executive Server listens on.
    type: str
    required: true
  port:
    description: The port of its Executive Server.
    type: int
    required: true
  start_command:
    description: The command line that starts it, one word an element.
    type: list
    elements: str
    required: true
  stop_command:
    description: The command line that stops it, one word an element.
    type: list
    elements: str
    required: true
  timeout:
    description: Seconds that the command has to end, and then again the server to start or stop.
    type: int
    default: 120
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Stop the server before its registry is edited
  groupware.ha.ias_server:
    state: stopped
    address: 192.0.2.11
    port: 10800
    start_command: [/usr/iplanet/ias6/ias/bin/KIVAes.sh, start]
    stop_command: [/usr/iplanet/ias6/ias/bin/KIVAes.sh, stop]
"""

RETURN = r"""
running:
  description: Whether the server ran before.
  returned: success
  type: bool
commands:
  description: The command lines that were run, or would be.
  returned: always
  type: list
  elements: str
  sample: [/usr/iplanet/ias6/ias/bin/KIVAes.sh stop]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products import ias_server
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    command = {"type": "list", "elements": "str", "required": True}
    module = Module(
        {
            "state": {"type": "str", "choices": ["started", "stopped"], "required": True},
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "start_command": command,
            "stop_command": command,
            "timeout": {"type": "int", "default": 120},
        }
    )
    given = module.params
    started = given["state"] == "started"
    module.run(
        lambda runner: ias_server.converge(
            runner,
            given["address"],
            given["port"],
            started,
            given["start_command" if started else "stop_command"],
            given["timeout"],
        ),
    )


if __name__ == "__main__":
    main()
