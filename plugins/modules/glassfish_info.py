#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_info
short_description: Show what a node has of GlassFish
version_added: 0.2.0
description:
  - Reads which packages are missing, what was unpacked, whether there are a domain and an instance, and which
    services run. Needs no password, starts no Java, and works on a node that has nothing of it yet.
extends_documentation_fragment:
  - groupware.ha.engine.reading
  - groupware.ha.glassfish.place
options:
  node:
    description: The node of GlassFish that this host is.
    type: str
  instance:
    description: The instance that is on it.
    type: str
  packages:
    description: Names of packages to look for (Debian family; elsewhere all of them count as missing).
    type: list
    elements: str
    default: []
  services:
    description: Units of systemd to look at.
    type: list
    elements: str
    default: []
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: See whether the instance of this host is there
  groupware.ha.glassfish_info:
    node: app1
    instance: instance1
  register: glassfish
"""

RETURN = r"""
missing_packages:
  description: Those of O(packages) that are not installed.
  returned: success
  type: list
  elements: str
  sample: []
checksum:
  description: That of the archive which O(installation) was unpacked from; none where it was not.
  returned: success
  type: str
  sample: e0c3e5c458e84811a7b5b140dc43eacb99134fa1ebda8b663f0384aa060f6e6a
foreign:
  description:
    - Whether O(installation) has something that was not unpacked by P(groupware.ha.glassfish_installation#module).
  returned: success
  type: bool
  sample: false
user:
  description: Whether O(user) is there.
  returned: success
  type: bool
  sample: true
unknown_name:
  description: The host's own name, if the host knows no address of it; GlassFish does not run on such a host.
  returned: success
  type: str
  sample: ""
has_domain:
  description: Whether the domain is there, with secure administration.
  returned: success
  type: bool
  sample: true
fingerprint:
  description: SHA-256 of the certificate of its administration server; none where that is not known.
  returned: success
  type: str
  sample: 5f6ab4b9d9f0c8b6d0bbdcba3f5fcd3e77b7fd8d7e0f5cd80d7a4c2c4f2f1a11
has_instance:
  description: Whether O(instance) is there.
  returned: success
  type: bool
  sample: true
services:
  description:
    - Of each of O(services) whether it is C(running), whether it is C(described) by a unit in C(/etc/systemd/system),
      and whether it is C(stale), started before that was written.
  returned: success
  type: dict
  sample: {glassfish-instance.service: {running: true, stale: false, described: true}}
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_info import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
