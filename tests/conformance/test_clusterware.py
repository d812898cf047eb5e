"""The Clusterware simulator against what is documented of Clusterware."""

from __future__ import annotations

import copy
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS
from ansible_collections.groupware.ha.tests.simulators.clusterware import grammar
from ansible_collections.groupware.ha.tests.simulators.clusterware.simulator import SIMULATOR

SCRIPT = "/export/msg1/messaging64/cwha/bin/ms_actionscript.pl"
ADD_TYPE = (
    "crsctl add type ocucs.ms.type -basetype cluster_resource"
    ' -attr "ATTRIBUTE=INSTANCE_PATH,TYPE=string,FLAGS=READONLY|REQUIRED"'
)
#: As the Messaging Server Installation and Configuration Guide has it, leading blank and all.
ADD_SERVER = f"""crsctl add resource ocucs.ms.msg1 -type ocucs.ms.type -attr " INSTANCE_PATH=/export/msg1/messaging64,\
 AGENT_FILENAME='%CRS_HOME%/bin/scriptagent', ACTION_SCRIPT='{SCRIPT}', ENABLED=1, AUTO_START=restore,\
 UPTIME_THRESHOLD=10m, CHECK_INTERVAL=10, SCRIPT_TIMEOUT=300, RESTART_ATTEMPTS=2, OFFLINE_CHECK_INTERVAL=0,\
 START_DEPENDENCIES='hard(msg1) pullup(msg1)', STOP_DEPENDENCIES='hard(intermediate:msg1)',CARDINALITY=1,\
 FAILURE_INTERVAL=0, FAILURE_THRESHOLD=0, SERVER_POOLS=*,PLACEMENT=favored" """


class Cluster:
    """A simulated cluster, its commands written as one types them."""

    def __init__(self, **options: object) -> None:
        self.simulator = SIMULATOR(["cl1", "cl2"], **options)  # type: ignore[arg-type]
        for node in self.simulator.nodes:
            self.simulator.write_file(node, SCRIPT, "#!/usr/bin/perl\n")

    def run(self, command: str, node: str = "cl1") -> str:
        """Output of a command that succeeds."""
        answer = self.simulator.run(node, shlex.split(command))
        assert answer.status == 0, answer.stdout
        return answer.stdout

    def refused(self, command: str, node: str = "cl1") -> str:
        """Output of a command that does not, and has changed nothing."""
        before = copy.deepcopy(self.simulator.state)
        answer = self.simulator.run(node, shlex.split(command))
        assert answer.status == 1, answer.stdout
        assert self.simulator.state == before
        return answer.stdout

    def failed(self, command: str, node: str = "cl1") -> str:
        """Output of a command that ends with an error but may have changed something."""
        answer = self.simulator.run(node, shlex.split(command))
        assert answer.status == 1, answer.stdout
        assert answer.stdout.splitlines()[-1].startswith("CRS-4000: Command ")
        return answer.stdout

    def state(self, resource: str) -> tuple[str, str]:
        """TARGET and STATE of a resource."""
        values = dict(
            line.split("=", 1) for line in self.run(f"crsctl stat res {resource}", self.up()).split("\n") if line
        )
        return values["TARGET"], values["STATE"]

    def verbose(self, resource: str, key: str) -> str:
        """A value of ``crsctl status resource -v``."""
        text = self.run(f"crsctl stat res {resource} -v", self.up())
        return dict(line.split("=", 1) for line in text.split("\n") if line)[key]

    def value(self, resource: str, key: str) -> str:
        """A value of ``crsctl status resource -p``."""
        text = self.run(f"crsctl stat res {resource} -p", self.up())
        return dict(line.split("=", 1) for line in text.split("\n") if line)[key]

    def up(self) -> str:
        """A node that is up."""
        return next(node for node in self.simulator.nodes if node not in self.simulator.state["down"])


@pytest.fixture
def cluster() -> Cluster:
    """A cluster with nothing in it."""
    return Cluster()


@pytest.fixture
def configured(cluster: Cluster) -> Cluster:
    """A cluster with a Messaging Server, as the guide configures it, running on cl1."""
    cluster.run("appvipcfg create -network=1 -ip=10.0.0.3 -vipname=msg1 -user=root")
    cluster.run(ADD_TYPE)
    cluster.run(ADD_SERVER)
    cluster.run("crsctl start resource ocucs.ms.msg1 -n cl1")
    return cluster


ON_CL1 = {"online": ["cl1"], "members": {"ocucs.ms.msg1": ["cl1"], "msg1": ["cl1"]}}
ON_CL2 = {"online": ["cl2"], "members": {"ocucs.ms.msg1": ["cl2"], "msg1": ["cl2"]}}
NOWHERE = {"online": [], "members": {"ocucs.ms.msg1": [], "msg1": []}}


def service(cluster: Cluster) -> object:
    """Where the Messaging Server is."""
    return cluster.simulator.services()["ocucs.ms.msg1"]


# -- what is printed -------------------------------------------------------------------------------------------------


def test_the_guide_from_end_to_end(cluster: Cluster) -> None:
    cluster.run("appvipcfg create -network=1 -ip=10.0.0.3 -vipname=msg1 -user=root")
    assert cluster.run("crsctl status resource msg1") == (
        "NAME=msg1\nTYPE=app.appvip_net1.type\nTARGET=OFFLINE\nSTATE=OFFLINE\n\n"
    )
    cluster.run("crsctl start resource msg1 -n cl2")
    cluster.run(ADD_TYPE)
    cluster.run(ADD_SERVER)
    assert cluster.run("crsctl stop resource msg1") == (
        "CRS-2673: Attempting to stop 'msg1' on 'cl2'\nCRS-2677: Stop of 'msg1' on 'cl2' succeeded\n"
    )
    assert cluster.run("crsctl start resource ocucs.ms.msg1 -n cl1") == (
        "CRS-2672: Attempting to start 'msg1' on 'cl1'\n"
        "CRS-2676: Start of 'msg1' on 'cl1' succeeded\n"
        "CRS-2672: Attempting to start 'ocucs.ms.msg1' on 'cl1'\n"
        "CRS-2676: Start of 'ocucs.ms.msg1' on 'cl1' succeeded\n"
    )
    assert service(cluster) == ON_CL1
    for command in (
        "crsctl stop resource ocucs.ms.msg1",
        "crsctl delete resource ocucs.ms.msg1",
        "crsctl stop resource msg1",
        "crsctl delete resource msg1",
        "crsctl delete type ocucs.ms.type",
    ):
        cluster.run(command)
    assert cluster.simulator.services() == {}


