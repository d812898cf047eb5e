# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has a Web Server 7 with the load balancing plug-in serve a calendar, as Calendar Server's manual has machine C do.

A configuration is in the store of the administration server and, as a copy, with the instance. What the plug-in's
installer writes goes to the instance; it is pulled into the store before the store is edited, and the store is deployed
afterwards. So a run that comes after one that was cut off finds a store and an instance that differ, and deploys.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import web_server_7 as formats
from ansible_collections.groupware.ha.plugins.module_utils.formats.lines import lines_of
from ansible_collections.groupware.ha.plugins.module_utils.node import backups, files, staging
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, telling
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN

#: Files of a configuration that the plug-in's installer or this module edits.
ACCESS, STARTING = "default.acl", "magnus.conf"
_COMPARED = (ACCESS, STARTING, "obj.conf", "server.xml", "loadbalancer.xml")
#: Those that the plug-in's installer writes to, at the instance alone.
_INSTALLED = (STARTING, "obj.conf", "loadbalancer.xml")
#: Seconds for a command; an instance is started by one.
_TIMEOUT = 300
#: Seconds for a connection to the instance.
_CONNECTING = 5
#: What certutil trusts a certificate for: to be an authority of servers and of clients; the manual has no commas.
_TRUST = "TC,,"
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class WebServerError(Failure):
    """What the server, or its administration server, refuses or lacks."""


@dataclass(frozen=True)
class Wanted:
    """What the server is to be.

    :ivar configuration: its name in the store, which is its node's too
    :ivar listener: name of the listener with TLS, by which the domain administration server reaches it
    :ivar trusted: of a certificate to trust, the name and the PEM text; nothing, if none is to be
    """

    configuration: str
    server_name: str
    port: int
    uri: str
    listener: str
    certificate: str
    trusted: tuple[str, str] | None = None
    present: bool = True

    @property
    def secure(self) -> dict[str, str]:
        """What the listener has of TLS; client-auth is for GlassFish, whose certificate is asked for."""
        return {"enabled": "true", "server-cert-nickname": self.certificate, "client-auth": "optional"}


@dataclass(frozen=True)
class Places:
    """Where the product is."""

    home: str
    root: str
    configuration: str

    @property
    def administration(self) -> str:
        return f"{self.root}/admin-server"

    @property
    def store(self) -> str:
        """The configuration in the store."""
        return f"{self.administration}/config-store/{self.configuration}/config"

    @property
    def instance(self) -> str:
        """The instance's copy of it."""
        return f"{self.root}/https-{self.configuration}/config"

    @property
    def link(self) -> str:
        """Where the plug-in's installer looks for the instance."""
        return f"{self.home}/https-{self.configuration}"


@dataclass
class Administration:
    """wadm, and certutil, with a password that is in a file as long as it is needed."""

    runner: Runner
    places: Places
    user: str
    port: int
    password: str = field(repr=False)

    def ask(self, command: str, *arguments: str) -> list[str]:
        """The lines that it prints, without the one that says that all went well."""
        done = self._run(command, arguments)
        if done.status != 0:
            raise self._failed(command, done)
        return [line.strip() for line in done.stdout.splitlines() if line.strip() and not line.startswith("CLI201")]

    def tell(self, command: str, *arguments: str) -> None:
        """Have something done; in check mode it is noted only."""
        self.runner.commands.append(" ".join(["wadm", command, *arguments]))
        if not self.runner.dry:
            done = self._run(command, arguments)
            if done.status != 0:
                raise self._failed(command, done)

    def _run(self, command: str, arguments: Sequence[str]) -> CommandResult:
        with staging.stage("web-server") as top:
            file = top / "password"
            staging.put(file, f"wadm_password={self.password}\n")
            connection = [f"--user={self.user}", f"--password-file={file}", f"--port={self.port}", "--no-prompt"]
            argv = [f"{self.places.home}/bin/wadm", command, *connection, *arguments]
            return self.runner.run(argv, timeout=_TIMEOUT, accept=ANY_STATUS, record=False)

    def _failed(self, command: str, done: CommandResult) -> WebServerError:
        words = " / ".join(line.strip() for line in f"{done.stderr}\n{done.stdout}".splitlines() if line.strip())
        return WebServerError(f"wadm {command}: {words.replace(self.password, HIDDEN) or 'it says nothing'}")

    def certificate(self, nickname: str) -> str | None:
        """A certificate of the configuration, as PEM."""
        argv = [self._certutil, "-L", "-a", "-n", nickname, "-d", self.places.store]
        done = self.runner.run(argv, timeout=_TIMEOUT, accept=ANY_STATUS, record=False)
        found = _PEM.search(done.stdout)
        return found[0] if done.status == 0 and found else None

    def trust(self, nickname: str, text: str, there: bool) -> None:
        """Have a certificate trusted, in place of the one of that name."""
        if there:
            self.distrust(nickname)
        with staging.stage("web-server") as top:
            staging.put(top / "certificate.pem", text)
            argv = [self._certutil, "-A", "-a", "-n", nickname, "-t", _TRUST, "-d", self.places.store]
            self.runner.commands.append(" ".join(["certutil", *argv[1:]]))
            if not self.runner.dry:
                self.runner.run([*argv, "-i", str(top / "certificate.pem")], timeout=_TIMEOUT, record=False)

    def distrust(self, nickname: str) -> None:
        """Have a certificate not trusted any more."""
        argv = [self._certutil, "-D", "-n", nickname, "-d", self.places.store]
        self.runner.commands.append(" ".join(["certutil", *argv[1:]]))
        if not self.runner.dry:
            self.runner.run(argv, timeout=_TIMEOUT, record=False)

    @property
    def _certutil(self) -> str:
        return f"{self.places.home}/bin/certutil"


