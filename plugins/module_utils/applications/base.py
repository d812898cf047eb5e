# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an application says of itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.groupware.ha.plugins.module_utils.description.model import ServiceDescription
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem


@dataclass(frozen=True)
class Page:
    """What a service is asked for over HTTP: at its usual port, for a page, which has a word if the service gave it.

    ``protocol`` is what answers then, in words. ``port_option`` is the option of the application that says another
    port; ``tls`` is there for what speaks HTTPS alone.
    """

    protocol: str
    path: str
    contains: str = ""
    port: int = 80
    port_option: str = ""
    tls: bool = False


@dataclass(frozen=True)
class Application:
    """Something that a service runs, by the name that a description has for it.

    What it is in a framework's own terms stands in the framework's table AGENTS; what is done for it in the life of a
    site, in playbooks/applications/NAME. How its options are judged stands in the table JUDGES.

    ``role`` is the role that configures it, and the tag of all that is done for it; none for what needs none. ``needs``
    are keys of its service that it cannot do without on any framework. ``brings_agent`` says that the agent that runs
    it comes with its own software, so that no cluster knows it before that is installed. ``logs_in`` says that verify
    logs in to it, as a user that verify_credentials names. ``secrets`` says for patterns of keys, the first that
    fits, where a secret belongs that stands there.

    How it is asked whether it works: ``mail`` has the protocols of mail that it has and their usual ports, ``page``
    what it is asked for over HTTP, ``remedy`` what to do where it does not answer; {node} in it is the node that runs
    it. ``own_commands`` says that it has commands of its own, which are asked where it runs.
    """

    name: str
    role: str | None
    needs: tuple[str, ...] = ()
    brings_agent: bool = False
    logs_in: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict)
    mail: Mapping[str, int] = field(default_factory=dict)
    page: Page | None = None
    own_commands: bool = True
    remedy: str = ""

    def judge_together(self, services: Sequence[ServiceDescription]) -> Iterable[Problem]:  # noqa: ARG002
        """What is wrong with the services that run it that none of them shows alone; by default, nothing is."""
        return ()
