"""The devices of all nodes compared: another LUN under the same name is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.storage import devices, model
from ansible_collections.groupware.ha.plugins.module_utils.node.storage.comparing import compare_devices

VOLUME = {"name": "mail1", "devices": ["/dev/san/mail1"], "nodes": ["nodea", "nodeb"]}
DEVICE = {
    "exists": True,
    "holds": "ext4",
    "signatures": ["ext4"],
    "uuids": ["1234"],
    "size": 1000,
    "hardware": {"WWN": "0x6001", "wwid": "naa.6001"},
    "used_by": [],
}
EMPTY = {**DEVICE, "signatures": [], "uuids": [], "holds": "nothing"}


def answer(device: dict[str, Any]) -> dict[str, Any]:
    return {"volumes": {"mail1": {"devices": {"/dev/san/mail1": device}}}}


def compared(first: dict[str, Any], second: dict[str, Any], **more: Any) -> list[str]:
    found = compare_devices([VOLUME], {"nodea": answer(first), "nodeb": answer(second)}, **more)
    assert found["not_compared"] == []
    return found["problems"]


@pytest.mark.parametrize(
    "second",
    [
        DEVICE,
        # What one node does not know is not compared: udev has not run there, or the device has no such name.
        {**DEVICE, "hardware": {}},
        {**DEVICE, "hardware": {"serial": "7"}},
        {**DEVICE, "used_by": ["/srv/mail1"]},
    ],
)
def test_the_same_device(second: dict[str, Any]) -> None:
    assert compared(DEVICE, second) == []
    assert compared(second, DEVICE) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"size": 2000}, "size in bytes 1000 on nodea, 2000 on nodeb"),
        ({"uuids": ["5678"]}, "content ext4 with UUID 1234 on nodea, ext4 with UUID 5678 on nodeb"),
        ({"signatures": ["xfs"]}, "content ext4 with UUID 1234 on nodea, xfs with UUID 1234 on nodeb"),
        ({"signatures": [], "uuids": []}, "content ext4 with UUID 1234 on nodea, without signature on nodeb"),
        ({"hardware": {"WWN": "0x6002"}}, "WWN 0x6001 on nodea, 0x6002 on nodeb"),
        ({"hardware": {"wwid": "naa.6002"}}, "wwid naa.6001 on nodea, naa.6002 on nodeb"),
    ],
)
def test_another_device(change: dict[str, Any], told: str) -> None:
    (problem,) = compared(DEVICE, {**DEVICE, **change})
    assert problem.startswith(f"volume mail1: /dev/san/mail1 is not the same device on all nodes: {told}; present")


def test_a_volume_may_name_its_one_device_by_itself() -> None:
    volume = {"name": "mail1", "device": "/dev/san/mail1", "nodes": ["nodea", "nodeb"]}
    answers = {"nodea": answer(DEVICE), "nodeb": answer({**DEVICE, "size": 2000})}
    assert len(compare_devices([volume], answers)["problems"]) == 1


def test_new_devices_are_told_apart_by_their_names_and_sizes() -> None:
    assert compared(EMPTY, EMPTY) == []
    assert len(compared(EMPTY, {**EMPTY, "size": 2000, "hardware": {"WWN": "0x6002"}})) == 2


def test_a_missing_device_is_the_modules_to_refuse() -> None:
    assert compared(DEVICE, {**DEVICE, "exists": False, "size": None, "hardware": {}}) == []


@pytest.mark.parametrize("other", [None, {}, {"unreachable": True}, {"failed": True, "volumes": {}}, {"skipped": True}])
def test_nodes_without_an_answer_are_named(other: dict[str, Any] | None) -> None:
    answers = {"nodea": answer(DEVICE), **({} if other is None else {"nodeb": other})}
    assert compare_devices([VOLUME], answers) == {
        "problems": [],
        "not_compared": ["volume mail1: its devices on nodeb were not compared with those of other nodes"],
    }


def test_other_nodes_of_the_run_have_no_say() -> None:
    answers = {"nodea": answer(DEVICE), "nodeb": answer(DEVICE), "nodec": answer({**DEVICE, "size": 1})}
    assert compare_devices([VOLUME], answers) == {"problems": [], "not_compared": []}


def test_what_another_node_uses_is_not_destroyed() -> None:
    used = {**DEVICE, "used_by": ["/srv/mail1"]}
    destroy = [{"device": "/dev/san/mail1", "holds": "ext4", "identity": "1234"}]
    assert compared(DEVICE, used, destroy=destroy) == [
        "volume mail1: /dev/san/mail1 is to be destroyed, but is used by /srv/mail1 on nodeb; free it there"
    ]
    assert compared(DEVICE, used, destroy=[{**destroy[0], "device": "/dev/san/mail2"}]) == []


class TestHardwareNames:
    """What sysfs and udev say of a device."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> model.SystemFiles:
        disk = tmp_path / "devices/sda"
        (disk / "device").mkdir(parents=True)
        (disk / "device/wwid").write_text("naa.600140500000000a\n")
        (disk / "sda1").mkdir()
        (disk / "sda1/partition").write_text("1\n")
        (disk / "sda1/start").write_text("2048\n")
        (tmp_path / "block").mkdir()
        (tmp_path / "block/8:0").symlink_to(disk)
        (tmp_path / "block/8:1").symlink_to(disk / "sda1")
        (tmp_path / "udev").mkdir()
        (tmp_path / "udev/b8:0").write_text(
            "S:disk/by-id/wwn\nE:ID_WWN_WITH_EXTENSION=0x600140500000000a\nE:ID_SERIAL=3600140500000000a\nE:ID_BUS=scsi\n"
        )
        return model.SystemFiles(block_devices=str(tmp_path / "block"), udev=str(tmp_path / "udev"))

    def test_of_a_disk(self, files: model.SystemFiles) -> None:
        assert devices.hardware_names("8:0", files) == {
            "wwid": "naa.600140500000000a",
            "WWN": "0x600140500000000a",
            "udev's serial": "3600140500000000a",
        }

    def test_of_a_partition(self, files: model.SystemFiles) -> None:
        assert devices.hardware_names("8:1", files) == {
            "wwid": "naa.600140500000000a",
            "partition's first sector": "2048",
        }

    def test_of_a_device_mapper_device_or_one_that_nobody_knows(self, files: model.SystemFiles, tmp_path: Path) -> None:
        (tmp_path / "block/253:0/dm").mkdir(parents=True)
        (tmp_path / "block/253:0/dm/uuid").write_text("mpath-3600140500000000a\n")
        assert devices.hardware_names("253:0", files) == {"device mapper UUID": "mpath-3600140500000000a"}
        assert devices.hardware_names("7:0", files) == {}

    def test_names_that_qemu_makes_of_the_place_are_none(self, files: model.SystemFiles, tmp_path: Path) -> None:
        (tmp_path / "devices/sda/device/wwid").write_text("t10.ATA     QEMU HARDDISK   drive-scsi1\n")
        (tmp_path / "udev/b8:0").write_text("E:ID_SERIAL=0QEMU_QEMU_HARDDISK_drive-scsi1\n")
        assert devices.hardware_names("8:0", files) == {}
