# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The administration server of GlassFish, asked and told over HTTPS: no Java starts for it, no password is in a file.

It shows the whole configuration as the answer to one request, and takes every command of asadmin as another one. Who
answers has to have the certificate of the domain, as it lies in its key store: its port is open to every program of the
host while it does not run.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .glassfish_plan import Step, values

#: Seconds for what only asks, and for what an administration server does with all instances.
_ASKING, _TELLING = 60, 600
#: What is trusted need not be an issuer's: X509_V_FLAG_PARTIAL_CHAIN of OpenSSL, whose name Python has since 3.10.
_ANY_CERTIFICATE = ssl.VerifyFlags(0x80000)
#: Longer ones are stack traces.
_LONGEST = 600


class AdministrationError(Failure):
    """A command that failed, or an administration server that gave no answer.

    :ivar away: whether nothing answered at all
    """

    def __init__(self, words: str, away: bool = False) -> None:
        self.away = away
        super().__init__(words)


@dataclass(frozen=True)
class Administration:
    """A way to the administration server of a domain.

    :ivar certificate: the path of the domain's certificate
    :ivar secrets: what must not be repeated, whoever says it
    """

    address: str
    port: int
    user: str
    certificate: str
    password: str = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def ask(self) -> dict[str, str]:
        """All values of the domain by their dotted names.

        :raises AdministrationError: it gives no answer
        """
        return values(self._answer("GET", "/management/domain/get.json?pattern=*", None, _ASKING))

    def tell(self, command: str, options: Mapping[str, str], operands: Sequence[str] = ()) -> dict[str, Any]:
        """Have a command done; the server's report.

        :raises AdministrationError: it failed
        """
        given = [*options.items(), *(("DEFAULT", operand) for operand in operands)]
        body = urllib.parse.urlencode(given).encode()
        return self._answer("POST", f"/command/{command}/", body, _TELLING)

    def take(self, step: Step) -> dict[str, Any]:
        """Have a step of a plan done."""
        return self.tell(step.command, step.options, step.operands)

    def _answer(self, method: str, path: str, body: bytes | None, timeout: float) -> dict[str, Any]:
        where = f"the administration server at {self.address}:{self.port}"
        proof = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Accept": "application/json", "X-Requested-By": "groupware.ha", "Authorization": f"Basic {proof}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPSConnection(self.address, self.port, timeout=timeout, context=self._context())
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except ssl.SSLCertVerificationError:
            words = "shows another certificate than the domain's own, so that nothing was said to it"
            raise AdministrationError(f"{where} {words}") from None
        except (OSError, http.client.HTTPException) as error:
            words = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise AdministrationError(f"{where} gives no answer ({words})", away=True) from None
        finally:
            connection.close()
        if answer.status == http.client.UNAUTHORIZED:
            raise AdministrationError(
                f"{where} does not let {self.user} in with the password that is given; see "
                "glassfish_passwords.administrator, and asadmin change-admin-password"
            )
        try:
            report: dict[str, Any] = json.loads(text)
        except ValueError:
            words = f"answers with {answer.status} {answer.reason}, and nothing to read"
            raise AdministrationError(f"{where} {words}", away=answer.status >= 500) from None
        if report.get("exit_code") == "FAILURE" or answer.status >= 400:
            raise AdministrationError(self.without_secrets("; ".join(complaints(report)) or f"{answer.status}"))
        return report

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # It is known by the certificate itself, whatever name is in it.
        context.check_hostname = False
        context.verify_flags |= _ANY_CERTIFICATE
        try:
            context.load_verify_locations(self.certificate)
        except (OSError, ssl.SSLError):
            raise AdministrationError(
                f"{self.certificate} is missing: the domain has not been made yet", True
            ) from None
        return context

    def without_secrets(self, words: str) -> str:
        """What the server said, without what it was told in confidence."""
        for secret in (self.password, *self.secrets):
            words = words.replace(secret, HIDDEN)
        return words


def complaints(report: Mapping[str, Any]) -> Iterator[str]:
    """What a report says of what went wrong, each thing once."""
    said: dict[str, None] = {}
    for one in _parts(report):
        if one.get("exit_code", "SUCCESS") != "SUCCESS":
            message, cause = (" ".join(str(one.get(part) or "").split()) for part in ("message", "failure_cause"))
            # The cause is often the message once more.
            words = message if cause in message else ": ".join(part for part in (message, cause) if part)
            if words:
                said[words[:_LONGEST]] = None
    yield from said


def _parts(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield report
    for part in report.get("subReports") or ():
        yield from _parts(part)
