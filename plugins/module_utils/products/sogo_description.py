# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOGo on several nodes: judges a description, and says which files a node has. Pure.

A node keeps nothing: calendars and users are in the database, what is kept in mind for a while in the one cache that
all nodes share. Clients, the database and the cache are reached through addresses that balancers keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import fields
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    dictionaries_of,
    dictionary_of,
    duplicates,
    refuse_secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats import property_list
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape
from .mail_options import Options

PREFIX = "sogo_"
NODES = f"{PREFIX}nodes"
CONFIGURATION = "/etc/sogo/sogo.conf"
CACHE = "/etc/memcached.conf"
LOGS = "/var/log/sogo"
#: What is run, in the order in which it is started, and the label of the files that it has read when it runs.
CACHE_FILES, SERVER_FILES = "memcached", "sogo"
UNITS = (CACHE_FILES, SERVER_FILES)
DROP_IN = "/etc/systemd/system/sogo.service.d/groupware-ha.conf"
#: How our own files begin.
MARK = "This file is replaced by Ansible: see the role sogo."
#: The table of users; SOGo's own tables begin with its name.
USERS_TABLE = "groupware_users"
#: SOGo's tables, by the setting that names them. With the last ones, users share tables in place of four for each.
TABLES: Mapping[str, str] = {
    "SOGoProfileURL": "sogo_user_profile",
    "OCSFolderInfoURL": "sogo_folder_info",
    "OCSSessionsFolderURL": "sogo_sessions_folder",
    "OCSAdminURL": "sogo_admin",
    "OCSStoreURL": "sogo_store",
    "OCSAclURL": "sogo_acl",
    "OCSCacheFolderURL": "sogo_cache_folder",
}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
#: SOGo takes the URL of its database apart without decoding it; these never mean anything else.
_IN_URL = re.compile(r"[A-Za-z0-9._~-]+")
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_SETTING = re.compile(r"[A-Z][A-Za-z0-9]+")
_MOST_PORT = 65535
#: A worker takes one request at a time, and up to 384 MB before SOGo replaces it (SxVMemLimit).
_WORKERS, _MOST_WORKERS = 6, 500
_CACHE_PORT = 11211

#: Settings that are the role's own, besides those of the tables.
_OWN = (
    *("WOPort", "WOPidFile", "WOLogFile", "WOWorkersCount", "WOListenQueueSize", "SOGoMemcachedHost"),
    *("SOGoUserSources", "MySQL4Encoding"),
    *("GCSChannelExpireAge", "GCSChannelCollectionTimer", "SOGoMailDomain", "SOGoTimeZone", "SOGoIMAPServer"),
    *("SOGoMailingMechanism", "SOGoSMTPServer", "SOGoSMTPAuthenticationType", "SOGoTrustProxyAuthentication"),
)


@dataclass(frozen=True)
class Node:
    """A host that runs SOGo, and its own address."""

    name: str
    address: str


@dataclass(frozen=True)
class Database:
    """The database, and the address at which the server that takes writes is found.

    :ivar front_end: the balancers' name of that address
    """

    name: str
    account: str
    front_end: str
    address: str
    port: int


@dataclass(frozen=True)
class Cache:
    """The address at which all nodes find the same cache.

    :ivar front_end: the balancers' name of that address
    """

    front_end: str
    address: str
    port: int
    memory: int


@dataclass(frozen=True)
class Mail:
    """Where mail is read, and where invitations are handed in; by the names in the services' certificates."""

    imap: str | None
    submission: str | None


@dataclass(frozen=True)
class Description:
    """All of a tier.

    :ivar front_end: the balancers' name of the address that clients come to
    :ivar workers: how many requests a node serves at once
    """

    name: str
    nodes: tuple[Node, ...]
    front_end: str
    port: int
    workers: int
    database: Database
    cache: Cache
    mail_domain: str
    mail: Mail
    time_zone: str
    settings: Mapping[str, Any]

    def node(self, name: str) -> Node | None:
        """The node of this name."""
        return next((node for node in self.nodes if node.name == name), None)


