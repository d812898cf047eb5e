# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation that modules for GlassFish share."""

    PLACE = r"""
options:
  installation:
    description: The directory that GlassFish was unpacked to.
    type: path
    default: /opt/glassfish
  data:
    description: The directory of its domains and nodes.
    type: path
    default: /var/lib/glassfish
  user:
    description: The system's user that its servers run as.
    type: str
    default: glassfish
  domain:
    description: Name of the domain.
    type: str
    default: domain1
"""

    ACCESS = r"""
options:
  port:
    description: The port of the administration server.
    type: int
    default: 4848
  administrator:
    description: The administrator's name.
    type: str
    default: admin
  passwords:
    description:
      - The administrator's password as C(administrator), the domain's master password as C(master), and those of
        aliases by the alias, as far as the module needs them.
    type: dict
    required: true
"""
