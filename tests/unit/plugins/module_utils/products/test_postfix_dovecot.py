"""Instances of Postfix and Dovecot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_dovecot import (
    instance_files,
    instances_of,
    node_files,
    parse_instances,
    passwd_file,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_parameters import OWN_PARAMETERS
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN

RELAY = {"relay_host": {"host": "smtp.example.net", "user": "us@example.net"}}
HASH = "{SHA512-CRYPT}$6$salt$" + "abc./XYZ01" * 8 + "234567"


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


def parse(options=None, users=None, passwords=None):
    return parse_instances([given(options)], {"mail1": users or []}, passwords)[0]


def problems(options=None, users=None, others=None, passwords=None):
    with pytest.raises(DescriptionError) as refusal:
        parse_instances([given(options)], {"mail1": users or [], **(others or {})}, passwords)
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
        ({"trusted_networks": ["0.0.0.0/1", "128.0.0.0/1"]}, "options.trusted_networks", "name the hosts"),
        ({"forwarding_hosts": ["::/0"]}, "options.forwarding_hosts", "forward"),
        ({"forwarding_hosts": [7]}, "options.forwarding_hosts", "list"),
        ({"forwarding_hosts": 7}, "options.forwarding_hosts", "list"),
        ({"forwarding_hosts": {"192.0.2.7": "host"}}, "options.forwarding_hosts", "list"),
        ({"rate_limits": {"unlimited_networks": ["8.0.0.0/8"]}}, "options.rate_limits.unlimited_networks", "give 0"),
        ({"rate_limits": {"message_per_minute": 5}}, "options.rate_limits.message_per_minute", "did you mean"),
        ({"rate_limits": {"connections": -1}}, "options.rate_limits.connections", "from 0"),
        ({"rate_limits": {"connections": True}}, "options.rate_limits.connections", "from 0"),
        ({"rate_limits": {"connections": "50"}}, "options.rate_limits.connections", "from 0"),
        ({"rate_limits": [50]}, "options.rate_limits", "dictionary"),
        ({"message_size_limit": 2**31}, "options.message_size_limit", "at most"),
        ({"may_send_as": {"alcie": ["info"]}}, "options.may_send_as.alcie", "alice"),
        ({"may_send_as": {"alice": []}}, "options.may_send_as.alice", "at least one"),
        ({"may_send_as": {"alice": 7}}, "options.may_send_as.alice", "at least one"),
        ({"may_send_as": {"alice": "*"}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": [""]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": ["info", ""]}}, "options.may_send_as.alice", "@example.com"),
        ({"aliases": {"info": [""]}}, "options.aliases.info", "whole addresses"),
        ({"aliases": {"info": ["alice", "@x.example"]}}, "options.aliases.info", "whole addresses"),
        ({"aliases": {"info": "alice@"}}, "options.aliases.info", "whole addresses"),
        ({"postmaster": "@x.example"}, "options.postmaster", "whole addresses"),
        ({"may_send_as": {"alice": ["@"]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": ["@*"]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": ["a b@c.example"]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": ["x@y.example bob"]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": {"alice": ["x@y.example\n@z.example"]}}, "options.may_send_as.alice", "@example.com"),
        ({"may_send_as": ["alice"]}, "options.may_send_as", "dictionary"),
        ({"postmaster": "nobody"}, "options.postmaster", "name a user"),
        ({"postmaster": ["a b@c.example"]}, "options.postmaster", "one per item"),
        ({"postmaster": []}, "options.postmaster", "at least one"),
        ({"postmaster": {"to": "alice"}}, "options.postmaster", "at least one"),
        ({"relay_host": "smtp.example.net"}, "options.relay_host", "dictionary"),
        ({"relay_host": {"host": "smtp example"}}, "options.relay_host.host", "a name or an address"),
        ({"relay_host": {"host": "[smtp.example.net]:587"}}, "options.relay_host.host", "a name or an address"),
        ({"relay_host": {"port": 25}}, "options.relay_host.host", "a name or an address"),
        ({"relay_host": {"host": "a.example", "port": 65536}}, "options.relay_host.port", "at most 65535"),
        ({"relay_host": {"host": "a.example", "port": "587"}}, "options.relay_host.port", "whole number"),
        ({"relay_host": {"host": "a.example", "tls": "none"}}, "options.relay_host.tls", "verified"),
        ({"relay_host": {"host": "a.example", "hots": "b"}}, "options.relay_host.hots", "did you mean host?"),
        (
            {"relay_host": {"host": "a.example"}, "postfix_parameters": {"smtp_tls_security_level": "may"}},
            "options.postfix_parameters.smtp_tls_security_level",
            "relay_host",
        ),
        ({"key": "/k.pem"}, "options.certificate", "give both"),
        (
            {"postfix_parameters": {"inet_interfaces": "all"}},
            "options.postfix_parameters.inet_interfaces",
            "leave it out",
        ),
        ({"postfix_parameters": {"a b": "c"}}, "options.postfix_parameters.a b", "postconf"),
        ({"postfix_parameters": {"biff": "b\nc = d"}}, "options.postfix_parameters.biff", "main.cf"),
        ({"postfix_parameters": {"biff": ["yes"]}}, "options.postfix_parameters.biff", "main.cf"),
        ({"aliases": {"info": ["a b@c.example"]}}, "options.aliases.info", "one per item"),
        ({"aliases": {"info@elsewhere.example": "x"}}, "options.aliases", "mail1.example"),
        ({"aliases": {"alice": "x@y.example"}}, "options.aliases", "another name"),
        ({"aliases": {"abuse": ["nobody-there"]}}, "options.aliases.abuse", "name a user, an alias"),
        ({"aliases": {"info": ["alice", "x@Mail1.example"]}}, "options.aliases.info", "name a user, an alias"),
        ({"aliases": {"info": "x"}, "domains": ["b.example", "c.example"]}, "options.aliases.info", "name a user"),
        ({"aliases": {"info": ["x+alice"]}}, "options.aliases.info", "name a user, an alias"),
        ({"aliases": {"x": ["x"]}}, "options.aliases.x", "take it out of one of them"),
        ({"aliases": {"x": ["x+y", "alice"]}}, "options.aliases.x", "take it out of one of them"),
        ({"domains": ["bücher.example"]}, "options.domains", "xn--bcher-kva.example"),
        ({"domains": ["xn--a.example"]}, "options.domains", "use letters"),
        ({"aliases": {"info": "x@bücher.example"}}, "options.aliases.info", "xn--"),
        ({"postmaster": "x@bücher.example"}, "options.postmaster", "xn--"),
        ({"may_send_as": {"alice": "x@bücher.example"}}, "options.may_send_as.alice", "such as info@example.com"),
    ],
)
def test_bad_options_are_refused_with_a_remedy(options, key, remedy):
    found = problems(options, [user("alice")])
    assert [problem.key for problem in found] == [f"postfix_dovecot_instances[mail1].{key}"]
    assert remedy in found[0].remedy


@pytest.mark.parametrize(
    ("users", "key"),
    [
        ([user("alice", "plain text")], "postfix_dovecot_users.mail1[0].password_hash"),
        ([user("alice", "{PLAIN}secret")], "postfix_dovecot_users.mail1[0].password_hash"),
        ([user("alice", "{PLAIN.B64}c2VjcmV0")], "postfix_dovecot_users.mail1[0].password_hash"),
        ([user("alice", f"{HASH}:0:0")], "postfix_dovecot_users.mail1[0].password_hash"),
        ([user("alice", f"{HASH}\nroot:x")], "postfix_dovecot_users.mail1[0].password_hash"),
        ([user("../alice")], "postfix_dovecot_users.mail1[0].name"),
        ([user("alice@elsewhere.example")], "postfix_dovecot_users.mail1[0].name"),
        ([user("alice"), user("ALICE")], "postfix_dovecot_users.mail1[1].name"),
        ([user("alice"), user("alice@mail1.example")], "postfix_dovecot_users.mail1[1].name"),
        ([user(7)], "postfix_dovecot_users.mail1[0].name"),
        ([{"name": "alice", "password": "secret"}], "postfix_dovecot_users.mail1[0].password"),
        ([{"name": "alice"}], "postfix_dovecot_users.mail1[0].password_hash"),
        (
            [{"name": "alice", "password_hash": HASH, "secret 7$": 1}],
            "postfix_dovecot_users.mail1[0].(a name of 9 characters)",
        ),
        (["secret"], "postfix_dovecot_users.mail1[0]"),
        ("alice", "postfix_dovecot_users.mail1"),
    ],
)
def test_bad_users_are_refused_without_telling_their_secrets(users, key):
    found = problems(None, users)
    assert [problem.key for problem in found] == [key]
    text = " ".join(map(str, found))
    assert "secret" not in text
    assert "plain text" not in text
    assert "c2VjcmV0" not in text
    assert "abc./XYZ" not in text


def test_an_instance_without_its_address_is_refused():
    with pytest.raises(DescriptionError) as refusal:
        parse_instances([{key: value for key, value in given().items() if key != "address"}], {})
    assert [problem.key for problem in refusal.value.problems] == ["postfix_dovecot_instances[mail1].address"]


def test_users_of_an_unknown_instance_are_refused():
    (found,) = problems(others={"mail2": []})
    assert (found.key, found.remedy) == ("postfix_dovecot_users.mail2", "did you mean mail1?")


def test_a_misspelt_key_of_a_user_is_named():
    (found,) = problems(None, [{"name": "alice", "password_hsh": HASH}])
    assert str(found) == (
        "postfix_dovecot_users.mail1[0].password_hsh = '(hidden)': is not a known key of a user; "
        "did you mean password_hash?"
    )


@pytest.mark.parametrize(
    "options",
    [
        {"relay_host": {**RELAY["relay_host"], "password": "the secret"}},
        {"relay_host": {**RELAY["relay_host"], "pasword": "the secret"}},
        {**RELAY, "postfix_parameters": {"smtp_sasl_password": "the secret"}},
        {**RELAY, "postfix_parameters": {"smtp_sasl_password_maps": "inline:{ a=us:secret }"}},
    ],
)
def test_the_remedy_for_a_relay_password_names_its_variable(options):
    found = problems(options, passwords={"mail1": "another one"})
    assert [problem.value for problem in found][:1] == [HIDDEN]
    assert len({problem.key for problem in found}) == len(found)
    assert "postfix_dovecot_relay_passwords" in found[0].remedy
    assert "secret }" not in str(found)


@pytest.mark.parametrize(("users", "passwords"), [(["x"], {}), ({}, ["x"])])
def test_variables_that_are_no_dictionaries_are_named(users, passwords):
    with pytest.raises(DescriptionError) as refusal:
        parse_instances([given()], users, passwords)
    (found,) = refusal.value.problems
    assert found.key == ("postfix_dovecot_users" if users else "postfix_dovecot_relay_passwords")


def test_every_file_is_on_the_volume_and_only_while_it_is_mounted():
    relay = {"relay_host": {"host": "smtp.example.net", "user": "us"}}
    options = {"certificate": "/c.pem", "key": "/k.pem", **relay}
    instance = parse(options, [user("alice")], {"mail1": "the relay's"})
    files = instance_files(instance)
    assert all(entry["path"].startswith("/srv/mail1/") and entry["require_mounted"] == "/srv/mail1" for entry in files)
    secret = [entry for entry in files if entry.get("sensitive")]
    assert [(entry["path"], entry["mode"], entry["group"]) for entry in secret] == [
        ("/srv/mail1/postfix/etc/relay_credentials", "0600", "root"),
        ("/srv/mail1/dovecot/users", "0640", "dovecot"),
        ("/srv/mail1/tls/key.pem", "0600", "root"),
    ]
    assert "$6$" not in str([entry for entry in files if not entry.get("sensitive")])
    assert "the relay's" not in str([entry for entry in files if not entry.get("sensitive")])
    assert "$6$" not in repr(instance)
    assert "the relay's" not in repr(instance)
    assert "the relay's" not in str(instance.configuration)


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
    role = Path(__file__).parents[5] / "roles" / "postfix_dovecot" / "templates" / "main.cf.j2"
    set_there = {line.split(" =")[0] for line in role.read_text().splitlines() if " =" in line and line[0] not in "#{"}
    assert set_there >= OWN_PARAMETERS - elsewhere


def sender_logins(options, users):
    return parse(options, [user(name) for name in users]).configuration["sender_logins"]


def test_users_send_as_their_addresses_and_the_aliases_that_lead_to_them():
    aliases = {
        "info": ["bob"],
        "all": ["info", "alice+lists", "x@y.example"],
        "pool": ["info", "postmaster"],
    }
    found = sender_logins({"aliases": aliases}, ["alice", "bob"])
    assert found == {
        "alice@mail1.example": ["alice"],
        "bob@mail1.example": ["bob"],
        "info@mail1.example": ["bob"],
        "all@mail1.example": ["alice", "bob"],
        "pool@mail1.example": ["bob"],
    }


def test_exceptions_add_to_what_users_may_and_take_nothing_from_others():
    options = {
        "aliases": {"info": ["bob"], "out": ["x@y.example"]},
        "may_send_as": {"Alice": ["@mail1.example", "Info"]},
    }
    assert sender_logins({**options, "domains": ["mail1.example", "b.example"]}, ["alice", "bob"]) == {
        "alice@mail1.example": ["alice"],
        "alice@b.example": ["alice"],
        "bob@mail1.example": ["alice", "bob"],
        "bob@b.example": ["bob"],
        "info@mail1.example": ["alice", "bob"],
        "info@b.example": ["bob"],
        "out@mail1.example": ["alice"],
        "@mail1.example": ["alice"],
    }


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"aliases": {"x": ["y"], "Y": ["x"]}}, ["aliases.x", "aliases.Y"]),
        (
            {"aliases": {"x": ["y", "alice"], "y": ["z"], "z": ["x"], "info": "y"}},
            ["aliases.x", "aliases.y", "aliases.z"],
        ),
        ({"aliases": {"help": ["postmaster"]}, "postmaster": "help"}, ["aliases.help"]),
    ],
)
def test_aliases_that_lead_back_to_themselves(options, keys):
    found = problems(options, [user("alice")])
    assert [problem.key.partition("options.")[2] for problem in found] == keys
    assert all(problem.reason.startswith("leads back to itself, over ") for problem in found)


@pytest.mark.parametrize(
    ("aliases", "users"),
    [
        ({"a": ["info"], "info": ["alice"], "b": ["a", "info"]}, ["alice"]),
        ({"a": ["alice+x", "A2"], "a2": "Alice"}, ["alice"]),
        ({"info": "abuse", "b": ["postmaster", "info+x"]}, []),
        ({"info": "x@y.example"}, []),
    ],
)
def test_aliases_that_lead_somewhere(aliases, users):
    assert parse({"aliases": aliases}, [user(name) for name in users]).addresses.aliases


@pytest.mark.parametrize(
    ("options", "users", "expected"),
    [
        (
            {},
            ["alice", "bob"],
            {"postmaster@mail1.example": ["alice@mail1.example"], "abuse@mail1.example": ["alice@mail1.example"]},
        ),
        ({"postmaster": "bob"}, ["alice", "bob"], {"abuse@mail1.example": ["bob@mail1.example"]}),
        ({"postmaster": ["me@y.example"]}, [], {"postmaster@mail1.example": ["me@y.example"]}),
        (
            {"postmaster": "help", "aliases": {"help": "x@y.example"}},
            [],
            {"abuse@mail1.example": ["help@mail1.example"]},
        ),
        ({}, ["abuse"], {"postmaster@mail1.example": ["abuse@mail1.example"]}),
        ({"aliases": {"postmaster": "x@y.example"}}, ["alice"], {"postmaster@mail1.example": ["x@y.example"]}),
    ],
)
def test_postmaster_and_abuse_lead_somewhere(options, users, expected):
    instance = parse(options, [user(name) for name in users])
    found = instance.configuration["aliases"]
    assert {address: found[address] for address in expected} == expected
    boxes = {address for box in instance.mailboxes for address in box["addresses"]}
    assert {f"{role}@mail1.example" for role in ("postmaster", "abuse")} <= {*boxes, *found}
    granted = instance.configuration["sender_logins"]
    assert all(address not in granted for address in instance.role_aliases)


def test_without_users_a_mailbox_keeps_the_postmasters_mail():
    instance = parse({"domains": ["a.example", "b.example"], "aliases": {"abuse@b.example": "x@y.example"}})
    kept = ["abuse@a.example", "postmaster@a.example", "postmaster@b.example"]
    assert instance.configuration["mailboxes"] == [{"name": "postmaster", "addresses": kept}]
    assert passwd_file(instance).splitlines()[1:] == ["postmaster:{CRYPT}*::::/srv/mail1/mail/postmaster::"]
    assert instance.configuration["sender_logins"] == {}


def test_limits():
    limits = parse().configuration["rate_limits"]
    readme = (Path(__file__).parents[5] / "roles" / "postfix_dovecot" / "README.md").read_text()
    in_a_minute = ("connections_per_minute", "logins_per_minute", "messages_per_minute", "recipients_per_minute")
    assert f"25, 587, 465 each | {limits['connections']} |\n" in readme
    assert f" in a minute | {', '.join(str(limits[name]) for name in in_a_minute)} |\n" in readme
    assert f"of one user from one address | {limits['imap_connections']} |\n" in readme
    given_limits = {"connections": 7, "logins_per_minute": 0, "unlimited_networks": ["192.0.2.1", "2001:db8::/64"]}
    instance = parse({"rate_limits": given_limits})
    assert dict(instance.rate_limits) == {**limits, "connections": 7, "logins_per_minute": 0}
    assert instance.unlimited_networks == ("192.0.2.1/32", "[2001:db8::]/64")
    assert parse({"forwarding_hosts": "2001:db8::7"}).forwarding_hosts == ("2001:db8::7/128",)


def test_the_next_server():
    relay = parse(RELAY, passwords={"mail1": 'a b:c#"$'}).relay_host
    assert relay.credentials == '[smtp.example.net]:587 us@example.net:a b:c#"$\n'
    assert relay.configuration == {
        "next_hop": "[smtp.example.net]:587",
        "log_in": True,
        "tls_level": "secure",
        "implicit_tls": False,
    }
    plain = parse({"relay_host": {"host": "2001:db8::1", "port": 465, "tls": "opportunistic"}}).relay_host
    assert (plain.next_hop, plain.configuration["implicit_tls"]) == ("[2001:db8::1]:465", True)
    assert plain.configuration["tls_level"] == "may"
    tables = [entry for entry in instance_files(parse()) if entry["path"].endswith("relay_credentials")]
    assert [(entry["content"][0], entry["mode"]) for entry in tables] == [("#", "0600")]


@pytest.mark.parametrize(
    ("options", "passwords", "key"),
    [
        (RELAY, {}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": ""}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": " the secret"}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": "the secret "}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": "the\nsecret"}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": ["the secret"]}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": {"password": "the secret"}}, "postfix_dovecot_relay_passwords.mail1"),
        (RELAY, {"mail1": "the secret", "mail2": "the secret"}, "postfix_dovecot_relay_passwords.mail2"),
        ({}, {"mail1": "the secret"}, "postfix_dovecot_relay_passwords.mail1"),
        ({"relay_host": {"host": "a.example"}}, {"mail1": "the secret"}, "postfix_dovecot_relay_passwords.mail1"),
        ({"relay_host": {"host": "a.example", "user": "a b"}}, {"mail1": "the secret"}, "options.relay_host.user"),
        ({"relay_host": {"host": "a.example", "user": "a:b"}}, {"mail1": "the secret"}, "options.relay_host.user"),
        (
            {"relay_host": {"host": "a.example", "user": "a", "tls": "opportunistic"}},
            {"mail1": "the secret"},
            "options.relay_host.tls",
        ),
        (
            {**RELAY, "postfix_parameters": {"smtp_sasl_password_maps": "texthash:/srv/mail1/passwords"}},
            {"mail1": "the secret"},
            "options.postfix_parameters.smtp_sasl_password_maps",
        ),
    ],
)
def test_a_log_in_that_cannot_work_is_refused_without_its_password(options, passwords, key):
    found = problems(options, passwords=passwords)
    assert len(found) == 1
    assert found[0].key.endswith(key)
    assert "the secret" not in str(found[0])
    assert "the" + chr(10) not in str(found[0])


def test_a_log_in_may_be_described_by_hand():
    given_table = {"smtp_sasl_auth_enable": True, "smtp_sasl_password_maps": "texthash:/srv/mail1/passwords"}
    options = {"relay_host": {"host": "smtp.example.net"}, "postfix_parameters": given_table}
    assert "texthash:/srv/mail1/passwords" in parse(options).postfix_parameters.values()
