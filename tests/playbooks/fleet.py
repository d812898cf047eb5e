"""Many simulated clusters in one inventory, every node of which answers: a place each, on this machine.

A node is this machine seen through an interpreter of its own: it finds its cluster's programs, has an interface with
its address, and changes an /etc of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR

PLAY = Path(__file__).with_name("play.py")
NODES = 3

INTERPRETER = """#!/bin/sh
export PATH={programs}:$PATH
[ -n "$GROUPWARE_OWN_ETC" ] && exec {python} "$@"
export GROUPWARE_OWN_ETC=1
exec unshare --map-root-user --mount --net sh -c '
    ip link add eth0 type veth peer name eth0-peer && ip link set eth0 up && ip address add {address}/24 dev eth0 &&
    mount -t overlay overlay -o lowerdir=/etc,upperdir={etc}/upper,workdir={etc}/work /etc &&
    mkdir -p /etc/VRTSvcs/conf/config && exec {python} "$@"' sh "$@"
"""


def inventory(place: Path, clusters: int, nodes: int = NODES) -> dict[str, Any]:
    """An inventory of so many clusters, whose nodes are made below a place.

    :returns: what ``hosts.yml`` has to say
    """
    groups = {f"cluster{number}": _cluster(place, number, nodes) for number in range(1, clusters + 1)}
    return {"groupware_nodes": {"children": groups}}


def write(place: Path, clusters: int) -> Path:
    """The file of that inventory."""
    path = place / "hosts.yml"
    path.write_text(yaml.safe_dump(inventory(place, clusters), sort_keys=False))
    return path


def _cluster(place: Path, number: int, nodes: int) -> dict[str, Any]:
    names = [f"node{number}{letter}" for letter in "abc"[:nodes]]
    network = f"198.18.{number}"
    state = place / f"cluster{number}.json"
    simulator = SIMULATOR(names)
    # A cluster that was just started has not looked at its resources yet.
    simulator.pass_time(60)
    state.write_text(json.dumps(simulator.state))
    service = {
        "name": f"files{number}",
        "model": "asymmetric",
        "nodes": {"primary": names[0], "standby": names[1:]},
        "address": f"{network}.100",
        "host_name": f"files{number}.example.com",
        "storage": {
            "volume_group": f"dgfiles{number}",
            "logical_volume": "vol1",
            "mount_point": f"/srv/files{number}",
        },
    }
    cluster: dict[str, Any] = {
        "name": f"cluster{number}",
        "framework": "vcs",
        "interface": "eth0",
        "networks": [f"{network}.0/24"],
        "nodes": [{"name": name, "address": f"{network}.{last}"} for last, name in enumerate(names, start=11)],
    }
    hosts = {
        node["name"]: {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(_interpreter(place, node, names, state)),
        }
        for node in cluster["nodes"]
    }
    return {"hosts": hosts, "vars": {"groupware_cluster": cluster, "groupware_services": [service]}}


def _interpreter(place: Path, described: dict[str, str], members: list[str], state: Path) -> Path:
    """The interpreter that a node is seen through."""
    node = described["name"]
    home = place / node
    programs = home / "bin"
    for directory in (programs, home / "etc/upper", home / "etc/work"):
        directory.mkdir(parents=True)
    for name in SIMULATOR.programs:
        command = f'exec {sys.executable} {PLAY} {state} {node} {",".join(members)} {name} "$@"'
        (programs / name).write_text(f"#!/bin/sh\n{command}\n")
        (programs / name).chmod(0o755)
    interpreter = home / "python"
    interpreter.write_text(INTERPRETER.format(programs=programs, python=sys.executable, etc=home / "etc", **described))
    interpreter.chmod(0o755)
    return interpreter
