"""Tiers of GlassFish 2.1, by their description and the hosts of the inventory."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import DescribedTier, Need
from ansible_collections.groupware.ha.plugins.module_utils.tiers.finding import judged
from ansible_collections.groupware.ha.plugins.module_utils.tiers.glassfish_2_1 import Glassfish21
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_2_1_sites import (
    DESCRIBED,
    SERVERS,
)

BALANCER = DESCRIBED["load_balancer"]


def variables(**changed: Any) -> dict[str, Any]:
    given = {**copy.deepcopy(DESCRIBED), **changed}
    return {
        "group_names": ["glassfish_2_1_servers"],
        "glassfish_2_1_name": "dav-cluster",
        **{f"glassfish_2_1_{name}": value for name, value in given.items()},
    }


def problems(hosts: str = "machinea machineb", **changed: Any) -> list[str]:
    site = dict.fromkeys(hosts.split(), variables(**changed))
    return judged(site, list(site))[1]


def test_nothing_is_wrong() -> None:
    assert problems() == []
    accepted = {"hadb_on_one_machine_accepting_its_loss": True}
    assert problems(hadb_hosts=["machinea", "machinea"], **accepted) == []
    assert problems(hadb_hosts=["machinea", "machineb"] * 2, load_balancer={}, options={}) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"servers": SERVERS[:1]}, "has fewer than two servers; a cluster that is to outlive one of them needs two"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "agent": "dav-agent-1"}]}, "is the agent of two servers"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "addres": "x"}]}, "did you mean address?"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "instance": "server"}]}, "is a name of GlassFish's own"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "address": "x"}]}, "glassfish_2_1_servers[1].address = 'x'"),
        ({"servers": [SERVERS[0], {**SERVERS[1], "host_name": "a b"}]}, "host_name = 'a b': is no host name"),
        ({"administration_server": "machinec"}, "is none of the servers; name one of machinea, machineb"),
        ({"administration_port": "4848"}, "is no port"),
        ({"home": "glassfish"}, "glassfish_2_1_home"),
        ({"hadb_hosts": ["machinea"]}, "is no even number of hosts, and HADB keeps all that it has on two nodes"),
        ({"hadb_hosts": ["machinea", "machinec"]}, "glassfish_2_1_hadb_hosts = 'machinec': is none of the servers"),
        ({"hadb_hosts": "machinea"}, "is not a list of names"),
        (
            {"hadb_hosts": ["machinea", "machinea"]},
            "= 'machinea, machinea': has both nodes of HADB on one machine, with which all sessions are lost; give two "
            "machines, or accept that in words with glassfish_2_1_hadb_on_one_machine_accepting_its_loss: true",
        ),
        ({"hadb_on_one_machine_accepting_its_loss": "yes"}, "is neither true nor false"),
        ({"reboot_accepting_outage": "yes"}, "glassfish_2_1_reboot_accepting_outage = 'yes': is neither true nor fal"),
        ({"options": {"jms": "x"}}, "is not the name of a setting"),
        ({"options": {"a-config.b.password": "x"}}, "glassfish_2_1_options"),
        ({"options": {"a-config.b": "x\ny"}}, "has more than one line"),
        ({"applications": ["a b"]}, "is no name that GlassFish takes"),
        ({"load_balancer": {**BALANCER, "port": "8443"}}, "glassfish_2_1_load_balancer.port"),
        ({"load_balancer": {"name": "dav-lb", "host": "machineC"}}, "port: is missing"),
        ({"load_balancer": {**BALANCER, "settings": {"lbwieght": 1}}}, "did you mean lbweight?"),
        ({"load_balancer": {**BALANCER, "web_server": "calendar"}}, "balanced address calendar"),
    ],
)
def test_what_is_wrong(changed: dict[str, Any], words: str) -> None:
    (problem,) = problems(**changed)
    assert "dav-cluster" in problem
    assert words in problem


def test_hosts_that_are_not_described() -> None:
    assert "does not name this host of the tier" in problems("machinea machineb machinec")[0]
    assert "is no host of the inventory that belongs to the tier" in problems("machinea")[0]


def test_the_web_server_is_built_before() -> None:
    described = {
        f"glassfish_2_1_{name}": value
        for name, value in {**DESCRIBED, "load_balancer": {**BALANCER, "web_server": "calendar"}}.items()
    }
    tier = DescribedTier("glassfish_2_1", "dav-cluster", ("machinea", "machineb"), described)
    assert Glassfish21().needs(tier) == [Need("balanced_address", "calendar")]
    assert Glassfish21().offers(tier) == [Need("application_servers", "dav-cluster")]
    assert list(Glassfish21().refuses("restart", {"server": "x"}, [tier])) == [
        "server = 'x': is no server of a tier; there are machinea, machineb"
    ]
    assert list(Glassfish21().refuses("site", {"server": "x"}, [tier])) == []
