# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several database servers is the primary, and who may become it, by what they say of themselves. Pure.

The description names the first primary alone. Later it is who takes writes or, where nobody does, whom the others
follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid
from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words
from .database_description import Description
from .database_state import Answer, Silent, State, from_dict

_PROMOTE = "ansible-playbook groupware.ha.promote -e server={}"


@dataclass(frozen=True)
class Found:
    """The described servers, and what each says."""

    description: Description
    answers: Mapping[str, Answer]

    @property
    def running(self) -> dict[str, State]:
        """Those that say something."""
        return {name: one for name, one in self.answers.items() if isinstance(one, State)}

    @property
    def silent(self) -> dict[str, Silent]:
        """Those that may be anything: they do not run, or nobody answered for them, and they may have data."""
        return {
            name: one
            for name, one in self.answers.items()
            if isinstance(one, Silent) and (not one.answered or one.databases)
        }

    def ours(self, name: str) -> bool:
        """Whether a server that runs does so as this tier has it, so that it may take part in it already."""
        state, server = self.running[name], self.description.server(name)
        return state.server_id == server.server_id and state.logs and state.strict

    @property
    def writable(self) -> list[str]:
        """Those that take writes; what came with a package and has nothing yet does not count."""
        first = self.description.first_primary
        return [
            name
            for name, state in self.running.items()
            if not state.read_only and (self.ours(name) or (name == first and not state.blank))
        ]

    @property
    def followed(self) -> dict[str, list[str]]:
        """By whom they follow, who follows: of those that run and follow one of the tier."""
        found: dict[str, list[str]] = {}
        for name, state in self.running.items():
            if state.connection is not None:
                server = self.description.at(state.connection.host, state.connection.port)
                if server is not None:
                    found.setdefault(server.name, []).append(name)
        return found

    def ahead_of(self, name: str, received: bool = False) -> dict[str, list[str]]:
        """What other servers have that this one has not.

        :param received: whether what was received counts that is not applied yet
        """
        own = self.running[name]
        has = own.received if received else own.has
        others = {
            other: gtid.missing(state.received if received else state.has, has)
            for other, state in self.running.items()
            if other != name and not state.blank and not state.seeding and self.ours(other)
        }
        return {other: lacking for other, lacking in others.items() if lacking}


def found(description: Description, answers: Mapping[str, Any]) -> Found:
    """The described servers, by what database_replication_info returned of each; nothing where it gave no answer."""
    return Found(description, {server.name: from_dict(answers.get(server.name)) for server in description.servers})


@dataclass(frozen=True)
class Roles:
    """Who is what; ``problem`` says why nobody can be told, and what to do."""

    primary: str = ""
    notes: Sequence[str] = ()
    problem: str = ""


def roles(these: Found) -> Roles:
    """Who is the primary, and whether it has to be made so again; for a run that keeps everything as it is."""
    writable, first = these.writable, these.description.first_primary
    if len(writable) > 1:
        return Roles(problem=_two(writable))
    if writable:
        return Roles(writable[0], tuple(_notes(these, writable[0])))
    followed = these.followed
    if len(followed) > 1:
        groups = "; ".join(f"{in_words(names, 'follow')} {whom}" for whom, names in followed.items())
        return Roles(problem=f"no server takes writes, and they do not follow one: {groups}. {_choose(these)}")
    if followed:
        return _followed(these, next(iter(followed)))
    return _unled(these, first)


def _two(writable: Sequence[str]) -> str:
    return (
        f"{in_words(writable)} take writes: what is written to one is not in the other. Nothing was changed. Keep the "
        "clients from one of them, have it take no writes (SET GLOBAL read_only = 1), and run this again; what it has "
        "that the other lacks is named then"
    )


def _notes(these: Found, primary: str) -> Iterator[str]:
    first = these.description.first_primary
    if primary != first:
        yield f"{primary} is the primary, as the servers say; {first} is where a new tier begins, and stays a replica"
    for name, one in these.silent.items():
        yield f"{name} {one.words}, and is looked after when it does"


def _choose(these: Found) -> str:
    names = " or ".join(these.running) or "one of them"
    return f"Say which one is to be the primary: {_PROMOTE.format(f'({names})')}"


def _said(silent: Mapping[str, Silent]) -> str:
    return in_words([f"{name} {one.words}" for name, one in silent.items()])


