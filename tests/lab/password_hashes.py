"""Hashes of passwords that mail and calendar services take alike."""

from __future__ import annotations

import ctypes
import secrets
import string

#: What Dovecot calls this hash, which Radicale takes with that name as well.
BCRYPT = "{BLF-CRYPT}"


def bcrypt(password: str) -> str:
    """A password's hash, of the cost that htpasswd has; crypt(3) makes it, which Python no longer calls itself."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    letters = f"./{string.digits}{string.ascii_letters}"
    # The last letter of a salt has two bits.
    salt = "".join(secrets.choice(letters) for _ in range(21)) + secrets.choice(".Oeu")
    hashed: bytes = library.crypt(password.encode(), f"$2y$05${salt}".encode())
    return f"{BCRYPT}{hashed.decode()}"
