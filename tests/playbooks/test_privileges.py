"""Without privileges each playbook says what is needed, and does nothing."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, NODES, TOP, Controller, extra, inventory
from ansible_collections.groupware.ha.tests.playbooks.test_playbooks import CALLS, every_playbook

NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[Controller]:
    """Ansible is run by a user who may do nothing, for whom become is refused."""
    if os.geteuid() != 0 or not _readable(TOP) or not _readable(Path(sys.executable)):
        pytest.skip("only root can run something as another user, who has to be able to read this checkout")
    # Nobody else can read pytest's own directories.
    path = Path(tempfile.mkdtemp(prefix="groupware_ha_"))
    os.chown(path, NOBODY, NOBODY)
    own = ("env", f"HOME={path}", f"ANSIBLE_HOME={path}/home", f"ANSIBLE_REMOTE_TMP={path}/remote")
    yield Controller(path, None, ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *own))
    shutil.rmtree(path)


def _readable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (path, *path.parents))


HERE = inventory(dict.fromkeys(NODES, LOCAL))


@every_playbook
def test_a_user_who_may_do_nothing(unprivileged: Controller, playbook: str) -> None:
    done = unprivileged.run(playbook, HERE, *extra(*CALLS[playbook]))

    assert done.status != 0, done.output
    # In a message, or in the table at the end.
    assert "only root may do all of it: run with --become (-b), or log in as root" in done.output
    assert "changed=0" in done.output
    assert "changed=1" not in done.output


@every_playbook
def test_become_is_refused(controller: Controller, playbook: str) -> None:
    refused = {"ANSIBLE_BECOME_EXE": "/bin/false", "ANSIBLE_BECOME_ALLOW_SAME_USER": "1"}

    done = controller.run(playbook, HERE, *extra(*CALLS[playbook]), "-b", **refused)

    assert done.status != 0, done.output
    # Said by Ansible, before any code of a module runs, in a message or in the table; before 2.19 it does not say why.
    said = [done.messages, *re.findall(r"cannot be asked \(.*", done.output)]
    assert re.search("become|MODULE FAILURE", " ".join(said)), done.output
    assert "changed=1" not in done.output
