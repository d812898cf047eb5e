# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What services and resources of Pacemaker are made of, and which values mean the same. Pure.

Settings are one flat mapping: instance attributes under their own names, meta attributes and operations with what they
are in front (``meta target-role``, ``operation monitor interval``). Formats: Pacemaker Explained 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities

CAPABILITIES = Capabilities(
    framework="pacemaker",
    pattern=r"[A-Za-z_][A-Za-z0-9_.-]*",
    words="letters, digits, hyphens, dots and underscores, beginning with a letter or an underscore",
    longest=64,
    applications=("postfix_dovecot", "radicale", "haproxy", "native"),
    forms_cluster=True,
    prepares_volumes=True,
    asks_permission=False,
    registers_types=False,
    settings_on_command_lines=False,
    keeps_nodes_free=True,
)

META = "meta "
OPERATION = "operation "
TARGET_ROLE = f"{META}target-role"

VOLUME = "ocf:heartbeat:LVM-activate"
FILESYSTEM = "ocf:heartbeat:Filesystem"
ADDRESS = "ocf:heartbeat:IPaddr2"
FENCING = "stonith:"

#: The switch for fencing as a whole, under its name and the one that Pacemaker 3 has for it.
FENCING_ENABLED = ("stonith-enabled", "fencing-enabled")
WATCHDOG_TIMEOUT = ("stonith-watchdog-timeout", "fencing-watchdog-timeout")

#: Cluster options are Pacemaker's own and are compared by meaning, unlike the attributes of agents.
_CLUSTER_OPTIONS = frozenset(
    [*FENCING_ENABLED, *WATCHDOG_TIMEOUT, "stonith-action", "stonith-timeout", "symmetric-cluster"]
    + ["cluster-delay", "cluster-recheck-interval", "concurrent-fencing", "dc-deadtime", "election-timeout"]
    + ["enable-acl", "enable-startup-probes", "fence-reaction", "have-watchdog", "priority-fencing-delay"]
    + ["shutdown-escalation", "shutdown-lock", "shutdown-lock-limit", "start-failure-is-fatal", "startup-fencing"]
    + ["fencing-action", "fencing-max-attempts", "fencing-reaction", "fencing-timeout", "maintenance-mode"]
    + ["no-quorum-policy", "stop-all-resources", "stop-orphan-actions", "stop-orphan-resources"]
    + ["transition-delay", "node-pending-timeout", "stonith-max-attempts", "batch-limit", "migration-limit"]
)

OPERATION_ATTRIBUTES = frozenset(
    ["interval", "timeout", "start-delay", "interval-origin", "enabled", "record-pending", "role", "on-fail"]
)

TRUE = frozenset(["1", "on", "true", "y", "yes"])
FALSE = frozenset(["0", "off", "false", "n", "no"])
_DURATION = re.compile(r"(\d+)\s*(ms|msec|us|usec|s|sec|m|min|h|hr|)", re.IGNORECASE)
_MILLISECONDS = {"ms": 1, "msec": 1, "us": 0.001, "usec": 0.001, "": 1000, "s": 1000, "sec": 1000}
_MILLISECONDS.update({"m": 60_000, "min": 60_000, "h": 3_600_000, "hr": 3_600_000})


def joined(
    properties: Mapping[str, str],
    meta: Mapping[str, str] | None = None,
    operations: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, str]:
    """One flat mapping of instance attributes, meta attributes and operations."""
    settings = dict(properties)
    settings.update({f"{META}{name}": value for name, value in (meta or {}).items()})
    for operation, values in (operations or {}).items():
        settings.update({f"{OPERATION}{operation} {name}": value for name, value in values.items()})
    return settings


def described_member(role: str, resource_type: str, settings: Mapping[str, str | None]) -> dict[str, Any]:
    """A resource as the member of a native application, with the settings that have a value."""
    described: dict[str, Any] = {"name": role, "type": resource_type}
    for key, value in settings.items():
        if value is None:
            continue
        if key.startswith(META):
            described.setdefault("meta", {})[key[len(META) :]] = value
        elif key.startswith(OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            described.setdefault("operations", {}).setdefault(name, {})[attribute] = value
        else:
            described.setdefault("properties", {})[key] = value
    return described


def instance_attributes(settings: Mapping[str, str]) -> dict[str, str]:
    """What the agent is told, without what the cluster is."""
    return {key: value for key, value in settings.items() if not key.startswith((META, OPERATION))}


def axis_settings(kind: str, axis: str, value: bool) -> dict[str, str]:
    """Meta attributes, and the attribute of the recurring monitor."""
    text = "true" if value else "false"
    if kind == "service":
        return {f"{META}is-managed": text}
    if axis == "enabled":
        return {TARGET_ROLE: "Started" if value else "Stopped"}
    return {f"{OPERATION}monitor enabled": text}


def operational(key: str) -> bool:
    """What ``crm_resource`` and ``switchover`` set while operating."""
    return key in (TARGET_ROLE, f"{META}is-managed", f"{META}maintenance")


def same(key: str, current: str, desired: str) -> bool:
    """Instance attributes belong to the agent and are compared to the letter, all else by its meaning."""
    if not (key.startswith((META, OPERATION)) or key in _CLUSTER_OPTIONS):
        return current == desired
    return same_meaning(current, desired)


def same_meaning(one: str, other: str) -> bool:
    one, other = one.strip().lower(), other.strip().lower()
    if one == other:
        return True
    words = (TRUE | FALSE) - {"0", "1"}
    if one in words or other in words:
        return (one in TRUE and other in TRUE) or (one in FALSE and other in FALSE)
    return quantity(one) == quantity(other)


def quantity(text: str) -> str | float:
    """Scores and durations as numbers (bare numbers are seconds), all else as it stands."""
    text = text.removeprefix("+")
    if text.lstrip("-") in ("infinity", "1000000"):
        return "-infinity" if text.startswith("-") else "infinity"
    duration = _DURATION.fullmatch(text)
    return text if duration is None else float(duration[1]) * _MILLISECONDS[duration[2]]
