"""Descriptors of applications whose sessions are replicated, and archives that have them."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.web_descriptors import (
    NEWER,
    OWN,
    WEB,
    ArchiveError,
    checksum,
    distributable,
    sun_web,
    with_sessions,
)

HEAD = '<?xml version="1.0"?>\n<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="2.5">'
SERVLET = "<servlet><servlet-name>dav</servlet-name><servlet-class>Dav</servlet-class></servlet>"
PLAIN = f"{HEAD}{SERVLET}</web-app>"


def archive(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as war:
        for name, text in {WEB: PLAIN, "status.html": "there", **files}.items():
            if text:
                war.writestr(name, text)
    return made.getvalue()


def children(text: str) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in ElementTree.fromstring(text)]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", ["distributable", "servlet"]),
        (
            "<description>a > b</description><!-- so --> <display-name lang='en'>C</display-name><icon/>",
            ["description", "display-name", "icon", "distributable", "servlet"],
        ),
        ("<context-param><param-name>a</param-name></context-param>", ["distributable", "context-param", "servlet"]),
    ],
)
def test_it_is_where_the_schema_has_it(before: str, expected: list[str]) -> None:
    made = distributable(f"{HEAD}\n{before}{SERVLET}</web-app>")
    assert children(made) == expected
    assert distributable(made) == made


def test_one_further_down_is_none() -> None:
    """Only what is directly below <web-app> counts."""
    inside = "<filter><distributable/></filter>"
    assert children(distributable(f"{HEAD}{inside}</web-app>")) == ["distributable", "filter"]
    commented = "<!-- <distributable/> -->"
    assert children(distributable(f"{HEAD}{commented}{SERVLET}</web-app>")) == ["distributable", "servlet"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{HEAD}{SERVLET}", "is not well-formed"),
        ("<application/>", "begins with <application>, not with <web-app>"),
        ("<web-app/>", "has an empty <web-app>"),
    ],
)
def test_what_is_no_descriptor(text: str, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        distributable(text)


@pytest.mark.parametrize("persistence", ["replicated", "ha"])
def test_the_manuals_descriptor_is_put_right(persistence: str) -> None:
    text = sun_web(persistence)
    assert 'PUBLIC "-//Sun Microsystems, Inc.//DTD Application Server 9.0 Servlet 2.5//EN"' in text
    assert '"http://www.sun.com/software/appserver/dtds/sun-web-app_2_5-0.dtd">' in text
    config = ElementTree.fromstring(text.encode())[0]
    assert [child.tag for child in config] == ["session-manager", "session-properties", "cookie-properties"]
    assert config[0].attrib == {"persistence-type": persistence}
    assert [one.attrib for one in config[0].iter("property")] == [
        {"name": "persistenceFrequency", "value": "web-method"},
        {"name": "persistenceScope", "value": "session"},
    ]


def test_the_archive_has_both_and_all_else() -> None:
    made = with_sessions(archive(**{OWN: "<sun-web-app/>"}), "replicated")
    with zipfile.ZipFile(io.BytesIO(made)) as war:
        assert sorted(war.namelist()) == [OWN, WEB, "status.html"]
        assert war.read("status.html") == b"there"
        assert "distributable" in children(war.read(WEB).decode())
        assert 'persistence-type="replicated"' in war.read(OWN).decode()
    assert checksum(made) == checksum(with_sessions(archive(**{OWN: "<sun-web-app/>"}), "replicated"))
    assert with_sessions(made, "replicated") == made
    assert checksum(made) != checksum(with_sessions(archive(), "ha"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no archive", "is no archive that can be read"),
        (archive(**{WEB: ""}), f"has no {WEB}: it is no web application"),
        (archive(**{NEWER: "<glassfish-web-app/>"}), f"has {NEWER}, which GlassFish prefers"),
    ],
)
def test_what_is_no_archive(content: bytes, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        with_sessions(content, "replicated")
