"""Two clusters of iPlanet Application Servers in one inventory, with a real directory server.

Servers are programs of this machine that take connections, as an Executive Server does.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, TOP, Controller, Outcome, extra
from ansible_collections.groupware.ha.tests.unit.plugins.modules import directory_server

#: Each cluster has two servers.
CLUSTERS = {"mail": ("server0", "server1"), "web": ("server2", "server3")}
SERVER = """#!/bin/sh
# Starts what takes connections, or stops it; "broken" says what it does not do.
echo "$1" >>{root}/calls
test "$1" != "$(cat {root}/broken 2>/dev/null)" || exit 1
case $1 in
    start) setsid {python} {listener} 127.0.0.1 {port} >{root}/said 2>&1 </dev/null & echo $! >{root}/pid
        while ! test -s {root}/said; do :; done ;;
    stop) kill "$(cat {root}/pid)"; rm {root}/pid ;;
esac
"""
MAPPED = "[SOFTWARE\\iPlanet\\Application Server\\6.0\\CCS0\\ClusterName\\{}]"


@dataclass
class Site(Controller):
    """Four servers, and the directory server of both clusters."""

    directory: directory_server.DirectoryServer | None = None
    hosts: dict[str, Any] | None = None

    def play(self, playbook: str, *given: str) -> Outcome:
        """Run a playbook; files for passwords are made where they can be looked for."""
        (self.path / "temporary").mkdir(exist_ok=True)
        done = self.run(playbook, self.hosts, *given, TMPDIR=str(self.path / "temporary"), ANSIBLE_PIPELINING="1")
        assert list((self.path / "temporary").glob("*.ias_cluster")) == []
        assert directory_server.PASSWORD not in done.output
        return done

    def variables(self, cluster: str) -> dict[str, Any]:
        """What describes a cluster."""
        assert self.hosts is not None
        found = self.hosts["ias_servers"]["children"][cluster]["vars"]
        assert isinstance(found, dict)
        return found

    def registered(self, server: str) -> str:
        """What is in the registry of a server."""
        return (self.path / server / "ias/registry/local.reg").read_text()

    def runs(self, server: str) -> bool:
        """Whether a server takes connections."""
        return (self.path / server / "pid").exists()

    def calls(self, server: str) -> list[str]:
        """How a server was started and stopped since this was asked the last time."""
        path = self.path / server / "calls"
        found = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def break_down(self, server: str, what: str) -> None:
        """From now on a server does not start, or does not stop; "nothing" repairs it."""
        (self.path / server / "broken").write_text(what)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Nothing is configured, and no server runs."""
    (tmp_path / "directory").mkdir()
    with directory_server.started(tmp_path / "directory") as directory:
        made = Site(tmp_path, directory=directory)
        listening = [socket.create_server(("127.0.0.1", 0)) for _server in range(4)]
        ports = {f"server{number}": one.getsockname()[1] for number, one in enumerate(listening)}
        for one in listening:
            one.close()
        for server, port in ports.items():
            root = tmp_path / server
            for folder in ("ias/bin", "ias/registry"):
                (root / folder).mkdir(parents=True)
            (root / "ias/registry/local.reg").write_text(f"{MAPPED.format(server + '-NoDsync')}\n")
            listener = TOP / "tests/simulators/ias/listener.py"
            program = root / "ias/bin/KIVAes.sh"
            program.write_text(SERVER.format(root=root, python=sys.executable, listener=listener, port=port))
            program.chmod(0o755)
        made.hosts = _inventory(tmp_path, directory, ports)
        yield made
        for server in ports:
            if made.runs(server):
                os.kill(int((tmp_path / server / "pid").read_text()), signal.SIGTERM)


def _inventory(path: Path, directory: directory_server.DirectoryServer, ports: dict[str, int]) -> dict[str, Any]:
    children = {
        cluster: {
            "hosts": {server: {**LOCAL, "ias_cluster_root": str(path / server)} for server in servers},
            "vars": {
                "ias_cluster_name": cluster,
                "ias_cluster_servers": [
                    {"name": server, "address": "127.0.0.1", "port": ports[server], "priority": number}
                    for number, server in enumerate(servers)
                ],
            },
        }
        for cluster, servers in CLUSTERS.items()
    }
    return {
        "ias_servers": {
            "children": children,
            "vars": {
                "ias_cluster_directory": {name: directory.options[name] for name in ("uri", "base", "bind_dn")},
                "ias_cluster_directory_password": directory_server.PASSWORD,
                "ias_cluster_timeout": 5,
            },
        }
    }