@dataclass
class WebServer:
    """The server of this node, and what it is to be."""

    administration: Administration
    wanted: Wanted
    differences: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def places(self) -> Places:
        return self.administration.places

    @property
    def runner(self) -> Runner:
        return self.administration.runner

    def converge(self) -> dict[str, Any]:
        """What a module returns.

        :raises WebServerError: it cannot be, or the server refuses something
        """
        self._judge()
        if self._started():
            self._link()
            self._pull()
            if self.wanted.present:
                self._have_listener()
                self._have_trust()
            else:
                self._take_away()
            self._edit()
            self._deploy()
        return {
            "changed": bool(self.differences),
            "differences": self.differences,
            "backups": self.kept,
            "certificate": self.administration.certificate(self.wanted.certificate),
        }

    def _judge(self) -> None:
        if not Path(self.places.store).is_dir():
            raise WebServerError(
                f"{self.places.store} is not there: Web Server 7 is not installed below {self.places.root}, or has no "
                f"configuration {self.wanted.configuration}; see wadm list-configs"
            )
        if not Path(self.places.instance).is_dir():
            raise WebServerError(
                f"{self.places.instance} is not there: the configuration {self.wanted.configuration} has no instance "
                "on this node; see wadm create-instance"
            )
        # Read before anything is done, since they may be refused.
        self._edited()
        if self.wanted.trusted is not None:
            fingerprint(self.wanted.trusted[1])

    def _differs(self, words: str) -> None:
        self.differences.append(words)

    def _link(self) -> None:
        link, target = Path(self.places.link), str(Path(self.places.instance).parent)
        if link.is_symlink() and str(link.readlink()) == target:
            return
        if not self.wanted.present or self.places.home == self.places.root:
            return
        if link.exists() or link.is_symlink():
            raise WebServerError(f"{link}: is there and does not lead to {target}; the plug-in's installer needs that")
        self._differs(f"{link} leads to {target}")
        self.runner.run(["ln", "-s", target, str(link)])

    def _started(self) -> bool:
        """Whether the administration server can be asked; it is started."""
        if not _listens(self.administration.port):
            self._differs("the administration server does not run")
            self.runner.run([f"{self.places.administration}/bin/startserv"], timeout=_TIMEOUT)
            if self.runner.dry:
                return False
        # Whether it lets this user in is known before anything is changed.
        self.administration.ask("list-configs")
        return True

    # -- what is in the store ------------------------------------------------------------------------------------------

    def _pull(self) -> None:
        """Have in the store what the plug-in's installer has written for the instance."""
        lacking = [name for name in _INSTALLED if _lacks(self._text(name), self._text(name, self.places.instance))]
        if not lacking:
            return
        self._differs(f"the store lacks what the instance has in {', '.join(lacking)}")
        if not self.runner.dry:
            self.kept += [backups.keep(f"{self.places.store}/{name}") for name in lacking if self._text(name)]
        self.administration.tell("pull-config", f"--config={self.wanted.configuration}", self.wanted.configuration)

    def _text(self, name: str, folder: str | None = None) -> str:
        return files.read(f"{folder or self.places.store}/{name}").content

    def _have_listener(self) -> None:
        wanted, tell, ask = self.wanted, self.administration.tell, self.administration.ask
        config = f"--config={wanted.configuration}"
        if self.administration.certificate(wanted.certificate) is None:
            self._differs(f"there is no certificate {wanted.certificate}")
            named = (f"--server-name={wanted.server_name}", f"--nickname={wanted.certificate}")
            tell("create-selfsigned-cert", config, *named)
        this = f"--http-listener={wanted.listener}"
        there = wanted.listener in ask("list-http-listeners", config)
        if not there:
            self._differs(f"there is no listener {wanted.listener}")
            virtual = f"--default-virtual-server-name={wanted.configuration}"
            port, name = f"--listener-port={wanted.port}", f"--server-name={wanted.server_name}"
            tell("create-http-listener", port, config, name, virtual, wanted.listener)
        listening = {"port": str(wanted.port), "server-name": wanted.server_name}
        self._have_properties("http-listener", listening, (config, this), there)
        self._have_properties("ssl", wanted.secure, (config, this), there)

    def _have_properties(self, kind: str, wanted: Mapping[str, str], where: tuple[str, str], there: bool) -> None:
        """Set those that differ; a listener that is made has what it was made with."""
        if there:
            pairs = (line.partition("=") for line in self.administration.ask(f"get-{kind}-prop", *where))
            found = {name.strip(): value.strip() for name, _equals, value in pairs}
        else:
            found = dict(wanted) if kind == "http-listener" else {}
        differing = {name: value for name, value in wanted.items() if found.get(name) != value}
        for name, value in differing.items():
            self._differs(f"{self.wanted.listener}: {name} is {found.get(name, 'not set')}, not {value}")
        if differing:
            operands = [f"{name}={value}" for name, value in differing.items()]
            self.administration.tell(f"set-{kind}-prop", *where, *operands)

    def _have_trust(self) -> None:
        if self.wanted.trusted is None:
            return
        nickname, text = self.wanted.trusted
        there = self.administration.certificate(nickname)
        if there is not None and fingerprint(there) == fingerprint(text):
            return
        self._differs(f"the certificate {nickname} is {'another one' if there else 'not trusted'}")
        self.administration.trust(nickname, text, there is not None)

    def _take_away(self) -> None:
        config = f"--config={self.wanted.configuration}"
        if self.wanted.listener in self.administration.ask("list-http-listeners", config):
            self._differs(f"there is a listener {self.wanted.listener}")
            self.administration.tell("delete-http-listener", config, self.wanted.listener)
        for nickname in (self.wanted.certificate, *(self.wanted.trusted or ())[:1]):
            if self.administration.certificate(nickname) is not None:
                self._differs(f"there is a certificate {nickname}")
                self.administration.distrust(nickname)

    def _edited(self) -> dict[str, str]:
        access, starting = self._text(ACCESS), self._text(STARTING)
        if self.wanted.present:
            return {ACCESS: formats.with_access(access, self.wanted.uri), STARTING: formats.with_method(starting)}
        return {ACCESS: formats.without_access(access, self.wanted.uri), STARTING: formats.without_method(starting)}

    def _edit(self) -> None:
        entries = [files.Entry(f"{self.places.store}/{name}", content=text) for name, text in self._edited().items()]
        changes = files.plan(entries, frozenset(), self.runner.dry).changes
        for change in changes:
            self._differs(
                f"{change.entry.path} lacks what a calendar needs" if self.wanted.present else change.entry.path
            )
        if not self.runner.dry:
            files.apply(changes)

    # -- what runs -----------------------------------------------------------------------------------------------------

    def _deploy(self) -> None:
        config = self.wanted.configuration
        differs = [name for name in _COMPARED if self._text(name) != self._text(name, self.places.instance)]
        instance = Reader(f"web-server-7-{config}", [])
        if self.differences or differs or instance.waits:
            if not self.differences:
                what = f"with the store's {', '.join(differs)}" if differs else "yet with what was deployed"
                self._differs(f"the instance does not run {what}")
            with telling([instance], self.runner):
                self.administration.tell("deploy-config", config)
                self.administration.tell("restart-instance", f"--config={config}")
        elif not self._running:
            self._differs("the instance does not run")
            self.administration.tell("start-instance", f"--config={config}", config)

    @property
    def _running(self) -> bool:
        """Whether the instance takes connections; one of which nothing is wanted is left as it is."""
        return _listens(self.wanted.port) or not self.wanted.present


def _listens(port: int) -> bool:
    """Whether somebody takes connections at a port of this node."""
    try:
        with socket.create_connection(("localhost", port), timeout=_CONNECTING):
            return True
    except OSError:
        return False


def fingerprint(text: str) -> bytes:
    """What tells a certificate from others: the certificate itself.

    :raises WebServerError: the text is none
    """
    found = _PEM.search(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found[0] if found else "")
        return ssl.PEM_cert_to_DER_cert(found[0] if found else "")
    except (ValueError, ssl.SSLError):
        raise WebServerError("trusted.certificate: is no certificate in PEM, as certutil -L -a prints it") from None


def _lacks(these: str, those: str) -> bool:
    """Whether the one text has not all lines of the other; that with methods may have been edited since."""
    have = {line.strip() for line in lines_of(these)}
    return any(line.strip() not in have for line in lines_of(formats.without_method(those)))
