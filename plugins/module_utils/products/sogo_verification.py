# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be said of SOGo, by what each node, the database and the front end answered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words
from .sogo_description import UNITS, Description


def judge(
    description: Description,
    infos: Mapping[str, Mapping[str, Any]],
    compared: Mapping[str, Mapping[str, Any]],
    users: Mapping[str, Any],
) -> tuple[list[str], list[str]]:
    """Lines to read, and what is wrong, each with what to do.

    :param infos: what groupware.ha.sogo_info returned, by the node
    :param compared: what groupware.ha.sogo_configuration returned in check mode, by the node
    :param users: what groupware.ha.sogo_users returned in check mode, on a node that can be reached
    """
    problems: list[str] = []
    working = []
    for node in description.nodes:
        wrong = list(_of_node(node.name, infos.get(node.name) or {}, compared.get(node.name) or {}))
        problems += wrong
        if not wrong:
            working.append(node.name)
    problems += _of_database(description, users)
    words = in_words(working, "work") if working else "no node works"
    return [f"{description.name}: {words}, with the database {description.database.name}"], problems


def _of_node(name: str, info: Mapping[str, Any], compared: Mapping[str, Any]) -> Iterator[str]:
    if "running" not in info:
        words = str(info.get("msg") or "was not asked").strip().splitlines()[0]
        yield f"{name}: gave no answer ({words})"
        return
    for unit in UNITS:
        if unit not in info["running"]:
            yield f"{name}: {unit} does not run; see systemctl status {unit}, and run groupware.ha.site"
    if UNITS[-1] in info["running"] and info["problem"]:
        yield f"{name}: SOGo gives no page: {info['problem']}; see /var/log/sogo/sogo.log"
    if "changes" not in compared:
        if compared.get("msg"):
            yield f"{name}: its files cannot be compared: {compared['msg']}"
        return
    different = [str(change["path"]) for change in compared["changes"]]
    different += [f"systemctl {one}" for one in compared["services"]]
    if different and set(UNITS) <= set(info["running"]):
        yield f"{name}: is not as described ({', '.join(different)}); run groupware.ha.site"


def _of_database(description: Description, users: Mapping[str, Any]) -> Iterator[str]:
    database = description.database
    here = f"database {database.name} at {database.address}:{database.port}"
    if users.get("problem") is None:
        yield f"{here}: was asked by no node"
    elif users["problem"]:
        yield f"{here}: {users['problem']}"
    else:
        if users["changed"]:
            yield f"{here}: its users are not as described; run groupware.ha.site"
        if users["missing_tables"]:
            yield f"{here}: lacks SOGo's tables {', '.join(users['missing_tables'])}; restart SOGo, which makes them"
