"""What the nodes and the cluster have in the end, asked by the commands of the products themselves.

All scenarios of Messaging Server have these tests; which one runs is in the environment.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ("nodea", "nodeb", "nodec")
STATE = "/var/lib/groupware-ha-simulator"


@dataclass(frozen=True)
class Instance:
    """What was described: its programs, its volume, its address, its nodes with its home first."""

    name: str
    server_root: str
    mount_point: str
    kind: str
    nodes: tuple[str, str]

    @property
    def address(self) -> str:
        return f"198.18.78.3{self.name[-1]}"

    @property
    def home(self) -> str:
        return self.nodes[0]

    @property
    def is_shared(self) -> bool:
        return self.server_root.startswith(f"{self.mount_point}/")


def own_disks(name, kind, *nodes, mount_point=None):
    return Instance(name, f"/opt/{name}/messaging64", mount_point or f"/{name}", kind, nodes)


def on_volume(name, kind, *nodes, mount_point=None):
    point = mount_point or f"/{name}"
    return Instance(name, f"{point}/messaging64", point, kind, nodes)


SCENARIOS = {
    "messaging_solaris_cluster": [own_disks("mail1", "unified", "nodea", "nodeb")],
    "messaging_solaris_cluster_symmetric": [
        on_volume("mail1", "unified", "nodea", "nodeb"),
        on_volume("mail2", "unified", "nodeb", "nodea"),
    ],
    "messaging_solaris_cluster_n_plus_1": [
        own_disks("mail1", "legacy", "nodea", "nodec"),
        own_disks("mail2", "legacy", "nodeb", "nodec"),
    ],
    "messaging_vcs": [own_disks("mail1", "unified", "nodea", "nodeb")],
    "messaging_clusterware": [own_disks("mail1", "unified", "nodea", "nodeb", mount_point="/export/msg1")],
    "messaging_clusterware_symmetric": [
        on_volume("mail1", "unified", "nodea", "nodeb", mount_point="/export/msg1"),
        on_volume("mail2", "legacy", "nodeb", "nodea", mount_point="/export/msg2"),
    ],
}
SCENARIO = os.environ.get("MOLECULE_SCENARIO_NAME", "messaging_solaris_cluster")
FRAMEWORK = next(name for name in ("solaris_cluster", "vcs", "clusterware") if name in SCENARIO)
INSTANCES = SCENARIOS[SCENARIO]
instances = pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: instance.name)

ADDRESS_OPTIONS = {
    "legacy": ("service.listenaddr", "service.http.smtphost"),
    "unified": (
        "role.base.listenaddr",
        "role.job_controller.listenaddr",
        "role.dispatcher.service:SMTP_SUBMIT.listenaddr",
        "role.dispatcher.service:SMTP.listenaddr",
        "role.http.smtphost",
        "role.metermaid.listenaddr",
        "role.metermaid_client.server_host",
    ),
}
SWITCHES = {
    "legacy": ("local.watcher.enable", "local.autorestart"),
    "unified": ("role.watcher.enable", "role.base.autorestart.enable"),
}
HOST_NAME = {"legacy": "local.hostname", "unified": "role.base.hostname"}
TOOL = {"legacy": "configutil", "unified": "msconfig show"}
CRSCTL = "/u01/app/12.1.0/grid/bin/crsctl"
AGENT = {
    "solaris_cluster": "/opt/cluster/lib/rgm/rtreg/SUNW.ims",
    "vcs": "/opt/VRTSvcs/bin/MsgSrv/sub.pl",
}


@pytest.fixture(scope="module")
def nodes():
    return {name: host_of(name) for name in NODES}


@pytest.fixture(scope="module")
def product(nodes):
    return json.loads(nodes["nodea"].file(f"{STATE}/messaging_server.json").content_string)


def test_user_and_group_have_the_same_ids_everywhere(nodes):
    users = {(host.user("mailsrv").uid, host.user("mailsrv").group) for host in nodes.values()}
    assert users == {(5005, "mail")}
    assert len({host.group("mail").gid for host in nodes.values()}) == 1


def test_shares_are_mounted_at_boot(nodes):
    if FRAMEWORK != "clusterware":
        pytest.skip("the cluster itself mounts what it runs")
    for host in nodes.values():
        lines = host.file("/etc/fstab").content_string.splitlines()
        points = [instance.mount_point for instance in INSTANCES]
        assert [line.split()[1] for line in lines if line.startswith("filer.example.com:")] == points
        assert all("hard,intr" in line and "noac" in line for line in lines if line.startswith("filer."))


@instances
def test_programs_are_where_the_model_has_them(nodes, instance):
    """Local ones on the nodes of the instance and on no other; shared ones once, to be seen where the volume is."""
    having = [name for name, host in nodes.items() if host.file(f"{instance.server_root}/bin/configure").exists]
    mounted = [name for name, host in nodes.items() if host.mount_point(instance.mount_point).exists]
    assert mounted == (list(NODES) if FRAMEWORK == "clusterware" else [instance.home])
    assert having == (mounted if instance.is_shared else sorted(instance.nodes))


@instances
def test_all_nodes_use_one_configuration(nodes, instance):
    for node in instance.nodes if not instance.is_shared else [instance.home]:
        link = nodes[node].check_output(f"readlink {instance.server_root}/config")
        assert link == f"{instance.mount_point}/data/config"


@instances
def test_the_instance_is_bound_to_its_address_and_watched(nodes, instance):
    shown = nodes[instance.home].check_output(f"{instance.server_root}/bin/{TOOL[instance.kind]}")
    options = dict(line.split(" = ", 1) for line in shown.splitlines())
    assert options[HOST_NAME[instance.kind]] == f"{instance.name}.example.com"
    assert {options[name] for name in ADDRESS_OPTIONS[instance.kind]} == {instance.address}
    assert {options[name] for name in SWITCHES[instance.kind]} == {"1"}


@instances
def test_the_files_of_a_legacy_mta_have_the_address(nodes, instance):
    if instance.kind != "legacy":
        pytest.skip("a Unified Configuration has no such files")
    directory = f"{instance.mount_point}/data/config"
    dispatcher = nodes[instance.home].file(f"{directory}/dispatcher.cnf").content_string
    parts = re.split(r"^\[SERVICE=(\w+)\]$", dispatcher, flags=re.MULTILINE)
    services = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert {name: addresses(text) for name, text in services.items()} == {
        "SMTP": [instance.address],
        "SMTP_SUBMIT": [instance.address],
    }
    job_controller = nodes[instance.home].file(f"{directory}/job_controller.cnf").content_string
    assert addresses(job_controller) == [instance.address]


def addresses(text):
    return re.findall("^INTERFACE_ADDRESS=(.*)$", text, re.MULTILINE)


def online(host, instance):
    """The nodes on which the cluster's own command shows the application to run."""
    resource = f"{instance.name}_application"
    if FRAMEWORK == "solaris_cluster":
        status = host.check_output("/usr/cluster/bin/scstat -g")
        return re.findall(rf"^ +Resource: {resource} +(\w+) +Online\b", status, re.MULTILINE)
    if FRAMEWORK == "vcs":
        states = [line.split() for line in host.check_output(f"/opt/VRTSvcs/bin/hares -state {resource}").splitlines()]
        return [state[2] for state in states if state[0] == resource and state[3] == "ONLINE"]
    status = host.check_output(f"{CRSCTL} status resource {resource}")
    return re.findall(r"^STATE=ONLINE on (\w+)$", status, re.MULTILINE)


