"""A described cluster of GlassFish, and what its domain says, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_description
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import Paths, Step, steps

PATHS = Paths("/opt/glassfish", "/var/lib/glassfish/nodes")
PASSWORDS = {"administrator": "only-for-tests", "master": "master-of-tests", "db": "pool-of-tests"}
DESCRIBED: dict[str, Any] = {
    "servers": [
        {"name": "app1", "address": "192.0.2.11", "instance": "instance1"},
        {"name": "app2", "address": "192.0.2.12", "instance": "instance2", "port": 8080},
    ],
    "options": {"calendar-config.jms-service.type": "LOCAL"},
    "pools": [
        {
            "name": "main",
            "data_source": "org.mariadb.jdbc.MariaDbDataSource",
            "database": "calendar",
            "alias": "db",
            "properties": {"url": "jdbc:mariadb://192.0.2.31/calendar", "user": "app"},
            "settings": {"max-pool-size": 20},
            "resources": ["jdbc/calendar"],
        }
    ],
    "applications": [{"name": "calendar", "archive": "/srv/calendar.war", "session_page": "/login"}],
}
#: What every domain has, as far as tests need it.
FRESH = {
    "configs.config.default-config.jms-service.type": "EMBEDDED",
    "configs.config.default-config.availability-service.availability-enabled": "true",
    "configs.config.default-config.availability-service.web-container-availability.availability-enabled": "true",
    "configs.config.default-config.availability-service.web-container-availability.persistence-type": "replicated",
    "configs.config.default-config.availability-service.web-container-availability.persistence-frequency": "web-method",
    "configs.config.default-config.availability-service.web-container-availability.persistence-scope": "session",
    "configs.config.server-config.network-config.network-listeners.network-listener.http-listener-1.enabled": "true",
    "resources.jdbc-connection-pool.DerbyPool.name": "DerbyPool",
    "resources.jdbc-connection-pool.DerbyPool.max-pool-size": "32",
    "resources.jdbc-connection-pool.DerbyPool.datasource-classname": "org.apache.derby.jdbc.EmbeddedXADataSource",
    "servers.server.server.name": "server",
}


def described(**changed: Any) -> glassfish_description.Description:
    return glassfish_description.parse("calendar", {**DESCRIBED, **changed})


class Domain:
    """Takes the commands that a plan has, as GlassFish does: what is made has values that it was not told."""

    def __init__(self) -> None:
        self.values = dict(FRESH)
        self.told: list[str] = []

    def take(self, step: Step) -> dict[str, Any]:
        self.told.append(step.command)
        getattr(self, step.command.replace("-", "_"))(step)
        return {"exit_code": "SUCCESS"}

    def as_planned(self, step: Step) -> None:
        for one in step.differences:
            if one.after is None:
                self.values = {name: value for name, value in self.values.items() if not name.startswith(one.name)}
            else:
                self.values[one.name] = one.after

    set = create_system_properties = create_node_config = update_node_config = as_planned
    create_resource_ref = create_jdbc_connection_pool = as_planned
    undeploy = delete_jdbc_resource = delete_jdbc_connection_pool = delete_instance = as_planned
    delete_cluster = delete_node_config = as_planned

    def create_cluster(self, step: Step) -> None:
        self.as_planned(step)
        for name, value in FRESH.items():
            if ".default-config." in name:
                self.values[name.replace(".default-config.", f".{step.operands[0]}-config.")] = value

    def create_jdbc_resource(self, step: Step) -> None:
        self.as_planned(step)
        at = f"resources.jdbc-resource.{step.operands[0]}"
        self.values |= {f"{at}.jndi-name": step.operands[0], f"{at}.enabled": "true"}

    def has_instances(self, description: glassfish_description.Description) -> None:
        """As create-local-instance makes them on their hosts."""
        for server in description.servers:
            at = f"servers.server.{server.instance}"
            self.values |= {
                f"{at}.name": server.instance,
                f"{at}.node-ref": server.name,
                f"{at}.config-ref": description.configuration,
                f"{at}.system-property.HTTP_LISTENER_PORT.value": str(server.port),
                f"{at}.system-property.GMS-BIND-INTERFACE-ADDRESS-calendar.value": server.address,
            }


def converged(description: glassfish_description.Description) -> Domain:
    """A domain that is as described."""
    domain = Domain()
    planned = converge(domain, description)
    domain.has_instances(description)
    assert planned
    domain.told.clear()
    return domain


def converge(domain: Domain, description: glassfish_description.Description) -> Sequence[str]:
    """The commands until nothing is left to do."""
    before = len(domain.told)
    for _round in range(4):
        planned = steps(description, PATHS, domain.values)
        for step in planned:
            domain.take(step)
        if not planned:
            return domain.told[before:]
    raise AssertionError(f"it has no end: {planned}")
