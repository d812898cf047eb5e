"""Options of Messaging Server as its tools print and take them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import messaging_options as options

LEGACY = """\
local.autorestart = 1
local.hostname = mail1.example.com
service.listenaddr = 192.0.2.21
service.imap.banner =
gen.newuserforms;en = Welcome
"""
UNIFIED = """\
role.base.listenaddr = 192.0.2.21
role.dispatcher.service:SMTP.listenaddr = 192.0.2.21
role.http.port = 8990
instance.http.port = 8991
instance.base.hostname = "mail1.example.com"
"""

NAMES = some.from_regex(r"[a-z][a-z0-9_]{0,6}(:[A-Z_]{1,6})?(\.[a-z][a-z0-9_]{0,6}){1,2}", fullmatch=True).filter(
    lambda name: not name.startswith(("role.", "instance."))
)
VALUES = (
    some.text(some.characters(exclude_categories=["C", "Z"]) | some.just(" "), min_size=1).map(str.strip).filter(bool)
)


def test_what_the_tools_print():
    assert options.parse_options(LEGACY, unified=False) == {
        "local.autorestart": "1",
        "local.hostname": "mail1.example.com",
        "service.listenaddr": "192.0.2.21",
        "gen.newuserforms;en": "Welcome",
    }
    assert options.parse_options(UNIFIED, unified=True) == {
        "base.listenaddr": "192.0.2.21",
        "dispatcher.service:SMTP.listenaddr": "192.0.2.21",
        "http.port": "8991",
        "base.hostname": "mail1.example.com",
    }


@pytest.mark.parametrize(
    ("text", "unified"),
    [
        ("Segmentation fault\n", False),
        ("service.listenaddr: 192.0.2.21\n", False),
        ("a = 1\na = 2\n", False),
        ("base.listenaddr = 192.0.2.21\n", True),
        ("role.a = 1\nrole.a = 1\n", True),
    ],
)
def test_what_is_something_else_is_not_read_as_options(text, unified):
    with pytest.raises(FormatError, match="line"):
        options.parse_options(text, unified)


@pytest.mark.parametrize("name", ["", "base listenaddr", "role.base.listenaddr", "a.", "1.a", 'a");', "a\nb"])
def test_what_is_no_name(name):
    with pytest.raises(FormatError):
        options.check_name(name)


@pytest.mark.parametrize("value", ["", " a", "a\nb", ["a"], {"a": 1}, None])
def test_what_is_no_value(value):
    with pytest.raises(FormatError):
        options.option_text("a.b", value)


def test_values_are_compared_as_meant():
    assert options.option_text("a", True) == "1"
    assert options.same_value("1", "yes")
    assert options.same_value("No", "0")
    assert not options.same_value("1", "0")
    assert not options.same_value("25", "1")


@given(some.dictionaries(NAMES, VALUES))
def test_values_come_back_as_they_were_printed(values):
    printed = "".join(f"{name} = {value}\n" for name, value in values.items())
    expected = {name: value for name, value in values.items() if not value.startswith('"')}
    found = options.parse_options(printed, unified=False)
    assert {name: found[name] for name in expected} == expected


@given(some.text())
def test_no_text_crashes_the_parser(text):
    for unified in (False, True):
        with contextlib.suppress(FormatError):
            options.parse_options(text, unified)


def test_what_the_tools_take():
    changes = {"base.listenaddr": "192.0.2.21", "http.greeting": 'say "hi" \\ bye', "pop.port": None}
    assert options.import_file(changes).splitlines()[::2] == ["base.listenaddr=192.0.2.21", "pop.port="]
    assert options.recipe(changes) == (
        'set_option("base.listenaddr", "192.0.2.21");\n'
        'set_option("http.greeting", "say \\"hi\\" \\\\ bye");\n'
        'unset_option("pop.port");\n'
    )
