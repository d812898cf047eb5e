# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the description of a cluster of Red Hat Cluster Suite or Veritas Cluster Server to one for Pacemaker. Pure.

Names, nodes, models, addresses and storage are said in words that all frameworks share. What a description says in the
old framework's own names is translated where it has an equivalent. Everything else is listed with its key, its value,
why it is not carried over and what to do: every native setting is either taken by a translation or listed.

Sources: the rules that clufter documents for rgmanager and Pacemaker; metadata of the agents of rgmanager and of
resource-agents 4.12; ``fencing.py`` of fence-agents 4.12; Veritas Cluster Server Bundled Agents Reference Guide;
Pacemaker Explained 2.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .cluster import migrated_cluster
from .common import Names, Notes
from .rhcs import RedHat
from .service import ServiceMigration, Source
from .vcs import Veritas

_SOURCES: Mapping[str, Source] = {"rhcs": RedHat(), "vcs": Veritas()}


class MigrationError(Failure):
    """There is no translation from the framework that the description is for."""


@dataclass(frozen=True)
class Migration:
    """The description for the new cluster, and what of the old one is not in it."""

    cluster: Mapping[str, Any]
    services: Sequence[Mapping[str, Any]]
    unexpressed: Sequence[str]


def migrated(cluster: Mapping[str, Any], services: Sequence[Mapping[str, Any]]) -> Migration:
    """Translate a description.

    :param cluster: a value for ``groupware_cluster``, as ``Framework.export`` gives it: addresses of nodes and fencing
        may be missing and are then to be added to the result
    :param services: a value for ``groupware_services``
    :raises MigrationError: it is for a framework that there is no translation from
    """
    framework = str(cluster.get("framework"))
    if framework not in _SOURCES:
        raise MigrationError(
            f"cluster.framework = {framework!r}: has no translation; those for {' and '.join(_SOURCES)} can be "
            "translated into descriptions for Pacemaker"
        )
    source = _SOURCES[framework]
    notes = Notes()
    names = Names(notes)
    translated = migrated_cluster(cluster, source.fencing_hint, names, notes)
    found = [ServiceMigration(service, source, names, notes).translated() for service in services]
    kept = [service for service in found if service is not None]
    _list_shared_scripts(kept, notes)
    return Migration(translated, kept, tuple(notes.lines))


def _list_shared_scripts(services: Sequence[Mapping[str, Any]], notes: Notes) -> None:
    """List init scripts that more than one service calls: Pacemaker does not tell a script which one it is to run."""
    calls = [
        (service["name"], member["name"], member["type"])
        for service in services
        for member in (service.get("application") or {}).get("members", ())
        if member["type"].startswith("lsb:")
    ]
    counted = Counter(call[2] for call in calls)
    for service, member, agent in calls:
        if counted[agent] > 1:
            notes.add(
                f"services[{service}].application.members[{member}].type",
                agent,
                "is called for other services too, and Pacemaker does not tell a script which service it is for",
                "write a script for each service that starts, stops and asks this one alone, and name that",
            )
