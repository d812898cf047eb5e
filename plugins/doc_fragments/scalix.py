# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation that the modules for Scalix share."""

    INSTANCES = r"""
options:
  instances:
    description:
      - All Scalix instances of the cluster. P(groupware.ha.scalix_instances#filter) makes them of a description.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the instance, its OMNAME.
        type: str
        required: true
      host_name:
        description: The fully qualified host name that its users know it by.
        type: str
        required: true
      nodes:
        description: The nodes that may run it, the one that it is at home on first.
        type: list
        elements: str
        default: []
"""
