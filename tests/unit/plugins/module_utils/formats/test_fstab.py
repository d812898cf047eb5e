"""fstab and mountinfo."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.formats import fstab
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import FstabEntry, Mount


def test_entries_with_comments_blanks_and_few_fields() -> None:
    text = """# comment
    /dev/sda1  /srv/with\\040blank/  ext4  noauto,noatime  0 2   # why
UUID="12-34" /mnt auto
swap
"""
    assert fstab.parse_fstab(text) == [
        FstabEntry("/dev/sda1", "/srv/with blank", "ext4", ("noauto", "noatime")),
        FstabEntry("UUID=12-34", "/mnt", "auto", ("defaults",)),
    ]


def test_what_the_system_mounts_by_itself() -> None:
    assert FstabEntry("a", "/a", "ext4", ("defaults",)).mounts_by_itself
    assert FstabEntry("a", "/a", "ext4", ("noauto", "x-systemd.automount")).mounts_by_itself
    assert not FstabEntry("a", "/a", "ext4", ("noatime", "noauto")).mounts_by_itself


def test_mountinfo() -> None:
    text = "36 35 7:1 / /srv/mail\\0401 rw,noatime shared:1 - ext4 /dev/loop1 rw\n"
    assert fstab.parse_mountinfo(text) == [Mount("7:1", "/srv/mail 1")]
