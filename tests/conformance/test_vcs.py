"""The simulated Veritas Cluster Server does and refuses what is documented of the real one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS
from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.vcs.simulator import SIMULATOR, VeritasClusterServer

CONFIGURATION = "/etc/VRTSvcs/conf/config"

MSGSRV = """
hatype -add MsgSrv
hatype -modify MsgSrv SourceFile ./MsgSrvTypes.cf
hatype -modify MsgSrv AgentDirectory /opt/VRTSvcs/bin/MsgSrv
hatype -modify MsgSrv ArgList State LogHostName PrtStatus DebugMode
haattr -add MsgSrv LogHostName -string
haattr -add MsgSrv PrtStatus -string FALSE
haattr -add MsgSrv DebugMode -string FALSE
"""

#: The group of the Messaging Server manual: Mail needs the file system and the address, they need disk group and NIC.
MAIL = """
hagrp -add MAIL-RG
hagrp -modify MAIL-RG SystemList node1 0 node2 1 node3 2
hagrp -modify MAIL-RG AutoStartList node1 node2
hares -add s1ms_dg DiskGroup MAIL-RG
hares -modify s1ms_dg DiskGroup maildg
hares -add s1ms_mt Mount MAIL-RG
hares -modify s1ms_mt MountPoint /mail
hares -modify s1ms_mt BlockDevice /dev/vx/dsk/maildg/mailvol
hares -modify s1ms_mt FSType vxfs
hares -modify s1ms_mt FsckOpt %-y
hares -add csgnic NIC MAIL-RG
hares -modify csgnic Device eth0
hares -add webip IP MAIL-RG
hares -modify webip Device eth0
hares -modify webip Address 192.168.9.150
hares -add Mail MsgSrv MAIL-RG
hares -modify Mail LogHostName mail.example.com
hares -link s1ms_mt s1ms_dg
hares -link webip csgnic
hares -link Mail s1ms_mt
hares -link Mail webip
hagrp -enableresources MAIL-RG
"""

OFF_ON = ["s1ms_dg", "s1ms_mt", "webip", "Mail"]


class Console:
    """Types commands on the nodes of a simulated cluster."""

    def __init__(self, *nodes: str, **options: object) -> None:
        self.simulator: VeritasClusterServer = SIMULATOR(nodes or ("node1", "node2", "node3"), **options)

    def ask(self, line: str, node: str = "node1") -> Answer:
        """The answer to a command, whatever it is."""
        return self.simulator.run(node, shlex.split(line))

    def run(self, lines: str, node: str = "node1") -> str:
        """Standard output of commands that must succeed."""
        printed = ""
        for line in filter(None, map(str.strip, lines.splitlines())):
            answer = self.ask(line, node)
            assert answer.status == 0, f"{line}: {answer.stderr}"
            printed += answer.stdout
        return printed

    def refused(self, line: str, code: int | None = None, node: str = "node1") -> str:
        """Standard error of a command that must be refused without any effect."""
        before = re.sub(r"'(until|serial)': [^,}]*", "", str(self.simulator.state))
        answer = self.ask(line, node)
        assert answer.status == 1, line
        assert answer.stdout == ""
        if code is not None:
            assert f"V-16-1-{code:05d} " in answer.stderr, answer.stderr
        assert re.sub(r"'(until|serial)': [^,}]*", "", str(self.simulator.state)) == before
        return answer.stderr

    def wait(self, seconds: float = 60) -> None:
        """Let time pass."""
        self.simulator.pass_time(seconds)

    def online(self, group: str = "MAIL-RG") -> list[str]:
        """Where a group is online."""
        return list(self.simulator.services()[group]["online"])

    def state(self, node: str, group: str = "MAIL-RG") -> str:
        """State of a group on a node."""
        return self.run(f"hagrp -value {group} State {node}").strip()

    def resource(self, name: str, node: str) -> str:
        """State of a resource on a node."""
        return self.run(f"hares -value {name} State {node}").strip()


@pytest.fixture
def console() -> Console:
    """Three nodes, nothing configured."""
    return Console()


@pytest.fixture
def mail(console: Console) -> Console:
    """The manual's group, saved, probed and offline."""
    console.run("haconf -makerw" + MSGSRV + MAIL + "haconf -dump -makero")
    console.wait(5)
    return console


@pytest.fixture
def running(mail: Console) -> Console:
    """The manual's group, online on node1."""
    mail.run("hagrp -online MAIL-RG -sys node1")
    mail.run("hagrp -wait MAIL-RG State ONLINE -sys node1 -time 60")
    return mail


def test_nodes_hold_what_is_online_there(running: Console) -> None:
    nothing: dict[str, object] = {"mounts": {}, "addresses": [], "applications": []}
    assert running.simulator.held("node1") == {
        "mounts": {"/mail": None},
        "addresses": ["192.168.9.150"],
        "applications": [["MsgSrv", "mail.example.com"]],
    }
    assert running.simulator.held("node2") == nothing
    running.run("hagrp -offline MAIL-RG -sys node1")
    running.wait()
    assert running.simulator.held("node1") == nothing


# -- transcripts ---------------------------------------------------------------------------------------------------


def test_hastatus_is_printed_byte_for_byte() -> None:
    """InfoScale 7.4.2, two nodes, one group."""
    console = Console("verclus01", "verclus02")
    console.run(
        """haconf -makerw
        hagrp -add SG1
        hagrp -modify SG1 SystemList verclus01 0 verclus02 1
        hares -add DG1 DiskGroup SG1
        hares -modify DG1 DiskGroup DG1
        hagrp -enableresources SG1
        haconf -dump -makero""",
        "verclus01",
    )
    console.wait(5)
    console.run("hares -online DG1 -sys verclus01", "verclus01")
    console.wait(5)
    assert console.run("hastatus -sum", "verclus02") == (
        "\n"
        "-- SYSTEM STATE\n"
        "-- System               State                Frozen\n"
        "\n"
        "A  verclus01            RUNNING              0\n"
        "A  verclus02            RUNNING              0\n"
        "\n"
        "-- GROUP STATE\n"
        "-- Group           System               Probed     AutoDisabled    State\n"
        "\n"
        "B  SG1             verclus01            Y          N               ONLINE\n"
        "B  SG1             verclus02            Y          N               OFFLINE\n"
    )


def test_notices_accompany_success(console: Console) -> None:
    console.run("haconf -makerw")
    assert console.ask("hagrp -add SG1") == Answer(
        0,
        "",
        "VCS NOTICE V-16-1-10136 Group added; populating SystemList and setting the Parallel attribute recommended "
        "before adding resources\n",
    )
    console.run("hagrp -modify SG1 SystemList node1 0")
    assert console.ask("hares -add DG1 DiskGroup SG1") == Answer(
        0, "", "VCS NOTICE V-16-1-10242 Resource added. Enabled attribute must be set before agent monitors\n"
    )


