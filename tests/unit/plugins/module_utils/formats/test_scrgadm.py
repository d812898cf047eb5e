"""What scrgadm -pvv prints, in the layouts of its releases; and what is not that."""

from __future__ import annotations

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.formats.scrgadm import ScrgadmError, parse_scrgadm

# Sun Cluster 3.1 Data Services Planning and Administration Guide: "Viewing Configuration Data".
TYPE = """\
Res Type name:                                   SUNW.iws
  (SUNW.iws) Res Type description:               None registered
  (SUNW.iws) Res Type base directory:            /opt/SUNWschtt/bin
  (SUNW.iws) Res Type single instance:           False
  (SUNW.iws) Res Type init nodes:                All potential masters
  (SUNW.iws) Res Type failover:                  False
  (SUNW.iws) Res Type version:                   1.0
  (SUNW.iws) Res Type API version:               2
  (SUNW.iws) Res Type installed on nodes:        All
  (SUNW.iws) Res Type packages:                  SUNWschtt
"""
GROUP = """\
Res Group name:                                          resource-group-1
  (resource-group-1) Res Group RG_description:           <NULL>
  (resource-group-1) Res Group management state:         Unmanaged
  (resource-group-1) Res Group Failback:                 False
  (resource-group-1) Res Group Nodelist:                 phys-schost-1
                                                         phys-schost-2
  (resource-group-1) Res Group Maximum_primaries:        1
  (resource-group-1) Res Group Desired_primaries:        1
  (resource-group-1) Res Group RG_dependencies:          <NULL>
  (resource-group-1) Res Group mode:                     Failover
  (resource-group-1) Res Group network dependencies:     True
  (resource-group-1) Res Group Global_resources_used:    All
  (resource-group-1) Res Group Pathprefix:
"""
RESOURCE = """\
    (resource-group-1) Res name:                                resource-1
        (resource-group-1:resource-1) Res R_description:
        (resource-group-1:resource-1) Res resource type:        SUNW.iws
        (resource-group-1:resource-1) Res resource group name:  resource-group-1
        (resource-group-1:resource-1) Res enabled:              False
        (resource-group-1:resource-1) Res monitor enabled:      True

            (resource-group-1:resource-1) Res property name:                 Confdir_list
                (resource-group-1:resource-1:Confdir_list) Res property class:       extension
                (resource-group-1:resource-1:Confdir_list) Res property description: Where: the configuration is
                (resource-group-1:resource-1:Confdir_list) Res property type:        stringarray
                (resource-group-1:resource-1:Confdir_list) Res property value:       /a /b
                (resource-group-1:resource-1:Port_list) Res property type:           stringarray
                (resource-group-1:resource-1:Port_list) Res property value:          <NULL>
"""
WHOLE = f"{TYPE}\n{GROUP}\n{RESOURCE}"


def test_a_type() -> None:
    (found,) = parse_scrgadm(TYPE).types.values()

    assert (found.name, found.installed_nodes, found.system) == ("SUNW.iws", "All", None)


def test_a_group_with_its_nodes_on_continuation_lines() -> None:
    (group,) = parse_scrgadm(TYPE + GROUP).groups.values()

    assert group.nodes == ["phys-schost-1", "phys-schost-2"]
    assert group.managed is False
    assert group.properties["RG_description"] == "<NULL>"
    assert group.properties["Pathprefix"] == ""
    assert group.properties["Implicit_network_dependencies"] == "True"
    assert group.properties["RG_mode"] == "Failover"


def test_a_group_with_its_nodes_on_one_line() -> None:
    one_line = GROUP.replace("phys-schost-1\n" + " " * 57, "phys-schost-1 ")

    assert parse_scrgadm(TYPE + one_line) == parse_scrgadm(TYPE + GROUP)


def test_a_resource() -> None:
    (resource,) = parse_scrgadm(WHOLE).resources.values()

    assert (resource.group, resource.type) == ("resource-group-1", "SUNW.iws")
    assert resource.enabled == {"": False}
    assert resource.monitored == {"": True}
    assert resource.properties == {"R_description": "", "Confdir_list": "/a,/b", "Port_list": "<NULL>"}


