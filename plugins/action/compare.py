# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what a run would do to each cluster, from what all nodes answered; it connects to no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.groupware.ha.plugins.filter.answers import answers as who_answered
from ansible_collections.groupware.ha.plugins.filter.answers import unvisited
from ansible_collections.groupware.ha.plugins.filter.verification import weak_spots
from ansible_collections.groupware.ha.plugins.module_utils.site.comparing import (
    Answers,
    Difference,
    of_cluster,
    of_nodes,
    shown,
)
from ansible_collections.groupware.ha.plugins.plugin_utils.messages import words
from ansible_collections.groupware.ha.plugins.plugin_utils.roles import RoleVariables


class ActionModule(ActionBase):
    """Compares clusters with their descriptions, by the answers that were registered as groupware_answer."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _VALID_ARGS = frozenset(["show"])

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        if "groupware_request" not in variables:
            raise AnsibleActionFail("nothing is known of this run, since its beginning was left out (--start-at-task)")
        show = boolean(self._task.args.get("show", False))
        self._roles: dict[str, RoleVariables] = {}
        # What this host has of its own is no other's: of the play's variables only those of the play count.
        own = variables["hostvars"].raw_get(variables["inventory_hostname"])
        of_play = {name: value for name, value in variables.items() if name not in own}
        found: dict[str, Any] = {"found": {}, "differences": {}, "states": {}, "hosts": []}
        silent = []
        for cluster in variables["groupware_request"]["clusters"]:
            raw = {host: variables["hostvars"].raw_get(host) for host in cluster["hosts"]}
            told = {host: of_host.get("groupware_answer", {"msg": "was not asked"}) for host, of_host in raw.items()}
            infos = {host: one.get("answers", {}).get("cluster_info", one) for host, one in told.items()}
            answered = who_answered(infos.items())
            found["found"].update(dict.fromkeys(raw, answered))
            if not answered["answering"]:
                silent.append(f"no node of {cluster['name']} answered: {'; '.join(answered['lines'])}")
                continue
            first = answered["answering"][0]
            asked = _Asked(
                scope={**raw[first], **of_play, "groupware_members": answered["answering"], "groupware_first": first},
                roles={host: told[host]["roles"] for host in answered["answering"]},
                answers={host: told[host]["answers"] for host in answered["answering"]},
                found=answered,
            )
            differences, resources = self._compared(asked)
            found["differences"][cluster["name"]] = [one.as_dict() for one in differences]
            found["states"][cluster["name"]] = asked.states()
            found["hosts"] += answered["answering"] if differences else []
            if show:
                weak = self._weak(asked, cluster, limited=variables.get("ansible_limit") is not None)
                Display().display(f"\n{shown(cluster['name'], differences, resources, weak)}\n")
        result.update(changed=False, **found)
        if show and silent:
            result.update(failed=True, msg=f"Nothing was compared, since {', and '.join(silent)}")
        return result

    def _compared(self, asked: _Asked) -> tuple[list[Difference], list[str]]:
        """What each role would do, and what becomes of each service."""
        found: list[Difference] = []
        resources: list[str] = []
        for name, questions in asked.roles[asked.found["answering"][0]].items():
            lines = ["asks the nodes itself, when it is its turn"]
            if questions:
                if name not in self._roles:
                    self._roles[name] = RoleVariables(name, self._loader)
                role = self._roles[name]
                lines = list(of_nodes(asked.questions(name), asked.answers))
                templar = self._templar.copy_with_new_env(available_variables=role.seen_by(asked.variables))
                try:
                    lines += map(str, templar.template(role.given("differences")) or ())
                    if questions["cluster_questions"]:
                        services = [service["name"] for service in templar.template(asked.scope["groupware_services"])]
                        of_resources, resources = of_cluster(questions["cluster_questions"], asked.answers, services)
                        found += [Difference(name, tuple(of_resources), of_cluster=True)] if of_resources else []
                except AnsibleError as error:
                    # What a node could not tell has been told.
                    lines = lines or [f"is not known yet: {words(error)}"]
            found += [Difference(name, tuple(f"{name}: {line}" for line in lines))] if lines else []
        return found, resources

    def _weak(self, asked: _Asked, cluster: Mapping[str, Any], *, limited: bool) -> list[str]:
        """What takes redundancy away from the described services, and which nodes were not asked."""
        templar = self._templar.copy_with_new_env(available_variables=asked.scope)
        description = templar.template(asked.scope["groupware_cluster"])
        services = templar.template(asked.scope["groupware_services"])
        spots = [weak_spots(asked.status(host), description, services) for host in asked.found["live"][:1]]
        unasked = unvisited(description["nodes"], asked.found["answering"], cluster["hosts"], limited)
        described = {service["name"] for service in services}
        states = asked.states()
        down = [
            f"{name}: is {one['state']}"
            for name, one in states.items()
            if name in described and one["state"] != "online"
        ]
        return [*unasked, *down, *(line for found in spots for line in found)]


@dataclass(frozen=True)
class _Asked:
    """A cluster whose nodes were asked.

    :ivar scope: variables of its first node that answered
    :ivar roles: by node, those that were asked for, with the names that modules were asked by
    :ivar answers: by node
    :ivar found: who answered, as the filter answers says it
    """

    scope: Mapping[str, Any]
    roles: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
    answers: Mapping[str, Answers]
    found: Mapping[str, Any]

    @property
    def variables(self) -> dict[str, Any]:
        """What a role's templates may use."""
        return {**self.scope, "groupware_answers": self.answers, "ansible_play_hosts": list(self.answers)}

    def questions(self, role: str) -> dict[str, Sequence[str]]:
        """What each node was asked for a role; not every node has the same to be asked for."""
        return {host: self.roles[host][role]["questions"] for host in self.answers}

    def status(self, host: str) -> Mapping[str, Any]:
        """What a node said of the cluster."""
        return dict(self.answers[host]["cluster_info"]["cluster"])

    def states(self) -> Mapping[str, Any]:
        """The services, as a node has them that is part of the cluster."""
        return next((dict(self.status(host)["services"]) for host in self.found["live"]), {})