def _followed(these: Found, whom: str) -> Roles:
    """Nobody takes writes, and those that follow follow one."""
    lost = these.answers[whom]
    back = "Have it back and run this again; or, if it is off for certain:"
    if isinstance(lost, Silent):
        promote = f"{_PROMOTE.format(furthest(these))} -e old_primary_is_off=true"
        return Roles(problem=f"the primary {whom} {lost.words}, and no server takes writes. {back} {promote}")
    if these.silent:
        promote = f"{_PROMOTE.format(whom)} -e old_primary_is_off=true"
        return Roles(
            problem=f"no server takes writes. {whom} is whom the others follow, but {_said(these.silent)}, and may "
            f"have been the primary since. {back} {promote}"
        )
    ahead = these.ahead_of(whom)
    if ahead:
        name, lacking = next(iter(ahead.items()))
        return Roles(
            problem=f"no server takes writes, and {whom}, whom the others follow, lacks what {name} has: "
            f"{', '.join(lacking)}. It was restarted after a crash, and those may have been acknowledged. Promote the "
            f"one that has them: {_PROMOTE.format(furthest(these))}"
        )
    return Roles(whom, (*_notes(these, whom), f"{whom} takes no writes since it was restarted, and will again"))


def _unled(these: Found, first: str) -> Roles:
    """Nobody takes writes and nobody follows: a new tier, or one that was all off."""
    having = [name for name, state in these.running.items() if not state.blank or state.seeding]
    if these.silent:
        return Roles(
            problem=f"no server takes writes and none follows another; {_said(these.silent)}, and may have been the "
            "primary. Have it back and run this again; or, if it is off for certain, say which one is: "
            f"{_PROMOTE.format(furthest(these))} -e old_primary_is_off=true"
        )
    if not having:
        return Roles(first)
    whole = [name for name in having if not these.running[name].seeding and not these.ahead_of(name)]
    if not whole:
        lacking = "; ".join(
            f"{name} lacks what {other} has: {', '.join(words)}"
            for name in having
            for other, words in these.ahead_of(name).items()
        )
        return Roles(
            problem=f"no server takes writes, and none has all that the others have: {lacking}. {_choose(these)}"
        )
    primary = first if first in whole else whole[0]
    return Roles(primary, tuple(_notes(these, primary)))


def furthest(these: Found) -> str:
    """The server that has received the most, to name it in a remedy; the first one where they are alike."""
    names = [name for name, state in these.running.items() if not state.seeding and not state.blank]
    best = [name for name in names if not these.ahead_of(name, received=True)]
    return (best or names or [these.description.first_primary])[0]


# -- promotion ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Promotion:
    """What it takes to make a server the primary.

    :ivar kind: ``switchover`` from an old primary that runs, ``loss`` of one that does not, ``finish`` where it is the
        primary and others are to follow it
    :ivar old: the primary until then, if there is one
    :ivar followers: those that run and are to follow it
    """

    kind: str = ""
    old: str = ""
    followers: Sequence[str] = ()
    warnings: Sequence[str] = field(default_factory=tuple)
    problem: str = ""


def promotion(these: Found, server: str, old_is_off: bool, accepts_loss: bool) -> Promotion:
    """Judge whether a server can become the primary without losing what was acknowledged.

    :param old_is_off: said in words: the old primary is off, and stays so until it has been made a replica
    :param accepts_loss: said in words: what only servers have that give no answer may be lost
    """
    writable, followed = these.writable, these.followed
    if server not in these.running:
        one = these.answers[server]
        return Promotion(problem=f"{server} {one.words if isinstance(one, Silent) else ''}; choose one that runs")
    if len(writable) > 1:
        return Promotion(problem=_two(writable))
    if these.running[server].seeding or (these.running[server].blank and not writable and followed):
        return Promotion(problem=f"{server} has no whole copy of the primary; choose another server")
    old = writable[0] if writable else next(iter(followed)) if len(followed) == 1 else ""
    followers = tuple(name for name in these.running if name != server)
    if old == server and writable:
        return Promotion("finish", "", followers, _later(these, server))
    if old in these.running and old != server:
        problem = _keeps_switchover(these, server, old, accepts_loss)
        kind = "switchover"
    else:
        problem = _keeps_loss(these, server, old, old_is_off, accepts_loss)
        kind = "loss"
    if problem:
        return Promotion(problem=problem)
    return Promotion(kind, "" if old == server else old, followers, _later(these, server))


def _later(these: Found, server: str) -> tuple[str, ...]:
    return tuple(
        f"{name} {one.words}: it is judged, and made a replica of {server}, by the playbook site when it does"
        for name, one in these.silent.items()
    )


def _keeps_switchover(these: Found, server: str, old: str, accepts_loss: bool) -> str:
    """Why a server cannot take over from one that runs; empty if it can."""
    here, there = these.running[server], these.running[old]
    errant = _errant(here, there)
    if errant:
        return (
            f"{server} has transactions that {old} has not, {', '.join(errant)}, and the others would never have them; "
            "see what they are, and choose another server, or have its data replaced first"
        )
    lacking = gtid.missing(there.has, here.has)
    if lacking and not (here.connection is not None and here.connection.running):
        why = (here.connection.error if here.connection else "") or "it does not follow"
        return f"{server} lacks what {old} has: {', '.join(lacking)}, and does not catch up: {why}"
    if old in these.writable:
        return ""
    # It was restarted, and may have taken back after a crash what a replica has received and what was acknowledged.
    known = gtid.union(here.received, there.has)
    for name, state in these.running.items():
        beyond = gtid.missing(state.received, known) if name not in (server, old) else []
        if beyond and not accepts_loss:
            return f"{server} lacks what {name} has received: {', '.join(beyond)}. {_instead(these)}"
    return "" if accepts_loss else _alone_having(list(these.silent))