def parse(name: str, variables: Mapping[str, Any]) -> Description:
    """Read and judge a description.

    :param variables: those of the tier without ``sogo_`` before them
    :raises DescriptionError: with everything that is wrong
    """
    problems = Problems()
    nodes = _nodes(variables.get("nodes"), problems)
    numbers = {f"{PREFIX}{key}": variables[key] for key in ("port", "workers") if variables.get(key) is not None}
    # Options without a dictionary around them.
    whole = Options(numbers, list(numbers), name, Problems())
    description = Description(
        name=name,
        nodes=nodes,
        front_end=_front_end(f"{PREFIX}front_end", variables.get("front_end"), problems),
        port=whole.number(f"{PREFIX}port", 20000, least=1024, most=_MOST_PORT),
        workers=whole.number(f"{PREFIX}workers", _WORKERS, least=1, most=_MOST_WORKERS),
        database=_database(variables.get("database"), problems),
        cache=_cache(variables.get("cache"), problems),
        mail_domain=_mail_domain(variables.get("mail_domain"), problems),
        mail=_mail(variables.get("mail"), problems),
        time_zone=_time_zone(variables.get("time_zone"), problems),
        settings=_settings(variables.get("settings"), problems),
    )
    for problem in whole.problems:
        problems.add(problem.key.rpartition(".")[2], problem.value, problem.reason, problem.remedy)
    refuse(problems)
    return description


def _nodes(given: Any, problems: Problems) -> tuple[Node, ...]:
    key = NODES
    before = len(problems)
    found = []
    for index, entry in enumerate(dictionaries_of(given, key, problems)):
        options = Options(entry, ("name", "address"), f"{key}[{index}]", problems)
        name = _required(options, "name")
        if name and _NAME.fullmatch(name) is None:
            options.problem("name", name, "is not a name", "use letters, digits and - . _, 63 at most")
        found.append(Node(name, _address(options)))
    if len(problems) == before and len(found) < 2:
        problems.add(key, shape(given), "has fewer than two nodes", "one has to be there when another is lost")
    for what in ("name", "address"):
        for double in duplicates(getattr(one, what) for one in found if getattr(one, what)):
            problems.add(key, double, f"is the {what} of two nodes", "each needs one of its own")
    return tuple(found)


def _required(options: Options, name: str) -> str:
    value = options.text(name)
    if value is None and options.values.get(name) in (None, ""):
        options.problem(name, None, "is missing", "it is required")
    return value or ""


def _address(options: Options) -> str:
    value = options.values.get("address")
    fault = fields.address_fault(value)
    if fault is not None:
        options.problem("address", value, *fault)
        return ""
    if ":" in str(value):
        reason, remedy = "is of IPv6, which SOGo's URLs and its cache's list of servers do not take", "give one of IPv4"
        options.problem("address", value, reason, remedy)
    return str(value)


def _front_end(key: str, value: Any, problems: Problems) -> str:
    if value is None:
        problems.add(key, None, "is missing", "name the front end of the load balancers")
    elif not isinstance(value, str) or _NAME.fullmatch(value) is None:
        problems.add(key, shape(value), "is not the name of a front end", "give the one that the load balancers have")
    return str(value)


def _word(options: Options, name: str, pattern: re.Pattern[str], what: str) -> str:
    value = _required(options, name)
    if value and pattern.fullmatch(value) is None:
        options.problem(name, value, f"is not the name of {what}", "use letters, digits and _, 64 at most")
    return value


def _database(given: Any, problems: Problems) -> Database:
    key = f"{PREFIX}database"
    if given is None:
        problems.add(key, None, "is missing", "give name, account, front_end and address of the database")
        return Database("", "", "", "", 0)
    options = Options(
        dictionary_of(given, key, problems), ("name", "account", "front_end", "address", "port"), key, problems
    )
    return Database(
        _word(options, "name", _WORD, "a database"),
        _word(options, "account", _WORD, "an account"),
        _front_end(f"{key}.front_end", options.values.get("front_end"), problems),
        _address(options),
        options.number("port", 3306, least=1, most=_MOST_PORT),
    )


