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


# -- asked in advance --------------------------------------------------------------------------------------------------

SECRET = "n0body-sees-this"  # noqa: S105 - the simulated product's


def compared(run, site, options=None, secrets=None, update_secrets="on_create", framework="vcs", **described):
    """What is not as described, as it is asked together with others; nothing is changed by it."""
    instance = {"name": "mail1", "host_name": HOST_NAME, "address": ADDRESS, **PLACE, "options": options or {}}
    asked = {
        "instances": [{**instance, **described}],
        "framework": framework,
        "secrets": {"mail1": secrets or {}},
        "update_secrets": update_secrets,
    }
    before = site.files()
    result = run("question", questions={"messaging_instance_info": asked})
    alone = run("messaging_instance_info", **asked)
    assert site.files() == before
    assert SECRET not in result["output"] + result["logged"] + alone["output"] + alone["logged"]
    answer = result["answers"]["messaging_instance_info"]
    assert not answer["changed"]
    assert answer["compared"] == alone["compared"]
    return answer["compared"]["mail1"]


def test_nothing_can_be_compared_before_it_is_configured(run, site):
    unknown = {"registered": False, "options": None, "problem": None}
    assert compared(run, site) == unknown
    run("messaging_instance", step="install", installer=COMMPKG, **PLACE)
    assert compared(run, site) == unknown
    assert compared(run, site, framework="clusterware")["registered"] is True
    assert run("messaging_instance_info", instances=[{"name": "mail1", **PLACE}])["compared"] == {}


@pytest.mark.parametrize("kind", ["legacy", "unified"])
def test_each_option_that_the_modules_would_set_is_told(run, site, kind):
    site.configured(kind)
    secret = "local.cred" if kind == "legacy" else "base.cred"
    wanted = {"configuration": kind, "options": {"imap.banner": "welcome"}, "secrets": {secret: SECRET}}
    given = {"server_root": site.home, "options": wanted["options"], "secrets": wanted["secrets"]}

    def unbound():
        return run("messaging_address", check_mode=True, server_root=site.home, address=ADDRESS)["changed_options"]

    assert compared(run, site, **wanted)["options"] == sorted([*unbound(), secret, "imap.banner"])

    run("messaging_address", server_root=site.home, address=ADDRESS)
    assert compared(run, site, **wanted)["options"] == sorted([secret, "imap.banner"])
    run("messaging_option", **given)
    assert compared(run, site, **wanted) == {"registered": False, "options": [], "problem": None}

    # A secret that the product does not show counts as a change each time, where it is to be set each time.
    hidden = run("messaging_option", check_mode=True, **given, update_secrets="always")["changed_options"]
    assert compared(run, site, **wanted, update_secrets="always")["options"] == hidden
    run("messaging_address", server_root=site.home, address="192.0.2.99")
    assert compared(run, site, **wanted)["options"] == unbound() != []


def test_what_the_role_would_refuse_is_told(run, site):
    site.configured("unified")
    assert "was configured for mail1.example.com" in compared(run, site, host_name="x.example.com")["problem"]
    assert "has a unified one" in compared(run, site, configuration="legacy")["problem"]
    assert "without a prefix length" in compared(run, site, address=f"{ADDRESS}/24")["problem"]
    site.server().files.remove("/opt/mail1/messaging64/config")
    assert "there is no configuration" in compared(run, site)["problem"]


@pytest.mark.parametrize("framework", ["vcs", "solaris_cluster"])
def test_an_agent_that_is_not_known_is_told(run, site, framework):
    site.configured()
    assert not compared(run, site, framework=framework)["registered"]
    run("messaging_instance", step="register", framework=framework, installer=COMMPKG, **PLACE)
    assert compared(run, site, framework=framework)["registered"]


def test_address_and_host_name_are_given_together(run):
    result = run("messaging_instance_info", instances=[{"name": "mail1", "address": ADDRESS, **PLACE}])
    assert "host_name" in result["msg"]
