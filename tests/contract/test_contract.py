"""The contract that every framework keeps, by the public modules alone.

Each operation goes through its four steps: check, do, do again, check again.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.contract.site import Site, changed


def states(result: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    """State and node of every service."""
    return {name: (service["state"], service["node"]) for name, service in result["services"].items()}


def weak_spots(site: Site) -> list[tuple[str, str]]:
    """Kind and name of everything that takes redundancy away."""
    return [(found["kind"], found["name"]) for found in site.run("cluster_info")["cluster"]["weaknesses"]]


# -- the description ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["asymmetric", "symmetric", "n_plus_1"])
def test_created_and_online_at_home(site: Site, model: str) -> None:
    services = getattr(site, model)()

    done = site.four_steps("failover_services", cluster=site.cluster(), services=services)

    for service in services:
        home = service["nodes"]["primary"]
        assert states(done)[service["name"]] == ("online", home)
        assert site.where(service["name"]) == [home]


def test_storage_and_address_first_then_the_application(site: Site) -> None:
    services = site.symmetric()

    site.four_steps("failover_services", cluster=site.cluster(), services=services, include_applications=False)
    done = site.four_steps("failover_services", cluster=site.cluster(), services=services)

    assert all(change["action"] != "delete" for change in done["changes"])
    assert site.where("mail1") == ["nodea"]
    # Left alone by a later call that leaves applications out.
    site.unchanged("failover_services", cluster=site.cluster(), services=services, include_applications=False)


def test_changed_without_disturbance(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)
    services[0] = changed(services[0], site.quiet_change)

    done = site.four_steps("failover_services", cluster=site.cluster(), services=services)

    assert done["restarts"] == []
    assert states(done) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}


def test_changed_with_a_restart_only_when_that_is_allowed(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)
    services[0] = changed(services[0], site.restarting_change)
    options = {"cluster": site.cluster(), "services": services}

    if site.asks_permission:
        assert re.search("mail1.*allow_restart", site.refused("failover_services", **options))
    done = site.four_steps("failover_services", **options, allow_restart=True)

    assert done["restarts"] == ["mail1"]
    assert states(done) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}


def test_recreated_only_when_that_is_allowed(site: Site) -> None:
    if site.fixed_change is None:
        assert site.framework in ("pacemaker", "rhcs", "vcs"), "of these every setting can be changed in place"
        return
    services = site.symmetric()
    site.converge(services)
    services[0] = changed(services[0], site.fixed_change)
    options = {"cluster": site.cluster(), "services": services}

    assert "allow_recreate" in site.refused("failover_services", **options)
    done = site.four_steps("failover_services", **options, allow_recreate=True)

    assert {change["action"] for change in done["changes"]} >= {"create", "delete"}
    assert states(done) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}


def test_drift_is_found_and_put_right(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)
    site.spoil()

    done = site.four_steps("failover_services", cluster=site.cluster(), services=services, allow_restart=True)

    assert {change["service"] or change["name"] for change in done["changes"]} == {"mail1"}
    assert site.where("mail1") == ["nodea"]


def test_what_the_description_does_not_name_is_left_alone_until_purged(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)
    site.four_steps("resource_group", **site.foreign_group())
    options = {"cluster": site.cluster(), "services": services}

    left = site.unchanged("failover_services", **options)
    assert states(left)["foreign1"][0] == "online"
    done = site.four_steps("failover_services", **options, purge=True, allow_restart=True)

    assert ("delete", "service", "foreign1") in {(c["action"], c["kind"], c["name"]) for c in done["changes"]}
    assert sorted(done["services"]) == ["mail1", "mail2"]
    assert site.where("mail1") == ["nodea"]


def test_one_service_removed_and_the_other_undisturbed(site: Site) -> None:
    services = site.n_plus_1()
    site.converge(services)

    done = site.four_steps("failover_services", cluster=site.cluster(), services=services[:1], state="absent")

    assert states(done) == {"mail2": ("online", "nodeb")}
    assert site.where("mail2") == ["nodeb"]


def test_everything_removed_and_made_again(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)

    done = site.four_steps("failover_services", cluster=site.cluster(), services=services, state="absent")
    assert done["services"] == {}
    again = site.four_steps("failover_services", cluster=site.cluster(), services=services)

    assert states(again) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}


def test_a_bad_description_touches_nothing(site: Site) -> None:
    services = [changed(site.symmetric()[0], {"address": "198.18.78.255"}), site.symmetric()[1]]

    message = site.refused("failover_services", cluster=site.cluster(), services=services)

    assert "services[mail1].address" in message
    assert "198.18.78.255" in message


# -- single objects and their axes -------------------------------------------------------------------------------------


def test_unmanaged_and_managed_again(site: Site) -> None:
    site.converge(site.symmetric())
    group = {"name": "mail1", "allow_restart": True}

    done = site.four_steps("resource_group", **group, managed=False)
    assert done["services"]["mail2"]["state"] == "online"
    site.four_steps("resource_group", **group, managed=True)

    site.run("switchover", service="mail1", state="online", node="nodea")
    assert site.where("mail1") == ["nodea"]
    site.unchanged("failover_services", cluster=site.cluster(), services=site.symmetric())


def test_member_disabled_and_enabled_again(site: Site) -> None:
    site.converge(site.symmetric())
    name, resource_type = site.member()
    member = {"name": name, "type": resource_type, "group": "mail1", "allow_restart": True}

    if not site.disables_members:
        assert "enabled" in site.refused("resource", **member, enabled=False)
        return
    site.four_steps("resource", **member, enabled=False)
    assert site.active("mail1", name) == []
    done = site.four_steps("resource", **member, enabled=True)

    assert states(done)["mail1"] == ("online", "nodea")
    assert site.where("mail1") == ["nodea"]


def test_member_unmonitored_and_monitored_again(site: Site) -> None:
    site.converge(site.symmetric())
    name, resource_type = site.member()
    member = {"name": name, "type": resource_type, "group": "mail1"}

    if not site.monitors_members:
        assert "monitored" in site.refused("resource", **member, monitored=False)
        return
    site.four_steps("resource", **member, monitored=False)
    assert site.where("mail1") == ["nodea"]
    site.four_steps("resource", **member, monitored=True)
    assert site.where("mail1") == ["nodea"]


def test_group_by_itself(site: Site) -> None:
    group = site.foreign_group()

    site.four_steps("resource_group", **group)
    done = site.four_steps("resource_group", name="foreign1", state="absent")

    assert done["services"] == {}


def test_resource_type(site: Site) -> None:
    if site.registered_type is None:
        found = site.run("resource_type", name=site.member()[1])
        assert not found["changed"]
        assert "no such agent" in site.refused("resource_type", name="ocf:heartbeat:nothing")
        return
    site.four_steps("resource_type", **site.registered_type)
    site.four_steps("resource_type", name=site.registered_type["name"], state="absent")


# -- day two -----------------------------------------------------------------------------------------------------------


def test_offline_stays_offline_and_comes_back(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)

    done = site.four_steps("switchover", service="mail1", state="offline")
    assert states(done) == {"mail1": ("offline", None), "mail2": ("online", "nodeb")}
    # What an operator took offline is not put online by a run that is about the configuration, changes or not.
    site.unchanged("failover_services", cluster=site.cluster(), services=services)
    services[0] = changed(services[0], site.quiet_change)
    site.four_steps("failover_services", cluster=site.cluster(), services=services)
    assert site.where("mail1") == []

    done = site.four_steps("switchover", service="mail1", state="online", node="nodeb")
    assert states(done)["mail1"] == ("online", "nodeb")
    assert site.where("mail1") == ["nodeb"]


def test_moved_there_and_back(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)

    site.four_steps("switchover", service="mail1", state="moved", node="nodeb")
    assert site.where("mail1") == ["nodeb"]
    # Where a service runs is no drift.
    site.unchanged("failover_services", cluster=site.cluster(), services=services)
    site.four_steps("switchover", service="mail1", state="moved", node="nodea")

    assert site.where("mail1") == ["nodea"]
    assert site.where("mail2") == ["nodeb"]


def test_not_moved_where_it_may_not_run(site: Site) -> None:
    site.converge(site.symmetric())

    assert "may run on nodea, nodeb only" in site.refused("switchover", service="mail1", state="moved", node="nodec")
    assert "not a member" in site.refused("switchover", service="mail1", state="moved", node="noded")
    assert "no such service" in site.refused("switchover", service="mail3", state="offline")


def test_node_evacuated_and_returned(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)

    done = site.four_steps("switchover", node="nodea", state="evacuated")
    assert states(done) == {"mail1": ("online", "nodeb"), "mail2": ("online", "nodeb")}
    site.unchanged("failover_services", cluster=site.cluster(), services=services)
    if site.keeps_nodes_free:
        assert "cannot take" in site.refused("switchover", service="mail1", state="moved", node="nodea")
        assert ("node", "nodea") in weak_spots(site)
        site.four_steps("switchover", node="nodea", state="returned")
    site.four_steps("switchover", service="mail1", state="moved", node="nodea")

    assert site.where("mail1") == ["nodea"]


def test_evacuating_takes_nothing_offline_unless_told_to(site: Site) -> None:
    site.converge(site.symmetric())
    site.take_out("nodeb")

    message = site.refused("switchover", node="nodea", state="evacuated")
    assert "no other node can take mail1 (nodeb is" in message
    assert "mail2 (nodeb is" in message
    assert "offline_too=true" in message
    done = site.four_steps("switchover", node="nodea", state="evacuated", offline_too=True)

    assert states(done) == {"mail1": ("offline", None), "mail2": ("offline", None)}
    assert len([warning for warning in done["warnings"] if "goes offline: no other node can take it" in warning]) == 2


def test_frozen_and_unfrozen(site: Site) -> None:
    services = site.symmetric()
    site.converge(services)

    if not site.freezes:
        assert "cannot suspend" in site.refused("switchover", service="mail1", state="frozen")
        return
    done = site.four_steps("switchover", service="mail1", state="frozen")
    assert done["services"]["mail1"]["frozen"]
    assert not done["services"]["mail2"]["frozen"]
    assert ("service", "mail1") in weak_spots(site)
    assert ("service", "mail2") not in weak_spots(site)
    site.unchanged("failover_services", cluster=site.cluster(), services=services)
    done = site.four_steps("switchover", service="mail1", state="unfrozen")

    assert states(done) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}
    assert weak_spots(site) == []


def test_an_application_that_does_not_start_is_reported_and_cleared(site: Site) -> None:
    services = site.symmetric()
    site.break_start()

    failed = site.converge(services)
    assert failed.get("failed"), failed
    assert "mail1" in failed["msg"]
    site.repair()
    cleared = site.run("switchover", service="mail1", state="cleared")
    assert not cleared.get("failed"), cleared
    site.unchanged("switchover", service="mail1", state="cleared")
    site.run("switchover", service="mail1", state="online", node="nodea")
    result = site.converge(services)

    assert not result.get("failed"), result
    assert states(result) == {"mail1": ("online", "nodea"), "mail2": ("online", "nodeb")}
    site.unchanged("failover_services", cluster=site.cluster(), services=services)


# -- adopting ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["asymmetric", "symmetric", "n_plus_1"])
def test_exported_and_applied_again_nothing_changes(site: Site, model: str) -> None:
    services = getattr(site, model)()
    site.converge(services)

    info = site.run("cluster_info", export=True)
    description = info["description"]
    cluster = {
        **site.cluster(),
        **{key: description["cluster"][key] for key in ("fencing", "properties") if key in description["cluster"]},
    }

    assert [(s["name"], s["model"], s["nodes"]) for s in description["services"]] == [
        (service["name"], model, service["nodes"]) for service in services
    ]
    site.unchanged("failover_services", cluster=cluster, services=description["services"])


# -- finding the framework ---------------------------------------------------------------------------------------------


def test_the_framework_is_found(site: Site) -> None:
    info = site.run("cluster_info", framework="auto")

    assert info["cluster"]["running"]
    assert info["cluster"]["framework"] == site.framework
    assert sorted(info["cluster"]["nodes"]) == sorted(site.nodes)
    assert all(node["online"] for node in info["cluster"]["nodes"].values())
    assert info["cluster"]["quorate"]
