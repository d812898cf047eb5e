# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users that verify logs in with: what is wrong with how they are given, without any of the values. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.module_utils.shown import key_name, shape
from ansible_collections.groupware.ha.plugins.module_utils.spelling import nearest

#: What verify_credentials has for each service, and how it is given.
_LOG_IN = ("user", "password")
_LOGGING_IN = [name for name, application in APPLICATIONS.items() if application.logs_in]
_CREDENTIALS = "give {SERVICE: {user: NAME, password: PASSWORD}}"


def faults(credentials: Any, services: Sequence[Any]) -> Iterator[str]:
    """What is wrong with verify_credentials, without any of its values: they are passwords."""
    if not isinstance(credentials, Mapping):
        yield f"verify_credentials: is {shape(credentials)}, not a mapping; {_CREDENTIALS}"
        return
    names = [
        str(service.get("name"))
        for service in services
        if isinstance(service, Mapping) and (service.get("application") or {}).get("type") in _LOGGING_IN
    ]
    for number, (name, entry) in enumerate(credentials.items(), start=1):
        if name not in names:
            # A name that is none of ours may be anything, even a password.
            yield f"verify_credentials: entry {number} is for no mail service; there are: {', '.join(names) or 'none'}"
        elif not isinstance(entry, Mapping):
            yield f"verify_credentials.{name}: is {shape(entry)}, not a mapping; {_CREDENTIALS}"
        else:
            for fault in _log_in(entry):
                yield f"verify_credentials.{name}.{fault}"


def _log_in(entry: Mapping[Any, Any]) -> Iterator[str]:
    """What is wrong with a user and password; a key that was misspelt is not missing as well."""
    meant = {name: nearest(str(name), [one for one in _LOG_IN if one not in entry]) for name in entry}
    for name, value in entry.items():
        if name not in _LOG_IN:
            words = f"did you mean {meant[name]}?" if meant[name] else f"give {' and '.join(_LOG_IN)}"
            yield f"{key_name(name, _LOG_IN)}: is not known; {words}"
        elif value is None or value == "":
            yield f"{name}: is empty; give a text in quotes"
        # Before 2.19 Ansible hands a value of a vault over as an object that is a text only to modules.
        elif not isinstance(value, str) and not getattr(value, "__ENCRYPTED__", False):
            kind = "a boolean" if isinstance(value, bool) else shape(value)
            yield f"{name}: is {kind}, not a text; give a text in quotes"
    for name in _LOG_IN:
        if name not in entry and name not in meant.values():
            yield f"{name}: is missing; {_CREDENTIALS}"
