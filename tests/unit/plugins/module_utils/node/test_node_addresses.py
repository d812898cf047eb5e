"""A node's part in carrying logical addresses."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.addresses import (
    Interface,
    LogicalAddress,
    configures,
    hosts_of,
    judge,
    probe,
    sender_of,
)

ETH0 = Interface("eth0", "52:54:00:00:00:01", ("192.0.2.11/24", "2001:db8::11/64"))
MAIL1 = LogicalAddress("mail1", "mail1.example", "192.0.2.21", ("nodea", "nodeb"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("iface eth0 inet static\n  address 192.0.2.21\n", True),
        ("iface eth0 inet static\n  address 192.0.2.21/24\n", True),
        ("  gateway 192.0.2.21\n", False),
        ("#  address 192.0.2.21\n", False),
        ("  address 192.0.2.210\n  address 1192.0.2.21\n", False),
        ("[Network]\nAddress=192.0.2.21/24\nDNS=192.0.2.21\n", True),
        ("[Network]\nDNS=192.0.2.21\nGateway=192.0.2.21\n", False),
        ("      addresses: [192.0.2.11/24, 192.0.2.21/24]\n", True),
        ("      addresses:\n        - 192.0.2.21/24\n", True),
        ("      nameservers:\n        addresses: [192.0.2.1]\n      routes:\n        - to: 192.0.2.21/32\n", False),
        ("[ipv4]\naddress1=192.0.2.21/24,192.0.2.1\n", True),
        ('IPADDR="192.0.2.21"\nPREFIX=24\n', True),
    ],
)
def test_addresses_in_network_configurations(text, found):
    assert configures(text, "192.0.2.21") is found


def test_a_node_needs_an_interface_of_its_own_on_the_network():
    assert judge("nodea", [MAIL1], [ETH0], {}) == []
    elsewhere = Interface("eth0", "52:54:00:00:00:01", ("198.51.100.1/24", "192.0.2.21/24"))
    problems = judge("nodea", [MAIL1], [elsewhere], {})
    assert [problem.key for problem in problems] == ["addresses[mail1].address"]
    assert "no interface on its network" in problems[0].reason
    assert judge("nodec", [MAIL1], [elsewhere], {}) == []


def test_an_address_that_is_taken_at_boot_is_refused_on_every_node():
    problems = judge("nodec", [MAIL1], [ETH0], {"/etc/network/interfaces": "address 192.0.2.21/24"})
    assert "/etc/network/interfaces of node nodec" in problems[0].reason


def test_short_names_are_given_where_they_are_unique():
    others = [
        LogicalAddress("mail2", "mail2.one.example", "192.0.2.22", ("nodea",)),
        LogicalAddress("mail3", "mail2.two.example", "192.0.2.23", ("nodea",)),
        LogicalAddress("odd", "nodea.example", "192.0.2.24", ("nodea",)),
    ]
    assert hosts_of([{"name": "nodea", "address": "192.0.2.11"}], [MAIL1, *others]) == {
        "192.0.2.11": ["nodea"],
        "192.0.2.21": ["mail1.example", "mail1"],
        "192.0.2.22": ["mail2.one.example", "mail2"],
        "192.0.2.23": ["mail2.two.example"],
        "192.0.2.24": ["nodea.example"],
    }


def test_a_probe_names_no_sender_and_an_answer_does():
    frame = probe("52:54:00:00:00:01", "192.0.2.21")
    assert len(frame) == 42
    assert sender_of(frame) is None
    answer = frame[:20] + b"\x00\x02" + bytes.fromhex("525400000002") + bytes([192, 0, 2, 21]) + frame[32:]
    assert sender_of(answer) == ("192.0.2.21", "52:54:00:00:00:02")
    assert sender_of(answer[:30]) is None
