"""The hosts file."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.formats.hosts import (
    BEGIN,
    END,
    Conflict,
    addresses,
    conflicts,
    with_block,
)

HOSTS = {"192.0.2.11": ["nodea"], "192.0.2.21": ["mail1.example", "mail1"]}
DEBIAN = "127.0.0.1\tlocalhost\n127.0.1.1 nodea.example nodea # installer\n::1 localhost ip6-localhost\n"


def test_the_block_goes_to_the_end_and_the_loopback_loses_the_name():
    assert with_block(DEBIAN, HOSTS) == (
        "127.0.0.1\tlocalhost\n127.0.1.1\tnodea.example # installer\n::1 localhost ip6-localhost\n"
        f"{BEGIN}\n192.0.2.11\tnodea\n192.0.2.21\tmail1.example mail1\n{END}\n"
    )


def test_a_line_without_other_names_goes():
    assert "127.0.1.1" not in with_block("127.0.1.1 nodea\n", HOSTS)


def test_the_block_is_replaced_where_it_is():
    text = with_block(DEBIAN, HOSTS) + "192.0.2.99 printer\n"
    assert with_block(text, HOSTS) == text
    less = with_block(text, {"192.0.2.12": ["nodeb"]})
    assert "mail1" not in less
    assert less.index("nodeb") < less.index("printer")
    assert BEGIN not in with_block(text, {})


def test_other_addresses_of_a_name_are_conflicts():
    text = "192.0.2.11 nodea alias\n192.0.2.99 mail1.example\n2001:db8::1 mail1.example\nnonsense\n"
    assert conflicts(text, HOSTS) == [Conflict("mail1.example", "192.0.2.99")]
    assert conflicts(with_block(DEBIAN, HOSTS), HOSTS) == []


def test_addresses_of_names():
    text = "# 192.0.2.9 meadow\n192.0.2.21 meadow.example meadow # mail\n192.0.2.22 meadow\nnonsense\n"

    assert addresses(text) == {"meadow.example": "192.0.2.21", "meadow": "192.0.2.21"}
