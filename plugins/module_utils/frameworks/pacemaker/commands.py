# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pacemaker's command lines: what it is asked, and how it is told."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError, NotRunning
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml

_OCF_ROOT = Path("/usr/lib/ocf/resource.d")


def query(runner: Runner, *options: str) -> Element:
    """The CIB.

    :raises NotRunning: there is no cluster on this node
    """
    return _asked(runner, ["cibadmin", "--query", *options], "cibadmin --query")


def query_configuration(runner: Runner) -> Element:
    """A CIB without the status section, which has the history of all operations and is several times as large.

    :raises NotRunning: there is no cluster on this node
    """
    cib = Element("cib")
    cib.append(query(runner, "--scope=configuration"))
    return cib


def monitor(runner: Runner) -> Element:
    """What ``crm_mon`` says of nodes and resources.

    :raises NotRunning: there is no cluster on this node
    """
    found = _asked(runner, ["crm_mon", "--one-shot", "--inactive", "--output-as=xml"], "crm_mon")
    if found.find("./nodes") is None:
        # Seen with 2.1.5: it exits with 0 although it could not read the CIB.
        errors = [error.text or "" for error in found.findall("./status/errors/error")]
        raise _not_running("; ".join(errors) or "crm_mon shows no nodes")
    return found


def _asked(runner: Runner, argv: Sequence[str], source: str) -> Element:
    try:
        result = runner.run(argv, record=False)
    except CommandNotFound:
        raise NotRunning("Pacemaker is not installed on this node") from None
    except CommandError as error:
        raise _not_running(error.output or error.reason) from None
    return parse_xml(result.stdout, source)


def _not_running(reason: str) -> NotRunning:
    return NotRunning(f"the cluster is not running on this node ({reason})")


def patch(runner: Runner, current: Element, wanted: Element) -> None:
    """Send the difference between two CIBs as one atomic change.

    The patch names no version of the CIB, so that a state change that comes in between does not refuse it.
    """
    # A CIB may hold passwords of fence agents: the directory is the process owner's alone.
    with tempfile.TemporaryDirectory(prefix="groupware-ha-") as directory:
        original, new = Path(directory, "original.xml"), Path(directory, "new.xml")
        original.write_text(ElementTree.tostring(current, encoding="unicode"), encoding="utf-8")
        new.write_text(ElementTree.tostring(wanted, encoding="unicode"), encoding="utf-8")
        # Exit status 1 says that there are differences.
        difference = runner.run(
            ["crm_diff", f"--original={original}", f"--new={new}", "--no-version"], accept=(0, 1), record=False
        )
    if difference.stdout.strip():
        runner.run(["cibadmin", "--patch", "--xml-pipe"], stdin=difference.stdout)


def settle(runner: Runner, timeout: float) -> None:
    """Wait until the cluster has no action pending.

    :raises FrameworkError: it still has after that time
    """
    argv = ["crm_resource", "--wait", f"--timeout={max(1, int(timeout))}s"]
    try:
        runner.run(argv, timeout=timeout + 10, record=False)
    except CommandError as error:
        raise FrameworkError(
            f"the cluster did not settle within {timeout:g} seconds ({error.reason}: {error.output}); "
            "'crm_mon --one-shot' shows what it is waiting for"
        ) from None


def crm_resource(runner: Runner, service: str, *arguments: str) -> None:
    """Operate a group."""
    runner.run(["crm_resource", f"--resource={service}", *arguments])


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
