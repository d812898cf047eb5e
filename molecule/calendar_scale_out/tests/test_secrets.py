"""No password and no hash is read by whom it is not for: in logs, in what Ansible says, in files, on command lines."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest
import yaml

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
GIVEN = yaml.safe_load((Path(__file__).parents[1] / "inventory/group_vars/all/lab.yml").read_text())
PASSWORDS = GIVEN["vault_calendar_database_passwords"]
HASHES = [user["password_hash"] for user in GIVEN["vault_calendar_users"]]
KEY = (TOP / "pairs/calendar.key").read_text().splitlines()[1]
NODES = ("balancer1", "balancer2", "app1", "app2", "db1", "db2")
APPS = ("app1", "app2")
CONF = "/etc/sogo/sogo.conf"
#: As they are, and as they are written in JSON or in SQL.
WORDS = {word for one in PASSWORDS.values() for word in (one, re.split(r"[\\'\" ]", one)[0])}
SECRET = "|".join(sorted(re.escape(word) for word in {*WORDS, *(one.partition("}")[2] for one in HASHES), KEY}))
#: All places where files are made while the scenario runs.
PLACES = "/etc /home /root /run /srv /tmp /usr/local /var"


@pytest.mark.parametrize("node", NODES)
def test_the_journal_has_none(node: str) -> None:
    journal = "journalctl --all --no-pager --output=cat"
    assert "Invoked with" in host_of(node).check_output(f"{journal} --grep='Invoked with' --lines=1")
    answer = host_of(node).run(f"{journal} | grep --extended-regexp {shlex.quote(SECRET)}")
    assert (answer.rc, answer.stdout, answer.stderr) == (1, "", "")


def test_what_ansible_said_has_none() -> None:
    said = (TOP / "ansible.log").read_text()
    # What was run at the highest verbosity is in it.
    assert "sogo_users" in said
    assert "sogo_configuration" in said
    assert [line for line in said.splitlines() if re.search(SECRET, line)] == []


@pytest.mark.parametrize("node", NODES)
def test_no_file_that_anybody_may_read_has_one(node: str) -> None:
    left_out = "-path /var/log/journal -prune -o -path /var/cache/groupware-ha-compiled -prune"
    left_out += " -o -path /var/log/sogo -prune"  # see below
    files = f"find {PLACES} {left_out} -o -type f -perm /o=r -size -10M -print0"
    found = host_of(node).run(
        f"{files} | xargs --null grep --files-with-matches --extended-regexp {shlex.quote(SECRET)}"
    )
    assert found.stdout.splitlines() == []


@pytest.mark.parametrize("node", APPS)
def test_the_password_is_in_one_file(node: str) -> None:
    """And in the log of SOGo, which says there where its database was when it was away; nobody else reads that."""
    password = shlex.quote(PASSWORDS["sogo"])
    found = host_of(node).run(f"grep --recursive --files-with-matches --fixed-strings {password} {PLACES}")
    others = [
        line for line in found.stdout.splitlines() if not line.startswith(("/var/log/journal/", "/var/log/sogo/"))
    ]
    assert others == [CONF]
    assert host_of(node).check_output("stat --format '%a %U %G' /var/log/sogo") == "700 sogo sogo"
    assert host_of(node).check_output(f"stat --format '%a %U %G' {CONF}") == "640 root sogo"
    assert host_of(node).check_output("ls /run") == host_of(node).check_output(
        "ls /run | grep -v -e groupware-ha-sogo -e groupware-ha-database"
    )


@pytest.mark.parametrize("node", NODES)
def test_no_command_line_has_one(node: str) -> None:
    found = host_of(node).run(f"cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep --extended-regexp {shlex.quote(SECRET)}")
    # The look itself has them on its command line, in one of the forms.
    assert [one for one in found.stdout.splitlines() if "grep --extended-regexp" not in one] == []
