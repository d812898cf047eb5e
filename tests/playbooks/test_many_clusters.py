"""Several clusters in one inventory: what goes wrong with one of them is no other's business."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks import fleet
from ansible_collections.groupware.ha.tests.playbooks.conftest import (
    CLUSTER,
    LOCAL,
    SERVICE,
    SILENT,
    VCS_CLUSTER,
    VCS_SERVICE,
    Cluster,
    Controller,
    Outcome,
    extra,
)

#: Nobody reaches this one.
WEST = {
    **CLUSTER,
    "name": "west",
    "nodes": [{"name": "noded", "address": "192.0.2.14"}, {"name": "nodee", "address": "192.0.2.15"}],
}
WEST_SERVICE = {
    **SERVICE,
    "name": "files",
    "address": "192.0.2.22",
    "host_name": "files.example.com",
    "nodes": {"primary": "noded", "standby": "nodee"},
}


def site(users: Any = None, **west: Any) -> dict[str, Any]:
    """A simulated cluster of which this machine is a node, and one that is not there."""
    east = {"groupware_cluster": VCS_CLUSTER, "groupware_services": [VCS_SERVICE]}
    described = {"groupware_cluster": WEST, "groupware_services": [{**WEST_SERVICE, **west}]}
    if users is not None:
        described["postfix_dovecot_users"] = users
    hosts = {
        "east": {"hosts": {"nodea": LOCAL, "nodeb": SILENT, "nodec": SILENT}, "vars": east},
        "west": {"hosts": {"noded": SILENT, "nodee": SILENT}, "vars": described},
    }
    return {"groupware_nodes": {"children": copy.deepcopy(hosts)}}


def test_a_cluster_that_is_not_there_stops_no_other(cluster: Cluster) -> None:
    planned = cluster.run("plan", site())
    done = cluster.run("site", site())
    verified = cluster.run("verify", site())

    assert "home" in planned.output
    assert "mail1: nothing to do" in planned.output
    assert "Nothing was compared, since no node of west answered: noded: gave no answer" in planned.messages
    assert planned.status != 0
    assert done.status != 0
    assert "\noffice  partly  mail1: online on nodea\n" in done.output
    assert "\nwest    FAILED  noded: gave no answer" in done.output
    assert verified.status != 0
    assert "nodee: gave no answer" in verified.messages
    assert "mail1: the address 192.0.2.21 is on no node" in verified.messages


def test_the_cluster_that_has_the_service_is_operated_on(cluster: Cluster) -> None:
    moved = cluster.run("evacuate", site(), *extra("node=nodea"))

    assert moved.status == 0, moved.output
    assert "noded" not in moved.output.partition("PLAY RECAP")[0]
    assert cluster.where() == "nodeb"
    back = cluster.run("evacuate", site(), *extra("node=nodea", "return=true"))
    assert back.status == 0, back.output
    switched = cluster.run("switchover", site(), *extra("service=mail1", "node=nodea"))
    assert switched.status == 0, switched.output
    assert cluster.where() == "nodea"


@pytest.mark.parametrize(
    ("west", "given", "words"),
    [
        ({"model": "symetric"}, [], "west: services[files].model = 'symetric'"),
        ({"address": "192.0.2.21"}, [], "service mail1 of the cluster office has it"),
        (
            {},
            ["groupware_canary=east"],
            "groupware_canary = 'east': is no cluster of this run; there are: office, west",
        ),
        ({}, ["groupware_wave_size=all"], "groupware_wave_size = 'all': is not a number of clusters"),
    ],
)
def test_the_whole_site_is_judged_before_anything_is_touched(
    cluster: Cluster, west: dict[str, Any], given: list[str], words: str
) -> None:
    done = cluster.run("site", site(**west), *extra(*given))

    assert done.status != 0
    assert words in done.messages
    assert "UNREACHABLE" not in done.output
    assert "hush" not in done.output


def test_what_fails_in_a_wave_is_not_done_to_the_next(cluster: Cluster) -> None:
    hosts = site()
    west = hosts["groupware_nodes"]["children"]["west"]
    west["hosts"] = {"noded": LOCAL, "nodee": LOCAL}
    # Of a variable that nobody has given nothing is known before.
    west["vars"]["cluster_framework_start_timeout"] = "{{ nobody_knows }}"

    # Without its disk it would be refused before it is begun.
    done = cluster.run("site", hosts, *extra("groupware_canary=west"), "--skip-tags", "shared_storage")

    assert done.status != 0
    assert "\nwest    FAILED  failed on noded, nodee" in done.output
    assert "\noffice  waits   not begun, since noded" in done.output


def test_a_node_that_fails_is_said_to_give_no_answer(cluster: Cluster) -> None:
    hosts = site()
    east = hosts["groupware_nodes"]["children"]["east"]
    east["hosts"]["nodeb"] = {**LOCAL, "ansible_python_interpreter": "/no/python"}

    verified = cluster.run("verify", hosts)

    assert verified.status != 0
    assert "nodeb: gave no answer (" in verified.messages
    assert "nodec: gave no answer (" in verified.messages
    assert "undefined" not in verified.output
    assert "HostVars" not in verified.output


def test_a_tier_that_fails_stops_no_cluster(cluster: Cluster) -> None:
    """Ansible ends a run after a play of which all hosts have failed."""
    described = {
        "ias_cluster_name": "web",
        "ias_cluster_servers": [{"name": "server0", "address": "127.0.0.1", "port": 1, "priority": 0}],
        "ias_cluster_directory": {"uri": "ldap://127.0.0.1:1", "base": "o=x", "bind_dn": "cn=x"},
        "ias_cluster_directory_password": "x",
    }
    hosts = site()
    hosts["groupware_nodes"]["children"].pop("west")
    hosts["ias_servers"] = {"hosts": {"server0": LOCAL}, "vars": described}

    done = cluster.run("site", hosts)
    verified = cluster.run("verify", hosts)

    assert done.status != 0
    assert "\noffice   partly  mail1: online on nodea\n" in done.output
    assert "\nias web  FAILED  failed on server0; see above\n" in done.output
    assert verified.status != 0
    assert "nodeb: gave no answer (" in verified.messages


def test_a_canary_of_which_one_node_gives_no_answer_stops_the_others(controller: Controller) -> None:
    hosts = fleet.inventory(controller.path, clusters=2, nodes=2)
    hosts["groupware_nodes"]["children"]["cluster1"]["hosts"]["node1b"] = SILENT

    done = controller.run("site", hosts, *extra("groupware_canary=cluster1"))

    assert done.status != 0
    assert "\ncluster1  partly  files1: online on node1a" in done.output
    assert "\ncluster2  waits   not begun, since node1b failed in a wave before\n" in done.output


def test_what_interrupts_a_service_is_refused_before_anything_is_touched(controller: Controller) -> None:
    """Names of hosts are written before the cluster's resources are compared."""
    hosts = fleet.inventory(controller.path, clusters=1, nodes=2)
    assert controller.run("site", hosts).status == 0
    (service,) = hosts["groupware_nodes"]["children"]["cluster1"]["vars"]["groupware_services"]
    service["storage"]["mount_point"], service["host_name"] = "/srv/other", "other.example.com"

    planned, done = controller.run("plan", hosts), controller.run("site", hosts)

    reason = "the changes stop and start files1; allow_restart: true (failover_service_allow_restart) makes them"
    assert (planned.status, done.status) == (2, 2)
    assert (
        f"Refused, so that nothing is done\n    failover_service: {reason}" in planned.output
        or reason in planned.output
    )
    assert "cluster1  FAILED  nothing was touched:" in done.output
    assert changed(done)["node1a"] == changed(done)["node1b"] == 0

    allowed = controller.run("site", hosts, *extra("failover_service_allow_restart=maybe"))
    assert allowed.status == 2
    assert changed(allowed)["node1a"] == 0
    assert "cluster1  FAILED  nothing was touched:" in allowed.output
    assert controller.run("site", hosts, *extra("failover_service_allow_restart=true")).status == 0


