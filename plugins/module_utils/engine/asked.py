# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for only when somebody looks at it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Asked(Mapping[_Key, _Value]):
    """A mapping that is fetched when it is first looked into, and then stays as it was."""

    def __init__(self, fetch: Callable[[], Mapping[_Key, _Value]]) -> None:
        self._fetch = fetch

    @cached_property
    def _found(self) -> Mapping[_Key, _Value]:
        return self._fetch()

    def __getitem__(self, key: _Key) -> _Value:
        return self._found[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
