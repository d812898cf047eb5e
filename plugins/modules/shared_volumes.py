#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module shared_volumes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: shared_volumes
short_description: Prepare the shared volumes of a cluster, never over data
version_added: 0.1.0
description:
  - Makes the file system, and the LVM volume group and logical volume where there are to be any, of all shared volumes
    of a cluster in one call per node. Only a volume's home node prepares it; the others check what they see.
  - Makes the mount point directories. Does not mount, and does not write C(fstab), that is the cluster's part. Refuses
    an C(fstab) that would mount a volume by itself.
  - B(Never formats over data.) A device must be empty, which means that it has no signature that C(wipefs) knows (of a
    file system, partition table, RAID, LUKS, swap, LVM ...) and that its first mebibyte holds only zeros. Anything else
    than the described file system is an error that says what was found and how to go on, and then nothing is touched,
    on no device of the node.
  - With LVM, who may use a volume group is up to O(volume_group_access).
  - A run that ends early is completed by the next one. A logical volume gets its name last, when its file system is
    made; until then the name ends in C(_unfinished), and the next run makes it anew.
  - Existing file systems and logical volumes are not resized.
notes:
  - Stands in for M(community.general.filesystem), M(community.general.lvg) and M(community.general.lvol), which work
    on one object each, so that a run costs several processes for each volume, and of which the first formats a disk
    that has a partition table, because it looks for a file system only.
  - Needs C(wipefs) (util-linux) and the C(mkfs) program of each file system. Where LVM is used, V(one_node) needs LVM
    2.03.12 or later, V(all_nodes) LVM 2.02.118 or later. V(all_nodes) was tested with LVM 2.03 only, without C(clvmd).
attributes:
  check_mode:
    description: Can run in check mode, and then reports exactly what the next run will do.
    support: full
  diff_mode:
    description: Shows what is there and what will be there.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
options:
  volumes:
    description: All shared volumes of the cluster. Those of other nodes are left out of account.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name to speak of the volume in messages.
        type: str
        required: true
      device:
        description: Path of the block device, the same on all nodes.
        type: path
      devices:
        description: Paths of several block devices that a volume group is to span; instead of O(volumes[].device).
        type: list
        elements: path
      volume_group:
        description: LVM volume group on the devices. Without it the file system is on the device itself.
        type: str
      logical_volume:
        description: Logical volume that holds the file system; with O(volumes[].volume_group).
        type: str
      size:
        description: Size of the logical volume when it is created, such as V(10g). The default is all of the group.
        type: str
      filesystem:
        description: Type of the file system. The default is O(filesystem).
        type: str
        choices: [ext3, ext4, xfs]
      mount_point:
        description: Directory where the cluster mounts the volume.
        type: path
        required: true
      mount_options:
        description: Options that the cluster mounts the volume with. Of no consequence here.
        type: str
      nodes:
        description: All nodes that may mount the volume.
        type: list
        elements: str
        required: true
      home:
        description: The node that prepares the volume; one of O(volumes[].nodes).
        type: str
        required: true
  filesystem:
    description: Type of the file system of volumes that name none.
    type: str
    choices: [ext3, ext4, xfs]
    default: ext4
  volume_group_access:
    description:
      - Who may use a volume group.
      - With V(one_node) it belongs to one node at a time by its system ID, as the agent C(LVM-activate) with
        C(vg_access_mode=system_id) wants it; is not activated at boot; and is left inactive once it is prepared.
      - With V(all_nodes) it belongs to no node, and its logical volume is active on all nodes of the volume, at boot
        too, so that a cluster that only mounts and unmounts file systems, such as C(rgmanager) of Red Hat Cluster Suite
        with its agent C(fs), can do so on each of them. Where C(clvmd) runs, LVM makes new groups clustered ones by
        itself. A volume group that has a system ID is refused, also if it is this node's.
    type: str
    choices: [one_node, all_nodes]
    default: one_node
  state:
    description:
      - V(prepared) makes what is missing on home nodes, and mount points everywhere.
      - V(active), for O(volume_group_access=all_nodes), activates logical volumes that are not active on this node. It
        is for all nodes, after V(prepared) has ended on all of them. In check mode a logical volume that is not there
        yet counts as one that its home will have made.
    type: str
    choices: [prepared, active]
    default: prepared
  node:
    description: This node's name. The default is what C(uname -n) says.
    type: str
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Prepare the volumes of two mail services
  groupware.ha.shared_volumes:
    volumes:
      - name: mail1
        device: /dev/disk/by-id/wwn-0x600140500000000a
        mount_point: /srv/mail1
        nodes: [nodea, nodeb]
        home: nodea
      - name: mail2
        devices: [/dev/mapper/lun3, /dev/mapper/lun4]
        volume_group: vgmail2
        logical_volume: lvmail2
        size: 300g
        filesystem: xfs
        mount_point: /srv/mail2
        nodes: [nodea, nodeb]
        home: nodeb

