"""A simulated GlassFish 2.1 with HADB, brought to serve a calendar as the manual means it."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, Refusal
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_cluster import reach
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_description import Balancer
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_2_1_plan import (
    members_of,
    state_of,
    values_of,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_2_1_sites import (
    DESCRIBED,
    INSTALLED,
    MACHINES,
    PASSWORDS,
    SERVERS,
    Site,
)

STORE = "dav-cluster-config.availability-service"
WEB = f"{STORE}.web-container-availability"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site(tmp_path, monkeypatch)
    yield found
    found.end()


# -- hosts of HADB -----------------------------------------------------------------------------------------------------


def test_a_host_waits_until_its_kernel_has_been_booted(site: Site) -> None:
    predicted = site.host("machinea", dry=True)
    done = site.host("machinea")
    etc = site.top / "machinea/etc"
    assert done["differences"] == [f"{etc}/system is not as HADB needs it"]
    assert predicted["differences"][:1] == done["differences"]
    assert predicted["reboot"] == done["reboot"] == ["SHMMAX is 1048576, not 2147483648", "SEMMNU is 30, not 600"]
    assert Path(done["backups"][0]).read_text() == INSTALLED
    assert (etc / "system").read_text() == (
        "* System specification file\nset shmsys:shminfo_shmmax = 0x80000000 * too few\nset other:thing=1\n"
        "set semsys:seminfo_semmni=10\nset semsys:seminfo_semmns=60\nset semsys:seminfo_semmnu=600\n"
    )
    # Nothing else was done, and the next run says the same.
    assert not os.path.lexists(etc / "init.d/ma-initd")
    again = site.host("machinea")
    assert (again["changed"], again["reboot"]) == (False, done["reboot"])

    site.boot("machinea")
    done = site.four_steps(site.host, "machinea")
    program = site.program("machinea")
    assert done["commands"][:2] == [f"chown root {program}", f"chmod u+s {program}"]
    assert done["commands"][-1] == "ma-initd start"
    assert (program.stat().st_uid, f"{program.stat().st_mode:o}") == (0, "104755")
    script = site.top / "machinea/glassfish/hadb/4/bin/ma-initd"
    assert (etc / "rc3.d/S99ma-initd").read_text() == f'#!/bin/sh\nexec {script} "$@"\n'
    assert f"{(etc / 'init.d/ma-initd').stat().st_mode:o}" == "100755"
    # With the next boot the agent comes by itself.
    site.boot("machinea")
    assert site.host("machinea")["changed"] is False


def test_rights_that_were_lost_come_back(site: Site) -> None:
    site.ready()
    site.program("machineb").chmod(0o755)
    done = site.four_steps(site.host, "machineb")
    assert done["commands"] == [f"chmod u+s {site.program('machineb')}"]


@pytest.mark.parametrize("word", ["chown", "chmod", "ma-initd"])
def test_a_host_that_was_cut_off(site: Site, word: str) -> None:
    site.host("machinea")
    site.boot("machinea")
    with pytest.raises(KeyboardInterrupt):
        site.host("machinea", cut_off=f"{word} " if word != "ma-initd" else "ma-initd start")
    site.four_steps(site.host, "machinea")


def test_a_larger_setting_is_left_alone(site: Site) -> None:
    file = site.top / "machinea/etc/system"
    file.write_text("set shmsys:shminfo_shmmax=0xffffffff\nset semsys:seminfo_semmns=512\n")
    site.host("machinea")
    assert file.read_text().startswith("set shmsys:shminfo_shmmax=0xffffffff\nset semsys:seminfo_semmns=512\n")


def test_a_clock_that_is_off_is_told_before_anything_is_done(site: Site) -> None:
    site.have("machinea", "clock", "-2345.678")
    before = site.files()
    for dry in (True, False):
        with pytest.raises(Failure, match=r"the clock is -2345.68 milliseconds off"):
            site.host("machinea", dry=dry)
    with site.simulator.edit() as state:
        state["machines"]["machinea"]["clock"] = None
    with pytest.raises(Failure, match="follows no server of time"):
        site.host("machinea")
    assert site.files() == before


def test_a_host_without_hadb(site: Site) -> None:
    site.program("machinea").unlink()
    with pytest.raises(Refusal, match="run GlassFish's installer, and choose High Availability Database Server"):
        site.host("machinea")


def test_a_host_that_is_no_solaris(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(site.simulator.programs, "sysdef")
    monkeypatch.setenv("PATH", "/nowhere")
    before = site.files()
    with pytest.raises(Refusal, match="sysdef is not there"):
        site.host("machinea")
    assert site.files() == before


# -- node agents -------------------------------------------------------------------------------------------------------


def test_every_node_agent_is_started_the_first_one_too(site: Site) -> None:
    done = site.four_steps(site.agent, "machinea")
    assert done["commands"] == [
        "asadmin start-domain domain1",
        "asadmin create-node-agent --agentproperties=remoteclientaddress=machineA dav-agent-1",
        "asadmin start-node-agent dav-agent-1",
    ]
    done = site.four_steps(site.agent, "machineb")
    assert done["commands"] == [
        "asadmin create-node-agent --agentproperties=remoteclientaddress=machineB dav-agent-2",
        "asadmin start-node-agent dav-agent-2",
    ]


def test_check_mode_without_an_administration_server(site: Site) -> None:
    assert site.agent("machineb", dry=True)["differences"][0] == "there is no node agent dav-agent-2"
    predicted = site.cluster(dry=True)
    assert predicted["changed"]
    assert "is known when the administration server answers" in predicted["differences"][0]
    for call in (lambda: site.agent("machineb"), site.cluster):
        with pytest.raises(Failure, match="Unable to connect to admin-server"):
            call()


@pytest.mark.parametrize("word", ["start-domain", "create-node-agent", "start-node-agent"])
def test_an_agent_that_was_cut_off(site: Site, word: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        site.agent("machinea", cut_off=word)
    site.four_steps(site.agent, "machinea")


# -- the cluster -------------------------------------------------------------------------------------------------------


def test_the_cluster_in_the_order_that_works(site: Site) -> None:
    site.ready()
    done = site.four_steps(site.cluster)
    assert done["commands"] == [
        f"HADBM_AGENT=machineA:{site.port} hadbm createdomain 192.0.2.31,192.0.2.32",
        "asadmin create-cluster dav-cluster",
        "asadmin create-instance --nodeagent=dav-agent-1 --cluster=dav-cluster i1",
        "asadmin create-instance --nodeagent=dav-agent-2 --cluster=dav-cluster i2",
        "asadmin set dav-cluster-config.jms-service.type=EMBEDDED",
        "asadmin create-http-lb --devicehost=machineC --deviceport=8443 --autoapplyenabled=true "
        "--lbenableallinstances=true --lbenableallapplications=true --target=dav-cluster dav-lb",
        f"asadmin configure-ha-cluster --hosts=machineA,machineB --haagentport={site.port} dav-cluster",
        f"asadmin set {STORE}.availability-enabled=true {WEB}.availability-enabled=true {WEB}.persistence-type=ha "
        f"{WEB}.persistence-frequency=web-method {WEB}.persistence-scope=session",
        "asadmin start-cluster dav-cluster",
    ]
    assert site.reached == ["machineC:8443"]
    assert (done["database"], done["not_deployed"]) == ("FaultTolerant", ["davserver"])
    assert all(one["running"] for one in site.simulator.state["instances"].values())


def test_an_application_is_served_once_it_is_deployed(site: Site) -> None:
    site.whole()
    told = site.cluster()
    assert told["problems"] == [
        "davserver is not deployed to the cluster yet; the run after that has the load balancer serve it"
    ]
    site.have("machinea", "deploy", "dav-cluster", "davserver")
    done = site.four_steps(site.cluster)
    assert done["commands"] == ["asadmin enable-http-lb-application --name=davserver dav-cluster"]
    assert done["problems"] == []


def test_one_command_for_all_options_and_none_for_reading_them(site: Site) -> None:
    site.whole()
    site.described = {**DESCRIBED, "options": {**DESCRIBED["options"], f"{WEB}.persistence-scope": "modified-session"}}
    site.have("machinea", "set", "dav-cluster-config.jms-service.type", "LOCAL")
    site.have("machinea", "set", f"{WEB}.persistence-type", "memory")
    site.simulator.history.clear()
    done = site.cluster()
    assert done["commands"] == [
        "asadmin set dav-cluster-config.jms-service.type=EMBEDDED",
        f"asadmin set {WEB}.persistence-type=ha {WEB}.persistence-scope=modified-session",
    ]
    # Five questions before and five afterwards, whatever the number of options; HADB has three of its own.
    asked = [argv[1] for _node, argv in site.simulator.history if argv[0].endswith("asadmin")]
    assert len(asked) == 12
    assert asked.count("get") == 2


@pytest.mark.parametrize(
    ("accident", "commands"),
    [
        (
            ("delete-instance", "i2"),
            [
                "asadmin create-instance --nodeagent=dav-agent-2 --cluster=dav-cluster i2",
                "asadmin enable-http-lb-server i2",
                "asadmin start-instance i2",
            ],
        ),
        (("stop-database", "dav-cluster"), ["HADBM_AGENT=machineA:{port} hadbm start dav-cluster"]),
        (
            ("set", "domain.load-balancers.dav-lb.device-port", "9443"),
            ["asadmin delete-http-lb dav-lb", "asadmin create-http-lb --devicehost=machineC"],
        ),
    ],
)
def test_drift_is_put_right(site: Site, accident: tuple[str, ...], commands: list[str]) -> None:
    site.whole()
    site.have("machinea", *accident)
    done = site.cluster()
    expected = [command.format(port=site.port) for command in commands]
    assert len(done["commands"]) == len(expected)
    assert all(one.startswith(begin) for one, begin in zip(done["commands"], expected, strict=True))
    assert site.cluster()["changed"] is False


def test_an_agent_that_died_takes_its_instance_along(site: Site) -> None:
    site.whole()
    site.have("machineb", "kill-agent", "dav-agent-2")
    with pytest.raises(Failure, match="no node agent dav-agent-2 on machineb runs"):
        site.cluster()
    site.four_steps(site.agent, "machineb")
    assert site.cluster()["changed"] is False


@pytest.mark.parametrize(
    "word",
    [
        *("createdomain", "create-cluster", "create-instance", "set", "create-http-lb", "configure-ha-cluster"),
        *("persistence-type", "start-cluster"),
    ],
)
def test_a_cluster_that_was_cut_off(site: Site, word: str) -> None:
    site.ready()
    with pytest.raises(KeyboardInterrupt):
        site.cluster(cut_off=word)
    site.four_steps(site.cluster)
    assert all(one["running"] for one in site.simulator.state["instances"].values())


def test_a_further_host_of_hadb(site: Site) -> None:
    site.described = {**DESCRIBED, "hadb_hosts": ["machinea"] * 2, "hadb_on_one_machine_accepting_its_loss": True}
    site.whole()
    assert site.simulator.state["members"] == ["machinea"]
    assert site.simulator.state["databases"]["dav-cluster"]["hosts"] == ["machinea", "machinea"]
    site.described = DESCRIBED
    done = site.four_steps(site.cluster)
    assert done["commands"] == [f"HADBM_AGENT=machineA:{site.port} hadbm extenddomain 192.0.2.32"]


def test_without_tls_no_load_balancer_is_made(site: Site) -> None:
    site.ready()
    site.no_tls = True
    site.cluster(dry=True)
    with pytest.raises(Failure, match="no TLS"):
        site.cluster()
    assert site.simulator.state["balancers"] == {}
    assert site.simulator.state["databases"] == {}
    site.no_tls = False
    site.four_steps(site.cluster)
    site.no_tls = True
    assert site.cluster()["changed"] is False
    with pytest.raises(Failure, match="no TLS"):
        site.cluster(dry=True, tried=True)


def test_a_database_that_lost_both_copies(site: Site) -> None:
    site.whole()
    with site.simulator.edit() as state:
        state["databases"]["dav-cluster"]["lost"] = True
    with pytest.raises(Refusal, match="the database dav-cluster is NonOperational: it lost both copies of something"):
        site.cluster()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web-server")
    certificates.make(folder / "server.pem", folder / "server.key", ["machineC"], 10, LocalRunner())
    return folder


@pytest.mark.parametrize("kind", ["tls", "plain", "nobody"])
def test_the_connection_of_the_administration_server(certificate: Path, kind: str) -> None:
    """The manual's button, against a server with a certificate of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "server.pem", certificate / "server.key")

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _address = listening.accept()
                if kind == "tls":
                    connection = context.wrap_socket(connection, server_side=True)
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        if kind == "nobody":
            listening.close()
        else:
            thread.start()
        balancer = Balancer("dav-lb", "localhost", port, None, {})
        if kind == "tls":
            reach(balancer)
        else:
            with pytest.raises(Failure, match=f"dav-lb: no TLS with the web server at localhost:{port}"):
                reach(balancer)
        if kind != "nobody":
            thread.join(timeout=10)


