"""A lab: containers that stand for the nodes of a cluster, on a network of their own, with shared block devices.

A lab is described by a small file next to this one (demo.toml). Everything that it consists of is found again by its
name, so each command can be called at any time, also after an earlier one was interrupted.

`demo` is the one lab of that description, and its network is this machine's. `demo.ANYTHING` is one more, in a network
namespace of its own: any number of them, from any checkouts, have the same addresses and never meet.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import ipaddress
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import node_image
from fencing import Fencing
from host import LabError, locked, run, say, wait_until, write_file
from password_hashes import BCRYPT, bcrypt

HERE = Path(__file__).resolve().parent
STATE = Path(os.environ.get("GROUPWARE_HA_LAB_STATE", "/var/lib/groupware-ha-lab"))
LABEL = "groupware-ha-lab"
PROGRAMS = (
    *("podman", "mmdebstrap", "setpriv", "unshare", "nsenter"),
    *("ip", "iptables", "losetup", "openssl", "ssh-keygen"),
)
NAME = re.compile(r"(?P<description>[a-z][a-z0-9_-]{0,20})(\.(?P<instance>[a-z0-9_-]{1,60}))?")
NAMESPACES = Path("/run/netns")
UNITS = {"M": 2**20, "G": 2**30}


@dataclass(frozen=True)
class Node:
    name: str
    container: str
    address: str


class Lab:
    """A lab's settings and the names of everything that belongs to it."""

    def __init__(self, name: str, folder: Path = HERE) -> None:
        match = NAME.fullmatch(name)
        if match is None:
            raise LabError(f"{name!r} is not a name for a lab: small letters, digits, dashes and underscores")
        self.name = name
        self.settings_file = folder / f"{match['description']}.toml"
        if not self.settings_file.exists():
            raise LabError(f"there is no {self.settings_file}")
        settings: dict[str, Any] = tomllib.loads(self.settings_file.read_text())
        network = ipaddress.IPv4Network(settings["network"])
        self.subnet = str(network)
        self.gateway = str(network[1])
        self.prefix = f"groupware-ha-{name}"
        self.network = self.prefix
        self.nodes = [
            Node(node, f"{self.prefix}-{node}", str(network[11 + number]))
            for number, node in enumerate(settings["nodes"])
        ]
        self.luns = {lun: int(size[:-1]) * UNITS[size[-1]] for lun, size in settings["luns"].items()}
        self.mail_users: list[str] = settings.get("mail_users", [])
        self.state = STATE / name
        self.namespace = NAMESPACES / self.prefix if match["instance"] else None
        # Podman wants the networks of one folder to differ, and makes their bridges where it is called.
        self.networks = self.state / "networks"
        self.podman = ["podman", f"--network-config-dir={self.networks}"] if self.namespace else ["podman"]
        # What Molecule remembers of the nodes: not among the lab's own files, since it still writes when they are gone.
        self.molecule_state = HERE.parents[1] / ".ansible/tmp" / name
        # What a node sees of the lab, at /etc/groupware-ha-lab.
        self.node_state = self.state / "node"
        # What all nodes can write, at /var/lib/groupware-ha-simulator: simulated products keep their state there.
        self.shared_state = self.state / "shared"
        self.fencing = Fencing(self.podman, self.prefix, [node.name for node in self.nodes], self.gateway, self.state)

    def node(self, name: str) -> Node:
        for node in self.nodes:
            if node.name == name:
                return node
        raise LabError(f"{self.name} has no node {name!r}; it has {', '.join(node.name for node in self.nodes)}")

    def ensure_namespace(self) -> None:
        """The network that nodes, this machine's end of it and whatever talks to them are in."""
        if self.namespace is None or self.namespace.exists():
            return
        added = run(["ip", "netns", "add", self.namespace.name], check=False)
        # Somebody else may have been quicker.
        if not self.namespace.exists():
            raise LabError(f"ip netns add: {added.stderr.strip()}")
        run([*self.within(), "ip", "link", "set", "lo", "up"])

    def within(self) -> list[str]:
        """What a command is run by to be in the lab's network."""
        return ["nsenter", f"--net={self.namespace}"] if self.namespace else []

    def entered(self) -> bool:
        """Whether this process is in the lab's network."""
        return self.namespace is None or self.namespace.stat().st_ino == Path("/proc/self/ns/net").stat().st_ino

    def locked_by(self) -> Path:
        """The file that keeps a second run for the same lab out."""
        return self.namespace or self.settings_file


