# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate that a server shows: what is in it, and what a client would have against it.

Who signed it is not judged where no authority is given: the one that the server shows is made the trusted one, since
Python tells what is in a certificate only once it has verified it.
"""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

#: OpenSSL's X509_V_FLAG_PARTIAL_CHAIN; the ssl module has a name for it since Python 3.10.
_PARTIAL_CHAIN = 0x80000


def trusting_what_is_shown(host: str, port: int, timeout: float) -> ssl.SSLContext:
    """Settings of TLS for a server whose own certificate is the trusted one.

    :raises OSError: it shows none
    """
    shown = ssl.get_server_certificate((host, port), **_timeout(timeout))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VerifyFlags(_PARTIAL_CHAIN)
    context.load_verify_locations(cadata=shown)
    return context


def judged(
    certificate: Mapping[str, Any], host_name: str | None, certificate_days: int
) -> tuple[dict[str, Any], list[str]]:
    """What is in a certificate, and what is wrong with it.

    :param certificate: as ``SSLSocket.getpeercert`` gives it
    :param host_name: what it has to be for, if anything
    :param certificate_days: how long it has to be valid yet
    """
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), timezone.utc)
    days = (expires - datetime.now(timezone.utc)).days
    found = []
    if host_name is not None and not any(covers(name, host_name) for name in names):
        found.append(f"certificate: is for {', '.join(names) or 'nobody'}, not for {host_name}")
    if days < certificate_days:
        found.append(f"certificate: expires in {days} days")
    return {"names": names, "expires": expires.isoformat(), "days_left": days}, found


def _timeout(seconds: float) -> dict[str, Any]:
    """get_server_certificate takes a timeout since Python 3.10."""
    known = inspect.signature(ssl.get_server_certificate).parameters
    return {"timeout": seconds} if "timeout" in known else {}


def covers(name: str, host_name: str) -> bool:
    """Whether a name of a certificate stands for a host; a wildcard stands for one label (RFC 6125)."""
    name, host_name = name.lower(), host_name.lower()
    if name.startswith("*."):
        return name[2:] == host_name.partition(".")[2]
    return name == host_name
