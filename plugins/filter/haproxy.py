# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role haproxy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications.asking import is_stopped, status_of
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy
from ansible_collections.groupware.ha.plugins.plugin_utils.filters import filter_module


def haproxy_instances(instances: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Everything that has to be on the nodes for these instances, and what they are asked for."""
    parsed = haproxy.parse_instances(instances)
    files = [*haproxy.node_files(parsed), *(entry for one in parsed for entry in haproxy.instance_files(one))]
    pages = [page for one in parsed for page in haproxy.pages(one)]
    return {"files": files, "instances": [one.name for one in parsed], "pages": pages}


def haproxy_running(
    instances: Sequence[Mapping[str, Any]], infos: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Those of the instances that the cluster has not stopped."""
    status = status_of(infos)
    return [one for one in instances if not is_stopped(status, one["name"])]


def haproxy_answers(
    instances: Sequence[Mapping[str, Any]],
    compared: Mapping[str, Mapping[str, Any]],
    infos: Mapping[str, Mapping[str, Any]],
    answers: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """What the instances answered, by service."""
    return {one.name: haproxy.answer(one, compared, infos, answers) for one in haproxy.parse_instances(instances)}


FilterModule = filter_module(
    haproxy_answers=haproxy_answers, haproxy_instances=haproxy_instances, haproxy_running=haproxy_running
)
