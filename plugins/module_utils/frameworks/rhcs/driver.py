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

from collections.abc import Collection, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat, cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, Snapshot
from . import asking, compiling, exporting, planning, reading, steps, terms


class RedHatClusterSuite(Framework):
    """The driver for Red Hat Cluster Suite."""

    capabilities = terms.CAPABILITIES
    patience = steps.SLOW
    quiet = 3.0  # a state that has only just been left may still be shown once or twice
    status_command = "clustat"

    compile = staticmethod(compiling.judged)
    export = staticmethod(exporting.exported)
    native_resource = staticmethod(compiling.native_resource)
    native_service = staticmethod(compiling.native_service)
    axis_settings = staticmethod(compiling.axis_settings)
    same = staticmethod(terms.same_meaning)
    operational = staticmethod(terms.operational)
    parse_saved = staticmethod(reading.parse_saved)
    plan = staticmethod(planning.plan)
    plan_enabling = staticmethod(planning.enabling)
    plan_moving = staticmethod(planning.moving)
    plan_standby = staticmethod(planning.standby)
    plan_freezing = staticmethod(planning.freezing)
    plan_clearing = staticmethod(planning.clearing)

    def read(self) -> Snapshot:
        """The configuration that the cluster runs, whether all of it is in effect, and where its services are.

        :raises FrameworkError: the cluster runs a newer configuration than this node has
        """
        native = asking.native_state(self.runner)
        return Snapshot(reading.configuration(native), reading.normalised_status(native.conf, native.status), native)

    def status(self) -> ClusterStatus:
        """Nodes and services from one ``clustat``; which members a service has, from cluster.conf."""
        status = asking.clustat(self.runner)
        return reading.normalised_status(asking.conf(self.runner), status)

    def missing_agents(self, types: Collection[str]) -> list[str]:
        """Types that neither rgmanager itself brings nor an agent on this node, and fence agents that are not here."""
        return [found for found in types if found not in cluster_conf.START_LEVELS and not self._has_agent(found)]

    def _has_agent(self, resource_type: str) -> bool:
        if resource_type.startswith("fence_"):
            return self.runner.installed(resource_type)
        paths = (f"{terms.AGENT_DIRECTORY}/{resource_type}.sh", f"{terms.AGENT_DIRECTORY}/{resource_type}")
        return any(self.runner.read_file(path) is not None for path in paths)

    def observe(self) -> reading.Observation:
        """The version that the cluster runs, and where its services are; each by one command when somebody looks."""
        return asking.observation(self.runner)

    def under_way(self, observation: reading.Observation) -> Sequence[str]:
        """Services on their way from one state to another."""
        return [
            f"service {group.name}: {reading.stands(group)}"
            for group in (observation.status.groups or {}).values()
            if group.state in clustat.PASSING_STATES
        ]
