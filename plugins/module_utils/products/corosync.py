# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Corosync on one node: what is there, and making it as wanted.

Three steps that do not mix: read (a constant number of commands), plan (pure), execute.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, SEARCH_PATH, CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure, FormatError
from ansible_collections.groupware.ha.plugins.module_utils.formats import corosync_conf
from ansible_collections.groupware.ha.plugins.module_utils.node import directories
from ansible_collections.groupware.ha.plugins.module_utils.node.packages import missing_packages
from .membership import SERVICES, NodeState, Service

#: Seconds to start a service; stopping has a deadline of its own, because Pacemaker moves services away first.
START_TIMEOUT = 120


#: What a node's part of the cluster can be brought into.
STATES = ("judged", "configured", "started", "reloaded", "absent")
RELOADED = "reloaded"

#: Seconds that running members have to take over a configuration, and between two looks.
_PATIENCE, _POLL = 10, 0.5


@dataclass(frozen=True)
class NodeFiles:
    """Where Corosync and Pacemaker keep what belongs to the cluster; tests give their own."""

    configuration: Path = Path("/etc/corosync/corosync.conf")
    authkey: Path = Path("/etc/corosync/authkey")
    cib: Path = Path("/var/lib/pacemaker/cib")
    release: Path = Path("/etc/os-release")


@dataclass(frozen=True)
class Wanted:
    """What a node is to be; without a key or configuration, what is there stays."""

    state: str
    configuration: str | None = None
    authkey: bytes | None = None
    boot: bool = True


@dataclass(frozen=True)
class Step:
    """One thing to do: run a command, write a file or remove one."""

    before: str
    after: str
    argv: tuple[str, ...] = ()
    write: Path | None = None
    content: bytes = b""
    mode: int = 0o644
    remove: Path | None = None


class CorosyncError(Failure):
    """A node that cannot be made as wanted without harm; nothing was touched."""


def decoded_key(text: str | None) -> bytes | None:
    """The cluster's key as it is in its file.

    :param text: Base64
    """
    try:
        return None if text is None else base64.b64decode(text, validate=True)
    except binascii.Error:
        raise CorosyncError("authkey is not Base64") from None


# Reading --------------------------------------------------------------------------------------------------------------


