"""The walls between the rooms of the collection, and the proof that they hold.

Who may import whom is written down as contracts of import-linter in pyproject.toml; here each contract is shown to
notice who climbs over it. What imports do not show is checked here altogether: processes that are started without
importing subprocess, and roles that use each other's variables.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.groupware.ha.plugins"
MODULE_UTILS = f"{COLLECTION}.module_utils"

#: (file that offends, what is put into it, the contract that has to notice)
CLIMBERS = [
    *(
        (f"module_utils/frameworks/{file}", f"from {MODULE_UTILS}.{line}", "A driver never imports another driver")
        for file, line in [
            ("another.py", "frameworks.pacemaker import driver"),
            ("another/terms.py", "frameworks.vcs import terms"),
            ("vcs/another.py", "frameworks import pacemaker"),
            ("clusterware/agents.py", "frameworks.solaris_cluster import agents"),
        ]
    ),
    ("module_utils/engine/session.py", "import subprocess", "Only command.py starts processes"),
    ("modules/another.py", "import asyncio", "Only command.py starts processes"),
    ("module_utils/engine/reconcile.py", "import time", "everything is pure"),
    (
        "module_utils/description/placement.py",
        "from ansible.module_utils.basic import AnsibleModule",
        "everything is pure",
    ),
    ("module_utils/description/parsing.py", f"from {MODULE_UTILS}.engine import session", "everything is pure"),
    ("module_utils/formats/another.py", f"from {MODULE_UTILS} import command", "everything is pure"),
    ("module_utils/tiers/another.py", f"from {MODULE_UTILS} import command", "everything is pure"),
    ("module_utils/frameworks/pacemaker/planning.py", "import time", "everything is pure"),
    (
        "module_utils/frameworks/vcs/reading.py",
        f"from {MODULE_UTILS}.frameworks.vcs import asking",
        "everything is pure",
    ),
    (
        "module_utils/products/another.py",
        f"from {MODULE_UTILS}.frameworks import base",
        "Formats, products and node know nothing of frameworks",
    ),
    (
        "module_utils/node/storage/another.py",
        f"from {MODULE_UTILS}.frameworks import base",
        "Formats, products and node know nothing of frameworks",
    ),
    ("modules/another.py", "import re", "Modules parse nothing"),
    ("modules/another.py", f"from {MODULE_UTILS}.frameworks.pacemaker import driver", "Modules parse nothing"),
    ("filter/another.py", f"from {MODULE_UTILS}.engine import session", "Filters use the pure half alone"),
    ("module_utils/engine/session.py", f"from {COLLECTION}.modules import cluster_info", "The engine knows nothing of"),
]


@pytest.mark.parametrize(("path", "line", "contract"), CLIMBERS)
def test_contract_notices(tmp_path: Path, path: str, line: str, contract: str) -> None:
    # Namespace packages of one name are merged, so the copy has a name of its own: else it would be checked together
    # with the checkout, which is linked into the virtual environment.
    def renamed(text: str) -> str:
        return text.replace("ansible_collections", "climbed_collections")

    (tmp_path / "contracts.toml").write_text(renamed((TOP / "pyproject.toml").read_text()))
    for original in (TOP / "plugins").rglob("*.py"):
        copy = tmp_path / renamed(COLLECTION).replace(".", "/") / original.relative_to(TOP / "plugins")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(renamed(original.read_text()))
    offender = tmp_path / renamed(COLLECTION).replace(".", "/") / path
    offender.parent.mkdir(exist_ok=True)
    with offender.open("a") as file:
        file.write(f"\n{renamed(line)}\n")

    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache", "--config", "contracts.toml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1, result.stdout + result.stderr
    assert re.search(rf"{re.escape(contract)}.* BROKEN", result.stdout), result.stdout


#: Files of a driver's folder that ask the cluster or change it; all others are pure.
ACTING = ("asking.py", "driver.py")


def test_every_other_file_of_a_driver_is_among_the_pure() -> None:
    contracts = (TOP / "pyproject.toml").read_text()

    rooms = [path for path in (TOP / "plugins/module_utils/frameworks").glob("*/*.py") if path.name not in ACTING]
    assert len(rooms) > 20
    assert [path for path in rooms if f'.frameworks.*.{path.stem}"' not in contracts] == []


def test_a_file_is_read_in_one_go() -> None:
    """Files of 500 lines at most, and functions of 60, so that a reader sees a whole one at once."""
    long = []
    for path in (TOP / "plugins").rglob("*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                size = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{path}: {node.name} has {size} lines"] if size > 60 else []
        long += [f"{path} has {text.count(chr(10))} lines"] if text.count("\n") > 500 else []

    assert long == []


#: Functions of the os module that start a program.
OS_STARTERS = re.compile(r"exec[lv]\w*|fork(pty)?|popen|posix_spawnp?|spawn[lv]\w*|startfile|system")


def starters(source: str) -> Iterator[str]:
    """The calls in a source text that start a process without importing subprocess."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (f"os.{alias.name}" for alias in node.names if OS_STARTERS.fullmatch(alias.name))
        elif isinstance(node, ast.Attribute):
            of_os = isinstance(node.value, ast.Name) and node.value.id == "os"
            if node.attr == "run_command" or (of_os and OS_STARTERS.fullmatch(node.attr)):
                yield ast.unparse(node)


@pytest.mark.parametrize(
    "source", ["module.run_command(['crm_mon'])", "import os\nos.popen('id')", "from os import execvp"]
)
def test_starters_are_found(source: str) -> None:
    assert list(starters(source))


def test_only_command_starts_processes() -> None:
    found = {
        str(path.relative_to(TOP)): calls
        for path in (TOP / "plugins").rglob("*.py")
        if path.name != "command.py" and (calls := list(starters(path.read_text())))
    }
    assert not found


def foreign_variables(roles: Path) -> Iterator[str]:
    """Where a role mentions a variable that carries another role's name."""
    names = sorted((path.name for path in roles.iterdir() if path.is_dir()), key=len, reverse=True)
    variable = re.compile(rf"(?<![\w.])_*({'|'.join(names)})_\w+")
    for name in names:
        for path in sorted(path for path in (roles / name).rglob("*") if path.is_file() and path.name != "README.md"):
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                for match in variable.finditer(line):
                    # The name of one role may begin with that of another.
                    if match[1] != name and match[0] != name:
                        yield f"{path.relative_to(roles)}:{number}: {match[0]}"


def test_no_role_uses_variables_of_another() -> None:
    assert not list(foreign_variables(TOP / "roles"))


def test_foreign_variables_are_found(tmp_path: Path) -> None:
    for role, text in {
        "storage": "{{ storage_device }} {{ mail_users }}",
        "mail": "{{ mail_users }} # storage",
        "mail_2": "tags: [mail_2] # {{ mail_2_users }}",
    }.items():
        (tmp_path / role / "tasks").mkdir(parents=True)
        (tmp_path / role / "tasks" / "main.yml").write_text(text)

    assert list(foreign_variables(tmp_path)) == ["storage/tasks/main.yml:1: mail_users"]
