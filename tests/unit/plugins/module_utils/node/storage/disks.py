"""Files that stand for disks, the module's options for volumes on them, and programs of a test's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.node.storage.foreign import MIB


def disk(tmp_path: Path, name: str = "mail1", content: bytes = b"", at: int = 0) -> Path:
    path = tmp_path / f"{name}.img"
    with path.open("wb") as file:
        file.truncate(32 * MIB)
        file.seek(at)
        file.write(content)
    return path


def volume_on(path: Path | str, name: str = "mail1") -> dict[str, Any]:
    mount_point = Path(path).parent / "srv" / name if os.path.isfile(path) else Path("/srv/nothing") / name
    more = {"filesystem": None, "nodes": ["nodea", "nodeb"], "home": "nodea", "mount_point": str(mount_point)}
    return {"name": name, "device": str(path), **more}


def options(*volumes: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"destroy": [], "filesystem": "ext4", "volume_group_access": "one_node", "state": "prepared"}
    return {"volumes": list(volumes), **given, **more}


def write_program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
