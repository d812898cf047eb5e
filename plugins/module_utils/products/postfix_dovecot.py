# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Postfix and one Dovecot for each service: judges the options, and says which files an instance has. Pure.

An instance lives on its service's volume alone, so that it is the same on every node:

    <mount point>/postfix/etc       main.cf, master.cf and the tables of addresses
    <mount point>/postfix/spool     the queue
    <mount point>/postfix/data      Postfix's own caches
    <mount point>/dovecot           dovecot.conf and the users
    <mount point>/mail/<user>       home directory of a user, with the Maildir
    <mount point>/tls               key.pem and certificate.pem
    <mount point>/configuration     where all these files really are, see mail_generations.py

Only Dovecot's sockets and process id are the node's, at /run/dovecot/<service>: those of a node that was lost are lost
with it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.deployment import (
    DescriptionError,
    Problem,
    dictionary_of,
    refuse_secrets,
)
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape

OPTIONS = (
    "domains",
    "aliases",
    "message_size_limit",
    "trusted_networks",
    "certificate",
    "key",
    "postfix_parameters",
    "dovecot_settings",
)

#: Parameters that make an instance what it is; another value would tear it off its volume or its address.
OWN_PARAMETERS = frozenset(
    """
    alternate_config_directories config_directory data_directory inet_interfaces mail_owner mydestination myhostname
    queue_directory setgid_group smtpd_sasl_path smtpd_sasl_type smtpd_tls_chain_files syslog_name virtual_alias_maps
    virtual_mailbox_domains virtual_mailbox_maps virtual_transport
    """.split()
)

_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_LOCAL_PART = re.compile(r"(?!\.)[A-Za-z0-9_.-]+(?<!\.)")
_ALIAS = re.compile(r"(?!\.)[A-Za-z0-9_.+-]+(?<!\.)")
_HASH = re.compile(r"\{(?P<scheme>[A-Za-z0-9.-]+)\}[!-9;-~]+")
_PLAIN_SCHEMES = frozenset(["PLAIN", "CLEARTEXT", "CLEAR", "PLAIN-TRUNC"])
_PARAMETER = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class User:
    """A mailbox: ``alice`` receives mail for every domain of the instance, ``alice@one.example`` for that alone."""

    name: str
    password_hash: str = field(repr=False)

    def addresses(self, domains: Sequence[str]) -> list[str]:
        """All addresses of the user."""
        return [self.name] if "@" in self.name else [f"{self.name}@{domain}" for domain in domains]


@dataclass(frozen=True)
class Instance:
    """What the templates of an instance need to know."""

    name: str
    host_name: str
    address: str
    mount_point: str
    domains: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    message_size_limit: int
    trusted_networks: tuple[str, ...]
    certificate: str | None
    key: str | None
    postfix_parameters: Mapping[str, str]
    dovecot_settings: str
    users: tuple[User, ...]

    @property
    def configuration(self) -> dict[str, Any]:
        """Variables of the templates, without secrets."""
        return {
            "name": self.name,
            "host_name": self.host_name,
            "address": self.address,
            "ip_version": ipaddress.ip_address(self.address).version,
            "mount_point": self.mount_point,
            "domains": list(self.domains),
            "aliases": {alias: list(targets) for alias, targets in self.aliases.items()},
            "message_size_limit": self.message_size_limit,
            "trusted_networks": list(self.trusted_networks),
            "postfix_parameters": dict(self.postfix_parameters),
            "dovecot_settings": self.dovecot_settings,
            "mailboxes": [{"name": user.name, "addresses": user.addresses(self.domains)} for user in self.users],
        }


def parse_instances(instances: Sequence[Mapping[str, Any]], users: Mapping[str, Any]) -> list[Instance]:
    """Read and judge the instances.

    :param instances: the value of ``postfix_dovecot_instances``
    :param users: the value of ``postfix_dovecot_users``
    :raises DescriptionError: with every problem that was found; no password hash is in it
    """
    entries.refuse(instances, "postfix_dovecot_instances", ("name", "host_name", "address", "mount_point"))
    problems: list[Problem] = []
    users = dictionary_of(users, "users", problems)
    names = [str(instance["name"]) for instance in instances]
    for name in users:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1)
            remedy = f"did you mean {close[0]}?" if close else f"the instances are {', '.join(names) or 'not given'}"
            problems.append(Problem(f"users.{key_name(name, names)}", HIDDEN, "is not the name of an instance", remedy))
    parsed = [_parse_instance(instance, users.get(instance["name"]) or [], problems) for instance in instances]
    if problems:
        raise DescriptionError(problems)
    return parsed


