# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between a described cluster and what its domain has, and the commands that put it right. Pure.

The domain is known as its administration server shows it to one question: each value by its dotted name. Commands are
those of asadmin, which the server takes over HTTPS as well.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import shown
from .glassfish_description import Description, Pool, Server

#: Elements that a name may have that is not there yet: the server makes them when they are set.
_MADE_WHEN_SET = (".property.", ".system-property.")
#: The configuration that a new cluster gets a copy of.
_TEMPLATE = "configs.config.default-config."
_POOLS = "resources.jdbc-connection-pool."
#: What the administration server itself takes over by a restart alone: the group that it joins when it starts.
_OF_THE_SERVER = "servers.server.server."


class PlanError(Failure):
    """A description that the domain cannot be brought to."""


@dataclass(frozen=True)
class Difference:
    """A value that is to become another one; None where there is nothing yet, or is to be nothing."""

    name: str
    before: str | None
    after: str | None

    def line(self, value: str) -> str:
        """As a diff shows it."""
        return f"{self.name}={shown(value, self.name.rpartition('.')[2])}\n"


@dataclass(frozen=True)
class Step:
    """A command of asadmin, and what differs afterwards.

    :ivar operands: what has no name, such as that of what is made
    """

    command: str
    options: Mapping[str, str]
    operands: tuple[str, ...]
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        options = "".join(f" --{name}={shown(value, name)}" for name, value in self.options.items())
        return f"asadmin {self.command}{options} {' '.join(self.operands)}"


@dataclass(frozen=True)
class Paths:
    """Where GlassFish and what belongs to its servers are on each host."""

    installation: str
    nodes: str


def escaped(properties: Mapping[str, str]) -> str:
    """Properties as one operand: asadmin parts them by colons, and takes a backslash before what is none."""
    parts = []
    for name, value in properties.items():
        plain = value.replace("\\", "\\\\").replace(":", "\\:")
        parts.append(f"{name}={plain}")
    return ":".join(parts)


def steps(description: Description, paths: Paths, found: Mapping[str, str]) -> list[Step]:
    """What has to be done, in this order.

    What an element is made with that does not exist yet is among them, and is found different again as far as only its
    existence shows the rest: so they are found anew when something was made.

    :param found: all values of the domain
    :raises PlanError: an option that the domain does not know, or an instance that belongs elsewhere
    """
    _judge(description, found)
    made = [
        *_of_group(description, found),
        *_of_nodes(description, paths, found),
        *_of_instances(description, found),
        *_of_pools(description, found),
    ]
    setting = [*_of_cluster(description, found), *_of_options(description, found), *_of_settings(description, found)]
    if setting:
        operands = tuple(f"{one.name}={one.after}" for one in setting)
        made.append(Step("set", {}, operands, tuple(setting)))
    return [*made, *_of_references(description, found)]


def restarts_administration(done: Sequence[Step]) -> bool:
    """Whether the administration server has to be started again to be a member of the cluster's group."""
    return any(
        one.before is not None and one.name.startswith((_OF_THE_SERVER, "clusters.cluster."))
        for step in done
        for one in step.differences
        if ".system-property.GMS" in one.name or ".property.GMS" in one.name
    )


def diff(these: Sequence[Step]) -> dict[str, str]:
    """Before and after, as Ansible shows them."""
    all_of_them = [one for step in these for one in step.differences]
    return {
        "before": "".join(one.line(one.before) for one in all_of_them if one.before is not None),
        "after": "".join(one.line(one.after) for one in all_of_them if one.after is not None),
    }


# -- judging -----------------------------------------------------------------------------------------------------------


def _known(description: Description, found: Mapping[str, str]) -> Mapping[str, str]:
    """What there will be when the cluster was made, if it does not exist yet."""
    own = f"configs.config.{description.configuration}."
    if any(name.startswith(own) for name in found):
        return found
    copied = {own + name[len(_TEMPLATE) :]: value for name, value in found.items() if name.startswith(_TEMPLATE)}
    return {**found, **copied}


def _judge(description: Description, found: Mapping[str, str]) -> None:
    """Refuse all that is wrong before anything is changed, since what is set together is not taken back together.

    :raises PlanError: with everything
    """
    problems = [*_wrong_options(description, _known(description, found)), *_wrong_settings(description, found)]
    for server in description.servers:
        at = f"servers.server.{server.instance}"
        for attribute, wanted in (("node-ref", server.name), ("config-ref", description.configuration)):
            has = found.get(f"{at}.{attribute}")
            if has is not None and has != wanted:
                problems.append(
                    f"glassfish_servers[{server.name}].instance = {server.instance!r}: is there with the "
                    f"{attribute} {has}, not {wanted}; give it another name, or delete that one"
                )
    if problems:
        raise PlanError("; ".join(["nothing was changed", *problems]))


def _wrong_options(description: Description, known: Mapping[str, str]) -> Iterator[str]:
    for name, value in description.options.items():
        if name in known or any(part in name for part in _MADE_WHEN_SET):
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        remedy = f"did you mean {close[0]}?" if close else "asadmin get '*' shows all that there are"
        visible = shown(value, name.rpartition(".")[2])
        yield f"glassfish_options.{name} = {visible!r}: is no option of the domain; {remedy}"


