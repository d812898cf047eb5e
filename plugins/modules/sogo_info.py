#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sogo_info
short_description: Show whether SOGo and its cache run on a node
version_added: 0.2.0
description:
  - Reads packages and services, and asks SOGo for a page. Works on a node that has nothing of it yet.
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  address:
    description: The address that SOGo listens on.
    type: str
    required: true
  port:
    description: The port that it listens on.
    type: int
    default: 20000
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See whether it works
  groupware.ha.sogo_info:
    address: 192.0.2.31
  register: node
"""

RETURN = r"""
missing_packages:
  description: Those of O(packages) that are not installed.
  returned: success
  type: list
  elements: str
  sample: []
running:
  description: Which of the two services run.
  returned: success
  type: list
  elements: str
  sample: [memcached, sogo]
problem:
  description: Why SOGo gives no page; empty if it does.
  returned: success
  type: str
  sample: it answers with status 503
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.sogo_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
