"""Instances of Radicale: what is refused, and which files they have."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.radicale import (
    Instance,
    instance_files,
    instances_of,
    node_files,
    parse_instances,
    users_file,
)

INSTANCE = {"name": "cal1", "host_name": "cal1.example.com", "address": "192.0.2.31", "mount_point": "/srv/cal1"}
HASH = f"$2y$05${'a' * 53}"
ALICE = {"name": "alice", "password_hash": HASH}
SECRET = "correct-horse"  # noqa: S105


def parsed(users: Any = None, **options: Any) -> Instance:
    (found,) = parse_instances([{**INSTANCE, "options": options}], {"cal1": users} if users is not None else {})
    return found


def refused(users: Any = None, **options: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(DescriptionError) as caught:
        parsed(users, **options)
    assert SECRET not in str(caught.value)
    return [(one.key.removeprefix("radicale_"), one.reason, one.remedy) for one in caught.value.problems]


def test_an_instance_listens_on_its_own_address_over_tls() -> None:
    server = parsed().configuration["sections"]["server"]
    assert server["hosts"] == "192.0.2.31:5232"
    assert server["ssl"] == "True"
    assert server["certificate"] == server["key"] == "/srv/cal1/radicale/tls.pem"
    (ipv6,) = parse_instances([{**INSTANCE, "address": "2001:db8::31", "options": {"port": 443}}], None)
    assert ipv6.configuration["sections"]["server"]["hosts"] == "[2001:db8::31]:443"


def test_everything_is_on_the_volume_and_nowhere_else() -> None:
    files = instance_files(parsed([ALICE], certificate="/pki/c.pem", key="/pki/k.pem"))
    assert {entry["require_mounted"] for entry in files} == {"/srv/cal1"}
    assert all(entry["path"].startswith("/srv/cal1/") for entry in files)


def test_the_key_and_its_certificate_are_one_file_that_is_hidden() -> None:
    files = instance_files(parsed(certificate="/pki/c.pem", key="/pki/k.pem"))
    (tls,) = [entry for entry in files if entry["path"].endswith("tls.pem")]
    assert (tls["sources"], tls["sensitive"], tls["mode"]) == (["/pki/k.pem", "/pki/c.pem"], True, "0640")
    assert instances_of([parsed(certificate="/pki/c.pem", key="/pki/k.pem")])[0]["self_signed"] is False
    assert instances_of([parsed()])[0]["self_signed"] is True


@pytest.mark.parametrize("scheme", ["", "{BLF-CRYPT}", "{CRYPT}"])
def test_users_are_as_htpasswd_and_dovecot_write_them(scheme: str) -> None:
    instance = parsed([{**ALICE, "password_hash": scheme + HASH}, {"name": "bob@example.com", "password_hash": HASH}])
    assert users_file(instance).splitlines()[1:] == [f"alice:{HASH}", f"bob@example.com:{HASH}"]
    (users,) = [entry for entry in instance_files(instance) if entry["path"].endswith("/users")]
    assert (users["sensitive"], users["mode"], users["label"]) == (True, "0640", "cal1/users")


def test_log_ins_at_the_mail_service() -> None:
    instance = parsed(log_in="imap", imap={"host": "mail1.example.com", "authority": "/pki/ca.pem"})
    auth = instance.configuration["sections"]["auth"]
    assert auth == {"type": "imap", "imap_host": "mail1.example.com:993", "imap_security": "tls"}
    (authority,) = [entry for entry in instance_files(instance) if entry["path"].endswith("authority.pem")]
    assert authority["source"] == "/pki/ca.pem"
    assert instances_of([instance])[0]["log_in"] == "imap"


def test_settings_come_beside_the_roles_own() -> None:
    sections = parsed(settings={"auth": {"delay": 3}, "headers": {"X-Frame-Options": "DENY"}}).configuration["sections"]
    assert sections["auth"] == {**parsed().configuration["sections"]["auth"], "delay": "3"}
    assert sections["headers"] == {"x-frame-options": "DENY"}


@pytest.mark.parametrize("value", [2592000, "2592000"])
def test_how_old_a_token_may_be_is_no_secret(value: Any) -> None:
    instance = parsed(settings={"storage": {"max_sync_token_age": value}})
    assert instance.settings == {"storage": {"max_sync_token_age": "2592000"}}


def test_what_it_reads_is_written_before_what_a_restart_is_seen_by() -> None:
    """An authority that is gone has no age; the settings, which say so, have."""
    with_one = parsed(log_in="imap", imap={"host": "mail1.example.com", "authority": "/pki/ca.pem"})
    without = parsed(log_in="imap", imap={"host": "mail1.example.com"})
    for instance in (with_one, without):
        paths = [entry["path"].rpartition("/")[2] for entry in instance_files(instance)]
        assert paths.index("authority.pem") < paths.index("config")
    assert with_one.configuration != without.configuration


@pytest.mark.parametrize(
    ("options", "key", "reason", "remedy"),
    [
        ({"prot": 1}, "prot", "is not a known option", "did you mean port?"),
        ({"port": 0}, "port", "is not a number", "give a whole number above zero, at most 65535"),
        ({"log_in": "imp"}, "log_in", "is no way to log in", "did you mean imap?"),
        ({"log_in": "ldap"}, "log_in", "is no way to log in", "use one of users, imap"),
        ({"log_in": "imap"}, "imap.host", "is missing", "give the host name"),
        (
            {"log_in": "imap", "imap": {"host": "a.b", "prot": 1}},
            "imap.prot",
            "is not a known option",
            "did you mean port",
        ),
        ({"log_in": "imap", "imap": {"host": "a b"}}, "imap.host", "is ", ""),
        ({"imap": {"host": "mail1.example.com"}}, "imap", "is where nobody logs in", "give log_in: imap"),
        ({"certificate": "/c.pem"}, "key", "is missing", "give both"),
        ({"key": "/k.pem"}, "certificate", "is missing", "give both"),
        (
            {"settings": {"server": {"hosts": "0.0.0.0:1"}}},
            "settings.server.hosts",
            "is a setting of the role",
            "leave",
        ),
        ({"settings": {"auth": {"type": "none"}}}, "settings.auth.type", "is a setting of the role", "leave"),
        # Radicale reads names in any case.
        ({"settings": {"auth": {"Type": "none"}}}, "settings.auth.Type", "is a setting of the role", "leave"),
        (
            {"settings": {"logging": {"Request_Header_On_Debug": True}}},
            "settings.logging.Request_Header_On_Debug",
            "is a setting of the role",
            "leave",
        ),
        ({"settings": {"auth": {"delay": 1, "Delay": 2}}}, "settings.auth.Delay", "is there twice", "in any case"),
        ({"settings": {"server": {"Max_Connections": 2, "max_connections": 3}}}, "settings.server.", "is there tw", ""),
        # To leave out what has an acknowledged entry on disk.
        ({"settings": {"storage": {"_filesystem_fsync": False}}}, "settings.storage.", "is not the name", ""),
        ({"settings": {"web": {"type": "none"}}}, "settings.web.type", "is a setting of the role", "leave"),
        ({"settings": {"logging": {"mask_passwords": False}}}, "settings.logging.mask_passwords", "is a setting", ""),
        ({"settings": {"auth": {"ldap_secret": SECRET}}}, "settings.auth.ldap_secret", "a description must not", ""),
        ({"settings": {"auth": 3}}, "settings.auth", "is not a dictionary", ""),
        ({"settings": {"a b": {}}}, "settings.a b", "is not the name of a section", ""),
        ({"settings": {"auth": {"a=b": 1}}}, "settings.auth.", "is not the name of a setting", ""),
        ({"settings": {"auth": {"realm": "a\nb"}}}, "settings.auth.realm", "is neither a text of one line", ""),
        ({"settings": {"auth": {"realm": [1]}}}, "settings.auth.realm", "is neither a text of one line", ""),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], key: str, reason: str, remedy: str) -> None:
    (found,) = refused(**options)
    assert found[0].startswith(f"instances[cal1].options.{key}")
    assert found[1].startswith(reason)
    assert remedy in found[2]


@pytest.mark.parametrize(
    ("users", "key", "reason"),
    [
        ({"alice": HASH}, "users.cal1", "is not a list"),
        ("alice", "users.cal1", "is not a list"),
        ([SECRET], "users.cal1[0]", "is not a dictionary"),
        ([{"name": "alice"}], "users.cal1[0].password_hash", "is missing"),
        ([{"name": "alice", "pasword_hash": SECRET}], "users.cal1[0].pasword_hash", "is not a known key"),
        ([{"name": 3, "password_hash": HASH}], "users.cal1[0].name", "is not a text"),
        ([{"name": "a/b", "password_hash": HASH}], "users.cal1[0].name", "is not a user name"),
        ([{"name": "a:b", "password_hash": HASH}], "users.cal1[0].name", "is not a user name"),
        ([{"name": "..", "password_hash": HASH}], "users.cal1[0].name", "is not a user name"),
        ([ALICE, ALICE], "users.cal1[1].name", "is there twice"),
        ([{"name": "alice", "password_hash": SECRET}], "users.cal1[0].password_hash", "is not a hash of bcrypt"),
        ([{"name": "alice", "password_hash": "{PLAIN}x"}], "users.cal1[0].password_hash", "is not a hash of bcrypt"),
        ([{"name": "alice", "password_hash": f"$6$salt${'a' * 86}"}], "users.cal1[0].password_hash", "is not a hash"),
        ([{"name": "alice", "password_hash": f"{HASH}\nroot:x"}], "users.cal1[0].password_hash", "is not a hash"),
    ],
)
def test_users_that_are_refused(users: Any, key: str, reason: str) -> None:
    (found,) = refused(users)
    assert found[0] == key
    assert found[1].startswith(reason)


def test_users_of_an_instance_that_there_is_none_of() -> None:
    with pytest.raises(DescriptionError, match=r"radicale_users.cal2 .*did you mean cal1\?"):
        parse_instances([INSTANCE], {"cal2": [ALICE]})


def test_users_of_its_own_beside_log_ins_at_the_mail_service() -> None:
    ((key, reason, _remedy),) = refused([ALICE], log_in="imap", imap={"host": "mail1.example.com"})
    assert (key, reason) == ("users.cal1", "are users of their own, who could not log in")


def test_a_node_has_a_link_for_each_instance_and_no_instance_of_the_package() -> None:
    files = {entry["path"]: entry for entry in node_files([parsed()])}
    assert files["/etc/systemd/system/radicale.service"]["target"] == "/dev/null"
    assert files["/etc/groupware-ha-radicale/cal1"]["target"] == "/srv/cal1/radicale"
    assert node_files([]) == []
