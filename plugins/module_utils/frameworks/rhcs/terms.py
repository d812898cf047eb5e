# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, rules, the settings that are no attributes in cluster.conf, and what settings mean. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities, Member
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import is_secret
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf

DOMAIN = "domain "
OPERATION = "operation "
#: The key of a fencing device with the options that fence a node with it: ``node nodea``.
NODE_KEY = "node "
REQUIRES = "requires"
MANAGED = "managed"
IN_EFFECT = "in effect"
#: What ``in effect`` is to be for a service that has no application yet.
INSTALLING = "true, for the installation"

#: Elements whose attributes are properties of the cluster that a description may set.
PROPERTY_ELEMENTS = ("rm", "fence_daemon", "totem", "quorumd", "dlm", "group", "logging")
#: What the installation of the cluster has set; shown and exported.
CLUSTER_NAME, CLUSTER_NODES = "cluster.name", "cluster.nodes"
PROPERTY = re.compile(rf"({'|'.join(PROPERTY_ELEMENTS)})\.[A-Za-z_][A-Za-z0-9_]*")

CAPABILITIES = Capabilities(
    framework="rhcs",
    pattern=r"[A-Za-z0-9_.:-]+",
    words="letters, digits, hyphens, dots and underscores",
    # rgmanager keeps service:NAME in 64 bytes.
    longest=55,
    filesystems=("ext3", "ext4", "xfs"),
    applications=("scalix", "native"),
    storage_keys=("exclusive",),
    prepares_volumes=True,
    moves_volume_groups=False,
    asks_permission=False,
    registers_types=False,
    settings_on_command_lines=False,
)

CLUSTER_CONF = "/etc/cluster/cluster.conf"
#: Prints which version of its configuration the cluster runs, and with ``-r`` has it take another.
VERSION = ("cman_tool", "version")
#: Seconds that rgmanager takes to show, or to begin with, what it was not told directly.
GRACE = 5.0
AGENT_DIRECTORY = "/usr/share/cluster"


def same_meaning(key: str, current: str, desired: str) -> bool:
    """Whether two texts mean the same to rgmanager."""
    if key == IN_EFFECT:
        return current == "true"
    attribute = key.rpartition(" ")[2]
    if attribute == "address":
        return cluster_conf.same_address(current, desired)
    if current.isascii() and current.isdigit() and desired.isascii() and desired.isdigit():
        return int(current) == int(desired)
    return normal(attribute, current) == normal(attribute, desired)


def normal_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings with their booleans as cluster.conf has them."""
    return {key: normal(key.rpartition(" ")[2], value) for key, value in settings.items()}


def normal(attribute: str, value: str) -> str:
    """Booleans as cluster.conf has them."""
    if attribute in cluster_conf.BOOLEANS or attribute == "exclusive":
        word = value.strip().lower()
        return "1" if word in cluster_conf.TRUE_WORDS else "0" if word in cluster_conf.FALSE_WORDS else value
    return value


def boolean(value: bool) -> str:
    """A boolean of the settings that are no attributes."""
    return "true" if value else "false"


def joined(options: Mapping[str, str]) -> str:
    """Options of a fencing device for one node, as one text."""
    return shlex.join(f"{key}={options[key]}" for key in sorted(options))


def address_name(service: str, number: int) -> str:
    """What the number-th address of a service is called."""
    return f"{service}_address" if number == 1 else f"{service}_address_{number}"


def domain_settings(name: str, failback: bool = False) -> dict[str, str]:
    """A failover domain as a description means it."""
    return {
        "domain": name,
        f"{DOMAIN}ordered": "1",
        f"{DOMAIN}restricted": "1",
        f"{DOMAIN}nofailback": "0" if failback else "1",
    }


def member_settings(given: Member) -> dict[str, str]:
    """One flat mapping of attributes, place and timing."""
    settings = {**normal_settings(given.properties), **given.meta}
    for operation, values in given.operations.items():
        settings.update({f"{OPERATION}{operation} {name}": value for name, value in values.items()})
    return settings


def operational(key: str) -> bool:
    """Freezing and secrets: a description cannot hold them."""
    return key == MANAGED or is_secret(key)
