"""What crsctl and olsnodes print, and what -attr takes."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats import clusterware as formats

PLAIN = """\
NAME=oggvip
TYPE=app.appvip_net1.type
TARGET=OFFLINE
STATE=OFFLINE

NAME=ora.DATA.dg
TYPE=ora.diskgroup.type
TARGET=ONLINE           , ONLINE
STATE=ONLINE on rac1, ONLINE on rac2

"""

VERBOSE = """\
NAME=ora.orcl.db
TYPE=ora.database.type
LAST_SERVER=rac1
STATE=ONLINE on rac1
TARGET=ONLINE
CARDINALITY_ID=1
STATE_DETAILS=Open,HOME=/app/oracle/11.2.0.4/dbhome_1
INTERNAL_STATE=STABLE

LAST_SERVER=rac2
STATE=OFFLINE
TARGET=ONLINE
CARDINALITY_ID=2
STATE_DETAILS=
INTERNAL_STATE=STARTING

"""

TYPES = """\
TYPE_NAME=cluster_resource
BASE_TYPE=resource

TYPE_NAME=ocucs.ms.type
BASE_TYPE=cluster_resource

ATTRIBUTE=INSTANCE_PATH
DEFAULT_VALUE=
TYPE=STRING
FLAGS=READONLY|REQUIRED

