"""What a run announces that it interrupts, judged by the policy engine itself: `crm_simulate` says what happens."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Snapshot
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import apply_changes
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import (
    parse_configuration,
    parse_status,
)
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

NODES = ("nodea", "nodeb", "nodec")
EMPTY = f"""<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"
 have-quorum="1"><configuration><crm_config/>
 <nodes>{"".join(f'<node id="{number}" uname="{name}"/>' for number, name in enumerate(NODES, 1))}</nodes>
 <resources/><constraints/></configuration>
 <status>{
    "".join(
        f'<node_state id="{number}" uname="{name}" in_ccm="true" crmd="online" join="member" expected="member"/>'
        for number, name in enumerate(NODES, 1)
    )
}</status></cib>"""
#: Actions that stop something for a while.
INTERRUPTIONS = frozenset(["stop", "restart", "move"])

resources = st.builds(
    lambda name, fake, meta, monitor: Resource(
        name,
        "ocf:pacemaker:Dummy",
        {"fake": fake, "meta priority": meta, "operation monitor interval": monitor},
    ),
    st.sampled_from(["one", "two", "three", "four"]),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["10s", "20s"]),
)


@st.composite
def services(draw: st.DrawFn, name: str) -> Service:
    """A group of up to four members on two nodes or three."""
    members = draw(st.lists(resources, min_size=1, max_size=4, unique_by=lambda resource: resource.name))
    named = tuple(Resource(f"{name}_{found.name}", found.type, found.settings) for found in members)
    nodes = tuple(draw(st.permutations(NODES)))[: draw(st.integers(2, 3))]
    return Service(name, nodes, {"meta resource-stickiness": draw(st.sampled_from(["0", "1000"]))}, named)


@st.composite
def configurations(draw: st.DrawFn) -> ClusterConfig:
    """One service or two."""
    names = draw(st.sampled_from([["mail1"], ["mail2"], ["mail1", "mail2"]]))
    return ClusterConfig({"stonith-enabled": "false"}, (), tuple(draw(services(name)) for name in names))


def simulated(cib: Element, folder: Path) -> tuple[Element, Element]:
    """What the policy engine says to a CIB, and the CIB once all that is done."""
    given_file, made = folder / "given.xml", folder / "made.xml"
    given_file.write_text(ElementTree.tostring(cib, encoding="unicode"), encoding="utf-8")
    done = subprocess.run(
        ["/usr/sbin/crm_simulate", "--simulate", f"--xml-file={given_file}", f"--save-output={made}"]
        + ["--output-as=xml"],
        capture_output=True,
        text=True,
        check=True,
    )
    return ElementTree.fromstring(done.stdout), ElementTree.parse(made).getroot()


def settled(cib: Element, folder: Path) -> Element:
    """The CIB of the cluster once it has come to rest."""
    for _ in range(5):
        said, cib = simulated(cib, folder)
        if not said.findall("./actions/rsc_action"):
            return cib
    pytest.fail("the cluster does not come to rest")


def converged(cib: Element, desired: ClusterConfig, **options: Any) -> list[str]:
    """Make the changes in the CIB; which services the driver says that they interrupt."""
    driver = Pacemaker(SimulatedRunner(None, ""))  # type: ignore[arg-type] # starts no command
    config = parse_configuration(cib)
    status = parse_status(monitored(cib))
    changes = reconcile(config, desired, driver, **options)
    interrupts = driver.plan(Snapshot(config, status), changes).interrupts
    apply_changes(cib, changes)
    assert not reconcile(parse_configuration(cib), desired, driver, **options)
    return list(interrupts)


def monitored(cib: Element) -> Element:
    """What crm_mon says of a CIB."""
    done = subprocess.run(
        ["/usr/sbin/crm_mon", "--one-shot", "--inactive", "--output-as=xml"],
        env={"CIB_file": str(written(cib))},
        capture_output=True,
        text=True,
        check=True,
    )
    return ElementTree.fromstring(done.stdout)


def written(cib: Element) -> Path:
    """A file with the CIB in it."""
    path = written.folder / "cib.xml"  # type: ignore[attr-defined]
    path.write_text(ElementTree.tostring(cib, encoding="unicode"), encoding="utf-8")
    return Path(path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(configurations(), configurations(), st.sampled_from(NODES), st.booleans(), st.booleans())
def test_what_the_policy_engine_stops_was_announced(
    tmp_path: Path, before: ClusterConfig, after: ClusterConfig, node: str, offline: bool, purge: bool
) -> None:
    written.folder = tmp_path  # type: ignore[attr-defined]
    cib = ElementTree.fromstring(EMPTY)
    converged(cib, before)
    cib = settled(cib, tmp_path)
    if offline:
        # The node goes down, and what it carries goes to the others; it stays there if stickiness has it so.
        for state in cib.findall(f"./status/node_state[@uname='{node}']"):
            state.attrib.update(in_ccm="false", crmd="offline", join="down", expected="down")
        cib = settled(cib, tmp_path)
        for state in cib.findall(f"./status/node_state[@uname='{node}']"):
            state.attrib.update(in_ccm="true", crmd="online", join="member", expected="member")
        cib = settled(cib, tmp_path)
    members = {resource.name: service.name for service in before.services for resource in service.resources}
    wanted = copy.deepcopy(cib)
    announced = converged(wanted, after, purge=purge)
    there = parse_configuration(wanted).owners()

    said, made = simulated(wanted, tmp_path)

    interrupted = {
        members[action.get("resource", "")]
        for action in said.findall("./actions/rsc_action")
        if action.get("action") in INTERRUPTIONS and there.get(action.get("resource", "")) is not None
    }
    assert interrupted <= set(announced), ElementTree.tostring(said, encoding="unicode")
    assert not converged(settled(made, tmp_path), after, purge=purge)