# --- up ---------------------------------------------------------------------------------------------------------------


def up(lab: Lab, release: str) -> None:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise LabError(f"not installed: {', '.join(missing)}")
    image = node_image.ensure(release, STATE)
    lab.state.mkdir(parents=True, exist_ok=True)
    lab.node_state.mkdir(mode=0o700, exist_ok=True)
    lab.shared_state.mkdir(mode=0o700, exist_ok=True)
    ensure_keys(lab)
    ensure_mail_users(lab)
    devices_changed = ensure_luns(lab)
    lab.fencing.ensure_material()
    give_to_user(lab)

    containers = read_containers(lab)
    ensure_network(lab, containers)
    # The proxy listens before the nodes' bridge exists, so that the first node can fence as soon as it is up.
    if lab.fencing.start():
        say("fencing: the nodes' power switch is listening")
    started = ensure_nodes(lab, image, containers)
    for node in lab.nodes:
        if devices_changed and node not in started:
            run(["podman", "exec", node.container, "systemd-tmpfiles", "--create", "--prefix=/dev"])
    wait_for_ssh(lab.nodes)
    wait_for_boot(lab.nodes)
    lab.fencing.check()
    say(f"lab {lab.name}: {len(lab.nodes)} nodes are up ({len(started)} started now)")


def ensure_keys(lab: Lab) -> None:
    """A key to log in with, and one host key that all nodes share, so that one line makes them known."""
    for path, comment in ((lab.state / "ssh_key", "lab"), (lab.node_state / "ssh_host_ed25519_key", "node")):
        if path.exists():
            continue
        temporary = path.with_name("new_key")
        for leftover in (temporary, temporary.with_name("new_key.pub")):
            leftover.unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{lab.prefix}-{comment}", "-f", temporary])
        # The private key last: where it is, the public one is too.
        temporary.with_name("new_key.pub").rename(path.with_name(f"{path.name}.pub"))
        temporary.rename(path)
    write_file(lab.node_state / "authorized_keys", (lab.state / "ssh_key.pub").read_text(), mode=0o600)
    host_key = " ".join((lab.node_state / "ssh_host_ed25519_key.pub").read_text().split()[:2])
    write_file(lab.state / "known_hosts", "".join(f"{node.name},{node.address} {host_key}\n" for node in lab.nodes))
    hosts = "".join(f"Host {node.name}\n    HostName {node.address}\n" for node in lab.nodes)
    write_file(
        lab.state / "ssh_config",
        f"{hosts}Host *\n    User root\n    IdentityFile {lab.state}/ssh_key\n    IdentitiesOnly yes\n"
        f"    UserKnownHostsFile {lab.state}/known_hosts\n    StrictHostKeyChecking yes\n",
    )


def ensure_mail_users(lab: Lab) -> None:
    """A random password for each user and its hash, made once: a second run of Ansible finds the same hash."""
    path = lab.state / "mail_users.json"
    users: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    for name in lab.mail_users:
        known = users.get(name, {})
        if not known.get("password_hash", "").startswith(BCRYPT):
            password = known.get("password", secrets.token_urlsafe(16))
            users[name] = {"password": password, "password_hash": bcrypt(password)}
    write_file(path, json.dumps(users, indent=2) + "\n", mode=0o600)


def ensure_luns(lab: Lab) -> bool:
    """Sparse files behind loop devices, which nodes find at every boot; true if one has another number than before."""
    folder = lab.state / "luns"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = ["d /dev/san 0755 root root -"]
    attached = attached_luns(lab)
    for lun, size in lab.luns.items():
        path = folder / f"{lun}.img"
        with path.open("ab") as file:
            if file.tell() < size:
                file.truncate(size)
        device = attached.get(path) or run(["losetup", "--find", "--show", path]).stdout.strip()
        number = os.stat(device).st_rdev
        lines.append(f"b {device} 0660 root disk - {os.major(number)}:{os.minor(number)}")
        lines.append(f"L+ /dev/san/{lun} - - - - {device}")
    return write_file(lab.node_state / "tmpfiles.conf", "\n".join(lines) + "\n")