def _errant(here: State, there: State) -> list[str]:
    """What one has of its own, so that who replaced it as the primary, or is it, does not have it.

    Both were asked side by side, and meanwhile the primary writes on; where it was restarted after a crash, these are
    what it took back. So its own transactions are none of them.
    """
    return [words for words in gtid.missing(here.has, there.has) if words.split("-")[1] != str(there.server_id)]


def _instead(these: Found) -> str:
    return f"It may have been acknowledged. Promote the one that has it: {_PROMOTE.format(furthest(these))}"


def _alone_having(replicas: Sequence[str]) -> str:
    """With one acknowledgement for each transaction, any replica may be the only one that has it."""
    if not replicas:
        return ""
    return (
        f"{in_words(replicas, 'give')} no answer, and may alone have what was acknowledged last. Have it back; or go "
        "on without it, and lose that: -e accept_data_loss=true"
    )


def _keeps_loss(these: Found, server: str, old: str, old_is_off: bool, accepts_loss: bool) -> str:
    """Why a server cannot take over where the old primary cannot be asked; empty if it can."""
    silent = these.silent
    if silent and not old_is_off:
        return (
            f"{_said(silent)}. An old primary that only cannot be reached goes on taking writes, which are lost then. "
            "Switch it off, and say so: -e old_primary_is_off=true"
        )
    ahead = these.ahead_of(server, received=True)
    if ahead and not accepts_loss:
        name, lacking = next(iter(ahead.items()))
        return f"{server} lacks what {name} has received: {', '.join(lacking)}. {_instead(these)}"
    replicas = [name for name in silent if name != old]
    # Without a name for the old primary, one of those that are silent was it.
    alone = not old and len(replicas) == 1
    return "" if accepts_loss or alone else _alone_having(replicas)


# -- verified ----------------------------------------------------------------------------------------------------------


def verification(these: Found, longest_lag: int = 60) -> tuple[list[str], list[str]]:
    """What works, and what is wrong, each in a sentence.

    :param longest_lag: seconds that a replica may be behind
    """
    decided = roles(these)
    lines: list[str] = []
    problems: list[str] = []
    if decided.problem:
        return [], [decided.problem]
    primary = decided.primary
    for name in these.answers:
        answer = these.answers[name]
        if isinstance(answer, Silent):
            problems.append(f"{name} {answer.words}")
        elif name == primary:
            problems += _wrong_primary(these, primary, answer)
        else:
            problems += [f"{name}: {words}" for words in _wrong_replica(these, answer, primary, longest_lag)]
    lacking = [name for name in (one.name for one in these.description.databases) if not _has(these, primary, name)]
    problems += [f"{primary}: the database {name} is missing" for name in lacking]
    if not problems:
        replicas = [name for name in these.running if name != primary]
        lines.append(f"{primary} is the primary; {in_words(replicas, 'follow')} it, and nothing is missing")
    return lines, problems


def _has(these: Found, primary: str, database: str) -> bool:
    return primary in these.running and database in these.running[primary].databases


def _wrong_primary(these: Found, name: str, state: State) -> Iterator[str]:
    if state.read_only:
        yield f"{name}: takes no writes; run the playbook site"
    if these.description.durability == "semi_synchronous":
        if not state.waits:
            yield f"{name}: waits for no acknowledgements; run the playbook site"
        elif not state.waiting:
            yield (
                f"{name}: goes on without acknowledgements, since none came in time; what is written now is lost with "
                "it. See why the replicas do not follow"
            )


def _wrong_replica(these: Found, state: State, primary: str, longest_lag: int) -> Iterator[str]:
    connection = state.connection
    if connection is None:
        yield f"follows nobody, not {primary}; run the playbook site"
        return
    server = these.description.at(connection.host, connection.port)
    if server is None or server.name != primary:
        yield f"follows {connection.host}:{connection.port}, not {primary}; run the playbook site"
    if not connection.running:
        yield f"does not follow: {connection.error or 'its threads were stopped'}"
    elif connection.lag is not None and connection.lag > longest_lag:
        yield f"is {connection.lag} seconds behind"
    if not state.read_only:
        yield "takes writes, which a replica must not"
    if primary in these.running:
        leader = these.running[primary]
        errant = _errant(state, leader) if connection.running else gtid.missing(state.has, leader.has)
        if errant:
            yield f"has transactions that {primary} has not: {', '.join(errant)}"
