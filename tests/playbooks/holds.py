"""What says on a node that a run holds it, as tests put it there and find it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: A run of which nothing can be seen from here.
ELSEWHERE = {
    "run": "3f9a1c2e77b0",
    "subject": "cluster office",
    "user": "alice",
    "login": "root",
    "controller": "control7",
    "machine": "5b1e8d0c5b1e8d0c",
    "process": "4711",
    "started": "x 123",
    "playbook": "groupware.ha.site",
    "since": "2026-11-30 21:50:03 UTC",
}


def held(path: Path, node: str = "nodea") -> dict[str, str] | None:
    """Who holds a node."""
    file = path / "run" / node / "hold.json"
    found: dict[str, str] | None = json.loads(file.read_text()) if file.exists() else None
    return found


def leave(path: Path, content: Any, node: str = "nodea") -> Path:
    """Put a hold of another run there."""
    directory = path / "run" / node
    directory.mkdir(parents=True, mode=0o700, exist_ok=True)
    file = directory / "hold.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file