def test_switches_of_each_node_and_dependencies_by_their_kind() -> None:
    later = WHOLE.replace("resource-1) Res enabled:              False", "resource-1{n1}) Res enabled:  True")
    later = later.replace(
        "        (resource-group-1:resource-1) Res monitor",
        "        (resource-group-1:resource-1{n2}) Res enabled: False\n"
        "        (resource-group-1:resource-1) Res type version: 4\n"
        "        (resource-group-1:resource-1) Res strong dependencies: disk-rs\n"
        "        (resource-group-1:resource-1) Res offline restart dependencies: <NULL>\n"
        "        (resource-group-1:resource-1) Res monitor",
    )
    (resource,) = parse_scrgadm(later).resources.values()

    assert resource.enabled == {"n1": True, "n2": False}
    assert resource.version == "4"
    assert resource.properties["Resource_dependencies"] == "disk-rs"
    assert resource.properties["Resource_dependencies_offline_restart"] == "<NULL>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no resource types"),
        ("node venus\n", "line 1.*no line of scrgadm"),
        ("Nom du type de ressource: SUNW.iws\n", "was it printed in the C locale"),
        (GROUP, "no resource types"),
        (TYPE + TYPE, "no new resource type"),
        (TYPE + GROUP + GROUP, "no new resource group"),
        (TYPE + GROUP.replace("Unmanaged", "perhaps"), "no management state"),
        (TYPE + "".join(GROUP.splitlines(keepends=True)[:3]), "lacks its management state or its node list"),
        (TYPE + RESOURCE, "not named before"),
        (WHOLE.replace("enabled:              False", "enabled:              maybe"), "neither True nor False"),
        (WHOLE.replace("value:       /a /b", "kind: x"), "Confdir_list without a value"),
        (WHOLE.partition("            (resource-group-1:resource-1) Res property")[0], "print them with scrgadm -pvv"),
        (
            WHOLE.replace("(resource-group-1:resource-1) Res resource type", "(other:resource-1) Res resource type"),
            "named",
        ),
        (WHOLE + "        (resource-group-1:resource-1) Res enabled: True\n", "says enabled twice"),
        (WHOLE.replace("group name:  resource-group-1", "group name:  other"), "not the group"),
        (TYPE + GROUP.replace("phys-schost-2\n", "phys-schost-1\n"), "no further node"),
        (TYPE + GROUP.replace("phys-schost-2\n", "a sentence, of words!\n"), "no further node"),
    ],
)
def test_what_is_not_whole_is_refused(text: str, words: str) -> None:
    with pytest.raises(ScrgadmError, match=words):
        parse_scrgadm(text)


@given(st.data())
def test_mutated_transcripts(data: st.DataObject) -> None:
    """Whatever is lost, repeated, swapped or cut: it is refused, or read without inventing anything."""
    lines = WHOLE.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "repeat", "swap", "cut", "noise"]))
        if kind == "drop" and len(lines) > 1:
            del lines[index]
        elif kind == "repeat":
            lines.insert(index, lines[index])
        elif kind == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[index], lines[other] = lines[other], lines[index]
        elif kind == "cut":
            lines[index] = lines[index][: data.draw(st.integers(0, len(lines[index])))]
        else:
            lines[index] += data.draw(st.text(max_size=5))
    try:
        found = parse_scrgadm("\n".join(lines))
    except ScrgadmError:
        return
    for group in found.groups.values():
        assert group.nodes
        assert group.managed is not None
    for resource in found.resources.values():
        assert resource.group in found.groups
        assert resource.type
        assert resource.enabled


@given(st.text())
def test_any_text(text: str) -> None:
    with pytest.raises(ScrgadmError):
        parse_scrgadm(text)


def test_a_line_less_is_never_read_as_another_state() -> None:
    """Each line in turn is left out: what is still accepted differs by that line alone, and never in a switch."""
    whole = parse_scrgadm(WHOLE)
    lines = WHOLE.splitlines(keepends=True)
    for index in range(len(lines)):
        try:
            found = parse_scrgadm("".join(lines[:index] + lines[index + 1 :]))
        except ScrgadmError:
            continue
        for group in found.groups.values():
            assert group.managed == whole.groups[group.name].managed
        for resource in found.resources.values():
            assert resource.enabled == whole.resources[resource.name].enabled
            assert resource.monitored == whole.resources[resource.name].monitored