def test_drbd_agent_type_is_made_by_commands(console: Console) -> None:
    """The sequence of LINBIT's README, with two groups of which one depends on the other."""
    console.simulator.options["agents"] = ["/opt/VRTSvcs/bin/DRBDConfigure", "/opt/VRTSvcs/bin/DRBDPrimary"]
    console.run(
        """haconf -makerw
        hatype -add DRBDConfigure
        hatype -modify DRBDConfigure ArgList ResName
        haattr -add DRBDConfigure ResName -string
        hatype -add DRBDPrimary
        hatype -modify DRBDPrimary ArgList ResName
        haattr -add DRBDPrimary ResName -string
        hagrp -add configure
        hagrp -modify configure SystemList node1 0 node2 1
        hagrp -modify configure Parallel 1
        hagrp -modify configure AutoStartList node1 node2
        hares -add r0conf DRBDConfigure configure
        hares -modify r0conf ResName r0
        hares -modify r0conf Enabled 1
        hagrp -add primary
        hagrp -modify primary SystemList node1 0 node2 1
        hagrp -modify primary AutoStartList node1 node2
        hares -add r0primary DRBDPrimary primary
        hares -modify r0primary ResName r0
        hares -modify r0primary Enabled 1
        hagrp -link primary configure online global"""
    )
    console.wait(5)
    console.refused("hagrp -online primary -sys node1", 10206)
    console.run("hagrp -online configure -sys node1\nhagrp -online configure -sys node2")
    console.wait(5)
    console.run("hagrp -online primary -sys node1")
    console.wait(5)
    assert console.run("hastatus -sum").splitlines()[-4:] == [
        "B  configure       node1                Y          N               ONLINE",
        "B  configure       node2                Y          N               ONLINE",
        "B  primary         node1                Y          N               ONLINE",
        "B  primary         node2                Y          N               OFFLINE",
    ]
    assert console.run("hagrp -dep") == (
        "#Parent        Child           Relationship\nprimary        configure       online global firm\n"
    )
    console.refused("hagrp -link primary configure online global", 10905)
    console.refused("hagrp -link configure primary online local firm")
    console.refused("hagrp -offline configure -sys node1")
    console.run("hagrp -unlink primary configure")
    console.refused("hagrp -unlink primary configure", 10146)
    console.refused("hagrp -dep", 50035)


def test_tables(running: Console) -> None:
    assert running.run("hagrp -state MAIL-RG").splitlines() == [
        "#Group               Attribute             System     Value",
        "MAIL-RG              State                 node1      |ONLINE|",
        "MAIL-RG              State                 node2      |OFFLINE|",
        "MAIL-RG              State                 node3      |OFFLINE|",
    ]
    assert running.run("hagrp -state") == running.run("hagrp -display -attribute State")
    assert running.run("hares -state Mail").splitlines()[:2] == [
        "#Resource                Attribute              System     Value",
        "Mail                     State                  node1      ONLINE",
    ]
    rows = running.run("hagrp -display MAIL-RG").splitlines()
    assert "MAIL-RG              Administrators        global     " in rows
    assert "MAIL-RG              SystemList            global     node1 0 node2 1 node3 2" in rows
    assert "MAIL-RG              AutoStartList         global     node1 node2" in rows
    assert running.run("hares -dep").splitlines()[:2] == [
        "#Group        Parent                       Child",
        "MAIL-RG       s1ms_mt                      s1ms_dg",
    ]
    assert running.run("haclus -display").splitlines()[0] == "#Attribute               Value"
    assert "ClusState                RUNNING" in running.run("haclus -display")
    assert running.run("hasys -state").splitlines()[1].split() == ["node1", "SysState", "RUNNING"]


def test_values_stand_alone(running: Console) -> None:
    assert running.run("hagrp -value MAIL-RG SystemList") == "node1 0 node2 1 node3 2\n"
    assert running.run("hagrp -value MAIL-RG AutoStartList") == "node1 node2\n"
    assert running.run("hagrp -value MAIL-RG State node1") == "|ONLINE|\n"
    assert running.run("hagrp -state MAIL-RG -sys node2") == "|OFFLINE|\n"
    assert running.run("hares -value s1ms_mt FsckOpt") == "-y\n"
    assert running.run("hares -value Mail State node1") == "ONLINE\n"
    assert running.run("hatype -value MsgSrv FaultOnMonitorTimeouts") == "4\n"
    assert running.run("hatype -value DiskGroup OnlineRetryLimit") == "1\n"
    assert running.run("hasys -value node1 SysState") == "RUNNING\n"
    assert running.run("haclus -value ClusState") == "RUNNING\n"


def test_lists(mail: Console) -> None:
    assert mail.run("hagrp -list").splitlines()[0].split() == ["MAIL-RG", "node1"]
    assert mail.run("hagrp -list Parallel=1") == ""
    assert len(mail.run("hagrp -list Parallel=0 AutoFailOver!=0").splitlines()) == 3
    assert mail.run("hagrp -resources MAIL-RG").split() == ["Mail", "csgnic", "s1ms_dg", "s1ms_mt", "webip"]
    assert mail.run("hatype -list").split() == sorted(
        ["Application", "DiskGroup", "IP", "Mount", "MsgSrv", "NIC", "Process", "Volume"]
    )
    assert mail.run("hatype -resources MsgSrv") == "Mail\n"
    assert mail.run("hasys -list").split() == ["node1", "node2", "node3"]
    assert {line.split()[0] for line in mail.run("hares -list Type=NIC").splitlines()} == {"csgnic"}


# -- the configuration is opened and saved -------------------------------------------------------------------------


def test_configuration_is_read_only_until_opened(mail: Console) -> None:
    assert mail.run("haclus -value ReadOnly") == "1\n"
    for line in (
        "hagrp -add other",
        "hagrp -delete MAIL-RG",
        "hagrp -modify MAIL-RG AutoFailOver 0",
        "hagrp -freeze MAIL-RG -persistent",
        "hagrp -enableresources MAIL-RG",
        "hares -add other IP MAIL-RG",
        "hares -delete Mail",
        "hares -link Mail csgnic",
        "hares -unlink Mail webip",
        "hares -local webip Device",
        "hares -override Mail RestartLimit",
        "hatype -modify MsgSrv RestartLimit 2",
        "haattr -add MsgSrv Other -string",
        "hasys -freeze -persistent node1",
        "haclus -modify UseFence SCSI3",
    ):
        mail.refused(line)
    mail.refused("haconf -dump -makero", 10369)
    mail.run("haconf -makerw")
    assert mail.run("haclus -value ReadOnly") == "0\n"
    assert mail.simulator.state["stale"] == ["node1", "node2", "node3"]
    assert mail.refused("haconf -makerw", 10364) == "VCS WARNING V-16-1-10364 Cluster already writable.\n"
    mail.run("hagrp -modify MAIL-RG AutoFailOver 0\nhaconf -dump")
    assert mail.run("haclus -value ReadOnly") == "0\n"
    mail.run("haconf -dump -makero\nhaclus -wait DumpingMembership 0 -time 60")
    assert mail.simulator.state["stale"] == []
    for node in ("node1", "node2", "node3"):
        assert "\tAutoFailOver = 0\n" in str(mail.simulator.read_file(node, f"{CONFIGURATION}/main.cf"))
        assert "AutoFailOver" not in str(mail.simulator.read_file(node, f"{CONFIGURATION}/main.cf.previous"))


