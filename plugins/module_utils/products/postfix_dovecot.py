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
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import (
    dictionary_of,
    refuse_secrets,
    wrong_keys_of_user,
)
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN, key_name, shape
from . import dovecot_settings, mail_networks, mail_relay, mail_senders, password_hashes, postfix_parameters
from .mail_options import Options
from .mail_senders import Addresses, User

OPTIONS = (
    "domains",
    "aliases",
    "postmaster",
    "may_send_as",
    "message_size_limit",
    "trusted_networks",
    "forwarding_hosts",
    "rate_limits",
    "relay_host",
    "certificate",
    "key",
    "postfix_parameters",
    "dovecot_settings",
)

#: The role's variables, as its user knows them.
_INSTANCES = "postfix_dovecot_instances"
_USERS = "postfix_dovecot_users"

#: Keys of a user, all of them needed.
_OF_USER = ("name", "password_hash")

#: Options that hold addresses.
_OF_ADDRESSES = ("domains", "aliases", "postmaster", "may_send_as")

#: What one client may do; 0 is no limit. The first four are of an address and a minute but for ``connections``, which
#: are open at the same time. Of an office that is one address to the server, all send through them: 200 people do.
RATE_LIMITS = {
    "connections": 50,
    "connections_per_minute": 300,
    "logins_per_minute": 120,
    "messages_per_minute": 300,
    "recipients_per_minute": 1000,
    #: Of one user from one address: a mail program opens some for each folder that it watches.
    "imap_connections": 50,
}

_PARAMETER = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Instance:
    """What the templates of an instance need to know."""

    name: str
    host_name: str
    address: str
    mount_point: str
    addresses: Addresses
    #: Addresses that every server has to have, where the user gave none: postmaster and abuse.
    role_aliases: Mapping[str, tuple[str, ...]]
    may_send_as: Mapping[str, tuple[str, ...]]
    message_size_limit: int
    trusted_networks: tuple[str, ...]
    forwarding_hosts: tuple[str, ...]
    rate_limits: Mapping[str, int]
    unlimited_networks: tuple[str, ...]
    relay_host: mail_relay.RelayHost | None
    certificate: str | None
    key: str | None
    postfix_parameters: Mapping[str, str]
    dovecot_settings: str

    @property
    def domains(self) -> tuple[str, ...]:
        """Domains that the instance receives mail for."""
        return self.addresses.domains

    @property
    def mailboxes(self) -> list[dict[str, Any]]:
        """Mailboxes and their addresses; without users one that keeps what is written to the postmaster."""
        boxes = [{"name": user.name, "addresses": user.addresses(self.domains)} for user in self.addresses.users]
        if not boxes and not self.role_aliases:
            kept = {f"{role}@{domain}" for domain in self.domains for role in mail_senders.ROLES}
            boxes.append({"name": mail_senders.ROLES[0], "addresses": sorted(kept - set(self.addresses.aliases))})
        return boxes

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
            "own_domain_expressions": mail_senders.own_domain_expressions(self.domains),
            "aliases": {
                alias: list(targets) for alias, targets in {**self.addresses.aliases, **self.role_aliases}.items()
            },
            "sender_logins": mail_senders.sender_logins(self.addresses, self.may_send_as),
            "message_size_limit": self.message_size_limit,
            "trusted_networks": list(self.trusted_networks),
            "forwarding_hosts": list(self.forwarding_hosts),
            "rate_limits": dict(self.rate_limits),
            "unlimited_networks": list(self.unlimited_networks),
            "relay_host": self.relay_host.configuration if self.relay_host else None,
            "postfix_parameters": dict(self.postfix_parameters),
            "dovecot_settings": self.dovecot_settings,
            "mailboxes": self.mailboxes,
        }


def parse_instances(
    instances: Sequence[Mapping[str, Any]],
    users: Mapping[str, Any],
    relay_passwords: Mapping[str, Any] | None = None,
) -> list[Instance]:
    """Read and judge the instances.

    :param instances: the value of ``postfix_dovecot_instances``
    :param users: the value of ``postfix_dovecot_users``
    :param relay_passwords: the value of ``postfix_dovecot_relay_passwords``
    :raises DescriptionError: with every problem that was found; no password or hash is in it
    """
    entries.refuse(instances, _INSTANCES, ("name", "host_name", "address", "mount_point"))
    problems = Problems()
    users = dictionary_of(users, _USERS, problems)
    names = [str(instance["name"]) for instance in instances]
    passwords = dictionary_of(relay_passwords, mail_relay.PASSWORDS, problems)
    for variable, given in ((_USERS, users), (mail_relay.PASSWORDS, passwords)):
        for name in given:
            if name not in names:
                close = difflib.get_close_matches(str(name), names, n=1)
                remedy = (
                    f"did you mean {close[0]}?" if close else f"the instances are {', '.join(names) or 'not given'}"
                )
                problems.add(f"{variable}.{key_name(name, names)}", HIDDEN, "is not the name of an instance", remedy)
    parsed = [
        _parse_instance(instance, users.get(instance["name"]) or [], passwords, problems) for instance in instances
    ]
    refuse(problems)
    return parsed


