"""Whatever is in cluster.conf and whatever clustat prints, the driver understands it or says that it does not."""

from __future__ import annotations

import contextlib
from xml.etree import ElementTree

import pytest

pytest.importorskip("hypothesis")

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import ConflictError, reconcile
from ansible_collections.groupware.ha.plugins.module_utils.formats import clustat, cluster_conf
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.driver import RedHatClusterSuite
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.editing import edited
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.reading import normalised_status
from ansible_collections.groupware.ha.tests.simulators.rhcs.simulator import SIMULATOR
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.formats.test_clustat import RELEASE_4, RELEASE_6
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.formats.test_cluster_conf import SCALIX
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.rhcs.test_rhcs import (
    CLUSTER,
    SERVICES,
    compiled,
)

DRIVER = RedHatClusterSuite(SimulatedRunner(SIMULATOR(["nodea"]), "nodea"))
DESIRED = compiled(SERVICES)
VALUES = st.sampled_from(["", "1", "0", "112", "119", "mail1", "nodea", "none", "-", "a b", "é", "192.0.2.11", "1;2=3"])
#: The nodes of the description, so that it can be applied to the configuration.
CONF = SCALIX.replace("nodea.scalixdemo.com", "nodea").replace("nodeb.scalixdemo.com", "nodeb")


@st.composite
def mangled(draw: st.DrawFn, text: str) -> str:
    """An XML document in which elements and attributes are missing, repeated, renamed or have other values."""
    root = ElementTree.fromstring(text)
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter())
        element = elements[draw(st.integers(0, len(elements) - 1))]
        kind = draw(st.sampled_from(["value", "missing", "tag", "remove", "repeat", "swallow", "move"]))
        names = sorted(element.attrib)
        name = draw(st.sampled_from(names)) if names else "name"
        if kind == "value":
            element.set(name, draw(VALUES))
        elif kind == "missing":
            element.attrib.pop(name, None)
        elif kind == "tag":
            element.tag = draw(
                st.sampled_from(["service", "ip", "fs", "action", "vm", "clusternode", "group", "other"])
            )
        elif kind == "remove" and len(element):
            element.remove(element[draw(st.integers(0, len(element) - 1))])
        elif kind == "repeat" and len(element):
            element.append(element[draw(st.integers(0, len(element) - 1))])
        elif kind == "move" and len(element) > 1:
            element[0].append(ElementTree.fromstring(ElementTree.tostring(element[1])))
        elif kind == "swallow":
            text = ElementTree.tostring(root, encoding="unicode")
            cut = draw(st.integers(0, len(text)))
            return text[:cut] + text[cut + draw(st.integers(1, 40)) :]
    return ElementTree.tostring(root, encoding="unicode")


#: Both nodes are preferred alike, and to no node is it said how much.
ALIKE = CONF.replace('priority="2"', 'priority="1"')
WITHOUT_PRIORITIES = CONF.replace(' priority="1"', "").replace(' priority="2"', "")


@given(st.one_of(mangled(CONF), st.text()))
@example(ALIKE)
@example(WITHOUT_PRIORITIES)
def test_any_cluster_conf_is_read_or_refused(text: str) -> None:
    try:
        config = DRIVER.parse_saved(text)
    except FrameworkError:
        return
    assert isinstance(config, ClusterConfig)
    names = [*config.owners(), *(service.name for service in config.services)]
    members = sum(len(service.resources) for service in config.services)
    assert len(names) == members + len(config.services) + len({resource.name for resource in config.resources})
    conf = cluster_conf.parse(text)
    assert cluster_conf.parse(conf.text()).canonical() == conf.canonical()
    again = DRIVER.parse_saved(conf.text())
    assert (again, again.foreign) == (config, config.foreign)
    # Nodes that are preferred alike differ from every placement, and so from themselves.
    changed = {change.name for change in reconcile(config, again, DRIVER, purge=True)}
    assert changed == {service.name for service in config.services if service.misplaced}


@given(mangled(CONF))
def test_any_cluster_conf_is_brought_to_what_is_wanted_or_refused(text: str) -> None:
    with contextlib.suppress(FrameworkError, ConflictError):
        config = DRIVER.parse_saved(text)
        conf = cluster_conf.parse(text)
        before = conf.canonical()
        wanted = edited(conf, reconcile(config, DESIRED, DRIVER))
        assert conf.canonical() == before, "the original is left alone"
        assert reconcile(DRIVER.parse_saved(wanted.text()), DESIRED, DRIVER) == []
        services = {service.name for service in DESIRED.services}
        for service in config.services:
            after = DRIVER.parse_saved(wanted.text()).service(service.name)
            assert service.name in services or (after is not None and after.own_settings() == service.own_settings())


@given(mangled(CONF))
def test_any_cluster_conf_is_exported_to_something_that_changes_nothing(text: str) -> None:
    with contextlib.suppress(FrameworkError, DescriptionError, ConflictError):
        config = DRIVER.parse_saved(text)
        export = DRIVER.export(config)
        cluster = {**CLUSTER, **export.cluster}
        cluster["nodes"] = [
            {"address": f"198.51.100.{number}", **node} for number, node in enumerate(export.cluster["nodes"], start=1)
        ]
        services = [dict(service) for service in export.services]
        described = DRIVER.compile(parse_description(cluster, services, DRIVER.capabilities))
        changes = reconcile(config, described, DRIVER)
        assert changes == [] or any("preferred alike" in words for words in export.unexpressed)


@given(st.one_of(mangled(RELEASE_6), mangled(RELEASE_4), st.text()))
def test_any_clustat_is_read_or_refused(text: str) -> None:
    try:
        found = clustat.parse(text)
    except clustat.ClustatError:
        return
    status = normalised_status(cluster_conf.parse(CONF), found)
    assert isinstance(status, ClusterStatus)
    assert set(status.services) == {"mail1"}
    assert set(status.services["mail1"].nodes) <= {
        *found.nodes,
        *(g.last_owner or "" for g in (found.groups or {}).values()),
    }
