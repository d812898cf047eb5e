"""Tiers of iPlanet Application Servers, by their description and the hosts of the inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged

SERVERS: list[dict[str, Any]] = [
    {"name": "server0", "address": "192.0.2.10", "port": 10800, "priority": 0, "role": "primary"},
    {"name": "server1", "address": "192.0.2.11", "port": 10800, "priority": 1},
]
DIRECTORY = {"uri": "ldaps://directory.example.com", "base": "o=base", "bind_dn": "cn=manager"}


def judge(hosts: str = "server0 server1", **changed: Any) -> list[str]:
    variables = {
        "group_names": ["ias_servers"],
        "ias_cluster_name": "mail",
        "ias_cluster_servers": SERVERS,
        "ias_cluster_directory": DIRECTORY,
        **{f"ias_cluster_{name}": value for name, value in changed.items()},
    }
    names = hosts.split()
    tiers, problems = judged(dict.fromkeys(names, variables), names)
    assert [tier.as_dict() for tier in tiers] == (
        []
        if problems
        else [{"kind": "ias", "name": "mail", "role": "ias_cluster", "hosts": names, "rank": 0, "offers": []}]
    )
    return problems


def test_nothing_is_wrong() -> None:
    leaving = {"name": "server2", "address": "192.0.2.12", "port": 10800, "state": "absent"}

    assert judge() == []
    assert judge(parameters={"MaxBackups": 1}, state="absent") == []
    assert judge("server0 server1 server2", servers=[*SERVERS, leaving]) == []


@pytest.mark.parametrize(
    ("hosts", "changed", "words"),
    [
        (
            "server0",
            {},
            "ias mail: ias_cluster_servers = 'server1': is no host of the inventory that belongs to the cluster, which "
            "has server0; add the host, or take the server out",
        ),
        (
            "server0 server1 server2",
            {},
            "ias mail: ias_cluster_servers = 'server2': does not name this host of the cluster; add the server, or "
            "give the host another cluster",
        ),
        (
            "server0 server1",
            {"servers": "server0"},
            "ias mail: ias_cluster_servers = a text: is not a list; give a list of dictionaries",
        ),
        (
            "server0 server1",
            {"directory": "ldaps://x"},
            "ias mail: ias_cluster_directory = a text: is not a dictionary; give a dictionary of its keys",
        ),
        (
            "server0 server1",
            {"parameters": {"MaxBackups": 2}},
            "ias mail: ias_cluster_parameters.MaxBackups = 2: is not below the number of Sync Servers, 2: one of them "
            "is the Sync Primary; lower it to 1 or less, or add Sync Servers",
        ),
    ],
)
def test_what_is_wrong(hosts: str, changed: dict[str, Any], words: str) -> None:
    assert judge(hosts, **changed) == [words]


def test_a_server_that_has_left_is_taken_out() -> None:
    """While its host belonged to the cluster it could be told to leave; nothing can be done for it any more."""
    leaving = {"name": "server2", "address": "192.0.2.12", "port": 10800, "state": "absent"}

    (problem,) = judge(servers=[*SERVERS, leaving])

    assert problem.startswith("ias mail: ias_cluster_servers = 'server2': is no host of the inventory that belongs")
