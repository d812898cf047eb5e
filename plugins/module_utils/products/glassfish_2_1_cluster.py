# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a GlassFish 2.1 cluster and has it as described: what is there is asked once, and again when all is done."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .glassfish_2_1_description import Balancer, Description, Server
from .glassfish_2_1_plan import (
    RUNNING,
    WHOLE,
    State,
    Step,
    absent,
    members_of,
    missing_applications,
    missing_nodes,
    present,
    state_of,
    values_of,
    without_agent,
)
from .glassfish_2_1_tools import DOMAIN, ToolError, Tools

#: Seconds to connect to the web server.
_CONNECTING = 10.0
UNKNOWN = "what becomes of it is known when the administration server answers"


class ClusterError(Failure):
    """What keeps the cluster from being as it is described."""


@dataclass
class Cluster:
    """The cluster, told on the host of its administration server."""

    tools: Tools
    wanted_present: bool = True

    @property
    def description(self) -> Description:
        """As it is described."""
        return self.tools.description

    def read(self) -> State:
        """What is there: five questions to the administration server, three to HADB."""
        tools, name = self.tools, self.description.name
        members = members_of(tools.hadb("listdomain"))
        databases = [] if members is None else tools.hadb("list") or []
        return State(
            tools.states("list-clusters"),
            tools.states("list-instances"),
            tools.states("list-node-agents"),
            tools.listed("list-http-lbs"),
            values_of(tools.listed("get", "*")),
            members,
            state_of(tools.hadb("status", name)) or "Unknown" if name in databases else None,
            [one for one in databases if one != name and not one.startswith("Database")],
        )

    def converge(self, try_connection: bool = False) -> dict[str, Any]:
        """Have it as described; what a module returns.

        :param try_connection: try TLS to the web server in any case, and not only before it is told anything
        :raises ClusterError: it cannot be, or is not what it was made
        """
        plan = present if self.wanted_present else absent
        self._judge_end()
        try:
            state = self.read()
        except ToolError as error:
            if not self.tools.runner.dry:
                raise
            return self._unknown(f"{error}; {UNKNOWN}")
        steps = plan(self.description, state)
        dry = self.tools.runner.dry
        if self.wanted_present and not dry:
            self._judge_agents(state)
        balancer = self.description.balancer
        if try_connection and balancer is not None:
            reach(balancer)
        for step in steps:
            if step.tries is not None and not dry:
                reach(step.tries)
            self._take(step)
        differences = [step.difference for step in steps]
        if differences and not dry:
            state = self.read()
            left = [step.difference for step in plan(self.description, state)]
            if left:
                raise ClusterError(f"after all commands, still: {'; '.join(left)}")
        problems = list(self._problems(state)) if self.wanted_present and not (dry and steps) else []
        if problems and any(step.command == "configure-ha-cluster" for step in steps) and state.database not in WHOLE:
            raise ClusterError(problems[0])
        return self._result(differences, state, problems)

    def _judge_end(self) -> None:
        if not self.wanted_present and not self.tools.runner.dry and not self.tools.domain_runs():
            raise ClusterError(
                "the administration server does not run, and nobody else knows what there is to be taken away; "
                f"start it with asadmin start-domain {DOMAIN}"
            )

    def _judge_agents(self, state: State) -> None:
        without = without_agent(self.description, state)
        if without:
            names = ", ".join(f"{server.agent} on {server.name}" for server in without)
            raise ClusterError(f"no node agent {names} runs, and instances are started by theirs; nothing was touched")

    def _take(self, step: Step) -> None:
        if step.program == "hadbm":
            self.tools.tell_hadb(step.command, *step.arguments, confirmed=step.confirmed)
        else:
            self.tools.tell(step.command, *step.arguments)

    def _result(self, differences: list[str], state: State, problems: list[str]) -> dict[str, Any]:
        words = "".join(f"{line}\n" for line in differences)
        return {
            "changed": bool(differences),
            "differences": differences,
            "diff": {"before": words, "after": ""},
            "database": state.database,
            "not_deployed": missing_applications(self.description, state),
            "problems": problems,
            "warnings": [f"{self.description.name}: {line}" for line in problems],
        }

    def _problems(self, state: State) -> Iterator[str]:
        """What no command of this run puts right."""
        if state.database not in WHOLE:
            nodes = missing_nodes(self.tools.hadb("status", "--nodes", self.description.name))
            which = ", ".join(nodes) or "see hadbm status --nodes"
            yield f"the database is {state.database}, not {WHOLE[0]} or {WHOLE[1]}: {which}"
        for application in missing_applications(self.description, state):
            yield f"{application} is not deployed to the cluster yet; the run after that has the load balancer serve it"

    def _unknown(self, words: str) -> dict[str, Any]:
        return {
            "changed": True,
            "differences": [words],
            "diff": {"before": f"{words}\n", "after": ""},
            "database": None,
            "not_deployed": [],
            "problems": [],
            "changes": [{"action": "make", "kind": "cluster", "name": f"{self.description.name}: {UNKNOWN}"}],
        }


