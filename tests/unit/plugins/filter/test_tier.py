"""Which hosts of an inventory belong to tiers, and for which of them there is something to do."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.filter.tier import tier_hosts

GROUPS = {"ias_servers": ["server0"], "load_balancers": ["balancer1", "balancer2"], "web": ["app1"]}


def test_all_of_them():
    assert tier_hosts(GROUPS) == ["server0", "balancer1", "balancer2"]


def test_those_with_something_to_do():
    assert tier_hosts(GROUPS, "balance") == ["balancer1", "balancer2"]
    assert tier_hosts({"ias_servers": ["server0"]}, "balance") == []
