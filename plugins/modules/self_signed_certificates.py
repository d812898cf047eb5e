#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module self_signed_certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: self_signed_certificates
short_description: Make self-signed certificates once
version_added: 0.1.0
description:
  - Makes a private key and a certificate signed by it for each server that has none yet, all in one call per node.
  - What is there is never replaced, whoever made it, and is not looked into.
notes:
  - Needs the program C(openssl), 1.1.1 or later.
  - For certificates of an authority of one's own see the collection community.crypto.
attributes:
  check_mode:
    description: Can run in check mode, and then reports exactly what the next run will do.
    support: full
  diff_mode:
    description: Shows the files that are made, but not what is in them.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
options:
  certificates:
    description: What is wanted.
    type: list
    elements: dict
    required: true
    suboptions:
      certificate:
        description: Path of the certificate, in PEM format; it gets the mode 0644.
        type: path
        required: true
      key:
        description: Path of the private key, in PEM format; it gets the mode 0600.
        type: path
        required: true
      host_names:
        description: Host names that the certificate is for. The first is its common name too.
        type: list
        elements: str
        required: true
      days:
        description: How long it is valid.
        type: int
        default: 3650
      require_mounted:
        description: Leave this one out unless a file system is mounted at this path.
        type: path
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: A certificate for a mail service, on its own volume
  groupware.ha.self_signed_certificates:
    certificates:
      - certificate: /srv/mail1/tls/certificate.pem
        key: /srv/mail1/tls/key.pem
        host_names: [mail1.example.com]
        require_mounted: /srv/mail1
"""

RETURN = r"""
made:
  description: Paths of the certificates that were made, or would be.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1/tls/certificate.pem]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.certificates import (
    CertificateError,
    WantedCertificate,
    make,
    missing,
)
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.files import held_volumes


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "certificates": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "certificate": {"type": "path", "required": True},
                    "key": {"type": "path", "required": True, "no_log": False},
                    "host_names": {"type": "list", "elements": "str", "required": True},
                    "days": {"type": "int", "default": 3650},
                    "require_mounted": {"type": "path"},
                },
            },
        },
        supports_check_mode=True,
    )
    wanted = [
        WantedCertificate(**{**given, "host_names": tuple(given["host_names"])})
        for given in module.params["certificates"]
    ]
    try:
        with held_volumes(one.require_mounted for one in wanted if one.require_mounted) as mounted:
            absent = missing([one for one in wanted if one.require_mounted is None or one.require_mounted in mounted])
            if not module.check_mode:
                runner = LocalRunner()
                for one in absent:
                    make(one, runner)
    except (CertificateError, CommandError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=bool(absent),
        made=[one.certificate for one in absent],
        diff={"before": "", "after": "".join(f"{path}\n" for one in absent for path in (one.key, one.certificate))},
    )


if __name__ == "__main__":
    main()
