#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: glassfish_installation
short_description: Unpack GlassFish
version_added: 0.2.0
description:
  - Unpacks a distribution of GlassFish, a zip file that is on the node already, so that the directory is there as a
    whole or not at all. What is in the one directory at the archive's top comes into O(directory).
  - All of it belongs to root, whoever its servers run as. Needs no program but Python.
  - A directory with another distribution is refused, since servers may run from it, and so is one with anything else.
attributes:
  diff_mode:
    description: Shows the checksum of what is there before and after.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  archive:
    description: The zip file on the node. Needed only where something is unpacked.
    type: path
  checksum:
    description: Its SHA-256. The directory keeps it in mind, and is as wanted where it has been unpacked from that.
    type: str
  directory:
    description: Where it comes to.
    type: path
    required: true
  state:
    description: With V(absent) the directory is removed.
    type: str
    choices: [present, absent]
    default: present
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Unpack GlassFish
  groupware.ha.glassfish_installation:
    archive: /root/glassfish-7.0.21.zip
    checksum: e0c3e5c458e84811a7b5b140dc43eacb99134fa1ebda8b663f0384aa060f6e6a
    directory: /opt/glassfish
"""

RETURN = r"""
commands:
  description: What was done, or would be.
  returned: always
  type: list
  elements: str
  sample: ["# unpack /opt/glassfish"]
"""

from ansible_collections.groupware.ha.plugins.module_utils.bodies.glassfish_installation import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
