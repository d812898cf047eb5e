"""The modules of Calendar Server on Solaris Cluster, run as Ansible runs them."""

from __future__ import annotations

import importlib
import json
import syslog

import pytest

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


def test_ics_conf_refuses(run, tmp_path):
    result = run("ics_conf", path=str(tmp_path / "ics.conf"), parameters={"local.hostname": "cal1"})
    assert "configuration program" in result["msg"]
    (tmp_path / "ics.conf").write_text("")
    result = run("ics_conf", path=str(tmp_path / "ics.conf"), parameters={"local.autorestart": True})
    assert "local.autorestart" in result["msg"]
    assert (tmp_path / "ics.conf").read_text() == ""
