"""What is on the nodes after the playbook ran, was run again, and put right what was changed by hand."""

from __future__ import annotations

import json
import re

import pytest
import testinfra


@pytest.fixture(scope="module", params=["nodea", "nodeb"])
def host(request):
    return testinfra.get_host(f"podman://groupware-ha-molecule-{request.param}")


def parameters(text: str) -> dict[str, str]:
    """What counts in an ics.conf: the last one of each."""
    return dict(re.findall(r'^([a-z]\S*) *= *"(.*)"$', text, re.MULTILINE))


def test_the_accounts_have_the_same_ids(host):
    assert (host.user("icsuser").uid, host.group("icsgroup").gid) == (5063, 5063)
    assert host.user("icsuser").group == "icsgroup"


def test_vfstab_has_a_failover_file_system_with_tabs(host):
    lines = host.file("/etc/vfstab").content_string.splitlines()
    assert lines[-1] == "/dev/md/penguin/dsk/d400\t/dev/md/penguin/rdsk/d400\t/cal\tufs\t2\tno\tlogging"
    assert lines[3] == "/dev/dsk/c0t0d0s0   /dev/rdsk/c0t0d0s0   /   ufs   1   no   -"


def test_the_installation_uses_the_shared_configuration(host):
    assert host.file("/opt/SUNWics5/cal/config").linked_to.endswith("/cal/config")
    left = host.check_output(r"ls -A /opt/SUNWics5/cal /cal/ | grep -E 'unfinished|kept|state' || true")
    assert left == ""


def test_the_calendar_is_bound_to_its_logical_address(host):
    text = host.file("/cal/config/ics.conf").content_string
    found = parameters(text)
    assert found["local.server.ha.enabled"] == "yes"
    assert found["service.http.listenaddr"] == found["service.listenaddr"] == "198.18.78.31"
    assert found["local.hostname"] == "cal"
    assert found["service.http.calendarhostname"] == "cal.example.com"
    assert found["service.http.idletimeout"] == "180"
    assert text.rstrip().endswith("! END high availability, managed by Ansible")


def test_each_program_was_run_as_often_as_it_had_to(host):
    log = host.file("/var/sadm/install/logs/Sun_Java_System_Calendar_Server_install.B12141351").content_string
    assert "All Tasks Passed" in log
    assert "/usr/sbin/groupadd icsgroup : status = 9" in log


def test_the_agent_logs_everything(host):
    assert host.file("/var/cluster/rgm/rt/SUNW.scics/loglevel").content_string == "9\n"
    assert host.file("/etc/syslog.conf").content_string.endswith("daemon.debug\t/var/adm/clusterlog\n")
    assert host.file("/var/adm/clusterlog").exists


@pytest.mark.parametrize("word", ["open-sesame", "calendar-sesame"])
def test_no_password_is_left_or_logged(host, word):
    found = host.check_output(f"journalctl --no-pager | grep -c {word} || true")
    assert found == "0"
    assert host.run(f"grep -rl {word} /opt/SUNWics5 /var/opt /var/tmp /root/.ansible").stdout == ""


def test_the_calendar_runs_at_home_and_the_directory_knows_it(host):
    state = json.loads(host.file("/var/lib/groupware-ha-simulator/state.json").content_string)
    assert state["resources"]["cal_application"]["properties"]["ICS_serverroot"] == "/opt/SUNWics5/cal"
    assert "cal" in host.check_output("/usr/cluster/bin/scstat -g")
