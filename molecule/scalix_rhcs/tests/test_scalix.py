"""What the nodes have in the end: the state of TB-2007-02-HACLUSTER, and the installer ran once for each instance."""

from __future__ import annotations

import json

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ("nodea", "nodeb")
CONNECTOR = "/etc/opt/scalix-tomcat/connector"
APPLICATIONS = {"mail1": "api caa m res sac sis srw webmail", "mail2": "api m res sis srw webmail"}


@pytest.fixture
def nodes():
    return {name: host_of(name) for name in NODES}


def test_both_nodes_know_both_instances(nodes):
    texts = {host.file("/etc/opt/scalix/instance.cfg").content for host in nodes.values()}
    first, second = (
        f"OMNAME={name}\nOMHOSTNAME={name}.molecule.test\nOMDATADIR=/var/opt/scalix/m{name[-1]}/s\nOMAUTOSTART=FALSE\n"
        for name in ("mail1", "mail2")
    )
    # The comment was on one node alone.
    assert texts == {f"{first}#\n# für den Umzug\n{second}".encode("latin-1")}


def test_connector_directories_are_the_same(nodes):
    for directory in ("ajp", "jk"):
        shown = [host.check_output(f"cd {CONNECTOR}/{directory} && sha256sum *.conf") for host in nodes.values()]
        assert shown[0] == shown[1]
        files = {line.split()[1] for line in shown[0].splitlines()}
        expected = {f"instance-{name}.conf" for name in APPLICATIONS}
        expected |= {f"app-{name}.{one}.conf" for name, own in APPLICATIONS.items() for one in own.split()}
        assert files == expected | ({"workers.conf"} if directory == "jk" else set())
    assert (
        nodes["nodeb"].file(f"{CONNECTOR}/jk/workers.conf").content_string
        == "JkWorkerProperty worker.list=mail1,mail2\n"
    )


def test_nothing_starts_at_boot(nodes):
    assert all("scalix" not in host.check_output("chkconfig --list") for host in nodes.values())


def test_shutdown_ports_differ(nodes):
    assert 'port="8005"' in nodes["nodea"].file("/var/opt/scalix/m1/tomcat/conf/server.xml").content_string
    assert 'port="8006"' in nodes["nodeb"].file("/var/opt/scalix/m2/tomcat/conf/server.xml").content_string


def test_installed_once_each_at_home(nodes):
    state = json.loads(nodes["nodea"].file("/var/lib/groupware-ha-simulator/scalix.json").content_string)
    assert sorted(state["installations"]) == [["mail1", "nodea"], ["mail2", "nodeb"]]


def test_the_password_stayed_nowhere(nodes):
    for host in nodes.values():
        assert not host.file("/root/.groupware_ha_scalix").exists
        assert host.run("grep -rl not-in-any-log /root /etc /var/log /var/opt/scalix /tmp").stdout == ""
        assert host.run("journalctl --no-pager --boot | grep not-in-any-log").stdout == ""


def test_the_cluster_has_the_scripts(nodes):
    text = nodes["nodea"].file("/etc/cluster/cluster.conf").content_string
    assert text.count('file="/etc/init.d/scalix-tomcat"') == 2
    assert text.count('recovery="relocate"') == 2
