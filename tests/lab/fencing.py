"""The nodes' power switch: key material, the container engine's API and the proxy in front of it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from host import Daemon, LabError, run

PORT = 2376
PROXY = Path(__file__).with_name("fence_proxy.py")


class Fencing:
    """A lab's power switch.

    The engine's API is root on this machine, so no node may reach it: what nodes reach is a proxy that knows nothing
    but the power of this lab's nodes, and talks only to who holds a key that this lab's own authority has signed.
    """

    def __init__(self, podman: list[str], prefix: str, nodes: list[str], gateway: str, state: Path) -> None:
        self.gateway = gateway
        self.material = state / "fence"
        # What a node sees, at /etc/groupware-ha-fence.
        self.client = self.material / "client"
        socket = state / "engine.sock"
        program = shutil.which(podman[0]) or podman[0]
        serve = [program, *podman[1:], "system", "service", "--time=0", f"unix://{socket}"]
        self.engine = Daemon("engine", serve, state)
        proxy: list[str | Path] = [sys.executable, PROXY, "--listen", gateway, "--port", str(PORT), "--engine", socket]
        proxy += ["--certificate", self.material / "server.pem", "--key", self.material / "server.key"]
        proxy += ["--authority", self.client / "ca.pem", "--prefix", f"{prefix}-", *nodes]
        self.proxy = Daemon("proxy", proxy, state)
        self.daemons = (self.engine, self.proxy)

    def ensure_material(self) -> None:
        """An authority, a certificate for the proxy's address and one for the nodes; complete or not there at all."""
        if self.material.exists():
            return
        new = self.material.with_name("fence.new")
        shutil.rmtree(new, ignore_errors=True)
        client = new / "client"
        client.mkdir(parents=True, mode=0o700)
        new.chmod(0o700)
        generate: list[str | Path] = ["openssl", "req", "-x509", "-days", "3650", "-nodes"]
        generate += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        authority, authority_key = client / "ca.pem", new / "ca.key"
        run([*generate, "-subj", "/CN=groupware-ha-lab", "-keyout", authority_key, "-out", authority])
        for subject, certificate, key, name, usage in (
            ("power-switch", new / "server.pem", new / "server.key", f"IP:{self.gateway}", "serverAuth"),
            ("node", client / "cert.pem", client / "key.pem", "DNS:node", "clientAuth"),
        ):
            signed: list[str | Path] = ["-CA", authority, "-CAkey", authority_key, "-subj", f"/CN={subject}"]
            for extension in (
                f"subjectAltName={name}",
                f"extendedKeyUsage={usage}",
                "basicConstraints=critical,CA:FALSE",
            ):
                signed += ["-addext", extension]
            run([*generate, *signed, "-keyout", key, "-out", certificate])
        for path in new.rglob("*.*"):
            path.chmod(0o600)
        new.rename(self.material)

    def start(self) -> bool:
        """Start what does not run; true if something did not."""
        return self.engine.start() | self.proxy.start()

    def check(self) -> None:
        """Nodes that cannot fence each other are no lab: say so now, not when one is to be fenced."""
        for daemon in self.daemons:
            if daemon.pid() is None:
                raise LabError(f"fencing: {daemon.name} does not run:\n{daemon.log_file.read_text()[-1000:]}")

    def stop(self) -> None:
        for daemon in reversed(self.daemons):
            daemon.stop()
