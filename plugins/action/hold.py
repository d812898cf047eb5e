# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controller's part of hold: says who this run is, sees whether another one is gone, and what the other members got."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.groupware.ha.plugins.module_utils.site import holding
from ansible_collections.groupware.ha.plugins.module_utils.site.controller import Controller

#: Seconds that a node is watched before the controller looks whether the other run is there still.
_WATCHED = 5


class ActionModule(ActionBase):
    """Takes the next step towards holding all members, or none."""

    TRANSFERS_FILES = False
    #: Whether another run holds the host, or did when this one asked first.
    _met_another = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        variables = task_vars or {}
        result = super().run(tmp, variables)
        if self._task.args.get("holder"):
            raise AnsibleActionFail("holder is not for use in a playbook; the run says itself what it is")
        self._variables = variables
        self._controller = Controller()
        # Tasks are run by children of the process that is the run.
        playbooks = [str(name) for name in context.CLIARGS.get("args") or ()]
        self._holder = self._controller.run(os.getppid(), playbooks)
        if self._task.args.get("state", "held") == "released":
            result.update(self._module(), settled=True)
        else:
            result.update(self._held())
        return result

    def _held(self) -> dict[str, Any]:
        """One step further; the result says whether there has to be another one."""
        host = str(self._variables["inventory_hostname"])
        members = [str(member) for member in self._task.args.get("members") or [host]]
        if host not in members:
            raise AnsibleActionFail(f"members: {host} is none of {', '.join(members)}, but is to be held with them")
        results = self._results(members)
        failed = [member for member in members if member not in self._variables["ansible_play_hosts"]]
        step = holding.step(host, members, results, failed)
        waited = host in results and not results[host]["waited"]
        # Who is alone has nobody to come to terms with.
        waits = step.what == holding.WAIT or (step.what == holding.TRY and len(members) == 1)
        if waits and not self._task.check_mode:
            found = self._wait(host, holding.patience(host, members, self._timeout()))
        elif step.what in (holding.TRY, holding.WAIT):
            found = self._try()
        elif step.what == holding.KEEP:
            found = {"changed": False, "held": results[host]["held"], "holder": results[host]["holder"]}
        else:
            found = self._module(state="released")
            if step.what == holding.GIVE_UP:
                found.update(failed=True, msg=f"{self._subject}: {step.words}")
        settled = not found.get("failed") and (found.get("held", False) or self._task.check_mode)
        preceded = self._met_another or bool(results.get(host, {}).get("preceded"))
        return {**found, "subject": self._subject, "waited": waited, "settled": settled, "preceded": preceded}

    @property
    def _subject(self) -> str:
        return str(self._task.args.get("subject"))

    def _timeout(self) -> int:
        given = self._task.args.get("timeout") or 0
        if not str(given).isascii() or not str(given).isdigit():
            raise AnsibleActionFail(f"timeout = {given!r}: is no number of seconds; give a whole number, 0 or more")
        return int(given)

    def _results(self, members: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What the members returned last, of this hold; one that was given back is over."""
        found = {}
        for member in members:
            result = self._variables["hostvars"][member].get("groupware_hold") or {}
            if result.get("subject") == self._subject and "waited" in result:
                found[member] = result
        return found

    def _try(self) -> dict[str, Any]:
        """Hold the node if nobody does, or nobody any more."""
        result = self._module()
        holder = result.get("holder")
        if result.get("failed") or result.get("held") or not holder:
            return result
        self._met_another = True
        dead = self._controller.gone(holder)
        if not dead and (holder["run"] != self._task.args.get("take_over") or self._controller.seen(holder)):
            if self._task.check_mode:
                Display().warning(f"{self._subject} is held for {holder['subject']} by {holding.described(holder)}")
            return result
        result = self._module(take_over=holder["run"])
        if result.get("taken_over"):
            Display().warning(f"{self._subject}: {holding.taken_over(result['taken_over'], dead=dead)}")
        return result

    def _wait(self, host: str, seconds: int) -> dict[str, Any]:
        """Hold the node as soon as another run has given it back, or is gone."""
        end = time.monotonic() + seconds
        told = False
        while True:
            left = end - time.monotonic()
            result = self._try()
            holder = result.get("holder")
            if result.get("failed") or result.get("held") or not holder:
                return result
            if left <= 0:
                seen = self._controller.seen(holder)
                words = holding.refusal(host, holder, seen=seen, timeout=self._timeout())
                return {**result, "failed": True, "refused": True, "msg": f"{self._subject}: {words}"}
            if not told and seconds:
                Display().display(f"{self._subject}: waiting for {holding.described(holder)}")
                told = True
            result = self._module(timeout=max(1, min(_WATCHED, int(left))))
            if result.get("failed") or result.get("held"):
                return result

    def _module(self, **changed: Any) -> dict[str, Any]:
        """What the module returns, which waits only if told."""
        arguments = {name: value for name, value in self._task.args.items() if name != "take_over"}
        return dict(
            self._execute_module(
                module_name="groupware.ha.hold",
                module_args={**arguments, "timeout": 0, "holder": self._holder, **changed},
                task_vars=self._variables,
            )
        )
