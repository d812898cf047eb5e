"""dispatcher.cnf and job_controller.cnf."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import mta_cnf

DISPATCHER = """\
! VERSION=1.1
!
MIN_PROCS=1
! The SMTP server
[SERVICE=SMTP]
PORT=25
!INTERFACE_ADDRESS=
LOGFILE=IMTA_LOG:tcp_smtp_server.log

! Submission
[SERVICE=SMTP_SUBMIT]
interface_address = 192.0.2.11
PORT=587
"""
WORDS = some.text(alphabet="abcdefXYZ0123456789.:_", min_size=1, max_size=12)
TEXTS = some.lists(
    some.one_of(
        some.just("! a comment"),
        some.just(""),
        some.sampled_from(["[SERVICE=SMTP]", "[service=SMTP]", "[POOL=LOCAL]"]),
        some.builds("{}={}".format, some.sampled_from(["PORT", "Interface_Address", "X"]), WORDS),
        some.text(alphabet="abc!=[] \t", max_size=8),
    )
).map("\n".join)


def test_an_option_is_added_where_its_section_ends():
    after = mta_cnf.set_option(DISPATCHER, "SERVICE=SMTP", "INTERFACE_ADDRESS", "192.0.2.21")
    assert after == DISPATCHER.replace("server.log\n", "server.log\nINTERFACE_ADDRESS=192.0.2.21\n")
    assert mta_cnf.set_option(after, "SERVICE=SMTP", "INTERFACE_ADDRESS", "192.0.2.21") == after


def test_an_option_is_changed_where_it_stands():
    after = mta_cnf.set_option(DISPATCHER, "SERVICE=SMTP_SUBMIT", "INTERFACE_ADDRESS", "192.0.2.21")
    assert after == DISPATCHER.replace("interface_address = 192.0.2.11", "INTERFACE_ADDRESS=192.0.2.21")


def test_an_option_of_the_whole_server():
    after = mta_cnf.set_option("! VERSION=1.1\n! Jobs\n[POOL=LOCAL]\nJOB_LIMIT=1\n", None, "INTERFACE_ADDRESS", "a")
    assert after == "! VERSION=1.1\n! Jobs\nINTERFACE_ADDRESS=a\n[POOL=LOCAL]\nJOB_LIMIT=1\n"
    assert mta_cnf.set_option("", None, "A", "b") == "A=b\n"
    assert mta_cnf.set_option("A=b\r\nC=d", None, "E", "f") == "A=b\r\nC=d\r\nE=f\r\n"


def test_the_last_line_counts_and_one_is_left():
    text = "A=1\nB=2\nA=3\n"
    assert mta_cnf.get_option(text, None, "A") == "3"
    assert mta_cnf.set_option(text, None, "A", "3") == "A=3\nB=2\n"


def test_what_is_refused():
    with pytest.raises(FormatError, match=r"\[SERVICE=SMTP\]"):
        mta_cnf.set_option("A=b\n", "SERVICE=SMTP", "A", "b")
    with pytest.raises(FormatError):
        mta_cnf.set_option("A=b\n", None, "A", "b\nc")
    assert mta_cnf.sections(DISPATCHER) == ["SERVICE=SMTP", "SERVICE=SMTP_SUBMIT"]


@given(TEXTS, some.sampled_from([None, "SERVICE=SMTP"]), WORDS)
def test_any_file(text, section, value):
    if section is not None and section not in mta_cnf.sections(text):
        return
    after = mta_cnf.set_option(text, section, "INTERFACE_ADDRESS", value)
    assert mta_cnf.get_option(after, section, "INTERFACE_ADDRESS") == value
    assert mta_cnf.set_option(after, section, "INTERFACE_ADDRESS", value) == after
    # Nothing else is touched, and nothing else changes its meaning.
    kept = [line for line in text.split("\n") if "interface" not in line.lower()]
    assert [line for line in after.split("\n") if "interface" not in line.lower()][: len(kept)] == kept or kept[
        -1
    ] == ""
    assert mta_cnf.sections(after) == mta_cnf.sections(text)
    for other in ("PORT", "X"):
        for place in {None, *mta_cnf.sections(text)}:
            assert mta_cnf.get_option(after, place, other) == mta_cnf.get_option(text, place, other)
