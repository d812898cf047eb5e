#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_option
short_description: Options of a Messaging Server instance
version_added: 0.1.0
description:
  - Sets options of an instance of Messaging Server, with C(configutil) where it has a legacy configuration and with
    C(msconfig) where it has a Unified Configuration.
  - All options are read by one command and changed by one command, then read again; an option that the product took but
    does not have afterwards is an error. Nothing is run that changes something when all is as wanted.
  - Servers take over what changed when they are restarted or refreshed, depending on the option.
  - Runs where the instance's configuration can be seen, which is where its service's volume is mounted.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  server_root:
    description: The directory that the manuals call C(MessagingServer_home).
    type: path
    required: true
  configuration:
    description: Which configuration the instance must have. V(auto) takes the one that it has.
    type: str
    default: auto
    choices: [auto, legacy, unified]
  options:
    description:
      - Values by the name of their option, such as V(base.listenaddr), without C(role.) or C(instance.).
      - Null takes an option back to its default. True and false are V(1) and V(0).
    type: dict
    default: {}
  secrets:
    description:
      - Likewise, for values that nobody is to see. They reach the product in a file that only root can read, which is
        removed afterwards, and appear in no log, diff or return value.
    type: dict
    default: {}
  update_secrets:
    description:
      - Whether to set secrets again whose present value the product does not show; V(always) then reports a change each
        time. Those that it does show are compared.
    type: str
    default: on_create
    choices: [on_create, always]
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Bind an instance with a Unified Configuration to its address, and set the password for its directory
  groupware.ha.messaging_option:
    server_root: /mail1/messaging64
    options:
      base.listenaddr: 192.0.2.21
      pop.enable: false
      http.port:
    secrets:
      base.ugldapbindcred: "{{ vault_directory_password }}"

- name: The same on a legacy configuration
  groupware.ha.messaging_option:
    server_root: /opt/mail1/messaging64
    configuration: legacy
    options:
      service.listenaddr: 192.0.2.21
      service.pop.enable: false
"""

RETURN = r"""
configuration:
  description: Which configuration the instance has.
  returned: success
  type: str
  sample: unified
changed_options:
  description: Names of the options that were changed, or would be.
  returned: success
  type: list
  elements: str
  sample: [base.listenaddr]
commands:
  description: The commands that were run, or would be run.
  returned: always
  type: list
  elements: str
  sample: [/mail1/messaging64/bin/msconfig run /var/run/groupware-ha-mail1-messaging64.options]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import (
    local_server,
    options_of,
    set_options,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "server_root": {"type": "path", "required": True},
            "configuration": {"type": "str", "default": "auto", "choices": ["auto", "legacy", "unified"]},
            "options": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "update_secrets": {
                "type": "str",
                "default": "on_create",
                "choices": ["on_create", "always"],
                "no_log": False,
            },
        }
    )
    given = module.params

    def work(runner):
        server = local_server(given["server_root"], runner)
        wanted, secrets = options_of(given["options"], given["secrets"])
        kind = None if given["configuration"] == "auto" else given["configuration"]
        return set_options(server, wanted, secrets, kind, given["update_secrets"] == "always").as_dict()

    module.run(work)


if __name__ == "__main__":
    main()