@instances
def test_the_cluster_runs_it_at_home(nodes, instance):
    for host in nodes.values():
        assert online(host, instance) == [instance.home]


@instances
def test_the_agent_is_told_where_the_instance_is(nodes, instance):
    host, resource = nodes[instance.home], f"{instance.name}_application"
    if FRAMEWORK == "solaris_cluster":
        asked = f"/usr/cluster/bin/scha_resource_get -O EXTENSION -R {resource} -G {instance.name} IMS_serverroot"
        assert host.check_output(asked).splitlines()[-1] == instance.server_root
    elif FRAMEWORK == "vcs":
        value = host.check_output(f"/opt/VRTSvcs/bin/hares -value {resource} LogHostName")
        assert value == f"{instance.name}.example.com"
        assert host.check_output("/opt/VRTSvcs/bin/hatype -value MsgSrv FaultOnMonitorTimeouts") == "2"
    else:
        profile = host.check_output(f"{CRSCTL} status resource {resource} -p").splitlines()
        assert f"INSTANCE_PATH={instance.server_root}" in profile
        assert f"ACTION_SCRIPT={instance.server_root}/cwha/bin/ms_actionscript.pl" in profile


def test_the_agent_is_on_every_node_that_may_run_it(nodes):
    if FRAMEWORK == "clusterware":
        for instance in INSTANCES:
            for node in instance.nodes:
                assert nodes[node].file(f"{instance.server_root}/cwha/bin/ms_actionscript.pl").exists
        return
    having = {name for name, host in nodes.items() if host.file(AGENT[FRAMEWORK]).exists}
    # Solaris Cluster wants an agent on all of its nodes.
    assert having == (set(NODES) if FRAMEWORK == "solaris_cluster" else {"nodea", "nodeb"})


def test_each_program_did_its_work_once(product):
    """Whatever ran how often, was interrupted or moved: no installation, configuration or joining was repeated."""
    assert set(product["counts"].values()) == {1}
    assert sum(name.startswith("configure ") for name in product["counts"]) == len(INSTANCES)
    joined = sum(name.startswith("useconfig ") for name in product["counts"])
    assert joined == sum(not instance.is_shared for instance in INSTANCES)
    # These ask for what the description says.
    assert not [name for name in product["counts"] if name.startswith(("ha_ip_config", "HAConfig"))]


def test_files_with_answers_were_private_and_are_gone(nodes, product):
    kinds = {name.rsplit(".", 1)[1] for name in product["rights"]}
    assert kinds == {"install", "state", "options"}
    assert set(product["rights"].values()) == {"600"}
    for host in nodes.values():
        assert host.check_output("ls /var/run | grep '^groupware-ha-' || true") == ""
        assert host.check_output("find /opt /mail? /export -name '*-unfinished' 2>/dev/null || true") == ""


def test_no_password_is_where_it_does_not_belong(nodes):
    """The product itself keeps that of its directory in its configuration, on the volume."""
    for host in nodes.values():
        assert host.run("grep -rl change-me /run /var/opt /var/log /var/tmp /etc /opt /tmp /root").stdout == ""
        assert host.check_output("journalctl --no-pager | grep -c change-me || true") == "0"
