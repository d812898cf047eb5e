"""What a node sees of its volumes, where programs and files say it in another way than usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.storage import model, reading
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.conftest import number
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.disks import (
    disk,
    volume_on,
    write_program,
)

pytestmark = pytest.mark.usefixtures("files_are_devices")


def seen(path: Path, programs: Path, wipefs: str, fstab: bytes = b"") -> model.State:
    """What is seen of a volume on this path; what ``wipefs`` prints is given."""
    write_program(programs, "wipefs", f"printf '%s' '{wipefs}'")
    (programs / "fstab").write_bytes(fstab)
    files = model.SystemFiles(fstab=str(programs / "fstab"))
    volume = model.volume_from_mapping({**volume_on(path), "filesystem": "ext4"})
    return reading.read_state([volume], "nodea", LocalRunner(), files)


def test_a_wipefs_that_finds_nothing_may_print_nothing(tmp_path: Path, programs: Path) -> None:
    path = disk(tmp_path)

    device = seen(path, programs, "").devices[str(path)]

    assert (device.signatures, device.holds) == ((), "nothing")


@pytest.mark.parametrize(("kind", "is_read"), [("ext4", False), (model.PHYSICAL_VOLUME, False), ("swap", True)])
def test_only_what_is_not_as_it_is_to_be_is_read(tmp_path: Path, programs: Path, kind: str, is_read: bool) -> None:
    path = disk(tmp_path)

    wipefs = f'{{"signatures": [{{"device": "{path.name}", "type": "{kind}"}}]}}'
    device = seen(path, programs, wipefs).devices[str(path)]

    assert device.signatures == (kind,)
    assert (device.look is not None) is is_read


def test_a_device_is_known_in_fstab_by_any_of_its_names(tmp_path: Path, programs: Path) -> None:
    # /dev/fd leads to the process's own files, among them this one.
    with disk(tmp_path).open("rb") as file:
        source = f"/dev/fd/{file.fileno()}"
        fstab = f"{source} /srv/other ext4 defaults 0 2\nUUID=12-34 /boot vfat defaults 0 2\n".encode()

        state = seen(tmp_path / "mail1.img", programs, "", fstab)

    assert state.fstab_numbers == {source: number(str(tmp_path / "mail1.img"))}
    assert state.fstab_numbers[source] == state.devices[str(tmp_path / "mail1.img")].number


def test_a_file_of_any_bytes_is_read(tmp_path: Path, programs: Path) -> None:
    path = disk(tmp_path)

    state = seen(path, programs, "", b"# f\xfcr die Post\n/dev/sdz9 /srv/mail ext4 defaults 0 2\n")

    assert [(entry.source, entry.mount_point) for entry in state.fstab] == [("/dev/sdz9", "/srv/mail")]
