"""What the runner does besides starting processes: it finds programs, keeps time, reads files and replaces them."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import time

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import command
from ansible_collections.groupware.ha.plugins.module_utils.command import (
    CommandError,
    LocalRunner,
    search_path,
    shown_text,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.watched_files import watching


@pytest.fixture(autouse=True)
def _usual_mask():
    """Files are made with the usual mask, so that a wide mode comes out as one."""
    mask = os.umask(0o022)
    yield
    os.umask(mask)


@pytest.mark.parametrize("backup", [False, True])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_keeps_the_rights_that_it_had(tmp_path, mode, backup):
    path = tmp_path / "file"
    path.write_text("old secret\n")
    path.chmod(mode)
    with watching(tmp_path) as watch:
        LocalRunner().replace_file(str(path), "new secret\n", backup)
    assert path.read_text() == "new secret\n"
    assert watch.modes(path) == {mode}
    assert watch.widest(b"secret") == 0o600 | mode


def test_a_new_file_is_for_its_owner_and_group(tmp_path):
    with watching(tmp_path) as watch:
        LocalRunner().replace_file(str(tmp_path / "file"), "secret\n", backup=True)
    assert watch.modes(tmp_path / "file") == {0o640}
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_is_on_disk_before_it_gets_its_name_and_its_name_after(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    with watching(tmp_path) as watch:
        LocalRunner().replace_file(str(path), "new\n")
    assert watch.was_on_disk_before_it_appeared(path, b"new\n")
    assert watch.name_is_on_disk(path)
    assert {moment[str(path)].content for moment in watch.moments} == {b"old\n", b"new\n"}


def test_the_copy_of_a_file_is_named_as_ansible_names_it_and_has_its_date(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    os.utime(path, (1, 1))
    LocalRunner().replace_file(str(path), "new\n", backup=True)
    (copy,) = (name for name in os.listdir(tmp_path) if name != "file")
    assert re.fullmatch(rf"file\.{os.getpid()}\.\d{{4}}-\d\d-\d\d@\d\d:\d\d:\d\d~", copy)
    assert (tmp_path / copy).read_text() == "old\n"
    assert (tmp_path / copy).stat().st_mtime == 1


def test_no_copy_unless_wanted(tmp_path):
    path = tmp_path / "file"
    path.write_text("old\n")
    LocalRunner().replace_file(str(path), "new\n")
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner_and_group(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 71, 72)
    LocalRunner().replace_file(str(path), "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (71, 72)


def test_a_file_has_its_owner_before_others_may_read_it(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    modes = []
    monkeypatch.setattr(os, "chown", lambda new, *_: modes.append(os.stat(new).st_mode & 0o777))
    LocalRunner().replace_file(str(path), "new")
    assert (modes, path.stat().st_mode & 0o777) == ([0o600], 0o644)


def test_a_file_that_was_replaced_is_of_now(tmp_path):
    """Programs that look whether it has changed go by that."""
    path = tmp_path / "file"
    path.write_text("old")
    os.utime(path, (1, 1))
    LocalRunner().replace_file(str(path), "new")
    assert abs(path.stat().st_mtime - time.time()) < 600


def test_a_failed_replacement_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")
    seen = []

    def fail(*_):
        seen.extend(name for name in os.listdir(tmp_path) if name != "file")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        LocalRunner().replace_file(str(path), "new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["file"])
    # Hidden, so that a program that reads all files of the directory does not take it for one of its own.
    assert [name[:6] for name in seen] == [".file."]


def test_check_mode_records_a_replacement_and_does_not_do_it(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    for dry, text in ((True, "old"), (False, "new")):
        runner = LocalRunner(dry=dry)
        runner.replace_file(str(path), "new", backup=dry)
        assert (path.read_text(), runner.commands) == (text, [f"# replace {path}"])
        assert os.listdir(tmp_path) == ["file"]


def test_bytes_that_are_no_text_survive(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"caf\xe9")
    text = LocalRunner().read_file(str(path))
    LocalRunner().replace_file(str(path), text + "\n")
    assert path.read_bytes() == b"caf\xe9\n"
    assert shown_text(text) == "caf\N{REPLACEMENT CHARACTER}"


def test_a_file_that_is_not_there(tmp_path):
    assert LocalRunner().read_file(str(tmp_path / "none")) is None


def test_programs_are_found_where_they_are_started(tmp_path, monkeypatch):
    program = tmp_path / "some-program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert not LocalRunner().installed("some-program")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert LocalRunner().installed("some-program")
    assert search_path().split(":")[0] == str(tmp_path)


def test_cluster_programs_are_found_in_their_own_places(tmp_path, monkeypatch):
    location = tmp_path / "olr.loc"
    location.write_bytes(b"olrconfig_loc=/x\ncrs_home= /u01/grid \n# caf\xe9\n")
    monkeypatch.setattr(command, "_CLUSTERWARE_LOCATIONS", (str(tmp_path / "none"), str(location)))
    monkeypatch.setenv("PATH", "")
    assert search_path().split(":") == [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
        "/usr/cluster/bin",
        "/opt/VRTSvcs/bin",
        "/opt/VRTS/bin",
        "/u01/grid/bin",
    ]
    monkeypatch.delenv("PATH")
    assert search_path().startswith("/usr/local/sbin:")


def test_places_of_clusterware_are_those_of_linux_and_solaris():
    assert command._CLUSTERWARE_LOCATIONS == ("/etc/oracle/olr.loc", "/var/opt/oracle/olr.loc")


def test_an_error_says_command_reason_and_output():
    error = CommandError(["a", "b c"], "exit status 3", " why\n")
    assert (error.argv, error.reason, error.output) == (("a", "b c"), "exit status 3", "why")
    assert str(error) == "a 'b c': exit status 3: why"
    assert str(CommandError(["a"], "is not installed")) == "a: is not installed"


def test_a_result_has_both_outputs_and_the_command():
    result = LocalRunner().run(["sh", "-c", "echo out; echo err >&2"])
    assert (result.argv[0], result.stdout, result.stderr) == ("sh", "out\n", "err\n")
    dry = LocalRunner(dry=True).run(["false"])
    assert (dry.argv, dry.status, dry.stdout, dry.stderr) == (("false",), 0, "", "")


def test_what_went_wrong_is_said_before_what_was_printed():
    with pytest.raises(CommandError) as caught:
        LocalRunner().run(["sh", "-c", "echo out; echo err >&2; exit 1"])
    assert caught.value.output == "err"


def test_a_program_is_told_no_language(monkeypatch):
    """And keeps the rest of its environment."""
    monkeypatch.setenv("SOMETHING", "kept")
    shown = LocalRunner().run(["sh", "-c", 'echo "$LC_ALL-$LANGUAGE-$SOMETHING"']).stdout
    assert shown == "C--kept\n"


def test_a_program_has_a_minute_unless_it_is_given_more(monkeypatch):
    seconds, started = [], subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda *argv, **more: seconds.append(more["timeout"]) or started(*argv, **more)
    )
    LocalRunner().run(["true"])
    LocalRunner().run(["true"], timeout=120)
    assert seconds == [60, 120]


def test_pause_and_clock():
    runner = LocalRunner()
    begin, other = runner.clock(), time.monotonic()
    runner.pause(0.05)
    assert runner.clock() - begin >= 0.05
    assert abs(begin - other) < 60