def test_appvipcfg_prints_what_it_does(cluster: Cluster) -> None:
    home = "/u01/app/12.1.0/grid"
    add_type = (
        f"{home}/bin/crsctl add type app.appvip_net1.type -basetype ora.cluster_vip_net1.type"
        f" -file {home}/crs/template/appvip.type"
    )
    add = (
        f"{home}/bin/crsctl add resource oggvip -type app.appvip_net1.type -attr "
        '"USR_ORA_VIP=10.0.24.138,START_DEPENDENCIES=hard(ora.net1.network) pullup(ora.net1.network),'
        "STOP_DEPENDENCIES=hard(ora.net1.network),ACL='owner:root:rwx,pgrp:root:r-x,other::r--,user:root:r-x',"
        'HOSTING_MEMBERS=cl1,APPSVIP_FAILBACK="'
    )
    cluster.run("appvipcfg create -network=1 -ip=10.0.24.137 -vipname=first -user=root")
    output = cluster.run("appvipcfg create -network=1 -ip=10.0.24.138 -vipname=oggvip -user=root")
    time = output.splitlines()[1][:19]
    assert output == (
        "Production Copyright 2007, 2008, Oracle.All rights reserved\n"
        f"{time}: Creating Resource Type\n"
        f"{time}: Executing {add_type}\n"
        f"{time}: Executing cmd: {add_type}\n"
        f"{time}: Command output:\n"
        ">  CRS-2728: A resource type with the name 'app.appvip_net1.type' is already registered\n"
        ">  CRS-4000: Command Add failed, or completed with errors.\n"
        ">End Command output\n"
        "CRS-2728: A resource type with the name 'app.appvip_net1.type' is already registered\n"
        "CRS-4000: Command Add failed, or completed with errors.\n"
        f"{time}: Create the Resource\n"
        f"{time}: Executing {add}\n"
        f"{time}: Executing cmd: {add}\n"
    )
    assert cluster.value("oggvip", "USR_ORA_VIP") == "10.0.24.138"
    assert cluster.value("oggvip", "HOSTING_MEMBERS") == "cl1"


def test_attributes_of_a_profile(configured: Cluster) -> None:
    names = [line.partition("=")[0] for line in configured.run("crsctl stat res msg1 -p").splitlines() if line]
    documented = (
        "NAME TYPE ACL ACTION_FAILURE_TEMPLATE ACTION_SCRIPT ACTIVE_PLACEMENT AGENT_FILENAME APPSVIP_FAILBACK"
        " AUTO_START CARDINALITY CHECK_INTERVAL CHECK_TIMEOUT DEFAULT_TEMPLATE DEGREE DESCRIPTION ENABLED"
        " FAILOVER_DELAY FAILURE_INTERVAL FAILURE_THRESHOLD HOSTING_MEMBERS LOAD LOGGING_LEVEL NOT_RESTARTING_TEMPLATE"
        " OFFLINE_CHECK_INTERVAL PLACEMENT PROFILE_CHANGE_TEMPLATE RESTART_ATTEMPTS SCRIPT_TIMEOUT SERVER_POOLS"
        " START_DEPENDENCIES START_TIMEOUT STATE_CHANGE_TEMPLATE STOP_DEPENDENCIES STOP_TIMEOUT UPTIME_THRESHOLD"
        " USR_ORA_VIP"
    )
    assert names == documented.split()


def test_full_adds_to_the_profile(configured: Cluster) -> None:
    profile = configured.run("crsctl stat res ocucs.ms.msg1 -p").splitlines()
    full = configured.run("crsctl stat res ocucs.ms.msg1 -f").splitlines()
    assert full[:4] == ["NAME=ocucs.ms.msg1", "TYPE=ocucs.ms.type", "STATE=ONLINE", "TARGET=ONLINE"]
    assert set(profile) <= set(full)
    added = {line.partition("=")[0] for line in full} - {line.partition("=")[0] for line in profile}
    documented = (
        "STATE TARGET ACTIONS ACTION_START_OPTION ACTION_TIMEOUT CARDINALITY_ID CLEAN_TIMEOUT CONFIG_VERSION"
        " DELETE_TIMEOUT ID INSTANCE_COUNT INTERMEDIATE_TIMEOUT MODIFY_TIMEOUT RANK RELOCATE_ACTION"
        " RELOCATE_BY_DEPENDENCY SERVER_CATEGORY START_CONCURRENCY STOP_CONCURRENCY USER_WORKLOAD USE_STICKINESS"
    )
    assert added == set(documented.split())
    attributes = [line.partition("=")[0] for line in full[4:] if line]
    assert attributes == sorted(attributes)


def test_table(configured: Cluster) -> None:
    rule = "-" * 80
    assert configured.run("crsctl stat res -t") == "\n".join(
        [
            rule,
            "Name           Target  State        Server                   State details       ",
            rule,
            "Local Resources",
            rule,
            "ora.net1.network",
            "               ONLINE  ONLINE       cl1                      STABLE",
            "               ONLINE  ONLINE       cl2                      STABLE",
            rule,
            "Cluster Resources",
            rule,
            "msg1",
            "      1        ONLINE  ONLINE       cl1                      STABLE",
            "ocucs.ms.msg1",
            "      1        ONLINE  ONLINE       cl1                      STABLE",
            rule,
            "",
        ]
    )


def test_table_wraps_long_details(configured: Cluster) -> None:
    with configured.simulator.edit() as state:
        state["resources"]["msg1"]["instances"][0]["details"] = "169.254.32.178 192.168.2.11"
    rows = configured.run("crsctl stat res msg1 -t").splitlines()
    assert rows[6:8] == [
        "      1        ONLINE  ONLINE       cl1                      169.254.32.178 192.",
        " " * 61 + "168.2.11,STABLE",
    ]


