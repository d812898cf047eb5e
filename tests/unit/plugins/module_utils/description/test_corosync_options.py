"""Settings of corosync.conf that a user gives: spelt as Corosync has them, or refused before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.corosync_plan import corosync_plan
from ansible_collections.groupware.ha.plugins.module_utils.description import corosync_options
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf

CLUSTER = {
    "name": "demo",
    "nodes": [{"name": f"node{letter}", "address": f"192.0.2.1{index}"} for index, letter in enumerate("abc", start=1)],
}
UNFORMED = {f"node{letter}": None for letter in "abc"}


def state(name: str) -> dict[str, Any]:
    """A node that has nothing yet."""
    return {
        "node": name,
        "missing_packages": [],
        "missing_agents": [],
        "release": "debian-12",
        "configuration": None,
        "authkey": None,
        "services": {},
        "members": [],
        "running_version": None,
        "cib": False,
        "resources": False,
        "known_nodes": [],
    }


def planned(totem: Any = None, quorum: Any = None, cluster: Any = None, **more: Any) -> dict[str, Any]:
    """The plan of a first run."""
    cluster = CLUSTER if cluster is None else cluster
    return corosync_plan({name: state(name) for name in UNFORMED}, cluster, totem=totem, quorum=quorum, **more)


def configured(**sections: Any) -> corosync_conf.Section:
    """The file of a first run that is not refused."""
    plan = planned(**sections)
    assert plan["problems"] == []
    return corosync_conf.parse(plan["configuration"])


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "Yes", "on", "1", 1])
def test_switches_are_spelt_as_corosync_has_them(value: Any) -> None:
    quorum = configured(quorum={"wait_for_all": value}, totem={"block_unlisted_ips": value, "secauth": value})
    assert quorum.section("quorum").settings["wait_for_all"] == "1"
    assert quorum.section("totem").settings["block_unlisted_ips"] == "yes"
    assert quorum.section("totem").settings["secauth"] == "on"


def test_numbers_and_words() -> None:
    found = configured(
        totem={"token": 2000, "consensus": "2400", "link_mode": "RR", "token_coefficient": 0},
        quorum={"auto_tie_breaker": "yes", "auto_tie_breaker_node": "1 3", "last_man_standing": False},
    )
    assert found.section("totem").settings["token"] == "2000"  # noqa: S105
    assert found.section("totem").settings["link_mode"] == "rr"
    assert found.section("quorum").settings["auto_tie_breaker_node"] == "1 3"
    assert found.section("quorum").settings["last_man_standing"] == "0"


def test_the_defaults_of_the_role_go_together() -> None:
    assert planned(totem={"token": 1000, "token_coefficient": 0, "consensus": 1200})["problems"] == []


#: Settings and a word of the reason.
TOTEM: list[tuple[Mapping[str, Any], str]] = [
    ({"tokenn": 1000}, "did you mean token?"),
    ({"wait_for_all": True}, "is no setting of totem"),
    ({"token": "1000\n}\nquorum {\n  provider: none"}, "whole number"),
    ({"token": "1s"}, "whole number"),
    ({"token": 10}, "30 to"),
    ({"token": -1}, "whole number"),
    ({"token": True}, "whole number"),
    ({"token": None}, "whole number"),
    ({"token": [1000]}, "whole number"),
    ({"token": {"a": 1}}, "whole number"),
    ({"token": 1.5}, "whole number"),
    ({"token": "٣٠٠٠"}, "whole number"),
    ({"token": 2**33}, "whole number"),
    ({"token": 10**400}, "whole number"),
    ({"link_mode": "fast"}, "passive, active, rr"),
    ({"link_mode": "rr }"}, "passive, active, rr"),
    ({"ip_version": "4"}, "ipv4"),
    ({"transport": "tcp"}, "knet, udpu, udp"),
    ({"transport": "udpu"}, "accept that in words"),
    ({"crypto_cipher": "none"}, "accept that in words"),
    ({"crypto_cipher": False}, "accept that in words"),
    ({"crypto_cipher": "None"}, "accept that in words"),
    ({"crypto_cipher": "aes999"}, "aes256"),
    ({"crypto_hash": "none"}, "accept that in words"),
    ({"crypto_hash": "md5"}, "no longer safe"),
    ({"secauth": "off"}, "accept that in words"),
    ({"secauth": False}, "accept that in words"),
    ({"secauth": "maybe"}, "true or false"),
    ({"key": "hunter2"}, "is a secret"),
    ({"keyfile": "/tmp/key"}, "not where the role keeps"),
    ({"cluster_name": "other"}, "cluster.name"),
    ({"config_version": 9}, "counted by the role"),
    ({"version": 3}, "one value only"),
    ({"interface": {"mcastport": 1}}, "is a section"),
    ({"netmtu": 5}, "576"),
    ({"knet_compression_model": "foo"}, "zlib"),
    ({"consensus": 1000, "token": 1000, "token_coefficient": 0}, "1.2 times the token"),
    ({"consensus": 1200, "token": 1000, "token_coefficient": 650}, "1.2 times the token of 3 nodes, 1650 ms"),
    ({"token": 1000, "token_coefficient": 0, "token_retransmit": 1000}, "not less than the token"),
    ({"join": 4000, "token": 1000}, "not less than consensus"),
    ({"token\n}": 1}, "is no setting of totem"),
    ({5: 1}, "is no setting of totem"),
    ("token: 1000", "is not a dictionary"),  # type: ignore[list-item]
]
QUORUM: list[tuple[Mapping[str, Any], str]] = [
    ({"wait_for_al": True}, "did you mean wait_for_all?"),
    ({"wait_for_all": "maybe"}, "true or false"),
    ({"wait_for_all": 7}, "true or false"),
    ({"wait_for_all": "1\n}\nnodelist {"}, "true or false"),
    ({"wait_for_all": None}, "true or false"),
    ({"wait_for_all": []}, "true or false"),
    ({"two_node": True}, "each alone would have quorum"),
    ({"expected_votes": 1}, "is not the number of nodes"),
    ({"expected_votes": 5}, "is not the number of nodes"),
    ({"expected_votes": 0}, "whole number"),
    ({"last_man_standing": True}, "goes with wait_for_all"),
    ({"last_man_standing_window": 20000}, "only with last_man_standing"),
    ({"auto_tie_breaker_node": "lowest"}, "only with auto_tie_breaker"),
    ({"auto_tie_breaker": True, "auto_tie_breaker_node": True}, "lowest, highest"),
    ({"auto_tie_breaker": True, "auto_tie_breaker_node": "1; 2"}, "lowest, highest"),
    ({"allow_downscale": True}, "unsupported"),
    ({"provider": "none"}, "one value only"),
    ({"device": {"model": "net"}}, "is a section"),
    ({"votes": 2}, "deprecated"),
]


@pytest.mark.parametrize(("settings", "words"), TOTEM)
def test_what_corosync_would_not_take_in_totem_is_refused(settings: Any, words: str) -> None:
    refused(planned(totem=settings), words)


@pytest.mark.parametrize(("settings", "words"), QUORUM)
def test_what_corosync_would_not_take_in_quorum_is_refused(settings: Any, words: str) -> None:
    refused(planned(quorum=settings), words)


def refused(plan: dict[str, Any], words: str) -> None:
    """The plan does nothing, and says why in a line for each problem."""
    assert not plan["pending"]
    assert plan["configuration"] == ""
    shown = plan["problems"]
    assert any(words in line for line in shown), shown
    assert not any("hunter2" in line for line in shown)
    assert all(line.startswith("cluster_framework_") for line in shown)


@pytest.mark.parametrize(
    "totem",
    [{"crypto_cipher": "none", "crypto_hash": "none"}, {"secauth": False}, {"transport": "udpu"}],
)
def test_words_allow_a_cluster_without_encryption(totem: Mapping[str, Any]) -> None:
    assert planned(totem=totem, unencrypted=True)["problems"] == []


def test_a_cipher_needs_a_hash_whatever_is_accepted() -> None:
    refused(planned(totem={"crypto_hash": "none"}, unencrypted=True), "is needed by the cipher")


def test_two_nodes() -> None:
    def of_two(**quorum: Any) -> list[str]:
        problems: list[Problem] = []
        corosync_options.judge({}, quorum, 2, unencrypted=False, problems=problems)
        return [problem.key.rpartition(".")[2] for problem in problems]

    assert of_two(two_node=True, wait_for_all=True, expected_votes=2) == []
    assert of_two(last_man_standing=True) == []
    assert of_two(two_node=False, auto_tie_breaker=True) == []
    assert of_two(two_node=False) == ["two_node"]
    assert of_two(auto_tie_breaker=True) == ["auto_tie_breaker"]


BROKEN_CLUSTERS: list[Any] = [
    None,
    "demo",
    [],
    {},
    {**CLUSTER, "name": "demo\n}\nquorum {"},
    {**CLUSTER, "name": None},
    {**CLUSTER, "nodes": "nodea"},
    {**CLUSTER, "nodes": ["nodea", "nodeb"]},
    {**CLUSTER, "nodes": [{"name": "nodea"}, {"name": "nodeb", "address": "192.0.2.12"}]},
    {**CLUSTER, "nodes": [{"name": "nodea", "address": "192.0.2.1\n}"}, {"name": "nodeb", "address": "192.0.2.12"}]},
    {**CLUSTER, "nodes": [{"name": "../x", "address": "192.0.2.1"}, {"name": "nodeb", "address": "192.0.2.12"}]},
    {**CLUSTER, "nodes": [{"name": "nodea", "address": "fe80::1%eth0"}, {"name": "nodeb", "address": "192.0.2.12"}]},
    {**CLUSTER, "nodes": [{"name": "nodea", "address": "192.0.2.1"}, {"name": "nodea", "address": "192.0.2.12"}]},
]


@pytest.mark.parametrize("cluster", BROKEN_CLUSTERS)
def test_a_cluster_that_cannot_be_is_refused_without_a_traceback(cluster: Any) -> None:
    plan = corosync_plan({name: state(name) for name in UNFORMED}, cluster)
    assert plan["problems"]
    assert not plan["pending"]
