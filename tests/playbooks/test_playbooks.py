"""Every playbook fails unless it did what it is for, and says what it looked for and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import (
    LOCAL,
    NODES,
    SILENT,
    SYSTEMCTL,
    TOP,
    VCS_CLUSTER,
    VCS_SERVICE,
    Cluster,
    Controller,
    extra,
    inventory,
)

#: A call of each playbook with which nothing is wrong.
CALLS = {
    "plan": [],
    "site": [],
    "verify": [],
    "switchover": ["service=mail1"],
    "evacuate": ["node=nodea"],
    "add_node": ["node=nodec"],
    "remove_node": ["node=noded"],
    "unconfigure": [],
    "adopt": [],
    "migrate": [],
}
#: Those that operate on tiers alone; see their tests.
OF_TIERS = ("balance", "promote", "restart")
ALL_SILENT = inventory(dict.fromkeys(NODES, SILENT))
every_playbook = pytest.mark.parametrize("playbook", CALLS)


def test_all_playbooks_are_here() -> None:
    assert sorted([*CALLS, *OF_TIERS]) == sorted(path.stem for path in (TOP / "playbooks").glob("*.yml"))


@every_playbook
def test_without_an_inventory(controller: Controller, playbook: str) -> None:
    done = controller.run(playbook, None, *extra(*CALLS[playbook]))

    assert done.status != 0
    assert "no host in a group groupware_nodes" in done.messages
    assert "name one with -i INVENTORY" in done.messages


@every_playbook
def test_a_group_of_another_name(controller: Controller, playbook: str) -> None:
    hosts = {**inventory(dict.fromkeys(NODES, SILENT), "groupware_node"), "web": {"hosts": {"web1": SILENT}}}

    done = controller.run(playbook, hosts, *extra(*CALLS[playbook]), "--check")

    assert done.status != 0
    assert "no host in a group groupware_nodes" in done.messages
    assert "groupware_node (3), web (1)); rename groupware_node" in done.messages


@every_playbook
def test_a_limit_that_leaves_no_node(controller: Controller, playbook: str) -> None:
    hosts = {**ALL_SILENT, "web": {"hosts": {"web1": SILENT}}}

    done = controller.run(playbook, hosts, *extra(*CALLS[playbook]), "--limit", "web")

    assert done.status != 0
    assert "--limit web: leaves no host of the group groupware_nodes" in done.messages


@every_playbook
@pytest.mark.parametrize("tags", [["--tags", "nothing"], ["--skip-tags", "all"]], ids=lambda tags: tags[0])
def test_tags_that_leave_nothing(controller: Controller, playbook: str, tags: list[str]) -> None:
    done = controller.run(playbook, ALL_SILENT, *extra(*CALLS[playbook]), *tags)

    assert done.status != 0
    assert f"{' '.join(tags)}: is no tag of {playbook}; it has" in done.messages


@every_playbook
def test_no_node_answers(controller: Controller, playbook: str) -> None:
    done = controller.run(playbook, ALL_SILENT, *extra(*CALLS[playbook]), "--limit", "nodea,nodeb,nodec")

    assert done.status != 0
    assert all(f"{node}: gave no answer (Failed to connect" in done.output for node in NODES)


#: Of the others, plan predicts the first run, and site and add_node make it.
@pytest.mark.parametrize("playbook", sorted({*CALLS} - {"plan", "site", "add_node"}))
def test_the_cluster_runs_nowhere(controller: Controller, playbook: str) -> None:
    hosts = inventory({"nodea": LOCAL, "nodeb": SILENT, "nodec": SILENT})

    done = controller.run(playbook, hosts, *extra(*CALLS[playbook]))

    assert done.status != 0
    if playbook == "verify":
        assert "nodea: the cluster does not run there" in done.messages
    else:
        assert "the cluster was found on no node: nodea: " in done.messages
        # This machine may have programs of a framework, or none; a cluster it has not.
        assert "nodea: gave no answer" not in done.messages
    assert "nodeb: gave no answer" in done.messages


@pytest.mark.parametrize(
    ("playbook", "given", "words"),
    [
        ("switchover", [], "service: is missing"),
        ("switchover", ["servcie=mail1"], "service: is missing"),
        ("switchover", ["service="], "service: is empty"),
        (
            "switchover",
            ["service=mail1", "state=moves"],
            "state = 'moves': is nothing that switchover knows; did you mean moved?",
        ),
        ("switchover", ["service=mail1", "nod=nodeb"], "nod: there is no such variable; did you mean node?"),
        ("switchover", ["service=mail1", "return=true"], "return: has no meaning for switchover"),
        ("evacuate", [], "node: is missing"),
        ("evacuate", ["nod=nodea"], "did you mean node?"),
        ("evacuate", ["node=nodea", "retrun=true"], "retrun: there is no such variable; did you mean return?"),
        (
            "evacuate",
            ["node=nodea", "return=yess"],
            "return = 'yess': is nothing that evacuate knows; did you mean yes?",
        ),
        ("evacuate", ["node=nodea", "service=mail1"], "service: has no meaning for evacuate"),
        ("add_node", [], "node: is missing"),
        (
            "add_node",
            ["node=noded"],
            "node = 'noded': is not described; groupware_cluster.nodes has nodea, nodeb, nodec",
        ),
        ("add_node", ["nodee=nodec"], "did you mean node?"),
        ("remove_node", [], "node: is missing"),
        ("remove_node", ["node=nodec"], "node = 'nodec': is still described"),
        ("unconfigure", ["unconfigure_cluster=ofice"], "the described cluster is called office"),
        ("unconfigure", ["unconfigur_cluster=office"], "did you mean unconfigure_cluster?"),
        (
            "adopt",
            ["framework=pacemakr"],
            "framework = 'pacemakr': is nothing that adopt knows; did you mean pacemaker?",
        ),
        ("adopt", ["itno=adopted.yml"], "itno: there is no such variable; did you mean into?"),
        ("adopt", ["into=missing/adopted.yml"], "there is no directory missing"),
        (
            "adopt",
            ["into=tmp.yml", "overwrite=ture"],
            "overwrite = 'ture': is nothing that adopt knows; did you mean true?",
        ),
        ("adopt", ["saved=cluster.conf"], "framework: is missing"),
        ("adopt", ["saved=cluster.conf", "framework=rhcs"], "there is no such file"),
        ("migrate", ["framework=vsc"], "framework = 'vsc': is nothing that migrate knows; did you mean vcs?"),
        ("migrate", ["svaed=main.cf", "framework=vcs"], "did you mean saved?"),
        ("site", ["failover_service_allow_restat=true"], "did you mean failover_service_allow_restart?"),
        ("site", ["node=nodea"], "node: has no meaning for site"),
        ("plan", ["groupware_service=[]"], "did you mean groupware_services?"),
        ("verify", ["verify_credential={}"], "did you mean verify_credentials?"),
        ("verify", ['{"verify_credentials": {"mail9": {"user": "a", "password": "hush"}}}'], "is for no mail service"),
        ("verify", ['{"verify_credentials": ["hush"]}'], "verify_credentials: is a list of 1 item, not a mapping"),
        (
            "verify",
            [
                '{"groupware_services": [{"name": "mail1", "application": {"type": "postfix_dovecot"}}]}',
                '{"verify_credentials": {"mail1": {"user": "a", "password": ["hush"]}}}',
            ],
            "verify_credentials.mail1.password: is a list of 1 item, not a text; give a text in quotes",
        ),
    ],
)
def test_a_call_that_asks_for_nothing(controller: Controller, playbook: str, given: list[str], words: str) -> None:
    done = controller.run(playbook, ALL_SILENT, *extra(*given))

    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert "hush" not in done.output


ALL_HERE = inventory(dict.fromkeys(NODES, LOCAL))
#: Playbooks that take something away.
TAKES_AWAY = pytest.mark.parametrize(
    ("playbook", "given"),
    [("unconfigure", []), ("unconfigure", ["unconfigure_cluster=office"]), ("remove_node", ["node=noded"])],
)


@TAKES_AWAY
def test_what_was_taken_away_already(taken_apart: Controller, playbook: str, given: list[str]) -> None:
    done = taken_apart.run(playbook, ALL_HERE, *extra(*given))

    assert done.status == 0, done.output
    assert "nothing is left: nodea, nodeb, nodec have nothing of a cluster any more" in done.output
    assert "changed=0" in done.output
    assert "changed=1" not in done.output


@TAKES_AWAY
def test_what_may_not_have_been_taken_away(taken_apart: Controller, playbook: str, given: list[str]) -> None:
    """Not all nodes answer, or are asked; something is left of the cluster, or of another framework's."""
    one_silent = inventory({"nodea": LOCAL, "nodeb": LOCAL, "nodec": SILENT})
    undescribed = inventory({"nodea": LOCAL, "nodeb": LOCAL})
    programs = taken_apart.programs
    assert programs is not None

    def refused(words: str, hosts: dict[str, Any], *arguments: str) -> None:
        done = taken_apart.run(playbook, hosts, *extra(*given), *arguments)
        assert done.status != 0, done.output
        assert "the cluster was found on no node" in done.messages
        assert words in done.messages

    refused("nodec: gave no answer", one_silent)
    refused("nodeb: the cluster is not running", ALL_HERE, "--limit", "nodea,nodeb")
    refused("nodeb: the cluster is not running", undescribed)
    (programs / "systemctl").write_text(SYSTEMCTL.format(state="active"))
    refused("nodea: the cluster is not running on this node (Could not connect to the CIB); there is left: ", ALL_HERE)
    (programs / "systemctl").write_text("#!/bin/sh\nexit 1\n")
    refused("what Corosync and Pacemaker have here is not known", ALL_HERE)
    (programs / "systemctl").write_text(SYSTEMCTL.format(state="inactive"))
    (programs / "hagrp").write_text("#!/bin/sh\nexit 1\n")
    (programs / "hagrp").chmod(0o755)
    refused("there is left: vcs is installed (hagrp)", ALL_HERE)


