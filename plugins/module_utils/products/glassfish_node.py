# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GlassFish on a host: where it is, and its own program, which makes domains and instances.

That program takes passwords from a file, which is private, in memory, and gone when it ends.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .glassfish_description import ADMINISTRATOR, password_file
from .glassfish_rest import Administration

#: Private files are made there: in memory, and never on a disk.
PARENT = "/run"
_PREFIX = "groupware-ha-glassfish-"
#: In the folder of an installation: the checksum of what it was unpacked from.
MARK = ".groupware-ha-archive"
#: Beside a folder that is being made; what it says is not whole yet.
_BEING_MADE = ".groupware-ha-making"
#: Seconds for asadmin to make, start or stop something on a busy host.
TIMEOUT = 600
#: asadmin itself gives a server up after 60 seconds; milliseconds.
_PATIENT = (f"AS_START_TIMEOUT={(TIMEOUT - 30) * 1000}", f"AS_STOP_TIMEOUT={(TIMEOUT - 30) * 1000}")
#: What asadmin says first, and again at its end.
_NOISE = ("Command ", "Using ", "Picked up ", "Waiting ", "CLI")


class GlassFishError(Failure):
    """Something on a host that GlassFish refuses, or that is none of this tier's."""


@dataclass(frozen=True)
class Place:
    """Where everything is on a host, and whose it is.

    :ivar installation: the folder with ``bin/asadmin``
    :ivar data: the folder of domains and nodes
    :ivar user: the system's user that servers run as
    """

    installation: str
    data: str
    user: str
    domain: str

    @property
    def asadmin(self) -> str:
        return f"{self.installation}/bin/asadmin"

    @property
    def domains(self) -> str:
        return f"{self.data}/domains"

    @property
    def nodes(self) -> str:
        return f"{self.data}/nodes"

    @property
    def home(self) -> str:
        """The folder of the domain."""
        return f"{self.domains}/{self.domain}"

    @property
    def certificate(self) -> str:
        """The domain's certificate, by which its administration server is known."""
        return f"{self.data}/{self.domain}.pem"

    def instance(self, node: str, instance: str) -> str:
        """The folder of an instance."""
        return f"{self.nodes}/{node}/{instance}"


#: Options of modules that act for a domain.
PLACE: Mapping[str, Any] = {
    "installation": {"type": "path", "default": "/opt/glassfish"},
    "data": {"type": "path", "default": "/var/lib/glassfish"},
    "user": {"type": "str", "default": "glassfish"},
    "domain": {"type": "str", "default": "domain1"},
}
ACCESS: Mapping[str, Any] = {
    **PLACE,
    "port": {"type": "int", "default": 4848},
    "administrator": {"type": "str", "default": "admin"},
    "passwords": {"type": "dict", "required": True, "no_log": True},
}


def place_of(given: Mapping[str, Any]) -> Place:
    """What a module's options say of the host."""
    return Place(*(str(given[name]) for name in PLACE))


def administration_of(given: Mapping[str, Any]) -> Administration:
    """The administration server of this host."""
    passwords = {str(name): str(value) for name, value in given["passwords"].items()}
    if ADMINISTRATOR not in passwords:
        raise GlassFishError(f"passwords.{ADMINISTRATOR}: is missing; give the administrator's password")
    return Administration(
        "127.0.0.1",
        given["port"],
        given["administrator"],
        place_of(given).certificate,
        passwords[ADMINISTRATOR],
        tuple(value for value in passwords.values() if len(value) > 3),
    )


@dataclass
class Asadmin:
    """GlassFish's program, run as the user that its servers run as.

    :ivar administrator: who logs in where it asks an administration server
    """

    runner: Runner
    place: Place
    administrator: str
    passwords: Mapping[str, str]

    def run(self, *arguments: str, where: Sequence[str] = (), timeout: float = TIMEOUT) -> CommandResult:
        """Run a subcommand; recorded, and in check mode nothing more.

        :param where: options of asadmin itself
        :raises GlassFishError: it failed
        """
        shown = [self.place.asadmin, *where, *arguments]
        self.runner.commands.append(" ".join(shown))
        if self.runner.dry:
            return CommandResult(tuple(shown), 0, "", "")
        with self._private() as file:
            own = ["--interactive=false", "--user", self.administrator, "--passwordfile", file]
            become = ["setpriv", f"--reuid={self.place.user}", f"--regid={self.place.user}", "--init-groups", "--"]
            environment = ["env", f"HOME={self.place.data}", *_PATIENT]
            argv = [*become, *environment, self.place.asadmin, *own, *where, *arguments]
            done = self.runner.run(argv, timeout=timeout, accept=range(-64, 256), record=False)
        if done.status != 0:
            raise GlassFishError(f"asadmin {arguments[0]}: {self._complaint(done)}")
        return done

    def _complaint(self, done: CommandResult) -> str:
        lines = [line.strip() for line in (done.stderr + "\n" + done.stdout).splitlines()]
        words = "; ".join(dict.fromkeys(line for line in lines if line and not line.startswith(_NOISE)))
        for secret in self.passwords.values():
            words = words.replace(secret, HIDDEN)
        return words[:1000] or f"exit status {done.status}"

    @contextlib.contextmanager
    def _private(self) -> Iterator[str]:
        user = pwd.getpwnam(self.place.user)
        with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", dir=PARENT) as top:
            os.chown(top, user.pw_uid, user.pw_gid)
            path = Path(top, "passwords")
            path.touch(mode=0o600)
            os.chown(path, user.pw_uid, user.pw_gid)
            path.write_text(password_file(self.passwords), encoding="ascii")
            yield str(path)


@contextlib.contextmanager
def being_made(folder: str, record: bool) -> Iterator[None]:
    """Whatever ends this before its end, the folder counts as not there; and what is left of it goes first.

    :param record: false in check mode, where nothing is made
    """
    if not record:
        yield
        return
    mark = Path(f"{folder}{_BEING_MADE}")
    if os.path.lexists(folder):
        shutil.rmtree(folder)
    mark.touch()
    yield
    mark.unlink()


def there(folder: str) -> bool:
    """Whether the folder is there as a whole."""
    return os.path.isdir(folder) and not os.path.exists(f"{folder}{_BEING_MADE}")


def has_instance(place: Place, node: str, instance: str) -> bool:
    """Whether a host has its instance. A node has one, and is there with it as a whole."""
    return there(f"{place.nodes}/{node}") and os.path.isdir(place.instance(node, instance))


def remove(folder: str) -> None:
    """Remove a folder of a server; cut short it is not there either."""
    mark = Path(f"{folder}{_BEING_MADE}")
    if os.path.lexists(folder):
        mark.touch()
        shutil.rmtree(folder)
    mark.unlink(missing_ok=True)


def is_secure(home: str) -> bool:
    """Whether a domain's administration is by TLS alone, and from other hosts at all."""
    try:
        top = ElementTree.parse(f"{home}/config/domain.xml").getroot()
    except (OSError, ElementTree.ParseError):
        return False
    found = top.find("secure-admin")
    return found is not None and found.get("enabled") == "true"


def fingerprint(path: str) -> str | None:
    """SHA-256 of a certificate in a file; nothing without one."""
    try:
        text = Path(path).read_text(encoding="ascii")
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()
    except (OSError, ValueError):
        return None


def installed(directory: str) -> str | None:
    """The checksum of what a folder was unpacked from; nothing where no GlassFish is, or one of somebody else's."""
    try:
        return Path(directory, MARK).read_text(encoding="ascii").strip()
    except OSError:
        return None