def _parse_instance(given: Mapping[str, Any], users: Sequence[Any], problems: list[Problem]) -> Instance:
    name = str(given["name"])
    options = dictionary_of(given.get("options"), f"instances[{name}].options", problems)
    refuse_secrets(options, f"instances[{name}].options", problems)
    reader = _Options(options, f"instances[{name}].options", problems)
    domains = tuple(domain.lower() for domain in reader.texts("domains")) or (str(given["host_name"]).lower(),)
    for domain in domains:
        if _DOMAIN.fullmatch(domain) is None:
            reader.problem("domains", domain, "is not a domain", "use letters, digits, hyphens and dots")
    parsed_users = _parse_users(users, f"users.{name}", domains, problems)
    certificate, key = reader.text("certificate"), reader.text("key")
    if (certificate is None) != (key is None):
        missing = "certificate" if certificate is None else "key"
        reader.problem(missing, None, "is missing", "give both certificate and key, or none for a self-signed one")
    return Instance(
        name=name,
        host_name=str(given["host_name"]),
        address=str(given["address"]),
        mount_point=str(given["mount_point"]).rstrip("/"),
        domains=domains,
        aliases=_parse_aliases(reader, domains, parsed_users),
        message_size_limit=reader.size("message_size_limit", 50 * 1024 * 1024),
        trusted_networks=_parse_networks(reader),
        certificate=certificate,
        key=key,
        postfix_parameters=_parse_parameters(reader),
        dovecot_settings=reader.text("dovecot_settings") or "",
        users=parsed_users,
    )


class _Options:
    """Takes typed values out of an instance's options."""

    def __init__(self, values: Mapping[str, Any], key: str, problems: list[Problem]) -> None:
        self.values, self.key, self.problems = values, key, problems
        for name in values:
            if name not in OPTIONS:
                close = difflib.get_close_matches(str(name), OPTIONS, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"use one of {', '.join(OPTIONS)}"
                self.problem(key_name(name), shape(values[name]), "is not a known option", remedy)

    def problem(self, name: str, value: Any, reason: str, remedy: str) -> None:
        self.problems.append(Problem(f"{self.key}.{name}", value, reason, remedy))

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            self.problem(name, shape(value), "is not a text", "put it in quotes")
            return None
        return value or None

    def texts(self, name: str) -> list[str]:
        value = self.values.get(name)
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, Sequence) or not all(isinstance(item, str) for item in value):
            self.problem(
                name, shape(value), "is not a list of texts", "give a list, and put each item in quotes if need be"
            )
            return []
        return list(value)

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self.values.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.problem(name, shape(value), "is not a dictionary", "give a dictionary")
            return {}
        return value or {}

    def size(self, name: str, default: int) -> int:
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            self.problem(name, shape(value), "is not a number of bytes", "give a whole number above zero")
            return default
        return value


