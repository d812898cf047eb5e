# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which modules a node can be asked for together. What is shipped to nodes is found by reading these imports."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.runner import Body
from . import (
    calendar_directory,
    calendar_instance_info,
    calendar_node,
    cluster_info,
    corosync_info,
    database_accounts,
    database_replication_info,
    database_settings,
    failover_services,
    glassfish_2_1_agent,
    glassfish_2_1_cluster,
    hadb_host,
    haproxy_configuration,
    load_balancer_configuration,
    load_balancer_info,
    logical_addresses,
    mail_configuration,
    mail_node_info,
    messaging_instance_info,
    nfs_shares,
    radicale_configuration,
    scalix_node_info,
    scalix_setup,
    shared_volumes,
    sogo_configuration,
    sogo_info,
    sogo_users,
    vfstab,
)

BODIES: Mapping[str, Body] = {
    "calendar_directory": calendar_directory.BODY,
    "calendar_instance_info": calendar_instance_info.BODY,
    "calendar_node": calendar_node.BODY,
    "cluster_info": cluster_info.BODY,
    "corosync_info": corosync_info.BODY,
    "database_accounts": database_accounts.BODY,
    "database_replication_info": database_replication_info.BODY,
    "database_settings": database_settings.BODY,
    "failover_services": failover_services.BODY,
    "glassfish_2_1_agent": glassfish_2_1_agent.BODY,
    "glassfish_2_1_cluster": glassfish_2_1_cluster.BODY,
    "hadb_host": hadb_host.BODY,
    "haproxy_configuration": haproxy_configuration.BODY,
    "load_balancer_configuration": load_balancer_configuration.BODY,
    "load_balancer_info": load_balancer_info.BODY,
    "logical_addresses": logical_addresses.BODY,
    "mail_configuration": mail_configuration.BODY,
    "mail_node_info": mail_node_info.BODY,
    "messaging_instance_info": messaging_instance_info.BODY,
    "nfs_shares": nfs_shares.BODY,
    "radicale_configuration": radicale_configuration.BODY,
    "scalix_node_info": scalix_node_info.BODY,
    "scalix_setup": scalix_setup.BODY,
    "shared_volumes": shared_volumes.BODY,
    "sogo_configuration": sogo_configuration.BODY,
    "sogo_info": sogo_info.BODY,
    "sogo_users": sogo_users.BODY,
    "vfstab": vfstab.BODY,
}
