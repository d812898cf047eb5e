# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How errors of Ansible are told."""

from __future__ import annotations

from ansible.errors import AnsibleError


def words(error: AnsibleError) -> str:
    """An error's own message in one line, without the place that Ansible shows beside it, where a secret may stand."""
    return " ".join(str(error.message).split())
