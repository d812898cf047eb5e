"""The services as Veritas Cluster Server itself shows them, asked on each node by its own commands."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]
SERVICES = {"mail1": ["nodea"], "mail2": ["nodea"], "mail3": NODES}
PROGRAMS = "/opt/VRTSvcs/bin"
MAIN = "/etc/VRTSvcs/conf/config/main.cf"


@pytest.fixture(scope="module", params=NODES)
def host(request):
    return host_of(request.param)


@pytest.mark.parametrize("service", SERVICES)
def test_each_group_is_online_on_one_of_its_systems(host, service):
    groups = [line.split() for line in host.check_output(f"{PROGRAMS}/hastatus -sum").splitlines()]
    states = {group[2]: group[5] for group in groups if group[:2] == ["B", service]}
    online = [system for system, state in states.items() if state == "ONLINE"]
    assert len(online) == 1
    assert online[0] in SERVICES[service]
    assert {state for system, state in states.items() if system not in online} == {"OFFLINE"}


def test_the_configuration_is_closed_and_was_dumped(host):
    assert host.check_output(f"{PROGRAMS}/haclus -value ReadOnly") == "1"
    written = host.file(MAIN).content_string
    assert all(f"group {service} (" in written for service in SERVICES)
    assert host.run(f"{PROGRAMS}/hacf -verify /etc/VRTSvcs/conf/config").rc == 0


def test_dependencies_are_those_of_the_guide(host):
    links = [line.split() for line in host.check_output(f"{PROGRAMS}/hares -dep mail1_application").splitlines()]
    assert sorted(link[1:] for link in links if link[0] == "mail1") == [
        ["mail1_application", "mail1_address"],
        ["mail1_application", "mail1_storage"],
    ]


def test_no_system_is_kept_free(host):
    assert "FROZEN" not in host.check_output(f"{PROGRAMS}/hastatus -sum").split("-- GROUP STATE")[1]
    for node in NODES:
        assert host.check_output(f"{PROGRAMS}/hasys -value {node} Frozen") == "0"
