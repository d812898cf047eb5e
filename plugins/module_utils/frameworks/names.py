# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the frameworks are called. Pure."""

from __future__ import annotations

#: Each with a program that is there exactly where the framework is installed.
PROGRAMS = {
    "pacemaker": "cibadmin",
    "solaris_cluster": "scrgadm",
    "vcs": "hagrp",
    "clusterware": "crsctl",
    "rhcs": "clusvcadm",
}

#: What a description that names no framework means.
DEFAULT = "pacemaker"
