"""Which descriptions are refused, and that each refusal names key, value, reason and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities, Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, shape
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import (
    good_description,
    judge,
    mail_service,
    problems_of,
)

REMOVED = object()

#: Takes whatever name: for what does not depend on the framework.
ANY_NAME = Capabilities("any", ".*", "anything", 1000)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good description with one value changed, added or removed."""
    description = good_description()
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target: Any = description
    for part in parents:
        target = target[part]
    if value is REMOVED:
        del target[last]
    else:
        target[last] = value
    return description


def test_good_description_is_accepted() -> None:
    deployment, _ = judge(good_description())

    mail1, _, calendar = deployment.services
    assert deployment.cluster.node_names == ("nodea", "nodeb", "nodec")
    assert mail1.nodes == ("nodea", "nodeb")
    assert (str(mail1.address), mail1.prefix_length) == ("192.0.2.21", 24)
    assert calendar.nodes == ("nodec", "nodea", "nodeb")
    assert (str(calendar.address), calendar.prefix_length) == ("2001:db8:77::31", 64)
    assert calendar.storage is not None
    assert calendar.storage.block_device == "/dev/vg-calendar/lvcalendar"
    assert deployment.cluster.fencing_devices[0].options["ssl"] == "true"
    assert deployment.cluster.fencing_devices[0].options["ipport"] == "2376"


