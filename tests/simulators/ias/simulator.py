"""Simulated iPlanet Application Servers: they start and stop, and elect who keeps the cluster's data.

A node of this simulator is a server, of which several may be on one machine. A server reads what it needs when it is
started: to which cluster it belongs from its local registry, the cluster itself from the directory server. In one
process ``state["directory"]`` stands for the directory; in containers it is the database that OpenLDAP's back-ldif
keeps in files.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Answer, Refusal, Simulator

MARKS = Marks("ias")

GUIDE = "iPlanet Application Server Administrator's Guide, chapter 13"
REGISTRY_GUIDE = "iPlanet Application Server Registry Guide 6.5 (816-5795-10)"
ANCESTOR = "Netscape Application Server Administration Guide (1998), Mapping the Synchronizer to the Cluster"
BUYERXPERT = "iPlanet BuyerXpert 4.5 Installation Guide (816-6488-10), chapter 6"

#: Where a server keeps its own registry, below its root.
LOCAL_REGISTRY = "ias/registry/local.reg"
MAPPING = re.compile(r"\[SOFTWARE\\iPlanet\\Application Server\\[^\\]+\\CCS0\\ClusterName\\([^\\\]]+)\]", re.IGNORECASE)
VALUE = re.compile(r'"([^"]*)"=integer:(-?[0-9]+)')


class IasSimulator(Simulator):
    """All servers of a site.

    Options: ``servers``, for each name its ``address`` and ``port``; ``root``, the folder that has one for each server;
    ``directory``, the folder with the entries of the directory server below the key Clusters.
    """

    programs: Mapping[str, str] = {"KIVAes.sh": "kivaes"}

    def first_state(self) -> dict[str, Any]:
        """Every server is stopped."""
        return {"directory": {}, "running": {}, "edited_while_running": []}

    # -- commands ----------------------------------------------------------------------------------------------

    @MARKS.documented("KIVAes.sh", "start and stop are its arguments", BUYERXPERT)
    @MARKS.assumed("KIVAes.sh", "other arguments are refused with status 1")
    def kivaes(self, server: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The script that starts and stops a server."""
        if list(arguments) not in (["start"], ["stop"]):
            raise Refusal(1, "usage: KIVAes.sh start|stop\n")
        return self._start(server) if arguments[0] == "start" else self._stop(server)

    @MARKS.documented("kas", "brings up the other engines, KXS and KJS among them", GUIDE)
    @MARKS.assumed("kas", "a server that runs is not started again, which is no error")
    def _start(self, server: str) -> Answer:
        if server in self.state["running"]:
            return Answer(0, "kas is already running\n")
        self._note_edits()
        self._join(server)
        self.state["running"][server]["listener"] = self._listen(server)
        return Answer(0, "kas started\n")

    @MARKS.assumed("kas", "stopping a server that does not run is no error")
    def _stop(self, server: str) -> Answer:
        if server not in self.state["running"]:
            return Answer(0, "kas is not running\n")
        self._note_edits(server)
        self._leave(server)
        return Answer(0, "kas stopped\n")

    # -- roles -------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "kxs", "a server listed in SyncServers starts as primary, backup or alternate, in this order", GUIDE
    )
    @MARKS.documented("kxs", "a Sync Local that finds no Sync Primary acts as a local server", GUIDE)
    @MARKS.documented("kxs", "what is changed in the registry counts after a restart", GUIDE)
    @MARKS.assumed("kxs", "a server of a cluster that the directory does not have acts on its own")
    def _join(self, server: str) -> None:
        cluster = self._cluster_of(server)
        seen = self._clusters().get(cluster.casefold())
        own = self.options["servers"][server]
        name = f"{own['address']}:{own['port']}"
        members = self._members(cluster)
        role = "local"
        if seen is not None and name in seen["sync_servers"]:
            held = [one["role"] for one in members.values()]
            if "primary" not in held:
                role = "primary"
            else:
                role = "backup" if held.count("backup") < seen["max_backups"] else "alternate"
        alone = role == "local" and not any(one["role"] == "primary" for one in members.values())
        self.state["running"][server] = {"cluster": cluster, "role": role, "alone": alone, "name": name, "seen": seen}

    @MARKS.documented("kxs", "the backup of the highest priority takes the place of a lost primary", GUIDE)
    @MARKS.documented("kxs", "the alternate of the highest priority takes the free place of a backup", GUIDE)
    @MARKS.documented("kxs", "an alternate takes over when primary and backups are lost", GUIDE)
    @MARKS.documented("kxs", "a Sync Local never takes over", GUIDE)
    @MARKS.assumed("kxs", "the priorities that a promoted server was started with count")
    def _leave(self, server: str) -> None:
        lost = self.state["running"].pop(server)
        self._hang_up(lost)
        while True:
            members = self._members(lost["cluster"])
            primary = [one for one in members.values() if one["role"] == "primary"]
            backups = [one for one in members.values() if one["role"] == "backup"]
            alternates = [one for one in members.values() if one["role"] == "alternate"]
            if not primary and (backups or alternates):
                self._highest(backups or alternates)["role"] = "primary"
            elif primary and alternates and len(backups) < primary[0]["seen"]["max_backups"]:
                self._highest(alternates)["role"] = "backup"
            else:
                break
        if not primary:
            for one in members.values():
                one["alone"] = True

    @staticmethod
    def _highest(servers: list[dict[str, Any]]) -> dict[str, Any]:
        return min(servers, key=lambda one: one["seen"]["sync_servers"][one["name"]])

    def _members(self, cluster: str) -> dict[str, dict[str, Any]]:
        return {
            server: one
            for server, one in self.state["running"].items()
            if one["cluster"].casefold() == cluster.casefold()
        }

    @MARKS.documented("kxs", "editing the registry of a cluster whose servers run can cause serious problems", GUIDE)
    def _note_edits(self, stopping: str | None = None) -> None:
        """Remember the clusters that were edited while a server of them ran."""
        clusters = self._clusters()
        edited = [
            one for one in self.state["running"].values() if clusters.get(one["cluster"].casefold()) != one["seen"]
        ]
        if stopping is not None and self._cluster_of(stopping) != self.state["running"][stopping]["cluster"]:
            edited.append(self.state["running"][stopping])
        known = self.state["edited_while_running"]
        known += sorted({one["cluster"] for one in edited} - set(known))

    # -- registry ----------------------------------------------------------------------------------------------

    @MARKS.documented(
        "kxs", "the key CCS0/ClusterName of its own registry says to which cluster a server belongs", GUIDE
    )
    @MARKS.documented("kxs", "the default cluster of a server is named after its host, with -NoDsync", GUIDE)
    @MARKS.documented("kxs", "the name of the cluster is that of a key below ClusterName", ANCESTOR)
    @MARKS.assumed("kxs", "its own registry is a file of the project's own format")
    def _cluster_of(self, server: str) -> str:
        text = self.read_file(server, os.path.join(self.options["root"], server, LOCAL_REGISTRY)) or ""
        names = MAPPING.findall(text)
        return names[0] if names else f"{server}-NoDsync"

    @MARKS.documented(
        "kxs", "the key Clusters is in the directory server: a key is an entry, a value an attribute", REGISTRY_GUIDE
    )
    @MARKS.assumed("kxs", "all values of a key are values of one attribute")
    def _clusters(self) -> dict[str, dict[str, Any]]:
        """The clusters by their names in lower case."""
        folder = self.options.get("directory")
        if folder is None:
            return {name.casefold(): cluster for name, cluster in self.state["directory"].items()}
        return {name.casefold(): cluster for name, cluster in _read_clusters(Path(folder))}

    # -- the machine -------------------------------------------------------------------------------------------

    def _listen(self, server: str) -> int | None:
        """In a container, have something that takes connections as the Executive Server does."""
        if self._file is None:
            return None
        own = self.options["servers"][server]
        program = str(Path(__file__).with_name("listener.py"))
        process = subprocess.Popen(
            [sys.executable, program, own["address"], str(own["port"])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        return process.pid

    def _hang_up(self, lost: dict[str, Any]) -> None:
        if lost.get("listener") is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(lost["listener"], signal.SIGTERM)

    # -- for tests ---------------------------------------------------------------------------------------------

    def answers(self, address: str, port: int) -> bool:
        """Whether the Executive Server of that address and port runs."""
        return any(one["name"] == f"{address}:{port}" for one in self.state["running"].values())

    def roles(self, cluster: str) -> dict[str, str]:
        """The role of each server that runs."""
        with self._transaction():
            return {server: one["role"] for server, one in self._members(cluster).items()}

    def lose_server(self, server: str) -> None:
        """The machine of a server loses its power, or KAS dies with all engines."""
        with self._transaction():
            self._leave(server)

    @MARKS.documented("kas", "brings a failed KXS up again in the role that is appropriate then", GUIDE)
    def crash_kxs(self, server: str) -> None:
        """The Executive Server of a server fails."""
        with self._transaction():
            self._leave(server)
            self._join(server)
            self.state["running"][server]["listener"] = self._listen(server)


def _read_clusters(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(folder.glob("cn=*.ldif")):
        name = file.name.removeprefix("cn=").removesuffix(".ldif")
        values = _values(file)
        servers = file.with_suffix("") / "cn=syncservers.ldif"
        yield (
            name,
            {
                "max_backups": values.get("MaxBackups", 1),
                "sync_servers": _values(servers) if servers.exists() else {},
            },
        )


def _values(file: Path) -> dict[str, int]:
    """The integers of an entry as back-ldif has it."""
    found: dict[str, int] = {}
    for line in file.read_text(encoding="utf-8").replace("\n ", "").split("\n"):
        name, _, text = line.partition(":")
        if name.lower() == "groupwareharegistryvalue":
            text = base64.b64decode(text[1:]).decode() if text.startswith(":") else text.strip()
            match = VALUE.fullmatch(text)
            if match is not None:
                found[match[1]] = int(match[2])
    return found


SIMULATOR = IasSimulator
