# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-signed certificates, made once by openssl."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner


class CertificateError(Exception):
    """A certificate that cannot be made."""


@dataclass(frozen=True)
class WantedCertificate:
    """Where a certificate and its key are to be, and what it certifies."""

    certificate: str
    key: str
    host_names: tuple[str, ...]
    days: int
    require_mounted: str | None = None


def missing(wanted: Sequence[WantedCertificate]) -> list[WantedCertificate]:
    """Those that are not there.

    :raises CertificateError: a key without its certificate, or the reverse: nothing that may be replaced
    """
    result = []
    for one in wanted:
        present = [path for path in (one.certificate, one.key) if Path(path).exists()]
        if len(present) == 1:
            other = one.key if present == [one.certificate] else one.certificate
            raise CertificateError(
                f"{present[0]} is there, but {other} is not; "
                "put the missing one back, or remove the first to have both made anew"
            )
        if not present:
            result.append(one)
    return result


def make(wanted: WantedCertificate, runner: Runner) -> None:
    """Make a key and a certificate signed by it; they appear only when both are complete and on disk."""
    with tempfile.TemporaryDirectory(prefix=".new-", dir=Path(wanted.key).parent) as directory:
        key, certificate = Path(directory) / "key.pem", Path(directory) / "certificate.pem"
        names = ",".join(f"DNS:{name}" for name in wanted.host_names)
        # A common name holds 64 characters at most; clients look at the alternative names.
        subject = f"/CN={wanted.host_names[0][:64]}"
        runner.run(
            [
                *("openssl", "req", "-x509", "-sha256", "-nodes"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                *("-days", str(wanted.days), "-subj", subject, "-addext", f"subjectAltName={names}"),
                *("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            record=False,
        )
        key.chmod(0o600)
        certificate.chmod(0o644)
        for path in (key, certificate, Path(directory)):
            _sync(path)
        key.replace(wanted.key)
        certificate.replace(wanted.certificate)
    _sync(Path(wanted.key).parent)
    _sync(Path(wanted.certificate).parent)


def _sync(path: Path) -> None:
    descriptor = os.open(str(path), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
