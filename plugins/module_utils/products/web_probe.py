# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks running web services what a client would notice: whether a page comes, and whether it is the service's own.

Only the Python standard library; many services at once, each with a deadline.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from . import shown_certificates

#: No answer that says that a service works is longer.
_LONGEST = 65536


@dataclass(frozen=True)
class Page:
    """What is asked of a service: a page, and a word that its text has if it is the service that answers.

    :ivar tls: over HTTPS; then the certificate is judged too, but not who signed it
    :ivar host_name: what the certificate has to be for, if anything
    """

    name: str
    host: str
    port: int
    path: str
    contains: str = ""
    tls: bool = False
    host_name: str | None = None


@dataclass
class WebAnswer:
    """What came, and what is wrong with it."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The answer as a module returns it."""
        return {"ok": not self.problems, "problems": self.problems, **self.facts}


def ask_all(pages: Sequence[Page], timeout: float, certificate_days: int = 30) -> list[WebAnswer]:
    """Ask all services at once; the slowest decides how long it takes.

    :param certificate_days: how long certificates have to be valid yet
    """
    if not pages:
        return []
    with ThreadPoolExecutor(max_workers=min(len(pages), 32)) as pool:
        return list(pool.map(lambda page: _ask(page, timeout, certificate_days), pages))


def _ask(page: Page, timeout: float, certificate_days: int) -> WebAnswer:
    """Ask, and give the answer; nothing is raised. A page elsewhere is not gone after: the service has answered."""
    answer = WebAnswer(page.name)
    deadline = time.monotonic() + timeout
    connection: http.client.HTTPConnection | None = None
    try:
        connection = _connected(page, timeout)
        if isinstance(connection.sock, ssl.SSLSocket):
            certificate = connection.sock.getpeercert() or {}
            facts, found = shown_certificates.judged(certificate, page.host_name, certificate_days)
            answer.facts["certificate"] = facts
            answer.problems += found
        connection.request("GET", page.path, headers={"Connection": "close"})
        response = connection.getresponse()
        text = _read(response, deadline, timeout).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, ValueError) as error:
        words = str(error) or type(error).__name__
        answer.problems.append(words if isinstance(error, OSError) else f"what answers does not speak HTTP: {words}")
        return answer
    finally:
        if connection is not None:
            connection.close()
    answer.facts.update(status=response.status, server=response.getheader("Server", ""))
    if response.status >= 400:
        answer.problems.append(f"{page.path} is answered with {response.status} {response.reason}")
    elif page.contains and page.contains not in text:
        answer.problems.append(f"{page.path} is answered without {page.contains}: another server may answer there")
    return answer


def _connected(page: Page, timeout: float) -> http.client.HTTPConnection:
    if not page.tls:
        plain = http.client.HTTPConnection(page.host, page.port, timeout=timeout)
        plain.connect()
        return plain
    context = shown_certificates.trusting_what_is_shown(page.host, page.port, timeout)
    connection = http.client.HTTPSConnection(page.host, page.port, timeout=timeout, context=context)
    connection.connect()
    return connection


def _read(response: http.client.HTTPResponse, deadline: float, timeout: float) -> bytes:
    """The text, as far as it comes in time: a server may send it byte by byte."""
    found = b""
    while len(found) < _LONGEST:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no whole answer within {timeout:g} seconds")
        part = response.read1(4096)
        if not part:
            break
        found += part
    return found