#: path of what is changed, its value, then what the problem must say: key, value, reason, remedy
REFUSED: list[tuple[str, Any, str, Any, str, str]] = [
    # The cluster and its nodes
    ("cluster.name", REMOVED, "cluster.name", None, "is missing", "required"),
    ("cluster.name", "de mo", "cluster.name", "de mo", "a name that pacemaker cannot carry", "use letters, digits"),
    ("cluster.name", 7, "cluster.name", "a number", "is not a text", "quotes"),
    ("cluster.framework", "pacemakr", "cluster.framework", "pacemakr", "has no driver", "use pacemaker"),
    ("cluster.netwroks", [], "cluster.netwroks", "a list of 0 items", "is not a known key", "did you mean networks?"),
    ("cluster.colour", "red", "cluster.colour", "a text", "is not a known key", "use one of name, framework, networks"),
    ("cluster.properties", ["a"], "cluster.properties", "a list of 1 item", "is not a dictionary", "give a dictionary"),
    (
        "cluster.properties.x",
        {},
        "cluster.properties.x",
        "a dictionary",
        "is not a single value",
        "text, number or boolean",
    ),
    ("cluster.nodes.2.address", "10.0.0", "cluster.nodes[2].address", "10.0.0", "is not an IP address", "own address"),
    (
        "cluster.nodes.2.address",
        "192.0.2.13/24",
        "cluster.nodes[2].address",
        "192.0.2.13/24",
        "is not an IP address",
        "without a prefix length",
    ),
    (
        "cluster.nodes.2.address",
        "192.0.2.11",
        "cluster.nodes[2].address",
        "192.0.2.11",
        "is the address of node nodea too",
        "give each node its own address",
    ),
    # Fencing
    ("cluster.fencing", REMOVED, "cluster.fencing", None, "is missing", "disabled_accepting_data_loss: true"),
    ("cluster.fencing", {}, "cluster.fencing.devices", [], "has no device for nodea, nodeb, nodec", "name every node"),
    (
        "cluster.fencing.disabled_accepting_data_loss",
        True,
        "cluster.fencing.disabled_accepting_data_loss",
        True,
        "contradicts fencing.devices",
        "remove",
    ),
    (
        "cluster.fencing.disabled_accepting_data_loss",
        "yes",
        "cluster.fencing.disabled_accepting_data_loss",
        "yes",
        "is neither true nor false",
        "without quotes",
    ),
    (
        "cluster.fencing.devices.0.nodes",
        ["nodea", "nodeb"],
        "cluster.fencing.devices",
        ["fence_engine"],
        "has no device for nodec",
        "name every node in a device",
    ),
    (
        "cluster.fencing.devices.0.nodes",
        ["nodea", "nodeb", "nodec", "nodecc"],
        "cluster.fencing.devices[0].nodes",
        "nodecc",
        "is not a node of the cluster",
        "did you mean nodec?",
    ),
    (
        "cluster.fencing.devices.0.nodes",
        ["nodea", "nodeb", "nodec", "nodec"],
        "cluster.fencing.devices[0].nodes",
        "nodec",
        "is named twice",
        "once",
    ),
    (
        "cluster.properties.stonith-enabled",
        False,
        "cluster.properties.stonith-enabled",
        "false",
        "fencing is not switched here",
        "disabled_accepting_data_loss: true",
    ),
    # A service: names, model, nodes
    ("services.2.name", "2nd", "services[2nd].name", "2nd", "a name that pacemaker cannot carry", "beginning with a"),
    ("services.2.name", "c" * 65, f"services[{'c' * 65}].name", "c" * 65, "cannot carry", "64 characters at most"),
    ("services.2.name", 3, "services[2].name", "a number", "is not a text", "quotes"),
    ("services.2.model", REMOVED, "services[calendar].model", None, "is missing", "required"),
    ("services.2.model", "symetric", "services[calendar].model", "symetric", "is not a known model", "symmetric"),
    ("services.2.nodes", REMOVED, "services[calendar].nodes", None, "is missing", "nodes.standby"),
    ("services.2.nodes", "nodea", "services[calendar].nodes", "a text", "is not a dictionary", "give a dictionary"),
    (
        "services.2.nodes.primary",
        "nodecc",
        "services[calendar].nodes.primary",
        "nodecc",
        "is not a node of the cluster",
        "did you mean nodec?",
    ),
    (
        "services.2.nodes.standby",
        ["nodea", "elsewhere"],
        "services[calendar].nodes.standby",
        "elsewhere",
        "is not a node of the cluster",
        "the nodes are nodea, nodeb, nodec",
    ),
    (
        "services.2.nodes.standby",
        ["nodea", "nodea"],
        "services[calendar].nodes.standby",
        "nodea",
        "is named twice",
        "once",
    ),
    (
        "services.2.nodes.standby",
        "nodec",
        "services[calendar].nodes.standby",
        "nodec",
        "the standby is its own primary",
        "name another node",
    ),
    (
        "services.2.nodes.standby",
        [],
        "services[calendar].nodes.standby",
        "a list of 0 items",
        "fewer than two nodes",
        "a second node",
    ),
    (
        "services.0.nodes.standby",
        ["nodeb", "nodec"],
        "services[mail1].nodes.standby",
        ["nodeb", "nodec"],
        "the model symmetric pairs two nodes",
        "name one standby, or use the model asymmetric",
    ),
    ("services.2.failback", "no", "services[calendar].failback", "no", "is neither true nor false", "without quotes"),
    (
        "services.2.fallback",
        1,
        "services[calendar].fallback",
        "a number",
        "is not a known key",
        "did you mean failback?",
    ),
    # Addresses and host names
    ("services.0.address", "mail1", "services[mail1].address", "mail1", "is not an IP address", "such as 192.0.2.21"),
    ("services.0.address", "10.1.1.1", "services[mail1].address", "10.1.1.1", "is outside the networks", "networks"),
    ("services.0.address", "192.0.2.0", "services[mail1].address", "192.0.2.0", "of the network 192.0.2.0/24", "host"),
    ("services.0.address", "192.0.2.255", "services[mail1].address", "192.0.2.255", "is the broadcast address", "host"),
    (
        "services.0.address",
        "192.0.2.22/32",
        "services[mail2].address",
        "192.0.2.22",
        "is used by service mail1 too",
        "give each service its own address",
    ),
    (
        "services.0.address",
        "192.0.2.12",
        "services[mail1].address",
        "192.0.2.12",
        "is the address of node nodeb",
        "use a free address",
    ),
    (
        "services.0.address",
        "192.0.2.21/64",
        "services[mail1].address",
        "192.0.2.21/64",
        "/64 is an IPv6 prefix length on an IPv4 address",
        "use 0 to 32",
    ),
    (
        "services.2.address",
        "2001:db8:77::31/129",
        "services[calendar].address",
        "2001:db8:77::31/129",
        "129 is no prefix length of an IPv6 address",
        "use 0 to 128",
    ),
    ("services.0.address", "192.0.2.21/", "services[mail1].address", "192.0.2.21/", "that is not a number", "/24"),
    ("services.0.address", "192.0.2.21/²", "services[mail1].address", "192.0.2.21/²", "that is not a number", "/24"),
    (
        "services.2.address",
        "2001:db8:77::31%eth0",
        "services[calendar].address",
        "2001:db8:77::31%eth0",
        "is not an IP address",
        "give one such as",
    ),
    ("services.0.address", 192, "services[mail1].address", "a number", "is not a text", "quotes"),
    (
        "services.2.address",
        REMOVED,
        "services[calendar].host_name",
        "calendar.demo.test",
        "has no address to stand for",
        "give the service an address",
    ),
    ("services.0.host_name", "mail_1", "services[mail1].host_name", "mail_1", "is not a host name", "hyphens"),
    ("services.0.host_name", "NodeA", "services[mail1].host_name", "NodeA", "is the name of a node", "of its own"),
    (
        "services.0.host_name",
        "MAIL2.demo.test",
        "services[mail2].host_name",
        "mail2.demo.test",
        "is used by service mail1 too",
        "its own host name",
    ),
    # Storage
    ("services.0.storage", REMOVED, "services[mail1].storage", None, "is missing", "postfix_dovecot needs it"),
    ("services.2.storage", "/dev/sda", "services[calendar].storage", "a text", "is not a dictionary", "dictionary"),
    (
        "services.0.storage.device",
        "/dev/san/mail2",
        "services[mail2].storage.device",
        "/dev/san/mail2",
        "is used by service mail1 too",
        "give each service its own device",
    ),
    (
        "services.0.storage.device",
        "/dev/vg-calendar/lvmail",
        "services[mail1].storage.device",
        "/dev/vg-calendar/lvmail",
        "lies in the volume group of service calendar",
        "its own device",
    ),
    (
        "services.0.storage.device",
        "/dev/mapper/vg--calendar-lvmail",
        "services[mail1].storage.device",
        "/dev/mapper/vg--calendar-lvmail",
        "lies in the volume group of service calendar",
        "its own device",
    ),
    (
        "services.0.storage.device",
        "mail1",
        "services[mail1].storage.device",
        "mail1",
        "is not the path of a block device",
        "below /dev",
    ),
    (
        "services.0.storage.device",
        "/dev/../etc/passwd",
        "services[mail1].storage.device",
        "/dev/../etc/passwd",
        "is not the path of a block device",
        "clean path",
    ),
    ("services.0.storage.device", REMOVED, "services[mail1].storage.device", None, "is missing", "block device"),
    (
        "services.2.storage.devices",
        ["/dev/san/calendar1", "/dev/san/calendar1"],
        "services[calendar].storage.device",
        "/dev/san/calendar1",
        "is named twice",
        "once",
    ),
    (
        "services.2.storage.volume_group",
        "-vg",
        "services[calendar].storage.volume_group",
        "-vg",
        "is not a name LVM can carry",
        "use letters",
    ),
    (
        "services.2.storage.logical_volume",
        REMOVED,
        "services[calendar].storage.logical_volume",
        None,
        "is missing",
        "both volume_group and logical_volume",
    ),
    ("services.2.storage.size", "10", "services[calendar].storage.size", "10", "is not a size", "such as 300g"),
    ("services.0.storage.size", "9g", "services[mail1].storage.size", "9g", "only with volume_group", "remove it"),
    ("services.0.storage.filesystem", "zfs", "services[mail1].storage.filesystem", "zfs", "not supported", "ext4"),
    (
        "services.0.storage.mount_point",
        "/srv/mail2",
        "services[mail2].storage.mount_point",
        "/srv/mail2",
        "is used by service mail1 too",
        "its own mount point",
    ),
    (
        "services.0.storage.mount_point",
        "/srv/mail2/spool/mail1",
        "services[mail1].storage.mount_point",
        "/srv/mail2/spool/mail1",
        "lies inside the volume of service mail2",
        "come and go with another service",
    ),
    (
        "services.0.storage.mount_point",
        "srv/mail1",
        "services[mail1].storage.mount_point",
        "srv/mail1",
        "is not a clean absolute path",
        "/srv/mail1",
    ),
    (
        "services.0.storage.mount_point",
        "/srv/mail1/",
        "services[mail1].storage.mount_point",
        "/srv/mail1/",
        "is not a clean absolute path",
        "/srv/mail1",
    ),
    (
        "services.0.storage.mount_point",
        "//srv/mail1",
        "services[mail1].storage.mount_point",
        "//srv/mail1",
        "is not a clean absolute path",
        "/srv/mail1",
    ),
    (
        "services.0.storage.mount_point",
        "/var",
        "services[mail1].storage.mount_point",
        "/var",
        "is a directory that the system needs",
        "use one below /srv, /var/opt or /export, such as /srv/mail1",
    ),
    (
        "services.0.storage.mount_point",
        "/srv/mail 1",
        "services[mail1].storage.mount_point",
        "/srv/mail 1",
        "has white space in it",
        "without white space",
    ),
    (
        "services.0.storage.mount_options",
        "noatime\x00",
        "services[mail1].storage.mount_options",
        "noatime\x00",
        "has a control character in it",
        "printable",
    ),
    # Applications
    (
        "services.0.application.type",
        "postfix-dovecot",
        "services[mail1].application.type",
        "postfix-dovecot",
        "is not a known application",
        "use one of postfix_dovecot, radicale, haproxy, native",
    ),
    (
        "services.2.application.members",
        [],
        "services[calendar].application.members",
        "a list of 0 items",
        "is empty",
        "at least one member",
    ),
    (
        "services.0.application.members",
        [{"name": "x", "type": "systemd:x"}],
        "services[mail1].application.members",
        "a list of 1 item",
        "goes with the type native only",
        "remove it",
    ),
    (
        "services.2.application.members.0.name",
        "a/b",
        "services[calendar].application.members[0].name",
        "a/b",
        "a name that pacemaker cannot carry",
        "use letters",
    ),
    (
        "services.2.application.members.0.type",
        REMOVED,
        "services[calendar].application.members[0].type",
        None,
        "is missing",
        "required",
    ),
    (
        "services.2.application.members.0.properties",
        {"node x": 1},
        "services[calendar].application.members[0].properties.node x",
        "node x",
        "is not the name of a setting",
        "use letters",
    ),
    (
        "services.2.application.members.0.properties",
        {"config": "a\x07b"},
        "services[calendar].application.members[0].properties.config",
        "a\x07b",
        "has a control character in it",
        "printable",
    ),
    (
        "services.2.application.members.0.operations",
        {"monitor": "10s"},
        "services[calendar].application.members[0].operations.monitor",
        "a text",
        "is not a dictionary",
        "{monitor: {interval: 10s}}",
    ),
    (
        "services.2.application.members.0.operations",
        {"mon'itor": {}},
        "services[calendar].application.members[0].operations.mon'itor",
        "mon'itor",
        "is not the name of an operation",
        "use letters",
    ),
    # What Pacemaker cannot do
    (
        "services.0.application",
        {"type": "scalix"},
        "services[mail1].application.type",
        "scalix",
        "has no resource agents on pacemaker",
        "use the type native",
    ),
    (
        "services.2.application.members.0.name",
        "address",
        "services[calendar].application.members[0].name",
        "address",
        "is what the service's own address is called",
        "choose another name",
    ),
    (
        "services.2.name",
        "mail1-prefers-nodea",
        "services[mail1-prefers-nodea].name",
        "mail1-prefers-nodea",
        "gives the name mail1-prefers-nodea, which mail1 has too",
        "choose another name",
    ),
    (
        "cluster.fencing.devices.0.name",
        "mail1_storage",
        "services[mail1].name",
        "mail1",
        "gives the name mail1_storage, which a fencing device has too",
        "choose another name",
    ),
]


