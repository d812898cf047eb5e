"""Whatever a command prints, the driver understands it or says that it does not."""

from __future__ import annotations

import contextlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, ClusterStatus
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import ConflictError, reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import apply_changes
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import (
    parse_configuration,
    parse_status,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import compiled, good_description
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import (
    EMPTY_CIB,
    FakeCluster,
    FakeRunner,
)

DRIVER = Pacemaker(FakeRunner(FakeCluster()))
DESIRED = compiled(good_description())
MONITOR = (Path(__file__).parent / "fixtures" / "crm_mon-2.1.5-failed.xml").read_text(encoding="utf-8")


def full_cib() -> str:
    cib = ElementTree.fromstring(EMPTY_CIB)
    apply_changes(cib, reconcile(parse_configuration(cib), DESIRED, DRIVER))
    return ElementTree.tostring(cib, encoding="unicode")


CIB = full_cib()
VALUES = st.sampled_from(["", "true", "Stopped", "mail1", "mail2", "nodea", "INFINITY", "-", "0", "a b", "é", "1_2_3"])


@st.composite
def mangled(draw: st.DrawFn, text: str) -> str:
    """An XML document in which elements and attributes are missing, repeated, renamed or have other values."""
    root = ElementTree.fromstring(text)
    for _ in range(draw(st.integers(1, 6))):
        elements = list(root.iter())
        element = elements[draw(st.integers(0, len(elements) - 1))]
        kind = draw(st.sampled_from(["value", "missing", "tag", "remove", "repeat", "swallow"]))
        names = sorted(element.attrib)
        name = draw(st.sampled_from(names)) if names else "id"
        if kind == "value":
            element.set(name, draw(VALUES))
        elif kind == "missing":
            element.attrib.pop(name, None)
        elif kind == "tag":
            element.tag = draw(st.sampled_from(["group", "primitive", "resource", "op", "nvpair", "rule", "node", "x"]))
        elif kind == "remove" and len(element):
            element.remove(element[draw(st.integers(0, len(element) - 1))])
        elif kind == "repeat" and len(element):
            element.append(ElementTree.fromstring(ElementTree.tostring(element[0])))
        elif kind == "swallow":
            element.append(ElementTree.fromstring("<group id='mail1'><primitive id='mail1_storage'/></group>"))
    return ElementTree.tostring(root, encoding="unicode")


@given(st.text())
def test_any_text_is_xml_or_an_error(text: str) -> None:
    with contextlib.suppress(FrameworkError):
        parse_status(parse_xml(text.encode(errors="replace").decode(), "crm_mon"))


@given(st.integers(0, len(MONITOR)), st.text(max_size=3))
def test_damaged_output_is_xml_or_an_error(position: int, text: str) -> None:
    with contextlib.suppress(FrameworkError):
        parse_status(
            parse_xml(
                (MONITOR[:position] + text + MONITOR[position + 5 :]).encode(errors="replace").decode(), "crm_mon"
            )
        )


@given(mangled(MONITOR))
def test_mangled_status(text: str) -> None:
    status = parse_status(parse_xml(text, "crm_mon"))

    assert isinstance(status, ClusterStatus)
    for service in status.as_dict()["services"].values():
        assert service["state"] in ("online", "offline", "partial", "failed")
    assert isinstance(status.activity(), dict)


@given(mangled(CIB), st.booleans())
def test_mangled_configuration_is_put_right_or_refused(text: str, purge: bool) -> None:
    cib = parse_xml(text, "cibadmin")
    config = parse_configuration(cib)
    assert isinstance(config, ClusterConfig)

    with contextlib.suppress(ConflictError, FrameworkError):
        apply_changes(cib, reconcile(config, DESIRED, DRIVER, purge=purge))
