# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, directories and links in the state that they are wanted in: many in one go, each written atomically.

What has to change is found out first and carried out afterwards, so that check mode, diff and result come from the same
place. A file on a volume is only touched while that volume is mounted here.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner, shown_text
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import main_cf
from ansible_collections.groupware.ha.plugins.module_utils.formats.fstab import parse_mountinfo
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, HIDDEN_CHANGED
from . import backups, directories


class FileStateError(Failure):
    """A wanted state that cannot be reached."""


@dataclass(frozen=True)
class Entry:
    """One wanted file, directory or link."""

    path: str
    state: str = "file"
    content: str | None = None
    parameters: Mapping[str, main_cf.Value] | None = None
    target: str | None = None
    owner: str | None = None
    group: str | None = None
    mode: int | None = None
    backup: bool = False
    require_mounted: str | None = None
    label: str | None = None
    sensitive: bool = False


@dataclass(frozen=True)
class Attributes:
    """Who a file or a directory belongs to, by names, and its permissions."""

    owner: str
    group: str
    mode: int

    def __str__(self) -> str:
        return f"owner {self.owner}, group {self.group}, mode {self.mode:04o}"


@dataclass(frozen=True)
class Present:
    """What is at a path: its kind and, of a file, its content; of a link, its target."""

    kind: str
    content: str = ""
    attributes: Attributes | None = None


@dataclass(frozen=True)
class FileChange:
    """What has to be done to one path: content is that of a file, and of a link its target."""

    entry: Entry
    action: str
    before: Present
    content: str = ""
    attributes: Attributes | None = None

    def as_dict(self) -> dict[str, Any]:
        """The change as a module returns it."""
        return {"path": self.entry.path, "action": self.action, "label": self.entry.label}

    def diff(self) -> dict[str, str]:
        """Before and after, as Ansible shows them."""
        before = self._shown(self.before.kind, self.before.content, self.before.attributes, HIDDEN)
        return diff(
            self.entry.path, before, self._shown(self.entry.state, self.content, self.attributes, HIDDEN_CHANGED)
        )

    def _shown(self, kind: str, content: str, attributes: Attributes | None, hidden: str) -> str:
        if kind == "absent":
            return ""
        if kind == "link":
            return f"link to {content}\n"
        head = "" if self.before.attributes == self.attributes else f"# {attributes}\n"
        if kind == "directory" or self.action == "attributes":
            return head
        return head + (f"{hidden}\n" if self.entry.sensitive else shown_text(content))


def diff(path: str, before: str, after: str) -> dict[str, str]:
    """A file's text before and after, as Ansible shows them."""
    return {"before_header": path, "after_header": path, "before": before, "after": after}


@dataclass
class Plan:
    """All changes in their order, and the mount points of the volumes that are mounted here."""

    changes: list[FileChange] = field(default_factory=list)
    mounted: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Labels of the entries that change, each once."""
        return list(dict.fromkeys(change.entry.label for change in self.changes if change.entry.label))


@contextlib.contextmanager
def held_volumes(mount_points: Iterable[str]) -> Iterator[frozenset[str]]:
    """Keep the volumes at these mount points from being unmounted meanwhile; gives all mount points in use.

    A cluster may take a volume away at any moment. With a directory of it held open, its unmounting waits, or ends this
    process first; files never end up in the directory below the mount point.
    """
    with contextlib.ExitStack() as stack:
        for point in sorted(set(mount_points)):
            with contextlib.suppress(OSError):
                stack.callback(os.close, os.open(point, os.O_RDONLY | os.O_DIRECTORY))
        mounts = parse_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8"))
        yield frozenset(mount.mount_point for mount in mounts)


def plan(entries: Sequence[Entry], mounted: frozenset[str], check_mode: bool = False) -> Plan:
    """Find out what has to change.

    :param mounted: mount points in use on this node
    :param check_mode: accounts and directories that an earlier step would have made may be missing
    """
    result = Plan()
    for entry in entries:
        if entry.require_mounted is not None:
            if os.path.normpath(entry.require_mounted) not in mounted:
                continue
            if entry.require_mounted not in result.mounted:
                result.mounted.append(entry.require_mounted)
        change = compare(entry, read(entry.path), check_mode)
        if change is not None:
            result.changes.append(change)
    return result


def compare(entry: Entry, before: Present, check_mode: bool) -> FileChange | None:
    """What has to be done so that what is there becomes what is wanted; nothing if it is.

    :raises FileStateError: something of another kind is there, or the owner is to be one that does not exist
    """
    if entry.state == "absent":
        if before.kind == "directory":
            raise FileStateError(f"{entry.path} is a directory; only files and links are removed")
        return None if before.kind == "absent" else FileChange(entry, "remove", before)
    if entry.state == "link":
        if before.kind == "link" and before.content == entry.target:
            return None
        if before.kind == "directory":
            raise FileStateError(f"{entry.path} is a directory, and not replaced by a link")
        return FileChange(entry, "link", before, entry.target or "")
    if before.kind not in ("absent", entry.state):
        raise FileStateError(f"{entry.path} is a {before.kind}, and not replaced by a {entry.state}")
    attributes = _wanted_attributes(entry, before, check_mode)
    if entry.state == "directory":
        if before.kind == "absent":
            return FileChange(entry, "create", before, "", attributes)
        return None if before.attributes == attributes else FileChange(entry, "attributes", before, "", attributes)
    if entry.parameters is not None:
        content = main_cf.set_parameters(before.content, entry.parameters)
    else:
        content = entry.content or ""
    if before.kind == "absent":
        return FileChange(entry, "create", before, content, attributes)
    if before.content != content:
        return FileChange(entry, "write", before, content, attributes)
    return None if before.attributes == attributes else FileChange(entry, "attributes", before, content, attributes)


def read(path: str) -> Present:
    """What is at a path; a link is not followed.

    :raises FileStateError: neither a file, a directory nor a link
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Present("absent")
    if stat.S_ISLNK(status.st_mode):
        return Present("link", os.readlink(path))
    attributes = Attributes(_user_name(status.st_uid), _group_name(status.st_gid), stat.S_IMODE(status.st_mode))
    if stat.S_ISDIR(status.st_mode):
        return Present("directory", attributes=attributes)
    if not stat.S_ISREG(status.st_mode):
        raise FileStateError(f"{path} is neither a file, a directory nor a link")
    return Present("file", Path(path).read_bytes().decode("utf-8", "surrogateescape"), attributes)


