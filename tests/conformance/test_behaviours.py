"""README says how much of each simulator is documented behaviour, and says it truly."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.groupware.ha.tests.conformance.behaviours import counts, summary
from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS

README = Path(__file__).resolve().parents[2] / "README.md"


def test_readme_has_the_counts() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \| (\d+) \|$", README.read_text("utf-8"), re.MULTILINE)

    found = counts()
    assert {row[0]: tuple(map(int, row[1:])) for row in rows} == {name: summary(of_it) for name, of_it in found.items()}


def test_every_behaviour_says_what_and_by_which_command() -> None:
    assert counts()
    for behaviour in BEHAVIOURS:
        assert behaviour.command.strip(), behaviour
        assert behaviour.words.strip(), behaviour
