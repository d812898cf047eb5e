# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is a secret: by the name of a setting, by what its agent says of it, and by what a text looks like. Pure.

A setting whose name says that it holds a secret may still say only where one is: the path of a file or of a script, a
lookup table of Postfix. So names are judged together with their values where there is one.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

#: Within a name, its words written together: ``adminPassword``, ``snmp_priv_passwd``, ``local.ugldapbindcred``.
_WITHIN = ("password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "privatekey")
#: As a word of a name: a community is SNMP's password (fence_apc_snmp and eight more), K_g IPMI's key (fence_ipmilan:
#: ``hexadecimal_kg``). ``UserNames`` of VCS has the passwords too, and so has ``Connect_string`` of HA for Oracle.
_WORDS = frozenset(["community", "kg", "psk", "pword", "credential", "credentials"])
_WHOLE = frozenset(["connect_string", "user_names", "identity_file"])
_LAST_WORD = ("cred", "pwd", "cookie", "key", "pass")
#: Words that end as a secret does and are none.
_OTHER_WORDS = frozenset(["bypass", "compass", "monkey", "hotkey", "turkey"])
#: What a name ends with that says how a secret is asked for, where it is looked up, or how old it may be (Radicale's
#: ``max_sync_token_age``), and not what it is.
_ABOUT_SECRETS = frozenset(
    ["attribute", "attrs", "delimiter", "empty", "filter", "format", "fields", "prompt", "query", "scheme", "template"]
    + ["worker", "prot", "protocol", "expired", "age"]
)
#: Names of keys that everybody may know, and the field of vfstab that says when a file system is checked.
_PUBLIC = frozenset(["public_key", "primary_key", "sort_key", "fsck_pass", "nopassword"])
#: Corosync's token goes round in a ring; its settings are times and numbers. Source: corosync.conf(5).
_RING_TOKEN = re.compile(
    r"totem[._](?:.*[._])?token(?:_\w+)?|token_(?:retransmit|retransmits_before_loss_const|coefficient|warning|timeout)"
)
#: What an agent's metadata says of a parameter that its name does not: the number of a SCSI reservation is no secret,
#: nor is the path of a file. Sources: metadata of fence-agents 4.12 and resource-agents 4.12.
_AGENTS: Mapping[tuple[str, str], bool] = {
    ("fence_scsi", "key"): False,
    ("fence_mpath", "key"): False,
    ("varnish", "secret"): False,
}
#: Names that end so say where a secret is; anything but an absolute path may be the secret itself.
_PLACES = ("file", "script", "path", "dir", "directory")
#: Postfix: ``smtp_sasl_password_maps = texthash:/etc/postfix/sasl``. Some types hold the values themselves.
_TABLE = re.compile(r"(?:(?!static:|inline:|randmap:|pipemap:|unionmap:)[a-z]+:)+/\S*|/\S*|\$\w+|\$\{\w+\}")

#: A name that can be shown: one that cannot be the name of a setting may be a secret in the wrong place.
_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: A file beside a playbook, as the option ``key`` of postfix_dovecot may name one.
_CERTIFICATE = re.compile(r"[^\s=:]+\.(?:pem|key|crt)")
_ABSOLUTE = re.compile(r"<?\s*/[^\s=]+(?: [^\n]*)?")
#: What is no secret, whatever its name.
SWITCHES = frozenset(["yes", "no", "true", "false", "on", "off", "y", "n"])

_IN_URL = re.compile(r"//[^/\s:@]*:[^/\s]*@|https?://[^/\s@]+@", re.IGNORECASE)
#: ``password=x``, ``"password": "x"``, ``--password x``, ``password => x``. A value may be such a pair itself, as in
#: ``args = password=x``, so it is only looked at. A name begins where no part of one is before it: a long text without
#: blanks, such as base64, is read once and not from each of its characters on.
_ASSIGNED = re.compile(
    r"""(?<![\w.-])(?P<name>[\w.-]+)["']?[ \t]*(?:=>|[=:])[ \t]*"""
    r"""(?="(?P<double>[^"\n]*)"?|'(?P<single>[^'\n]*)'?|(?P<value>(?:<[ \t]*)?[^\s"',;]+))"""
)
_OPTION = re.compile(r"(?:^|\s)--?(?P<name>[A-Za-z][\w.-]*)[ \t]+(?P<value>[^\s-]\S*)", re.MULTILINE)
_IN_PROSE = re.compile(r"\b(?:password|passwd|passphrase|pwd)[ \t]+(?=\S*[\d!-/:-@])\S{4,}", re.IGNORECASE)
_OF_CIFS = re.compile(r"(?:^|,)user(?:name)?=[^,%]*%[^,]")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")
_HASH = re.compile(
    r"\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|md5|argon2\w+|pbkdf2[\w-]*|scrypt)\$"
    r"|\{(?=[A-Za-z0-9.-]*(?:CRYPT|SHA|MD5|ARGON|PBKDF|SCRAM|PLAIN|CLEAR))[A-Za-z0-9.-]*\}[^\s,]",
    re.IGNORECASE,
)
_AUTHORIZATION = re.compile(r"\bauthorization[\"']?\s*[:=]", re.IGNORECASE)

REASON = "a description must not hold secrets"
NOT_A_PATH = "is no absolute path, so that it may be the secret itself"
REMEDY = "keep it in a file on the nodes and name that file, as in passwd_script"


def words_of(name: Any) -> list[str]:
    """The words of a setting's name in lower case, however they are put together."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", str(name))
    words = [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]
    if words and words[-1].endswith("file") and words[-1] != "file":
        words[-1:] = [words[-1][: -len("file")], "file"]
    return words


def is_secret(name: Any, agent: str = "") -> bool:
    """Whether a setting of this name holds a secret; one that says where a secret is does not.

    :param agent: the agent that the setting is for, in any spelling: ``fence_scsi``, ``stonith:fence_scsi``
    """
    told = _AGENTS.get((agent.rpartition(":")[2], str(name)))
    return told if told is not None else _is_about_secret(name) and not _is_place(name)


def holds_secret(name: Any, value: Any, agent: str = "") -> bool:
    """Whether this value, under this name, is or may be a secret. True, false and nothing are none.

    :param value: a single value; of dictionaries and lists nothing is said
    """
    if value is None or value == "" or isinstance(value, (bool, Mapping, list, tuple)):
        return False
    told = _AGENTS.get((agent.rpartition(":")[2], str(name)))
    if told is None:
        told = _is_about_secret(name)
    return (told and not _is_reference(name, str(value))) or text_holds_secret(str(value))


def text_holds_secret(text: str) -> bool:
    """Whether a text has a secret in it: in a URL, behind a name, or as a key or hash that is known by its look."""
    for pattern in (_IN_URL, _OF_CIFS, _PRIVATE_KEY, _HASH, _AUTHORIZATION, _IN_PROSE):
        if pattern.search(text):
            return True
    return any(_line_holds_secret(line) for line in text.splitlines())


def found_secrets(value: Any, key: str, agent: str = "") -> Iterator[tuple[str, str]]:
    """Where in a part of a description something may be a secret, at any depth: the key, and why it is refused."""
    if isinstance(value, Mapping):
        agent = str(value.get("agent") or value.get("type") or agent)
        for name, inner in value.items():
            path = _path(key, name)
            if holds_secret(name, inner, agent):
                yield path, NOT_A_PATH if _is_place(name) and _is_about_secret(name) else REASON
            elif is_secret(name, agent) and isinstance(inner, (Mapping, list, tuple)) and inner:
                yield path, REASON
            else:
                yield from found_secrets(inner, path, agent)
        yield from _found_in_pair(value, key)
    elif isinstance(value, (list, tuple)):
        if names_secret(value):
            yield key, REASON
            return
        for index, inner in enumerate(value):
            yield from found_secrets(inner, f"{key}[{index}]", agent)
    elif isinstance(value, str) and text_holds_secret(value):
        yield key, REASON


def without_secrets(value: Any, key: str, found: list[str]) -> Any:
    """A part of a description without what ``found_secrets`` would refuse in it.

    :param found: takes the keys of what was left out
    """
    refused = dict.fromkeys(path for path, _reason in found_secrets(value, key))
    found.extend(refused)
    return _without(value, key, refused)


def _without(value: Any, key: str, refused: Collection[str]) -> Any:
    if isinstance(value, Mapping):
        inner = {name: (_path(key, name), part) for name, part in value.items()}
        return {name: _without(part, path, refused) for name, (path, part) in inner.items() if path not in refused}
    if isinstance(value, (list, tuple)):
        items = [] if key in refused else [(f"{key}[{index}]", item) for index, item in enumerate(value)]
        # Of a list in it an empty one stays.
        return [
            _without(item, path, refused)
            for path, item in items
            if path not in refused or isinstance(item, (list, tuple))
        ]
    return value


def _path(key: str, name: Any) -> str:
    return f"{key}.{name if _SETTING.fullmatch(str(name)) else '(a name)'}"


def names_secret(items: Sequence[Any]) -> bool:
    """Whether a list has the name of a secret and something behind it: ``[password, x]``."""
    words = [item.lstrip("-").lower() for item in items[:-1] if isinstance(item, str)]
    return any(word in _NAMES for word in words)


#: What alone, as an item of a list, announces that the next item is a secret.
_NAMES = frozenset(["password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "api_key", "community"])


def _found_in_pair(value: Mapping[Any, Any], key: str) -> Iterator[tuple[str, str]]:
    """``{name: password, value: x}``: a setting that is spelt as two."""
    named = value.get("name", value.get("key"))
    for part in PAIRED:
        if isinstance(named, str) and holds_secret(named, value.get(part)):
            yield f"{key}.{part}", REASON


#: What the second half of a setting is called that is spelt as two.
PAIRED = ("value", "data")


def _is_about_secret(name: Any) -> bool:
    """Whether a name speaks of a secret, be it that it says where it is.

    Names of the engine have a prefix or a system beside the framework's own: ``meta x``, ``UserNames nodea``.
    """
    text = str(name)
    return _speaks_of_secret(text) or (" " in text and any(map(_speaks_of_secret, text.split(" "))))


@functools.lru_cache(maxsize=4096)
def _speaks_of_secret(text: str) -> bool:
    words = words_of(text)
    if not words or _RING_TOKEN.fullmatch(text) or words[-1] in _ABOUT_SECRETS or "_".join(words) in _PUBLIC:
        return False
    together = "".join(words)
    stem = words[:-1] if len(words) > 1 and words[-1] in _PLACES else words
    last = stem[-1]
    return (
        any(part in together for part in _WITHIN)
        or not _WORDS.isdisjoint(words)
        or "_".join(words) in _WHOLE
        or (last.endswith(_LAST_WORD) and last not in _OTHER_WORDS and (last != "key" or _secret_key(stem)))
        or together == "sessionurl"
        or any(_is_misspelt(word) for word in words)
    )


def _secret_key(words: list[str]) -> bool:
    return "_".join(words[-2:]) not in _PUBLIC


def _is_misspelt(word: str) -> bool:
    """``pasword``, ``passwort``: who misspells the name of a password has given a password all the same."""
    return bool(difflib.get_close_matches(word, ["password", "passphrase"], n=1, cutoff=0.8))


def _is_place(name: Any) -> bool:
    words = words_of(name)
    return bool(words) and (words[-1] in _PLACES or words[-1] == "maps")


def _is_reference(name: Any, value: str) -> bool:
    """Whether a value says only where a secret is, or how long a token may take."""
    words = words_of(name)
    last = words[-1]
    if last == "maps":
        return all(_TABLE.fullmatch(table) for table in re.split(r"[,\s]+", value.strip()) if table)
    if "".join(words) == "sessionurl":
        parts = urlsplit(value) if "://" in value else None
        return parts is not None and bool(parts.netloc) and "@" not in parts.netloc and not parts.query
    if words == ["token"]:
        return value.isdigit()
    if last.endswith("key") and _CERTIFICATE.fullmatch(value):
        return True
    if _is_place(name) or last.endswith("key") or last in ("credential", "credentials"):
        # Postfix: $smtpd_tls_cert_file, the default of smtpd_tls_key_file; postconf(5).
        return _ABSOLUTE.fullmatch(value) is not None or re.fullmatch(r"\$[a-z]+(?:_[a-z]+)+", value) is not None
    return False


def _line_holds_secret(line: str) -> bool:
    # What a line sets may itself be about names: pass_attrs = userPassword=password.
    first = _ASSIGNED.search(line)
    if first is not None and words_of(first["name"])[-1:] and words_of(first["name"])[-1] in _ABOUT_SECRETS:
        return False
    return any(
        _is_about_secret(match["name"]) and not _is_known(match["name"], _value_of(match))
        for pattern in (_ASSIGNED, _OPTION)
        for match in pattern.finditer(line)
    )


def _value_of(match: re.Match[str]) -> str:
    return next((match[part] for part in ("value", "double", "single") if match.groupdict().get(part)), "")


def _is_known(name: str, value: str) -> bool:
    """Whether what a text has behind the name of a secret is no secret."""
    value = value.strip()
    # Dovecot's and Postfix's own variables, and files that Dovecot reads: dovecot.conf(5), postconf(5).
    variable = re.fullmatch(r"%\{[\w:]+\}|%[uwnd]|\$\{?[a-z]+(?:_[a-z]+)+\}?|<\s*/\S+", value) is not None
    bare = value.rstrip(")}]")
    return not bare or bare.lower() in SWITCHES or variable or _is_reference(name, bare)
