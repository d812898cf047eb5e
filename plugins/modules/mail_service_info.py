#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_service_info
short_description: Ask running mail services whether they work
version_added: 0.1.0
description:
  - Asks mail services what their users would notice, over the network, all at once. On port 25 for the host name that
    the service gives itself and for STARTTLS, on ports 465 (submission over TLS) and 993 (IMAP over TLS) for the
    certificate, and with a user, on port 587 (submission with STARTTLS) and on port 993, whether that user can log in.
  - Can send a message from the user to the user, wait until it has arrived, and remove it again.
  - Runs anywhere the services can be reached from, such as on the controller. Does not fail when a service does not
    work; see RV(problems).
attributes:
  check_mode:
    description: Changes nothing that stays, and sends no message in check mode.
    support: full
  diff_mode:
    description: Changes nothing that stays.
    support: none
  idempotent:
    description: Changes nothing that stays.
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
      host_name:
        description: The host name that the service must give itself and that its certificate must be for.
        type: str
      user:
        description: Name to log in with. Without one, logging in is not tried.
        type: str
      mail_address:
        description:
          - The user's address, for O(round_trip). The default is O(services[].user), and if that has no domain, with
            O(services[].host_name) as its domain.
        type: str
      ports:
        description:
          - Ports by the names of the protocols that the service has, V(smtp), V(submission), V(imap), V(imaps) or
            V(pop). These alone are asked for their greetings then, TLS is wanted of V(imaps) alone, and a user logs in
            where TLS keeps the password from others. It is for services that are not of Postfix and Dovecot.
        type: dict
  passwords:
    description: Passwords of the users, by name of the service.
    type: dict
    default: {}
  round_trip:
    description: Send each user a message, wait for it, and remove it.
    type: bool
    default: false
  ca_file:
    description:
      - File of the authorities that the certificates must come from. Without it any certificate will do that has the
        right name and has not ended.
    type: path
  certificate_days:
    description: A certificate that ends sooner than in so many days is a problem.
    type: int
    default: 30
  timeout:
    description: Seconds that one service has for all its answers.
    type: float
    default: 15
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Ask two services, with a message each
  groupware.ha.mail_service_info:
    services:
      - {name: mail1, host: 192.0.2.21, host_name: mail1.example.com, user: probe}
      - {name: mail2, host: 192.0.2.22, host_name: mail2.example.com, user: probe}
    passwords: "{{ probe_passwords }}"
    round_trip: true
  delegate_to: localhost
  register: mail

- name: Stop if there is a problem
  ansible.builtin.assert:
    that: mail.problems | length == 0
    fail_msg: "{{ mail.problems }}"
"""

RETURN = r"""
services:
  description:
    - What each service answered, by name. V(unknown) has what could not be asked, V(silent) the protocols of which no
      answer came that could be understood, V(greeted) those of O(services[].ports) that answered.
  returned: always
  type: dict
  sample:
    mail1:
      ok: true
      problems: []
      summary: mail1.example.com answers, logins work
      unknown: []
      silent: []
      greeted: []
      smtp: {banner: mail1.example.com ESMTP, host_name: mail1.example.com, starttls: true, seconds: 0.011}
      certificate: {names: [mail1.example.com], expires: '2036-11-18T03:57:31+00:00', days_left: 3649}
      submission: {login: true, login_without_tls_offered: false, seconds: 0.161}
      submissions:
        banner: mail1.example.com ESMTP
        host_name: mail1.example.com
        login_offered: true
        certificate: {names: [mail1.example.com], expires: '2036-11-18T03:57:31+00:00', days_left: 3649}
        seconds: 0.012
      imap: {login: true, seconds: 0.257}
      round_trip:
        message_id: <2f0c3a4e-2c8e-4b43-a5a5-8c2a7f6a41f9@mail1.example.com>
        acknowledged_after: 0.034
        arrived: true
        arrived_after: 0.003
problems:
  description: Everything that is wrong, with the name of the service before it; empty if all is well.
  returned: always
  type: list
  elements: str
  sample: ["mail2: smtp: [Errno 111] Connection refused"]
"""


from ansible_collections.groupware.ha.plugins.module_utils.products.mail_probe import (
    Expectations,
    Target,
    ask_all,
    unfit_ports,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module
from ansible_collections.groupware.ha.plugins.module_utils.shown import shape


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
                    "host_name": {"type": "str"},
                    "user": {"type": "str"},
                    "mail_address": {"type": "str"},
                    "ports": {"type": "dict"},
                },
            },
            # Apart from the services: Ansible finds secrets in nested options, to keep them out of its log, only where
            # they look the same when quoted.
            "passwords": {"type": "dict", "default": {}, "no_log": True},
            "round_trip": {"type": "bool", "default": False},
            "ca_file": {"type": "path"},
            "certificate_days": {"type": "int", "default": 30},
            "timeout": {"type": "float", "default": 15},
        }
    )
    wrong = [
        f"passwords.{name}: is {shape(password)}, not a text; give a text in quotes"
        for name, password in module.params["passwords"].items()
        if not isinstance(password, str)
    ]
    wrong += [
        f"services[{service['name']}].ports: {fault}"
        for service in module.params["services"]
        for fault in unfit_ports(service["ports"] or {})
    ]
    if wrong:
        module.fail_json(msg="\n".join(wrong))
    targets = [
        Target(password=module.params["passwords"].get(service["name"]), **service)
        for service in module.params["services"]
    ]
    expectations = Expectations(
        timeout=module.params["timeout"],
        certificate_days=module.params["certificate_days"],
        ca_file=module.params["ca_file"],
        round_trip=module.params["round_trip"] and not module.check_mode,
    )
    answers = ask_all(targets, expectations)
    module.exit_json(
        changed=False,
        services={answer.name: answer.as_dict() for answer in answers},
        problems=[f"{answer.name}: {problem}" for answer in answers for problem in answer.problems],
    )


if __name__ == "__main__":
    main()
