#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: messaging_address
short_description: Bind a Messaging Server instance to its logical address
version_added: 0.1.0
description:
  - Has an instance of Messaging Server listen on its logical address alone, and has its servers watched and restarted,
    as C(ha_ip_config) does on a legacy configuration and the recipe C(HAConfig.rcp) on a Unified Configuration.
  - Those ask for the address and set everything again each time. This sets what differs, reads it back, and can be
    repeated; another address is taken over likewise.
  - On a legacy configuration it sets C(service.listenaddr), C(service.http.smtphost), C(local.watcher.enable) and
    C(local.autorestart), and C(INTERFACE_ADDRESS) in C(dispatcher.cnf) (of the services SMTP and SMTP_SUBMIT those that
    are there) and C(job_controller.cnf). The former version of each file is kept beside it.
  - On a Unified Configuration it sets C(base.listenaddr), C(job_controller.listenaddr), the C(listenaddr) of the
    dispatcher's services SMTP and SMTP_SUBMIT, C(http.smtphost), C(metermaid.listenaddr),
    C(metermaid_client.server_host), C(watcher.enable) and C(base.autorestart.enable).
  - Runs where the instance's configuration can be seen. The servers must be restarted to take it over.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  server_root:
    description: The directory that the manuals call C(MessagingServer_home).
    type: path
    required: true
  address:
    description: The service's logical address, without a prefix length.
    type: str
    required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Bind an instance to its service's address
  groupware.ha.messaging_address:
    server_root: /mail1/messaging64
    address: 192.0.2.21
"""

RETURN = r"""
configuration:
  description: Which configuration the instance has.
  returned: success
  type: str
  sample: legacy
changed_options:
  description: Names of the options that were changed, or would be; those of the MTA's files with file and section.
  returned: success
  type: list
  elements: str
  sample: [service.listenaddr, "dispatcher.cnf [SERVICE=SMTP] INTERFACE_ADDRESS"]
commands:
  description: The commands that were run and the files that were replaced, or would be.
  returned: always
  type: list
  elements: str
  sample: ["# replace /opt/mail1/messaging64/config/dispatcher.cnf"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import (
    bind_to_address,
    checked_address,
    local_server,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "server_root": {"type": "path", "required": True},
            "address": {"type": "str", "required": True},
        }
    )

    def work(runner):
        server = local_server(module.params["server_root"], runner)
        return bind_to_address(server, checked_address(module.params["address"])).as_dict()

    module.run(work)


if __name__ == "__main__":
    main()
