"""The election of the data synchronizer: the manual's example step by step, and what holds for every cluster."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.ias_synchronizer import (
    ALTERNATE,
    BACKUP,
    LOCAL,
    PARAMETERS,
    PRIMARY,
    SyncCluster,
    plan,
    started,
)

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies


def shown(cluster: SyncCluster) -> dict[str, str]:
    """Numbers of the servers of each role, as the manual lists them."""
    found: dict[str, list[str]] = {}
    for server, role in sorted(cluster.roles.items()):
        found.setdefault(role, []).append(server)
    return {role: " ".join(servers) for role, servers in found.items()}


def test_the_example_of_the_manual():
    """Administrator's Guide, chapter 13, "Example: Coordination Within a Seven-Server Cluster"."""
    # "Servers 0 through 4 are Sync Servers that are assigned the same priorities as their server numbers"
    # "Servers 5 and 6 are Sync Locals. MaxBackups for the cluster is set to 2."
    cluster = SyncCluster(2, {str(number): number for number in range(5)})
    for server, role in (
        ("3", PRIMARY),  # "Server 3 is brought up first, so it becomes the Sync Primary."
        ("4", BACKUP),  # "Server 4 is started next, and it becomes a Sync Backup."
        ("6", LOCAL),  # "Server 6 is started next, and it is a Sync Local."
        ("1", BACKUP),  # "Server 1 is started next, and it becomes a Sync Backup."
        ("2", ALTERNATE),  # "Server 2 is started next, and it becomes a Sync Alternate."
        ("5", LOCAL),  # "Server 5 is started next, and it is a Sync Local."
        ("0", ALTERNATE),  # "Server 0 is started next, and it becomes a Sync Alternate."
    ):
        cluster = cluster.start(server)
        assert cluster.roles[server] == role
    assert cluster.alone == frozenset()

    # "Server 3 fails and goes down. [...] server 1 has the higher priority (lower integer value) and it becomes the new
    # Sync Primary. [...] Server 0 becomes the new Sync Backup"
    cluster = cluster.stop("3")
    assert shown(cluster) == {PRIMARY: "1", BACKUP: "0 4", ALTERNATE: "2", LOCAL: "5 6"}

    # "Server 3 comes back online. It becomes a Sync Alternate."
    cluster = cluster.start("3")
    assert shown(cluster) == {PRIMARY: "1", BACKUP: "0 4", ALTERNATE: "2 3", LOCAL: "5 6"}

    # "Server 0 fails. Server 2 becomes a Sync Backup because it has the higher priority (lower integer value) among the
    # Sync Alternates."
    cluster = cluster.stop("0")
    assert shown(cluster) == {PRIMARY: "1", BACKUP: "2 4", ALTERNATE: "3", LOCAL: "5 6"}

    # "Server 0 comes back online and becomes a Sync Alternate."
    cluster = cluster.start("0")
    assert cluster.roles["0"] == ALTERNATE

    # Then: "Server 1, the Sync Primary, fails. [...] server 2 becomes the new Sync Primary. Server 0 becomes
    # a Sync Backup."
    cluster = cluster.stop("1")
    assert shown(cluster) == {PRIMARY: "2", BACKUP: "0 4", ALTERNATE: "3", LOCAL: "5 6"}

    # "Server 2 fails. Server 0 becomes the Sync Primary and server 3 becomes a Sync Backup."
    cluster = cluster.stop("2")
    assert shown(cluster) == {PRIMARY: "0", BACKUP: "3 4", LOCAL: "5 6"}

    # "Server 3 fails. Even though only one Sync Backup remains, neither server 5 nor server 6 is considered because
    # neither is a Sync Server."
    cluster = cluster.stop("3")
    assert shown(cluster) == {PRIMARY: "0", BACKUP: "4", LOCAL: "5 6"}


def test_an_alternate_takes_over_where_there_are_no_backups():
    cluster = SyncCluster(0, {"a": 2, "b": 1, "c": 0}).start("a").start("b").start("c")
    assert shown(cluster) == {PRIMARY: "a", ALTERNATE: "b c"}
    assert shown(cluster.stop("a")) == {PRIMARY: "c", ALTERNATE: "b"}


def test_a_local_without_a_primary_is_alone():
    assert SyncCluster(1, {"a": 0}).start("local").alone == {"local"}
    together = SyncCluster(1, {"a": 0}).start("a").start("local")
    assert together.alone == frozenset()
    lost = together.stop("a")
    assert lost.alone == {"local"}
    # Nothing says that it looks for a Sync Primary again before it is restarted.
    assert lost.start("a").alone == {"local"}
    assert lost.start("a").stop("local").start("local").alone == frozenset()


def test_who_runs_is_not_started_and_who_does_not_is_not_stopped():
    cluster = SyncCluster(1, {"a": 0})
    with pytest.raises(ValueError, match="a does not run"):
        cluster.stop("a")
    with pytest.raises(ValueError, match="a runs already"):
        cluster.start("a").start("a")