def _cache(given: Any, problems: Problems) -> Cache:
    key = f"{PREFIX}cache"
    if given is None:
        problems.add(key, None, "is missing", "give front_end and address of the cache that all nodes share")
        return Cache("", "", 0, 0)
    options = Options(dictionary_of(given, key, problems), ("front_end", "address", "port", "memory"), key, problems)
    return Cache(
        _front_end(f"{key}.front_end", options.values.get("front_end"), problems),
        _address(options),
        options.number("port", _CACHE_PORT, least=1024, most=_MOST_PORT),
        options.number("memory", 64, least=8, most=65536, unit="MiB"),
    )


def _mail_domain(value: Any, problems: Problems) -> str:
    fault = fields.host_name_fault(value)
    if fault is not None:
        problems.add(f"{PREFIX}mail_domain", value, *fault)
    return str(value)


def _mail(given: Any, problems: Problems) -> Mail:
    key = f"{PREFIX}mail"
    options = Options(dictionary_of(given, key, problems), ("imap", "submission"), key, problems)
    for name in ("imap", "submission"):
        value = options.text(name)
        fault = None if value is None else fields.host_name_fault(value)
        if fault is not None:
            options.problem(name, value, *fault)
    return Mail(options.text("imap"), options.text("submission"))


def _time_zone(value: Any, problems: Problems) -> str:
    if value is None:
        return "UTC"
    if not isinstance(value, str) or _ZONE.fullmatch(value) is None:
        problems.add(f"{PREFIX}time_zone", shape(value), "is not a time zone", "give one such as Europe/Berlin")
    return str(value)


def _settings(given: Any, problems: Problems) -> Mapping[str, Any]:
    key = f"{PREFIX}settings"
    found = dictionary_of(given, key, problems)
    refuse_secrets(found, key, problems)
    known = {problem.key for problem in problems}
    for name, value in found.items():
        path = f"{key}.{key_name(name)}"
        if path in known:
            continue
        if not isinstance(name, str) or _SETTING.fullmatch(name) is None:
            problems.add(path, shape(value), "is not the name of a setting", "give it as SOGo's guide spells it")
        elif name in _OWN or name in TABLES:
            problems.add(path, shape(value), "is set by the tier itself", "take it out")
        elif not _fits(value):
            remedy = "give a text, whole number, true or false, or a list or dictionary of these"
            problems.add(path, shape(value), "is nothing that a property list can have", remedy)
    return found


def _fits(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _SETTING.fullmatch(name.capitalize()) for name in value) and all(
            _fits(item) for item in value.values()
        )
    if isinstance(value, (list, tuple)):
        return all(_fits(item) for item in value)
    return isinstance(value, (bool, int)) or (isinstance(value, str) and value.isprintable())


def judge_password(password: Any) -> None:
    """Refuse a password of the database that SOGo could not use; it is not said.

    :raises DescriptionError: with what is wrong
    """
    problems = Problems()
    key = f"{PREFIX}database_password"
    if password is None or password == "":
        problems.add(key, None, "is missing", "give the password of the database's account, from a vault")
    elif not isinstance(password, str) or _IN_URL.fullmatch(password) is None:
        reason = "has characters that SOGo does not take in the URL of its database"
        problems.add(key, HIDDEN, reason, "use letters, digits and - . _ ~; make it long instead")
    refuse(problems)


# -- files -------------------------------------------------------------------------------------------------------------


