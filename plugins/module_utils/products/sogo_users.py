# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of SOGo, judged as a list. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionaries_of, duplicates
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name
from .password_hashes import REMEDY, unusable
from .sogo_description import PREFIX

_USERS = f"{PREFIX}users"
_OF_USER = ("name", "password_hash", "full_name", "mail")
#: A user's name is a part of the addresses of his calendars.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}")
#: Those of Dovecot's schemes that SOGo has too, and that were tried with both.
SCHEMES = ("SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT", "SSHA512", "SSHA256")
_SCHEME = re.compile(r"\{([A-Z0-9-]+)\}")


@dataclass(frozen=True)
class User:
    """Somebody with calendars."""

    name: str
    full_name: str
    mail: str
    password_hash: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The user in a line to read."""
        return f"{self.name}: {self.full_name} <{self.mail}>"


def parse(users: Any, mail_domain: str) -> list[User]:
    """Read and judge a list of users.

    :param users: the value of ``sogo_users``
    :param mail_domain: that of users whose address is not given
    :raises DescriptionError: with every problem that was found; no hash is in it
    """
    problems = Problems()
    found = []
    for index, given in enumerate(dictionaries_of(users, _USERS, problems)):
        name = given.get("name")
        sound = isinstance(name, str) and _NAME.fullmatch(name) is not None
        here = f"{_USERS}[{name if sound else index}]"
        for key in given:
            if key not in _OF_USER:
                remedy = f"use {', '.join(_OF_USER)}"
                problems.add(f"{here}.{key_name(key, _OF_USER)}", HIDDEN, "is not a known key of a user", remedy)
        if not sound:
            problems.add(f"{here}.name", name, "is not a user's name", "use letters, digits and . _ @ + -")
        for key, reason, remedy in _faults(given):
            value = HIDDEN if key == "password_hash" else given.get(key)
            problems.add(f"{here}.{key}", None if given.get(key) is None else value, reason, remedy)
        whole = name if "@" in str(name) else f"{name}@{mail_domain}"
        found.append(
            User(
                str(name),
                str(given.get("full_name") or name),
                str(given.get("mail") or whole),
                str(given.get("password_hash")),
            )
        )
    for double in duplicates(user.name for user in found):
        problems.add(_USERS, double, "is the name of two users", "name each once")
    refuse(problems)
    return found


def _faults(given: Mapping[Any, Any]) -> Iterator[tuple[str, str, str]]:
    wrong = unusable(given.get("password_hash"))
    scheme = _SCHEME.match(str(given.get("password_hash")).upper())
    if given.get("password_hash") is None:
        yield "password_hash", "is missing", REMEDY
    elif wrong is not None:
        yield "password_hash", wrong, REMEDY
    elif scheme is None or scheme[1] not in SCHEMES:
        yield "password_hash", "is of a scheme that was not tried with SOGo", f"use one of {', '.join(SCHEMES)}"
    full_name = given.get("full_name")
    if full_name is not None and (not isinstance(full_name, str) or not full_name.isprintable()):
        yield "full_name", "is not a text of printable characters", "put it in quotes"
    mail = given.get("mail")
    if mail is not None and (not isinstance(mail, str) or _address_fault(mail)):
        yield "mail", "is not a mail address", "give one such as alice@example.com"


def _address_fault(mail: str) -> bool:
    local, at, domain = mail.partition("@")
    return not at or _NAME.fullmatch(local) is None or fields.host_name_fault(domain) is not None