def test_a_database_with_half_of_its_nodes(site: Site) -> None:
    site.whole()
    site.have("machineb", "end-management")
    done = site.cluster()
    assert (done["changed"], done["database"]) == (False, "Operational")
    words = "the database is Operational, not HAFaultTolerant or FaultTolerant: node 1 on machineB is stopped"
    assert done["problems"][0] == words


@pytest.mark.parametrize("known", [True, False])
def test_options_that_the_domain_does_not_have(site: Site, known: bool) -> None:
    site.ready()
    site.described = {**DESCRIBED, "options": {"dav-cluster-config.jms-service.typ": "EMBEDDED"}}
    if known:
        site.described = DESCRIBED
        site.cluster()
        site.described = {**DESCRIBED, "options": {"dav-cluster-config.jms-service.typ": "EMBEDDED"}}
    for dry in (True, False) if known else (False,):
        with pytest.raises(Refusal if known else Failure, match=r"dav-cluster-config\.jms-service\.typ"):
            site.cluster(dry=dry)


def test_an_instance_of_another_agent(site: Site) -> None:
    site.whole()
    site.have("machinea", "set", "i2.node-agent-ref", "other")
    with pytest.raises(Refusal, match="i2: is kept by the node agent other, not dav-agent-2"):
        site.cluster(dry=True)


