"""What VCS prints, from transcripts; and that what it does not print is never read."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import (
    TableError,
    message_numbers,
    ordered_systems,
    parse_cluster_display,
    parse_display,
    parse_group_links,
    parse_resource_links,
    parse_systems,
    parse_type_display,
    system_list,
    tokens,
)

#: From transcripts of VCS 6 and InfoScale 7.4: padding as it is, an empty value at the end of a row.
GROUPS = """\
#Group               Attribute             System     Value
Grp_CS_c1_CS_11240_1 State                 node1      |OFFLINE|
Grp_CS_c1_CS_11240_1 State                 node2      |ONLINE|
Grp_CS_c1_CS_11240_1 Administrators        global     
Grp_CS_c1_CS_11240_1 SystemList            global     node1 0 node2 1
"""  # noqa: W291

RESOURCES = """\
#Resource                Attribute              System     Value
Res_App_c1_FO_vcs1_cups  State                  node1      ONLINE
Res_App_c1_cs1_sleepy    State                  node1      ONLINE|RESTARTING
Res_App_c1_cs1_sleepy    Arguments              global     -x "two words"  -y
"""

SUMMARY = """

-- SYSTEM STATE
-- System               State                Frozen

A  verclus01            RUNNING              0
A  verclus02            RUNNING              1

-- GROUP STATE
-- Group           System               Probed     AutoDisabled    State

B  SG1             verclus01            Y          N               ONLINE
B  SG1             verclus02            Y          N               OFFLINE
"""


def test_display() -> None:
    groups = parse_display(GROUPS, "Group")

    assert groups["Grp_CS_c1_CS_11240_1"]["State"] == {"node1": "|OFFLINE|", "node2": "|ONLINE|"}
    assert groups["Grp_CS_c1_CS_11240_1"]["Administrators"] == {"global": ""}
    assert groups["Grp_CS_c1_CS_11240_1"]["SystemList"] == {"global": "node1 0 node2 1"}


def test_display_keeps_values_as_they_are() -> None:
    resources = parse_display(RESOURCES, "Resource")

    assert resources["Res_App_c1_cs1_sleepy"]["Arguments"] == {"global": '-x "two words"  -y'}
    assert tokens(resources["Res_App_c1_cs1_sleepy"]["State"]["node1"]) == ("ONLINE", "RESTARTING")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GROUPS.replace("#Group ", "#Resource "), "a table of Group was expected"),
        (GROUPS.split("\n", 1)[1], "is no row"),
        (GROUPS + "Grp_CS_c1_CS_11240_1 State\n", "is no row"),
        (GROUPS + "Grp_CS_c1_CS_11240_1 State |ONLINE|\n", "is no system"),
        (GROUPS + "Grp_CS_c1_CS_11240_1 State node2 |OFFLINE|\n", "two values of State for node2"),
        (GROUPS + "Grp_CS_c1_CS_11240_1 State global |OFFLINE|\n", "both globally and for systems"),
        (GROUPS + "  continued  on the next line\n", "is no row"),
    ],
)
def test_display_refuses_what_is_no_table(text: str, words: str) -> None:
    with pytest.raises(TableError, match=words.replace("|", r"\|")):
        parse_display(text, "Group")


def test_messages_stand_among_rows() -> None:
    text = "VCS WARNING V-16-1-11030 HAD not ready to receive request\n" + GROUPS

    assert parse_display(text, "Group") == parse_display(GROUPS, "Group")
    assert message_numbers(text) == {11030}
    assert message_numbers("V-16-1-11046 VCS not running") == {11046}
    assert message_numbers("VCS ERROR V-16-1-10600 Cannot connect to VCS engine\n") == {10600}


def test_dependencies() -> None:
    resources = "#Group        Parent                       Child\nSG1           SG-ip                        SG-nic\n"
    groups = "#Parent        Child           Relationship\nweb            store           online global soft\n"

    assert parse_resource_links(resources) == [("SG1", "SG-ip", "SG-nic")]
    assert parse_group_links(groups) == [("web", "store", "online global soft")]
    with pytest.raises(TableError, match="reads SG-ip"):
        parse_resource_links("#Group Parent Child\nSG1 SG-ip\n")


def test_types_and_cluster() -> None:
    types = "#Type        Attribute        Value\nNIC          Operations       None\nNIC          RegList          \n"

    assert parse_type_display(types) == {"NIC": {"Operations": "None", "RegList": ""}}
    assert parse_cluster_display("#Attribute               Value\nClusState                RUNNING\n") == {
        "ClusState": "RUNNING"
    }
    with pytest.raises(TableError, match="two values of Operations"):
        parse_type_display(types + "NIC Operations OnOff\n")


def test_systems() -> None:
    systems = parse_systems(SUMMARY)

    assert [(name, row.state, row.frozen) for name, row in systems.items()] == [
        ("verclus01", "RUNNING", False),
        ("verclus02", "RUNNING", True),
    ]
    with pytest.raises(TableError, match="no systems"):
        parse_systems("-- SYSTEM STATE\n")
    with pytest.raises(TableError, match="shows a system as"):
        parse_systems("A  verclus01            RUNNING\n")
    with pytest.raises(TableError, match="twice"):
        parse_systems(SUMMARY + "A  verclus01            EXITED              0\n")


def test_system_list() -> None:
    assert ordered_systems(system_list("mn1 10 mn2 2")) == ["mn2", "mn1"]
    assert system_list("") == {}
    for value in ("mn1", "mn1 first", "mn1 0 mn2"):
        with pytest.raises(TableError):
            system_list(value)


@given(st.text())
def test_anything_is_read_or_refused(text: str) -> None:
    for parser in (parse_type_display, parse_cluster_display, parse_resource_links, parse_group_links, parse_systems):
        with contextlib.suppress(TableError):
            parser(text)
    for kind in ("Group", "Resource"):
        with contextlib.suppress(TableError):
            parse_display(f"#{kind} Attribute System Value\n{text}", kind)
    with contextlib.suppress(TableError):
        system_list(text)
