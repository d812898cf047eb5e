# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server that an instance hands all outgoing mail to, and how it logs in there. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from .mail_options import Options
from .mail_senders import DOMAIN

#: The role's variable that has the passwords.
PASSWORDS = "postfix_dovecot_relay_passwords"

OPTIONS = ("host", "port", "user", "tls")

#: What Postfix calls the ways to protect the connection (smtp_tls_security_level).
TLS_LEVELS = {"verified": "secure", "encrypted": "encrypt", "opportunistic": "may"}

#: Submission over TLS from the first byte (RFC 8314).
_IMPLICIT_TLS = 465


@dataclass(frozen=True)
class RelayHost:
    """Where outgoing mail goes."""

    host: str
    port: int
    user: str | None
    tls: str
    password: str | None = field(default=None, repr=False)

    @property
    def next_hop(self) -> str:
        """As Postfix has it; in brackets, since the host is named, and not a domain whose mail servers are meant."""
        return f"[{self.host}]:{self.port}"

    @property
    def parameters(self) -> frozenset[str]:
        """Parameters of Postfix that it sets. A log-in may be described by hand, with a table of one's own, or here."""
        log_in = ("smtp_sasl_auth_enable", "smtp_sasl_password_maps", "smtp_sasl_security_options")
        return frozenset(["smtp_tls_security_level", *(log_in if self.user is not None else ())])

    @property
    def configuration(self) -> dict[str, Any]:
        """Variables of the templates, without the secret."""
        return {
            "next_hop": self.next_hop,
            "log_in": self.user is not None,
            "tls_level": TLS_LEVELS[self.tls],
            "implicit_tls": self.port == _IMPLICIT_TLS,
        }

    @property
    def credentials(self) -> str:
        """A table of Postfix that has the user's name and password for this server."""
        return f"{self.next_hop} {self.user}:{self.password}\n"


def parse(options: Options, instance: str, passwords: Mapping[str, Any], problems: Problems) -> RelayHost | None:
    """The option ``relay_host``, with its password from the variable that has the secrets."""
    password_key = f"{PASSWORDS}.{instance}"
    password = passwords.get(instance)
    given = options.nested("relay_host", OPTIONS)
    user = given.text("user")
    if password is not None and user is None:
        remedy = f"give relay_host.user too, or take the password out of {PASSWORDS}"
        problems.add(password_key, HIDDEN, "is for a server that the instance does not log in to", remedy)
    if not given.values:
        return None
    host = given.text("host") or ""
    if not _is_host(host):
        given.problem("host", given.values.get("host"), "is not a host", "give a name or an address")
    if user is not None and re.fullmatch(r"[!-9;-~]+", user) is None:
        given.problem("user", user, "is not a user's name", "use printable characters without blanks or colons")
    tls = given.text("tls") or "verified"
    if tls not in TLS_LEVELS:
        given.problem("tls", tls, "is not known", f"use one of {', '.join(TLS_LEVELS)}")
    elif user is not None and tls == "opportunistic":
        reason = "would send the password to whoever answers, readable if he likes"
        given.problem("tls", tls, reason, "use verified, or encrypted if the certificate cannot be verified")
    if user is not None:
        _judge_password(password, password_key, problems)
    port = given.number("port", 587, least=1, most=65535)
    return RelayHost(host, port, user, tls if tls in TLS_LEVELS else "verified", password)


def _judge_password(password: object, key: str, problems: Problems) -> None:
    remedy = f"give in {PASSWORDS} the password that goes with relay_host.user, out of a vault"
    if password is None:
        problems.add(key, None, "is missing", remedy)
    elif not isinstance(password, str) or re.fullmatch(r"(?! )[^\x00-\x1f\x7f]+(?<! )", password) is None:
        reason = "is not one line of text without blanks at its ends, which Postfix could not read"
        problems.add(key, HIDDEN, reason, remedy)


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return DOMAIN.fullmatch(text) is not None
    return True