def test_verbose(configured: Cluster) -> None:
    lines = configured.run("crsctl stat res ocucs.ms.msg1 -v").splitlines()
    assert [line.partition("=")[0] for line in lines] == (
        "NAME TYPE LAST_SERVER STATE TARGET CARDINALITY_ID OXR_SECTION RESTART_COUNT FAILURE_COUNT FAILURE_HISTORY ID"
        " INCARNATION LAST_RESTART LAST_STATE_CHANGE STATE_DETAILS INTERNAL_STATE".split()
        + [""]
    )
    assert "STATE=ONLINE on cl1" in lines
    assert "ID=ocucs.ms.msg1 1 1" in lines
    assert configured.run("crsctl stat res ora.net1.network -v").count("INTERNAL_STATE=STABLE\n\n") == 2


def test_several_runs_in_one_line(cluster: Cluster) -> None:
    assert cluster.run("crsctl stat res ora.net1.network").splitlines()[2:4] == [
        "TARGET=ONLINE           , ONLINE",
        "STATE=ONLINE on cl1, ONLINE on cl2",
    ]


def test_dependency_tree(configured: Cluster) -> None:
    heading = "=" * 80
    assert configured.run("crsctl stat res ocucs.ms.msg1 -dependency").splitlines()[:6] == [
        heading,
        "Resource Start Dependencies",
        heading,
        "---------------------------------ocucs.ms.msg1----------------------------------",
        "ocucs.ms.msg1(ocucs.ms.type)->",
        "| msg1(app.appvip_net1.type)[hard,pullup]",
    ]
    assert "| msg1(app.appvip_net1.type)[hard:intermediate]" in configured.run(
        "crsctl stat res ocucs.ms.msg1 -dependency -stop"
    )


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("TYPE == ocucs.ms.type", ["ocucs.ms.msg1"]),
        ("TYPE = ocucs.ms.type", ["ocucs.ms.msg1"]),
        ("((NAME st ocucs) AND (TARGET == ONLINE))", ["ocucs.ms.msg1"]),
        ("NAME en msg1", ["msg1", "ocucs.ms.msg1"]),
        ("(NAME == msg1) OR (NAME == ora.net1.network)", ["msg1", "ora.net1.network"]),
        ("STATE = OFFLINE", []),
        ("RESTART_ATTEMPTS > 1", ["ocucs.ms.msg1"]),
    ],
)
def test_filters(configured: Cluster, expression: str, names: list[str]) -> None:
    output = configured.run(f'crsctl stat res -w "{expression}"')
    assert [line[5:] for line in output.splitlines() if line.startswith("NAME=")] == names


def test_missing_resource() -> None:
    for status in (0, 1):
        cluster = Cluster(missing_resource_status=status)
        answer = cluster.simulator.run("cl1", ["crsctl", "stat", "res", "nothing"])
        assert (answer.status, answer.stdout) == (status, "CRS-2613: Could not find resource 'nothing'.\n")


def test_types(configured: Cluster) -> None:
    assert configured.run("crsctl stat type ocucs.ms.type") == (
        "TYPE_NAME=ocucs.ms.type\nBASE_TYPE=cluster_resource\n\n"
    )
    assert "ATTRIBUTE=INSTANCE_PATH\n" in configured.run("crsctl stat type ocucs.ms.type -p")
    assert "CRS-2560" in configured.refused("crsctl stat type nothing")


@pytest.mark.parametrize(
    ("release", "version", "address_type"),
    [
        ("11.2", "11.2.0.4.0", "app.appvip.type"),
        ("12.1", "12.1.0.2.0", "app.appvip_net1.type"),
        ("19", "19.0.0.0.0", "app.appviptypex2.type"),
    ],
)
def test_releases(release: str, version: str, address_type: str) -> None:
    cluster = Cluster(release=release)
    assert cluster.run("crsctl query crs activeversion") == (
        f"Oracle Clusterware active version on the cluster is [{version}]\n"
    )
    output = cluster.run("appvipcfg create -network=1 -ip=10.0.0.3 -vipname=msg1 -user=root")
    assert ("Using configuration parameter file" in output) is (release == "19")
    assert f"TYPE={address_type}\n" in cluster.run("crsctl stat res msg1")
    heading = cluster.run("crsctl stat res -t").splitlines()[1]
    assert heading.split()[-1] == ("STATE_DETAILS" if release == "11.2" else "details")
    assert ("STABLE" in cluster.run("crsctl stat res -t")) is (release != "11.2")
    assert ("CLEAN_TIMEOUT=60" in cluster.run("crsctl stat res msg1 -f")) is (release != "11.2")
    if release == "19":
        assert cluster.run('crsctl stat res msg1 -p -attr "USR_ORA_VIP,ENABLED" -noname') == (
            "ENABLED=1\nUSR_ORA_VIP=10.0.0.3\n\n"
        )
        assert cluster.verbose("msg1", "TARGET_SERVER") == ""
    else:
        cluster.refused('crsctl stat res msg1 -p -attr "USR_ORA_VIP"')


def test_the_cluster_itself(cluster: Cluster) -> None:
    assert cluster.run("crsctl check crs") == (
        "CRS-4638: Oracle High Availability Services is online\n"
        "CRS-4537: Cluster Ready Services is online\n"
        "CRS-4529: Cluster Synchronization Services is online\n"
        "CRS-4533: Event Manager is online\n"
    )
    assert cluster.run("olsnodes") == "cl1\ncl2\n"
    assert cluster.run("olsnodes -n -i -s -t") == (
        "cl1\t1\tcl1-vip\tActive\tUnpinned\ncl2\t2\tcl2-vip\tActive\tUnpinned\n"
    )
    cluster.simulator.stop_node("cl2")
    assert "cl2\tInactive" in cluster.run("olsnodes -s")
    assert "CRS-4639" in cluster.refused("crsctl check crs", "cl2")
    assert cluster.refused("crsctl stat res -t", "cl2") == (
        "CRS-4535: Cannot communicate with Cluster Ready Services\n"
        "CRS-4000: Command Status failed, or completed with errors.\n"
    )
    assert "cl2:\nCRS-4535" in cluster.run("crsctl check cluster -all")


def test_srvctl_knows_no_application_address(configured: Cluster) -> None:
    assert configured.refused("srvctl stop vip -vip msg1").startswith("PRCR-1001 : ")
    assert configured.simulator.run("cl1", ["srvctl", "dance"]).status == 2


