"""Calendar Server 7 on GlassFish, as administrators meet it; then each node is lost while users write."""

from __future__ import annotations

import base64
import contextlib
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from caldav_access import event

from ansible_collections.groupware.ha.molecule.calendar_glassfish.client import INSTANCES, Curl, home, working
from ansible_collections.groupware.ha.molecule.shared.deployments import (
    ROUNDS,
    TOP,
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
HOME, DATA = "/opt/sun/comms/davserver", "/var/opt/sun/comms/davserver"
CREDENTIALS = f"{DATA}/config/davservercreds.properties"
#: GlassFish has a session at another instance 0.3 seconds after the answer.
REPLICATED = 0.6


def holders() -> list[str]:
    """The balancers that have the two addresses."""
    return [holder(address, BALANCERS) for address in (USERS_ADDRESS, INSIDE)]


def replicates() -> bool:
    """Whether each instance knows the sessions of the other."""
    with contextlib.suppress(OSError):
        for node in APPS:
            alice = Curl(node=node)
            alice.session(log_in=True)
            time.sleep(REPLICATED)
            alice.node = other(node, APPS)
            if alice.session() != (INSTANCES[alice.node][0], 2):
                return False
        return True
    return False


def all_up() -> bool:
    """Whether both balancers give all connections to where they belong, and sessions are replicated."""
    with contextlib.suppress(AssertionError):
        down = {f"calendar_database/{other(primary(SERVERS), SERVERS)}"} if primary(SERVERS) else set()
        seen = [{name for name, status in members(node).items() if status != "UP"} for node in BALANCERS]
        return bool(down) and seen == [down, down] and all(holders()) and replicates()
    return False


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """Before and after each test all is well."""
    wait_for("all is well", all_up, 120)
    yield
    wait_for("all is well again", all_up, 120)


def site(*given: str, **options: Any) -> str:
    """Have the calendar as described; what it stands on is as it was."""
    return play("site", "--tags=calendar_server_7", *given, **options)


# -- what administrators meet ------------------------------------------------------------------------------------------


def test_verify_and_plan_say_what_there_is() -> None:
    said = play("verify")
    for node in (*APPS, "store"):
        assert f"calendars: {node} is as described" in said
    assert f"calendar_database: gives all connections to {primary(SERVERS)}, which takes writes" in said
    assert "nothing differs" in play("plan")


def test_a_change_in_four_steps_comes_to_all_front_ends() -> None:
    """An option, and a password."""
    changed = {
        "calendar_server_7_options": {
            "davcore.serverlimits.maxcontentlength": 1000,
            "log.dav.commands.loglevel": "FINE",
        },
        "vault_calendar_passwords": {"administrator": 'Kalender=fuehren!7"x', "document_store": "Neue-Anlagen#77"},
    }
    with working(failing=False) as figures:
        said = site("-vvv", check=True, **changed)
        assert changes(said)
        assert "davcore.serverlimits.maxcontentlength is another one" in said
        assert "10000000" in sh("app2", f"cat {DATA}/config/davserver.properties")
        assert changes(site("-vvv", **changed))
        for node in APPS:
            assert "maxcontentlength=1000" in sh(node, f"cat {DATA}/config/davserver.properties")
            assert "Neue-Anlagen#77" in sh(node, f"cat {CREDENTIALS}")
            assert sh(node, f"stat --format='%a %U %G' {CREDENTIALS}") == "600 glassfish glassfish"
        assert not changes(site(**changed))
        assert not changes(site(check=True, **changed))
    figure("options and a password changed", figures)
    large = event("large").replace("SUMMARY:", "DESCRIPTION:" + "x" * 1000 + "\r\nSUMMARY:")
    for node in APPS:
        assert Curl(node=node)("PUT", home("calendar/large.ics"), large, log_in=True).status == 413
    attach()
    assert changes(site())
    attach()


def attach() -> None:
    """Have the document store take something, from each front end."""
    for node in APPS:
        alice = Curl(node=node)
        assert alice("PUT", home("calendar/with.ics"), event("with"), log_in=True).status in (201, 204)
        assert alice("POST", home("calendar/with.ics?action=attachment-add"), b"some").status == 201


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"calendar_server_7_database": {"name": "calendar", "front_end": "calendar_database", "host": "localhost"}},
            "calendar_server_7_database.host = 'localhost': means another machine on each front end",
        ),
        (
            {"calendar_server_7_document_store": {"host": "app2"}},
            "calendar_server_7_document_store.host = 'app2': is local to one front end",
        ),
        (
            {"calendar_server_7_application_servers": "server"},
            "calendar_server_7_application_servers = 'server': is GlassFish's administration server alone",
        ),
        (
            {"calendar_server_7_front_ends": ["app2", "app1"]},
            "GlassFish's administration server is on app1; list app1 first",
        ),
        (
            {"calendar_server_7_front_end": "calender"},
            "needs the balanced address calender, which no tier of the inventory offers",
        ),
        (
            {"calendar_server_7_options": {"davcore.serverlimits.maxcontentlenght": 5}},
            "did you mean davcore.serverlimits.maxcontentlength?",
        ),
        (
            {"vault_calendar_passwords": {"administrator": "another-word", "document_store": "Anlagen#her:99$x"}},
            "davadmin config list: Authentication failed: wrong user or password",
        ),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_changed(variables: dict[str, Any], words: str) -> None:
    before = [sh(node, f"sha256sum {DATA}/config/*") for node in APPS]
    said = site(fails=True, **variables)
    assert words in said
    assert "another-word" not in said
    assert [sh(node, f"sha256sum {DATA}/config/*") for node in APPS] == before


