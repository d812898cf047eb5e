"""A simulated cluster that runs Messaging Server: each node is this machine seen through an interpreter of its own.

It has directories of its own, the cluster's programs and those of the product, and sees the service's volume while the
cluster has the service online there.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.tests.playbooks.fleet import PLAY
from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR

NODES = ("msga", "msgb")
SIMULATORS = PLAY.parents[1] / "simulators"
NETWORK = "198.18.99"
MOUNT_POINT = "/srv/mail1"
PROGRAMS = "/opt/mail1/messaging64"
#: Directories that a node has for itself.
OWN = ("etc", "opt", "srv")
SECRETS = {"LDAP_BIND_PASSWORD": "not-for-logs-1", "ADMINISTRATOR_PASSWORD": "not-for-logs-2"}

INTERPRETER = """#!/bin/sh
export PATH={home}/bin:$PATH
[ -n "$GROUPWARE_OWN_NODE" ] && exec {python} "$@"
export GROUPWARE_OWN_NODE=1
exec unshare --map-root-user --mount --net --uts sh -c '
    hostname {node} &&
    ip link add eth0 type veth peer name eth0-peer && ip link set eth0 up && ip address add {address}/24 dev eth0 &&
    for own in {own}; do
        mount -t overlay overlay -o lowerdir=/$own,upperdir={home}/$own/upper,workdir={home}/$own/work /$own || exit 1
    done
    mount -t tmpfs none /run && mount -t tmpfs none /var/opt &&
    mkdir -p /etc/VRTSvcs/conf/config {point} &&
    if [ "$(cat {home}/../online 2>/dev/null)" = {node} ]; then mount --bind {home}/../volume {point} || exit 1; fi &&
    exec {python} "$@"' sh "$@"
"""
#: After each of its programs the cluster's volume is where the cluster has the service.
PROGRAM = """#!/bin/sh
{python} {play} {state} {node} {members} {name} "$@"
status=$?
{python} {file} {state} {members} > {home}/../online.new && mv {home}/../online.new {home}/../online
exit $status
"""
#: Every program of the product is a link to this file, which plays what it is called as.
LAUNCHER = """#!{python}
import sys
sys.path.insert(0, "{simulators}")
import launch
sys.exit(launch.main())
"""
#: The real one wants more ids than a namespace of one user has.
USERADD = """#!/bin/sh
while [ $# -gt 1 ]; do [ "$1" = --uid ] && number=$2; shift; done
echo "$1:x:$number:8::/nonexistent:/usr/sbin/nologin" >> /etc/passwd
"""


@dataclass
class Node:
    """A node, by where its files are."""

    home: Path

    def file(self, path: str) -> Path:
        """What the node has changed of this machine's files."""
        own, _, rest = path.lstrip("/").partition("/")
        return self.home / own / "upper" / rest


@dataclass
class MailSite:
    """The cluster, below a directory."""

    place: Path

    @property
    def volume(self) -> Path:
        """What is on the service's volume."""
        return self.place / "volume"

    def node(self, name: str) -> Node:
        """One of its nodes."""
        return Node(self.place / name)

    def inventory(self) -> dict[str, Any]:
        """What describes it; its nodes are made."""
        simulator = SIMULATOR(NODES, agents=["/opt/VRTSvcs/bin/MsgSrv"])
        # A cluster that was just started has not looked at its resources yet.
        simulator.pass_time(60)
        (self.place / "state.json").write_text(json.dumps(simulator.state))
        self.volume.mkdir()
        nodes = [{"name": name, "address": f"{NETWORK}.{last}"} for last, name in enumerate(NODES, 11)]
        hosts = {
            node["name"]: {
                "ansible_connection": "local",
                "ansible_python_interpreter": str(self._interpreter(**node)),
            }
            for node in nodes
        }
        service = {
            "name": "mail1",
            "model": "asymmetric",
            "nodes": {"primary": NODES[0], "standby": NODES[1]},
            "address": f"{NETWORK}.31",
            "host_name": "mail1.example.com",
            "storage": {"volume_group": "dg1", "logical_volume": "vol1", "mount_point": MOUNT_POINT},
            "application": {"type": "messaging_server"},
        }
        described = {
            "groupware_cluster": {
                "name": "mail",
                "framework": "vcs",
                "interface": "eth0",
                "networks": [f"{NETWORK}.0/24"],
                "nodes": nodes,
            },
            "groupware_services": [service],
            "messaging_server_installer": "/opt/software/commpkg",
            "messaging_server_settings": {"mail1": {"server_root": PROGRAMS}},
            "messaging_server_states": {"mail1": self._answers()},
        }
        return {"groupware_nodes": {"hosts": hosts, "vars": described}}

    def _answers(self) -> dict[str, str]:
        return {
            **SECRETS,
            "FULLY_QUALIFIED_HOST_NAME": "mail1.example.com",
            "DATA_ROOT": f"{MOUNT_POINT}/data",
            "SYSTEM_USER": "mailsrv",
            "SYSTEM_GROUP": "mail",
            "LDAP_URL": "ldap://ldap.example.com",
            "LDAP_BIND_DN": "cn=Directory Manager",
            "POSTMASTER": "pma@example.com",
            "DEFAULT_DOMAIN": "example.com",
            "ORGANIZATION_DN": "o=example.com",
        }

    def _interpreter(self, name: str, address: str) -> Path:
        home = self.place / name
        for directory in ("bin", *(f"{own}/{part}" for own in OWN for part in ("upper", "work"))):
            (home / directory).mkdir(parents=True)
        given = {
            "home": home,
            "node": name,
            "address": address,
            "python": sys.executable,
            "play": PLAY,
            "file": Path(__file__),
            "state": self.place / "state.json",
            "members": ",".join(NODES),
            "own": " ".join(OWN),
            "point": MOUNT_POINT,
        }
        _executable(home / "python", INTERPRETER.format(**given))
        for program in SIMULATOR.programs:
            _executable(home / "bin" / program, PROGRAM.format(name=program, **given))
        _executable(home / "bin/useradd", USERADD)
        _executable(home / "launcher", LAUNCHER.format(python=sys.executable, simulators=SIMULATORS))
        product = {
            "framework": "messaging_server",
            "nodes": list(NODES),
            "state": str(self.place / "product.json"),
            "options": {"launcher": str(home / "launcher")},
        }
        node = Node(home)
        installed = node.file("/etc/groupware-ha-simulator.d/messaging_server.json")
        installed.parent.mkdir()
        installed.write_text(json.dumps(product))
        node.file("/opt/software").mkdir()
        node.file("/opt/software/commpkg").symlink_to(home / "launcher")
        return home / "python"


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def main() -> None:
    """Say where the service is online: mail_site.py STATE_FILE MEMBER,..."""
    simulator = SIMULATOR(sys.argv[2].split(","), Path(sys.argv[1]))
    with simulator.edit():
        found = simulator.services().get("mail1", {}).get("online", [])
    print(*found)


if __name__ == "__main__":
    main()
