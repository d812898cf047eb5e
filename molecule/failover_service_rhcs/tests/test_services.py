"""The services as Red Hat Cluster Suite itself shows them, asked on each node by its own commands."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]
SERVICES = {"mail1": ["nodea"], "mail2": ["nodea"]}


@pytest.fixture(scope="module", params=NODES)
def host(request):
    return host_of(request.param)


def clustat(host):
    return ElementTree.fromstring(host.check_output("clustat -x"))


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_started_on_one_of_its_nodes(host, service):
    group = clustat(host).find(f"./groups/group[@name='service:{service}']")
    assert group.get("state_str") == "started"
    assert group.get("owner") in SERVICES[service]
    assert group.get("flags") == "0"


def test_all_members_are_there_with_quorum(host):
    status = clustat(host)
    assert status.find("./quorum").get("quorate") == "1"
    assert [node.get("name") for node in status.findall("./nodes/node") if node.get("state") == "1"] == NODES


def test_the_file_is_what_the_cluster_runs(host):
    assert host.run("ccs_config_validate").rc == 0
    written = re.findall(r'config_version="(\d+)"', host.file("/etc/cluster/cluster.conf").content_string)
    assert written == re.findall(r"config (\d+)", host.check_output("cman_tool version"))
