"""The simulated iPlanet Application Servers: what the manual's chapter on data synchronisation says of them."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.ias_synchronizer import SyncCluster
from ansible_collections.groupware.ha.tests.simulators.ias.simulator import LOCAL_REGISTRY, IasSimulator

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

COUNT = 7


def site(max_backups: int = 2, priorities: dict[int, int] | None = None) -> IasSimulator:
    """Seven servers of one cluster, servers 0 to 4 with their numbers as priorities."""
    priorities = {number: number for number in range(5)} if priorities is None else priorities
    servers = {f"server{number}": {"address": f"192.0.2.{11 + number}", "port": 10800} for number in range(COUNT)}
    simulator = IasSimulator(list(servers), servers=servers, root="/ias")
    listed = {f"192.0.2.{11 + number}:10800": priority for number, priority in priorities.items()}
    with simulator.edit() as state:
        state["directory"]["mail"] = {"max_backups": max_backups, "sync_servers": listed}
    for server in servers:
        map_to(simulator, server, "mail")
    return simulator


def map_to(simulator: IasSimulator, server: str, cluster: str) -> None:
    key = rf"[SOFTWARE\iPlanet\Application Server\6.0\CCS0\ClusterName\{cluster}]"
    simulator.write_file(server, f"/ias/{server}/{LOCAL_REGISTRY}", f"{key}\n")


def start(simulator: IasSimulator, *numbers: int) -> None:
    for number in numbers:
        assert simulator.run(f"server{number}", ["KIVAes.sh", "start"]).status == 0


def stop(simulator: IasSimulator, *numbers: int) -> None:
    for number in numbers:
        assert simulator.run(f"server{number}", ["KIVAes.sh", "stop"]).status == 0


def shown(simulator: IasSimulator) -> str:
    """Roles of servers 0 to 6 by their first letters; a dot for those that do not run."""
    roles = simulator.roles("mail")
    return "".join(roles.get(f"server{number}", ".")[0] for number in range(COUNT))


def test_the_example_of_the_manual():
    simulator = site()
    start(simulator, 3, 4, 6, 1, 2, 5, 0)
    seen = [shown(simulator)]
    for happens, server in (("-", 3), ("+", 3), ("-", 0), ("+", 0), ("-", 1), ("-", 2), ("-", 3)):
        if happens == "+":
            start(simulator, server)
        else:
            simulator.lose_server(f"server{server}")
        seen.append(shown(simulator))
    assert seen == ["abapbll", "bpa.bll", "bpaabll", ".pbabll", "apbabll", "b.pabll", "p..bbll", "p...bll"]


@hypothesis.given(
    strategies.integers(0, 4),
    strategies.permutations(range(5)),
    strategies.integers(1, 5),
    strategies.lists(strategies.integers(0, COUNT - 1), max_size=25),
)
def test_the_collection_s_model_predicts_what_the_servers_do(max_backups, numbers, sync_servers, steps):
    priorities = dict(enumerate(numbers[:sync_servers]))
    simulator = site(max_backups, priorities)
    model = SyncCluster(max_backups, {f"server{number}": priority for number, priority in priorities.items()})
    for step in steps:
        server = f"server{step}"
        if server in model.roles:
            model = model.stop(server)
            stop(simulator, step)
        else:
            model = model.start(server)
            start(simulator, step)
        assert simulator.roles("mail") == model.roles
        alone = {name for name, one in simulator.state["running"].items() if one["alone"]}
        assert alone == model.alone


def test_a_crashed_engine_comes_back_as_what_is_appropriate_then():
    simulator = site()
    start(simulator, 0, 1, 2, 3)
    simulator.crash_kxs("server0")
    assert shown(simulator) == "apbb..."


def test_a_server_that_is_mapped_elsewhere_is_in_no_role():
    simulator = site()
    map_to(simulator, "server0", "server0-NoDsync")
    start(simulator, 0, 1)
    assert shown(simulator) == ".p....."
    assert simulator.roles("server0-NoDsync") == {"server0": "local"}
    assert simulator.answers("192.0.2.11", 10800)


def test_changes_count_after_a_restart_and_edits_beside_running_servers_are_noticed():
    simulator = site()
    start(simulator, 0, 1)
    with simulator.edit() as state:
        state["directory"]["mail"] = {"max_backups": 2, "sync_servers": {"192.0.2.12:10800": 0}}
    assert shown(simulator) == "pb....."
    assert simulator.state["edited_while_running"] == []
    stop(simulator, 1, 0)
    assert simulator.state["edited_while_running"] == ["mail"]
    start(simulator, 1, 0)
    assert shown(simulator) == "lp....."


def test_editing_while_all_are_stopped_is_fine():
    simulator = site()
    start(simulator, 0, 1)
    stop(simulator, 1, 0)
    with simulator.edit() as state:
        state["directory"]["mail"]["max_backups"] = 1
    map_to(simulator, "server2", "other")
    start(simulator, 1, 0)
    assert simulator.state["edited_while_running"] == []


def test_commands():
    simulator = site()
    before = copy.deepcopy(simulator.state)
    for arguments in ([], ["restart"], ["start", "now"], ["-start"]):
        answer = simulator.run("server0", ["KIVAes.sh", *arguments])
        assert (answer.status, "usage" in answer.stderr) == (1, True)
    assert simulator.run("server0", ["KIVAes.sh", "stop"]).status == 0
    assert simulator.state == before
    for _ in range(2):
        assert simulator.run("server0", ["KIVAes.sh", "start"]).status == 0
    assert shown(simulator) == "p......"


def test_mapping_a_server_elsewhere_while_it_runs_is_noticed():
    simulator = site()
    start(simulator, 0)
    map_to(simulator, "server0", "other")
    stop(simulator, 0)
    assert simulator.state["edited_while_running"] == ["mail"]
