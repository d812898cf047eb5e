"""What the simulated Solaris Cluster prints and refuses, against what is documented of the real one.

Layouts are compared with published output: the names in them are those of the documents. The procedures are those of
the Messaging Server Installation Guide (Configuring HA: Oracle Solaris Cluster agent installation) and of the Calendar
Server 6.3 Administration Guide, chapter 6.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS
from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.solaris_cluster.simulator import SIMULATOR, SolarisCluster

SIMULATORS = Path(__file__).resolve().parents[1] / "simulators"

REGISTERED = """
    scrgadm -a -t SUNW.ims
    scrgadm -a -t SUNW.HAStoragePlus
"""
GROUP = """
    scrgadm -a -g MAIL-RG -h mars,venus
    scrgadm -a -L -g MAIL-RG -l meadow
    scswitch -Z -g MAIL-RG
    scrgadm -a -j disk-rs -g MAIL-RG -t SUNW.HAStoragePlus -x FilesystemMountPoints=/data,/log -x AffinityOn=True
    scswitch -e -j disk-rs
"""
APPLICATION = """
    scrgadm -a -j mail-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt/mail -y Resource_dependencies=disk-rs,meadow
    scswitch -e -j mail-rs
"""
OBJECTS = """
    clrt register SUNW.ims
    clrt register SUNW.HAStoragePlus
    clrg create -n mars,venus MAIL-RG
    clrslh create -g MAIL-RG -h meadow meadow
    clrs create -g MAIL-RG -t SUNW.HAStoragePlus -p FilesystemMountPoints=/data,/log disk-rs
    clrg online -eM MAIL-RG
    clrs create -g MAIL-RG -t SUNW.ims -p IMS_serverroot=/opt/mail -p Resource_dependencies=disk-rs,meadow mail-rs
"""


def do(cluster: SolarisCluster, commands: str, node: str = "mars") -> str:
    """Run commands that all must succeed; what they printed."""
    printed = ""
    for line in filter(str.strip, commands.splitlines()):
        answer = cluster.run(node, shlex.split(line))
        assert (answer.status, answer.stderr) == (0, ""), line
        printed += answer.stdout
    return printed


def refused(cluster: SolarisCluster, command: str, status: int | None = None, node: str = "mars") -> str:
    """Run a command that must fail and leave the state as it was; what it says."""
    before = json.dumps(cluster.state)
    answer = cluster.run(node, shlex.split(command))
    assert answer.status != 0, command
    assert status in (None, answer.status), (command, answer)
    assert json.dumps(cluster.state) == before
    assert answer.stdout == ""
    assert answer.stderr
    return answer.stderr


def mail_cluster(nodes: Sequence[str] = ("mars", "venus"), **options: Any) -> SolarisCluster:
    """A cluster with the messaging service of the manual, online on mars."""
    cluster = SIMULATOR(nodes, **options)
    do(cluster, REGISTERED + GROUP + APPLICATION)
    return cluster


def online(cluster: SolarisCluster, group: str = "MAIL-RG") -> list[str]:
    found: list[str] = cluster.services()[group]["online"]
    return found


def everything_on(node: str) -> dict[str, list[str]]:
    return {name: [node] for name in ("meadow", "disk-rs", "mail-rs")}


@pytest.fixture
def cluster() -> SolarisCluster:
    return mail_cluster()


# -- the manuals' procedures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["3.0", "3.1", "3.2", "3.3"])
def test_the_messaging_procedure(release: str) -> None:
    cluster = mail_cluster(release=release)
    assert cluster.services() == {"MAIL-RG": {"online": ["mars"], "members": everything_on("mars")}}
    do(cluster, "scswitch -z -g MAIL-RG -h venus")
    assert cluster.services() == {"MAIL-RG": {"online": ["venus"], "members": everything_on("venus")}}


def test_nodes_hold_what_is_online_there(cluster: SolarisCluster) -> None:
    nothing: dict[str, Any] = {"mounts": {}, "addresses": [], "applications": []}
    all_of_it = {
        "mounts": {"/data": None, "/log": None},
        "addresses": ["meadow"],
        "applications": [["ims", "/opt/mail"]],
    }
    assert (cluster.held("mars"), cluster.held("venus")) == (all_of_it, nothing)
    do(cluster, "scswitch -z -g MAIL-RG -h venus")
    assert (cluster.held("mars"), cluster.held("venus")) == (nothing, all_of_it)


def test_unconfiguring_in_the_manuals_order(cluster: SolarisCluster) -> None:
    do(
        cluster,
        """
        scswitch -F -g MAIL-RG
        scswitch -n -j mail-rs
        scswitch -n -j disk-rs
        scswitch -n -j meadow
        scrgadm -r -j mail-rs
        scrgadm -r -j disk-rs
        scrgadm -r -j meadow
        scrgadm -r -g MAIL-RG
        scrgadm -r -t SUNW.ims
        scrgadm -r -t SUNW.HAStoragePlus
        """,
    )
    assert cluster.services() == {}
    assert list(cluster.state["types"]) == ["SUNW.LogicalHostname:2", "SUNW.SharedAddress:2"]


@pytest.mark.parametrize("version", ["", ":4"])
def test_the_calendar_procedure_on_two_symmetric_groups(version: str) -> None:
    cluster = SIMULATOR(["Node1", "Node2"], release="3.1")
    do(cluster, "scrgadm -a -t SUNW.HAStoragePlus\nscrgadm -a -t SUNW.scics", "Node1")
    for own, nodes in (("CS1", "Node1,Node2"), ("CS2", "Node2,Node1")):
        do(
            cluster,
            f"""
            scrgadm -a -g CAL-{own}-RG -h {nodes}
            scrgadm -a -L -g CAL-{own}-RG -l LOG-HOST-{own}-RS
            scrgadm -c -j LOG-HOST-{own}-RS -y R_description="LogicalHostname resource for LOG-HOST-{own}-RS"
            scswitch -Z -g CAL-{own}-RG
            scrgadm -a -j CAL-HASP-{own}-RS -g CAL-{own}-RG -t SUNW.HAStoragePlus{version} -x FilesystemMountPoints=/cal
            scrgadm -c -j CAL-HASP-{own}-RS -y R_description="Failover data service resource"
            scswitch -e -j CAL-HASP-{own}-RS
            scrgadm -a -j CAL-SVR-{own}-RS -g CAL-{own}-RG -t SUNW.scics -x ICS_serverroot=/opt/SUNWics5/cal \
