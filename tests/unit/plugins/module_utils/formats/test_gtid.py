"""Global transaction identifiers, as lists that are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import gtid

LISTS = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(1, 4)), st.integers(1, 2**63 - 1), max_size=6)


@given(LISTS)
def test_what_is_shown_is_read(gtids: gtid.Gtids) -> None:
    assert gtid.parse(gtid.show(gtids)) == gtids


@given(LISTS, LISTS)
def test_who_has_the_union_lacks_nothing(one: gtid.Gtids, other: gtid.Gtids) -> None:
    both = gtid.union(one, other)

    assert gtid.missing(one, both) == []
    assert gtid.missing(other, both) == []
    assert gtid.reached(both, gtid.position(one))
    assert (gtid.missing(both, one) == []) == (both == one)


@pytest.mark.parametrize("text", ["0-1", "0-1-8;0-2-9", "x", "0-1--8"])
def test_what_is_no_identifier(text: str) -> None:
    with pytest.raises(FormatError, match="is no global transaction identifier"):
        gtid.parse(text)


def test_an_old_primary_has_one_of_its_own() -> None:
    """As it was seen: the old primary's 0-1-9 was never sent, and 0-2-9 was made by the new one."""
    old, new = gtid.parse("0-1-9"), gtid.parse("0-1-8,0-2-9")

    assert gtid.missing(old, new) == ["0-1-9 (after 0-1-8)"]
    assert gtid.missing(new, old) == ["0-2-9"]
    # By positions alone neither is behind, which is why they are not compared.
    assert gtid.reached(old, gtid.position(new))


def test_a_position_has_the_last_of_each_domain() -> None:
    assert gtid.show(gtid.position(gtid.parse("0-1-8, 0-2-9,\n1-1-3"))) == "0-2-9,1-1-3"


def test_a_state_is_taken_back_to_a_position() -> None:
    """What was written between reading the state and making the copy is none of the copy's."""
    assert gtid.show(gtid.at(gtid.parse("0-1-50,0-2-103"), gtid.parse("0-2-100"))) == "0-1-50,0-2-100"
    assert gtid.show(gtid.at(gtid.parse("0-1-50"), gtid.parse("0-1-60"))) == "0-1-60"
    assert gtid.at({}, {}) == {}


def test_the_last_one_of_a_domain_stands_last() -> None:
    """The server takes the last one of a domain for the place where it stands."""
    assert gtid.show({(0, 1): 9, (0, 2): 8}) == "0-2-8,0-1-9"