def _parse_instance(
    given: Mapping[str, Any], users: Sequence[Any], passwords: Mapping[str, Any], problems: Problems
) -> Instance:
    name = str(given["name"])
    here = f"{_INSTANCES}[{name}].options"
    options = _without_refused(dictionary_of(given.get("options"), here, problems), here, problems)
    reader = Options(options, OPTIONS, here, problems)
    domains = tuple(domain.lower() for domain in reader.texts("domains")) or (str(given["host_name"]).lower(),)
    for domain in domains:
        if (fault := mail_senders.domain_fault(domain)) is not None:
            reader.problem("domains", domain, *fault)
    parsed_users = _parse_users(users, f"{_USERS}.{name}", domains, problems)
    addresses = Addresses(domains, parsed_users, mail_senders.parse_aliases(reader, domains, parsed_users))
    role_aliases = mail_senders.role_aliases(reader, addresses)
    mail_senders.judge_aliases(reader, addresses, role_aliases)
    certificate, key = reader.text("certificate"), reader.text("key")
    if (certificate is None) != (key is None):
        missing = "certificate" if certificate is None else "key"
        reader.problem(missing, None, "is missing", "give both certificate and key, or none for a self-signed one")
    relay_host = mail_relay.parse(reader, name, passwords, problems)
    limits = reader.nested("rate_limits", [*RATE_LIMITS, "unlimited_networks"])
    return Instance(
        name=name,
        host_name=str(given["host_name"]),
        address=str(given["address"]),
        mount_point=str(given["mount_point"]).rstrip("/"),
        addresses=addresses,
        role_aliases=role_aliases,
        may_send_as=mail_senders.parse_may_send_as(reader, addresses),
        message_size_limit=reader.number("message_size_limit", 50 * 1024 * 1024, least=1, unit="bytes"),
        trusted_networks=_parse_networks(
            reader,
            "trusted_networks",
            "could send mail anywhere through this service, in anybody's name",
            "name the hosts that may send without logging in",
        ),
        forwarding_hosts=_parse_networks(
            reader,
            "forwarding_hosts",
            "could write to the users in each other's names",
            "name the hosts that forward mail, or send it to lists, with its senders as they were",
            as_postfix=False,
        ),
        rate_limits={name: limits.number(name, default) for name, default in RATE_LIMITS.items()},
        unlimited_networks=_parse_networks(
            limits,
            "unlimited_networks",
            "could try passwords without end",
            "name those that need it, or give 0 for the limit that is not wanted",
        ),
        relay_host=relay_host,
        certificate=certificate,
        key=key,
        postfix_parameters=_parse_parameters(reader, relay_host),
        dovecot_settings=_parse_dovecot_settings(reader),
    )


def _without_refused(options: Mapping[str, Any], here: str, problems: Problems) -> Mapping[str, Any]:
    """The options but for addresses with a secret among them: whatever else is wrong with one would be told with it."""
    before = len(problems)
    refuse_secrets(options, here, problems)
    refused = [problem.key.removeprefix(f"{here}.") for problem in problems[before:]]
    unread = {name for name in _OF_ADDRESSES if any(re.match(rf"{name}\b", key) for key in refused)}
    return {name: value for name, value in options.items() if name not in unread}


def _parse_users(users: Sequence[Any], key: str, domains: Sequence[str], problems: Problems) -> tuple[User, ...]:
    parsed: list[User] = []
    owners: dict[str, str] = {}
    if not isinstance(users, Sequence) or isinstance(users, str):
        problems.add(key, HIDDEN, "is not a list", "give a list of users with name and password_hash")
        return ()
    for index, given in enumerate(users):
        here = f"{key}[{index}]"
        if not isinstance(given, Mapping):
            problems.add(here, HIDDEN, "is not a dictionary", f"give {' and '.join(_OF_USER)}")
            continue
        wrong = wrong_keys_of_user(given, here, _OF_USER, {"password_hash": password_hashes.REMEDY})
        if wrong:
            problems.extend(wrong)
            continue
        if not isinstance(given["name"], str):
            problems.add(f"{here}.name", shape(given["name"]), "is not a text", "put it in quotes")
            continue
        user = User(given["name"].lower(), given["password_hash"])
        local_part, at, domain = user.name.partition("@")
        if mail_senders.LOCAL_PART.fullmatch(local_part) is None:
            reason = "is not a user name"
            remedy = "use letters, digits, hyphens, dots, underscores"
            problems.add(f"{here}.name", user.name, reason, remedy)
        elif at and domain not in domains:
            reason = "is not in a domain of the instance"
            remedy = f"use one of {', '.join(domains)}, or add the domain"
            problems.add(f"{here}.name", user.name, reason, remedy)
        reason_against_hash = password_hashes.unusable(user.password_hash)
        if reason_against_hash is not None:
            remedy = password_hashes.REMEDY
            problems.add(f"{here}.password_hash", HIDDEN, reason_against_hash, remedy)
        for address in user.addresses(domains):
            if address in owners:
                remedy = "name each user once, and each address in one way"
                reason = f"has {address}, as {owners[address]} has"
                problems.add(f"{here}.name", user.name, reason, remedy)
            owners.setdefault(address, user.name)
        parsed.append(user)
    return tuple(parsed)


