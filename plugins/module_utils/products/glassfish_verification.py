# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What works of a GlassFish cluster, and what does not, by what its servers say and what was tried. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words
from .glassfish_description import Description, Server


def judge(
    description: Description,
    infos: Mapping[str, Mapping[str, Any]],
    configured: Mapping[str, Any],
    sessions: Mapping[str, Any],
) -> tuple[list[str], list[str]]:
    """Lines of what works, and problems each with what to do.

    :param infos: what glassfish_info returned of each server
    :param configured: what glassfish_configuration returned in check mode, or how it failed
    :param sessions: what glassfish_session_info returned, or nothing where nothing was tried
    """
    lines: list[str] = []
    problems: list[str] = []
    name = description.name
    for server in description.servers:
        info = infos.get(server.name) or {}
        if "services" not in info:
            problems.append(f"{server.name}: gave no answer ({_words(info)})")
    if "instances" not in configured:
        problems.append(f"{name}: the administration server on {description.administration}: {_words(configured)}")
    else:
        seen = {str(one["server"]): one for one in configured["instances"]}
        problems += [words for server in description.servers for words in _of_instance(server, seen.get(server.name))]
        if configured.get("differences"):
            listed = ", ".join(configured["differences"][:5])
            more = f" and {len(configured['differences']) - 5} more" if len(configured["differences"]) > 5 else ""
            problems.append(f"{name}: is not as described ({listed}{more}); run groupware.ha.site")
        problems += list(_of_applications(description, configured.get("applications") or {}))
        well = [one["name"] for one in seen.values() if one["running"] and one["member"]]
        if well:
            lines.append(f"{name}: {in_words(well, 'run')} and know each other")
    problems += list(sessions.get("problems") or ())
    if sessions.get("ok"):
        lines.append(f"{name}: a session goes on at another instance")
    elif "ok" not in sessions and sessions.get("msg"):
        problems.append(f"{name}: sessions could not be tried ({_words(sessions)})")
    return lines, problems


def _words(info: Mapping[str, Any]) -> str:
    return str(info.get("msg") or "was not asked").strip().splitlines()[0]


def _of_instance(server: Server, one: Mapping[str, Any] | None) -> Iterator[str]:
    here = f"{server.name}: the instance {server.instance}"
    if one is None or not one["registered"]:
        yield f"{here} is not known to the domain; run groupware.ha.site"
    elif not one["running"]:
        yield f"{here} does not run; see systemctl status glassfish-instance there, and run groupware.ha.site"
    elif not one["member"]:
        has = f"in the state {one['health']}" if one["health"] else "unknown to the group"
        yield (
            f"{here} runs, but its sessions are replicated to nobody: it is {has}; see whether the servers reach each "
            "other at the port of the group, and server.log for GMS"
        )
    elif one["restart"]:
        yield f"{here} has to be started again to take over {in_words(one['restart'])}; run groupware.ha.site"


def _of_applications(description: Description, deployed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for application in description.applications:
        versions = {whole: one for whole, one in deployed.items() if whole.partition(":")[0] == application.name}
        if not any(one["enabled"] for one in versions.values()):
            yield f"application {application.name}: is not served; run groupware.ha.site"
