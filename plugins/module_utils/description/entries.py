# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles are given when they are used without a description: lists of services, volumes, addresses, instances.

What a key means is the same in all of them, so that it is judged in one place, by the rules of the description. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.shown import shape
from . import fields, secrets
from .fields import Fault
from .problems import DescriptionError, Problem

#: What each key holds, by what is wrong with a value of it.
Kinds = Mapping[str, Callable[[Any], "Fault | None"]]

_KINDS: Kinds = MappingProxyType(
    {
        "name": fields.name_fault,
        "host_name": fields.host_name_fault,
        "address": fields.address_fault,
        "mount_point": fields.mount_point_fault,
        # Whether it is a block device is for the node to say; the description wants one below /dev.
        "device": fields.path_fault,
        "volume_group": fields.volume_name_fault,
        "logical_volume": fields.volume_name_fault,
        "size": fields.size_fault,
        "mount_options": fields.text_fault,
        "home": fields.name_fault,
    }
)
#: Keys that hold several of a kind.
_LISTS: Mapping[str, str] = {"nodes": "name", "standby": "name", "devices": "device"}

#: The same of the nodes of a service.
_PLACEMENT: Kinds = {"primary": fields.name_fault, "name": fields.name_fault}
#: The same of shares of NFS, of each of which a line of fstab is made.
SHARES: Kinds = {**_KINDS, "device": fields.share_fault, "mount_options": fields.mount_options_fault}


def judge(entries: Any, key: str, required: Collection[str] = (), kinds: Kinds = _KINDS) -> list[Problem]:
    """Everything that is wrong with a list of entries; keys that mean nothing here are left to the caller.

    :param entries: what the role was given
    :param key: what to call the list in messages, such as the role's variable
    :param required: keys that each entry must have
    :param kinds: what the keys hold that mean something
    """
    problems: list[Problem] = []
    names: list[Any] = []
    for where, entry in _dictionaries(entries, key, "dictionaries", "give its keys", problems):
        name = entry.get("name")
        problems.extend(_judge_entry(entry, where, required, kinds))
        if fields.name_fault(name) is None:
            if name in names:
                problems.append(Problem(f"{where}.name", name, "is the name of another one too", "name each once"))
            names.append(name)
    return problems


def _dictionaries(
    entries: Any, key: str, items: str, remedy: str, problems: list[Problem]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Those of a list that are dictionaries, each with what to call it in messages: by its name where it has one."""
    if not isinstance(entries, Sequence) or isinstance(entries, (str, bytes)):
        problems.append(Problem(key, shape(entries), "is not a list", f"give a list of {items}"))
        return
    for index, entry in enumerate(entries):
        if isinstance(entry, Mapping):
            name = entry.get("name")
            yield f"{key}[{name if fields.name_fault(name) is None else index}]", entry
        else:
            problems.append(Problem(f"{key}[{index}]", shape(entry), "is not a dictionary", remedy))


def refuse(entries: Any, key: str, required: Collection[str] = (), kinds: Kinds = _KINDS) -> None:
    """Refuse a list of entries as a whole.

    :raises DescriptionError: with every problem of ``judge``
    """
    problems = judge(entries, key, required, kinds)
    if problems:
        raise DescriptionError(problems)


def _judge_entry(
    entry: Mapping[str, Any], where: str, required: Collection[str], kinds: Kinds = _KINDS
) -> list[Problem]:
    problems = []
    for name in required:
        if entry.get(name) is None and name not in entry:
            close = difflib.get_close_matches(name, [str(given) for given in entry], n=1)
            remedy = f"is it what you called {close[0]}?" if close and close[0] not in required else "it is required"
            problems.append(Problem(f"{where}.{name}", None, "is missing", remedy))
    for name, value in entry.items():
        if value in (None, "") and name not in required:
            continue
        if name in kinds:
            fault = kinds[name](value)
            if fault is not None:
                problems.append(Problem(f"{where}.{name}", _shown(value), *fault))
        elif name in _LISTS:
            problems.extend(_judge_list(value, f"{where}.{name}", kinds[_LISTS[name]], required=name in required))
    options = entry.get("options")
    if options is not None and not isinstance(options, Mapping):
        problems.append(Problem(f"{where}.options", shape(options), "is not a dictionary", "give a dictionary"))
    return problems


def _judge_list(value: Any, where: str, kind: Callable[[Any], Fault | None], *, required: bool) -> list[Problem]:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        return [Problem(where, _shown(value), "is not a list", "give a list")]
    if not value and required:
        return [Problem(where, [], "is empty", "name at least one")]
    if secrets.names_secret(value):
        return [Problem(where, shape(value), "has a secret in it", secrets.REMEDY)]
    problems = []
    for index, item in enumerate(value):
        fault = kind(item)
        if fault is not None:
            problems.append(Problem(f"{where}[{index}]", _shown(item), *fault))
    return problems


def _shown(value: Any) -> Any:
    """The value, as far as it has the right shape to be shown: what is a dictionary may hold anything."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value if isinstance(value, str) and len(value) <= 300 else shape(value)


def judge_services(services: Any) -> list[Problem]:
    """What is wrong with described services as far as roles that are used alone go by them."""
    problems: list[Problem] = []
    for where, service in _dictionaries(
        services, "groupware_services", "services", "give a dictionary of its keys", problems
    ):
        flat = {one: service[one] for one in ("name", "host_name") if one in service}
        problems.extend(_judge_entry(flat, where, ("name",)))
        address = service.get("address")
        fault = None if address in (None, "") else fields.service_address_fault(address)
        if fault is not None:
            problems.append(Problem(f"{where}.address", _shown(address), *fault))
        problems.extend(_judge_nodes(service.get("nodes"), f"{where}.nodes"))
        problems.extend(_judge_part(service, "storage", where, ("mount_point",)))
        problems.extend(_judge_part(service, "application", where, ()))
    return problems


def _judge_nodes(nodes: Any, where: str) -> list[Problem]:
    if not isinstance(nodes, Mapping):
        return [Problem(where, shape(nodes), "is not a dictionary", "give nodes.primary and nodes.standby")]
    standby = nodes.get("standby")
    entry = {"primary": nodes.get("primary"), "standby": [standby] if isinstance(standby, str) else standby}
    return _judge_entry(entry, where, ("primary", "standby"), _PLACEMENT)


def _judge_part(service: Mapping[str, Any], part: str, where: str, required: Collection[str]) -> list[Problem]:
    """What a service has under one key, if it has that."""
    value = service.get(part)
    if value is None:
        return []
    if not isinstance(value, Mapping):
        return [Problem(f"{where}.{part}", shape(value), "is not a dictionary", "give a dictionary")]
    judged = {key: one for key, one in value.items() if key not in ("device", "devices")}
    problems = _judge_entry(judged, f"{where}.{part}", required)
    # One text stands for a list of one.
    kind = fields.share_fault if value.get("filesystem") == "nfs" else fields.device_fault
    for key, one in ((key, value[key]) for key in ("device", "devices") if value.get(key)):
        devices = [one] if isinstance(one, str) else one
        problems += _judge_list(devices, f"{where}.{part}.{key}", kind, required=False)
    return problems