def _parse_networks(
    options: Options, name: str, what_then: str, remedy: str, as_postfix: bool = True
) -> tuple[str, ...]:
    networks, refused = mail_networks.parse(options.texts(name))
    for one in [*refused, *mail_networks.too_wide(networks, what_then, remedy)]:
        options.problem(name, one.value, one.reason, one.remedy)
    return tuple(mail_networks.as_postfix_writes(one) if as_postfix else str(one) for one in networks)


def _parse_parameters(reader: Options, relay_host: mail_relay.RelayHost | None) -> Mapping[str, str]:
    found = {}
    for name, value in reader.mapping("postfix_parameters").items():
        here = f"postfix_parameters.{name}"
        if any(problem.key == f"{reader.key}.{here}" for problem in reader.problems):
            continue  # refused as a secret
        shown = HIDDEN if postfix_parameters.hidden(str(name)) else value
        if _PARAMETER.fullmatch(str(name)) is None:
            wrong = f"postfix_parameters.{key_name(name)}"
            reader.problem(wrong, shape(value), "is not the name of a parameter", "see postconf(5)")
            continue
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        if not isinstance(value, (str, int)) or re.search(r"[\x00-\x1f]", text):
            wrong = f"postfix_parameters.{key_name(name)}"
            reader.problem(
                wrong, shape(value), "is not one line of text, a number or a boolean", "write it as in main.cf"
            )
            continue
        against = postfix_parameters.judge(str(name), text)
        if relay_host is not None and name in relay_host.parameters:
            against = "is set by an option of the instance", "leave it out, and use the option relay_host"
        if against is not None:
            reader.problem(here, shown, *against)
        found[str(name)] = text
    return found


def _parse_dovecot_settings(reader: Options) -> str:
    text = reader.text("dovecot_settings") or ""
    if any(problem.key == f"{reader.key}.dovecot_settings" for problem in reader.problems):
        return ""  # refused as a secret
    for setting, reason, remedy in dovecot_settings.judge(text):
        reader.problem(f"dovecot_settings.{setting.key}", setting.value, reason, remedy)
    return text


def passwd_file(instance: Instance) -> str:
    """Dovecot's users: each address leads to the user's name, so that a mailbox stays when domains change.

    Format: passwd-file of Dovecot, ``name:password:uid:gid:gecos:home:shell:extra fields``.
    """
    lines = [f"# Users of {instance.name}; this file is replaced by Ansible."]
    for user in instance.addresses.users:
        home = f"{instance.mount_point}/mail/{user.name}"
        names = [user.name, *(address for address in user.addresses(instance.domains) if address != user.name)]
        lines.extend(
            f"{name}:{user.password_hash}::::{home}::user={user.name} userdb_user={user.name}" for name in names
        )
    known = {user.name for user in instance.addresses.users}
    # A hash that no password has: crypt(3) never gives an asterisk alone.
    lines.extend(
        f"{mailbox['name']}:{{CRYPT}}*::::{instance.mount_point}/mail/{mailbox['name']}::"
        for mailbox in instance.mailboxes
        if mailbox["name"] not in known
    )
    return "\n".join(lines) + "\n"


def instance_files(instance: Instance) -> list[dict[str, Any]]:
    """All files of an instance, as groupware.ha.mail_configuration takes them; for each release of Dovecot its own."""
    base = instance.mount_point
    variables = {"instance": instance.configuration}
    postfix, dovecot = f"{instance.name}/postfix", f"{instance.name}/dovecot"
    everything = f"{instance.name}/tls"
    secret = {"sensitive": True}
    relay = instance.relay_host
    credentials = relay.credentials if relay is not None and relay.user is not None else "# No log-in is described.\n"

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
        file("postfix/etc/senders", postfix, template="senders.j2", variables=variables),
        file("postfix/etc/own_domains", postfix, template="own_domains.j2", variables=variables),
        file("postfix/etc/forwarding_hosts", postfix, template="forwarding_hosts.j2", variables=variables),
        # Read by Postfix before it gives up root. Without a log-in there is nothing in it, so that no password stays.
        {**file("postfix/etc/relay_credentials", postfix, "0600", content=credentials), **secret},
        *(
            file(
                "dovecot/dovecot.conf",
                dovecot,
                template=f"dovecot-{release}.conf.j2",
                variables=variables,
                dovecot=release,
            )
            for release in dovecot_settings.DOVECOT_RELEASES
        ),
        # Read anew by Dovecot at each log-in, without a reload.
        {**file("dovecot/users", "", "0640", "dovecot", content=passwd_file(instance)), **secret},
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