# -- what is registered ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ("ocucs.ms.type -basetype cluster_resource", "CRS-2728"),
        ("a.b.type -basetype other", "CRS-2560"),
        ("a.b.type", "CRS-2560"),
        ("ora.b.type -basetype cluster_resource", "CRS-4995"),
        ("'a!b' -basetype cluster_resource", "legal name"),
        ("a.b.type -basetype cluster_resource -attr 'ATTRIBUTE=A,TYPE=string'", "no DEFAULT_VALUE"),
        ("a.b.type -basetype cluster_resource -attr 'ATTRIBUTE=A,TYPE=float,FLAGS=REQUIRED'", "TYPE"),
        ("a.b.type -basetype cluster_resource -attr 'TYPE=string,ATTRIBUTE=A,FLAGS=REQUIRED'", "order"),
        ("a.b.type -basetype cluster_resource -attr 'ATTRIBUTE=A,TYPE=string,FLAGS=REQUIRED|LOUD'", "FLAGS"),
        ("a.b.type -basetype cluster_resource -attr 'ATTRIBUTE=A,TYPE=int,DEFAULT_VALUE=x'", "number"),
        ("a.b.type c -basetype cluster_resource", "one name"),
        ("a.b.type -basetype cluster_resource -loud", "invalid argument"),
    ],
)
def test_types_that_are_refused(configured: Cluster, arguments: str, number: str) -> None:
    assert number in configured.refused(f"crsctl add type {arguments}")


def test_types_with_several_attributes(cluster: Cluster) -> None:
    cluster.run(
        "crsctl add type a.b.type -basetype cluster_resource -attr"
        " \"ATTRIBUTE=PORT,TYPE=INT,DEFAULT_VALUE=25,ATTRIBUTE=ROLE,TYPE=STRING,DEFAULT_VALUE='a, b',FLAGS=CONFIG\""
    )
    cluster.run("crsctl add resource x -type a.b.type -attr PORT=26")
    assert cluster.value("x", "PORT") == "26"
    assert cluster.value("x", "ROLE") == "a, b"
    assert "not a legal value" in cluster.refused("crsctl modify resource x -attr PORT=twenty")
    cluster.run("crsctl modify type a.b.type -attr 'ATTRIBUTE=ROLE,TYPE=string,DEFAULT_VALUE=c'")
    assert cluster.value("x", "ROLE") == "c"
    cluster.run("crsctl modify resource x -attr PORT -delete")
    assert cluster.value("x", "PORT") == "25"
    assert "based on it" in cluster.refused("crsctl delete type a.b.type")
    cluster.simulator.write_file("cl1", "/tmp/x", "PORT=27\nDESCRIPTION=Port of x (SMTP), plain\n")
    cluster.run("crsctl modify resource x -file /tmp/x")
    assert cluster.value("x", "DESCRIPTION") == "Port of x (SMTP), plain"
    cluster.refused("crsctl modify resource x -file /tmp/y")


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ("", "INSTANCE_PATH"),
        ("INSTANCE_PATH=/a, START_DEPENDENCIES=hard(msg1)", "quotation marks"),
        ("INSTANCE_PATH=/a, START_DEPENDENCIES='hard(msg1", "not closed"),
        (
            "INSTANCE_PATH=/a, START_DEPENDENCIES='hard(nothing)'",
            "CRS-2510: Resource 'nothing' used in dependency 'hard'",
        ),
        ("INSTANCE_PATH=/a, STOP_DEPENDENCIES='hard(type:no.type)'", "CRS-2509: Resource type 'no.type'"),
        ("INSTANCE_PATH=/a, START_DEPENDENCIES='hard(always:msg1)'", "CRS-2502"),
        ("INSTANCE_PATH=/a, START_DEPENDENCIES='hard(msg1) hard(msg1)'", "CRS-2929"),
        ("INSTANCE_PATH=/a, START_DEPENDENCIES='firm(msg1)'", "not legal"),
        ("INSTANCE_PATH=/a, STOP_DEPENDENCIES='pullup(msg1)'", "not legal"),
        ("INSTANCE_PATH=/a, ACTION_SCRIPT=/nowhere/script", "CRS-2518"),
        ("INSTANCE_PATH=/a, AUTO_START=Restore", "not a legal value"),
        ("INSTANCE_PATH=/a, FAILURE_THRESHOLD=21", "not a legal value"),
        ("INSTANCE_PATH=/a, UPTIME_THRESHOLD=10", "not a legal value"),
        ("INSTANCE_PATH=/a, CARDINALITY=0", "not a legal value"),
        ("INSTANCE_PATH=/a, PLACEMENT=favored", "requires HOSTING_MEMBERS"),
        ("INSTANCE_PATH=/a, PLACEMENT=restricted", "requires HOSTING_MEMBERS"),
        ("INSTANCE_PATH=/a, PLACEMENT=restricted, HOSTING_MEMBERS=cl1, SERVER_POOLS=*", "goes with one of"),
        ("INSTANCE_PATH=/a, OTHER=1", "not one of"),
        ("INSTANCE_PATH=/a, TARGET=ONLINE", "not one of"),
        ("INSTANCE_PATH=/a, INSTANCE_PATH=/b", "more than once"),
        ("INSTANCE_PATH=/a, instance=b", "not an attribute"),
        (f"INSTANCE_PATH=/{'a' * 254}", "longer than 254"),
    ],
)
def test_resources_that_are_refused(configured: Cluster, attributes: str, text: str) -> None:
    option = f' -attr "{attributes}"' if attributes else ""
    assert text in configured.refused(f"crsctl add resource other -type ocucs.ms.type{option}")


@pytest.mark.parametrize("name", ["ora.mine", ".mine", "mi!ne", "mi~ne", "m" * 255, "msg1"])
def test_names_that_are_refused(configured: Cluster, name: str) -> None:
    configured.refused(f"crsctl add resource '{name}' -type cluster_resource")


def test_dependencies_are_kept_in_a_form_of_their_own(configured: Cluster) -> None:
    text = "pullup:always( msg1 )  hard(msg1, ora.net1.network)"
    configured.run(f"crsctl modify resource ocucs.ms.msg1 -attr \"START_DEPENDENCIES='{text}'\"")
    assert configured.value("ocucs.ms.msg1", "START_DEPENDENCIES") == "pullup:always(msg1) hard(msg1,ora.net1.network)"


def test_dependencies_on_what_is_not_there_by_force(cluster: Cluster) -> None:
    command = "crsctl add resource x -type cluster_resource -attr \"START_DEPENDENCIES='hard(y)'\""
    cluster.refused(command)
    cluster.run(f"{command} -f")
    assert "CRS-2640: Required resource 'y' is missing." in cluster.refused("crsctl start resource x")


