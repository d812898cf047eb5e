# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a product's own commands say of an instance that runs on this node."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Running:
    """An instance on the node that runs it.

    ``running`` has its servers that run, ``ports`` where it is to be asked over the network, by protocol, None where it
    does not say. ``problems`` are wrong, each with what to do; ``unknown`` is what its commands could not be asked.
    """

    running: list[str] = field(default_factory=list)
    ports: dict[str, int] | None = None
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """What a module returns of it."""
        return asdict(self)
