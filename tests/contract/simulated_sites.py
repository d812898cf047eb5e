"""The four frameworks that only simulators stand for."""

from __future__ import annotations

import copy
import importlib
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.groupware.ha.tests.contract.in_process import InProcessSite
from ansible_collections.groupware.ha.tests.contract.site import Result, Site
from ansible_collections.groupware.ha.tests.simulators.engine import Answer, Simulator
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner


class SimulatedSite(InProcessSite):
    """A cluster in a dictionary."""

    #: Options of the simulator.
    options: dict[str, Any] = {}

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        super().__init__(monkeypatch, capsys)
        module = importlib.import_module(
            f"ansible_collections.groupware.ha.tests.simulators.{self.framework}.simulator"
        )
        self.simulator: Simulator = module.SIMULATOR(self.nodes, **self.options)
        self.prepare()
        # The cluster has formed before anybody asks.
        self.simulator.pass_time(60)

    def prepare(self) -> None:
        """What administrator and installer leave on the nodes."""

    def runner(self, dry: bool = False) -> SimulatedRunner:
        """A runner on the simulated node."""
        return SimulatedRunner(self.simulator, self.node, dry=dry)

    def command(self, *argv: str) -> Answer:
        """A command that somebody types."""
        answer = self.simulator.run(self.node, argv)
        assert answer.status == 0, (argv, answer)
        return answer

    def check_left_alone(self) -> None:
        """Assert what must hold even after a run that was cut short."""

    def take_out(self, node: str) -> None:
        """By the framework's own means, or with violence."""
        if self.keeps_nodes_free:
            super().take_out(node)
        else:
            self.simulator.stop_node(node)  # type: ignore[attr-defined]
            self.simulator.pass_time(600)

    def look(self) -> Any:
        """State and files, without the passing of time."""
        return copy.deepcopy((self.simulator.state, self.simulator.node_files))

    def where(self, service: str) -> list[str]:
        """By the simulator's own account."""
        return list(self.simulator.services()[service]["online"])  # type: ignore[attr-defined]

    def active(self, service: str, member: str) -> list[str]:
        """By the simulator's own account."""
        return list(self.simulator.services()[service]["members"][member])  # type: ignore[attr-defined]

    def break_start(self) -> None:
        """Have the agent fail."""
        self.simulator.fail_agent(self.member()[0], "start")  # type: ignore[attr-defined]

    def repair(self) -> None:
        """Have it work again."""
        self.simulator.repair_agent(self.member()[0])  # type: ignore[attr-defined]


class SolarisCluster(SimulatedSite):
    """Solaris Cluster 3.2 with the object commands."""

    framework = "solaris_cluster"
    options = {"release": "3.2"}
    monitors_members = True
    quiet_change = {"properties": {"Pingpong_interval": 1800}}
    restarting_change = {"storage": {"mount_point": "/other1"}}
    fixed_change = {"host_name": "mail9.contract.test"}
    registered_type = {"name": "SUNW.scics"}

    def prepare(self) -> None:
        """Host names that all nodes can resolve."""
        lines = [f"198.18.78.{30 + number} mail{number}.contract.test mail{number}\n" for number in range(1, 10)]
        for node in self.nodes:
            self.simulator.write_file(node, "/etc/hosts", "".join(lines))

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """Messaging Server on a failover file system."""
        return {
            **super().service(name, primary, standby, number, model),
            "storage": {"mount_point": f"/{name}"},
            "application": {"type": "messaging_server", "options": {"server_root": f"/{name}/SUNWmsgsr"}},
        }

    def foreign_group(self) -> Result:
        """A group with a file system."""
        return {
            "name": "foreign1",
            "nodes": ["nodea", "nodeb"],
            "resources": [
                {
                    "name": "foreign1_disk",
                    "type": "SUNW.HAStoragePlus",
                    "properties": {"FilesystemMountPoints": "/foreign1", "AffinityOn": "True"},
                }
            ],
        }

    def member(self) -> tuple[str, str]:
        """The application."""
        return "mail1_application", "SUNW.ims"

    def lone_member(self) -> Result:
        """A file system."""
        properties = {"FilesystemMountPoints": "/shared", "AffinityOn": "True"}
        return {"name": "extra", "type": "SUNW.HAStoragePlus", "properties": properties}

    def nodes_of(self, service: str) -> list[str]:
        """By scrgadm."""
        answer = self.command("scrgadm", "-pvv", "-g", service).stdout
        # Each further node is on a line of its own.
        found = re.search(r"Res Group Nodelist:(.*?)\n\s*\(", answer, re.DOTALL)
        assert found is not None
        return found[1].split()

    def spoil(self) -> None:
        """Failback on, the application unwatched, another directory."""
        self.command("scrgadm", "-c", "-g", "mail1", "-y", "Failback=True")
        self.command("scswitch", "-n", "-M", "-j", "mail1_application")
        self.command("scrgadm", "-c", "-j", "mail1_application", "-y", "Resource_dependencies=")


