"""What groups and resources do: start, stop, fail over, recover."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..behaviour import Marks
from .sources import CLRS, GROUP_PROPERTIES, RGM_BLOG, SCSTAT_31, SCSWITCH, START_FAILED, STOP_FAILED
from .state import STRONG, ClusterState, depends_on

MARKS = Marks("solaris_cluster")


#: How operations of an agent are called by fail_agent.
OPERATIONS = ("start", "stop", "monitor")


class Recovery(ClusterState):
    """What happens by itself, and what can be made to happen in tests."""

    # -- for tests -----------------------------------------------------------------------------------------------------

    def fail_agent(self, resource: str, operation: str, nodes: Iterable[str] | None = None) -> None:
        """Have an operation (start, stop or monitor) of a resource fail on those nodes, or on all, until repaired."""
        if operation not in OPERATIONS:
            raise ValueError(operation)
        with self.edit() as state:
            state["failing"].setdefault(resource, {})[operation] = None if nodes is None else list(nodes)
            self.advance()

    def repair_agent(self, resource: str) -> None:
        """Have all operations of the resource work again."""
        with self.edit() as state:
            state["failing"].pop(resource, None)
            self.advance()

    def stop_node(self, node: str) -> None:
        """The node dies."""
        with self.edit():
            self._lose_node(node)

    def start_node(self, node: str) -> None:
        """The node boots and joins the cluster, or is the first of a new one."""
        with self.edit():
            self._boot_node(node)

    def services(self) -> dict[str, dict[str, Any]]:
        """Where each group is online, and on which nodes each of its resources is active."""
        with self.edit() as state:
            return {
                name: {
                    "online": [node for node in group["nodes"] if self.group_state(name, node) == "Online"],
                    "members": {
                        member: [node for node in group["nodes"] if self._active(member, node)]
                        for member in group["resources"]
                    },
                }
                for name, group in state["groups"].items()
            }

    def held(self, node: str) -> dict[str, Any]:
        """File systems, none of them on a device, host names and applications of a node; see ../follow.py."""
        with self.edit() as state:
            self.advance()
            active = [self.properties(name) for name in state["resources"] if self._active(name, node)]
            points = [point for found in active for point in found.get("FilesystemMountPoints", [])]
            hosts = [host for found in active for host in found.get("HostnameList", [])]
            roots = [["ims", found["IMS_serverroot"]] for found in active if found.get("IMS_serverroot")]
            roots += [["scics", found["ICS_serverroot"]] for found in active if found.get("ICS_serverroot")]
            return {"mounts": dict.fromkeys(points), "addresses": sorted(hosts), "applications": sorted(roots)}

    # -- what happens --------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """See Simulator.advance."""
        for group in self.state["groups"].values():
            for node, at in list(group["pending"].items()):
                if at <= self.now:
                    del group["pending"][node]
                    if self.state["up"][node]:
                        group["online"].append(node)
        self._probe()
        self._settle()

    def next_event(self) -> float | None:
        """See Simulator.next_event."""
        return min((at for group in self.state["groups"].values() for at in group["pending"].values()), default=None)

    @MARKS.assumed(
        "scrgadm", "commands that change something wait until groups that are failing over have come to rest"
    )
    def _await_reconfiguration(self) -> None:
        self.wait_until(lambda: self.next_event() is None, 300)

    @MARKS.documented("scswitch", "a lost node's groups start on the next node of their lists", SCSWITCH)
    @MARKS.documented("scswitch", "a suspended group does not fail over", RGM_BLOG)
    @MARKS.assumed("scswitch", "a node where a group failed is not chosen again before Pingpong_interval is over")
    def _place(self, name: str, delay: float) -> None:
        """Have a group start where it should, if it is not online on as many nodes as it should."""
        group = self.state["groups"][name]
        if not group["managed"] or group["suspended"] or group["held"]:
            return
        missing = int(group["properties"]["Desired_primaries"]) - len(group["online"]) - len(group["pending"])
        for node in group["nodes"]:
            if missing <= 0:
                return
            free = node not in group["online"] and node not in group["pending"] and node not in group["stopping"]
            if (
                free
                and self.state["up"][node]
                and not self._evacuated(node)
                and group["avoid"].get(node, 0) <= self.now
            ):
                group["pending"][node] = self.now + delay
                missing -= 1

    def _avoid(self, name: str, node: str) -> None:
        group = self.state["groups"][name]
        group["avoid"][node] = self.now + int(group["properties"].get("Pingpong_interval", "3600"))

    @MARKS.assumed("scswitch", "the error flags of a lost node are forgotten")
    def _lose_node(self, node: str) -> None:
        self.state["up"][node] = False
        for resource in self.state["resources"].values():
            resource["state"].pop(node, None)
            resource["status"].pop(node, None)
        for group in self.state["groups"].values():
            group["pending"].pop(node, None)
            group["online"] = [each for each in group["online"] if each != node]
            group["stopping"] = [each for each in group["stopping"] if each != node]
        for name in self.state["groups"]:
            self._place(name, self.failover_seconds)

    @MARKS.documented(
        "scswitch",
        "Auto_start_on_new_cluster FALSE: offline after a whole cluster's reboot, until brought online",
        GROUP_PROPERTIES,
    )
    @MARKS.documented(
        "scswitch", "Failback TRUE: when a more preferred node joins, the group may move to it", GROUP_PROPERTIES
    )
    @MARKS.documented("scswitch", "an offline group may come online when a node joins", RGM_BLOG)
    @MARKS.assumed("scswitch", "a suspended group stays offline when the cluster boots")
    def _boot_node(self, node: str) -> None:
        first = not any(self.state["up"].values())
        self.state["up"][node] = True
        self.state["evacuated"].pop(node, None)
        for name, group in self.state["groups"].items():
            group["avoid"].pop(node, None)
            if first:
                group["held"] = group["properties"].get("Auto_start_on_new_cluster", "True") == "False"
            if node in group["nodes"] and group["properties"]["Failback"] == "True" and not group["suspended"]:
                for other in [
                    each for each in group["online"] if group["nodes"].index(each) > group["nodes"].index(node)
                ]:
                    self._stop_group(name, other)
            self._place(name, self.failover_seconds)

    def _set_state(self, name: str, node: str, state: str, keyword: str, words: str) -> None:
        resource = self.state["resources"][name]
        resource["state"][node] = state
        resource["status"][node] = [keyword, words]

    @MARKS.documented(
        "scswitch", "START fails, Failover_mode NONE: Start_failed; the group comes online nevertheless", START_FAILED
    )
    @MARKS.assumed("scswitch", "START fails, Failover_mode SOFT or HARD: the group goes to the next node")
    def _start_resource(self, name: str, node: str) -> bool:
        """Start a resource; False when its group is to leave the node."""
        declared = self.type_of(name)
        if not self._fails(name, "start", node):
            self._set_state(name, node, "Online", "Online", declared.online_message)
            return True
        self._set_state(name, node, "Start_failed", "Faulted", "")
        return self._failover_mode(name) not in ("SOFT", "HARD")

    @MARKS.documented(
        "scswitch", "STOP fails, Failover_mode NONE: Stop_failed, and nothing more happens by itself", STOP_FAILED
    )
    @MARKS.assumed("scswitch", "STOP fails, Failover_mode HARD: the node reboots")
    def _stop_resource(self, name: str, node: str) -> bool:
        """Stop a resource; False when it failed to."""
        state = self.state["resources"][name]["state"].get(node, "Offline")
        if state == "Stop_failed":
            return False
        if state == "Online" and self._fails(name, "stop", node):
            if self._failover_mode(name) == "HARD":
                self._lose_node(node)
                self._boot_node(node)
                return True
            self._set_state(name, node, "Stop_failed", "Faulted", "")
            return False
        if state != "Offline":
            self._set_state(name, node, "Offline", "Offline", self.type_of(name).offline_message)
        return True

    @MARKS.documented(
        "scswitch",
        "an application stops before its storage and its host name",
        "Transfer CFT documentation, rgmd messages",
    )
    @MARKS.assumed("scswitch", "what a resource needs that failed to stop is left running")
    def _stop_group(self, name: str, node: str) -> bool:
        """Take a group offline on a node; False when something failed to stop."""
        group = self.state["groups"][name]
        stuck: list[str] = []
        for member in reversed(self.start_order(group)):
            needed = any(member in depends_on(self.state["resources"][other]) for other in stuck)
            if needed or not self._stop_resource(member, node):
                stuck.append(member)
        group["stopping"] = [each for each in group["stopping"] if each != node]
        if stuck:
            group["stopping"].append(node)
            return False
        group["online"] = [each for each in group["online"] if each != node]
        return True

    @MARKS.documented("scswitch", "a resource starts after those that it depends on", CLRS)
    @MARKS.assumed("scswitch", "a resource of the same group that depends on one that failed to start stays Offline")
    def _settle(self) -> None:
        """In groups that are online, start what is enabled and has what it depends on, until nothing more can start."""
        started = True
        while started:
            started = False
            for name, group in self.state["groups"].items():
                for node in list(group["online"]):
                    if node not in group["stopping"] and self._start_members(name, node):
                        started = True

    def _start_members(self, name: str, node: str) -> bool:
        started = False
        group = self.state["groups"][name]

        def waits(member: str) -> bool:
            resource = self.state["resources"][member]
            return bool(resource["enabled"].get(node)) and resource["state"].get(node, "Offline") == "Offline"

        if not any(map(waits, group["resources"])):
            return False
        for member in self.start_order(group):
            resource = self.state["resources"][member]
            if not waits(member) or not all(
                self._satisfied(resource, each, node) for each in depends_on(resource, STRONG)
            ):
                continue
            started = True
            if not self._start_resource(member, node):
                self._avoid(name, node)
                self._stop_group(name, node)
                self._place(name, self.failover_seconds)
                break
        return started

    @MARKS.assumed(
        "scswitch",
        "a resource whose probe fails has its group go to the next node, when it is monitored and not suspended",
    )
    @MARKS.documented("scstat", "a resource may be Online with the status Faulted", SCSTAT_31)
    def _probe(self) -> None:
        """What fault monitors find."""
        for name, resource in self.state["resources"].items():
            for node in [each for each, state in resource["state"].items() if state == "Online"]:
                if not resource["monitored"].get(node):
                    continue
                broken = self._fails(name, "monitor", node)
                words = self.type_of(name).online_message
                resource["status"][node] = ["Faulted", ""] if broken else ["Online", words]
                group = self.state["groups"][resource["group"]]
                if not broken or group["suspended"] or self._failover_mode(name) in ("LOG_ONLY", "RESTART_ONLY"):
                    continue
                others = [
                    each
                    for each in group["nodes"]
                    if each not in group["online"]
                    and self.state["up"][each]
                    and not self._evacuated(each)
                    and group["avoid"].get(each, 0) <= self.now
                ]
                if others and node not in group["stopping"]:
                    self._avoid(resource["group"], node)
                    if self._stop_group(resource["group"], node):
                        self._place(resource["group"], self.failover_seconds)
