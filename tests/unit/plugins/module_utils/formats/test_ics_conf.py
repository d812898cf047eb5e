"""ics.conf: the last occurrence counts, comments stay, values are quoted, and a block can be taken out again."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import ics_conf

CONFIGURED = """! Calendar Server configuration
!
local.hostname = "node1"
local.servername="node1"
!!caldb.dwp.server.[hostname].ip = "[hostname]"
!service.http.listenaddr = "0.0.0.0"
service.http.idletimeout = "120"
local.ugldapbindcred = "sesame"
local.hostname	=	"node2"
 local.hostname = "not at the beginning, so it is none"
service.http.maxthreads = 20
"""
HA = {"local.hostname": "cal1", "service.http.listenaddr": "192.0.2.31"}
MARKER = "high availability"
BLOCK = """! BEGIN high availability
local.hostname = "cal1"
service.http.listenaddr = "192.0.2.31"
! END high availability
"""


def test_the_last_active_occurrence_counts() -> None:
    assert ics_conf.read_parameters(CONFIGURED) == {
        "local.hostname": "node2",
        "local.servername": "node1",
        "service.http.idletimeout": "120",
        "local.ugldapbindcred": "sesame",
        "service.http.maxthreads": "20",
    }


def test_a_parameter_is_changed_where_it_counts_and_comments_stay() -> None:
    text = ics_conf.edit(CONFIGURED, {"local.hostname": "cal1", "service.http.listenaddr": "192.0.2.31"})

    expected = CONFIGURED.replace('local.hostname\t=\t"node2"', 'local.hostname = "cal1"')
    assert text == expected + 'service.http.listenaddr = "192.0.2.31"\n'


def test_the_same_value_is_left_as_it_is_written_and_gets_its_quotation_marks() -> None:
    same = {"local.hostname": "node2", "local.servername": "node1", "service.http.idletimeout": 120}

    assert ics_conf.edit(CONFIGURED, same) == CONFIGURED
    assert 'service.http.maxthreads = "20"\n' in ics_conf.edit(CONFIGURED, {"service.http.maxthreads": 20})


def test_a_parameter_is_switched_off_wherever_it_occurs() -> None:
    text = ics_conf.edit(CONFIGURED, {"local.hostname": None, "never.there": None})

    assert "local.hostname" not in ics_conf.read_parameters(text)
    assert text.count("!local.hostname") == 2
    assert len(text) == len(CONFIGURED) + 2


def test_a_block_is_added_found_changed_and_removed() -> None:
    text = ics_conf.edit(CONFIGURED.rstrip("\n"), HA, MARKER)
    assert text == CONFIGURED + BLOCK
    assert ics_conf.edit(text, HA, MARKER) == text
    assert ics_conf.edit(text, dict(reversed(HA.items())), MARKER) == text

    moved = ics_conf.edit(text + "! the end\n", {**HA, "local.hostname": "cal2"}, MARKER)
    assert moved == CONFIGURED + BLOCK.replace("cal1", "cal2") + "! the end\n"
    assert ics_conf.edit(moved, {}, MARKER, "absent") == CONFIGURED + "! the end\n"


def test_a_block_goes_to_the_end_when_something_after_it_overrules_it() -> None:
    text = ics_conf.edit(CONFIGURED + BLOCK + 'local.hostname = "node3"\n', HA, MARKER)

    assert text == CONFIGURED + 'local.hostname = "node3"\n' + BLOCK


def test_what_the_values_written_by_hand_say_is_the_same() -> None:
    by_hand = BLOCK.replace(" = ", "=").replace("! END", "! what for\n! END")

    assert ics_conf.edit(CONFIGURED + by_hand, HA, MARKER) == CONFIGURED + by_hand


@pytest.mark.parametrize("text", [BLOCK + BLOCK, "! BEGIN high availability\n", "\n".join(reversed(BLOCK.split("\n")))])
def test_half_a_block_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="do not belong together"):
        ics_conf.edit(text, HA, MARKER)


@pytest.mark.parametrize(
    ("parameters", "marker", "words"),
    [
        ({"Local.Hostname": "x"}, None, "lower case"),
        ({"local hostname": "x"}, None, "not the name"),
        ({"!local.hostname": "x"}, None, "not the name"),
        ({"local.autorestart": True}, None, '"yes"'),
        ({"local.hostname": ["x"]}, None, "single value"),
        ({"local.hostname": 'x"'}, None, "quotation marks"),
        ({"local.hostname": "x\n"}, None, "line ends"),
        ({"local.ugldapbindcred": "x"}, None, "logs"),
        ({"local.hostname": None}, MARKER, "leave the parameter out"),
        (HA, " ", "cannot mark"),
    ],
)
def test_what_cannot_be_in_the_file_is_refused(parameters: dict[str, object], marker: str | None, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        ics_conf.edit(CONFIGURED, parameters, marker)


def test_what_a_restart_is_needed_for() -> None:
    changed = ics_conf.changed_parameters(CONFIGURED, CONFIGURED + BLOCK)

    assert changed == {
        "local.hostname": {"before": "node2", "after": "cal1"},
        "service.http.listenaddr": {"before": None, "after": "192.0.2.31"},
    }
    assert ics_conf.changed_parameters(CONFIGURED, CONFIGURED + "! a comment\n") == {}
    # A block that has a password, written by hand, is removed: what counts again is another one.
    assert ics_conf.changed_parameters(CONFIGURED + 'local.ugldapbindcred = "open"\n', CONFIGURED) == {
        "local.ugldapbindcred": {"before": "(hidden)", "after": "(hidden)"}
    }


@pytest.mark.parametrize("character", ["\f", "\v", "\x1c", "\x85", "\u2028", "\r"])
def test_a_line_ends_where_the_product_ends_it(character: str) -> None:
    text = f'! a comment{character}local.hostname = "none"\n'

    assert ics_conf.read_parameters(text) == {}
    assert ics_conf.edit(text, {"local.hostname": "cal1"}) == text + 'local.hostname = "cal1"\n'


def test_passwords_are_not_shown() -> None:
    text = CONFIGURED + '!local.authldapbindcred = "old"\n'
    other = text.replace("sesame", "open")

    assert 'local.ugldapbindcred = "(hidden)"\n' in ics_conf.shown(text)
    assert 'local.ugldapbindcred = "(hidden, another one)"\n' in ics_conf.shown(other, text)
    unquoted = CONFIGURED.replace('"sesame"', "sesame")
    assert 'local.ugldapbindcred = "(hidden)"\n' in ics_conf.shown(unquoted, CONFIGURED)
    indented = '! local.authldapbindcred = "sesame"\n \tlocal.authldapbindcred="sesame"\n'
    assert ics_conf.shown(indented).count("(hidden)") == 2
    for shown in (ics_conf.shown(text), ics_conf.shown(other, text), ics_conf.shown(indented)):
        assert "sesame" not in shown
        assert '"open"' not in shown
        assert '"old"' not in shown


names = st.from_regex(r"[a-z]{1,3}(\.[a-z0-9\[\]-]{1,4}){0,2}", fullmatch=True).filter(
    lambda name: not name.endswith(("cred", "pwd"))
)
values = st.text(st.characters(categories=["L", "N", "P", "Zs"], exclude_characters='"'), max_size=10).filter(
    str.isprintable
)
parameters = st.dictionaries(names, values, max_size=4)
texts = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=15)
    | st.builds('{}{} = "{}"'.format, st.sampled_from(["", "!", "!!", " "]), names, values),
    max_size=6,
).map("\n".join)


@given(texts, parameters)
def test_parameters_are_set_once_and_read_back(text: str, wanted: dict[str, str]) -> None:
    edited = ics_conf.edit(text, wanted)

    assert ics_conf.read_parameters(edited) == {**ics_conf.read_parameters(text), **wanted}
    assert ics_conf.edit(edited, wanted) == edited
    kept = [line for line in text.split("\n") if line.startswith("!")]
    assert [line for line in edited.split("\n") if line.startswith("!")] == kept


@given(texts, parameters)
@example("\r", {"local.hostname": "a"})
def test_a_block_counts_and_leaves_no_trace(text: str, wanted: dict[str, str]) -> None:
    ended = text if not text or text.endswith("\n") else f"{text}\n"

    edited = ics_conf.edit(text, wanted, MARKER)

    assert edited.startswith(ended)
    assert ics_conf.read_parameters(edited) == {**ics_conf.read_parameters(text), **wanted}
    assert ics_conf.edit(edited, wanted, MARKER) == edited
    assert ics_conf.edit(edited, {}, MARKER, "absent") == ended