def attached_luns(lab: Lab) -> dict[Path, str]:
    """The lab's own loop devices by the file behind them."""
    listed = json.loads(run(["losetup", "--json", "--list", "--output", "NAME,BACK-FILE"]).stdout or "{}")
    devices = {Path(entry["back-file"]): str(entry["name"]) for entry in listed.get("loopdevices", [])}
    return {path: device for path, device in devices.items() if path.parent == lab.state / "luns"}


def give_to_user(lab: Lab) -> None:
    """Under sudo, let the person who called it log in to the nodes: Ansible then runs without root."""
    owner = int(os.environ.get("SUDO_UID", "0"))
    for folder in (STATE, lab.state):
        folder.chmod(0o755)
    for name in ("ssh_key", "mail_users.json"):
        os.chown(lab.state / name, owner, -1)


def read_containers(lab: Lab) -> dict[str, dict[str, Any]]:
    """The lab's containers, by name, whatever state they are in."""
    command = ["podman", "ps", "--all", "--format", "json", "--filter", f"label={LABEL}={lab.name}"]
    return {entry["Names"][0]: entry for entry in json.loads(run(command).stdout)}


def ensure_network(lab: Lab, containers: dict[str, dict[str, Any]]) -> None:
    """A bridge without a way out: nodes reach each other and this machine's end of it, and no mail leaves the lab."""
    found = run([*lab.podman, "network", "inspect", lab.network], check=False)
    if found.returncode == 0:
        if json.loads(found.stdout)[0]["subnets"][0]["subnet"] == lab.subnet:
            return
        remove_containers(lab, containers)
        run([*lab.podman, "network", "rm", lab.network])
    command = [*lab.podman, "network", "create", "--internal", "--disable-dns", "--label", f"{LABEL}={lab.name}"]
    run([*command, "--subnet", lab.subnet, "--gateway", lab.gateway, lab.network])
    say(f"network {lab.network} {lab.subnet}: created")


def ensure_nodes(lab: Lab, image: str, containers: dict[str, dict[str, Any]]) -> list[Node]:
    """Create what is missing or was made otherwise, start what is off; the nodes started."""
    started = []
    options: list[str] | None = None
    for node in lab.nodes:
        command = create_command(lab, node, image)
        specification = hashlib.sha256("\0".join(command).encode()).hexdigest()[:12]
        present = containers.get(node.container)
        if present is None or present["Labels"].get(f"{LABEL}-specification") != specification:
            if options is None:
                options = engine_options(image)
            labelled = [f"--label={LABEL}-specification={specification}", *command]
            run([*lab.podman, *options[:1], "create", "--replace", *options[1:], *labelled])
        elif present["State"] == "running":
            continue
        started.append(node)
    # Starting spends its time in the container runtime and the network setup: two at once use both cores.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for node in pool.map(partial(start_container, lab), started):
            say(f"node {node.name} {node.address}: started")
    return started


def create_command(lab: Lab, node: Node, image: str) -> list[str]:
    """What makes a node.

    Not --privileged: that hands this machine's disks to every node. All capabilities and, of the block devices, loop
    devices alone are enough for systemd, mounting and logical addresses.
    """
    return [
        f"--label={LABEL}={lab.name}",
        f"--name={node.container}",
        f"--hostname={node.name}",
        f"--network={lab.network}",
        f"--ip={node.address}",
        "--systemd=always",
        "--cap-add=all",
        "--security-opt=seccomp=unconfined",
        "--security-opt=apparmor=unconfined",
        "--security-opt=label=disable",
        "--security-opt=unmask=ALL",
        "--device-cgroup-rule=b 7:* rwm",
        # The node's own files, which roles may write as on any other machine.
        *("--no-hosts", "--dns=none"),
        f"--volume={lab.node_state}:/etc/groupware-ha-lab:ro",
        f"--volume={lab.shared_state}:/var/lib/groupware-ha-simulator",
        f"--volume={lab.fencing.client}:/etc/groupware-ha-fence:ro",
        *(node_image.keeping(image, STATE) if lab.namespace else []),
        image,
    ]


