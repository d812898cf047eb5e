# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Dovecot's settings, set by hand, would take back what an instance promises of TLS and of log-ins. Pure.

A promise holds wherever a setting stands: ``remote`` and ``local`` sections make exceptions for some clients,
``protocol`` and ``service`` sections for some ports. Names are those of Dovecot 2.3 and 2.4; what else is wrong,
doveconf says.

Sources: Dovecot's manual, SSL configuration, Authentication mechanisms, Password databases, and its settings reference
of 2.3 and 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import mail_networks


class Setting(NamedTuple):
    """One setting: the sections around it, its name and its value."""

    sections: tuple[str, ...]
    name: str
    value: str

    @property
    def key(self) -> str:
        """Where it is, in one word: ``service imap-login/inet_listener imaps/ssl``."""
        return "/".join([*self.sections, self.name])


Judge = Callable[[Setting], "tuple[str, str] | None"]

#: Releases whose settings have other names than those of the one before, oldest first.
DOVECOT_RELEASES = ("2.3", "2.4")

_TAKEN_BACK = "takes back what the instance promises"
#: Sections of password databases, and those of which the passwords are none, or are those of the node's own users.
_PASSDB = re.compile(r"passdb\b")
_REFUSED_DRIVERS = frozenset(["static", "passwd", "shadow", "pam", "bsdauth", "anonymous"])
#: Those that prove who somebody is; the others ask for no password, or for one that has to be kept in the clear.
_MECHANISMS = frozenset(
    ["plain", "login", "scram-sha-1", "scram-sha-1-plus", "scram-sha-256", "scram-sha-256-plus", "oauthbearer"]
    + ["xoauth2", "gssapi", "gss-spnego", "$auth_mechanisms"]
)
#: Suites of TLS 1.2 that authenticate what they encrypt, with keys that nobody has afterwards.
_GOOD_SUITE = re.compile(r"(?=.*(GCM|CHACHA20|CCM))(?=.*(DHE|EECDH|EDH))(?!.*(NULL|ADH|AECDH|EXP|PSK|anon|aDSS|DSS)).*")


def _only(*values: str) -> Judge:
    def judge(setting: Setting) -> tuple[str, str] | None:
        return (
            None if setting.value.lower() in values else (_TAKEN_BACK, f"give {' or '.join(values)}, or leave it out")
        )

    return judge


def _of_instance(option: str) -> Judge:
    return lambda _setting: ("is set by an option of the instance", f"leave it out, and use the option {option}")


def _judge_ssl(setting: Setting) -> tuple[str, str] | None:
    listens = bool(setting.sections) and setting.sections[-1].startswith("inet_listener")
    return _only("yes" if listens else "required")(setting)


def _judge_protocol(setting: Setting) -> tuple[str, str] | None:
    if setting.value in ("TLSv1.2", "TLSv1.3", "LATEST"):
        return None
    return "has versions of TLS that are broken, or all", "give TLSv1.2 or TLSv1.3, or leave it out"


def _judge_ciphers(setting: Setting) -> tuple[str, str] | None:
    remedy = "name suites such as ECDHE+AESGCM:ECDHE+CHACHA20, or leave it out"
    named = False
    for suite in re.split(r"[:, ]+", setting.value):
        if suite[:1] in ("", "!", "-") or suite == "@STRENGTH" or re.fullmatch(r"@SECLEVEL=[2-5]", suite):
            continue
        if _GOOD_SUITE.fullmatch(suite.lstrip("+")) is None:
            return f"has {suite}, which is not known to authenticate, encrypt and keep secret for ever", remedy
        named = True
    return None if named else ("names no suite", remedy)


def _judge_suites(setting: Setting) -> tuple[str, str] | None:
    for suite in re.split(r"[:, ]+", setting.value):
        if re.fullmatch(r"TLS_(AES_(128|256)_(GCM|CCM)|CHACHA20_POLY1305)_SHA(256|384)", suite) is None:
            return f"has {suite}, which is not known to encrypt", "give TLS_AES_256_GCM_SHA384, or leave it out"
    return None


def _judge_options(setting: Setting) -> tuple[str, str] | None:
    if "compression" in setting.value.split() and "no_compression" not in setting.value.split():
        return "has TLS compress, which tells secrets by the length of what is sent", "leave compression out"
    return None


