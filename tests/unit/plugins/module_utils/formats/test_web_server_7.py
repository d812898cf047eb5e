"""The files of Web Server 7: what a calendar needs in them is added once, and nothing else is changed."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats.web_server_7 import (
    access_lists,
    with_access,
    with_method,
    without_access,
    without_method,
)

#: As the server has it when it is installed.
INSTALLED = """version 3.0;
# File automatically written

acl "default";
authenticate (user, group) {
  prompt = "Sun Java System Web Server";
};
allow (read, execute, info) user = "anyone";
allow (list, write, delete) user = "all";

acl "es-internal";
allow (read, execute, info) user = "anyone";
deny (list, write, delete) user = "anyone";
"""
MANUAL = (
    'acl "uri=/davserver";\n'
    "allow (http_propfind,http_proppatch,http_mkcol,http_head,http_delete,http_put,http_copy,http_move,http_lock,"
    'http_unlock,http_mkcalendar,http_report) user = "anyone";\n'
)


def test_what_the_manual_adds() -> None:
    once = with_access(INSTALLED, "/davserver")
    assert once == INSTALLED + MANUAL
    assert with_access(once, "/davserver") == once
    assert without_access(once, "/davserver") == INSTALLED
    assert list(access_lists(once)) == ["default", "es-internal", "uri=/davserver"]


@pytest.mark.parametrize(
    "text",
    [
        INSTALLED + MANUAL.replace(",", ", ").replace("allow (", "allow  absolute ("),
        INSTALLED
        + MANUAL.replace('acl "uri', '# of the calendar\nacl\n  "uri')
        + 'acl "uri=/other"; deny (all) user="x";',
        INSTALLED + MANUAL.replace(") user", ",http_get) user"),
    ],
)
def test_a_list_that_is_there_already_stays_as_it_is(text: str) -> None:
    assert with_access(text, "/davserver") == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (INSTALLED + MANUAL.replace("http_put,", ""), "does not allow everybody http_put; add"),
        (INSTALLED + MANUAL.replace("anyone", "all"), "does not allow everybody http_propfind, "),
        ("", "does not begin with version 3.0"),
        (INSTALLED + 'acl "x"', "its last statement has no end: 'acl"),
        ('version 3.0;\nallow (read) user = "anyone";\n', "stands in no list"),
    ],
)
def test_what_cannot_be_edited_is_refused(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=words.replace("(", r"\(")):
        with_access(text, "/davserver")


METHOD = 'Init fn="register-http-method" methods="MKCALENDAR"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("User webservd", 'User webservd\nInit fn="register-http-method" methods="MKCALENDAR"\n'),
        ("", 'Init fn="register-http-method" methods="MKCALENDAR"\n'),
        (
            'Init fn="register-http-method" methods="BIND"\nx\n',
            'Init fn="register-http-method" methods="BIND,MKCALENDAR"\nx\n',
        ),
        ("Init fn=register-http-method methods=BIND\r\n", 'Init fn=register-http-method methods="BIND,MKCALENDAR"\r\n'),
        ("Init fn=register-http-method methods=A,MKCALENDAR\n", "Init fn=register-http-method methods=A,MKCALENDAR\n"),
        (
            f"# {METHOD}",
            f"# {METHOD}{METHOD}",
        ),
    ],
)
def test_the_method(before: str, after: str) -> None:
    assert with_method(before) == after
    assert with_method(after) == after
    assert "MKCALENDAR" not in without_method(after).replace(
        '# Init fn="register-http-method" methods="MKCALENDAR"', ""
    )


def test_the_method_is_taken_away_again() -> None:
    assert without_method(with_method("User webservd\n")) == "User webservd\n"
    assert without_method('Init fn="register-http-method" methods="A,MKCALENDAR,B"\n') == (
        'Init fn="register-http-method" methods="A,B"\n'
    )
