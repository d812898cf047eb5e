# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the domain of a GlassFish cluster into the described state, by its administration server on this host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node, glassfish_plan
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_aliases import Aliases
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_description import (
    Description,
    judge_passwords,
    parse,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import ACCESS, GlassFishError, Place
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import Difference, Paths, Step
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import (
    Administration,
    AdministrationError,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

#: What is made is read again to see what it lacks. It is made once, and set once.
_ROUNDS = 3
#: Seconds between two looks at an instance that starts.
_PAUSE = 2
#: What a report of the group calls a member that takes part.
_WELL = ("RUNNING", "REJOINED", "STARTED")


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    given = module.params["description"]
    description = parse(str(given.get("name")), given)
    place, administration = glassfish_node.place_of(module.params), glassfish_node.administration_of(module.params)
    passwords = {str(name): str(value) for name, value in module.params["passwords"].items()}
    aliases = Aliases(place, passwords)
    absent = module.params["state"] == "absent"
    if absent:
        done = _removed(module, runner, description, administration, aliases)
    else:
        judge_passwords(description, passwords)
        done = _converged(module, runner, description, place, administration, aliases)
    return {
        "changed": bool(done),
        "differences": [_told(one) for step in done for one in step.differences],
        "diff": glassfish_plan.diff(done),
        "restart": glassfish_plan.restarts_administration(done),
        "applications": {} if absent else _applications(administration, description),
        "instances": [] if absent else _awaited(module, runner, administration, description),
    }


def _told(one: Difference) -> str:
    """A difference in words, without its values, which the diff shows."""
    return f"{one.name} is {'missing' if one.before is None else 'to go' if one.after is None else 'another one'}"


def _converged(
    module: Module,
    runner: Runner,
    description: Description,
    place: Place,
    administration: Administration,
    aliases: Aliases,
) -> list[Step]:
    paths = Paths(place.installation, place.nodes)
    done = list(aliases.different(description.aliases, administration))
    planned = glassfish_plan.steps(description, paths, administration.ask())
    for step in done:
        _take(runner, step, module.check_mode, lambda one: aliases.take(one, administration))
    if done and not module.check_mode:
        aliases.remember(description.aliases)
    for _round in range(_ROUNDS):
        for step in planned:
            _take(runner, step, module.check_mode, administration.take)
        done += planned
        if module.check_mode or not planned:
            return done
        # What was told may not have been taken, whatever the answer was.
        planned = glassfish_plan.steps(description, paths, administration.ask())
    left = ", ".join(one.name for step in planned for one in step.differences)
    if left:
        raise GlassFishError(f"the administration server was told, and still has other values: {left}")
    return done


def _take(runner: Runner, step: Step, check_mode: bool, take: Any) -> None:
    runner.commands.append(str(step))
    if check_mode:
        return
    try:
        take(step)
    except AdministrationError as error:
        raise AdministrationError(f"{step}: {error}", error.away) from None


def _removed(
    module: Module, runner: Runner, description: Description, administration: Administration, aliases: Aliases
) -> list[Step]:
    steps = glassfish_plan.removal(description, administration.ask())
    report = administration.tell("list-password-aliases", {}) if description.aliases else {}
    there = {str(child.get("message", "")).strip() for child in report.get("children") or ()}
    for name in description.aliases:
        if name in there:
            steps.append(Step("delete-password-alias", {}, (name,), (Difference(f"alias {name}", "there", None),)))
    for step in steps:
        _take(runner, step, module.check_mode, administration.take)
    if not module.check_mode:
        aliases.forget()
    return steps


def _applications(administration: Administration, description: Description) -> dict[str, dict[str, Any]]:
    """The applications of the cluster, by their whole names."""
    found = administration.ask()
    return {
        name: {
            "enabled": found.get(f"clusters.cluster.{description.name}.application-ref.{name}.enabled") == "true",
            "context_root": found.get(f"applications.application.{name}.context-root", ""),
            "availability": found.get(f"applications.application.{name}.availability-enabled") == "true",
        }
        for name in glassfish_plan.deployed(found, description.name)
    }


def _awaited(
    module: Module, runner: Runner, administration: Administration, description: Description
) -> list[dict[str, Any]]:
    """The instances, when the one that is waited for takes part.

    :raises GlassFishError: it does not, within the time that it has
    """
    server, deadline = module.params["awaited"], runner.clock() + module.params["timeout"]
    while True:
        found = list(_instances(administration, description))
        one = next((one for one in found if one["server"] == server), None)
        if server is None or (one is not None and one["running"] and one["member"]):
            return found
        if runner.clock() >= deadline:
            said = "is none of the cluster's" if one is None else f"is {one['status'] or 'not there'}"
            health = f", and {one['health'] or 'no member'} in the group" if one else ""
            raise GlassFishError(
                f"the instance of {server} {said}{health} after {module.params['timeout']} seconds; see its server.log"
            )
        runner.pause(_PAUSE)


def _instances(administration: Administration, description: Description) -> Iterator[dict[str, Any]]:
    """Whether each instance runs, has to be started again, and takes part in the group."""
    try:
        extra = administration.tell("list-instances", {}, (description.name,)).get("extraProperties") or {}
        health = administration.tell("get-health", {}, (description.name,)).get("extraProperties") or {}
    except AdministrationError as error:
        if error.away:
            raise
        # There is no cluster yet, or the administration server is no member of its group.
        extra, health = {}, {}
    listed = {str(one.get("name")): one for one in extra.get("instanceList") or ()}
    members = {str(one.get("name")): str(one.get("status")) for one in health.get("instances") or ()}
    for server in description.servers:
        one = listed.get(server.instance)
        status = "" if one is None else str(one.get("status"))
        yield {
            "server": server.name,
            "name": server.instance,
            "registered": one is not None,
            "running": status in ("RUNNING", "REQUIRES_RESTART"),
            "restart": list(one.get("restartReasons") or ()) if one and status == "REQUIRES_RESTART" else [],
            "status": status,
            "member": members.get(server.instance) in _WELL,
            "health": members.get(server.instance, ""),
        }


BODY = Body(
    {
        **ACCESS,
        "description": {"type": "dict", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "awaited": {"type": "str"},
        "timeout": {"type": "int", "default": 120},
    },
    _work,
)