def read_state(
    node: str,
    runner: Runner,
    packages: Sequence[str] = (),
    agents: Sequence[str] = (),
    files: NodeFiles | None = None,
) -> NodeState:
    """What is there, by at most three commands.

    :param packages: packages to look for
    :param agents: programs to look for, such as fence agents
    """
    files = files or NodeFiles()
    services = _read_services(runner)
    members: tuple[str, ...] = ()
    version = None
    if services["corosync"].active:
        shown = runner.run(["corosync-cmapctl"], record=False, accept=ANY_STATUS)
        members, version = parse_cmap(shown.stdout)
    # Pacemaker keeps this file current, and it can be read whether Pacemaker runs or not.
    cib = _read_text(files.cib / "cib.xml") or ""
    key = _read(files.authkey)
    return NodeState(
        node=node,
        missing_packages=tuple(missing_packages(packages, runner)),
        missing_agents=tuple(agent for agent in agents if shutil.which(agent, path=SEARCH_PATH) is None),
        release=parse_release(_read_text(files.release) or ""),
        configuration=_read_text(files.configuration),
        authkey=None if key is None else hashlib.sha256(key).hexdigest(),
        services=services,
        members=members,
        running_version=version,
        cib=bool(cib),
        resources=re.search(r"<(primitive|bundle)\b", cib) is not None,
        known_nodes=tuple(re.findall(r'<node\b[^>]*\buname="([^"]+)"', cib)),
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _read_text(path: Path) -> str | None:
    content = _read(path)
    return None if content is None else content.decode(errors="replace")


def _read_services(runner: Runner) -> dict[str, Service]:
    units = [f"{name}.service" for name in SERVICES]
    shown = runner.run(["systemctl", "show", "--property=Id,ActiveState,UnitFileState", *units], record=False)
    services = {name: Service() for name in SERVICES}
    for block in shown.stdout.split("\n\n"):
        values = {name: value for name, _equals, value in (line.partition("=") for line in block.splitlines())}
        name = values.get("Id", "").removesuffix(".service")
        if name in services:
            services[name] = Service(
                active=values.get("ActiveState") in ("active", "reloading"),
                enabled=values.get("UnitFileState") == "enabled",
            )
    return services


def parse_release(text: str) -> str:
    """Distribution and version of an os-release file, such as ``debian-12``."""
    values = dict(re.findall(r"""^(\w+)=["']?([^"'\n]*)["']?$""", text, re.MULTILINE))
    return "-".join(values[key] for key in ("ID", "VERSION_ID") if key in values)


def parse_cmap(text: str) -> tuple[tuple[str, ...], int | None]:
    """Names of the joined members and the version of the configuration, from what ``corosync-cmapctl`` prints."""
    values: dict[str, str] = dict(re.findall(r"^(\S+) \(\w+\) = (.*)$", text, re.MULTILINE))
    names: dict[str, str] = {}
    for key, value in values.items():
        match = re.fullmatch(r"nodelist\.node\.(\d+)\.nodeid", key)
        if match:
            position = f"nodelist.node.{match.group(1)}"
            names[value] = values.get(f"{position}.name") or values.get(f"{position}.ring0_addr", value)
    joined: list[str] = []
    for key, value in values.items():
        match = re.fullmatch(r"runtime\.members\.(\d+)\.status", key)
        if match and value == "joined":
            joined.append(names.get(match.group(1), match.group(1)))
    version = values.get("totem.config_version")
    return tuple(sorted(joined)), None if version is None else int(version)


def remains(runner: Runner, files: NodeFiles | None = None) -> list[str]:
    """What this node still has of a cluster, in words: all that a node is rid of when it is taken out.

    :raises CommandError: nobody knows whether the services run
    :raises PermissionError: a file cannot be read
    """
    files = files or NodeFiles()
    if not any(runner.installed(program) for program in ("corosync", "pacemakerd")):
        return []
    return [step.before for step in _plan_absent(read_state("", runner, files=files), files)]


# Planning -------------------------------------------------------------------------------------------------------------


def make_plan(wanted: Wanted, state: NodeState, files: NodeFiles | None = None) -> list[Step]:
    """What has to be done on this node. Pure.

    :raises CorosyncError: the node has something of its own that would be lost
    """
    files = files or NodeFiles()
    if wanted.state == "absent":
        return _plan_absent(state, files)
    steps = _plan_reset(state, files)
    if wanted.authkey is not None and hashlib.sha256(wanted.authkey).hexdigest() != state.authkey:
        steps.append(
            Step(
                before="authkey: " + ("none" if state.authkey is None else "another"),
                after="authkey: the cluster's",
                write=files.authkey,
                content=wanted.authkey,
                mode=0o400,
            )
        )
    if wanted.configuration is not None and wanted.configuration != state.configuration:
        steps.append(
            Step(
                before=(state.configuration or "corosync.conf: none").rstrip(),
                after=wanted.configuration.rstrip(),
                write=files.configuration,
                content=wanted.configuration.encode(),
            )
        )
    if wanted.state == "started":
        steps += _plan_services(wanted, state)
    return steps


def _plan_reset(state: NodeState, files: NodeFiles) -> list[Step]:
    """Leave the cluster of one that Debian's packages start when they are installed."""
    if state.configuration is None or not _is_packaged_default(state.configuration):
        return []
    if state.resources:
        raise CorosyncError(
            f"{state.node} has the configuration that the package brings, but somebody configured resources in it; "
            f"move them to the description, then stop pacemaker and corosync there and empty {files.cib}"
        )
    steps = _plan_stop(state)
    if state.cib:
        steps.append(Step("a cluster of this node alone", "no cluster of this node alone", remove=files.cib))
    return steps


def _is_packaged_default(text: str) -> bool:
    try:
        return corosync_conf.is_packaged_default(corosync_conf.parse(text))
    except FormatError:
        return False


def _plan_stop(state: NodeState) -> list[Step]:
    return [
        Step(f"{name}: active", f"{name}: inactive", ("systemctl", "stop", name))
        for name in reversed(SERVICES)
        if state.service(name).active
    ]


def _plan_services(wanted: Wanted, state: NodeState) -> list[Step]:
    steps = []
    verb, word = ("enable", "started at boot") if wanted.boot else ("disable", "not started at boot")
    other = "not started at boot" if wanted.boot else "started at boot"
    for name in SERVICES:
        service = state.service(name)
        if service.enabled != wanted.boot:
            argv = ("systemctl", verb, "--quiet", name)
            steps.append(Step(f"{name}: {other}", f"{name}: {word}", argv))
    stopped_before = state.configuration is not None and _is_packaged_default(state.configuration)
    for name in SERVICES:
        if not state.service(name).active or stopped_before:
            steps.append(Step(f"{name}: inactive", f"{name}: active", ("systemctl", "start", name)))
    return steps


def _plan_absent(state: NodeState, files: NodeFiles) -> list[Step]:
    steps = _plan_stop(state)
    steps += [
        Step(f"{name}: started at boot", f"{name}: not started at boot", ("systemctl", "disable", "--quiet", name))
        for name in SERVICES
        if state.service(name).enabled
    ]
    if state.configuration is not None:
        steps.append(Step("corosync.conf: there", "corosync.conf: none", remove=files.configuration))
    if state.authkey is not None:
        steps.append(Step("authkey: there", "authkey: none", remove=files.authkey))
    if state.cib:
        steps.append(Step("Pacemaker's configuration: there", "Pacemaker's configuration: none", remove=files.cib))
    return steps


def render(steps: Sequence[Step], side: str) -> str:
    """One side (``before`` or ``after``) of the steps as text to read in a diff; never the key."""
    return "".join(f"{step.before if side == 'before' else step.after}\n" for step in steps)


def planned_commands(steps: Sequence[Step]) -> list[str]:
    """The command lines of a plan."""
    return [shlex.join(step.argv) for step in steps if step.argv]


# Judging --------------------------------------------------------------------------------------------------------------


def judge(steps: Sequence[Step], runner: Runner, files: NodeFiles | None = None) -> None:
    """Have Corosync itself read the file that is to be put in place, beside the one that is there.

    A node on which it is not installed yet, as in check mode, says nothing. ``corosync -t`` takes no file whose key is
    not there, so that a new key is put beside it; and it says what is wrong where it logs to.

    :raises CorosyncError: it does not accept the file
    """
    files = files or NodeFiles()
    wanted = next((step.content.decode() for step in steps if step.write == files.configuration), None)
    if wanted is None or not runner.installed("corosync"):
        return
    with tempfile.TemporaryDirectory(prefix="groupware_ha_corosync_") as directory:
        staged = Path(directory, files.configuration.name)
        authkey = next((step.content for step in steps if step.write == files.authkey), None)
        key = files.authkey
        if authkey is not None:
            key = Path(directory, files.authkey.name)
            _write(key, authkey, 0o400)
        _write(staged, corosync_conf.staged(wanted, str(key)).encode(), 0o600)
        shown = runner.run(["corosync", "-t", "-c", str(staged)], record=False, accept=ANY_STATUS)
    if shown.status != 0:
        raise CorosyncError(
            f"corosync does not accept the new {files.configuration}, nothing was touched: "
            f"{parse_refusal(shown.stdout + shown.stderr, str(staged)) or f'exit status {shown.status}'}; "
            "correct cluster_framework_totem_options or cluster_framework_quorum_options, or the node's own address"
        )


def parse_refusal(text: str, staged: str) -> str:
    """What ``corosync -t`` says is wrong, without times and the name of the file that it was given."""
    lines = (re.sub(r"^\w+ \d+ [\d:.]+ \w+ +\[\w+ *\] ", "", line) for line in text.splitlines())
    told = [line.strip().replace(f"{staged}:", "line ") for line in lines if "exiting" not in line and line.strip()]
    return "; ".join(told)


# Executing ------------------------------------------------------------------------------------------------------------


def execute(steps: Sequence[Step], runner: Runner, stop_timeout: float) -> None:
    """Do what was planned.

    :raises CommandError: a command failed; the next run goes on from there
    """
    for step in steps:
        if step.argv:
            _run(step.argv, runner, stop_timeout)
        elif step.write is not None:
            _write(step.write, step.content, step.mode)
        elif step.remove is not None:
            _remove(step.remove)


def reload(runner: Runner) -> None:
    """Have all running members read their corosync.conf anew.

    :raises CommandError: Corosync had no time for it, since it forms a new membership all the while
    """
    until = runner.clock() + _PATIENCE
    while True:
        try:
            runner.run(["corosync-cfgtool", "-R"])
        except CommandError:
            if runner.clock() >= until:
                raise
            runner.pause(_POLL)
        else:
            return


def await_version(version: int, runner: Runner) -> None:
    """Wait until the running Corosync has taken over the configuration of this number; reloading only tells it to.

    :raises CorosyncError: it has not
    """
    until = runner.clock() + _PATIENCE
    while True:
        shown = runner.run(["corosync-cmapctl"], record=False, accept=ANY_STATUS)
        running = parse_cmap(shown.stdout)[1]
        if running == version:
            return
        if runner.clock() >= until:
            raise CorosyncError(
                f"Corosync was told to read its configuration anew, and has not taken over version {version} within "
                f"{_PATIENCE} seconds: it runs with {'none' if running is None else f'version {running}'}; see "
                "journalctl --unit=corosync on this node"
            )
        runner.pause(_POLL)


def _run(argv: Sequence[str], runner: Runner, stop_timeout: float) -> None:
    starts = argv[1] == "start"
    try:
        runner.run(argv, timeout=stop_timeout if argv[1] == "stop" else START_TIMEOUT)
    except CommandError as error:
        if not starts:
            raise
        # systemctl only says that it failed; the reason is in the journal.
        journal = runner.run(
            ["journalctl", "--no-pager", "--quiet", "--output=cat", "--lines=5", f"--unit={argv[2]}"],
            record=False,
            accept=ANY_STATUS,
        )
        raise CommandError(argv, error.reason, f"{error.output}\n{journal.stdout}") from None


def _write(path: Path, content: bytes, mode: int) -> None:
    path.parent.mkdir(exist_ok=True)
    directories.replace(path, content, lambda new: os.chmod(new, mode))


def _remove(path: Path) -> None:
    """Remove a file, or everything in a directory; the directory itself belongs to the package."""
    if not path.is_dir():
        path.unlink()
        directories.sync(path.parent)
        return
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    directories.sync(path)
