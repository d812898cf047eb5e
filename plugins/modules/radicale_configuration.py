#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: radicale_configuration
short_description: Have Radicale instances run with judged files
version_added: 0.2.0
description:
  - Brings the files of Radicale instances, and further ones of the node, into the wanted state, all in one call per
    node.
  - Files of an instance are first judged by Radicale itself, which reads all that it would start with, by OpenSSL,
    which reads the authority for log-ins at a mail service, and by a TLS handshake of the key with its certificate.
    What they refuse is refused before anything is changed on this node, in check mode too.
  - An instance that runs on this node is restarted when what it runs with is older than its files, and has to answer
    then. If it does not, the former files are put back, and the module fails. Users are read by it at each request,
    without a restart.
  - An instance whose volume is not mounted on this node is left out. The volume is kept from being unmounted meanwhile.
  - Makes a private key and a certificate signed by it for an instance that has none.
  - Sensitive content appears in no log, no diff and no return value.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports exactly what the next run will do. Judges the files too, where Radicale
        is installed.
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
options:
  instances:
    description:
      - The instances. Entries of O(files) whose O(files[].require_mounted) is one's O(instances[].mount_point) are its
        files; C(tls.pem) has the key and then the certificate. In a task, an entry can have C(sources) in place of
        O(files[].source), of which its content is made one behind the other.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name; the unit C(groupware-radicale@NAME.service) runs it.
        type: str
        required: true
      mount_point:
        description: Where its volume is mounted; its files are in the folder C(radicale) there.
        type: path
        required: true
      host_name:
        description: The name that its self-signed certificate is for.
        type: str
        required: true
      log_in:
        description: The name that Radicale has for the way its users log in. Radicale 3.1 does not have V(imap).
        type: str
        choices: [htpasswd, imap]
        default: htpasswd
      self_signed:
        description: Make a certificate if it has none, and none is among O(files).
        type: bool
        default: true
extends_documentation_fragment:
  - groupware.ha.engine.attributes
  - groupware.ha.files
seealso:
  - module: groupware.ha.configuration_files
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Bring the files of all instances into the wanted state
  groupware.ha.radicale_configuration:
    files: "{{ wanted.files }}"
    instances: "{{ wanted.instances }}"
  vars:
    wanted: "{{ radicale_instances | groupware.ha.radicale_instances(radicale_users) }}"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /srv/cal1/radicale/config, action: write, label: cal1/radicale}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [cal1/radicale]
restarts:
  description: The instances that were restarted, or would be.
  returned: success
  type: list
  elements: str
  sample: [cal1]
mounted:
  description: The mount points where a file system is mounted on this node.
  returned: success
  type: list
  elements: str
  sample: [/srv/cal1]
backups:
  description: Paths of the copies that were kept of the node's own files.
  returned: success
  type: list
  elements: str
  sample: []
commands:
  description: Command lines that changed something.
  returned: success
  type: list
  elements: str
  sample: [systemctl try-restart groupware-radicale@cal1.service]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.radicale_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
