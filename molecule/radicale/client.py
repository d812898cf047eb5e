#!/usr/bin/env python3
"""A CalDAV client made of Python's library alone, which keeps account of what was acknowledged.

client.py URL USER make                   make the calendar of this address
client.py URL USER write UID              make an appointment
client.py URL USER find UID...            say whether these are all there
client.py URL USER while FILE COMMAND...  make appointments without a pause while a command runs, until new ones are
                                          acknowledged after its end; then say whether all that were are there, and
                                          append them to a file

Passwords are in here, so that they are on no command line. No certificate is judged: the playbook verify does that.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from ansible_collections.groupware.ha.tests.failover.caldav_access import QUERY, event, whole

PASSWORDS = {"alice": "correct horse", "bob": "battery staple"}

#: Seconds for an answer: one that is asked of a lost node is not waited for longer.
ANSWER = 5.0
#: How many make appointments at once, and seconds from one to the next of each.
WRITERS, PAUSE = 4, 0.1
#: Appointments of each before the command, and seconds until the first ones after it.
WARM_UP, PATIENCE = 5, 120.0


def ask(
    url: str,
    method: str,
    user: str | None = None,
    password: str | None = None,
    body: str | None = None,
    timeout: float = ANSWER,
    **headers: str,
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer.

    :raises OSError: there is none
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if user is not None:
        secret = PASSWORDS.get(user, "") if password is None else password
        given["Authorization"] = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
    request = urllib.request.Request(url, body and body.encode(), given, method=method)  # noqa: S310
    # As nodes are asked: by nobody's proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, dict(refusal.headers), refusal.read().decode()
    except HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def write(url: str, user: str, uid: str) -> bool:
    """Whether an appointment was acknowledged."""
    status, _, _ = ask(f"{url}/{uid}.ics", "PUT", user, body=event(uid), Content_Type="text/calendar")
    return status in (201, 204)


def found(url: str, user: str) -> set[str]:
    """The appointments of a calendar that are whole.

    :raises OSError: it does not say
    """
    status, _, text = ask(f"{url}/", "REPORT", user, body=QUERY, Depth="1", Content_Type="application/xml")
    if status != 207:
        raise OSError(f"the calendar answers with {status}")
    return set(whole(text))


class Writer:
    """Makes one appointment after the other, each once, and keeps account of them.

    :ivar acknowledged: when each was begun and acknowledged, by its UID
    """

    def __init__(self, url: str, user: str, prefix: str, ended: threading.Event) -> None:
        self.url, self.user, self.prefix, self.ended = url, user, prefix, ended
        self.attempted: list[str] = []
        self.acknowledged: dict[str, tuple[float, float]] = {}
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.ended.wait(PAUSE):
            uid = f"{self.prefix}-{len(self.attempted)}"
            self.attempted.append(uid)
            began = time.monotonic()
            try:
                if write(self.url, self.user, uid):
                    self.acknowledged[uid] = (began, time.monotonic())
            except OSError:
                pass  # Nobody has promised anything.

    def answered_since(self, moment: float) -> bool:
        """Whether one that was begun after the moment was acknowledged."""
        return any(began > moment for began, _ in list(self.acknowledged.values()))


def wait_for(what: str, reached: Callable[[], bool]) -> None:
    """Wait for writers, who tell nobody."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {PATIENCE:.0f} s: not {what}")
        time.sleep(0.05)


def during(url: str, user: str, command: list[str]) -> tuple[dict[str, object], list[str], list[str]]:
    """Make appointments while a command runs: figures, what was acknowledged, and what of it was lost."""
    ended = threading.Event()
    writers = [Writer(url, user, f"{time.time_ns():x}-{number}", ended) for number in range(WRITERS)]
    for writer in writers:
        writer.thread.start()
    try:
        wait_for("all writers are acknowledged", lambda: all(len(one.acknowledged) >= WARM_UP for one in writers))
        subprocess.run(command, check=True, stdout=sys.stderr)
        moment = time.monotonic()
        wait_for("all writers are acknowledged again", lambda: all(one.answered_since(moment) for one in writers))
    finally:
        ended.set()
        for writer in writers:
            writer.thread.join()
    acknowledged = [uid for one in writers for uid in one.acknowledged]
    attempted = [uid for one in writers for uid in one.attempted]
    there = found(url, user)
    lost = sorted(set(acknowledged) - there)
    times = sorted(when for one in writers for _, when in one.acknowledged.values())
    figures = {
        "attempted": len(attempted),
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "there though not acknowledged": len(there & set(attempted) - set(acknowledged)),
        "longest time without one, in seconds": round(max(b - a for a, b in itertools.pairwise(times)), 2),
    }
    return figures, acknowledged, lost


def main() -> int:
    """Run; 0: all was acknowledged, or all is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("user")
    parser.add_argument("what", choices=["make", "write", "find", "while"])
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.what == "make":
        status = ask(f"{given.url}/", "MKCALENDAR", given.user)[0]
        print(status)
        return status != 201
    if given.what == "write":
        return not write(given.url, given.user, *given.rest)
    if given.what == "find":
        missing = set(given.rest) - found(given.url, given.user)
        print("missing:", *sorted(missing))
        return bool(missing)
    file, *command = given.rest
    figures, acknowledged, lost = during(given.url, given.user, command)
    with Path(file).open("a", encoding="ascii") as noted:
        noted.writelines(f"{uid}\n" for uid in acknowledged)
    print(json.dumps({**figures, "lost are": lost}))
    return bool(lost)


if __name__ == "__main__":
    sys.exit(main())
