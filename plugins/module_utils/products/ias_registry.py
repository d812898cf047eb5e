# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and values of the iPlanet registry, in a file of one machine or in the directory that all servers share."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import (
    DescriptionError,
    Problem,
    Problems,
    refuse,
)
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import registry, registry_ldif
from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import (
    INTEGER,
    Change,
    Path,
    Registry,
    Request,
    Value,
    contains,
    differences,
    folded,
    parse_path,
    show_path,
    wanted,
)
from . import ias_synchronizer

#: What an integer of the registry can hold.
_INTEGERS = range(-(2**31), 2**32)
#: Exit status of the directory's tools when there is no such entry (RFC 4511).
_NO_SUCH_OBJECT = 32


def _read(runner: Runner, key: str, file: str) -> str | None:
    try:
        return runner.read_file(file)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise DescriptionError(
            [Problem(key, file, reason, "name a file that the one who runs this can read")]
        ) from None


@dataclass
class FileStore:
    """Keys in a file of this machine, in the text format of formats/registry.py."""

    runner: Runner
    file: str

    def read(self, paths: Sequence[Path]) -> Registry:  # noqa: ARG002 - the whole file is read at once
        """At least these keys, as far as they are there, with all that is in them."""
        self._text = _read(self.runner, "file", self.file)
        directory = os.path.dirname(self.file)
        if self._text is None and not os.path.isdir(directory):
            remedy = "install the server first, or correct the path"
            raise DescriptionError([Problem("file", self.file, f"there is no directory {directory}", remedy)])
        return registry.parse(self._text or "", self.file)

    def write(self, target: Registry, changes: Sequence[Change]) -> None:  # noqa: ARG002 - the text tells them
        """Carry out the changes that lead to the target."""
        try:
            self.runner.replace_file(self.file, registry.edit(self._text or "", target), backup=True)
        except OSError as error:
            raise CommandError(["write", self.file], str(error)) from None


@dataclass
class DirectoryStore:
    """Keys in a directory server, which is reached with OpenLDAP's ldapsearch and ldapmodify."""

    runner: Runner
    uri: str
    base: str
    base_path: Path
    bind_dn: str
    password_file: str

    def read(self, paths: Sequence[Path]) -> Registry:
        """See FileStore.read."""
        self._judge(paths)
        # A directory may hold thousands of other keys.
        tops = {folded(path)[len(self.base_path)]: path[len(self.base_path)] for path in paths}
        printed = []
        for top in tops.values():
            found = self._search(registry_ldif.distinguished_name([top], self.base), "sub")
            if found is None and self._search(self.base, "base") is None:
                remedy = "create that entry, or correct the name"
                raise DescriptionError([Problem("directory.base", self.base, "is no entry of the directory", remedy)])
            printed.append(found or "")
        try:
            return registry_ldif.read("\n".join(printed), self.base, self.base_path)
        except FormatError as error:
            raise CommandError(["ldapsearch", "-H", self.uri], f"printed what cannot be used: {error}") from None

    def write(self, target: Registry, changes: Sequence[Change]) -> None:  # noqa: ARG002 - the changes say all
        """See FileStore.write."""
        text = registry_ldif.render(changes, self.base, self.base_path)
        self.runner.run(["ldapmodify", *self._bind()], stdin=text)

    def _search(self, base: str, scope: str) -> str | None:
        """What is printed of an entry and those below it, or None if there is no such entry."""
        command = ["ldapsearch", *self._bind(), "-LLL", "-o", "ldif-wrap=no", "-b", base, "-s", scope]
        answer = self.runner.run(
            [*command, "(objectClass=*)", registry_ldif.ATTRIBUTE], accept=(0, _NO_SUCH_OBJECT), record=False
        )
        return answer.stdout if answer.status == 0 else None

    def _bind(self) -> list[str]:
        return ["-x", "-H", self.uri, "-D", self.bind_dn, "-y", self.password_file]

    def _judge(self, paths: Sequence[Path]) -> None:
        problems = Problems(
            Problem("path", show_path(path), f"is not in {show_path(self.base_path)}", "keep it in a file instead")
            for path in paths
            if len(path) <= len(self.base_path) or not contains(self.base_path, path)
        )
        try:
            registry_ldif.name_parts(self.base)
        except FormatError as error:
            problems.add("directory.base", self.base, str(error), "write one, such as cn=iAS,o=example")
        password = _read(self.runner, "directory.password_file", self.password_file)
        if password is None:
            remedy = "write the password into it, readable for its owner alone, and remove it afterwards"
            problems.add("directory.password_file", self.password_file, "is not there", remedy)
        elif password.endswith("\n"):
            remedy = "write it without a new line: the directory's tools take all of the file for the password"
            problems.add("directory.password_file", self.password_file, "ends with a new line", remedy)
        refuse(problems)


Store = Union[FileStore, DirectoryStore]