def asadmin(*given: str) -> None:
    """As an administrator has it, with passwords that are on the node already."""
    own = "--interactive=false --user=admin --passwordfile=/etc/groupware-ha-glassfish.passwords"
    sh("app1", f"/opt/glassfish/bin/asadmin {own} {' '.join(given)}")


def test_after_a_patch_of_the_vendors_sessions_are_replicated_again() -> None:
    """It deploys its own application in place of what was deployed: sessions stay where they are until the next run."""
    have_archive("patched")
    target = ("--target=dav-cluster", "--name=davserver", "--contextroot=/davserver")
    asadmin("deploy", "--force", *target, f"{HOME}/lib/davserver.war")
    wait_for("the patch serves", lambda: Curl()("GET", "/davserver/status.html").text == "patched\n")
    assert not replicates()
    said = play("verify", fails=True)
    assert "asadmin undeploy --target=dav-cluster davserver" in said
    assert changes(site(check=True))
    began = time.monotonic()
    assert changes(site())
    figure("after a vendor's patch: the descriptors are back", f"{time.monotonic() - began:.1f} s")
    assert not changes(site(check=True))
    wait_for("sessions are replicated again", replicates, 60)
    assert Curl()("GET", "/davserver/status.html").text == "patched\n"


def have_archive(war: str) -> None:
    """Have another application where the vendor has it."""
    content = base64.b64encode((TOP / "wars" / f"{war}.war").read_bytes()).decode()
    sh("app1", f"echo {content} | base64 --decode >{HOME}/lib/davserver.war")


@pytest.mark.parametrize(
    ("war", "words"),
    [("malformed", "WEB-INF/web.xml is not well-formed"), ("failing", "ClassNotFoundException: no.such.Listener")],
)
def test_a_broken_application_leaves_the_former_one_serving(war: str, words: str) -> None:
    served = Curl()("GET", "/davserver/status.html").text
    sh("app1", f"cp {HOME}/lib/davserver.war /tmp/former.war")
    try:
        have_archive(war)
        said = site(fails=True)
    finally:
        sh("app1", f"cp /tmp/former.war {HOME}/lib/davserver.war")
    assert words in said
    wait_for("it serves", lambda: Curl()("GET", "/davserver/status.html").text == served)
    assert not changes(site())
    # GlassFish has instances started again that a command failed on.
    play("site", "--tags=glassfish")
    play("verify")


def test_what_was_changed_by_hand_is_put_right() -> None:
    sh("app2", f"sed -i s/10000000/5/ {DATA}/config/davserver.properties && chmod 644 {CREDENTIALS}")
    sh("store", "systemctl stop groupware-ha-document-store")
    said = play("verify", fails=True)
    assert f"{CREDENTIALS} is another one than on the first front end" in said
    assert "the document store does not run" in said
    assert changes(site(check=True))
    assert changes(site())
    assert not changes(site(check=True))
    assert sh("app2", f"stat --format='%a %U %G' {CREDENTIALS}") == "600 glassfish glassfish"
    attach()


