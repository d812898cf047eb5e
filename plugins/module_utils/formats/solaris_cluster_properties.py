# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of Solaris Cluster's Resource Group Manager: how they are spelt and what their values mean.

Names are written in any case (Sun Cluster Data Services Planning and Administration Guide, Appendix A); here each has
one spelling. So have values: lists are separated by commas as commands take them (they are printed with blanks), truth
is ``True`` or ``False``, and ``<NULL>`` is empty. Which properties may be changed when is known for the standard ones
from r_properties(5); for those that an agent brings it stands in its registration file, so that a resource is disabled
for the change unless the property is listed here.
"""

from __future__ import annotations

import re

_METHODS = [
    *"Boot Fini Init Monitor_check Monitor_start Monitor_stop Postnet_stop Prenet_start Start Stop".split(),
    *"Update Validate".split(),
]

#: Names of resources that start before this one, and without which it does not run.
DEPENDENCIES = (
    "Resource_dependencies",
    "Resource_dependencies_weak",
    "Resource_dependencies_restart",
    "Resource_dependencies_offline_restart",
)
_STANDARD = frozenset(
    [
        *DEPENDENCIES,
        *(f"{method}_timeout" for method in _METHODS),
        *"Affinity_timeout Cheap_probe_interval Conn_threshold Failover_mode Generic_affinity".split(),
        *"Global_zone_override Load_balancing_policy Load_balancing_weights Network_resources_used".split(),
        *"Port_list Pre_evict R_description Resource_project_name Retry_count Retry_interval Round_robin".split(),
        *"Scalable Thorough_probe_interval Type_version UDP_affinity Weak_affinity".split(),
    ]
)
#: What the cluster keeps for itself, wherever it prints it as a property.
_QUERY_ONLY = frozenset(
    [
        *"Monitored_switch Num_resource_restarts Num_rg_restarts On_off_switch Resource_name Resource_state".split(),
        *"Status Status_msg Type Group Resource_list RG_is_frozen RG_mode RG_name RG_state".split(),
        "Suspend_automatic_recovery",
    ]
)
_GROUP = (
    *"Auto_start_on_new_cluster Desired_primaries Failback Global_resources_used Implicit_network_dependencies".split(),
    *"Load_factors Maximum_primaries Nodelist Pathprefix Pingpong_interval Preemption_mode Priority".split(),
    *"RG_affinities RG_dependencies RG_description RG_project_name RG_SLM_CPU_SHARES RG_SLM_PSET_MIN".split(),
    *"RG_SLM_PSET_TYPE RG_SLM_TYPE RG_system".split(),
)
_TYPE = ("Installed_nodes", "RT_system")
_EXTENSION = (
    *"AffinityOn AuxNodeList CheckNameService Child_mon_level Confdir_list Failover_enabled".split(),
    *"FilesystemCheckCommand FilesystemMountPoints GlobalDevicePaths HostnameList ICS_serverroot".split(),
    *"IMS_serverroot Log_level Monitor_retry_count Monitor_retry_interval NetIfList Network_aware".split(),
    *"Probe_command Probe_timeout ServicePaths Start_command Stop_command Stop_signal Validate_command".split(),
    *"Zpools ZpoolsSearchDir".split(),
)
_NAMES = {name.lower(): name for name in (*_STANDARD, *_QUERY_ONLY, *_GROUP, *_TYPE, *_EXTENSION)}

_SETS = frozenset(
    [
        *DEPENDENCIES,
        *"AuxNodeList GlobalDevicePaths Installed_nodes NetIfList Network_resources_used Port_list".split(),
        *"RG_affinities RG_dependencies ServicePaths Zpools".split(),
    ]
)
_LISTS = _SETS | {"Confdir_list", "FilesystemMountPoints", "HostnameList", "Load_balancing_weights"}
_BOOLEANS = frozenset(
    [
        *"AffinityOn Auto_start_on_new_cluster CheckNameService Failback Failover_enabled Generic_affinity".split(),
        *"Global_zone_override Implicit_network_dependencies Network_aware Pre_evict RG_system".split(),
        *"RT_system Round_robin Scalable UDP_affinity Weak_affinity".split(),
    ]
)
#: Words of the cluster or names of hosts, in any case.
_ANY_CASE = frozenset(
    ["Failover_mode", "Global_resources_used", "HostnameList", "Load_balancing_policy", "Preemption_mode"]
)

#: Can only be set when the resource is created. The server roots are taken for such, as the configuration directories
#: of other agents are: their registration files are not public.
_AT_CREATION = frozenset(
    [
        *"Global_zone_override HostnameList ICS_serverroot IMS_serverroot Load_balancing_policy Network_aware".split(),
        "Scalable",
    ]
)
_WHEN_DISABLED = frozenset(["Cheap_probe_interval", "Port_list", "Type_version"])
_ANY_TIME = frozenset(["Log_level", "Monitor_retry_count", "Monitor_retry_interval", "Probe_timeout"])

#: What properties are unless somebody sets them, for all types of resources.
_DEFAULTS = {
    "Desired_primaries": "1",
    "Failback": "False",
    "Failover_mode": "NONE",
    "Auto_start_on_new_cluster": "True",
    "Global_resources_used": "All",
    "Implicit_network_dependencies": "True",
    "Maximum_primaries": "1",
    "Pingpong_interval": "3600",
    "RG_project_name": "default",
    "RG_system": "False",
    "Resource_project_name": "default",
    "AffinityOn": "True",
    "CheckNameService": "True",
}

_PER_NODE = re.compile(r"(?P<name>[^{]*)(?P<node>\{[^}]*\})")
_QUALIFIER = re.compile(r"\{[^}]*\}")


def canonical_name(name: str) -> str:
    """The one spelling of a property's name; that of a property which is not known here is in small letters.

    A value for one node has that node behind the name: ``Probe_timeout{phys-1}``.
    """
    per_node = _PER_NODE.fullmatch(name)
    if per_node is not None:
        return canonical_name(per_node["name"]) + per_node["node"]
    return _NAMES.get(name.lower(), name.lower())


def canonical_value(name: str, value: str) -> str:
    """The one spelling of a value of the property, given its canonical name."""
    text = value.strip()
    if text.lower() == "<null>":
        return ""
    name = _base(name)
    if name in _LISTS:
        return ",".join(split_list(text))
    if name in _BOOLEANS and text.lower() in ("true", "false"):
        return text.capitalize()
    return text


def split_list(text: str) -> list[str]:
    """The items of a list, whether it is printed with blanks or written with commas."""
    return [item for item in re.split(r"[,\s]+", text) if item]


def names_of(text: str) -> list[str]:
    """Names of the resources in a list of dependencies, without qualifiers such as ``{LOCAL_NODE}``."""
    return split_list(_QUALIFIER.sub("", text))


def same_value(name: str, one: str, other: str) -> bool:
    """Whether two values of the property, given its canonical name, mean the same."""
    one, other = canonical_value(name, one), canonical_value(name, other)
    name = _base(name)
    if name in _ANY_CASE:
        one, other = one.lower(), other.lower()
    if one == other:
        return True
    if name in _SETS:
        return sorted(split_list(one)) == sorted(split_list(other))
    if name == "FilesystemMountPoints":
        mounted, wanted = split_list(one), split_list(other)
        return sorted(mounted) == sorted(wanted) and _nesting(mounted) == _nesting(wanted)
    return False


def _nesting(mount_points: list[str]) -> list[tuple[str, str]]:
    """Pairs of which one is mounted inside the other, in their order: only among these the order matters."""
    pairs = []
    for position, first in enumerate(mount_points):
        for second in mount_points[position + 1 :]:
            if first.startswith(f"{second}/") or second.startswith(f"{first}/"):
                pairs.append((first, second))
    return sorted(pairs)


def is_extension(name: str) -> bool:
    """Whether an agent brings the property, rather than all resources having it."""
    return _base(name) not in _STANDARD


def is_query_only(name: str) -> bool:
    """Whether the property cannot be set by anybody."""
    return _base(name) in _QUERY_ONLY


def set_at_creation_only(name: str) -> bool:
    """Whether a resource has to be created again to change the property."""
    return _base(name) in _AT_CREATION


def set_when_disabled_only(name: str) -> bool:
    """Whether a resource has to be disabled to change the property."""
    name = _base(name)
    if name in _STANDARD:
        return name in _WHEN_DISABLED
    return name not in _ANY_TIME


def is_default(name: str, value: str) -> bool:
    """Whether the value is known to be what the property is unless somebody sets it."""
    return canonical_value(name, value) == "" or (name in _DEFAULTS and same_value(name, value, _DEFAULTS[name]))


def _base(name: str) -> str:
    return name.partition("{")[0]