@strategies.composite
def clusters(draw):
    count = draw(strategies.integers(1, 7))
    numbers = draw(strategies.permutations(range(count)))
    sync_servers = draw(strategies.integers(1, count))
    priorities = {f"server{server}": priority for server, priority in enumerate(numbers[:sync_servers])}
    return SyncCluster(draw(strategies.integers(0, 4)), priorities), [f"server{server}" for server in range(count)]


def changed(cluster, server):
    return cluster.stop(server) if server in cluster.roles else cluster.start(server)


@hypothesis.given(clusters(), strategies.lists(strategies.integers(0, 6), max_size=40))
def test_what_holds_for_every_cluster_at_every_moment(made, steps):
    cluster, servers = made
    for step in steps:
        server = servers[step % len(servers)]
        before, cluster = cluster, changed(cluster, server)
        roles = list(cluster.roles.values())
        running_sync_servers = [one for one in cluster.roles if one in cluster.priorities]
        # Nobody is lost, nobody appears.
        assert set(cluster.roles) == set(before.roles) ^ {server}
        # There is one primary as soon as there is a Sync Server, and no backup's place is empty while somebody waits.
        assert roles.count(PRIMARY) == min(1, len(running_sync_servers))
        assert roles.count(BACKUP) == min(cluster.max_backups, max(0, len(running_sync_servers) - 1))
        # A Sync Local is nothing else, and is in the cluster only while there is a primary.
        assert {one for one, role in cluster.roles.items() if role == LOCAL} == set(cluster.roles) - set(
            cluster.priorities
        )
        assert cluster.primary is not None or cluster.alone == set(cluster.locals)
        # Nobody is demoted, and whoever is new has taken nothing from anybody.
        rank = {PRIMARY: 0, BACKUP: 1, ALTERNATE: 2, LOCAL: 3}
        for other in set(before.roles) & set(cluster.roles):
            assert rank[cluster.roles[other]] <= rank[before.roles[other]]
            if server in cluster.roles:
                assert cluster.roles[other] == before.roles[other]
        # Who was promoted had the highest priority of those it was promoted from.
        for role in (BACKUP, ALTERNATE):
            was = {one for one, its in before.roles.items() if its == role} - {server}
            promoted = {one for one in was if cluster.roles[one] != role}
            assert all(
                cluster.priorities[one] < cluster.priorities[other] for one in promoted for other in was - promoted
            )


@hypothesis.given(clusters(), strategies.randoms())
def test_the_order_alone_decides_who_starts_as_what(made, random):
    cluster, servers = made
    random.shuffle(servers)
    backwards = {server: -priority for server, priority in cluster.priorities.items()}
    assert started(cluster.max_backups, cluster.priorities, servers).roles == (
        started(cluster.max_backups, backwards, servers).roles
    )


# -- plans --------------------------------------------------------------------------------------------------------


def described(**roles: str) -> list[dict[str, Any]]:
    servers = [
        {"name": f"server{number}", "address": f"192.0.2.{11 + number}", "port": 10800}
        | ({"priority": number} if number < 5 else {})
        for number in range(7)
    ]
    return [server | ({"role": roles[server["name"]]} if server["name"] in roles else {}) for server in servers]


def test_without_wishes_servers_start_by_priority():
    planned = plan("mail", {"MaxBackups": 2}, described())
    assert planned.start_order == tuple(f"server{number}" for number in range(7))
    assert planned.stop_order == tuple(f"server{number}" for number in reversed(range(7)))
    assert list(planned.roles.values()) == [PRIMARY, BACKUP, BACKUP, ALTERNATE, ALTERNATE, LOCAL, LOCAL]
    assert planned.sync_servers == {f"192.0.2.{11 + number}:10800": number for number in range(5)}
    assert planned.parameters == {name: default for name, (default, _, _) in PARAMETERS.items()} | {"MaxBackups": 2}


def test_the_roles_of_the_manual_s_example_can_be_wanted():
    planned = plan("mail", {"MaxBackups": 2}, described(server3=PRIMARY, server4=BACKUP, server1=BACKUP))
    assert planned.start_order[:3] == ("server3", "server1", "server4")
    assert planned.roles == {
        "server3": PRIMARY,
        "server1": BACKUP,
        "server4": BACKUP,
        "server0": ALTERNATE,
        "server2": ALTERNATE,
        "server5": LOCAL,
        "server6": LOCAL,
    }


def test_a_server_that_leaves_is_no_part_of_the_plan():
    servers = described()
    servers[4] = {**servers[4], "state": "absent"}
    del servers[4]["priority"]
    planned = plan("mail", {"MaxBackups": 2}, servers)
    assert planned.leaving == ("server4",)
    assert "server4" not in planned.roles
    assert len(planned.sync_servers) == 4


def test_a_cluster_that_is_taken_apart_leaves_every_server_on_its_own():
    planned = plan("mail", {"MaxBackups": 2}, described()).dissolved()
    assert (planned.start_order, planned.sync_servers) == ((), {})
    assert planned.leaving == tuple(f"server{number}" for number in reversed(range(7)))
    assert planned.outlook == [f"{server} out of it" for server in planned.leaving]


