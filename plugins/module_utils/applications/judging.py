# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the services that run an application are judged, with what its role is told of them. Pure.

Apart from the registry, since only the controller judges: what this imports need not be brought to any node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.products import (
    calendar_instances,
    haproxy,
    messaging_instances,
    postfix_dovecot,
    radicale,
)
from . import scalix_instances
from .instances import instances_of


@dataclass(frozen=True)
class Judge:
    """What judges the services of one application.

    ``judge`` gets the services as the role takes them, and then the value of each of the role's ``variables``, None
    where the inventory does not define it. It raises DescriptionError with everything that is wrong.
    """

    judge: Callable[..., object]
    variables: tuple[str, ...] = ()


def _postfix_dovecot(instances: Sequence[Mapping[str, Any]], users: Any, passwords: Any) -> None:
    postfix_dovecot.parse_instances(instances, {} if users is None else users, passwords)


def _radicale(instances: Sequence[Mapping[str, Any]], users: Any) -> None:
    radicale.parse_instances(instances, users)


def _haproxy(instances: Sequence[Mapping[str, Any]]) -> None:
    haproxy.parse_instances(instances)


def _messaging_server(instances: Sequence[Mapping[str, Any]], settings: Any, states: Any, secrets: Any) -> None:
    messaging_instances.complete(instances, settings or {}, states or {}, (), secrets or {})


def _calendar_server(instances: Sequence[Mapping[str, Any]], file_systems: Any, directory: Any) -> None:
    calendar_instances.complete(instances, file_systems or (), None, directory or {})


JUDGES: Mapping[str, Judge] = {
    "postfix_dovecot": Judge(_postfix_dovecot, ("postfix_dovecot_users", "postfix_dovecot_relay_passwords")),
    "radicale": Judge(_radicale, ("radicale_users",)),
    "haproxy": Judge(_haproxy),
    "messaging_server": Judge(
        _messaging_server, ("messaging_server_settings", "messaging_server_states", "messaging_server_secrets")
    ),
    "calendar_server": Judge(_calendar_server, ("calendar_server_63_file_systems", "calendar_server_63_directory")),
    "scalix": Judge(scalix_instances.judged_instances),
}
#: All variables that any of them wants to see.
VARIABLES = tuple(name for judge in JUDGES.values() for name in judge.variables)


def problems_of(services: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with the applications of one cluster.

    :param services: the value of ``groupware_services``, which is well by itself
    :param variables: what the cluster's hosts have of ``VARIABLES``
    """
    found: list[Problem] = []
    for name in dict.fromkeys((service.get("application") or {}).get("type") for service in services):
        judge = JUDGES.get(str(name))
        if judge is None:
            continue
        try:
            judge.judge(instances_of(services, str(name)), *(variables.get(variable) for variable in judge.variables))
        except DescriptionError as error:
            found += error.problems
    return found
