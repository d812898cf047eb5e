"""A load balancer that is a service of a cluster, as its users and administrators meet it."""

from __future__ import annotations

import contextlib
import os
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.molecule.load_balancer.client import READING, Client, Load
from ansible_collections.groupware.ha.molecule.shared.lab import (
    changes,
    host_of,
    members,
    play,
    run_ansible,
    sh,
    wait_for,
)

NODES = ("nodea", "nodeb", "nodec")
ADDRESS = "198.18.78.41"
CALENDAR, PLAIN, BY_SOURCE = (ADDRESS, 443), (ADDRESS, 80), (ADDRESS, 8081)
FOLDER = "/etc/groupware-ha-haproxy/web"
CFG, PEM = f"{FOLDER}/haproxy.cfg", f"{FOLDER}/calendar.pem"
UNIT = "groupware-haproxy@web"
SOCKET = "/run/groupware-ha-haproxy/web/haproxy.sock"
TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
#: A line in the middle of the key, as it is in no certificate.
KEY = (TOP / "pairs/calendar.key").read_text().splitlines()[1]


def figure(what: str, words: object) -> None:
    """Have it shown at the end."""
    conftest = next(
        module for name, module in sys.modules.items() if name.endswith("conftest") and hasattr(module, "FIGURES")
    )
    conftest.FIGURES.append(f"{what}: {words}")


def runs_on() -> list[str]:
    """The nodes that have the address, and on which HAProxy runs."""
    return [
        node
        for node in NODES
        if f" {ADDRESS}/" in host_of(node).run("ip -brief address").stdout
        and host_of(node).run(f"systemctl is-active {UNIT}").rc == 0
    ]


def all_up(node: str) -> bool:
    with contextlib.suppress(AssertionError):
        return set(members(node, SOCKET).values()) == {"UP"} and len(members(node, SOCKET)) == 6
    return False


def pid(node: str) -> str:
    return sh(node, f"systemctl show --property=MainPID --value {UNIT}")


def state_of_files(node: str) -> str:
    """Times too: what is left alone has those that it had."""
    return sh(node, f"stat --format '%n %a %U %Y' {FOLDER} {FOLDER}/*; cat {FOLDER}/* | sha256sum")


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """Before and after each test it is at home."""
    wait_for("all is well", lambda: runs_on() == ["nodea"] and all_up("nodea"))
    yield
    wait_for("all is well", lambda: runs_on() == ["nodea"] and all_up("nodea"))


def test_it_answers() -> None:
    assert ssl.get_server_certificate(CALENDAR) == (TOP / "pairs/calendar.pem").read_text()
    client = Client(CALENDAR, keeps=False)
    assert [client.ask()["count"] for _ in range(4)] == [1, 2, 3, 4]
    assert {Client(PLAIN).ask()["server"] for _ in range(4)} == {"nodeb", "nodec"}
    assert Client(PLAIN).ask("PROPFIND", Depth="1")["method"] == "PROPFIND"
    said = play("verify")
    assert f"web: online on nodea, calendar: answers at {ADDRESS}:443, app1 and app2 work; plain: answers" in said


def test_all_nodes_have_the_same_files() -> None:
    assert len({sh(node, f"stat --format '%n %a %U' {FOLDER}/*; cat {FOLDER}/*") for node in NODES}) == 1
    for node in NODES:
        assert sh(node, f"stat --format '%a %U %G' {PEM}") == "600 root root"
        assert sh(node, f"cat {CFG}").startswith("# Front ends of the service web.")


# -- changes -----------------------------------------------------------------------------------------------------------


def reload() -> None:
    """Until another process has all that comes new."""
    before = sh("nodea", f"pgrep --parent {pid('nodea')}").split()
    sh("nodea", f"systemctl reload {UNIT}")
    wait_for("it has a new process", lambda: sh("nodea", f"pgrep --newest --parent {pid('nodea')}") not in before)


def test_reloads_drop_nothing() -> None:
    source = Client(BY_SOURCE).ask()["server"]
    with Load(CALENDAR, clients=6) as load:
        for _ in range(5):
            reload()
    figure("5 reloads", load)
    assert load.failures == []
    assert load.sent > 300
    # HAProxy 2.6 does not hand on by a socket without a path what it knows of clients.
    if "2.6." not in sh("nodea", "haproxy -v"):
        assert {Client(BY_SOURCE).ask()["server"] for _ in range(4)} == {source}


def statuses(member: str) -> set[str]:
    return {status for name, status in members("nodea", SOCKET).items() if name.endswith(f"/{member}")}


