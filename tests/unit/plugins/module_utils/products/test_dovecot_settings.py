"""Settings of Dovecot, set by hand, that weaken TLS or log-ins: refused wherever they stand."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import dovecot_settings
from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_dovecot import parse_instances

#: A line, and where it is said to be.
WEAK = {
    **{f"ssl = {word}": "ssl" for word in ("no", "yes", "NO", '"no"', "$other", "")},
    **{f"disable_plaintext_auth = {word}": "disable_plaintext_auth" for word in ("no", "No", "n")},
    "auth_allow_cleartext = yes": "auth_allow_cleartext",
    **{f"ssl_min_protocol = {word}": "ssl_min_protocol" for word in ("TLSv1", "TLSv1.1", "SSLv3", "ANY")},
    "ssl_protocols = !SSLv3 TLSv1": "ssl_protocols",
    **{
        f"ssl_cipher_list = {word}": "ssl_cipher_list"
        for word in (
            "ALL",
            "NULL",
            "eNULL",
            "aNULL",
            "ADH",
            "AECDH+AESGCM",
            "EXPORT",
            "EXP+AESGCM",
            "HIGH",
            "RC4",
            "LOW",
        )
    },
    "ssl_cipher_list = ECDHE+AESGCM:NULL": "ssl_cipher_list",
    "ssl_cipher_list = AESGCM": "ssl_cipher_list",
    "ssl_cipher_list = ECDHE+AES": "ssl_cipher_list",
    "ssl_cipher_list = ECDHE-RSA-AES128-SHA": "ssl_cipher_list",
    "ssl_cipher_list = ECDHE+AESGCM:@SECLEVEL=0": "ssl_cipher_list",
    "ssl_cipher_list = !aNULL": "ssl_cipher_list",
    "ssl_cipher_suites = TLS_SHA256_SHA256": "ssl_cipher_suites",
    "ssl_options = compression": "ssl_options",
    **{
        f"auth_mechanisms = {word}": "auth_mechanisms"
        for word in (
            "anonymous",
            "plain anonymous",
            "plain ANONYMOUS",
            "$auth_mechanisms anonymous",
            "cram-md5",
            "ntlm",
        )
    },
    **{
        f"login_trusted_networks = {word}": "login_trusted_networks"
        for word in ("0.0.0.0/0", "::/0", "0.0.0.0/1 128.0.0.0/1", "10.0.0.5, 0.0.0.0/0", "everything")
    },
    "haproxy_trusted_networks = 0.0.0.0/0": "haproxy_trusted_networks",
    "passdb {\n driver = static\n args = nopassword=y\n}": "passdb/driver",
    "passdb {\n driver = ldap\n default_fields = nopassword\n}": "passdb/default_fields",
    "passdb {\n driver = pam\n}": "passdb/driver",
    "passdb {\n driver = passwd-file\n master = yes\n}": "passdb/master",
    "passdb static {\n passdb_fields {\n  nopassword = yes\n }\n}": "passdb static",
    "passdb x {\n passdb_driver = static\n}": "passdb x/passdb_driver",
    "passdb ldap {\n fields {\n  nopassword = yes\n }\n}": "passdb ldap/fields/nopassword",
    "auth_failure_delay = 0": "auth_failure_delay",
    "auth_failure_delay = 0 secs": "auth_failure_delay",
    "auth_debug_passwords = yes": "auth_debug_passwords",
    "auth_master_user_separator = *": "auth_master_user_separator",
    "ssl_key = </etc/ssl/private/other.pem": "ssl_key",
    "ssl_server_cert_file = /etc/ssl/other.pem": "ssl_server_cert_file",
    "!include /etc/dovecot/more.conf": "!include",
    "!include_try /etc/dovecot/*.conf": "!include_try",
    "remote 10.0.0.0/8 {\n disable_plaintext_auth = no\n}": "remote 10.0.0.0/8/disable_plaintext_auth",
    "protocol imap {\n ssl = no\n}": "protocol imap/ssl",
    "service imap-login {\n inet_listener imaps {\n  ssl = no\n }\n}": "service imap-login/inet_listener imaps/ssl",
    "a = b # c\n  ssl\t=\tno  # d": "ssl",
    "ssl \\\n = no": "ssl",
    "ssl = required\nssl = no": "ssl",
}
HARMLESS = [
    "",
    "# ssl = no",
    "mail_max_userip_connections = 50",
    "ssl = required\nssl_min_protocol = TLSv1.3\ndisable_plaintext_auth = yes\nauth_allow_cleartext = no",
    "ssl_cipher_list = ECDHE+AESGCM:ECDHE+CHACHA20:DHE-RSA-AES256-GCM-SHA384:!aNULL:@STRENGTH",
    "ssl_cipher_suites = TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
    "ssl_options = no_ticket no_compression\nssl_curve_list = X25519\nssl_prefer_server_ciphers = yes",
    "auth_mechanisms = plain login scram-sha-256",
    "login_trusted_networks = 10.0.0.5 192.0.2.0/28",
    "passdb {\n driver = ldap\n args = /etc/dovecot/ldap.conf.ext\n}",
    "passdb passwd-file {\n passwd_file_path = /srv/mail1/dovecot/more\n master = no\n}",
    "auth_failure_delay = 3 secs\nauth_verbose = yes\nauth_verbose_passwords = no",
    "service imap-login {\n inet_listener imaps {\n  port = 993\n  ssl = yes\n }\n}",
    "namespace archive {\n prefix = Archive/\n mailbox Trash {\n  auto = no\n }\n}",
    "} unbalanced\nno sign\n",
]


@pytest.mark.parametrize("text", WEAK)
def test_what_weakens_is_refused(text: str) -> None:
    found = list(dovecot_settings.judge(text))

    assert WEAK[text] in [setting.key for setting, _reason, _remedy in found]
    assert all(reason and remedy for _setting, reason, remedy in found)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_does_not_weaken_passes(text: str) -> None:
    assert list(dovecot_settings.judge(text)) == []


def test_an_instance_names_the_option_and_the_setting() -> None:
    instance = {"name": "mail1", "host_name": "mail1.example.com", "address": "192.0.2.21", "mount_point": "/srv/mail1"}
    text = "ssl = no\nauth_mechanisms = plain anonymous\nmail_debug = yes\n"

    with pytest.raises(DescriptionError) as refused:
        parse_instances([{**instance, "options": {"dovecot_settings": text}}], {})

    assert [str(problem) for problem in refused.value.problems] == [
        "postfix_dovecot_instances[mail1].options.dovecot_settings.ssl = 'no': takes back what the instance promises; "
        "give required, or leave it out",
        "postfix_dovecot_instances[mail1].options.dovecot_settings.auth_mechanisms = 'plain anonymous': has anonymous, "
        "which lets in without a password, or needs it in the clear; use plain and login",
    ]