@pytest.mark.parametrize(
    ("path", "value", "key", "shown", "reason", "remedy"),
    REFUSED,
    ids=[f"{path}={'removed' if value is REMOVED else value!r:.40}" for path, value, *_ in REFUSED],
)
def test_refused(path: str, value: Any, key: str, shown: Any, reason: str, remedy: str) -> None:
    problems = problems_of(changed(path, value))

    assert len(problems) == 1, [str(problem) for problem in problems]
    problem = problems[0]
    assert (problem.key, problem.value) == (key, shown)
    assert reason in problem.reason
    assert remedy in problem.remedy
    text = str(problem)
    assert all(part in text for part in (key, reason, remedy))
    without_value = problem.value is None and problem.reason.startswith("is missing")
    assert (repr(problem.value) in text) != without_value
    assert json.loads(json.dumps(problem.as_dict())) == problem.as_dict()


def keys_of(description: dict[str, Any]) -> dict[str, str]:
    return {problem.key: problem.reason for problem in problems_of(description)}


def test_a_list_with_the_name_of_a_secret_is_refused_as_one_and_not_shown() -> None:
    problems = problems_of(changed("cluster.networks", ["password", "hunter2"]))
    assert keys_of(changed("cluster.networks", ["password", "hunter2"]))["cluster.networks"] == "has a secret in it"
    assert "hunter2" not in " ".join(map(str, problems))


