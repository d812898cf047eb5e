"""No password is read by whom it is not for: in logs, in what Ansible says, in files, on command lines."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
TIER = Path(__file__).parents[1] / "inventory/group_vars/database_servers/tier.yml"
PASSWORDS = yaml.safe_load(TIER.read_text())["database_replication_passwords"]
SERVERS = ("db1", "db2", "db3")
#: As they are, and as they are written in JSON or in SQL.
SECRET = "|".join(
    sorted({re.escape(word) for one in PASSWORDS.values() for word in (one, re.split(r"[\\'\" ]", one)[0])})
)
#: All places where files are made while the scenario runs.
PLACES = "/etc /home /root /run /srv /tmp /usr/local /var"


@pytest.mark.parametrize("node", SERVERS)
def test_the_journal_has_none(node):
    journal = "journalctl --all --no-pager --output=cat"
    assert "Invoked with" in host_of(node).check_output(f"{journal} --grep='Invoked with' --lines=1")
    answer = host_of(node).run(f"{journal} | grep --extended-regexp {shlex.quote(SECRET)}")
    assert (answer.rc, answer.stdout, answer.stderr) == (1, "", "")


def test_what_ansible_said_has_none():
    said = (TOP / "ansible.log").read_text()
    # What was run at the highest verbosity is in it.
    assert "database_replication" in said
    assert "MASTER_PASSWORD = (hidden)" in said
    assert [line for line in said.splitlines() if re.search(SECRET, line)] == []


@pytest.mark.parametrize("node", SERVERS)
def test_no_file_that_anybody_may_read_has_one(node):
    left_out = "-path /var/log/journal -prune -o -path /var/cache/groupware-ha-compiled -prune"
    files = f"find {PLACES} {left_out} -o -type f -perm /o=r -size -10M -print0"
    found = host_of(node).run(
        f"{files} | xargs --null grep --files-with-matches --extended-regexp {shlex.quote(SECRET)}"
    )
    assert found.stdout.splitlines() == []


@pytest.mark.parametrize("node", SERVERS)
def test_no_private_file_is_left(node):
    assert host_of(node).check_output("ls /run") == host_of(node).check_output(
        "ls /run | grep -v groupware-ha-database"
    )


@pytest.mark.parametrize("node", SERVERS)
def test_the_binary_log_has_none(node):
    """Nor has the log of what a replica received: accounts are made with hashes."""
    done = host_of(node).run(
        "cd /var/lib/mysql && for log in mariadb-bin.0* mariadb-relay-bin.0*; do mariadb-binlog --short-form $log; done"
        f" 2>/dev/null | grep --extended-regexp {shlex.quote(SECRET)}"
    )
    assert (done.rc, done.stdout) == (1, "")


def test_where_they_belong_they_are():
    """The look above finds what is there."""
    assert host_of("db2").run(f"grep --extended-regexp {shlex.quote(SECRET)} /var/lib/mysql/master.info").rc == 0
    assert host_of("db2").check_output("stat --format=%A /var/lib/mysql/master.info").endswith("---")
