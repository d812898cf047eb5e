"""The language of main.cf and types files."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_main_cf import (
    MainCfError,
    TypeAttribute,
    parse,
)

#: As haconf -dump writes it.
MAIN_CF = """\
include "types.cf"
include "MsgSrvTypes.cf"

cluster demo (
        UserNames = { admin = cDRpdxPmHzpS }
        )

system verclus01 (
        )

system verclus02 (
        )

group SG1 (
        SystemList = { verclus01 = 0, verclus02 = 1 }
        AutoStartList = { verclus01, verclus02 }
        Enabled @verclus02 = 0
        )

        IP SG-ip (
                Device @verclus01 = enp0s3
                Device @verclus02 = "enp0s8:1"
                Address = "192.168.9.150"
                )

        NIC SG-nic (
                Enabled = 0
                Device = enp0s3
                )

        requires group G2 online local firm
        SG-ip requires SG-nic

        // resource dependency tree
        //
        //      group SG1
        //      {
        //      IP SG-ip
        //      }

group G2 (
        SystemList = { verclus01 = 0 }
        )
"""

TYPES = """\
type DiskGroup (
        static keylist SupportedActions = { "license.vfd", "disk.vfd", numdisks }
        static int OnlineRetryLimit = 1
        static str ArgList[] = { DiskGroup, StartVolumes }
        str DiskGroup
        boolean PanicSystemOnDGLoss = 1
        temp str tempUseFence = INVALID
        str Options{} = { a = 1, "b c" = 2 }
)
"""


def test_main_cf() -> None:
    found = parse(MAIN_CF)

    assert found.includes == ["types.cf", "MsgSrvTypes.cf"]
    assert (found.cluster, list(found.systems)) == ("demo", ["verclus01", "verclus02"])
    group, other = found.groups
    assert group.attributes == {
        "SystemList": "verclus01 0 verclus02 1",
        "AutoStartList": "verclus01 verclus02",
        "Enabled verclus02": "0",
    }
    assert [(resource.name, resource.type) for resource in group.resources] == [("SG-ip", "IP"), ("SG-nic", "NIC")]
    assert group.resources[0].attributes == {
        "Device verclus01": "enp0s3",
        "Device verclus02": "enp0s8:1",
        "Address": "192.168.9.150",
    }
    assert group.links == [("SG-ip", "SG-nic")]
    assert group.dependencies == [("G2", "online local firm")]
    assert other.name == "G2"


def test_types_file() -> None:
    attributes = {found.name: found for found in parse(TYPES).types["DiskGroup"]}

    assert attributes["SupportedActions"] == TypeAttribute(
        "SupportedActions", "string", "keylist", True, False, "license.vfd disk.vfd numdisks"
    )
    assert attributes["OnlineRetryLimit"] == TypeAttribute("OnlineRetryLimit", "integer", "scalar", True, False, "1")
    assert attributes["ArgList"].dimension == "vector"
    assert attributes["PanicSystemOnDGLoss"].kind == "boolean"
    assert attributes["tempUseFence"].temporary
    assert (attributes["Options"].dimension, attributes["Options"].default) == ("assoc", "a 1 b c 2")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("SG-ip requires SG-nic", "SG-ip requires SG-disk", "no resource SG-disk"),
        ("NIC SG-nic (", "NIC SG-ip (", "a second resource SG-ip"),
        ("group G2 (", "group SG1 (", "a second group SG1"),
        ("system verclus02 (", "system verclus01 (", "a second system verclus01"),
        ("Enabled = 0", "Enabled", "line 27: '=' is missing"),
        ("AutoStartList = { verclus01, verclus02 }", "AutoStartList = { verclus01 verclus02 }", "not separated"),
        ("cluster demo (", "nothing demo (", "begins nothing"),
        ('include "types.cf"', 'include "types.cf', "cannot be read|stands where"),
        ("                Enabled = 0\n", "                Device = a\n", "a second value of Device"),
    ],
)
def test_mistakes_are_refused(before: str, after: str, words: str) -> None:
    assert before in MAIN_CF

    with pytest.raises(MainCfError, match=words):
        parse(MAIN_CF.replace(before, after))


@given(st.integers(min_value=0, max_value=MAIN_CF.index("// resource")))
def test_half_a_file_is_refused_or_is_whole_blocks(length: int) -> None:
    whole = parse(MAIN_CF)
    try:
        found = parse(MAIN_CF[:length])
    except MainCfError:
        return
    for group in found.groups:
        known = next(other for other in whole.groups if other.name == group.name)
        assert group.attributes == known.attributes
        for resource in group.resources:
            assert resource in known.resources


@given(st.lists(st.sampled_from(MAIN_CF.split() + TYPES.split() + ["{", "}", "(", ")", "=", ",", "@"]), max_size=40))
def test_words_in_any_order_are_read_or_refused(words: list[str]) -> None:
    with contextlib.suppress(MainCfError):
        parse(" ".join(words))


@given(st.text())
def test_anything_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(MainCfError):
        parse(text)
