"""The services as Solaris Cluster itself shows them, asked on each node by its own commands."""

from __future__ import annotations

import re

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]
SERVICES = {
    "mail1": ["nodea"],
    "mail2": ["nodea"],
    "cal1": ["nodea", "nodeb", "nodec"],
    "cal2": ["nodea", "nodec"],
    "cal3": ["nodeb", "nodec"],
}


@pytest.fixture(scope="module", params=NODES)
def host(request):
    return host_of(request.param)


@pytest.mark.parametrize("service", SERVICES)
def test_each_group_is_online_on_one_of_its_nodes(host, service):
    status = host.check_output("/usr/cluster/bin/scstat -g")
    online = re.findall(rf"^ +Group: {service} +(\w+) +Online\b", status, re.MULTILINE)
    assert len(online) == 1
    assert online[0] in SERVICES[service]


def test_nothing_is_offline_faulted_or_unwatched(host):
    status = host.check_output("/usr/cluster/bin/clrs status")
    assert not re.search("fault|fail|unknown|not monitored", status, re.IGNORECASE)


def test_nodes_of_a_group_are_in_order(host):
    assert host.check_output("/usr/cluster/bin/scha_resourcegroup_get -O NODELIST -G cal1").split() == NODES


def test_all_services_of_nodeb_went_when_it_was_freed(host):
    status = host.check_output("/usr/cluster/bin/scstat -g")
    assert not re.findall(r"^ +Group: \w+ +nodeb +Online\b", status, re.MULTILINE)
