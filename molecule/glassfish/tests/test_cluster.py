"""Two GlassFish servers behind balancers, as their users and administrators meet them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.molecule.glassfish.client import INSTANCES, Client, Load
from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = {"instance1": "app1", "instance2": "app2"}
SCENARIO = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"])
TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
#: How often an instance is killed; GROUPWARE_HA_LAPS=10 has it ten times, for figures.
ROUNDS = int(os.environ.get("GROUPWARE_HA_LAPS") or 2)
#: GlassFish has a session at another instance 0.3 seconds after the answer.
REPLICATED = 0.6


def figure(what: str, words: object) -> None:
    """Have it shown at the end."""
    conftest = next(
        module for name, module in sys.modules.items() if name.endswith("conftest") and hasattr(module, "FIGURES")
    )
    conftest.FIGURES.append(f"{what}: {words}")


def sh(node: str, command: str) -> str:
    done = host_of(node).run(command)
    assert done.rc == 0, f"{node}: {command}: {done.stdout}{done.stderr}"
    return str(done.stdout).strip()


def play(playbook: str, *given: str, fails: bool = False, check: bool = False, **variables: Any) -> str:
    """Run a playbook as its user would, saying all that it can; what it says, in one line."""
    argv = [
        "ansible-playbook",
        f"groupware.ha.{playbook}",
        "-vvv",
        "--diff",
        f"--inventory={SCENARIO}/inventory",
        *given,
    ]
    argv += ["-e", json.dumps(variables)] if variables else []
    argv += ["--check"] if check else []
    quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_LOG_PATH": str(TOP / "ansible.log")}
    began = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **quiet})
    said = " ".join((done.stdout + done.stderr).split())
    assert (done.returncode != 0) is fails, said[-5000:]
    figure(f"{playbook} {' '.join([*given, *variables])}{' in check mode' if check else ''}", took(began))
    return said


def took(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


def changes(said: str) -> bool:
    return re.search("changed=[1-9]", said) is not None


def wait_for(what: str, reached: Callable[[], bool], seconds: float = 90) -> float:
    """How long it took."""
    began = time.monotonic()
    while not reached():
        assert time.monotonic() - began < seconds, f"after {seconds} s: not {what}"
        time.sleep(0.1)
    return time.monotonic() - began


def answers(instance: str) -> bool:
    with contextlib.suppress(OSError):
        Client(INSTANCES[instance]).ask(page="/calendar/status.html")
        return True
    return False


def exchange_sessions() -> bool:
    """Whether each instance knows the sessions of the other."""
    with contextlib.suppress(OSError):
        for first, second in (("instance1", "instance2"), ("instance2", "instance1")):
            client = Client()
            client.ask(INSTANCES[first])
            time.sleep(REPLICATED)
            if client.ask(INSTANCES[second])["count"] != 2:
                return False
        return True
    return False


def served() -> str:
    return str(Client().ask(page="/calendar/status.html")["text"])


def serves(version: str) -> bool:
    with contextlib.suppress(OSError):
        return served() == version
    return False


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """Before and after each test all is well."""
    wait_for("all is well", lambda: exchange_sessions() and balanced() == set(INSTANCES))
    yield
    wait_for("all is well again", lambda: exchange_sessions() and balanced() == set(INSTANCES))


def balanced() -> set[str]:
    """The instances that new clients come to."""
    with contextlib.suppress(OSError):
        return {Client().ask()["instance"] for _ in range(4)}
    return set()


# -- sessions ----------------------------------------------------------------------------------------------------------


def test_it_says_what_works() -> None:
    said = play("verify")
    assert "calendar: instance1 and instance2 run and know each other" in said
    assert "calendar: a session goes on at another instance" in said
    assert "nothing differs" in play("plan")


def test_sessions_outlive_their_instance() -> None:
    times = []
    for number in range(ROUNDS):
        client = Client()
        own, other = sorted(INSTANCES, reverse=bool(number % 2))
        for count in (1, 2, 3):
            assert client.ask(INSTANCES[own])["count"] == count
        time.sleep(REPLICATED)
        sh(NODES[own], "systemctl kill --signal=KILL --kill-whom=main glassfish-instance")
        began = time.monotonic()
        assert client.ask(INSTANCES[other]) == {"count": 4, "instance": other}
        times.append(time.monotonic() - began)
        back = wait_for("systemd has started it again", lambda name=own: answers(name) and exchange_sessions())  # type: ignore[misc]
        figure(f"{own} killed: its session is at {other}", f"{times[-1]:.2f} s; it is back after {back:.0f} s")
        # It came back without sessions, and has those that were used since.
        assert client.ask(INSTANCES[other])["count"] == 5
        time.sleep(REPLICATED)
        assert client.ask(INSTANCES[own])["count"] == 6
    figure("median until a session of a killed instance goes on", f"{statistics.median(times):.2f} s")


def test_they_serve_without_their_administration() -> None:
    """Who uses them does not notice that it is gone; who administers them is told, and has it started again."""
    with Load() as load:
        time.sleep(1)
        sh("app1", "systemctl kill --signal=KILL --kill-whom=main glassfish-administration")
        sh("app1", "systemctl stop glassfish-administration")
        said = play("verify", fails=True)
        assert "administration" in said
        assert changes(site(check=True))
        assert changes(site())
        time.sleep(1)
    figure("administration gone and started again", load)
    assert load.failures == []
    assert load.lost == 0
    assert "nothing differs" in play("plan")


# -- what is refused ---------------------------------------------------------------------------------------------------


def site(*given: str, **options: Any) -> str:
    """Have the cluster as described; the balancers are as they were."""
    return play("site", "--tags=glassfish", *given, **options)


def test_what_is_wrong_is_refused_and_nothing_changed() -> None:
    option = "glassfish_options.configs.config.calendar-config.jms-service.typ"
    said = site(fails=True, glassfish_options={"calendar-config.jms-service.typ": "LOCAL"})
    assert f"nothing was changed; {option}" in said
    assert "did you mean configs.config.calendar-config.jms-service.type?" in said
    passwords = {"administrator": "Another-one-99", "master": "Schluessel=zu:allem", "sessions": "Sitz-ung#99!x"}
    said = play("verify", fails=True, glassfish_passwords=passwords)
    assert "does not let admin in with the password that is given; see glassfish_passwords.administrator" in said
    said = play("restart", "-e", "server=app3", fails=True)
    assert "server = 'app3': is no server of a tier; there are app1, app2" in said
    assert not changes(site(check=True))


@pytest.mark.parametrize(
    ("war", "words"),
    [
        ("malformed", "GlassFish does not take it"),
        ("failing", "java.lang.ClassNotFoundException: no.such.Listener"),
    ],
)
def test_a_broken_application_leaves_the_former_one_serving(war: str, words: str) -> None:
    said = site(fails=True, war=war)
    assert "application calendar: " in said
    assert words in said
    assert "What served before serves still" in said
    # GlassFish takes the former version out while it tries the other one, which balancers may have noticed.
    wait_for("the former one is given requests", lambda: serves("first"), 15)


# -- changes -----------------------------------------------------------------------------------------------------------


def test_a_change_in_four_steps() -> None:
    """An option, a setting of a pool, a password and an application."""
    changed = {"threads": 9, "connections": 15, "pool_password": "Eine-andere#77", "war": "second"}
    assert changes(site(check=True, **changed))
    assert served() == "first"
    said = site(**changed)
    assert changes(said)
    assert "asadmin update-password-alias sessions" in said
    assert not changes(site(**changed))
    assert not changes(site(check=True, **changed))
    assert served() == "second"


def test_sessions_that_are_not_replicated_are_found_out() -> None:
    """GlassFish takes such an application, and says nothing."""
    site(war="alone")
    said = play("verify", fails=True, war="alone")
    assert "calendar: a session of instance1 is unknown to instance2, so that it would be lost" in said
    assert changes(site())
    assert served() == "first"


def asadmin(*given: str) -> None:
    """As an administrator has it, with passwords that are on the node already."""
    own = "--interactive=false --user=admin --passwordfile=/etc/groupware-ha-glassfish.passwords"
    sh("app1", f"/opt/glassfish/bin/asadmin {own} {' '.join(given)}")


def test_what_was_changed_by_hand_is_put_right() -> None:
    config = "configs.config.calendar-config"
    asadmin(
        "set",
        f"{config}.availability-service.web-container-availability.persistence-type=memory",
        "resources.jdbc-connection-pool.sessions.property.user=somebody",
    )
    asadmin("delete-jdbc-resource", "--target=calendar", "jdbc/sessions")
    sh("app2", "sed -i s/RestartSec=5/RestartSec=99/ /etc/systemd/system/glassfish-instance.service")
    said = play("verify", fails=True)
    assert f"{config}.availability-service.web-container-availability.persistence-type is another one" in said
    assert "resources.jdbc-resource.jdbc/sessions.pool-name is missing" in said
    assert changes(site(check=True))
    assert changes(site())
    assert not changes(site(check=True))


# -- started again -----------------------------------------------------------------------------------------------------


def test_servers_are_started_again_under_load() -> None:
    before = {node: sh(node, "systemctl show --property=MainPID glassfish-instance") for node in NODES.values()}
    with Load() as load:
        time.sleep(2)
        assert changes(play("restart", check=True))
        play("restart")
        time.sleep(2)
    after = {node: sh(node, "systemctl show --property=MainPID glassfish-instance") for node in NODES.values()}
    assert all(before[node] != after[node] for node in before)
    figure("both servers started again, one after the other", load)
    assert load.failures == []
    assert load.lost == 0
    assert load.instances == set(INSTANCES)
