# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the servers of a tier and its description, by what each said when all were asked at once. Pure.

What it takes is decided again when it is done, by a replica that looks at its primary after itself. So what cannot be
told from answers that came at the same time is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid
from .database_deciding import ReplicationError, Wanted, decide_primary, decide_replica
from .database_description import SEMI_SYNCHRONOUS
from .database_roles import Found, roles
from .database_state import Silent, State
from .database_statements import Account


def differences(these: Found, infos: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line for each thing that is not as it is described, but for settings, databases and accounts.

    :param infos: by server, what database_replication_info returned; nothing where it gave no answer
    """
    for name, info in infos.items():
        if info["missing_packages"]:
            yield f"{name}: installs {', '.join(info['missing_packages'])}"
        if not info["enabled"]:
            yield f"{name}: has the server started with the machine"
        if info["logs_in"] is False:
            yield f"{name}: logs in at the primary with another password"
    silent = {name: one for name, one in these.answers.items() if isinstance(one, Silent)}
    yield from (f"{name}: {one.words}" for name, one in silent.items() if one.answered)
    decided = roles(these)
    if decided.problem:
        yield decided.problem
        return
    for name, state in these.running.items():
        try:
            why = _why(these, name, state, decided.primary)
        except ReplicationError as error:
            why = [str(error)]
        yield from (f"{name}: {words}" for words in why)


def _why(these: Found, name: str, state: State, primary: str) -> list[str]:
    description = these.description
    semi_synchronous = description.durability == SEMI_SYNCHRONOUS
    if name == primary:
        return decide_primary(state, Wanted("primary", semi_synchronous=semi_synchronous)).why
    if primary not in these.running:
        return []
    server = description.server(primary)
    way = Account(server.address, int(server.port), description.replication_account, "")
    wanted = Wanted("replica", way, semi_synchronous)
    there = _not_behind(these.running[primary], state)
    return decide_replica(state, there, wanted, stored=None).why


def _not_behind(primary: State, replica: State) -> State:
    """The primary, with what came from itself to the replica between its answer and that of the replica."""
    own = {key: number for key, number in replica.has.items() if key[1] == primary.server_id}
    return replace(primary, binlog_state=gtid.show(gtid.union(gtid.parse(primary.binlog_state), own)))