def _wrong_settings(description: Description, found: Mapping[str, str]) -> Iterator[str]:
    """What no pool has: a new domain has some, and all have the same."""
    parts = [name[len(_POOLS) :].partition(".") for name in found if name.startswith(_POOLS)]
    known = {attribute for _pool, _dot, attribute in parts if not attribute.startswith("property.")}
    for pool in description.pools:
        for name, value in pool.settings.items() if known else ():
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known))}"
                yield f"glassfish_pools[{pool.name}].settings.{name} = {value!r}: is nothing that a pool has; {remedy}"


# -- the group and its members -----------------------------------------------------------------------------------------


def _place(cluster: str) -> str:
    return f"GMS_DISCOVERY_URI_LIST-{cluster}"


def _port(cluster: str) -> str:
    return f"GMS_LISTENER_PORT-{cluster}"


def _bound(cluster: str) -> str:
    return f"GMS-BIND-INTERFACE-ADDRESS-{cluster}"


def _properties(target: str, at: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Step]:
    """System properties, which are made and changed by the same command."""
    different = tuple(
        Difference(name, found.get(name), value)
        for name, value in ((f"{at}.system-property.{one}.value", value) for one, value in wanted.items())
        if found.get(name) != value
    )
    if different:
        changed = {one.name.split(".system-property.")[1].rpartition(".")[0]: one.after or "" for one in different}
        yield Step("create-system-properties", {"target": target}, (escaped(changed),), different)


def _of_group(description: Description, found: Mapping[str, str]) -> Iterator[Step]:
    """The administration server is a member too, and joins when the cluster is made: it has to know where before."""
    cluster, members = description.name, description.members
    server = {
        _place(cluster): members,
        _bound(cluster): description.server(description.administration).address,
        _port(cluster): str(description.own_group_port),
    }
    yield from _properties("server", "servers.server.server", server, found)
    at = f"clusters.cluster.{cluster}"
    if f"{at}.name" not in found:
        made = (Difference(f"{at}.name", None, cluster), *_attributes_of_cluster(description, {}))
        yield Step("create-cluster", {"properties": escaped(_group(cluster))}, (cluster,), made)
    each = {_place(cluster): members, _port(cluster): str(description.group_port)}
    yield from _properties(cluster, at, each, found)


def _group(cluster: str) -> dict[str, str]:
    """What the cluster has of its group: what is behind the names, each member has for itself."""
    return {"GMS_LISTENER_PORT": f"${{{_port(cluster)}}}", "GMS_DISCOVERY_URI_LIST": f"${{{_place(cluster)}}}"}


def _attributes_of_cluster(description: Description, found: Mapping[str, str]) -> Iterator[Difference]:
    at = f"clusters.cluster.{description.name}"
    wanted = {
        f"{at}.gms-enabled": "true",
        f"{at}.gms-bind-interface-address": f"${{{_bound(description.name)}}}",
        **{f"{at}.property.{name}": value for name, value in _group(description.name).items()},
    }
    yield from _different(wanted, found)


def _different(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Difference]:
    for name, value in wanted.items():
        if found.get(name) != value:
            yield Difference(name, found.get(name), value)


def _of_cluster(description: Description, found: Mapping[str, str]) -> Iterator[Difference]:
    if f"clusters.cluster.{description.name}.name" in found:
        yield from _attributes_of_cluster(description, found)


def _of_nodes(description: Description, paths: Paths, found: Mapping[str, str]) -> Iterator[Step]:
    """Nodes of the kind CONFIG: nobody logs in there, so that no keys are needed; each host makes its own instance."""
    for server in description.servers:
        at = f"nodes.node.{server.name}"
        wanted = {
            f"{at}.node-host": server.address,
            f"{at}.install-dir": paths.installation,
            f"{at}.node-dir": paths.nodes,
        }
        there = f"{at}.name" in found
        different = (
            *(() if there else (Difference(f"{at}.name", None, server.name),)),
            *_different(wanted, found if there else {}),
        )
        if different:
            command = "update-node-config" if there else "create-node-config"
            options = {"nodehost": server.address, "installdir": paths.installation, "nodedir": paths.nodes}
            yield Step(command, options, (server.name,), different)


def properties_of(description: Description, server: Server) -> dict[str, str]:
    """What an instance has for itself."""
    return {"HTTP_LISTENER_PORT": str(server.port), _bound(description.name): server.address}


def _of_instances(description: Description, found: Mapping[str, str]) -> Iterator[Step]:
    """Of those that exist: the others come to be on their own hosts, with the same."""
    for server in description.servers:
        at = f"servers.server.{server.instance}"
        if f"{at}.name" in found:
            yield from _properties(server.instance, at, properties_of(description, server), found)


# -- options, pools, resources -----------------------------------------------------------------------------------------