def test_saved_configuration(mail: Console) -> None:
    text = str(mail.simulator.read_file("node2", f"{CONFIGURATION}/main.cf"))
    assert text.startswith('include "types.cf"\ninclude "MsgSrvTypes.cf"\n\ncluster democluster (\n')
    assert (
        "group MAIL-RG (\n\tSystemList = { node1 = 0, node2 = 1, node3 = 2 }\n\tAutoStartList = { node1, node2 }\n\t)\n"
    ) in text
    assert '\tIP webip (\n\t\tDevice = eth0\n\t\tAddress = "192.168.9.150"\n\t\t)\n' in text
    assert '\t\tFsckOpt = "-y"\n' in text
    assert "\tMail requires s1ms_mt\n" in text
    assert "\t// resource dependency tree\n" in text
    assert "Enabled" not in text, "1 is the default in main.cf"
    types = str(mail.simulator.read_file("node2", f"{CONFIGURATION}/MsgSrvTypes.cf"))
    assert "\tstatic str ArgList[] = { State, LogHostName, PrtStatus, DebugMode }\n" in types
    assert "\tstr DebugMode = FALSE\n" in types
    assert mail.ask(f"hacf -verify {CONFIGURATION}") == Answer(0, "", "")


def test_disabled_resource_is_saved_as_such(mail: Console) -> None:
    mail.run("haconf -makerw\nhares -modify Mail Enabled 0\nhaconf -dump -makero")
    assert "\t\tEnabled = 0\n" in str(mail.simulator.read_file("node1", f"{CONFIGURATION}/main.cf"))


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        ("group MAIL-RG \\(", "group MAIL-RG"),
        ("MsgSrv Mail", "MessageServer Mail"),
        ("MountPoint =", "MountPiont ="),
        ("Mail requires webip", "Mail requires nothing"),
        ("webip requires csgnic", "csgnic requires Mail\n\twebip requires csgnic"),
        ('include "MsgSrvTypes.cf"', 'include "missing.cf"'),
        ("node1 = 0,", "node9 = 0,"),
    ],
)
def test_hacf_finds_what_is_wrong(mail: Console, pattern: str, replacement: str) -> None:
    path = f"{CONFIGURATION}/main.cf"
    text = str(mail.simulator.read_file("node1", path))
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    mail.simulator.write_file("node1", path, changed)
    assert mail.refused(f"hacf -verify {CONFIGURATION}")
    mail.refused(f"hacf -cftocmd {CONFIGURATION}")


def test_state_comes_back_from_the_files(running: Console) -> None:
    """Everything that a cluster is told survives its stop: per-system values, overridden attributes, dependencies."""
    running.run(
        """haconf -makerw
        hares -local csgnic Device
        hares -modify csgnic Device eth1 -sys node2
        hares -override Mail RestartLimit
        hares -modify Mail RestartLimit 3
        hatype -modify MsgSrv ConfInterval 900
        haattr -add -static MsgSrv Comment -string "two words"
        hagrp -add other
        hagrp -modify other SystemList node1 0
        hagrp -link MAIL-RG other offline local
        hagrp -disable MAIL-RG -sys node3
        hasys -modify node1 SystemLocation "Room 1"
        haconf -dump -makero"""
    )
    queries = ["hagrp -display", "hares -display", "hatype -display", "hagrp -dep", "hasys -display", "haclus -display"]
    before = [running.run(query) for query in queries]
    for node in ("node1", "node2", "node3"):
        running.simulator.stop_node(node)
    for node in ("node1", "node2", "node3"):
        running.simulator.start_node(node)
    running.wait()
    assert running.online() == ["node1"]
    assert [running.run(query) for query in queries] == before


def test_stale_configuration_waits_for_an_administrator(mail: Console) -> None:
    mail.run("haconf -makerw\nhagrp -modify MAIL-RG AutoFailOver 0")
    for node in ("node1", "node2", "node3"):
        mail.simulator.stop_node(node)
    mail.simulator.start_node("node1")
    mail.wait(10)
    assert mail.run("hasys -value node1 SysState") == "STALE_ADMIN_WAIT\n"
    assert "rejected as the node is in STALE_ADMIN_WAIT state" in mail.refused("haconf -makerw", 50129)
    mail.run("hasys -force node1")
    mail.wait(10)
    assert mail.run("hasys -value node1 SysState") == "RUNNING\n"
    assert mail.run("hagrp -value MAIL-RG AutoFailOver") == "1\n", "what was not saved is lost"


def test_types_file_is_imported_by_main_cf(console: Console) -> None:
    """The way of a stopped cluster: the agent's types file, and main.cf edited on the system that starts first."""
    simulator = console.simulator
    for node in simulator.nodes:
        simulator.stop_node(node)
    types = "type MsgSrv (\n\tstatic int FaultOnMonitorTimeouts = 2\n\tstatic int ConfInterval = 600\n"
    types += "\tstatic str ArgList[] = { State, LogHostName, PrtStatus, DebugMode }\n"
    types += "\tstr LogHostName\n\tstr PrtStatus\n\tstr DebugMode = FALSE\n)\n"
    simulator.write_file("node1", f"{CONFIGURATION}/MsgSrvTypes.cf", types)
    main = str(simulator.read_file("node1", f"{CONFIGURATION}/main.cf"))
    main = main.replace('"types.cf"\n', '"types.cf"\ninclude "MsgSrvTypes.cf"\n', 1)
    main += "group MAIL-RG (\n SystemList = { node1 = 0, node2 = 1 }\n AutoStartList = { node1 }\n )\n"
    main += " MsgSrv Mail (\n  LogHostName = mail\n  )\n"
    simulator.write_file("node1", f"{CONFIGURATION}/main.cf", main)
    for node in simulator.nodes:
        simulator.start_node(node)
    console.wait()
    assert console.online() == ["node1"], "a resource of main.cf is enabled"
    assert console.run("hatype -value MsgSrv SourceFile") == "./MsgSrvTypes.cf\n"
    assert console.run("hatype -value MsgSrv FaultOnMonitorTimeouts", "node2") == "2\n"
    assert simulator.read_file("node2", f"{CONFIGURATION}/MsgSrvTypes.cf") == types


