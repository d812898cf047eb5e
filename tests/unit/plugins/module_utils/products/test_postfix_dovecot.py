"""Instances of Postfix and Dovecot."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.deployment import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_dovecot import (
    OWN_PARAMETERS,
    instance_files,
    instances_of,
    node_files,
    parse_instances,
    passwd_file,
)

HASH = "{SHA512-CRYPT}$6$salt$abc./XYZ"


def given(options=None, name="mail1"):
    return {
        "name": name,
        "host_name": f"{name}.example",
        "address": "192.0.2.21",
        "mount_point": f"/srv/{name}",
        "nodes": ["nodea"],
        "options": options or {},
    }


def user(name, password_hash=HASH):
    return {"name": name, "password_hash": password_hash}


def parse(options=None, users=None):
    return parse_instances([given(options)], {"mail1": users or []})[0]


def problems(options=None, users=None, others=None):
    with pytest.raises(DescriptionError) as refusal:
        parse_instances([given(options)], {"mail1": users or [], **(others or {})})
    return refusal.value.problems


def test_defaults():
    instance = parse()
    assert instance.domains == ("mail1.example",)
    assert instance.message_size_limit == 50 * 2**20
    assert instance.configuration["ip_version"] == 4


def test_a_mailbox_keeps_its_place_when_domains_change():
    for domains in (["a.example"], ["b.example", "a.example"]):
        instance = parse({"domains": domains}, [user("Alice"), user("bob@a.example")])
        lines = passwd_file(instance).splitlines()[1:]
        homes = {line.split(":")[5] for line in lines if line.startswith(("alice:", "alice@"))}
        assert homes == {"/srv/mail1/mail/alice"}
        assert [line.split(":")[0] for line in lines] == [
            "alice",
            *(f"alice@{one}" for one in domains),
            "bob@a.example",
        ]


@pytest.mark.parametrize(
    ("options", "key", "remedy"),
    [
        ({"domain": "a.example"}, "options.domain", "did you mean domains?"),
        ({"domains": ["not a domain"]}, "options.domains", "letters"),
        ({"domains": [1]}, "options.domains", "list"),
        ({"message_size_limit": "10m"}, "options.message_size_limit", "whole number"),
        ({"message_size_limit": 0}, "options.message_size_limit", "above zero"),
        ({"trusted_networks": ["192.0.2.1/24"]}, "options.trusted_networks", "such as"),
        ({"trusted_networks": ["0.0.0.0/0"]}, "options.trusted_networks", "name the hosts"),
        ({"key": "/k.pem"}, "options.certificate", "give both"),
        (
            {"postfix_parameters": {"inet_interfaces": "all"}},
            "options.postfix_parameters.inet_interfaces",
            "leave it out",
        ),
        ({"postfix_parameters": {"a b": "c"}}, "options.postfix_parameters.a b", "postconf"),
        ({"postfix_parameters": {"a": "b\nc = d"}}, "options.postfix_parameters.a", "main.cf"),
        ({"aliases": {"info": ["a b@c.example"]}}, "options.aliases.info", "one per item"),
        ({"aliases": {"info@elsewhere.example": "x"}}, "options.aliases", "mail1.example"),
        ({"aliases": {"alice": "x@y.example"}}, "options.aliases", "another name"),
    ],
)
def test_bad_options_are_refused_with_a_remedy(options, key, remedy):
    found = problems(options, [user("alice")])
    assert [problem.key for problem in found] == [f"instances[mail1].{key}"]
    assert remedy in found[0].remedy


@pytest.mark.parametrize(
    ("users", "key"),
    [
        ([user("alice", "plain text")], "users.mail1[0].password_hash"),
        ([user("alice", "{PLAIN}secret")], "users.mail1[0].password_hash"),
        ([user("alice", "{PLAIN.B64}c2VjcmV0")], "users.mail1[0].password_hash"),
        ([user("alice", f"{HASH}:0:0")], "users.mail1[0].password_hash"),
        ([user("alice", f"{HASH}\nroot:x")], "users.mail1[0].password_hash"),
        ([user("../alice")], "users.mail1[0].name"),
        ([user("alice@elsewhere.example")], "users.mail1[0].name"),
        ([user("alice"), user("ALICE")], "users.mail1[1].name"),
        ([user("alice"), user("alice@mail1.example")], "users.mail1[1].name"),
        ([{"name": "alice", "password": "secret"}], "users.mail1[0]"),
        ("alice", "users.mail1"),
    ],
)
def test_bad_users_are_refused_without_telling_their_secrets(users, key):
    found = problems(None, users)
    assert key in [problem.key for problem in found]
    text = " ".join(map(str, found))
    assert "secret" not in text
    assert "plain text" not in text
    assert "abc./XYZ" not in text


def test_users_of_an_unknown_instance_are_refused():
    assert problems(others={"mail2": []})[0].remedy == "did you mean mail1?"


def test_every_file_is_on_the_volume_and_only_while_it_is_mounted():
    instance = parse({"certificate": "/c.pem", "key": "/k.pem"}, [user("alice")])
    files = instance_files(instance, "2.3.19")
    assert all(entry["path"].startswith("/srv/mail1/") and entry["require_mounted"] == "/srv/mail1" for entry in files)
    secret = [entry for entry in files if entry.get("sensitive")]
    assert [(entry["path"], entry["mode"], entry["group"]) for entry in secret] == [
        ("/srv/mail1/dovecot/users", "0640", "dovecot"),
        ("/srv/mail1/tls/key.pem", "0600", "root"),
    ]
    assert "$6$" not in str([entry for entry in files if not entry.get("sensitive")])
    assert "$6$" not in repr(instance)


@pytest.mark.parametrize(
    ("version", "template"), [("2.3.19.1", "dovecot-2.3.conf.j2"), ("2.4.1", "dovecot-2.4.conf.j2")]
)
def test_the_template_follows_the_version_of_dovecot(version, template):
    assert template in [entry.get("template") for entry in instance_files(parse(), version)]


def test_certificates_are_made_only_where_none_is_given():
    theirs = parse({"certificate": "/c.pem", "key": "/k.pem"})
    assert [one["self_signed"] for one in instances_of([theirs, parse()])] == [False, True]


def test_what_the_user_gave_can_be_named_when_a_program_refuses_it():
    given = parse({"postfix_parameters": {"biff": True}, "dovecot_settings": "x = y", "certificate": "/c", "key": "/k"})
    assert instances_of([given])[0]["given"] == ["postfix_parameters.biff", "dovecot_settings", "certificate"]
    assert instances_of([parse()])[0]["given"] == []


def test_the_node_keeps_off_the_addresses_of_services():
    parameters = node_files([parse()])[0]["parameters"]
    assert parameters["inet_interfaces"] == "loopback-only"
    assert parameters["alternate_config_directories"] == ["/srv/mail1/postfix/etc"]


def test_the_instance_sets_each_of_its_own_parameters():
    elsewhere = {"alternate_config_directories", "config_directory", "mail_owner", "setgid_group"}
    from pathlib import Path  # noqa: PLC0415

    role = Path(__file__).parents[5] / "roles" / "postfix_dovecot" / "templates" / "main.cf.j2"
    set_there = {line.split(" =")[0] for line in role.read_text().splitlines() if " =" in line and line[0] not in "#{"}
    assert set_there >= OWN_PARAMETERS - elsewhere
