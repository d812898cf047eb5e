"""The simulated tools of Calendar Server against what the manual prints, and the modules that run them, interrupted."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_server import (
    CalendarServerError,
    Directory,
    Installation,
    configure,
    prepare,
)
from ansible_collections.groupware.ha.tests.simulators.calendar_server.simulator import (
    DIRECTORY_KEYS,
    KEYS,
    CalendarServer,
)
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.watched_files import watching

PASSWORD = "sesame"  # noqa: S105


class Site:
    """Two nodes with an installation each, and a shared file system."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.shared = top / "cal"
        self.shared.mkdir()
        self.simulator = CalendarServer(
            ["node1", "node2"], top / "state.json", root=str(top), manager_password=PASSWORD
        )
        for node in ("node1", "node2"):
            (top / node / "SUNWics5/cal/sbin").mkdir(parents=True)
            (top / node / "SUNWics5/cal/sbin/csconfigurator.sh").touch()
        values = dict.fromkeys(KEYS, "x") | {"START_AFTER_CONFIGURATION": "no", "RUNTIME_USER": "icsuser"}
        places = ("config", "csdb", "store", "logs", "tmp", "csdb/archive", "csdb/hotbackup")
        values |= {
            f"{key}_DIRECTORY": f"{self.shared}/{place}" for key, place in zip(DIRECTORY_KEYS, places, strict=True)
        }
        values["DIRECTORY_MANAGER_PASSWORD"] = PASSWORD
        self.state = "".join(f"{key} = {value}\n" for key, value in values.items())

    def installation(self, node: str) -> Installation:
        return Installation(f"{self.top}/{node}/SUNWics5/cal", f"{self.shared}/config")

    def runner(self, node: str) -> SimulatedRunner:
        return SimulatedRunner(self.simulator, node)

    def configure(self, node: str) -> SimulatedRunner:
        runner = self.runner(node)
        configure(self.installation(node), self.state, runner)
        return runner

    @property
    def ics_conf(self) -> Path:
        return self.shared / "config/ics.conf"

    def leftovers(self) -> list[str]:
        """Files that are there only while something is under way."""
        words = (".unfinished", ".kept", ".state", ".new")
        return [str(path) for path in self.top.rglob("*") if path.name.endswith(words)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_output_is_as_the_manual_shows_it(site: Site) -> None:
    (site.top / "etc").mkdir()
    (site.top / "etc/group").write_text("x:x:5001:\n")
    (site.top / "etc/passwd").write_text("icsuser:x:5001:5001::/:/bin/false\n")
    (site.top / "answers").write_text(site.state)
    base = site.installation("node1").server_root

    answer = site.simulator.run(
        "node1",
        [f"{base}/sbin/csconfigurator.sh", "-nodisplay", "-noconsole", "-novalidate", "-state", f"{site.top}/answers"],
    )

    assert answer.status == 0
    assert f"Running /bin/rm -f {base}/config {base}/data\n" in answer.stdout
    assert "PASSED: /usr/sbin/groupadd x : status = 9\n" in answer.stdout
    assert "PASSED: /usr/sbin/useradd -g x -d / icsuser : status = 9\n" in answer.stdout
    assert re.search(r"All Tasks Passed\. Please check install log\n/var/sadm/install/logs/\S+ for\n", answer.stdout)


@pytest.mark.parametrize(
    ("arguments", "hangs"),
    [([], False), (["-nodisplay", "-state"], False), (["-nodisplay", "-noconsole", "-novalidate"], True)],
)
def test_the_command_of_the_manual_names_no_state_file_and_waits(site: Site, arguments: list[str], hangs: bool) -> None:
    answer = site.simulator.run("node1", ["/x/sbin/csconfigurator.sh", *arguments])

    assert answer.hung is hangs
    assert answer.status != 0


def test_the_second_node_joins_and_nothing_shared_is_lost(site: Site) -> None:
    assert site.installation("node1").to_do()
    runner = site.configure("node1")
    assert PASSWORD not in "".join(runner.commands)
    text = site.ics_conf.read_text() + '! by hand\nlocal.hostname = "cal1"\n'
    site.ics_conf.write_text(text)
    site.ics_conf.chmod(0o600)

    assert not site.installation("node1").to_do()
    assert site.installation("node2").to_do()
    site.configure("node2")

    assert site.ics_conf.read_text() == text
    assert site.ics_conf.stat().st_mode & 0o777 == 0o600
    for node in ("node1", "node2"):
        assert os.readlink(site.installation(node).link) == f"{site.shared}/config"
        assert not site.installation(node).to_do()
    assert site.leftovers() == []


def test_a_configured_node_is_never_configured_again(site: Site) -> None:
    site.configure("node1")

    with pytest.raises(CalendarServerError, match="would be overwritten"):
        site.configure("node1")


def test_what_is_configured_by_hand_counts(site: Site) -> None:
    site.ics_conf.parent.mkdir()
    site.ics_conf.write_text("! by hand\n")
    os.symlink(f"{site.shared}/config", site.installation("node1").link)

    assert not site.installation("node1").to_do()


@pytest.mark.parametrize("node", ["node1", "node2"])
@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("after", range(10))
def test_a_program_that_dies_is_not_taken_for_done(site: Site, node: str, status: int, after: int) -> None:
    before = None
    if node == "node2":
        site.configure("node1")
        before = site.ics_conf.read_text() + "! by hand\n"
        site.ics_conf.write_text(before)
    site.simulator.order_death(after, status)

    with pytest.raises(CalendarServerError, match="run this again"):
        site.configure(node)
    assert site.installation(node).to_do()
    assert not Path(site.installation(node).state_file).exists()
    assert before is None or site.ics_conf.read_text() == before

    site.configure(node)
    assert not site.installation(node).to_do()
    assert before is None or site.ics_conf.read_text() == before
    assert site.leftovers() == []


@pytest.mark.parametrize("fault", ["fail", "hang", "hang_after_effect", "lose_answer"])
def test_a_command_that_fails_is_not_taken_for_done(site: Site, fault: str) -> None:
    site.simulator.order_fault(1, fault)

    with pytest.raises(CalendarServerError):
        site.configure("node1")
    assert site.installation("node1").to_do()
    site.configure("node1")
    assert not site.installation("node1").to_do()


def test_what_keeps_a_node_from_being_configured_is_said_before(site: Site) -> None:
    installation = site.installation("node1")
    with pytest.raises(CalendarServerError, match="another node"):
        configure(
            Installation(installation.server_root, installation.config_directory, False), "", site.runner("node1")
        )
    Path(installation.link).mkdir()
    for runner in (site.runner("node1"), SimulatedRunner(site.simulator, "node1", dry=True)):
        with pytest.raises(CalendarServerError, match="is a directory"):
            configure(installation, site.state, runner)
    Path(installation.link).rmdir()
    Path(installation.program).unlink()
    with pytest.raises(CalendarServerError, match="Configure Later"):
        site.configure("node1")
    assert site.simulator.history == []


def test_root_alone_can_read_the_state_file(site: Site) -> None:
    path = Path(site.installation("node1").state_file)
    path.write_text("of a run that was killed")
    path.chmod(0o644)
    seen = []

    class Looking(SimulatedRunner):
        def run(self, argv, **options):  # type: ignore[no-untyped-def]
            seen.append((path.stat().st_mode & 0o777, path.read_text()))
            return super().run(argv, **options)

    configure(site.installation("node1"), site.state, Looking(site.simulator, "node1"))

    assert seen == [(0o600, site.state)]
    assert not path.exists()


def test_answers_that_are_missing_are_refused(site: Site) -> None:
    site.state = site.state.replace("SMTP_HOST", "OTHER")

    with pytest.raises(CalendarServerError, match="lacks SMTP_HOST"):
        site.configure("node1")


def test_start_and_stop(site: Site) -> None:
    base = site.installation("node1").server_root
    assert site.simulator.run("node1", [f"{base}/sbin/start-cal"]).status == 255
    site.configure("node1")
    assert site.simulator.run("node1", [f"{base}/sbin/start-cal"]).status == 0
    assert site.simulator.running("node1", base)[0] == "watcher"
    assert site.simulator.run("node1", [f"{base}/sbin/stop-cal", "http", "mfagent"]).status == 0
    assert "http" not in site.simulator.run("node1", [f"{base}/sbin/start-cal", "-l"]).stdout.split()
    assert site.simulator.run("node1", [f"{base}/sbin/stop-cal", "-f"]).status == 0
    assert site.simulator.running("node1", base) == []
    assert site.simulator.run("node1", [f"{base}/sbin/start-cal", "all"]).status == 255


class PerlRunner(SimulatedRunner):
    """Runs a script without naming its interpreter."""

    def run(self, argv, **options):  # type: ignore[no-untyped-def]
        return super().run(argv[1:] if argv[0] == "perl" else argv, **options)


@pytest.fixture
def directory(site: Site) -> Directory:
    (site.top / "ds/slapd-ldap1/config/schema").mkdir(parents=True)
    (site.top / "comm_dssetup.pl").touch()
    return Directory(
        f"{site.top}/comm_dssetup.pl",
        f"{site.top}/ds",
        "slapd-ldap1",
        "o=internet",
        "o=usergroup",
        "cn=Directory Manager",
        "2",
    )


def test_a_directory_is_prepared_once_and_no_password_is_on_the_command_line(site: Site, directory: Directory) -> None:
    runner = PerlRunner(site.simulator, "node1")
    assert not directory.prepared()

    prepare(directory, PASSWORD, runner)

    assert directory.prepared()
    assert len(runner.commands) == 1
    assert PASSWORD not in runner.commands[0]
    assert site.leftovers() == []


@pytest.mark.parametrize("fault", ["fail", "hang", "hang_after_effect", "lose_answer"])
def test_a_script_that_dies_is_run_again(site: Site, directory: Directory, fault: str) -> None:
    site.simulator.order_fault(1, fault)
    with pytest.raises(CalendarServerError, match="run this again"):
        prepare(directory, PASSWORD, PerlRunner(site.simulator, "node1"))
    assert not directory.prepared()
    prepare(directory, PASSWORD, PerlRunner(site.simulator, "node1"))
    assert directory.prepared()


def test_what_keeps_a_directory_from_being_prepared_is_said_before_also_in_check_mode(
    site: Site, directory: Directory
) -> None:
    cases = [
        ({"instance": "slapd-other"}, PASSWORD, "directory's machine"),
        ({"program": "/none/comm_dssetup.pl"}, PASSWORD, "program = /none/comm_dssetup.pl"),
        ({}, "", "password = .hidden."),
        ({}, f"{PASSWORD}\nno", "one line"),
    ]
    for dry in (True, False):
        for change, password, words in cases:
            runner = PerlRunner(site.simulator, "node1", dry)
            with pytest.raises(CalendarServerError, match=words) as caught:
                prepare(Directory(**{**vars(directory), **change}), password, runner)
            assert PASSWORD not in str(caught.value)
            assert runner.commands == []
    assert site.leftovers() == []


def test_a_wrong_password_is_reported(site: Site, directory: Directory) -> None:
    with pytest.raises(CalendarServerError, match="Invalid credentials"):
        prepare(directory, "wrong", PerlRunner(site.simulator, "node1"))


def test_names_are_on_disk_before_it_goes_on(site: Site) -> None:
    """A node that loses power has neither a record without its program, nor a configuration with its record gone."""
    for node in ("node1", "node2"):
        installation = site.installation(node)
        link = Path(installation.link)
        records = [Path(f"{link}.unfinished"), Path(installation.state_file), link]
        if node == "node1":
            records.append(Path(f"{installation.config_directory}.unfinished"))
        else:
            records.append(Path(f"{installation.config_directory}.kept"))
        with watching(site.top) as watch:
            site.configure(node)
        for path in records:
            if any(str(path) in moment for moment in watch.moments):
                assert watch.name_is_on_disk(path), path
        assert any(str(records[-1]) in moment for moment in watch.moments)
        assert watch.name_is_on_disk(site.ics_conf)
    assert site.leftovers() == []
