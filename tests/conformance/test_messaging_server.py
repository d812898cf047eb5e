"""The simulator of Messaging Server against what is documented of it."""

from __future__ import annotations

import shlex

import pytest

from ansible_collections.groupware.ha.tests.simulators.messaging_server.simulator import SIMULATOR

HOME = "/opt/sun/comms/messaging64"
STATE = """\
FULLY_QUALIFIED_HOST_NAME=mail1.example.com
DATA_ROOT=/mail1/data
SYSTEM_USER=mailsrv
SYSTEM_GROUP=mail
LDAP_URL=ldap://ldap.example.com
LDAP_BIND_DN=cn=Directory Manager
LDAP_BIND_PASSWORD=secret
POSTMASTER=pma@example.com
ADMINISTRATOR_PASSWORD=secret
DEFAULT_DOMAIN=example.com
ORGANIZATION_DN=o=example.com
"""
SILENT = "VERB=install\nINSTALLROOT=/opt/sun/comms\nCOMPONENTS=MS64\nACCEPTLICENSE=yes\n"


class Node:
    """Programs of one node as one types them; those of the product by their names."""

    def __init__(self, simulator, node="nodea"):
        self.simulator, self.node = simulator, node

    def answer(self, command, stdin=None):
        program, *arguments = shlex.split(command)
        known = program.startswith("/") or program == "commpkg"
        return self.simulator.run(self.node, [program if known else f"{HOME}/bin/{program}", *arguments], stdin)

    def run(self, command, stdin=None):
        answer = self.answer(command, stdin)
        assert answer.status == 0, answer
        return answer.stdout

    def refused(self, command, stdin=None):
        answer = self.answer(command, stdin)
        assert answer.status not in (0, -1), answer
        return answer.stderr

    def text(self, path):
        return self.simulator.read_file(self.node, path)


@pytest.fixture
def nodes():
    simulator = SIMULATOR(["nodea", "nodeb"], volumes=["/mail1"])
    simulator.mount("/mail1", "nodea")
    for node in simulator.nodes:
        simulator.write_file(node, "/tmp/silent", SILENT)
        simulator.write_file(node, "/tmp/state", STATE)
    return Node(simulator), Node(simulator, "nodeb")


def configured(node, kind=1):
    node.simulator.write_file(node.node, "/tmp/state", f"{STATE}XMLCONFIG={kind}\n")
    node.run("commpkg install --acceptLicense --silent /tmp/silent")
    node.run("configure --state /tmp/state")
    return node


def test_commpkg_installs_once(nodes):
    node, _ = nodes
    assert "Nothing was installed" in node.run("commpkg install --silent /tmp/silent --dry-run")
    node.refused("msconfig show")
    node.run("commpkg install --silent /tmp/silent")
    assert node.text(f"{HOME}/lib/recipes/HAConfig.rcp")
    assert "installed already" in node.run("commpkg install --silent /tmp/silent")
    assert node.simulator.count("commpkg", f"nodea:{HOME}") == 1
    assert any(path.startswith("/var/opt/CommsInstaller/logs/") for path in node.simulator.node_files["nodea"])


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("install", SILENT),
        ("install --silent /tmp/nothing", SILENT),
        ("install --silent /tmp/silent", SILENT.replace("ACCEPTLICENSE=yes\n", "")),
        ("install --silent /tmp/silent", SILENT + "PASSWORD=secret\n"),
        ("install --silent /tmp/silent --components MS65", SILENT),
        ("install --silent /tmp/silent --fast", SILENT),
        ("upgrade --silent /tmp/silent", SILENT),
    ],
)
def test_commpkg_refuses(nodes, command, state):
    node, _ = nodes
    node.simulator.write_file("nodea", "/tmp/silent", state)
    node.refused(f"commpkg {command}")
    assert not node.simulator.exists("nodea", HOME)


def test_another_run_of_configure_overwrites(nodes):
    node = configured(nodes[0])
    node.run("msconfig set pop.enable 0")
    assert "role.pop.enable = 0\n" in node.run("msconfig show")
    node.run("configure --state /tmp/state")
    assert "pop.enable" not in node.run("msconfig show")
    assert node.simulator.count("configure", "/mail1/data") == 2


def test_configure_says_at_the_end_that_all_went_well(nodes):
    node, _ = nodes
    node.run("commpkg install --silent /tmp/silent")
    node.simulator.order_interruption("configure")
    assert "All Tasks Passed" not in node.answer("configure --state /tmp/state").stdout
    assert node.run("configure --state /tmp/state").splitlines()[-1] == "All Tasks Passed"
    for arguments in ("", "--state /tmp/nothing", "--states /tmp/state", "/tmp/state"):
        node.refused(f"configure {arguments}")
    node.simulator.write_file("nodea", "/tmp/state", STATE.replace("POSTMASTER=pma@example.com\n", ""))
    assert "POSTMASTER" in node.refused("configure --state /tmp/state")


@pytest.mark.parametrize(("kind", "file"), [(1, "config.xml"), (0, "msg.conf")])
def test_useconfig_shares_one_configuration(nodes, kind, file):
    node = configured(nodes[0], kind)
    other = nodes[1]
    other.run("commpkg install --silent /tmp/silent")
    other.refused("useconfig /mail1/data/config")
    node.simulator.mount("/mail1", "nodeb")
    other.refused("useconfig")
    other.refused(f"useconfig {HOME}/config")
    other.run("useconfig /mail1/data/config")
    assert "mail1.example.com" in other.text(f"{HOME}/config/{file}")
    # Its volume is elsewhere now.
    assert node.text(f"{HOME}/config/{file}") is None