def test_what_the_answers_rule_out_is_refused_before_anything_is_touched(controller: Controller) -> None:
    """Of that cluster; those of waves after it are not begun either."""
    hosts = fleet.inventory(controller.path, clusters=2, nodes=2)
    second = hosts["groupware_nodes"]["children"]["cluster1"]["vars"]["groupware_cluster"]
    second["nodes"][1]["name"] = "node1c"
    hosts["groupware_nodes"]["children"]["cluster1"]["hosts"]["node1c"] = SILENT
    del hosts["groupware_nodes"]["children"]["cluster1"]["hosts"]["node1b"]
    service = hosts["groupware_nodes"]["children"]["cluster1"]["vars"]["groupware_services"][0]
    service["nodes"] = {"primary": "node1a", "standby": ["node1c"]}

    planned = controller.run("plan", hosts)
    waiting = controller.run("site", hosts, *extra("groupware_canary=cluster1"))
    done = controller.run("site", hosts)

    reason = "cluster.nodes = node1a, node1c: the members of the cluster are node1a, node1b. Add or remove nodes"
    assert f"Refused, so that nothing is done\n    {reason}" in planned.output
    assert planned.status != 0
    assert "cluster1: refused, see above" in planned.messages
    assert waiting.status != 0
    assert f"\ncluster1  FAILED  nothing was touched:\n                  {reason}" in waiting.output
    assert "\ncluster2  waits   not begun, since node1a, node1c failed in a wave before\n" in waiting.output
    assert "TASK [groupware.ha." not in waiting.output
    assert done.status != 0
    assert "\ncluster2  done    files2: online on node2a, changed" in done.output
    assert changed(done)["node1a"] == 0


