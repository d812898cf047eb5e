#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: session_archive
short_description: Make the archive of a web application whose sessions are replicated
version_added: 0.2.0
description:
  - Makes a copy of a WAR with C(<distributable/>) in its C(web.xml), directly below C(<web-app>) and where the schema
    has it, and with a C(sun-web.xml) that has sessions kept after each request, whole.
  - The manual of Calendar Server 7 has both written into the application that is deployed already, where the next
    deployment takes them away again. What is deployed from the copy has them.
  - The same files make the same copy, so that its checksum says whether another one is deployed.
attributes:
  check_mode:
    description: Can run in check mode, and then only says what the copy is.
  diff_mode:
    support: none
    description: It is no text.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  source:
    description: The WAR as the vendor delivers it, on the node.
    type: path
    required: true
  path:
    description: Where the copy is to be; its owner alone reads it.
    type: path
    required: true
  owner:
    description: Who owns it, by a user and a group of that name.
    type: str
    default: root
  persistence:
    description:
      - How sessions are kept. V(replicated) for GlassFish 3 and later, which take V(ha) for memory and say nothing.
        V(ha) for GlassFish 2.1 with HADB.
    type: str
    choices: [replicated, ha]
    default: replicated
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have an application for a cluster
  groupware.ha.session_archive:
    source: /opt/sun/comms/davserver/lib/davserver.war
    path: /var/lib/glassfish/davserver.war
    owner: glassfish
"""

RETURN = r"""
checksum:
  description: SHA-256 of the copy.
  returned: success
  type: str
  sample: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.session_archive import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