def reach(balancer: Balancer) -> None:
    """Do what the manual's button "Test Connection" does: have TLS with the web server.

    Its certificate is its own, so who signed it is not judged; and it is of its time, as are its ciphers.

    :raises ClusterError: there is none
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection((balancer.host, balancer.port), timeout=_CONNECTING) as plain:
            context.wrap_socket(plain, server_hostname=balancer.host).close()
    except OSError as error:
        raise ClusterError(
            f"{balancer.name}: no TLS with the web server at {balancer.host}:{balancer.port} ({error}); it has to "
            "listen there before the load balancer is made, since it is told at once"
        ) from error


@dataclass
class Agent:
    """The node agent of this host."""

    tools: Tools
    server: Server
    differences: list[str] = field(default_factory=list)

    @property
    def _path(self) -> str:
        return f"{self.tools.description.home}/nodeagents/{self.server.agent}"

    def converge(self) -> dict[str, Any]:
        """Have it, and have it run; the administration server too, where that is on this host."""
        tools, agent = self.tools, self.server.agent
        known = True
        if self.server.name == tools.description.administration and not tools.domain_runs():
            self._differs("the administration server does not run")
            tools.tell("start-domain", DOMAIN)
            known = not tools.runner.dry
        states = self._states() if known else None
        if not os.path.isdir(self._path):
            self._differs(f"there is no node agent {agent}")
            tools.tell("create-node-agent", f"--agentproperties=remoteclientaddress={self.server.host_name}", agent)
        if states is None or states.get(agent) != RUNNING:
            self._differs(f"the node agent {agent} does not run")
            tools.tell("start-node-agent", agent)
            if not tools.runner.dry and tools.states("list-node-agents").get(agent) != RUNNING:
                raise ClusterError(
                    f"the node agent {agent} was started, and the administration server says it does not run"
                )
        return self._result()

    def take_away(self) -> dict[str, Any]:
        """Have no such node agent, here and in the domain."""
        tools, agent = self.tools, self.server.agent
        states = self._states() or {}
        if states.get(agent) == RUNNING:
            self._differs(f"the node agent {agent} runs")
            tools.tell("stop-node-agent", agent)
        if os.path.isdir(self._path):
            self._differs(f"there is a node agent {agent}")
            tools.tell("delete-node-agent", agent)
        if agent in states:
            self._differs(f"the domain knows the node agent {agent}")
            tools.tell("delete-node-agent-config", agent)
        return self._result()

    def _states(self) -> dict[str, str] | None:
        """The node agents; None where that cannot be known yet, in check mode."""
        try:
            return self.tools.states("list-node-agents")
        except ToolError:
            if self.tools.runner.dry:
                return None
            raise

    def _differs(self, words: str) -> None:
        self.differences.append(words)

    def _result(self) -> dict[str, Any]:
        words = "".join(f"{line}\n" for line in self.differences)
        return {
            "changed": bool(self.differences),
            "differences": self.differences,
            "diff": {"before": words, "after": ""},
        }


@dataclass
class Instance:
    """An instance that is started again while the others serve; told on the host of the administration server."""

    tools: Tools
    server: Server

    def restart(self, wait: int) -> dict[str, Any]:
        """Have the load balancer send clients elsewhere, start it again, and have it sent clients again.

        :param wait: seconds that requests have to end
        :raises ClusterError: no other instance runs
        """
        tools, name = self.tools, self.server.instance
        states = tools.states("list-instances")
        others = [one.instance for one in tools.description.servers if one != self.server]
        if not any(states.get(one) == RUNNING for one in others):
            raise ClusterError(
                f"{name}: no other instance runs, so that nobody would serve meanwhile; run groupware.ha.site"
            )
        balanced = tools.description.balancer is not None
        if balanced:
            # In minutes; the plug-in gives sessions no more requests when they are over.
            tools.tell("disable-http-lb-server", f"--timeout={-(-wait // 60)}", name)
            if not tools.runner.dry:
                tools.runner.pause(wait)
        if states.get(name) == RUNNING:
            tools.tell("stop-instance", name)
        tools.tell("start-instance", name)
        if not tools.runner.dry and tools.states("list-instances").get(name) != RUNNING:
            raise ClusterError(f"{name} was started, and does not run; it is sent no clients")
        if balanced:
            tools.tell("enable-http-lb-server", name)
        return {"changed": True}