def test_qualified_attributes(configured: Cluster) -> None:
    configured.run("crsctl modify resource ocucs.ms.msg1 -attr 'RESTART_ATTEMPTS@SERVERNAME(cl1)=5'")
    assert "RESTART_ATTEMPTS=2\nRESTART_ATTEMPTS@SERVERNAME(cl1)=5\n" in configured.run(
        "crsctl stat res ocucs.ms.msg1 -f"
    )


def test_read_only_attributes_stay(configured: Cluster) -> None:
    assert "read-only" in configured.refused("crsctl modify resource ocucs.ms.msg1 -attr INSTANCE_PATH=/b")
    assert "CRS-2613" in configured.refused("crsctl modify resource nothing -attr ENABLED=0")
    assert "CRS-4995" in configured.refused("crsctl modify resource ora.net1.network -attr ENABLED=0")


def test_permissions(configured: Cluster) -> None:
    configured.run("crsctl setperm resource msg1 -u user:oracle:r-x")
    assert configured.run("crsctl getperm resource msg1") == (
        "Name: msg1\nowner:root:rwx,pgrp:root:r-x,other::r--,user:root:r-x,user:oracle:r-x\n"
    )
    configured.run("crsctl setperm resource ocucs.ms.msg1 -o mailsrv")
    configured.simulator.user = "oracle"
    configured.refused("crsctl stop resource ocucs.ms.msg1")
    configured.refused("crsctl modify resource msg1 -attr ENABLED=0")
    configured.refused("appvipcfg create -network=1 -ip=10.0.0.4 -vipname=msg2 -user=root")
    configured.simulator.user = "mailsrv"
    configured.run("crsctl stop resource ocucs.ms.msg1")
    configured.simulator.user = "root"
    configured.run("crsctl setperm resource msg1 -x user:oracle")
    configured.refused("crsctl setperm resource msg1 -u oracle")


@pytest.mark.parametrize(
    "arguments",
    [
        "create -network=1 -ip=10.0.0.4 -vipname=msg2",
        "create -network=2 -ip=10.0.0.4 -vipname=msg2 -user=root",
        "create -network=1 -ip=10.0.0 -vipname=msg2 -user=root",
        "create -network=1 -ip 10.0.0.4 -vipname=msg2 -user=root",
        "create -network=1 -ip=10.0.0.4 -vipname=msg1 -user=root",
        "delete -vipname=msg2",
        "delete -vipname=msg1",
        "delete",
        "",
    ],
)
def test_addresses_that_are_refused(configured: Cluster, arguments: str) -> None:
    assert configured.simulator.run("cl1", ["appvipcfg", *shlex.split(arguments)]).status == 1
    assert list(configured.simulator.services()) == ["ocucs.ms.msg1"]


# -- what runs -------------------------------------------------------------------------------------------------------


def test_a_dependency_that_runs_elsewhere_is_in_the_way(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1")
    output = configured.refused("crsctl start resource ocucs.ms.msg1 -n cl2")
    assert "CRS-2527: Unable to start 'ocucs.ms.msg1' because it has a 'hard' dependency on 'msg1'\n" in output
    assert configured.run("crsctl start resource ocucs.ms.msg1 -n cl2 -f")
    assert service(configured) == ON_CL2


def test_without_a_server_the_dependency_says_where(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1")
    configured.run("crsctl relocate resource msg1 -n cl2 -f")
    configured.run("crsctl start resource ocucs.ms.msg1")
    assert service(configured) == ON_CL2


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (
            "start resource ocucs.ms.msg1",
            "CRS-5702: Resource 'ocucs.ms.msg1' is already running on 'cl1'\nCRS-4000: Command Start",
        ),
        ("start resource nothing", "CRS-2613: Could not find resource 'nothing'.\nCRS-4000: Command Start"),
        ("stop resource nothing", "CRS-2613: Could not find resource 'nothing'.\nCRS-4000: Command Stop"),
        (
            "stop resource msg1",
            "CRS-2530: Unable to stop 'msg1' because 'ocucs.ms.msg1' has a stop-time 'hard' dependency on it",
        ),
        (
            "relocate resource ocucs.ms.msg1",
            "CRS-2525: All instances of the resource 'ocucs.ms.msg1' are already running;",
        ),
        ("relocate resource ocucs.ms.msg1 -n cl1 -f", "CRS-5702"),
        ("relocate resource ocucs.ms.msg1 -n cl3 -f", "not in the cluster"),
        ("start resource ocucs.ms.msg1 -n cl3", "not in the cluster"),
        ("delete resource ocucs.ms.msg1", "running"),
        ("delete resource msg1", "CRS-2730: Resource 'ocucs.ms.msg1' depends on resource 'msg1'"),
        ("delete type ocucs.ms.type", "based on it"),
        ("stop resource ora.net1.network -f", "CRS-4995"),
        ("start resource", "names, -w or -all"),
        ("start resource msg1 -env nonsense", "environment"),
        ("stop resource msg1 -q", "invalid argument"),
        ("stat res -p -v", "exclude"),
        ("stat res -w TYPE==x", "not complete"),
        ("frobnicate resource", "not a command"),
    ],
)
def test_commands_that_are_refused(configured: Cluster, command: str, text: str) -> None:
    assert text in configured.refused(f"crsctl {command}")


def test_relocation_moves_both(configured: Cluster) -> None:
    assert configured.run("crsctl relocate resource ocucs.ms.msg1 -f") == (
        "CRS-2673: Attempting to stop 'ocucs.ms.msg1' on 'cl1'\n"
        "CRS-2677: Stop of 'ocucs.ms.msg1' on 'cl1' succeeded\n"
        "CRS-2673: Attempting to stop 'msg1' on 'cl1'\n"
        "CRS-2677: Stop of 'msg1' on 'cl1' succeeded\n"
        "CRS-2672: Attempting to start 'msg1' on 'cl2'\n"
        "CRS-2676: Start of 'msg1' on 'cl2' succeeded\n"
        "CRS-2672: Attempting to start 'ocucs.ms.msg1' on 'cl2'\n"
        "CRS-2676: Start of 'ocucs.ms.msg1' on 'cl2' succeeded\n"
    )
    configured.run("crsctl relocate resource msg1 -n cl1 -f")
    assert service(configured) == ON_CL1
    configured.run("crsctl relocate resource -all -s cl1 -n cl2 -f")
    assert service(configured) == ON_CL2


