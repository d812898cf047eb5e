#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: account
short_description: Say at the end of a run what it came to, cluster by cluster and tier by tier
description:
  - Prints one table with every cluster and tier of the run, whether it is done, and where its services are. Fails where
    something was not done, so that the run's exit status says so.
  - Runs on the controller alone; it connects to no host and needs no privileges. It reads what
    M(groupware.ha.request) has returned at the beginning, in the variable C(groupware_request).
version_added: 0.2.0
author: groupware.ha contributors (@groupware-ha)
extends_documentation_fragment:
  - groupware.ha.engine.attributes
"""

EXAMPLES = r"""
---
- name: Say what was done
  groupware.ha.account:
  run_once: true
"""

RETURN = r"""
---
lines:
  description: The table, line by line.
  returned: always
  type: list
  elements: str
  sample: ["office  done  mail1: online on nodea"]
"""
