"""The filter of the role ias_cluster: what it asks the module registry for, and what it says."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.filter.data_synchronization import data_synchronization
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure

SERVERS = [
    {"name": "a", "address": "192.0.2.11", "port": 10800, "priority": 0},
    {"name": "b", "address": "192.0.2.12", "port": 10800, "priority": 1, "role": "primary"},
    {"name": "c", "address": "192.0.2.13", "port": 10800},
    {"name": "d", "address": "192.0.2.14", "port": 10800, "state": "absent"},
]
KEY = r"SOFTWARE\iPlanet\Application Server\Clusters\mail"


def test_a_cluster_in_the_registry_and_in_order():
    found = data_synchronization(SERVERS, "mail", {"SyncTimerInterval": 30})
    assert {(one["path"], one["name"]): one["data"] for one in found["values"]} == {
        (KEY, "MaxBackups"): 1,
        (KEY, "MaxSyncHeartBeat"): 10,
        (KEY, "SyncHeartBeatInterval"): 30,
        (KEY, "SyncTimerInterval"): 30,
        (rf"{KEY}\SyncServers", "192.0.2.11:10800"): 0,
        (rf"{KEY}\SyncServers", "192.0.2.12:10800"): 1,
    }
    assert {one["type"] for one in found["values"]} == {"integer"}
    assert found["purge"] == [rf"{KEY}\SyncServers"]
    assert (found["start_order"], found["stop_order"]) == (["b", "a", "c"], ["c", "a", "b"])
    assert found["outlook"] == ["b primary", "a backup", "c local", "d out of it"]


def test_a_cluster_that_is_to_go():
    found = data_synchronization(SERVERS, "mail", state="absent")
    assert found["values"] == [{"path": KEY, "state": "absent"}]
    assert (found["purge"], found["start_order"], found["roles"]) == ([], [], {})
    assert found["leaving"] == ["d", "c", "a", "b"]


def test_what_will_be_when_servers_fail_and_return():
    events = [{"stopped": "b"}, {"started": "b"}]
    assert data_synchronization(SERVERS, "mail", events=events)["history"] == [
        {"a": "primary", "c": "local"},
        {"a": "primary", "b": "backup", "c": "local"},
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"parameters": {"MaxBackups": 2}}, "ias_cluster_parameters.MaxBackups = 2: is not below"),
        ({"events": [{"stopped": "d"}]}, "d is no server of the cluster"),
    ],
)
def test_what_is_refused(options, says):
    with pytest.raises(Failure, match=says):
        data_synchronization(SERVERS, "mail", **options)