def test_stopping(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1")
    assert configured.state("ocucs.ms.msg1") == ("OFFLINE", "OFFLINE")
    assert configured.failed("crsctl stop resource ocucs.ms.msg1") == (
        "CRS-2500: Cannot stop resource 'ocucs.ms.msg1' as it is not running\n"
        "CRS-4000: Command Stop failed, or completed with errors.\n"
    )
    assert "CRS-2562" in configured.refused("crsctl relocate resource ocucs.ms.msg1 -f")


def test_stopping_by_force_takes_dependents_along_and_pullup_brings_them_back(configured: Cluster) -> None:
    output = configured.run("crsctl stop resource msg1 -f")
    assert output.index("'ocucs.ms.msg1'") < output.index("'msg1'")
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")
    configured.run("crsctl start resource msg1 -n cl2")
    assert service(configured) == ON_CL2


def test_stopping_several_at_once(configured: Cluster) -> None:
    configured.run("crsctl stop resource msg1 ocucs.ms.msg1")
    assert service(configured) == NOWHERE
    configured.run("crsctl start resource -all")
    configured.run("crsctl stop resource -all")
    assert service(configured) == NOWHERE


def test_disabled(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1")
    configured.run("crsctl modify resource ocucs.ms.msg1 -attr ENABLED=0")
    assert "CRS-2501: Resource 'ocucs.ms.msg1' is disabled\n" in configured.refused(
        "crsctl start resource ocucs.ms.msg1"
    )
    configured.run("crsctl modify resource ocucs.ms.msg1 -attr ENABLED=1")
    configured.run("crsctl stop resource msg1")
    configured.run("crsctl modify resource msg1 -attr ENABLED=0")
    assert "CRS-2501: Resource 'msg1' is disabled\n" in configured.refused("crsctl start resource ocucs.ms.msg1")


def test_a_disabled_resource_that_fails_stays_down(configured: Cluster) -> None:
    configured.run("crsctl modify resource ocucs.ms.msg1 -attr ENABLED=0")
    assert service(configured) == ON_CL1
    configured.simulator.fail_agent("ocucs.ms.msg1", "check")
    configured.simulator.pass_time(60)
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")


def test_placement(cluster: Cluster) -> None:
    def add(name: str, attributes: str) -> None:
        cluster.run(f'crsctl add resource {name} -type cluster_resource -attr "{attributes}"')

    add("first", "LOAD=5")
    add("second", "LOAD=1")
    add("favoured", "PLACEMENT=favored,HOSTING_MEMBERS='cl2 cl1'")
    add("restricted", "PLACEMENT=restricted,HOSTING_MEMBERS=cl1")
    add("near", "START_DEPENDENCIES='attraction(first)'")
    add("far", "START_DEPENDENCIES='dispersion(first)'")
    add("alone", "START_DEPENDENCIES='exclusion(first)'")
    for name in ("first", "second", "favoured", "restricted", "near", "far", "alone"):
        cluster.run(f"crsctl start resource {name}")
    where = {name: found["online"] for name, found in cluster.simulator.services().items()}
    assert where == {
        "first": ["cl1"],
        "second": ["cl2"],
        "favoured": ["cl2"],
        "restricted": ["cl1"],
        "near": ["cl1"],
        "far": ["cl2"],
        "alone": ["cl2"],
    }
    assert "CRS-2632" in cluster.refused("crsctl relocate resource restricted -f")
    cluster.run("crsctl stop resource alone")
    assert "exclude" in cluster.refused("crsctl start resource alone -n cl1")


def test_local_resources_run_everywhere(cluster: Cluster) -> None:
    cluster.run("crsctl add resource watcher -type local_resource")
    cluster.refused("crsctl add resource other -type local_resource -attr CARDINALITY=2")
    cluster.run("crsctl start resource watcher -n cl2")
    assert cluster.simulator.services()["watcher"]["online"] == ["cl2"]
    cluster.run("crsctl start resource watcher")
    assert cluster.simulator.services()["watcher"]["online"] == ["cl1", "cl2"]
    cluster.run("crsctl stop resource watcher -n cl1")
    assert cluster.simulator.services()["watcher"]["online"] == ["cl2"]


def test_cardinality(cluster: Cluster) -> None:
    cluster.run("crsctl add resource twice -type cluster_resource -attr CARDINALITY=2")
    cluster.run("crsctl start resource twice")
    assert cluster.simulator.services()["twice"]["online"] == ["cl1", "cl2"]
    cluster.simulator.stop_node("cl1")
    assert cluster.state("twice")[1] == "OFFLINE, ONLINE on cl2"
    cluster.simulator.start_node("cl1")
    assert cluster.simulator.services()["twice"]["online"] == ["cl1", "cl2"]


def test_weak_and_global_dependencies(cluster: Cluster) -> None:
    cluster.run("crsctl add resource base -type cluster_resource")
    cluster.run("crsctl add resource helper -type cluster_resource -attr ENABLED=0")
    cluster.run(
        "crsctl add resource top -type cluster_resource -attr"
        " \"START_DEPENDENCIES='hard(global:base) weak(helper)',STOP_DEPENDENCIES='hard(global:base)'\""
    )
    cluster.run("crsctl start resource base -n cl2")
    cluster.run("crsctl start resource top -n cl1")
    assert cluster.state("helper") == ("OFFLINE", "OFFLINE")
    assert "CRS-2530" in cluster.refused("crsctl stop resource base")


# -- what fails ------------------------------------------------------------------------------------------------------


def test_a_node_is_lost_and_returns(configured: Cluster) -> None:
    configured.simulator.stop_node("cl1")
    assert service(configured) == ON_CL2
    assert configured.verbose("ocucs.ms.msg1", "LAST_SERVER") == "cl2"
    configured.simulator.start_node("cl1")
    assert service(configured) == ON_CL2


def test_an_address_that_fails_back(cluster: Cluster) -> None:
    cluster.run("appvipcfg create -network=1 -ip=10.0.0.3 -vipname=msg1 -user=root -failback=1")
    cluster.run("crsctl start resource msg1")
    cluster.simulator.stop_node("cl1")
    assert cluster.state("msg1") == ("ONLINE", "ONLINE on cl2")
    cluster.simulator.start_node("cl1")
    assert cluster.state("msg1") == ("ONLINE", "ONLINE on cl1")


@pytest.mark.parametrize(
    ("automatic", "running", "returns"),
    [("restore", True, True), ("restore", False, False), ("always", False, True), ("never", True, False)],
)
def test_all_nodes_are_lost_and_return(configured: Cluster, automatic: str, running: bool, returns: bool) -> None:
    configured.run(f"crsctl modify resource ocucs.ms.msg1 -attr AUTO_START={automatic}")
    if not running:
        configured.run("crsctl stop resource ocucs.ms.msg1")
    for node in ("cl2", "cl1"):
        configured.simulator.stop_node(node)
    assert service(configured) == NOWHERE
    configured.simulator.start_node("cl1")
    # An address that comes back by itself pulls up what has target ONLINE, whatever AUTO_START says of that.
    pulled = automatic == "never" and running
    assert configured.state("ocucs.ms.msg1")[1] == ("ONLINE on cl1" if returns or pulled else "OFFLINE")


def test_restarts_and_then_another_server(configured: Cluster) -> None:
    configured.simulator.fail_agent("ocucs.ms.msg1", "monitor", ["cl1"])
    configured.simulator.pass_time(25)
    assert service(configured) == ON_CL1
    assert configured.verbose("ocucs.ms.msg1", "RESTART_COUNT") == "2"
    assert configured.verbose("ocucs.ms.msg1", "FAILURE_COUNT") == "2"
    configured.simulator.pass_time(10)
    assert service(configured) == ON_CL2
    assert configured.verbose("ocucs.ms.msg1", "RESTART_COUNT") == "0"


def test_failures_everywhere(configured: Cluster) -> None:
    configured.simulator.fail_agent("ocucs.ms.msg1", "check")
    configured.simulator.pass_time(3600)
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")
    configured.simulator.repair_agent("ocucs.ms.msg1")
    configured.run("crsctl start resource ocucs.ms.msg1")
    configured.simulator.pass_time(3600)
    assert configured.state("ocucs.ms.msg1")[0] == "ONLINE"
    assert configured.verbose("ocucs.ms.msg1", "FAILURE_COUNT") == "0"


def test_a_failed_resource_is_given_up_by_stopping_it(configured: Cluster) -> None:
    configured.simulator.fail_agent("ocucs.ms.msg1", "check")
    configured.simulator.pass_time(3600)
    configured.failed("crsctl stop resource ocucs.ms.msg1")
    assert configured.state("ocucs.ms.msg1") == ("OFFLINE", "OFFLINE")


def test_the_failure_threshold(configured: Cluster) -> None:
    configured.run("crsctl modify resource ocucs.ms.msg1 -attr FAILURE_THRESHOLD=2,FAILURE_INTERVAL=100")
    configured.simulator.fail_agent("ocucs.ms.msg1", "check", ["cl1"])
    configured.simulator.pass_time(100)
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")


def test_an_address_that_fails_takes_its_application_along(configured: Cluster) -> None:
    configured.simulator.fail_agent("msg1", "check", ["cl1"])
    configured.run("crsctl check resource msg1")
    assert service(configured) == ON_CL2


def test_a_start_that_fails(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1")
    configured.simulator.fail_agent("ocucs.ms.msg1", "start", ["cl1"])
    output = configured.failed("crsctl start resource ocucs.ms.msg1")
    assert output.startswith(
        "CRS-2672: Attempting to start 'ocucs.ms.msg1' on 'cl1'\n"
        "CRS-2674: Start of 'ocucs.ms.msg1' on 'cl1' failed\n"
        "CRS-2679: Attempting to clean 'ocucs.ms.msg1' on 'cl1'\n"
        "CRS-2681: Clean of 'ocucs.ms.msg1' on 'cl1' succeeded\n"
    )
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")
    assert configured.state("msg1") == ("ONLINE", "ONLINE on cl1")


def test_a_script_that_is_missing_on_one_node(configured: Cluster) -> None:
    configured.run("crsctl stop resource ocucs.ms.msg1 msg1")
    del configured.simulator.node_files["cl2"][SCRIPT]
    assert "CRS-2674" in configured.failed("crsctl start resource ocucs.ms.msg1 -n cl2")


def test_a_stop_that_fails_needs_somebody(configured: Cluster) -> None:
    configured.simulator.fail_agent("ocucs.ms.msg1", "stop")
    configured.failed("crsctl stop resource ocucs.ms.msg1")
    assert configured.state("ocucs.ms.msg1") == ("OFFLINE", "UNKNOWN on cl1")
    configured.failed("crsctl start resource ocucs.ms.msg1")
    configured.refused("crsctl delete resource ocucs.ms.msg1")
    configured.simulator.repair_agent("ocucs.ms.msg1")
    configured.run("crsctl stop resource ocucs.ms.msg1")
    assert configured.state("ocucs.ms.msg1") == ("OFFLINE", "OFFLINE")
    configured.run("crsctl start resource ocucs.ms.msg1")


def test_a_relocation_that_fails_on_the_new_server(configured: Cluster) -> None:
    configured.simulator.fail_agent("ocucs.ms.msg1", "start", ["cl2"])
    configured.failed("crsctl relocate resource ocucs.ms.msg1 -n cl2 -f")
    assert configured.state("ocucs.ms.msg1") == ("ONLINE", "OFFLINE")
    assert configured.state("msg1") == ("ONLINE", "ONLINE on cl2")


def test_the_stack_stops_and_starts(configured: Cluster) -> None:
    output = configured.run("crsctl stop crs")
    assert output.startswith(
        "CRS-2791: Starting shutdown of Oracle High Availability Services-managed resources on 'cl1'\n"
    )
    assert output.endswith("CRS-4133: Oracle High Availability Services has been stopped.\n")
    assert service(configured) == ON_CL2
    assert "CRS-4639" in configured.refused("crsctl stop crs")
    assert configured.run("crsctl start crs") == "CRS-4123: Oracle High Availability Services has been started.\n"
    assert service(configured) == ON_CL2
    configured.refused("crsctl start crs")


def test_faults_by_order(configured: Cluster) -> None:
    configured.simulator.order_fault(1, "lose_answer")
    assert configured.simulator.run("cl1", ["crsctl", "stop", "res", "ocucs.ms.msg1"]).status == 1
    assert configured.state("ocucs.ms.msg1") == ("OFFLINE", "OFFLINE")


def assert_consistent(simulator: Any) -> None:
    """Assert that nothing runs twice on a server, on one that is down, or without what it needs."""
    resources = simulator.state["resources"]
    json.dumps(simulator.state)
    running = {
        name: [run["server"] for run in resource["instances"] if run["state"] != "OFFLINE"]
        for name, resource in resources.items()
    }
    for name, servers in running.items():
        assert len(servers) == len(set(servers)), name
        assert not set(servers) & {"", *simulator.state["down"]}, name
    if any(run["state"] == "UNKNOWN" for resource in resources.values() for run in resource["instances"]):
        return  # What an operator has to look after may have kept others from where they belong.
    for name, resource in resources.items():
        for needed in re.findall(
            r"hard\((global:|intermediate:)?(\w+)\)", resource["attributes"].get("START_DEPENDENCIES", "")
        ):
            where = set(simulator.nodes) if needed[0] == "global:" and running[needed[1]] else set(running[needed[1]])
            assert set(running[name]) <= where, (name, needed)


NAMES = [*(f"address{number}" for number in range(3)), *(f"application{number}" for number in range(4))]
SERVERS = ("a", "b", "c")
APPLICATION = strategies.tuples(
    strategies.sampled_from(["", "global:", "intermediate:"]),
    strategies.integers(0, 5),
    strategies.sampled_from(["balanced", "favored", "restricted"]),
    strategies.permutations(SERVERS),
    strategies.integers(0, 2),
    strategies.sampled_from(["always", "restore", "never"]),
)
STEP = strategies.tuples(
    strategies.sampled_from("start start stop relocate enable disable down up fail repair pass".split()),
    strategies.sampled_from(NAMES),
    strategies.sampled_from(SERVERS),
    strategies.sampled_from(["start", "stop", "check"]),
    strategies.booleans(),
    strategies.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(strategies.lists(APPLICATION, min_size=4, max_size=4), strategies.lists(STEP, max_size=40))
def test_whatever_happens_what_runs_has_what_it_needs(applications: list[Any], steps: list[Any]) -> None:
    simulator = SIMULATOR(SERVERS, action_scripts=False)
    for number, name in enumerate(NAMES[:3]):
        address = [f"-ip=10.0.0.{number + 3}", f"-vipname={name}", "-user=root", f"-failback={number % 2}"]
        simulator.run("a", ["appvipcfg", "create", "-network=1", *address])
    for number, (how, needed, placement, members, attempts, automatic) in enumerate(applications):
        on = how + NAMES[min(needed, number + 2)]
        attributes = (
            f"START_DEPENDENCIES='hard({on}) pullup({on})', STOP_DEPENDENCIES='hard({on})', CHECK_INTERVAL=10,"
            f" PLACEMENT={placement}, HOSTING_MEMBERS='{' '.join(members[:2])}', RESTART_ATTEMPTS={attempts},"
            f" AUTO_START={automatic}"
        )
        command = ["crsctl", "add", "resource", NAMES[number + 3], "-type", "cluster_resource", "-attr", attributes]
        assert simulator.run("a", command).status == 0
    for what, name, node, operation, there, force in steps:
        if what == "down":
            simulator.stop_node(node)
        elif what == "up":
            simulator.start_node(node)
        elif what == "fail":
            simulator.fail_agent(name, operation, [node])
        elif what == "repair":
            simulator.repair_agent(name)
        elif what == "pass":
            simulator.pass_time(4000 if there else 30)
        elif what in ("enable", "disable"):
            simulator.run(node, ["crsctl", "modify", "resource", name, "-attr", f"ENABLED={int(what == 'enable')}"])
        else:
            options = [*(["-n", node] if there else []), *(["-f"] if force else [])]
            simulator.run("a", ["crsctl", what, "resource", name, *options])
        assert_consistent(simulator)


# -- the simulator itself --------------------------------------------------------------------------------------------


def test_state_in_a_file(tmp_path: Path) -> None:
    for _ in range(2):
        simulator = SIMULATOR(["cl1", "cl2"], tmp_path / "state.json", action_scripts=False)
        simulator.run("cl1", ["appvipcfg", "create", "-network=1", "-ip=10.0.0.3", "-vipname=msg1", "-user=root"])
        simulator.run("cl1", ["crsctl", "start", "resource", "msg1"])
    assert SIMULATOR(["cl1", "cl2"], tmp_path / "state.json").services() == {
        "msg1": {"online": ["cl1"], "members": {"msg1": ["cl1"]}}
    }


@pytest.mark.parametrize(
    ("names", "described", "service"),
    [
        (("mail1_address", "mail1_application"), "", "mail1"),
        (("msg1", "ocucs.ms.msg1"), "service mail1", "mail1"),
        (("msg1", "ocucs.ms.msg1"), "Mail", "ocucs.ms.msg1"),
        (("mail1_address",), "", "mail1"),
    ],
)
def test_names_of_services(cluster: Cluster, names: tuple[str, ...], described: str, service: str) -> None:
    cluster.run(f"appvipcfg create -network=1 -ip=10.0.0.3 -vipname={names[0]} -user=root")
    for name in names[1:]:
        depends = f"START_DEPENDENCIES='hard({names[0]})', DESCRIPTION='{described}'"
        cluster.run(f'crsctl add resource {name} -type cluster_resource -attr "{depends}"')
    assert cluster.simulator.services() == {service: {"online": [], "members": {name: [] for name in names}}}


def test_every_kind_of_behaviour_is_marked() -> None:
    commands = {behaviour.command for behaviour in BEHAVIOURS if behaviour.framework == "clusterware"}
    assert {"appvipcfg", "olsnodes", "srvctl", "crsctl status resource", "crsctl add type"} <= commands


def test_dependency_grammar() -> None:
    found = grammar.dependencies("hard(intermediate:global:type:a.type,b) pullup:always(b)", "START_DEPENDENCIES")
    assert [(item.kind, item.modifiers, item.is_type, item.name) for item in found] == [
        ("hard", ("intermediate", "global"), True, "a.type"),
        ("hard", (), False, "b"),
        ("pullup", ("always",), False, "b"),
    ]
