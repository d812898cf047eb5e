"""The image that nodes are made of: plain Debian from the machine's own mirror, no image registry.

The tag carries a hash of everything that goes into the image, so that a changed recipe is built and an unchanged one
is used again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from host import LabError, locked, run, say

REPOSITORY = "localhost/groupware-ha-node"
#: Of Debian, the current one first.
RELEASES = ("trixie", "bookworm")
FILES = Path(__file__).with_name("node_files")
#: What a release has for Python, which finds a file there whenever it starts.
PYTHON = {"trixie": "3.13", "bookworm": "3.11"}
COMPILED = Path(__file__).parents[1] / "workshop/compiled/sitecustomize.py"
COMPILED_FOLDER = "compiled"
BUILD_FOLDER = "image"
UNUSED_AFTER = "168h"

ORDINARY_SERVER = (
    "ca-certificates",
    "dbus",
    "e2fsprogs",
    "iproute2",
    "iputils-arping",
    "iputils-ping",
    "kmod",
    "lvm2",
    "openssh-server",
    "openssl",
    "procps",
    "psmisc",
    "python3",
    "systemd-sysv",
    "xfsprogs",
)
# Until bookworm all fence agents are one package; since then each is one, and all together bring 1.5 GB.
FENCE_AGENTS = {"bookworm": "fence-agents", "trixie": "fence-agents-docker"}
BALANCER = ("haproxy", "keepalived")
JAVA = ("default-jre-headless",)
CALENDAR = ("memcached", "python3-bcrypt", "radicale", "sogo")
DATABASE = ("mariadb-client", "mariadb-server")
#: What keeps the certificates of the simulated Web Server 7.
CERTIFICATES = ("libnss3-tools",)
MAIL = ("dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "libsasl2-modules", "postfix")
SERVICES = (*MAIL, *CALENDAR, *BALANCER, *DATABASE, *JAVA, *CERTIFICATES)

# Nothing starts by itself that an administrator, or a role, has not enabled.
DISABLED = (
    *("corosync", "dovecot", "haproxy", "keepalived", "logd", "mariadb", "memcached", "pacemaker", "pcsd", "pcsd-ruby"),
    *("postfix", "radicale", "sogo"),
)

# Of no use in a container, slow, or about this machine's own disks, which nodes are to leave alone.
MASKED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "blk-availability.service",
    "console-getty.service",
    "dm-event.socket",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty.target",
    "lvm2-lvmpolld.socket",
    "lvm2-monitor.service",
    "sys-fs-fuse-connections.mount",
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "systemd-firstboot.service",
    "systemd-logind.service",
)

# Not needed to run anything here. The cloud library alone, which fence-agents depends on, is 80 MB.
LEFT_OUT = (
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/doc/*",
    "/usr/lib/python3/dist-packages/botocore/data/*",
)


def recipe(release: str) -> list[str]:
    """mmdebstrap's options, apart from where packages come from."""
    in_node = 'chroot "$1"'
    cluster = ("corosync", FENCE_AGENTS[release], "pacemaker", "pacemaker-cli-utils", "pcs", "resource-agents")
    hooks = [
        f'tar --create --owner=0 --group=0 --directory={FILES} . | tar --extract --directory="$1"',
        # Not this machine's: mmdebstrap copies them in so that packages can be fetched.
        ': > "$1/etc/resolv.conf"; rm -f "$1"/etc/hostname',
        'printf "127.0.0.1 localhost\\n::1 localhost ip6-localhost ip6-loopback\\n" > "$1/etc/hosts"',
        # Of their own in every lab or node.
        'rm -f "$1"/etc/ssh/ssh_host_*; : > "$1/etc/machine-id"',
        f"for unit in {' '.join(DISABLED)}; do {in_node} systemctl disable $unit || true; done",
        f"{in_node} systemctl mask {' '.join(MASKED)}",
        f"{in_node} systemctl set-default multi-user.target",
    ]
    return [
        "--variant=minbase",
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        # Java's packages have links to pages that are left out, and do not install where their folder is missing.
        '--essential-hook=mkdir -p "$1"/usr/share/man/man1',
        f"--include={','.join((*ORDINARY_SERVER, *cluster, *SERVICES))}",
        *(f"--customize-hook={hook}" for hook in hooks),
        release,
    ]


def image_name(release: str) -> str:
    recipe_hash = hashlib.sha256("\0".join(recipe(release)).replace(str(FILES), "").encode())
    for path in sorted(FILES.rglob("*")):
        content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        recipe_hash.update(f"\0{path.relative_to(FILES)}\0".encode() + content)
    return f"{REPOSITORY}:{release}-{recipe_hash.hexdigest()[:12]}"


