"""Files as they come to disk: nobody reads a secret meanwhile, and a power loss leaves the old one or the new one."""

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
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.watched_files import watching

OWNER = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name
NONE = frozenset()


def entry(path, **given):
    return Entry(str(path), **{"owner": OWNER, "group": GROUP, **given})


def carry_out(entries, mounted=NONE, label=lambda *_: None):
    """The paths of the copies that were kept."""
    return apply(plan(entries, mounted).changes, back_up=lambda path: f"{path}~", label_security=label)


def only_change(wanted):
    (change,) = plan([wanted], NONE).changes
    return change


@pytest.fixture(autouse=True)
def _usual_mask():
    """Files are made with the usual mask, so that a wide mode comes out as one."""
    mask = os.umask(0o022)
    yield
    os.umask(mask)


@pytest.mark.parametrize("before", [None, "old\n"])
@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_secret_is_never_readable_by_more_than_the_wanted(tmp_path, before, mode):
    path = tmp_path / "key"
    if before is not None:
        path.write_text(before)
        path.chmod(0o600)
    with watching(tmp_path) as watch:
        carry_out([entry(path, content="secret\n", mode=mode, sensitive=True)])
    assert watch.widest(b"secret") == 0o600 | mode
    assert os.listdir(tmp_path) == ["key"]


def test_a_file_has_its_mode_when_it_gets_its_name(tmp_path):
    """Else a node that is lost meanwhile keeps it with another one."""
    path = tmp_path / "file"
    path.write_text("old\n")
    with watching(tmp_path) as watch:
        carry_out([entry(path, content="new\n", mode=0o640)])
    assert watch.moments[watch.appeared(path, b"new\n")][str(path)].mode == 0o640


