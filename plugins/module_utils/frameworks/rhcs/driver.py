# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Red Hat Cluster Suite of the releases 4 to 6: one cluster.conf, written at most once per run, and ``clusvcadm``.

Everything is read from this node's cluster.conf, ``cman_tool version`` and ``clustat -x``. A change is one new
cluster.conf with the next ``config_version``, propagated by ``ccs_tool update`` (4 and 5) or ``cman_tool version -r``
(6), then ``clusvcadm -e`` for services that do not run yet.

Native settings are attributes of the elements in cluster.conf. Beside these there are

- of a service: ``domain ordered``, ``domain restricted`` and ``domain nofailback`` of its failover domain, whose nodes
  by their priorities are the placement; ``managed`` (false: frozen); ``in effect`` (see below),
- of a member: ``requires``, the member that it is nested in, and ``operation NAME ATTRIBUTE`` of its actions, where the
  name of an operation may have its depth behind it, as in ``operation status.10 interval``,
- of a fencing device: ``node NODE``, the options that fence that node with it (``port=3``),
- of the cluster: ``ELEMENT.ATTRIBUTE``, as in ``fence_daemon.post_join_delay``.

``in effect`` says that an earlier run came to its end: that what stands in the file is what the cluster runs, and, of
a service, that it was started once and is on one of its nodes. A service that an operator has disabled stays disabled
and is in effect; one that never ran since the cluster was started, or was stopped by half a run, is not, and is started
by the next.

Why compiled services look as they do:

- Their failover domain is ordered, since the description has an order, and restricted, since the volume cannot be
  reached from other nodes; ``nofailback`` unless the description wants failback.
- ``recovery`` is relocate: restarting in place first, as the default of rgmanager does, prolongs each failure that has
  its cause in the node. While there is no application yet, a service is made with ``autostart`` 0 and ``recovery``
  disable, so that the cluster does not move a volume that software is being installed on (Scalix TB-2007-02-HACLUSTER,
  "Creating the Scalix service"). Both get their final values with the application.
- Members are shared resources that the service refers to, as in that manual. Those that stand in a service are read
  and changed where they are. An ``ip`` has no name in cluster.conf: the first one of a service is called
  SERVICE_address, the next ones SERVICE_address_2 and so on. Where a name occurs for several types, the type stands in
  front of it, as in ``script:mail1``.

The cluster's own elements, ``clusternode`` with its ``nodeid`` and ``cman`` with ``two_node``, belong to its
installation. Nothing is added or removed there but the fencing methods of the described devices: each is a method of
its own. An option of a device whose name ends in ``_NODE``, as in ``port_nodea``, is for that node alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus, Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Export, FrameworkError, Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs import (
    compiling,
    executing,
    exporting,
    planning,
    reading,
    terms,
)


class RedHatClusterSuite(executing.Executor):
    """The driver for Red Hat Cluster Suite."""

    capabilities = terms.CAPABILITIES

    compile = staticmethod(compiling.judged)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    axis_settings = staticmethod(terms.axis_settings)
    same = staticmethod(terms.same_meaning)
    operational = staticmethod(terms.operational)
    plan = staticmethod(planning.plan)
    parse_saved = staticmethod(reading.parse_saved)

    def native_type(self, name: str, base_type: str | None, properties: Mapping[str, str]) -> Resource:  # noqa: ARG002
        """There are none: a type is an agent that a package brings."""
        raise FrameworkError(f"type {name}: rhcs registers no types; install the agent below {terms.AGENT_DIRECTORY}")

    def fixed(self, resource_type: str, key: str) -> bool:  # noqa: ARG002 - as the protocol has it
        """Nothing is: rgmanager stops the old resource and starts the new one."""
        return False

    def read(self) -> ClusterConfig:
        """The configuration that the cluster runs, and whether all of it is in effect.

        :raises FrameworkError: the cluster runs a newer one than this node has
        """
        return reading.configuration(self.situation())

    def status(self) -> ClusterStatus:
        """Nodes and services from one ``clustat``; which members a service has, from cluster.conf."""
        status = self.clustat()
        return reading.normalised_status(self.file(), status)

    def survey(self) -> Snapshot:
        """Configuration and status of one situation."""
        situation = self.situation()
        return Snapshot(
            reading.configuration(situation), reading.normalised_status(situation.conf, situation.status), situation
        )

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that neither rgmanager itself brings nor an agent on this node, and fence agents that are not here."""
        return [
            resource_type
            for resource_type in types
            if not (
                self.runner.installed(resource_type)
                if resource_type.startswith("fence_")
                else resource_type in cluster_conf.START_LEVELS or self._has_agent(resource_type)
            )
        ]

    def _has_agent(self, resource_type: str) -> bool:
        paths = (f"{terms.AGENT_DIRECTORY}/{resource_type}.sh", f"{terms.AGENT_DIRECTORY}/{resource_type}")
        return any(self.runner.read_file(path) is not None for path in paths)

    def export(self, config: ClusterConfig) -> Export:
        """Services with their failover domains, fencing devices and attributes of the cluster."""
        return exporting.exported(config, self)
