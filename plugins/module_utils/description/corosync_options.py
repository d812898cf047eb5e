# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the sections totem and quorum of corosync.conf that a user gives: judged, and spelt as Corosync does.

Corosync takes a misspelt key without a word, and a value that it cannot read keeps the node out of the cluster when it
boots next. So all keys are known here with what they take, from corosync.conf(5) and votequorum(5) of 3.1. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape
from .problems import Problem

#: As Ansible's own booleans; a YAML ``yes`` that was put in quotes means the same.
_TRUE = frozenset(["1", "true", "yes", "on"])
_FALSE = frozenset(["0", "false", "no", "off"])

#: The least that Corosync takes as a timeout, in milliseconds ("may not be less than (30 ms)").
_LEAST_TOKEN = 30
#: What Corosync has where nothing is said (corosync.conf(5)).
_TOKEN, _TOKEN_COEFFICIENT = 3000, 650
_LARGEST = 2**32 - 1

#: Settings that the role has variables of their own for.
_VARIABLES = ("token", "token_coefficient", "consensus")

UNENCRYPTED = "cluster_framework_unencrypted_accepting_forgery"


@dataclass(frozen=True)
class Kind:
    """What a setting takes: what to write, in words, and what Corosync has for a value, None where it is none."""

    words: str
    spelt: Callable[[Any], str | None]


def _number(unit: str = "", least: int = 0, most: int = _LARGEST) -> Kind:
    """An unsigned integer."""

    def spelt(value: Any) -> str | None:
        text = str(value)
        if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > len(str(_LARGEST)):
            return None
        return str(int(text)) if least <= int(text) <= most else None

    return Kind(f"give a whole number{f' of {unit}' if unit else ''}, {least} to {most}", spelt)


def _switch(true: str, false: str) -> Kind:
    """A boolean: Corosync has ``yes`` and ``no`` for some keys, 1 and 0 for others."""

    def spelt(value: Any) -> str | None:
        text = str(value).lower()
        return true if text in _TRUE else false if text in _FALSE else None

    return Kind("write true or false", spelt)


def _choice(*values: str) -> Kind:
    """One of some words."""

    def spelt(value: Any) -> str | None:
        # Of a bare `no` or `off` YAML makes a boolean.
        text = "none" if value is False and "none" in values else str(value).lower()
        return text if text in values else None

    return Kind(f"use one of {', '.join(values)}", spelt)


def _node_ids(value: Any) -> str | None:
    text = str(value).lower()
    numbers = all(_POSITIVE.spelt(part) is not None for part in text.split(" "))
    return text if not isinstance(value, bool) and (text in ("lowest", "highest") or numbers) else None


_MILLISECONDS = _number("milliseconds")
_TIMEOUT = _number("milliseconds", _LEAST_TOKEN)
_COUNT, _POSITIVE = _number(), _number(least=1)
_YES_NO = _switch("yes", "no")
#: The parser of corosync reads these as integers: "is expected to be integer in range (0..255), but "True" was given".
_ONE_ZERO = _switch("1", "0")

TOTEM: Mapping[str, Kind] = {
    "token": _TIMEOUT,
    "token_coefficient": _MILLISECONDS,
    "token_retransmit": _TIMEOUT,
    "token_warning": _number("percent", 0, 100),
    "token_retransmits_before_loss_const": _POSITIVE,
    "hold": _TIMEOUT,
    "join": _number("milliseconds", 1),
    "send_join": _MILLISECONDS,
    "consensus": _TIMEOUT,
    "merge": _TIMEOUT,
    "downcheck": _TIMEOUT,
    "fail_recv_const": _POSITIVE,
    "seqno_unchanged_const": _POSITIVE,
    "heartbeat_failures_allowed": _COUNT,
    "max_network_delay": _number("milliseconds", 1),
    "window_size": _POSITIVE,
    "max_messages": _POSITIVE,
    "miss_count_const": _POSITIVE,
    "netmtu": _number("bytes", 576, 65536),
    "knet_mtu": _number("bytes", 0, 65535),
    "knet_pmtud_interval": _number("seconds", 1),
    "knet_compression_model": _choice("none", "zlib", "lz4", "lz4hc", "lzo2", "lzma", "bzip2", "zstd"),
    "knet_compression_threshold": _number("bytes"),
    "knet_compression_level": _number(most=22),
    "block_unlisted_ips": _YES_NO,
    "cancel_token_hold_on_retransmit": _YES_NO,
    "clear_node_high_bit": _YES_NO,
    "transport": _choice("knet", "udpu", "udp"),
    "ip_version": _choice("ipv4", "ipv6", "ipv4-6", "ipv6-4"),
    "link_mode": _choice("passive", "active", "rr"),
    "crypto_model": _choice("nss", "openssl", "gcrypt"),
    # Neither md5 nor sha1 authenticates anything any more; corosync knows them all the same.
    "crypto_hash": _choice("none", "md5", "sha1", "sha256", "sha384", "sha512"),
    "crypto_cipher": _choice("none", "aes256", "aes192", "aes128"),
    "secauth": _switch("on", "off"),
}

