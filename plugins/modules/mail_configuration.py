#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_configuration
short_description: Have Postfix and Dovecot instances run with judged files
version_added: 0.1.0
description:
  - Brings the files of Postfix and Dovecot instances, and further ones of the node, into the wanted state, all in one
    call per node.
  - Files of an instance are first judged by C(doveconf), C(postconf), C(postmap), C(postfix check), Postfix's C(smtpd)
    and a TLS handshake of the key with its certificate. What they refuse is refused before anything is changed on this
    node, in check mode too. So are ports of Dovecot that the instance's Postfix has, and, where its Dovecot runs, those
    that it could not have.
  - Then all files of the instance are replaced at once, by one rename, its key and certificate among them; see the role
    P(groupware.ha.postfix_dovecot#role) for how they lie on the volume. Volumes of earlier versions are brought into
    this layout. Files of the user's own beside them are kept.
  - Servers that run on this node take over what changed by a reload and are greeted on their ports, C(25), C(587),
    C(465) and C(993). Those that end instead are started. If they do not answer any more and had answered before, the
    former files are put back, and the module fails.
  - An instance whose volume is not mounted on this node is left out. The volume is kept from being unmounted meanwhile.
  - Makes a private key and a certificate signed by it for an instance that has none.
  - Sensitive content appears in no log, no diff and no return value.
attributes:
  check_mode:
    description:
      - Can run in check mode, and then reports exactly what the next run will do. Judges the files too, where the
        programs are installed.
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
options:
  dovecot_releases:
    description:
      - Entries of O(files) that are for one release of Dovecot; the release, such as V(2.4), by the number of the
        entry, the first being V(0). On a node with another one they are left out.
      - In a task, say it in the entry itself, as C(dovecot).
    type: dict
    default: {}
  instances:
    description:
      - The instances. Entries of O(files) that are for C(postfix/etc), C(tls), C(dovecot/dovecot.conf) or
        C(dovecot/users) below one's O(instances[].mount_point) are its files.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name; Dovecot's sockets are below C(/run/dovecot) in a directory of this name.
        type: str
        required: true
      mount_point:
        description: Where its volume is mounted.
        type: path
        required: true
      address:
        description: The address that it answers on.
        type: str
        required: true
      host_name:
        description: The name that its self-signed certificate is for.
        type: str
        required: true
      recipient:
        description: An address of one of its domains, that port 25 is asked for.
        type: str
        required: true
      self_signed:
        description: Make a certificate if it has none, and none is among O(files).
        type: bool
        default: true
      given:
        description:
          - Names of the options that the user gave, to be named when a program refuses what they made of the files,
            such as V(dovecot_settings), V(postfix_parameters.message_size_limit), V(certificate).
        type: list
        elements: str
        default: []
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
  groupware.ha.mail_configuration:
    files: "{{ wanted.files }}"
    instances: "{{ wanted.instances }}"
  vars:
    wanted: "{{ postfix_dovecot_instances | groupware.ha.mail_instances(postfix_dovecot_users) }}"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /srv/mail1/postfix/etc/main.cf, action: write, label: mail1/postfix}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [mail1/postfix]
mounted:
  description: The mount points where a file system is mounted on this node.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1]
backups:
  description: Paths of the copies that were kept of the node's own files.
  returned: success
  type: list
  elements: str
  sample: [/etc/postfix/main.cf.2041.2026-11-21@03:28:45~]
commands:
  description: Command lines that changed something.
  returned: success
  type: list
  elements: str
  sample: [postfix -c /srv/mail1/postfix/etc reload]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.mail_configuration import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
