"""Two balancers as their users and administrators meet them."""

from __future__ import annotations

import contextlib
import json
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from ansible_collections.groupware.ha.molecule.load_balancer.client import (
    BY_SOURCE,
    CALENDAR,
    PLAIN,
    READING,
    THROUGH,
    Client,
    Load,
)
from ansible_collections.groupware.ha.molecule.shared.lab import NAME, changes, host_of, members, sh, wait_for

BALANCERS = ("balancer1", "balancer2")
ADDRESSES = ("198.18.78.31", "198.18.78.32")
SCENARIO = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"])
PROJECT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
#: A line in the middle of the key, as it is in no certificate.
KEY = (TOP / "pairs/calendar.key").read_text().splitlines()[1]
CFG = "/etc/haproxy/groupware-ha.cfg"
METHODS = """GET HEAD OPTIONS PUT POST DELETE PATCH PROPFIND PROPPATCH MKCOL MKCALENDAR COPY MOVE LOCK UNLOCK REPORT ACL
SEARCH BIND""".split()


def figure(what: str, words: object) -> None:
    """Have it shown at the end."""
    conftest = next(
        module for name, module in sys.modules.items() if name.endswith("conftest") and hasattr(module, "FIGURES")
    )
    conftest.FIGURES.append(f"{what}: {words}")


def play(playbook: str, *given: str, fails: bool = False, check: bool = False, **variables: Any) -> str:
    """Run a playbook as its user would; what it says, in one line."""
    argv = ["ansible-playbook", f"groupware.ha.{playbook}", "--diff", f"--inventory={SCENARIO}/inventory", *given]
    argv += ["-e", json.dumps(variables)] if variables else []
    argv += ["--check"] if check else []
    quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_PIPELINING": "1"}
    quiet["ANSIBLE_LOG_PATH"] = str(TOP / "ansible.log")
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **quiet})
    said = " ".join((done.stdout + done.stderr).split())
    assert (done.returncode != 0) is fails, said
    assert KEY not in said
    return said


def holders(address: str) -> list[str]:
    """The balancers that have the address; one that is off has none."""
    return [
        node for node in BALANCERS if f" {address}/32" in host_of(node).run("ip -brief address show dev eth0").stdout
    ]


def holder(address: str = ADDRESSES[0]) -> str:
    (found,) = holders(address)
    return found


def other(node: str) -> str:
    return next(one for one in BALANCERS if one != node)


def all_up() -> bool:
    with contextlib.suppress(AssertionError):
        up = all(set(members(node).values()) == {"UP"} and len(members(node)) == 8 for node in BALANCERS)
        return up and all(len(holders(address)) == 1 for address in ADDRESSES)
    return False


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """Before and after each test all is well."""
    wait_for("all is well", all_up, 60)
    yield
    wait_for("all is well again", all_up, 60)


# -- what users meet ---------------------------------------------------------------------------------------------------


def test_clients_stay_by_a_cookie() -> None:
    clients = [Client(CALENDAR, keeps=False) for _ in range(4)]
    first = [client.ask()["server"] for client in clients]
    assert set(first) == {"app1", "app2"}
    for _ in range(4):
        assert [client.ask()["server"] for client in clients] == first


def test_a_session_goes_on() -> None:
    client = Client(CALENDAR, keeps=False)
    assert [client.ask()["count"] for _ in range(5)] == [1, 2, 3, 4, 5]


def test_without_stickiness_requests_go_round() -> None:
    assert {Client(PLAIN).ask()["server"] for _ in range(4)} == {"app1", "app2"}


@pytest.mark.parametrize("where", [CALENDAR, PLAIN, BY_SOURCE, THROUGH])
def test_every_method_passes(where: tuple[str, int]) -> None:
    client = Client(where)
    for method in METHODS:
        if method == "HEAD":
            continue
        shown = client.ask(method, f"/alice/{method}/", body="x" * 5000, Depth="1")
        assert (shown["method"], shown["path"], shown["body"]) == (method, f"/alice/{method}/", 5000)