def test_variables_of_roles_are_judged_before_anything_is_touched(controller: Controller) -> None:
    """Those too that no question to a node needs."""
    hosts = fleet.inventory(controller.path, clusters=1, nodes=2)
    given = extra("cluster_framework_start_timeout=soon", "cluster_framework_start_at_boot=maybe")

    planned, done = controller.run("plan", hosts, *given), controller.run("site", hosts, *given)

    for one in planned, done:
        assert one.status == 2
        for name, kind in (("start_timeout", "int"), ("start_at_boot", "bool")):
            assert re.search(f"'cluster_framework_{name}' is of type .* unable to convert to {kind}", one.output)
    assert "cluster1  FAILED  nothing was touched:" in done.output
    assert changed(done)["node1a"] == changed(done)["node1b"] == 0


def test_a_canary_that_gives_no_answer_stops_the_others(controller: Controller) -> None:
    hosts = fleet.inventory(controller.path, clusters=2, nodes=2)
    canary = hosts["groupware_nodes"]["children"]["cluster1"]["hosts"]
    canary.update(dict.fromkeys(canary, SILENT))

    done = controller.run("site", hosts, *extra("groupware_canary=cluster1"))

    assert done.status != 0
    assert re.search(r"\ncluster1  FAILED  node1a: gave no answer", done.output)
    assert "\ncluster2  waits   not begun, since node1a, node1b failed in a wave before\n" in done.output
    assert "TASK [groupware.ha." not in done.output


def test_what_the_answers_rule_out_is_not_refused_where_its_role_is_left_out(controller: Controller) -> None:
    """The file of hosts can be written before the vendor's installer has run."""
    hosts = fleet.inventory(controller.path, clusters=1, nodes=2)
    (controller.path / "node1b/bin/hasys").unlink()
    (controller.path / "node1b/bin/haclus").unlink()

    refused = controller.run("site", hosts)
    done = controller.run("site", hosts, "--tags", "ha_ip_config")

    assert "cluster1  FAILED  nothing was touched:" in refused.output
    assert "node1b: the cluster does not run there" in refused.output
    assert "files1.example.com" not in refused.output
    assert changed(done)["node1a"] == changed(done)["node1b"] == 1
    assert "files1.example.com" in (controller.path / "node1b/etc/upper/hosts").read_text()


def test_a_run_goes_on_only_with_clusters_that_differ(controller: Controller) -> None:
    hosts = fleet.inventory(controller.path, clusters=2, nodes=2)
    built = controller.run("site", hosts)
    assert built.status == 0, built.output
    assert "cluster2  done  files2: online on node2a, changed" in built.output

    again = controller.run("site", hosts)

    assert "TASK [groupware.ha." not in again.output
    assert "skipping: [" not in again.output
    assert "cluster1  done  files1: online on node1a, nothing changed" in again.output
    assert changed(again) == {"localhost": 0, "node1a": 0, "node1b": 0, "node2a": 0, "node2b": 0}

    of_node = controller.path / "node2b/etc/upper/hosts"
    of_node.write_text(of_node.read_text().replace("files2", "file2"))
    planned, predicted = controller.run("plan", hosts), controller.run("site", hosts, "--check")
    done = controller.run("site", hosts)

    assert "ha_ip_config: node2b: writes /etc/hosts" in planned.output
    assert "files2: nothing to do" in planned.output
    assert changed(predicted) == changed(done) == {"localhost": 0, "node1a": 0, "node1b": 0, "node2a": 0, "node2b": 1}
    assert "node1a" not in done.output.partition("TASK [groupware.ha.ha_ip_config")[2].partition("PLAY [Account")[0]
    assert changed(controller.run("site", hosts))["node2b"] == 0


def changed(outcome: Outcome) -> dict[str, int]:
    """How many tasks changed something on each host."""
    return {host: int(count) for host, count in re.findall(r"^(\S+) +: .*changed=(\d+)", outcome.output, re.MULTILINE)}