@pytest.mark.parametrize(
    ("name", "reason"), [("node_c", "is not a host name"), ("3com", "a name that pacemaker cannot carry")]
)
def test_name_that_no_node_can_have(name: str, reason: str) -> None:
    assert reason in keys_of(changed("cluster.nodes.2.name", name))["cluster.nodes[2].name"]


def test_postfix_and_dovecot_need_an_address() -> None:
    assert keys_of(changed("services.0.address", REMOVED))["services[mail1].address"] == "is missing"


def test_service_needs_something_to_run() -> None:
    description = good_description()
    description["services"][2] = {key: description["services"][2][key] for key in ("name", "model", "nodes")}

    assert keys_of(description) == {"services[calendar].application": "is missing, as are storage and address"}


def test_node_named_twice_whatever_its_case() -> None:
    description = good_description()
    description["cluster"]["nodes"].append({"name": "NODEA", "address": "192.0.2.14"})

    assert "another node too" in keys_of(description)["cluster.nodes[3].name"]


def test_fencing_device_named_twice() -> None:
    description = good_description()
    devices = description["cluster"]["fencing"]["devices"]
    devices.append({**devices[0], "nodes": "nodea"})

    assert keys_of(description)["cluster.fencing.devices[1].name"] == "is the name of another device too"
    devices[1]["name"] = "fence_other"
    assert problems_of(description) == []


