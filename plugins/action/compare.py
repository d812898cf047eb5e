# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says what a run would do to each cluster and tier, from what all hosts answered; it connects to no host."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.groupware.ha.plugins.filter.answers import answers as who_answered
from ansible_collections.groupware.ha.plugins.module_utils.site.comparing import (
    Answers,
    Difference,
    of_cluster,
    of_nodes,
    refused_by_cluster,
    refused_by_nodes,
    shown,
    unvisited,
    weak_spots,
)
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import ROLES as TIER_ROLES
from ansible_collections.groupware.ha.plugins.plugin_utils.messages import words
from ansible_collections.groupware.ha.plugins.plugin_utils.roles import RoleVariables


class ActionModule(ActionBase):
    """Compares clusters and tiers with their descriptions, by the answers registered as groupware_answer."""

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
        found = _Found(show)
        for cluster in variables["groupware_request"]["clusters"]:
            self._cluster(cluster, variables, found)
        for tier in variables["groupware_request"]["tiers"]:
            self._tier(tier, variables, found)
        result.update(
            changed=False,
            warnings=found.warnings,
            found=found.found,
            differences=found.differences,
            states=found.states,
            hosts=found.hosts,
            refusals=found.refusals,
            unanswering=found.unanswering,
            tiers=found.tiers,
            refused_tiers=found.refused_tiers,
        )
        if show and found.silent:
            result.update(failed=True, msg=f"Nothing was compared, since {', and '.join(found.silent)}")
        elif show and found.refused:
            result.update(
                failed=True, msg=f"{', '.join(found.refused)}: refused, see above; a run of site would do nothing to it"
            )
        return result

    def _cluster(self, cluster: Mapping[str, Any], variables: Mapping[str, Any], found: _Found) -> None:
        """Compare a cluster."""
        name = cluster["name"]
        raw = {host: variables["hostvars"].raw_get(host) for host in cluster["hosts"]}
        given = {host: of_host.get("groupware_answer", {"msg": "was not asked"}) for host, of_host in raw.items()}
        infos = {host: one.get("answers", {}).get("cluster_info", one) for host, one in given.items()}
        answered = who_answered(infos.items())
        found.found.update(dict.fromkeys(raw, answered))
        found.unanswering += [host for host in raw if host not in answered["answering"]]
        if not answered["answering"]:
            found.silent.append(f"no node of {name} answered: {'; '.join(answered['lines'])}")
            # Those of later waves wait for it too.
            found.refusals.update({host: ["no node answered"] for host in raw})
            return
        first = answered["answering"][0]
        members = {"groupware_members": answered["answering"], "groupware_first": first}
        asked = _Asked(
            scope={**raw[first], **_of_play(variables), **members},
            roles={host: _without(given[host]["roles"], TIER_ROLES) for host in answered["answering"]},
            answers={host: given[host]["answers"] for host in answered["answering"]},
            found=answered,
            refused=_refused(given),
        )
        told = self._compared(asked)
        found.differences[name] = [one.as_dict() for one in told.differences]
        found.states[name] = asked.states()
        if found.counts(name, told):
            found.hosts += answered["answering"]
        if told.refusals:
            found.refusals.update(dict.fromkeys(raw, told.refusals))
        if found.show:
            weak = self._weak(asked, cluster, limited=variables.get("ansible_limit") is not None)
            told.warnings.extend(weak)
            self._show(name, told)

    def _tier(self, tier: Mapping[str, Any], variables: Mapping[str, Any], found: _Found) -> None:
        """Compare a tier; where a host gave no answer, its own tasks say what becomes of the others."""
        raw = {host: variables["hostvars"].raw_get(host) for host in tier["hosts"]}
        # --limit may have left some out.
        given = {host: one["groupware_answer"] for host, one in raw.items() if "groupware_answer" in one}
        if not given:
            return
        role = tier["role"]
        answering = [host for host, one in given.items() if "answers" in one]
        silent = tuple(f"{host}: gave no answer" for host in given if host not in answering)
        told = _Told()
        if answering:
            members = {"groupware_members": list(given), "groupware_first": next(iter(given))}
            told = self._compared(
                _Asked(
                    scope={**raw[answering[0]], **_of_play(variables), **members},
                    roles={host: {role: given[host]["roles"][role]} for host in answering},
                    answers={host: given[host]["answers"] for host in answering},
                    found={"answering": answering, "live": []},
                    refused=_refused(given),
                    whole=not silent,
                )
            )
        name = f"{tier['kind']} {tier['name']}"
        if silent:
            told.differences.append(Difference(role, silent))
        if not answering:
            found.silent.append(f"no host of {name} answered: {', '.join(given)}")
        if found.counts(name, told):
            found.tiers.append(tier)
        if told.refusals:
            found.refused_tiers[name] = told.refusals
        if found.show and not told.asks_itself:
            self._show(name, told)

    def _show(self, name: str, told: _Told) -> None:
        text = shown(name, told.differences, told.resources, told.warnings, told.refusals)
        self._display.display(f"\n{text}\n")

    def _compared(self, asked: _Asked) -> _Told:
        """What each role says, in the order in which it would be its turn."""
        told = _Told()
        for name, questions in asked.roles[asked.found["answering"][0]].items():
            if name in asked.refused:
                lines = [asked.refused[name]]
                told.refusals += [f"{name}: {line}" for line in lines if asked.takes_part(name)]
            elif not questions:
                lines = ["asks the nodes itself, when it is its turn"]
                told.asks_itself = True
            else:
                if name not in self._roles:
                    self._roles[name] = RoleVariables(name, self._loader)
                lines = self._of_role(self._roles[name], questions, asked, told)
            if lines:
                told.differences.append(Difference(name, tuple(f"{name}: {line}" for line in lines)))
        return told

    def _of_role(
        self, role: RoleVariables, questions: Mapping[str, Sequence[str]], asked: _Asked, told: _Told
    ) -> list[str]:
        """What a role would do on the nodes; what it says besides is added to what was told."""
        lines = list(of_nodes(asked.questions(role.role), asked.answers))
        templar = self._templar.copy_with_new_env(available_variables=role.seen_by(asked.variables))

        def given(part: str) -> list[str]:
            return [str(line) for line in templar.template(role.given(part)) or ()]

        told.warnings.extend(asked.warnings(role.role))
        if asked.takes_part(role.role):
            told.refusals.extend(refused_by_nodes(asked.questions(role.role), asked.answers))
            if questions["cluster_questions"]:
                told.refusals.extend(refused_by_cluster(questions["cluster_questions"], asked.answers))
        # What a node could not tell has been told by now, and nothing follows from it.
        if asked.takes_part(role.role) and asked.knows(role.role):
            try:
                told.refusals.extend(given("refusals"))
            except AnsibleError as error:
                told.refusals.append(words(error))
        try:
            lines += given("differences")
            told.warnings.extend(given("warnings"))
            if questions["cluster_questions"]:
                services = [service["name"] for service in templar.template(asked.scope["groupware_services"])]
                of_resources, told.resources, standing = of_cluster(
                    questions["cluster_questions"], asked.answers, services
                )
                told.warnings.extend(standing)
                if of_resources:
                    told.differences.append(Difference(role.role, tuple(of_resources), of_cluster=True))
        except AnsibleError as error:
            lines = lines or [f"is not known yet: {words(error)}"]
        return lines

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