- name: Activate the logical volumes on all nodes of a Red Hat Cluster Suite, after their homes have made them
  groupware.ha.shared_volumes:
    volumes: "{{ groupware_services | groupware.ha.volumes }}"
    volume_group_access: all_nodes
    state: active
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run, to change something.
  returned: always
  type: list
  elements: str
  sample: [mkfs.ext4 -q /dev/san/mail1]
volumes:
  description: What this node saw of each of its volumes before it changed anything.
  returned: always
  type: dict
  sample:
    mail1: {home: nodea, devices: {/dev/san/mail1: {holds: ext4, uuids: [24e2bbae-1c18-450f-a9bb-06f7a03d544d]}}}
missing_programs:
  description: Programs that are needed to go on, and are not installed.
  returned: failure, if that is the reason
  type: list
  elements: str
  sample: [mkfs.xfs]
problems:
  description: Every reason why nothing was done.
  returned: failure
  type: list
  elements: str
"""

import platform

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.deployment import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.products import storage


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "volumes": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "name": {"type": "str", "required": True},
                    "device": {"type": "path"},
                    "devices": {"type": "list", "elements": "path"},
                    "volume_group": {"type": "str"},
                    "logical_volume": {"type": "str"},
                    "size": {"type": "str"},
                    "filesystem": {"type": "str", "choices": list(storage.MAKE_FILESYSTEM)},
                    "mount_point": {"type": "path", "required": True},
                    "mount_options": {"type": "str"},
                    "nodes": {"type": "list", "elements": "str", "required": True},
                    "home": {"type": "str", "required": True},
                },
            },
            "filesystem": {"type": "str", "choices": list(storage.MAKE_FILESYSTEM), "default": "ext4"},
            "volume_group_access": {
                "type": "str",
                "choices": [storage.ONE_NODE, storage.ALL_NODES],
                "default": storage.ONE_NODE,
            },
            "state": {"type": "str", "choices": ["prepared", "active"], "default": "prepared"},
            "node": {"type": "str"},
        },
        supports_check_mode=True,
    )
    runner = LocalRunner()
    wrong = entries.judge(module.params["volumes"], "volumes", ("name", "mount_point", "nodes", "home"))
    if wrong:
        error = DescriptionError(wrong)
        module.fail_json(msg=str(error), problems=[str(problem) for problem in wrong], commands=[], volumes={})
    access, activation = module.params["volume_group_access"], module.params["state"] == "active"
    if activation and access != storage.ALL_NODES:
        module.fail_json(
            msg="state = 'active' is for volume_group_access = 'all_nodes'; with 'one_node' the cluster activates"
        )
    try:
        volumes = [
            storage.volume_from_mapping(
                {**volume, "filesystem": volume["filesystem"] or module.params["filesystem"]}, access
            )
            for volume in module.params["volumes"]
        ]
        node = module.params["node"] or platform.node()
        if activation and not module.check_mode:
            storage.renew_hints(runner)
        state = storage.read_state(volumes, node, runner, activation=activation)
        plan = storage.make_activation_plan(volumes, state) if activation else storage.make_plan(volumes, state)
        if plan.problems:
            raise storage.StorageError(plan.problems)
        missing = storage.missing_programs(plan)
        if missing and not module.check_mode:
            module.fail_json(
                msg=f"not installed, but needed: {', '.join(missing)}; nothing was touched",
                missing_programs=missing,
                commands=[],
                volumes={},
            )
        if not module.check_mode:
            storage.execute(plan, runner)
    except storage.StorageError as error:
        module.fail_json(msg=str(error), problems=list(error.problems), commands=[], volumes={})
    except CommandError as error:
        module.fail_json(msg=str(error), commands=runner.commands, volumes={})
    for warning in plan.warnings:
        module.warn(warning)
    module.exit_json(
        changed=bool(plan.steps),
        commands=storage.planned_commands(plan),
        volumes=storage.summary(volumes, state),
        diff={"before": plan.render("before"), "after": plan.render("after")},
    )


if __name__ == "__main__":
    main()
