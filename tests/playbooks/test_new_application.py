"""An application that is made up for the test needs its own files and a line in each table, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import (
    LOCAL,
    SILENT,
    TOP,
    VCS_CLUSTER,
    VCS_SERVICE,
    Cluster,
    inventory,
)

#: What the application brings. Its role is told of its instances, and writes what it was told.
OWN_FILES = {
    "plugins/module_utils/applications/diary.py": """
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem


def judge(instances, file):
    if file is None:
        raise DescriptionError([Problem("diary_file", None, "a diary is kept in a file", "name one")])
""",
    "playbooks/applications/diary/configure.yml": """
- name: Keep the diaries
  ansible.builtin.include_role:
    name: groupware.ha.diary
    apply:
      tags: [diary]
  vars:
    diary_instances: "{{ groupware_services | groupware.ha.instances('diary') }}"
  tags: [diary]
""",
    "playbooks/applications/diary/verify.yml": """
- name: Note that no diary can be read
  ansible.builtin.set_fact:
    groupware_asked: >-
      {{ dict(groupware_services | groupware.ha.instances('diary') | map(attribute='name')
              | product([{'problems': ['it is locked'], 'summary': ''}])) }}
""",
    "roles/diary/tasks/main.yml": """
- name: Write what is kept
  ansible.builtin.copy:
    content: "{{ diary_instances | map(attribute='host_name') | join(' ') }}"
    dest: "{{ diary_file }}"
    mode: "0644"
  tags: [diary]
""",
}
LINES = {
    "plugins/module_utils/applications/registry.py": (
        "        Application(NATIVE, None),\n",
        '        Application("diary", "diary"),\n',
    ),
    "plugins/module_utils/applications/judging.py": (
        '    "scalix": Judge(scalix_instances.judged_instances),\n',
        '    "diary": Judge(diary.judge, ("diary_file",)),\n',
    ),
    "plugins/module_utils/frameworks/vcs/agents.py": (
        '    "messaging_server": Agent(\n',
        '    "diary": Agent("Process", "PathName", {}, {}, {}),\n',
    ),
    "plugins/module_utils/frameworks/vcs/terms.py": (
        '    applications=("messaging_server", "native"),\n    types={"messaging_server": "MsgSrv"},\n',
        '    applications=("messaging_server", "native", "diary"),\n    types={"messaging_server": "MsgSrv"},\n',
    ),
}


@pytest.fixture
def collections(tmp_path: Path) -> Path:
    """A copy of the collection that has the application, in a folder of collections."""
    copied = tmp_path / "collections" / "ansible_collections" / "groupware" / "ha"
    for room in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(TOP / room, copied / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOP / "galaxy.yml", copied)
    for name, text in OWN_FILES.items():
        path = copied / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, (before, line) in LINES.items():
        path = copied / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, line if "types=" in before else line + before))
    judging = copied / "plugins/module_utils/applications/judging.py"
    judging.write_text(
        judging.read_text().replace("from . import scalix_instances\n", "from . import diary, scalix_instances\n")
    )
    return tmp_path / "collections"


def test_a_new_application(cluster: Cluster, collections: Path, tmp_path: Path) -> None:
    diary = {**VCS_SERVICE, "application": {"type": "diary"}}
    written = tmp_path / "diary"
    hosts = inventory({"nodea": LOCAL, "nodeb": SILENT, "nodec": SILENT}, cluster=VCS_CLUSTER, service=diary)

    def run(playbook: str, *arguments: str) -> tuple[int, str]:
        done = cluster.run(playbook, hosts, *arguments, ANSIBLE_COLLECTIONS_PATH=str(collections))
        return done.status, done.output

    status, output = run("site")
    assert status != 0
    assert "a diary is kept in a file" in output

    kept = ("-e", f"diary_file={written}")
    status, output = run("plan", *kept)
    assert status == 0, output
    assert "create resource mail1_application" in output

    status, output = run("site", "--limit", "nodea", *kept)
    assert status == 0, output
    assert written.read_text() == "mail1.example.com"

    status, output = run("verify")
    assert status != 0
    assert "mail1: it is locked" in output
