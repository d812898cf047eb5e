"""The services as Oracle Clusterware itself shows them, asked on each node by its own commands."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ["nodea", "nodeb", "nodec"]
SERVICES = {"mail1": ["nodea"], "mail2": ["nodea"], "mail3": NODES}
CRSCTL = "/u01/app/12.1.0/grid/bin/crsctl"


@pytest.fixture(scope="module", params=NODES)
def host(request):
    return host_of(request.param)


def attributes(host, resource, *options):
    printed = host.check_output(" ".join([CRSCTL, "status", "resource", resource, *options]))
    return dict(line.split("=", 1) for line in printed.splitlines() if "=" in line)


@pytest.mark.parametrize("service", SERVICES)
def test_application_and_address_are_online_together(host, service):
    application = attributes(host, f"{service}_application")
    assert application["TARGET"] == "ONLINE"
    assert application["STATE"].removeprefix("ONLINE on ") in SERVICES[service]
    assert attributes(host, f"{service}_address")["STATE"] == application["STATE"]


@pytest.mark.parametrize("service", SERVICES)
def test_profile_is_that_of_the_guide(host, service):
    profile = attributes(host, f"{service}_application", "-p")
    assert profile["TYPE"] == "ocucs.ms.type"
    assert profile["PLACEMENT"] == "restricted"
    assert profile["CHECK_INTERVAL"] == "10"
    assert f"hard({service}_address)" in profile["START_DEPENDENCIES"]
    assert f"{service}_address" in profile["STOP_DEPENDENCIES"]
