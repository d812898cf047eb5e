# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messaging Server's command lines: its options, its binding to a logical address, its installer.

A configuration is legacy (``msg.conf``, ``configutil``) or a Unified Configuration (``config.xml``, ``msconfig``). What
a program may be interrupted at is noted beforehand in a file beside what it works on, so that the half of it is never
taken for the whole.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import messaging_options as formats
from ansible_collections.groupware.ha.plugins.module_utils.formats import mta_cnf
from ansible_collections.groupware.ha.plugins.module_utils.node import directories

#: The file that each kind of configuration has.
CONFIGURATIONS = {"unified": "config.xml", "legacy": "msg.conf"}
#: What ``ha_ip_config`` sets, and the recipe HAConfig.rcp.
_ADDRESS_OPTIONS = {
    "legacy": ("service.listenaddr", "service.http.smtphost"),
    "unified": (
        "base.listenaddr",
        "job_controller.listenaddr",
        "dispatcher.service:SMTP_SUBMIT.listenaddr",
        "dispatcher.service:SMTP.listenaddr",
        "http.smtphost",
        "metermaid.listenaddr",
        "metermaid_client.server_host",
    ),
}
#: The watcher, and that it restarts what hangs.
_WATCHER_OPTIONS = {
    "legacy": ("local.watcher.enable", "local.autorestart"),
    "unified": ("watcher.enable", "base.autorestart.enable"),
}
#: Of a legacy configuration the MTA's own files, and the sections that the address is set in.
_ADDRESS_SECTIONS = {
    "dispatcher.cnf": ("SERVICE=SMTP", "SERVICE=SMTP_SUBMIT"),
    "job_controller.cnf": (None,),
}
_ADDRESS_OPTION = "INTERFACE_ADDRESS"

#: An installer copies packages and configures services: it takes its time.
LONG = 3600.0
_INSTALLER_LOGS = "/var/opt/CommsInstaller/logs"


class MessagingServerError(Failure):
    """What cannot be done with Messaging Server on this node, and what to do about it."""


class Files:
    """What the product leaves in the file system of this node; tests give another one's."""

    def exists(self, path: str) -> bool:
        """Whether there is something, at the end of links too."""
        return os.path.exists(path)

    def link_target(self, path: str) -> str | None:
        """Where a symbolic link leads, whether that is there or not; None for anything else."""
        if not os.path.islink(path):
            return None
        return os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))

    def is_mounted(self, path: str) -> bool:
        """Whether a file system is mounted there."""
        return os.path.ismount(path)

    def write_private(self, path: str, text: str) -> None:
        """A new file that nobody but its owner can read; one that an earlier run left is replaced."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        directories.replace(path, text.encode(), lambda _new: None)

    def remove(self, path: str) -> None:
        """Remove a file if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@dataclass
