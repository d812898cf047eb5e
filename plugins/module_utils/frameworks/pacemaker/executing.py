# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker's command lines: what it is asked, and how it is told what to do."""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker import editing
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.planning import Patch, Stop

_OCF_ROOT = Path("/usr/lib/ocf/resource.d")


class Executor:
    """Asks a cluster, and has it do things."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def configuration(self) -> Element:
        """The CIB without the status section, which has the history of all operations and is several times as large."""
        cib = Element("cib")
        cib.append(self._asked("cibadmin --query", "--scope=configuration"))
        return cib

    def monitor(self) -> Element:
        """What ``crm_mon`` says of nodes and resources."""
        found = self._asked("crm_mon", "--one-shot", "--inactive", "--output-as=xml")
        if found.find("./nodes") is None:
            # Seen with 2.1.5: it exits with 0 although it could not read the CIB.
            errors = [error.text or "" for error in found.findall("./status/errors/error")]
            raise _not_running("; ".join(errors) or "crm_mon shows no nodes")
        return found

    def _asked(self, command: str, *options: str) -> Element:
        try:
            result = self.runner.run([*command.split(), *options], record=False)
        except CommandNotFound:
            raise NotRunning("Pacemaker is not installed on this node") from None
        except CommandError as error:
            raise _not_running(error.output or error.reason) from None
        return parse_xml(result.stdout, command)

    def carry_out(self, steps: Sequence[Stop | Patch]) -> None:
        """One patch for each step: constraints come into force together with the members that they are about."""
        for step in steps:
            current = self._asked("cibadmin --query")
            wanted = copy.deepcopy(current)
            if isinstance(step, Stop):
                editing.stop_resources(wanted, step.names)
            else:
                editing.apply_changes(wanted, step.changes)
            self._patch(current, wanted)

    def _patch(self, current: Element, wanted: Element) -> None:
        """Send the difference between two CIBs as one atomic change.

        The patch names no version of the CIB, so that a state change that comes in between does not refuse it.
        """
        # A CIB may hold passwords of fence agents: the directory is the process owner's alone.
        with tempfile.TemporaryDirectory(prefix="groupware-ha-") as directory:
            original, new = Path(directory, "original.xml"), Path(directory, "new.xml")
            original.write_text(ElementTree.tostring(current, encoding="unicode"), encoding="utf-8")
            new.write_text(ElementTree.tostring(wanted, encoding="unicode"), encoding="utf-8")
            # Exit status 1 says that there are differences.
            difference = self.runner.run(
                ["crm_diff", f"--original={original}", f"--new={new}", "--no-version"], accept=(0, 1), record=False
            )
        if difference.stdout.strip():
            self.runner.run(["cibadmin", "--patch", "--xml-pipe"], stdin=difference.stdout)

    def settle(self, timeout: float) -> None:
        """Wait until the cluster has no action pending."""
        argv = ["crm_resource", "--wait", f"--timeout={max(1, int(timeout))}s"]
        try:
            self.runner.run(argv, timeout=timeout + 10, record=False)
        except CommandError as error:
            raise FrameworkError(
                f"the cluster did not settle within {timeout:g} seconds ({error.reason}: {error.output}); "
                "'crm_mon --one-shot' shows what it is waiting for"
            ) from None

    def set_service_enabled(self, service: str, enabled: bool) -> None:
        """Set the target role of the group."""
        self._set_meta(service, "target-role", None if enabled else "Stopped")

    def set_service_frozen(self, service: str, frozen: bool) -> None:
        """Put the group into maintenance mode: neither started, stopped, moved nor monitored."""
        self._set_meta(service, "maintenance", "true" if frozen else None)

    def _set_meta(self, service: str, name: str, value: str | None) -> None:
        if value is None:
            self._crm_resource(service, "--meta", f"--delete-parameter={name}")
        else:
            self._crm_resource(service, "--meta", f"--set-parameter={name}", f"--parameter-value={value}")

    def clear_failures(self, service: str) -> None:
        """Forget the history of the group's operations; the cluster probes what runs and goes on from there."""
        self._crm_resource(service, "--cleanup")

    def move_service(self, service: str, node: str, timeout: float, start: bool = False) -> None:
        """Prefer the node for as long as the move takes; stickiness keeps the service there afterwards."""
        # The lifetime ends the preference by itself should this run die before it clears it.
        self._crm_resource(service, "--move", f"--node={node}", f"--lifetime=PT{int(timeout) + 60}S")
        try:
            if start:
                self.set_service_enabled(service, True)
            self.settle(timeout)
        finally:
            self._crm_resource(service, "--clear")

    def _crm_resource(self, service: str, *arguments: str) -> None:
        self.runner.run(["crm_resource", f"--resource={service}", *arguments])

    def set_node_standby(self, node: str, standby: bool) -> None:
        """Set the node's permanent standby attribute."""
        argument = "--update=on" if standby else "--delete"
        self.runner.run(["crm_attribute", "--type=nodes", f"--node={node}", "--name=standby", argument])


def _not_running(reason: str) -> NotRunning:
    return NotRunning(f"the cluster is not running on this node ({reason})")


def missing_agents(types: Collection[str]) -> list[str]:
    """Resource types whose agent is not on this node; systemd units and other classes are left to the cluster."""
    return [resource_type for resource_type in types if not _installed(resource_type.split(":"))]


def _installed(parts: Sequence[str]) -> bool:
    if parts[0] == "ocf" and len(parts) == 3:
        return (_OCF_ROOT / parts[1] / parts[2]).exists()
    if parts[0] == "stonith" and len(parts) == 2:
        found = any(os.path.exists(f"{folder}/{parts[1]}") for folder in ("/usr/sbin", "/sbin"))
        return found or parts[1] in ("external/ssh", "fence_watchdog")
    return len(parts) in (2, 3) and parts[0] in ("systemd", "lsb", "service", "nagios")
