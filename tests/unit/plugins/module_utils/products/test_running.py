"""What the products' own commands say of an instance, asked on the node that runs it; the products are simulated."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.products import (
    calendar_running,
    messaging_running,
    scalix_running,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import MessagingServer
from ansible_collections.groupware.ha.tests.simulators.calendar_server.simulator import CalendarServer
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.scalix.simulator import Scalix
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.messaging_site import Site

HOME = "/opt/mail1/messaging64"


class TestMessagingServer:
    @pytest.fixture(params=["unified", "legacy"])
    def kind(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def site(self, kind: str) -> Site:
        return Site().configured(kind)

    def run(self, site: Site, program: str, *arguments: str) -> None:
        assert site.simulator.run("nodea", [f"{HOME}/bin/{program}", *arguments]).status == 0

    def option(self, site: Site, kind: str, unified: str, legacy: str, value: str) -> None:
        if kind == "unified":
            self.run(site, "msconfig", "set", unified, value)
        else:
            self.run(site, "configutil", "-o", legacy, "-v", value)

    def test_all_runs(self, site: Site) -> None:
        self.run(site, "start-msg")
        before = site.files()
        server: MessagingServer = site.server()
        found = messaging_running.ask(server, "nodea")
        assert found.as_dict() == {
            "running": ["stored", "dispatcher", "job_controller"],
            "ports": {"imap": 143, "smtp": 25, "submission": 587},
            "problems": [],
            "unknown": [],
        }
        assert server.runner.commands == []
        assert site.files() == before

    def test_each_server_that_does_not_run_is_a_problem_with_a_remedy(self, site: Site) -> None:
        self.run(site, "start-msg")
        self.run(site, "stop-msg", "store", "job_controller")
        found = messaging_running.ask(site.server(), "nodea")
        assert found.running == ["dispatcher"]
        assert found.problems == [
            "stored -t says on nodea that the message store does not work (store is not running); read its log, and "
            f"start it with {HOME}/bin/start-msg store",
            "job_controller does not run on nodea, so that mail stays in the queues; read its log, and start it with "
            f"{HOME}/bin/start-msg job_controller",
        ]

    def test_nothing_runs(self, site: Site) -> None:
        found = messaging_running.ask(site.server(), "nodea")
        assert found.running == []
        assert len(found.problems) == 3

    def test_ports_are_those_of_the_options(self, site: Site, kind: str) -> None:
        self.run(site, "start-msg")
        self.option(site, kind, "imap.port", "service.imap.port", "1143")
        self.option(site, kind, "imap.enablesslport", "service.imap.enablesslport", "1")
        self.option(site, kind, "imap.sslport", "service.imap.sslport", "1993")
        self.option(site, kind, "pop.enable", "service.pop.enable", "1")
        if kind == "unified":
            self.run(site, "msconfig", "set", "dispatcher.service:SMTP.tcp_ports", "2525,26")
            self.run(site, "msconfig", "set", "dispatcher.service:SMTP_SUBMIT.enable", "0")
        else:
            site.simulator.write_file("nodea", "/mail1/data/config/dispatcher.cnf", "[SERVICE=SMTP]\nPORT=2525,26\n")
        expected = {"imap": 1143, "imaps": 1993, "pop": 110, "smtp": 2525}
        assert messaging_running.ask(site.server(), "nodea").ports == expected

    def test_what_is_switched_off_is_not_asked(self, site: Site, kind: str) -> None:
        self.option(site, kind, "store.enable", "local.store.enable", "0")
        self.run(site, "start-msg")
        found = messaging_running.ask(site.server(), "nodea")
        assert found.ports == {"smtp": 25, "submission": 587}
        assert found.running == ["dispatcher", "job_controller"]
        self.option(site, kind, "mta.enable", "local.imta.enable", "0")
        assert messaging_running.ask(site.server(), "nodea").as_dict() == {
            "running": [],
            "ports": {},
            "problems": [],
            "unknown": [],
        }

    @pytest.mark.parametrize("fault", ["fail", "hang"])
    def test_commands_that_do_not_answer_are_said_to_be_unknown(self, site: Site, fault: str) -> None:
        self.run(site, "start-msg")
        for program in ("msconfig", "configutil", "imsimta", "stored"):
            site.simulator.order_fault(1, fault, program)
        found = messaging_running.ask(site.server(), "nodea")
        assert found.ports is None
        words = ["its options could not be read on nodea", "the processes of the MTA could not be listed on nodea"]
        if fault == "fail":
            assert "stored -t says on nodea that the message store does not work (ordered to fail)" in found.problems[0]
        else:
            words.insert(1, "the message store could not be asked on nodea")
        assert [text.partition(":")[0] for text in found.unknown] == words

    def test_a_node_without_the_volume_says_that_it_has_no_configuration(self, site: Site) -> None:
        found = messaging_running.ask(site.server("nodeb"), "nodeb")
        assert found.ports is None
        assert found.problems == []
        assert "there is no configuration in" in found.unknown[0]


@pytest.mark.parametrize(
    "printed",
    ["", "USER PID S VSZ RSS STIME TIME COMMAND\n", "imsimta process\n\nno such thing as this at all, it says 1 2\n"],
)
def test_no_processes(printed: str) -> None:
    assert messaging_running.mta_processes(printed) == []


class TestCalendarServer:
    @pytest.fixture
    def server_root(self, tmp_path: Path) -> str:
        (tmp_path / "cal/config").mkdir(parents=True)
        (tmp_path / "cal/config/ics.conf").write_text('service.http.port = "8080"\n')
        return str(tmp_path / "cal")

    @pytest.fixture
    def runner(self, tmp_path: Path, server_root: str) -> SimulatedRunner:
        runner = SimulatedRunner(CalendarServer(["node1"], tmp_path / "state.json", root=str(tmp_path)), "node1")
        runner.run([f"{server_root}/sbin/start-cal"], record=False)
        return runner

    def test_all_runs(self, runner: SimulatedRunner, server_root: str) -> None:
        found = calendar_running.ask(runner, server_root, "node1")
        assert found.as_dict() == {
            "running": ["watcher", "enpd", "csstored", "csnotifyd", "csadmind", "csdwpd", "cshttpd"],
            "ports": {"web": 8080},
            "problems": [],
            "unknown": [],
        }
        assert runner.commands == []

    def test_a_service_that_is_enabled_and_does_not_run(self, runner: SimulatedRunner, server_root: str) -> None:
        runner.run([f"{server_root}/sbin/stop-cal", "http"], record=False)
        found = calendar_running.ask(runner, server_root, "node1")
        assert "cshttpd" not in found.running
        assert found.problems == [
            "cshttpd does not run on node1, although it is enabled; read its log, and start it with "
            f"{server_root}/sbin/start-cal http"
        ]

    @pytest.mark.parametrize(
        ("text", "ports"),
        [("", {"web": 80}), ('service.http.port = "x"\n', {"web": 80}), ('service.http.enable = "no"\n', {})],
    )
    def test_ports(self, runner: SimulatedRunner, server_root: str, text: str, ports: dict[str, int]) -> None:
        Path(server_root, "config/ics.conf").write_text(text)
        assert calendar_running.ask(runner, server_root, "node1").ports == ports

    def test_what_cannot_be_asked(self, runner: SimulatedRunner, server_root: str) -> None:
        Path(server_root, "config/ics.conf").unlink()
        runner.simulator.order_fault(1, "hang", "start-cal")
        found = calendar_running.ask(runner, server_root, "node1")
        assert found.ports is None
        assert [text.partition(":")[0] for text in found.unknown] == [
            "its port is not known on node1",
            "its services could not be listed on node1",
        ]
        assert found.problems == []


class TestScalix:
    @pytest.fixture
    def runner(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedRunner:
        simulator = Scalix(["nodea"], root=str(tmp_path))
        simulator.mount("m1", "nodea")
        arguments = ["scalix-installer", "--instance=mail1", "--hostname=mail1.scalixdemo.com"]
        assert simulator.run("nodea", arguments, "Typical install\nsecret\n").status == 0
        monkeypatch.setenv(scalix_running.CURRENT, "mail1")
        return SimulatedRunner(simulator, "nodea")

    def test_all_runs(self, runner: SimulatedRunner) -> None:
        found = scalix_running.ask(runner, "mail1", "nodea")
        assert found.as_dict() == {
            "running": ["4 services", "3 daemons"],
            "ports": None,
            "problems": [],
            "unknown": [],
        }
        assert runner.commands == []

    def test_a_service_that_failed_and_one_that_was_switched_off(self, runner: SimulatedRunner) -> None:
        assert isinstance(runner.simulator, Scalix)
        runner.simulator.set_state("mail1", "Internet Mail Gateway", "Aborted")
        runner.simulator.set_state("mail1", "Search Server", "Disabled")
        found = scalix_running.ask(runner, "mail1", "nodea")
        assert found.running == ["3 services", "2 daemons"]
        assert found.problems == [
            "Internet Mail Gateway is aborted on nodea; read its log (omshowlog), and start it with omon "
            '"Internet Mail Gateway" (OMCURRENT=mail1)'
        ]
        assert found.unknown == ["Search Server is disabled on nodea, so it was not asked"]

    def test_it_was_stopped(self, runner: SimulatedRunner) -> None:
        runner.run(["service", "scalix", "stop"])
        found = scalix_running.ask(runner, "mail1", "nodea")
        assert found.running == []
        assert len(found.problems) == 7

    def test_what_cannot_be_asked(self, runner: SimulatedRunner, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(scalix_running.CURRENT, "mail2")
        found = scalix_running.ask(runner, "mail2", "nodea")
        assert [text.partition(":")[0] for text in found.unknown] == [
            "the services of mail2 could not be listed on nodea",
            "the daemons of mail2 could not be listed on nodea",
        ]
        assert found.problems == []

    @pytest.mark.parametrize(
        ("printed", "problems", "unknown"),
        [
            ("", ["omstat -s lists no services of mail1 on nodea; see whether service scalix start does all"], []),
            ("Dienst läuft\n", [], ["what omstat -s says on nodea is not understood"]),
        ],
    )
    def test_lists_of_another_form(self, printed: str, problems: list[str], unknown: list[str]) -> None:
        class Printing:
            def run(self, argv: list[str], **_: object) -> object:
                if argv[1] == "-s":
                    return type("Result", (), {"stdout": printed})
                raise CommandError(argv, "is not there")

        found = scalix_running.ask(Printing(), "mail1", "nodea")  # type: ignore[arg-type]
        assert found.problems == problems
        assert found.unknown[:-1] == unknown
