"""Files in the state that they are wanted in."""

from __future__ import annotations

import errno
import grp
import os
import pwd
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.files import (
    Entry,
    FileStateError,
    apply,
    held_volumes,
    plan,
)

OWNER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name


def entry(path, **given):
    return Entry(str(path), owner=OWNER, group=GROUP, **given)


def bring_about(entries, mounted=frozenset()):
    """Apply the plan, and see that nothing is left to do."""
    planned = plan(entries, mounted)
    apply(planned.changes, back_up=lambda path: f"{path}~", label_security=lambda *_: None)
    assert plan(entries, mounted).changes == []
    return [(change.action, Path(change.entry.path).name) for change in planned.changes]


def test_directories_files_and_links(tmp_path):
    entries = [
        entry(tmp_path / "etc", state="directory", mode=0o750),
        entry(tmp_path / "etc" / "one", content="1\n", mode=0o640, label="first"),
        entry(tmp_path / "etc" / "link", state="link", target="/dev/null"),
        entry(tmp_path / "none", state="absent"),
    ]
    assert bring_about(entries) == [("create", "etc"), ("create", "one"), ("link", "link")]
    assert (tmp_path / "etc" / "one").read_text() == "1\n"
    assert (tmp_path / "etc" / "one").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "etc" / "link").readlink() == Path("/dev/null")
    (tmp_path / "etc" / "one").chmod(0o600)
    assert bring_about(entries) == [("attributes", "one")]
    assert bring_about([entry(tmp_path / "etc" / "link", state="absent")]) == [("remove", "link")]
    assert os.listdir(tmp_path / "etc") == ["one"]


def test_check_mode_knows_no_accounts_and_no_directories(tmp_path):
    wanted = Entry(str(tmp_path / "nowhere" / "file"), content="", owner="no-such-user", group="no-such-group")
    assert [change.action for change in plan([wanted], frozenset(), check_mode=True).changes] == ["create"]
    with pytest.raises(FileStateError, match="unknown user no-such-user"):
        plan([wanted], frozenset())


def test_nothing_is_written_below_a_mount_point_without_its_volume(tmp_path):
    entries = [entry(tmp_path / "file", content="x", require_mounted=str(tmp_path))]
    planned = plan(entries, frozenset())
    assert (planned.changes, planned.mounted) == ([], [])
    planned = plan(entries, frozenset([str(tmp_path)]))
    assert (len(planned.changes), planned.mounted) == (1, [str(tmp_path)])


def test_mounted_volumes_are_found():
    with held_volumes(["/proc", "/nowhere"]) as mounted:
        assert "/proc" in mounted
        assert "/nowhere" not in mounted


def test_secrets_are_not_shown(tmp_path):
    (tmp_path / "key").write_text("old secret")
    wanted = entry(tmp_path / "key", content="new secret", mode=0o600, sensitive=True)
    diff = plan([wanted], frozenset()).changes[0].diff()
    assert "secret\n" not in diff["before"] + diff["after"]
    assert "old" not in diff["before"]
    assert "new" not in diff["after"]
    assert diff["before"] != diff["after"]


def test_a_file_in_another_encoding_is_shown_as_far_as_ansible_can(tmp_path):
    (tmp_path / "file").write_bytes(b"f\xfcr\n")
    diff = plan([entry(tmp_path / "file", content="for\n")], frozenset()).changes[0].diff()
    assert (diff["before"], diff["after"]) == ("f\N{REPLACEMENT CHARACTER}r\n", "for\n")
    assert plan([entry(tmp_path / "file", content="f\udcfcr\n")], frozenset()).changes == []


def test_ends_of_lines_are_a_part_of_a_file(tmp_path):
    (tmp_path / "file").write_bytes(b"one\r\n")
    assert plan([entry(tmp_path / "file", content="one\r\n")], frozenset()).changes == []
    assert len(plan([entry(tmp_path / "file", content="one\n")], frozenset()).changes) == 1


def test_other_kinds_of_files_are_not_replaced(tmp_path):
    for wanted in (entry(tmp_path, content="x"), entry(tmp_path, state="absent"), entry("/dev/null", content="x")):
        with pytest.raises(FileStateError):
            plan([wanted], frozenset())


def test_parameters_are_set_in_place(tmp_path):
    (tmp_path / "main.cf").write_text("# mine\na = 1\n")
    bring_about([entry(tmp_path / "main.cf", parameters={"a": "2", "b": ["x", "y"]})])
    assert (tmp_path / "main.cf").read_text() == "# mine\na = 2\nb = x y\n"


def test_a_file_that_is_a_mount_point_is_written_in_place(tmp_path, monkeypatch):
    target = tmp_path / "hosts"
    target.write_text("old")
    number = target.stat().st_ino

    def busy(*_):
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)
    bring_about([entry(target, content="new")])
    assert (target.read_text(), target.stat().st_ino) == ("new", number)
    assert os.listdir(tmp_path) == ["hosts"]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "file"
    target.write_text("old")

    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FileStateError, match="Input/output error"):
        bring_about([entry(target, content="new")])
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]