def test_member_named_twice() -> None:
    description = good_description()
    members = description["services"][2]["application"]["members"]
    members.append(members[0])

    assert keys_of(description)["services[calendar].application.members[1].name"] == "is the name of another member too"
    members[1] = {**members[0], "name": "other"}
    assert problems_of(description) == []


@pytest.mark.parametrize("key", ["name", "address"])
def test_node_that_is_half_described_is_no_node(key: str) -> None:
    description = good_description()
    nodes = description["cluster"]["nodes"]
    del nodes[2], nodes[1][key]

    found = keys_of(description)
    assert found[f"cluster.nodes[1].{key}"] == "is missing"
    assert found["cluster.nodes"] == "has 1 usable node"


@pytest.mark.parametrize("nodes", [[], [{"name": "nodea", "address": "192.0.2.11"}], None])
def test_fewer_than_two_nodes(nodes: Any) -> None:
    description = changed("cluster.nodes", nodes)

    problem = next(problem for problem in problems_of(description) if problem.key == "cluster.nodes")
    assert problem.value == [node["name"] for node in nodes or []]
    assert "usable node" in problem.reason
    assert "at least two" in problem.remedy


def test_service_named_twice() -> None:
    description = changed("services.2.name", "mail1")

    assert "is used by service mail1 too" in keys_of(description)["services[mail1].name"]


def test_volume_group_of_two_services() -> None:
    description = good_description()
    description["services"][0]["storage"].update(volume_group="vg-calendar", logical_volume="lvmail1")

    assert keys_of(description) == {"services[calendar].storage.volume_group": "is used by service mail1 too"}


def test_several_devices_need_a_volume_group() -> None:
    description = changed("services.0.storage.devices", ["/dev/san/mail1b"])

    assert "only through LVM" in keys_of(description)["services[mail1].storage.devices"]


def test_narrowest_network_decides() -> None:
    """With one network inside another, the address must not be the narrower one's broadcast address."""
    description = changed("cluster.networks", ["192.0.0.0/16", "192.0.2.0/24", "2001:db8:77::/64"])
    description["services"][0]["address"] = "192.0.2.255"
    assert "broadcast address of 192.0.2.0/24" in keys_of(description)["services[mail1].address"]

    description["services"][0]["address"] = "192.0.3.255"
    assert judge(description)[0].services[0].prefix_length == 16


@pytest.mark.parametrize("network", ["192.0.2.20/31", "192.0.2.20/32"])
def test_point_to_point_networks_have_no_address_set_aside(network: str) -> None:
    description = changed("cluster.networks", [network, "192.0.2.0/27", "2001:db8:77::/64"])
    description["services"][0]["address"] = "192.0.2.20"

    assert problems_of(description) == []


def test_network_with_host_bits_says_which_is_meant() -> None:
    problem = next(p for p in problems_of(changed("cluster.networks", ["192.0.2.7/24"])) if "networks" in p.key)

    assert (problem.value, problem.remedy) == ("192.0.2.7/24", "did you mean 192.0.2.0/24?")


