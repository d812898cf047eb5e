"""What a role asks a node in advance is what its tasks ask and do, option for option."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
QUESTIONS = sorted(TOP.glob("roles/*/vars/question.yml"))


def calls(tasks: Any) -> Iterator[tuple[str, Any]]:
    """Modules of this collection that tasks call, with their options; within blocks too."""
    for task in tasks:
        for name, options in task.items():
            if name in ("block", "rescue", "always"):
                yield from calls(options)
            elif name.startswith("groupware.ha."):
                yield name.removeprefix("groupware.ha."), options


def asked(questions: Path) -> Iterator[tuple[str, Any]]:
    """The options in a file of questions, by names of modules; a template there is a variable of the role."""
    role = questions.parent.parent.name
    given = yaml.safe_load(questions.read_text(encoding="utf-8"))
    for part in ("questions", "cluster_questions"):
        found = given.get(f"__{role}_{part}", {})
        if isinstance(found, dict):
            yield from ((name, options) for name, options in found.items() if isinstance(options, dict))
    for name, value in given.items():
        if name.startswith(f"__{role}_asked") and isinstance(value, dict):
            yield "", value


@pytest.mark.parametrize("questions", QUESTIONS, ids=lambda path: path.parent.parent.name)
def test_the_tasks_have_the_same_options(questions: Path) -> None:
    files = questions.parent.parent.glob("tasks/*.yml")
    done = [call for file in files for call in calls(yaml.safe_load(file.read_text(encoding="utf-8")) or ())]
    for name, options in asked(questions):
        assert [call for call in done if name in ("", call[0]) and call[1] == options], (name, options)


def test_there_are_questions_that_are_compared() -> None:
    compared = {questions.parent.parent.name for questions in QUESTIONS if list(asked(questions))}
    assert {"ha_ip_config", "shared_storage", "failover_service", "postfix_dovecot", "radicale", "haproxy"} <= compared
    assert {"messaging_server", "calendar_server_63", "scalix"} <= compared