def test_a_file_is_on_disk_before_it_gets_its_name_and_so_is_the_name_afterwards(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    with watching(tmp_path) as watch:
        carry_out([entry(path, content="new\n")])
    assert watch.was_on_disk_before_it_appeared(path, b"new\n")
    assert watch.name_is_on_disk(path)
    # At no moment was there anything else than the old or the new content.
    assert {moment[str(path)].content for moment in watch.moments} == {b"old\n", b"new\n"}


def test_what_is_removed_stays_removed(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with watching(tmp_path) as watch:
        carry_out([entry(path, state="absent")])
    assert not path.exists()
    assert watch.name_is_on_disk(path)


def test_a_directory_is_never_open_to_more_than_the_wanted(tmp_path):
    with watching(tmp_path) as watch:
        carry_out([entry(tmp_path / "private", state="directory", mode=0o700)])
        carry_out([entry(tmp_path / "public", state="directory", mode=0o755)])
    assert watch.modes(tmp_path / "private") == {0o700}
    assert watch.modes(tmp_path / "public") == {0o700, 0o755}
    assert watch.name_is_on_disk(tmp_path / "public")


def test_the_owner_does_not_take_bits_of_the_mode_away(tmp_path):
    """Giving a file an owner clears the bits for set-user-id and set-group-id, see chown(2)."""
    carry_out([entry(tmp_path / "program", content="", mode=0o6755)])
    assert (tmp_path / "program").stat().st_mode & 0o7777 == 0o6755


def test_without_attributes_a_file_keeps_what_it_has_and_a_new_one_gets_the_usual(tmp_path):
    old = tmp_path / "old"
    old.write_text("x")
    old.chmod(0o604)
    assert only_change(Entry(str(old), content="y")).attributes.mode == 0o604
    fresh = only_change(Entry(str(tmp_path / "fresh"), content="y")).attributes
    assert (fresh.owner, fresh.group, fresh.mode) == ("root", "root", 0o644)
    assert only_change(Entry(str(tmp_path / "fresh"), state="directory")).attributes.mode == 0o755


def test_unknown_accounts_are_refused_by_kind(tmp_path):
    for given, said in (
        ({"owner": "no-such"}, "unknown user no-such"),
        ({"group": "no-such"}, "unknown group no-such"),
    ):
        with pytest.raises(FileStateError, match=f"{tmp_path}/file is to belong to the {said}"):
            plan([entry(tmp_path / "file", content="", **given)], NONE)


def test_owner_and_group_are_each_their_own(tmp_path, monkeypatch):
    """And an id without a name stands for itself."""
    owned = []
    monkeypatch.setattr(os, "chown", lambda path, user, group: owned.append((os.path.basename(path), user, group)))
    monkeypatch.setattr(
        pwd, "getpwnam", lambda name: {"someone": pwd.struct_passwd(("", "", 71, 72, "", "", ""))}[name]
    )
    monkeypatch.setattr(grp, "getgrnam", lambda name: {"some": grp.struct_group(("", "", 73, []))}[name])
    carry_out([Entry(str(tmp_path / "d"), state="directory", owner="someone", group="some")])
    assert owned == [("d", 71, 73)]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_file_of_an_account_that_is_gone_keeps_its_owner(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 54321, 54322)
    carry_out([Entry(str(path), content="new")])
    assert (path.read_text(), path.stat().st_uid, path.stat().st_gid) == ("new", 54321, 54322)


def test_a_change_is_told_with_path_action_and_label(tmp_path):
    change = only_change(entry(tmp_path / "file", content="", label="one"))
    assert change.as_dict() == {"path": str(tmp_path / "file"), "action": "create", "label": "one"}


def test_labels_are_told_once_and_in_order(tmp_path):
    wanted = [entry(tmp_path / name, content="", label=name[0]) for name in ("b1", "a1", "b2")]
    wanted.append(entry(tmp_path / "none", content=""))
    assert plan(wanted, NONE).labels == ["b", "a"]


def diff(wanted):
    shown = only_change(wanted).diff()
    assert shown["before_header"] == shown["after_header"] == wanted.path
    return shown["before"], shown["after"]


def test_a_diff_of_a_file(tmp_path):
    path = tmp_path / "file"
    mine = f"# owner {OWNER}, group {GROUP}, mode"
    assert diff(entry(path, content="new\n", mode=0o640)) == ("", f"{mine} 0640\nnew\n")
    path.write_text("old\n")
    path.chmod(0o644)
    assert diff(entry(path, content="new\n")) == ("old\n", "new\n")
    assert diff(entry(path, content="new\n", mode=0o600)) == (f"{mine} 0644\nold\n", f"{mine} 0600\nnew\n")
    assert diff(entry(path, content="old\n", mode=0o600)) == (f"{mine} 0644\n", f"{mine} 0600\n")
    assert diff(entry(path, state="absent")) == (f"{mine} 0644\nold\n", "")


def test_a_diff_of_a_link_and_of_a_directory(tmp_path):
    (tmp_path / "link").symlink_to("/one")
    assert diff(entry(tmp_path / "link", state="link", target="/two")) == ("link to /one\n", "link to /two\n")
    assert diff(entry(tmp_path / "link", state="absent")) == ("link to /one\n", "")
    mine = f"# owner {OWNER}, group {GROUP}, mode"
    assert diff(entry(tmp_path / "d", state="directory", mode=0o700)) == ("", f"{mine} 0700\n")
    (tmp_path / "d").mkdir(mode=0o755)
    for secret in (False, True):
        wanted = entry(tmp_path / "d", state="directory", mode=0o700, sensitive=secret)
        assert diff(wanted) == (f"{mine} 0755\n", f"{mine} 0700\n")
    wanted = entry(tmp_path / "private", state="directory", mode=0o700, sensitive=True)
    assert diff(wanted) == ("", f"{mine} 0700\n")


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_diff_of_a_secret_says_that_it_differs_and_nothing_else(tmp_path, mode):
    (tmp_path / "key").write_text("old secret\n")
    (tmp_path / "key").chmod(0o600)
    before, after = diff(entry(tmp_path / "key", content="new secret\n", mode=mode, sensitive=True))
    for text, leaked in ((before, "old secret"), (after, "new secret")):
        assert leaked not in text
        assert text.endswith(("(hidden)\n", "(hidden, another one)\n"))
    assert before != after


def test_attributes_of_a_directory_are_set_on_what_is_there(tmp_path):
    (tmp_path / "d").mkdir(mode=0o755)
    (tmp_path / "d" / "file").write_text("x")
    wanted = entry(tmp_path / "d", state="directory", mode=0o750)
    assert only_change(wanted).action == "attributes"
    carry_out([wanted])
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "d" / "file").exists()
    assert plan([wanted], NONE).changes == []


def test_content_is_for_files_alone(tmp_path):
    wanted = entry(tmp_path / "d", state="directory", content="x", mode=0o700)
    for _ in range(2):
        carry_out([wanted])
        assert (list((tmp_path / "d").iterdir()), plan([wanted], NONE).changes) == ([], [])


def test_a_link_to_nothing_is_an_error_of_its_path(tmp_path):
    with pytest.raises(FileStateError, match=f"{tmp_path}/link: {os.strerror(errno.ENOENT)}"):
        carry_out([entry(tmp_path / "link", state="link")])


def test_a_file_without_content_is_empty(tmp_path):
    carry_out([entry(tmp_path / "file")])
    assert (tmp_path / "file").read_bytes() == b""


def test_links_are_made_over_links_and_files_but_not_over_directories(tmp_path):
    path = tmp_path / "link"
    (tmp_path / "link.new-link").write_text("what an interrupted run left behind")
    path.write_text("x")
    for target in ("/one", "/two"):
        with watching(tmp_path) as watch:
            carry_out([entry(path, state="link", target=target)])
        assert (os.readlink(path), os.listdir(tmp_path)) == (target, ["link"])
        assert watch.synced
    (tmp_path / "other").write_text("/two")
    assert only_change(entry(tmp_path / "other", state="link", target="/two")).action == "link"
    (tmp_path / "d").mkdir()
    with pytest.raises(FileStateError, match="not replaced by a link"):
        plan([entry(tmp_path / "d", state="link", target="/two")], NONE)


def test_what_is_below_a_file_is_not_there(tmp_path):
    (tmp_path / "file").write_text("x")
    assert plan([entry(tmp_path / "file" / "below", state="absent")], NONE).changes == []


def test_copies_are_kept_of_files_whose_content_goes_and_only_where_wanted(tmp_path):
    def fresh(name):
        path = tmp_path / name
        path.unlink(missing_ok=True)
        path.write_text("old")
        path.chmod(0o644)
        return path

    for given in ({"content": "new"}, {"state": "absent"}, {"state": "link", "target": "/x"}):
        assert carry_out([entry(fresh("a"), backup=True, **given)]) == [f"{tmp_path}/a~"]
        assert carry_out([entry(fresh("a"), **given)]) == []
    assert carry_out([entry(fresh("a"), content="old", mode=0o600, backup=True)]) == []
    assert carry_out([entry(tmp_path / "none", content="new", backup=True)]) == []
    (tmp_path / "link").symlink_to("/one")
    assert carry_out([entry(tmp_path / "link", state="absent", backup=True)]) == []


def test_without_its_copy_a_file_is_not_replaced(tmp_path):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "file").write_text("old")
    wanted = plan([entry(tmp_path / "file", content="new", backup=True)], NONE)
    with pytest.raises(
        FileStateError, match=f"^{tmp_path}/file: no copy of it can be kept .{os.strerror(errno.ENOSPC)}"
    ):
        apply(wanted.changes, back_up=full, label_security=lambda *_: None)
    assert (tmp_path / "file").read_text() == "old"


