"""The services as the nodes themselves show them, not as the cluster reports them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]


def connect(node):
    return host_of(node)


@pytest.fixture(scope="module")
def hosts():
    return {node: connect(node) for node in NODES}


def addresses(host):
    links = json.loads(host.check_output("ip -json address"))
    return {entry["local"] for link in links for entry in link["addr_info"]}


def mounts(host):
    listed = json.loads(host.check_output("findmnt --json --list --output TARGET"))
    return {entry["target"] for entry in listed["filesystems"]}


@pytest.mark.parametrize("address", ["198.18.78.31", "198.18.78.32"])
def test_each_address_is_on_exactly_one_node(hosts, address):
    assert len([node for node, host in hosts.items() if address in addresses(host)]) == 1


def test_the_volume_is_mounted_on_the_node_with_the_address(hosts):
    mounted = [node for node, host in hosts.items() if "/srv/store1" in mounts(host)]
    assert mounted == [node for node, host in hosts.items() if "198.18.78.31" in addresses(host)]
    assert mounted == ["nodea"]
    assert hosts["nodea"].file("/srv/store1/data").content_string == "kept"


def test_the_configuration_is_valid(hosts):
    assert hosts["nodea"].run("crm_verify --live-check --verbose").rc == 0


def test_no_preference_is_left_of_moving(hosts):
    constraints = hosts["nodea"].check_output("cibadmin --query --scope constraints")
    assert "cli-" not in constraints
