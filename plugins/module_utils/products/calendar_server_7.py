# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Calendar Server 7 configured on machine A: once by its configurator, then option by option by davadmin.

Its passwords are in files of mode 0600 in memory as long as a program reads them, and on no command line. What the two
programs take is not public in all its parts; README of the role says what is assumed.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import ANY_STATUS, CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node import files, staging
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN

#: Seconds for davadmin, and for the configurator, which deploys the application.
_TIMEOUT, _CONFIGURING = 120, 900
CONFIGURATION, CREDENTIALS = "config/davserver.properties", "config/davservercreds.properties"


class CalendarServerError(Failure):
    """What the product refuses, or lacks."""


@dataclass(frozen=True)
class Wanted:
    """What the product is to be configured with.

    :ivar answers: for the configurator, but for passwords
    :ivar options: by their names
    :ivar secret_answers: passwords for the configurator
    :ivar secret_options: options that are passwords
    """

    administrator: str
    password: str = field(repr=False)
    answers: Mapping[str, str]
    options: Mapping[str, str]
    secret_answers: Mapping[str, str] = field(repr=False)
    secret_options: Mapping[str, str] = field(repr=False)


@dataclass
class CalendarServer:
    """The product on this node.

    :ivar home: where it is installed
    :ivar data: what has its configuration in it
    """

    runner: Runner
    home: str
    data: str
    wanted: Wanted

    def converge(self) -> dict[str, Any]:
        """What a module returns.

        :raises CalendarServerError: it is not installed, or refuses something
        """
        self._judge()
        configured = Path(self.data, CONFIGURATION).is_file()
        if not configured:
            self._configure()
            if self.runner.dry:
                return {"changed": True, "configured": False, "differences": []}
        differences = self._differences()
        if differences:
            self._modify(differences)
        return {
            "changed": bool(differences) or not configured,
            "configured": configured,
            "differences": sorted(differences),
        }

    def _judge(self) -> None:
        for program in ("init-config", "davadmin"):
            if not Path(self.home, "sbin", program).is_file():
                raise CalendarServerError(
                    f"{self.home}/sbin/{program} is not there: Calendar Server 7 is installed first, by the vendor's "
                    "installer, on this host and on that of the document store"
                )

    def _configure(self) -> None:
        with staging.stage("davserver-answers") as top:
            given = {**self.wanted.answers, **self.wanted.secret_answers}
            staging.put(top / "answers", _lines(given))
            argv = [f"{self.home}/sbin/init-config", "-S", "-f", str(top / "answers")]
            self.runner.commands.append("init-config -S -f ANSWERS")
            if self.runner.dry:
                return
            done = self.runner.run(argv, timeout=_CONFIGURING, accept=ANY_STATUS, record=False)
        if not Path(self.data, CONFIGURATION).is_file():
            raise CalendarServerError(
                f"init-config: {self._said(done)}; there is no {self.data}/{CONFIGURATION} after it"
            )

    def _differences(self) -> dict[str, str]:
        """Options that are another one than is wanted.

        :raises CalendarServerError: there is no such option
        """
        listed = dict(_pair(line, ":") for line in self._davadmin("list").stdout.splitlines() if ":" in line)
        unknown = [name for name in self.wanted.options if name not in listed]
        if unknown:
            close = difflib.get_close_matches(unknown[0], list(listed), n=1)
            hint = f"did you mean {close[0]}?" if close else "see davadmin config list"
            raise CalendarServerError(f"option {unknown[0]}: the product has none of this name; {hint}")
        # davadmin shows no passwords; the product's own file has them.
        text = files.read(f"{self.data}/{CREDENTIALS}").content
        kept = dict(_pair(line, "=") for line in text.splitlines() if "=" in line)
        plain = {name: value for name, value in self.wanted.options.items() if listed[name] != value}
        secret = {name: value for name, value in self.wanted.secret_options.items() if kept.get(name) != value}
        return {**plain, **secret}

    def _modify(self, differences: Mapping[str, str]) -> None:
        self.runner.commands.append(f"davadmin config modify: {', '.join(sorted(differences))}")
        if self.runner.dry:
            return
        with staging.stage("davserver-options") as top:
            staging.put(top / "options", _lines(differences))
            self._davadmin("modify", "-f", str(top / "options"))
        left = self._differences()
        if left:
            raise CalendarServerError(f"davadmin config modify: {', '.join(sorted(left))} is still another one")

    def _davadmin(self, action: str, *arguments: str) -> CommandResult:
        with staging.stage("davserver-login") as top:
            given = {"userid": self.wanted.administrator, "password": self.wanted.password}
            staging.put(top / "options", _lines(given))
            argv = [
                "env",
                f"DAVADMIN_CLIFILE={top / 'options'}",
                f"{self.home}/sbin/davadmin",
                "config",
                action,
                *arguments,
            ]
            done = self.runner.run(argv, timeout=_TIMEOUT, accept=ANY_STATUS, record=False)
        if done.status != 0:
            raise CalendarServerError(f"davadmin config {action}: {self._said(done)}")
        return done

    def _said(self, done: CommandResult) -> str:
        words = " / ".join(line.strip() for line in f"{done.stderr}\n{done.stdout}".splitlines() if line.strip())
        secrets = (self.wanted.password, *self.wanted.secret_answers.values(), *self.wanted.secret_options.values())
        for secret in secrets:
            words = words.replace(secret, HIDDEN)
        return words or f"exit status {done.status}"


def _pair(line: str, mark: str) -> tuple[str, str]:
    name, _mark, value = line.partition(mark)
    return name.strip(), value.strip()


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())
