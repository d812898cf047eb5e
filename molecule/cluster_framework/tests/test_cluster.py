"""The cluster as the nodes themselves show it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]


@pytest.fixture(scope="module")
def hosts():
    return {node: host_of(node) for node in NODES}


@pytest.mark.parametrize("node", NODES)
def test_services_run_and_start_at_boot(hosts, node):
    for name in ("corosync", "pacemaker"):
        service = hosts[node].service(name)
        assert service.is_running
        assert service.is_enabled


@pytest.mark.parametrize("node", NODES)
def test_every_node_sees_all_nodes_and_quorum(hosts, node):
    status = hosts[node].check_output("corosync-quorumtool -s")
    assert re.search(r"Quorate: +Yes", status)
    assert re.findall(r"^ +\d+ +1 +(\w+)", status, re.MULTILINE) == NODES


def test_ids_are_those_of_the_first_run(hosts):
    listed = hosts["nodeb"].check_output("crm_node --list")
    assert sorted(listed.splitlines()) == ["1 nodea member", "2 nodeb member", "3 nodec member"]


def test_traffic_is_encrypted(hosts):
    values = hosts["nodea"].check_output("corosync-cmapctl -b totem.crypto")
    assert "totem.crypto_cipher (str) = aes256" in values
    assert "totem.crypto_hash (str) = sha256" in values


def test_all_nodes_have_one_key_and_only_root_reads_it(hosts):
    keys = [host.file("/etc/corosync/authkey") for host in hosts.values()]
    assert {key.mode for key in keys} == {0o400}
    assert {key.user for key in keys} == {"root"}
    assert len({key.sha256sum for key in keys}) == 1
    assert keys[0].size == 256


def test_all_nodes_have_one_configuration(hosts):
    assert len({host.file("/etc/corosync/corosync.conf").sha256sum for host in hosts.values()}) == 1


def test_nothing_is_left_of_the_packaged_cluster(hosts):
    assert "node1" not in hosts["nodec"].check_output("cibadmin --query")


def test_fencing_is_on_and_reaches_every_node(hosts):
    host = hosts["nodea"]
    assert host.check_output("crm_attribute --quiet --name stonith-enabled") == "true"
    for node in NODES:
        assert "fence_engine" in host.check_output(f"stonith_admin --list {node}")