def files(description: Description, node: str, password: str) -> list[dict[str, Any]]:
    """All files of a node, as groupware.ha.sogo_configuration takes them.

    :param node: its name; one of the description's
    :param password: that of the database's account
    """
    own = next(one for one in description.nodes if one.name == node)
    usual = {"owner": "root", "group": "root", "mode": "0644"}
    unit = _UNIT.format(mark=MARK, workers=description.workers)
    return [
        {"path": DROP_IN.rpartition("/")[0], "state": "directory", **usual, "mode": "0755"},
        # SOGo writes the URL of its database into its log, with the password, when it does not reach it.
        {"path": LOGS, "state": "directory", "owner": "sogo", "group": "sogo", "mode": "0700"},
        {"path": DROP_IN, "content": unit, "label": SERVER_FILES, **usual},
        {"path": CACHE, "content": _cache_file(description, own), "label": CACHE_FILES, **usual, "backup": True},
        {
            "path": CONFIGURATION,
            "content": property_list.render(configuration(description, own, password), [MARK]),
            "label": SERVER_FILES,
            "owner": "root",
            "group": "sogo",
            "mode": "0640",
            "sensitive": True,
        },
    ]


#: The package has its number of workers in a file of its own. A worker that is busy at the end has its answer sent.
_UNIT = """\
# {mark}
[Unit]
StartLimitIntervalSec=0
[Service]
EnvironmentFile=
Environment=PREFORK={workers}
Restart=always
RestartSec=1
TimeoutStopSec=30
UMask=0077
"""


def _cache_file(description: Description, node: Node) -> str:
    cache = description.cache
    lines = [f"-m {cache.memory}", f"-p {cache.port}", "-U 0", "-u memcache", f"-l {node.address}"]
    return "\n".join([f"# {MARK}", *lines, "-P /run/memcached/memcached.pid", ""])


def configuration(description: Description, node: Node, password: str) -> dict[str, property_list.Value]:
    """What SOGo's own file says."""
    database, cache, mail = description.database, description.cache, description.mail
    base = f"mysql://{database.account}:{password}@{database.address}:{database.port}/{database.name}"
    own: dict[str, property_list.Value] = {
        "WOPort": f"{node.address}:{description.port}",
        # By itself it has room for 5 that wait to be taken, and others are not answered.
        "WOListenQueueSize": 128,
        # Minutes. Whoever asked has long been told by the balancer that there is no answer.
        "WOWatchDogRequestTimeout": 2,
        "SOGoMemcachedHost": f"{cache.address}:{cache.port}",
        **{setting: f"{base}/{table}" for setting, table in TABLES.items()},
        "MySQL4Encoding": "utf8mb4",
        # Seconds. A connection that has ended is not noticed, and used again as long as it is kept (180 by itself):
        # each request would fail for so long when another server has taken over. A new one takes some milliseconds.
        "GCSChannelExpireAge": 1,
        "GCSChannelCollectionTimer": 1,
        "SOGoUserSources": [
            {
                "type": "sql",
                "id": "users",
                "viewURL": f"{base}/{USERS_TABLE}",
                "canAuthenticate": True,
                "isAddressBook": True,
                "displayName": "Users",
                "userPasswordAlgorithm": "sha512-crypt",
            }
        ],
        "SOGoMailDomain": description.mail_domain,
        "SOGoTimeZone": description.time_zone,
        "SOGoTrustProxyAuthentication": False,
        **dict(_of_mail(mail)),
    }
    return {**own, **description.settings}


def _of_mail(mail: Mail) -> Iterator[tuple[str, property_list.Value]]:
    """Users log in at the mail services with the name and password that they gave SOGo."""
    if mail.imap:
        yield "SOGoIMAPServer", f"imaps://{mail.imap}:993"
    if mail.submission:
        yield "SOGoMailingMechanism", "smtp"
        yield "SOGoSMTPServer", f"smtps://{mail.submission}:465"
        yield "SOGoSMTPAuthenticationType", "PLAIN"
        yield "SOGoAppointmentSendEMailNotifications", True


def outlook(description: Description) -> list[str]:
    """What there will be, in lines to read."""
    nodes = ", ".join(f"{node.name} ({node.address}:{description.port})" for node in description.nodes)
    database, cache = description.database, description.cache
    return [
        f"{description.name}: SOGo on {nodes}, for clients of the front end {description.front_end}",
        f"{description.name}: its database is {database.name} at {database.address}:{database.port}, its cache at "
        f"{cache.address}:{cache.port}",
    ]
