"""No password is read by whom it is not for: in logs, in what Ansible says, in files, on command lines."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from ansible_collections.groupware.ha.molecule.shared.deployments import TOP
from ansible_collections.groupware.ha.molecule.shared.lab import host_of

GIVEN = yaml.safe_load((Path(__file__).parents[1] / "inventory/group_vars/all/lab.yml").read_text())
PASSWORDS = [word for name, value in GIVEN.items() if name.startswith("vault_") for word in value.values()]
#: As they are, and as they are written in JSON or in SQL; those that tests gave too.
WORDS = {word for one in PASSWORDS for word in (one, re.split(r"[\\'\" ]", one)[0])}
WORDS |= {"Neue-Anlagen#77", "another-word"}
SECRET = "|".join(sorted(map(re.escape, WORDS)))
NODES = ("balancer1", "balancer2", "app1", "app2", "db1", "db2", "store")
#: All places where files are made while the scenario runs.
PLACES = "/etc /home /opt /root /run /srv /tmp /usr/local /var"


@pytest.mark.parametrize("node", NODES)
def test_the_journal_has_none(node: str) -> None:
    journal = "journalctl --all --no-pager --output=cat"
    assert "Invoked with" in host_of(node).check_output(f"{journal} --grep='Invoked with' --lines=1")
    answer = host_of(node).run(f"{journal} | grep --extended-regexp {shlex.quote(SECRET)}")
    assert (answer.rc, answer.stdout, answer.stderr) == (1, "", "")


def test_what_ansible_said_has_none() -> None:
    said = (TOP / "ansible.log").read_text()
    # What was run at the highest verbosity is in it.
    assert "calendar_server_7_configuration" in said
    assert "directory_copy" in said
    assert [line for line in said.splitlines() if re.search(SECRET, line)] == []


@pytest.mark.parametrize("node", NODES)
def test_no_file_that_anybody_may_read_has_one(node: str) -> None:
    left_out = "-path /var/log/journal -prune -o -path /var/cache/groupware-ha-compiled -prune"
    # The product itself, and its state, are simulated, and nobody else's.
    left_out += " -o -path /var/lib/davserver-simulator -prune"
    files = f"find {PLACES} {left_out} -o -type f -perm /o=r -size -10M -print0"
    found = host_of(node).run(
        f"{files} | xargs --null grep --files-with-matches --extended-regexp {shlex.quote(SECRET)}"
    )
    below = [line for line in found.stdout.splitlines() if not line.startswith("/var/lib/glassfish/")]
    assert below == []


@pytest.mark.parametrize("node", NODES)
def test_no_command_line_has_one(node: str) -> None:
    found = host_of(node).run(f"cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep --extended-regexp {shlex.quote(SECRET)}")
    # The look itself has them on its command line, in one of the forms.
    assert [one for one in found.stdout.splitlines() if "grep --extended-regexp" not in one] == []
