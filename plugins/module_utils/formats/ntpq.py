# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``ntpq -p`` prints: the servers that a host has its time of, one in each line. Pure."""

from __future__ import annotations

#: In front of the server that the clock follows; the second where it gives a pulse each second.
_FOLLOWED = ("*", "o")
#: remote, refid, st, t, when, poll, reach, delay, offset: milliseconds.
_OFFSET = 8


def offset(printed: str) -> float | None:
    """Milliseconds between the host's clock and that of the server that it follows; None: it follows none."""
    for line in printed.splitlines():
        columns = line[1:].split()
        if line.startswith(_FOLLOWED) and len(columns) > _OFFSET:
            try:
                return float(columns[_OFFSET])
            except ValueError:
                continue
    return None