def test_members_know_who_asks() -> None:
    lies = {"X_Forwarded_For": "1.2.3.4", "X_Forwarded_Proto": "gopher"}
    assert Client(CALENDAR).ask(**lies)["forwarded"] == ["198.18.78.1", "https"]
    assert Client(PLAIN).ask(**lies)["forwarded"] == ["198.18.78.1", "http"]


def test_checks_leave_no_session() -> None:
    counts = [Client((f"198.18.78.{number}", 8080)).ask(path="/sessions")["sessions"] for number in (13, 14)]
    time.sleep(4)
    assert counts == [Client((f"198.18.78.{number}", 8080)).ask(path="/sessions")["sessions"] for number in (13, 14)]


def test_tls_ends_here_or_passes_through() -> None:
    assert ssl.get_server_certificate(CALENDAR) == (TOP / "pairs/calendar.pem").read_text()
    shown = ssl.get_server_certificate(THROUGH)
    assert shown.strip() in {sh(app, "cat /etc/web.crt") for app in ("app1", "app2")}
    assert Client(THROUGH).ask()["forwarded"] == [None, None]


def ask_from_the_client() -> str:
    command = "import json, urllib.request as r; print(json.load(r.urlopen('http://198.18.78.32/page'))['server'])"
    return sh("client", f'python3 -c "{command}"')


def test_clients_stay_by_their_address_whoever_holds_it() -> None:
    before = [Client(BY_SOURCE).ask()["server"], ask_from_the_client()]
    for _ in range(4):
        assert [Client(BY_SOURCE).ask()["server"], ask_from_the_client()] == before
    first = holder(ADDRESSES[1])
    sh(first, "systemctl restart keepalived")
    took = wait_for("it is on another balancer", lambda: holders(ADDRESSES[1]) == [other(first)])
    figure("keepalived restarted on the holder, until the other one has it", f"{took:.1f} s")
    for _ in range(4):
        assert [Client(BY_SOURCE).ask()["server"], ask_from_the_client()] == before


# -- changes -----------------------------------------------------------------------------------------------------------


def test_verify_says_what_works() -> None:
    said = play("verify")
    assert f"198.18.78.31: on {holder()}" in said
    assert "calendar: answers at 198.18.78.31:443, app1 and app2 work" in said
    assert "through: answers at 198.18.78.32:443, app1 and app2 work" in said
    planned = play("plan")
    assert "calendar: 198.18.78.31:443, TLS ends there" in planned
    assert "nothing to do" in planned


@pytest.mark.parametrize("where", [CALENDAR, THROUGH])
def test_reloads_drop_nothing(where: tuple[str, int]) -> None:
    with Load(where, clients=6) as load:
        for _ in range(5):
            for node in BALANCERS:
                sh(node, "systemctl reload haproxy")
            time.sleep(1)
    figure(f"5 reloads of HAProxy on both, port {where[1]} of {where[0]}", load)
    assert load.failures == []
    assert load.sent > 300


#: One more, with an address of its own.
FURTHER = {
    "name": "further",
    "address": "198.18.78.33",
    "router_id": 33,
    "port": 8081,
    "check": "/status",
    "members": [{"name": "app1", "address": "198.18.78.13", "port": 8080}],
}


def test_a_change_in_four_steps_under_load() -> None:
    """Of a front end, and one more; the balancer that has the others keeps them."""
    changed = {"calendar_timeout": 90, "further_front_ends": [FURTHER]}
    first = [holder(address) for address in ADDRESSES]
    with Load(CALENDAR, pause=0.1) as load:
        # It says all that it can, which has to be without secrets.
        assert changes(play("site", "-vvv", check=True, **changed))
        assert "timeout server 90s" not in sh("balancer1", f"cat {CFG}")
        assert changes(play("site", "-vvv", **changed))
        again = play("site", **changed)
        assert not changes(again)
        assert "nothing changed" in again
        assert not changes(play("site", check=True, **changed))
        assert "timeout server 90s" in sh("balancer1", f"cat {CFG}")
        wait_for("it is there", lambda: len(holders("198.18.78.33")) == 1)
        assert Client(("198.18.78.33", 8081)).ask()["server"] == "app1"
        assert [holder(address) for address in ADDRESSES] == first
        assert changes(play("site"))
        wait_for("it is gone", lambda: holders("198.18.78.33") == [])
        assert [holder(address) for address in ADDRESSES] == first
    figure("a front end added and removed, another one changed", load)
    assert load.failures == []


