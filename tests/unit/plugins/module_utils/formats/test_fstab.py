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


def test_entries_are_set_and_all_else_is_kept() -> None:
    share = FstabEntry("filer:/a b", "/mail 1", "nfs", ("rw", "hard"))
    line = "filer:/a\\040b /mail\\0401 nfs rw,hard 0 0\n"
    assert fstab.parse_fstab(line) == [share]
    assert fstab.with_entries("", [share]) == line
    assert fstab.with_entries("# x\n/dev/a / ext4", [share]) == f"# x\n/dev/a / ext4\n{line}"
    # Other blanks and passes say nothing.
    same = "filer:/a\\040b\t/mail\\0401/ nfs rw,hard 1 2 # why\nx y\n"
    assert fstab.with_entries(same, [share]) == same
    other = "filer:/old /mail\\0401 nfs ro\n/dev/b /b ext4\nfiler:/older /mail\\0401 nfs ro\n"
    assert fstab.with_entries(other, [share]) == f"{line}/dev/b /b ext4\n"
