# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to make filters of functions."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure


def filter_module(**filters: Callable[..., Any]) -> type:
    """The class in which Ansible looks for the filters of a file; a failure of theirs is told in its own words."""
    told = {name: _telling(function) for name, function in filters.items()}
    return type("FilterModule", (), {"filters": lambda _self: told})


def _telling(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def told(*arguments: Any, **options: Any) -> Any:
        try:
            return function(*arguments, **options)
        except Failure as error:
            raise AnsibleFilterError(str(error)) from None

    return told
