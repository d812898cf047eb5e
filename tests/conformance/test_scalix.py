"""The simulated Scalix does what Scalix TB-2007-02-HACLUSTER shows, and refuses what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.scalix.simulator import STAGES, Scalix

CFG = "/etc/opt/scalix/instance.cfg"
CONNECTOR = "/etc/opt/scalix-tomcat/connector"


@pytest.fixture
def site(tmp_path: Path) -> Scalix:
    simulator = Scalix(["nodea", "nodeb"], root=str(tmp_path))
    simulator.mount("m1", "nodea")
    simulator.mount("m2", "nodeb")
    return simulator


def install(site: Scalix, node: str, name: str, answers: str = "Typical install\nsecret\n") -> Answer:
    return site.run(node, ["scalix-installer", f"--instance={name}", f"--hostname={name}.scalixdemo.com"], answers)


def ok(site: Scalix, node: str, *argv: str) -> str:
    answer = site.run(node, argv)
    assert answer.status == 0, answer
    return answer.stdout


def listed(site: Scalix, node: str, directory: str) -> set[str]:
    return {path.name for path in site._path(node, f"{CONNECTOR}/{directory}").iterdir()}


def test_the_bulletin(site: Scalix) -> None:
    assert install(site, "nodea", "mail1").status == 0
    assert install(site, "nodeb", "mail2").status == 0
    assert site.read_file("nodea", CFG) == (
        "OMNAME=mail1\nOMHOSTNAME=mail1.scalixdemo.com\nOMDATADIR=/var/opt/scalix/m1/s\nOMAUTOSTART=TRUE\n"
    )
    ok(site, "nodeb", "sxtomcat-webapps", "--del", "mail2", "caa", "sac")
    agent = "Reconfigure Scalix Components\nScalix Management Agent\nmail1.scalixdemo.com\nsecret\nno\n"
    assert install(site, "nodeb", "mail2", agent).status == 0
    assert "mail1.scalixdemo.com" in str(site.read_file("nodeb", "/var/opt/scalix/m2/res/config/res.properties"))
    ok(site, "nodeb", "sxtomcat-modify-instance", "-p", "8006", "mail2")
    assert 'port="8006"' in str(site.read_file("nodeb", "/var/opt/scalix/m2/tomcat/conf/server.xml"))
    assert ok(site, "nodeb", "service", "scalix-tomcat", "restart") == "Starting Tomcat service (mail2)\n"
    for service in ("scalix-tomcat", "scalix-postgres", "scalix"):
        ok(site, "nodeb", "service", service, "stop")
        ok(site, "nodeb", "chkconfig", "--del", service)
    assert ok(site, "nodeb", "service", "scalix-tomcat", "stop") == "Instance (mail2) is not running\n"
    # The manual's listing of what is there of each instance.
    own = {f"app-mail2.{name}.conf" for name in ("api", "m", "res", "sis", "webmail")} | {"instance-mail2.conf"}
    assert listed(site, "nodeb", "ajp") == own
    assert listed(site, "nodeb", "jk") == own | {"workers.conf"}
    assert site.read_file("nodeb", "/opt/scalix/global/httpd/scalix-web-client.conf")


def test_boot(site: Scalix) -> None:
    install(site, "nodea", "mail1")
    assert ok(site, "nodea", "chkconfig", "--list").splitlines()[0].split() == [
        "scalix", *(f"{level}:{'on' if 2 <= level <= 5 else 'off'}" for level in range(7))
    ]  # fmt: skip
    ok(site, "nodea", "chkconfig", "--del", "scalix")
    assert "scalix\t" not in ok(site, "nodea", "chkconfig", "--list").replace(" ", "")
    ok(site, "nodea", "chkconfig", "--add", "scalix")


def test_what_is_where(site: Scalix) -> None:
    install(site, "nodea", "mail1")
    assert ok(site, "nodea", "sxtomcat-get-mounted-instances") == "mail1\n"
    assert ok(site, "nodea", "sxtomcat-get-inst-dir", "mail1") == "/var/opt/scalix/m1/tomcat\n"
    site.mount("m1", "nodeb")
    assert ok(site, "nodea", "sxtomcat-get-mounted-instances") == ""
    assert site.run("nodeb", ["sxtomcat-get-inst-dir", "mail1"]).status == 1


@pytest.mark.parametrize("stage", STAGES)
def test_an_installer_that_dies(site: Scalix, stage: str) -> None:
    site.die_behind(stage)
    answer = install(site, "nodea", "mail1")
    assert answer.status == 1
    assert "Installation complete" not in answer.stdout
    assert install(site, "nodea", "mail1").status == 0


@pytest.mark.parametrize(
    ("argv", "status"),
    [
        (["scalix-installer"], 2),
        (["scalix-installer", "--instance=mail1"], 2),
        (["scalix-installer", "--instance=mail1", "--hostname=short"], 2),
        (["scalix-installer", "--silent", "--hostname=mail1.scalixdemo.com"], 2),
        (["sxtomcat-webapps", "--del", "mail1"], 2),
        (["sxtomcat-webapps", "--add", "mail1", "caa"], 2),
        (["sxtomcat-webapps", "--del", "mail2", "caa"], 1),
        (["sxtomcat-webapps", "--del", "mail1", "nothing"], 1),
        (["sxtomcat-modify-instance", "mail1", "-p", "8006"], 2),
        (["sxtomcat-modify-instance", "-p", "port", "mail1"], 2),
        (["sxtomcat-modify-instance", "-p", "8006", "mail2"], 1),
        (["sxtomcat-get-mounted-instances", "mail1"], 2),
        (["sxtomcat-get-inst-dir"], 2),
        (["service", "scalix"], 1),
        (["service", "scalix", "reload"], 1),
        (["chkconfig", "--del"], 1),
        (["chkconfig", "--del", "nothing"], 1),
    ],
)
def test_refusals(site: Scalix, argv: list[str], status: int) -> None:
    install(site, "nodea", "mail1")
    before = site.state.copy()
    assert site.run("nodea", argv, "").status == status
    assert site.state == before


@pytest.mark.parametrize(
    "answers",
    [
        "",
        "Custom install\n",
        "Typical install\n",
        "Reconfigure Scalix Components\nScalix Management Agent\nmail1.scalixdemo.com\nother\nno\n",
        "Reconfigure Scalix Components\nScalix Server\n",
    ],
)
def test_answers_that_are_refused(site: Scalix, answers: str) -> None:
    install(site, "nodea", "mail1")
    assert install(site, "nodea", "mail1", answers).status == 1


def test_omstat_lists_what_is_of_the_current_instance(site: Scalix, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "nodea", "mail1")
    monkeypatch.setenv("OMCURRENT", "mail1")
    assert "Service Router              Started   11.27.08 1\n" in ok(site, "nodea", "omstat", "-s")
    assert "Search Server               Started   11.27.08\n" in ok(site, "nodea", "omstat", "-a")
    ok(site, "nodea", "service", "scalix", "stop")
    assert "Started" not in ok(site, "nodea", "omstat", "-s")
    assert site.run("nodea", ["omstat"]).status == 2
    assert site.run("nodeb", ["omstat", "-s"]).status == 1
    monkeypatch.delenv("OMCURRENT")
    assert site.run("nodea", ["omstat", "-s"]).status == 1
