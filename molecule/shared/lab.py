"""The lab that a scenario runs in, for its tests."""

from __future__ import annotations

import os

import testinfra

#: As lab.py of tests/lab names it; the same is in inventory/hosts.yml.
NAME = os.environ.get("GROUPWARE_HA_LAB", "molecule")
STATE = f"/var/lib/groupware-ha-lab/{NAME}"


def host_of(node: str) -> testinfra.host.Host:
    """The node, for testinfra to ask."""
    return testinfra.get_host(f"podman://groupware-ha-{NAME}-{node}")
