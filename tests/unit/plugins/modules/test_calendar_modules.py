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
