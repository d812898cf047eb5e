# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web Server 7 with GlassFish's load balancing plug-in: the vendor's way to balance the load of a calendar. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import Reader
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need, Tier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import BALANCED_ADDRESS

PORT, URI, DOMAIN = "web_server_7_port", "web_server_7_uri", "web_server_7_domain"
_DOMAIN_OPTIONS = ("host", "directory", "program", "certificate")


@dataclass(frozen=True)
class WebServer7(Tier):
    """One web server or more, each by itself; the plug-in on each of them knows all instances of GlassFish."""

    name: str = "web_server_7"
    group: str = "iplanet_web_servers"
    role: str = "web_server_7"
    naming: str = "web_server_7_name"
    required: tuple[str, ...] = (PORT,)
    optional: tuple[str, ...] = (
        URI,
        DOMAIN,
        "web_server_7_listener",
        "web_server_7_home",
        "web_server_7_root",
        "web_server_7_administrator",
        "web_server_7_administration_port",
        "web_server_7_state",
    )
    secrets: tuple[str, ...] = ("web_server_7_password",)

    def judge(self, tier: DescribedTier) -> Iterator[Problem]:
        """What the role would refuse."""
        port, uri = tier.variables[PORT], tier.variables.get(URI, "/davserver")
        if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
            yield Problem(PORT, port, "is no port", "give a number from 1 to 65535")
        if not isinstance(uri, str) or not uri.startswith("/") or not uri.isprintable() or set(uri) & set('"*; '):
            yield Problem(URI, uri, "is no path", "give the path below which the calendar is, such as /davserver")
        domain = tier.variables.get(DOMAIN)
        if domain:
            problems: list[Problem] = []
            reader = Reader(domain, DOMAIN, problems)
            reader.only(*_DOMAIN_OPTIONS)
            for name in _DOMAIN_OPTIONS:
                reader.text(name, required=name in ("host", "directory"))
            yield from problems

    def offers(self, tier: DescribedTier) -> list[Need]:
        """The address of the web server, by the tier's name."""
        return [Need(BALANCED_ADDRESS, tier.name)]
