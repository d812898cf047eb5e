# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which network interface of a balancer carries its own address, and whether the logical addresses can be there."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import Interface
from .load_balancer_plan import BALANCERS, FRONT_ENDS


def carrier(interfaces: Sequence[Interface], address: str | None) -> Interface | None:
    """The interface that has the balancer's own address."""
    return next((one for one in interfaces if address is not None and one.carries(address)), None)


def outside(interface: Interface | None, addresses: Sequence[str]) -> list[str]:
    """Those of the logical addresses that are in no network of the interface."""
    given = {str(ipaddress.ip_address(one)) for one in addresses}
    return [] if interface is None else [one for one in addresses if not interface.reaches(one, given)]


def usable(interfaces: Sequence[Interface], balancer: str, address: str, addresses: Sequence[str]) -> str:
    """The name of the interface that the logical addresses come to.

    :raises Failure: there is none that can carry them
    """
    own = carrier(interfaces, address)
    if own is None:
        raise Failure(
            f"{BALANCERS}[{balancer}].address = {address} is on no network interface of the host; give the one that "
            "the other balancers reach it at"
        )
    lost = outside(own, addresses)
    if lost:
        raise Failure(
            f"{FRONT_ENDS} have {', '.join(lost)}, in no network of {own.name}, which carries {address}; nobody would "
            "find them there"
        )
    return own.name