def test_services_are_taken_away_twice(cluster: Cluster) -> None:
    alone = inventory({"nodea": LOCAL}, cluster=VCS_CLUSTER, service=VCS_SERVICE)

    first = cluster.run("unconfigure", alone)
    again = cluster.run("unconfigure", alone)

    assert first.status == 0, first.output
    assert "changed=1" in first.output
    assert again.status == 0, again.output
    assert "changed=1" not in again.output


def test_variables_that_are_somebody_elses_are_left_alone(cluster: Cluster) -> None:
    given = ["vault_alice=1", "site_name=munich", "ansible_verbosity=0", "failover_service_timeout=60"]

    assert cluster.run("plan", cluster.hosts, *extra(*given)).status == 0


@pytest.mark.parametrize(
    ("playbook", "given", "words"),
    [
        ("switchover", ["service=mail9"], "there is no such service in the cluster; there are: mail1"),
        (
            "switchover",
            ["service=mail1", "node=noded"],
            "is not a member of the cluster; there are: nodea, nodeb, nodec",
        ),
        ("evacuate", ["node=noded"], "is not a member of the cluster; there are: nodea, nodeb, nodec"),
        ("remove_node", ["node=noded"], "since it has to be done on every node"),
        ("unconfigure", [], "since it has to be done on every node"),
    ],
)
def test_what_a_running_cluster_does_not_know(cluster: Cluster, playbook: str, given: list[str], words: str) -> None:
    done = cluster.run(playbook, cluster.hosts, *extra(*given), "--check")
    again = cluster.run(playbook, cluster.hosts, *extra(*given))

    assert done.status != 0
    assert again.status != 0
    assert words in done.messages
    assert words in again.messages
    assert cluster.where() == "nodea"