class MessagingServer:
    """An installation of Messaging Server as seen from this node.

    :param server_root: the directory that the manuals call MessagingServer_home
    :param private_directory: where files with secrets are for as long as a program reads them
    """

    runner: Runner
    files: Files
    server_root: str
    private_directory: str = "/var/run"

    def program(self, name: str) -> str:
        """Path of one of its programs: older releases have them in sbin."""
        older = posixpath.join(self.server_root, "sbin", name)
        return older if self.files.exists(older) else posixpath.join(self.server_root, "bin", name)

    def has_program(self, name: str) -> bool:
        """Whether a program is installed."""
        return self.files.exists(self.program(name))

    def configuration(self) -> str:
        """Which configuration the instance has.

        :raises MessagingServerError: it has none, or none that can be seen from this node
        """
        directory = posixpath.join(self.server_root, "config")
        for kind, name in CONFIGURATIONS.items():
            if self.files.exists(posixpath.join(directory, name)):
                return kind
        raise MessagingServerError(
            f"server_root = {self.server_root}: there is no configuration in {directory}; run this where the service's "
            "volume is mounted, after the instance was configured"
        )

    # -- options -------------------------------------------------------------------------------------------------

    def read_options(self, kind: str) -> dict[str, str]:
        """All options that are set, by one command."""
        unified = kind == "unified"
        argv = [self.program("msconfig"), "show"] if unified else [self.program("configutil")]
        printed = self.runner.run(argv, record=False).stdout
        try:
            return formats.parse_options(printed, unified)
        except FormatError as error:
            raise MessagingServerError(f"{' '.join(argv)}: {error} of what it printed") from None

    def write_options(self, kind: str, changes: Mapping[str, str | None]) -> None:
        """Change options, by one command that takes them from a file."""
        if kind == "unified":
            text, argv = formats.recipe(changes), [self.program("msconfig"), "run"]
        else:
            text, argv = formats.import_file(changes), [self.program("configutil"), "-i"]
        with self.private_file("options", text) as path:
            self.runner.run([*argv, path])

    @contextlib.contextmanager
    def private_file(self, name: str, text: str) -> Iterator[str]:
        """A file for as long as it is needed; its name is the same in check mode."""
        instance = self.server_root.strip("/").replace("/", "-")
        path = posixpath.join(self.private_directory, f"groupware-ha-{instance}.{name}")
        if self.runner.dry:
            yield path
            return
        try:
            self.files.write_private(path, text)
            yield path
        finally:
            self.files.remove(path)

    @property
    def install_note(self) -> str:
        """The note that commpkg was begun on the programs."""
        return f"{self.server_root}.install-unfinished"

    @contextlib.contextmanager
    def noted(self, path: str) -> Iterator[None]:
        """A note that something was begun, removed when it has ended as it should."""
        if not self.runner.dry:
            self.files.write_private(
                path, "Begun by groupware.ha and not ended yet; it is done again by the next run.\n"
            )
        yield
        if not self.runner.dry:
            self.files.remove(path)


def local_server(server_root: str, runner: Runner) -> MessagingServer:
    """The installation on this node."""
    return MessagingServer(runner, Files(), server_root.rstrip("/"))


