"""A lab of virtual nodes: kernels of their own, so that the device mapper and LVM are real, and shared disks.

As the lab of containers (tests/lab), everything that it consists of is found again by its name, so each command can be
called at any time, also after an earlier one was interrupted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))

import lab as containers  # noqa: E402
import node_image  # noqa: E402
import system  # noqa: E402
from host import Daemon, LabError, locked, run, say, wait_until, write_file  # noqa: E402

PROGRAMS = ("apt-get", "dpkg-deb", "ip", "mke2fs", "mmdebstrap", "patchelf", "setpriv", "ssh", "ssh-keygen", "unshare")
BRIDGE = "ha-virtual"
MEMORY = "384M"


@dataclass(frozen=True)
class VirtualNode:
    """A node's place in the lab, and the process that it is."""

    name: str
    address: str
    number: int

    @property
    def network_device(self) -> str:
        """The machine's end of the node's network cable."""
        return f"{BRIDGE}-{self.number}"


class VirtualLab(containers.Lab):
    """The lab's settings and the names of everything that belongs to it."""

    def __init__(self) -> None:
        super().__init__("virtual", HERE)
        self.systems = self.state / "systems"
        self.luns_folder = self.state / "luns"
        self.release_file = self.state / "release"
        self.virtual_nodes = [
            VirtualNode(node.name, node.address, number) for number, node in enumerate(self.nodes, start=1)
        ]

    def process(self, node: VirtualNode, made_of: system.System | None = None) -> Daemon:
        """The process that a node is; without knowing what it is made of, it can be found and ended only."""
        return Daemon(node.name, self.command(node, made_of) if made_of else [], self.state)

    def command(self, node: VirtualNode, made_of: system.System) -> list[str]:
        prefix_length = self.subnet.partition("/")[2]
        own = self.state / f"{node.name}-{made_of.image.stem}.disk"
        disks = [
            f"ubd{letter}c={self.luns_folder}/{lun}.img" for letter, lun in zip("bcdefgh", self.luns, strict=False)
        ]
        return [
            str(made_of.kernel),
            f"mem={MEMORY}",
            "seccomp=on",
            f"umid={node.name}",
            f"uml_dir={self.state}/sockets",
            f"ubda={own},{made_of.image}",
            *disks,
            "root=/dev/ubda",
            "rootfstype=ext4",
            "rw",
            # Without gro, bulk transfers stall for minutes.
            f"vec0:transport=tap,ifname={node.network_device},depth=128,gro=1",
            "net.ifnames=0",
            f"hostfs={self.node_state}",
            "con=null",
            "con0=null,fd:1",
            "quiet",
            "loglevel=4",
            # A kernel that ends is a process that ends: rebooting in place would lose the network.
            "noreboot",
            "panic=1",
            "systemd.show_status=no",
            f"systemd.hostname={node.name}",
            f"systemd.setenv=NODE_ADDRESS={node.address}/{prefix_length}",
        ]

    def virtual_node(self, name: str) -> VirtualNode:
        self.node(name)
        return next(node for node in self.virtual_nodes if node.name == name)


# --- up ---------------------------------------------------------------------------------------------------------------


def up(lab: VirtualLab, release: str) -> None:
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise LabError(f"not installed: {', '.join(missing)}")
    made_of = system.ensure(release, lab.systems)
    lab.state.chmod(0o755)
    write_file(lab.release_file, f"{release}\n")
    lab.node_state.mkdir(mode=0o700, exist_ok=True)
    containers.ensure_keys(lab)
    # Under sudo, the person who called it may log in to the nodes: Ansible then runs without root.
    os.chown(lab.state / "ssh_key", int(os.environ.get("SUDO_UID", "0")), -1)
    lab.luns_folder.mkdir(mode=0o700, exist_ok=True)
    for lun, size in lab.luns.items():
        with (lab.luns_folder / f"{lun}.img").open("ab") as file:
            if file.tell() < size:
                file.truncate(size)
    ensure_network(lab)
    for node in lab.virtual_nodes:
        power_on(lab, node, made_of)
    wait_for_boot(lab, lab.virtual_nodes)
    say(f"lab {lab.name}: {len(lab.nodes)} nodes are up")


