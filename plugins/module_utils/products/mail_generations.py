# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of a mail instance in one directory, a generation, so that one rename replaces them all.

A node may be lost at any moment, and the next one starts the servers with what it finds on the volume: a key must not
be there without its certificate, nor a table without the main.cf that names it. So the files of an instance are:

    <mount point>/configuration/7          a generation: postfix/, dovecot/, tls/
    <mount point>/configuration/current    link to the generation that is in use
    <mount point>/configuration/previous   link to the one before, to go back to
    <mount point>/configuration/pending    there while it is not known whether the servers run with the current one

The names that the servers, the cluster's resources and the administrator know (``LINKS``) are links that lead through
``current``, and never change. On a volume of an earlier version they are the files and directories themselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Attributes, FileStateError, set_attributes

#: Names below the mount point, and what each is in a generation.
LINKS = {
    "postfix/etc": "postfix",
    "dovecot/dovecot.conf": "dovecot/dovecot.conf",
    "dovecot/users": "dovecot/users",
    "tls": "tls",
}

#: Directories of a generation; all that is in them, the user's own files too, goes with it into the next.
PARTS = ("postfix", "dovecot", "tls")

_ROOT, _CURRENT, _PREVIOUS, _PENDING, _NEW = "configuration", "current", "previous", "pending", ".new"

#: What a file system without that exchange needs a further name for.
_ASIDE = ".aside"

#: renameat2(2): both names are exchanged at once, of whatever kind they are.
_RENAME_EXCHANGE, _AT_FDCWD = 2, -100


@dataclass(frozen=True)
class NewFile:
    """A file of a generation that is written, in place of what the one before has."""

    content: bytes
    attributes: Attributes | None