def engine_options(image: str) -> list[str]:
    """Options that this machine needs to run a container at all: the runtime, then limits; found by trying.

    runc is tried first: where control groups are mixed (version 1 with a unified hierarchy beside it), crun runs or
    refuses from one moment to the next, depending on which controllers happen to be in use.
    """
    limits = ["--ulimit=nofile=20000:20000", "--ulimit=nproc=4096:4096"]
    refusals = []
    for runtime in ("runc", "crun"):
        for ulimits in ([], limits):
            probe = ["podman", f"--runtime={runtime}", "run", "--rm", "--network=none", "--systemd=always", *ulimits]
            done = run([*probe, "--entrypoint=/bin/true", image], check=False)
            if done.returncode == 0:
                return [f"--runtime={runtime}", *ulimits]
            refusals.append(f"{runtime} {' '.join(ulimits)}: {done.stderr.strip()}")
    raise LabError("no container runs on this machine:\n" + "\n".join(refusals))


def start_container(lab: Lab, node: Node) -> Node:
    run([*lab.podman, "start", node.container])
    return node


def wait_for_ssh(nodes: list[Node]) -> None:
    for node in nodes:
        wait_until(f"ssh answers on {node.name}", partial(ssh_answers, node), timeout=60)


def ssh_answers(node: Node) -> bool:
    try:
        with socket.create_connection((node.address, 22), timeout=1) as connection:
            connection.settimeout(2)
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def wait_for_boot(nodes: list[Node]) -> None:
    """Not only those started now: an earlier run may have been interrupted, or a node just been fenced."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        for node, state in zip(nodes, pool.map(boot_state, nodes), strict=True):
            if state != "running":
                failed = run(["podman", "exec", node.container, "systemctl", "--failed", "--no-legend"], check=False)
                say(f"node {node.name}: {state} {failed.stdout.strip()}")


def boot_state(node: Node) -> str:
    done = run(["podman", "exec", node.container, "systemctl", "is-system-running", "--wait"], check=False)
    return done.stdout.strip() or done.stderr.strip()


# --- power ------------------------------------------------------------------------------------------------------------


def kill(node: Node) -> None:
    """Power loss: every process of the node is gone at once, nothing is told to stop."""
    run(["podman", "kill", "--signal=KILL", node.container])
    say(f"node {node.name}: killed")


def start(lab: Lab, node: Node) -> None:
    start_container(lab, node)
    wait_for_ssh([node])
    wait_for_boot([node])
    say(f"node {node.name} {node.address}: started")


# --- down -------------------------------------------------------------------------------------------------------------


def down(lab: Lab, everything: bool) -> None:
    lab.fencing.stop()
    remove_containers(lab, read_containers(lab))
    if run([*lab.podman, "network", "exists", lab.network], check=False).returncode == 0:
        run([*lab.podman, "network", "rm", lab.network])
        say(f"network {lab.network}: removed")
    # A container that has ended is put away by a process of its own, which writes into the lab's folder.
    wait_until("podman has put the nodes away", lambda: not processes_about(lab.networks), timeout=60)
    attached = attached_luns(lab)
    for device in attached.values():
        run(["losetup", "--detach", device])
    if attached:
        say(f"{len(attached)} loop devices: detached")
    if lab.state.exists():
        shutil.rmtree(lab.state)
        say(f"{lab.state}: removed")
    shutil.rmtree(lab.molecule_state, ignore_errors=True)
    if lab.namespace:
        run(["ip", "netns", "delete", lab.namespace.name])
    if everything:
        node_image.remove_all(STATE)
        # Not as soon as it is empty: another lab may be about to put its folder there.
        with contextlib.suppress(OSError):
            STATE.rmdir()
    say(f"lab {lab.name}: down")


def processes_about(folder: Path) -> list[str]:
    """The processes that have a folder on their command lines."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in command.read_bytes():
                found.append(command.parent.name)
    return found


