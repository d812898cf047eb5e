"""verify asks each application at its logical address, and its own commands where it runs.

The node is this machine with a network and a volume of its own, on which the logical address is; the servers there are
a few lines of Python (simulators/serve.py), the products' commands a few of shell.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import (
    LOCAL,
    SILENT,
    TOP,
    VCS_CLUSTER,
    VCS_SERVICE,
    Cluster,
    extra,
    inventory,
)

ADDRESS, HOST_NAME = VCS_SERVICE["address"], VCS_SERVICE["host_name"]
PASSWORD = "hush-hush"  # noqa: S105


def serving(cluster: Cluster, *servers: str) -> Cluster:
    """The cluster on a node that has the service's address and volume, and these servers: ``25=smtp``."""
    program = TOP / "tests/simulators/serve.py"
    # What is there already, such as a checkout, is to be seen still.
    changes = cluster.path / "srv"
    for name in ("upper", "work"):
        (changes / name).mkdir(parents=True)
    options = f"lowerdir=/srv,upperdir={changes}/upper,workdir={changes}/work"
    script = (
        f"ip link set lo up && ip address add {ADDRESS}/32 dev lo && mount -t overlay overlay -o {options} /srv"
        " && mkdir -p /srv/mail1 && mount -t tmpfs none /srv/mail1 || exit 99; "
        f"servers=$({sys.executable} {program} {HOST_NAME} {ADDRESS} {' '.join(servers)}) || exit 99; "
        '"$@"; status=$?; kill $servers; exit $status'
    )
    around = ("unshare", "--map-root-user", "--mount", "--net", "sh", "-c", script, "sh")
    return replace(cluster, around=(*around, *cluster.around))


def hosts(application: str, **options: str) -> dict[str, Any]:
    service = {**VCS_SERVICE, "application": {"type": application, "options": options}}
    return inventory({"nodea": LOCAL, "nodeb": SILENT, "nodec": SILENT}, cluster=VCS_CLUSTER, service=service)


def programs(directory: Path, texts: Mapping[str, str]) -> str:
    for name, text in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    return str(directory)


def messaging_server(directory: Path, store: int = 0) -> str:
    processes = "; ".join(f"echo mailsrv 12 S 1 1 01:00 0:00 /lib/{name}" for name in ("dispatcher", "job_controller"))
    return programs(
        directory,
        {
            "config/config.xml": "",
            "bin/msconfig": "echo role.dispatcher.service:SMTP.tcp_ports = 25; echo role.imap.port = 1143",
            "bin/imsimta": f"echo USER PID; {processes}",
            "lib/stored": f"exit {store}",
        },
    )


def test_messaging_server(cluster: Cluster, tmp_path: Path) -> None:
    described = hosts("messaging_server", server_root=messaging_server(tmp_path / "messaging64"))
    credentials = f"verify_credentials: {{mail1: {{user: probe, password: {PASSWORD}}}}}\n"
    (tmp_path / "vault.yml").write_text(credentials)
    done = serving(cluster, "25=smtp", "1143=imap").run(
        "verify", described, "--limit", "nodea", "-vvv", "-e", "@vault.yml"
    )
    assert done.status == 0, done.output
    words = f"SMTP and IMAP answer at {ADDRESS}; stored, dispatcher and job_controller run on nodea"
    assert f"mail1: online on nodea, {words}" in done.output
    assert "mail1: imap: nobody logged in, since without TLS others could read the password" in done.output
    assert PASSWORD not in done.output


def test_messaging_server_that_does_not_work(cluster: Cluster, tmp_path: Path) -> None:
    described = hosts("messaging_server", server_root=messaging_server(tmp_path / "messaging64", store=1))
    done = serving(cluster, "25=imap").run("verify", described, "--limit", "nodea", "--check")
    assert done.status != 0
    told = done.messages
    assert "mail1: stored -t says on nodea that the message store does not work (status 1); read its log" in told
    remedy = "start it with start-msg on nodea, or read its log there"
    assert f"mail1: imap: [Errno 111] Connection refused (port 1143 of {ADDRESS}); {remedy}" in told
    assert "mail1: smtp: " in told


def test_calendar_server(cluster: Cluster, tmp_path: Path) -> None:
    home = programs(tmp_path / "cal", {"sbin/start-cal": "echo watcher; echo http", "config/ics.conf": ""})
    (tmp_path / "cal/config/ics.conf").write_text('service.http.port = "8080"\n')
    done = serving(cluster, "8080=wcap").run("verify", hosts("calendar_server", server_root=home), "--limit", "nodea")
    assert done.status == 0, done.output
    assert f"mail1: online on nodea, WCAP answers at {ADDRESS}; watcher and cshttpd run on nodea" in done.output


def test_what_cannot_be_asked_is_said(cluster: Cluster) -> None:
    """Nothing of Scalix is on this machine, but SMTP answers."""
    described = hosts("scalix")
    described["groupware_nodes"]["vars"]["groupware_services"][0]["storage"]["mount_point"] = "/var/opt/scalix/m1"
    done = serving(cluster, "25=smtp").run("verify", described, "--limit", "nodea")
    assert done.status != 0
    assert "mail1: the services of mail1 could not be listed on nodea: /opt/scalix/bin/omstat -s: is not" in done.output
    told = done.messages
    assert f"(port 80 of {ADDRESS}); start it with service scalix start on nodea" in told
    assert "mail1: imap: " in told
    assert "mail1: smtp: " not in told


@pytest.mark.parametrize("application", ["messaging_server", "postfix_dovecot"])
def test_what_was_taken_offline_is_not_asked(cluster: Cluster, tmp_path: Path, application: str) -> None:
    described = hosts(application, **({"server_root": str(tmp_path)} if application == "messaging_server" else {}))
    stopped = cluster.run("switchover", described, *extra("service=mail1", "state=offline"), "--limit", "nodea")
    assert stopped.status == 0, stopped.output
    done = cluster.run("verify", described, "--limit", "nodea")
    assert done.status != 0
    assert "mail1: the cluster says that it is offline" in done.messages
    assert f"so {application} itself was not asked" in done.output
    assert "smtp" not in done.messages
