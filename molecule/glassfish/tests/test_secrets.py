"""No password is read by whom it is not for: in logs, in what Ansible says, in files, on command lines."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
#: Those of the tier and those that tests gave, as they are and as they are written in files and in JSON.
WORDS = ("Leite-an", "Schluessel=zu:allem", "Sitz-ung#99", "Eine-andere#77", "Another-one-99")
SECRET = "|".join(map(re.escape, WORDS))
SERVERS = ("app1", "app2")
#: All places where files are made while the scenario runs.
PLACES = "/etc /home /opt /root /run /srv /tmp /usr/local /var"
PASSWORDS = "/etc/groupware-ha-glassfish.passwords"


@pytest.mark.parametrize("node", SERVERS)
def test_the_journal_has_none(node: str) -> None:
    journal = "journalctl --all --no-pager --output=cat"
    assert "Invoked with" in host_of(node).check_output(f"{journal} --grep='Invoked with' --lines=1")
    answer = host_of(node).run(f"{journal} | grep --extended-regexp {shlex.quote(SECRET)}")
    assert (answer.rc, answer.stdout, answer.stderr) == (1, "", "")


def test_what_ansible_said_has_none() -> None:
    said = (TOP / "ansible.log").read_text()
    # What was run at the highest verbosity is in it.
    assert "glassfish_configuration" in said
    assert [line for line in said.splitlines() if re.search(SECRET, line)] == []


@pytest.mark.parametrize("node", SERVERS)
def test_no_other_file_has_one(node: str) -> None:
    """The one that servers are started with is root's alone. GlassFish keeps its aliases encrypted."""
    left_out = "-path /var/log/journal -prune -o -path /var/cache/groupware-ha-compiled -prune"
    files = f"find {PLACES} {left_out} -o -type f -size -10M -print0"
    found = host_of(node).run(
        f"{files} | xargs --null grep --files-with-matches --extended-regexp {shlex.quote(SECRET)}"
    )
    assert found.stdout.splitlines() == [PASSWORDS]
    assert host_of(node).check_output(f"stat --format='%a %U %G' {PASSWORDS}") == "600 root root"


@pytest.mark.parametrize("node", SERVERS)
def test_no_command_line_has_one(node: str) -> None:
    shown = host_of(node).check_output("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'")
    assert "glassfish" in shown
    assert re.search(SECRET, shown) is None


@pytest.mark.parametrize("node", SERVERS)
def test_what_is_the_servers_is_nobody_elses(node: str) -> None:
    assert host_of(node).check_output("stat --format='%a %U' /var/lib/glassfish") == "750 glassfish"
    assert host_of(node).check_output("ls /run | grep groupware-ha-glassfish || true") == ""
