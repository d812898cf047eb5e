# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of Calendar Server as they are described: judged, and completed with what follows from the description.

Each instance has an installation of its own, since an installation has one configuration. It is on the nodes' disks, or
on a shared file system, so that all nodes have the same one; the file systems tell which. Pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    dictionaries_of,
    dictionary_of,
    refuse_secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats.vfstab import edit, file_system
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape

#: Where the manual puts what the configuration program asks for, below the shared directory (6.6.3, 6.7.2, 6.7.3).
_DIRECTORIES = {
    "config": "config",
    "database": "csdb",
    "attachment_store": "store",
    "logs": "logs",
    "temporary_files": "tmp",
    "archive": "csdb/archive",
    "hot_backup": "csdb/hotbackup",
}
#: What the configuration program cannot do without, and has no usual value.
_ANSWERS = (
    *("ldap_host", "base_dn", "directory_manager_password"),
    *("administrator_password", "administrator_email", "smtp_host"),
)
_DIRECTORY = ("server_root", "instance", "password")
#: What the module vfstab takes.
_FILE_SYSTEM = (
    *("mount_point", "state", "kind", "device", "fsck_device"),
    *("filesystem", "fsck_pass", "mount_at_boot", "options"),
)


def complete(
    instances: Sequence[Mapping[str, Any]],
    file_systems: Sequence[Mapping[str, Any]] = (),
    answers: Mapping[str, Any] | None = None,
    directory: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The instances with all that is known of them, but no secret.

    :param instances: of the filter ``instances``
    :param file_systems: the entries of vfstab, as the module takes them
    :param answers: what the configuration program is told; none to judge none, where a state file has its own
    :param directory: the directory server to prepare, or empty
    :raises DescriptionError: with every problem
    """
    entries.refuse(instances, "calendar_server_63_instances", ("name", "host_name", "address", "mount_point", "nodes"))
    problems = Problems()
    file_systems = dictionaries_of(file_systems, "calendar_server_63_file_systems", problems)
    answers = None if answers is None else dictionary_of(answers, "calendar_server_63_answers", problems)
    directory = dictionary_of(directory, "calendar_server_63_directory", problems)
    refuse_secrets(file_systems, "calendar_server_63_file_systems", problems)
    shared = _judge_file_systems(file_systems, problems)
    shared.update(instance["mount_point"] for instance in instances)
    found = [_complete(instance, shared, problems) for instance in instances]
    _judge_together(found, problems)
    if instances and answers is not None:
        _judge_texts("calendar_server_63_answers", answers, _ANSWERS, problems)
    _judge_texts("calendar_server_63_directory", directory, _DIRECTORY if directory else (), problems)
    refuse(problems)
    return found


def _judge_file_systems(given: Sequence[Mapping[str, Any]], problems: Problems) -> set[str]:
    """The mount points of the file systems that are not a node's own."""
    entries, shared = [], set()
    for index, one in enumerate(given):
        key = f"calendar_server_63_file_systems[{index}]"
        for unknown in [name for name in one if name not in _FILE_SYSTEM]:
            reason = "is nothing that groupware.ha.vfstab takes"
            problems.add(f"{key}.{key_name(unknown)}", shape(one[unknown]), reason, f"use {', '.join(_FILE_SYSTEM)}")
        if one.get("state", "present") == "absent":
            continue
        missing = [name for name in ("mount_point", "device") if not one.get(name)]
        if missing:
            problems.add(f"{key}.{missing[0]}", None, "is missing", "give it")
            continue
        try:
            entry = file_system({"kind": "failover", "fsck_pass": "2", "options": ["logging"], **_as_module_takes(one)})
            entries.append(entry)
            edit("", entries)
        except FormatError as error:
            reason, _semicolon, remedy = str(error).partition("; ")
            problems.add(key, dict(one), reason, remedy or "see groupware.ha.vfstab")
            continue
        if one.get("kind") != "local":
            shared.add(entry.mount_point)
    return shared


def _as_module_takes(one: Mapping[str, Any]) -> dict[str, Any]:
    """Lists and switches may be written as texts, which a module's options allow."""
    taken = dict(one)
    if isinstance(taken.get("options"), str):
        taken["options"] = taken["options"].split(",")
    if isinstance(taken.get("mount_at_boot"), str):
        taken["mount_at_boot"] = taken["mount_at_boot"].lower() in ("yes", "true", "on", "1", "y", "t")
    return taken


def _complete(instance: Mapping[str, Any], shared: set[str], problems: Problems) -> dict[str, Any]:
    name, host_name, mount_point = instance["name"], instance["host_name"], instance["mount_point"]
    key = f"calendar_server_63_instances.{name}"
    server_root = str((instance.get("options") or {}).get("server_root") or "")
    if "." not in host_name.strip("."):
        reason = "is not fully qualified, as service.http.calendarhostname has to be"
        problems.add(f"{key}.host_name", host_name, reason, "give it with its domain")
    if not server_root.startswith("/") or posixpath.normpath(server_root) != server_root:
        reason = "is not the path of an installation"
        remedy = "give the directory that has sbin/csconfigurator.sh, such as /opt/SUNWics5/cal"
        problems.add(f"{key}.options.server_root", server_root, reason, remedy)
    directories = {key: posixpath.join(mount_point, below) for key, below in _DIRECTORIES.items()}
    return {
        **{key: value for key, value in instance.items() if key != "options"},
        "server_root": server_root,
        "directories": directories,
        "config_directory": directories["config"],
        "shared_installation": any(server_root.startswith(f"{point}/") for point in shared),
        "parameters": _parameters(host_name, instance["address"]),
    }


def _parameters(host_name: str, address: str) -> dict[str, str]:
    """What binds an instance to its logical address, in ics.conf (6.6.3, 6.7.3)."""
    short = host_name.partition(".")[0]
    return {
        "local.server.ha.enabled": "yes",
        "local.server.ha.agent": "SUNWscics",
        "service.http.listenaddr": address,
        "local.hostname": short,
        "local.servername": short,
        "service.ens.host": short,
        "service.http.calendarhostname": host_name,
        "local.autorestart": "yes",
        "service.listenaddr": address,
    }


def _judge_together(found: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    owners: dict[str, str] = {}
    for instance in found:
        owner = owners.setdefault(instance["server_root"], instance["name"])
        if owner != instance["name"]:
            reason = f"is the installation of {owner} too, and an installation has one configuration"
            remedy = "install Calendar Server in a directory for each calendar"
            key = f"calendar_server_63_instances.{instance['name']}.options.server_root"
            problems.add(key, instance["server_root"], reason, remedy)


def _judge_texts(variable: str, given: Mapping[str, Any], required: Sequence[str], problems: Problems) -> None:
    """What is given has to be there, and in one line; what it is is not shown, since it may be a password."""
    for name in required:
        if not given.get(name):
            problems.add(f"{variable}.{name}", None, "is missing", "give it")
    for name, value in given.items():
        if isinstance(value, (Mapping, list)):
            problems.add(f"{variable}.{key_name(name)}", shape(value), "is not a text", "give a text")
        elif not str(value).isprintable():
            problems.add(f"{variable}.{key_name(name)}", HIDDEN, "is more than one line", "give it in one")
