"""What the clusters of an inventory are, and what is wrong between them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import CAPABILITIES
from ansible_collections.groupware.ha.plugins.module_utils.site import addresses
from ansible_collections.groupware.ha.plugins.module_utils.site.clusters import (
    SiteCluster,
    clusters_of,
    disagreements,
    misnamed,
    strangers,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.test_request import cluster, service

EAST = {
    "groupware_cluster": cluster("east", ["nodea", "nodeb"], 11),
    "groupware_services": [service("mail1", ["nodea", "nodeb"], 21)],
}
WEST = {
    "groupware_cluster": cluster("west", ["nodec", "noded"], 13),
    "groupware_services": [service("mail2", ["nodec", "noded"], 22)],
}
HOSTS: dict[str, dict[str, Any]] = {"nodea": EAST, "nodec": WEST, "nodeb": EAST, "noded": WEST}


def faults(hosts: dict[str, dict[str, Any]]) -> list[str]:
    return [f"{fault.key}: {fault.reason}" for fault in disagreements(clusters_of(hosts), hosts)]


def test_hosts_belong_to_the_cluster_that_is_described_for_them() -> None:
    assert [(one.name, one.hosts) for one in clusters_of(HOSTS)] == [
        ("east", ("nodea", "nodeb")),
        ("west", ("nodec", "noded")),
    ]
    assert [(one.name, one.hosts) for one in clusters_of({"nodea": {}, "nodeb": {}})] == [(None, ("nodea", "nodeb"))]
    assert faults(HOSTS) == []
    assert faults({"nodea": {}, "nodeb": {}}) == []


def test_the_keys_that_differ_are_named() -> None:
    other = copy.deepcopy(EAST)
    other["groupware_cluster"]["nodes"][1]["address"] = "192.0.2.99"
    other["groupware_services"][0]["model"] = "n_plus_1"

    assert faults({**HOSTS, "nodeb": other}) == [
        "groupware_cluster.nodes[nodeb].address: is not the same for nodea and nodeb, hosts of the cluster east",
        "groupware_services[mail1].model: is not the same for nodea and nodeb, hosts of the cluster east",
    ]


def test_a_cluster_that_is_called_otherwise_on_one_of_its_nodes() -> None:
    names = ["nodea", "nodeb", "nodec"]
    nodes = {"nodes": [{"name": name, "address": f"192.0.2.{last}"} for last, name in enumerate(names)]}
    office = {"groupware_cluster": {"name": "office", **nodes}, "groupware_services": []}
    hosts = {"nodea": office, "nodeb": office, "nodec": {**office, "groupware_cluster": {"name": "ofice", **nodes}}}

    (found,) = misnamed(clusters_of(hosts))

    assert str(found) == (
        "groupware_cluster.name = 'ofice': is what nodec says, and nodes of the same cluster call it office; "
        "define it once, for a group with all hosts of office"
    )
    assert list(misnamed(clusters_of(HOSTS))) == []


def test_hosts_of_one_cluster_that_say_different_things() -> None:
    other = {**EAST, "groupware_services": []}

    assert faults({**HOSTS, "nodeb": other}) == [
        "groupware_services: is not the same for nodea and nodeb, hosts of the cluster east"
    ]
    assert faults({**HOSTS, "nodeb": {**EAST, "postfix_dovecot_users": {}}}) == [
        "postfix_dovecot_users: is not the same for nodea and nodeb, hosts of the cluster east"
    ]
    assert faults({**HOSTS, "nodee": {}}) == [
        "groupware_cluster: is not defined for nodee",
        "groupware_services: is not defined for nodee",
    ]


@pytest.mark.parametrize(
    ("hosts", "groups", "words"),
    [
        (("nodea", "nodeb"), {}, []),
        (("nodea",), {"all": ["nodea"]}, ["groupware_cluster.nodes[nodeb] = 'nodeb': is no host of the inventory"]),
        (
            ("nodea",),
            {"all": ["nodea", "nodeb"]},
            ["groupware_cluster.nodes[nodeb] = 'nodeb': is not in the group groupware_nodes with this description"],
        ),
        (
            ("nodea", "nodeb.example.com"),
            {"all": ["nodea", "nodeb.example.com"]},
            ["groupware_cluster.nodes[nodeb] = 'nodeb': the inventory calls it nodeb.example.com; use one name"],
        ),
        (("nodea", "nodeb", "noded"), {}, ["inventory.groupware_nodes.noded = 'noded': is a host of the cluster east"]),
    ],
)
def test_inventory_and_description_name_the_same_nodes(
    hosts: tuple[str, ...], groups: dict[str, list[str]], words: list[str]
) -> None:
    found = list(strangers(SiteCluster("east", hosts, EAST), groups))

    assert len(found) == len(words)
    assert all(str(one).startswith(text) for one, text in zip(found, words, strict=True))


def described(name: str, nodes: list[str], first: int, **changes: Any) -> Description:
    services = [{**service(f"mail{first}", nodes, first + 100), **changes}]
    return parse_description(cluster(name, nodes, first), services, CAPABILITIES["pacemaker"])


def shared(west: Description) -> list[str]:
    east = described("east", ["nodea", "nodeb"], 11, storage={"device": DISK, "mount_point": "/srv/mail"})
    return [str(fault) for fault in addresses.shared({"east": east, "west": west})]


DISK = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4"


def test_clusters_that_share_nothing() -> None:
    assert shared(described("west", ["nodec", "noded"], 13)) == []


@pytest.mark.parametrize(
    ("west", "words"),
    [
        (
            described("west", ["nodec", "noded"], 13, address="192.0.2.111"),
            "west: groupware_services[mail13].address = '192.0.2.111': service mail11 of the cluster east has it;"
            " use a free one; 192.0.2.112 is described nowhere",
        ),
        (
            described("west", ["nodec", "noded"], 12),
            "west: groupware_cluster.nodes[nodec].address = '192.0.2.12': node nodeb of the cluster east has it",
        ),
        (
            described("west", ["nodec", "noded"], 13, host_name="mail11.example.com"),
            "west: groupware_services[mail13].host_name = 'mail11.example.com': service mail11 of the cluster",
        ),
        (
            described("west", ["nodec", "noded"], 13, storage={"device": DISK, "mount_point": "/srv/mail"}),
            f"west: groupware_services[mail13].storage.device = '{DISK}': service mail11 of the cluster east has it",
        ),
        (
            described(
                "west",
                ["nodec", "noded"],
                13,
                storage={"device": DISK.replace("wwn-0x", "scsi-3"), "mount_point": "/srv/mail"},
            ),
            f"west: groupware_services[mail13].storage.device = '{DISK}': service mail11 of the cluster east has it",
        ),
        (
            described("west", ["nodec", "noded"], 13, host_name="Mail11.Example.com"),
            "west: groupware_services[mail13].host_name = 'mail11.example.com': service mail11 of the cluster",
        ),
    ],
)
def test_clusters_that_share_something(west: Description, words: str) -> None:
    (found,) = shared(west)

    assert found.startswith(words)


def fenced(name: str, first: int, **options: str) -> Description:
    nodes = [f"{name}1", f"{name}2"]
    agent = options.pop("agent", "fence_ipmilan")
    device = {"name": f"fence_{name}", "agent": agent, "options": options, "nodes": nodes}
    given = {**cluster(name, nodes, first), "fencing": {"devices": [device]}}
    return parse_description(given, [], CAPABILITIES["pacemaker"])


MAP = {"agent": "fence_apc", "ip": "203.0.113.9"}


@pytest.mark.parametrize(
    ("east", "west", "words"),
    [
        (
            {"ip": "203.0.113.1"},
            {"ip": "203.0.113.1"},
            "options.ip = 'fence_ipmilan 203.0.113.1': fencing device",
        ),
        ({**MAP, "plug": "1"}, {**MAP, "plug": "1"}, "options.plug = 'fence_apc 203.0.113.9 plug 1': fencing device"),
        ({**MAP, "plug": "1"}, {**MAP, "pcmk_host_map": "west1:1,2;west2:3"}, "options.pcmk_host_map = 'fence_apc 203"),
        ({"ip": "203.0.113.1"}, {"ip": "203.0.113.1", "ipport": "624"}, ""),
        ({"ip": "203.0.113.1"}, {"ip": "203.0.113.2"}, ""),
        ({**MAP, "plug": "1"}, {**MAP, "plug": "2"}, ""),
        ({"agent": "fence_virt", "plug": "1"}, {"agent": "fence_virt", "plug": "1"}, ""),
    ],
)
def test_a_machine_that_devices_of_two_clusters_stop(east: dict[str, str], west: dict[str, str], words: str) -> None:
    """A node would be stopped in place of a lost one, which goes on with a volume that another mounts."""
    clusters = {"east": fenced("east", 11, **east), "west": fenced("west", 13, **west)}
    found = [str(fault) for fault in addresses.shared(clusters)]
    assert len(found) == bool(words)
    assert all(one.startswith(f"west: groupware_cluster.fencing.devices[0].{words}") for one in found), found


def test_without_the_library_nothing_is_taken_for_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "netaddr", None)

    (found,) = shared(described("west", ["nodec", "noded"], 13))

    assert found.startswith("netaddr: is missing: the Python library")
    assert list(addresses.shared({"west": described("west", ["nodec", "noded"], 13)})) == []


def test_networks_that_overlap() -> None:
    given = {**cluster("west", ["nodec", "noded"], 13), "networks": ["192.0.2.0/25"]}
    west = parse_description(given, [], CAPABILITIES["pacemaker"])

    (found,) = shared(west)

    assert found.startswith(
        "west: groupware_cluster.networks = '192.0.2.0/25': overlaps 192.0.2.0/24 of the cluster east"
    )
