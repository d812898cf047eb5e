"""The modules for Scalix, on two simulated nodes, through the whole technical bulletin."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils import basic

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.simulators.scalix.simulator import STAGES, Scalix
from ansible_collections.groupware.ha.tests.unit.plugins.modules.scalix_site import (
    ANSWERS,
    INSTALL,
    INSTANCES,
    PORTS,
    Site,
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Site:
    monkeypatch.setattr(basic.AnsibleModule, "backup_local", lambda _, path: f"{path}~")
    return Site(tmp_path, monkeypatch, capsys)


# -- the bulletin, step by step ----------------------------------------------------------------------------------------


def test_the_whole_bulletin(site: Site) -> None:
    for node, name in (("nodea", "mail1"), ("nodeb", "mail2")):
        result = site.four_steps("scalix_setup", node, **site.options(node, "installed"))
        assert result["commands"] == [INSTALL.format(name)]
        assert result["answers_needed"] == [f"{name}.install"]
        assert result["diff"] == {"before": f"instance {name}: absent\n", "after": f"instance {name}: installed\n"}

    stops = [f"service {service} stop" for service in ("scalix-tomcat", "scalix-postgres", "scalix")]
    off = [f"chkconfig --del {service}" for service in ("scalix", "scalix-postgres", "scalix-tomcat")]
    result = site.four_steps("scalix_setup", "nodea", **site.options("nodea", "configured"))
    assert result["commands"] == [*stops, *off]
    result = site.four_steps("scalix_setup", "nodeb", **site.options("nodeb", "configured"))
    assert result["commands"] == [
        "/opt/scalix-tomcat/bin/sxtomcat-webapps --del mail2 caa sac",
        INSTALL.format("mail2"),
        "/opt/scalix-tomcat/bin/sxtomcat-modify-instance -p 8006 mail2",
        *stops,
        *off,
    ]
    assert result["answers_needed"] == ["mail2.agent"]

    nodes = site.nodes()
    for node in ("nodea", "nodeb"):
        site.four_steps("scalix_instance", node, node=node, nodes=nodes)
    nodes = site.nodes()
    assert nodes["nodea"]["instance_cfg"] == nodes["nodeb"]["instance_cfg"]
    assert nodes["nodea"]["instance_cfg"].count("OMAUTOSTART=FALSE") == 2
    assert nodes["nodea"]["connectors"] == nodes["nodeb"]["connectors"]
    assert nodes["nodea"]["connectors"]["jk/workers.conf"] == "JkWorkerProperty worker.list=mail1,mail2\n"
    assert {"jk/app-mail1.srw.conf", "ajp/app-mail2.srw.conf"} <= set(nodes["nodeb"]["connectors"])
    assert nodes["nodea"]["boot"] == nodes["nodeb"]["boot"] == []
    assert nodes["nodeb"]["instances"]["mail2"]["shutdown_port"] == 8006
    for node in ("nodea", "nodeb"):
        assert not site.run("scalix_instance", node, node=node, nodes=nodes)["changed"]

    # Moved to the other node, they are known there, and nothing is left to do.
    site.simulator.mount("m2", "nodea")
    for state in ("installed", "configured"):
        for node in ("nodea", "nodeb"):
            assert not site.setup(node, state)["changed"]
    assert site.simulator.state["installations"] == [["mail1", "nodea"], ["mail2", "nodeb"]]


def test_check_mode_predicts_what_follows_an_installation(site: Site) -> None:
    predicted = site.setup("nodeb", "configured", check_mode=True)
    site.installed()
    assert site.setup("nodeb", "configured", check_mode=True)["commands"] == predicted["commands"]
    assert site.setup("nodeb", "configured")["commands"] == predicted["commands"]


def test_check_mode_predicts_what_follows_when_the_cluster_has_mounted_the_volumes(site: Site) -> None:
    """As on the first run of a playbook, which has the cluster mount them in between."""
    site.simulator.mount("m2", None)
    expected = {"expected": ["mail1", "mail2"]}
    predicted = {
        state: site.setup("nodeb", state, check_mode=True, **expected) for state in ("installed", "configured")
    }
    assert predicted["installed"]["commands"] == [INSTALL.format("mail2")]
    assert predicted["configured"]["answers_needed"] == ["mail2.agent"]
    assert not site.setup("nodeb", "installed", **expected)["changed"]
    site.simulator.mount("m2", "nodeb")
    for state, told in predicted.items():
        done = site.setup("nodeb", state)
        assert {key: done[key] for key in ("commands", "diff", "answers_needed")} == {
            key: told[key] for key in ("commands", "diff", "answers_needed")
        }


def test_a_node_without_anything(site: Site) -> None:
    site.simulator.mount("m1", None)
    state = site.run("scalix_node_info", "nodea")["state"]
    assert state == {
        "installed": False, "instance_cfg": None, "connectors": {}, "web_client": None, "instances": {}, "boot": [],
        "unread": False,
    }  # fmt: skip
    assert not site.setup("nodea", "installed")["changed"]
    assert not site.run("scalix_instance", "nodea", node="nodea", nodes={})["changed"]


def test_apache_reads_its_files_when_they_are_written(site: Site) -> None:
    site.installed()
    options = {"node": "nodeb", "nodes": site.nodes(), "web_server_reload": ["service", "httpd", "reload"]}
    with site.monkeypatch.context() as patched:
        patched.setattr(SimulatedRunner, "run", cut_off_at("httpd", SimulatedRunner.run))
        with pytest.raises(pytest.fail.Exception):
            site.run("scalix_instance", "nodeb", **options)
    assert [site.nodes()[node]["unread"] for node in ("nodea", "nodeb")] == [False, True]

    result = site.four_steps("scalix_instance", "nodeb", **options)
    assert (result["commands"], result["changes"]) == (["service httpd reload"], [])
    assert site.nodes()["nodeb"]["unread"] is False
    assert site.four_steps("scalix_instance", "nodea", **{**options, "node": "nodea"})["commands"] == result["commands"]


def cut_off_at(word: str, run: Callable[..., CommandResult]) -> Callable[..., CommandResult]:
    def cut_off(self: SimulatedRunner, argv: Sequence[str], **options: Any) -> CommandResult:
        if word in argv:
            pytest.fail("cut off")
        return run(self, argv, **options)

    return cut_off


def test_answers_that_were_left_are_seen(site: Site) -> None:
    def left() -> bool:
        told = site.run("scalix_setup", "nodea", check_mode=True, **site.options("nodea", "configured"))
        return bool(told["answers_left"])

    assert left()
    shutil.rmtree(site.file("nodea", "/root/.scalix"))
    assert not left()
    assert not site.setup("nodea", "configured", check_mode=True, answers_directory=None)["answers_left"]


# -- installations that go wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", STAGES)
def test_an_installer_that_dies(site: Site, stage: str) -> None:
    site.simulator.die_behind(stage)
    failed = site.setup("nodea", "installed")
    assert "the installer failed" in failed["msg"]

    refusal = site.refused("scalix_setup", "nodea", **site.options("nodea", "installed"))
    assert "has not come to its end" in refusal
    assert "repeat" in refusal
    assert site.run("scalix_node_info", "nodea")["state"]["instances"]["mail1"]["status"] == "unfinished"
    # It is not fitted in, but kept from starting at boot.
    assert {command.split()[0] for command in site.setup("nodea", "configured")["commands"]} <= {"chkconfig"}
    assert site.simulator.state["installations"] == []

    assert site.setup("nodea", "installed", repeat=["mail1"])["commands"] == [INSTALL.format("mail1")]
    assert not site.setup("nodea", "installed")["changed"]
    assert not site.setup("nodea", "configured").get("failed")


@pytest.mark.parametrize("fault", ["fail", "hang", "hang_after_effect", "lose_answer"])
def test_an_installer_whose_end_nobody_saw(site: Site, fault: str) -> None:
    site.simulator.order_fault(1, fault, "scalix-installer")
    assert site.setup("nodea", "installed")["failed"]
    assert site.setup("nodea", "installed")["failed"]
    assert len([argv for _, argv in site.simulator.history if "scalix-installer" in argv[0]]) == 1


def test_an_installer_that_says_that_all_is_well(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scalix, "_install_connectors", lambda *_: None)
    failed = site.setup("nodea", "installed")
    assert "has not made /etc/opt/scalix-tomcat/connector/ajp/instance-mail1.conf" in failed["msg"]
    assert site.setup("nodea", "installed")["failed"]


def test_an_installation_by_hand_counts(site: Site) -> None:
    argv = ["scalix-installer", "--instance=mail1", "--hostname=mail1.scalixdemo.com"]
    assert site.simulator.run("nodea", argv, ANSWERS["install"]).status == 0
    assert not site.setup("nodea", "installed")["changed"]
    # What an administrator started is not stopped by us.
    assert [command.split()[0] for command in site.setup("nodea", "configured")["commands"]] == ["chkconfig"] * 3


def test_a_volume_that_is_empty_again(site: Site) -> None:
    site.configured()
    site.simulator.mount("m1", None)
    (site.root / "volumes" / "m1").rename(site.root / "volumes" / "lost")
    site.simulator.mount("m1", "nodea")
    options = site.options("nodea", "installed")
    assert "nothing of it is on the volume mounted at /var/opt/scalix/m1" in site.refused(
        "scalix_setup", "nodea", **options
    )
    assert site.setup("nodea", "installed", repeat=["mail1"])["commands"] == [INSTALL.format("mail1")]


def test_not_on_the_primary(site: Site) -> None:
    site.simulator.mount("m1", "nodeb")
    assert "move its service to nodea first" in site.refused(
        "scalix_setup", "nodeb", **site.options("nodeb", "installed")
    )


def test_answers_that_are_missing(site: Site) -> None:
    site.file("nodea", "/root/.scalix/mail1.install").unlink()
    before = site.files()
    assert "no /root/.scalix/mail1.install" in site.setup("nodea", "installed")["msg"]
    assert "no directory" in site.setup("nodea", "installed", answers_directory=None)["msg"]
    assert site.files() == before


def test_a_password_that_is_not_ascii(site: Site) -> None:
    site.file("nodea", "/root/.scalix/mail1.install").write_text("Typical install\np\u00e4ss\n", encoding="utf-8")
    site.setup("nodea", "installed")
    assert site.simulator.state["passwords"] == {"mail1": "p\u00e4ss"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"admin": "mail3"}, "mail3: is no instance"),
        ({"repeat": ["x"]}, "x: is no instance"),
        ({"expected": ["x"]}, "x: is no instance"),
        ({"instances": [{"name": "mail1", "host_name": "mail1"}]}, "is not fully qualified"),
        ({"shutdown_ports": {"mail1": 1, "mail2": 1}}, "another instance's"),
        ({"shutdown_ports": {"mail1": "x"}}, "give each instance a number"),
        ({"instances": [INSTANCES[0], {"name": "mx1", "host_name": "x.test"}]}, "as instance mail1 has"),
    ],
)
def test_options_that_cannot_be(site: Site, options: dict[str, Any], reason: str) -> None:
    assert reason in site.refused("scalix_setup", "nodea", **{**site.options("nodea", "configured"), **options})


# -- interrupted, and later --------------------------------------------------------------------------------------------


CHANGING = ["sxtomcat-webapps", "scalix-installer", "sxtomcat-modify-instance", *["service"] * 3, *["chkconfig"] * 4]


@pytest.mark.parametrize("fault", ["fail", "hang", "hang_after_effect", "lose_answer"])
@pytest.mark.parametrize("cut", range(len(CHANGING)))
def test_fitting_in_is_completed_whatever_cut_it_short(site: Site, fault: str, cut: int) -> None:
    site.installed()
    program = CHANGING[cut]
    site.simulator.order_fault(CHANGING[: cut + 1].count(program), fault, program)
    assert site.setup("nodeb", "configured")["failed"]
    result = site.setup("nodeb", "configured")
    assert not result.get("failed"), result
    state = site.run("scalix_node_info", "nodeb")["state"]
    assert state["instances"]["mail2"]["shutdown_port"] == 8006
    assert state["instances"]["mail2"]["web_applications"] == ["api", "m", "res", "sis", "webmail"]
    assert state["boot"] == []
    assert not site.setup("nodeb", "configured")["changed"]


def test_a_command_without_effect(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.installed()
    monkeypatch.setattr(Scalix, "run_modify_instance", lambda self, *_: self.run_mounted_instances("nodea", [], None))
    failed = site.setup("nodeb", "configured")
    assert "did not have their effect" in failed["msg"]
    assert "-p 8006 mail2" in failed["msg"]


def test_a_change_of_what_runs_is_allowed_first(site: Site) -> None:
    site.configured()
    options = {**site.options("nodeb", "configured"), "shutdown_ports": {"mail1": 8005, "mail2": 8007}}
    refusal = site.refused("scalix_setup", "nodeb", **options)
    assert "would be restarted, and with them mail2" in refusal
    result = site.four_steps("scalix_setup", "nodeb", **options, allow_restart=True)
    assert result["commands"] == [
        "/opt/scalix-tomcat/bin/sxtomcat-modify-instance -p 8007 mail2",
        "service scalix-tomcat restart",
    ]


def test_an_admin_instance_that_has_lost_the_management_services(site: Site) -> None:
    site.configured()
    options = {**site.options("nodeb", "configured"), "admin": "mail2"}
    assert "mail2: is to have the management services, but has no web application caa or sac" in site.refused(
        "scalix_setup", "nodeb", **options
    )


def test_another_admin_instance(site: Site) -> None:
    site.configured()
    site.second_admin()
    site.file("nodeb", "/root/.scalix/mail2.agent").write_text(ANSWERS["agent"].replace("mail1", "mail2"))
    site.file("nodea", "/root/.scalix/mail1.agent").write_text(ANSWERS["agent"].replace("mail1", "mail2"))
    options = {node: {**site.options(node, "configured"), "admin": "mail2"} for node in site.simulator.nodes}
    done = {
        node: site.four_steps("scalix_setup", node, **options[node], allow_restart=True)["commands"]
        for node in site.simulator.nodes
    }
    assert done == {
        "nodea": [
            "/opt/scalix-tomcat/bin/sxtomcat-webapps --del mail1 caa sac",
            INSTALL.format("mail1"),
            "service scalix-tomcat restart",
        ],
        # Its agent has reported to mail1 until now.
        "nodeb": [INSTALL.format("mail2"), "service scalix-tomcat restart"],
    }


def test_a_new_instance_beside_one_that_runs(site: Site) -> None:
    site.configured()
    third = {"name": "mail3", "host_name": "mail3.scalixdemo.com", "nodes": ["nodea"]}
    for name, text in ANSWERS.items():
        site.file("nodea", f"/root/.scalix/mail3.{name}").write_text(text)
    site.simulator.mount("m3", "nodea")
    options = {"instances": [*INSTANCES, third], "shutdown_ports": {**PORTS, "mail3": 8007}}
    assert site.setup("nodea", "installed", **options)["commands"] == [INSTALL.format("mail3")]
    refusal = site.refused("scalix_setup", "nodea", **{**site.options("nodea", "configured"), **options})
    assert "would be stopped, and with them mail1" in refusal
    assert site.setup("nodea", "configured", **options, allow_restart=True)["changed"]


def test_drift_of_files_is_put_right(site: Site) -> None:
    site.configured()
    for node, nodes in ((node, site.nodes()) for node in site.simulator.nodes):
        site.run("scalix_instance", node, node=node, nodes=nodes)
    nodes = site.nodes()
    file = site.file("nodea", "/etc/opt/scalix-tomcat/connector/jk/app-mail2.webmail.conf")
    file.write_text("changed\n")
    site.file("nodea", "/etc/opt/scalix-tomcat/connector/jk/app-mail2.sac.conf").write_text("back\n")
    config = site.file("nodea", "/etc/opt/scalix/instance.cfg")
    config.write_text("# mine\n" + config.read_text().replace("FALSE", "TRUE", 1) + "OMX=1\n")

    result = site.four_steps("scalix_instance", "nodea", node="nodea", nodes=nodes)

    assert {(Path(change["path"]).name, change["action"]) for change in result["changes"]} == {
        ("instance.cfg", "write"),
        ("app-mail2.webmail.conf", "write"),
        ("app-mail2.sac.conf", "remove"),
    }
    assert config.read_text().startswith("# mine\n")
    assert config.read_text().endswith("OMX=1\n")


def test_files_that_have_not_followed_their_instance_are_not_lost(site: Site) -> None:
    """A run was cut short before files went to all nodes, and the instance has moved since."""
    site.configured()
    site.simulator.mount("m1", "nodeb")
    nodes = site.nodes()
    for node in site.simulator.nodes:
        assert not site.run("scalix_instance", node, node=node, nodes=nodes).get("failed")
    nodes = site.nodes()
    assert nodes["nodea"]["connectors"] == nodes["nodeb"]["connectors"]
    assert {"ajp/instance-mail1.conf", "jk/app-mail1.caa.conf"} <= set(nodes["nodeb"]["connectors"])


def test_comments_in_any_encoding_reach_all_nodes(site: Site) -> None:
    site.configured()
    config = site.file("nodea", "/etc/opt/scalix/instance.cfg")
    config.write_bytes("# f\u00fcr\r\n".encode("latin-1") + "# f\u00fcr\n".encode() + config.read_bytes())
    nodes = site.nodes()
    # What Ansible refuses to pass on.
    json.dumps(nodes, ensure_ascii=False).encode()
    for node in site.simulator.nodes:
        done = site.four_steps("scalix_instance", node, node=node, nodes=nodes)
        json.dumps(done, ensure_ascii=False).encode()
        found = site.file(node, "/etc/opt/scalix/instance.cfg").read_bytes()
        assert found.startswith(b"# f\xfcr\r\n# f\xc3\xbcr\nOMNAME=mail1\n")


def test_nodes_that_do_not_agree(site: Site) -> None:
    site.configured()
    nodes = site.nodes()
    config = site.file("nodea", "/etc/opt/scalix/instance.cfg")
    config.write_text(config.read_text().replace("mail1.scalixdemo.com", "mail1.scalix.demo"))
    assert "OMHOSTNAME=mail1.scalix.demo" in site.refused("scalix_instance", "nodea", node="nodea", nodes=nodes)