class Generations:
    """The generations of one instance.

    :param mount_point: where the instance's volume is mounted
    :param label_security: gives the file at the first path the security context that belongs to the second
    """

    def __init__(self, mount_point: str, label_security: Callable[[str, str], None] = lambda *_: None) -> None:
        self.mount_point = Path(mount_point)
        self.root = self.mount_point / _ROOT
        self.label_security = label_security

    @property
    def current(self) -> str | None:
        """Name of the generation that is in use; nothing on a volume that has none yet."""
        return self._leads_to(_CURRENT)

    @property
    def previous(self) -> str | None:
        """Name of the generation that was in use before."""
        return self._leads_to(_PREVIOUS)

    @property
    def pending_path(self) -> Path:
        """Where it is noted that servers have not been seen to run with the current generation."""
        return self.root / _PENDING

    def _leads_to(self, link: str) -> str | None:
        try:
            return os.readlink(self.root / link)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileStateError(f"{self.root / link} is not the link to a generation: {error.strerror}") from None

    def in_generation(self, path: str) -> str | None:
        """What a path below the mount point is in a generation; nothing for one that is in none."""
        for name, target in LINKS.items():
            stable = f"{self.mount_point}/{name}"
            if path == stable or path.startswith(f"{stable}/"):
                return target + path[len(stable) :]
        return None

    def live(self, relative: str) -> Path:
        """Where the servers find a file of a generation now, whatever the layout is."""
        for name, target in LINKS.items():
            if relative == target or relative.startswith(f"{target}/"):
                stable = self.mount_point / name
                if os.path.lexists(stable):
                    return Path(os.path.realpath(f"{stable}{relative[len(target) :]}"))
        return Path(os.path.realpath(self.root / _CURRENT / relative))

    def missing_links(self) -> dict[str, str]:
        """The stable names that are not links into the current generation yet, and where each has to lead.

        :raises FileStateError: one is a link of somebody else
        """
        found = {}
        for name, target in LINKS.items():
            path = self.mount_point / name
            wanted = "../" * name.count("/") + f"{_ROOT}/{_CURRENT}/{target}"
            if path.is_symlink():
                if os.readlink(path) != wanted:
                    raise FileStateError(
                        f"{path} is a link to {os.readlink(path)}, which this role did not make; put what it leads to "
                        "in its place, or remove it to have everything written anew"
                    )
            else:
                found[str(path)] = wanted
        return found

    def kept(self, replaced: frozenset[str]) -> dict[str, Path]:
        """Files in use that stay as they are, by their path in a generation; the user's own, and what was made once.

        :param replaced: files that are written anew
        """
        found: dict[str, Path] = {}
        for part in PARTS:
            top = self.live(part)
            for directory, names, files in os.walk(top):
                links = [name for name in names if os.path.islink(os.path.join(directory, name))]
                for name in files + links:
                    path = Path(directory, name)
                    found[f"{part}/{path.relative_to(top)}"] = path
        # In the earlier layout they are in a directory that Dovecot's state is in too, and stays in.
        for relative in LINKS.values():
            if self.live(relative).is_file():
                found[relative] = self.live(relative)
        return {relative: path for relative, path in sorted(found.items()) if relative not in replaced}

    # -- everything below changes something ------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs, of other controllers too, from changing this instance meanwhile."""
        descriptor = os.open(self.mount_point, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FileStateError(
                    f"another run is changing the files below {self.mount_point} at this moment; run this again"
                ) from None
            yield
        finally:
            os.close(descriptor)

    def add(self, new: Mapping[str, NewFile], kept: Mapping[str, Path]) -> str:
        """Make a generation; it appears when it is complete and on disk, and nothing uses it yet.

        :returns: its name
        """
        self.root.mkdir(mode=0o755, exist_ok=True)
        building = self.root / _NEW
        if building.exists():
            shutil.rmtree(building)
        # Nobody else looks into it before everything has its owner and mode.
        building.mkdir(mode=0o700)
        for part in PARTS:
            self._make_directory(building, part)
        for relative, path in kept.items():
            self._make_directory(building, os.path.dirname(relative))
            self._copy(path, building / relative)
        for relative, file in new.items():
            self._make_directory(building, os.path.dirname(relative))
            self._write(building / relative, file)
        for directory, _names, _files in os.walk(building):
            directories.sync(directory)
        building.chmod(0o755)
        name = str(max((int(one) for one in self._names()), default=0) + 1)
        building.rename(self.root / name)
        directories.sync(self.root)
        return name

    def switch(self, name: str, previous: str | None) -> None:
        """Have another generation in use, at once and as a whole.

        :param previous: the one to go back to, if there is one
        """
        if previous is None:
            _remove(self.root / _PREVIOUS)
        else:
            self._link(_PREVIOUS, previous)
        self._link(_CURRENT, name)

    def place_links(self) -> None:
        """Make the stable names links into the current generation; what was there is in it already, and goes."""
        for path, target in self.missing_links().items():
            beside = Path(path).with_name(f".{Path(path).name}.before")
            _remove(beside)
            beside.symlink_to(target)
            if os.path.lexists(path):
                _exchange(beside, Path(path))
                directories.sync(beside.parent)
                _remove(beside)
            else:
                beside.rename(path)
            directories.sync(beside.parent)

    def tidy(self) -> None:
        """Remove what interrupted runs left, and generations that are neither in use nor the one before."""
        for name in LINKS:
            path = self.mount_point / name
            if path.is_symlink():
                for ending in ("", _ASIDE):
                    _remove(path.with_name(f".{path.name}.before{ending}"))
        pending = self.pending()
        wanted = {self.current, self.previous, None if pending is None else pending.get("previous")}
        for name in self._names():
            if name not in wanted:
                shutil.rmtree(self.root / name)
        _remove(self.root / _NEW)

    def pending(self) -> dict[str, Any] | None:
        """What was noted about a generation that the servers have not been seen to run with."""
        try:
            text = self.pending_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        noted = json.loads(text)
        return noted if isinstance(noted, dict) else {}

    def note(self, pending: Mapping[str, Any] | None) -> None:
        """Note, before it is in use, what is to be known about a generation by a run that comes after a crash."""
        path = self.pending_path
        if pending is None:
            _remove(path)
        else:
            new = self.root / f".{_PENDING}"
            _remove(new)
            self._write(new, NewFile(json.dumps(dict(pending)).encode(), None))
            new.rename(path)
        directories.sync(self.root)

    def _names(self) -> list[str]:
        return [name for name in os.listdir(self.root) if name.isdecimal()] if self.root.is_dir() else []

    def _link(self, name: str, target: str) -> None:
        beside = self.root / f".{name}"
        _remove(beside)
        beside.symlink_to(target)
        beside.rename(self.root / name)
        directories.sync(self.root)

    def _make_directory(self, building: Path, relative: str) -> None:
        """A directory of a generation, with the owner and mode that it has now."""
        directory = building / relative
        if directory.is_dir():
            return
        self._make_directory(building, os.path.dirname(relative))
        directory.mkdir(mode=0o700)
        live = self.live(relative)
        if live.is_dir() and relative != "dovecot":
            found = live.stat()
            os.chown(directory, found.st_uid, found.st_gid)
            directory.chmod(stat.S_IMODE(found.st_mode))
        else:
            directory.chmod(0o755)
        self.label_security(str(directory), str(self.mount_point / relative))

    def _write(self, path: Path, file: NewFile) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as opened:
            opened.write(file.content)
            opened.flush()
            set_attributes(str(path), file.attributes)
            os.fsync(opened.fileno())
        self.label_security(str(path), str(path))

    def _copy(self, source: Path, path: Path) -> None:
        found = source.lstat()
        if stat.S_ISLNK(found.st_mode):
            target = os.readlink(source)
            # A generation is elsewhere than the directory that the link was made for.
            path.symlink_to(os.path.normpath(source.parent / target) if target.startswith("..") else target)
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as opened:
            opened.write(source.read_bytes())
            opened.flush()
            os.chown(path, found.st_uid, found.st_gid)
            os.chmod(path, stat.S_IMODE(found.st_mode))
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
            os.fsync(opened.fileno())
        self.label_security(str(path), str(source))


def _remove(path: Path) -> None:
    """Remove a file, a link or a whole directory, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _exchange(one: Path, other: Path) -> None:
    """Exchange what two names stand for, with no moment between; on file systems that cannot, with a short one."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    names = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    if renameat2 is not None and renameat2(*names, _RENAME_EXCHANGE) == 0:
        return
    # A run that ends between the two is completed by the next one, that finds the files in the current generation.
    aside = one.with_name(f"{one.name}{_ASIDE}")
    other.rename(aside)
    one.rename(other)
    _remove(aside)