def ensure_network(lab: VirtualLab) -> None:
    """A bridge without a way out, and a cable from each node to it."""
    if not exists(BRIDGE):
        run(["ip", "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0"])
        say(f"network {BRIDGE} {lab.subnet}: created")
    run(["ip", "address", "replace", f"{lab.gateway}/{lab.subnet.partition('/')[2]}", "dev", BRIDGE])
    run(["ip", "link", "set", BRIDGE, "up"])
    for node in lab.virtual_nodes:
        if not exists(node.network_device):
            run(["ip", "tuntap", "add", "dev", node.network_device, "mode", "tap"])
        run(["ip", "link", "set", node.network_device, "master", BRIDGE, "up"])


def exists(device: str) -> bool:
    return Path("/sys/class/net", device).exists()


# --- power ------------------------------------------------------------------------------------------------------------


def power_on(lab: VirtualLab, node: VirtualNode, made_of: system.System) -> None:
    if lab.process(node, made_of).start():
        say(f"node {node.name} {node.address}: started")


def start(lab: VirtualLab, node: VirtualNode) -> None:
    if not lab.release_file.exists():
        raise LabError("the lab is down; bring it up first")
    power_on(lab, node, system.ensure(lab.release_file.read_text().strip(), lab.systems))
    wait_for_boot(lab, [node])


def power_off(lab: VirtualLab, node: VirtualNode) -> None:
    """Power loss: the kernel and all that runs on it are gone at once, nothing is told to stop."""
    process = lab.process(node)
    found = process.running()
    if found is not None:
        os.kill(found[0], signal.SIGKILL)
        wait_until(f"{node.name} is off", lambda: process.running() is None, timeout=10)
        say(f"node {node.name}: off")


def wait_for_boot(lab: VirtualLab, nodes: list[VirtualNode]) -> None:
    containers.wait_for_ssh([lab.node(node.name) for node in nodes])
    for node in nodes:
        options = ["-F", f"{lab.state}/ssh_config"]
        state = run(["ssh", *options, node.name, "systemctl is-system-running --wait"], check=False).stdout.strip()
        if state != "running":
            say(f"node {node.name}: {state or 'no answer'}; its console is in {lab.state}/{node.name}.log")


# --- down -------------------------------------------------------------------------------------------------------------


def down(lab: VirtualLab, everything: bool) -> None:
    for node in lab.virtual_nodes:
        power_off(lab, node)
    for device in (*(node.network_device for node in lab.virtual_nodes), BRIDGE):
        if exists(device):
            run(["ip", "link", "delete", device])
    if lab.state.exists():
        for path in lab.state.iterdir():
            if path == lab.systems and not everything:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if everything:
            lab.state.rmdir()
    say(f"lab {lab.name}: down")
    if containers.STATE.exists() and not any(containers.STATE.iterdir()):
        containers.STATE.rmdir()


# --- command line -----------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "create and start the nodes, or what is missing of them"),
        ("down", "remove everything but the kernel and the disk image, which stay for the next time"),
        ("kill", "take a node's power away, without warning"),
        ("start", "start a node again and wait until it has booted"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        if name in ("kill", "start"):
            command.add_argument("node")
        if name == "up":
            command.add_argument("--release", choices=node_image.RELEASES, default="bookworm")
        if name == "down":
            command.add_argument("--all", action="store_true", help="remove those as well")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        raise LabError("this needs root: it creates a network and a disk image")
    lab = VirtualLab()
    with locked(lab.settings_file):
        if arguments.command == "up":
            up(lab, arguments.release)
        elif arguments.command == "down":
            down(lab, arguments.all)
        elif arguments.command == "kill":
            power_off(lab, lab.virtual_node(arguments.node))
        else:
            start(lab, lab.virtual_node(arguments.node))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (LabError, subprocess.SubprocessError) as error:
        sys.exit(f"lab: {error}")
    except KeyboardInterrupt:
        sys.exit("lab: interrupted; the same command goes on from here")
