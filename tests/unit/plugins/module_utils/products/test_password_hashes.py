"""Password hashes: those that Dovecot takes, and those that nobody could log in with."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.password_hashes import unusable

SHA512 = "{SHA512-CRYPT}$6$saltsalt$" + "a" * 86
BLOWFISH = "{BLF-CRYPT}$2y$05$" + "a" * 53
ARGON = "$v=19$m=65536,t=3,p=1$" + "a" * 22 + "$" + "b" * 43
SALTED = base64.b64encode(b"d" * 64 + b"salt").decode()


def scram(iterations=4096, salt=b"salt", stored=b"s" * 32, server=b"v" * 32):
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"{{SCRAM-SHA-256}}{iterations},{','.join(parts)}"


@pytest.mark.parametrize(
    "password_hash",
    [
        SHA512,
        SHA512.replace("$6$", "$6$rounds=5000$"),
        "{sha512-crypt}" + SHA512.partition("}")[2],
        "{SHA512-CRYPT.b64}" + base64.b64encode(SHA512.partition("}")[2].encode()).decode(),
        "{SHA512-CRYPT.HEX}" + SHA512.partition("}")[2].encode().hex(),
        "{CRYPT}" + SHA512.partition("}")[2],
        "{CRYPT}$y$j9T$salt$" + "a" * 43,
        "{SHA256-CRYPT}$5$salt$" + "a" * 43,
        BLOWFISH,
        "{ARGON2I}$argon2i" + ARGON,
        "{ARGON2ID}$argon2id" + ARGON,
        "{PBKDF2}$1$.JbL.Rd8Nmg1rJ8b$5000$" + "0a" * 20,
        scram(),
        scram(stored=b"s" * 20, server=b"v" * 20).replace("256", "1"),
        "{SSHA}" + base64.b64encode(b"d" * 20 + b"salt").decode(),
        "{SSHA512}" + SALTED,
        "{SSHA512.HEX}" + (b"d" * 64 + b"salt").hex(),
        "{SSHA256}" + base64.b64encode(b"d" * 32 + b"salt").decode(),
        *(f"{{SSHA512.{encoding}}}{SALTED}" for encoding in ("B64", "b64", "BASE64")),
        # The least salt that there is.
        *(
            f"{{SSHA{name}}}{base64.b64encode(b'd' * size + b's').decode()}"
            for name, size in (("", 20), ("256", 32), ("512", 64))
        ),
    ],
)
def test_what_doveadm_makes_is_taken(password_hash):
    assert unusable(password_hash) is None


@pytest.mark.parametrize(
    ("password_hash", "reason"),
    [
        # Not a hash at all, or more than one.
        (None, "not a hash"),
        (123, "not a hash"),
        (["x"], "not a hash"),
        ({"x": 1}, "not a hash"),
        ("", "not a hash"),
        ("x", "not a hash"),
        ("$6$salt$" + "a" * 86, "not a hash"),
        (SHA512 + ":0:0", "not a hash"),
        (SHA512 + "\n", "not a hash"),
        (SHA512 + " ", "not a hash"),
        (SHA512 + "\nroot:" + SHA512, "not a hash"),
        ("{SHA512-CRYPT}", "not a hash"),
        ("{}" + SHA512, "not a hash"),
        # The password itself.
        ("{PLAIN}x", "PLAIN"),
        ("{plain}x", "PLAIN"),
        ("{CLEARTEXT}x", "CLEARTEXT"),
        ("{CLEAR}x", "CLEAR"),
        ("{PLAIN-TRUNC}10-x", "PLAIN-TRUNC"),
        ("{PLAIN.B64}eA==", "PLAIN"),
        # As good as that.
        ("{MD5}$1$salt$" + "a" * 22, "too weak"),
        ("{MD5-CRYPT}$1$salt$" + "a" * 22, "too weak"),
        ("{PLAIN-MD5}" + "a" * 32, "too weak"),
        ("{LDAP-MD5}x", "too weak"),
        ("{CRAM-MD5}x", "too weak"),
        ("{DIGEST-MD5}x", "too weak"),
        ("{LANMAN}x", "too weak"),
        ("{DES-CRYPT}abJnggxhB/yWI", "too weak"),
        ("{SHA}x", "too weak"),
        ("{SSHA}x", "looks like"),
        ("{SHA512}x", "too weak"),
        # Of no scheme that there is.
        ("{SHA-512}x", "does not know"),
        ("{SHA512CRYPT}" + SHA512.partition("}")[2], "does not know"),
        ("{BCRYPT}" + BLOWFISH.partition("}")[2], "does not know"),
        ("{ARGON2}$argon2id" + ARGON, "does not know"),
        # Of another shape than the scheme's.
        ("{SHA512-CRYPT}x", "looks like"),
        ("{SHA512-CRYPT}$6$", "looks like"),
        ("{SHA512-CRYPT}$6$" + "a" * 86, "looks like"),
        ("{SHA512-CRYPT}$6$$" + "a" * 86, "looks like"),
        (SHA512[:-1], "looks like"),
        (SHA512 + "a", "looks like"),
        (SHA512.replace("$6$", "$5$"), "looks like"),
        (SHA512.replace("saltsalt", "s" * 17), "looks like"),
        (SHA512.replace("$6$", "$6$rounds=1$"), "looks like"),
        (SHA512.replace("$6$", "$6$rounds=x$"), "looks like"),
        (SHA512.replace("{SHA512-CRYPT}", "{SHA256-CRYPT}"), "looks like"),
        (SHA512.replace("{SHA512-CRYPT}", "{BLF-CRYPT}"), "looks like"),
        ("{SHA512-CRYPT.B64}" + SHA512.partition("}")[2], "looks like"),
        ("{SHA512-CRYPT.ROT13}" + SHA512.partition("}")[2], "looks like"),
        (BLOWFISH[:-1], "looks like"),
        (BLOWFISH.replace("$05$", "$03$"), "looks like"),
        (BLOWFISH.replace("$05$", "$99$"), "looks like"),
        ("{CRYPT}*", "looks like"),
        ("{CRYPT}!" + SHA512.partition("}")[2], "looks like"),
        ("{CRYPT}abJnggxhB/yWI", "looks like"),
        ("{CRYPT}$1$salt$" + "a" * 22, "looks like"),
        ("{ARGON2ID}$argon2i" + ARGON, "looks like"),
        ("{ARGON2ID}$argon2id$v=19$m=1$x", "looks like"),
        ("{PBKDF2}$1$salt$5000$abc", "looks like"),
        ("{PBKDF2}$1$salt$1$" + "0a" * 20, "looks like"),
        (scram(iterations=1), "looks like"),
        (scram(salt=b""), "looks like"),
        (scram(stored=b"s" * 20), "looks like"),
        ("{SCRAM-SHA-256}4096,a,b", "looks like"),
        ("{SSHA512}" + base64.b64encode(b"d" * 64).decode(), "looks like"),
        ("{SSHA512}" + SALTED[:-1], "looks like"),
        ("{SSHA512}x", "looks like"),
        ("{SSHA256}%%%", "looks like"),
    ],
)
def test_what_nobody_can_log_in_with_is_refused_and_not_told(password_hash, reason):
    told = unusable(password_hash)
    assert reason in told
    assert "a" * 8 not in told