def state_of_files(node: str) -> str:
    files = (
        f"{CFG} /etc/haproxy/*.pem /etc/keepalived/keepalived.conf /etc/systemd/system/*.service.d/groupware-ha.conf"
    )
    return sh(node, f"stat --format '%n %a %U %Y' {files}; cat {files} | sha256sum; pgrep haproxy")


@pytest.mark.parametrize("check", [True, False])
def test_what_haproxy_refuses_is_not_taken(check: bool) -> None:
    before = [state_of_files(node) for node in BALANCERS]
    with Load(CALENDAR, pause=0.1) as load:
        said = play("site", check=check, fails=True, certificate=f"{TOP}/pairs/other.pem")
    assert "nothing was changed, since it would not run with it: haproxy: [ALERT]" in said
    assert "inconsistencies between private key and certificate" in said
    assert [state_of_files(node) for node in BALANCERS] == before
    assert load.failures == []


@pytest.mark.parametrize("check", [True, False])
def test_a_port_that_another_program_has_is_refused(check: bool) -> None:
    for node in BALANCERS:
        sh(node, "systemd-run --unit=taken python3 -m http.server 8081")
    before = [state_of_files(node) for node in BALANCERS]
    try:
        with Load(CALENDAR, pause=0.1) as load:
            said = play("site", check=check, fails=True, further_front_ends=[FURTHER])
    finally:
        for node in BALANCERS:
            sh(node, "systemctl stop taken")
    assert "198.18.78.33:8081: another program of this host has this port" in said
    assert [state_of_files(node) for node in BALANCERS] == before
    assert load.failures == []


def test_what_haproxy_cannot_take_over_is_put_back() -> None:
    """More connections than the node has files for, which HAProxy finds out when it starts."""
    before = [sh(node, f"cat {CFG}") for node in BALANCERS]
    with Load(CALENDAR, pause=0.1) as load:
        said = play("site", fails=True, load_balancer_connections=300_000)
    assert "haproxy does not reload with its new files" in said
    assert "The former files have been put back, and it runs with them." in said
    assert [sh(node, f"cat {CFG}") for node in BALANCERS] == before
    figure("a reload that failed and was taken back", load)
    assert load.failures == []
    assert not changes(play("site"))


def test_what_was_changed_by_hand_is_put_right() -> None:
    sh("balancer1", f"sed -i s/roundrobin/leastconn/ {CFG} && chmod 644 /etc/haproxy/groupware-ha-calendar.pem")
    sh("balancer2", "systemctl disable --now keepalived")
    wait_for("the first has both", lambda: all(holders(one) == ["balancer1"] for one in ADDRESSES))
    said = play("verify", fails=True)
    assert f"balancer1: is not as described (/etc/haproxy/groupware-ha-calendar.pem, {CFG}" in said
    assert "balancer2: keepalived does not run" in said
    assert changes(play("site", check=True))
    assert changes(play("site"))
    assert not changes(play("site", check=True))
    assert "leastconn" not in sh("balancer1", f"cat {CFG}")
    assert sh("balancer1", "stat --format %a /etc/haproxy/groupware-ha-calendar.pem") == "600"


# -- members -----------------------------------------------------------------------------------------------------------


def statuses(member: str) -> set[str]:
    return {status for node in BALANCERS for name, status in members(node).items() if name.endswith(f"/{member}")}


