# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Parts of the documentation that the engine's modules share."""

    ATTRIBUTES = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing anything.
    support: full
  diff_mode:
    description: Shows what differs, as before and after, from the same plan that is carried out.
    support: full
  idempotent:
    description: Run again with the same options, it changes nothing.
    support: full
"""

    READING = r"""
options: {}
attributes:
  check_mode:
    description: Only reads, so check mode makes no difference.
    support: full
  diff_mode:
    description: Only reads.
    support: none
  idempotent:
    description: Only reads.
    support: full
"""

    FRAMEWORK = r"""
options:
  framework:
    description:
      - The cluster framework of the node that the module runs on.
      - V(auto) finds the one that is installed, and fails if there is none or more than one.
    type: str
    default: auto
    choices: [auto, pacemaker, solaris_cluster, vcs, clusterware, rhcs]
  timeout:
    description: Seconds that the cluster has to carry out a change and settle.
    type: int
    default: 120
"""

    PERMISSION = r"""
options:
  allow_restart:
    description:
      - Whether a change may stop a service or members of it, or move it to another node, where the framework cannot
        make it otherwise.
      - Without it such a change is refused before anything is touched, and the failure names the services.
      - Pacemaker and Red Hat Cluster Suite restart and move what has to be by themselves; there RV(restarts) names the
        services beforehand.
    type: bool
    default: false
  allow_recreate:
    description:
      - Whether a resource may be deleted and created again, because what differs cannot be changed while it exists.
      - Its service is interrupted. Data is not touched.
    type: bool
    default: false
"""

    DESCRIPTION = r"""
options:
  cluster:
    description:
      - The cluster, as described in the collection's README under C(groupware_cluster).
      - It names the members, the networks of service addresses, and fencing.
    type: dict
    required: true
  services:
    description: The services, as described in the collection's README under C(groupware_services).
    type: list
    elements: dict
    required: true
"""

    NATIVE = r"""
options:
  name:
    description: Name of the resource, unique in the cluster.
    type: str
    required: true
  type:
    description: Type of the resource as the framework names it, such as V(ocf:heartbeat:IPaddr2) on Pacemaker.
    type: str
  properties:
    description: Properties of the resource in the framework's own names (instance attributes on Pacemaker).
    type: dict
    default: {}
  meta:
    description: Meta attributes; a setting of its own on Pacemaker.
    type: dict
    default: {}
  operations:
    description:
      - "For each operation its settings, such as V({monitor: {interval: 10s, timeout: 20s}})."
    type: dict
    default: {}
"""