def _judge_mechanisms(setting: Setting) -> tuple[str, str] | None:
    for word in setting.value.lower().split():
        if word not in _MECHANISMS:
            return f"has {word}, which lets in without a password, or needs it in the clear", "use plain and login"
    return None


def _judge_networks(setting: Setting) -> tuple[str, str] | None:
    given = re.split(r"[\s,]+", setting.value)
    networks, refused = mail_networks.parse([word for word in given if word])
    reason = "could log in without TLS, or from addresses that are made up"
    wide = mail_networks.too_wide(networks, reason, "name the proxies that there are")
    for problem in [*refused, *wide]:
        return problem.reason, problem.remedy
    return None


def _judge_delay(setting: Setting) -> tuple[str, str] | None:
    if re.match(r"0*[1-9]\d* ?(s|m|h|$)", setting.value):
        return None
    return "has wrong passwords answered at once", "give a number of seconds such as 2 secs, or leave it out"


_NAMES: dict[str, Judge] = {
    "ssl": _judge_ssl,
    "disable_plaintext_auth": _only("yes"),
    "auth_allow_cleartext": _only("no"),
    "ssl_min_protocol": _judge_protocol,
    "ssl_protocols": lambda _setting: ("is the setting of older versions", "use ssl_min_protocol, or leave it out"),
    "ssl_cipher_list": _judge_ciphers,
    "ssl_cipher_suites": _judge_suites,
    "ssl_options": _judge_options,
    "auth_mechanisms": _judge_mechanisms,
    "login_trusted_networks": _judge_networks,
    "haproxy_trusted_networks": _judge_networks,
    "auth_failure_delay": _judge_delay,
    "auth_debug_passwords": _only("no"),
    "auth_verbose_passwords": _only("no"),
    "auth_master_user_separator": lambda _setting: ("has some users log in as any other", "leave it out"),
    **dict.fromkeys(["ssl_cert", "ssl_server_cert_file"], _of_instance("certificate")),
    **dict.fromkeys(["ssl_key", "ssl_server_key_file"], _of_instance("key")),
}


def judge(text: str) -> Iterator[tuple[Setting, str, str]]:
    """Settings that weaken TLS or log-ins: each with what is wrong, and what would be right."""
    for setting in settings(text):
        found = _judge_one(setting)
        if found is not None:
            yield (setting, *found)


def _judge_one(setting: Setting) -> tuple[str, str] | None:
    if setting.name.startswith("!"):
        return "reads a file that cannot be judged here", "write here what is in it"
    no_password = ("lets in with any password", "leave it out: users are those of postfix_dovecot_users")
    if "nopassword" in re.split(r"[\W]+", f"{setting.name} {setting.value}"):
        return no_password
    if any(_PASSDB.match(section) for section in (*setting.sections, setting.name)):
        # ``passdb {`` with ``driver = static`` of 2.3; ``passdb static {``, or ``passdb_driver`` in it, of 2.4.
        kind, _blank, driver = setting.name.partition(" ")
        driver = setting.value if kind in ("driver", "passdb_driver") else driver
        if driver.lower() in _REFUSED_DRIVERS:
            return "lets in without the user's own password, or with those of the node's users", no_password[1]
        if setting.name in ("master", "passdb_master") and setting.value.lower() != "no":
            return "has some users log in as any other", "leave it out"
    known = _NAMES.get(setting.name)
    return None if known is None else known(setting)


def settings(text: str) -> Iterator[Setting]:
    """All settings of a dovecot.conf; a section that has none of its own is one itself, without a value."""
    sections: list[str] = []
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        given = re.sub(r"(^|\s)#.*", "", line).strip()
        name, equals, value = given.partition("=")
        if not given:
            continue
        if given.endswith("{") and not equals:
            sections.append(" ".join(given[:-1].split()))
            yield Setting(tuple(sections[:-1]), sections[-1], "")
        elif given == "}":
            del sections[-1:]
        elif given.startswith("!"):
            yield Setting(tuple(sections), *(given.split(None, 1) if len(given.split()) > 1 else (given, "")))
        elif equals:
            yield Setting(tuple(sections), name.strip(), _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