# -- a restart, and the end --------------------------------------------------------------------------------------------


def test_an_instance_is_started_again_while_the_other_serves(site: Site) -> None:
    site.whole()
    commands, waited = site.restart("machineb", wait=90)
    assert commands == [
        "asadmin disable-http-lb-server --timeout=2 i2",
        "asadmin stop-instance i2",
        "asadmin start-instance i2",
        "asadmin enable-http-lb-server i2",
    ]
    assert waited == 90
    assert site.cluster()["changed"] is False


def test_a_restart_that_was_cut_off_is_put_right(site: Site) -> None:
    site.whole()
    with pytest.raises(KeyboardInterrupt):
        site.restart("machineb", cut_off="start-instance")
    with pytest.raises(Failure, match="i1: no other instance runs"):
        site.restart("machinea")
    done = site.four_steps(site.cluster)
    assert done["differences"] == ["i2 is not given requests", "i2 does not run"]


def test_all_is_taken_away_in_reverse(site: Site) -> None:
    site.whole()
    site.have("machinea", "deploy", "dav-cluster", "davserver")
    site.cluster()
    done = site.four_steps(site.cluster, absent=True)
    assert done["commands"] == [
        "asadmin disable-http-lb-application --name=davserver dav-cluster",
        "asadmin delete-http-lb dav-lb",
        "asadmin stop-cluster dav-cluster",
        f"asadmin remove-ha-cluster --haagentport={site.port} dav-cluster",
        "asadmin delete-instance i1",
        "asadmin delete-instance i2",
        "asadmin delete-cluster dav-cluster",
        f"HADBM_AGENT=machineA:{site.port} hadbm deletedomain",
    ]
    for node, name in (("machinea", "dav-agent-1"), ("machineb", "dav-agent-2")):
        done = site.four_steps(site.agent, node, absent=True)
        assert done["commands"] == [
            f"asadmin stop-node-agent {name}",
            f"asadmin delete-node-agent {name}",
            f"asadmin delete-node-agent-config {name}",
        ]
        done = site.four_steps(site.host, node, absent=True)
        assert (done["commands"][0], done["commands"][-1]) == ("ma-initd stop", f"chmod u-s {site.program(node)}")
    with site.simulator.edit() as state:
        state["running"] = False
    with pytest.raises(Failure, match="start it with asadmin start-domain domain1"):
        site.cluster(absent=True)
    with site.simulator.edit() as state:
        state["running"] = True
    # Without HADB's agents there is nothing to ask them.
    assert site.cluster(absent=True)["changed"] is False