def test_ipv6_services_on_ipv6_nodes() -> None:
    description = good_description()
    description["cluster"]["networks"] = ["2001:db8:77::/64"]
    for number, node in enumerate(description["cluster"]["nodes"], start=0x11):
        node["address"] = f"2001:db8:77::{number:x}"
    for number, service in enumerate(description["services"], start=0x21):
        service["address"] = f"2001:DB8:77:0::{number:x}"

    deployment, _ = judge(description)

    assert [str(service.address) for service in deployment.services] == [f"2001:db8:77::2{n}" for n in (1, 2, 3)]
    description["services"][0]["address"] = "2001:db8:77:0:0:0:0:12"
    assert "is the address of node nodeb" in keys_of(description)["services[mail1].address"]


def test_symmetric_service_needs_its_partner() -> None:
    description = good_description()
    del description["services"][1]

    problem = problems_of(description)[0]
    assert (problem.key, problem.value) == ("services[mail1].nodes", ["nodea", "nodeb"])
    assert "no symmetric service has its home on nodeb" in problem.reason
    assert "add the partner service" in problem.remedy


def test_unreadable_partner_is_no_missing_partner() -> None:
    assert set(keys_of(changed("services.1.model", "symetric"))) == {"services[mail2].model"}


def n_plus_1(*placements: tuple[str, str]) -> dict[str, Any]:
    description = good_description()
    description["services"] = [
        {**mail_service(f"mail{number}", primary, standby, 20 + number), "model": "n_plus_1"}
        for number, (primary, standby) in enumerate(placements, start=1)
    ]
    return description


def test_n_plus_1_with_one_shared_standby() -> None:
    assert problems_of(n_plus_1(("nodea", "nodec"), ("nodeb", "nodec"))) == []


def test_n_plus_1_with_two_standbys() -> None:
    problems = problems_of(n_plus_1(("nodea", "nodec"), ("nodec", "nodeb")))

    assert [problem.key for problem in problems][:2] == [
        "services[mail1].nodes.standby",
        "services[mail2].nodes.standby",
    ]
    assert problems[0].value == ["nodec"]
    assert "exactly one shared standby, but nodeb, nodec are named" in problems[0].reason
    assert "name the same standby" in problems[0].remedy


def test_n_plus_1_with_a_list_of_standbys() -> None:
    description = n_plus_1(("nodea", "nodec"), ("nodeb", "nodec"))
    description["services"][0]["nodes"]["standby"] = ["nodec", "nodeb"]

    reasons = [problem.reason for problem in problems_of(description)]
    assert "the model n_plus_1 has exactly one shared standby" in reasons


def test_n_plus_1_with_a_home_on_the_standby() -> None:
    description = n_plus_1(("nodea", "nodec"), ("nodec", "nodeb"))

    assert any(
        (problem.key, problem.value) == ("services[mail2].nodes.primary", "nodec")
        and "shared standby" in problem.reason
        and "keep the standby free" in problem.remedy
        for problem in problems_of(description)
    )


def scalix(*instances: str | None) -> dict[str, Any]:
    description = n_plus_1(*[("nodea", "nodec") for _ in instances])
    for service, instance in zip(description["services"], instances, strict=True):
        service["application"] = {"type": "scalix", "options": {} if instance is None else {"instance": instance}}
    return description


def scalix_problems(description: dict[str, Any]) -> list[tuple[str, Any, str, str]]:
    try:
        parse_description(description["cluster"], description["services"], SCALIX_RULES)
    except DescriptionError as error:
        return [(problem.key, problem.value, problem.reason, problem.remedy) for problem in error.problems]
    return []


SCALIX_RULES = Capabilities("pacemaker", ".*", "anything", 64, applications=("scalix",))


def test_scalix_directories_that_collide() -> None:
    (key, value, reason, remedy), *others = scalix_problems(scalix("mail1", "mobil1", "mail2"))

    assert not others
    assert (key, value) == ("services[mail2].application.options.instance", "mobil1")
    assert "/var/opt/scalix/m1, as service mail1 has" in reason
    assert "another first or last letter" in remedy


def test_scalix_instance_is_the_service_unless_named() -> None:
    assert scalix_problems(scalix(None, None)) == []
    assert len(scalix_problems(scalix(None, "m1"))) == 1


