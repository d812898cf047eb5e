"""Module shared_volumes: a call does what check mode said, and once; on devices, and on volume groups for all nodes."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.node.storage import devices, executing, model, preparing
from ansible_collections.groupware.ha.plugins.modules import shared_volumes
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

ACTIVATE = "lvchange --activate y vgmail1/lvmail1"
ROW = (
    "LVM2_PV_NAME='%s' LVM2_VG_NAME='vgmail1' LVM2_VG_SYSTEMID='' LVM2_VG_TAGS='groupware_ha' LVM2_LV_NAME='lvmail1' "
    "LVM2_LV_SIZE='4194304' LVM2_LV_ATTR='-wi-------' LVM2_LV_TAGS='groupware_ha'"
)

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def lvm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with what LVM knows once it has looked at all devices, and an lvchange that activates there."""
    report = tmp_path / "report"
    report.write_text("")
    (tmp_path / "disk").write_bytes(bytes(4096))
    programs = {
        "wipefs": "echo {}",
        "pvs": f'case "$*" in *hints*none*) cat {report};; esac',
        "lvm": '[ "$*" = systemid ] && echo "  system ID: nodeb"',
        "pvscan": f'[ "$*" = --cache ] && touch {tmp_path}/looked',
        "lvchange": f'[ "$*" = "{ACTIVATE.removeprefix("lvchange ")}" ] && [ -e {tmp_path}/looked ] && '
        f"sed -i s/-wi-------/-wi-a-----/ {report}",
    }
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(executing, "SEARCH_PATH", str(tmp_path))
    monkeypatch.setattr(devices, "device_number", lambda path: "8:16" if path == str(tmp_path / "disk") else None)
    monkeypatch.setattr(preparing, "SystemFiles", lambda: model.SystemFiles(lock=str(tmp_path / "lock")))
    return report


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module on nodeb."""
    volume = {
        "name": "mail1",
        "device": str(tmp_path / "disk"),
        "volume_group": "vgmail1",
        "logical_volume": "lvmail1",
        "mount_point": "/srv/mail1",
        "nodes": ["nodea", "nodeb"],
        "home": "nodea",
    }

    def runs(check_mode: bool = False, **options: Any) -> dict[str, Any]:
        arguments = {"volumes": [volume], "node": "nodeb", "volume_group_access": "all_nodes", "state": "active"}
        given = {**arguments, **options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(given), pytest.raises(SystemExit):
            shared_volumes.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return runs


def test_an_inactive_volume_is_activated_as_predicted_and_once(lvm: Path, run: Run) -> None:
    lvm.write_text(ROW % (lvm.parent / "disk"))
    planned, done = run(check_mode=True), run()
    assert planned["changed"]
    assert done["commands"] == [ACTIVATE], done
    for key in ("changed", "commands", "diff"):
        assert planned[key] == done[key]
    for check_mode in (False, True):
        result = run(check_mode=check_mode)
        assert (result["changed"], result["commands"]) == (False, [])


def test_check_mode_takes_the_homes_part_for_granted_and_a_run_does_not(lvm: Path, run: Run) -> None:
    assert run(check_mode=True)["commands"] == [ACTIVATE]
    result = run()
    assert result["failed"]
    assert "nodeb sees no logical volume vgmail1/lvmail1; have its home nodea prepare it" in result["msg"]
    assert result["commands"] == []
    assert lvm.read_text() == ""


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_group_with_an_owner_is_refused(lvm: Path, run: Run, check_mode: bool) -> None:
    text = (ROW % (lvm.parent / "disk")).replace("SYSTEMID=''", "SYSTEMID='nodeb'")
    lvm.write_text(text)
    result = run(check_mode=check_mode)
    assert result["failed"]
    assert "belongs to node nodeb by its system ID" in result["msg"]
    assert lvm.read_text() == text


def test_check_mode_does_not_even_write_what_lvm_notes(lvm: Path, run: Run) -> None:
    run(check_mode=True)
    assert not (lvm.parent / "looked").exists()


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_cluster_that_activates_is_not_helped(run: Run, check_mode: bool) -> None:
    result = run(check_mode=check_mode, volume_group_access="one_node")
    assert result["failed"]
    assert "state = 'active' is for volume_group_access = 'all_nodes'" in result["msg"]


@pytest.mark.parametrize("told", ["nodeb", ""])
def test_the_name_that_lvm_knows_this_node_by(run: Run, lvm: Path, tmp_path: Path, told: str) -> None:
    lvm.write_text(ROW % (tmp_path / "disk"))
    (tmp_path / "lvm").write_text(f'#!/bin/sh\n[ "$*" = systemid ] && echo "  system ID: {told}"\n')

    assert run()["system_id"] == (told or None)


class TestDevices:
    """Volumes on devices themselves, on their home."""

    @pytest.fixture
    def device(self, lvm: Path) -> Path:
        """A disk, an mkfs that writes a signature to it, and programs that find and remove that."""
        folder = lvm.parent
        path = folder / "disk"
        path.write_bytes(bytes(1024 * 1024))
        found = '{"signatures": [{"device": "disk", "type": "%s", "uuid": "%s"}]}'
        new, old = (f"echo '{found % pair}'" for pair in (("ext4", "new"), ("swap", "old")))
        look = f"case $(head -c 4 {path}) in ext4) {new};; swap) {old};;"
        wipe = f'if [ "$1" = --all ]; then truncate -s 0 {path}; truncate -s 1M {path}; exit; fi'
        for name, script in {
            "wipefs": f"{wipe}; {look} *) echo '{{}}';; esac",
            "blkid": "exit 2",
            "mkfs.ext4": f"printf ext4 | dd of={path} conv=notrunc status=none",
        }.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        return path

    @pytest.fixture
    def mount_point(self) -> Iterator[Path]:
        """Below /srv, since pytest's own directories are below one that no volume may be mounted in."""
        folder = Path(tempfile.mkdtemp(prefix="test-", dir="/srv"))
        yield folder / "mail1"
        shutil.rmtree(folder)

    @pytest.fixture
    def prepare(self, run: Run, device: Path, mount_point: Path) -> Run:
        volume = {"name": "mail1", "device": str(device), "mount_point": str(mount_point)}
        given = {"volumes": [{**volume, "nodes": ["nodea", "nodeb"], "home": "nodea"}], "node": "nodea"}

        def runs(**options: Any) -> dict[str, Any]:
            return run(**{**given, "state": "prepared", "volume_group_access": "one_node", **options})

        return runs

    def test_check_do_do_again_check_again(self, prepare: Run, device: Path) -> None:
        planned, done = prepare(check_mode=True), prepare()
        assert done["commands"] == [f"mkfs.ext4 -q {device}"], done
        for key in ("changed", "commands", "diff", "volumes"):
            assert planned[key] == done[key]
        for check_mode in (False, True):
            result = prepare(check_mode=check_mode)
            assert (result["changed"], result["commands"]) == (False, [])

    def test_what_is_refused_can_be_destroyed_by_naming_it(self, prepare: Run, device: Path) -> None:
        content = b"swap".ljust(1024 * 1024, b"s")
        device.write_bytes(content)
        for check_mode in (True, False):
            result = prepare(check_mode=check_mode)
            assert (result["failed"], result["commands"]) == (True, [])
            assert f"{{device: {device}, holds: 'swap', identity: 'old'}}" in result["msg"]
        stale = prepare(destroy=[{"device": str(device), "holds": "swap", "identity": "other"}])
        assert "destroy names swap other there, which is something else" in stale["msg"]
        assert device.read_bytes() == content
        named = [{"device": str(device), "holds": "swap", "identity": "old"}]
        planned, done = prepare(destroy=named, check_mode=True), prepare(destroy=named)
        assert done["commands"] == [f"wipefs --all {device}", f"mkfs.ext4 -q {device}"], done
        assert planned["commands"] == done["commands"]
        assert planned["diff"]["before"].startswith(f"mail1: {device} holds swap\n")
        assert not prepare(destroy=named)["changed"]

    def test_a_name_of_any_bytes_can_be_given_back_as_it_is_printed(self, prepare: Run, device: Path) -> None:
        device.write_bytes(b"odd!".ljust(1024 * 1024, b"s"))
        wipefs, odd = device.parent / "wipefs", device.parent / "odd.json"
        name = b"a\x1b[31m'b\xc3\xa4{{ c }}, d"
        odd.write_bytes(b'{"signatures": [{"device": "disk", "type": "swap", "uuid": "%s"}]}' % name)
        wipefs.write_text(wipefs.read_text().replace("swap) ", f"odd!) cat {odd};; swap) ", 1))
        message = prepare()["msg"]
        assert message.replace("\n", "").isprintable()
        entry = re.search(r"shared_storage_destroy\): (\{.*\})", message)
        assert entry is not None
        named = yaml.safe_load(entry[1])
        assert named["identity"] == r"a\x1b\x5b31m\x27b\xc3\xa4\x7b\x7b c \x7d\x7d\x2c d"
        done = prepare(destroy=[named])
        assert done["commands"] == [f"wipefs --all {device}", f"mkfs.ext4 -q {device}"], done

    def test_an_inspection_says_what_is_there_and_changes_nothing(
        self, prepare: Run, device: Path, mount_point: Path
    ) -> None:
        device.write_bytes(b"swap")
        result = prepare(state="inspected", node="nodeb")
        assert not result["changed"]
        assert result["commands"] == []
        assert "system_id" not in result
        assert "diff" not in result
        assert result["volumes"]["mail1"]["devices"][str(device)] == {
            "exists": True,
            "hardware": {},
            "holds": "swap",
            "signatures": ["swap"],
            "size": 4,
            "used_by": [],
            "uuids": ["old"],
        }
        assert not mount_point.exists()

    def test_programs_that_are_missing_are_named(self, prepare: Run, device: Path) -> None:
        (device.parent / "mkfs.ext4").unlink()
        result = prepare()
        assert (result["failed"], result["missing_programs"]) == (True, ["mkfs.ext4"])
        assert device.read_bytes() == bytes(1024 * 1024)