def test_a_member_is_drained_and_stays_so() -> None:
    clients = [Client(CALENDAR, keeps=False) for _ in range(6)]
    where = [client.ask()["server"] for client in clients]
    call = ("-e", "member=app1", "-e", "state=drain")
    try:
        assert changes(play("balance", *call, check=True))
        assert statuses("app1") == {"UP"}
        said = play("balance", *call)
        assert changes(said)
        assert "calendar/app1: DRAIN" in said
        assert not changes(play("balance", *call))
        assert not changes(play("balance", *call, check=True))
        for what in ("reload", "reload", "restart"):
            sh("balancer1", f"systemctl {what} haproxy")
            sh("balancer2", f"systemctl {what} haproxy")
            time.sleep(2)
            assert statuses("app1") == {"DRAIN"}, what
            assert [client.ask()["server"] for client in clients] == where
            assert {Client(CALENDAR).ask()["server"] for _ in range(6)} == {"app2"}
        said = play("verify", fails=True)
        assert "calendar/app1: is drained on balancer1 and balancer2; groupware.ha.balance -e member=app1" in said
        assert "app2 is the only member that works for calendar" in play(
            "balance", "-e", "member=app2", "-e", "state=maintenance", fails=True
        )
        assert statuses("app2") == {"UP"}
    finally:
        play("balance", "-e", "member=app1", "-e", "state=ready")
    assert statuses("app1") == {"UP"}


def test_maintenance_of_one_front_end_under_load() -> None:
    client = Client(CALENDAR, keeps=False)
    wait_for("it is on app1", lambda: Client(CALENDAR).ask()["server"] == "app1")
    while client.ask()["server"] != "app1":
        client = Client(CALENDAR, keeps=False)
    with Load(CALENDAR, pause=0.1) as load:
        play("balance", "-e", "member=app1", "-e", "state=maintenance", "-e", "front_end=calendar", "-e", "wait=20")
        assert members("balancer1")["calendar/app1"] == members("balancer2")["calendar/app1"] == "MAINT"
        assert members("balancer1")["plain/app1"] == "UP"
        assert client.ask()["server"] == "app2"
        play("balance", "-e", "member=app1", "-e", "state=ready")
    figure("a member into maintenance and back", load)
    assert load.failures == []


def test_a_member_that_is_killed() -> None:
    with Load(CALENDAR, methods=READING, clients=6) as load:
        sh("app1", "systemctl kill --signal=KILL web")
        wait_for("it is found out", lambda: statuses("app1") == {"DOWN"})
        sh("app1", "systemctl start web")
        wait_for("it is back", lambda: statuses("app1") == {"UP"})
    figure("a member killed and started", load)
    assert load.failures == []


# -- balancers ---------------------------------------------------------------------------------------------------------


#: Notes each change of whether an address can be bound, which it can where it is; looks 200 times a second.
LOOK = """
import socket, sys, time
address, had = sys.argv[1], None
sys.stdin.close()
end = time.monotonic() + 120
while time.monotonic() < end:
    with socket.socket(type=socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((address, 0))
            has = True
        except OSError:
            has = False
    if has != had:
        print(time.monotonic(), int(has), flush=True)
        had = has
    time.sleep(0.005)
"""


class Watch:
    """Looks all the time on which balancers an address is; nodes have this machine's clock.

    :ivar both: for how many seconds it was on both at the same time
    """

    def __enter__(self) -> Self:
        self.both = 0.0
        self._looking = {
            node: subprocess.Popen(
                ["podman", "exec", f"groupware-ha-{NAME}-{node}", "python3", "-c", LOOK, ADDRESSES[0]],
                stdout=subprocess.PIPE,
                text=True,
            )
            for node in BALANCERS
        }
        time.sleep(1)
        return self

    def __exit__(self, *_given: object) -> None:
        seen = []
        for node, process in self._looking.items():
            host_of(node).run(f"pkill --full 'python3 -c.*{ADDRESSES[0]}'")
            said, _errors = process.communicate(timeout=30)
            assert said, node
            seen += [(float(line.split()[0]), node, line.split()[1] == "1") for line in said.splitlines()]
        had, since = dict.fromkeys(BALANCERS, False), 0.0
        for moment, node, has in sorted(seen):
            if all(had.values()):
                self.both += moment - since
            had[node], since = has, moment


def test_haproxy_that_is_killed_comes_back() -> None:
    with Load(PLAIN, methods=READING) as load:
        sh(holder(), "systemctl kill --signal=KILL haproxy")
        time.sleep(5)
    figure("HAProxy killed on the holder, started again by systemd", load)
    assert load.gap < 5


