# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to show a value: in errors, diffs, results, plans and exports. Pure.

Secrets are hidden, at any depth. Of what has the wrong shape only the shape is shown: nobody knows what is in it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import (
    PAIRED,
    SWITCHES,
    holds_secret,
    is_secret,
    text_holds_secret,
)

#: Stands for a secret.
HIDDEN = "(hidden)"
#: Stands for a secret that is another one than that which stands beside it, in a diff.
HIDDEN_CHANGED = "(hidden, another one)"
#: Characters from which on a text is told by its length.
LONGEST = 200


class Words(str):
    """What is said of a value in its place; shown without the quotes that a value would have."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Names(list[str]):
    """Names that were judged already, so that a list of them can be shown as it is."""


def shape(value: Any) -> Any:
    """Only what kind of value it is: ``a list of 3 items``. True, false and nothing are shown."""
    if value is None or isinstance(value, (bool, Words)) or value == HIDDEN:
        return value
    if isinstance(value, str) and value.lower() in SWITCHES:
        return value
    if isinstance(value, str):
        lines = value.count("\n") + 1
        return Words(f"a text of {lines} lines" if lines > 1 else "a text" if value else "an empty text")
    if isinstance(value, Mapping):
        return Words("a dictionary")
    if isinstance(value, (Sequence, set, frozenset)) and not isinstance(value, (bytes, bytearray)):
        return Words(f"a list of {len(value)} item{'' if len(value) == 1 else 's'}")
    if isinstance(value, (int, float)):
        return Words("a number")
    return Words(f"a value of the type {type(value).__name__}")


def shown(value: Any, name: Any = "", agent: str = "") -> Any:
    """A value as it can be shown; dictionaries and lists keep their shape, and secrets in them are hidden.

    :param name: the name that it has, which may say that it is a secret
    :param agent: the agent that the setting is for, if one is
    """
    if isinstance(value, Words):
        return value
    if isinstance(value, Mapping):
        if is_secret(name, agent):
            return HIDDEN
        hidden = {part for part in PAIRED if holds_secret(value.get("name", value.get("key")), value.get(part))}
        return {key: HIDDEN if key in hidden else shown(inner, key, agent) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return HIDDEN if value and is_secret(name, agent) else [shown(item, name, agent) for item in value]
    return HIDDEN if holds_secret(name, value, agent) else value


def in_error(value: Any, key: str = "") -> Any:
    """A value as an error shows it: a single one as it is, of anything else its shape.

    :param key: where it is in the description, such as ``cluster.fencing.devices[0].options.passwd``
    """
    if isinstance(value, Names):
        return Names(str(shown(item)) for item in value)
    if isinstance(value, (Mapping, list, tuple, set, frozenset, bytes, bytearray)):
        return shape(value)
    # What is in brackets is the number or the name of an item, and no setting.
    *around, name = re.sub(r"\[[^\]]*\]", "", key).split(".")
    if value is not None and not isinstance(value, bool) and any(is_secret(one) for one in around):
        return HIDDEN
    value = shown(value, name)
    if isinstance(value, str) and not isinstance(value, Words) and (len(value) > LONGEST or "\n" in value):
        return shape(value)
    return value


def key_name(name: Any, known: Collection[str] = ()) -> str:
    """The name of a key that is not known: what does not look like one may be a secret in the wrong place.

    :param known: names that there are; what is like one of them is a misspelt name
    """
    text = str(name)
    if isinstance(name, str) and difflib.get_close_matches(text, list(known), n=1):
        return text
    words = re.fullmatch(r"[A-Za-z]+(?:[^A-Za-z0-9\s][A-Za-z]+| [A-Za-z]+)*", text)
    if isinstance(name, str) and words and len(text) <= 60 and not text_holds_secret(text):
        return text
    if isinstance(name, bool) or name is None:
        return text
    return f"(a name of {len(text)} characters)" if isinstance(name, str) else f"({shape(name)})"


def without(text: str, value: Any) -> str:
    """A text that speaks of a value, without the value: for errors of libraries, which quote what they refuse."""
    for leaf in sorted(leaves(value), key=len, reverse=True):
        text = text.replace(repr(leaf), HIDDEN)
        # Keys and the like are words that a remedy may use as well.
        if len(leaf) > 3 and (leaf == value or re.fullmatch("[A-Za-z_ -]+", leaf) is None):
            text = text.replace(leaf, HIDDEN)
    return text


def leaves(value: Any) -> Iterator[str]:
    """All single values in a value that are no switches, as texts."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(key)
            yield from leaves(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, (bytes, bytearray)):
        yield value.decode("utf-8", "replace")
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def quoted(line: str, before: str = "") -> str:
    """A line of a file or of a program's output, as an error quotes it: not where it speaks of a secret.

    What it says is not understood, so that one word like that is enough, wherever it stands.

    :param before: the line before, where that may have the name of what is in this one
    """
    words = re.findall(r"[A-Za-z_][\w.-]*", f"{before} {line}")
    hidden = text_holds_secret(line) or any(is_secret(word) for word in words)
    return HIDDEN if hidden else repr(line.strip()[:LONGEST])


def printed(output: str) -> str:
    """What a program printed, as an error repeats it: lines with secrets are hidden."""
    return "\n".join(HIDDEN if text_holds_secret(line) else line for line in output.splitlines())


def in_words(names: Sequence[str], verb: str = "") -> str:
    """Names as one says them: one, one and another, one, another and a third; with what they do behind them."""
    listed = " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
    return f"{listed} {verb}{'s' if len(names) == 1 else ''}" if verb else listed