-y Resource_dependencies=CAL-HASP-{own}-RS,LOG-HOST-{own}-RS
            scswitch -e -j CAL-SVR-{own}-RS
            """,
            "Node1",
        )
    assert (online(cluster, "CAL-CS1-RG"), online(cluster, "CAL-CS2-RG")) == (["Node1"], ["Node2"])


def test_both_command_sets_act_on_one_state() -> None:
    original, objects = mail_cluster(), SIMULATOR(["mars", "venus"])
    do(objects, OBJECTS)
    assert objects.services() == original.services()
    assert do(objects, "scstat -g") == do(original, "scstat -g")
    assert do(objects, "clrs show -v +") == do(original, "clrs show -v +")


@pytest.mark.parametrize(
    "wrong",
    [
        "scrgadm -e -j mail-rs",
        "scrgadm -R -j mail-rs",
        "scrgadm -a -j x -g MAIL-RG -t SUNW.HAStoragePlus -x FilesystemMountPoints=/a, /b",
        "scrgadm -a -g",
        "scrgadm -a -g X-RG -j x",
        "scrgadm -a -c -g X-RG",
        "scrgadm -c -g MAIL-RG",
        "scrgadm -a -L -g MAIL-RG",
        "scrgadm -a -L -g MAIL-RG -l h -x HostnameList=h",
        "scrgadm",
        "scrgadm -v -r -j mail-rs",
        "scrgadm --help",
        "scswitch -z -Z -g MAIL-RG",
        "scswitch -e mail-rs",
        "scswitch -F",
        "scswitch -R -g MAIL-RG",
        "scswitch -c -j mail-rs -f STOP_FAILED",
        "scswitch -S -h mars -K soon",
        "scstat -x",
        "scha_resourcegroup_get -O RG_STATE",
        "clrg",
        "clrg start MAIL-RG",
        "clrg switch MAIL-RG",
        "clrg create +",
        "clrs create -g MAIL-RG mail2-rs",
        "clrs clear mail-rs",
        "clrs set mail-rs",
        "cluster status mars",
    ],
)
def test_what_no_manual_page_has_is_a_usage_error(cluster: SolarisCluster, wrong: str) -> None:
    assert "usage" in refused(cluster, wrong)


def test_commands_of_a_release() -> None:
    old, new = SIMULATOR(["mars"], release="3.1"), SIMULATOR(["mars"], release="3.2")
    assert set(new.programs) - set(old.programs) >= {"clrt", "clrg", "clrs", "clrslh", "clnode", "clquorum", "cluster"}
    assert old.run("mars", ["clrg", "list"]).status == 127
    assert old.run("mars", ["/usr/cluster/bin/scstat"]).status == 0
    assert do(new, "scinstall -p") == "3.2\n"


# -- printed as published ----------------------------------------------------------------------------------------------


def text(indented: str) -> str:
    """The lines of a literal without their common indentation of eight blanks and without blanks at their ends."""
    return "".join(line[8:].rstrip() + "\n" for line in indented.strip("\n").splitlines()[:-1])


def test_a_new_group_is_printed_as_in_the_guide_of_3_1() -> None:
    cluster = SIMULATOR(["phys-schost-1", "phys-schost-2"], release="3.1")
    do(cluster, "scrgadm -a -g resource-group-1 -h phys-schost-1,phys-schost-2", "phys-schost-1")
    printed = do(cluster, "scrgadm -pv -g resource-group-1", "phys-schost-1")
    assert printed.startswith(
        text("""
        Res Group name:                                          resource-group-1
          (resource-group-1) Res Group RG_description:           <NULL>
          (resource-group-1) Res Group management state:         Unmanaged
          (resource-group-1) Res Group Failback:                 False
          (resource-group-1) Res Group Nodelist:                 phys-schost-1
                                                                 phys-schost-2
          (resource-group-1) Res Group Maximum_primaries:        1
          (resource-group-1) Res Group Desired_primaries:        1
          (resource-group-1) Res Group RG_dependencies:          <NULL>
          (resource-group-1) Res Group mode:                     Failover
          (resource-group-1) Res Group network dependencies:     True
          (resource-group-1) Res Group Global_resources_used:    All
          (resource-group-1) Res Group Pathprefix:
        """)
    )


@pytest.mark.parametrize("options", [{"release": "3.0"}, {"release": "3.1", "nodelist": "one line"}])
def test_nodes_on_one_line(options: dict[str, str]) -> None:
    cluster = SIMULATOR(["mars", "venus"], **options)
    do(cluster, "scrgadm -a -g G")
    assert "  (G) Res Group Nodelist:                 mars venus\n" in do(cluster, "scrgadm -pvv")


def test_a_new_resource_is_printed_as_in_the_guide_of_3_1() -> None:
    cluster = SIMULATOR(["phys-schost-1"], release="3.0")
    do(cluster, "scrgadm -a -t SUNW.gds\nscrgadm -a -g resource-group-1", "phys-schost-1")
    do(cluster, "scrgadm -a -j resource-1 -t SUNW.gds -g resource-group-1 -x Start_command=/bin/true", "phys-schost-1")
    assert do(cluster, "scrgadm -pv -j resource-1", "phys-schost-1") == text("""
        (resource-group-1) Res name:                                resource-1
            (resource-group-1:resource-1) Res R_description:
            (resource-group-1:resource-1) Res resource type:        SUNW.gds
            (resource-group-1:resource-1) Res resource group name:  resource-group-1
            (resource-group-1:resource-1) Res enabled:              False
            (resource-group-1:resource-1) Res monitor enabled:      True
    """)


def test_a_type_is_printed_as_in_the_guide_of_3_1() -> None:
    cluster = SIMULATOR(["mars"], release="3.1")
    do(cluster, "scrgadm -a -t SUNW.ims")
    assert do(cluster, "scrgadm -pv -t SUNW.ims") == text("""
        Res Type name:                                   SUNW.ims
          (SUNW.ims) Res Type description:               Messaging Server
          (SUNW.ims) Res Type base directory:            /opt/SUNWscims/bin
          (SUNW.ims) Res Type single instance:           False
          (SUNW.ims) Res Type init nodes:                All potential masters
          (SUNW.ims) Res Type failover:                  False
          (SUNW.ims) Res Type version:                   1.0
          (SUNW.ims) Res Type API version:               2
          (SUNW.ims) Res Type installed on nodes:        All
          (SUNW.ims) Res Type packages:                  SUNWscims
    """)


def test_properties_are_printed_as_parsers_expect_them(cluster: SolarisCluster) -> None:
    printed = " ".join(do(cluster, "scrgadm -pvv").split())
    for words in (
        "(MAIL-RG:meadow:HostnameList) Res property type: stringarray",
        "(MAIL-RG:meadow:HostnameList) Res property value: meadow",
        "(MAIL-RG:disk-rs:FilesystemMountPoints) Res property value: /data /log",
        "(MAIL-RG:disk-rs:GlobalDevicePaths) Res property value: <NULL>",
        "(MAIL-RG:mail-rs:IMS_serverroot) Res property class: extension",
        "(MAIL-RG:mail-rs:Start_timeout) Res property class: standard",
        "(MAIL-RG:mail-rs) Res strong dependencies: disk-rs meadow",
        "(MAIL-RG:disk-rs) Res resource type: SUNW.HAStoragePlus:6",
        "(MAIL-RG:mail-rs{venus}) Res enabled: True",
    ):
        assert words in printed


def test_scstat_in_the_published_columns() -> None:
    cluster = SIMULATOR(["chou", "fleur"], release="3.1")
    do(
        cluster,
        """
        scrgadm -a -t SUNW.gds
        scrgadm -a -g CFT-rg -h fleur,chou
        scrgadm -c -g CFT-rg -y Nodelist=chou,fleur
        scrgadm -a -L -g CFT-rg -j cft-ip -l cft
        scrgadm -a -j cft-gds -t SUNW.gds -g CFT-rg -x Start_command=/bin/cft
        scswitch -Z -g CFT-rg
        scswitch -z -g CFT-rg -h fleur
        """,
        "chou",
    )
    printed = do(cluster, "scstat -g", "chou")
    assert (
        text("""
                    Group Name          Node Name           State
                    ----------          ---------           -----
             Group: CFT-rg              chou                Offline
             Group: CFT-rg              fleur               Online
    """)
        in printed
    )
    assert (
        text("""
                    Resource Name       Node Name           State     Status Message
                    -------------       ---------           -----     --------------
          Resource: cft-ip              chou                Offline   Offline - LogicalHostname offline.
          Resource: cft-ip              fleur               Online    Online - LogicalHostname online.
    """)
        in printed
    )
    assert "  Resource: cft-gds             fleur               Online    Online\n" in printed
    assert text("""
        -- Cluster Nodes --

                            Node name           Status
                            ---------           ------
          Cluster node:     chou                Online
          Cluster node:     fleur               Online
    """) in do(cluster, "scstat -n", "chou")
    assert text("""
        -- Quorum Summary --

          Quorum votes possible:      3
          Quorum votes needed:        2
          Quorum votes present:       3
    """) in do(cluster, "scstat -q", "chou")


def test_status_of_the_object_commands() -> None:
    cluster = SIMULATOR(["vincent", "theo"])
    do(
        cluster,
        """
        clrt register SUNW.HAStoragePlus
        clrg create -n vincent,theo nfs-rg
        clrs create -g nfs-rg -t SUNW.HAStoragePlus nfs-stor
        clrslh create -g nfs-rg orangecat-nfs
        clrg switch -M -n theo nfs-rg
        """,
        "vincent",
    )
    assert do(cluster, "clrg status", "theo") == text("""
        === Cluster Resource Groups ===

        Group Name   Node Name   Suspended   Status
        ----------   ---------   ---------   ------
        nfs-rg       vincent     No          Offline
                     theo        No          Online

    """)
    assert do(cluster, "clrs status", "theo") == text("""
        === Cluster Resources ===

        Resource Name   Node Name   State     Status Message
        -------------   ---------   -----     --------------
        nfs-stor        vincent     Offline   Offline
                        theo        Online    Online

        orangecat-nfs   vincent     Offline   Offline
                        theo        Online    Online - LogicalHostname online.

    """)
    assert "--- Node Status ---\n\nNode Name   Status\n---------   ------\nvincent     Online\n" in do(
        cluster, "clnode status", "theo"
    )
    assert "d4            1         1          Online" in do(cluster, "clquorum status", "theo")
    assert do(cluster, "clrt list", "theo").splitlines() == [
        "SUNW.LogicalHostname:2",
        "SUNW.SharedAddress:2",
        "SUNW.HAStoragePlus:6",
    ]


def test_show_as_scripts_read_it(cluster: SolarisCluster) -> None:
    lines = [line.split() for line in do(cluster, "clrg show -v MAIL-RG").splitlines()]
    assert [lines[at + 1] for at, words in enumerate(lines) if words[:1] == ["Resource:"]] == [
        ["Type:", "SUNW.LogicalHostname:2"],
        ["Type:", "SUNW.HAStoragePlus:6"],
        ["Type:", "SUNW.ims"],
    ]
    assert ["RG_state:", "Managed"] in lines
    assert ["Resource", "Group:", "MAIL-RG"] in lines
    assert do(cluster, "clrs show -p FilesystemMountPoints disk-rs").splitlines()[-1].split(":")[1].split() == [
        "/data",
        "/log",
    ]
    assert len(do(cluster, "clrs list -v -g MAIL-RG").splitlines()) == 2 + 3


def test_programs_for_scripts(cluster: SolarisCluster) -> None:
    for command, expected in {
        "scha_cluster_get -O all_resourcegroups": "MAIL-RG\n",
        "scha_resourcegroup_get -O RG_STATE -G MAIL-RG": "ONLINE\n",
        "scha_resourcegroup_get -O RESOURCE_LIST -G MAIL-RG": "meadow\ndisk-rs\nmail-rs\n",
        "scha_resourcegroup_get -O NODELIST -G MAIL-RG": "mars\nvenus\n",
        "scha_resourcegroup_get -O RG_MODE -G MAIL-RG": "Failover\n",
        "scha_resourcegroup_get -O FAILBACK -G MAIL-RG": "FALSE\n",
        "scha_resource_get -O TYPE -R disk-rs -G MAIL-RG": "SUNW.HAStoragePlus:6\n",
        "scha_resource_get -O resource_state -R mail-rs -G MAIL-RG": "ONLINE\n",
        "scha_resource_get -O RESOURCE_STATE_NODE -R mail-rs -G MAIL-RG venus": "OFFLINE\n",
        "scha_resource_get -O ON_OFF_SWITCH -R mail-rs -G MAIL-RG": "ENABLED\n",
        "scha_resource_get -O EXTENSION -R meadow -G MAIL-RG HostnameList": "STRINGARRAY\nmeadow\n",
        "scha_resource_get -O RESOURCE_DEPENDENCIES -R mail-rs -G MAIL-RG": "disk-rs\nmeadow\n",
    }.items():
        assert do(cluster, command) == expected, command
    assert do(cluster, "scha_resourcegroup_get -O RG_STATE -G MAIL-RG", "venus") == "OFFLINE\n"
    refused(cluster, "scha_resourcegroup_get -O RG_STATE -G X-RG", 12)
    assert "Cluster nodes:" in do(cluster, "scconf -p")


# -- what is created, and how ------------------------------------------------------------------------------------------


def test_scrgadm_creates_disabled_and_clrs_enabled() -> None:
    cluster = SIMULATOR(["mars", "venus"])
    do(cluster, "scrgadm -a -t SUNW.gds\nscrgadm -a -g G")
    do(cluster, "scrgadm -a -j one -t SUNW.gds -g G -x Start_command=/bin/one")
    do(cluster, "clrs create -g G -t SUNW.gds -p Start_command=/bin/two two")
    do(cluster, "clrs create -d -g G -t SUNW.gds -p Start_command=/bin/three three")
    assert [cluster.enabled_anywhere(name) for name in ("one", "two", "three")] == [False, True, False]
    assert all(cluster.state["resources"]["one"]["monitored"].values())
    assert "(G) Res Group management state:         Unmanaged" in do(cluster, "scrgadm -pv -g G")
    do(cluster, "scswitch -Z -g G")
    assert cluster.services()["G"]["members"] == {name: ["mars"] for name in ("one", "two", "three")}


def test_a_type_is_registered_once_with_its_version(cluster: SolarisCluster) -> None:
    refused(cluster, "scrgadm -a -t SUNW.ims", 13)
    refused(cluster, "clrt register SUNW.HAStoragePlus", 39)
    refused(cluster, "scrgadm -a -t SUNW.oracle_server")
    refused(cluster, "scrgadm -r -t SUNW.ims")
    refused(cluster, "scrgadm -r -t SUNW.LogicalHostname")
    bare = SIMULATOR(["mars"], rtr_files=["SUNW.HAStoragePlus"])
    refused(bare, "scrgadm -a -t SUNW.ims")
    do(bare, "scrgadm -a -t SUNW.HAStoragePlus:6")
    refused(SIMULATOR(["mars"]), "scrgadm -a -t SUNW.HAStoragePlus:4")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("scrgadm -a -g MAIL-RG", 12),
        ("scrgadm -a -g 1RG", None),
        ("scrgadm -a -g X-RG -h mars,pluto", 11),
        ("scrgadm -a -g X-RG -y Colour=red", 15),
        ("scrgadm -c -g MAIL-RG -y Desired_primaries=2", 15),
        ("scrgadm -c -g X-RG -y RG_description=x", 12),
        ("scrgadm -r -g MAIL-RG", None),
        ("scrgadm -a -j mail-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt/mail", 14),
        ("scrgadm -a -j new-rs -t SUNW.scics -g MAIL-RG -x ICS_serverroot=/opt", 13),
        ("scrgadm -a -j new-rs -t SUNW.ims -g X-RG -x IMS_serverroot=/opt", 12),
        ("scrgadm -a -j new-rs -t SUNW.ims -g MAIL-RG", 15),
        ("scrgadm -a -j new-rs -t SUNW.ims -g MAIL-RG -y IMS_serverroot=/opt", 15),
        ("scrgadm -a -j new-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt -x Retry_count=1", 15),
        ("scrgadm -a -j new-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt -y Retry_count=many", 15),
        ("scrgadm -a -j new-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/o -y Resource_dependencies=no-rs", 14),
        ("scrgadm -c -j disk-rs -x AffinityOn=perhaps", 15),
        ("scrgadm -c -j meadow -x HostnameList=brook", 15),
        ("scrgadm -c -j disk-rs -x FilesystemMountPoints=/data", 9),
        ("scrgadm -c -j disk-rs -y Resource_dependencies=mail-rs", 8),
        ("scrgadm -r -j mail-rs", 9),
        ("scrgadm -r -j no-rs", 14),
        ("scswitch -n -j disk-rs", 8),
        ("scswitch -z -g MAIL-RG -h pluto", 11),
        ("scswitch -z -g X-RG -h mars", 12),
        ("scswitch -u -g MAIL-RG", 9),
        ("scswitch -c -h mars -j mail-rs -f START_FAILED", 3),
        ("clrs set -p HostnameList=brook meadow", 15),
        ("clrs delete mail-rs", 9),
        ("clrs show no-rs", 36),
        ("clrg create MAIL-RG", 39),
    ],
)
def test_refused(cluster: SolarisCluster, command: str, status: int | None) -> None:
    refused(cluster, command, status)


def test_names_of_properties_have_no_case(cluster: SolarisCluster) -> None:
    do(cluster, "scrgadm -c -j mail-rs -y retry_COUNT=5\nscrgadm -c -g MAIL-RG -y failBack=TRUE -y PATHPREFIX=/mail")
    do(cluster, "clrs set -p RETRY_interval=600 mail-rs")
    printed = do(cluster, "scrgadm -pvv")
    assert "(MAIL-RG) Res Group Failback:                 True\n" in printed
    assert "(MAIL-RG) Res Group Pathprefix:               /mail\n" in printed
    assert "(MAIL-RG:mail-rs:Retry_count) Res property value:" in printed
    assert cluster.state["resources"]["mail-rs"]["properties"]["Retry_count"] == "5"


def test_when_disabled(cluster: SolarisCluster) -> None:
    do(
        cluster,
        """
        scswitch -n -j disk-rs,mail-rs
        scrgadm -c -j disk-rs -x FilesystemMountPoints=/data
        scswitch -e -j mail-rs,disk-rs
        """,
    )
    assert cluster.services()["MAIL-RG"]["members"] == everything_on("mars")
    assert do(cluster, "scha_resource_get -O EXTENSION -R disk-rs FilesystemMountPoints") == "STRINGARRAY\n/data\n"


def test_lists_are_added_to_and_taken_from(cluster: SolarisCluster) -> None:
    do(cluster, "clrs set -p Resource_dependencies-=meadow mail-rs")
    assert do(cluster, "scha_resource_get -O RESOURCE_DEPENDENCIES -R mail-rs") == "disk-rs\n"
    do(cluster, "clrs set -p Resource_dependencies+=meadow mail-rs")
    assert do(cluster, "scha_resource_get -O RESOURCE_DEPENDENCIES -R mail-rs") == "disk-rs\nmeadow\n"


def test_storage_is_online_before_its_application_is_created() -> None:
    cluster = SIMULATOR(["mars", "venus"])
    do(cluster, REGISTERED + GROUP + "scswitch -F -g MAIL-RG\nscrgadm -a -g OTHER-RG\nscswitch -Z -g OTHER-RG")
    create = "scrgadm -a -j mail-rs -t SUNW.ims -x IMS_serverroot=/opt -y Resource_dependencies=disk-rs -g"
    assert "not online" in refused(cluster, f"{create} MAIL-RG", 10)
    do(cluster, "scswitch -Z -g MAIL-RG")
    assert "another group" in refused(cluster, f"{create} OTHER-RG", 10)
    do(cluster, f"{create} MAIL-RG")


def test_from_4_0_storage_is_an_offline_restart_dependency() -> None:
    cluster = SIMULATOR(["mars", "venus"], release="4.2")
    do(cluster, REGISTERED + GROUP)
    create = "scrgadm -a -j mail-rs -t SUNW.ims -g MAIL-RG -x IMS_serverroot=/opt -y"
    refused(cluster, f"{create} Resource_dependencies=disk-rs,meadow", 10)
    do(cluster, f"{create} Resource_dependencies=meadow -y Resource_dependencies_offline_restart=disk-rs")
    refused(mail_cluster(release="3.1"), "scrgadm -c -j mail-rs -y Resource_dependencies_offline_restart=disk-rs", 15)


def test_a_host_name_resolves_on_all_nodes() -> None:
    cluster = SIMULATOR(["mars", "venus"])
    for node in cluster.nodes:
        cluster.node_files[node]["/etc/hosts"] = "192.0.2.1 mars\n192.0.2.9 meadow meadow.example # brook\n"
    do(cluster, "scrgadm -a -g MAIL-RG\nscrgadm -a -L -g MAIL-RG -l meadow")
    assert "brook" in refused(cluster, "scrgadm -a -L -g MAIL-RG -l brook", 10)
    cluster.node_files["mars"]["/etc/hosts"] += "192.0.2.10 brook\n"
    assert "venus" in refused(cluster, "clrslh create -g MAIL-RG brook", 10)
    assert "meadow" in refused(cluster, "scrgadm -a -L -g MAIL-RG -j other -l meadow", 10)


@pytest.mark.parametrize(
    ("entry", "affinity", "fits"),
    [
        ("/dev/md/p/dsk/d4 /dev/md/p/rdsk/d4 /cal ufs 2 no logging", "True", True),
        ("/dev/md/p/dsk/d4\t/dev/md/p/rdsk/d4\t/cal\tufs\t2\tno\tlogging", "False", False),
        ("/dev/md/p/dsk/d4 /dev/md/p/rdsk/d4 /cal ufs 2 yes logging", "True", False),
        ("/dev/md/p/dsk/d4 /dev/md/p/rdsk/d4 /cal ufs 2 yes global,logging", "False", True),
        ("#/dev/md/p/dsk/d4 /dev/md/p/rdsk/d4 /cal ufs 2 no logging", "True", False),
        ("/dev/md/p/dsk/d4 /dev/md/p/rdsk/d4 /mail ufs 2 no logging", "True", False),
    ],
)
def test_mount_points_stand_in_vfstab_of_all_nodes(entry: str, affinity: str, fits: bool) -> None:
    cluster = SIMULATOR(["mars", "venus"])
    do(cluster, REGISTERED + "scrgadm -a -g G")
    cluster.node_files["venus"]["/etc/vfstab"] = f"fd - /dev/fd fd - no -\n{entry}\n"
    create = f"scrgadm -a -j s -g G -t SUNW.HAStoragePlus -x FilesystemMountPoints=/cal -x AffinityOn={affinity}"
    if fits:
        do(cluster, create)
    else:
        refused(cluster, create, 10)


# -- enabled, managed, monitored, online -------------------------------------------------------------------------------


def test_disabling_what_others_need(cluster: SolarisCluster) -> None:
    assert "mail-rs" in refused(cluster, "scswitch -n -j disk-rs", 8)
    do(cluster, "scswitch -n -j disk-rs,mail-rs")
    assert cluster.services()["MAIL-RG"] == {
        "online": ["mars"],
        "members": {"meadow": ["mars"], "disk-rs": [], "mail-rs": []},
    }
    refused(cluster, "scswitch -e -j mail-rs", 8)
    do(cluster, "scswitch -e -j mail-rs,disk-rs")
    assert cluster.services()["MAIL-RG"]["members"] == everything_on("mars")


def test_managing_and_unmanaging() -> None:
    cluster = SIMULATOR(["mars", "venus"])
    do(cluster, REGISTERED + "scrgadm -a -g G\nscrgadm -a -j s -g G -t SUNW.HAStoragePlus\nscswitch -o -g G")
    assert do(cluster, "scha_resourcegroup_get -O RG_STATE -G G") == "OFFLINE\n"
    do(cluster, "scswitch -u -g G")
    assert do(cluster, "scha_resourcegroup_get -O RG_STATE -G G") == "UNMANAGED\n"
    refused(cluster, "scswitch -z -g G -h mars", 9)
    do(cluster, "scswitch -Z -g G")
    refused(cluster, "scswitch -u -g G", 9)
    do(cluster, "scswitch -F -g G")
    assert "s" in refused(cluster, "scswitch -u -g G", 9)
    do(cluster, "scswitch -n -j s\nscswitch -u -g G")


def test_the_monitor_apart_from_the_resource(cluster: SolarisCluster) -> None:
    do(cluster, "scswitch -n -M -j mail-rs")
    assert cluster.services()["MAIL-RG"]["members"] == everything_on("mars")
    assert "Online but not monitored" in do(cluster, "scstat -g")
    assert "Online_not_monitored" in do(cluster, "clrs status mail-rs")
    assert do(cluster, "scha_resource_get -O RESOURCE_STATE -R mail-rs") == "ONLINE_NOT_MONITORED\n"
    do(cluster, "scswitch -e -M -j mail-rs")
    assert "monitored" not in do(cluster, "clrs status mail-rs")


def test_evacuation(cluster: SolarisCluster) -> None:
    do(cluster, "scswitch -S -h mars -K 300")
    assert online(cluster) == ["venus"]
    cluster.stop_node("venus")
    cluster.pass_time(100)
    assert online(cluster) == []
    cluster.start_node("venus")
    cluster.pass_time(100)
    assert online(cluster) == ["venus"]
    do(cluster, "clnode evacuate venus")
    assert online(cluster) == []
    cluster.pass_time(301)
    do(cluster, "clrg remaster MAIL-RG")
    assert online(cluster) == ["mars"]


def test_restart_remaster_offline(cluster: SolarisCluster) -> None:
    do(cluster, "scswitch -z -g MAIL-RG -h venus\nscswitch -R -h venus -g MAIL-RG")
    assert online(cluster) == ["venus"]
    refused(cluster, "scswitch -R -h mars -g MAIL-RG", 9)
    do(cluster, "scswitch -z -g MAIL-RG")
    assert online(cluster) == ["mars"]
    do(cluster, 'scswitch -z -g MAIL-RG -h ""')
    assert online(cluster) == []
    assert do(cluster, "scha_resourcegroup_get -O RG_STATE -G MAIL-RG") == "OFFLINE\n"


def test_one_scswitch_at_a_time(cluster: SolarisCluster) -> None:
    cluster.order_fault(1, "hang_after_effect", "scswitch")
    assert cluster.run("mars", shlex.split("scswitch -z -g MAIL-RG -h venus")).hung
    assert online(cluster) == ["venus"]
    refused(cluster, "scswitch -z -g MAIL-RG -h mars", 5)
    do(cluster, "scstat -g\nscrgadm -c -g MAIL-RG -y RG_description=busy")
    cluster.pass_time(31)
    do(cluster, "scswitch -z -g MAIL-RG -h mars")
    assert online(cluster) == ["mars"]


# -- failures ----------------------------------------------------------------------------------------------------------


def test_a_start_that_fails(cluster: SolarisCluster) -> None:
    cluster.fail_agent("mail-rs", "start", ["venus"])
    do(cluster, "scswitch -z -g MAIL-RG -h venus")
    assert cluster.services()["MAIL-RG"] == {"online": [], "members": {**everything_on("venus"), "mail-rs": []}}
    printed = do(cluster, "scstat -g")
    assert "     Group: MAIL-RG             venus               Online faulted" in printed
    assert "  Resource: mail-rs             venus               Start failed Faulted" in printed
    assert "Start_failed" in do(cluster, "clrs status")
    assert "Online_faulted" in do(cluster, "clrg status")
    assert do(cluster, "scha_resource_get -O RESOURCE_STATE -R mail-rs", "venus") == "START_FAILED\n"
    cluster.repair_agent("mail-rs")
    assert "Start_failed" in do(cluster, "clrs status")
    do(cluster, "scswitch -n -j mail-rs\nscswitch -e -j mail-rs")
    assert online(cluster) == ["venus"]


def test_a_start_that_fails_where_the_group_may_go_elsewhere(cluster: SolarisCluster) -> None:
    do(cluster, "scrgadm -c -j mail-rs -y Failover_mode=SOFT")
    cluster.fail_agent("mail-rs", "start", ["venus"])
    do(cluster, "scswitch -z -g MAIL-RG -h venus")
    cluster.pass_time(10)
    assert online(cluster) == ["mars"]


def test_a_stop_that_fails_needs_a_human(cluster: SolarisCluster) -> None:
    cluster.fail_agent("mail-rs", "stop")
    answer = cluster.run("mars", shlex.split("scswitch -z -g MAIL-RG -h venus"))
    assert answer.status != 0
    # The application may still run: what it needs stays where it is.
    assert cluster.services()["MAIL-RG"]["members"] == {"meadow": ["mars"], "disk-rs": ["mars"], "mail-rs": []}
    assert "Error_stop_failed" in do(cluster, "clrg status")
    assert "Stop_failed" in do(cluster, "clrs status")
    assert "Stop failed" in do(cluster, "scstat -g")
    for command in (
        "scswitch -z -g MAIL-RG -h venus",
        "scswitch -Z -g MAIL-RG",
        "clrg online MAIL-RG",
        "scswitch -u -g MAIL-RG",
    ):
        refused(cluster, command, 9)
    cluster.repair_agent("mail-rs")
    refused(cluster, "scswitch -z -g MAIL-RG -h venus", 9)
    do(cluster, "scswitch -c -h venus -j mail-rs -f STOP_FAILED\nclrs clear -n mars meadow")
    assert "Error_stop_failed" in do(cluster, "clrg status")
    do(cluster, "scswitch -c -h mars -j mail-rs -f STOP_FAILED")
    assert online(cluster) == []
    do(cluster, "scswitch -z -g MAIL-RG -h venus")
    assert cluster.services()["MAIL-RG"]["members"] == everything_on("venus")


def test_a_resource_that_does_not_stop_when_it_is_disabled(cluster: SolarisCluster) -> None:
    cluster.fail_agent("mail-rs", "stop", ["mars"])
    assert cluster.run("mars", shlex.split("scswitch -n -j mail-rs")).status != 0
    refused(cluster, "scrgadm -r -j mail-rs", 9)
    do(cluster, "clrs clear -n mars mail-rs")
    assert cluster.services()["MAIL-RG"] == {"online": ["mars"], "members": {**everything_on("mars"), "mail-rs": []}}
    do(cluster, "scrgadm -r -j mail-rs")


def test_what_the_monitor_finds(cluster: SolarisCluster) -> None:
    cluster.fail_agent("mail-rs", "monitor", ["mars"])
    cluster.pass_time(10)
    assert online(cluster) == ["venus"]
    cluster.fail_agent("mail-rs", "monitor")
    cluster.pass_time(10)
    assert online(cluster) == ["venus"]  # it does not go back and forth
    assert "mail-rs             venus               Online    Faulted" in do(cluster, "scstat -g")
    cluster.repair_agent("mail-rs")
    assert "Faulted" not in do(cluster, "scstat -g")


@pytest.mark.parametrize("left_alone", ["scswitch -s -g MAIL-RG", "scswitch -n -M -j mail-rs"])
def test_what_the_monitor_does_not_do(cluster: SolarisCluster, left_alone: str) -> None:
    do(cluster, left_alone)
    cluster.fail_agent("mail-rs", "monitor", ["mars"])
    cluster.pass_time(10)
    assert online(cluster) == ["mars"]


def test_a_lost_node(cluster: SolarisCluster) -> None:
    cluster.stop_node("mars")
    assert online(cluster) == []
    assert "Pending_online" in do(cluster, "clrg status", "venus")
    assert "Starting" in do(cluster, "scstat -g", "venus")
    cluster.pass_time(6)
    assert cluster.services()["MAIL-RG"] == {"online": ["venus"], "members": everything_on("venus")}
    assert "  Cluster node:     mars                Offline\n" in do(cluster, "scstat -n", "venus")
    for command in ("scstat -g", "scrgadm -pvv", "scinstall -p", "clrg status", "scha_cluster_get -O clustername"):
        refused(cluster, command)
    refused(cluster, "scswitch -z -g MAIL-RG -h mars", 11, "venus")
    cluster.start_node("mars")
    cluster.pass_time(6)
    assert online(cluster) == ["venus"]


def test_failback(cluster: SolarisCluster) -> None:
    do(cluster, "scrgadm -c -g MAIL-RG -y Failback=True")
    cluster.stop_node("mars")
    cluster.pass_time(6)
    cluster.start_node("mars")
    cluster.pass_time(6)
    assert online(cluster) == ["mars"]


def test_a_change_waits_until_the_cluster_has_come_to_rest(cluster: SolarisCluster) -> None:
    cluster.stop_node("mars")
    do(cluster, "scrgadm -c -j mail-rs -y Retry_count=3", "venus")
    assert online(cluster) == ["venus"]


def test_a_suspended_group_stays(cluster: SolarisCluster) -> None:
    do(cluster, "clrg suspend MAIL-RG")
    cluster.stop_node("mars")
    cluster.pass_time(60)
    assert online(cluster) == []
    do(cluster, "scswitch -z -g MAIL-RG -h venus", "venus")
    assert online(cluster) == ["venus"]
    do(cluster, "scswitch -r -g MAIL-RG", "venus")
    assert not cluster.state["groups"]["MAIL-RG"]["suspended"]


def test_offline_does_not_last(cluster: SolarisCluster) -> None:
    do(cluster, "scswitch -F -g MAIL-RG")
    cluster.stop_node("venus")
    cluster.start_node("venus")
    cluster.pass_time(6)
    assert online(cluster) == ["mars"]


@pytest.mark.parametrize(("starts", "expected"), [("True", ["mars"]), ("False", [])])
def test_a_new_cluster(cluster: SolarisCluster, starts: str, expected: list[str]) -> None:
    do(cluster, f"scrgadm -c -g MAIL-RG -y Auto_start_on_new_cluster={starts}")
    for node in cluster.nodes:
        cluster.stop_node(node)
    for node in cluster.nodes:
        cluster.start_node(node)
    cluster.pass_time(6)
    assert online(cluster) == expected
    do(cluster, "scswitch -Z -g MAIL-RG")
    assert online(cluster) == ["mars"]


def test_quiescing_with_force_ends_a_start(cluster: SolarisCluster) -> None:
    cluster.stop_node("mars")
    do(cluster, "scswitch -Q -g MAIL-RG -k", "venus")
    assert "Start_failed" in do(cluster, "clrs status", "venus")
    other = mail_cluster()
    other.stop_node("mars")
    do(other, "clrg quiesce MAIL-RG", "venus")
    assert online(other) == ["venus"]


def test_a_resource_waits_for_one_of_another_group(cluster: SolarisCluster) -> None:
    do(
        cluster,
        """
        scrgadm -a -t SUNW.gds
        scrgadm -a -g WEB-RG -h venus,mars
        scrgadm -a -j web-rs -t SUNW.gds -g WEB-RG -x Start_command=/bin/web -y Resource_dependencies=mail-rs
        scswitch -F -g MAIL-RG
        scswitch -Z -g WEB-RG
        """,
    )
    assert "Pending_online_blocked" in do(cluster, "clrg status WEB-RG")
    do(cluster, "scswitch -Z -g MAIL-RG")
    assert cluster.services()["WEB-RG"] == {"online": ["venus"], "members": {"web-rs": ["venus"]}}


# -- the simulator itself ----------------------------------------------------------------------------------------------


def test_as_programs_on_path(tmp_path: Path) -> None:
    """In containers every program is a process of its own; the state is a file."""
    state = tmp_path / "state.json"
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        "from simulators.solaris_cluster.simulator import SIMULATOR; from pathlib import Path;"
        "state, *argv = sys.argv[1:]; answer = SIMULATOR(['mars', 'venus'], Path(state)).run('mars', argv);"
        "print(answer.stdout, end=''); sys.exit(answer.status)"
    )

    def run(command: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code, str(SIMULATORS.parent), str(state), *shlex.split(command)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    run("clrg create -n venus,mars MAIL-RG")
    run("scswitch -Z -g MAIL-RG")
    assert run("scha_resourcegroup_get -O RG_STATE_NODE -G MAIL-RG venus") == "ONLINE\n"


def test_a_command_that_waits_sees_what_happened_meanwhile(tmp_path: Path) -> None:
    cluster = SIMULATOR(["mars", "venus"], tmp_path / "state.json", release="4.x", failover_seconds=0.2)
    do(cluster, "clrt register SUNW.gds\nclrg create MAIL-RG\nclrg online -M MAIL-RG")
    cluster.stop_node("mars")
    do(cluster, "clrg offline MAIL-RG", "venus")
    assert online(cluster) == []
    assert not cluster.state["groups"]["MAIL-RG"]["pending"]


def test_files_that_come_with_the_product() -> None:
    cluster = SIMULATOR(["mars"], release="4.3", rtr_files=["SUNW.HAStoragePlus"])
    assert sorted(cluster.node_files["mars"]) == [
        "/etc/cluster/release",
        "/usr/cluster/lib/rgm/rtreg/SUNW.HAStoragePlus",
        "/usr/cluster/lib/rgm/rtreg/SUNW.LogicalHostname",
        "/usr/cluster/lib/rgm/rtreg/SUNW.SharedAddress",
    ]
    assert cluster.node_files["mars"]["/etc/cluster/release"].startswith("Oracle Solaris Cluster 4.3 ")


def test_shared_addresses_and_what_belongs_to_the_cluster() -> None:
    cluster = SIMULATOR(["mars", "venus"])
    do(cluster, "clrg create WEB-RG\nclrssa create -d -g WEB-RG -X venus -h brook web-ip")
    do(cluster, "scrgadm -a -S -g WEB-RG -l stream -X venus")
    assert do(cluster, "clrssa list") == "web-ip\nstream\n"
    assert do(cluster, "clrslh list") == ""
    refused(cluster, "clrslh delete web-ip")
    assert do(cluster, "cluster list") == "cluster1\n"
    assert "RG_state:" in do(cluster, "cluster show")
    assert do(cluster, "cluster status -t rg") == do(cluster, "clrg status")
    assert '<resource name="web-ip"' in do(cluster, "cluster export -o -")
    do(cluster, "clrg delete -F WEB-RG")
    assert cluster.services() == {}


def test_a_refused_command_leaves_no_trace(cluster: SolarisCluster) -> None:
    refused(cluster, "scrgadm -a -g X-RG -h mars -y Desired_primaries=2 -y Maximum_primaries=1")
    refused(cluster, "clrs create -g MAIL-RG -t SUNW.ims -p IMS_serverroot=/opt -p Retry_count=x new-rs")
    assert cluster.run("mars", ["scstat", "-g"]) == Answer(0, do(cluster, "scstat -g"))


def test_every_command_says_what_is_documented_of_it() -> None:
    marks = [behaviour for behaviour in BEHAVIOURS if behaviour.framework == "solaris_cluster"]
    documented = Counter(mark.command for mark in marks if mark.source)
    assumed = Counter(mark.command for mark in marks if not mark.source)
    commands = set(SIMULATOR.programs.values())
    assert commands <= set(documented) | set(assumed)
    assert set(documented) | set(assumed) <= commands
    assert not [mark for mark in marks if not mark.words]
