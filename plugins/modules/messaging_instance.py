#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_instance
short_description: Install, configure and register a Messaging Server instance on a node
version_added: 0.1.0
description:
  - Carries out one step of setting up an instance of Messaging Server, unless it is done.
  - Installers are run silently, once. That a step is done is told by what it leaves on the node or on the volume, never
    by a marker alone; that it was interrupted is told by a note that was made before it began and is removed when it
    has ended as it should. A step that was interrupted is done again from its beginning.
  - C(configure) is never run over a finished configuration, since it would overwrite it. An instance that turns out to
    be configured for another host name, or of another kind, is an error.
  - Files with answers and passwords are readable for root alone, and removed whatever happens.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  step:
    description:
      - V(install) runs C(commpkg) on this node. Where O(server_root) is on the volume, the volume must be mounted here.
      - V(configure) runs C(configure) with a state file. The volume must be mounted here and the address be online.
      - V(join) runs C(useconfig), so that this node's programs use the configuration on the volume.
      - V(register) makes the agent known to the cluster framework on this node.
    type: str
    required: true
    choices: [install, configure, join, register]
  server_root:
    description: The directory that the manuals call C(MessagingServer_home). C(commpkg) gives it its last part.
    type: path
    required: true
  data_root:
    description: Directory on the volume for all that is the instance's own. Its configuration is in C(config) below it.
    type: path
    required: true
  mount_point:
    description: Where the service's volume is mounted.
    type: path
    required: true
  installer:
    description: Path of C(commpkg). Needed to install.
    type: path
  components:
    description: What to install, in the words of C(commpkg).
    type: list
    elements: str
    default: [MS64]
  configuration:
    description: Which configuration is made.
    type: str
    default: unified
    choices: [legacy, unified]
  host_name:
    description: The logical host name that the instance is configured for. Needed to configure.
    type: str
  state:
    description:
      - The answers to C(configure), by the names that it gives them in the file that C(configure --saveState) writes.
        C(XMLCONFIG) is added. Not needed any more once the instance is configured.
    type: dict
    default: {}
  configure_arguments:
    description: Further options of C(configure), such as V(--noldap).
    type: list
    elements: str
    default: []
  last_line:
    description: What C(configure) says at the end if all went well. Empty to go by its exit status alone.
    type: str
    default: All Tasks Passed
  in_use:
    description: Whether the cluster runs the application already, so that an unfinished C(configure) is not repeated.
    type: bool
    default: false
  framework:
    description: The cluster framework that the agent is registered with.
    type: str
    choices: [vcs, solaris_cluster, clusterware]
  agent_root:
    description: The directory that the manual calls C(MessagingServer_hahome), on Solaris Cluster.
    type: path
    default: /opt/sun/comms/msg_scha
  agent_components:
    description: What to install for the agent, in the words of C(commpkg), on Solaris Cluster.
    type: list
    elements: str
    default: [MS_SCHA]
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Install the programs on this node
  groupware.ha.messaging_instance:
    step: install
    server_root: /opt/mail1/messaging64
    data_root: /mail1/data
    mount_point: /mail1
    installer: /net/software/messaging-8.1/commpkg

- name: Make the initial configuration where the service is online
  groupware.ha.messaging_instance:
    step: configure
    server_root: /opt/mail1/messaging64
    data_root: /mail1/data
    mount_point: /mail1
    host_name: mail1.example.com
    state: "{{ vault_mail1_state }}"
"""

RETURN = r"""
before:
  description: What the node had of the instance.
  returned: success
  type: dict
  contains: &state
    installed:
      description: Whether the programs are installed.
      type: bool
    mounted:
      description: Whether the volume is mounted here.
      type: bool
    configured:
      description: The kind of configuration that is on the volume; nothing where there is none to be seen from here.
      type: str
    joined:
      description: Whether the programs of this node use the configuration on the volume.
      type: bool
    unfinished:
      description: Steps that were begun and did not end.
      type: list
      elements: str
    agents:
      description: Cluster frameworks that know the agent on this node.
      type: list
      elements: str
  sample: {installed: true, mounted: true, configured: null, joined: false, unfinished: [], agents: []}
after:
  description: What it has now. In check mode the same as RV(before).
  returned: success
  type: dict
  contains: *state
  sample: {installed: true, mounted: true, configured: unified, joined: true, unfinished: [], agents: []}
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [/opt/mail1/messaging64/bin/configure --state /var/run/groupware-ha-opt-mail1-messaging64.state]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_agents import AGENTS
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instance import (
    CONFIGURE_LAST_LINE,
    do_step,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module

WORDS = {"type": "list", "elements": "str"}
ARGUMENT_SPEC = {
    "step": {"type": "str", "required": True, "choices": ["install", "configure", "join", "register"]},
    "server_root": {"type": "path", "required": True},
    "data_root": {"type": "path", "required": True},
    "mount_point": {"type": "path", "required": True},
    "installer": {"type": "path"},
    "components": {**WORDS, "default": ["MS64"]},
    "configuration": {"type": "str", "default": "unified", "choices": ["legacy", "unified"]},
    "host_name": {"type": "str"},
    "state": {"type": "dict", "default": {}, "no_log": True},
    "configure_arguments": {**WORDS, "default": []},
    "last_line": {"type": "str", "default": CONFIGURE_LAST_LINE},
    "in_use": {"type": "bool", "default": False},
    "framework": {"type": "str", "choices": list(AGENTS)},
    "agent_root": {"type": "path", "default": "/opt/sun/comms/msg_scha"},
    "agent_components": {**WORDS, "default": ["MS_SCHA"]},
}


def main() -> None:
    module = Module(
        ARGUMENT_SPEC,
        required_if=[
            ("step", "install", ["installer"]),
            ("step", "configure", ["host_name"]),
            ("step", "register", ["framework"]),
        ],
    )
    # Answers that are given openly as well, such as the host name, are no secrets: to hide them would blot out paths.
    opened = " ".join(str(module.params[name]) for name in ("host_name", "server_root", "data_root", "mount_point"))
    module.no_log_values = {value for value in module.no_log_values if value not in opened}
    module.run(lambda runner: do_step(module.params, runner))


if __name__ == "__main__":
    main()