def test_broken_configuration_is_not_loaded(mail: Console) -> None:
    for node in ("node1", "node2", "node3"):
        mail.simulator.stop_node(node)
    mail.simulator.write_file("node1", f"{CONFIGURATION}/main.cf", "group (")
    mail.simulator.start_node("node1")
    mail.wait(10)
    assert mail.run("hasys -value node1 SysState") == "ADMIN_WAIT\n"
    mail.simulator.start_node("node2")
    mail.wait(10)
    assert mail.run("hasys -state").split()[3::3][:3] == ["node1", "node2", "node3"]
    assert mail.run("hasys -value node1 SysState") == "RUNNING\n", "it takes the configuration of one that runs"
    assert "group MAIL-RG" in str(mail.simulator.read_file("node1", f"{CONFIGURATION}/main.cf"))


@pytest.mark.parametrize("state", ["REMOTE_BUILD", "LEAVING", "ADMIN_WAIT"])
def test_changes_are_rejected_while_a_system_builds(mail: Console, state: str) -> None:
    mail.run("haconf -makerw")
    mail.simulator.order_system_state("node1", state, 5)
    text = f"Operation 'haconf -dump -makero' rejected as the node is in {state} state"
    assert text in mail.refused("haconf -dump -makero", 50129)
    mail.refused("hasys -unfreeze -persistent node1", 50129)
    mail.run("hasys -wait node1 SysState RUNNING -time 60")
    mail.run("haconf -dump -makero")


# -- attributes ----------------------------------------------------------------------------------------------------


def test_modification_by_dimension(mail: Console) -> None:
    def value(name: str) -> str:
        return mail.run(f"hagrp -value MAIL-RG {name}").strip()

    mail.run("haconf -makerw")
    mail.run("hagrp -modify MAIL-RG Administrators alice bob")
    mail.run("hagrp -modify MAIL-RG Administrators -add carol")
    mail.refused("hagrp -modify MAIL-RG Administrators -add carol", 10563)
    mail.run("hagrp -modify MAIL-RG Administrators -delete bob")
    mail.refused("hagrp -modify MAIL-RG Administrators -delete bob", 10566)
    mail.refused("hagrp -modify MAIL-RG Administrators -update alice")
    assert value("Administrators") == "alice carol"
    mail.run("hagrp -modify MAIL-RG Administrators -delete -keys")
    assert value("Administrators") == ""
    mail.run("hagrp -modify MAIL-RG SystemList -update node2 5")
    assert value("SystemList") == "node1 0 node2 5 node3 2"
    mail.refused("hagrp -modify MAIL-RG SystemList -update node9 5", 10566)
    mail.refused("hagrp -modify MAIL-RG SystemList node1")
    mail.refused("hagrp -modify MAIL-RG SystemList node1 zero")
    mail.refused("hagrp -modify MAIL-RG SystemList node9 0", 10200)
    mail.run("hagrp -modify MAIL-RG SystemList -delete node2")
    assert value("AutoStartList") == "node1"
    mail.refused("hagrp -modify MAIL-RG AutoStartList node2", 10135)
    mail.refused("hagrp -modify MAIL-RG Priority")
    mail.refused("hagrp -modify MAIL-RG Priority -add 1")
    mail.refused("hagrp -modify MAIL-RG State ONLINE")
    mail.refused("hagrp -modify MAIL-RG Nonsense 1")
    mail.run("hares -modify csgnic NetworkHosts 192.168.9.1 192.168.9.2")
    mail.run("hares -modify csgnic NetworkHosts -add 192.168.9.3")
    mail.refused("hares -modify csgnic NetworkHosts -delete 192.168.9.1")
    assert mail.run("hares -value csgnic NetworkHosts") == "192.168.9.1 192.168.9.2 192.168.9.3\n"
    mail.run("hares -modify csgnic NetworkHosts -delete -keys")
    mail.refused("hares -modify s1ms_mt FsckOpt -y")
    mail.refused("hares -modify s1ms_dg MonitorReservation perhaps")
    mail.refused("hares -modify Mail State ONLINE")
    mail.run("hares -modify Mail PrtStatus true")
    assert mail.run("hares -value Mail PrtStatus") == "true\n"


def test_local_attributes(mail: Console) -> None:
    mail.run("haconf -makerw")
    mail.refused("hares -modify csgnic Device eth1 -sys node2")
    mail.run("hares -local csgnic Device\nhares -modify csgnic Device eth1 -sys node2")
    mail.refused("hares -modify csgnic Device eth2")
    assert mail.run("hares -value csgnic Device node1") == "eth0\n"
    assert mail.run("hares -value csgnic Device node2") == "eth1\n"
    assert [line.split() for line in mail.run("hares -display csgnic -attribute Device").splitlines()[1:]] == [
        ["csgnic", "Device", "node1", "eth0"],
        ["csgnic", "Device", "node2", "eth1"],
        ["csgnic", "Device", "node3", "eth0"],
    ]
    mail.run("haconf -dump")
    assert "\t\tDevice @node2 = eth1\n" in str(mail.simulator.read_file("node1", f"{CONFIGURATION}/main.cf"))
    mail.run("hares -global csgnic Device eth5")
    assert mail.run("hares -value csgnic Device") == "eth5\n"


def test_static_attributes(mail: Console) -> None:
    mail.run("haconf -makerw")
    mail.refused("hares -modify Mail ToleranceLimit 1")
    mail.run("hatype -modify MsgSrv FaultOnMonitorTimeouts 2\nhatype -modify MsgSrv ConfInterval 600")
    assert mail.run("hatype -value MsgSrv FaultOnMonitorTimeouts") == "2\n"
    assert "ToleranceLimit" not in mail.run("hares -display Mail")
    mail.run("hares -override Mail ToleranceLimit")
    assert mail.run("hares -value Mail ToleranceLimit") == "0\n"
    assert "already overridden" in mail.refused("hares -override Mail ToleranceLimit", 13322)
    assert "is not a static attribute" in mail.refused("hares -override Mail LogHostName", 13322)
    mail.run("hares -modify Mail ToleranceLimit 1")
    assert len(mail.run("hares -display -ovalues Mail").splitlines()) == 2
    assert mail.run("hatype -value MsgSrv ToleranceLimit") == "0\n"
    mail.run("hares -undo_override Mail ToleranceLimit")
    mail.refused("hares -undo_override Mail ToleranceLimit", 13322)
    mail.refused("hatype -modify MsgSrv LogHostName x")
    mail.refused("hatype -modify MsgSrv Operations OnOnly")
    mail.run("hatype -add Other\nhatype -modify Other Operations OnOnly")
    mail.refused("hatype -modify Other Operations Sometimes")


