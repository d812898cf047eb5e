#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module web_service_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: web_service_info
short_description: Ask running web services whether they work
version_added: 0.2.0
description:
  - Asks each service for a page over HTTP or HTTPS, all at once, and looks whether it comes, and whether the
    service itself gave it.
  - Runs anywhere the services can be reached from, such as on the controller. Does not fail when a service does not
    work; see RV(problems).
attributes:
  check_mode:
    description: Only reads, so check mode makes no difference.
    support: full
  diff_mode:
    description: Only reads.
    support: none
  idempotent:
    description: Only reads.
    support: full
options:
  services:
    description: The services to ask.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name to speak of the service in answers.
        type: str
        required: true
      host:
        description: Address or name to connect to.
        type: str
        required: true
      port:
        description: Port to connect to.
        type: int
        default: 80
      path:
        description: The page that is asked for, with the query behind it if there is one.
        type: str
        default: /
      contains:
        description: A word that the page has if the service itself answers. Without one any page will do.
        type: str
        default: ""
      tls:
        description:
          - Ask over HTTPS. The certificate is judged too, but not who signed it.
        type: bool
        default: false
        version_added: 0.2.0
      host_name:
        description: The name that the certificate has to be for. Without one any name will do.
        type: str
        version_added: 0.2.0
  certificate_days:
    description: Days that a certificate must at least be valid yet.
    type: int
    default: 30
    version_added: 0.2.0
  timeout:
    description: Seconds that one service has for its answer.
    type: float
    default: 15
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Ask a calendar for the version of its protocol
  groupware.ha.web_service_info:
    services:
      - name: cal
        host: 192.0.2.31
        path: /version.wcap?fmt-out=text/calendar
        contains: X-NSCP-WCAPVERSION
  delegate_to: localhost
  register: web
"""

RETURN = r"""
services:
  description: What each service answered, by name.
  returned: always
  type: dict
  sample:
    cal: {ok: true, problems: [], status: 200, server: ""}
problems:
  description: Everything that is wrong, with the name of the service before it; empty if all is well.
  returned: always
  type: list
  elements: str
  sample: ["cal: [Errno 111] Connection refused"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.web_probe import Page, ask_all
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "services": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "host": {"type": "str", "required": True},
                    "port": {"type": "int", "default": 80},
                    "path": {"type": "str", "default": "/"},
                    "contains": {"type": "str", "default": ""},
                    "tls": {"type": "bool", "default": False},
                    "host_name": {"type": "str"},
                },
            },
            "certificate_days": {"type": "int", "default": 30},
            "timeout": {"type": "float", "default": 15},
        }
    )

    def work(_runner):
        pages = [Page(**service) for service in module.params["services"]]
        answers = ask_all(pages, module.params["timeout"], module.params["certificate_days"])
        return {
            "changed": False,
            "services": {answer.name: answer.as_dict() for answer in answers},
            "problems": [f"{answer.name}: {problem}" for answer in answers for problem in answer.problems],
        }

    module.run(work, tells_commands=False)


if __name__ == "__main__":
    main()
