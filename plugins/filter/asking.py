# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the playbook verify: what the services of an application are asked, and what their answers mean."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.applications import asking
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module

FilterModule = filter_module(
    application_answers=asking.answers, application_questions=asking.questions, running_here=asking.running_here
)