QUORUM: Mapping[str, Kind] = {
    "two_node": _ONE_ZERO,
    "wait_for_all": _ONE_ZERO,
    "last_man_standing": _ONE_ZERO,
    "last_man_standing_window": _number("milliseconds", 1),
    "auto_tie_breaker": _ONE_ZERO,
    "auto_tie_breaker_node": Kind("write lowest, highest, or ids of nodes with a blank between them", _node_ids),
    "allow_downscale": _ONE_ZERO,
    "expected_votes_tracking": _ONE_ZERO,
    "expected_votes": _POSITIVE,
}

#: What the role itself says, and what would be a secret in a file that everybody can read.
_OWN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "totem": {
        "version": ("has one value only", "remove it"),
        "cluster_name": ("is the name of the description", "set it as cluster.name"),
        "config_version": ("is counted by the role", "remove it"),
        "nodeid": ("is given by the role", "remove it"),
        "interface": ("is a section, not a setting", "remove it: the addresses are those of cluster.nodes"),
        "key": ("is a secret, and corosync.conf can be read by everybody", "remove it: the role makes a key"),
        "keyfile": ("is not where the role keeps the cluster's key", "remove it: the key is /etc/corosync/authkey"),
    },
    "quorum": {
        "provider": ("has one value only", "remove it"),
        "votes": ("is deprecated, and every node has one vote", "remove it"),
        "device": ("is a section, not a setting", "remove it: quorum devices are not for this role"),
    },
}


def judge(
    totem: Mapping[str, Any], quorum: Mapping[str, Any], count: int, *, unencrypted: bool, problems: list[Problem]
) -> tuple[dict[str, str], dict[str, str]]:
    """Both sections as Corosync spells them; without what cannot be.

    :param count: how many nodes there are
    :param unencrypted: whether the user accepts that anybody on the network can join and forge messages
    :param problems: takes what is wrong
    """
    spelt_totem = _section("totem", totem, TOTEM, problems)
    spelt_quorum = _section("quorum", quorum, QUORUM, problems)
    problems += _judge_encryption(spelt_totem, unencrypted)
    problems += _judge_times(spelt_totem, count)
    problems += _judge_quorum(spelt_quorum, count)
    return spelt_totem, spelt_quorum


def _section(name: str, given: Any, known: Mapping[str, Kind], problems: list[Problem]) -> dict[str, str]:
    variable = f"cluster_framework_{name}_options"
    if not isinstance(given, Mapping):
        problems.append(Problem(variable, shape(given), "is not a dictionary", "give a dictionary of settings"))
        return {}
    spelt = {}
    for key, value in given.items():
        where = (
            f"cluster_framework_{key}" if key in _VARIABLES else f"{variable}.{key_name(key, [*known, *_OWN[name]])}"
        )
        if key in _OWN[name]:
            problems.append(Problem(where, HIDDEN, *_OWN[name][key]))
        elif key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
            problems.append(Problem(where, HIDDEN, f"is no setting of {name}", remedy))
        else:
            text = known[key].spelt(value)
            if text is None:
                problems.append(Problem(where, value, "is not what Corosync takes there", known[key].words))
            else:
                spelt[key] = text
    return spelt


