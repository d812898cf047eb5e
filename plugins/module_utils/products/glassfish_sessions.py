# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries whether a session that was begun on one instance goes on at another one.

An instance that cannot reach the others, or keeps its sessions to itself, works like any other one, and asadmin takes
it for well. It gives a client that comes with the session of another one a new session, and so it is found out.
"""

from __future__ import annotations

import http.client
import http.cookies
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

#: Seconds after which a session is at another instance: GlassFish sends them in batches, each 0.3 s at most.
REPLICATED = 1.0
#: Seconds more, for a host that is busy.
_PATIENCE = 10.0
#: What holds a session, and what a session without replication does not have.
SESSION = "JSESSIONID"


@dataclass(frozen=True)
class Instance:
    """An instance, and where it listens."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Page:
    """A page of an application that begins a session."""

    application: str
    path: str


def try_all(
    instances: Sequence[Instance], pages: Sequence[Page], timeout: float, sleep: Callable[[float], None] = time.sleep
) -> list[str]:
    """What is wrong, in words: each instance with the next one, for each page."""
    if len(instances) < 2:
        return []
    pairs = [
        (page, one, instances[(index + 1) % len(instances)]) for page in pages for index, one in enumerate(instances)
    ]
    with ThreadPoolExecutor(max_workers=max(1, min(len(pairs), 16))) as pool:
        found = pool.map(lambda pair: _try(pair[0], pair[1], pair[2], timeout, sleep), pairs)
    return list(dict.fromkeys(words for words in found if words))


def _try(page: Page, first: Instance, second: Instance, timeout: float, sleep: Callable[[float], None]) -> str:
    try:
        cookies = _ask(first, page, {}, timeout)
        if SESSION not in cookies:
            return f"{page.application}: {page.path} begins no session on {first.name}; see session_page"
        deadline = time.monotonic() + _PATIENCE
        sleep(REPLICATED)
        while True:
            # Who knows the session gives no new one.
            given = _ask(second, page, cookies, timeout).get(SESSION, cookies[SESSION])
            if given == cookies[SESSION]:
                return ""
            if time.monotonic() > deadline:
                break
            cookies = {**cookies, **_ask(first, page, cookies, timeout)}
            sleep(REPLICATED)
    except _Silent as error:
        return f"{page.application}: {error}"
    return (
        f"{page.application}: a session of {first.name} is unknown to {second.name}, so that it would be lost; see "
        "whether the application is <distributable/>, and server.log of both for Shoal and GMS"
    )


class _Silent(Exception):
    """An instance that gives no page."""


def _ask(instance: Instance, page: Page, cookies: Mapping[str, str], timeout: float) -> dict[str, str]:
    """The cookies that a page comes with."""
    headers = {"Connection": "close"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    where = f"{instance.name} at {instance.address}:{instance.port}"
    connection = http.client.HTTPConnection(instance.address, instance.port, timeout=timeout)
    try:
        connection.request("GET", page.path, headers=headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise _Silent(f"{where} gives no answer ({error or type(error).__name__})") from None
    finally:
        connection.close()
    if answer.status >= 400:
        raise _Silent(f"{where} answers {page.path} with {answer.status} {answer.reason}")
    found: dict[str, str] = {}
    for line in answer.headers.get_all("Set-Cookie", []):
        found.update({name: one.value for name, one in http.cookies.SimpleCookie(line).items()})
    return found


def as_answer(problems: Sequence[str]) -> dict[str, Any]:
    """As a module returns it."""
    return {"changed": False, "ok": not problems, "problems": list(problems)}