def test_types_and_their_attributes(mail: Console) -> None:
    mail.run("haconf -makerw")
    mail.refused("hatype -add MsgSrv")
    mail.refused("hatype -delete MsgSrv")
    mail.refused("haattr -add MsgSrv LogHostName -string")
    mail.refused("haattr -add MsgSrv Size -wrong")
    mail.run("haattr -add MsgSrv Size -integer 5\nhaattr -add MsgSrv Hosts -string -keylist a b")
    assert mail.run("hares -value Mail Size") == "5\n"
    assert mail.run("hares -value Mail Hosts") == "a b\n"
    mail.run("haattr -default MsgSrv Size 6")
    assert mail.run("hares -value Mail Size") == "5\n"
    mail.run("haattr -delete MsgSrv Size")
    mail.refused("hares -value Mail Size")
    mail.refused("haattr -delete MsgSrv Size")
    assert "LogHostName" in mail.run("haattr -display MsgSrv")
    assert "SystemList" in mail.run("haattr -display group")


# -- resources and their dependencies ------------------------------------------------------------------------------


def test_links(mail: Console) -> None:
    mail.run("haconf -makerw\nhagrp -add other\nhagrp -modify other SystemList node1 0\nhares -add n2 NIC other")
    text = "VCS WARNING V-16-1-10905 Dependency between 'Mail' and 'webip' already exists\n"
    assert mail.refused("hares -link Mail webip", 10905) == text
    mail.refused("hares -link s1ms_dg Mail")
    mail.refused("hares -link Mail Mail")
    mail.refused("hares -link Mail n2")
    mail.refused("hares -link csgnic s1ms_dg")
    mail.refused("hares -link Mail missing", 10260)
    mail.refused("hares -delete webip")
    mail.run("hares -unlink Mail webip")
    mail.refused("hares -unlink Mail webip")
    mail.refused("hares -dep n2", 50034)


def test_resources_are_disabled_until_enabled(console: Console) -> None:
    console.run(
        """haconf -makerw
        hagrp -add SG1
        hagrp -modify SG1 SystemList node1 0 node2 1
        hares -add DG1 DiskGroup SG1"""
    )
    console.wait()
    assert console.run("hares -value DG1 Enabled") == "0\n"
    assert "\nH  SG1 " in console.run("hastatus -sum")
    console.refused("hares -online DG1 -sys node1")
    console.run("hares -modify DG1 Enabled 1")
    console.wait()
    assert console.run("hares -value DG1 State node1") == "OFFLINE|STATE UNKNOWN\n", "it does not know its disk group"
    assert "\nD  SG1 " in console.run("hastatus -sum")
    assert console.run("hagrp -value SG1 ProbesPending node1") == "1\n"
    console.refused("hagrp -online SG1 -sys node1")
    console.run("hares -modify DG1 DiskGroup DG1\nhagrp -wait SG1 ProbesPending 0 -sys node1 -time 10")
    console.run("hagrp -online SG1 -sys node1")


def test_type_without_agent_is_never_probed(console: Console) -> None:
    console.run(
        """haconf -makerw
        hatype -add Homemade
        hagrp -add SG1
        hagrp -modify SG1 SystemList node1 0
        hares -add mine Homemade SG1
        hares -modify mine Enabled 1"""
    )
    console.wait()
    assert console.run("hares -value mine Probed node1") == "0\n"
    console.simulator.options["agents"] = ["/usr/local/agents/Homemade"]
    console.run("hatype -modify Homemade AgentDirectory /usr/local/agents/Homemade")
    console.wait()
    assert console.run("hares -value mine Probed node1") == "1\n"


def test_disabled_resources_are_left_out(running: Console) -> None:
    running.run("haconf -makerw")
    running.refused("hares -modify Mail Enabled 0")
    running.refused("hagrp -disableresources MAIL-RG")
    running.refused("hares -modify csgnic Enabled 0")
    running.run("hares -offline Mail -sys node1")
    running.wait()
    assert running.state("node1") == "|PARTIAL|"
    running.run("hares -modify Mail Enabled 0")
    assert running.state("node1") == "|ONLINE|"
    running.run("hagrp -offline MAIL-RG -sys node1")
    running.wait()
    running.run("hares -modify Mail Enabled 1\nhares -modify s1ms_mt Enabled 0")
    running.wait()
    running.run("hagrp -online MAIL-RG -sys node1")
    running.wait()
    assert running.simulator.services()["MAIL-RG"]["members"] == {
        "Mail": ["node1"],
        "webip": ["node1"],
        "csgnic": ["node1", "node2", "node3"],
        "s1ms_mt": [],
        "s1ms_dg": [],
    }, "the transaction is not propagated to a disabled resource nor beyond it"


def test_persistent_resources_are_only_monitored(mail: Console) -> None:
    assert mail.resource("csgnic", "node3") == "ONLINE"
    assert mail.state("node3") == "|OFFLINE|"
    mail.refused("hares -online csgnic -sys node1")
    mail.refused("hares -offline csgnic -sys node1")


def test_single_resources(mail: Console) -> None:
    mail.run("hares -online s1ms_mt -sys node1")
    mail.run("hares -wait s1ms_mt State ONLINE -sys node1 -time 60")
    assert mail.resource("s1ms_dg", "node1") == "ONLINE"
    assert mail.state("node1") == "|PARTIAL|"
    mail.refused("hares -online webip -sys node2", 10286)
    mail.refused("hagrp -online MAIL-RG -sys node2", 10286)
    mail.refused("hares -offline s1ms_dg -sys node1")
    mail.refused("hares -online s1ms_mt")
    mail.refused("hares -clear s1ms_mt", 10267)
    mail.run("hares -offline -parentprop s1ms_dg -sys node1")
    mail.wait()
    assert mail.state("node1") == "|OFFLINE|"
    mail.run("hagrp -online MAIL-RG -sys node1")
    mail.wait()
    mail.run("hares -offline -ignoreparent webip -sys node1")
    mail.wait()
    assert mail.resource("webip", "node1") == "OFFLINE"
    assert mail.resource("Mail", "node1") == "ONLINE"
    mail.run("hares -offprop Mail -sys node1")
    mail.wait()
    assert mail.state("node1") == "|OFFLINE|"


def test_deleted_online_resource_goes_on_running(running: Console) -> None:
    running.run("haconf -makerw\nhares -unlink Mail webip\nhares -unlink Mail s1ms_mt\nhares -delete Mail")
    service = running.simulator.services()["MAIL-RG"]
    assert "Mail" not in service["members"]
    assert service["leaked"] == {"Mail": ["node1"]}
    running.run("hares -add Mail MsgSrv MAIL-RG\nhares -modify Mail LogHostName mail\nhares -modify Mail Enabled 1")
    running.wait()
    assert running.resource("Mail", "node1") == "ONLINE", "its agent finds what runs"
    assert "leaked" not in running.simulator.services()["MAIL-RG"]
    running.run("haclus -modify DeleteOnlineResource 0")
    running.refused("hares -delete Mail")