@pytest.mark.parametrize(
    "word", ["delete-http-lb", "stop-cluster", "remove-ha-cluster", "delete-cluster", "deletedomain"]
)
def test_a_removal_that_was_cut_off(site: Site, word: str) -> None:
    site.whole()
    with pytest.raises(KeyboardInterrupt):
        site.cluster(cut_off=word, absent=True)
    site.four_steps(site.cluster, absent=True)
    assert site.simulator.state["members"] == []


def test_a_management_domain_with_other_databases_stays(site: Site) -> None:
    site.whole()
    with site.simulator.edit() as state:
        state["databases"]["other"] = {"hosts": list(MACHINES), "stopped": False}
    done = site.cluster(absent=True)
    assert done["commands"][-1] == "asadmin delete-cluster dav-cluster"
    assert site.cluster(absent=True)["changed"] is False


# -- passwords ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"administrator": "wr0ng-word"}, "asadmin list-clusters: CLI150 Invalid user or password"),
        ({"hadb": "wr0ng-word"}, "hadbm createdomain: hadbm:Error 22170"),
        ({"hadb": ""}, "glassfish_2_1_passwords.hadb: is missing"),
        ({"masster": "x"}, "is for nothing that is described; did you mean master?"),
    ],
)
def test_wrong_passwords(site: Site, wrong: dict[str, str], words: str) -> None:
    site.whole()
    site.passwords = {**PASSWORDS, **wrong}
    with pytest.raises(Failure) as error:
        site.cluster()
    assert words in str(error.value)
    assert "wr0ng-word" not in str(error.value)


