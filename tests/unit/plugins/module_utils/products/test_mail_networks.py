"""Networks that are trusted."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_networks import (
    as_postfix_writes,
    parse,
    too_wide,
)


def judged(*texts):
    networks, refused = parse(texts)
    return [*refused, *too_wide(networks, "could do it", "do not")]


@pytest.mark.parametrize(
    "networks",
    [
        [],
        ["192.0.2.1"],
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        ["198.18.0.0/15"],
        ["100.64.0.0/10"],
        ["8.8.0.0/16"],
        ["8.8.0.0/17", "8.8.128.0/17", "8.8.0.0/16", "8.8.8.8"],
        ["2a00:1234::/32"],
        ["::ffff:192.168.0.0/112"],
        ["::1"],
    ],
)
def test_networks_of_ones_own_are_taken(networks):
    assert judged(*networks) == []


@pytest.mark.parametrize(
    "local",
    """
    10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 198.18.0.0/15 192.0.2.0/24
    198.51.100.0/24 203.0.113.0/24
    """.split(),
)
def test_whoever_is_near_does_not_count(local):
    """As much of the Internet as can be one's own, and a network that is not of the Internet."""
    assert judged("8.8.0.0/16", local) == []
    assert judged("8.8.0.0/16", "9.9.9.9") != []


@pytest.mark.parametrize("local", ["fc00::/7", "fe80::/10", "::1", "2001:db8::/32"])
def test_whoever_is_near_does_not_count_with_ipv6(local):
    assert judged("2a00:1234::/32", local) == []
    assert judged("2a00:1234::/32", "2a00:1235::1") != []


@pytest.mark.parametrize(
    ("networks", "words"),
    [
        (["0.0.0.0/0"], "the whole Internet"),
        (["::/0"], "the whole Internet"),
        (["0.0.0.0/1", "128.0.0.0/1"], "are together the whole Internet, whose hosts could do it"),
        (["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"], "are together the whole Internet"),
        (["::/1", "8000::/1"], "are together the whole Internet"),
        (["2000::/3"], "is 1/8 of the Internet, whose hosts could do it"),
        (["0.0.0.0/1"], "is half the Internet, whose hosts could do it"),
        (["8.0.0.0/8"], "1/256 of"),
        (["8.0.0.0/15"], "1/32768 of"),
        (["8.8.0.0/16", "8.9.0.0/16"], "together"),
        (["8.8.0.0/16", "8.10.0.1"], "together"),
        ([f"{number}.0.0.0/16" for number in range(11, 100)], "together"),
        (["10.0.0.0/7"], "1/128 of"),
        (["2a00::/12"], "1/4096 of"),
        (["2a00:1234::/31"], "is 1/2147483648 of"),
        (["2a00:1234::/32", "2a00:1235::/32"], "together"),
        (["::ffff:0:0/96"], "the whole Internet"),
        (["::ffff:0:0/97", "128.0.0.0/1"], "are together the whole Internet"),
        (["64:ff9b::/96"], "the whole Internet"),
        (["0.0.0.0/1", "128.0.0.0/2"], "are together more than half the Internet, whose hosts could do it"),
        (["2001::/32"], "is in a tunnel, where anybody has an address and could do it"),
        (["2001:0:1::/48"], "tunnel"),
        (["2002::/16"], "tunnel"),
        (["2002:808:808::/48"], "tunnel"),
    ],
)
def test_strangers_are_not_trusted(networks, words):
    refused = judged(*networks)
    assert refused
    assert any(words in one.reason for one in refused)


def test_all_networks_that_are_too_many_together_are_named():
    networks = [f"{number}.0.0.0/16" for number in range(11, 100)]
    (refused,) = judged(*networks)
    assert str(Problem("key", refused.value, refused.reason, refused.remedy)).startswith(f"key = {networks!r}: are ")


@pytest.mark.parametrize(
    "text",
    ["", "x", "192.0.2.1/24", "192.0.2.0/33", "192.0.2", "192.0.2.0/24 0.0.0.0/0", "!192.0.2.0/24", "$mynetworks"]
    + ["/etc/hosts", "hash:/etc/networks", "192.0.2.0/24\n0.0.0.0/0", "example.com", "*", "[::1]"],
)
def test_what_is_no_network_is_refused(text):
    assert [one.value for one in judged(text)] == [text]


def test_as_postfix_writes_them():
    assert [as_postfix_writes(one) for one in parse(["192.0.2.1", "2001:db8::/32"])[0]] == [
        "192.0.2.1/32",
        "[2001:db8::]/32",
    ]
