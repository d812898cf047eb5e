# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several words one was meant to be. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is a slip of the keyboard away from: two where it is long, none if very short."""
    allowed = 0 if len(word) < 3 else 1 if len(word) < 8 else 2
    near = [(_slips(word, other), other) for other in known if abs(len(word) - len(other)) <= allowed]
    return min((found for found in near if 0 < found[0] <= allowed), default=(0, None))[1]


def _slips(one: str, other: str) -> int:
    """How many letters are missing, added, wrong or swapped with a neighbour (optimal string alignment distance)."""
    row = list(range(len(other) + 1))
    last = row
    for i, letter in enumerate(one, start=1):
        before, last, row = last, row, [i]
        for j, wanted in enumerate(other, start=1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], before[j - 2] + 1)
    return row[-1]
