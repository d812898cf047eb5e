"""The volumes as the nodes themselves show them."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]


@pytest.fixture(scope="module")
def hosts():
    return {node: host_of(node) for node in NODES}


@pytest.mark.parametrize("node", NODES)
def test_nothing_is_mounted_and_nothing_will_be(hosts, node):
    assert "/dev/san" not in hosts[node].file("/etc/fstab").content_string
    for mount_point in ("/srv/volume1", "/srv/vol/2"):
        assert not hosts[node].mount_point(mount_point).exists


@pytest.mark.parametrize(
    ("node", "mount_point"),
    [("nodea", "/srv/volume1"), ("nodeb", "/srv/volume1"), ("nodeb", "/srv/vol/2"), ("nodec", "/srv/vol/2")],
)
def test_mount_points_are_there(hosts, node, mount_point):
    assert hosts[node].file(mount_point).is_directory


@pytest.mark.parametrize(("node", "mount_point"), [("nodec", "/srv/volume1"), ("nodea", "/srv/vol/2")])
def test_nodes_without_the_volume_have_no_mount_point(hosts, node, mount_point):
    assert not hosts[node].file(mount_point).exists


def test_data_is_there_after_all_runs(hosts):
    command = "mount -o ro /dev/san/disk1 /mnt && cat /mnt/data; umount /mnt"
    assert hosts["nodeb"].check_output(command) == "mail"
