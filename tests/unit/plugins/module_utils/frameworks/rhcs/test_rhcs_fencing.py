"""Fencing on Red Hat Cluster Suite that is something else than it says: refused, unless data loss is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.driver import RedHatClusterSuite

NODES = ["nodea", "nodeb"]


def compiled(devices: list[dict[str, Any]], properties: dict[str, Any], accepted: bool = False) -> Any:
    """A cluster without services."""
    cluster = {
        "name": "demo",
        "framework": "rhcs",
        "nodes": [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(NODES, start=11)],
        "fencing": {"disabled_accepting_data_loss": True} if accepted else {"devices": devices},
        "properties": properties,
    }
    driver = RedHatClusterSuite(runner=None)  # type: ignore[arg-type]
    return driver.compile(parse_description(cluster, [], driver.capabilities))


def device(agent: str = "fence_apc", **options: Any) -> dict[str, Any]:
    """A device for both nodes."""
    return {"name": agent, "agent": agent, "nodes": NODES, "options": {"port_nodea": 1, "port_nodeb": 2, **options}}


@pytest.mark.parametrize("value", [1, "1", "yes", True, "on"])
@pytest.mark.parametrize("key", ["clean_start", "skip_undefined"])
def test_nodes_that_are_not_fenced(key: str, value: Any) -> None:
    with pytest.raises(DescriptionError, match=f"fence_daemon.{key}"):
        compiled([device()], {f"fence_daemon.{key}": value})
    compiled([], {f"fence_daemon.{key}": value}, accepted=True)


@pytest.mark.parametrize(
    ("devices", "words"),
    [
        ([device("fence_manual")], "when a person says so"),
        ([device("fence_kdump")], "at times only"),
        ([device("fence_kdump"), device("fence_manual")], "at times only"),
        *(
            ([device(), device(agent)], "whatever it does")
            for agent in ["fence_dummy", "fence_pcmk", "fence_ack_manual"]
        ),
        ([device(), device("Fence_Dummy")], "is not the name of a fence agent"),
        ([device(), device("../fence_apc")], "is not the name of a fence agent"),
        ([device(option="status")], "not an action that stops"),
        ([device(action="on")], "not an action that stops"),
        ([device(action_nodea="on")], "not an action that stops"),
        ([device(method="cycle")], "before the node is off"),
        ([device(missing_as_off=1)], "does not exist count"),
        ([device(port=3)], "is the same for nodea and nodeb"),
        ([device(plug=3)], "is the same for nodea and nodeb"),
    ],
)
def test_devices(devices: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(DescriptionError, match=words):
        compiled(devices, {})


def test_what_is_what_it_says_passes() -> None:
    devices = [device(option="reboot"), device("fence_kdump"), device("fence_manual")]
    assert compiled(devices, {"fence_daemon.clean_start": 0, "fence_daemon.post_join_delay": 20}).resources
