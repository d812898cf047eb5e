# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one base of all that a user is told; any other exception is a fault of this collection. Pure."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """Something that failed or was refused: what, why and, where that is known, what to do."""

    #: Whether the reason may be that the user may not do it, which is to be said then.
    may_lack_rights = False

    @property
    def details(self) -> dict[str, Any]:
        """Further return values of a module that fails with it."""
        return {}


class Refusal(Failure):
    """What is wanted cannot be, whatever is done before: a run that would come to it later is refused as a whole."""

    @property
    def details(self) -> dict[str, Any]:
        """See Failure."""
        return {**super().details, "refused": True}


class FormatError(Failure, ValueError):
    """A text is not in the format that it should be in, or what is wanted cannot be written in it; says where."""
