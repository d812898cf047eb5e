"""The virtual nodes' inventory and rules, and the lab that provides the nodes, say the same."""

from __future__ import annotations

import re
import tomllib
from ipaddress import IPv4Network
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[3] / "tests/virtual"
LAB = tomllib.loads((FOLDER / "virtual.toml").read_text())
RULES = FOLDER / "node_files/etc/udev/rules.d/60-groupware-ha-lab.rules"


def test_nodes_and_addresses() -> None:
    network = IPv4Network(LAB["network"])
    addresses = {name: str(network[11 + number]) for number, name in enumerate(LAB["nodes"])}
    inventory = yaml.safe_load((FOLDER / "inventory/hosts.yml").read_text())
    hosts = inventory["groupware_nodes"]["hosts"]
    assert {name: host["ansible_host"] for name, host in hosts.items()} == addresses
    description = yaml.safe_load((FOLDER / "inventory/group_vars/all/description.yml").read_text())
    assert description["groupware_cluster"]["networks"] == [LAB["network"]]
    assert {node["name"]: node["address"] for node in description["groupware_cluster"]["nodes"]} == addresses


def test_disks_get_their_names_in_the_order_in_which_they_are_plugged_in() -> None:
    named = re.findall(r'^KERNEL=="ubd(.)", SYMLINK\+="san/(\w+)"$', RULES.read_text(), re.MULTILINE)
    assert named == list(zip("bcdefgh", LAB["luns"], strict=False))
