"""Calendars that are scaled out, as administrators meet them; then each node is lost while users write."""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from caldav_access import event

from ansible_collections.groupware.ha.molecule.calendar_scale_out.client import NODES, ask, path, working
from ansible_collections.groupware.ha.molecule.shared.deployments import (
    ROUNDS,
    SCENARIO,
    figure,
    holder,
    lab,
    other,
    play,
    primary,
    spread,
)
from ansible_collections.groupware.ha.molecule.shared.lab import changes, host_of, members, sh, wait_for

BALANCERS, APPS, SERVERS = ("balancer1", "balancer2"), ("app1", "app2"), ("db1", "db2")
USERS_ADDRESS, INSIDE = "198.18.78.21", "198.18.78.22"
CONF = "/etc/sogo/sogo.conf"


def holders() -> list[str]:
    """The balancers that have the two addresses."""
    return [holder(address, BALANCERS) for address in (USERS_ADDRESS, INSIDE)]


def all_up() -> bool:
    """Whether both balancers give all connections to where they belong."""
    with contextlib.suppress(AssertionError):
        down = {f"calendar_database/{other(primary(SERVERS), SERVERS)}"} if primary(SERVERS) else set()
        seen = [{name for name, status in members(node).items() if status != "UP"} for node in BALANCERS]
        return (
            bool(down)
            and seen == [down, down]
            and bool(holder(USERS_ADDRESS, BALANCERS))
            and bool(holder(INSIDE, BALANCERS))
        )
    return False


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """Before and after each test all is well."""
    wait_for("all is well", all_up, 90)
    yield
    wait_for("all is well again", all_up, 90)


# -- what administrators meet ------------------------------------------------------------------------------------------


def test_verify_and_plan_say_what_there_is() -> None:
    said = play("verify")
    assert "calendars: app1 and app2 work, with the database sogo" in said
    assert f"calendar_database: gives all connections to {primary(SERVERS)}, which takes writes" in said
    assert "calendar: answers at 198.18.78.21:443, app1 and app2 work" in said
    # Of each of the three tiers.
    assert play("plan").count("nothing to do") == 3


def test_a_change_in_four_steps_under_load() -> None:
    """One node after the other is restarted, and the other one serves meanwhile."""
    changed = {"sogo_time_zone": "Europe/Paris", "sogo_settings": {"SOGoCalendarDefaultReminder": "-PT5M"}}
    with working(wait_for, failing=False) as figures:
        assert changes(play("site", "-vvv", check=True, **changed))
        assert "Berlin" in sh("app1", f"cat {CONF}")
        assert changes(play("site", "-vvv", **changed))
        assert not changes(play("site", **changed))
        assert not changes(play("site", check=True, **changed))
        assert all("Paris" in sh(node, f"cat {CONF}") for node in APPS)
        assert changes(play("site"))
    figure("SOGo restarted twice on each node by site", figures)


