"""The modules of Messaging Server, run as Ansible runs them, against its simulator."""

from __future__ import annotations

import importlib
import json
import syslog

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.products import messaging_server
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.messaging_site import (
    ADDRESS,
    ANSWERS,
    COMMPKG,
    DATA,
    HOST_NAME,
    VOLUME,
    Site,
)
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

PLACE = {"server_root": "/opt/mail1/messaging64", "data_root": DATA, "mount_point": VOLUME}


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def run(site, capsys, monkeypatch):
    """Takes a module's name and options; gives the result on nodea, and what was logged under ``logged``."""
    logged: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: logged.append(str(arguments[-1])))
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)

    monkeypatch.setattr(runner, "LocalRunner", lambda dry: site.server(dry=dry).runner)
    monkeypatch.setattr(messaging_server, "Files", lambda: site.server().files)

    def ran(name, check_mode=False, **options):
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        logged.clear()
        with (
            given_arguments({**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}),
            pytest.raises(SystemExit),
        ):
            module.main()
        output = capsys.readouterr().out
        return {**json.loads(output), "output": output, "logged": "".join(logged)}

    return ran


def four_steps(run, name, **options):
    """Check, do, do again, check again; the result of doing."""
    planned = run(name, check_mode=True, **options)
    done = run(name, **options)
    assert planned["changed"] is done["changed"] is True, done
    for key in ("commands", "diff", "changed_options"):
        assert planned.get(key) == done.get(key)
    assert done["diff"]["before"] != done["diff"]["after"]
    for check_mode in (False, True):
        again = run(name, check_mode=check_mode, **options)
        assert again["changed"] is False
        assert again["commands"] == []
        assert again["diff"]["before"] == again["diff"]["after"]
    return done


@pytest.mark.parametrize("kind", ["legacy", "unified"])
def test_messaging_option(run, site, kind):
    site.configured(kind)
    secret = "local.cred" if kind == "legacy" else "base.cred"
    done = four_steps(
        run,
        "messaging_option",
        server_root=site.home,
        options={"pop.enable": False, "http.port": 8990, "imap.banner": "welcome"},
        secrets={secret: "n0body-sees-this"},
    )
    assert done["configuration"] == kind
    assert done["changed_options"] == sorted([secret, "http.port", "imap.banner", "pop.enable"])
    assert "n0body" not in done["output"] + done["logged"]
    assert "Invoked with" in done["logged"]
    assert four_steps(run, "messaging_option", server_root=site.home, options={"http.port": None})["diff"] == {
        "before": "http.port = 8990\n",
        "after": "",
    }
    shown = run("messaging_option", server_root=site.home, secrets={secret: "other"}, update_secrets="always")
    assert shown["changed"] is True


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"options": {"base listenaddr": "1"}}, "is not the name of an option"),
        ({"options": {"role.base.listenaddr": "1"}}, "leave out role."),
        ({"options": {"a.b": ["1"]}}, "not a single value"),
        ({"options": {"a.b": "1"}, "secrets": {"a.b": "1"}}, "give it once"),
        ({"configuration": "legacy", "options": {"a.b": "1"}}, "has a unified configuration"),
    ],
)
def test_messaging_option_refuses(run, site, options, message):
    site.configured()
    before = site.files()
    for check_mode in (True, False):
        result = run("messaging_option", check_mode=check_mode, server_root=site.home, **options)
        assert result["failed"]
        assert message in result["msg"]
    assert site.files() == before


@pytest.mark.parametrize("kind", ["legacy", "unified"])
def test_messaging_address(run, site, kind):
    site.configured(kind)
    four_steps(run, "messaging_address", server_root=site.home, address=ADDRESS)
    refused = run("messaging_address", server_root=site.home, address=f"{ADDRESS}/24")
    assert "without a prefix length" in refused["msg"]


def test_messaging_instance(run, site):
    four_steps(run, "messaging_instance", step="install", installer=COMMPKG, **PLACE)
    done = four_steps(run, "messaging_instance", step="configure", host_name=HOST_NAME, state=ANSWERS, **PLACE)
    assert done["before"]["configured"] is None
    assert done["after"] == {
        "installed": True,
        "mounted": True,
        "configured": "unified",
        "joined": True,
        "unfinished": [],
        "agents": [],
    }
    for secret in (ANSWERS["LDAP_BIND_PASSWORD"], ANSWERS["ADMINISTRATOR_PASSWORD"]):
        assert secret not in done["output"] + done["logged"]
    # That the group is called mail does not hide it in paths.
    assert done["commands"] == [
        "/opt/mail1/messaging64/bin/configure --state /var/run/groupware-ha-opt-mail1-messaging64.state"
    ]
    assert run("messaging_instance", step="join", **PLACE)["changed"] is False
    four_steps(run, "messaging_instance", step="register", framework="vcs", **PLACE)
    four_steps(run, "messaging_instance", step="register", framework="solaris_cluster", installer=COMMPKG, **PLACE)
    found = run("messaging_instance_info", instances=[{"name": "mail1", **PLACE}])
    assert found["instances"] == {"mail1": {**done["after"], "agents": ["vcs", "solaris_cluster"]}}
    assert site.simulator.count("configure", DATA) == 1


def test_messaging_instance_needs_answers_until_it_is_configured(run):
    run("messaging_instance", step="install", installer=COMMPKG, **PLACE)
    for check_mode in (True, False):
        result = run("messaging_instance", check_mode=check_mode, step="configure", host_name=HOST_NAME, **PLACE)
        assert "there are no answers for configure" in result["msg"]
        assert result["commands"] == []
    run("messaging_instance", step="configure", host_name=HOST_NAME, state=ANSWERS, **PLACE)
    assert run("messaging_instance", step="configure", host_name=HOST_NAME, **PLACE)["changed"] is False


def test_messaging_instance_refuses_answers_that_are_none(run, site):
    run("messaging_instance", step="install", installer=COMMPKG, **PLACE)
    result = run(
        "messaging_instance",
        step="configure",
        host_name=HOST_NAME,
        state={**ANSWERS, "ADMINISTRATOR_PASSWORD": "one\ntwo"},
        **PLACE,
    )
    assert "state.ADMINISTRATOR_PASSWORD" in result["msg"]
    assert "two" not in result["msg"]
    assert site.simulator.count("configure", DATA) == 0
