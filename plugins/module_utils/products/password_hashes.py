# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password hashes as Dovecot takes them: whether anybody could ever log in with one, and whether it protects. Pure.

Dovecot finds out what a hash is worth only when somebody tries to log in, and then refuses as if the password were
wrong. What is usable here is taken by Dovecot 2.3 and 2.4 alike. Refused although 2.3 takes it is what 2.4 refuses
(``auth_allow_weak_schemes``: those of DES and MD5), and what has no salt, which is looked up rather than reckoned.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

#: What to do about any hash that is refused.
REMEDY = "give what `doveadm pw -s SHA512-CRYPT` prints, such as {SHA512-CRYPT}$6$..."

_HASH = re.compile(r"\{(?P<scheme>[A-Za-z0-9-]+)(\.(?P<encoding>[A-Za-z0-9]+))?\}(?P<rest>[!-9;-~]+)")

#: The password can be read, or reckoned back in seconds.
_PLAIN = frozenset("PLAIN CLEARTEXT CLEAR PLAIN-TRUNC OTP".split())
_WEAK = frozenset(
    """
    CRAM-MD5 DES-CRYPT DIGEST-MD5 HMAC-MD5 LANMAN LDAP-MD5 MD5 MD5-CRYPT NTLM PLAIN-MD4 PLAIN-MD5 RPA SHA SHA1
    SHA256 SHA512 SKEY SMD5
    """.split()
)

# The alphabet of crypt(5), and what may be a salt there.
_C, _SALT = "[./0-9A-Za-z]", "[./0-9A-Za-z_-]"
_B64 = "[A-Za-z0-9+/]"
_SHA512_CRYPT = rf"\$6\$(rounds=[1-9][0-9]{{3,8}}\$)?{_SALT}{{1,16}}\${_C}{{86}}"
_SHA256_CRYPT = rf"\$5\$(rounds=[1-9][0-9]{{3,8}}\$)?{_SALT}{{1,16}}\${_C}{{43}}"
_BLOWFISH = rf"\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\${_C}{{53}}"
_YESCRYPT = rf"\$g?y\${_C}+\${_C}{{1,86}}\${_C}{{43}}"
_ARGON2 = rf"\$v=19\$m=[0-9]+,t=[0-9]+,p=[0-9]+\${_B64}{{11,}}\${_B64}{{16,}}"


def _looks_like(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _salted_digest(size: int) -> Callable[[str], bool]:
    """A digest of so many bytes, and after it its salt, in Base64 or in hexadecimal digits."""

    def fits(text: str) -> bool:
        try:
            return len(bytes.fromhex(text) if re.fullmatch(r"[0-9A-Fa-f]+", text) else _base64(text)) > size
        except ValueError:
            return False

    return fits


def _scram(size: int) -> Callable[[str], bool]:
    """``iterations,salt,stored key,server key`` (RFC 5802), with keys of so many bytes each."""

    def fits(text: str) -> bool:
        parts = text.split(",")
        try:
            salt, stored, server = map(_base64, parts[1:])
        except ValueError:
            return False
        enough = parts[0].isdigit() and int(parts[0]) >= 4096
        return enough and bool(salt) and (len(stored), len(server)) == (size, size)

    return fits


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_USABLE: dict[str, Callable[[str], bool]] = {
    "ARGON2I": _looks_like(rf"\$argon2i{_ARGON2}"),
    "ARGON2ID": _looks_like(rf"\$argon2id{_ARGON2}"),
    "BLF-CRYPT": _looks_like(_BLOWFISH),
    "CRYPT": _looks_like(f"{_SHA512_CRYPT}|{_SHA256_CRYPT}|{_BLOWFISH}|{_YESCRYPT}"),
    "PBKDF2": _looks_like(r"\$1\$[^$:]+\$[1-9][0-9]{3,}\$[0-9a-f]{40}"),
    "SCRAM-SHA-1": _scram(20),
    "SCRAM-SHA-256": _scram(32),
    "SHA256-CRYPT": _looks_like(_SHA256_CRYPT),
    "SHA512-CRYPT": _looks_like(_SHA512_CRYPT),
    "SSHA": _salted_digest(20),
    "SSHA256": _salted_digest(32),
    "SSHA512": _salted_digest(64),
}


def unusable(password_hash: object) -> str | None:
    """What is wrong with a hash, in words that tell nothing of it but the name of its scheme; None if nothing is."""
    match = _HASH.fullmatch(password_hash) if isinstance(password_hash, str) else None
    if match is None:
        return "is not a hash with its scheme"
    scheme = match["scheme"].upper()
    if scheme in _PLAIN:
        return f"is of the scheme {scheme}, which is the password itself and no hash"
    if scheme in _WEAK:
        return f"is of the scheme {scheme}, which is too weak to protect the password"
    fits = _USABLE.get(scheme)
    if fits is None:
        return "is of a scheme that Dovecot does not know"
    try:
        shape_fits = fits(_decoded(match["rest"], (match["encoding"] or "").upper(), scheme))
    except ValueError:
        shape_fits = False
    return None if shape_fits else f"is not what the scheme {scheme} looks like, so nobody could log in with it"


def _decoded(text: str, encoding: str, scheme: str) -> str:
    """The hash as the scheme has it; digests are in Base64 or hexadecimal anyway.

    :raises ValueError: the encoding is not known, or the text is not encoded so
    """
    if encoding == "" or (scheme.startswith("SSHA") and encoding in ("B64", "BASE64", "HEX")):
        return text
    try:
        if encoding in ("B64", "BASE64"):
            return _base64(text).decode("ascii")
        if encoding == "HEX":
            return bytes.fromhex(text).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(encoding) from error
    raise ValueError(encoding)
