#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: duplicate_addresses_info
short_description: Find hosts that have addresses which nobody should have
version_added: 0.1.0
description:
  - Asks the network who has these addresses, by ARP probes as of RFC 5227, all at once and within a second. Probes
    change nothing on other hosts and are safe in a running cluster.
  - For IPv4 addresses on an interface's network. Others are left out; for IPv6 the kernel itself looks for duplicates.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  addresses:
    description: The addresses.
    type: list
    elements: str
    required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See whether anybody has the address of a service that runs nowhere
  groupware.ha.duplicate_addresses_info:
    addresses: [192.0.2.21]
  register: answers
"""

RETURN = r"""
answers:
  description: Hardware address of the host that answered, by address.
  returned: success
  type: dict
  sample: {192.0.2.21: "52:54:00:12:34:56"}
"""


from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import find_duplicates
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module({"addresses": {"type": "list", "elements": "str", "required": True}})
    module.run(
        lambda runner: {"changed": False, "answers": find_duplicates(module.params["addresses"], runner)},
        tells_commands=False,
    )


if __name__ == "__main__":
    main()
