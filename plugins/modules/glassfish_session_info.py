#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_session_info
short_description: Try whether sessions go on at another instance
version_added: 0.2.0
description:
  - Begins a session on each instance, and looks whether the next instance knows it a second later. GlassFish itself
    says nothing where sessions are not replicated, and gives the client a new one.
  - Each trial leaves a session or two behind, which end when they time out.
  - Does not fail when it does not work; see RV(problems).
extends_documentation_fragment:
  - groupware.ha.engine.reading
options:
  instances:
    description: The instances of the cluster. With one alone there is nothing to try.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      address:
        description: Its address.
        type: str
        required: true
      port:
        description: Its port for HTTP.
        type: int
        required: true
  pages:
    description: Pages that begin a session.
    type: list
    elements: dict
    required: true
    suboptions:
      application:
        description: Whose it is.
        type: str
        required: true
      path:
        description: Its whole path.
        type: str
        required: true
  timeout:
    description: Seconds that an instance has for an answer.
    type: float
    default: 15
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See whether a session outlives its instance
  groupware.ha.glassfish_session_info:
    instances:
      - {name: instance1, address: 192.0.2.11, port: 28080}
      - {name: instance2, address: 192.0.2.12, port: 28080}
    pages:
      - {application: calendar, path: /calendar/login}
"""

RETURN = r"""
ok:
  description: Whether all sessions went on.
  returned: success
  type: bool
  sample: true
problems:
  description: What is wrong, in words.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_session_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
