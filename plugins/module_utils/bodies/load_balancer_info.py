# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a balancer has, and what it does at the moment."""

from __future__ import annotations

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.fields import address_fault
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import read_interfaces
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_running as running
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_addresses import carrier, outside
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    address, addresses = module.params["address"], module.params["addresses"]
    for one in [*addresses, *([] if address is None else [address])]:
        fault = address_fault(one)
        if fault is not None:
            raise Failure(f"{one!r}: {fault.reason}; {fault.remedy}")
    interfaces = read_interfaces(runner)
    own = carrier(interfaces, address)
    haproxy: dict[str, Any] = {"running": False, "problem": ""}
    members: list[dict[str, Any]] = []
    try:
        found = running.process()
        haproxy = {"running": True, "problem": "", "version": found.get("Version", ""), "pid": found.get("Pid", "")}
        members = [one.as_dict() for one in running.members()]
    except running.HaproxyError as error:
        haproxy["problem"] = str(error)
    return {
        "changed": False,
        "missing_packages": missing_packages(module.params["packages"], runner),
        "interface": None if own is None else own.name,
        "outside": outside(own, addresses),
        "held": [one for one in addresses if any(interface.carries(one) for interface in interfaces)],
        "haproxy": haproxy,
        "keepalived": {"running": _runs("keepalived", runner)},
        "members": members,
    }


def _runs(service: str, runner: Runner) -> bool:
    if not runner.installed("systemctl"):
        return False
    argv = ["systemctl", "is-active", "--quiet", f"{service}.service"]
    return runner.run(argv, accept=ANY_STATUS, record=False).status == 0


_NAMES = {"type": "list", "elements": "str", "default": []}
BODY = Body({"address": {"type": "str"}, "addresses": _NAMES, "packages": _NAMES}, _work, tells_commands=False)
