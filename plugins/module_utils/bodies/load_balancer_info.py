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
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy_process
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
    haproxy, members = _asked()
    services = {name: _asked(haproxy_process.of_service(name)) for name in module.params["services"]}
    return {
        "changed": False,
        "missing_packages": missing_packages(module.params["packages"], runner),
        "interface": None if own is None else own.name,
        "outside": outside(own, addresses),
        "held": [one for one in addresses if any(interface.carries(one) for interface in interfaces)],
        "haproxy": haproxy,
        "keepalived": {"running": _runs("keepalived", runner)},
        "members": members,
        "services": {name: {**one, "members": its_members} for name, (one, its_members) in services.items()},
    }


def _asked(*ask: running.Ask) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What an HAProxy says of itself and of its members; without ask it is that of a balancer."""
    try:
        found = running.process(*ask)
        members = [one.as_dict() for one in running.members(*ask)]
    except running.HaproxyError as error:
        return {"running": False, "problem": str(error)}, []
    own = {"running": True, "problem": "", "version": found.get("Version", ""), "pid": found.get("Pid", "")}
    return own, members


def _runs(service: str, runner: Runner) -> bool:
    if not runner.installed("systemctl"):
        return False
    argv = ["systemctl", "is-active", "--quiet", f"{service}.service"]
    return runner.run(argv, accept=ANY_STATUS, record=False).status == 0


_NAMES = {"type": "list", "elements": "str", "default": []}
BODY = Body(
    {"address": {"type": "str"}, "addresses": _NAMES, "packages": _NAMES, "services": _NAMES},
    _work,
    tells_commands=False,
)
