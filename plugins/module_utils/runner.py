# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one kind of module: one that logs and returns its arguments without secrets, however wrong they are.

Ansible writes the arguments of each module to the node's log and into its result, but for options with ``no_log``. What
is in a description, or in properties of a resource, is not known to be secret before somebody looks into it; and an
option with ``no_log`` makes Ansible blot out each word that occurs in it, wherever it stands. So of dictionaries and
lists only the shape is logged and returned, and texts are shown as everywhere.
"""

from __future__ import annotations

import copy
import os
import pwd
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner, Memory, RememberingRunner, Runner
from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import holds_secret, is_secret
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, leaves, shape, shown, without

#: Options that have whole files in them, which may hold secrets as far as their modes allow.
WHOLE_FILES = ("content", "configuration")
#: Shorter values are no secrets worth the name, and occur in other words.
SHORTEST = 6


class Module(AnsibleModule):  # type: ignore[misc] # Ansible says nothing of its types
    """An AnsibleModule that never logs, prints or returns a secret that it was given."""

    params: dict[str, Any]
    _judged = False

    def __init__(self, argument_spec: Mapping[str, Any], **rules: Any) -> None:
        super().__init__(argument_spec, supports_check_mode=True, **rules)

    def run(
        self,
        work: Callable[[Runner], dict[str, Any]],
        *,
        tells_commands: bool = True,
        failing: Mapping[str, Any] | None = None,
    ) -> None:
        """Do the work, and exit with what it returns; what failed or was refused becomes the module's failure.

        :param work: gives the return values, and under ``warnings`` what to warn of
        :param tells_commands: whether the commands that were run are a return value
        :param failing: further return values of a failure
        """
        runner = self._runner()
        told = {"commands": runner.commands} if tells_commands else {}
        try:
            result = work(runner)
        except Failure as error:
            self.fail_json(msg=str(error), **{**told, **(failing or {}), **error.details})
        except OSError as error:
            where = "" if error.filename is None else f"{error.filename}: "
            self.fail_json(msg=f"{where}{error.strerror or error}", **{**told, **(failing or {})})
        for warning in result.pop("warnings", ()):
            self.warn(warning)
        self.exit_json(**{**told, **result})

    def _runner(self) -> Runner:
        return LocalRunner(dry=self.check_mode)

    def _load_params(self) -> None:
        """Take the arguments, and keep in mind what they were before Ansible makes texts of them."""
        super()._load_params()
        self._given: dict[str, Any] = {
            name: value for name, value in self.params.items() if not name.startswith("_ansible")
        }

    def _log_invocation(self) -> None:
        """Log that the module ran; called when Ansible has found the arguments to be right."""
        self._judged = True
        self.no_log_values.update(self._secrets())
        arguments = self._shown_arguments()
        message = " ".join(f"{name}={value}" for name, value in arguments.items())
        self.log(f"Invoked with {message}", log_args={name: str(value) for name, value in arguments.items()})
        for problem in _misplaced(self.argument_spec, self._given):
            self.fail_json(msg=f"{problem}; nothing was touched")

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """Fail; where a program or the system refused something to a user other than root, say what is needed."""
        error = sys.exc_info()[1]
        while error is not None:
            lacks_rights = isinstance(error, PermissionError) or (isinstance(error, Failure) and error.may_lack_rights)
            if lacks_rights and unprivileged() not in msg:
                msg = f"{msg}{unprivileged()}"
            error = error.__cause__ or error.__context__
        super().fail_json(msg, **kwargs)

    def _return_formatted(self, kwargs: dict[str, Any]) -> None:
        """Print the result, with the arguments as they are logged."""
        kwargs["invocation"] = {"module_args": {name: _plain(one) for name, one in self._shown_arguments().items()}}
        if not self._judged and isinstance(kwargs.get("msg"), str):
            # Ansible quotes what it refuses, and that may be a secret in the wrong place.
            self.no_log_values.update(self._secrets())
            for one in self._given.values():
                kwargs["msg"] = without(kwargs["msg"], one)
        super()._return_formatted(kwargs)

    def _shown_arguments(self) -> dict[str, Any]:
        paired = shown(self._given)
        given = {
            **{name: value for name, value in self.params.items() if not name.startswith("_ansible")},
            **self._given,
        }
        return {name: self._shown_argument(name, value, paired) for name, value in given.items()}

    def _shown_argument(self, name: str, given: Any, paired: Mapping[str, Any]) -> Any:
        name = self.aliases.get(name, name)
        option = self.argument_spec.get(name)
        if option is not None and option.get("no_log") and given:
            return HIDDEN
        simple = option is not None and option.get("type", "str") in ("str", "path", "int", "float", "bool")
        if option is None or not simple or not isinstance(given, (str, int, float)) or "\n" in str(given):
            return shape(given)
        if paired.get(name) == HIDDEN or (option.get("no_log") is None and holds_secret(name, given)):
            return HIDDEN
        if "choices" in option and given not in option["choices"]:
            return shape(given)
        return shown(given) if option.get("type", "str") in ("str", "path") or self._judged else shape(given)

    def _secrets(self) -> set[str]:
        """Values below the names of secrets, at any depth: a program may print them, in an error for example."""
        opened = set(_open_values(self.argument_spec, self._given))
        found = {value for value in _secret_values(self._given) if len(value) >= SHORTEST}
        return {value for value in found if not any(value in one for one in opened)}


@dataclass(frozen=True)
class Body:
    """What a module is besides its documentation, where it is also asked together with others (groupware.ha.question).

    :ivar options: its argument spec
    :ivar work: as of Module.run, which is given the module as well
    """

    options: Mapping[str, Any]
    work: Callable[[Module, Runner], dict[str, Any]]
    tells_commands: bool = True
    failing: Mapping[str, Any] = field(default_factory=dict)

    def main(self) -> None:
        """Be the module."""
        self._run(Module(self.options))

    def answer(self, arguments: Mapping[str, Any], memory: Memory) -> dict[str, Any]:
        """What the module would return in check mode; where it would fail, as Ansible shows a failure.

        :param memory: what other modules have asked already
        """
        try:
            self._run(_Part(self.options, arguments, memory))
        except _Answer as answer:
            return answer.returned
        raise AssertionError("a module ends by saying what it returns")

    def _run(self, module: Module) -> None:
        def work(runner: Runner) -> dict[str, Any]:
            return self.work(module, runner)

        module.run(work, tells_commands=self.tells_commands, failing=self.failing)


class _Answer(BaseException):
    """Ends a part as leaving the process ends a module: no handler of errors stops it."""

    def __init__(self, returned: dict[str, Any]) -> None:
        super().__init__()
        self.returned = returned


class _Part(Module):
    """A module within another one: it changes nothing, and returns to the caller what others print."""

    def __init__(self, argument_spec: Mapping[str, Any], arguments: Mapping[str, Any], memory: Memory) -> None:
        self._arguments, self._memory = arguments, memory
        self._warned: list[str] = []
        super().__init__(argument_spec)

    def warn(self, warning: str, **_given: Any) -> None:
        """Keep a warning with the answer: whether there is reason to warn shows when it comes to be done."""
        self._warned.append(warning)

    def _runner(self) -> Runner:
        return RememberingRunner(super()._runner(), self._memory)

    def _load_params(self) -> None:
        # Ansible's own settings are those of the module that this one is a part of.
        super()._load_params()
        settings = {name: value for name, value in self.params.items() if name.startswith("_ansible")}
        always = {"_ansible_check_mode": True, "_ansible_diff": True}
        self.params = {**settings, **copy.deepcopy(dict(self._arguments)), **always}
        self._given = copy.deepcopy(dict(self._arguments))

    def _return_formatted(self, kwargs: dict[str, Any]) -> None:
        for name in ("invocation", "exception"):
            kwargs.pop(name, None)
        if kwargs.get("failed") and not self._judged:
            # Options that it cannot take are those that a role will give it.
            kwargs["refused"] = True
        differing = kwargs.pop("diff", None)
        if isinstance(differing, list):
            # Which files, not what is in them.
            kwargs["files"] = [one["after_header"] for one in differing if "after_header" in one]
        raise _Answer(remove_values({**kwargs, "warnings": self._warned}, self.no_log_values))


def unprivileged() -> str:
    """What to add to a failure where the reason may be that the module does not run as root; empty where it does."""
    user = os.geteuid()
    if user == 0:
        return ""
    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        name = str(user)
    return f"; this ran as the user {name}, and only root may do all of it: run with --become (-b), or log in as root"


def _misplaced(spec: Mapping[str, Any], given: Mapping[str, Any], key: str = "") -> Iterator[str]:
    """What Ansible would make a text of, and secrets in texts, which get onto command lines and into results."""
    for name, value in given.items():
        option = spec.get(name) or {}
        kind, path = option.get("type", "str"), f"{key}{name}"
        if option.get("no_log") or name not in spec:
            continue
        if kind in ("str", "path") and isinstance(value, (Mapping, list)):
            yield f"{path} = {shape(value)}: is not a text; give a text"
        elif kind in ("str", "path") and name not in WHOLE_FILES and holds_secret("", value):
            yield f"{path} = {HIDDEN}: has a secret in it; keep that in a file on the nodes"
        elif kind in ("list", "dict") and "options" in option:
            items = value if isinstance(value, list) else [value]
            for index, item in enumerate(one for one in items if isinstance(one, Mapping)):
                yield from _misplaced(option["options"], item, f"{path}[{index}]." if kind == "list" else f"{path}.")
        elif kind == "list" and option.get("elements") in ("str", "path"):
            items = value if isinstance(value, list) else [value]
            for item in items:
                yield from _misplaced({name: {}}, {name: item}, key)
            # A secret may be an item, behind the one that says so: [program, --password, secret].
            yield from _misplaced({name: {}}, {name: " ".join(map(str, items))}, key)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _open_values(spec: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> Iterator[str]:
    """Values that are no secrets for certain, such as paths: to blot them out would make results useless."""
    for name, value in given.items():
        if isinstance(value, str) and name in spec and not holds_secret(name, value):
            yield value


def _secret_values(value: Any, name: Any = "", secret: bool = False) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secret_values(inner, key, secret or (is_secret(key) and not isinstance(inner, bool)))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _secret_values(inner, name, secret)
    elif secret or holds_secret(name, value):
        yield from leaves(value)