def test_groups_are_deleted_empty(mail: Console) -> None:
    mail.run("haconf -makerw")
    mail.refused("hagrp -delete MAIL-RG")
    for parent, child in (("Mail", "webip"), ("Mail", "s1ms_mt"), ("webip", "csgnic"), ("s1ms_mt", "s1ms_dg")):
        mail.run(f"hares -unlink {parent} {child}")
    for name in [*OFF_ON, "csgnic"]:
        mail.run(f"hares -delete {name}")
    mail.run("hagrp -delete MAIL-RG\nhatype -delete MsgSrv")
    mail.refused("hagrp -delete MAIL-RG", 12130)
    mail.refused("hagrp -list", 50031)
    mail.refused("hagrp -state", 50031)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("hagrp -offline none -sys node1", 12130),
        ("hagrp -modify none Priority 1", 12130),
        ("hagrp -display none", 10133),
        ("hagrp -dep none", 10133),
        ("hagrp -unlink none MAIL-RG", 10133),
        ("hagrp -state none", 40131),
        ("hares -display none", 40130),
        ("hares -delete none", 10260),
        ("hares -dep none", 10260),
        ("hares -modify none Critical 0", 10260),
        ("hagrp -dep", 50035),
        ("hagrp -offline MAIL-RG -sys node9", 10200),
        ("hasys -value node9 SysState", 10200),
        ("hares -clear Mail", 10267),
        ("hagrp -unfreeze MAIL-RG", 40201),
        ("hagrp -unfreeze MAIL-RG -persistent", 40202),
        ("hasys -unfreeze node1", 40204),
        ("hasys -unfreeze -persistent node1", 40205),
        ("hagrp -switch MAIL-RG -to node2", 10191),
    ],
)
def test_refusals_have_their_numbers(mail: Console, line: str, code: int) -> None:
    mail.run("haconf -makerw")
    mail.refused(line, code)


@pytest.mark.parametrize(
    "line",
    [
        "hagrp",
        "hagrp -start MAIL-RG",
        "hagrp -online MAIL-RG",
        "hagrp -online MAIL-RG -sys node1 -any",
        "hagrp -switch MAIL-RG -sys node1",
        "hagrp -offline -persistent MAIL-RG -sys node1",
        "hagrp -add",
        "hares -add Mail",
        "hares -modify Mail",
        "hares -online Mail",
        "hatype -add",
        "haattr -add MsgSrv",
        "haconf -dump -makerw",
        "haconf -makero",
        "hastatus",
        "haclus -value",
        "hasys -freeze",
        "hacf -verify",
        "hagrp -wait MAIL-RG State ONLINE -sys node1 -time soon",
    ],
)
def test_other_forms_are_usage_errors(mail: Console, line: str) -> None:
    mail.run("haconf -makerw")
    assert "usage" in mail.refused(line)


# -- groups in operation -------------------------------------------------------------------------------------------


def test_online_and_offline_take_time_and_have_an_order(mail: Console) -> None:
    seen = []
    mail.run("hagrp -online MAIL-RG -sys node1")
    assert mail.state("node1") == "|OFFLINE|STARTING|"
    while mail.state("node1") != "|ONLINE|":
        mail.wait(1)
        members = mail.simulator.services()["MAIL-RG"]["members"]
        seen += [name for name in OFF_ON if members[name] and name not in seen]
    assert seen.index("s1ms_dg") < seen.index("s1ms_mt") < seen.index("Mail")
    mail.run("hagrp -offline MAIL-RG -sys node1")
    assert mail.state("node1") == "|ONLINE|STOPPING|"
    mail.wait(3)
    assert mail.state("node1") == "|PARTIAL|STOPPING|"
    assert mail.resource("Mail", "node1") == "OFFLINE"
    assert mail.resource("s1ms_dg", "node1") == "ONLINE"
    mail.run("hagrp -wait MAIL-RG State OFFLINE -sys node1 -time 60")
    assert mail.simulator.services()["MAIL-RG"]["online"] == []


def test_wait_gives_up(mail: Console) -> None:
    before = mail.simulator.now
    answer = mail.ask("hagrp -wait MAIL-RG State ONLINE -sys node1 -time 30")
    assert answer == Answer(1, "", "VCS WARNING V-16-1-10805 Connection timed out\n")
    assert mail.simulator.now == before + 30
    assert mail.ask("hagrp -wait MAIL-RG State ONLINE -sys node1").hung


def test_failover_group_is_online_once(running: Console) -> None:
    running.refused("hagrp -online MAIL-RG -sys node1", 50997)
    running.refused("hagrp -online MAIL-RG -sys node2", 10286)
    running.refused("hagrp -online MAIL-RG -any", 10165)
    running.refused("hagrp -switch MAIL-RG -to node1", 10192)
    running.run("hagrp -switch MAIL-RG -to node3")
    running.run("hagrp -wait MAIL-RG State ONLINE -sys node3 -time 60")
    assert running.online() == ["node3"]
    running.run("hagrp -switch MAIL-RG -any")
    running.wait()
    assert running.online() == ["node1"]
    running.run("hagrp -offline MAIL-RG -any")
    running.wait()
    answer = running.ask("hagrp -online MAIL-RG -any")
    assert answer == Answer(1, "", "VCS NOTICE V-16-1-50735 Attempting to online group on system node1\n")
    running.wait()
    assert running.online() == ["node1"]


def test_parallel_group(console: Console) -> None:
    console.run(
        """haconf -makerw
        hagrp -add all
        hagrp -modify all SystemList node1 0 node2 1
        hagrp -modify all Parallel 1
        hares -add p Process all
        hares -modify p PathName /usr/bin/p
        hares -modify p Enabled 1"""
    )
    console.wait()
    console.refused("hagrp -modify all Parallel 0")
    console.run("hagrp -modify all Parallel 1")
    console.run("hagrp -online all -sys node1\nhagrp -online all -sys node2")
    console.wait()
    assert console.online("all") == ["node1", "node2"]
    console.refused("hagrp -online all -sys node1", 50996)
    console.refused("hagrp -switch all -to node2")
    console.refused("hagrp -online all -sys node3", 10135)


def test_system_list_while_online(running: Console) -> None:
    running.run("haconf -makerw")
    running.refused("hagrp -modify MAIL-RG SystemList -delete node1", 10180)
    running.refused("hagrp -modify MAIL-RG SystemList node1 1 node2 0", 10180)
    running.refused("hagrp -modify MAIL-RG SystemList -delete -keys", 10180)
    running.run("hagrp -modify MAIL-RG SystemList -delete node3\nhagrp -modify MAIL-RG SystemList -add node3 7")
    assert running.run("hagrp -value MAIL-RG SystemList") == "node1 0 node2 1 node3 7\n"