def sources(release: str) -> str:
    """apt sources for the release: from $GROUPWARE_HA_MIRROR, else from the mirrors that this machine itself uses.

    Empty if neither says anything (this machine is not a Debian one): then mmdebstrap's own default is used.
    """
    mirror = os.environ.get("GROUPWARE_HA_MIRROR")
    if mirror:
        return f"deb {mirror} {release} main\n"
    ours = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))
    if ours.get("ID") != "debian":
        return ""
    listed = run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"]).stdout
    wanted = {ours["VERSION_CODENAME"] + pocket: release + pocket for pocket in ("", "-updates", "-security")}
    entries = {tuple(line.split()) for line in listed.splitlines()}
    found = sorted((uri, wanted[suite]) for uri, suite, component in entries if suite in wanted and component == "main")
    if release not in {suite for _uri, suite in found}:
        return ""
    return "".join(f"deb {uri} {suite} main\n" for uri, suite in found)


def apt_settings() -> list[str]:
    """How this machine reaches its mirror (a proxy, a frozen snapshot), which holds for the image's packages too."""
    pattern = r"^(Acquire::(?:https?::Proxy|Check-Valid-Until|Check-Date)\b.*)$"
    return [f"--aptopt={line}" for line in re.findall(pattern, run(["apt-config", "dump"]).stdout, re.MULTILINE)]


def exists(name: str) -> bool:
    return run(["podman", "image", "exists", name], check=False).returncode == 0


def keeping(image: str, state: Path) -> list[str]:
    """What lets nodes of tests keep what Python compiles of modules; they share it, since all of them run the same.

    The demo's nodes do without: there, a run takes what it takes on any machine.
    """
    kept = state / COMPILED_FOLDER
    kept.mkdir(mode=0o755, exist_ok=True)
    python = PYTHON[image.rpartition(":")[2].partition("-")[0]]
    return [
        f"--volume={COMPILED}:/etc/python{python}/sitecustomize.py:ro",
        f"--volume={kept}:/var/cache/groupware-ha-compiled",
    ]


def ensure(release: str, state: Path) -> str:
    """Build the image unless it is there; its name."""
    name = image_name(release)
    if exists(name):
        return name
    # One build at a time on this machine, whichever checkout asks for it: the image and its folder are the machine's.
    with locked(Path("/usr/bin/mmdebstrap")):
        if not exists(name):
            build(release, name, state / BUILD_FOLDER)
    return name


def build(release: str, name: str, folder: Path) -> None:
    say(f"node image {name}: building (1 to 2 minutes, once)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = folder / "node.tar"
    install(release, recipe(release), archive, folder)
    say("node image: importing")
    # Into the store first and named last: an interrupted import leaves nothing that looks complete.
    partial = f"{REPOSITORY}:{release}-partial"
    run(["podman", "image", "rm", partial], check=False)
    run(["podman", "import", "--change", 'CMD ["/sbin/init"]', archive, partial], timeout=600)
    run(["podman", "tag", partial, name])
    run(["podman", "untag", partial, partial])
    shutil.rmtree(folder)
    # Another checkout may have another recipe, and nodes that are about to be made of it.
    remove(release, "--filter", f"until={UNUSED_AFTER}")


def install(release: str, options: Sequence[str], target: Path, folder: Path) -> None:
    """Have mmdebstrap install a system into the target, an archive or a directory."""
    log = folder / "mmdebstrap.log"
    packages = sources(release)
    # In namespaces of its own, which end with this program however that ends: nothing goes on building, and what was
    # mounted in the unfinished system is not, so that the folder can be removed.
    contained = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = [*contained, "mmdebstrap", *apt_settings(), *options, str(target), *(["-"] if packages else [])]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with log.open("w") as output:
        done = subprocess.run(
            command, input=packages, stdout=output, stderr=output, text=True, env=environment, timeout=1800, check=False
        )
    if done.returncode != 0:
        raise LabError(f"mmdebstrap failed:\n{log.read_text()[-3000:]}")


def remove(release: str, *those: str) -> None:
    """Remove a release's images, or those of them; the ones that nodes are made of stay."""
    command = ["podman", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", *those]
    for name in run([*command, "--filter", f"reference={REPOSITORY}:{release}-*"]).stdout.split():
        if run(["podman", "image", "rm", name], check=False).returncode == 0:
            say(f"node image {name}: removed")


def remove_all(state: Path) -> None:
    for folder in (BUILD_FOLDER, COMPILED_FOLDER):
        shutil.rmtree(state / folder, ignore_errors=True)
    for release in RELEASES:
        remove(release)
