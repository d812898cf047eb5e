"""A real directory server for tests: OpenLDAP's slapd on a port of its own, run by whoever runs the tests."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SCHEMAS = Path("/etc/ldap/schema")
REGISTRY_SCHEMA = Path(__file__).resolve().parents[4] / "roles" / "ias_cluster" / "files" / "registry.schema"
PASSWORD = 'a "password" with blanks'  # noqa: S105 - of a server that lives as long as the tests
CONFIGURATION = """include {schemas}/core.schema
include {registry_schema}
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix o=NetscapeRoot
directory {folder}/entries
rootdn cn=manager,o=NetscapeRoot
rootpw "{password}"
"""
BASE = "cn=Application Server,o=NetscapeRoot"
FIRST_ENTRIES = f"""dn: o=NetscapeRoot
objectClass: organization
o: NetscapeRoot

dn: {BASE}
objectClass: applicationProcess
cn: Application Server
"""


def program(name: str) -> str | None:
    """Where a program is, also one that only root has on PATH."""
    return shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")


@dataclass
class DirectoryServer:
    """A directory server that runs."""

    uri: str
    password_file: Path

    @property
    def options(self) -> dict[str, str]:
        """The option ``directory`` of the module."""
        return {
            "uri": self.uri,
            "base": BASE,
            "bind_dn": "cn=manager,o=NetscapeRoot",
            "password_file": str(self.password_file),
        }

    def run(self, tool: str, *arguments: str, text: str = "") -> str:
        """Run one of the directory's tools."""
        bind = ["-x", "-H", self.uri, "-D", self.options["bind_dn"], "-y", str(self.password_file)]
        return subprocess.run([tool, *bind, *arguments], input=text, capture_output=True, text=True, check=True).stdout

    def everything(self) -> str:
        """All entries as LDIF."""
        return self.run("ldapsearch", "-LLL", "-b", "o=NetscapeRoot")


@contextlib.contextmanager
def started(folder: Path) -> Iterator[DirectoryServer]:
    """A directory server with a base for the registry and nothing in it."""
    (folder / "entries").mkdir()
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(PASSWORD)
    configuration = folder / "slapd.conf"
    configuration.write_text(
        CONFIGURATION.format(
            schemas=SCHEMAS,
            registry_schema=REGISTRY_SCHEMA,
            folder=folder,
            password=PASSWORD.replace('"', '\\"'),
        )
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"ldap://127.0.0.1:{port}"
    slapd = program("slapd")
    assert slapd is not None
    # ansible-test runs each test in a process of its own, which ends without coming back here.
    with_its_parent = ["setpriv", "--pdeathsig", "TERM", slapd]
    process = subprocess.Popen(
        [*with_its_parent, "-d", "0", "-h", uri, "-f", str(configuration)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait(process, port)
        server = DirectoryServer(uri, password_file)
        server.run("ldapadd", text=FIRST_ENTRIES)
        yield server
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read().decode())
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("slapd does not listen")