SECRETS = ["password", "passwd", "Passphrase", "client_secret", "admin_token"]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("services.0.application.options", "services[mail1].application.options"),
        ("services.2.application.members.0.properties", "services[calendar].application.members[0].properties"),
        ("services.2.properties", "services[calendar].properties"),
        ("cluster.properties", "cluster.properties"),
        ("cluster.fencing.devices.0.options", "cluster.fencing.devices[0].options"),
    ],
)
def test_secrets_are_refused_and_never_shown(path: str, key: str, name: str) -> None:
    description = changed(path, {name: "hunter2"})

    with pytest.raises(DescriptionError) as caught:
        judge(description)
    problem = caught.value.problems[0]
    assert (problem.key, problem.value) == (f"{key}.{name}", "(hidden)")
    assert "must not hold secrets" in problem.reason
    assert problem.remedy
    assert "hunter2" not in str(caught.value)


def test_nested_secrets_are_refused() -> None:
    description = changed("services.0.application.options", {"accounts": [{"name": "alice", "password": "hunter2"}]})

    assert keys_of(description) == {
        "services[mail1].application.options.accounts[0].password": "a description must not hold secrets"
    }


def test_secret_under_an_unknown_key_is_not_shown() -> None:
    with pytest.raises(DescriptionError) as caught:
        judge(changed("cluster.fencing.devices.0.password", "hunter2"))

    assert "hunter2" not in str(caught.value)
    assert "did you mean" not in caught.value.problems[0].remedy


def test_files_that_hold_secrets_may_be_named() -> None:
    description = changed("cluster.fencing.devices.0.options", {"passwd_script": "/etc/x", "secret_file": "/etc/y"})

    assert problems_of(description) == []


def test_the_remedy_for_a_secret_of_an_application_names_the_variable_that_it_is_for() -> None:
    options = {"relay_host": {"host": "smtp.example.net", "password": "hush"}, "user_password": "hush"}

    problems = problems_of(changed("services.0.application.options", options))

    remedies = {problem.key.rpartition(".")[2]: problem.remedy for problem in problems if problem.value == HIDDEN}
    assert "postfix_dovecot_relay_passwords" in remedies["password"]
    assert "postfix_dovecot_users" in remedies["user_password"]


def test_everything_is_reported_in_one_go() -> None:
    description = good_description()
    breaking: list[Callable[[], Any]] = [
        lambda: description["cluster"].update(name="1"),
        lambda: description["cluster"]["nodes"][0].update(address="x"),
        lambda: description["cluster"]["fencing"]["devices"][0].update(agnet="y"),
        lambda: description["services"][0].update(address="192.0.2.255"),
        lambda: description["services"][0]["storage"].update(mount_point="/"),
        lambda: description["services"][1]["storage"].update(device="/dev/san/calendar1"),
        lambda: description["services"][2]["nodes"].update(primary="noded"),
        lambda: description["services"].append("mail3"),
    ]
    for change in breaking:
        change()

    with pytest.raises(DescriptionError) as caught:
        judge(description)

    assert {problem.key for problem in caught.value.problems} == {
        "cluster.name",
        "cluster.nodes[0].address",
        "cluster.fencing.devices[0].agnet",
        "services[mail1].address",
        "services[mail1].storage.mount_point",
        "services[calendar].storage.device",
        "services[calendar].nodes.primary",
        "services[3]",
    }
    text = str(caught.value)
    assert text.startswith("The description has 8 problems, nothing was touched:\n  - ")
    assert text.count("\n  - ") == 8


@pytest.mark.parametrize("services", [None, "mail1", {"mail1": {}}, 7])
def test_services_that_are_no_list(services: Any) -> None:
    with pytest.raises(DescriptionError) as caught:
        parse_description(good_description()["cluster"], services, ANY_NAME)

    assert ("services", shape(services)) in [(problem.key, problem.value) for problem in caught.value.problems]


def test_no_services_is_a_cluster_with_fencing_alone() -> None:
    description = good_description()
    description["services"] = []

    deployment, config = judge(description)

    assert isinstance(deployment, Description)
    assert config.services == ()
    assert [resource.name for resource in config.resources] == ["fence_engine"]


def test_fencing_is_off_only_in_so_many_words() -> None:
    assert judge(good_description())[1].properties["stonith-enabled"] == "true"
    off = changed("cluster.fencing", {"disabled_accepting_data_loss": True})
    assert judge(off)[1].properties["stonith-enabled"] == "false"
