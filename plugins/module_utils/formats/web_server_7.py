# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a calendar needs in the files of Web Server 7: an access control list, and a method that HTTP has not. Pure.

Sources: Sun Java System Web Server 7.0 Administrator's Guide, "Controlling Access to Your Server" (820-2203), for
default.acl; Calendar Server's manual, "Configuring Machine C", for both. Whatever else is in the files is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from .lines import finished, lines_of

#: The rights that CalDAV needs, beside those that the server's own list gives to all.
RIGHTS = tuple(
    f"http_{method}"
    for method in (
        *("propfind", "proppatch", "mkcol", "head", "delete", "put", "copy", "move", "lock", "unlock"),
        *("mkcalendar", "report"),
    )
)
#: The method of CalDAV that the server does not know by itself.
METHOD = "MKCALENDAR"
_VERSION = re.compile(r"^\s*version\s+3\.0\s*;", re.MULTILINE)
_LIST = re.compile(r"""acl\s+(?P<name>"[^"]*"|[^\s;]+)\s*""")
_REGISTERING = re.compile(r"""^\s*Init\s.*\bfn=(?P<quote>["']?)register-http-method(?P=quote)(?=\s|$)""", re.IGNORECASE)
_METHODS = re.compile(r"""(?P<before>\bmethods=)(?P<quote>["']?)(?P<methods>[^"'\s]*)(?P=quote)""", re.IGNORECASE)


def _statements(text: str) -> Iterator[str]:
    """Statements of an access control list, each up to its semicolon, without comments and blanks that mean nothing."""
    bare = "\n".join(re.sub(r"#.*", "", line) for line in text.splitlines())
    depth, begun = 0, ""
    for character in bare:
        begun += character
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == ";" and depth == 0:
            yield " ".join(begun[:-1].split())
            begun = ""
    if begun.strip():
        raise FormatError(f"default.acl: its last statement has no end: {' '.join(begun.split())[:80]!r}")


def access_lists(text: str) -> dict[str, list[str]]:
    """The statements of each list, by its name.

    :raises FormatError: a statement has no end, or stands in no list
    """
    found: dict[str, list[str]] = {}
    for number, statement in enumerate(_statements(text)):
        match = _LIST.fullmatch(statement)
        if match:
            current = found.setdefault(match["name"].strip('"'), [])
        elif number == 0 and statement == "version 3.0":
            continue
        elif not found:
            raise FormatError(f"default.acl: {statement[:80]!r} stands in no list")
        else:
            current.append(statement)
    return found


def with_access(text: str, uri: str, rights: Sequence[str] = RIGHTS) -> str:
    """The text of default.acl with a list that lets everybody do what a calendar's clients do.

    Who they are is asked by the calendar itself. The last list that fits counts, so that a new one comes last.

    :raises FormatError: the text is none, or has a list of that name that says something else
    """
    if not _VERSION.match(text):
        raise FormatError("default.acl: does not begin with version 3.0; it is no list of Web Server 7")
    name, allowed = f"uri={uri}", f'allow ({",".join(rights)}) user = "anyone"'
    lists = access_lists(text)
    if name not in lists:
        return "".join(finished(lines_of(text))) + f'acl "{name}";\n{allowed};\n'
    given = {right for statement in lists[name] for right in _allowed_to_all(statement)}
    missing = [right for right in rights if right not in given]
    if missing:
        raise FormatError(
            f'default.acl: acl "{name}" is there already, and does not allow everybody {", ".join(missing)}; add '
            "these, or take the list away: then it is made as the calendar needs it"
        )
    return text


def without_access(text: str, uri: str, rights: Sequence[str] = RIGHTS) -> str:
    """The text without the list that ``with_access`` adds; one that somebody else made stays."""
    allowed = f'allow ({",".join(rights)}) user = "anyone"'
    return text.replace(f'acl "uri={uri}";\n{allowed};\n', "")


def _allowed_to_all(statement: str) -> Collection[str]:
    match = re.fullmatch(r"""allow (?:absolute )?\((?P<rights>[^)]*)\) user ?= ?"?anyone"?""", statement)
    return {right.strip() for right in match["rights"].split(",")} if match else ()


def with_method(text: str, method: str = METHOD) -> str:
    """The text of magnus.conf with a line that has the server know a method."""
    lines = lines_of(text)
    for number, line in enumerate(lines):
        match = _METHODS.search(line) if _REGISTERING.match(line) else None
        if match is None:
            continue
        methods = [word for word in match["methods"].split(",") if word]
        if method in methods:
            return text
        lines[number] = f'{line[: match.start()]}{match["before"]}"{",".join([*methods, method])}"{line[match.end() :]}'
        return "".join(lines)
    return "".join(finished(lines)) + f'Init fn="register-http-method" methods="{method}"\n'


def without_method(text: str, method: str = METHOD) -> str:
    """The text without the line that ``with_method`` adds; a method in a line with others goes from there alone."""
    found = []
    for line in lines_of(text):
        match = _METHODS.search(line) if _REGISTERING.match(line) else None
        methods = match["methods"].split(",") if match else []
        if match is None or method not in methods:
            found.append(line)
        elif methods != [method]:
            left = ",".join(one for one in methods if one != method)
            found.append(f'{line[: match.start()]}{match["before"]}"{left}"{line[match.end() :]}')
    return "".join(found)
