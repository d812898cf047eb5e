"""Load balancers that are services of a cluster: what is refused, which files they have, what is said of them."""

from __future__ import annotations

import configparser
import re
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.description import instances
from ansible_collections.groupware.ha.plugins.filter.haproxy import haproxy_answers, haproxy_instances, haproxy_running
from ansible_collections.groupware.ha.plugins.module_utils.applications.judging import problems_of
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.balanced import (
    CACHE,
    CALENDAR,
    DATABASE,
    PLAIN,
    THROUGH,
    front_end,
)
from ansible_collections.groupware.ha.tests.unit.templates.rendering import rendered

SECRET = "correct-horse"  # noqa: S105
INSTANCE = {"name": "web", "host_name": "web.example.com", "address": "192.0.2.51", "nodes": ["nodea", "nodeb"]}
#: A front end has all that one of a tier has but its place.
CALENDAR, PLAIN, THROUGH, DATABASE, CACHE = (
    front_end(one, address=None, router_id=None) for one in (CALENDAR, PLAIN, THROUGH, DATABASE, CACHE)
)


def parsed(*front_ends: dict[str, Any], **given: Any) -> haproxy.Instance:
    options = {"front_ends": list(front_ends)}
    (found,) = haproxy.parse_instances([{**INSTANCE, "options": options, **given}])
    return found


def problems(*front_ends: Any, **options: Any) -> list[str]:
    given = {"front_ends": list(front_ends), **options}
    try:
        haproxy.parse_instances([{**INSTANCE, "options": given}])
    except DescriptionError as error:
        return [str(problem).removeprefix("haproxy_instances[web].options") for problem in error.problems]
    return []


def test_nothing_is_wrong() -> None:
    through = front_end(THROUGH, port=8443)
    assert problems(CALENDAR, PLAIN, through, DATABASE, CACHE) == []
    found = parsed(CALENDAR, PLAIN, DATABASE)
    assert [(one.address, one.host_name) for one in found.front_ends] == [
        ("192.0.2.51", "calendar.example.com"),
        ("192.0.2.51", "web.example.com"),
        ("192.0.2.51", None),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            front_end(CALENDAR, address="192.0.2.21"),
            ".front_ends[calendar].address = a text: is for front ends of a tier of load balancers; leave it out; all "
            "front ends of a service have its logical address, which the cluster keeps",
        ),
        (front_end(CALENDAR, router_id=21), ".front_ends[calendar].router_id = a number: is for front ends of a tier"),
        (front_end(CALENDAR, adress="x"), ".front_ends[calendar].adress = a text: is not a known option"),
        (front_end(CALENDAR, check="status"), ".front_ends[calendar].check = 'status': is not the path of a page"),
        (front_end(CALENDAR, key=None), ".front_ends[calendar].key: is missing; name the PEM file"),
        (front_end(CALENDAR, password=SECRET), ".front_ends[0].password"),
        (front_end(CALENDAR, members=[]), ".front_ends[calendar].members: is missing"),
        (
            front_end(CALENDAR, members=[{"name": "app1", "address": "192.0.2.51"}]),
            ".front_ends[calendar].members[app1].address = '192.0.2.51': is the address of a front end; give the",
        ),
    ],
)
def test_what_is_wrong_with_a_front_end(given: dict[str, Any], words: str) -> None:
    found = problems(given)
    assert [one for one in found if one.startswith(words)], found
    assert SECRET not in str(found)


def test_what_is_wrong_with_them_together() -> None:
    assert problems() == [".front_ends: is missing; describe at least one front end"]
    assert problems(CALENDAR, THROUGH) == [
        ".front_ends[through].port = '192.0.2.51:443': is that of calendar too; give each one its own"
    ]
    assert problems(CALENDAR, front_end(CALENDAR, port=444))[0].startswith(".front_ends[calendar].name = 'calendar': ")


def test_what_belongs_to_a_tier_is_no_option() -> None:
    (found,) = problems(CALENDAR, peers_port=10000)
    assert found == ".peers_port = a number: is not a known option; use one of front_ends"


def test_all_instances_are_told_at_once() -> None:
    with pytest.raises(DescriptionError) as caught:
        haproxy.parse_instances([{**INSTANCE, "name": name, "options": {}} for name in ("web", "dav")])
    assert [problem.key for problem in caught.value.problems] == [
        f"haproxy_instances[{name}].options.front_ends" for name in ("web", "dav")
    ]


# -- files -------------------------------------------------------------------------------------------------------------


def text(*front_ends: dict[str, Any], **given: Any) -> str:
    entry = haproxy.instance_files(parsed(*front_ends, **given))[-1]
    return rendered(f"roles/haproxy/templates/{entry['template']}", **entry["variables"])


def section(name: str, shown: str) -> list[str]:
    (found,) = [one for one in re.split(r"^(?=\w)", shown, flags=re.MULTILINE) if one.startswith(f"{name}\n")]
    return [line.strip() for line in found.splitlines()[1:]]


