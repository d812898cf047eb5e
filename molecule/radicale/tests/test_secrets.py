"""No password, hash or key is read by whom it is not for: in logs, in what Ansible says, in files."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.molecule.radicale.client import PASSWORDS
from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NODES = ("nodea", "nodeb", "nodec")
TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
#: A line in the middle of the key, as it is in no certificate.
KEY = (TOP / "pairs/cal2.key").read_text().splitlines()[1]
SECRET = "|".join([*PASSWORDS.values(), r"2[aby][$]05[$][./0-9A-Za-z]{20}", "PRIVATE KEY", re.escape(KEY)])
#: All places where files are made while the scenario runs.
PLACES = "/etc /home /root /run /srv /tmp /usr/local /var"


def lines_of(node, command):
    """The lines of an answer that have a secret in them; grep finds none by leaving with 1."""
    answer = host_of(node).run(f"{command} | grep --extended-regexp {shlex.quote(SECRET)}")
    assert answer.rc == (0 if answer.stdout else 1), answer.stderr
    return answer.stdout.splitlines()


@pytest.mark.parametrize("node", NODES)
def test_the_journal_has_none(node):
    journal = "journalctl --all --no-pager --output=cat"
    assert "Invoked with" in host_of(node).check_output(f"{journal} --grep='Invoked with' --lines=1")
    assert lines_of(node, journal) == []


def test_what_ansible_said_has_none():
    said = (TOP / "ansible.log").read_text()
    # What was run at the highest verbosity is in it, with the files of the instance.
    assert "radicale_configuration" in said
    assert "/srv/cal1/radicale/users" in said
    assert [line for line in said.splitlines() if re.search(SECRET, line)] == []


@pytest.mark.parametrize("node", NODES)
def test_no_file_that_anybody_may_read_has_one(node):
    # What the workshop has compiled for all scenarios, where the looks of keys are known.
    left_out = "-path /var/log/journal -prune -o -path /var/cache/groupware-ha-compiled -prune"
    files = f"find {PLACES} {left_out} -o -type f -perm /o=r -size -10M -print0"
    found = host_of(node).run(
        f"{files} | xargs --null grep --files-with-matches --extended-regexp {shlex.quote(SECRET)}"
    )
    assert found.stdout.splitlines() == []


def test_where_they_belong_they_are():
    """The look above finds what is there."""
    holding = [node for node in NODES if host_of(node).run("findmnt /srv/cal1").rc == 0]
    assert len(holding) == 1
    assert len(lines_of(holding[0], "cat /srv/cal1/radicale/users")) == 2
    assert len(lines_of(holding[0], "cat /srv/cal1/radicale/tls.pem")) >= 1
