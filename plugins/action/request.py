# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what a playbook was asked for, on the controller: no host is connected to, and no privileges are needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ansible_collections.groupware.ha.plugins.module_utils import request
from ansible_collections.groupware.ha.plugins.module_utils.applications.judging import VARIABLES
from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.placement import draw
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.site import addresses, clusters, waves
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import RankedTier, judged
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import GROUPS, TIERS
from ansible_collections.groupware.ha.plugins.plugin_utils.messages import words
from ansible_collections.groupware.ha.plugins.plugin_utils.roles import ROLES, options


class ActionModule(ActionBase):
    """Fails with everything that keeps the playbook from doing what it is for."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True
    _VALID_ARGS = frozenset(["playbook"])

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        playbook = self._task.args.get("playbook")
        if playbook not in request.PLAYBOOKS:
            raise AnsibleActionFail(f"playbook = {playbook!r}: must be one of {', '.join(request.PLAYBOOKS)}")
        call = self._call(playbook, variables)
        judgement = request.judge(call, _compile)
        problems = judgement.problems
        tiers: list[RankedTier] = []
        if request.PLAYBOOKS[playbook].tiers:
            hosts = _hosts_of_tiers(variables, configures=request.PLAYBOOKS[playbook].configures)
            tiers, wrong = judged(hosts, variables.get("ansible_play_hosts_all", []))
            problems += wrong
            if not problems:
                problems += addresses.claimed(judgement.descriptions, [one.tier for one in tiers])
        if not problems:
            problems += _refused(playbook, call.given, tiers, variables.get("ansible_play_hosts_all", []))
        if playbook in ("adopt", "migrate"):
            problems += _unwritable(self._value("into", variables))
        result.update(changed=False, problems=problems)
        if not problems:
            result.update(
                tiers=[tier.as_dict() for tier in tiers],
                waves=waves.as_dicts(waves.waves(call.given, judgement.clusters)),
                **_outcome(judgement, variables.get("ansible_play_hosts_all", [])),
            )
        if problems:
            listed = "\n".join(problems) if len(problems) == 1 else "\n".join(f"- {problem}" for problem in problems)
            result.update(failed=True, msg=f"Nothing was touched:{chr(10) if len(problems) > 1 else ' '}{listed}")
        elif playbook == "plan":
            for cluster in result["clusters"]:
                Display().display(f"\n{cluster['name']}\n\n{cluster['drawing']}\n")
        return result

    def _call(self, playbook: str, variables: dict[str, Any]) -> request.Call:
        values = {name: self._value(name, variables) for name in request.PLAYBOOKS[playbook].options}
        groups = {name: list(hosts) for name, hosts in variables.get("groups", {}).items()}
        limit = variables.get("ansible_limit")
        return request.Call(
            playbook=playbook,
            given={name: value for name, value in values.items() if value is not None},
            # What is on the command line is no different from other variables once the run has begun.
            extra=list(load_extra_vars(self._loader)) if context.CLIARGS.get("extra_vars") else [],
            known=[name for role in sorted(ROLES.iterdir()) for name in options(role.name)],
            groups=groups,
            hosts=variables.get("ansible_play_hosts_all", []),
            limit=None if limit is None else str(limit),
            sources=[str(source) for source in variables.get("ansible_inventory_sources") or ()],
            described={node: self._described(node, variables, playbook) for node in groups.get(clusters.NODES, [])},
            inventory=self._names(groups, variables),
            tags={
                "--tags": list(context.CLIARGS.get("tags") or ()),
                "--skip-tags": list(context.CLIARGS.get("skip_tags") or ()),
            },
        )

    def _names(self, groups: Mapping[str, list[str]], variables: dict[str, Any]) -> set[str]:
        """Names of the variables that hosts of clusters and tiers have."""
        members = {host for group in (clusters.NODES, *GROUPS) for host in groups.get(group, [])}
        return {str(name) for host in members for name in variables["hostvars"][host]}

    def _described(self, node: str, variables: dict[str, Any], playbook: str) -> dict[str, Any]:
        """What a node has of the description of its cluster, and of what is judged with it."""
        own = [name for name in request.OF_CLUSTERS if name in request.PLAYBOOKS[playbook].options]
        return _read(node, variables["hostvars"][node], (*clusters.DESCRIPTION, *VARIABLES, *own))

    def _value(self, name: str, variables: dict[str, Any]) -> Any:
        """The value that a variable has for this play or, if it has none, for the first node; else None."""
        if name in variables:
            try:
                return self._templar.template(variables[name])
            except AnsibleError as error:
                raise AnsibleActionFail(f"Nothing was touched: {name} cannot be read: {words(error)}") from None
        for node in () if name in request.OF_CLUSTERS else variables.get("groups", {}).get(clusters.NODES, [])[:1]:
            return _read(node, variables["hostvars"][node], [name]).get(name)
        return None


def _plain(value: Any) -> Any:
    """A value as modules get it: a vault's is a text like any other."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, str) or getattr(value, "__ENCRYPTED__", False) else value


