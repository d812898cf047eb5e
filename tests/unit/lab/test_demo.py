"""The demo's inventory and the lab that provides its nodes say the same."""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parents[3]
LAB = tomllib.loads((CHECKOUT / "tests/lab/demo.toml").read_text())


def variables() -> dict[str, Any]:
    texts = [path.read_text() for path in sorted((CHECKOUT / "inventories/demo/group_vars/all").glob("*.yml"))]
    network = yaml.safe_load("\n".join(texts).replace("---", ""))["demo_network"]
    merged: dict[str, Any] = {}
    for text in texts:
        merged |= yaml.safe_load(text.replace("{{ demo_network }}", network))
    return merged


def test_nodes_and_addresses() -> None:
    network = IPv4Network(LAB["network"])
    cluster = variables()["groupware_cluster"]
    assert cluster["networks"] == [LAB["network"]]
    assert {node["name"]: IPv4Address(node["address"]) for node in cluster["nodes"]} == {
        name: network[11 + number] for number, name in enumerate(LAB["nodes"])
    }
    assert cluster["fencing"]["devices"][0]["options"]["ip"] == str(network[1])


def test_devices_and_users() -> None:
    description = variables()
    devices = {service["storage"]["device"] for service in description["groupware_services"]}
    assert devices <= {f"/dev/san/{lun}" for lun in LAB["luns"]}
    given = [*description["postfix_dovecot_users"].values(), *description["radicale_users"].values()]
    users = {user["name"] for users in given for user in users}
    assert users <= set(LAB["mail_users"])
