"""What services of an application are asked, and what their answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.applications.asking import answers, questions, running_here
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError

ADDRESS = "192.0.2.5"
OWN = {"running": ["stored", "dispatcher"], "ports": {"imap": 143, "smtp": 25}, "problems": [], "unknown": []}
GREETED = {"ok": True, "problems": [], "unknown": [], "silent": [], "greeted": ["SMTP", "IMAP"], "smtp": {}}


def service(application: str = "messaging_server", name: str = "mail1") -> dict[str, Any]:
    return {
        "name": name,
        "address": f"{ADDRESS}/24",
        "host_name": f"{name}.example.com",
        "application": {"type": application},
    }


def info(state: str = "online", node: str | None = "nodea") -> dict[str, Any]:
    return {"cluster": {"running": True, "services": {"mail1": {"state": state, "node": node}}}}


def ask(application: str = "messaging_server", **changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "infos": [{"unreachable": True}, {"cluster": {"running": False}}, info()],
        "reports": {"nodea": {"instances": {"mail1": OWN}}, "nodeb": {"skipped": True}},
        "credentials": {},
        **changes,
    }
    services = [service(application), service("native", "other"), {"name": "address-only"}]
    return questions(services, application, **given)


def answer(
    asked: dict[str, Any], mail: dict[str, Any] | None = None, web: dict[str, Any] | None = None
) -> dict[str, Any]:
    found = answers(asked["asked"], {} if mail is None else {"mail1": mail}, {} if web is None else {"mail1": web})
    return found["mail1"]


def test_it_is_asked_on_the_ports_that_it_names_itself() -> None:
    own = {**OWN, "ports": {"imap": 1143, "imaps": 993, "smtp": 25}}
    asked = ask(reports={"nodea": {"instances": {"mail1": own}}})
    target = {"name": "mail1", "host": ADDRESS, "host_name": "mail1.example.com", "ports": own["ports"]}
    assert asked["mail"] == [target]
    assert asked["web"] == []
    assert sorted(asked["asked"]) == ["mail1"]


@pytest.mark.parametrize(("options", "port"), [({}, 5232), ({"port": 443}, 443)])
def test_a_calendar_is_asked_over_https_on_the_port_that_is_described(options: dict[str, Any], port: int) -> None:
    calendar = {**service("radicale"), "application": {"type": "radicale", "options": options}}
    asked = questions([calendar], "radicale", [info()], {}, {})
    page = {"path": "/.web/", "contains": "Radicale", "tls": True, "host_name": "mail1.example.com"}
    assert asked["web"] == [{"name": "mail1", "host": ADDRESS, "port": port, **page}]
    assert answer(asked, web={"ok": True, "problems": []}) == {
        "ok": True,
        "problems": [],
        "unknown": [],
        "summary": f"CalDAV answers at {ADDRESS}",
    }
    (problem,) = answer(asked, web={"ok": False, "problems": ["refused"]})["problems"]
    assert problem.startswith(f"CalDAV: refused (port {port} of {ADDRESS}); see what the unit groupware-radicale@ says")
    assert "in the journal of nodea" in problem


def test_one_line_says_that_all_is_well() -> None:
    assert answer(ask(), GREETED) == {
        "ok": True,
        "problems": [],
        "unknown": [],
        "summary": f"SMTP and IMAP answer at {ADDRESS}; stored and dispatcher run on nodea",
    }
    logged_in = {**GREETED, "imap": {"login": True}}
    assert "answer at 192.0.2.5, logins work; stored" in answer(ask(), logged_in)["summary"]


def test_credentials_are_kept_apart_from_what_is_shown() -> None:
    asked = ask(credentials={"mail1": {"user": "probe", "password": "sesame"}, "mail9": {"password": "other"}})
    assert asked["mail"][0]["user"] == "probe"
    assert asked.pop("passwords") == {"mail1": "sesame"}
    assert "sesame" not in str(asked)
    with pytest.raises(DescriptionError, match="is not a dictionary"):
        ask(credentials={"mail1": "sesame"})


def test_what_was_stopped_is_not_asked() -> None:
    assert ask(infos=[info("offline", None)]) == {"mail": [], "web": [], "passwords": {}, "asked": {}}


@pytest.mark.parametrize("state", ["failed", "partial"])
def test_what_does_not_run_as_it_should_is_asked(state: str) -> None:
    assert sorted(ask(infos=[info(state)])["asked"]) == ["mail1"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"infos": [{"unreachable": True}]}, "nobody says which node runs it"),
        ({"infos": [info(node=None)]}, "nobody says which node runs it"),
        ({"reports": {}}, "nodea was not asked"),
        ({"reports": {"nodea": {"unreachable": True, "msg": "Failed to\nconnect"}}}, "on nodea: Failed to connect"),
        ({"reports": {"nodea": {"skipped": True}}}, "on nodea: it gave no answer"),
    ],
)
def test_a_node_that_says_nothing_is_said_and_the_usual_ports_are_asked(changes: dict[str, Any], why: str) -> None:
    asked = ask(**changes)
    assert asked["mail"][0]["ports"] == {"smtp": 25, "imap": 143}
    found = answer(asked, GREETED)
    assert found["problems"] == []
    assert found["unknown"] == [f"its own commands were not asked: {why}"]
    assert found["summary"] == f"SMTP and IMAP answer at {ADDRESS}"


def test_every_problem_says_what_to_do() -> None:
    own = {**OWN, "problems": ["dispatcher does not run on nodea; start it"], "unknown": ["something"]}
    mail = {
        **GREETED,
        "problems": [
            "smtp: [Errno 111] Connection refused",
            "imap: b'[AUTHENTICATIONFAILED] no'",
            "submission: the banner says nodea, not mail1.example.com",
            "certificate: expires in 2 days",
        ],
        "silent": ["smtp"],
        "unknown": ["imap: nobody logged in"],
    }
    found = answer(ask(reports={"nodea": {"instances": {"mail1": own}}}), mail)
    assert found == {
        "ok": False,
        "problems": [
            "dispatcher does not run on nodea; start it",
            f"smtp: [Errno 111] Connection refused (port 25 of {ADDRESS}); start it with start-msg on nodea, or read "
            "its log there; if it runs, see what filters packets on the way",
            "imap: b'[AUTHENTICATIONFAILED] no'; correct verify_credentials, or the user's account",
            "submission: the banner says nodea, not mail1.example.com; have the service call itself so, or correct "
            "host_name in the description",
            "certificate: expires in 2 days; give the service another one",
        ],
        "unknown": ["something", "imap: nobody logged in"],
        "summary": "",
    }


def test_a_calendar_is_asked_for_the_version_of_its_protocol() -> None:
    own = {**OWN, "running": ["cshttpd"], "ports": {"web": 8080}}
    asked = ask("calendar_server", reports={"nodea": {"instances": {"mail1": own}}})
    assert asked["mail"] == []
    (page,) = asked["web"]
    assert (page["host"], page["port"], page["path"]) == (ADDRESS, 8080, "/version.wcap?fmt-out=text/calendar")
    assert page["contains"] == "X-NSCP-WCAPVERSION"
    assert answer(asked, web={"ok": True, "problems": []})["summary"] == (
        f"WCAP answers at {ADDRESS}; cshttpd runs on nodea"
    )
    (problem,) = answer(asked, web={"ok": False, "problems": ["timed out"]})["problems"]
    assert problem.startswith(f"WCAP: timed out (port 8080 of {ADDRESS}); start it with start-cal http on nodea, or")


def test_a_calendar_without_its_http_service_is_asked_nothing_over_the_network() -> None:
    own = {**OWN, "running": ["csadmind"], "ports": {}}
    asked = ask("calendar_server", reports={"nodea": {"instances": {"mail1": own}}})
    assert (asked["mail"], asked["web"]) == ([], [])
    assert answer(asked)["summary"] == "csadmind runs on nodea"


def test_scalix_is_asked_for_mail_and_for_its_web_mail() -> None:
    own = {**OWN, "running": ["4 services", "3 daemons"], "ports": None}
    asked = ask("scalix", reports={"nodea": {"instances": {"mail1": own}}})
    assert asked["mail"][0]["ports"] == {"smtp": 25, "imap": 143}
    assert (asked["web"][0]["port"], asked["web"][0]["path"]) == (80, "/webmail/")
    assert answer(asked, GREETED, {"ok": True, "problems": []})["summary"] == (
        f"SMTP, IMAP and HTTP answer at {ADDRESS}; 4 services and 3 daemons run on nodea"
    )


def test_instances_that_run_on_a_node() -> None:
    instances = [{"name": "mail1"}, {"name": "mail2"}]
    assert running_here(instances, info(), "nodea") == [{"name": "mail1"}]
    assert running_here(instances, info(), "nodeb") == []
    assert running_here(instances, {"unreachable": True}, "nodea") == []
    assert running_here(instances, {"cluster": {"running": False}}, "nodea") == []
