"""What roles and playbooks are told of a framework, and of what runs Messaging Server on it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.description import framework
from ansible_collections.groupware.ha.plugins.filter.messaging_server import messaging_agent, messaging_users
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.frameworks import registry
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.capabilities import CAPABILITIES
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_agents import AGENTS

every_framework = pytest.mark.parametrize("name", PROGRAMS)


@every_framework
def test_what_a_driver_says_of_itself_is_told(name: str) -> None:
    told = framework({"name": "office", "framework": name})

    capabilities = registry.driver(name).capabilities
    assert CAPABILITIES[name] is capabilities
    assert told["name"] == name
    assert told["filesystems"] == list(capabilities.filesystems)
    assert {key: told[key] for key in ("own_fencing", "types")} == {
        "own_fencing": capabilities.own_fencing,
        "types": capabilities.types,
    }


def test_there_are_no_others() -> None:
    assert list(CAPABILITIES) == list(PROGRAMS)


def test_one_that_is_not_named_is_pacemaker() -> None:
    assert framework({}) == framework({"framework": "pacemaker"})


@pytest.mark.parametrize(
    ("capability", "names"),
    [
        ("forms_cluster", ["pacemaker"]),
        ("prepares_volumes", ["pacemaker", "rhcs"]),
        ("mounts_volumes", ["pacemaker", "solaris_cluster", "vcs", "rhcs"]),
        ("moves_volume_groups", ["pacemaker", "solaris_cluster", "vcs", "clusterware"]),
    ],
)
def test_who_does_what(capability: str, names: list[str]) -> None:
    assert [name for name in PROGRAMS if framework({"framework": name})[capability]] == names


@pytest.mark.parametrize("cluster", [{"framework": "heartbeat"}, {"framework": None}, {"framework": ["vcs"]}])
def test_one_that_there_is_not_is_refused(cluster: dict[str, Any]) -> None:
    with pytest.raises(Failure, match=r"cluster\.framework = .*: has no driver; use one of pacemaker, sol"):
        framework(cluster)


@pytest.mark.parametrize("cluster", [None, "vcs", [1]])
def test_what_is_no_description_is_refused(cluster: Any) -> None:
    with pytest.raises(Failure, match=r"cluster = .*: is not a dictionary"):
        framework(cluster)


@every_framework
def test_messaging_server_has_an_agent_wherever_it_can_run(name: str) -> None:
    assert (name in AGENTS) == ("messaging_server" in CAPABILITIES[name].applications)
    assert bool(messaging_agent(name)["type"]) == (name in AGENTS)


def test_agents_of_messaging_server() -> None:
    assert messaging_agent("solaris_cluster") == {"type": "SUNW.ims", "everywhere": True, "copies": []}
    assert messaging_agent("vcs") == {
        "type": "MsgSrv",
        "everywhere": False,
        "copies": ["/etc/VRTSvcs/conf/config/MsgSrvTypes.cf", "/opt/VRTSvcs/bin/MsgSrv"],
    }
    assert messaging_agent("clusterware") == {"type": "ocucs.ms.type", "everywhere": False, "copies": []}
    assert messaging_agent("") == {"type": "", "everywhere": False, "copies": []}


@pytest.mark.parametrize(
    ("name", "resource_type", "others"),
    [
        ("solaris_cluster", "SUNW.ims", ["SUNW.HAStoragePlus", "SUNW.imsx", "x.SUNW.ims"]),
        ("solaris_cluster", "SUNW.ims:7", ["SUNW.HAStoragePlus:4", "SUNW.LogicalHostname"]),
        ("vcs", "MsgSrv", ["Mount", "IP"]),
        ("clusterware", "ocucs.ms.type", ["app.appvip.type", "ocucsxms.type"]),
    ],
)
def test_services_that_run_messaging_server(name: str, resource_type: str, others: list[str]) -> None:
    def service(*types: str) -> dict[str, Any]:
        return {"members": {f"member{number}": {"type": one} for number, one in enumerate(types)}}

    services = {"mail1": service(*others, resource_type), "files": service(*others), "empty": service()}

    assert messaging_users({"framework": name, "services": services}) == ["mail1"]


def test_where_no_cluster_runs_nothing_is_used() -> None:
    assert messaging_users({}) == []
