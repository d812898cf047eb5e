"""Cluster membership: what is done, and above all what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf
from ansible_collections.groupware.ha.plugins.module_utils.products import membership
from ansible_collections.groupware.ha.plugins.module_utils.products.membership import NodeState, Request, Service

ADDRESSES = {"nodea": "192.0.2.11", "nodeb": "192.0.2.12", "nodec": "192.0.2.13"}
ALL = tuple(ADDRESSES)
REQUEST = Request("demo", ADDRESSES)
UP = {"corosync": Service(active=True, enabled=True), "pacemaker": Service(active=True, enabled=True)}
DOWN = {"corosync": Service(enabled=True), "pacemaker": Service(enabled=True)}
DEFAULT = (
    "totem {\n  cluster_name: debian\n}\nnodelist {\n  node {\n    name: node1\n    ring0_addr: 127.0.0.1\n  }\n}\n"
)


def text_of(addresses: dict[str, str], name: str = "demo", version: int = 1) -> str:
    """A corosync.conf as the role writes it."""
    configuration = corosync_conf.make(name, addresses, {}, {}, None)
    text = corosync_conf.render(configuration, membership.CONFIGURATION_HEAD)
    return text.replace("config_version: 1", f"config_version: {version}")


def member(name: str, **more: object) -> NodeState:
    """A node of the running cluster."""
    state = NodeState(
        node=name,
        configuration=text_of(ADDRESSES),
        authkey="fingerprint",
        services=UP,
        members=ALL,
        running_version=1,
        cib=True,
        known_nodes=ALL,
    )
    return replace(state, **more)


def cluster(*names: str, **more: object) -> dict[str, NodeState]:
    """The running cluster, as far as it takes part in the run."""
    return {name: member(name, **more) for name in names or ALL}


def fresh(*names: str, **more: object) -> dict[str, NodeState]:
    """Nodes that have nothing of it."""
    return {name: NodeState(name, **more) for name in names or ALL}


def refusal(request: Request, states: dict[str, NodeState]) -> str:
    """Why nothing is done; and then there is nothing to do."""
    plan = membership.make_plan(request, states)
    assert plan.problems
    assert not plan.pending
    return "; ".join(map(str, plan.problems))


class TestFirstRun:
    @pytest.mark.parametrize("more", [{}, {"configuration": DEFAULT}, {"configuration": DEFAULT, "services": UP}])
    def test_all_nodes_get_key_and_file_and_start(self, more: dict[str, object]) -> None:
        plan = membership.make_plan(REQUEST, fresh(**more))
        assert plan.problems == []
        assert plan.keyless == plan.outdated == plan.members == list(ALL)
        assert plan.key_source is None
        assert plan.reload_on is None
        assert not plan.running

    @pytest.mark.parametrize("more", [{"missing_packages": ("corosync",)}, {"missing_agents": ("fence_ipmilan",)}])
    def test_what_is_not_installed_is_something_to_do(self, more: dict[str, object]) -> None:
        plan = membership.make_plan(REQUEST, cluster(**more))
        assert plan.incomplete == list(ALL)
        assert plan.pending

    def test_it_needs_all_nodes(self) -> None:
        assert "nodeb, nodec did not take part" in refusal(REQUEST, fresh("nodea"))

    def test_it_goes_on_where_it_broke_off(self) -> None:
        alone = member("nodea", members=("nodea",), known_nodes=("nodea",))
        plan = membership.make_plan(REQUEST, {**fresh(), "nodea": alone})
        assert plan.problems == []
        assert plan.key_source == "nodea"
        assert plan.keyless == plan.outdated == plan.services_differ == ["nodeb", "nodec"]


class TestNothingToDo:
    def test_a_converged_cluster(self) -> None:
        assert not membership.make_plan(REQUEST, cluster()).pending

    @pytest.mark.parametrize("names", [("nodea",), ("nodec",), ("nodea", "nodeb")])
    def test_a_part_of_the_nodes_never_shrinks_it(self, names: tuple[str, ...]) -> None:
        plan = membership.make_plan(REQUEST, cluster(*names))
        assert plan.problems == []
        assert not plan.pending
        assert plan.members == list(names)

    def test_adding_or_removing_what_is_done_already(self) -> None:
        assert not membership.make_plan(replace(REQUEST, add=["nodec"]), cluster()).pending
        assert not membership.make_plan(replace(REQUEST, remove=["noded"]), cluster()).pending


class TestRepair:
    def test_a_node_that_lost_everything_gets_it_back(self) -> None:
        states = {**cluster("nodea", "nodeb", members=("nodea", "nodeb")), **fresh("nodec")}
        plan = membership.make_plan(REQUEST, states)
        assert plan.problems == []
        assert plan.outdated == plan.keyless == plan.services_differ == ["nodec"]
        assert plan.reload_on is None

    def test_a_stopped_node_is_started(self) -> None:
        states = cluster("nodea", "nodeb", members=("nodea", "nodeb"))
        states["nodec"] = member("nodec", services=DOWN, members=(), running_version=None)
        plan = membership.make_plan(REQUEST, states)
        assert plan.services_differ == ["nodec"]
        assert plan.outdated == plan.keyless == []

    def test_a_file_that_was_written_but_not_taken_over_is_reloaded(self) -> None:
        states = cluster(configuration=text_of(ADDRESSES, version=2))
        assert membership.make_plan(REQUEST, states).reload_on == "nodea"

    def test_the_newest_file_of_a_running_node_counts(self) -> None:
        states = cluster("nodea", "nodeb", configuration=text_of(ADDRESSES, version=2), running_version=2)
        states["nodec"] = member("nodec", services=DOWN, members=(), running_version=None)
        plan = membership.make_plan(REQUEST, states)
        assert plan.outdated == ["nodec"]
        assert "config_version: 2" in plan.configuration

    def test_boot_setting(self) -> None:
        assert membership.make_plan(replace(REQUEST, boot=False), cluster()).services_differ == list(ALL)


class TestChange:
    def test_a_setting_goes_to_all_and_is_reloaded_once(self) -> None:
        plan = membership.make_plan(replace(REQUEST, totem={"token": "2000"}), cluster())
        assert plan.problems == []
        assert plan.outdated == list(ALL)
        assert plan.reload_on == "nodea"
        assert "config_version: 2" in plan.configuration

    def test_a_member_that_is_online_must_not_miss_it(self) -> None:
        text = refusal(replace(REQUEST, totem={"token": "2000"}), cluster("nodea", "nodeb"))
        assert "nodec would go on with the old one" in text

    def test_a_member_that_is_down_may_miss_it(self) -> None:
        states = cluster("nodea", "nodeb", members=("nodea", "nodeb"))
        plan = membership.make_plan(replace(REQUEST, totem={"token": "2000"}), states)
        assert plan.problems == []
        assert "nodec did not take part" in plan.warnings[0]

    def test_what_needs_a_restart_is_told(self) -> None:
        plan = membership.make_plan(replace(REQUEST, totem={"transport": "udpu"}), cluster())
        assert "totem.transport" in plan.warnings[0]


class TestAdd:
    request = replace(REQUEST, addresses={**ADDRESSES, "noded": "192.0.2.14"})

    def test_only_when_asked_for(self) -> None:
        assert "noded described, but not a member" in refusal(self.request, {**cluster(), **fresh("noded")})

    def test_the_new_node_gets_everything_and_the_others_reload(self) -> None:
        plan = membership.make_plan(replace(self.request, add=["noded"]), {**cluster(), **fresh("noded")})
        assert plan.problems == []
        assert plan.keyless == plan.services_differ == ["noded"]
        assert plan.outdated == [*ALL, "noded"]
        assert plan.reload_on == "nodea"
        nodes = corosync_conf.nodes(corosync_conf.parse(plan.configuration))
        assert [(node.name, node.node_id) for node in nodes][-1] == ("noded", 4)

    def test_it_must_take_part(self) -> None:
        assert "does not take part" in refusal(replace(self.request, add=["noded"]), cluster())

    def test_it_must_be_described(self) -> None:
        assert "is not described" in refusal(replace(REQUEST, add=["noded"]), cluster())


class TestRemove:
    request = replace(REQUEST, addresses={name: ADDRESSES[name] for name in ("nodea", "nodeb")})

    def test_only_when_asked_for(self) -> None:
        text = refusal(self.request, cluster("nodea", "nodeb"))
        assert "nodec not described, but a member" in text
        assert "never made smaller" in text

    def test_a_host_that_is_not_described_is_no_request(self) -> None:
        assert "host nodec is in this run" in refusal(self.request, cluster())

    def test_the_node_leaves_and_is_forgotten(self) -> None:
        plan = membership.make_plan(replace(self.request, remove=["nodec"]), cluster())
        assert plan.problems == []
        assert plan.leave == plan.forget == ["nodec"]
        assert plan.outdated == plan.members == ["nodea", "nodeb"]
        assert plan.reload_on == "nodea"

    def test_a_node_that_is_off_for_good(self) -> None:
        states = cluster("nodea", "nodeb", members=("nodea", "nodeb"))
        plan = membership.make_plan(replace(self.request, remove=["nodec"]), states)
        assert plan.problems == []
        assert plan.leave == []
        assert plan.forget == ["nodec"]

    def test_it_is_finished_where_it_broke_off(self) -> None:
        two = {name: ADDRESSES[name] for name in ("nodea", "nodeb")}
        states = cluster("nodea", "nodeb", configuration=text_of(two), members=("nodea", "nodeb"))
        plan = membership.make_plan(replace(self.request, remove=["nodec"]), states)
        assert plan.forget == ["nodec"]
        assert plan.outdated == []

    def test_online_but_out_of_reach(self) -> None:
        text = refusal(replace(self.request, remove=["nodec"]), cluster("nodea", "nodeb"))
        assert "is online in the cluster, but not part of this run" in text

    def test_still_described(self) -> None:
        assert "is still described" in refusal(replace(REQUEST, remove=["nodec"]), cluster())

    def test_used_by_a_service(self) -> None:
        services = membership.service_nodes(
            [{"name": "mail1", "nodes": {"primary": "nodea", "standby": ["nodeb", "nodec"]}}]
        )
        text = refusal(replace(self.request, remove=["nodec"], services=services), cluster())
        assert "is a node of mail1" in text

    def test_two_nodes_must_be_left(self) -> None:
        request = replace(REQUEST, addresses={"nodea": "192.0.2.11"}, remove=["nodeb", "nodec"])
        assert "fewer than two nodes" in refusal(request, cluster())


class TestForeign:
    def test_another_cluster(self) -> None:
        states = cluster()
        states["nodec"] = member("nodec", configuration=text_of(ADDRESSES, name="other"))
        assert "nodec is configured for another cluster, 'other'" in refusal(REQUEST, states)

    def test_a_configured_cluster_of_one(self) -> None:
        assert "with resources in it" in refusal(REQUEST, fresh(configuration=DEFAULT, resources=True))

    def test_another_name(self) -> None:
        states = {**cluster(), "nodec": member("nodec", node="localhost")}
        assert "calls itself localhost" in refusal(REQUEST, states)

    def test_another_address(self) -> None:
        request = replace(REQUEST, addresses={**ADDRESSES, "nodec": "192.0.2.99"})
        assert "nodec is a member with the address 192.0.2.13" in refusal(request, cluster())

    def test_two_halves_that_do_not_see_each_other(self) -> None:
        states = cluster("nodea", "nodeb", members=("nodea", "nodeb"))
        states["nodec"] = member("nodec", members=("nodec",))
        assert "does not see nodec" in refusal(REQUEST, states)

    def test_a_file_that_cannot_be_read(self) -> None:
        assert "cannot be understood" in refusal(REQUEST, fresh(configuration="nonsense"))


def test_states_pass_through_ansible_unchanged() -> None:
    state = member("nodea", missing_packages=("x",))
    assert NodeState.from_dict(state.as_dict()) == state


def test_a_plan_for_tasks_has_all_keys() -> None:
    value = membership.make_plan(REQUEST, fresh("nodea")).as_dict()
    assert value["pending"] is False
    assert value["problems"][0].startswith("groupware_cluster.nodes = ")
