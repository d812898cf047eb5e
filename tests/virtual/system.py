"""What virtual nodes are made of: a Linux kernel that runs as an ordinary process, and a disk image with Debian on it.

User-mode Linux needs no hardware support and no privileges of a hypervisor, so it runs wherever the containers do, also
in a virtual machine. Both parts come from the machine's own Debian mirror, and nothing is installed on the machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lab"))

import node_image  # noqa: E402
from host import LabError, run, say  # noqa: E402

#: Only here the kernel has the seccomp mode, without which it needs ptrace and is several times slower.
KERNEL_RELEASE = "sid"
KERNEL_LOADER = "ld-linux-x86-64.so.2"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

PACKAGES = ("corosync", "pacemaker", "pacemaker-cli-utils", "resource-agents", "udev")
FILES = HERE / "node_files"
#: Of the containers' files: what a container needs to find its disks and to boot as slowly as a server.
NOT_FOR_VIRTUAL_NODES = ("tmpfiles.d", "groupware-ha-lab-power-on.service")
#: The containers' device mapper would be the machine's own; here it is what is tested.
DEVICE_MAPPER_UNITS = ("blk-", "dm-", "lvm2-")
DISK_SIZE = "2G"


@dataclass(frozen=True)
class System:
    """A kernel and the disk image that nodes begin with."""

    kernel: Path
    image: Path


def ensure(release: str, folder: Path) -> System:
    """Get and build what is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    kernel = ensure_kernel(folder)
    return System(kernel / "linux", ensure_image(release, kernel, folder))


# --- kernel -----------------------------------------------------------------------------------------------------------


def ensure_kernel(folder: Path) -> Path:
    """A folder with the kernel, the C library that it was linked with, and its modules."""
    kernel = folder / "kernel"
    if kernel.exists():
        return kernel
    say("kernel: getting user-mode-linux (40 MB, once)")
    new = folder / "kernel.new"
    shutil.rmtree(new, ignore_errors=True)
    packages, unpacked = new / "packages", new / "unpacked"
    download(("user-mode-linux", "libc6"), packages)
    for package in packages.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, unpacked])
    for library in ("libc.so.6", KERNEL_LOADER):
        shutil.copy2(unpacked / "usr/lib/x86_64-linux-gnu" / library, new)
    (unpacked / "usr/lib/uml/modules").rename(new / "modules")
    linux = shutil.copy2(unpacked / "usr/bin/linux.uml", new / "linux")
    # The machine's own C library may be older than what the kernel wants; its own lies beside it.
    run(["patchelf", "--set-interpreter", kernel / KERNEL_LOADER, "--set-rpath", kernel, linux])
    for leftover in (packages, unpacked):
        shutil.rmtree(leftover)
    new.rename(kernel)
    say(f"kernel: {run([kernel / 'linux', '--version']).stdout.strip()}")
    return kernel


def download(packages: tuple[str, ...], folder: Path) -> None:
    """Get packages of the kernel's release with a state of apt's own, so that the machine's is not touched."""
    sources = (line.split() for line in node_image.sources(KERNEL_RELEASE).splitlines())
    mirror = next((uri for _deb, uri, suite, _main in sources if suite == KERNEL_RELEASE), None)
    if mirror is None:
        raise LabError("no Debian mirror is known on this machine; name one in GROUPWARE_HA_MIRROR")
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "archives/partial").mkdir(parents=True)
    (folder / "status").touch()
    sources_list = folder / "sources.list"
    sources_list.write_text(f"deb [signed-by={KEYRING}] {mirror} {KERNEL_RELEASE} main\n")
    settings = {
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Etc::sourcelist": sources_list,
        "Dir::Etc::sourceparts": "/dev/null",
        "Acquire::Languages": "none",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "root",
    }
    options = [f"--option={key}={value}" for key, value in settings.items()]
    run(["apt-get", *options, "update"], timeout=600)
    run(["env", f"--chdir={folder}", "apt-get", *options, "download", *packages], timeout=600)


# --- disk image -------------------------------------------------------------------------------------------------------


def ensure_image(release: str, kernel: Path, folder: Path) -> Path:
    """The disk that nodes begin with; each writes to a file of its own on top of it."""
    image = folder / f"{release}-{recipe_hash(release, kernel)}.img"
    if image.exists():
        return image
    for outdated in folder.glob(f"{release}-*.img"):
        outdated.unlink()
    say(f"disk image {image.name}: building (1 to 2 minutes, once)")
    work = folder / "image"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    node_image.install(release, recipe(release, kernel), work / "root", work)
    new = work / "new.img"
    run(
        ["mke2fs", "-q", "-t", "ext4", "-m", "0", "-E", "root_owner=0:0", "-d", work / "root", new, DISK_SIZE],
        timeout=600,
    )
    new.rename(image)
    shutil.rmtree(work)
    return image


def recipe(release: str, kernel: Path) -> list[str]:
    """mmdebstrap's options, apart from where packages come from."""
    left_out = " ".join(f"--exclude={name}" for name in NOT_FOR_VIRTUAL_NODES)
    masked = [unit for unit in node_image.MASKED if not unit.startswith(DEVICE_MAPPER_UNITS)]
    hooks = [
        *(
            f'tar --create --owner=0 --group=0 {left_out} --directory={files} . | tar --extract --directory="$1"'
            for files in (node_image.FILES, FILES)
        ),
        f'mkdir -p "$1/lib/modules" && cp -a {kernel}/modules/. "$1/lib/modules"',
        'for modules in "$1"/lib/modules/*; do chroot "$1" depmod "${modules##*/}"; done',
        'mkdir "$1/etc/groupware-ha-lab"',
        # Not this machine's: mmdebstrap copies them in so that packages can be fetched.
        ': > "$1/etc/resolv.conf"; rm -f "$1"/etc/hostname',
        'printf "127.0.0.1 localhost\\n" > "$1/etc/hosts"',
        # Of their own in every lab or node.
        'rm -f "$1"/etc/ssh/ssh_host_*; : > "$1/etc/machine-id"',
        f'for unit in {" ".join(node_image.DISABLED)}; do chroot "$1" systemctl disable $unit || true; done',
        f'chroot "$1" systemctl mask {" ".join(masked)}',
        'chroot "$1" systemctl set-default multi-user.target',
    ]
    return [
        "--format=directory",
        "--variant=minbase",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in node_image.LEFT_OUT),
        f"--include={','.join((*node_image.ORDINARY_SERVER, *PACKAGES))}",
        *(f"--customize-hook={hook}" for hook in hooks),
        release,
    ]


def recipe_hash(release: str, kernel: Path) -> str:
    found = hashlib.sha256("\0".join(recipe(release, kernel)).encode())
    found.update("\0".join(sorted(os.listdir(kernel / "modules"))).encode())
    for path in sorted([*node_image.FILES.rglob("*"), *FILES.rglob("*")]):
        if path.is_file():
            found.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]
