"""The file system of each node: its own files, links, and volumes that are mounted on some of the nodes.

In containers these are the node's real files. In one process a volume is mounted where ``mount`` said so.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine import Simulator


class NodeFiles(Simulator):
    """A simulator whose programs work on files of nodes and volumes.

    :param volumes: mount points of the volumes that there are, in one process
    """

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        self.volume_files: dict[str, dict[str, str]] = {point: {} for point in options.get("volumes", ())}
        self.mounted_on: dict[str, set[str]] = {point: set() for point in self.volume_files}

    # -- for tests ---------------------------------------------------------------------------------------------

    def mount(self, point: str, *nodes: str) -> None:
        """Have a volume mounted on these nodes, and nowhere else."""
        self.mounted_on[point] = set(nodes)

    # -- for programs ------------------------------------------------------------------------------------------

    def read_answers(self, node: str, path: str) -> str | None:
        """A file of answers or options; what its rights were is remembered, since it is gone when a test can look."""
        if self._file is not None and os.path.exists(path):
            self.state["rights"][os.path.basename(path)] = f"{os.stat(path).st_mode & 0o7777:o}"
        return self.read_file(node, path)

    def read_file(self, node: str, path: str) -> str | None:
        """See Simulator.read_file."""
        if self._file is not None:
            return super().read_file(node, path)
        files, place = self._place(node, path)
        text = files.get(place)
        return None if text is None or text.startswith("-> ") else text

    def write_file(self, node: str, path: str, text: str, mode: int = 0o644) -> None:
        """See Simulator.write_file."""
        if self._file is None:
            files, place = self._place(node, path)
            files[place] = text
        else:
            super().write_file(node, path, text)
            os.chmod(path, mode)

    def remove_file(self, node: str, path: str) -> None:
        """Remove a file, if it is there."""
        if self._file is None:
            files, place = self._place(node, path, follow_last=False)
            files.pop(place, None)
        else:
            Path(path).unlink(missing_ok=True)

    def exists(self, node: str, path: str) -> bool:
        """Whether there is a file or a directory."""
        if self._file is not None:
            return os.path.exists(path)
        files, place = self._place(node, path)
        return place in files or any(name.startswith(f"{place}/") for name in files)

    def link(self, node: str, path: str, target: str) -> None:
        """Make a symbolic link, in place of another."""
        if self._file is None:
            files, place = self._place(node, path, follow_last=False)
            files[place] = f"-> {target}"
        else:
            if os.path.islink(path):
                os.unlink(path)
            os.symlink(target, path)

    def link_target(self, node: str, path: str) -> str | None:
        """Where a symbolic link leads; None for anything else."""
        if self._file is not None:
            return os.readlink(path) if os.path.islink(path) else None
        files, place = self._place(node, path, follow_last=False)
        text = files.get(place, "")
        return text[3:] if text.startswith("-> ") else None

    def is_mounted(self, node: str, path: str) -> bool:
        """Whether a volume is mounted there."""
        return os.path.ismount(path) if self._file is not None else node in self.mounted_on.get(path, ())

    def _place(self, node: str, path: str, follow_last: bool = True) -> tuple[dict[str, str], str]:
        """The files that a path is among, of the node or of a volume, and its place there without links."""
        path = posixpath.normpath(path)
        for _ in range(10):
            linked = next((head for head in _heads(path, follow_last) if self._linked(node, head)), None)
            if linked is None:
                break
            path = posixpath.normpath(posixpath.join(self._linked(node, linked), path[len(linked) :].lstrip("/")))
        return self._files(node, path), path

    def _files(self, node: str, path: str) -> dict[str, str]:
        for point, files in self.volume_files.items():
            if path.startswith(f"{point}/") and node in self.mounted_on[point]:
                return files
        return self.node_files[node]

    def _linked(self, node: str, path: str) -> str:
        text = self._files(node, path).get(path, "")
        return text[3:] if text.startswith("-> ") else ""


def _heads(path: str, whole: bool) -> list[str]:
    """The directories on the way to a path, and the path itself."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(2, len(parts) + (1 if whole else 0))]
