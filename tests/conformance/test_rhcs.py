"""The Red Hat Cluster Suite simulator against what cluster 3.0.12 and the releases before it are known to do."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS
from ansible_collections.groupware.ha.tests.simulators.engine import Answer
from ansible_collections.groupware.ha.tests.simulators.rhcs.simulator import SIMULATOR

CONF = "/etc/cluster/cluster.conf"
A, B, C = "nodea.scalixdemo.com", "nodeb.scalixdemo.com", "nodec.scalixdemo.com"

RESOURCES = """
      <ip address="192.0.2.11" monitor_link="1"/>
      <fs name="mail1-fs" device="/dev/vgmail1/lvmail1" mountpoint="/var/opt/scalix/m1" fstype="ext3" {fs}/>"""
MEMBERS = """
      <ip ref="192.0.2.11"/>
      <fs ref="mail1-fs"/>"""
SCRIPT = '\n      <script name="scalix-mail1" file="/etc/init.d/scalix"/>'


def conf(
    version: int,
    nodes: tuple[str, ...] = (A, B),
    *,
    domain: str = 'ordered="1" restricted="0"',
    service: str = 'recovery="relocate"',
    members: str = MEMBERS + SCRIPT,
    fs: str = 'force_unmount="1"',
    further: str = "",
) -> str:
    """The cluster.conf of a service mail1, as in the Scalix technical brief TB-2007-02-HACLUSTER."""
    two = '<cman two_node="1" expected_votes="1"/>' if len(nodes) == 2 else "<cman/>"
    listed = "".join(
        f'<clusternode name="{node}" nodeid="{i}"><fence/></clusternode>' for i, node in enumerate(nodes, 1)
    )
    ordered = "".join(f'<failoverdomainnode name="{node}" priority="{i}"/>' for i, node in enumerate(nodes[:2], 1))
    return f"""<?xml version="1.0"?>
<cluster name="scalix" config_version="{version}">
  {two}
  <clusternodes>{listed}</clusternodes>
  <fencedevices/>
  <rm>
    <failoverdomains><failoverdomain name="mail1-dom" {domain}>{ordered}</failoverdomain></failoverdomains>
    <resources>{RESOURCES.format(fs=fs)}
    </resources>
    <service name="mail1" domain="mail1-dom" {service}>{members}
    </service>{further}
  </rm>