def _judge_encryption(totem: Mapping[str, str], accepted: bool) -> Iterator[Problem]:
    """Whoever can send to the nodes can take part in a cluster that does not authenticate, and have nodes fenced."""
    key_of = "cluster_framework_totem_options.{}".format
    words = f"accept that in words with {UNENCRYPTED}: true"
    if not accepted:
        for key, off in (("crypto_cipher", "none"), ("crypto_hash", "none"), ("secauth", "off")):
            if totem.get(key) == off:
                reason = "leaves the cluster's messages to be read and forged by anybody on the network"
                yield Problem(key_of(key), off, reason, f"remove it, or {words}")
        if totem.get("transport", "knet") != "knet":
            reason = "neither encrypts nor authenticates (corosync.conf(5))"
            yield Problem(key_of("transport"), totem["transport"], reason, f"use knet, or {words}")
    digest = totem.get("crypto_hash")
    if digest in ("md5", "sha1"):
        yield Problem(key_of("crypto_hash"), digest, "is a hash that is no longer safe", "use sha256 or more")
    if digest == "none" and totem.get("crypto_cipher") != "none":
        remedy = "use sha256, or set crypto_cipher to none as well"
        yield Problem(key_of("crypto_hash"), digest, "is needed by the cipher (corosync.conf(5))", remedy)


def _judge_times(totem: Mapping[str, str], count: int) -> Iterator[Problem]:
    """Times that depend on each other; the token that counts grows with the number of nodes."""
    token = int(totem.get("token", _TOKEN))
    effective = token + max(0, count - 2) * int(totem.get("token_coefficient", _TOKEN_COEFFICIENT))
    least = -(-effective * 12 // 10)
    consensus, retransmit, join = (totem.get(key) for key in ("consensus", "token_retransmit", "join"))
    if consensus is not None and int(consensus) < least:
        reason = f"is less than 1.2 times the token of {count} nodes, {effective} ms (corosync.conf(5))"
        yield Problem("cluster_framework_consensus", int(consensus), reason, f"use {least} or more")
    options = "cluster_framework_totem_options"
    if retransmit is not None and int(retransmit) >= effective:
        reason, remedy = f"is not less than the token, {effective} ms", "leave it out: corosync calculates it"
        yield Problem(f"{options}.token_retransmit", retransmit, reason, remedy)
    if join is not None and int(join) >= int(consensus or least):
        yield Problem(f"{options}.join", join, "is not less than consensus", "leave it out: it is 50")


def _judge_quorum(quorum: Mapping[str, str], count: int) -> list[Problem]:
    """Quorum that fewer nodes have than a majority is none: two halves of the cluster would each go on."""
    problems: list[Problem] = []

    def problem(key: str, reason: str, remedy: str) -> None:
        problems.append(Problem(f"cluster_framework_quorum_options.{key}", quorum[key], reason, remedy))

    if quorum.get("two_node") == "1" and count != 2:
        problem("two_node", f"is for two nodes, and there are {count}: each alone would have quorum", "remove it")
    if count == 2:
        if quorum.get("two_node") == "0" and quorum.get("auto_tie_breaker") != "1":
            problem(
                "two_node", "leaves the survivor of two nodes without quorum, so that nothing fails over", "remove it"
            )
        if quorum.get("two_node") != "0" and quorum.get("auto_tie_breaker") == "1":
            problem(
                "auto_tie_breaker", "does not go with two_node, which two nodes have", "set two_node: false as well"
            )
    if "expected_votes" in quorum and int(quorum["expected_votes"]) != count:
        problem("expected_votes", f"is not the number of nodes, {count}, over which it would win", "remove it")
    if quorum.get("last_man_standing") == "1" and quorum.get("wait_for_all", str(int(count == 2))) != "1":
        problem("last_man_standing", "goes with wait_for_all only (votequorum(5))", "set wait_for_all: true as well")
    for key, switch in (
        ("last_man_standing_window", "last_man_standing"),
        ("auto_tie_breaker_node", "auto_tie_breaker"),
    ):
        if key in quorum and quorum.get(switch) != "1":
            problem(key, f"has a meaning only with {switch}", f"set {switch}: true as well, or remove it")
    if quorum.get("allow_downscale") == "1":
        problem("allow_downscale", "is incomplete and unsupported (votequorum(5))", "remove it")
    return problems
