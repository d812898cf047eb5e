"""What clustat prints, for a terminal of 80 columns."""

from __future__ import annotations

import time
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from .cluster import (
    DISABLED,
    FAILED,
    FROZEN,
    PARTIAL,
    RECOVERABLE,
    STARTED,
    STARTING,
    STOPPED,
    STOPPING,
    ClusterNodes,
    state_name,
)
from .marks import CLUSTAT, CLUSTAT_4, MARKS

FLAG_NAMES = {FROZEN: ("frozen", "Z"), PARTIAL: ("partial", "P")}


def _moment(seconds: float) -> str:
    return time.asctime(time.gmtime(seconds))


def _column(text: str, width: int) -> str:
    return text[:width].ljust(width)


def cluster_id(name: str) -> int:
    """The number that cman makes of a cluster's name."""
    number = 0
    for character in name:
        number = (number * 31 + ord(character)) & 0x7FFF
    return number


class Report:
    """One answer of clustat on a node."""

    def __init__(self, cluster: ClusterNodes, node: str, member: str | None, service: str | None) -> None:
        self.cluster = cluster
        self.node = node
        self.member = member
        self.service = service
        self.old = cluster.release == 4
        self.configuration = cluster.configuration
        self.quorate = bool(cluster.state["quorate"])
        self.online = cluster.cman_nodes()
        self.managers = cluster.members()
        self.lines: list[str] = []
        # rgmanager answers only where it runs, and not about services when one member is asked for.
        listening = bool(cluster.state["nodes"][node]["rgmanager"]) and member is None
        self.services = sorted(cluster.loaded.services) if listening and self.quorate else []
        self.refused = listening and not self.quorate
        # Later releases ask for the nodes of rgmanager only where they were told of services.
        self.shown_managers = self.managers if self.old or self.services else []

    def name(self, service: str) -> str:
        """A service as this release names it."""
        return service.removeprefix("service:") if self.old else service

    def _nodes(self) -> list[str]:
        ids = self.configuration.node_ids
        return sorted(ids, key=lambda node: ids[node])

    # -- XML ---------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "clustat", "-x: the formats of release 5 and 6; groups only where rgmanager has services", CLUSTAT
    )
    @MARKS.documented(
        "clustat", "-x on release 4: version 4.0, no cluster, no flags, names without service:", CLUSTAT_4
    )
    @MARKS.documented("clustat", "without any service rgmanager seems not to run (rgmanager 0, groupmember 0)", CLUSTAT)
    @MARKS.documented("clustat", "without quorum, a line stands before the XML: Service states unavailable", CLUSTAT)
    @MARKS.documented("clustat", "-x exits 0, with -m 1 for a node that is offline; with -s as without -x", CLUSTAT)
    def xml(self) -> tuple[int, str]:
        """Exit status and text of -x."""
        self._unavailable()
        whole = self.member is None and self.service is None
        self.lines += ['<?xml version="1.0"?>', f'<clustat version="{"4.0" if self.old else "4.1.1"}">']
        if whole:
            self._xml_cluster()
        status = 0
        if self.service is None or self.member is not None:
            self.lines.append("  <nodes>")
            for node in self._nodes():
                if self.member in (None, node):
                    self.lines.append(self._xml_node(node))
            self.lines.append("  </nodes>")
            if self.member in self.configuration.node_ids and self.member not in self.online:
                status = 1
        code = 0 if self.services else 255
        if self.services:
            self.lines.append("  <groups>")
            for service in self.services:
                if self.service in (None, service):
                    self.lines.append(self._xml_service(service))
                    code = self._code(service)
            self.lines.append("  </groups>")
        self.lines.append("</clustat>")
        if self.service is not None:
            status = status or (code if self.service in self.services or not self.services else 0)
        return status, "\n".join(self.lines) + "\n"

    def _unavailable(self) -> None:
        if self.refused and not self.old:
            self.lines.append("Service states unavailable: Operation requires quorum")

    def _xml_cluster(self) -> None:
        if not self.old:
            name, generation = self.configuration.name, self.cluster.state["generation"]
            self.lines.append(f'  <cluster name={quoteattr(name)} id="{cluster_id(name)}" generation="{generation}"/>')
        member = int(self.node in self.shown_managers)
        if self.quorate:
            self.lines.append(f'  <quorum quorate="1" groupmember="{member}"/>')
        elif self.old:
            self.lines.append('  <quorum quorate="0" groupmember="0"/>')
        else:
            self.lines += ['  <quorum quorate="0"', ' groupmember="0"/>']

    def _xml_node(self, node: str) -> str:
        nodeid, up = self.configuration.node_ids[node], int(node in self.online)
        if self.old:
            return f'    <node name={quoteattr(node)} state="{up}" nodeid="0x{nodeid:016x}"/>'
        manager = int(node in self.shown_managers)
        return (
            f'    <node name={quoteattr(node)} state="{up}" local="{int(node == self.node)}" estranged="0"'
            f' rgmanager="{manager}" rgmanager_master="0" qdisk="0" nodeid="0x{nodeid:08x}"/>'
        )

    def _owner(self, node: str) -> str:
        if not node:
            return "unknown" if self.old else "none"
        return node if node in self.configuration.node_ids else "unknown"

    def _xml_service(self, service: str) -> str:
        record = self.cluster.record(service)
        state, owner, last_owner = record["state"], self._owner(record["owner"]), self._owner(record["last_owner"])
        begin = f'    <group name={quoteattr(self.name(service))} state="{state}" state_str="{state_name(state)}" '
        owners = f'owner={quoteattr(owner)} last_owner={quoteattr(last_owner)} restarts="{record["restarts"]}"'
        if self.old:
            return f"{begin} {owners}/>"
        flags = " ".join(long for flag, (long, _) in FLAG_NAMES.items() if record["flags"] & flag)
        moment = record["transition"]
        return (
            f'{begin}flags="{record["flags"]}" flags_str="{flags}" {owners}'
            f' last_transition="{moment}" last_transition_str="{_moment(moment)}"/>'
        )

    # -- text --------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "clustat", "the text of release 5 and 6, 80 columns wide where it is no terminal; -l is long", CLUSTAT
    )
    @MARKS.documented("clustat", "the text of release 4: 20, 30 and 16 columns, no ids", CLUSTAT_4)
    @MARKS.documented(
        "clustat", "-s: 0 if started, starting or stopping, else the state's number; 255 if there is none", CLUSTAT
    )
    @MARKS.documented("clustat", "-m: 0 if online, 1 if offline, 255 if there is none", CLUSTAT)
    @MARKS.assumed("clustat", "-m and -s work on release 4 as on later ones")
    def text(self, verbose: bool) -> tuple[int, str]:
        """Exit status and text without -x."""
        self._unavailable()
        status = 0
        if self.member is None and self.service is None:
            if not self.old:
                self.lines.append(f"Cluster Status for {self.configuration.name} @ {_moment(self.cluster.now)}")
            self.lines += [f"Member Status: {'Quorate' if self.quorate else 'Inquorate'}", ""]
        if self.service is None or self.member is not None:
            status = self._text_members()
        if self.services and (self.member is None or self.service is not None):
            code = self._text_services(verbose)
            status = status or (code if self.service is not None else 0)
        return status, "\n".join(self.lines) + "\n"

    def _text_members(self) -> int:
        found = [node for node in self._nodes() if self.member in (None, node)]
        if not found:
            return 255
        if self.old:
            heads = [f"  {_column('Member Name', 40)} Status", f"  {_column('------ ----', 40)} ------"]
        else:
            heads = [f" {_column('Member Name', 40)}ID   Status", f" {_column('------ ----', 40)}---- ------"]
        self.lines += heads
        for node in found:
            words = ["Online" if node in self.online else "Offline"]
            words += ["Local"] if node == self.node else []
            words += ["rgmanager"] if node in self.shown_managers else []
            number = "" if self.old else f"{self.configuration.node_ids[node]:4d} "
            self.lines.append(f"{'  ' if self.old else ' '}{_column(node, 40)} {number}{', '.join(words)}")
        if self.member is None:
            self.lines.append("")
            return 0
        return int(self.member not in self.online)

    def _text_services(self, verbose: bool) -> int:
        widths = (20, 30, 16) if self.old else (30, 30, 14)
        heads = [
            self._row(("Service Name", "Owner (Last)", "State"), widths),
            self._row(("------- ----", "----- ------", "-----"), widths),
        ]
        if verbose:
            self.lines += ["Service Information", "------- -----------", ""]
        elif self.service is None:
            self.lines += heads
        code = 255
        for service in self.services:
            if self.service not in (None, service):
                continue
            if self.service is not None:
                self.lines += heads
            self.lines += self._long(service) if verbose else [self._line(service, widths)]
            code = self._code(service)
        return code

    def _row(self, words: Sequence[str], widths: Sequence[int]) -> str:
        cells = " ".join(_column(word, width) for word, width in zip(words, widths, strict=True))
        return f"{'  ' if self.old else ' '}{cells}"

    def _line(self, service: str, widths: Sequence[int]) -> str:
        record = self.cluster.record(service)
        state = record["state"]
        if state in (STOPPED, DISABLED, RECOVERABLE, FAILED):
            owner = f"({self._owner(record['last_owner'])[: widths[1] - 2]})"
        else:
            owner = self._owner(record["owner"])
        words = state_name(state)
        if record["flags"] and not self.old:
            short = "".join(letter for flag, (_, letter) in FLAG_NAMES.items() if record["flags"] & flag)
            words = f"{_column(words, widths[2] - 2 - len(short))}[{short}]"
        return self._row((self.name(service), owner, words), widths)

    def _long(self, service: str) -> list[str]:
        record = self.cluster.record(service)
        flags = ", ".join(long for flag, (long, _) in FLAG_NAMES.items() if record["flags"] & flag) or "none"
        return [
            f"Service Name      : {self.name(service)}",
            f"  Current State   : {state_name(record['state'])} ({record['state']})",
            f"  Flags           : {flags} ({record['flags']})",
            f"  Owner           : {self._owner(record['owner'])}",
            f"  Last Owner      : {self._owner(record['last_owner'])}",
            f"  Last Transition : {_moment(record['transition'])}",
            "",
        ]

    def _code(self, service: str) -> int:
        state = int(self.cluster.record(service)["state"])
        return 0 if state in (STARTED, STARTING, STOPPING) else state
