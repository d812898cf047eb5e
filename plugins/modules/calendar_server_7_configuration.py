#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: calendar_server_7_configuration
short_description: Have Calendar Server 7 configured
version_added: 0.2.0
description:
  - Configures Calendar Server 7 once, by its configurator C(init-config), and has its options as they are wanted, by
    C(davadmin config). Only what differs is told, all of it in one call, and asked for again afterwards.
  - Runs on the front end that the manual calls machine A. The vendor's software is installed before.
  - Passwords are in files of mode 0600 in memory as long as one of the two programs reads them, on no command line, and
    in no result. C(davadmin) shows none; whether one differs is seen in C(davservercreds.properties).
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports what the next run will do. What options differ is not known before the
        product is configured.
  diff_mode:
    description: Shows the names of options that differ.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  administrator:
    description: The product's administrator.
    type: str
    default: admin
  answers:
    description: What the configurator is told, but for passwords.
    type: dict
    default: {}
  options:
    description: Options by their names, as C(davadmin config list) shows them.
    type: dict
    default: {}
  secrets:
    description:
      - The password of O(administrator) as C(administrator), passwords for the configurator as C(answers), and options
        that are passwords as C(options), both by their names.
    type: dict
    required: true
  home:
    description: Where the product is installed.
    type: path
    default: /opt/sun/comms/davserver
  data:
    description: What has its configuration in it.
    type: path
    default: /var/opt/sun/comms/davserver
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have the calendar find its document store
  groupware.ha.calendar_server_7_configuration:
    options:
      store.dav.defaultbackend.attachstorehost: store.example.com
    secrets:
      administrator: "{{ vault_calendar_administrator }}"
      options:
        store.document.password: "{{ vault_document_store }}"
"""

RETURN = r"""
configured:
  description: Whether the product was configured before.
  returned: success
  type: bool
differences:
  description: Names of options that differed.
  returned: success
  type: list
  elements: str
  sample: [store.dav.defaultbackend.attachstorehost]
commands:
  description: Commands that changed something, without how they log in.
  returned: always
  type: list
  elements: str
  sample: ["davadmin config modify: store.dav.defaultbackend.attachstorehost"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.calendar_server_7_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
