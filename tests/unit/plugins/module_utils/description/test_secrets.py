"""What counts as a secret: names of settings, of agents' parameters and within texts, and what only looks like one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import (
    NOT_A_PATH,
    found_secrets,
    holds_secret,
    is_secret,
    text_holds_secret,
    without_secrets,
)

#: Every parameter of fence-agents 4.12.1 and resource-agents 4.12.0 (Debian 12) whose name or metadata speaks of a
#: password, passphrase, secret, token, community, key, credential or cookie; and whether it is one.
OF_AGENTS = {
    **dict.fromkeys(
        ["access_key", "admin_password", "apikey", "check_passwd", "community", "db_passwd", "erlang_cookie"]
        + ["hexadecimal_kg", "incoming_password", "monitor_password", "monpassword", "passwd", "password"]
        + ["replication_master_ssl_key", "replication_passwd", "secret_key", "session_url", "snmp_priv_passwd"]
        + ["test_pass", "test_passwd", "tlskey", "token"],
        True,
    ),
    **dict.fromkeys(
        ["auth", "auth_url", "api_type", "check_passwd_use_empty", "extraopt", "extraopt_list", "project_domain"]
        + ["secure", "serviceaccount", "snmp_auth_prot", "ssh_options", "sudo", "tlscacert", "tlscert", "use_cookies"]
        + ["use_sudo", "user_domain", "private_ip_address", "plug", "port", "key_value"],
        False,
    ),
}
PLACES = ["cookie_file", "erlang_cookie_file", "identity_file", "key_file", "keyfile", "passwd_script"]
PLACES += ["password_script", "snmp_priv_passwd_script", "token_file"]


@pytest.mark.parametrize(("name", "secret"), OF_AGENTS.items())
def test_parameters_of_agents(name: str, secret: bool) -> None:
    assert is_secret(name) is secret
    assert holds_secret(name, "hunter2") is secret


@pytest.mark.parametrize("name", PLACES)
def test_a_place_of_a_secret_is_an_absolute_path(name: str) -> None:
    assert not is_secret(name)
    assert not holds_secret(name, "/etc/fence/secret")
    assert holds_secret(name, "hunter2")
    assert holds_secret(name, "etc/fence/secret")
    assert list(found_secrets({name: "hunter2"}, "options")) == [(f"options.{name}", NOT_A_PATH)]


@pytest.mark.parametrize(
    ("agent", "name"), [("fence_scsi", "key"), ("stonith:fence_mpath", "key"), ("ocf:heartbeat:varnish", "secret")]
)
def test_an_agent_knows_better(agent: str, name: str) -> None:
    assert holds_secret(name, "1234abcd")
    assert not holds_secret(name, "1234abcd", agent)
    assert holds_secret("passwd", "1234abcd", agent)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Password", "x"),
        ("adminPassword", "x"),
        ("ADMINISTRATOR_PASSWORD", "x"),
        ("base.ugldapbindcred", "x"),
        ("pasword", "x"),
        ("passwort", "x"),
        ("api-key", "x"),
        ("doveadm_api_key", "x"),
        ("api_key_of_old", "x"),
        ("dnpass", "x"),
        ("UserNames", "admin=bMNfMHm"),
        ("Connect_string", "scott/tiger"),
        ("pin_password", 1234),
        ("token", "3000a"),
        ("session_url", "https://root:x@xen.example"),
        ("smtp_sasl_password_maps", "static:user:x"),
        ("smtp_sasl_password_maps", "inline:{x=y}"),
        ("smtp_sasl_password_maps", "texthash:/etc/sasl, static:x"),
        ("key", "x"),
        ("any", "noatime,password=x"),
        ("sync_token", "2592000x"),
        ("password_average", "x"),
    ],
)
def test_secrets(name: str, value: Any) -> None:
    assert holds_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_retransmits_before_loss_const", 10),
        ("totem.token_retransmits_before_loss_const", "10"),
        ("totem.token", "3000"),
        ("token", 3000),
        ("token_coefficient", "650"),
        ("max_sync_token_age", 2592000),
        ("max_sync_token_age", "2592000"),
        ("pwdMaxAge", "8640000"),
        ("smtp_sasl_password_maps", "texthash:/srv/mail1/postfix/etc/sasl"),
        ("smtp_sasl_password_maps", "proxy:texthash:/etc/a, hash:/etc/b"),
        ("smtp_sasl_password_result_delimiter", ":"),
        ("smtpd_tls_key_file", "$smtpd_tls_cert_file"),
        ("session_url", "https://xen1.example.com"),
        ("key", "/etc/pki/mail1.key"),
        ("key", "files/mail1.pem"),
        ("public_key", "x"),
        ("ssh_public_key", "x"),
        ("fsck_pass", "2"),
        ("disable_plaintext_auth", "yes"),
        ("password", None),
        ("password", True),
        ("password", ""),
        ("resource-stickiness", "100"),
    ],
)
def test_no_secrets(name: str, value: Any) -> None:
    assert not holds_secret(name, value)


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2",
        "noatime,username=x,password=hunter2",
        "user=x%hunter2",
        "PASSWORD: hunter2",
        '{"passwd": "hunter2"}',
        "{'passwd': 'hunter2'}",
        "--skip-grant-tables --password=hunter2",
        "--password hunter2",
        "smtp://alice:hunter2@mail.example",
        "//alice:hunter2@files/share",
        "https://hunter2@git.example/x",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2",
        "{SHA512-CRYPT}$6$hunter2",
        "alice:$6$salt$hunter2",
        "Authorization: Basic hunter2",
        "passdb {\n  driver = static\n  args = password=hunter2\n}",
        "connect = host=/run/db dbname=mail password=hunter2",
        "dnpass = hunter2",
        "imapc_password = hunter2\n",
        "service x {\n  doveadm_api_key = hunter2\n}",
        "password hunter2",
        "password => hunter2",
    ],
)
def test_texts_with_secrets(text: str) -> None:
    assert text_holds_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noatime,nodev,vers=3.0,sec=krb5",
        "credentials=/root/cifs",
        "passwd_script=/etc/fence/a",
        "smtp_sasl_password_maps = texthash:/etc/postfix/sasl",
        "ssl_key = </etc/ssl/key.pem",
        "ssl_key_password = </etc/dovecot/key_password",
        "args = nopassword=y",
        "pass_attrs = user=user, userPassword=password",
        "filter = userPassword=password",
        "password_query = SELECT user, password FROM users WHERE user = '%u'",
        "default_pass_scheme = SHA512-CRYPT",
        "auth_verbose_passwords = no",
        "passdb ldap {\n  fields {\n    password = %{ldap:userPassword}\n  }\n}",
        "# passwords are in another file",
        "protocols = imap lmtp\nmail_max_userip_connections = 20",
        "192.0.2.0/24",
        "2001:db8::1/64",
        "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4",
        "nfs.example.com:/export/mail",
    ],
)
def test_texts_without_secrets(text: str) -> None:
    assert not text_holds_secret(text)


def test_secrets_are_found_at_any_depth() -> None:
    value = {
        "operations": {"monitor": {"password": "x", "interval": "10s"}},
        "list": [{"a": 1}, {"apikey": ["x"]}],
        "pair": {"name": "password", "value": "x"},
        "text": ["noatime", "password=x"],
        "nothing": {"password": None, "token": 10},
        "wrong name=password": {"password x": "y"},
    }
    assert [key for key, _reason in found_secrets(value, "here")] == [
        "here.operations.monitor.password",
        "here.list[1].apikey",
        "here.pair.value",
        "here.text[1]",
        "here.(a name)",
    ]


def test_what_is_left_out_is_named_and_all_else_stays() -> None:
    value = {
        "agent": "fence_ipmilan",
        "options": {"ip": "192.0.2.1", "passwd": "x", "passwd_script": "/etc/fence/a"},
        "list": [{"a": 1, "apikey": "x"}, "noatime", "password=x"],
        "argv": ["program", "--password", "x"],
        "lines": [["program", "--password", "x"], ["program", "x"]],
        "wrong name=password": "password=x",
    }
    found: list[str] = []

    kept = without_secrets(value, "here", found)

    assert kept == {
        "agent": "fence_ipmilan",
        "options": {"ip": "192.0.2.1", "passwd_script": "/etc/fence/a"},
        "list": [{"a": 1}, "noatime"],
        "lines": [[], ["program", "x"]],
    }
    assert sorted(found) == [
        "here.(a name)",
        "here.argv",
        "here.lines[0]",
        "here.list[0].apikey",
        "here.list[2]",
        "here.options.passwd",
    ]


@pytest.mark.parametrize("text", ["x" * 20000, "x." * 10000, "{" + "SHA" * 7000, "password." * 3000])
def test_a_long_text_without_blanks_is_read_once(text: str) -> None:
    """Judging base64 of this length took half a minute when each character could begin a name."""
    began = time.process_time()
    assert not text_holds_secret(text)
    assert time.process_time() - began < 2
