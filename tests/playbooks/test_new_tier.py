"""A tier that is made up for the test needs its own files and its place in the registry, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, TOP, Controller, Outcome
from ansible_collections.groupware.ha.tests.playbooks.holds import ELSEWHERE, held, leave

#: What the tier brings: a shelf of books, each of which may refer to a book of another shelf. Its role writes what is
#: on it.
OWN_FILES = {
    "plugins/module_utils/tiers/shelf.py": '''
"""Shelves of books. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problem
from ansible_collections.groupware.ha.plugins.module_utils.tiers.base import Need, Tier


@dataclass(frozen=True)
class Shelf(Tier):
    name: str = "shelf"
    group: str = "shelf_hosts"
    role: str = "shelf"
    naming: str = "shelf_name"
    required: tuple[str, ...] = ("shelf_books",)
    optional: tuple[str, ...] = ("shelf_references",)

    def judge(self, tier):
        for index, book in enumerate(tier.variables["shelf_books"]):
            if not isinstance(book, str):
                yield Problem(f"shelf_books[{index}]", book, "is no book", "give its title")

    def needs(self, tier):
        return [Need("book", book) for book in tier.variables.get("shelf_references", ())]

    def offers(self, tier):
        return [Need("book", book) for book in tier.variables["shelf_books"]]
