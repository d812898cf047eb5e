"""The modules of Calendar Server on Solaris Cluster, run as Ansible runs them."""

from __future__ import annotations

import importlib
import json
import os
import syslog

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.tests.simulators.calendar_server.simulator import (
    DIRECTORY_KEYS,
    KEYS,
    CalendarServer,
)
from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments


@pytest.fixture
def run(capsys, monkeypatch):
    """Takes a module's name and options; gives the result, and what was logged under ``logged``."""
    logged = []
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: logged.append(str(arguments[-1])))
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)

    def ran(name, check_mode=False, **options):
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        logged.clear()
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        output = capsys.readouterr().out
        return {**json.loads(output), "output": output, "logged": "".join(logged)}

    return ran


def four_steps(run, name, **options):
    """Check, do, do again, check again; the result of doing."""
    planned = run(name, check_mode=True, **options)
    done = run(name, **options)
    assert planned["changed"] is done["changed"] is True, done
    for key in ("diff", "commands"):
        assert planned[key] == done[key]
    for check_mode in (False, True):
        again = run(name, check_mode=check_mode, **options)
        assert again["changed"] is False
        assert again["commands"] == []
    return done


CAL = {"mount_point": "/cal", "device": "/dev/md/penguin/dsk/d400"}


def test_vfstab(run, tmp_path):
    path = tmp_path / "vfstab"
    path.write_text("#device\nfd - /dev/fd fd - no -\n")

    done = four_steps(run, "vfstab", path=str(path), file_systems=[CAL, {"mount_point": "/old", "state": "absent"}])

    line = "/dev/md/penguin/dsk/d400\t/dev/md/penguin/rdsk/d400\t/cal\tufs\t2\tno\tlogging"
    assert path.read_text() == f"#device\nfd - /dev/fd fd - no -\n{line}\n"
    assert done["lines"] == [line]
    assert len(list(tmp_path.glob("vfstab.*~"))) == 1
    four_steps(run, "vfstab", path=str(path), file_systems=[{**CAL, "kind": "global"}])
    four_steps(run, "vfstab", path=str(path), file_systems=[{"mount_point": "/cal", "state": "absent"}])
    assert path.read_text() == "#device\nfd - /dev/fd fd - no -\n"


def test_vfstab_refuses(run, tmp_path):
    path = tmp_path / "vfstab"
    path.write_text("")

    for check_mode in (True, False):
        result = run("vfstab", check_mode=check_mode, path=str(path), file_systems=[{**CAL, "mount_at_boot": True}])
        assert result["failed"]
        assert "not mounted at boot" in result["msg"]
    assert path.read_text() == ""
    missing = run("vfstab", path=str(tmp_path / "none"), file_systems=[CAL])
    assert "none is missing" in missing["msg"]
    assert not (tmp_path / "none").exists()


