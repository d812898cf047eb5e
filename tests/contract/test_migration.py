"""A cluster that runs on Red Hat Cluster Suite or VCS, exported from there, translated, and compiled for Pacemaker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.migration import FilterModule
from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.tests.contract.simulated_sites import SITES
from ansible_collections.groupware.ha.tests.contract.site import Site

PACEMAKER = Pacemaker(LocalRunner(dry=True))
MODELS = ("asymmetric", "symmetric", "n_plus_1")


@pytest.fixture(params=["rhcs", "vcs"])
def old(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Site]:
    """A cluster that is to be given up."""
    made = SITES[request.param](monkeypatch, capsys)
    yield made
    made.leave()


@pytest.mark.parametrize("model", MODELS)
def test_what_runs_there_is_what_pacemaker_is_to_run(old: Site, model: str) -> None:
    services = getattr(old, model)()
    assert not old.converge(services).get("failed")

    description = FilterModule().filters()["migrated"](old.run("cluster_info", export=True)["description"])

    cluster = {**description["cluster"], "nodes": old.cluster()["nodes"]}
    # VCS does without; the list says that it has to be added.
    assert ("fencing" in cluster) != any(line.startswith("cluster.fencing") for line in description["unexpressed"])
    cluster.setdefault("fencing", {"disabled_accepting_data_loss": True})
    cluster.setdefault("name", "new")
    config = PACEMAKER.compile(parse_description(cluster, description["services"], PACEMAKER.capabilities))
    assert [(found.name, list(found.placement or ())) for found in config.services] == [
        (service["name"], [service["nodes"]["primary"], *_standbys(service)]) for service in services
    ]
    for found, service in zip(config.services, services, strict=True):
        settings = {resource.type: resource.settings for resource in found.resources}
        assert settings["ocf:heartbeat:IPaddr2"]["ip"] == service["address"]
        assert settings["ocf:heartbeat:IPaddr2"]["cidr_netmask"] == "24"
        assert settings["ocf:heartbeat:Filesystem"]["directory"] == service["storage"]["mount_point"]
        assert settings["ocf:heartbeat:LVM-activate"]["vgname"] == service["storage"]["volume_group"]
        runs = [agent for agent in settings if agent.startswith("lsb:")]
        listed = any(line.startswith(f"services[{found.name}].application") for line in description["unexpressed"])
        assert listed
        assert runs == (["lsb:scalix"] if old.framework == "rhcs" else [])
    assert [service["model"] for service in description["services"]] == [service["model"] for service in services]


def _standbys(service: dict[str, Any]) -> list[str]:
    standby = service["nodes"]["standby"]
    return [standby] if isinstance(standby, str) else list(standby)