def _of_options(description: Description, found: Mapping[str, str]) -> Iterator[Difference]:
    own = f"configs.config.{description.configuration}"
    # Usual values, without which sessions are lost: GlassFish takes unknown ones for the memory of one instance.
    usual = {
        f"{own}.availability-service.availability-enabled": "true",
        f"{own}.availability-service.web-container-availability.availability-enabled": "true",
        f"{own}.availability-service.web-container-availability.persistence-type": "replicated",
        f"{own}.availability-service.web-container-availability.persistence-frequency": "web-method",
        f"{own}.availability-service.web-container-availability.persistence-scope": "session",
    }
    yield from _different({**usual, **description.options}, _known(description, found))


def _settings_of(pool: Pool) -> dict[str, str]:
    at = f"resources.jdbc-connection-pool.{pool.name}"
    alias = {"password": f"${{ALIAS={pool.alias}}}"} if pool.alias else {}
    return {
        f"{at}.datasource-classname": pool.data_source,
        f"{at}.res-type": pool.kind,
        **{f"{at}.{name}": value for name, value in pool.settings.items()},
        **{f"{at}.property.{name}": value for name, value in {**pool.properties, **alias}.items()},
    }


def _of_settings(description: Description, found: Mapping[str, str]) -> Iterator[Difference]:
    """Of pools and resources that exist, and those of pools that are made just before."""
    for pool in description.pools:
        at = f"resources.jdbc-connection-pool.{pool.name}"
        made = (
            {}
            if f"{at}.name" in found
            else {f"{at}.datasource-classname": pool.data_source, f"{at}.res-type": pool.kind}
        )
        yield from _different(_settings_of(pool), {**found, **made})
        for resource in pool.resources:
            there = f"resources.jdbc-resource.{resource}"
            if f"{there}.jndi-name" in found:
                yield from _different({f"{there}.pool-name": pool.name, f"{there}.enabled": "true"}, found)


def _of_pools(description: Description, found: Mapping[str, str]) -> Iterator[Step]:
    for pool in description.pools:
        at = f"resources.jdbc-connection-pool.{pool.name}"
        if f"{at}.name" not in found:
            options = {"restype": pool.kind, "datasourceclassname": pool.data_source}
            made = (
                Difference(f"{at}.name", None, pool.name),
                Difference(f"{at}.datasource-classname", None, pool.data_source),
                Difference(f"{at}.res-type", None, pool.kind),
            )
            yield Step("create-jdbc-connection-pool", options, (pool.name,), made)


def _of_references(description: Description, found: Mapping[str, str]) -> Iterator[Step]:
    """Names that pools are found by, last: an instance opens a pool when it sees the name."""
    cluster = description.name
    for pool in description.pools:
        for resource in pool.resources:
            at, referred = f"resources.jdbc-resource.{resource}", f"clusters.cluster.{cluster}.resource-ref.{resource}"
            made = (Difference(f"{at}.pool-name", None, pool.name), Difference(f"{referred}.ref", None, resource))
            if f"{at}.jndi-name" not in found:
                options = {"connectionpoolid": pool.name, "target": cluster}
                yield Step("create-jdbc-resource", options, (resource,), made)
            elif f"{referred}.ref" not in found:
                yield Step("create-resource-ref", {"target": cluster}, (resource,), made[1:])


# -- what is taken away ------------------------------------------------------------------------------------------------


def removal(description: Description, found: Mapping[str, str]) -> list[Step]:
    """What has to be done so that nothing of the tier is left in the domain, in reverse; its data stays elsewhere."""
    done: list[Step] = []
    cluster = description.name

    def gone(command: str, options: Mapping[str, str], name: str, there: str) -> None:
        if there in found:
            done.append(Step(command, options, (name,), (Difference(there, found[there], None),)))

    for name in deployed(found, cluster):
        gone("undeploy", {"target": cluster}, name, f"applications.application.{name}.name")
    for pool in description.pools:
        for resource in pool.resources:
            gone("delete-jdbc-resource", {"target": cluster}, resource, f"resources.jdbc-resource.{resource}.jndi-name")
        gone("delete-jdbc-connection-pool", {}, pool.name, f"resources.jdbc-connection-pool.{pool.name}.name")
    for server in description.servers:
        gone("delete-instance", {}, server.instance, f"servers.server.{server.instance}.name")
    gone("delete-cluster", {}, cluster, f"clusters.cluster.{cluster}.name")
    for server in description.servers:
        gone("delete-node-config", {}, server.name, f"nodes.node.{server.name}.name")
    return done


def deployed(found: Mapping[str, str], cluster: str) -> list[str]:
    """The applications that a cluster has, enabled or not, by their whole names."""
    at = f"clusters.cluster.{cluster}.application-ref."
    return [name[len(at) : -len(".ref")] for name in found if name.startswith(at) and name.endswith(".ref")]


def values(answer: Mapping[str, Any]) -> dict[str, str]:
    """All values of what the administration server answers to ``get``."""
    lines = [str(child.get("message", "")) for child in answer.get("children") or ()]
    return {name: value for name, _equals, value in (line.partition("=") for line in lines) if name}
