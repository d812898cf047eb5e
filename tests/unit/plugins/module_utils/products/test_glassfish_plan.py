"""What differs between a described GlassFish cluster and its domain, and what puts it right."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_plan as planning
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import PlanError, steps
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import (
    DESCRIBED,
    FRESH,
    PATHS,
    Domain,
    converge,
    converged,
    described,
)


def test_of_a_fresh_domain() -> None:
    """The administration server knows where its group is before the group is made."""
    planned = steps(described(), PATHS, FRESH)
    assert [step.command for step in planned] == [
        "create-system-properties",
        "create-cluster",
        "create-system-properties",
        "create-node-config",
        "create-node-config",
        "create-jdbc-connection-pool",
        "set",
        "create-jdbc-resource",
    ]
    assert str(planned[0]) == (
        "asadmin create-system-properties --target=server "
        r"GMS_DISCOVERY_URI_LIST-calendar=tcp\://192.0.2.11\:9090,tcp\://192.0.2.12\:9090,tcp\://192.0.2.11\:9091"
        ":GMS-BIND-INTERFACE-ADDRESS-calendar=192.0.2.11:GMS_LISTENER_PORT-calendar=9091"
    )
    assert planned[1].options == {
        "properties": "GMS_LISTENER_PORT=${GMS_LISTENER_PORT-calendar}"
        ":GMS_DISCOVERY_URI_LIST=${GMS_DISCOVERY_URI_LIST-calendar}"
    }
    assert "configs.config.calendar-config.jms-service.type=LOCAL" in planned[6].operands
    assert "resources.jdbc-connection-pool.main.property.password=${ALIAS=db}" in planned[6].operands
    assert planning.restarts_administration(planned) is False


def test_it_comes_to_an_end_and_stays_there() -> None:
    domain = Domain()
    converge(domain, described())
    assert domain.told.count("create-cluster") == 1
    domain.has_instances(described())
    assert steps(described(), PATHS, domain.values) == []


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("configs.config.calendar-config.jms-service.type", "REMOTE", "set"),
        (
            "configs.config.calendar-config.availability-service.web-container-availability.persistence-type",
            "memory",
            "set",
        ),
        ("resources.jdbc-connection-pool.main.max-pool-size", "32", "set"),
        ("resources.jdbc-connection-pool.main.property.url", "jdbc:x", "set"),
        ("resources.jdbc-resource.jdbc/calendar.pool-name", "DerbyPool", "set"),
        ("clusters.cluster.calendar.gms-enabled", "false", "set"),
        ("nodes.node.app2.node-host", "192.0.2.99", "update-node-config"),
        ("servers.server.instance2.system-property.HTTP_LISTENER_PORT.value", "28081", "create-system-properties"),
        ("servers.server.server.system-property.GMS_LISTENER_PORT-calendar.value", "9", "create-system-properties"),
    ],
)
def test_what_somebody_changed(name: str, value: str, command: str) -> None:
    domain = converged(described())
    wanted = domain.values[name]
    domain.values[name] = value
    (step,) = steps(described(), PATHS, domain.values)
    assert step.command == command
    assert [(one.name, one.before, one.after) for one in step.differences] == [(name, value, wanted)]
    assert list(converge(domain, described())) == [command]


def test_what_somebody_took_away() -> None:
    domain = converged(described())
    del domain.values["clusters.cluster.calendar.resource-ref.jdbc/calendar.ref"]
    assert list(converge(domain, described())) == ["create-resource-ref"]


def test_the_administration_server_takes_over_its_group_when_it_starts() -> None:
    domain = converged(described())
    domain.values["servers.server.server.system-property.GMS_LISTENER_PORT-calendar.value"] = "9"
    assert planning.restarts_administration(steps(described(), PATHS, domain.values)) is True
    domain = converged(described())
    domain.values["configs.config.calendar-config.jms-service.type"] = "REMOTE"
    assert planning.restarts_administration(steps(described(), PATHS, domain.values)) is False


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"options": {"calendar-config.jms-service.typ": "LOCAL"}},
            "glassfish_options.configs.config.calendar-config.jms-service.typ = 'LOCAL': is no option of the domain; "
            "did you mean configs.config.calendar-config.jms-service.type?",
        ),
        ({"options": {"other-config.x.y": 1}}, "is no option of the domain; asadmin get '*' shows all that there are"),
        (
            {"pools": [{**DESCRIBED["pools"][0], "settings": {"max-pool-sise": 3}}]},
            "glassfish_pools[main].settings.max-pool-sise = '3': is nothing that a pool has; did you mean",
        ),
    ],
)
def test_what_the_domain_does_not_have_is_refused_first(changed: dict[str, Any], words: str) -> None:
    for found in (FRESH, converged(described()).values):
        with pytest.raises(PlanError) as caught:
            steps(described(**changed), PATHS, found)
        assert str(caught.value).startswith("nothing was changed; ")
        assert words in str(caught.value)


def test_properties_need_not_be_there() -> None:
    options = {"calendar-config.property.x": "1"}
    assert "set" in [step.command for step in steps(described(options=options), PATHS, FRESH)]


def test_an_instance_that_belongs_elsewhere() -> None:
    domain = converged(described())
    domain.values["servers.server.instance2.node-ref"] = "app7"
    with pytest.raises(PlanError, match="'instance2': is there with the node-ref app7, not app2; give it another name"):
        steps(described(), PATHS, domain.values)


def test_a_diff_shows_values_and_no_password() -> None:
    domain = converged(described())
    domain.values["configs.config.calendar-config.jms-service.type"] = "REMOTE"
    domain.values["resources.jdbc-connection-pool.main.property.password"] = "only-for-tests"
    shown = planning.diff(steps(described(), PATHS, domain.values))
    assert shown["before"] == (
        "configs.config.calendar-config.jms-service.type=REMOTE\n"
        "resources.jdbc-connection-pool.main.property.password=(hidden)\n"
    )
    assert "type=LOCAL\n" in shown["after"]
    assert "only-for-tests" not in str(shown)


def test_it_is_removed_in_reverse() -> None:
    domain = converged(described())
    domain.values |= {
        "clusters.cluster.calendar.application-ref.calendar:1.ref": "calendar:1",
        "applications.application.calendar:1.name": "calendar:1",
    }
    removal = planning.removal(described(), domain.values)
    assert [step.command for step in removal] == [
        "undeploy",
        "delete-jdbc-resource",
        "delete-jdbc-connection-pool",
        "delete-instance",
        "delete-instance",
        "delete-cluster",
        "delete-node-config",
        "delete-node-config",
    ]
    assert planning.diff(removal)["after"] == ""
    assert planning.removal(described(), FRESH) == []


def test_values_of_an_answer() -> None:
    answer = {"children": [{"message": "a.b=c=d"}, {"message": "e.f="}, {}]}
    assert planning.values(answer) == {"a.b": "c=d", "e.f": ""}
