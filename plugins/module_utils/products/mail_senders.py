# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses lead to whom, and who may send as whom. Pure."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from .mail_options import Options

#: Addresses that other mail servers and their administrators write to (RFC 5321 4.5.1, RFC 2142 4 and 5).
ROLES = ("postmaster", "abuse")

_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
#: RFC 5321 4.5.3.1.1: 64 octets; more is no name of a directory of mail before long.
LOCAL_PART = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,64}(?<!\.)")
#: What separates labels beside a dot (RFC 3490 3.1); some programs write and understand it.
_DOTS = "\u3002\uff0e\uff61"
ALIAS = re.compile(r"(?!\.)[A-Za-z0-9_.+-]+(?<!\.)")


@dataclass(frozen=True)
class User:
    """A mailbox: ``alice`` receives mail for every domain of the instance, ``alice@one.example`` for that alone."""

    name: str
    password_hash: str = field(repr=False)

    def addresses(self, domains: Sequence[str]) -> list[str]:
        """All addresses of the user."""
        return [self.name] if "@" in self.name else [f"{self.name}@{domain}" for domain in domains]


@dataclass(frozen=True)
class Addresses:
    """The addresses of an instance."""

    domains: tuple[str, ...]
    users: tuple[User, ...]
    #: Full addresses of aliases, and the full addresses that their mail goes to.
    aliases: Mapping[str, tuple[str, ...]]

    @cached_property
    def boxes(self) -> dict[str, str]:
        """Addresses of mailboxes, and whose they are."""
        return {address: user.name for user in self.users for address in user.addresses(self.domains)}

    def owners(self, address: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """The users that mail to an address reaches, directly or by aliases of aliases."""
        box = self.boxes.get(address) or self.boxes.get(_without_extension(address))
        if box is not None:
            return {box}
        further = [target for target in self.aliases.get(address, ()) if target not in seen | {address}]
        return {owner for target in further for owner in self.owners(target, seen | {address})}


def parse_aliases(options: Options, domains: Sequence[str], users: Sequence[User]) -> dict[str, tuple[str, ...]]:
    """The option ``aliases``: full addresses, and where their mail goes."""
    boxes = {address for user in users for address in user.addresses(domains)}
    found: dict[str, tuple[str, ...]] = {}
    for alias, targets in options.mapping("aliases").items():
        full = _targets(options, f"aliases.{key_name(alias)}", targets, domains)
        if full is None:
            continue
        local_part, at, domain = str(alias).lower().partition("@")
        if ALIAS.fullmatch(local_part) is None or (at and domain not in domains):
            remedy = f"use a name, or an address in one of {', '.join(domains)}"
            options.problem("aliases", key_name(alias), "is not an address of the instance", remedy)
            continue
        for address in [f"{local_part}@{domain}"] if at else [f"{local_part}@{each}" for each in domains]:
            if address in boxes:
                options.problem(
                    "aliases", key_name(alias), f"would take the mail of the user {address}", "choose another name"
                )
            found[address] = full
    return found


def _targets(options: Options, key: str, given: object, domains: Sequence[str]) -> tuple[str, ...] | None:
    """Where mail goes, as full addresses."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, Sequence) or not texts or not all(isinstance(target, str) for target in texts):
        options.problem(key, shape(given), "is not a list of addresses", "give at least one")
        return None
    full = tuple(_whole(target, domains) for target in texts)
    if any(target.startswith("@") or target.endswith("@") for target in full):
        options.problem(
            key, shape(given), "has an address without a name or a domain", "give whole addresses, or names"
        )
        return None
    if any(re.search(r"[\s,#]", target) for target in full):
        options.problem(key, shape(given), "has an address with blanks or commas", "give one per item")
        return None
    if not all(target.rpartition("@")[2].isascii() for target in full):
        options.problem(
            key, shape(given), "has a domain with other letters than ASCII", "write it as DNS does: xn--..."
        )
        return None
    return full


def judge_aliases(options: Options, addresses: Addresses, of_roles: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse aliases whose mail would be accepted and come back: nobody has the address, or it leads back to itself.

    :param of_roles: those that every server has, see ``role_aliases``
    """
    further = {**addresses.aliases, **of_roles}
    known = {*addresses.boxes, *further, *(f"{role}@{domain}" for domain in addresses.domains for role in ROLES)}
    for alias in options.mapping("aliases"):
        full = _whole(str(alias), addresses.domains)
        for target in addresses.aliases.get(full, ()):
            if target.rpartition("@")[2] in addresses.domains and known.isdisjoint(
                {target, _without_extension(target)}
            ):
                remedy = "name a user, an alias, or an address elsewhere"
                options.problem(f"aliases.{key_name(alias)}", target, "is an address that nobody has here", remedy)
        reached = _reached(full, further)
        if full in reached:
            reason = "leads back to itself, over " + ", ".join(sorted(reached & {*further}))
            options.problem(f"aliases.{key_name(alias)}", key_name(alias), reason, "take it out of one of them")


def _whole(address: str, domains: Sequence[str]) -> str:
    """A full address; a name alone is one of the first domain."""
    lower = address.lower()
    return lower if "@" in lower else f"{lower}@{domains[0]}"


def _without_extension(address: str) -> str:
    return re.sub(r"\+[^@]*@", "@", address, count=1)


def _reached(alias: str, aliases: Mapping[str, Sequence[str]]) -> set[str]:
    """All addresses that mail to an alias goes to, and goes over."""
    reached: set[str] = set()
    todo = [alias]
    while todo:
        here = todo.pop()
        for target in aliases.get(here) or aliases.get(_without_extension(here), ()):
            if target not in reached:
                reached |= {target, _without_extension(target)}
                todo.append(target)
    return reached


def domain_fault(domain: str) -> tuple[str, str] | None:
    """Whether it is a domain as DNS has it; one in other letters than ASCII is written in its encoded form."""
    if not domain.isascii():
        remedy = "write it as DNS does"
        with contextlib.suppress(UnicodeError):
            remedy = f"{remedy}: {domain.encode('idna').decode()}"
        return "has other letters than ASCII", remedy
    if DOMAIN.fullmatch(domain) is None or as_read(domain) is None:
        return "is not a domain", "use letters, digits, hyphens and dots"
    return None


def as_read(domain: str) -> str | None:
    """A domain in the letters that people read, or None if an encoded label of it stands for none (RFC 3492)."""
    try:
        labels = [
            label[4:].encode().decode("punycode") if label.lower().startswith("xn--") else label
            for label in domain.split(".")
        ]
    except UnicodeError:
        return None
    return ".".join(labels) if all(label.isprintable() for label in labels) else None


def own_domain_expressions(domains: Sequence[str]) -> list[str]:
    """Regular expressions of the domains, in all spellings; the C library ignores the case of ASCII alone.

    With SMTPUTF8 a client may write the letters that people read, and Postfix compares what it is given: it translates
    neither form into the other (SMTPUTF8_README, limitations).
    """
    found = [domain.replace(".", r"\.") for domain in domains]
    for domain in domains:
        read = as_read(domain) or domain
        if read != domain:
            found.append("".join(_spellings(letter) for letter in unicodedata.normalize("NFC", read)))
    return found


def _spellings(letter: str) -> str:
    if letter == ".":
        return "(" + "|".join(["\\.", *_DOTS]) + ")"
    if letter.isascii():
        return letter
    cases = [letter, letter.lower(), letter.upper()]
    return "(" + "|".join(dict.fromkeys([*cases, *(unicodedata.normalize("NFD", case) for case in cases)])) + ")"


def role_aliases(options: Options, addresses: Addresses) -> dict[str, tuple[str, ...]]:
    """``postmaster`` and ``abuse`` of every domain that are neither a user nor an alias, and where their mail goes.

    By default to the first user. Without any, to a mailbox that nobody can log in to (see ``reserved_mailboxes``), so
    that nothing that is written to these addresses ever comes back.
    """
    boxes = addresses.boxes
    roles = [f"{role}@{domain}" for domain in addresses.domains for role in ROLES]
    open_roles = [role for role in roles if role not in boxes and role not in addresses.aliases]
    given = options.values.get("postmaster")
    if given is None:
        first = addresses.users[0].addresses(addresses.domains)[0] if addresses.users else None
        return dict.fromkeys(open_roles, (first,)) if first else {}
    targets = _targets(options, "postmaster", given, addresses.domains) or ()
    for target in targets:
        domain = target.rpartition("@")[2]
        if domain in addresses.domains and not addresses.owners(target) and target not in addresses.aliases:
            remedy = "name a user, an alias, or an address elsewhere"
            options.problem("postmaster", target, "is an address that nobody has here", remedy)
    return dict.fromkeys(open_roles, targets)


def parse_may_send_as(options: Options, addresses: Addresses) -> dict[str, tuple[str, ...]]:
    """The option ``may_send_as``: for users the further addresses, or ``@domain`` for all of a domain."""
    names = {user.name for user in addresses.users}
    found: dict[str, tuple[str, ...]] = {}
    for name, given in options.mapping("may_send_as").items():
        key, user = f"may_send_as.{key_name(name, names)}", str(name).lower()
        if user not in names:
            remedy = f"name one of {', '.join(sorted(names)) or 'the users, of which there are none'}"
            options.problem(key, shape(given), "is not a user of the instance", remedy)
            continue
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, Sequence) or not texts or not all(isinstance(text, str) for text in texts):
            options.problem(key, shape(given), "is not a list of addresses", "give at least one, or @ and a domain")
            continue
        full = [_whole(text, addresses.domains) for text in texts]
        # Of an empty text, as a variable without a value leaves it, all of the domain must not become.
        for text in (text if given else given for text, given in zip(full, texts)):
            local_part, _at, domain = text.partition("@")
            if DOMAIN.fullmatch(domain) is None or (local_part and ALIAS.fullmatch(local_part) is None):
                remedy = "give addresses such as info@example.com, or @example.com for all of a domain"
                options.problem(key, text, "is neither an address nor a domain", remedy)
        found[user] = tuple(full)
    return found


def sender_logins(addresses: Addresses, may_send_as: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """For each address, or ``@domain``, the users that may send as it: what Postfix calls smtpd_sender_login_maps.

    Of several entries that fit Postfix uses the most specific one alone, so who may send as all of a domain is named
    with each of its addresses too.
    """
    found = {address: addresses.owners(address) for address in [*addresses.boxes, *addresses.aliases]}
    for user, entries in may_send_as.items():
        for entry in entries:
            found.setdefault(entry, set()).add(user)
    for user, entries in may_send_as.items():
        for domain in (entry for entry in entries if entry.startswith("@")):
            for address, users in found.items():
                if address.endswith(domain):
                    users.add(user)
    return {address: sorted(names) for address, names in found.items() if names}