def test_one_node_answers_and_that_is_enough(cluster: Cluster) -> None:
    """Check, do, weaken and look, and back again; nobody asks for privileges on this host."""
    # Ansible leaves out to become the user that it is already, unless it is told otherwise.
    as_root = {"ANSIBLE_BECOME_EXE": "/bin/false", "ANSIBLE_BECOME_ALLOW_SAME_USER": "1"}
    hosts = {"all": {"vars": {"ansible_become": True}}, **cluster.hosts}
    sudo = str(Path(__file__).with_name("sudo.sh"))
    hosts["groupware_nodes"]["hosts"]["nodea"] = {**LOCAL, "ansible_become_exe": sudo}

    checked = cluster.run("evacuate", hosts, *extra("node=nodea"), "--check", **as_root)
    assert (checked.status, cluster.where()) == (0, "nodea"), checked.output
    done = cluster.run("evacuate", hosts, *extra("node=nodea"), "-b", **as_root)
    assert done.status == 0, done.output
    assert cluster.where() == "nodeb"
    planned = cluster.run("plan", hosts, "-b", **as_root)
    assert planned.status == 0, planned.output
    assert "nodea: is in standby" in planned.output
    assert "nodeb: gave no answer" in planned.output
    verified = cluster.run("verify", hosts, "-b", **as_root)
    assert verified.status != 0
    assert "nodea: is in standby" in verified.messages
    assert "nodeb: gave no answer" in verified.messages
    done = cluster.run("evacuate", hosts, *extra("node=nodea", "return=true"), "--limit", "nodea")
    assert done.status == 0, done.output
    done = cluster.run("switchover", hosts, *extra("service=mail1", "node=nodea"), **as_root)
    assert done.status == 0, done.output
    assert '"mail1: online on nodea"' in done.output
    assert "is in standby" not in cluster.run("plan", hosts).output


def test_evacuating_takes_nothing_offline_unless_told_to(cluster: Cluster) -> None:
    for node in ("nodeb", "nodec"):
        done = cluster.run("evacuate", cluster.hosts, *extra(f"node={node}"))
        assert done.status == 0, done.output
        assert "mail1: online on nodea" in done.output

    for arguments in ([], ["--check"]):
        done = cluster.run("evacuate", cluster.hosts, *extra("node=nodea"), *arguments)
        assert done.status != 0, done.output
        assert "no other node can take mail1 (nodeb is in standby, nodec is in standby)" in done.messages
        assert "offline_too=true" in done.messages
        assert cluster.where() == "nodea"
    done = cluster.run("evacuate", cluster.hosts, *extra("node=nodea", "offline_too=true"))
    assert done.status == 0, done.output
    assert '"mail1: offline"' in done.output
    assert "None" not in done.output


def test_a_saved_file_needs_this_host_alone(controller: Controller) -> None:
    saved = TOP / "tests/unit/plugins/module_utils/saved/rhcs-6-file-server.cluster.conf"
    given = extra(f"saved={saved}", "framework=rhcs", "into=adopted.yml")

    refused = controller.run("adopt", ALL_SILENT, *given, "--limit", "nodea")
    assert refused.status != 0
    assert "--limit nodea leaves out" in refused.messages
    done = controller.run("adopt", ALL_SILENT, *given, "-b", ANSIBLE_BECOME_EXE="/bin/false")
    assert done.status == 0, done.output
    assert "groupware_cluster" in Path(controller.path, "adopted.yml").read_text()