class SolarisCluster31(SolarisCluster):
    """Solaris Cluster 3.1 with scrgadm and scswitch alone."""

    options = {"release": "3.1"}
    freezes = False


MESSAGING_TYPES = """
type MsgSrv (
        static int FaultOnMonitorTimeouts = 2
        static int ConfInterval = 600
        static str ArgList[] = { State, LogHostName, PrtStatus, DebugMode }
        str LogHostName
        str PrtStatus
        str DebugMode
)
"""


class VeritasClusterServer(SimulatedSite):
    """Veritas Cluster Server."""

    framework = "vcs"
    keeps_nodes_free = True
    registered_type = {"name": "MsgSrv"}
    quiet_change = {"properties": {"OnlineRetryLimit": 2}}
    restarting_change = {"storage": {"mount_point": "/other1"}}

    def prepare(self) -> None:
        """The types file that comes with the agent."""
        for node in self.nodes:
            self.simulator.write_file(node, "/etc/VRTSvcs/conf/config/MsgSrvTypes.cf", MESSAGING_TYPES)

    def cluster(self) -> Result:
        """Addresses live on an interface."""
        return {**super().cluster(), "interface": "eth0"}

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """Messaging Server on a volume of Veritas Volume Manager."""
        return {
            **super().service(name, primary, standby, number, model),
            "storage": {"volume_group": f"dg{name}", "logical_volume": "vol1", "mount_point": f"/{name}"},
            "application": {"type": "messaging_server", "options": {}},
        }

    def check_left_alone(self) -> None:
        """The configuration is never left writable."""
        assert self.command("haclus", "-value", "ReadOnly").stdout.strip() == "1"

    def foreign_group(self) -> Result:
        """A group with a disk group."""
        return {
            "name": "foreign1",
            "nodes": ["nodea", "nodeb"],
            "resources": [{"name": "foreign1_disk", "type": "DiskGroup", "properties": {"DiskGroup": "dgforeign"}}],
        }

    def member(self) -> tuple[str, str]:
        """The application."""
        return "mail1_application", "MsgSrv"

    def lone_member(self) -> Result:
        """A disk group."""
        return {"name": "extra", "type": "DiskGroup", "properties": {"DiskGroup": "dgshared"}, "meta": {"requires": ""}}

    def nodes_of(self, service: str) -> list[str]:
        """By hagrp; each has a number of its own."""
        words = self.command("hagrp", "-value", service, "SystemList").stdout.split()
        numbers = dict(zip(words[::2], map(int, words[1::2]), strict=True))
        assert len(set(numbers.values())) == len(numbers)
        return sorted(numbers, key=lambda node: numbers[node])

    def spoil(self) -> None:
        """Another netmask, another order of nodes, a link too few."""
        self.command("haconf", "-makerw")
        self.command("hares", "-modify", "mail1_address", "NetMask", "255.255.0.0")
        self.command("hagrp", "-modify", "mail1", "AutoStartList", "nodeb")
        self.command("hares", "-unlink", "mail1_application", "mail1_storage")
        self.command("haconf", "-dump", "-makero")


class Clusterware(SimulatedSite):
    """Oracle Clusterware 12.1."""

    framework = "clusterware"
    quiet_change = {"resource_properties": {"application": {"CHECK_INTERVAL": 77}}}
    restarting_change = {"address": "198.18.78.39"}
    fixed_change = {"application": {"options": {"server_root": "/other1/messaging"}}}
    registered_type = {
        "name": "contract.type",
        "base_type": "cluster_resource",
        "properties": {"SOME_PATH": "TYPE=string,FLAGS=READONLY|REQUIRED"},
    }

    def prepare(self) -> None:
        """The action scripts."""
        for node in self.nodes:
            self.simulator.write_file(node, "/opt/messaging/lib/ms_crs.sh", "#!/bin/sh\n")

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """Messaging Server on a file system that all nodes mount."""
        return {
            **super().service(name, primary, standby, number, model),
            "storage": {"device": f"filer:/export/{name}", "filesystem": "nfs", "mount_point": f"/{name}"},
            "application": {
                "type": "messaging_server",
                "options": {"server_root": f"/{name}/messaging", "action_script": "/opt/messaging/lib/ms_crs.sh"},
            },
        }

    def foreign_group(self) -> Result:
        """An address alone."""
        return {
            "name": "foreign1",
            "nodes": ["nodea", "nodeb"],
            "resources": [
                {"name": "foreign1_address", "type": "app.appvip.type", "properties": {"USR_ORA_VIP": "198.18.78.49"}}
            ],
        }

    def member(self) -> tuple[str, str]:
        """The application."""
        return "mail1_application", "ocucs.ms.type"

    def lone_member(self) -> Result:
        """A resource with a script."""
        properties = {"ACTION_SCRIPT": "/opt/messaging/lib/ms_crs.sh"}
        return {"name": "extra", "type": "cluster_resource", "properties": properties, "meta": {"requires": ""}}

    def nodes_of(self, service: str) -> list[str]:
        """By crsctl, of every member."""
        members = self.simulator.services()[service]["members"]  # type: ignore[attr-defined]
        lists = set()
        for member in members:
            answer = self.command("crsctl", "status", "resource", member, "-p").stdout
            lists.update(re.findall(r"^HOSTING_MEMBERS=(.*)$", answer, re.MULTILINE))
        (nodes,) = lists
        return str(nodes).split()

    def spoil(self) -> None:
        """Another interval, other nodes, a dependency less."""
        self.command("crsctl", "modify", "resource", "mail1_application", "-attr", "CHECK_INTERVAL=99")
        self.command("crsctl", "modify", "resource", "mail1_application", "-attr", "HOSTING_MEMBERS='nodeb nodea'")
        self.command("crsctl", "modify", "resource", "mail1_application", "-attr", "STOP_DEPENDENCIES=")


