"""Every module, given a secret in the right and in the wrong place: it is neither logged nor returned."""

from __future__ import annotations

import importlib
import json
import syslog
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandNotFound, LocalRunner
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import good_description
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

#: What only its action plugin does runs on no node, and logs nothing there.
MODULES = sorted(
    path.stem
    for path in Path(runner.__file__).parents[1].joinpath("modules").glob("*.py")
    if "def main(" in path.read_text(encoding="utf-8")
)
SECRET = "hunter2 is's se\"cret9x"  # noqa: S105
#: How a secret may get into the value of any option.
SHAPES: dict[str, Any] = {
    "a text": SECRET,
    "a pair in a text": f"password={SECRET}",
    "a list": [SECRET],
    "a pair as a list": ["password", SECRET],
    "below its name": {"password": SECRET},
    "below a misspelt name": {"pasword": SECRET},
    "below a misspelt key": {"fencng": {"options": {"passwd": SECRET}}},
    "as a key": {SECRET: "password"},
    "list of dictionaries": [{"name": "x", "password": SECRET}],
    "list of lists": [[{"apikey": [SECRET]}]],
    "a number's place": {"name": {"community": {"x": SECRET}}},
    "a setting as two": [{"name": "password", "value": SECRET}],
    "several lines": f"first\npassword = {SECRET}\n",
    "a key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n",
}
#: What modules need besides the options that are always required.
NEEDED: dict[str, dict[str, Any]] = {
    "messaging_instance": {"installer": "/nowhere"},
    "registry": {"path": "A", "file": "/nowhere"},
    "resource": {"type": "x"},
    "switchover": {"service": "mail1", "node": "nodea"},
    "vfstab": {"file_systems": [{"mount_point": "/x", "device": "/dev/x"}]},
}


class _Stopped(Exception):
    pass


def specification(name: str) -> dict[str, Any]:
    """The options of a module."""
    found: dict[str, Any] = {}

    def keep(_: Any, argument_spec: dict[str, Any], **_options: Any) -> None:
        found.update(argument_spec)
        raise _Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner.AnsibleModule, "__init__", keep)
        with pytest.raises(_Stopped):
            module(name).main()
    return found


def module(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")


def minimal(spec: dict[str, Any]) -> Any:
    """Some value for an option."""
    if "choices" in spec:
        return spec["choices"][0]
    if spec.get("type") == "list":
        options = spec.get("options", {})
        return [{name: minimal(one) for name, one in options.items() if one.get("required")}] if options else []
    return {"path": "/nowhere", "dict": {}, "int": 7, "float": 7, "bool": True, "raw": "x"}.get(
        spec.get("type", "str"), "192.0.2.1"
    )


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, str]]:
    """Runs a module in check mode; gives what it logged, and all that it printed."""
    logged: list[str] = []
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: logged.append(str(arguments[-1])))
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)

    def not_installed(_: LocalRunner, argv: list[str], **_options: Any) -> None:
        raise CommandNotFound(argv, "is not installed")

    monkeypatch.setattr(LocalRunner, "run", not_installed)

    def run(name: str, arguments: dict[str, Any]) -> tuple[str, str]:
        logged.clear()
        capsys.readouterr()
        with given_arguments({**arguments, "_ansible_check_mode": True, "_ansible_diff": True}):
            try:
                module(name).main()
            except SystemExit:
                failure = ""
            except Exception:  # noqa: BLE001 - what Ansible would show of it
                failure = traceback.format_exc(limit=0)
        captured = capsys.readouterr()
        return "".join(logged), captured.out + captured.err + failure

    return run


def leaks(text: str) -> list[str]:
    """Parts of the secret that stand in a text, however it was quoted."""
    return [part for part in ("hunter2", "cret9x") if part in text]


def cases() -> Iterator[Any]:
    for name in MODULES:
        for option in [*specification(name), "unknown"]:
            yield pytest.param(name, option, id=f"{name}-{option}")


@pytest.mark.parametrize(("name", "option"), list(cases()))
def test_no_option_leaks(told: Callable[..., tuple[str, str]], name: str, option: str) -> None:
    spec = specification(name)
    good = {one: minimal(options) for one, options in spec.items() if options.get("required")}
    told_of = spec.get(option, {"type": "unknown"})
    # A plain text where a plain text belongs is no secret, unless the option says so.
    plain = {"str": ["a text"], "path": ["a text"], "list": ["a text", "a list"]}.get(told_of.get("type", "str"), [])
    for shape, value in SHAPES.items():
        if shape in plain and not told_of.get("no_log") and "options" not in told_of:
            continue
        log, printed = told(name, {**good, option: value})
        assert (leaks(log), leaks(printed)) == ([], []), (shape, log, printed)


@pytest.mark.parametrize("name", MODULES)
def test_right_arguments_are_logged_without_what_is_in_them(told: Callable[..., tuple[str, str]], name: str) -> None:
    spec = specification(name)
    good = {one: minimal(options) for one, options in spec.items() if options.get("required")}
    log, printed = told(name, {**good, **NEEDED.get(name, {})})
    assert "Invoked with" in log
    assert "Traceback" not in printed


@pytest.mark.parametrize("name", ["deployment", "failover_services"])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], lambda value: {"passwd": value}])
@pytest.mark.parametrize(
    "place",
    [
        ("cluster", "fencing", "devices", 0, "options", "passwd"),
        ("cluster", "fencing", "devices", 0, "options", "apikey"),
        ("cluster", "fencing", "devices", 0, "options", "passwd_script"),
        ("cluster", "fencing", "devices", 0, "pasword"),
        ("cluster", "fencng", "password"),
        ("cluster", "properties", "secret"),
        ("services", 0, "application", "options", "dovecot_password"),
        ("services", 2, "application", "members", 0, "operations", "monitor", "password"),
        ("services", 2, "application", "members", 0, "properties", "community"),
        ("services", 2, "storage", "mount_options"),
    ],
)
def test_descriptions_with_secrets_are_refused_and_not_told(
    told: Callable[..., tuple[str, str]], name: str, place: tuple[Any, ...], wrap: Callable[[Any], Any]
) -> None:
    description = good_description()
    holder: Any = description
    for key in place[:-1]:
        holder = holder.setdefault(key, {}) if isinstance(holder, dict) else holder[key]
    holder[place[-1]] = wrap(f"user=x,password={SECRET}" if place[-1] == "mount_options" else SECRET)
    log, printed = told(name, description)
    assert "Invoked with" in log
    result = json.loads(printed)
    assert result["failed"]
    assert result["problems"]
    assert (leaks(log), leaks(printed)) == ([], [])


def test_what_a_program_prints_of_a_secret_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with given_arguments({"properties": {"passwd": SECRET}, "name": "fence_a"}), pytest.raises(SystemExit):
        runner.Module({"properties": {"type": "dict"}, "name": {"type": "str"}}).fail_json(
            msg=f"fence_a: {SECRET} is wrong", commands=[f"fence -p {SECRET}"]
        )
    printed = capsys.readouterr().out
    assert "fence_a: ******** is wrong" in printed
    assert leaks(printed) == []
