# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances of Messaging Server as they are described: judged, and completed with what follows from the description.

Programs are on the node, or on the service's volume; a directory tells which. Pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionary_of, refuse_secrets
from ansible_collections.groupware.ha.plugins.module_utils.errors import FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats.messaging_options import check_name, option_text
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape

#: The directory that commpkg makes below INSTALLROOT.
PROGRAMS_DIRECTORY = "messaging64"
_SETTINGS = ("server_root", "data_root", "configuration", "options")
_CONFIGURATIONS = ("unified", "legacy")


def complete(
    instances: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    states: Mapping[str, Mapping[str, Any]] | None = None,
    accounts: Sequence[str] = (),
    secrets: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The instances with all that is known of them, but no secret.

    :param instances: of the filter ``instances``
    :param settings: by instance, what the role is told besides
    :param states: by instance, the answers to configure
    :param accounts: the user and the group that it runs as, whose ids are the same on all nodes
    :param secrets: by instance, options whose values are secret
    :raises DescriptionError: with every problem
    """
    entries.refuse(instances, "messaging_server_instances", ("name", "host_name", "address", "mount_point", "nodes"))
    problems = Problems()
    if accounts and accounts[0] == "root":
        reason = "Messaging Server must not run as root"
        problems.add("messaging_server_user", "root", reason, "use a user of its own, such as mailsrv")
    names = [instance["name"] for instance in instances]
    settings, states, secrets = (
        {name: dictionary_of(one, f"{variable}.{key_name(name)}", problems) for name, one in given.items()}
        for variable, given in (
            ("messaging_server_settings", dictionary_of(settings, "messaging_server_settings", problems)),
            ("messaging_server_states", dictionary_of(states, "messaging_server_states", problems)),
            ("messaging_server_secrets", dictionary_of(secrets, "messaging_server_secrets", problems)),
        )
    )
    by_instance = (
        ("messaging_server_settings", settings),
        ("messaging_server_states", states),
        ("messaging_server_secrets", secrets),
    )
    for variable, values in by_instance:
        for name in values:
            if name not in names:
                known = ", ".join(names) or "none is described"
                problems.add(
                    f"{variable}.{key_name(name, names)}", HIDDEN, "is not an instance", f"use one of: {known}"
                )
    found = [_complete(instance, settings.get(instance["name"]) or {}, problems) for instance in instances]
    for one in found:
        _judge_state(one, states.get(one["name"]), accounts, problems)
        _judge_secrets(one, secrets.get(one["name"]) or {}, problems)
    _judge_together(found, problems)
    refuse(problems)
    return found


def _complete(instance: Mapping[str, Any], given: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    name, mount_point = instance["name"], instance["mount_point"].rstrip("/")
    key = f"messaging_server_settings.{name}"
    for unknown in [setting for setting in given if setting not in _SETTINGS]:
        problems.add(
            f"{key}.{key_name(unknown)}",
            shape(given[unknown]),
            "is not a setting",
            f"use one of {', '.join(_SETTINGS)}",
        )
    refuse_secrets(given.get("options"), f"{key}.options", problems)
    described = (instance.get("options") or {}).get("server_root")
    server_root = str(given.get("server_root") or described or f"{mount_point}/{PROGRAMS_DIRECTORY}").rstrip("/")
    data_root = str(given.get("data_root") or f"{mount_point}/data").rstrip("/")
    configuration = given.get("configuration", "unified")
    if described is not None and server_root != described.rstrip("/"):
        problems.add(f"{key}.server_root", server_root, f"the service's application has {described}", "give it once")
    # Programs that are installed already may be elsewhere, as those of older releases are.
    if not server_root.startswith("/") or posixpath.normpath(server_root) != server_root:
        remedy = f"give one, as in /opt/mail1/{PROGRAMS_DIRECTORY}"
        problems.add(f"{key}.server_root", server_root, "is not an absolute path", remedy)
    if not _is_below(data_root, mount_point):
        reason = f"is not below {mount_point}, so that it would not fail over"
        problems.add(f"{key}.data_root", data_root, reason, f"use a directory such as {mount_point}/data")
    if _is_below(server_root, data_root) or _is_below(data_root, server_root) or server_root == data_root:
        reason = "programs and data would be in each other's directory"
        problems.add(f"{key}.server_root", server_root, reason, "give them directories beside each other")
    if configuration not in _CONFIGURATIONS:
        remedy = f"use one of {', '.join(_CONFIGURATIONS)}"
        problems.add(f"{key}.configuration", configuration, "is not a kind of configuration", remedy)
    options = dictionary_of(given.get("options"), f"{key}.options", problems)
    for option, value in options.items():
        try:
            check_name(option)
            if value is not None:
                option_text(option, value)
        except FormatError as error:
            problems.add(f"{key}.options.{key_name(option)}", shape(value), str(error), "write it as msconfig shows it")
    return {
        **{name: instance[name] for name in ("name", "host_name", "address", "nodes")},
        "mount_point": mount_point,
        "server_root": server_root,
        "data_root": data_root,
        "configuration": configuration,
        "options": dict(options),
        "shared": _is_below(server_root, mount_point),
    }


def _judge_state(
    instance: Mapping[str, Any],
    state: Mapping[str, Any] | None,
    accounts: Sequence[str],
    problems: Problems,
) -> None:
    """Names of answers are the product's; what must be among them is known all the same."""
    if state is None:
        return
    key = f"messaging_server_states.{instance['name']}"
    values = [str(value) for value in state.values()]
    if instance["host_name"].lower() not in [value.lower() for value in values]:
        problems.add(
            key,
            HIDDEN,
            f"no answer is {instance['host_name']}, the logical host name",
            "answer the question for the fully qualified host name with it, not with that of a node",
        )
    if not any(value.rstrip("/") == instance["data_root"] for value in values):
        problems.add(
            key,
            HIDDEN,
            f"no answer is {instance['data_root']}, so that the data would not be on the service's volume",
            "answer the question for the configuration and data directory with it, or set data_root",
        )
    for kind, account in zip(("user", "group"), accounts):
        if account not in values:
            reason = f"no answer is {account}, the {kind} whose id is the same on all nodes"
            remedy = f"answer the question for the {kind} with it, or set messaging_server_{kind}"
            problems.add(key, HIDDEN, reason, remedy)


def _judge_secrets(instance: Mapping[str, Any], secrets: Mapping[str, Any], problems: Problems) -> None:
    for option, value in secrets.items():
        key = f"messaging_server_secrets.{instance['name']}.{option}"
        try:
            check_name(option)
            option_text(option, value)
        except FormatError as error:
            key = f"messaging_server_secrets.{instance['name']}.{key_name(option)}"
            problems.add(key, HIDDEN, str(error), "write it as msconfig shows it")
        if option in instance["options"]:
            remedy = "leave it out there"
            problems.add(key, HIDDEN, "is among the options that are not secret too", remedy)


def _judge_together(instances: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    for position, one in enumerate(instances):
        key = f"messaging_server_settings.{one['name']}.server_root"
        for other in instances[:position]:
            if one["server_root"] == other["server_root"]:
                reason = f"is that of {other['name']} too: two instances on one node would get in each other's way"
                problems.add(key, one["server_root"], reason, "give each instance a directory of its own")
        for other in instances:
            if other is not one and _is_below(one["server_root"], other["mount_point"]):
                reason = f"is on the volume of {other['name']}, which fails over by itself"
                problems.add(key, one["server_root"], reason, "use the node's disk or its own volume")


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(f"{directory}/")
