"""The one place that starts processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, LocalRunner


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


def test_output_and_record() -> None:
    runner = LocalRunner()

    result = runner.run(["printf", "%s", "a b; echo c"])

    assert (result.status, result.stdout) == (0, "a b; echo c")
    assert runner.commands == ["printf %s 'a b; echo c'"]


def test_reading_commands_are_not_recorded() -> None:
    runner = LocalRunner()

    runner.run(["true"], record=False)

    assert runner.commands == []


def test_dry_run_starts_only_what_reads(tmp_path: Path) -> None:
    runner = LocalRunner(dry=True)

    result = runner.run(["touch", str(tmp_path / "a")])
    runner.run(["touch", str(tmp_path / "b")], record=False)

    assert (result.status, result.stdout) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert len(runner.commands) == 1


def test_c_locale_search_path_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    code = "import os; print(*(os.environ[name] for name in ('LC_ALL', 'LANGUAGE', 'PATH', 'EXTRA')), sep='|')"

    locale, language, path, extra = LocalRunner(environment={"EXTRA": "x"}).run(python(code)).stdout.strip().split("|")

    assert (locale, language, extra) == ("C", "", "x")
    assert path.startswith("/usr/bin:/bin:")
    assert "/usr/sbin" in path


def test_standard_input_is_given_or_empty() -> None:
    """A program that asks does not wait for the answer, and does not take what is meant for this process."""
    runner = LocalRunner()
    reading, writing = os.pipe()
    os.write(writing, b"not meant for it")
    os.close(writing)
    own = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert runner.run(["cat"]).stdout == ""
    finally:
        os.dup2(own, 0)
        os.close(own)
        os.close(reading)

    assert runner.run(["cat"], stdin="hunter2").stdout == "hunter2"
    assert "hunter2" not in str(runner.commands)


@pytest.mark.parametrize(("code", "output"), [("sys.stderr.write('why')", "why"), ("print('what')", "what")])
def test_other_exit_status(code: str, output: str) -> None:
    with pytest.raises(CommandError, match=f"exit status 3: {output}$") as caught:
        LocalRunner().run(python(f"import sys; {code}; sys.exit(3)"))

    assert (caught.value.reason, caught.value.output) == ("exit status 3", output)


def test_accepted_exit_status() -> None:
    assert LocalRunner().run(["false"], accept=(0, 1)).status == 1


def test_program_that_is_not_installed() -> None:
    with pytest.raises(CommandNotFound, match="no-such-program --x: is not installed"):
        LocalRunner().run(["no-such-program", "--x"])


def test_program_that_may_not_be_started(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.touch(mode=0o644)

    with pytest.raises(CommandError, match="Permission denied"):
        LocalRunner().run([str(program)])


def test_deadline() -> None:
    with pytest.raises(CommandError, match=r"did not end within 0\.1 seconds"):
        LocalRunner().run(["sleep", "30"], timeout=0.1)


def test_output_that_is_no_text() -> None:
    assert LocalRunner().run(["printf", r"\377x"]).stdout == "\ufffdx"