"""


def test_resources_of_a_plain_status() -> None:
    address, group = formats.parse_resources(PLAIN)

    assert formats.instances(address) == [formats.Instance("OFFLINE", "OFFLINE")]
    assert [(found.state, found.node) for found in formats.instances(group)] == [("ONLINE", "rac1"), ("ONLINE", "rac2")]


def test_a_paragraph_for_each_instance() -> None:
    blocks = formats.parse_resources(VERBOSE)
    (first,), (second,) = map(formats.instances, blocks)

    assert [block["NAME"] for block in blocks] == ["ora.orcl.db"] * 2
    assert (first.node, first.details, first.stable) == ("rac1", "Open,HOME=/app/oracle/11.2.0.4/dbhome_1", True)
    assert (second.node, second.active, second.stable) == (None, False, False)


def test_messages_are_no_resources() -> None:
    assert formats.parse_resources("CRS-2613: Could not find resource 'x'.\n") == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("NAME=a\nTYPE=b\nSTATE=ONLINE on r", "middle of a line"),
        ("NAME=a\n\n", "lacks its name or type"),
        ("TYPE=b\nNAME=a\n\n", "belongs to nothing"),
        ("LAST_SERVER=rac1\n\n", "belongs to nothing"),
        ("NAME=a\nTYPE=b\nTYPE=c\n", "TYPE is there twice"),
        ("NAME=a\nTYPE=b\nSegmentation fault\n", "is not an attribute"),
    ],
)
def test_what_is_no_status_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(formats.FormatError, match=complaint):
        formats.parse_resources(text)


@pytest.mark.parametrize(
    "block",
    [
        {"NAME": "a", "TARGET": "ONLINE", "STATE": "ONLINE on a, ONLINE on b"},
        {"NAME": "a", "TARGET": "ONLINE", "STATE": "SOMETHING"},
        {"NAME": "a", "TARGET": "", "STATE": "OFFLINE"},
    ],
)
def test_states_that_are_none(block: dict[str, str]) -> None:
    with pytest.raises(formats.FormatError):
        formats.instances(block)


def test_types() -> None:
    types = formats.parse_types(TYPES)

    assert {name: found.base for name, found in types.items()} == {
        "cluster_resource": "resource",
        "ocucs.ms.type": "cluster_resource",
    }
    assert types["ocucs.ms.type"].flags("INSTANCE_PATH") == {"READONLY", "REQUIRED"}


def test_nodes() -> None:
    assert formats.parse_nodes("rac1\tActive\nrac2\tInactive\n") == {"rac1": True, "rac2": False}
    with pytest.raises(formats.FormatError):
        formats.parse_nodes("PRCO-19: Failure retrieving list of nodes in the cluster\n")


def test_values_are_quoted_where_they_must_be() -> None:
    settings = {"A": "1", "B": "hard(x) pullup(x)", "C": "a,b", "D": "", "E": "%CRS_HOME%/bin/scriptagent"}

    written = formats.attribute_argument(settings)

    assert written == "A=1,B='hard(x) pullup(x)',C='a,b',D=,E=%CRS_HOME%/bin/scriptagent"


@pytest.mark.parametrize(
    ("value", "reason"), [("x" * 255, "255 characters"), ("it's", "quotation mark"), ("a\nb", "line end")]
)
def test_values_that_attr_cannot_take(value: str, reason: str) -> None:
    refused = formats.refused_value(value)

    assert refused is not None
    assert reason in refused
    assert formats.refused_value("x" * 254) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hard(a,b) pullup(a)", "pullup( a )  hard( b , a )"),
        ("hard(global:uniform:ora.DATA.dg)", "hard(uniform:global:ora.DATA.dg)"),
        ("pullup:always(a)", "pullup(always:a)"),
        ("weak(type:ora.listener.type)", "weak(type:ora.listener.type) "),
        ("", "  "),
    ],
)
def test_dependencies_that_say_the_same(one: str, other: str) -> None:
    assert formats.same_dependencies(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hard(a)", "weak(a)"),
        ("hard(a)", "hard(a,a)"),
        ("hard(intermediate:a)", "hard(a)"),
        ("hard(type:a)", "hard(a)"),
        ("hard(a) pullup(a)", "hard(a)"),
        ("hard(a", "hard(a)"),
    ],
)
def test_dependencies_that_differ(one: str, other: str) -> None:
    assert not formats.same_dependencies(one, other)


@pytest.mark.parametrize("text", ["hard(a", "hard", "hard(a) x", "hard(,a)", "hard(::a)", "hard()"])
def test_dependencies_that_are_none(text: str) -> None:
    with pytest.raises(formats.FormatError):
        formats.parse_dependencies(text)


def test_dependencies_taken_away() -> None:
    text = "hard(intermediate:a,b) pullup(a) weak(type:a)"

    assert formats.without_dependencies(text, ["a"]) == "hard(b) weak(type:a)"
    assert formats.hard_dependencies(text) == ["a", "b"]


def test_definitions() -> None:
    definition = formats.parse_definition("TYPE=string,FLAGS=READONLY|REQUIRED")
    shown = formats.parse_definition("TYPE=STRING,DEFAULT_VALUE=,FLAGS=REQUIRED|READONLY|CONFIG")

    assert definition is not None
    assert shown is not None
    assert formats.same_definition(definition, shown)
    assert not formats.same_definition(definition, {"TYPE": "int"})
    for none in ("", "string", "TYPE=float", "FLAGS=READONLY", "TYPE=int,TYPE=int"):
        assert formats.parse_definition(none) is None


def test_claims_join_what_hangs_on_them() -> None:
    services, alone = formats.group(
        {"vip": [], "app": ["vip"], "extra": ["app"], "disk": [], "other": ["disk"], "vip2": [], "fs": []},
        {"app": "mail1", "other": "mail2"},
        ["vip", "vip2"],
    )

    assert services == {"mail1": ["vip", "app", "extra"], "mail2": ["other"], "vip2_service": ["vip2"]}
    # What a service merely needs may be somebody else's.
    assert alone == ["disk", "fs"]


def test_what_claims_nothing_is_named_after_its_address() -> None:
    services, alone = formats.group({"msg1": [], "ocucs.ms.msg1": ["msg1"], "one": [], "two": ["one"]}, {}, ["msg1"])

    assert services == {"msg1_service": ["msg1", "ocucs.ms.msg1"], "one_service": ["one", "two"]}
    assert alone == []


def test_circles_end() -> None:
    assert sorted(formats.in_starting_order({"a": ["b"], "b": ["a"]})) == ["a", "b"]