def converge(store: Store, requests: Sequence[Request], purge: Sequence[Path], runner: Runner) -> dict[str, Any]:
    """Bring a registry into the wanted state; what a module returns of it.

    :raises DescriptionError: the wanted state is none that a cluster can have, or a file cannot be read
    :raises CommandError: a command failed, or the registry is not as wanted afterwards
    """
    paths = [*(request.path for request in requests), *purge]
    current = store.read(paths)
    target = wanted(current, requests, purge)
    refuse(judge_clusters(target, paths))
    changes = differences(current, target)
    if changes:
        store.write(target, changes)
        if not runner.dry and (left := differences(store.read(paths), target)):
            first = left[0].as_dict()
            raise CommandError(["registry"], f"{first['path']} is not as it was written: somebody else changes it too")
    return {
        "changed": bool(changes),
        "changes": [change.as_dict() for change in changes],
        "data_changed": any(one.before and one.value and one.before.data != one.value.data for one in changes),
        "data_type_changed": any(one.before and one.value and one.before.type != one.value.type for one in changes),
        "diff": {"before": current.render(paths), "after": target.render(paths)},
    }


# -- what a module is given -------------------------------------------------------------------------------------------


def parse_requests(options: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[Request]:
    """What is wanted, each with ``path``, ``name``, ``data``, ``type``, ``state`` and ``delete_key``.

    :param keys: what each is called in messages, with a dot at its end if it is not empty
    :raises DescriptionError: with every problem
    """
    problems = Problems()
    requests = [_request(one, key, problems) for one, key in zip(options, keys)]
    refuse(problems)
    return requests


def parse_paths(texts: Sequence[str], key: str) -> list[Path]:
    """Paths of keys.

    :raises DescriptionError: with every one that is none
    """
    problems = Problems()
    paths = [_path(text, f"{key}[{index}]", problems) for index, text in enumerate(texts)]
    refuse(problems)
    return paths


def _path(text: str, key: str, problems: Problems) -> Path:
    try:
        return parse_path(text)
    except ValueError as error:
        problems.add(key, text, f"is no path: {error}", f"write it like {show_path(ias_synchronizer.CLUSTERS)}")
        return ()


def _request(given: Mapping[str, Any], key: str, problems: Problems) -> Request:
    path = _path(given["path"], f"{key}path", problems)
    name, data = given["name"], given["data"]
    if given["state"] == "absent":
        if data is not None:
            problems.add(f"{key}data", data, "does not go with state absent", "leave it out")
        if name is None and not given["delete_key"]:
            return Request(path, "", present=False)
        return Request(path, name, present=False)
    if data is None and name is None:
        return Request(path)
    if data is None:
        problems.add(f"{key}data", data, f"is missing for the value {name}", "give it")
        return Request(path)
    if "\0" in f"{name}{data}":
        problems.add(f"{key}data", data, "has a character that no value can have", "leave it out")
    value = Value(name or "", given["type"], _datum(given["type"], data, f"{key}data", problems))
    return Request(path, value.name, value)


def _datum(kind: str, data: Any, key: str, problems: Problems) -> str:
    if isinstance(data, (bool, list, dict, float)):
        problems.add(key, data, f"is no {kind}", "put it in quotes if it is a string")
        return ""
    if kind != INTEGER:
        return str(data)
    text = str(data).strip()
    if not re.fullmatch(r"-?[0-9]+", text) or int(text) not in _INTEGERS:
        remedy = "give a whole number, or make its type string"
        problems.add(key, data, "is no integer of 32 bits", remedy)
        return "0"
    return str(int(text))


# -- clusters ---------------------------------------------------------------------------------------------------------


def judge_clusters(target: Registry, paths: Sequence[Path]) -> list[Problem]:
    """What is wrong with the clusters among these keys, as they will be."""
    problems = Problems()
    touched = {
        folded(path)[len(ias_synchronizer.CLUSTERS)]
        for path in paths
        if len(path) > len(ias_synchronizer.CLUSTERS) and contains(ias_synchronizer.CLUSTERS, path)
    }
    for cluster in target.subkeys(ias_synchronizer.CLUSTERS):
        if cluster.path[-1].casefold() in touched:
            problems.extend(_judge_cluster(target, cluster))
    return problems


def _judge_cluster(target: Registry, cluster: registry.Key) -> list[Problem]:
    problems = Problems()
    numbers: dict[str, int] = {}
    for name in ias_synchronizer.PARAMETERS:
        value = cluster.values.get(name.casefold())
        if value is not None:
            key = f"{show_path(cluster.path)}\\{name}"
            problems.extend(_judge_type(key, value) or ias_synchronizer.judge_parameter(key, name, int(value.data)))
            numbers[name] = int(value.data) if value.type == INTEGER else 0
    servers = target.key((*cluster.path, ias_synchronizer.SYNC_SERVERS))
    if servers is None:
        return problems
    priorities: dict[str, str] = {}
    for value in servers.values.values():
        key = f"{show_path(servers.path)}\\{value.name}"
        problems.extend(ias_synchronizer.judge_registry_name(key, value.name))
        problems.extend(_judge_type(key, value) or ias_synchronizer.judge_priority(key, int(value.data)))
        other = priorities.setdefault(value.data, value.name)
        if other != value.name:
            remedy = "give each server a priority of its own"
            problems.add(key, value.data, f"is the priority of {other} too", remedy)
    key = f"{show_path(cluster.path)}\\MaxBackups"
    default = ias_synchronizer.PARAMETERS["MaxBackups"][0]
    max_backups = numbers.get("MaxBackups", default)
    problems.extend(ias_synchronizer.judge_max_backups(key, max_backups, len(servers.values)))
    return problems


def _judge_type(key: str, value: Value) -> list[Problem]:
    if value.type == INTEGER:
        return []
    return [Problem(key, value.data, f"is a {value.type}", "give it the type integer")]
