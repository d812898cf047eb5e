# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What front ends carry besides HTTP: all connections go to one member at a time, and HAProxy finds out which. Pure.

Of MariaDB servers it is the one that takes writes, as each says itself. It is asked as a client would ask it, by
the account that :data:`OBSERVER` names, without password and privileges: HAProxy can send what is always the same, but
not answer the challenge of a password. Of memcached it is any one that works, and the same for all until it does not:
two of them would each have a truth of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from .mail_options import Options

HTTP, MARIADB, MEMCACHED = "http", "mariadb", "memcached"
PROTOCOLS = (HTTP, MARIADB, MEMCACHED)
#: The account that balancers ask MariaDB servers with; the role database_replication makes it.
OBSERVER = "groupware_ha_observer"

#: What only HTTP has, and TLS, of which nothing is known to HAProxy inside of these.
_OF_HTTP = ("host_name", "tls", "certificate", "key", "stickiness", "check", "close", "largest_request")

#: Seconds without a word. Clients keep these connections, and MariaDB itself ends one after that long (wait_timeout).
LONG = 28800
_ANSWER = "takes-writes"
_QUESTION = f"SELECT IF(@@global.read_only = 0, '{_ANSWER}', 'follows') AS it"
#: LONG_PASSWORD, PROTOCOL_41 and SECURE_CONNECTION: the least that a server of today understands.
_ABILITIES, _LARGEST_PACKET, _UTF8 = 0x8201, 2**24 - 1, 45


def _packet(number: int, content: bytes) -> str:
    """As it goes over the line, in hexadecimal digits. Source: MariaDB's manual, "0 - Packet"."""
    return (len(content).to_bytes(3, "little") + bytes([number]) + content).hex().upper()


def _log_in() -> str:
    """The answer to the server's greeting. Source: MariaDB's manual, "Connection", Handshake Response Packet."""
    head = _ABILITIES.to_bytes(4, "little") + _LARGEST_PACKET.to_bytes(4, "little") + bytes([_UTF8]) + bytes(23)
    return _packet(1, head + OBSERVER.encode() + b"\0" + b"\0")


#: Ends connections of which HAProxy knows nothing but that they are there, when their member has lost its power:
#: whether something was sent to it (tcp-ut) or is waited for (keep-alive). With "on-marked-down shutdown-sessions"
#: HAProxy 3.0.11 forgot those that were not established yet: neither its own time-outs nor the client's end ended them
#: any more (seen when a primary was killed under load).
ALIVE = (
    "timeout connect 2s",
    "retries 1",
    "option clitcpka",
    "option srvtcpka",
    *(f"{side}tcpka-{what}" for side in ("cli", "srv") for what in ("idle 3s", "intvl 1s", "cnt 3")),
    "default-server tcp-ut 5s",
)

#: Lines of HAProxy's file about who gets the connections, and how that is found out.
LINES: Mapping[str, tuple[str, ...]] = {
    MARIADB: (
        *ALIVE,
        "option tcp-check",
        "tcp-check connect",
        "tcp-check expect rbinary ^.{6}000A",  # its greeting, of protocol 10
        f"tcp-check send-binary {_log_in()}",
        "tcp-check expect rbinary ^.{6}0200",  # it lets it in
        # And the end with it: a server that gives another answer closes the connection, and nobody waits for more.
        f"tcp-check send-binary {_packet(0, bytes([3]) + _QUESTION.encode())}",
        f"tcp-check send-binary {_packet(0, bytes([1]))}",
        f"tcp-check expect string {_ANSWER}",
    ),
    MEMCACHED: (
        *ALIVE,
        "stick-table type integer size 10 peers balancers",
        "stick on int(1)",
        "option tcp-check",
        "tcp-check connect",
        r"tcp-check send version\r\n",
        "tcp-check expect string VERSION",
        r"tcp-check send quit\r\n",
    ),
}


def protocol_of(options: Options) -> str:
    """The protocol of a front end; refuses what goes with another one alone."""
    value = options.text("protocol") or HTTP
    if value not in PROTOCOLS:
        options.problem("protocol", value, "is none that a front end can carry", f"use one of {', '.join(PROTOCOLS)}")
        return HTTP
    if value != HTTP:
        for name in _OF_HTTP:
            if options.values.get(name) is not None:
                options.problem(name, options.values[name], f"is for HTTP, and not for {value}", "leave it out")
    return value
