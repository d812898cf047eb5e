# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that a mail server treats better than others, and how many strangers are among them. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.groupware.ha.plugins.module_utils.shown import Names

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

#: Networks that are not routed on the Internet: whoever is there is near.
#: RFC 1918, 6598, 1122, 3927, 2544, 5737, 4193, 4291, 3849.
_LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in """
    10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 198.18.0.0/15 192.0.2.0/24
    198.51.100.0/24 203.0.113.0/24 fc00::/7 fe80::/10 ::1/128 2001:db8::/32
    """.split()
)

#: IPv6 addresses that stand for IPv4 addresses in their last 32 bits (RFC 4291, 6052): a prefix of 96 is all of IPv4.
_MAPPED = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))

#: Tunnels that anybody has an address in (Teredo, RFC 4380; 6to4, RFC 3056).
_TUNNELS = (ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16"))

#: Public addresses that one organisation may have at most, as prefix lengths: a class B network; what a registry
#: gives to a whole provider.
_LARGEST = {4: 16, 6: 32}


@dataclass(frozen=True)
class Refusal:
    """A value that is refused, and why."""

    value: Any
    reason: str
    remedy: str


def parse(texts: Iterable[str], example: str = "192.0.2.0/24") -> tuple[list[Network], list[Refusal]]:
    """Networks or addresses, and those that are none."""
    found: list[Network] = []
    refused = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            refused.append(Refusal(text, f"is not a network ({error})", f"give one such as {example}"))
    return found, refused


def too_wide(networks: Sequence[Network], what_then: str, remedy: str) -> list[Refusal]:
    """Networks with strangers in them, or that together have more public addresses than are one's own.

    :param what_then: what strangers could do then, such as ``"could send mail anywhere through this service"``
    """
    refused = [
        Refusal(str(network), f"is in a tunnel, where anybody has an address and {what_then}", remedy)
        for network in networks
        if isinstance(network, ipaddress.IPv6Network) and any(network.subnet_of(tunnel) for tunnel in _TUNNELS)
    ]
    for version in (4, 6):
        public = [one for one in map(_meant, networks) if one.version == version and not _is_local(one)]
        # Each may be small enough alone, and all together the whole Internet. What is named twice counts once.
        merged: list[Network] = list(ipaddress.collapse_addresses(public))  # type: ignore[type-var]
        size = sum(one.num_addresses for one in merged)
        everything = 2 ** (32 if version == 4 else 128)
        if size > everything >> _LARGEST[version]:
            reason = (
                f"{'are together' if len(public) > 1 else 'is'} {_share(size, everything)}, whose hosts {what_then}"
            )
            named = Names(str(one) for one in networks if _meant(one) in public)
            refused.append(Refusal(named if len(named) > 1 else named[0], reason, remedy))
    return refused


def _share(size: int, everything: int) -> str:
    """How much of the Internet it is, in words."""
    if size == everything:
        return "the whole Internet"
    if size * 2 >= everything:
        return "half the Internet" if size * 2 == everything else "more than half the Internet"
    return f"1/{everything // size} of the Internet"


def _meant(network: Network) -> Network:
    """The IPv4 network that an IPv6 one stands for, else the network itself."""
    for mapped in _MAPPED:
        if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(mapped):
            start = int(network.network_address) & 0xFFFFFFFF
            return ipaddress.IPv4Network((start, network.prefixlen - 96))
    return network


def _is_local(network: Network) -> bool:
    return any(
        network.version == local.version and network.subnet_of(local)  # type: ignore[arg-type]
        for local in _LOCAL
    )


def as_postfix_writes(network: Network) -> str:
    """A network as Postfix takes it in lists of hosts: IPv6 in brackets."""
    if network.version == 6:
        return f"[{network.network_address}]/{network.prefixlen}"
    return str(network)