# -- losses ------------------------------------------------------------------------------------------------------------


def test_a_session_outlives_its_instance() -> None:
    """The process is killed, as in the lab's model; the cookie of the balancer goes with it."""
    times = []
    for _number in range(ROUNDS):
        alice = Curl()
        instance, _count = alice.session(log_in=True)
        for count in (2, 3):
            assert alice.session() == (instance, count)
        time.sleep(REPLICATED)
        node = next(name for name, (one, _address) in INSTANCES.items() if one == instance)
        began = time.monotonic()
        sh(node, "systemctl kill --signal=KILL --kill-whom=main glassfish-instance")
        # Without a password: whoever does not know the session says 401.
        assert alice.session() == (INSTANCES[other(node, APPS)][0], 4)
        times.append(time.monotonic() - began)
        wait_for("all is well again", all_up, 120)
    words = f"{len(times)} rounds, {statistics.median(times):.2f} s (median)"
    figure("an instance killed: its session goes on at the other one", words)


def test_a_balancer_is_lost() -> None:
    rounds = []
    for _number in range(ROUNDS):
        node = holder(USERS_ADDRESS, BALANCERS)
        with working() as figures:
            lab("kill", node)
            there = [other(node, BALANCERS)] * 2
            wait_for("the other one has the addresses", lambda there=there: holders() == there)
        rounds.append(figures)
        lab("start", node)
        wait_for("all is well again", all_up, 120)
    figure("the balancer that has the addresses loses its power", spread(rounds))
    assert max(one.gap for one in rounds) < 30


def test_the_primary_is_lost_and_the_replica_promoted() -> None:
    """GlassFish's pool is told nothing."""
    rounds, promotions, afterwards = [], [], []
    for _number in range(ROUNDS):
        lost = primary(SERVERS)
        gaining = other(lost, SERVERS)
        with working() as figures:
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
        play("site", "--tags=database_replication")
        wait_for("all is well again", all_up, 120)
    figure("the primary database loses its power, and the replica is promoted", spread(rounds))
    figure(
        "of that",
        f"the playbook promote {statistics.median(promotions):.1f} s, until an appointment is taken "
        f"{statistics.median(afterwards):.1f} s more (medians)",
    )


def test_a_database_and_a_document_store_that_are_away() -> None:
    """Nothing is acknowledged meanwhile, what is wrong is said, and all goes on when they are back."""
    alice = Curl()
    assert alice("PUT", home("calendar/before.ics"), event("before"), log_in=True).status == 201
    sh("store", "systemctl stop groupware-ha-document-store")
    said = alice("POST", home("calendar/before.ics?action=attachment-add"), b"some")
    assert (said.status, said.text) == (503, "the document store gives no answer\n")
    assert alice("GET", home("calendar/before.ics")).status == 200
    sh("store", "systemctl start groupware-ha-document-store")
    first = primary(SERVERS)
    sh(first, "systemctl stop mariadb")
    try:
        for number in range(3):
            said = alice("PUT", home(f"calendar/away{number}.ics"), event(f"away{number}"))
            assert (said.status, said.text) == (503, "the database gives no answer\n")
    finally:
        sh(first, "systemctl start mariadb")
        play("site", "--tags=database_replication")
    wait_for("it is back", lambda: alice("GET", home("calendar/before.ics")).status == 200, 60)
    assert alice("GET", home("calendar/away0.ics")).status == 404
    attach()


def noticed() -> int:
    """How often the group of app1's instance has found out that another one is gone."""
    log = "/var/lib/glassfish/nodes/app1/instance1/logs/server.log"
    return int(sh("app1", f"grep --count 'VIEW:.*FailureNotification' {log} || true"))


def test_an_application_node_is_lost() -> None:
    """The one without the administration server, which comes back by itself, once; of the other one see the page."""
    before = noticed()
    with working() as figures:
        lab("kill", "app2")
        wait_for(
            "balancers find it out",
            lambda: all(members(one)["calendar/app2"].startswith("DOWN") for one in BALANCERS),
        )
    # GlassFish needs eight seconds, and so does a machine that starts. One that is back sooner comes into a group that
    # has it already, and knows nobody.
    wait_for("GlassFish finds it out", lambda: noticed() > before, 60)
    lab("start", "app2")
    wait_for("all is well again", all_up, 180)
    figure("an application node loses its power", figures)
    assert figures.gap < 30