def test_frozen_group(running: Console) -> None:
    running.run("hagrp -freeze MAIL-RG")
    running.refused("hagrp -freeze MAIL-RG", 40208)
    running.run("haconf -makerw")
    running.refused("hagrp -freeze MAIL-RG -persistent", 40200)
    assert running.run("hagrp -value MAIL-RG TFrozen") == "1\n"
    running.refused("hagrp -offline MAIL-RG -sys node1")
    running.refused("hagrp -switch MAIL-RG -to node2")
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait()
    assert running.resource("Mail", "node1") == "FAULTED"
    assert running.resource("s1ms_dg", "node1") == "ONLINE", "nothing is done about it"
    running.run("hagrp -unfreeze MAIL-RG\nhagrp -freeze MAIL-RG -persistent")
    running.refused("hagrp -freeze MAIL-RG -persistent", 40209)
    running.refused("hagrp -freeze MAIL-RG", 40200)
    running.run("haconf -dump -makero")
    assert "\tFrozen = 1\n" in str(running.simulator.read_file("node3", f"{CONFIGURATION}/main.cf"))


def test_frozen_system(running: Console) -> None:
    running.run("haconf -makerw\nhasys -freeze -persistent -evacuate node1")
    running.wait()
    assert running.online() == ["node2"]
    running.refused("hasys -freeze -persistent node1", 40206)
    running.refused("hagrp -switch MAIL-RG -to node1")
    running.run("hasys -freeze node3")
    running.refused("hasys -freeze node3", 40207)
    assert "A  node3                RUNNING              1\n" in running.run("hastatus -sum")
    running.refused("hagrp -switch MAIL-RG -any", 51055)
    running.run("hasys -unfreeze -persistent node1\nhagrp -switch MAIL-RG -any")
    running.wait()
    assert running.online() == ["node1"]


def test_disabled_group(mail: Console) -> None:
    mail.run("haconf -makerw\nhagrp -disable MAIL-RG -sys node1")
    assert mail.run("hagrp -value MAIL-RG Enabled node1") == "0\n"
    mail.refused("hagrp -online MAIL-RG -sys node1")
    mail.ask("hagrp -online MAIL-RG -any")
    mail.wait()
    assert mail.online() == ["node2"]
    mail.run("hagrp -enable MAIL-RG")
    assert mail.run("hagrp -value MAIL-RG Enabled node1") == "1\n"


# -- failures ------------------------------------------------------------------------------------------------------


def test_critical_fault_fails_over(running: Console) -> None:
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait()
    assert running.online() == ["node2"]
    assert running.state("node1") == "|OFFLINE|FAULTED|"
    assert "\nC  MAIL-RG         MsgSrv               Mail                 node1\n" in running.run("hastatus -sum")
    running.simulator.repair_agent("Mail")
    answer = running.refused("hagrp -switch MAIL-RG -to node1", 10284)
    assert "Cannot online a faulted resource:Clear the faulted resource on system node1." in answer
    running.run("hares -clear Mail -sys node1\nhagrp -switch MAIL-RG -to node1")
    running.wait()
    assert running.online() == ["node1"]


def test_fault_everywhere_leaves_the_group_offline(running: Console) -> None:
    running.simulator.fail_agent("Mail", "start")
    running.simulator.fail_agent("Mail", "monitor")
    running.wait(120)
    assert running.online() == []
    assert [running.state(node) for node in ("node1", "node2", "node3")] == ["|OFFLINE|FAULTED|"] * 3
    running.refused("hagrp -online MAIL-RG -any", 40156)
    running.simulator.repair_agent("Mail")
    running.run("hagrp -clear MAIL-RG\nhagrp -online MAIL-RG -sys node2")
    running.wait()
    assert running.online() == ["node2"]


def test_fault_that_is_not_critical(running: Console) -> None:
    running.run("haconf -makerw\nhares -modify Mail Critical 0")
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait()
    assert running.state("node1") == "|PARTIAL|FAULTED|"
    assert running.resource("webip", "node1") == "ONLINE"


def test_fault_below_a_critical_resource(running: Console) -> None:
    running.run("haconf -makerw\nhares -modify s1ms_mt Critical 0")
    running.simulator.fail_agent("s1ms_mt", "monitor", ["node1"])
    running.wait()
    assert running.online() == ["node2"], "what depends on it is critical"


def test_no_automatic_failover(running: Console) -> None:
    running.run("haconf -makerw\nhagrp -modify MAIL-RG AutoFailOver 0")
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait()
    assert running.online() == []
    assert running.state("node1") == "|OFFLINE|FAULTED|"


def test_persistent_fault_fails_over_and_clears_itself(running: Console) -> None:
    running.simulator.fail_agent("csgnic", "monitor", ["node1"])
    running.wait()
    assert running.online() == ["node2"]
    assert running.resource("csgnic", "node1") == "FAULTED"
    running.refused("hagrp -switch MAIL-RG -to node1", 10284)
    running.simulator.repair_agent("csgnic")
    running.wait()
    assert running.state("node1") == "|OFFLINE|"
    running.simulator.fail_agent("csgnic", "monitor", ["node1"])
    running.wait()
    assert running.online() == ["node2"], "a fault where the group is not does not move it"


def test_restart_limit(running: Console) -> None:
    running.run("haconf -makerw\nhatype -modify MsgSrv RestartLimit 1\nhatype -modify MsgSrv ToleranceLimit 1")
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait(3)
    assert running.resource("Mail", "node1") == "ONLINE", "one monitor is tolerated"
    running.wait(2)
    assert running.resource("Mail", "node1") == "ONLINE|RESTARTING"
    running.simulator.repair_agent("Mail")
    running.wait()
    assert running.online() == ["node1"]
    assert running.simulator.services()["MAIL-RG"]["members"]["Mail"] == ["node1"]


def test_failing_start_is_tried_again_then_elsewhere(mail: Console) -> None:
    mail.simulator.fail_agent("s1ms_dg", "start", ["node1"])
    mail.run("hagrp -online MAIL-RG -sys node1")
    mail.wait(3)
    assert mail.resource("s1ms_dg", "node1") == "OFFLINE", "OnlineRetryLimit of DiskGroup is 1"
    mail.wait()
    assert mail.resource("s1ms_dg", "node1") == "FAULTED"
    assert mail.online() == ["node2"]


def test_failing_stop(running: Console) -> None:
    running.simulator.fail_agent("s1ms_mt", "stop")
    running.run("hagrp -switch MAIL-RG -to node2")
    running.wait()
    assert running.resource("s1ms_mt", "node1") == "ONLINE|UNABLE TO OFFLINE"
    assert running.state("node1") == "|PARTIAL|STOPPING|"
    assert running.online() == []
    running.simulator.repair_agent("s1ms_mt")
    running.run("hagrp -flush MAIL-RG -sys node1")
    assert running.state("node1") == "|PARTIAL|STOPPING|"
    running.run("hagrp -flush -force MAIL-RG -sys node1")
    assert running.state("node1") == "|PARTIAL|"
    running.run("hagrp -offline MAIL-RG -sys node1")
    running.wait()
    assert running.state("node1") == "|OFFLINE|"