def test_two_clusters(site: Site) -> None:
    planned = site.play("plan")
    assert planned.status == 0, planned.output
    assert "server0 primary" in planned.output
    assert "server2 primary" in planned.output

    before = site.play("verify")
    assert before.status != 0
    assert "mail: the directory is not as described: " in before.messages
    assert "web: server3: does not run" in before.messages

    other = site.play("site", "--tags", "ha_ip_config")
    assert other.status == 0, other.output
    assert "TASK [groupware.ha.ias_cluster" not in other.output
    assert all(site.calls(server) == [] for servers in CLUSTERS.values() for server in servers)

    done = site.play("site")
    assert done.status == 0, done.output
    for cluster, servers in CLUSTERS.items():
        for server in servers:
            assert site.registered(server) == f"{MAPPED.format(cluster)}\n"
            assert site.calls(server) == ["start"]
    again = site.play("site")
    assert again.status == 0, again.output
    assert "changed=1" not in again.output

    verified = site.play("verify")
    assert verified.status == 0, verified.output
    for cluster in CLUSTERS:
        assert f'"{cluster}: the servers run, and are as described: ' in verified.output

    limited = site.play("verify", "--limit", "server2")
    assert limited.status == 0, limited.output
    assert "web: server3: was not asked" in limited.output
    assert "mail" not in limited.output

    gone = site.play("unconfigure", "--limit", "web")
    assert gone.status == 0, gone.output
    assert site.registered("server2") == f"{MAPPED.format('server2-NoDsync')}\n"
    assert site.registered("server0") == f"{MAPPED.format('mail')}\n"
    assert site.directory is not None
    assert "cn=mail" in site.directory.everything()
    assert "cn=web" not in site.directory.everything()


def test_what_fails_in_one_cluster_ends_nothing_in_the_other(site: Site) -> None:
    assert site.play("site").status == 0
    for cluster, servers in CLUSTERS.items():
        site.variables(cluster)["ias_cluster_parameters"] = {"SyncTimerInterval": 30}
        for server in servers:
            site.calls(server)

    # Who does not stop keeps the registry, its own and the directory's, from being edited.
    site.break_down("server1", "stop")
    done = site.play("site")
    assert done.status != 0
    assert [site.calls(server) for server in CLUSTERS["web"]] == [["stop", "start"], ["stop", "start"]]
    assert [site.calls(server) for server in CLUSTERS["mail"]] == [[], ["stop"]]
    assert site.directory is not None
    assert site.directory.everything().count('"SyncTimerInterval"=integer:30') == 1
    verified = site.play("verify")
    assert verified.status != 0
    assert "mail: the directory is not as described: set value Clusters" in verified.messages
    assert '"web: the servers run, and are as described: ' in verified.output

    # Nobody is started in the place of one that does not start.
    site.break_down("server1", "nothing")
    site.break_down("server0", "start")
    done = site.play("site")
    assert done.status != 0
    assert [site.calls(server) for server in CLUSTERS["web"]] == [[], []]
    assert [site.calls(server) for server in CLUSTERS["mail"]] == [["stop", "start"], ["stop"]]

    site.break_down("server0", "nothing")
    done = site.play("site")
    assert done.status == 0, done.output
    assert [site.calls(server) for server in CLUSTERS["mail"]] == [["start"], ["start"]]


def test_one_directory_cannot_be_read(site: Site) -> None:
    """What is done once, by the first server of a cluster, is nothing that another does in its place."""
    wrong = {"uri": "ldap://127.0.0.1:1", "base": directory_server.BASE, "bind_dn": "cn=manager,o=NetscapeRoot"}
    site.variables("mail")["ias_cluster_directory"] = wrong

    done = site.play("site", "--forks", "1")

    assert done.status != 0
    assert done.output.count("fatal: ") == 2  # the second is the end of the run, which sums it up
    assert not any(site.runs(server) for server in CLUSTERS["mail"])
    assert all(site.runs(server) for server in CLUSTERS["web"])


def test_one_server_that_is_gone(site: Site) -> None:
    assert site.play("site").status == 0
    assert site.hosts is not None
    site.hosts["ias_servers"]["children"]["mail"]["hosts"]["server0"].update(
        {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    )

    done = site.play("site")
    assert "server1                    : ok=" in done.output
    assert "Every server of the cluster" not in done.output
    verified = site.play("verify")
    assert "mail: server0: gave no answer" in verified.messages
    site.variables("mail")["ias_cluster_parameters"] = {"SyncTimerInterval": 30}
    done = site.play("site")
    assert "not reached by it, are server0. Nothing was touched" in done.messages
    assert site.calls("server1") == ["start"]


def test_everything_is_judged_before_anything_is_touched(site: Site) -> None:
    site.variables("mail")["ias_cluster_parameters"] = {"MaxBackups": 2}
    site.variables("web")["ias_cluster_servers"] = site.variables("web")["ias_cluster_servers"][:1]

    for playbook in ("site", "unconfigure"):
        done = site.play(playbook)
        assert done.status != 0
        assert (
            "ias mail: ias_cluster_parameters.MaxBackups = 2: is not below the number of Sync Servers" in done.messages
        )
        assert "ias web: ias_cluster_servers = 'server3': does not name this host" in done.messages
        assert not (site.path / "server0/calls").exists()

    well = site.play("plan", "--limit", "web", *extra('{"ias_cluster_servers": []}'))
    assert "have no Sync Server" in well.messages
    assert "mail" not in well.messages


def test_a_password_that_nobody_gave(site: Site) -> None:
    assert site.hosts is not None
    password = site.hosts["ias_servers"]["vars"].pop("ias_cluster_directory_password")
    site.variables("web")["ias_cluster_directory_password"] = password

    for playbook in ("plan", "site"):
        done = site.play(playbook)
        assert done.status != 0
        assert "ias mail: ias_cluster_directory_password: is not defined for server0, server1; give" in done.messages
        assert "ias web" not in done.messages
    assert not any(site.runs(server) for servers in CLUSTERS.values() for server in servers)
