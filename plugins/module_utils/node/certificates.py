# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and their keys: made by openssl where nobody gave one, and judged before a server has to use them."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure

#: OpenSSL's X509_V_FLAG_PARTIAL_CHAIN; the ssl module has a name for it since Python 3.10.
_PARTIAL_CHAIN = 0x80000

#: Before a certificate ends, the time in which any run makes it anew; `verify` complains of others from then on.
RENEWED_BEFORE = timedelta(days=30)

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class CertificateError(Failure):
    """A certificate that cannot be made."""


def to_be_made(certificate: Path, key: Path, host_names: Sequence[str], runner: Runner) -> bool:
    """Whether a self-signed pair has to be made, in place of the one that is there, if any.

    :param host_names: what it has to certify
    :raises CertificateError: a key without its certificate, or the reverse: nothing that may be replaced
    """
    present = [path for path in (certificate, key) if path.exists()]
    if len(present) == 1:
        other = key if present == [certificate] else certificate
        raise CertificateError(
            f"{present[0]} is there, but {other} is not; "
            "put the missing one back, or remove the first to have both made anew"
        )
    return not present or is_due(certificate, host_names, runner)


def make(certificate: Path, key: Path, host_names: Sequence[str], days: int, runner: Runner) -> None:
    """Make a key and a certificate signed by it, in a directory that nothing uses yet.

    :param host_names: what it certifies; the first is its common name too
    """
    names = ",".join(f"DNS:{name}" for name in host_names)
    # A common name holds 64 characters at most; clients look at the alternative names.
    subject = f"/CN={host_names[0][:64]}"
    # openssl would make the key readable for its owner alone; for others to see is what it is put into later.
    os.close(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    runner.run(
        [
            *("openssl", "req", "-x509", "-sha256", "-nodes"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-days", str(days), "-subj", subject, "-addext", f"subjectAltName={names}"),
            *("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        record=False,
    )


def unusable(certificate: Path, key: Path, runner: Runner, *, in_time: bool = True) -> str | None:
    """Why a server could not use a certificate with a key; nothing if it can.

    The two shake hands with themselves as a server and a client would, in memory.

    :param certificate: in PEM format, the server's own certificate first, then each one's issuer
    :param in_time: whether it must be valid today
    """

    def no_password() -> str:
        raise CertificateError("the key is encrypted, and nobody is there to give its password when a server starts")

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # First: of a file that cannot be read this says which one it is, the ssl module does not.
        chain = _BLOCK.findall(certificate.read_text(encoding="ascii", errors="replace"))
        server.load_cert_chain(certificate, key, password=no_password)
        if in_time:
            _shake_hands(server, "\n".join(chain))
    except (CertificateError, OSError, ValueError) as error:
        return getattr(error, "verify_message", "") or str(error)
    return _out_of_order(chain, runner) if len(chain) > 1 else None


def _shake_hands(server: ssl.SSLContext, trusted: str) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VerifyFlags(_PARTIAL_CHAIN)
    client.load_verify_locations(cadata=trusted)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=None),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    # Each turn of both takes the handshake further, or raises what is wrong; four turns are more than it has.
    for _turn in range(4):
        for end in list(ends):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)


def _out_of_order(chain: Sequence[str], runner: Runner) -> str | None:
    """Where a certificate is not followed by its issuer's."""
    bundle = runner.run(
        ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"], stdin="\n".join(chain), record=False
    )
    shown = runner.run(["openssl", "pkcs7", "-print_certs", "-noout"], stdin=bundle.stdout, record=False).stdout
    subjects = re.findall(r"^subject ?=(.*)$", shown, re.MULTILINE)
    issuers = re.findall(r"^issuer ?=(.*)$", shown, re.MULTILINE)
    for issuer, following in zip(issuers, subjects[1:]):
        if issuer.strip() != following.strip():
            return (
                f"the certificate of {following.strip()} follows one that it did not issue; that one was issued by "
                f"{issuer.strip()}"
            )
    return None


# -- when a self-signed one has to be made anew ------------------------------------------------------------------------


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
