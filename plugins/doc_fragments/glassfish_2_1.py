# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation that modules for GlassFish 2.1 share."""

    DESCRIPTION = r"""
options:
  description:
    description: The variables of the role P(groupware.ha.glassfish_2_1#role), without its name before them.
    type: dict
    required: true
"""

    ACCESS = r"""
options:
  passwords:
    description:
      - The administrator's password as C(administrator), the domain's master password as C(master), and that of HADB's
        management domain as C(hadb). They are in files of mode 0600 in memory as long as a command runs.
    type: dict
    required: true
"""

    SERVER = r"""
options:
  server:
    description: Name of one of the servers in O(description).
    type: str
    required: true
"""