</cluster>
"""


class Cluster(SIMULATOR):
    """A cluster with short words for what the tests do most."""

    def __init__(self, *nodes: str, release: int = 6, text: str | None = None, **options: Any) -> None:
        super().__init__(nodes or (A, B), cluster="scalix", release=release, cluster_conf=text, **options)

    def does(self, command: str, node: str = A) -> Answer:
        """Run a command line."""
        return self.run(node, command.split())

    def says(self, command: str, node: str = A) -> str:
        """What a command that succeeds prints."""
        answer = self.does(command, node)
        assert answer.status == 0, answer
        return answer.stdout

    def reload(self, text: str, node: str = A) -> None:
        """Change the configuration and let rgmanager react."""
        self.write_file(node, CONF, text)
        self.says(f"ccs_tool update {CONF}" if self.release != 6 else "cman_tool version -r", node)
        self.pass_time(5)

    def group(self, name: str = "service:mail1", node: str = A) -> dict[str, str]:
        """A service as clustat has it; empty if there is none."""
        root = ET.fromstring(self.does("clustat -x", node).stdout)
        return next((group.attrib for group in root.iter("group") if group.get("name") == name), {})

    def online(self, name: str = "mail1") -> list[str]:
        """Where a service is online."""
        found: list[str] = self.services()[name]["online"]
        return found


def started(*nodes: str, release: int = 6, **changes: Any) -> Cluster:
    """A cluster whose service mail1 runs where it likes best."""
    cluster = Cluster(*nodes, release=release, text=conf(1, nodes or (A, B), **changes))
    cluster.pass_time(1)
    return cluster


# -- clustat -----------------------------------------------------------------------------------------------------------


def test_clustat_xml_of_release_6() -> None:
    cluster = started()
    assert cluster.says("clustat -x").splitlines() == [
        '<?xml version="1.0"?>',
        '<clustat version="4.1.1">',
        '  <cluster name="scalix" id="8426" generation="8"/>',
        '  <quorum quorate="1" groupmember="1"/>',
        "  <nodes>",
        f'    <node name="{A}" state="1" local="1" estranged="0" rgmanager="1" rgmanager_master="0" qdisk="0"'
        ' nodeid="0x00000001"/>',
        f'    <node name="{B}" state="1" local="0" estranged="0" rgmanager="1" rgmanager_master="0" qdisk="0"'
        ' nodeid="0x00000002"/>',
        "  </nodes>",
        "  <groups>",
        f'    <group name="service:mail1" state="112" state_str="started" flags="0" flags_str="" owner="{A}"'
        ' last_owner="none" restarts="0" last_transition="1000000"'
        ' last_transition_str="Mon Jan 12 13:46:40 1970"/>',
        "  </groups>",
        "</clustat>",
    ]


def test_clustat_xml_of_release_4() -> None:
    cluster = started(release=4)
    assert cluster.says("clustat -x").splitlines() == [
        '<?xml version="1.0"?>',
        '<clustat version="4.0">',
        '  <quorum quorate="1" groupmember="1"/>',
        "  <nodes>",
        f'    <node name="{A}" state="1" nodeid="0x0000000000000001"/>',
        f'    <node name="{B}" state="1" nodeid="0x0000000000000002"/>',
        "  </nodes>",
        "  <groups>",
        f'    <group name="mail1" state="112" state_str="started"  owner="{A}" last_owner="unknown" restarts="0"/>',
        "  </groups>",
        "</clustat>",
    ]


def test_clustat_text_of_the_technical_brief() -> None:
    cluster = started(release=4, service='autostart="0" recovery="disable"')
    cluster.says(f"clusvcadm -e mail1 -m {A}")
    cluster.says("clusvcadm -d mail1")
    assert cluster.says("clustat").splitlines() == [
        "Member Status: Quorate",
        "",
        f"  {'Member Name':40} Status",
        f"  {'------ ----':40} ------",
        f"  {A:40} Online, Local, rgmanager",
        f"  {B:40} Online, rgmanager",
        "",
        f"  {'Service Name':20} {'Owner (Last)':30} {'State':16}",
        f"  {'------- ----':20} {'----- ------':30} {'-----':16}",
        f"  {'mail1':20} {f'({A})':30} {'disabled':16}",
    ]


def test_clustat_text_of_release_6() -> None:
    cluster = started()
    cluster.says("clusvcadm -Z mail1")
    assert cluster.says("clustat").splitlines() == [
        "Cluster Status for scalix @ Mon Jan 12 13:46:41 1970",
        "Member Status: Quorate",
        "",
        f" {'Member Name':40}ID   Status",
        f" {'------ ----':40}---- ------",
        f" {A:40}    1 Online, Local, rgmanager",
        f" {B:40}    2 Online, rgmanager",
        "",
        f" {'Service Name':30} {'Owner (Last)':30} {'State':14}",
        f" {'------- ----':30} {'----- ------':30} {'-----':14}",
        f" {'service:mail1':30} {A:30} started    [Z]",
    ]
    assert "  Flags           : frozen (1)\n" in cluster.says("clustat -l")


def test_clustat_exit_statuses() -> None:
    cluster = started()
    for words, status in (("-Q", 0), ("-s mail1", 0), (f"-m {B}", 0), ("-s none", 255), ("-x -s none", 0)):
        assert cluster.does(f"clustat {words}").status == status, words
    cluster.says("clusvcadm -d mail1")
    assert cluster.does("clustat -s mail1").status == cluster.does("clustat -x -s mail1").status == 119
    answer = cluster.does("clustat -i 5 -x")
    assert (answer.status, answer.stdout) == (1, "Error: Options '-i' and '-x' are mutually exclusive\n")
    cluster.stop_node(B)
    assert cluster.does(f"clustat -m {B}").status == cluster.does(f"clustat -x -m {B}").status == 1
    assert cluster.does("clustat", B).status == 1
    assert cluster.does("clustat", B).stderr.startswith("Could not connect to CMAN")
    assert cluster.says("clustat -I") == "0x00000001\n"
    assert cluster.does("clustat nonsense").status == 1


def test_without_services_there_are_no_groups_and_rgmanager_seems_not_to_run() -> None:
    root = ET.fromstring(Cluster().says("clustat -x"))
    assert root.find("groups") is None
    assert [node.get("rgmanager") for node in root.iter("node")] == ["0", "0"]


# -- configuration -----------------------------------------------------------------------------------------------------


def test_update_of_releases_4_and_5() -> None:
    for release, complete in ((4, ""), (5, "\nUpdate complete.\n")):
        cluster = Cluster(release=release)
        cluster.write_file(A, CONF, conf(2))
        assert cluster.says(f"ccs_tool update {CONF}") == f"Config file updated from version 1 to 2\n{complete}"
        assert cluster.read_file(B, CONF) == conf(2)
        answer = cluster.does(f"ccs_tool update {CONF}")
        assert answer.status != 0
        assert answer.stderr == (
            "Proposed updated config file does not have greater version number.\n"
            "  Current config_version :: 2\n  Proposed config_version:: 2\n"
        )
        cluster.write_file(A, "/tmp/broken", "<cluster")
        assert cluster.does("ccs_tool update /tmp/broken").stderr == "Unable to parse /tmp/broken\n"
        cluster.write_file(A, "/tmp/broken", conf(3).replace('config_version="3"', 'config_version="x"'))
        assert "config_version is not a valid integer." in cluster.does("ccs_tool update /tmp/broken").stderr
        cluster.write_file(A, "/tmp/other", conf(3).replace('name="scalix"', 'name="other"'))
        assert "Failed to receive COMM_UPDATE_NOTICE_ACK" in cluster.does("ccs_tool update /tmp/other").stderr
        assert "ccs_config_validate" not in cluster.programs
        assert cluster.says("cman_tool version").endswith(" config 2\n")


def test_update_needs_quorum() -> None:
    cluster = Cluster(A, B, C, release=5)
    cluster.write_file(A, CONF, conf(2, (A, B, C)))
    cluster.stop_node(B)
    cluster.stop_node(C)
    assert cluster.does(f"ccs_tool update {CONF}").stderr == (
        "Unable to honor update request. Cluster is not quorate.\n"
    )


def test_release_6_has_no_update_but_reloads() -> None:
    cluster = Cluster()
    answer = cluster.does(f"ccs_tool update {CONF}")
    assert (answer.status, answer.stderr) == (1, "Unknown command, update.\nTry 'ccs_tool help' for help.\n")
    assert cluster.says("cman_tool version") == "6.2.0 config 1\n"
    cluster.write_file(A, CONF, conf(14))
    answer = cluster.does("cman_tool version -r 14")
    assert (answer.status, answer.stdout) == (0, "")
    assert answer.stderr.startswith("Warning: specifying a version for the -r flag is deprecated")
    assert cluster.says("cman_tool version", B) == "6.2.0 config 14\n"
    assert cluster.read_file(B, CONF) == conf(14)
    answer = cluster.does("cman_tool version -r")
    assert answer.status == 1
    assert answer.stderr == "cman_tool: Not reloading, config version older or equal the running config\n"
    cluster.write_file(A, CONF, conf(15).replace("device=", "devices="))
    answer = cluster.does("cman_tool version -r")
    assert (answer.status, answer.stderr) == (1, "cman_tool: Not reloading, configuration is not valid\n")
    cluster.write_file(A, CONF, conf(15))
    assert cluster.does("cman_tool version -r -S").status == 1, "the other node's file is older"
    cluster.write_file(B, CONF, conf(15))
    assert cluster.does("cman_tool version -r -S").status == 0


def test_validation() -> None:
    cluster = Cluster()
    assert cluster.says("ccs_config_validate") == "Configuration validates\n"
    cluster.write_file(A, "/tmp/new", conf(1))
    assert cluster.does("ccs_config_validate -f /tmp/new -R 1").status == 254
    assert "older than running" in cluster.does("ccs_config_validate -f /tmp/new -R 1").stderr
    cluster.write_file(A, "/tmp/new", conf(1).replace('nodeid="2"', ""))
    answer = cluster.does("ccs_config_validate -f /tmp/new")
    assert answer.status == 3
    assert answer.stdout.endswith("Configuration fails to validate\n")
    assert cluster.does("ccs_config_validate -f /tmp/none").status == 255


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name="scalix" ', ""),
        ("<fencedevices/>", "<fencedevice/>"),
        ('device="/dev/vgmail1/lvmail1" ', ""),
        ('mountpoint="/var/opt/scalix/m1" ', ""),
        ('<ip address="192.0.2.11"', '<ip adress="192.0.2.11"'),
        ('monitor_link="1"', 'monitorlink="1"'),
        ('<fs ref="mail1-fs"/>', '<fs ref="mail2-fs"/>'),
        ('<fs ref="mail1-fs"/>', '<filesystem ref="mail1-fs"/>'),
        ('<fs ref="mail1-fs"/>', '<fs ref="mail1-fs" fstype="ext4"/>'),
        ('file="/etc/init.d/scalix"', ""),
        ('domain="mail1-dom" recovery', 'domain="mail2-dom" recovery'),
        ('recovery="relocate"', 'recovery="move"'),
        ('priority="1"', 'priority="0"'),
        ('priority="1"', 'priority="101"'),
        ('nodeid="2"', 'nodeid="1"'),
        ('expected_votes="1"', 'expected_votes="2"'),
        (f'<failoverdomainnode name="{B}"', '<failoverdomainnode name="nodex"'),
        ("<rm>", '<rm status_poll="3">'),
        ("</rm>", '<service name="mail1"/></rm>'),
        ("</rm>", '<service name="mail2"><fs ref="mail1-fs"/></service></rm>'),
        (
            "</rm>",
            '<service name="mail2"><fs name="x" device="/dev/x" mountpoint="/var/opt/scalix/m1"/></service></rm>',
        ),
        ("<fence/>", '<fence><method name="1"><device name="none"/></method></fence>'),
    ],
)
def test_invalid_configurations(old: str, new: str) -> None:
    text = conf(2)
    assert old in text
    cluster = Cluster()
    cluster.write_file(A, "/tmp/new", text.replace(old, new, 1))
    assert cluster.does("ccs_config_validate -f /tmp/new").status == 3
    older = Cluster(release=5)
    older.write_file(A, "/tmp/new", text.replace(old, new, 1))
    assert older.does("ccs_tool update /tmp/new").status == 1


def test_what_the_grammar_allows() -> None:
    cluster = Cluster()
    text = conf(2, members=MEMBERS.replace(
        '<fs ref="mail1-fs"/>',
        '<lvm name="vg" vg_name="vgmail1" __independent_subtree="1"><fs ref="mail1-fs">'
        '<action name="status" depth="10" interval="30"/></fs></lvm>',
    )).replace(
        "<fencedevices/>", '<fencedevices><fencedevice name="ilo" agent="fence_ilo" ipaddr="x"/></fencedevices>'
    ).replace("<fence/>", '<fence><method name="1"><device name="ilo" port="3"/></method></fence>')  # fmt: skip
    cluster.write_file(A, "/tmp/new", text)
    assert cluster.says("ccs_config_validate -f /tmp/new") == "Configuration validates\n"
    cluster.write_file(A, "/tmp/new", conf(2, service='hardrecovery="1"'))
    assert cluster.does("ccs_config_validate -f /tmp/new").status == 3
    four = Cluster(release=4)
    four.write_file(A, CONF, conf(2, service='hardrecovery="1"').replace(' nodeid="1"', "").replace(' nodeid="2"', ""))
    assert four.does(f"ccs_tool update {CONF}").status == 0


# -- reloading ---------------------------------------------------------------------------------------------------------


def test_new_services_are_known_and_started_only_after_a_while() -> None:
    cluster = Cluster()
    cluster.write_file(B, CONF, conf(2))
    cluster.says("cman_tool version -r", B)
    assert cluster.group() == {}
    answer = cluster.does("clusvcadm -e mail1")
    assert (answer.status, answer.stdout) == (
        252,
        "Local machine trying to enable service:mail1...Service does not exist\n",
    )
    cluster.pass_time(2)
    assert cluster.group()["owner"] == A
    assert [entry[:3] for entry in cluster.operations if entry[0] == "start"] == [
        ("start", "service:mail1", "fs:mail1-fs"),
        ("start", "service:mail1", "ip:192.0.2.11"),
        ("start", "service:mail1", "script:scalix-mail1"),
    ]


def test_services_without_autostart_become_disabled() -> None:
    cluster = Cluster()
    cluster.reload(conf(2, service='autostart="0" recovery="disable"'))
    assert (cluster.group()["state_str"], cluster.group()["last_owner"]) == ("disabled", "none")
    assert cluster.says(f"clusvcadm -e mail1 -m {B}") == (
        f"Member {B} trying to enable service:mail1...Success\nservice:mail1 is now running on {B}\n"
    )


def test_members_come_and_go_in_place() -> None:
    cluster = started(members=MEMBERS)
    transition = cluster.group()["last_transition"]
    cluster.operations.clear()
    cluster.reload(conf(2, members=MEMBERS + SCRIPT))
    assert cluster.operations == [("start", "service:mail1", "script:scalix-mail1", A)]
    cluster.operations.clear()
    cluster.reload(conf(3, members=MEMBERS, domain='ordered="1" nofailback="1"'))
    assert cluster.operations == [("stop", "service:mail1", "script:scalix-mail1", A)]
    cluster.operations.clear()
    cluster.reload(conf(4, members=MEMBERS, fs='force_unmount="0"'))
    assert cluster.operations == [
        ("stop", "service:mail1", "fs:mail1-fs", A),
        ("start", "service:mail1", "fs:mail1-fs", A),
    ]
    assert cluster.group()["last_transition"] == transition, "the service is not told to be restarted"


def test_nodes_hold_what_is_online_there_and_scripts_the_names_of_their_services() -> None:
    cluster = started()
    assert cluster.held(A) == {
        "mounts": {"/var/opt/scalix/m1": ["/dev/vgmail1/lvmail1", "ext3"]},
        "addresses": ["192.0.2.11"],
        "applications": [["script", "/etc/init.d/scalix", "mail1"]],
    }
    assert cluster.held(B) == {"mounts": {}, "addresses": [], "applications": []}


def test_a_service_changes_in_place_or_is_restarted() -> None:
    cluster = started()
    cluster.operations.clear()
    cluster.reload(conf(2, service='recovery="restart" autostart="0" exclusive="1"'))
    assert cluster.operations == []
    cluster.reload(conf(3, service='recovery="restart" autostart="1" max_restarts="3" restart_expire_time="60"'))
    assert cluster.group()["state_str"] == "started"
    assert cluster.group()["last_owner"] == A
    assert ("stop", "service:mail1", "fs:mail1-fs", A) in cluster.operations
    cluster.reload(conf(4, service='recovery="restart" autostart="0" max_restarts="4" restart_expire_time="60"'))
    assert cluster.group()["state_str"] == "disabled", "it is started again only if it has autostart"


def test_a_service_that_is_gone_stops_and_keeps_its_last_owner() -> None:
    cluster = started()
    without = (
        conf(2, members="")
        .replace('<service name="mail1" domain="mail1-dom" recovery="relocate">', "")
        .replace("\n    </service>", "")
    )
    cluster.reload(without)
    assert cluster.group() == {}
    assert cluster.services() == {}
    assert cluster.does("clusvcadm -d mail1").status == 252
    cluster.reload(conf(3, service='autostart="0"'))
    assert (cluster.group()["state_str"], cluster.group()["last_owner"]) == ("disabled", A)


def test_stopped_services_start_when_a_new_one_comes() -> None:
    cluster = started()
    cluster.says("clusvcadm -s mail1")
    assert cluster.group()["state_str"] == "stopped"
    cluster.pass_time(100)
    assert cluster.group()["state_str"] == "stopped"
    cluster.reload(conf(2, further='<service name="other"/>'))
    assert cluster.group()["state_str"] == "started"


# -- clusvcadm ---------------------------------------------------------------------------------------------------------


def test_enable_disable_relocate_restart() -> None:
    cluster = started()
    assert cluster.says("clusvcadm -d mail1", B) == "Local machine disabling service:mail1...Success\n"
    assert cluster.group()["owner"] == "none"
    assert cluster.says("clusvcadm -e service:mail1", B) == (
        f"Local machine trying to enable service:mail1...Success\nservice:mail1 is now running on {B}\n"
    )
    assert cluster.says(f"clusvcadm -r mail1 -n {A}", A) == (
        f"Trying to relocate service:mail1 to {A}...Success\nservice:mail1 is now running on {A}\n"
    )
    assert cluster.says("clusvcadm -r mail1") == (
        f"Trying to relocate service:mail1...Success\nservice:mail1 is now running on {B}\n"
    )
    assert cluster.says("clusvcadm -R mail1") == "Local machine trying to restart service:mail1...Success\n"
    assert cluster.online() == [B]
    assert cluster.says("clusvcadm -q -d mail1") == ""
    for action, status in (("-r", 248), ("-R", 248), ("-d", 0), ("-s", 0)):
        assert cluster.does(f"clusvcadm {action} mail1").status == status, action
    assert cluster.says("clusvcadm -e mail1 -F", B).endswith(f"running on {A}\n")


def test_already_running_is_success_on_the_wrong_node_too() -> None:
    cluster = started()
    assert cluster.says(f"clusvcadm -e mail1 -m {B}") == (
        f"Member {B} trying to enable service:mail1...Service is already running\n"
    )
    assert cluster.online() == [A]


def test_success_may_mean_another_node() -> None:
    cluster = started()
    cluster.says("clusvcadm -d mail1")
    cluster.misplace("mail1", B)
    assert cluster.says(f"clusvcadm -e mail1 -m {A}").endswith(f"Warning: service:mail1 is now running on {B}\n")
    cluster.misplace("mail1", B)
    assert cluster.says(f"clusvcadm -r mail1 -m {A}").endswith(f"Warning: service:mail1 is now running on {B}\n")
    cluster.fail_agent("scalix-mail1", "start", [A])
    cluster.says("clusvcadm -d mail1")
    assert cluster.says(f"clusvcadm -e mail1 -m {A}").endswith(f"Warning: service:mail1 is now running on {B}\n")


def test_members_are_found_by_the_beginnings_of_their_names() -> None:
    cluster = started()
    answer = cluster.does("clusvcadm -r mail1 -m nodeb")
    assert (answer.status, answer.stdout.splitlines()[:2]) == (
        0, ["'nodeb' not in membership list", f"Closest match: '{B}'"],
    )  # fmt: skip
    answer = cluster.does("clusvcadm -r mail1 -m node")
    assert (answer.status, answer.stdout) == (
        1, "'node' not in membership list\nMore than one possible match for 'node' found\n",
    )  # fmt: skip
    answer = cluster.does("clusvcadm -r mail1 -m x")
    assert (answer.status, answer.stdout) == (1, "'x' not in membership list\nNo matches for 'x' found\n")


def test_usage_of_clusvcadm() -> None:
    cluster = started()
    assert cluster.does("clusvcadm").status == 1
    assert cluster.does("clusvcadm -e mail1 -d mail1").status == 1
    assert cluster.does("clusvcadm -e mail1 mail2").status == 1
    assert cluster.does("clusvcadm --enable mail1").status == 1
    assert cluster.does(f"clusvcadm -e mail1 -F -m {A}").stderr == "Cannot use '-F' with '-n' or '-m'\n"
    assert cluster.does("clusvcadm -M mail1").stdout == "Migration requires a target cluster member\n"
    assert cluster.does(f"clusvcadm -M mail1 -m {B}").status == 248
    five, four = started(release=5), started(release=4)
    assert five.does("clusvcadm -c mail1").status == 1
    assert five.does("clusvcadm -Z mail1").status == 0
    assert four.does("clusvcadm -Z mail1").status == 1
    assert four.does("clusvcadm -d mail1").stdout == f"Member {A} disabling mail1...success\n"
    assert four.does(f"clusvcadm -e mail1 -m {B}").stdout == f"Member {B} trying to enable mail1...success\n"
    assert four.does("clusvcadm -e mail1 -m node").stderr == "Member node not in membership list\n"


def test_freezing() -> None:
    cluster = started()
    assert cluster.says("clusvcadm -Z mail1") == "Local machine freezing service:mail1...Success\n"
    assert (cluster.group()["flags"], cluster.group()["flags_str"]) == ("1", "frozen")
    for action in ("-d mail1", "-s mail1", "-R mail1", f"-r mail1 -m {B}", "-e mail1"):
        answer = cluster.does(f"clusvcadm {action}")
        assert (answer.status, "Failure: Service is frozen" in answer.stdout) == (245, True), action
    cluster.fail_agent("scalix-mail1", "monitor")
    cluster.pass_time(60)
    assert cluster.online() == [A]
    cluster.repair_agent("scalix-mail1")
    cluster.says("clusvcadm -U mail1")
    cluster.says(f"clusvcadm -r mail1 -m {B}")
    cluster.says("clusvcadm -Z mail1")
    cluster.stop_node(B)
    cluster.pass_time(60)
    assert (cluster.group()["state_str"], cluster.group()["flags"]) == ("stopped", "1")


def test_locking() -> None:
    cluster = started()
    assert cluster.says("clusvcadm -S") == "Resource groups unlocked\n"
    assert cluster.says("clusvcadm -l") == "Resource groups locked\n"
    cluster.says("clusvcadm -d mail1")
    answer = cluster.does("clusvcadm -e mail1", B)
    assert (answer.status, "Temporary failure; try again" in answer.stdout) == (250, True)
    assert cluster.says("clusvcadm -u", B) == "Resource groups unlocked\n"
    cluster.says("clusvcadm -e mail1", B)


def test_a_failed_service_can_only_be_disabled() -> None:
    cluster = started()
    cluster.fail_agent("scalix-mail1", "stop")
    answer = cluster.does(f"clusvcadm -r mail1 -m {B}")
    assert (answer.status, answer.stdout) == (
        254, f"Trying to relocate service:mail1 to {B}...Aborted; service failed\n",
    )  # fmt: skip
    assert (cluster.group()["state_str"], cluster.group()["owner"], cluster.group()["last_owner"]) == (
        "failed", "none", A,
    )  # fmt: skip
    assert cluster.services()["mail1"]["members"]["scalix-mail1"] == [A]
    cluster.repair_agent("scalix-mail1")
    for action, status in (("-e mail1", 254), ("-s mail1", 255), ("-R mail1", 255), ("-Z mail1", 250)):
        assert cluster.does(f"clusvcadm {action}").status == status, action
    assert cluster.does(f"clusvcadm -r mail1 -m {B}").status == 254
    cluster.pass_time(100)
    assert cluster.group()["state_str"] == "failed"
    assert cluster.does("clusvcadm -d mail1").status == 0
    assert cluster.group()["state_str"] == "disabled"
    assert cluster.services()["mail1"]["members"]["scalix-mail1"] == []
    cluster.says("clusvcadm -e mail1")


def test_a_failed_service_that_still_does_not_stop_is_disabled_with_a_warning() -> None:
    cluster = started()
    cluster.fail_agent("scalix-mail1", "stop", [A])
    assert cluster.does("clusvcadm -d mail1").status == 255
    answer = cluster.does("clusvcadm -d mail1")
    assert (answer.status, "Warning; see system logs" in answer.stdout) == (237, True)
    assert cluster.group()["state_str"] == "disabled"


def test_a_failed_service_is_stopped_where_it_is_disabled() -> None:
    cluster = started()
    cluster.fail_agent("scalix-mail1", "stop", [A])
    assert cluster.does("clusvcadm -d mail1", B).status == 255
    cluster.repair_agent("scalix-mail1")
    cluster.says("clusvcadm -d mail1", B)
    assert cluster.services()["mail1"]["members"]["scalix-mail1"] == [A], "nobody has stopped it there"
    cluster.says("clusvcadm -d mail1", A)
    assert cluster.services()["mail1"]["members"]["scalix-mail1"] == []


def test_a_service_that_starts_nowhere() -> None:
    cluster = started()
    cluster.says("clusvcadm -d mail1")
    cluster.fail_agent("script:scalix-mail1", "start")
    answer = cluster.does("clusvcadm -e mail1")
    assert (answer.status, answer.stdout) == (255, "Local machine trying to enable service:mail1...Failure\n")
    assert cluster.group()["state_str"] == "stopped"
    assert not any(nodes for nodes in cluster.services()["mail1"]["members"].values())


def test_a_service_that_cannot_move_goes_on_where_it_was() -> None:
    cluster = started()
    cluster.fail_agent("mail1-fs", "start", [B])
    answer = cluster.does(f"clusvcadm -r mail1 -m {B}")
    assert (answer.status, answer.stdout) == (
        239, f"Trying to relocate service:mail1 to {B}...Failed; service running on original owner\n",
    )  # fmt: skip
    assert cluster.online() == [A]


def test_restricted_domains() -> None:
    cluster = started(A, B, C, domain='ordered="1" restricted="1"')
    assert cluster.does(f"clusvcadm -r mail1 -m {C}").status == 239
    cluster.says("clusvcadm -d mail1")
    answer = cluster.does(f"clusvcadm -e mail1 -m {C}")
    assert (answer.status, answer.stdout) == (255, f"Member {C} trying to enable service:mail1...Failure\n")
    cluster.says(f"clusvcadm -e mail1 -m {B}")
    free = started(A, B, C)
    free.says(f"clusvcadm -r mail1 -m {C}")
    assert free.online() == [C]


def test_exclusive_services() -> None:
    cluster = started(further='<service name="alone" exclusive="1"/>')
    assert cluster.online("alone") == [B]
    answer = cluster.does("clusvcadm -r alone -m " + A)
    assert (answer.status, "Operation violates dependency rule" in answer.stdout) == (249, True)
    cluster.says("clusvcadm -d mail1")
    answer = cluster.does(f"clusvcadm -e mail1 -m {B}")
    assert answer.status == 248


def test_dependencies() -> None:
    cluster = started(further='<service name="second" depend="service:mail1"/>')
    assert cluster.online("second") != []
    cluster.says("clusvcadm -d mail1")
    assert cluster.group("service:second")["state_str"] == "stopped"
    assert cluster.does("clusvcadm -e second").status == 249
    cluster.says("clusvcadm -e mail1")
    assert cluster.online("second") != []


# -- recovery ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "state", "online"),
    [("restart", "started", [A]), ("relocate", "started", [B]), ("disable", "disabled", [])],
)
def test_recovery_policies(policy: str, state: str, online: list[str]) -> None:
    cluster = started(service=f'recovery="{policy}"')
    cluster.break_resource("scalix-mail1")
    assert cluster.online() == [A], "nobody has noticed it yet"
    cluster.pass_time(11)
    assert (cluster.group()["state_str"], cluster.online()) == (state, online)


def test_restarts_are_counted() -> None:
    for policy, online in (("restart", [B]), ("restart-disable", [])):
        cluster = started(service=f'recovery="{policy}" max_restarts="2" restart_expire_time="300"')
        cluster.fail_agent("scalix-mail1", "monitor", [A])
        cluster.pass_time(25)
        assert (cluster.online(), cluster.group()["restarts"]) == ([A], "2")
        cluster.pass_time(10)
        assert cluster.online() == online


def test_recovery_goes_on_elsewhere_and_fails_on_a_failed_stop() -> None:
    cluster = started(service='recovery="restart"')
    cluster.fail_agent("scalix-mail1", "start", [A])
    cluster.break_resource("scalix-mail1")
    cluster.pass_time(11)
    assert cluster.online() == [B]
    cluster.fail_agent("192.0.2.11", "stop")
    cluster.break_resource("scalix-mail1")
    cluster.pass_time(11)
    assert cluster.group()["state_str"] == "failed"


def test_independent_and_uncritical_resources() -> None:
    for flag, flags in (("1", "0"), ("2", "2")):
        script = SCRIPT.replace("<script", f'<script __independent_subtree="{flag}"')
        cluster = started(members=MEMBERS + script)
        cluster.operations.clear()
        cluster.break_resource("scalix-mail1")
        cluster.pass_time(11)
        assert cluster.group()["flags"] == flags
        assert {path for _, _, path, _ in cluster.operations} == {"script:scalix-mail1"}
        active = cluster.services()["mail1"]["members"]["scalix-mail1"]
        assert active == ([A] if flag == "1" else [])
    assert "started    [P]" in cluster.says("clustat")
    cluster.says("clusvcadm -c mail1")
    assert (cluster.group()["flags"], cluster.services()["mail1"]["members"]["scalix-mail1"]) == ("0", [A])
    assert "already running" in cluster.says("clusvcadm -c mail1")


def test_a_node_that_cannot_unmount_reboots() -> None:
    cluster = started(fs='force_unmount="1" self_fence="1"')
    cluster.fail_agent("mail1-fs", "stop", [A])
    answer = cluster.does(f"clusvcadm -r mail1 -m {B}", B)
    assert (answer.status, "Target node dead" in answer.stdout) == (244, True)
    assert cluster.does("clustat", A).status == 1
    cluster.pass_time(5)
    assert cluster.online() == [B]
    cluster.repair_agent("mail1-fs")
    cluster.pass_time(70)
    assert cluster.online() == [A], "it is back, and the service with it"
    cluster.fail_agent("mail1-fs", "stop", [A])
    assert cluster.does("clusvcadm -d mail1", A).hung


def test_nested_resources() -> None:
    nested = '<fs ref="mail1-fs"><ip ref="192.0.2.11"/></fs>' + SCRIPT
    cluster = started(members=nested)
    assert [path for _, _, path, _ in cluster.operations] == [
        "fs:mail1-fs", "fs:mail1-fs/ip:192.0.2.11", "script:scalix-mail1",
    ]  # fmt: skip
    cluster.operations.clear()
    cluster.says("clusvcadm -d mail1")
    assert [path for _, _, path, _ in cluster.operations] == [
        "script:scalix-mail1", "fs:mail1-fs/ip:192.0.2.11", "fs:mail1-fs",
    ]  # fmt: skip


# -- membership --------------------------------------------------------------------------------------------------------


def test_node_loss_and_failback() -> None:
    cluster = started(service='autostart="1" recovery="disable"')
    cluster.stop_node(A)
    assert cluster.group(node=B)["owner"] == A, "nobody has noticed it yet"
    assert cluster.online() == []
    cluster.pass_time(3)
    assert cluster.online() == [B], "the recovery policy is for failed resources, not for lost nodes"
    assert cluster.group(node=B)["last_owner"] == A
    cluster.start_node(A)
    cluster.pass_time(3)
    assert cluster.online() == [A]


def test_nofailback() -> None:
    cluster = started(domain='ordered="1" nofailback="1"')
    cluster.stop_node(A)
    cluster.pass_time(3)
    cluster.start_node(A)
    cluster.pass_time(60)
    assert cluster.online() == [B]


def test_disabled_services_stay_so_when_nodes_come_and_go() -> None:
    cluster = started()
    cluster.says("clusvcadm -d mail1")
    cluster.stop_node(B)
    cluster.pass_time(60)
    cluster.start_node(B)
    cluster.pass_time(60)
    assert cluster.group()["state_str"] == "disabled"


def test_commands_on_a_dead_node() -> None:
    cluster = started()
    cluster.stop_node(B)
    answer = cluster.does("clusvcadm -e mail1", B)
    assert (answer.status, answer.stdout) == (1, "Could not connect to cluster service\n")
    answer = cluster.does("cman_tool version", B)
    assert (answer.status, answer.stderr) == (1, "cman_tool: Cannot open connection to cman, is it running ?\n")
    cluster.pass_time(5)
    cluster.says("clusvcadm -d mail1")
    assert cluster.does(f"clusvcadm -e mail1 -m {B}").status == 244
    cluster.start_node(B)
    assert cluster.read_file(B, CONF) == cluster.read_file(A, CONF)


def test_a_file_that_changed_while_a_node_was_away() -> None:
    cluster = started()
    cluster.stop_node(B)
    cluster.reload(conf(2, members=MEMBERS))
    assert cluster.read_file(B, CONF) != conf(2, members=MEMBERS)
    cluster.start_node(B)
    assert cluster.read_file(B, CONF) == conf(2, members=MEMBERS)


def test_loss_of_quorum() -> None:
    cluster = started(A, B, C)
    cluster.says("clusvcadm -r mail1 -m " + C)
    cluster.says("clusvcadm -d mail1")
    cluster.stop_node(A)
    cluster.pass_time(3)
    cluster.stop_node(B)
    assert cluster.does("clustat -Q", C).status == 1
    answer = cluster.does("clusvcadm -e mail1", C)
    assert (answer.status, "Operation requires quorum" in answer.stdout) == (247, True)
    text = cluster.does("clustat -x", C).stdout
    assert text.startswith("Service states unavailable: Operation requires quorum\n<?xml")
    assert '  <quorum quorate="0"\n groupmember="0"/>\n' in text
    assert "<groups>" not in text
    assert "Member Status: Inquorate" in cluster.does("clustat", C).stdout
    assert "Activity blocked" in cluster.says("cman_tool status", C)
    cluster.start_node(A)
    cluster.pass_time(3)
    assert cluster.online() == [A], "quorum has enabled it again"


def test_emergency_stop() -> None:
    cluster = started(A, B, C)
    cluster.stop_node(C)
    cluster.stop_node(B)
    assert cluster.services()["mail1"] == {
        "online": [], "members": {"192.0.2.11": [], "mail1-fs": [], "scalix-mail1": []},
    }  # fmt: skip


def test_two_nodes_and_one_vote() -> None:
    cluster = started()
    cluster.stop_node(A)
    cluster.pass_time(3)
    assert cluster.does("clustat -Q", B).status == 0
    status = cluster.says("cman_tool status", B)
    assert "Quorum: 1  \n" in status
    assert "Flags: 2node \n" in status
    assert [line.split()[1] for line in cluster.says("cman_tool nodes", B).splitlines()[1:]] == ["X", "M"]


# -- rg_test -----------------------------------------------------------------------------------------------------------


def test_rg_test() -> None:
    cluster = started()
    cluster.write_file(A, "/tmp/new", conf(2, members=MEMBERS, further='<service name="mail2"/>'))
    cluster.write_file(A, "/tmp/broken", "<cluster")
    answer = cluster.does(f"rg_test test {CONF}")
    assert answer.stderr.startswith("Running in test mode.\nLoaded ")
    for section in ("=== Resources List ===", "=== Resource Tree ===", "=== Failover Domains ==="):
        assert section in answer.stdout
    answer = cluster.does("rg_test test /tmp/broken")
    assert (answer.status, answer.stdout) == (0, "Error parsing /tmp/broken\n")
    assert cluster.says(f"rg_test test {CONF} start service none") == "No resource none of type service found\n"
    assert cluster.says(f"rg_test noop {CONF} stop service mail1").splitlines() == [
        "Stopping mail1...",
        "[stop] script:scalix-mail1",
        "[stop] ip:192.0.2.11",
        "[stop] fs:mail1-fs",
        "[stop] service:mail1",
        "Stop of mail1 complete",
    ]
    assert cluster.says(f"rg_test test {CONF} status service mail1").endswith("Status of mail1 is good\n")
    cluster.fail_agent("mail1-fs", "start")
    assert cluster.does(f"rg_test test {CONF} start service mail1").status == 255
    delta = cluster.says(f"rg_test delta {CONF} /tmp/new")
    assert "=== Operations (down-phase) ===\n[stop] script:scalix-mail1\n" in delta
    assert delta.endswith("=== Operations (up-phase) ===\n[init] service:mail2\n")
    assert cluster.does("rg_test").status == 1


# -- the simulator itself ----------------------------------------------------------------------------------------------


def test_orders_to_fail() -> None:
    cluster = started()
    for fault, happened in (("fail", False), ("hang", False), ("hang_after_effect", True), ("lose_answer", True)):
        cluster.order_fault(1, fault, "clusvcadm")
        assert cluster.does("clusvcadm -d mail1").status != 0
        assert (cluster.group()["state_str"] == "disabled") == happened
        cluster.does("clusvcadm -e mail1")


def test_the_state_is_shared_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ansible_collections.groupware.ha.tests.simulators.rhcs.cluster.CLUSTER_CONF", str(tmp_path / "c")
    )
    monkeypatch.setattr(
        "ansible_collections.groupware.ha.tests.simulators.rhcs.simulator.CLUSTER_CONF", str(tmp_path / "c")
    )
    options = {"cluster": "scalix", "reaction_seconds": 0}

    def node() -> Any:
        return SIMULATOR((A, B), tmp_path / "state.json", **options)

    assert node().run(A, ["cman_tool", "version"]).stdout == "6.2.0 config 1\n"
    (tmp_path / "c").write_text(conf(2), encoding="utf-8")
    assert node().run(A, ["cman_tool", "version", "-r"]).status == 0
    (tmp_path / "c").unlink()
    assert f'owner="{A}"' in node().run(B, ["clustat", "-x"]).stdout
    assert (tmp_path / "c").read_text(encoding="utf-8") == conf(2), (
        "the other node's file is written by its next command"
    )
    assert node().run(B, ["clusvcadm", "-l"]).status == 0
    assert node().services()["mail1"]["online"] == [A]


def test_a_hundred_services_are_read_quickly() -> None:
    further = "".join(
        f'<service name="s{number}"><ip address="198.51.100.{number}"/></service>' for number in range(100)
    )
    cluster = started(further=further)
    assert len(cluster.services()) == 101
    assert cluster.says("clustat -x").count("<group ") == 101


def test_every_behaviour_says_what_it_is() -> None:
    mine = [behaviour for behaviour in BEHAVIOURS if behaviour.framework == "rhcs"]
    commands = {behaviour.command for behaviour in mine}
    assert commands >= {"clustat", "clusvcadm", "ccs_tool", "cman_tool", "ccs_config_validate", "rg_test", "rgmanager"}
    documented = sum(1 for behaviour in mine if behaviour.source)
    assert documented > len(mine) / 2
