"""The modules of Calendar Server on Solaris Cluster, and those of file systems, run as Ansible runs them."""

from __future__ import annotations

import importlib
import json
import os
import syslog

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.bodies import nfs_shares
from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import readers
from ansible_collections.groupware.ha.tests.simulators.calendar_server.simulator import (
    DIRECTORY_KEYS,
    KEYS,
    CalendarServer,
)
from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

TELLING = "pkill -HUP -x syslogd"


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


# -- nodes -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def node(tmp_path, monkeypatch):
    """What the agent's settings are below."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "var/adm").mkdir(parents=True)
    (tmp_path / "etc/syslog.conf").write_text("*.err\t/dev/sysmsg\n")
    monkeypatch.setattr(readers, "volatile", lambda: str(tmp_path / "run"))
    return tmp_path


def test_calendar_node(run, node):
    options = {"mount_points": [f"{node}/global/cal"], "root": str(node)}
    assert TELLING not in four_steps(run, "calendar_node", **options)["commands"]

    done = four_steps(run, "calendar_node", **options, debug=True)

    assert TELLING in done["commands"]
    scics, log, syslog = node / "var/cluster/rgm/rt/SUNW.scics", node / "var/adm/clusterlog", node / "etc/syslog.conf"
    assert (node / "global/cal").is_dir()
    assert (scics / "loglevel").read_text() == "9\n"
    assert scics.stat().st_mode & 0o777 == 0o755
    assert (log.read_text(), log.stat().st_mode & 0o777) == ("", 0o640)
    assert syslog.read_text() == "*.err\t/dev/sysmsg\ndaemon.debug\t/var/adm/clusterlog\n"
    assert len(list(node.glob("etc/syslog.conf.*~"))) == 1

    # What was logged is kept, rights are not, and one line is enough however it was written.
    log.write_text("x\n")
    log.chmod(0o644)
    scics.chmod(0o700)
    syslog.write_text("daemon.debug  /var/adm/clusterlog")
    assert TELLING in four_steps(run, "calendar_node", **options, debug=True)["commands"]
    assert (log.read_text(), log.stat().st_mode & 0o777) == ("x\n", 0o640)
    assert syslog.read_text() == "daemon.debug\t/var/adm/clusterlog"

    assert TELLING in four_steps(run, "calendar_node", **options)["commands"]
    assert not (scics / "loglevel").exists()
    assert (syslog.read_text(), log.read_text()) == ("", "x\n")


def test_syslogd_is_told_by_the_run_after_one_that_was_cut_off(run, node, monkeypatch):
    options = {"root": str(node), "debug": True}
    told = runner.LocalRunner.run

    def cut_off(self, argv, **options):
        return pytest.fail("cut off") if argv[0] == "pkill" else told(self, argv, **options)

    with monkeypatch.context() as patched:
        patched.setattr(runner.LocalRunner, "run", cut_off)
        with pytest.raises(pytest.fail.Exception):
            run("calendar_node", **options)
    assert "daemon.debug" in (node / "etc/syslog.conf").read_text()

    assert four_steps(run, "calendar_node", **options)["commands"] == [TELLING]


def test_calendar_node_without_syslog(run, tmp_path):
    assert "syslog.conf is missing" in run("calendar_node", check_mode=True, root=str(tmp_path), debug=True)["msg"]
    assert run("calendar_node", check_mode=True, root=str(tmp_path))["changed"] is False


def test_calendar_instance_info(run, tmp_path):
    root, config = tmp_path / "opt/cal", tmp_path / "cal/config"
    parameters = {"service.listenaddr": "192.0.2.31", "local.hostname": "cal1"}
    instance = {"name": "cal1", "server_root": str(root), "config_directory": str(config), "parameters": parameters}

    def found():
        asked = {"instances": [instance], "marker": "ours"}
        answer = run("question", questions={"calendar_instance_info": asked})["answers"]["calendar_instance_info"]
        alone = run("calendar_instance_info", **asked)
        assert "sesame" not in alone["output"] + alone["logged"]
        assert answer["instances"] == alone["instances"]
        assert alone["changed"] is False
        return alone["instances"]["cal1"]

    nothing = {"configured_here": False, "configured_anywhere": False, "bound": None, "parameters": [], "problem": None}
    assert found() == nothing
    root.mkdir(parents=True)
    (root / "config").mkdir()
    assert "is a directory" in found()["problem"]
    (root / "config").rmdir()
    config.mkdir(parents=True)
    (config / "ics.conf").write_text('local.ugldapbindcred = "sesame"\n')
    assert found() == {**nothing, "configured_anywhere": True, "bound": False, "parameters": sorted(parameters)}
    (root / "config").symlink_to(config)
    unbound = found()
    assert unbound["configured_here"]
    run("ics_conf", path=str(config / "ics.conf"), parameters=parameters, marker="ours")
    assert found() == {**unbound, "bound": True, "parameters": []}
    # As by hand: what comes after the block overrules it, and a value that is the same is written anew.
    with (config / "ics.conf").open("a") as file:
        file.write('service.listenaddr = "0.0.0.0"\n')
    assert found() == {**unbound, "parameters": ["service.listenaddr"]}
    for unfinished, key in ((f"{root}/config", "configured_here"), (str(config), "configured_anywhere")):
        record = f"{unfinished}.unfinished"
        open(record, "w").close()
        assert not found()[key]
        os.unlink(record)
    (config / "ics.conf").write_text("! BEGIN ours\n")
    assert found()["problem"] is not None


def test_nfs_shares(run, tmp_path, monkeypatch):
    table, mounts, point = tmp_path / "fstab", tmp_path / "mountinfo", tmp_path / "mail 1"
    table.write_text("/dev/sda1 / ext4 defaults 0 1")
    mounts.write_text("36 35 7:1 / / rw - ext4 /dev/sda1 rw\n")
    monkeypatch.setattr(nfs_shares, "_MOUNTS", str(mounts))
    commands = []

    class Mounting(LocalRunner):
        def run(self, argv, **options):
            commands.append(argv)
            if argv[0] != "mount":
                return super().run(argv, **options)
            if not self.dry:
                mounts.write_text(f"{mounts.read_text()}37 36 0:1 / {tmp_path}/mail\\0401 rw - nfs filer rw\n")
            self.commands.append(" ".join(argv))
            return None

    monkeypatch.setattr(runner, "LocalRunner", Mounting)
    shares = [{"device": "filer:/mail1", "mount_point": f"{point}/"}]

    done = four_steps(run, "nfs_shares", path=str(table), shares=shares)

    assert point.is_dir()
    assert done["commands"] == [f"mkdir -p '{point}'", f"mount {point}"]
    line = f"filer:/mail1 {tmp_path}/mail\\0401 nfs {nfs_shares.RECOMMENDED} 0 0"
    assert table.read_text() == f"/dev/sda1 / ext4 defaults 0 1\n{line}\n"
    assert len(list(tmp_path.glob("fstab.*~"))) == 1
    # What is mounted stays as it is until it is mounted anew.
    done = run("nfs_shares", path=str(table), shares=[{**shares[0], "mount_options": "ro"}])
    assert (done["changed"], done["commands"]) == (True, [])
    assert table.read_text().endswith("nfs ro 0 0\n")
    mounts.write_text("")
    assert run("nfs_shares", check_mode=True, path=str(table), shares=[])["changed"] is False
    assert run("nfs_shares", path=str(tmp_path / "new"), shares=shares)["changed"] is True
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o644
