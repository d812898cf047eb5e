# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to ``scrgadm``, ``scstat`` and ``clrg``."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import parse_scstat, parse_suspended
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import NotRunning
from . import reading
from .reading import NativeState


def native_state(runner: Runner, objects: bool, *scope: str) -> NativeState:
    """The cluster now, each part of it by one command when somebody looks.

    :param objects: whether there are the object commands, with which groups can be suspended
    :param scope: what ``scstat`` is asked of; without it, of everything
    """

    def suspended() -> frozenset[str]:
        if not objects:
            return frozenset()
        printed = _ask(runner, "clrg", "status")
        return reading.understood(parse_suspended, printed, "clrg status printed what is not understood")

    return NativeState(
        objects,
        lambda: reading.parse_configuration(_ask(runner, "scrgadm", "-pvv")),
        lambda: reading.understood(
            parse_scstat, _ask(runner, "scstat", *scope), "scstat printed what is not understood"
        ),
        suspended,
    )


def _ask(runner: Runner, *argv: str) -> str:
    try:
        return runner.run(argv, timeout=300, record=False).stdout
    except CommandNotFound:
        raise NotRunning("Solaris Cluster is not installed on this node") from None
    except CommandError as error:
        raise NotRunning(f"the cluster is not running on this node ({error.output or error.reason})") from None