@dataclass
class Outcome:
    """Settings that a run changed, before and after; secret ones without their values."""

    configuration: str
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether there was anything to change."""
        return self.before != self.after

    @property
    def names(self) -> list[str]:
        """What was changed, or would be."""
        return sorted({*self.before, *self.after})

    def as_dict(self) -> dict[str, Any]:
        """What was set, as modules return it."""
        return {
            "changed": self.changed,
            "configuration": self.configuration,
            "changed_options": self.names,
            "diff": {"before": _shown(self.before), "after": _shown(self.after)},
        }


def _shown(settings: Mapping[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in sorted(settings.items()))


def options_of(options: Mapping[str, Any], secrets: Mapping[str, Any]) -> tuple[dict[str, str | None], dict[str, str]]:
    """The wanted options and the secret ones, judged.

    :raises FormatError: a name or a value is none; secret values are not said
    """
    wanted: dict[str, str | None] = {}
    for name, value in options.items():
        formats.check_name(name)
        if name in secrets:
            raise FormatError(f"{name} is among options and among secrets; give it once")
        wanted[name] = None if value is None else formats.option_text(name, value)
    for name in secrets:
        formats.check_name(name)
    return wanted, {name: formats.option_text(name, value) for name, value in secrets.items()}


def checked_address(address: str) -> str:
    """An address in its usual spelling.

    :raises FormatError: it is none
    """
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise FormatError(
            f"address = {address!r}: is not an IP address; give the logical address without a prefix length"
        ) from None


def set_options(
    server: MessagingServer,
    wanted: Mapping[str, str | None],
    secrets: Mapping[str, str] | None = None,
    kind: str | None = None,
    replace_hidden: bool = False,
) -> Outcome:
    """Bring options to their wanted values and read them back.

    :param wanted: values by name; None clears
    :param secrets: likewise, but not shown anywhere
    :param kind: the configuration, if it must be this one
    :param replace_hidden: set secrets again whose present value the tool does not show
    :raises MessagingServerError: the tool took a value but does not show it afterwards
    """
    found = server.configuration()
    if kind is not None and kind != found:
        raise MessagingServerError(
            f"configuration = {kind}: the instance in {server.server_root} has a {found} configuration; use "
            f"{found} or auto, or convert the instance with configtoxml"
        )
    secrets = secrets or {}
    current = server.read_options(found)
    changes: dict[str, str | None] = {}
    for name, value in {**wanted, **secrets}.items():
        present = current.get(name)
        if name in secrets and present == formats.SUPPRESSED and not replace_hidden:
            continue
        if not _as_wanted(present, value):
            changes[name] = value
    outcome = Outcome(found)
    for name, value in changes.items():
        secret = name in secrets
        if name in current:
            outcome.before[name] = "(secret)" if secret else current[name]
        if value is not None:
            outcome.after[name] = "(new secret)" if secret else value
    if not changes:
        return outcome
    server.write_options(found, changes)
    if not server.runner.dry:
        read = server.read_options(found)
        hidden = [name for name in secrets if read.get(name) == formats.SUPPRESSED]
        wrong = [
            name for name, value in changes.items() if name not in hidden and not _as_wanted(read.get(name), value)
        ]
        if wrong:
            tool = "msconfig" if found == "unified" else "configutil"
            raise MessagingServerError(
                f"{', '.join(sorted(wrong))}: {tool} took the new value, but does not show it afterwards; see whether "
                "these options exist in this release, and what it says when they are set by hand"
            )
    return outcome


def _as_wanted(present: str | None, wanted: str | None) -> bool:
    if present is None or wanted is None:
        return present is None and wanted is None
    return formats.same_value(present, wanted)


def bind_to_address(server: MessagingServer, address: str) -> Outcome:
    """Have the instance use its logical address alone, and be watched: what ha_ip_config and HAConfig.rcp do.

    Both ask for the address, and ask again each time; here what is as wanted is left alone.
    """
    kind = server.configuration()
    wanted: dict[str, str | None] = dict.fromkeys(_ADDRESS_OPTIONS[kind], address)
    wanted.update(dict.fromkeys(_WATCHER_OPTIONS[kind], "1"))
    files = _bound_files(server, address) if kind == "legacy" else {}
    outcome = set_options(server, wanted, kind=kind)
    for path, (text, new, before) in files.items():
        if text == new:
            continue
        server.runner.replace_file(path, new, backup=True)
        name = posixpath.basename(path)
        for section, value in before.items():
            if value != address:
                key = f"{name} [{section}] {_ADDRESS_OPTION}" if section else f"{name} {_ADDRESS_OPTION}"
                outcome.before.update({key: value} if value is not None else {})
                outcome.after[key] = address
    return outcome


def _bound_files(server: MessagingServer, address: str) -> dict[str, tuple[str, str, dict[str | None, str | None]]]:
    """The MTA's files: as they are, as they should be, and the addresses that they have now."""
    found: dict[str, tuple[str, str, dict[str | None, str | None]]] = {}
    for name, places in _ADDRESS_SECTIONS.items():
        path = posixpath.join(server.server_root, "config", name)
        text = server.runner.read_file(path)
        if text is None:
            raise MessagingServerError(f"{path} is missing; the instance was not configured to its end")
        there = [place for place in places if place is None or place in mta_cnf.sections(text)]
        if not there:
            raise MessagingServerError(f"{path} has none of the sections {', '.join(map(str, places))}")
        new = text
        for place in there:
            new = mta_cnf.set_option(new, place, _ADDRESS_OPTION, address)
        found[path] = (text, new, {place: mta_cnf.get_option(text, place, _ADDRESS_OPTION) for place in there})
    return found


def run_installer(
    server: MessagingServer, installer: str, components: Sequence[str], programs: Sequence[str], again: bool
) -> None:
    """Run commpkg silently.

    :param programs: what it must have installed
    :param again: over the remains of an interrupted installation
    """
    answers = {
        "VERB": "install",
        "INSTALLROOT": posixpath.dirname(server.server_root),
        "COMPONENTS": ",".join(components),
        "ACCEPTLICENSE": "yes",
    }
    if again:
        answers["PKGOVERWRITE"] = "YES"
    text = "".join(f"{name}={value}\n" for name, value in answers.items())
    with server.private_file("install", text) as path:
        server.runner.run([installer, "install", "--acceptLicense", "--silent", path], timeout=LONG)
    missing = [name for name in programs if not server.has_program(name)]
    if missing and not server.runner.dry:
        raise MessagingServerError(
            f"{installer} ended without an error, but did not install {', '.join(missing)} in {server.server_root}; "
            f"see its log in {_INSTALLER_LOGS}, put right what it says, and run again"
        )