def test_haproxy_that_hangs_loses_the_address() -> None:
    first = holder()
    with Load(PLAIN, methods=READING, timeout=3) as load, Watch() as watch:
        sh(first, "pkill -STOP haproxy")
        took = wait_for("it is on the other one", lambda: holders(ADDRESSES[0]) == [other(first)])
        time.sleep(1)
    sh(first, "pkill -CONT haproxy")
    figure("HAProxy hangs on the holder", f"the other one has the address after {took:.1f} s; {load}")
    assert took < 20
    assert watch.both == 0


@pytest.mark.parametrize("which", ["all", "main", "child"])
def test_keepalived_that_is_killed_leaves_no_address_on_two(which: str) -> None:
    first = holder()
    kill = {
        "all": "systemctl kill --signal=KILL keepalived",
        "main": "systemctl kill --kill-whom=main --signal=KILL keepalived",
        "child": "kill -KILL $(pgrep --parent $(systemctl show --property=MainPID --value keepalived))",
    }[which]
    with Load(PLAIN, methods=READING, timeout=3) as load, Watch() as watch:
        sh(first, kill)
        time.sleep(10)
    shown = f"on {holder()}, before on {first}; on two for {watch.both:.3f} s; {load}"
    figure(f"keepalived killed ({which})", shown)
    assert watch.both < 0.5
    assert load.gap < 10


def test_keepalived_that_cannot_come_back_leaves_no_address_behind() -> None:
    first = holder()
    drop_in = "/run/systemd/system/keepalived.service.d/broken.conf"
    broken = r"[Service]\nExecStart=\nExecStart=/bin/false\n"
    sh(first, f"mkdir -p {Path(drop_in).parent} && printf '{broken}' >{drop_in} && systemctl daemon-reload")
    try:
        with Watch() as watch:
            sh(first, "systemctl kill --signal=KILL keepalived")
            took = wait_for("it is on the other one", lambda: holders(ADDRESSES[0]) == [other(first)])
            time.sleep(3)
            assert holders(ADDRESSES[0]) == [other(first)]
    finally:
        sh(first, f"rm -r {Path(drop_in).parent} && systemctl daemon-reload && systemctl restart keepalived")
    figure(
        "keepalived killed for good", f"the other one has the address after {took:.1f} s; on two for {watch.both:.3f} s"
    )
    assert watch.both < 0.5


def test_a_balancer_that_loses_its_power() -> None:
    first = holder()
    lab = ["/usr/bin/python3", str(PROJECT / "tests/lab/lab.py")]
    client = Client(CALENDAR, keeps=False)
    before = client.ask()
    with Load(CALENDAR, methods=READING, timeout=2) as load:
        subprocess.run([*lab, "kill", NAME, first], check=True)
        took = wait_for("it is on the other one", lambda: holders(ADDRESSES[0]) == [other(first)])
        time.sleep(3)
    figure("the holder's power lost", f"the other one has the address after {took:.1f} s; {load}")
    assert took < 10
    assert load.gap < 10
    after = client.ask()
    assert (after["server"], after["count"]) == (before["server"], before["count"] + 1)
    subprocess.run([*lab, "start", NAME, first], check=True)
    wait_for("all is well again", all_up, 60)
    assert holder() == other(first), "it does not go back by itself"


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_the_key_is_read_by_nobody_else() -> None:
    assert KEY not in (TOP / "ansible.log").read_text()
    assert "load_balancer_configuration" in (TOP / "ansible.log").read_text()
    for node in BALANCERS:
        assert host_of(node).run(f"journalctl --all --no-pager --output=cat | grep -F '{KEY}'").rc == 1
        found = sh(
            node,
            f"grep --recursive --files-with-matches --fixed-strings -e '{KEY}' /etc /run /usr/local /var /tmp /root",
        )
        assert found == "/etc/haproxy/groupware-ha-calendar.pem"
        assert sh(node, "stat --format '%a %U %G' /etc/haproxy/groupware-ha-calendar.pem") == "600 root root"