def test_the_files_are_the_same_on_each_node() -> None:
    files = haproxy_instances([{**INSTANCE, "options": {"front_ends": [CALENDAR, PLAIN]}}])["files"]
    assert [one["path"] for one in files] == [
        "/usr/local/libexec",
        "/usr/local/libexec/groupware-ha-haproxy-service",
        "/etc/systemd/system/groupware-haproxy@.service",
        "/etc/groupware-ha-haproxy",
        "/etc/groupware-ha-haproxy/web",
        "/etc/groupware-ha-haproxy/web/calendar.pem",
        "/etc/groupware-ha-haproxy/web/haproxy.cfg",
    ]
    assert not [one for one in files if "require_mounted" in one]
    (pair,) = [one for one in files if "sources" in one]
    assert (pair["sources"], pair["sensitive"], pair["mode"]) == (["calendar.key", "calendar.pem"], True, "0600")
    assert haproxy_instances([])["files"] == []


def test_what_haproxy_is_told() -> None:
    shown = text(CALENDAR, PLAIN)
    assert shown.startswith("# Front ends of the service web. This file is replaced by Ansible: see the role haproxy.")
    # It has itself as a peer, to whom it hands on at a reload what it knows.
    assert section("peers balancers", shown)[0] == "peer web abns@groupware-haproxy-web"
    assert {
        "localpeer web",
        "stats socket /run/groupware-ha-haproxy/web/haproxy.sock mode 600 level admin expose-fd listeners",
        "server-state-file /run/groupware-ha-haproxy/web/states",
    } <= set(section("global", shown))
    pair = "/etc/groupware-ha-haproxy/web/calendar.pem"
    assert f"bind 192.0.2.51:443 transparent ssl crt {pair} alpn h2,http/1.1" in section("listen calendar", shown)
    assert "http-check send meth GET uri / ver HTTP/1.1 hdr Host web.example.com" in section("listen plain", shown)


def test_ipv6() -> None:
    member = {"name": "app1", "address": "2001:db8::31"}
    lines = section("listen plain", text(front_end(PLAIN, members=[member]), address="2001:db8::41"))
    assert "bind [2001:db8::41]:80 transparent" in lines
    assert "stick-table type ipv6 size 100k expire 30m peers balancers" in lines


def test_the_unit() -> None:
    (entry,) = [one for one in haproxy.node_files([parsed(CALENDAR)]) if one["path"].endswith(".service")]
    shown = rendered(f"roles/haproxy/templates/{entry['template']}", **entry["variables"])
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(shown)
    # Nothing starts it but the cluster.
    assert parser.sections() == ["Unit", "Service"]
    assert parser["Service"]["restart"] == "no"
    assert parser["Service"]["execstart"] == "/usr/sbin/haproxy -Ws -f /etc/groupware-ha-haproxy/%i/haproxy.cfg"
    assert parser["Service"]["runtimedirectory"] == "groupware-ha-haproxy/%i"
    assert [line.partition("=")[2] for line in shown.splitlines() if line.startswith("ExecReload")] == [
        "-/usr/bin/env python3 -IS /usr/local/libexec/groupware-ha-haproxy-service save "
        "/run/groupware-ha-haproxy/%i/haproxy.sock /run/groupware-ha-haproxy/%i/states",
        "/usr/sbin/haproxy -Ws -f /etc/groupware-ha-haproxy/%i/haproxy.cfg -c -q",
        "/bin/kill -USR2 $MAINPID",
    ]


# -- a description -----------------------------------------------------------------------------------------------------

SERVICE: dict[str, Any] = {
    "name": "web",
    "model": "asymmetric",
    "nodes": {"primary": "nodea", "standby": ["nodeb"]},
    "address": "192.0.2.51/24",
    "host_name": "web.example.com",
    "application": {"type": "haproxy", "options": {"front_ends": [CALENDAR]}},
}


def test_a_service_needs_no_volume() -> None:
    assert instances([SERVICE], "haproxy") == [{**INSTANCE, "options": {"front_ends": [CALENDAR]}}]
    stored = {**SERVICE, "storage": {"mount_point": "/srv/web"}}
    assert instances([stored], "haproxy")[0]["mount_point"] == "/srv/web"
    with pytest.raises(DescriptionError, match=r"services\[web\]\.storage: is missing; the application radicale needs"):
        instances([{**SERVICE, "application": {"type": "radicale"}}], "radicale")


def test_it_is_judged_with_its_cluster() -> None:
    assert problems_of([SERVICE], {}) == []
    wrong = {**SERVICE, "application": {"type": "haproxy"}}
    assert [problem.key for problem in problems_of([wrong], {})] == ["haproxy_instances[web].options.front_ends"]