''',
    "playbooks/tiers/shelf/judge.yml": """
- name: Refuse shelves that nobody can write on
  ansible.builtin.assert:
    that: shelf_file is defined
    fail_msg: a shelf is kept in a file
""",
    "playbooks/tiers/shelf/plan.yml": """
- name: Say what will be there
  ansible.builtin.debug:
    msg: "{{ groupware_tier.name }} of {{ groupware_members | join(' and ') }} will have {{ shelf_books | join(', ') }}"
""",
    "playbooks/tiers/shelf/configure.yml": """
- name: Keep the books
  ansible.builtin.include_role:
    name: groupware.ha.shelf
    apply:
      tags: [shelf]
  tags: [shelf]
""",
    "playbooks/tiers/shelf/verify.yml": """
- name: Fail if the books are gone
  ansible.builtin.assert:
    that: lookup('ansible.builtin.file', shelf_file) is search(groupware_tier.name)
    fail_msg: "{{ groupware_tier.name }}: the books are gone"
""",
    "playbooks/tiers/shelf/unconfigure.yml": """
- name: Write that it is empty
  ansible.builtin.shell:
    cmd: echo "no {{ groupware_tier.name }}" >>"{{ shelf_file }}"
""",
    "roles/shelf/tasks/main.yml": """
- name: Write what is on it
  ansible.builtin.lineinfile:
    path: "{{ shelf_file }}"
    line: "{{ shelf_name }} {{ shelf_books | join(' ') }}"
    create: true
    mode: "0644"
  throttle: 1 # tests have several shelves in one file
  tags: [shelf]
""",
}
#: What its role asks its hosts, for a test that has it.
QUESTION = """
__shelf_questions: {}
__shelf_written: "{{ lookup('ansible.builtin.file', shelf_file, errors='ignore') or '' }}"
__shelf_line: "{{ shelf_name }} {{ shelf_books | join(' ') }}"
__shelf_differences: >-
  {{ groupware_members | map('regex_replace', '$', ': writes the books of ' ~ shelf_name)
     if __shelf_line not in __shelf_written.splitlines() else [] }}
__shelf_refusals: "{{ [shelf_name ~ ' has a book that may not be'] if 'forbidden' in shelf_books else [] }}"
""".removeprefix("\n")
REGISTRY = "plugins/module_utils/tiers/registry.py"
#: What stands in the registry, and the line that goes after it.
LINES = {
    "tiers.ias import Ias\n": "from ansible_collections.groupware.ha.plugins.module_utils.tiers.shelf import Shelf\n",
    "    Ias(),\n": "    Shelf(),\n",
}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the collection that has the tier, in a folder of collections."""
    path = tmp_path_factory.mktemp("tier") / "collections"
    copied = path / "ansible_collections" / "groupware" / "ha"
    for room in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(TOP / room, copied / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOP / "galaxy.yml", copied)
    for name, text in OWN_FILES.items():
        file = copied / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.removeprefix("\n"))
    registry = (copied / REGISTRY).read_text()
    for before, line in LINES.items():
        assert before in registry
        registry = registry.replace(before, before + line)
    (copied / REGISTRY).write_text(registry)
    return path


def shelf(name: str, books: list[Any], *references: str, hosts: Any = None) -> dict[str, Any]:
    """A group of hosts that are one shelf."""
    described = {"shelf_name": name, "shelf_books": books, "shelf_references": list(references)}
    return {"hosts": hosts or {f"{name}1": LOCAL}, "vars": described}


def run(controller: Controller, collections: Path, playbook: str, *arguments: str, **shelves: Any) -> Outcome:
    """Run a playbook of the copy on these shelves."""
    hosts = {"shelf_hosts": {"children": shelves}}
    return controller.run(playbook, hosts, *arguments, ANSIBLE_COLLECTIONS_PATH=str(collections))


def test_a_new_tier(controller: Controller, collections: Path) -> None:
    written = controller.path / "shelf"
    kept = ("-e", f"shelf_file={written}")
    # Named before those that they need.
    shelves = {
        "poetry": shelf("poetry", ["odes"], "grammar"),
        "grammar": shelf("grammar", ["grammar"], "alphabet", hosts={"grammar1": LOCAL, "grammar2": LOCAL}),
        "primers": shelf("primers", ["alphabet"]),
    }

    done = run(controller, collections, "site", **shelves)
    assert done.status != 0
    assert "a shelf is kept in a file" in done.output
    assert not written.exists()

    done = run(controller, collections, "plan", *kept, **shelves)
    assert done.status == 0, done.output
    assert "grammar of grammar1 and grammar2 will have grammar" in done.output
    assert not written.exists()

    done = run(controller, collections, "site", *kept, **shelves)
    assert done.status == 0, done.output
    assert written.read_text().splitlines() == ["primers alphabet", "grammar grammar", "poetry odes"]
    assert "changed=1" not in run(controller, collections, "site", *kept, "--tags", "shelf", **shelves).output

    assert run(controller, collections, "verify", *kept, **shelves).status == 0
    written.write_text("primers\npoetry\n")
    done = run(controller, collections, "verify", *kept, **shelves)
    assert done.status != 0
    assert "grammar: the books are gone" in done.output

    written.unlink()
    done = run(controller, collections, "unconfigure", *kept, "--forks", "1", **shelves)
    assert done.status == 0, done.output
    assert written.read_text().splitlines() == ["no poetry", "no grammar", "no grammar", "no primers"]


def test_a_tier_whose_role_can_be_asked(controller: Controller, collections: Path) -> None:
    """Its hosts are asked as nodes are: without differences nothing is gone through, and what cannot be is refused."""
    question = collections / "ansible_collections/groupware/ha/roles/shelf/vars/question.yml"
    question.parent.mkdir()
    question.write_text(QUESTION)
    written = controller.path / "shelf"
    given = {**LOCAL, "shelf_file": str(written)}
    both = {
        "poetry": shelf("poetry", ["odes"], hosts={"poetry1": given, "poetry2": given}),
        "primers": shelf("primers", ["alphabet"], hosts={"primers1": given}),
    }
    try:
        planned = run(controller, collections, "plan", **both)
        assert "poetry1: writes the books of poetry" in planned.output
        assert run(controller, collections, "site", **both).status == 0
        again = run(controller, collections, "site", **both)
        assert "shelf poetry   done  poetry1, poetry2, nothing changed" in again.output
        assert "Write what is on it" not in again.output

        written.write_text("poetry odes\n")
        once = run(controller, collections, "site", **both)
        assert "shelf poetry   done  poetry1, poetry2, nothing changed" in once.output
        assert "shelf primers  done  primers1\n" in once.output
        assert written.read_text().splitlines() == ["poetry odes", "primers alphabet"]

        both["poetry"]["vars"]["shelf_books"] = ["forbidden", "odes"]
        both["primers"]["vars"]["shelf_books"] = ["alphabet", "numbers"]
        for playbook in ("plan", "site"):
            refused = run(controller, collections, playbook, **both)
            assert refused.status != 0
            assert "poetry has a book that may not be" in refused.output
        assert written.read_text().splitlines() == ["poetry odes", "primers alphabet", "primers alphabet numbers"]
    finally:
        question.unlink()


def test_what_cannot_be(controller: Controller, collections: Path) -> None:
    """Nothing is touched, of no tier."""
    written = controller.path / "shelf"
    kept = ("-e", f"shelf_file={written}")

    done = run(
        controller,
        collections,
        "site",
        *kept,
        primers=shelf("primers", ["alphabet"], "grammar"),
        grammar=shelf("grammar", ["grammar"], "alphabet"),
        poetry=shelf("poetry", ["odes"]),
    )
    assert done.status != 0
    assert "tiers need each other in a circle: shelf " in done.messages
    assert "shelf primers needs the book grammar of shelf grammar" in done.messages

    done = run(
        controller,
        collections,
        "site",
        *kept,
        poetry=shelf("poetry", ["odes", 7]),
        novels=shelf("novels", [], "odes", hosts={"novels1": LOCAL, "novels2": {**LOCAL, "shelf_books": ["emma"]}}),
    )
    assert done.status != 0
    assert "shelf poetry: shelf_books[1] = 7: is no book; give its title" in done.messages
    assert "shelf novels: shelf_books: is another one for novels1 than for novels2" in done.messages
    assert not written.exists()


def test_a_tier_that_another_run_changes_is_left_alone(controller: Controller, collections: Path) -> None:
    """The hosts of a tier are held while it is changed, and those of the others meanwhile as well."""
    written = controller.path / "shelf"
    given = {**LOCAL, "shelf_file": str(written)}
    leave(controller.path, ELSEWHERE, "poetry2")
    shelves = {
        "poetry": shelf("poetry", ["odes"], hosts={"poetry1": given, "poetry2": given}),
        "primers": shelf("primers", ["alphabet"], hosts={"primers1": given}),
    }

    done = run(controller, collections, "site", **shelves)

    assert done.status != 0
    assert written.read_text().splitlines() == ["primers alphabet"]
    assert "shelf poetry: poetry2 is held for cluster office by alice on control7" in done.messages
    assert [held(controller.path, host) for host in ("poetry1", "poetry2", "primers1")] == [None, ELSEWHERE, None]


def test_a_tier_that_fails_ends_nothing_else(controller: Controller, collections: Path) -> None:
    """Beside those that it is judged with: a host that failed then does not leave the others of its tier alone."""
    written = controller.path / "shelf"
    given = {**LOCAL, "shelf_file": str(written)}

    done = run(
        controller,
        collections,
        "site",
        poetry=shelf("poetry", ["odes"], hosts={"poetry1": LOCAL, "poetry2": given}),
        novels=shelf("novels", ["emma"], hosts={"novels1": {**SILENT, "shelf_file": str(written)}, "novels2": given}),
        primers=shelf("primers", ["alphabet"], hosts={"primers1": given}),
    )

    assert done.status != 0
    assert sorted(written.read_text().splitlines()) == ["novels emma", "primers alphabet"]
