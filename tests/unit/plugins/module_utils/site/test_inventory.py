"""One short file for a whole site."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.site.inventory import merged, read_site

OFFICE = {
    "nodes": {"nodea": "192.0.2.11", "nodeb": {"address": "192.0.2.12", "ansible_port": 22}},
    "services": {"wiki": {"model": "asymmetric"}},
}
SHOP = {"hosts": {"server0": "192.0.2.31", "server1": None}, "vars": {"ias_cluster_servers": []}}
SITE = {"name": "example", "clusters": {"office": OFFICE}, "tiers": {"ias": {"shop": SHOP}}}


def site(**changed: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SITE), "plugin": "groupware.ha.site", **changed}


def test_hosts_groups_and_variables() -> None:
    made = read_site(site(vars={"ansible_user": "root"}))

    assert made.hosts == {
        "nodea": {"ansible_host": "192.0.2.11"},
        "nodeb": {"ansible_host": "192.0.2.12", "ansible_port": 22},
        "server0": {"ansible_host": "192.0.2.31"},
        "server1": {},
    }
    assert {name: (group.children, group.hosts) for name, group in made.groups.items()} == {
        "example": (["office", "ias_shop"], []),
        "groupware_nodes": (["office"], []),
        "office": ([], ["nodea", "nodeb"]),
        "ias_servers": (["ias_shop"], []),
        "ias_shop": ([], ["server0", "server1"]),
    }
    assert made.variables_of("nodeb") == {
        "ansible_user": "root",
        "ansible_host": "192.0.2.12",
        "ansible_port": 22,
        "groupware_cluster": {
            "name": "office",
            "nodes": [{"name": "nodea", "address": "192.0.2.11"}, {"name": "nodeb", "address": "192.0.2.12"}],
        },
        "groupware_services": [{"name": "wiki", "model": "asymmetric"}],
    }
    assert made.variables_of("server1") == {
        "ansible_user": "root",
        "ias_cluster_servers": [],
        "ias_cluster_name": "shop",
    }


def test_what_clusters_have_in_common_is_merged_below_each() -> None:
    defaults = {
        "framework": "rhcs",
        "networks": ["192.0.2.0/24"],
        "fencing": {"devices": {"power": {"agent": "fence_apc", "options": {"username": "ha"}}}},
        "each_service": {"model": "symmetric", "application": {"type": "scalix", "options": {"a": 1}}},
        "vars": {"one": {"a": 1, "b": 2}, "two": 2},
    }
    office = {
        **OFFICE,
        "networks": ["198.51.100.0/24"],
        "fencing": {"devices": {"power": {"options": {"ip": "192.0.2.10"}}}},
        "each_service": {"application": {"options": {"b": 2}}},
        "services": {"wiki": {"model": "asymmetric"}, "mail": {"application": None}},
        "vars": {"one": {"a": 3}},
    }

    group = read_site(site(defaults=defaults, clusters={"office": office})).groups["office"]

    assert group.variables["groupware_cluster"] == {
        "name": "office",
        "framework": "rhcs",
        "networks": ["198.51.100.0/24"],
        "fencing": {
            "devices": [
                {
                    "name": "power",
                    "agent": "fence_apc",
                    "nodes": ["nodea", "nodeb"],
                    "options": {"username": "ha", "ip": "192.0.2.10"},
                }
            ]
        },
        "nodes": [{"name": "nodea", "address": "192.0.2.11"}, {"name": "nodeb", "address": "192.0.2.12"}],
    }
    assert group.variables["groupware_services"] == [
        {"name": "wiki", "model": "asymmetric", "application": {"type": "scalix", "options": {"a": 1, "b": 2}}},
        {"name": "mail", "model": "symmetric"},
    ]
    assert (group.variables["one"], group.variables["two"]) == ({"a": 3, "b": 2}, 2)


def test_what_is_merged_is_left_as_it_is() -> None:
    below: dict[str, Any] = {"a": {"b": {"c": 1}}, "d": [1]}
    above: dict[str, Any] = {"a": {"b": {"e": 2}}, "d": [2]}
    before = copy.deepcopy((below, above))

    assert merged(below, above) == {"a": {"b": {"c": 1, "e": 2}}, "d": [2]}
    assert (below, above) == before


@pytest.mark.parametrize(("name", "group"), [("west-1", "west_1"), ("1.west", "_1_west"), ("west", "west")])
def test_groups_have_names_that_ansible_takes(name: str, group: str) -> None:
    made = read_site(site(clusters={name: OFFICE}))

    assert made.groups["groupware_nodes"].children == [group]
    assert made.groups[group].variables["groupware_cluster"]["name"] == name


NODES = {"nodea": "192.0.2.11", "nodeb": "192.0.2.12"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"default": {}}, "default = a dictionary: is not a known key; did you mean defaults?"),
        ({"name": None}, "name: is missing; it is required"),
        ({"name": 7}, "name = a number: is not a text; put it in quotes"),
        (
            {"name": "groupware_nodes"},
            "would have the group groupware_nodes of the inventory, which means something else",
        ),
        ({"name": "office"}, "which is that of the site office; give one of them another name"),
        ({"name": "nodea"}, "names of hosts = 'nodea': is the name of the site nodea too"),
        ({"vars": {"a-b": 1}}, "vars.a-b = a number: is not the name of a variable; use letters, digits and _"),
        ({"vars": []}, "vars = a list of 0 items: is not a dictionary"),
        (
            {"defaults": {"netwroks": []}},
            "defaults.netwroks = a list of 0 items: is not a known key; did you mean networks?",
        ),
        ({"clusters": {}, "tiers": {}}, "clusters: is missing; describe a cluster, or a tier below tiers"),
        ({"clusters": []}, "clusters = a list of 0 items: is not a dictionary"),
        ({"clusters": {"office": None}}, "clusters.office = None: is not a dictionary"),
        ({"clusters": {True: OFFICE}}, "clusters.True = True: is not a text; put it in quotes"),
        ({"clusters": {"a-b": OFFICE, "a_b": {"nodes": {"x": "::1"}}}}, "which is that of the cluster a-b"),
        ({"clusters": {"office": {**OFFICE, "user": 1}}}, "clusters.office.user = a number: is not a known key"),
        ({"clusters": {"office": {"services": {}}}}, "clusters.office.nodes: is missing"),
        (
            {"clusters": {"office": {"nodes": {"nodea": {"adress": "192.0.2.11"}}}}},
            "clusters.office.nodes.nodea.address: is missing; is it what you called adress?",
        ),
        ({"clusters": {"office": {"nodes": {"nodea": 7}}}}, "clusters.office.nodes.nodea.address = a number: is not"),
        (
            {"clusters": {"office": {"nodes": [{"name": "nodea"}]}}},
            "clusters.office.nodes = a list of 1 item: is not a dictionary; give one of NODE: ADDRESS; the name is",
        ),
        (
            {"clusters": {"a": {"nodes": NODES}, "b": {"nodes": {"nodea": "192.0.2.13"}}}},
            "clusters.b.nodes.nodea = 'nodea': is a host of the cluster a too; a host belongs to one",
        ),
        (
            {"clusters": {"a": {"nodes": NODES, "services": {"wiki": {"name": "wiki"}}}}},
            "clusters.a.services.wiki.name = 'wiki': is said twice, since the key is the name; take it out",
        ),
        (
            {"clusters": {"a": {"nodes": NODES, "services": {"wiki": []}}}},
            "clusters.a.services.wiki = a list of 0 items: is not a dictionary",
        ),
        (
            {"clusters": {"a": {"nodes": NODES, "fencing": {"devices": [{"name": "power"}]}}}},
            "clusters.a.fencing.devices = a list of 1 item: is not a dictionary",
        ),
        (
            {"clusters": {"a": {"nodes": NODES, "fencing": {"devices": {"power": None}}}}},
            "clusters.a.fencing.devices.power = None: is not a dictionary",
        ),
        (
            {"clusters": {"a": {"nodes": NODES, "vars": {"groupware_cluster": {}}}}},
            "clusters.a.vars.groupware_cluster = a dictionary: is made of what the cluster says in this file",
        ),
        ({"tiers": {"iass": {}}}, "tiers.iass = a dictionary: is not a known key; did you mean ias?"),
        ({"tiers": {"ias": {"shop": {}}}}, "tiers.ias.shop.hosts: is missing; give a dictionary of HOST: ADDRESS"),
        ({"tiers": {"ias": {"shop": {"hosts": {"a": 1}}}}}, "tiers.ias.shop.hosts.a = a number: is not an address"),
        (
            {"tiers": {"ias": {"shop": {"hosts": {"a": None}, "vars": {"ias_cluster_name": "x"}}}}},
            "tiers.ias.shop.vars.ias_cluster_name = a text: is said twice, since the key is the name; take it out",
        ),
        (
            {"tiers": {"ias": {"shop": {"hosts": {"nodea": "192.0.2.99"}}}}},
            "tiers.ias.shop.hosts.nodea.ansible_host = a text: is another one where nodea was named before",
        ),
        (
            {"tiers": {"ias": {"shop": SHOP, "other": {"hosts": {"server0": None}}}}},
            "tiers.ias.other.hosts.server0 = 'server0': is a host of the tier ias shop too",
        ),
    ],
)
def test_what_is_wrong_is_said_once(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        read_site(site(**changed))

    assert words in str(refused.value)
    assert len(refused.value.problems) == 1, str(refused.value)


@pytest.mark.parametrize("given", [None, [], "site"])
def test_a_file_that_is_no_dictionary_is_refused(given: Any) -> None:
    with pytest.raises(DescriptionError, match="is not a dictionary"):
        read_site(given)


def test_a_secret_that_stands_in_the_wrong_place_is_not_shown() -> None:
    with pytest.raises(DescriptionError) as refused:
        read_site(site(password="hush"))

    assert "hush" not in str(refused.value)


def test_a_host_may_be_a_node_and_of_a_tier() -> None:
    made = read_site(site(tiers={"ias": {"shop": {"hosts": {"nodea": None}}}}))

    assert made.variables_of("nodea")["ias_cluster_name"] == "shop"
    assert made.variables_of("nodea")["groupware_cluster"]["name"] == "office"
