"""Which small changes are made."""

from __future__ import annotations

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
        "class A(Protocol):\n    def f(self, a: int = 1) -> int: ...\n",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert [line for line in changed(text) if "None" not in line] == []


def test_messages_for_people_are_left_alone() -> None:
    text = "problems.append(Problem(key, 1, 'is wrong', 'make it right'))\n"
    assert not any("mutated" in line for line in changed(text))


def test_every_mutant_is_a_program_and_none_is_made_twice() -> None:
    path = "plugins/module_utils/node/accounts.py"
    text = (TOP / path).read_text(encoding="utf-8")
    made = [mutant.apply(text) for mutant in mutants(path, text)]
    assert len(made) > 50
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


def test_the_table_names_files_that_are_there() -> None:
    targets = mutation.read_targets(TOP / "tests" / "mutation" / "targets.toml", TOP, [])
    assert {"storage", "files", "secrets", "templates"} <= {target.name for target in targets}
    mutation.read_equivalents(TOP / "tests" / "mutation" / "equivalents.toml")