def test_what_does_not_start_is_put_back() -> None:
    sh("app1", "systemd-run --unit=taken python3 -m http.server 20001")
    try:
        with working(wait_for, failing=False) as figures:
            said = play("site", fails=True, sogo_port=20001)
    finally:
        sh("app1", "systemctl stop taken")
    assert "sogo does not restart with its new files" in said
    assert "The former files have been put back, and it runs with them." in said
    assert "20001" not in sh("app1", f"cat {CONF}")
    figure("a change that was taken back", figures)
    play("site")
    assert not changes(play("site", check=True))


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"sogo_database_password": "with@sign"},
            "sogo_database_password = '(hidden)': has characters that SOGo does not",
        ),
        ({"sogo_users": [{"name": "alice", "password_hash": "{PLAIN}geheim"}]}, "sogo_users[alice].password_hash"),
        ({"sogo_settings": {"WOPort": 1}}, "sogo_settings.WOPort = a number: is set by the tier itself"),
        ({"sogo_front_end": "calender"}, "needs the balanced address calender, which no tier of the inventory offers"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_touched(variables: dict[str, Any], words: str) -> None:
    before = [sh(node, f"stat --format %Y {CONF}; pgrep sogod") for node in APPS]
    said = play("site", fails=True, **variables)
    assert words in said
    assert "geheim" not in said
    assert "with@sign" not in said
    assert [sh(node, f"stat --format %Y {CONF}; pgrep sogod") for node in APPS] == before


def test_what_was_changed_by_hand_is_put_right() -> None:
    sh("app1", f"sed -i s/Berlin/Rome/ {CONF} && chmod 644 {CONF}")
    sh("app2", "systemctl disable --now sogo")
    sh(primary(SERVERS), "mariadb -e \"DELETE FROM sogo.groupware_users WHERE c_uid = 'dave'\"")
    said = play("verify", fails=True)
    assert f"app1: is not as described ({CONF}" in said
    assert "app2: sogo does not run" in said
    assert "its users are not as described" in said
    assert "calendar/app2: does not work as balancer1 sees it" in said
    assert changes(play("site", check=True))
    assert changes(play("site"))
    assert not changes(play("site", check=True))
    assert sh("app1", f"stat --format '%a %U %G' {CONF}") == "640 root sogo"
    assert ask("PROPFIND", "/SOGo/dav/dave/", user="dave", Depth="0").status == 207


def test_a_user_that_is_not_described_cannot_log_in_and_finds_all_again() -> None:
    users = yaml.safe_load((SCENARIO / "inventory/group_vars/all/lab.yml").read_text())["vault_calendar_users"]
    assert ask("PUT", path("kept.ics", "erin"), event("kept"), user="erin").status == 201
    fewer = [user for user in users if user["name"] != "erin"]
    assert changes(play("site", check=True, vault_calendar_users=fewer))
    assert changes(play("site", vault_calendar_users=fewer))
    assert not changes(play("site", vault_calendar_users=fewer))
    # At once, whatever a cache had.
    assert ask("GET", path("kept.ics", "erin"), user="erin").status == 401
    other_hash = next(user["password_hash"] for user in users if user["name"] == "carol")
    changed = [{**user, "password_hash": other_hash} if user["name"] == "dave" else user for user in users]
    assert changes(play("site", vault_calendar_users=changed))
    assert "SUMMARY:kept" in ask("GET", path("kept.ics", "erin"), user="erin").text
    assert ask("PROPFIND", "/SOGo/dav/dave/", user="dave", Depth="0").status == 207
    assert changes(play("site"))


def test_a_node_is_drained_under_load() -> None:
    with working(wait_for, failing=False) as figures:
        play("balance", "-e", "member=app1", "-e", "state=drain", "-e", "front_end=calendar", "-e", "wait=60")
        play("balance", "-e", "member=app1", "-e", "state=ready", "-e", "front_end=calendar")
    figure("a node drained and back", figures)


def test_reloads_of_the_balancers_drop_nothing() -> None:
    with working(wait_for, failing=False) as figures:
        for _ in range(3):
            for node in BALANCERS:
                sh(node, "systemctl reload haproxy")
            time.sleep(1)
    figure("3 reloads of HAProxy on both balancers", figures)


# -- losses ------------------------------------------------------------------------------------------------------------


#: Asks a cache how many connections it has.
CONNECTIONS = (
    'python3 -c "import socket, sys; s = socket.create_connection((sys.argv[1], 11211)); '
    "s.sendall(b'stats\\r\\nquit\\r\\n'); print(s.makefile().read())\" "
)


def cache_in_use() -> str:
    """The node whose cache is asked."""
    said = {node: sh(node, CONNECTIONS + NODES[node][0]) for node in APPS}
    return max(said, key=lambda node: int(re.findall(r"curr_connections (\d+)", said[node])[0]))


def test_the_cache_is_lost() -> None:
    """What was in it is read from the database; all nodes use the other one."""
    first = cache_in_use()
    with working(wait_for, failing=False) as figures:
        sh(first, "systemctl stop memcached")
        wait_for("the other one is used", lambda: members("balancer1")[f"calendar_cache/{first}"] == "DOWN")
        time.sleep(3)
        sh(first, "systemctl start memcached")
    figure("the cache in use stopped, and started again", figures)
    wait_for("all is well", all_up)
    assert cache_in_use() == other(first, APPS), "it does not go back"


def test_all_caches_are_lost() -> None:
    with working(wait_for, failing=False) as figures:
        for node in APPS:
            sh(node, "systemctl stop memcached")
        time.sleep(5)
        for node in APPS:
            sh(node, "systemctl start memcached")
    figure("no cache at all for 5 s", figures)


def test_a_database_that_is_away() -> None:
    """Nothing is acknowledged meanwhile, and all goes on when it is back."""
    first = primary(SERVERS)
    assert ask("PUT", path("before.ics"), event("before")).status == 201
    sh(first, "systemctl stop mariadb")
    try:
        statuses = {ask("PUT", path(f"away{number}.ics"), event(f"away{number}")).status for number in range(5)}
        # SOGo takes a user that it cannot look up for none.
        assert all(status >= 500 or status == 401 for status in statuses), statuses
        said = play("verify", fails=True)
        assert "calendar_database: no member takes writes" in said
        assert "database sogo at 198.18.78.22:3306:" in said
    finally:
        sh(first, "systemctl start mariadb")
        play("site")
    assert primary(SERVERS) == first
    wait_for("it is back", lambda: ask("GET", path("before.ics")).status == 200)
    figure("the database away", f"answers {sorted(statuses)}")


def test_an_application_node_is_lost() -> None:
    rounds = []
    for number in range(ROUNDS):
        node = APPS[number % 2]
        with working(wait_for) as figures:
            lab("kill", node)
            wait_for(
                "it is found out",
                lambda node=node: all(members(one)[f"calendar/{node}"].startswith("DOWN") for one in BALANCERS),
            )
        rounds.append(figures)
        lab("start", node)
        wait_for("all is well again", all_up, 90)
    figure("an application node loses its power", spread(rounds))
    assert max(one.gap for one in rounds) < 20


def test_a_balancer_is_lost() -> None:
    rounds = []
    for _number in range(ROUNDS):
        node = holder(USERS_ADDRESS, BALANCERS)
        with working(wait_for) as figures:
            lab("kill", node)
            there = [other(node, BALANCERS)] * 2
            wait_for(
                "the other one has the addresses",
                lambda there=there: holders() == there,
            )
        rounds.append(figures)
        lab("start", node)
        wait_for("all is well again", all_up, 90)
    figure("the balancer that has the addresses loses its power", spread(rounds))
    assert max(one.gap for one in rounds) < 20


def test_the_primary_is_lost_and_the_replica_promoted() -> None:
    rounds, promotions, afterwards = [], [], []
    for _number in range(ROUNDS):
        lost = primary(SERVERS)
        gaining = other(lost, SERVERS)
        with working(wait_for) as figures:
            began = time.time()
            lab("kill", lost)
            said = play("promote", "-e", f"server={gaining}", "-e", "old_primary_is_off=true")
            promoted = time.time()
            assert f"{gaining} is the primary" in said
        rounds.append(figures)
        promotions.append(promoted - began)
        afterwards.append(figures.until - promoted)
        lab("start", lost)
        wait_for("it can be asked", lambda lost=lost: host_of(lost).run("systemctl is-active mariadb").rc == 0, 60)
        # The old one follows.
        play("site")
        wait_for("all is well again", all_up, 90)
    figure("the primary database loses its power, and the replica is promoted", spread(rounds))
    figure(
        "of that",
        f"the playbook promote {statistics.median(promotions):.1f} s, until an appointment is taken "
        f"{statistics.median(afterwards):.1f} s more (medians)",
    )
    play("verify")


def test_the_primary_is_switched_over_under_load() -> None:
    first = primary(SERVERS)
    with working(wait_for) as figures:
        play("promote", "-e", f"server={other(first, SERVERS)}")
        # Or they would read there what is older than what they have written.
        clients = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'sogo'"
        assert sh(first, f'mariadb --batch --skip-column-names --execute="{clients}"') == "0"
    figure("a switchover of the database", figures)
    play("verify")
