# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kinds of tiers there are. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import Tier
from ansible_collections.groupware.ha.plugins.module_utils.tiers.calendar_server_7 import CalendarServer7
from ansible_collections.groupware.ha.plugins.module_utils.tiers.database_replication import DatabaseReplication
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish import Glassfish
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish_2_1 import Glassfish21
from ansible_collections.groupware.ha.plugins.module_utils.tiers.ias import Ias
from ansible_collections.groupware.ha.plugins.module_utils.tiers.load_balancer import LoadBalancer
from ansible_collections.groupware.ha.plugins.module_utils.tiers.sogo import Sogo
from ansible_collections.groupware.ha.plugins.module_utils.tiers.web_server_7 import WebServer7

_ALL: list[Tier] = [
    CalendarServer7(),
    DatabaseReplication(),
    Glassfish(),
    Glassfish21(),
    Ias(),
    LoadBalancer(),
    Sogo(),
    WebServer7(),
]
TIERS: Mapping[str, Tier] = {tier.name: tier for tier in _ALL}
#: The groups of the inventory whose hosts belong to tiers.
GROUPS = tuple(tier.group for tier in TIERS.values())
#: The roles that configure tiers, which are their tags too.
ROLES = tuple(tier.role for tier in TIERS.values())
