"""Every node knows all nodes and logical hosts from its own hosts file."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NETWORK = "198.18.78"
NODES = ["nodea", "nodeb", "nodec"]
NAMES = {
    "nodea": f"{NETWORK}.11",
    "nodeb": f"{NETWORK}.12",
    "nodec": f"{NETWORK}.13",
    "mail1": f"{NETWORK}.21",
    "mail1.molecule.test": f"{NETWORK}.21",
    "mail2.molecule.test": f"{NETWORK}.22",
}


@pytest.mark.parametrize("node", NODES)
def test_names_lead_to_addresses(node):
    host = host_of(node)
    for name, address in NAMES.items():
        assert {line.split()[0] for line in host.check_output(f"getent ahostsv4 {name}").splitlines()} == {address}


@pytest.mark.parametrize("node", NODES)
def test_the_block_is_there_once(node):
    host = host_of(node)
    lines = host.file("/etc/hosts").content_string.splitlines()
    assert len([line for line in lines if line.startswith("# BEGIN groupware.ha")]) == 1
    assert "127.0.0.1" in {line.split()[0] for line in lines if line and not line.startswith("#")}


def test_other_names_of_the_loopback_are_kept():
    host = host_of("nodea")
    lines = host.file("/etc/hosts").content_string.splitlines()
    assert [line.split() for line in lines if line.startswith("127.0.1.1")] == [["127.0.1.1", "nodea.molecule.test"]]