def test_no_password_is_in_anything_that_is_told(site: Site) -> None:
    site.ready()
    told: list[Any] = [site.cluster(), site.restart("machinea"), site.cluster(absent=True)]
    assert not any(secret in str(told) for secret in PASSWORDS.values())
    words = " ".join(" ".join(argv) for _node, argv in site.simulator.history)
    assert not any(secret in words for secret in PASSWORDS.values())
    # Nor in what is left of the files that they were in.
    texts = [path.read_text() for path in site.top.rglob("*") if path.is_file() and path.name != "state.json"]
    assert not any(secret in text for secret in PASSWORDS.values() for text in texts)


# -- what is printed ---------------------------------------------------------------------------------------------------


def test_what_tables_say() -> None:
    assert values_of(["a.b = c=d", "e=f", "Command get executed"]) == {"a.b": "c=d", "e": "f"}
    assert members_of(None) is None
    assert members_of(["Hostname\tEnabled?\tInterfaces", "A\t\tYes\t\t10.0.5.70, 10.0.5.71"]) == {
        "A",
        "10.0.5.70",
        "10.0.5.71",
    }
    assert state_of(["Database Status", "hadb    HAFaultTolerant"]) == "HAFaultTolerant"
    assert state_of(None) is None
    assert len(SERVERS) == 2
