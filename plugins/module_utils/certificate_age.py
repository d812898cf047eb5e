# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a self-signed certificate has to be made anew: before it ends, and when it is for other names than wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner

#: Before a certificate ends, the time in which any run makes it anew; `verify` complains of others from then on.
RENEWED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Certificate:
    """What a certificate says of itself."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    ends: datetime


def parse(shown: str) -> Certificate:
    """What ``openssl x509 -noout -subject -issuer -enddate -ext subjectAltName`` shows.

    :raises ValueError: it is something else
    """
    ends = re.search(r"^notAfter=(.+?) +GMT$", shown, re.MULTILINE)
    subject = re.search(r"^subject ?= ?(.*)$", shown, re.MULTILINE)
    issuer = re.search(r"^issuer ?= ?(.*)$", shown, re.MULTILINE)
    if ends is None or subject is None or issuer is None:
        raise ValueError(f"openssl says nothing of a certificate: {shown[:200]!r}")
    return Certificate(
        subject=subject[1],
        issuer=issuer[1],
        names=tuple(re.findall(r"DNS:([^,\s]+)", shown)),
        ends=datetime.strptime(ends[1], "%b %d %H:%M:%S %Y").replace(tzinfo=timezone.utc),
    )


def due(certificate: Certificate, host_names: Sequence[str], now: datetime) -> bool:
    """Whether it has to be made anew. One that an authority has signed never is: that is for its owner to do.

    :param host_names: what it has to be for
    :param now: with a time zone
    """
    if certificate.subject != certificate.issuer:
        return False
    lacking = {name.lower() for name in host_names} - {name.lower() for name in certificate.names}
    return bool(lacking) or certificate.ends - now < RENEWED_BEFORE


def is_due(path: Path, host_names: Sequence[str], runner: Runner) -> bool:
    """Whether the certificate in a file has to be made anew.

    :param path: in PEM format
    :raises CommandError: it cannot be read
    """
    shown = runner.run(
        ["openssl", "x509", "-in", str(path), "-noout", "-subject", "-issuer", "-enddate", "-ext", "subjectAltName"],
        record=False,
    )
    return due(parse(shown.stdout), host_names, datetime.now(timezone.utc))
