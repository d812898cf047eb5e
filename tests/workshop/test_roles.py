"""What every role owes its users: documented options with the defaults that it really has, none of them dead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = sorted((Path(__file__).resolve().parents[2] / "roles").iterdir())
every_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


def defaults(role: Path) -> dict[str, Any]:
    return load(role / "defaults" / "main.yml")


def options(role: Path) -> dict[str, Any]:
    return load(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


@every_role
def test_every_option_is_documented_and_nothing_else(role: Path) -> None:
    optional = {name for name, option in options(role).items() if not option.get("required")}
    assert optional <= set(defaults(role)) <= set(options(role))


@every_role
def test_documented_defaults_are_the_real_ones(role: Path) -> None:
    # A default that is computed is described in words.
    fixed = {name: value for name, value in defaults(role).items() if "{{" not in str(value)}
    assert {name: options(role)[name].get("default") for name in fixed} == fixed


@every_role
def test_every_option_is_used(role: Path) -> None:
    text = "\n".join(
        path.read_text()
        for path in role.rglob("*")
        if path.is_file() and path.parent.name not in ("defaults", "meta") and path.name != "README.md"
    )
    assert not [name for name in options(role) if name not in text]


@every_role
def test_readme_shows_an_example(role: Path) -> None:
    text = (role / "README.md").read_text()
    assert "```yaml" in text
    assert f"groupware.ha.{role.name}" in text


def test_no_task_waits_by_failing() -> None:
    """Each try would be told in red, in a run that succeeds: a module waits."""
    folders = [*(role / "tasks" for role in ROLES), ROLES[0].parents[1] / "playbooks"]
    files = [path for folder in folders for path in folder.rglob("*.yml")]
    assert len(files) > len(ROLES)
    assert [str(path) for path in files if "retries:" in path.read_text()] == []
