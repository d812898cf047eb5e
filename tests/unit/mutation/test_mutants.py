"""Which small changes are made, and how a run judges them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import mutation
import pytest
from mutants import mutants

TOP = Path(__file__).resolve().parents[3]


def changed(text: str, path: str = "some.py") -> list[str]:
    """What becomes of the lines that change, in each mutant."""
    return [mutant.difference(text)[1] for mutant in mutants(path, text)]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("os.fsync(descriptor)\n", "pass"),
        ("x.mode = 1\n", "pass"),
        ("def f():\n    raise E('why')\n", "pass"),
        ("def f():\n    return g()\n", "return None"),
        ("def f():\n    write(a)\n    for b in c:\n        d()\n", "for b in c:\nd()\nwrite(a)"),
        ("if a:\n    pass\n", "if not (a):"),
        ("if not a:\n    pass\n", "if a:"),
        ("x = a and b\n", "x = a"),
        ("x = a or b\n", "x = b"),
        ("x = a == b\n", "x = a != b"),
        ("x = a not in b\n", "x = a in b"),
        ("x = a <= b\n", "x = a < b"),
        ("x = os.O_RDWR | os.O_DIRECT\n", "x = os.O_RDWR & os.O_DIRECT"),
        ("x = y + 1\n", "x = y + 2"),
        ("open_file(mode=0o600)\n", "open_file(mode=0o655)"),
        ("open_file(mode=0o600)\n", "open_file()"),
        ("x.chmod(0o755)\n", "x.chmod(0o700)"),
        ("x = {'a': {'no_log': True}, **b}\n", "x = {'a': {'no_log': False}, **b}"),
        ("x = {'a': {'no_log': True}, **b}\n", "x = {'a': {}, **b}"),
        ("x = {'a': 1, **b}\n", "x = {'a': 1}"),
        ("x = ['-addext', f'subjectAltName={y}']\n", "x = ['-addext']"),
        ("x = '''one two'''.split()\n", "x = '''one '''.split()"),
        ("x = [a for a in b if c]\n", "x = [a for a in b if True]"),
        ("x = f'{y}\N{SNOWMAN}' + z(1)\n", "x = f'{y}\N{SNOWMAN}' + z(2)"),
    ],
)
def test_python(text: str, becomes: str) -> None:
    assert becomes in changed(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""Documentation."""\n',
        "DOCUMENTATION = 'x'\n",
        "import a\nfrom b import c\n",
        "def f(a: int | None, *, b: Literal['x']) -> list['c']: ...\n",
        "x = Path(y).read_text(encoding='utf-8')\n",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert [line for line in changed(text) if "None" not in line] == []


def test_messages_for_people_are_left_alone() -> None:
    text = "problems.append(Problem(key, 1, 'is wrong', 'make it right'))\n"
    assert not any("mutated" in line for line in changed(text))


def test_every_mutant_is_a_program_and_none_is_made_twice() -> None:
    for path in ("plugins/module_utils/files.py", "plugins/module_utils/products/corosync.py"):
        text = (TOP / path).read_text(encoding="utf-8")
        made = [mutant.apply(text) for mutant in mutants(path, text)]
        assert len(made) > 100
        assert len(set(made)) == len(made)
        assert text not in made
        for one in made:
            compile(one, path, "exec")


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("mail_fsync = always\n", ""),
        ("mail_fsync = always\n", "mail_fsync = mutated"),
        ("biff = no\n", "biff = yes"),
        ("delay = 60s\n", "delay = 61s"),
        ("a = permit_x, reject\n", "a = permit_x,"),
        ("    -o a=yes\n", "-o a=no"),
        ("a = {{ b }}/c\n", "a = {{ 'mutated' }}/c"),
        ("{% if a %}\n", "{% if not (a) %}"),
        ("{{ 'x' if a == 6 else 'y' }}\n", "{{ 'x' if not (a == 6) else 'y' }}"),
    ],
)
def test_templates(text: str, becomes: str) -> None:
    assert becomes in changed(text, "some.j2")


def test_comments_of_templates_are_left_alone() -> None:
    assert changed("# a = {{ b }}\n\n{# c #}\n", "some.j2") == []


def test_tasks() -> None:
    assert changed("- a:\n    mode: '0600'\n    b: c\n  no_log: true\n", "some.yml") == ["", ""]


def test_a_mutant_says_where_it_is() -> None:
    text = "class A:\n    def f(self):\n        g()\n"
    mutant = mutants("some.py", text)[0]
    assert (mutant.scope, mutant.line(text), mutant.difference(text)) == ("A.f", 3, ("g()", "pass"))


# A whole run, on a small checkout -----------------------------------------------------------------------------------

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


def test_the_table_names_files_that_are_there() -> None:
    targets = mutation.read_targets(TOP / "tests" / "mutation" / "targets.toml", TOP, [])
    assert {"storage", "files", "secrets", "templates"} <= {target.name for target in targets}
    mutation.read_equivalents(TOP / "tests" / "mutation" / "equivalents.toml")