def test_what_failures_and_returns_make_of_the_roles_is_predicted():
    planned = plan("mail", {"MaxBackups": 2}, described(server3=PRIMARY, server4=BACKUP, server1=BACKUP))
    assert planned.outlook[:3] == ["server3 primary", "server1 backup", "server4 backup"]
    lost, returned = planned.history([{"stopped": "server3"}, {"started": "server3"}])
    assert (lost["server1"], lost["server0"]) == (PRIMARY, BACKUP)
    assert returned == {**lost, "server3": ALTERNATE}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"lost": "server0"}, "is no event"),
        ({"stopped": "server0", "started": "server1"}, "is no event"),
        ({"stopped": "server7"}, "server7 is no server of the cluster"),
        ({"started": "server0"}, "server0 runs already"),
    ],
)
def test_events_that_cannot_be_are_refused(event, reason):
    with pytest.raises(DescriptionError) as refused:
        plan("mail", {}, described()).history([{"stopped": "server1"}, event])
    [problem] = refused.value.problems
    assert (problem.key, reason in problem.reason, bool(problem.remedy)) == ("events[1]", True, True)


@hypothesis.given(clusters(), strategies.randoms())
def test_roles_that_some_order_gives_can_be_wanted(made, random):
    cluster, servers = made
    hypothesis.assume(cluster.max_backups < max(len(cluster.priorities), 2))
    sync_servers = [server for server in servers if server in cluster.priorities]
    random.shuffle(sync_servers)
    order = sync_servers + [server for server in servers if server not in cluster.priorities]
    roles = started(cluster.max_backups, cluster.priorities, order).roles
    wanted = [
        {"name": server, "address": server, "port": 10800, "role": roles[server]}
        | ({"priority": cluster.priorities[server]} if server in cluster.priorities else {})
        for server in servers
    ]
    assert plan("mail", {"MaxBackups": cluster.max_backups}, wanted).roles == roles


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        ({"name": "a\\b"}, "name", "is no name for a cluster"),
        ({"parameters": {"MaxBackups": 5}}, "parameters.MaxBackups", "is not below the number of Sync Servers, 5"),
        ({"parameters": {"MaxBackups": -1}}, "parameters.MaxBackups", "is no whole number from 0 to 65535"),
        ({"parameters": {"MaxBackups": "2"}}, "parameters.MaxBackups", "is no whole number"),
        ({"parameters": {"SyncTimerInterval": 0}}, "parameters.SyncTimerInterval", "is no whole number from 1"),
        ({"parameters": {"MaxHops": 1}}, "parameters.MaxHops", "is no parameter of a cluster"),
        ({"server": {"priority": 65536}}, "servers[0].priority", "is no whole number from 0 to 65535"),
        ({"server": {"priority": True}}, "servers[0].priority", "is no whole number"),
        ({"server": {"priority": 3}}, "servers[3].priority", "is that of ias_cluster_servers[0] too"),
        ({"server": {"address": "192.0.2.12"}}, "servers[1].port", "is that of ias_cluster_servers[0] too"),
        ({"server": {"name": "server6"}}, "servers[6].name", "is that of ias_cluster_servers[0] too"),
        ({"server": {"address": "no address"}}, "servers[0].address", "is no address"),
        ({"server": {"port": 0}}, "servers[0].port", "is no port"),
        ({"server": {"role": "chief"}}, "servers[0].role", "is no role"),
        ({"server": {"role": "local"}}, "servers[0].priority", "does not go with the role local"),
        ({"server": {"role": "backup", "priority": None}}, "servers[0].role", "is one of Sync Servers"),
        ({"server": {"state": "gone"}}, "servers[0].state", "is no state"),
        ({"server": {"state": "absent"}}, "servers[0].state", "does not go with a priority or a role"),
        ({"server": {"weight": 1}}, "servers[0].weight", "is no key of a server"),
        ({"servers": described()[5:]}, "servers", "have no Sync Server"),
        ({"servers": described(server0=PRIMARY, server1=PRIMARY)}, "servers", "are all wanted as primary"),
        (
            {"servers": described(server1=BACKUP, server2=BACKUP, server3=BACKUP)},
            "servers[3].role",
            "cannot be: server3 will be the alternate",
        ),
        ({"servers": described(**{f"server{one}": ALTERNATE for one in range(5)})}, "servers[0].role", "the primary"),
    ],
)
def test_what_is_refused(change: dict[str, Any], key: str, reason: str):
    servers = change.get("servers", described())
    servers[0] = servers[0] | change.get("server", {})
    with pytest.raises(DescriptionError) as refused:
        plan(change.get("name", "mail"), {"MaxBackups": 2} | change.get("parameters", {}), servers)
    first = refused.value.problems[0]
    assert first.key == f"ias_cluster_{key}"
    assert reason in first.reason
    assert first.remedy
