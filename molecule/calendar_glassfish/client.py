"""Users of the calendar, at the balanced address but where a node is named: curl with a cookie jar, and traffic."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

# From tests/failover; see tests/conftest.py.
from calendar_traffic import Calendar, CalendarTraffic

from ansible_collections.groupware.ha.molecule.calendar_scale_out.client import (
    ADDRESS,
    CERTIFICATE,
    HOST_NAME,
    PASSWORD,
    PORT,
    ask,
    tls,
)
from ansible_collections.groupware.ha.molecule.shared.deployments import Figures, counted
from ansible_collections.groupware.ha.molecule.shared.lab import wait_for

TOP = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
DAV = "/davserver/dav"
#: The instances themselves, which users never see, by their nodes.
INSTANCES = {"app1": ("instance1", "198.18.78.13"), "app2": ("instance2", "198.18.78.14")}
_NUMBERS = itertools.count()


def home(path: str = "", user: str = "alice") -> str:
    """Where something of somebody is."""
    return f"{DAV}/home/{user}/{path}"


@dataclass(frozen=True)
class Said:
    """What curl was answered; status 0 where there was no answer."""

    status: int
    headers: dict[str, str]
    text: str


class Curl:
    """A user with a cookie jar, who says his password once at most."""

    def __init__(self, user: str = "alice", node: str | None = None) -> None:
        self.user, self.node = user, node
        self.jar = TOP / f"cookies{next(_NUMBERS)}"
        self.jar.unlink(missing_ok=True)

    def __call__(
        self,
        method: str,
        path: str,
        body: str | bytes | None = None,
        *,
        log_in: bool = False,
        password: str = PASSWORD,
        **headers: str,
    ) -> Said:
        """Ask for a path."""
        scheme, port, address = (
            ("https", PORT, ADDRESS) if self.node is None else ("http", 28080, INSTANCES[self.node][1])
        )
        # By the same name everywhere, which cookies belong to.
        way = ["--cacert", str(CERTIFICATE), "--resolve", f"{HOST_NAME}:{port}:{address}"]
        argv = ["curl", "--silent", "--include", "--max-time", "65", "--request", method, *way]
        argv += ["--cookie", str(self.jar), "--cookie-jar", str(self.jar)]
        argv += ["--user", f"{self.user}:{password}"] if log_in else []
        for name, value in headers.items():
            argv += ["--header", f"{name.replace('_', '-')}: {value}"]
        data = body.encode() if isinstance(body, str) else body
        if data is not None:
            argv += ["--data-binary", "@-", "--header", "Expect:", "--header", "Content-Type: text/calendar"]
        done = subprocess.run(
            [*argv, f"{scheme}://{HOST_NAME}:{port}{path}"], capture_output=True, check=False, input=data
        )
        head, _blank, text = done.stdout.decode("utf-8", "replace").partition("\r\n\r\n")
        match = re.match(r"HTTP/\S+ (\d+)", head)
        found = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        return Said(int(match[1]) if match else 0, {name.lower(): value for name, value in found.items()}, text)

    def session(self, **given: bool) -> tuple[str, int]:
        """On which instance the session is, and how often it was used."""
        said = self("OPTIONS", home(user=self.user), **given)
        if said.status != 200:
            raise OSError(f"{said.status} {said.text}")
        return said.headers["x-instance"], int(said.headers["x-count"])


class Appointments(CalendarTraffic):
    """Appointments that are made in a calendar of the round's own, five in a second, and reading of the newest."""

    def __init__(self, prefix: str) -> None:
        super().__init__(Calendar("calendars", ADDRESS, PORT, HOST_NAME, "bob", PASSWORD, tls()), prefix)
        self.path = home(f"{prefix}calendar/", "bob")
        # Here and once: an answer that is late would be followed by one that it is there already.
        assert ask("MKCALENDAR", self.path, user="bob").status == 201
        self._there = True

    def remove(self) -> None:
        """Delete the round's calendar."""
        self._ask(204, "DELETE", self.path)


def working(failing: bool = True) -> AbstractContextManager[Figures]:
    """Have users work meanwhile, in a calendar of their own."""
    return counted(Appointments(f"round{next(_NUMBERS)}-"), wait_for, failing)