def _parse_users(users: Sequence[Any], key: str, domains: Sequence[str], problems: list[Problem]) -> tuple[User, ...]:
    parsed: list[User] = []
    owners: dict[str, str] = {}
    if not isinstance(users, Sequence) or isinstance(users, str):
        problems.append(Problem(key, HIDDEN, "is not a list", "give a list of users with name and password_hash"))
        return ()
    for index, given in enumerate(users):
        here = f"{key}[{index}]"
        if not isinstance(given, Mapping) or set(given) != {"name", "password_hash"}:
            problems.append(Problem(here, HIDDEN, "is not a user", "give name and password_hash, and nothing else"))
            continue
        if not isinstance(given["name"], str):
            problems.append(Problem(f"{here}.name", shape(given["name"]), "is not a text", "put it in quotes"))
            continue
        name, password_hash = given["name"].lower(), given["password_hash"]
        local_part, at, domain = name.partition("@")
        if _LOCAL_PART.fullmatch(local_part) is None:
            reason = "is not a user name"
            problems.append(Problem(f"{here}.name", name, reason, "use letters, digits, hyphens, dots, underscores"))
        elif at and domain not in domains:
            reason = "is not in a domain of the instance"
            problems.append(
                Problem(f"{here}.name", name, reason, f"use one of {', '.join(domains)}, or add the domain")
            )
        match = _HASH.fullmatch(password_hash) if isinstance(password_hash, str) else None
        if match is None or match["scheme"].upper().partition(".")[0] in _PLAIN_SCHEMES:
            remedy = "give what `doveadm pw -s SHA512-CRYPT` prints, such as {SHA512-CRYPT}$6$..."
            problems.append(Problem(f"{here}.password_hash", HIDDEN, "is not a hash with its scheme", remedy))
            continue
        user = User(name, password_hash)
        for address in user.addresses(domains):
            if address in owners:
                remedy = "name each user once, and each address in one way"
                problems.append(Problem(f"{here}.name", name, f"has {address}, as {owners[address]} has", remedy))
            owners.setdefault(address, name)
        parsed.append(user)
    return tuple(parsed)


def _parse_aliases(reader: _Options, domains: Sequence[str], users: Sequence[User]) -> Mapping[str, tuple[str, ...]]:
    """Full addresses of aliases and where their mail goes."""
    boxes = {address for user in users for address in user.addresses(domains)}
    found: dict[str, tuple[str, ...]] = {}
    for alias, targets in reader.mapping("aliases").items():
        texts = [targets] if isinstance(targets, str) else targets
        if not isinstance(texts, Sequence) or not texts or not all(isinstance(target, str) for target in texts):
            reader.problem(
                f"aliases.{key_name(alias)}", shape(targets), "is not a list of addresses", "give at least one"
            )
            continue
        local_part, at, domain = str(alias).lower().partition("@")
        if _ALIAS.fullmatch(local_part) is None or (at and domain not in domains):
            remedy = f"use a name, or an address in one of {', '.join(domains)}"
            reader.problem("aliases", alias, "is not an address of the instance", remedy)
            continue
        full = tuple(target if "@" in target else f"{target}@{domains[0]}" for target in map(str.lower, texts))
        if any(re.search(r"[\s,#]", target) for target in full):
            reader.problem(f"aliases.{alias}", targets, "has an address with blanks or commas", "give one per item")
            continue
        for address in [f"{local_part}@{domain}"] if at else [f"{local_part}@{each}" for each in domains]:
            if address in boxes:
                reader.problem("aliases", alias, f"would take the mail of the user {address}", "choose another name")
            found[address] = full
    return found


def _parse_networks(reader: _Options) -> tuple[str, ...]:
    found = []
    for text in reader.texts("trusted_networks"):
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            reader.problem("trusted_networks", text, f"is not a network ({error})", "give one such as 192.0.2.0/24")
            continue
        if network.prefixlen == 0:
            reason = "is the whole Internet, that could then send mail anywhere through this service"
            reader.problem("trusted_networks", text, reason, "name the hosts that may send without logging in")
        found.append(f"[{network.network_address}]/{network.prefixlen}" if network.version == 6 else str(network))
    return tuple(found)


def _parse_parameters(reader: _Options) -> Mapping[str, str]:
    found = {}
    for name, value in reader.mapping("postfix_parameters").items():
        here = f"postfix_parameters.{name}"
        if name in OWN_PARAMETERS:
            reader.problem(here, value, "makes the instance what it is", "leave it out; see the role's options")
        elif _PARAMETER.fullmatch(str(name)) is None:
            reader.problem(
                f"postfix_parameters.{key_name(name)}",
                shape(value),
                "is not the name of a parameter",
                "see postconf(5)",
            )
        elif isinstance(value, bool):
            found[str(name)] = "yes" if value else "no"
        elif isinstance(value, (str, int)) and "\n" not in str(value):
            found[str(name)] = str(value)
        else:
            reader.problem(
                here, shape(value), "is not one line of text, a number or a boolean", "write it as in main.cf"
            )
    return found


