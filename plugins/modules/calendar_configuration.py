#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: calendar_configuration
short_description: Configure an installation of Calendar Server 6.3 once
version_added: 0.1.0
description:
  - Runs Calendar Server's configuration program C(csconfigurator.sh) silently on a node that has not been configured,
    with its config directory on the service's shared file system.
  - The program writes a new C(ics.conf) whenever it runs. So it is run on the first node where there is none; on each
    further node the shared files are put back afterwards as they were; and it never runs again on a node that was
    configured, by this module or by hand.
  - A run is taken for done only if the program says so in its last lines and C(ics.conf) is there. What a program that
    died has left is not taken for a configuration; the next run begins anew.
  - The state file with the answers is readable for root alone, and removed whatever happens.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  server_root:
    description: Directory of the installation, C(cal-svr-base) in the manual, such as V(/opt/SUNWics5/cal).
    type: path
    required: true
  config_directory:
    description: The config directory on the shared file system. The installation's C(config) becomes a link to it.
    type: path
    required: true
  state_file_content:
    description: The answers to the program's questions, as its state file has them.
    type: str
    required: true
  online:
    description:
      - Whether the service, and so its shared file system, is online on this node. Where it is not, the module judges
        the node's installation alone, and configures nothing.
    type: bool
    default: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Configure the calendar on the node that runs it
  groupware.ha.calendar_configuration:
    server_root: /opt/SUNWics5/cal
    config_directory: /cal/config
    state_file_content: "{{ lookup('ansible.builtin.template', 'state_file.j2') }}"
"""

RETURN = r"""
configured_anywhere:
  description: Whether some node had configured the service before.
  returned: success
  type: bool
  sample: true
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample:
    - >-
      /opt/SUNWics5/cal/sbin/csconfigurator.sh -nodisplay -noconsole -novalidate
      -state /opt/SUNWics5/cal/.configuration.state
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server import (
    Installation,
    converge,
    secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "server_root": {"type": "path", "required": True},
            "config_directory": {"type": "path", "required": True},
            "state_file_content": {"type": "str", "required": True, "no_log": True},
            "online": {"type": "bool", "default": True},
        }
    )
    answers = module.params["state_file_content"]
    module.no_log_values.update(secrets(answers))
    installation = Installation(
        module.params["server_root"], module.params["config_directory"], module.params["online"]
    )
    module.run(lambda runner: converge(installation, answers, runner))


if __name__ == "__main__":
    main()