def _wanted_attributes(entry: Entry, before: Present, check_mode: bool) -> Attributes:
    usual = before.attributes or Attributes("root", "root", 0o755 if entry.state == "directory" else 0o644)
    for name, look_up, kind in ((entry.owner, pwd.getpwnam, "user"), (entry.group, grp.getgrnam, "group")):
        if name is not None and not check_mode:
            try:
                look_up(name)
            except KeyError:
                raise FileStateError(f"{entry.path} is to belong to the unknown {kind} {name}") from None
    return Attributes(
        entry.owner or usual.owner, entry.group or usual.group, usual.mode if entry.mode is None else entry.mode
    )


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _user_number(name: str) -> int:
    return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid


def _group_number(name: str) -> int:
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid


def apply(
    changes: Sequence[FileChange],
    *,
    back_up: Callable[[str], str] = backups.keep,
    label_security: Callable[[str, str], None] = lambda _path, _final: None,
) -> list[str]:
    """Carry out the changes.

    :param back_up: copies a file and gives the copy's path
    :param label_security: gives the file at the first path the security context that belongs to the second
    :returns: paths of the copies that were kept
    """
    copies = []
    for change in changes:
        if change.entry.backup and change.before.kind == "file" and change.action in ("write", "remove", "link"):
            try:
                copies.append(back_up(change.entry.path))
            except OSError as error:
                raise FileStateError(f"{change.entry.path}: no copy of it can be kept ({error.strerror})") from error
        try:
            _apply_one(change, label_security)
        except OSError as error:
            raise FileStateError(f"{change.entry.path}: {error.strerror or error}") from error
    return copies


def undone(change: FileChange) -> FileChange:
    """What puts back what was there before a file was changed, once it has been."""
    after = Present("absent") if change.action == "remove" else Present("file", change.content, change.attributes)
    if change.before.kind == "absent":
        return FileChange(change.entry, "remove", after)
    return FileChange(change.entry, "write", after, change.before.content, change.before.attributes)


def _apply_one(change: FileChange, label_security: Callable[[str, str], None]) -> None:
    path, attributes = change.entry.path, change.attributes
    if change.action == "remove":
        os.unlink(path)
    elif change.action == "link":
        _replace_by_link(path, change.content)
    elif change.entry.state == "directory" and change.action == "create":
        Path(path).mkdir(mode=0o700)
        set_attributes(path, attributes)
        label_security(path, path)
    elif change.action == "attributes":
        set_attributes(path, attributes)
    else:
        _write(path, change.content, attributes, label_security)
        return
    directories.sync(Path(path).parent)


def _replace_by_link(path: str, target: str) -> None:
    temporary = f"{path}.new-link"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    Path(temporary).symlink_to(target)
    Path(temporary).replace(path)


def _write(path: str, content: str, attributes: Attributes | None, label_security: Callable[[str, str], None]) -> None:
    def dress(new: str) -> None:
        set_attributes(new, attributes)
        label_security(new, path)

    data = content.encode("utf-8", "surrogateescape")
    try:
        directories.replace(path, data, dress)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        # A file that is itself a mount point, such as /etc/hosts in a container, can only be written in place.
        with open(path, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        set_attributes(path, attributes)


def set_attributes(path: str, attributes: Attributes | None) -> None:
    """Give a file or a directory its owner and its permissions; nothing without attributes."""
    if attributes is None:
        return
    # The owner first: changing it may clear bits of the mode. No moment with a wider mode: it was 0600 or 0700 so far,
    # or is a file's whose content does not change.
    os.chown(path, _user_number(attributes.owner), _group_number(attributes.group))
    Path(path).chmod(attributes.mode)


def edit(path: str, change: Callable[[str], str], runner: Runner, missing: str) -> tuple[str, str]:
    """Change the text of a file that has to be there; its former version is kept beside it.

    :param change: gives the text as it is wanted
    :param missing: what to say where there is no such file
    :returns: the text before and after
    :raises FileStateError: there is no such file, or it cannot be changed so
    """
    try:
        before = runner.read_file(path)
        if before is None:
            raise FileStateError(f"{path} is missing; {missing}")
        after = change(before)
        if after != before:
            runner.replace_file(path, after, backup=True)
    except FormatError as error:
        raise FileStateError(f"{path}: {error}") from None
    except OSError as error:
        raise FileStateError(f"{path}: {error.strerror or error}") from error
    return before, after