def remove_containers(lab: Lab, containers: dict[str, dict[str, Any]]) -> None:
    if containers:
        run([*lab.podman, "rm", "--force", "--time=0", "--volumes", *containers])
        say(f"{len(containers)} nodes: removed")
    containers.clear()


# --- status -----------------------------------------------------------------------------------------------------------


def status(lab: Lab) -> None:
    containers = read_containers(lab)
    for node in lab.nodes:
        state = containers.get(node.container, {}).get("State", "absent")
        answers = "ssh answers" if state == "running" and ssh_answers(node) else "no ssh"
        print(f"node  {node.name:<12} {node.address:<16} {state}, {answers}")
    attached = attached_luns(lab)
    for lun in lab.luns:
        print(f"LUN   {lun:<12} {attached.get(lab.state / 'luns' / f'{lun}.img', 'not attached')}")
    for daemon in lab.fencing.daemons:
        print(f"fence {daemon.name:<12} {'running' if daemon.pid() else 'not running'}")
    if containers:
        print("log in:", *lab.within(), f"ssh -F {lab.state}/ssh_config {lab.nodes[0].name}")


# --- within -----------------------------------------------------------------------------------------------------------


def enter(lab: Lab, command: list[str]) -> NoReturn:
    """Become a command that finds the lab: in its network, with its name in the environment."""
    environment = {"GROUPWARE_HA_LAB": lab.name, "MOLECULE_EPHEMERAL_DIRECTORY": str(lab.molecule_state)}
    # The nodes of other labs have the same addresses, which is what connections that are kept open go by.
    name = hashlib.sha256(str(lab.state).encode()).hexdigest()[:8]
    environment["ANSIBLE_SSH_CONTROL_PATH_DIR"] = f"{Path.home()}/.ansible/cp/{name}"
    become([*lab.within(), *command], os.environ | environment)


def become(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    os.execvpe(command[0], command, environment)  # noqa: S606 no shell is wanted


# --- command line -----------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("image", "build the image that nodes are made of, unless it is there"),
        ("up", "create and start a lab, or what is missing of it"),
        ("down", "remove everything that `up` created; node images stay for the next lab unless --all is given"),
        ("status", "show a lab's nodes, devices and power switch"),
        ("kill", "take a node's power away, without warning"),
        ("start", "start a node again and wait until it has booted"),
        ("enter", "run a command in the lab's network, whether or not the lab is up"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        if name != "image":
            command.add_argument("lab")
        if name in ("kill", "start"):
            command.add_argument("node")
        if name == "enter":
            command.add_argument("within", nargs=argparse.REMAINDER, metavar="command")
        if name in ("image", "up"):
            release = os.environ.get("GROUPWARE_HA_RELEASE", node_image.RELEASES[0])
            command.add_argument("--release", choices=node_image.RELEASES, default=release)
        if name == "down":
            command.add_argument("--all", action="store_true", help="remove the node images as well")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        raise LabError("this needs root: it creates containers, loop devices and a network")
    if arguments.command == "image":
        print(node_image.ensure(arguments.release, STATE))
        return 0
    lab = Lab(arguments.lab)
    lab.ensure_namespace()
    if arguments.command == "enter":
        enter(lab, arguments.within)
    if not lab.entered():
        become([*lab.within(), sys.executable, *sys.argv], os.environ)
    if arguments.command == "status":
        status(lab)
        return 0
    with locked(lab.locked_by()):
        if arguments.command == "up":
            up(lab, arguments.release)
        elif arguments.command == "down":
            down(lab, arguments.all)
        elif arguments.command == "kill":
            kill(lab.node(arguments.node))
        else:
            start(lab, lab.node(arguments.node))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LabError, subprocess.SubprocessError) as error:
        sys.exit(f"lab: {error}")
    except KeyboardInterrupt:
        sys.exit("lab: interrupted; the same command goes on from here")