def _compile(description: Description) -> None:
    create_framework(description.cluster.framework, LocalRunner(dry=True)).compile(description)


def _outcome(judgement: request.Judgement, run: Collection[str]) -> dict[str, Any]:
    """What later tasks need to know: who is meant, and who belongs together."""
    found, descriptions = judgement.clusters, judgement.descriptions
    return {
        "members": {
            host: [member for member in cluster.hosts if member in run] for cluster in found for host in cluster.hosts
        },
        "inventory": {host: list(cluster.hosts) for cluster in found for host in cluster.hosts},
        "clusters": [
            {
                "name": cluster.name,
                "hosts": [member for member in cluster.hosts if member in run],
                "nodes": list(cluster.nodes),
                "drawing": draw(descriptions[cluster.name]) if cluster.name in descriptions else None,
            }
            for cluster in found
        ],
        "warnings": [
            f"{name}: fencing is DISABLED (cluster.fencing.disabled_accepting_data_loss): when nodes lose sight of each"
            " other, two may mount one volume and destroy the data on it"
            for name, description in descriptions.items()
            if description.cluster.fencing_disabled
        ],
    }


def _hosts_of_tiers(variables: dict[str, Any], *, configures: bool) -> dict[str, dict[str, Any]]:
    """The hosts that belong to tiers, each with its groups, what describes a tier, and the names of secrets."""
    names = ["group_names", *dict.fromkeys(name for tier in TIERS.values() for name in tier.variables)]
    found = {}
    for tier in TIERS.values():
        for host in variables.get("groups", {}).get(tier.group, []):
            of_host = variables["hostvars"][host]
            before = found.get(host, {})
            # A host may belong to tiers of several kinds.
            secrets = [*before.get("secrets", ()), *(name for name in tier.secrets if name in of_host)]
            found[host] = {**before, **_read(host, of_host, names), **({"secrets": secrets} if configures else {})}
    return found


def _refused(playbook: str, given: Mapping[str, Any], tiers: Sequence[RankedTier], run: Collection[str]) -> list[str]:
    """What is wrong with what a playbook was asked for, as the tiers of the run say."""
    meant = [one.tier for one in tiers if any(host in run for host in one.tier.hosts)]
    operated = [tier for tier in meant if playbook in TIERS[tier.kind].operations]
    problems = [
        problem
        for kind in TIERS.values()
        for problem in kind.refuses(playbook, given, operated or [tier for tier in meant if tier.kind == kind.name])
    ]
    return list(dict.fromkeys(problems))


def _read(host: str, of_host: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Those of these variables that a host has.

    What stands beside a template that fails is nobody's business: of the failure its own words are told, not its place.
    """
    found = {}
    for name in names:
        try:
            if name in of_host:
                found[name] = _plain(of_host[name])
        except AnsibleError as error:
            raise AnsibleActionFail(f"Nothing was touched: {name} of {host} cannot be read: {words(error)}") from None
    return found


def _unwritable(into: Any) -> list[str]:
    """Why no file can be written there; copy would say so only after the cluster was read, and not in check mode."""
    if into is None:
        return []
    path = Path(str(into)).expanduser()
    if path.is_dir():
        return [f"into = {into}: is a directory; name a file in it"]
    if not path.parent.is_dir():
        return [f"into = {into}: there is no directory {path.parent}; make it first"]
    return []
