# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that a domain keeps under aliases. It gives none back, so what it was given is known by a salted hash.

The hashes lie in a private file beside the domain, with the checksum of the domain's own file of aliases: where that
was changed by somebody else since, nothing is known of any of them, and all are given again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from .glassfish_node import Place
from .glassfish_plan import Difference, Step
from .glassfish_rest import Administration

#: Of PBKDF2: as slow as one run can bear for a handful of passwords.
_ROUNDS = 50_000


@dataclass(frozen=True)
class Aliases:
    """The aliases of the domain on this host."""

    place: Place
    passwords: Mapping[str, str]

    @property
    def _record(self) -> Path:
        return Path(f"{self.place.data}/{self.place.domain}.aliases")

    def _store(self) -> str:
        """What the domain's own file of aliases is now."""
        try:
            return hashlib.sha256(Path(self.place.home, "config/domain-passwords").read_bytes()).hexdigest()
        except OSError:
            return ""

    def different(self, names: Sequence[str], administration: Administration) -> Iterator[Step]:
        """The aliases that are missing or, as far as is known, have another password."""
        if not names:
            return
        report = administration.tell("list-password-aliases", {})
        there = {str(child.get("message", "")).strip() for child in report.get("children") or ()}
        known = self._known()
        for name in names:
            if name not in there:
                yield self._step("create-password-alias", name, None)
            elif not self._is_same(known.get(name), self.passwords[name]):
                yield self._step("update-password-alias", name, "another one")

    def _step(self, command: str, name: str, before: str | None) -> Step:
        """Without the password, which is added when it is taken."""
        return Step(command, {}, (name,), (Difference(f"alias {name}", before, "the password"),))

    def take(self, step: Step, administration: Administration) -> None:
        """Have an alias made or changed."""
        (name,) = step.operands
        administration.tell(step.command, {"aliaspassword": self.passwords[name]}, step.operands)

    def remember(self, names: Sequence[str]) -> None:
        """Note that these are as they are wanted now."""
        kept = {}
        for name in names:
            salt = os.urandom(16)
            kept[name] = [salt.hex(), self._hash(self.passwords[name], salt)]
        text = json.dumps({"store": self._store(), "aliases": kept})
        directories.replace(self._record, text.encode(), lambda path: os.chmod(path, 0o600))

    def forget(self) -> None:
        """Remove what is known."""
        self._record.unlink(missing_ok=True)

    def _known(self) -> Mapping[str, Any]:
        try:
            record = json.loads(self._record.read_text(encoding="ascii"))
            return dict(record["aliases"]) if record["store"] == self._store() else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    @staticmethod
    def _hash(password: str, salt: bytes) -> str:
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS).hex()

    def _is_same(self, kept: Any, password: str) -> bool:
        try:
            salt, hashed = kept
            return hmac.compare_digest(str(hashed), self._hash(password, bytes.fromhex(salt)))
        except (TypeError, ValueError):
            return False