def test_security_labels_are_those_of_the_final_path(tmp_path):
    """And they are set before the file gets its name."""
    labelled = []

    def label(path, final):
        labelled.append((Path(path).name == Path(final).name, Path(final).name, os.path.exists(final)))

    carry_out([entry(tmp_path / "d", state="directory"), entry(tmp_path / "file", content="")], label=label)
    assert labelled == [(True, "d", True), (False, "file", False)]


def test_temporary_files_are_hidden_and_beside_their_target(tmp_path):
    """A program that reads all files of the directory does not take it for one of its own."""
    found = []
    carry_out([entry(tmp_path / "file", content="")], label=lambda path, _: found.append(Path(path)))
    assert [path.parent for path in found] == [tmp_path]
    assert found[0].name.startswith(".file.")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_what_fails_is_said_with_its_path(tmp_path, monkeypatch, number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileStateError, match=f"{tmp_path}/file: {os.strerror(number)}"):
        carry_out([entry(tmp_path / "file", content="x")])
    assert os.listdir(tmp_path) == []


def test_a_busy_file_that_is_written_in_place_is_on_disk_and_has_its_mode(tmp_path, monkeypatch):
    path = tmp_path / "hosts"
    path.write_text("old and longer")
    path.chmod(0o600)

    def busy(*_):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", busy)
    number = path.stat().st_ino
    with watching(tmp_path) as watch:
        carry_out([entry(path, content="caf\udce9\r\n", mode=0o644)])
    assert (path.read_bytes(), path.stat().st_ino, path.stat().st_mode & 0o777) == (b"caf\xe9\r\n", number, 0o644)
    assert (number, b"caf\xe9\r\n") in [one[:2] for one in watch.synced]


def test_bytes_and_ends_of_lines_are_written_as_given(tmp_path):
    carry_out([entry(tmp_path / "file", content="caf\udce9\r\none\n")])
    assert (tmp_path / "file").read_bytes() == b"caf\xe9\r\none\n"


def test_a_volume_that_is_held_cannot_be_unmounted(tmp_path):
    """Its directory is open meanwhile, and not afterwards."""

    def is_open():
        links = []
        for name in os.listdir("/proc/self/fd"):
            try:
                links.append(os.readlink(f"/proc/self/fd/{name}"))
            except OSError:
                continue
        return str(tmp_path) in links

    with held_volumes([str(tmp_path)]):
        assert is_open()
    assert not is_open()


def test_a_file_is_no_mount_point(tmp_path):
    """Only a directory is held: opening a device or a pipe could have an effect of its own."""
    (tmp_path / "file").write_text("")
    with held_volumes([str(tmp_path / "file")]):
        links = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")]
        assert str(tmp_path / "file") not in links


def test_mount_points_are_compared_as_paths(tmp_path):
    wanted = [entry(tmp_path / name, content="", require_mounted=f"{tmp_path}/") for name in "ab"]
    planned = plan(wanted, frozenset([str(tmp_path)]))
    assert (len(planned.changes), planned.mounted) == (2, [f"{tmp_path}/"])


def test_special_files_are_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileStateError, match="neither a file, a directory nor a link"):
        plan([entry(tmp_path / "pipe", state="absent")], NONE)


def test_no_descriptor_is_left_open(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    carry_out([entry(tmp_path / "file", content="x"), entry(tmp_path / "d", state="directory")])
    assert len(os.listdir("/proc/self/fd")) == before
