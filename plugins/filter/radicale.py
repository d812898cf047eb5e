# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role radicale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products import radicale
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def radicale_instances(
    instances: Sequence[Mapping[str, Any]], users: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that has to be on the nodes for these instances."""
    parsed = radicale.parse_instances(instances, users)
    files = [*radicale.node_files(parsed), *(entry for one in parsed for entry in radicale.instance_files(one))]
    return {"files": files, "instances": radicale.instances_of(parsed)}


FilterModule = filter_module(radicale_instances=radicale_instances)
