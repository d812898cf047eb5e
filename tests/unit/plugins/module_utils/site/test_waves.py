"""Which clusters are changed one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.site.clusters import SiteCluster
from ansible_collections.groupware.ha.plugins.module_utils.site.waves import as_dicts, faults, waves

CLUSTERS = [SiteCluster(name, (f"{name}1", f"{name}2"), {}) for name in ("a", "b", "c")]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, [["a", "b", "c"]]),
        ({"groupware_wave_size": 1}, [["a"], ["b"], ["c"]]),
        ({"groupware_wave_size": "2"}, [["a", "b"], ["c"]]),
        ({"groupware_canary": "b"}, [["b"], ["a", "c"]]),
        ({"groupware_canary": "c", "groupware_wave_size": 1}, [["c"], ["a"], ["b"]]),
    ],
)
def test_waves(given: dict[str, Any], wanted: list[list[str]]) -> None:
    assert list(faults(given, CLUSTERS)) == []
    assert [[cluster.name for cluster in wave] for wave in waves(given, CLUSTERS)] == wanted


def test_one_cluster_is_one_wave() -> None:
    assert waves({"groupware_canary": "a"}, CLUSTERS[:1]) == [CLUSTERS[:1]]
    assert waves({}, []) == []


def test_what_playbooks_know_of_them() -> None:
    assert as_dicts(waves({"groupware_wave_size": 2}, CLUSTERS)) == [
        {"clusters": ["a", "b"], "hosts": ["a1", "a2", "b1", "b2"], "before": []},
        {"clusters": ["c"], "hosts": ["c1", "c2"], "before": ["a1", "a2", "b1", "b2"]},
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"groupware_wave_size": 0}, "groupware_wave_size = 0: is not a number of clusters; give a whole number"),
        ({"groupware_wave_size": "two"}, "groupware_wave_size = 'two': is not a number of clusters"),
        ({"groupware_wave_size": [1]}, "groupware_wave_size = a list of 1 item: is not a number of clusters"),
        ({"groupware_canary": "d"}, "groupware_canary = 'd': is no cluster of this run; there are: a, b, c"),
        ({"groupware_canary": {"a": 1}}, "groupware_canary = a dictionary: is no cluster of this run"),
    ],
)
def test_what_makes_no_waves(given: dict[str, Any], words: str) -> None:
    (found,) = faults(given, CLUSTERS)

    assert found.startswith(words)