class RedHatClusterSuite(SimulatedSite):
    """Red Hat Cluster Suite of release 6."""

    framework = "rhcs"
    options = {"release": 6}
    asks_permission = False
    disables_members = False
    quiet_change = {"properties": {"recovery": "restart"}}
    restarting_change = {"storage": {"mount_point": "/var/opt/scalix/x1"}}

    def prepare(self) -> None:
        """The fence agent."""
        for node in self.nodes:
            self.simulator.write_file(node, "/usr/sbin/fence_apc", "")

    def cluster(self) -> Result:
        """Power switches that need no password."""
        fencing = {
            "devices": [
                {
                    "name": "power",
                    "agent": "fence_apc",
                    "nodes": list(self.nodes),
                    "options": {
                        "ipaddr": "198.18.78.5",
                        "login": "ha",
                        "passwd_script": "/etc/cluster/power",
                        **{f"port_{node}": str(number) for number, node in enumerate(self.nodes, start=1)},
                    },
                }
            ]
        }
        return {**super().cluster(), "fencing": fencing}

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """Scalix on a logical volume that the cluster activates."""
        return {
            **super().service(name, primary, standby, number, model),
            "storage": {
                "devices": [f"/dev/disk/{name}"],
                "volume_group": f"vg{name}",
                "logical_volume": f"lv{name}",
                "mount_point": f"/var/opt/scalix/m{name[-1]}",
                "exclusive": True,
            },
            "application": {"type": "scalix", "options": {"instance": name}},
        }

    def foreign_group(self) -> Result:
        """A script."""
        return {
            "name": "foreign1",
            "nodes": ["nodea", "nodeb"],
            "resources": [{"name": "foreign1_one", "type": "script", "properties": {"file": "/etc/init.d/one"}}],
        }

    def member(self) -> tuple[str, str]:
        """The application."""
        return "mail1_application", "script"

    def lone_member(self) -> Result:
        """A script."""
        return {"name": "extra", "type": "script", "properties": {"file": "/etc/init.d/shared"}}

    def nodes_of(self, service: str) -> list[str]:
        """By cluster.conf."""
        text = self.simulator.read_file(self.node, "/etc/cluster/cluster.conf")
        assert text is not None
        root = ElementTree.fromstring(text)
        name = root.findall(f"./rm/service[@name='{service}']")[0].get("domain")
        domain = root.findall(f"./rm/failoverdomains/failoverdomain[@name='{name}']")[0]
        return [str(node.get("name")) for node in sorted(domain, key=lambda node: int(node.get("priority", "0")))]

    def spoil(self) -> None:
        """Another mount option, another order of nodes, by an editor and the tool of the release."""
        text = self.simulator.read_file(self.node, "/etc/cluster/cluster.conf")
        assert text is not None
        version = int(re.findall(r'config_version="(\d+)"', text)[0])
        text = text.replace(f'config_version="{version}"', f'config_version="{version + 1}"')
        text = text.replace('name="mail1_storage"', 'name="mail1_storage" options="noatime"', 1)
        text = text.replace('recovery="relocate"', 'recovery="restart"', 1)
        self.simulator.write_file(self.node, "/etc/cluster/cluster.conf", text)
        self.command("cman_tool", "version", "-r")
        self.simulator.pass_time(60)


SITES: dict[str, type[Site]] = {
    "solaris_cluster": SolarisCluster,
    "solaris_cluster-3.1": SolarisCluster31,
    "vcs": VeritasClusterServer,
    "clusterware": Clusterware,
    "rhcs": RedHatClusterSuite,
}