# -- what is said of them ----------------------------------------------------------------------------------------------

DESCRIBED = [{**INSTANCE, "options": {"front_ends": [CALENDAR, PLAIN, front_end(THROUGH, port=8443)]}}]
AS_DESCRIBED: dict[str, Any] = {"changes": [], "reloads": []}
GOOD = {"web/calendar": {"problems": []}, "web/plain": {"problems": []}}


def info(**changed: Any) -> dict[str, Any]:
    """What a node says that runs it; ``calendar_app1`` has other values of that member."""
    members = [
        {"front_end": front_end["name"], "name": member["name"], "state": "ready", "usable": True}
        | {"status": "UP", "check": "L7OK"}
        | changed.get(f"{front_end['name']}_{member['name']}", {})
        for front_end in DESCRIBED[0]["options"]["front_ends"]
        for member in front_end["members"]
    ]
    return {"services": {"web": {"running": True, "problem": "", "members": members}}}


NOT_HERE: dict[str, Any] = {"services": {"web": {"running": False, "problem": "no", "members": []}}}


def answer(
    nodeb: dict[str, Any] = AS_DESCRIBED,
    infos: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
) -> dict[str, Any]:
    compared = {"nodea": AS_DESCRIBED, "nodeb": nodeb}
    asked = {"nodea": info(), "nodeb": NOT_HERE, "nodec": {"failed": True}} if infos is None else infos
    return haproxy_answers(DESCRIBED, compared, asked, GOOD if answers is None else answers)["web"]


def test_front_ends_are_asked_for_their_pages() -> None:
    pages = haproxy_instances(DESCRIBED)["pages"]
    assert [(one["name"], one["host"], one["port"], one["path"], one["tls"]) for one in pages] == [
        ("web/calendar", "192.0.2.51", 443, "/status", True),
        ("web/plain", "192.0.2.51", 80, "/", False),
    ]


def test_all_is_well() -> None:
    # What else is there belongs to another service.
    another = {"changes": [{"path": "/x", "label": "dav/haproxy"}], "reloads": ["dav"]}
    assert answer(another) == {
        "ok": True,
        "problems": [],
        "unknown": [],
        "summary": "calendar: answers at 192.0.2.51:443, app1 and app2 work; plain: answers at 192.0.2.51:80, app1 and "
        "app2 work; through: app1 works; it has no page to be asked for",
    }


@pytest.mark.parametrize(
    ("nodeb", "words"),
    [
        (
            {
                "changes": [{"path": "/etc/x", "label": "web/haproxy"}, {"path": "/u", "label": "node:unit"}],
                "reloads": [],
            },
            "nodeb is not as described (/etc/x, /u); run groupware.ha.site while that node answers",
        ),
        ({"changes": [], "reloads": ["web"]}, "on nodeb it runs with former files; run groupware.ha.site"),
    ],
)
def test_a_node_that_differs(nodeb: dict[str, Any], words: str) -> None:
    found = answer(nodeb)
    assert (found["ok"], found["problems"], found["summary"]) == (False, [words], "")


def test_a_node_that_says_nothing() -> None:
    found = answer({"unreachable": True, "msg": "no\nroute"})
    assert (found["ok"], found["unknown"]) == (True, ["whether its files are on nodeb is not known: no route"])
    assert answer({})["unknown"] == ["whether its files are on nodeb is not known: it gave no answer"]


def test_a_front_end_that_does_not_answer() -> None:
    found = answer(answers={**GOOD, "web/plain": {"problems": ["503 Service Unavailable"]}})
    assert found["problems"] == ["plain at 192.0.2.51: 503 Service Unavailable"]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (
            {"state": "drain", "usable": False, "status": "DRAIN"},
            "calendar/app1: is drained on nodea; groupware.ha.load_balancer_member with service: web and state: ready "
            "brings it back",
        ),
        (
            {"usable": False, "status": "DOWN", "check": "L4CON"},
            "calendar/app1: does not work as nodea sees it: DOWN (L4CON)",
        ),
    ],
)
def test_a_member_that_has_no_requests(member: dict[str, Any], words: str) -> None:
    assert answer(infos={"nodea": info(calendar_app1=member)})["problems"] == [words]


def test_it_runs_nowhere() -> None:
    found = answer(infos={"nodea": NOT_HERE, "nodeb": NOT_HERE})
    assert found["problems"] == [
        "HAProxy answers on none of nodea, nodeb; see systemctl status groupware-haproxy@web.service"
    ]


def test_what_is_stopped_is_not_asked() -> None:
    services = {"web": {"state": "offline"}, "dav": {"state": "online"}}
    info = {"cluster": {"running": True, "services": services}}
    both = [INSTANCE, {**INSTANCE, "name": "dav"}]
    assert haproxy_running(both, [{"failed": True}, info]) == [both[1]]
    assert haproxy_running(both, [{"failed": True}]) == both
