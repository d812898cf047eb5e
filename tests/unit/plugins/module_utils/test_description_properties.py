"""What holds for every description: it is refused in words, or compiles and can be made on a cluster."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("hypothesis")

from hypothesis import assume, event, given, target
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.placement import capacity, carrier, draw
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import apply_changes
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import parse_configuration
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import (
    good_description,
    judge,
    problems_of,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import (
    EMPTY_CIB,
    FakeCluster,
    FakeRunner,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.strategies import (
    ANYTHING,
    damaged,
    descriptions,
    places,
)

DRIVER = Pacemaker(FakeRunner(FakeCluster()))


def accepted(description: dict[str, Any]) -> tuple[Description, ClusterConfig]:
    """The description if it is accepted; examples that are not are passed over."""
    try:
        return judge(description)
    except DescriptionError as error:
        event(f"refused: {error.problems[0].reason:.40}")
        assume(False)
        raise


def judged_in_words(description: dict[str, Any]) -> None:
    """Accepted, or refused with problems that can be shown; nothing else."""
    before = repr(description)
    problems = problems_of(description)
    for problem in problems:
        assert problem.key
        assert problem.reason
        assert problem.remedy
        assert str(problem)
        json.dumps(problem.as_dict(), skipkeys=True)
    assert repr(description) == before


@given(ANYTHING, ANYTHING)
def test_anything_is_judged_in_words(cluster: Any, services: Any) -> None:
    judged_in_words({"cluster": cluster, "services": services})


@given(st.data())
def test_damaged_description_is_judged_in_words(data: st.DataObject) -> None:
    judged_in_words(data.draw(damaged(good_description())))


@given(st.data(), descriptions())
def test_damaged_generated_description_is_judged_in_words(data: st.DataObject, description: dict[str, Any]) -> None:
    judged_in_words(data.draw(damaged(description)))


@given(descriptions())
def test_every_service_has_two_nodes_of_the_cluster(description: dict[str, Any]) -> None:
    deployment, config = accepted(description)

    for service in deployment.services:
        assert len(set(service.nodes)) == len(service.nodes) >= 2
        assert set(service.nodes) <= set(deployment.cluster.node_names)
        for lost in deployment.cluster.node_names:
            assert carrier(service, [lost]) not in (None, lost)
    for compiled in config.services:
        service = next(service for service in deployment.services if service.name == compiled.name)
        assert compiled.placement == service.nodes
    assert sum(capacity(deployment).values()) >= len(deployment.services)
    assert all(service.name in draw(deployment) for service in deployment.services)


@given(descriptions())
def test_nothing_is_given_to_two(description: dict[str, Any]) -> None:
    deployment, config = accepted(description)
    target(len(config.services))

    used = []
    for service in deployment.services:
        if service.storage is not None:
            used += [*service.storage.devices, service.storage.mount_point, service.storage.block_device]
            used += [service.storage.volume_group] if service.storage.volume_group else []
            used.remove(
                service.storage.block_device if not service.storage.volume_group else service.storage.devices[0]
            )
        used += [str(service.address)] if service.address else []
    assert len(set(used)) == len(used)
    groups = {service.storage.volume_group for service in deployment.services if service.storage}
    for service in deployment.services:
        for device in service.storage.devices if service.storage else ():
            assert device.split("/")[2] not in groups


@given(descriptions())
def test_no_two_ids_are_equal(description: dict[str, Any]) -> None:
    _, config = accepted(description)
    names = [service.name for service in config.services] + list(config.owners())
    assert (
        len(set(names))
        == len(names)
        == len(config.services) + sum(len(service.resources) for service in config.services) + len(config.resources)
    )

    cib = made(ElementTree.fromstring(EMPTY_CIB), config)
    identifiers = [element.attrib["id"] for element in cib.iter() if "id" in element.attrib]
    assert len(set(identifiers)) == len(identifiers)


def made(cib: ElementTree.Element, desired: ClusterConfig, purge: bool = False) -> ElementTree.Element:
    """The CIB after one run, as Pacemaker would have it: written as text and read again."""
    apply_changes(cib, reconcile(parse_configuration(cib), desired, DRIVER, purge=purge))
    return ElementTree.fromstring(ElementTree.tostring(cib, encoding="unicode"))


@given(descriptions(), st.booleans())
def test_made_and_read_back_leaves_nothing_to_do(description: dict[str, Any], purge: bool) -> None:
    _, config = accepted(description)

    cib = made(ElementTree.fromstring(EMPTY_CIB), config)

    assert parse_configuration(cib) == config
    assert reconcile(parse_configuration(cib), config, DRIVER, purge=purge) == []


@given(descriptions(), descriptions())
def test_purge_converges_from_any_description_to_any_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    _, before = accepted(old)
    _, after = accepted(new)
    cib = made(ElementTree.fromstring(EMPTY_CIB), before)

    cib = made(cib, after, purge=True)

    found = parse_configuration(cib)
    assert reconcile(found, after, DRIVER, purge=True) == []
    assert found.owners() == after.owners()
    assert {service.name for service in found.services} == {service.name for service in after.services}
    for service in after.services:
        there = found.service(service.name)
        assert there is not None
        assert [resource.name for resource in there.resources] == [resource.name for resource in service.resources]
        assert there.placement == service.placement
        for resource, wanted in zip(there.resources, service.resources, strict=True):
            assert set(resource.settings) == set(wanted.settings)
    constraints = cib.findall("./configuration/constraints/rsc_location")
    assert {constraint.get("rsc") for constraint in constraints} == {service.name for service in after.services}


@given(descriptions(), descriptions())
def test_without_purge_nothing_is_taken_away(old: dict[str, Any], new: dict[str, Any]) -> None:
    _, before = accepted(old)
    _, after = accepted(new)
    names = {*before.owners(), *(service.name for service in before.services)}
    assume(not names & {*after.owners(), *(service.name for service in after.services)})
    cib = made(ElementTree.fromstring(EMPTY_CIB), before)

    found = parse_configuration(made(cib, after))

    assert reconcile(found, after, DRIVER) == []
    assert all(service in found.services for service in before.services)
    assert all(resource in found.resources for resource in before.resources)


SECRET_NAMES = ["password", "passwd", "apikey", "community", "session_url", "key", "pasword", "adminPassword", "token"]
#: What does not occur in a description or in what is said of it.
RANDOM_SECRETS = st.text("!\"#%&'()*+-.:;<>?@\\^`|~XYZ0189äß", min_size=8, max_size=20)
#: What may stand around a secret: its name alone, or keys that are misspelt or belong elsewhere.
AROUND = [
    lambda name, secret: {name: secret},
    lambda name, secret: {name: [secret]},
    lambda name, secret: {name: {"value": secret}},
    lambda name, secret: {"fencng": {name: secret}},
    lambda name, secret: [{name: secret}],
    lambda name, secret: {"x": [{"y": {name: [secret]}}]},
]


@given(st.data(), RANDOM_SECRETS, st.sampled_from(SECRET_NAMES), st.sampled_from(AROUND))
def test_no_secret_is_told_wherever_it_stands(data: st.DataObject, secret: str, name: str, around: Any) -> None:
    description = good_description()
    holder, key = data.draw(st.sampled_from([*places(description["cluster"]), *places(description["services"])]))
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[name] = secret
    else:
        holder[key] = around(name, secret)
    problems = problems_of(description)
    assert problems
    for problem in problems:
        assert secret not in f"{problem} {problem.as_dict()} {problem!r}"
        assert repr(secret)[1:-1] not in f"{problem} {problem.as_dict()} {problem!r}"
