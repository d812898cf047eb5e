# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an instance of Scalix works, as its own command says on the node that runs it. Changes nothing.

``omstat -s`` lists the services of an instance and ``omstat -a`` its daemons: name, state, since when, and perhaps how
many processes it has. Good states are Started and Enabled (public monitoring scripts, such as that of init.at). Which
instance is meant is in the environment, OMCURRENT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.products.running import Running

PROGRAM = "/opt/scalix/bin/omstat"
#: What names the instance that a command is for.
CURRENT = "OMCURRENT"

_GOOD = ("started", "enabled")
#: What an administrator has switched off, which is no failure.
_OFF = ("disabled",)
_BAD = ("stopped", "aborted", "failed", "starting", "stopping")
_LINE = re.compile(rf"\s*(\S.*?)\s+({'|'.join((*_GOOD, *_OFF, *_BAD))})\b.*", re.IGNORECASE)
_TIMEOUT = 60


@dataclass(frozen=True)
class Service:
    """A service or a daemon, and its state in small letters."""

    name: str
    state: str


def ask(runner: Runner, instance: str, node: str) -> Running:
    """Ask one instance; the runner has its name in the environment.

    :param node: the name of this node, for what is said
    """
    found = Running()
    for option, kind, start in (("-s", "services", "omon"), ("-a", "daemons", "omon -a")):
        try:
            printed = runner.run([PROGRAM, option], timeout=_TIMEOUT, record=False).stdout
        except CommandError as error:
            found.unknown.append(f"the {kind} of {instance} could not be listed on {node}: {error}")
            continue
        listed = list(services(printed))
        well = [one for one in listed if one.state in _GOOD]
        if well:
            found.running.append(f"{len(well)} {kind}")
        elif not printed.strip():
            found.problems.append(
                f"omstat {option} lists no {kind} of {instance} on {node}; see whether service scalix start does all"
            )
        elif not listed:
            found.unknown.append(f"what omstat {option} says on {node} is not understood")
        for one in listed:
            if one.state in _OFF:
                found.unknown.append(f"{one.name} is {one.state} on {node}, so it was not asked")
            elif one.state not in _GOOD:
                found.problems.append(
                    f"{one.name} is {one.state} on {node}; read its log (omshowlog), and start it with {start} "
                    f'"{one.name}" ({CURRENT}={instance})'
                )
    return found


def services(printed: str) -> Iterator[Service]:
    """What omstat lists."""
    for line in printed.splitlines():
        match = _LINE.fullmatch(line)
        if match is not None:
            yield Service(match[1], match[2].lower())