def passwd_file(instance: Instance) -> str:
    """Dovecot's users: each address leads to the user's name, so that a mailbox stays when domains change.

    Format: passwd-file of Dovecot, ``name:password:uid:gid:gecos:home:shell:extra fields``.
    """
    lines = [f"# Users of {instance.name}; this file is replaced by Ansible."]
    for user in instance.users:
        home = f"{instance.mount_point}/mail/{user.name}"
        names = [user.name, *(address for address in user.addresses(instance.domains) if address != user.name)]
        lines.extend(
            f"{name}:{user.password_hash}::::{home}::user={user.name} userdb_user={user.name}" for name in names
        )
    return "\n".join(lines) + "\n"


def instance_files(instance: Instance, dovecot_version: str) -> list[dict[str, Any]]:
    """All files of an instance, as groupware.ha.mail_configuration takes them."""
    base = instance.mount_point
    variables = {"instance": instance.configuration, "dovecot_version": dovecot_version}
    postfix, dovecot = f"{instance.name}/postfix", f"{instance.name}/dovecot"
    everything = f"{instance.name}/tls"
    modern = tuple(int(number) for number in dovecot_version.split(".")[:2]) >= (2, 4)

    def directory(path: str, mode: str = "0755", owner: str = "root", group: str = "root") -> dict[str, Any]:
        return {"path": f"{base}/{path}", "state": "directory", "mode": mode, "owner": owner, "group": group}

    def file(path: str, label: str, mode: str = "0644", group: str = "root", **content: Any) -> dict[str, Any]:
        kept = {"mode": mode, "owner": "root", "group": group, "label": label}
        return {"path": f"{base}/{path}", **kept, **content}

    files = [
        directory("postfix"),
        directory("postfix/spool"),
        directory("postfix/data", "0700", "postfix", "postfix"),
        directory("dovecot"),
        directory("mail", "0700", "vmail", "vmail"),
        file("postfix/etc/main.cf", postfix, template="main.cf.j2", variables=variables),
        file("postfix/etc/master.cf", postfix, template="master.cf.j2", variables=variables),
        file("postfix/etc/mailboxes", postfix, template="mailboxes.j2", variables=variables),
        file("postfix/etc/aliases", postfix, template="aliases.j2", variables=variables),
        file(
            "dovecot/dovecot.conf",
            dovecot,
            template=f"dovecot-{'2.4' if modern else '2.3'}.conf.j2",
            variables=variables,
        ),
        # Read anew by Dovecot at each log-in, without a reload.
        {**file("dovecot/users", "", "0640", "dovecot", content=passwd_file(instance)), "sensitive": True},
    ]
    if instance.certificate is not None:
        files += [
            file("tls/certificate.pem", everything, source=instance.certificate),
            {**file("tls/key.pem", everything, "0600", source=instance.key), "sensitive": True},
        ]
    return [{**entry, "require_mounted": base} for entry in files]


def node_files(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """What every node needs: its own Postfix keeps to the loopback, knows the instances, and its own Dovecot is off."""
    return [
        {
            "path": "/etc/postfix/main.cf",
            "parameters": {
                "inet_interfaces": "loopback-only",
                # The resource agent insists on it, and postdrop and postqueue serve these directories only.
                "alternate_config_directories": [f"{instance.mount_point}/postfix/etc" for instance in instances],
            },
            "backup": True,
            "label": "node:postfix",
        },
        # What "systemctl mask" does: the package's own instance would take the wildcard address.
        {
            "path": "/etc/systemd/system/dovecot.service",
            "state": "link",
            "target": "/dev/null",
            "backup": True,
            "label": "node:dovecot",
        },
    ]


def instances_of(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """The instances that these files are of, as groupware.ha.mail_configuration takes them."""
    return [
        {
            "name": instance.name,
            "mount_point": instance.mount_point,
            "address": instance.address,
            "host_name": instance.host_name,
            "recipient": f"postmaster@{instance.domains[0]}",
            "self_signed": instance.certificate is None,
            "given": [
                *(f"postfix_parameters.{name}" for name in instance.postfix_parameters),
                *(["dovecot_settings"] if instance.dovecot_settings else []),
                *(["certificate"] if instance.certificate is not None else []),
            ],
        }
        for instance in instances
    ]