def test_a_member_is_drained_and_stays_so() -> None:
    tell = ["ansible", "nodea", "-m", "groupware.ha.load_balancer_member", "-a"]
    with Load(CALENDAR, pause=0.1) as load:
        assert "CHANGED" in run_ansible([*tell, "service=web member=app1 state=drain"])
        for _ in range(2):
            reload()
            assert statuses("app1") == {"DRAIN"}
        assert {Client(CALENDAR).ask()["server"] for _ in range(4)} == {"nodec"}
        said = play("verify", fails=True)
        assert "web: calendar/app1: is drained on nodea; groupware.ha.load_balancer_member with service: web" in said
        assert "CHANGED" in run_ansible([*tell, "service=web member=app1 state=ready wait=10"])
    figure("a member drained, two reloads, and ready again", load)
    assert load.failures == []


def test_a_change_in_four_steps_under_load() -> None:
    first = pid("nodea")
    with Load(CALENDAR, pause=0.1) as load:
        # It says all that it can, which has to be without secrets.
        assert changes(play("site", "-vvv", check=True, calendar_timeout=90))
        assert "timeout server 90s" not in sh("nodea", f"cat {CFG}")
        assert changes(play("site", "-vvv", calendar_timeout=90))
        assert not changes(play("site", calendar_timeout=90))
        assert not changes(play("site", check=True, calendar_timeout=90))
        assert all("timeout server 90s" in sh(node, f"cat {CFG}") for node in NODES)
        assert changes(play("site"))
    assert pid("nodea") == first, "it was reloaded, and not restarted"
    figure("a front end changed and changed back", load)
    assert load.failures == []


def test_what_is_refused_is_on_no_node() -> None:
    """By the description's judge, and by HAProxy itself."""
    before = [state_of_files(node) for node in NODES]
    with Load(CALENDAR, pause=0.1) as load:
        said = play("site", fails=True, plain_check="status")
        assert "haproxy_instances[web].options.front_ends[plain].check = 'status': is not the path of a page" in said
        for check in (True, False):
            said = play("site", check=check, fails=True, certificate=f"{TOP}/pairs/other.pem")
            assert "inconsistencies between private key and certificate" in said
    assert [state_of_files(node) for node in NODES] == before
    assert load.failures == []


def test_what_was_changed_by_hand_is_put_right() -> None:
    first = sh("nodea", f"pgrep --parent {pid('nodea')}")
    sh("nodeb", f"sed -i s/roundrobin/leastconn/ {CFG} && chmod 644 {PEM}")
    said = play("verify", fails=True)
    assert f"web: nodeb is not as described ({PEM}, {CFG}); run groupware.ha.site" in said
    assert changes(play("site"))
    assert not changes(play("site", check=True))
    assert "leastconn" not in sh("nodeb", f"cat {CFG}")
    assert sh("nodea", f"pgrep --parent {pid('nodea')}") == first, "where nothing differed nothing was reloaded"


# -- moved, and lost ---------------------------------------------------------------------------------------------------


def test_it_moves_as_services_do() -> None:
    clients = [Client(CALENDAR, keeps=False) for _ in range(4)]
    where = [client.ask()["server"] for client in clients]
    for node, other in (("nodeb", "nodea"), ("nodea", "nodeb")):
        with Load(PLAIN, methods=READING, timeout=3) as load:
            play("switchover", "-e", "service=web", "-e", f"node={node}")
        figure(f"moved to {node}", load)
        assert load.gap < 15
        assert runs_on() == [node]
        assert host_of(other).run("pgrep haproxy").rc == 1
        assert [client.ask()["server"] for client in clients] == where, "a cookie says where its client belongs"


def test_one_that_is_killed_is_started_by_the_cluster() -> None:
    first = pid("nodea")
    with Load(PLAIN, methods=READING, timeout=3) as load:
        sh("nodea", f"systemctl kill --signal=KILL {UNIT}")
        took = wait_for("it runs again", lambda: runs_on() == ["nodea"] and pid("nodea") != first)
    figure("killed, started again by the cluster", f"it runs after {took:.1f} s; {load}")
    assert load.gap < 20
    sh("nodea", "crm_resource --cleanup --resource web_haproxy")


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_the_key_is_read_by_nobody_else() -> None:
    said = (TOP / "ansible.log").read_text()
    assert "haproxy_configuration" in said
    assert KEY not in said
    for node in NODES:
        assert host_of(node).run(f"journalctl --all --no-pager --output=cat | grep -F '{KEY}'").rc == 1
        places = "/etc /run /usr/local /var /tmp /root"
        found = sh(node, f"grep --recursive --files-with-matches --fixed-strings -e '{KEY}' {places}")
        assert found == PEM