def test_ics_conf(run, tmp_path):
    path = tmp_path / "ics.conf"
    installed = '! comment\nlocal.hostname = "node1"\nlocal.ugldapbindcred = "sesame"\n'
    path.write_text(installed)
    path.chmod(0o600)
    block = {"path": str(path), "marker": "high availability", "parameters": {"local.hostname": "cal1"}}

    done = four_steps(run, "ics_conf", **block)
    assert done["restart_required"]
    assert done["parameters_changed"] == {"local.hostname": {"before": "node1", "after": "cal1"}}
    assert "sesame" not in done["output"] + done["logged"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [kept.read_text() for kept in tmp_path.glob("ics.conf.*~")] == [installed]

    four_steps(run, "ics_conf", path=str(path), marker="high availability", state="absent")
    assert path.read_text() == installed
    four_steps(run, "ics_conf", path=str(path), parameters={"local.hostname": "cal2", "service.http.port": 80})
    four_steps(run, "ics_conf", path=str(path), parameters={"service.http.port": None})
    assert path.read_text().endswith('!service.http.port = "80"\n')


def test_ics_conf_returns_no_password_of_a_block(run, tmp_path):
    path = tmp_path / "ics.conf"
    path.write_text(
        '! BEGIN by hand\nlocal.ugldapbindcred = "sesame"\n! END by hand\n! local.authldapbindcred = "sesame"\n'
    )

    done = four_steps(run, "ics_conf", path=str(path), marker="by hand", state="absent")

    assert done["restart_required"]
    assert "sesame" not in done["output"] + done["logged"]


@pytest.mark.parametrize("name", ["vfstab", "ics_conf"])
def test_bytes_of_another_encoding_are_kept_and_can_be_returned(run, tmp_path, name):
    path = tmp_path / "file"
    path.write_bytes(b"# gesch\xfctzt\n! ge\xe4ndert\n")
    what = {"vfstab": {"file_systems": [CAL]}, "ics_conf": {"parameters": {"local.hostname": "cal1"}}}[name]

    done = four_steps(run, name, path=str(path), **what)

    done["output"].encode("ascii")
    json.dumps(done, ensure_ascii=False).encode()
    assert path.read_bytes().startswith(b"# gesch\xfctzt\n! ge\xe4ndert\n")


def test_ics_conf_refuses(run, tmp_path):
    result = run("ics_conf", path=str(tmp_path / "ics.conf"), parameters={"local.hostname": "cal1"})
    assert "configuration program" in result["msg"]
    (tmp_path / "ics.conf").write_text("")
    result = run("ics_conf", path=str(tmp_path / "ics.conf"), parameters={"local.autorestart": True})
    assert "local.autorestart" in result["msg"]
    assert (tmp_path / "ics.conf").read_text() == ""


@pytest.fixture
def simulated(tmp_path, monkeypatch):
    """The product's programs, simulated, with an installation, a shared directory and a directory server."""
    simulator = CalendarServer(["node1"], tmp_path / "state.json", root=str(tmp_path), manager_password="sesame")
    for directory in ("opt/SUNWics5/cal/sbin", "cal", "ds/slapd-ldap1/config/schema"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "comm_dssetup.pl").touch()
    (tmp_path / "opt/SUNWics5/cal/sbin/csconfigurator.sh").touch()

    class Runner(SimulatedRunner):
        def __init__(self, dry):
            super().__init__(simulator, "node1", dry)

        def run(self, argv, **options):
            found = super().run(argv[1:] if argv[0] == "perl" else argv, **options)
            self.commands[-1] = " ".join(argv)
            return found

    monkeypatch.setattr(runner, "LocalRunner", Runner)
    return simulator


def test_calendar_configuration(run, tmp_path, simulated):
    places = ("config", "csdb", "store", "logs", "tmp", "csdb/archive", "csdb/hotbackup")
    directories = {
        f"{key}_DIRECTORY": f"{tmp_path}/cal/{place}" for key, place in zip(DIRECTORY_KEYS, places, strict=True)
    }
    passwords = {"DIRECTORY_MANAGER_PASSWORD": "sesame", "ADMINISTRATOR_PASSWORD": "open-sesame"}
    answers = {**dict.fromkeys(KEYS, "x"), **directories, **passwords}
    options = {
        "server_root": f"{tmp_path}/opt/SUNWics5/cal",
        "config_directory": f"{tmp_path}/cal/config",
        "state_file_content": "".join(f"{key} = {value}\n" for key, value in answers.items()),
    }
    assert "another node" in run("calendar_configuration", **options, online=False)["msg"]

    done = four_steps(run, "calendar_configuration", **options)

    assert not done["configured_anywhere"]
    assert (tmp_path / "opt/SUNWics5/cal/config/ics.conf").exists()
    assert "sesame" not in done["output"] + done["logged"]
    assert run("calendar_configuration", **options, online=False)["changed"] is False

    os.unlink(tmp_path / "opt/SUNWics5/cal/config")
    simulated.order_death(5, 0)
    broken = run("calendar_configuration", **options)
    assert broken["failed"]
    assert "All Tasks Passed" in broken["msg"]
    assert len(broken["commands"]) == 1


def test_calendar_configuration_shows_no_password_that_the_program_prints(run, tmp_path, simulated):
    simulated.csconfigurator = lambda *_: Answer(1, "", "ldapmodify -w sesame: Invalid credentials\n")

    broken = run(
        "calendar_configuration",
        server_root=f"{tmp_path}/opt/SUNWics5/cal",
        config_directory=f"{tmp_path}/cal/config",
        state_file_content="DIRECTORY_MANAGER_PASSWORD = sesame\n",
    )

    assert broken["failed"]
    assert "Invalid credentials" in broken["msg"]
    assert "sesame" not in broken["output"] + broken["logged"]


def test_calendar_directory(run, tmp_path, simulated):
    options = {"program": f"{tmp_path}/comm_dssetup.pl", "server_root": f"{tmp_path}/ds", "instance": "slapd-ldap1"}
    assert "Invalid credentials" in run("calendar_directory", password="wrong", **options)["msg"]

    done = four_steps(run, "calendar_directory", password="sesame", **options)

    assert "sesame" not in done["output"] + done["logged"]
    assert len(simulated.history) == 2
