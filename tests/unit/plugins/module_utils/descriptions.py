"""Good descriptions that tests start from, and what the engine says of a description."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Description
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker

CLUSTER: dict[str, Any] = {
    "name": "demo",
    "framework": "pacemaker",
    "networks": ["192.0.2.0/24", "2001:db8:77::/64"],
    "nodes": [
        {"name": "nodea", "address": "192.0.2.11"},
        {"name": "nodeb", "address": "192.0.2.12"},
        {"name": "nodec", "address": "192.0.2.13"},
    ],
    "fencing": {
        "devices": [
            {
                "name": "fence_engine",
                "agent": "fence_docker",
                "nodes": ["nodea", "nodeb", "nodec"],
                "options": {"ip": "192.0.2.1", "ssl": True, "ipport": 2376, "passwd_script": "/etc/fence/secret"},
            }
        ]
    },
    "properties": {"stonith-timeout": "60s"},
}


def mail_service(name: str, primary: str, standby: str, number: int) -> dict[str, Any]:
    """A mail service of the symmetric model with address 192.0.2.NUMBER."""
    return {
        "name": name,
        "model": "symmetric",
        "nodes": {"primary": primary, "standby": standby},
        "address": f"192.0.2.{number}",
        "host_name": f"{name}.demo.test",
        "storage": {"device": f"/dev/san/{name}", "filesystem": "ext4", "mount_point": f"/srv/{name}"},
        "application": {"type": "postfix_dovecot", "options": {}},
        "failback": False,
    }


CALENDAR: dict[str, Any] = {
    "name": "calendar",
    "model": "asymmetric",
    "nodes": {"primary": "nodec", "standby": ["nodea", "nodeb"]},
    "address": "2001:db8:77::31/64",
    "host_name": "calendar.demo.test",
    "storage": {
        "devices": ["/dev/san/calendar1", "/dev/san/calendar2"],
        "volume_group": "vg-calendar",
        "logical_volume": "lvcalendar",
        "size": "10g",
        "filesystem": "xfs",
        "mount_point": "/srv/calendar",
        "mount_options": "noatime",
    },
    "application": {
        "type": "native",
        "members": [
            {
                "name": "server",
                "type": "systemd:radicale",
                "meta": {"migration-threshold": 1},
                "operations": {"monitor": {"interval": "30s"}},
            }
        ],
    },
    "failback": True,
}


def good_description() -> dict[str, Any]:
    """Two symmetric mail services and an asymmetric calendar service on three nodes."""
    services = [mail_service("mail1", "nodea", "nodeb", 21), mail_service("mail2", "nodeb", "nodea", 22), CALENDAR]
    return copy.deepcopy({"cluster": CLUSTER, "services": services})


def judge(description: dict[str, Any], include_applications: bool = True) -> tuple[Description, ClusterConfig]:
    """The description, parsed and compiled for Pacemaker."""
    driver = Pacemaker(LocalRunner())
    deployment = parse_description(description.get("cluster"), description.get("services"), driver.capabilities)
    return deployment, driver.compile(deployment, include_applications)


def compiled(description: dict[str, Any]) -> ClusterConfig:
    """The description, compiled for Pacemaker."""
    return judge(description)[1]


def problems_of(description: dict[str, Any]) -> list[Problem]:
    """What is wrong with a description."""
    try:
        judge(description)
    except DescriptionError as error:
        return list(error.problems)
    return []