def test_configutil(nodes):
    node = configured(nodes[0], 0)
    assert node.run("configutil -o service.listenaddr -v 192.0.2.21") == "OK SET\n"
    assert node.run("configutil -o service.listenaddr") == "192.0.2.21\n"
    assert "service.listenaddr = 192.0.2.21\n" in node.run("configutil")
    assert node.run("configutil -p service.listen") == "service.listenaddr = 192.0.2.21\n"
    node.run('configutil -o service.listenaddr -v ""')
    assert "service.listenaddr" not in node.run("configutil")
    node.simulator.write_file("nodea", "/tmp/options", "a.b=1\nc.d=2 = 3\n")
    node.run("configutil -i /tmp/options")
    assert node.run("configutil -o c.d") == "2 = 3\n"
    for arguments in ("-i tmp/options", "-i /tmp/nothing", "-v 1", "-o a.b -v", "-x"):
        node.refused(f"configutil {arguments}")
    node.refused("msconfig show")


def test_msconfig(nodes):
    node = configured(nodes[0])
    assert "role.base.ugldapbindcred = (suppressed)\n" in node.run("msconfig show")
    node.refused("msconfig runrecipe HAConfig.rcp", "192.0.2.21\n")
    node.refused("msconfig run nothing.rcp")
    node.refused("msconfig set base.listenaddr mail1")
    node.simulator.write_file(
        "nodea", "/tmp/a.rcp", 'set_option("a.b", "say \\"hi\\"");\nunset_option("watcher.enable");\n'
    )
    node.run("msconfig run /tmp/a.rcp")
    shown = node.run("msconfig show")
    assert 'role.a.b = say "hi"\n' in shown
    assert "watcher" not in shown
    node.simulator.write_file("nodea", "/tmp/a.rcp", 'set_option("c.d", "1");\nset_option(;\n')
    node.refused("msconfig run /tmp/a.rcp")
    assert "c.d" not in node.run("msconfig show")
    assert any("/old-configs/" in path for path in node.simulator.volume_files["/mail1"])
    node.refused("configutil")


def test_the_recipe_for_clusters_sets_seven_options(nodes):
    node = configured(nodes[0])
    node.refused("msconfig run HAConfig.rcp")
    node.run("msconfig run HAConfig.rcp", "192.0.2.21\n")
    assert node.run("msconfig show").count(" = 192.0.2.21\n") == 7
    assert "role.base.autorestart.enable = 1\n" in node.run("msconfig show")


def test_ha_ip_config(nodes):
    node = configured(nodes[0], 0)
    node.refused("ha_ip_config")
    node.run("ha_ip_config", f"192.0.2.21\n{HOME}\nno\n")
    assert node.run("configutil -p local.").count(" = 1\n") == 2
    assert node.text(f"{HOME}/config/dispatcher.cnf").count("INTERFACE_ADDRESS=192.0.2.21\n") == 2
    assert node.text(f"{HOME}/config/job_controller.cnf").count("INTERFACE_ADDRESS=") == 1


def test_agents(nodes):
    node = configured(nodes[0])
    node.refused("config-vcsha /etc")
    node.run("config-vcsha")
    assert node.text("/etc/VRTSvcs/conf/config/MsgSrvTypes.cf").startswith("type MsgSrv (")
    assert node.text("/opt/VRTSvcs/bin/MsgSrv/sub.pl")
    node.simulator.write_file("nodea", "/tmp/silent", SILENT.replace("MS64", "MS_SCHA"))
    node.run("commpkg install --silent /tmp/silent")
    node.run("/opt/sun/comms/msg_scha/bin/init-config")
    assert "SUNW" in node.text("/opt/cluster/lib/rgm/rtreg/SUNW.ims")


def test_the_servers_run_on_one_node_at_a_time(nodes):
    node, other = configured(nodes[0]), nodes[1]
    node.run("start-msg")
    node.run("imsimta cnbuild")
    node.run("refresh")
    node.simulator.mount("/mail1", "nodea", "nodeb")
    other.run("commpkg install --silent /tmp/silent")
    other.refused("start-msg")
    other.run("useconfig /mail1/data/config")
    other.refused("start-msg")
    node.run("stop-msg")
    other.run("start-msg")
    other.refused("imsimta fly")


def test_what_its_commands_say_of_its_servers(nodes):
    node, _ = nodes
    configured(node)
    stored = f"{HOME}/lib/stored"
    assert node.answer(f"{stored} -t -v").status == 1
    assert node.run("imsimta process").splitlines()[1:] == []
    node.run("start-msg ha")
    assert node.run(f"{stored} -t") == ""
    assert node.run(f"{stored} -t -v") == "store is ready\n"
    processes = [line.split()[7].rsplit("/", 1)[1] for line in node.run("imsimta process").splitlines()[1:]]
    assert processes == ["tcp_smtp_server", "tcp_smtp_server", "job_controller", "dispatcher"]
    node.run("stop-msg store mta")
    assert node.answer(f"{stored} -t -v").status == 1
    assert len(node.run("imsimta process").splitlines()) == 1
    node.run("start-msg store")
    node.run(f"{stored} -t")
    for refused in (f"{stored} -r", f"{stored} -x", "start-msg stored", "stop-msg ha", "imsimta processes"):
        node.refused(refused)