def test_flush(mail: Console) -> None:
    mail.run("hagrp -online MAIL-RG -sys node1")
    mail.wait(2.5)
    mail.run("hagrp -flush MAIL-RG -sys node1")
    mail.wait()
    assert mail.state("node1") == "|PARTIAL|"


def test_admin_wait(running: Console) -> None:
    running.run("haconf -makerw\nhagrp -modify MAIL-RG ManageFaults NONE")
    running.simulator.fail_agent("Mail", "monitor", ["node1"])
    running.wait()
    assert running.resource("Mail", "node1") == "OFFLINE|ADMIN_WAIT"
    for line in ("-offline MAIL-RG -sys node1", "-switch MAIL-RG -to node2", "-flush MAIL-RG -sys node1"):
        running.refused(f"hagrp {line}")
    running.simulator.repair_agent("Mail")
    running.run("hagrp -clearadminwait MAIL-RG -sys node1\nhagrp -online MAIL-RG -sys node1")
    running.wait()
    assert running.online() == ["node1"]
    running.simulator.fail_agent("Mail", "stop", ["node1"])
    running.run("hagrp -offline MAIL-RG -sys node1")
    running.wait()
    assert running.resource("Mail", "node1") == "ONLINE|ADMIN_WAIT"


def test_system_dies_and_returns(running: Console) -> None:
    running.simulator.stop_node("node1")
    assert running.ask("hagrp -state").stderr == "VCS ERROR V-16-1-10600 Cannot connect to VCS engine\n"
    running.refused("hastatus -sum", 11046)
    assert running.ask(f"hacf -verify {CONFIGURATION}").status == 0
    running.wait()
    assert running.online() == ["node2"]
    assert running.run("hasys -value node1 SysState", "node2") == "EXITED\n"
    running.refused("hagrp -switch MAIL-RG -to node1", 51055, "node2")
    running.run("haconf -makerw\nhagrp -modify MAIL-RG Priority 3\nhaconf -dump -makero", "node2")
    running.simulator.start_node("node1")
    assert running.run("hasys -value node1 SysState") == "REMOTE_BUILD\n"
    running.refused("haconf -makerw", 50129)
    running.wait()
    assert running.online() == ["node2"], "nothing fails back"
    assert "\tPriority = 3\n" in str(running.simulator.read_file("node1", f"{CONFIGURATION}/main.cf"))
    running.simulator.stop_node("node2")
    running.wait()
    assert running.online() == ["node1"]


def test_engine_alone_dies(running: Console) -> None:
    running.simulator.stop_engine("node1")
    running.wait()
    assert running.simulator.services()["MAIL-RG"]["members"]["Mail"] == ["node1"]
    assert running.run("hagrp -value MAIL-RG AutoDisabled node1", "node2") == "1\n"
    assert "B  MAIL-RG         node1                N          Y " in running.run("hastatus -sum", "node2")
    running.refused("hagrp -online MAIL-RG -sys node2", node="node2")
    running.simulator.start_node("node1")
    running.wait()
    assert running.online() == ["node1"]
    assert running.run("hagrp -value MAIL-RG AutoDisabled node1") == "0\n"
    running.simulator.stop_engine("node1")
    running.run("hagrp -autoenable MAIL-RG -sys node1\nhagrp -online MAIL-RG -sys node2", "node2")
    running.wait()
    assert running.simulator.services()["MAIL-RG"]["members"]["Mail"] == ["node1", "node2"]


def test_groups_start_with_the_cluster(mail: Console) -> None:
    for node in ("node1", "node2", "node3"):
        mail.simulator.stop_node(node)
    mail.simulator.start_node("node3")
    mail.refused("hagrp -list", 11030, "node3")
    assert mail.run("hasys -value node3 SysState", "node3") == "LOCAL_BUILD\n"
    mail.wait()
    assert mail.online() == [], "node3 is not in AutoStartList"
    mail.simulator.start_node("node2")
    mail.wait()
    assert mail.online() == ["node2"]
    mail.run("hagrp -offline MAIL-RG -any", "node2")
    mail.wait()
    mail.simulator.start_node("node1")
    mail.wait()
    assert mail.online() == [], "it was taken offline by command"


def test_commands_can_be_made_to_fail(mail: Console) -> None:
    mail.simulator.order_fault(1, "lose_answer", "haconf")
    assert mail.ask("haconf -makerw").status == 1
    assert mail.run("haclus -value ReadOnly") == "0\n"
    mail.simulator.order_fault(1, "hang")
    assert mail.ask("haconf -dump -makero").hung
    assert mail.run("haclus -value ReadOnly") == "0\n"


# -- containers ----------------------------------------------------------------------------------------------------


@pytest.fixture
def container(tmp_path: Path) -> Iterator[type[VeritasClusterServer]]:
    """The simulator as containers run it: a new process and an own file system for each command's node."""

    class InContainer(VeritasClusterServer):
        def read_file(self, node: str, path: str) -> str | None:
            assert node == self.own_node
            return super().read_file(node, str(tmp_path / node) + path)

        def write_file(self, node: str, path: str, text: str) -> None:
            assert node == self.own_node
            super().write_file(node, str(tmp_path / node) + path, text)

    return InContainer  # type: ignore[return-value]


def test_state_file(container: type[VeritasClusterServer], tmp_path: Path) -> None:
    def run(node: str, line: str) -> Answer:
        simulator = container(["node1", "node2"], tmp_path / "state", transition_seconds=0.1, probe_seconds=0.1)
        return simulator.run(node, shlex.split(line))

    lines = (MSGSRV + MAIL).replace(" node3 2", "")
    for line in ["haconf -makerw", *filter(None, lines.splitlines()), "haconf -dump -makero"]:
        assert run("node1", line).status == 0, line
    assert (tmp_path / "node1" / CONFIGURATION[1:] / "main.cf").exists()
    assert run("node2", "hagrp -wait MAIL-RG ProbesPending 0 -sys node1 -time 5").status == 0
    assert "MAIL-RG" in (tmp_path / "node2" / CONFIGURATION[1:] / "main.cf").read_text(encoding="utf-8")
    assert run("node2", "hagrp -online MAIL-RG -sys node1").status == 0
    assert run("node2", "hagrp -wait MAIL-RG State ONLINE -sys node1 -time 5").status == 0
    assert run("node1", f"hacf -verify {CONFIGURATION}").status == 0
    assert run("node1", "hagrp -value MAIL-RG State node1").stdout == "|ONLINE|\n"


# -- marks ---------------------------------------------------------------------------------------------------------


def test_every_program_says_what_is_known_of_it() -> None:
    marked = [behaviour for behaviour in BEHAVIOURS if behaviour.framework == "vcs"]
    for program in SIMULATOR.programs:
        assert any(behaviour.command == program and behaviour.source for behaviour in marked), program
    for behaviour in marked:
        assert behaviour.command in {*SIMULATOR.programs, "had", "all"}, behaviour
