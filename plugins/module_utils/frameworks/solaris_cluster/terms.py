# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What services and resources of Solaris Cluster are made of. Pure.

Settings are properties, in the spelling of ``formats.solaris_cluster_properties``. What is no property has its own
keys, which cannot be set as properties: ``managed`` of a service; ``enabled`` and ``monitored`` of a resource. A type's
version is the property ``Type_version`` of its resources, so that types are compared without one unless somebody gives
it. The placement of a service is its ``Nodelist``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import Resource
from ansible_collections.groupware.ha.plugins.module_utils.formats.solaris_cluster_properties import (
    canonical_name,
    canonical_value,
    same_value,
)

MANAGED = "managed"
ENABLED = "enabled"
MONITORED = "monitored"
AXES = frozenset([MANAGED, ENABLED, MONITORED])

LOGICAL_HOST_NAME = "SUNW.LogicalHostname"
SHARED_ADDRESS = "SUNW.SharedAddress"
STORAGE = "SUNW.HAStoragePlus"
_OLD_STORAGE = "SUNW.HAStorage"
ADDRESS_TYPES = (LOGICAL_HOST_NAME, SHARED_ADDRESS)
STORAGE_TYPES = (STORAGE, _OLD_STORAGE)
#: Where registration files of resource types are: of the product, of agents.
REGISTRATION_DIRECTORIES = ("/usr/cluster/lib/rgm/rtreg", "/opt/cluster/lib/rgm/rtreg")

CAPABILITIES = Capabilities(
    framework="solaris_cluster",
    pattern=r"[A-Za-z][A-Za-z0-9_-]*",
    words="letters, digits, hyphens and underscores, beginning with a letter",
    longest=255,
    filesystems=("ufs", "zfs", "vxfs"),
    applications=("messaging_server", "calendar_server", "native"),
    types={"messaging_server": "SUNW.ims", "calendar_server": "SUNW.scics"},
    own_fencing=True,
    devices_required=False,
    storage_keys=("zpool", "global"),
    empty_services=True,
)


def truth(value: bool) -> str:
    return "true" if value else "false"


def is_true(text: str) -> bool:
    """Whether a switch is on; one that is on for some nodes only counts as off."""
    return text.strip().lower() in ("true", "yes", "on", "1")


def spelt_out(properties: Mapping[str, str]) -> dict[str, str]:
    """Properties in their one spelling; switches as they are."""
    spelt = {}
    for key, value in properties.items():
        name = key if key in AXES else canonical_name(key)
        spelt[name] = value if name in AXES else canonical_value(name, value)
    return spelt


def same(key: str, current: str, desired: str) -> bool:
    """Whether two values mean the same: properties by their meaning, switches by theirs."""
    if key in AXES:
        return is_true(current) == is_true(desired)
    return same_value(key, current, desired)


def without_axes(settings: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in settings.items() if key not in AXES}


def split_type(name: str) -> tuple[str, str]:
    """A type's name and its version, which is empty where the name has none."""
    base, _colon, version = name.partition(":")
    return base, version


def in_order(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Host names, storage, the rest: a group has no order of its own, so that this one must depend on nothing else."""

    def rank(resource: Resource) -> tuple[int, str]:
        kinds = (ADDRESS_TYPES, STORAGE_TYPES)
        return next((place for place, kind in enumerate(kinds) if resource.type in kind), len(kinds)), resource.name

    return tuple(sorted(resources, key=rank))


def native_resource(name: str, resource_type: str, settings: Mapping[str, str]) -> Resource:
    base, version = split_type(resource_type)
    spelt = {ENABLED: "true", **({"Type_version": version} if version else {}), **spelt_out(settings)}
    if base in ADDRESS_TYPES and not spelt.get("HostnameList"):
        # As the commands have it: without a host name, the name of the resource is one.
        spelt["HostnameList"] = name
    return Resource(name, base, spelt)