@dataclass
class _Found:
    """What is known of all clusters and tiers; the module's documentation says what each is.

    :ivar show: whether it is shown instead of gone on with
    :ivar silent: clusters of which no node answered
    :ivar refused: names of clusters and tiers
    """

    show: bool
    found: dict[str, Any] = field(default_factory=dict)
    differences: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    states: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    unanswering: list[str] = field(default_factory=list)
    refusals: dict[str, list[str]] = field(default_factory=dict)
    tiers: list[Mapping[str, Any]] = field(default_factory=list)
    refused_tiers: dict[str, list[str]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def counts(self, name: str, told: _Told) -> bool:
        """Whether a run goes on with a cluster or tier, whose warnings or refusals count."""
        if told.refusals:
            self.refused.append(name)
        elif not told.differences and not self.show:
            # Where a run goes on it says so itself.
            self.warnings += [f"{name}: {text}" for text in told.warnings]
        return bool(told.differences) and not told.refusals


@dataclass
class _Told:
    """What the roles say of a cluster or tier.

    :ivar resources: what becomes of each service
    :ivar warnings: what else is not as it should be
    :ivar refusals: why none of it is done
    :ivar asks_itself: whether a role cannot be asked in advance
    """

    differences: list[Difference] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    asks_itself: bool = False


def _of_play(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the play has; what this host has of its own is no other's."""
    own = variables["hostvars"].raw_get(variables["inventory_hostname"])
    return {name: value for name, value in variables.items() if name not in own}


def _refused(given: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What is wrong with the variables of roles, as one of the hosts has them."""
    return {role: text for answer in given.values() for role, text in answer.get("refused", {}).items()}


def _without(roles: Mapping[str, Any], others: Collection[str]) -> dict[str, Any]:
    return {name: asked for name, asked in roles.items() if name not in others}


@dataclass(frozen=True)
class _Asked:
    """A cluster or tier whose hosts were asked.

    :ivar scope: variables of its first host that answered
    :ivar roles: by node, those that were asked for, with the names that modules were asked by
    :ivar answers: by node
    :ivar found: who answered, as the filter answers says it
    :ivar refused: by role that could not be asked with the variables that it has, what is wrong with them
    :ivar whole: whether nothing can be refused that a host without an answer would speak for
    """

    scope: Mapping[str, Any]
    roles: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]
    answers: Mapping[str, Answers]
    found: Mapping[str, Any]
    refused: Mapping[str, str]
    whole: bool = True

    @property
    def variables(self) -> dict[str, Any]:
        """What a role's templates may use."""
        return {**self.scope, "groupware_answers": self.answers, "ansible_play_hosts": list(self.answers)}

    def questions(self, role: str) -> dict[str, Sequence[str]]:
        """What each node was asked for a role; not every node has the same to be asked for."""
        return {host: self.roles[host][role]["questions"] for host in self.answers}

    def warnings(self, role: str) -> list[str]:
        """What each node was warned of when it was asked for a role."""
        return [
            f"{host}: {text}"
            for host, names in self.questions(role).items()
            for name in names
            for text in self.answers[host].get(name, {}).get("warnings", ())
        ]

    def knows(self, role: str) -> bool:
        """Whether each node could tell all that it was asked for a role."""
        return self.whole and not any(
            self.answers[host].get(name, {"failed": True}).get("failed")
            for host, names in self.questions(role).items()
            for name in names
        )

    def takes_part(self, role: str) -> bool:
        """Whether the tags of the run leave a role in, whose own tag is its name."""
        chosen, left_out = self.scope.get("ansible_run_tags", ["all"]), self.scope.get("ansible_skip_tags", [])
        return bool({"all", role} & set(chosen)) and role not in left_out

    def status(self, host: str) -> Mapping[str, Any]:
        """What a node said of the cluster."""
        return dict(self.answers[host]["cluster_info"]["cluster"])

    def states(self) -> Mapping[str, Any]:
        """The services, as a node has them that is part of the cluster."""
        return next((dict(self.status(host)["services"]) for host in self.found["live"]), {})
