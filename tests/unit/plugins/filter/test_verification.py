"""What verify finds wrong, and what it does not know."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.groupware.ha.plugins.filter.postfix_dovecot import mail_targets
from ansible_collections.groupware.ha.plugins.filter.verification import verification

CLUSTER = {"nodes": [{"name": "nodea"}, {"name": "nodeb"}, {"name": "nodec"}]}
SERVICE = {
    "name": "mail1",
    "address": "192.0.2.21/24",
    "host_name": "mail1.example.com",
    "storage": {"mount_point": "/srv/mail1"},
    "application": {"type": "postfix_dovecot"},
}
WELL = {
    "ok": True,
    "problems": [],
    "summary": "mail1.example.com answers, logins work",
}


def info(state: str = "online", nodes: tuple[str, ...] = ("nodea",), running: bool = True) -> dict[str, Any]:
    told = {"state": state, "node": nodes[0] if len(nodes) == 1 else None, "nodes": list(nodes), "failures": []}
    online = {name: {"online": True} for name in ("nodea", "nodeb", "nodec")}
    return {"cluster": {"running": running, "quorate": True, "nodes": online, "services": {"mail1": told}}}


def node(name: str, serving: bool = False, told: dict[str, Any] | None = None) -> list[Any]:
    mounts = [{"target": "/"}, *([{"target": "/srv/mail1"}] if serving else [])]
    addresses = [{"local": "127.0.0.1"}, *([{"local": "192.0.2.21"}] if serving else [])]
    return [
        name,
        told or info(),
        {"stdout": json.dumps({"filesystems": mounts})},
        {"stdout": json.dumps([{"addr_info": addresses}])},
    ]


def silent(name: str) -> list[Any]:
    return [name, {"unreachable": True}, {"skipped": True}, {"skipped": True}]


def verify(*nodes: list[Any], mail: dict[str, Any] | None = None) -> dict[str, Any]:
    return verification(nodes, CLUSTER, [SERVICE], {"mail1": mail or WELL})


def test_all_is_well() -> None:
    assert verify(node("nodea", serving=True), node("nodeb"), node("nodec")) == {
        "problems": [],
        "unknown": [],
        "lines": ["mail1: online on nodea, mail1.example.com answers, logins work"],
    }


def test_an_address_and_a_file_system_on_two_nodes() -> None:
    assert verify(node("nodea", serving=True), node("nodeb", serving=True), node("nodec"))["problems"] == [
        "mail1: the address 192.0.2.21 is on nodea and nodeb",
        "mail1: the file system /srv/mail1 is on nodea and nodeb",
    ]


def test_on_one_node_but_not_the_one_that_the_cluster_names() -> None:
    problems = verify(node("nodea"), node("nodeb", serving=True), node("nodec"))["problems"]

    assert problems[0] == (
        "mail1: the address 192.0.2.21 is on nodeb, but the cluster says that the service is on nodea"
    )


def test_on_no_node() -> None:
    stopped = info("offline", ())

    assert verify(node("nodea", told=stopped), node("nodeb", told=stopped), node("nodec", told=stopped))[
        "problems"
    ] == [
        "mail1: the cluster says that it is offline",
        "mail1: the address 192.0.2.21 is on no node",
        "mail1: the file system /srv/mail1 is on no node",
    ]


def test_what_only_a_silent_node_could_tell_is_not_guessed_at() -> None:
    found = verify(silent("nodea"), node("nodeb"))

    assert found["problems"] == ["nodea: gave no answer"]
    assert found["unknown"] == ["nodec: was not asked"]


def test_a_silent_node_hides_nothing_that_others_have() -> None:
    problems = verify(silent("nodea"), node("nodeb", serving=True), node("nodec", serving=True))["problems"]

    assert "mail1: the address 192.0.2.21 is on nodeb and nodec" in problems


def test_no_node_is_part_of_a_cluster() -> None:
    down = {"cluster": {"running": False}}

    assert verify(node("nodea", told=down))["problems"][:2] == [
        "nodea: the cluster does not run there",
        "no node that was asked is part of a running cluster",
    ]


def test_what_the_mail_servers_got_wrong() -> None:
    mail = {"ok": False, "problems": ["smtp: no answer"]}

    assert verify(node("nodea", serving=True), node("nodeb"), node("nodec"), mail=mail) == {
        "problems": ["mail1: smtp: no answer"],
        "unknown": [],
        "lines": [],
    }


def test_without_credentials_logins_are_not_tried() -> None:
    targets = mail_targets([SERVICE, {"name": "other"}], {})

    assert targets == {
        "services": [{"name": "mail1", "host": "192.0.2.21", "host_name": "mail1.example.com"}],
        "passwords": {},
    }


def test_an_application_that_was_not_asked_itself() -> None:
    nodes = [node("nodea", serving=True), node("nodeb"), node("nodec")]

    assert verification(nodes, CLUSTER, [SERVICE]) == {
        "problems": [],
        "unknown": ["mail1: the cluster was asked, postfix_dovecot itself was not"],
        "lines": ["mail1: online on nodea"],
    }


def test_a_service_that_is_offline_is_not_asked_and_that_is_said() -> None:
    for enabled, words in ((True, "is offline"), (False, "was taken offline to stay so")):
        stopped = info("offline", ())
        stopped["cluster"]["services"]["mail1"]["enabled"] = enabled
        found = verification([node("nodea", told=stopped)], CLUSTER, [SERVICE])
        assert "mail1: the cluster says that it is offline" in found["problems"]
        assert f"mail1: {words}, so postfix_dovecot itself was not asked" in found["unknown"]
        assert mail_targets([SERVICE], {}, [stopped])["services"] == []


def test_what_an_application_could_not_be_asked() -> None:
    nodes = [node("nodea", serving=True), node("nodeb"), node("nodec")]
    answer = {**WELL, "unknown": ["imap: nobody logged in"]}

    assert verification(nodes, CLUSTER, [SERVICE], {"mail1": answer})["unknown"] == ["mail1: imap: nobody logged in"]


def test_credentials_are_kept_apart_from_what_is_shown() -> None:
    targets = mail_targets([SERVICE], {"mail1": {"user": "probe", "password": "not shown"}})

    assert targets["services"][0]["user"] == "probe"
    assert "not shown" not in str(targets["services"])
    assert targets["passwords"] == {"mail1": "not shown"}


def test_a_file_system_that_all_nodes_mount() -> None:
    everywhere = [node("nodea", serving=True), node("nodeb"), node("nodec")]
    mounted = json.dumps({"filesystems": [{"target": "/srv/mail1"}]})
    for asked in everywhere:
        asked[2] = {"stdout": mounted}
    by_framework = {**CLUSTER, "framework": "clusterware"}
    by_storage = {**SERVICE, "storage": {"mount_point": "/srv/mail1", "global": True}}

    assert verification(everywhere, by_framework, [SERVICE])["problems"] == []
    assert verification(everywhere, CLUSTER, [by_storage])["problems"] == []

    everywhere[0][2] = {"stdout": json.dumps({"filesystems": []})}
    assert verification(everywhere, by_framework, [SERVICE])["problems"] == [
        "mail1: the file system /srv/mail1 is not mounted on nodea, where the service is"
    ]


def test_nodes_without_the_programs_of_linux() -> None:
    nodes = [node(name) for name in ("nodea", "nodeb", "nodec")]
    for asked in nodes:
        asked[2] = asked[3] = {"rc": 2, "stdout": ""}

    result = verification(nodes, CLUSTER, [SERVICE], {"mail1": WELL})

    assert result["problems"] == []
    assert result["unknown"] == [
        f"{name}: does not say which {what} it has"
        for name in ("nodea", "nodeb", "nodec")
        for what in ("addresses", "mounts")
    ]


def test_devices_that_are_not_the_same_on_all_nodes() -> None:
    nodes = [node("nodea", serving=True), node("nodeb"), node("nodec")]
    devices = {"problems": ["volume mail1: /dev/san/mail1 is not the same device"], "not_compared": ["volume mail2"]}
    found = verification(nodes, CLUSTER, [SERVICE], {"mail1": WELL}, devices)
    assert (found["problems"], found["unknown"]) == (devices["problems"], devices["not_compared"])
