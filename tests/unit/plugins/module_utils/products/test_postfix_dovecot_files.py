"""Which files an instance has, who may read them, and what is done when one changes: all of it, in one table."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_relay import RelayHost
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_running import dovecot_release
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_senders import Addresses, User
from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_dovecot import (
    Instance,
    instance_files,
    instances_of,
    node_files,
)

HASH = "{SHA512-CRYPT}$6$salt$abc./XYZ"

#: Below the mount point: mode, owner and group. What is in postfix/etc and tls is put there by mail_configuration,
#: which gives the directories their modes, see test_mail_configuration.py.
DIRECTORIES = {
    "postfix": ("0755", "root", "root"),
    "postfix/spool": ("0755", "root", "root"),
    "postfix/data": ("0700", "postfix", "postfix"),
    "dovecot": ("0755", "root", "root"),
    "mail": ("0700", "vmail", "vmail"),
}
#: Mode, owner, group, the label by which the role knows what to reload, and the template.
FILES = {
    "postfix/etc/main.cf": ("0644", "root", "root", "mail1/postfix", "main.cf.j2"),
    "postfix/etc/master.cf": ("0644", "root", "root", "mail1/postfix", "master.cf.j2"),
    "postfix/etc/mailboxes": ("0644", "root", "root", "mail1/postfix", "mailboxes.j2"),
    "postfix/etc/aliases": ("0644", "root", "root", "mail1/postfix", "aliases.j2"),
    "postfix/etc/senders": ("0644", "root", "root", "mail1/postfix", "senders.j2"),
    "postfix/etc/own_domains": ("0644", "root", "root", "mail1/postfix", "own_domains.j2"),
    "postfix/etc/forwarding_hosts": ("0644", "root", "root", "mail1/postfix", "forwarding_hosts.j2"),
    # Read before Postfix gives up root.
    "postfix/etc/relay_credentials": ("0600", "root", "root", "mail1/postfix", None),
    "dovecot/dovecot.conf": ("0644", "root", "root", "mail1/dovecot", "dovecot-2.4.conf.j2"),
    # Read anew at each log-in: no label, so nothing is reloaded.
    "dovecot/users": ("0640", "root", "dovecot", "", None),
}
CERTIFICATE = {
    "tls/certificate.pem": ("0644", "root", "root", "mail1/tls", None),
    "tls/key.pem": ("0600", "root", "root", "mail1/tls", None),
}


def instance(**given):
    return Instance(
        **{
            "name": "mail1",
            "host_name": "mail1.example",
            "address": "192.0.2.21",
            "mount_point": "/srv/mail1",
            "addresses": Addresses(
                ("a.example",), (User("alice", HASH),), {"info@a.example": ("x@b.example", "alice@a.example")}
            ),
            "role_aliases": {"postmaster@a.example": ("alice@a.example",)},
            "may_send_as": {"alice": ("news@a.example",)},
            "message_size_limit": 1,
            "trusted_networks": ("192.0.2.0/24",),
            "forwarding_hosts": ("192.0.2.7/32",),
            "rate_limits": {"connections": 9},
            "unlimited_networks": ("192.0.2.8/32",),
            "relay_host": None,
            "certificate": None,
            "key": None,
            "postfix_parameters": {"a": "b"},
            "dovecot_settings": "c = d",
            **given,
        }
    )


def by_path(files):
    assert all(entry["path"].startswith("/srv/mail1/") for entry in files)
    return {entry["path"].removeprefix("/srv/mail1/"): entry for entry in files}


@pytest.mark.parametrize("own", [False, True])
def test_files_and_directories(own):
    given = {"certificate": "/c.pem", "key": "/k.pem"} if own else {}
    files = by_path(instance_files(instance(**given)))
    directories = {path: entry for path, entry in files.items() if entry.get("state") == "directory"}
    assert {path: (one["mode"], one["owner"], one["group"]) for path, one in directories.items()} == DIRECTORIES
    others = {path: entry for path, entry in files.items() if path not in directories}
    assert {
        path: (one["mode"], one["owner"], one["group"], one["label"], one.get("template"))
        for path, one in others.items()
    } == {**FILES, **(CERTIFICATE if own else {})}
    # What holds a file comes before it, else the first run fails; those two come with their files.
    for position, path in enumerate(files):
        parent = path.rpartition("/")[0]
        assert parent in ("", "postfix/etc", "tls", *list(files)[:position])


def test_nothing_is_written_beside_the_volume():
    files = instance_files(instance(certificate="/c.pem", key="/k.pem"))
    assert all(entry["require_mounted"] == "/srv/mail1" for entry in files)


RELAY = RelayHost("relay.example", 587, "mail1", "verified", "hunter2")


def test_secrets_are_marked_and_nowhere_else():
    files = by_path(instance_files(instance(certificate="/c.pem", key="/k.pem", relay_host=RELAY)))
    secret = {"dovecot/users", "tls/key.pem", "postfix/etc/relay_credentials"}
    assert {path for path, entry in files.items() if entry.get("sensitive")} == secret
    assert files["tls/key.pem"]["source"] == "/k.pem"
    assert files["tls/certificate.pem"]["source"] == "/c.pem"
    assert [path for path, entry in files.items() if HASH in str(entry)] == ["dovecot/users"]
    assert [path for path, entry in files.items() if "hunter2" in str(entry)] == ["postfix/etc/relay_credentials"]


@pytest.mark.parametrize(
    ("relay", "content"),
    [
        (None, "# No log-in is described.\n"),
        (RelayHost("relay.example", 25, None, "verified"), "# No log-in is described.\n"),
        (RELAY, "[relay.example]:587 mail1:hunter2\n"),
    ],
)
def test_a_password_for_the_next_server_stays_no_longer_than_it_is_described(relay, content):
    files = by_path(instance_files(instance(relay_host=relay)))
    assert files["postfix/etc/relay_credentials"]["content"] == content


def test_a_password_hash_is_not_shown_by_accident():
    assert HASH not in repr(instance())
    one = instance(relay_host=RELAY)
    assert HASH not in str(one.configuration)
    assert "hunter2" not in f"{one!r}{one.configuration}"


def test_templates_know_the_instance():
    files = by_path(instance_files(instance()))
    for entry in files.values():
        if "template" in entry:
            assert entry["variables"] == {"instance": instance().configuration}
    assert instance().configuration == {
        "name": "mail1",
        "host_name": "mail1.example",
        "address": "192.0.2.21",
        "ip_version": 4,
        "mount_point": "/srv/mail1",
        "domains": ["a.example"],
        "own_domain_expressions": [r"a\.example"],
        "aliases": {
            "info@a.example": ["x@b.example", "alice@a.example"],
            "postmaster@a.example": ["alice@a.example"],
        },
        "sender_logins": {"alice@a.example": ["alice"], "info@a.example": ["alice"], "news@a.example": ["alice"]},
        "message_size_limit": 1,
        "trusted_networks": ["192.0.2.0/24"],
        "forwarding_hosts": ["192.0.2.7/32"],
        "rate_limits": {"connections": 9},
        "unlimited_networks": ["192.0.2.8/32"],
        "relay_host": None,
        "postfix_parameters": {"a": "b"},
        "dovecot_settings": "c = d",
        "mailboxes": [{"name": "alice", "addresses": ["alice@a.example"]}],
    }


def test_each_release_of_dovecot_has_a_configuration_of_its_own():
    found = {
        entry["dovecot"]: (entry["path"], entry["template"])
        for entry in instance_files(instance())
        if "dovecot" in entry
    }
    path = "/srv/mail1/dovecot/dovecot.conf"
    assert found == {"2.3": (path, "dovecot-2.3.conf.j2"), "2.4": (path, "dovecot-2.4.conf.j2")}


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("2.3.19.1 (9b53102964)", "2.3"),
        ("2.3.21", "2.3"),
        ("2.4.1-4 (7d8c0e5759)", "2.4"),
        ("2.10.1", "2.4"),
        ("3.0.0", "2.4"),
        ("2.2.36", "2.3"),
    ],
)
def test_the_release_of_dovecot_that_a_node_has(version, release, tmp_path, monkeypatch):
    (tmp_path / "dovecot").write_text(f"#!/bin/sh\n[ $* = --version ] && echo '{version}'\n")
    (tmp_path / "dovecot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert dovecot_release(LocalRunner()) == release


def test_a_node_without_dovecot_is_to_have_the_latest(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dovecot_release(LocalRunner()) == "2.4"


def test_users():
    content = by_path(instance_files(instance()))["dovecot/users"]["content"]
    rest = f"{HASH}::::/srv/mail1/mail/alice::user=alice userdb_user=alice"
    assert content == (f"# Users of mail1; this file is replaced by Ansible.\nalice:{rest}\nalice@a.example:{rest}\n")


def test_the_node_itself():
    assert node_files([instance(), instance(mount_point="/srv/mail2")]) == [
        {
            "path": "/etc/postfix/main.cf",
            "parameters": {
                "inet_interfaces": "loopback-only",
                "alternate_config_directories": ["/srv/mail1/postfix/etc", "/srv/mail2/postfix/etc"],
            },
            "backup": True,
            "label": "node:postfix",
        },
        {
            "path": "/etc/systemd/system/dovecot.service",
            "state": "link",
            "target": "/dev/null",
            "backup": True,
            "label": "node:dovecot",
        },
    ]


def test_instances_as_the_module_takes_them():
    own = instance(certificate="/c.pem", key="/k.pem", postfix_parameters={}, dovecot_settings="")
    assert instances_of([instance(), own]) == [
        {
            "name": "mail1",
            "mount_point": "/srv/mail1",
            "address": "192.0.2.21",
            "host_name": "mail1.example",
            "recipient": "postmaster@a.example",
            "self_signed": self_signed,
            "given": names,
        }
        for self_signed, names in ((True, ["postfix_parameters.a", "dovecot_settings"]), (False, ["certificate"]))
    ]


def test_what_templates_know_of_the_next_server():
    assert instance(relay_host=RELAY).configuration["relay_host"] == {
        "next_hop": "[relay.example]:587",
        "log_in": True,
        "tls_level": "secure",
        "implicit_tls": False,
    }
