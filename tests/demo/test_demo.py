"""What the demo promises, on the demo itself: each promise of the README is one test, in the order of a first visit.

The demo is started if need be, and removed again if it was not there before.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]
LAB = [*AS_ROOT, "/usr/bin/python3", str(TOP / "tests/lab/lab.py")]
NAME = os.environ.get("GROUPWARE_HA_LAB", "demo")
STATE = Path("/var/lib/groupware-ha-lab", NAME)
NODES = ("nodea", "nodeb", "nodec")


def run(*command, expected=0, timeout=900):
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=timeout, check=False)
    print(done.stdout, done.stderr, sep="\n")
    assert done.returncode == expected, f"{command} ended with {done.returncode}"
    return done.stdout


def playbook(name, *arguments, expected=0):
    return run("ansible-playbook", f"groupware.ha.{name}", "-i", "inventories/demo", *arguments, expected=expected)


def changed(output):
    """Changes per node, from the recap, in which the controller stands as well."""
    counts = {host: int(count) for host, count in re.findall(r"^(\w+) +: ok=\d+ +changed=(\d+)", output, re.MULTILINE)}
    assert counts, "no recap"
    return {node: count for node, count in counts.items() if node in NODES}


def on_node(node, *command):
    return run(*AS_ROOT, "podman", "exec", f"groupware-ha-{NAME}-{node}", *command)


def whole_cluster():
    """The status as a node gives it; the cluster must be whole, which the demo ends with."""
    return on_node("nodea", "crm_mon", "--one-shot")


def leftovers():
    """Everything on this machine that could be the demo's."""
    containers = run(*AS_ROOT, "podman", "ps", "--all", "--format", "{{.Names}}").split()
    networks = run(*AS_ROOT, "podman", "network", "ls", "--format", "{{.Name}}").split()
    loops = run(*AS_ROOT, "losetup", "--list", "--noheadings", "--output", "BACK-FILE").split()
    processes = run("ps", "-eo", "args")
    found = [name for name in containers if name.startswith(f"groupware-ha-{NAME}-")]
    found += [name for name in networks if name == f"groupware-ha-{NAME}"]
    found += [path for path in loops if f"{STATE}/" in path]
    found += [line for line in processes.splitlines() if f"{STATE}/" in line]
    return found + [str(path) for path in [STATE] if path.exists()]


@pytest.fixture(scope="module", autouse=True)
def demo():
    """The running demo, as `make demo` leaves it: it has just survived the loss of a node."""
    there_before = bool(leftovers())
    output = run(sys.executable, "tests/failover/demo.py", timeout=1800)
    yield output
    if not there_before:
        run(*LAB, "down", NAME)
        assert leftovers() == []


@pytest.mark.parametrize("things", ["messages", "appointments"])
def test_nothing_that_was_acknowledged_is_lost(demo, things):
    found, acknowledged = re.search(rf"All that was acknowledged is there: .*?(\d+) of (\d+) {things}", demo).groups()
    assert int(found) == int(acknowledged) > 0
    assert "The loss was confirmed by fencing" in demo


def test_check_mode_predicts_no_change():
    assert set(changed(playbook("site", "--check", "--diff")).values()) == {0}


def test_a_second_run_changes_nothing():
    assert changed(playbook("site")) == dict.fromkeys(NODES, 0)


def test_the_plan_draws_the_placement_and_has_nothing_to_do():
    output = playbook("plan")
    assert "mail1: nothing to do" in output
    assert re.search(r"mail1 +symmetric +198\.18\.77\.21 +home +standby +\.", output)


def test_the_services_work():
    output = playbook("verify")
    assert "mail1" in output
    assert "mail2" in output
    assert "calendar1" in output


def test_what_was_changed_by_hand_is_found_and_put_right():
    timeout = ["--resource=mail1", "--meta", "--set-parameter=migration-threshold", "--parameter-value=9"]
    on_node("nodea", "crm_resource", *timeout)
    predicted = playbook("site", "--check", "--diff")
    assert "-  meta migration-threshold: 9" in predicted
    assert "+  meta migration-threshold: 3" in predicted
    done = playbook("site", "--diff")
    assert "+  meta migration-threshold: 3" in done
    assert sum(changed(predicted).values()) == sum(changed(done).values()) > 0
    assert sum(changed(playbook("site")).values()) == 0


def test_a_run_on_one_node_shrinks_nothing():
    before = on_node("nodea", "cat", "/etc/corosync/corosync.conf")
    assert changed(playbook("site", "--limit", "nodec")) == {"nodec": 0}
    assert on_node("nodea", "cat", "/etc/corosync/corosync.conf") == before
    assert re.search(r"Online: \[ nodea nodeb nodec \]", whole_cluster())


def test_a_service_moves_and_a_node_is_freed_and_taken_again():
    playbook("switchover", "-e", "service=mail1", "-e", "node=nodea", "-e", "state=online")
    assert "mail1: online on nodeb" in playbook("switchover", "-e", "service=mail1")
    assert "nodec" in playbook("switchover", "-e", "service=mail1", "-e", "node=nodec", expected=2)
    playbook("evacuate", "-e", "node=nodeb")
    assert not re.search(r"Started nodeb", whole_cluster())
    playbook("evacuate", "-e", "node=nodeb", "-e", "return=true")
    playbook("switchover", "-e", "service=mail2", "-e", "node=nodeb")
    playbook("verify")


def test_a_service_gets_another_address_while_it_runs(tmp_path):
    services = tmp_path / "services.yml"
    text = (TOP / "inventories/demo/group_vars/all/services.yml").read_text()
    services.write_text(text.replace("{{ demo_network }}.21", "{{ demo_network }}.31"))
    other_address = ["-e", f"@{services}"]
    playbook("site", *other_address)
    playbook("verify", *other_address)
    assert sum(changed(playbook("site", *other_address)).values()) == 0
    playbook("site")
    playbook("verify")


def test_a_bad_description_is_refused_before_anything_is_touched(tmp_path):
    services = tmp_path / "services.yml"
    text = (TOP / "inventories/demo/group_vars/all/services.yml").read_text()
    services.write_text(
        text.replace("{{ demo_network }}.22", "{{ demo_network }}.12").replace("/srv/mail2", "/srv/mail1")
    )
    output = playbook("site", "-e", f"@{services}", expected=2)
    assert "services[mail2].address" in output
    assert "is the address of node nodeb" in output
    assert "services[mail2].storage.mount_point" in output
    assert "See which nodes answer" not in output


def test_services_are_taken_away_and_come_back_with_their_mail():
    def mailboxes():
        """Files of every mailbox, by service, from the nodes that have the volumes mounted."""
        listed = [
            on_node(node, "find", "/srv", "-path", "*/mail/*", "-type", "f", "-printf", "%P\\n") for node in NODES
        ]
        return sorted(name for text in listed for name in text.splitlines() if "/cur/" in name or "/new/" in name)

    credentials = json.loads(run(*AS_ROOT, "cat", str(STATE / "mail_users.json")))
    assert set(credentials) == {"alice", "bob"}
    home = "nodeb" if re.search(r"mail1_storage.*Started nodeb", whole_cluster()) else "nodea"
    deliver = (
        "printf 'From: a@b\\n\\nkept\\n' | /usr/lib/dovecot/dovecot-lda -c /srv/mail1/dovecot/dovecot.conf -d alice"
    )
    on_node(home, "sh", "-c", deliver)
    before = mailboxes()
    assert before
    playbook("unconfigure")
    assert "mail1" not in whole_cluster()
    playbook("site")
    assert mailboxes() == before
    playbook("verify")
