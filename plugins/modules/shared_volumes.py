#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

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
    file system, partition table, RAID, LUKS, swap, LVM ...), and that there are only zeros in its first 2 MiB, in its
    last MiB, where file systems keep copies of their superblocks, and in 1024 samples of 64 KiB that are spread over
    all of it. A device of at most 64 MiB is read wholly; of any other about 67 MiB are read, and contiguous data is met
    for certain if it is as long as two thousandths of the device. Anything else than the described file system is an
    error that says what was found and how to go on, and then nothing is touched, on no device of the node. So is a
    device that has no size or cannot be read.
  - Looks again at all that it writes to immediately before each command that writes, while nobody else has claimed the
    device, and stops if it is not what it was. Of two runs on a node the second waits for a minute, and then fails with
    the name of the first.
  - With LVM, who may use a volume group is up to O(volume_group_access).
  - A run that ends early is completed by the next one. A logical volume gets its name last, when its file system is
    made; until then the name ends in C(_unfinished), and the next run makes it anew, after a look into it.
  - Volume groups and logical volumes that are made get the LVM tag C(groupware_ha). Others are not removed, and do not
    change their owner or what activates them. A group that looks exactly as one that was made here, by a release before
    the tag, gets it.
  - Existing file systems and logical volumes are not resized.
notes:
  - Stands in for M(community.general.filesystem), M(community.general.lvg) and M(community.general.lvol), which work
    on one object each, so that a run costs several processes for each volume, and of which the first formats a disk
    that has a partition table, because it looks for a file system only.
  - Needs C(wipefs) (util-linux) and the C(mkfs) program of each file system. Where LVM is used, V(one_node) needs LVM
    2.03.12 or later, V(all_nodes) LVM 2.02.118 or later. V(all_nodes) was tested with LVM 2.03 only, without C(clvmd).
attributes:
  diff_mode:
    description: Shows what is there and what will be there.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
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
  destroy:
    description:
      - What may be destroyed, for those who mean it. Each entry is valid for exactly what it names; an error about a
        device that is not empty shows the entry for it. Anything else that is found there is refused.
      - What is described is never destroyed, such as V(ext4) where O(volumes[].filesystem=ext4), nor what is in use.
      - If the run ends early, what is left then is something else, and has to be named anew.
    type: list
    elements: dict
    default: []
    suboptions:
      device:
        description: Path of the device, as in O(volumes[].device).
        type: path
        required: true
      holds:
        description: The signatures on it, or V(unrecognised data).
        type: str
        required: true
      identity:
        description: Their UUIDs, or a digest of what was read.
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
      - V(inspected) only returns what is on the devices and what they call themselves, for a comparison between nodes
        by P(groupware.ha.volume_differences#filter).
    type: str
    choices: [prepared, active, inspected]
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

- name: Prepare a volume on a disk that has an old file system, which is not needed any more
  groupware.ha.shared_volumes:
    volumes:
      - {name: mail1, device: /dev/san/mail1, mount_point: /srv/mail1, nodes: [nodea, nodeb], home: nodea}
    destroy:
      - {device: /dev/san/mail1, holds: xfs, identity: 24e2bbae-1c18-450f-a9bb-06f7a03d544d}
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run, to change something.
  returned: always
  type: list
  elements: str
  sample: [mkfs.ext4 -q /dev/san/mail1]
volumes:
  description:
    - What this node saw of each of its volumes before it changed anything.
    - C(holds) is V(unknown) where there is no signature and the device was not read, since this is not its home.
  returned: always
  type: dict
  sample:
    mail1:
      home: nodea
      devices:
        /dev/san/mail1:
          exists: true
          hardware: {WWN: "0x600140500000000a", wwid: naa.600140500000000a}
          holds: ext4
          signatures: [ext4]
          size: 322122547200
          used_by: [/srv/mail1]
          uuids: [24e2bbae-1c18-450f-a9bb-06f7a03d544d]
system_id:
  description: LVM's system ID of this node; null without one, or without LVM.
  returned: success, if a volume is in a volume group
  type: str
  sample: nodea
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

from ansible_collections.groupware.ha.plugins.module_utils.bodies.shared_volumes import BODY


def main() -> None:
    BODY.main()


if __name__ == "__main__":
    main()
