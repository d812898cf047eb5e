"""How a whole run judges the mutants, on a small checkout; too slow for `make unit`: `make mutation` begins with it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import mutation
import pytest
from mutants import mutants

SOURCE = """def double(number):
    note(number)
    return number * 2


def note(number):
    NOTES.append(number)


NOTES = []
"""
TEST = """from ansible_collections.groupware.ha.plugins import one


def test_double():
    assert one.double(3) == 6
"""
TARGETS = '[one]\nsources = ["plugins/*.py"]\ntests = ["tests/test_*.py"]\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one function, its test and its table."""
    for path, text in {
        "plugins/one.py": SOURCE,
        "tests/test_one.py": TEST,
        "tests/mutation/targets.toml": TARGETS,
        "tests/mutation/equivalents.toml": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    monkeypatch.setattr(mutation, "TOP", tmp_path)
    monkeypatch.setattr(mutation, "HERE", tmp_path / "tests" / "mutation")
    monkeypatch.setattr(mutation, "CACHE", tmp_path / ".cache" / "mutation")
    return tmp_path


def test_survivors_fail_the_run_and_what_is_listed_does_not(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutation.main(["--processes=1", "--entries"]) == 1
    entries, _, _ = capsys.readouterr().out.rpartition("one: ")
    assert "note(number)" in entries
    listed = checkout / "tests" / "mutation" / "equivalents.toml"
    listed.write_text(entries)
    with pytest.raises(SystemExit, match="say why"):
        mutation.main([])
    listed.write_text(entries.replace('reason = ""', 'reason = "nobody reads the notes"'))
    assert mutation.main(["one"]) == 0
    said = capsys.readouterr().out
    assert "0 survived" in said
    assert (checkout / "plugins" / "one.py").read_text() == SOURCE

    # What is noticed, or gone, has no place in the list.
    listed.write_text(listed.read_text() + entries.replace("note(number)", "gone").replace('""', '"x"', 99))
    assert mutation.main(["one"]) == 1
    assert "take it out" in capsys.readouterr().out


def test_a_run_that_was_broken_off_goes_on(checkout: Path) -> None:
    assert mutation.main(["--processes=1"]) == 1
    results = checkout / ".cache" / "mutation" / "results.jsonl"
    lines = results.read_text().splitlines()
    results.write_text("\n".join(lines[1:]) + '\n{"half a li')
    (target,) = mutation.read_targets(checkout / "tests" / "mutation" / "targets.toml", checkout, [])

    def known() -> list[bool]:
        state, notes = target.state(checkout), mutation.Notes(results)
        return [mutation.Notes.key(state, mutant) in notes.known for mutant in target.mutants(checkout)]

    assert known().count(False) == 1
    # What the tests said before they were changed does not count.
    (checkout / "tests" / "test_one.py").write_text(TEST + "\n")
    assert not any(known())


def test_a_mutant_that_hangs_is_noticed(checkout: Path) -> None:
    copy = mutation.Copy(checkout / ".cache" / "copy")
    copy.fill(checkout)
    (copy.tree / "tests" / "test_one.py").write_text("import time\n\n\ndef test_it():\n    time.sleep(600)\n")
    mutant = mutants("plugins/one.py", SOURCE)[0]
    assert copy.outcome(mutant, ["tests/test_one.py"], 0.5).result == mutation.HUNG
    assert (copy.tree / "plugins" / "one.py").read_text() == SOURCE


def test_code_that_cannot_even_be_imported_is_noticed(checkout: Path) -> None:
    copy = mutation.Copy(checkout / ".cache" / "copy")
    copy.fill(checkout)
    mutant = mutants("plugins/one.py", SOURCE)[0]
    for file in ("conftest.py", "test_one.py"):
        (copy.tree / "tests" / file).write_text("raise ValueError\n")
        assert copy.outcome(mutant, ["tests/test_one.py"], 60).result == mutation.KILLED
        (copy.tree / "tests" / file).write_text("")


@pytest.mark.parametrize(
    ("table", "said"),
    [('[one]\nsources = ["none/*.py"]\ntests = ["tests/test_*.py"]\n', "no file matches sources of one")],
)
def test_a_target_without_files_is_refused(checkout: Path, table: str, said: str) -> None:
    path = checkout / "targets.toml"
    path.write_text(table)
    with pytest.raises(SystemExit, match=said):
        mutation.read_targets(path, checkout, [])
    with pytest.raises(SystemExit, match="No target two; there are one"):
        mutation.read_targets(path, checkout, ["two"])


def test_tests_that_fail_by_themselves_say_so(checkout: Path) -> None:
    (checkout / "tests" / "test_one.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(SystemExit, match="the tests fail before anything is changed"):
        mutation.main(["--processes=1"])


def test_a_sample_is_the_same_each_time(checkout: Path) -> None:
    (target,) = mutation.read_targets(checkout / "tests" / "mutation" / "targets.toml", checkout, [])
    everything = target.mutants(checkout)
    samples = [replace(target, sample=(3, seed)).mutants(checkout) for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]
    assert [len(sample) for sample in samples] == [3, 3, 3]
    # In the order of the file, and each once.
    assert all([mutant for mutant in everything if mutant in sample] == sample for sample in samples)
    assert replace(target, sample=(99, 1)).mutants(checkout) == everything
