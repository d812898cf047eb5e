"""What Dovecot is told, and why: a setting that is lost, changed or added without a reason is noticed here."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.tests.unit.templates.rendering import dovecot_settings, mail_template

#: Each setting of both versions, its value for the plainest instance, and why it is so.
SETTINGS = {
    "service imap-login/process_limit": (
        "1024",
        "each connection has a process of its own, and 200 users have hundreds",
    ),
    "service anvil/client_limit": ("4096", "all processes of imap-login, imap (1024) and lmtp (100) at once"),
    "service auth/client_limit": ("2048", "all processes of imap-login and Postfix's at once"),
    "base_dir": ("/run/dovecot/mail1", "sockets of a node that was lost are lost with it"),
    "state_dir": ("/srv/mail1/dovecot/state", "what Dovecot remembers moves with the service"),
    "listen": ("192.0.2.21", "other instances run beside it"),
    "protocols": ("imap lmtp", "no POP3, no Sieve: nothing listens that is not described"),
    "service imap-login/inet_listener imap/port": ("0", "nothing is said in the clear"),
    "service imap-login/inet_listener imaps/port": ("993", "RFC 8314"),
    "service imap-login/inet_listener imaps/ssl": ("yes", "RFC 8314"),
    "ssl": ("required", "no password crosses the network in the clear"),
    "ssl_min_protocol": ("TLSv1.2", "RFC 8996"),
    "ssl_cipher_list": ("ECDHE+AESGCM:ECDHE+CHACHA20", "suites of TLS 1.2 that authenticate what they encrypt"),
    "auth_failure_delay": ("2 secs", "guessing passwords takes time"),
    "protocol imap/mail_max_userip_connections": ("50", "a mail program opens some for each folder that it watches"),
    "auth_mechanisms": ("plain login", "those that work with hashed passwords"),
    "mail_uid": ("vmail", "one account owns all mail, with one id on all nodes"),
    "mail_gid": ("vmail", "one account owns all mail, with one id on all nodes"),
    "first_valid_uid": ("1", "a system account owns the mail"),
    "mail_fsync": ("always", "a message is on disk before it is acknowledged"),
    "namespace inbox/inbox": ("yes", "there is an INBOX"),
    "namespace inbox/separator": ("/", "names of folders stay when the store changes"),
    "recipient_delimiter": ("+", "alice+shop@ is alice, as Postfix has it"),
    "lmtp_save_to_detail_mailbox": ("no", "nobody makes folders in another one's mailbox"),
    "hostname": ("mail1.example", "the name that the service keeps on every node"),
    "postmaster_address": ("postmaster@mail1.example", "who refusals come from"),
    "service lmtp/inet_listener lmtp/port": ("0", "nobody delivers but Postfix"),
    "service lmtp/unix_listener lmtp/mode": ("0660", "nobody delivers but Postfix"),
    "service lmtp/unix_listener lmtp/user": ("postfix", "nobody delivers but Postfix"),
    "service lmtp/unix_listener lmtp/group": ("postfix", "nobody delivers but Postfix"),
    "service auth/unix_listener postfix-auth/mode": ("0660", "nobody tries passwords but Postfix"),
    "service auth/unix_listener postfix-auth/user": ("postfix", "nobody tries passwords but Postfix"),
    "service auth/unix_listener postfix-auth/group": ("postfix", "nobody tries passwords but Postfix"),
    "log_path": ("syslog", "where Postfix logs, too"),
    "syslog_facility": ("mail", "where Postfix logs, too"),
    **{
        f"namespace inbox/mailbox {name}/{setting}": (value, "RFC 6154: programs agree on the folder")
        for name in ("Drafts", "Sent", "Trash", "Junk")
        for setting, value in (("auto", "subscribe"), ("special_use", f"\\{name}"))
    },
}

#: Those that each version names in its own way.
OF_VERSION = {
    "2.3": {
        "instance_name": (
            "dovecot-mail1",
            "the log tells the instances apart; of the master of 2.4.1 it would be the end",
        ),
        "import_environment": (
            "$import_environment DOVECOT_HOSTNAME=mail1.example",
            "locks that a lost node left are seen to be nobody's",
        ),
        "ssl_cert": ("</srv/mail1/tls/certificate.pem", "the service's own"),
        "ssl_key": ("</srv/mail1/tls/key.pem", "the service's own"),
        "ssl_prefer_server_ciphers": ("no", "a telephone without AES in hardware may prefer ChaCha20"),
        "disable_plaintext_auth": ("yes", "no password crosses the network in the clear"),
        "auth_username_format": ("%Lu", "Alice is alice"),
        "passdb/driver": ("passwd-file", "the described users, never the node's"),
        "passdb/args": ("/srv/mail1/dovecot/users", "the described users, never the node's"),
        "userdb/driver": ("passwd-file", "the described users, never the node's"),
        "userdb/args": ("/srv/mail1/dovecot/users", "the described users, never the node's"),
        "mail_location": ("maildir:~/Maildir", "a message is a file, written once"),
    },
    "2.4": {
        "dovecot_config_version": ("2.4.0", "a newer Dovecot keeps the defaults that this was tested with"),
        "dovecot_storage_version": ("2.4.0", "a node with the older version can still read the mail"),
        "import_environment/DOVECOT_HOSTNAME": ("mail1.example", "locks that a lost node left are seen to be nobody's"),
        "ssl_server_cert_file": ("/srv/mail1/tls/certificate.pem", "the service's own"),
        "ssl_server_key_file": ("/srv/mail1/tls/key.pem", "the service's own"),
        "ssl_server_prefer_ciphers": ("client", "a telephone without AES in hardware may prefer ChaCha20"),
        "auth_allow_cleartext": ("no", "no password crosses the network in the clear"),
        "auth_username_format": ("%{user | lower}", "Alice is alice"),
        "passdb passwd-file/passwd_file_path": ("/srv/mail1/dovecot/users", "the described users, never the node's"),
        "userdb passwd-file/passwd_file_path": ("/srv/mail1/dovecot/users", "the described users, never the node's"),
        "mail_driver": ("maildir", "a message is a file, written once"),
        "mail_path": ("~/Maildir", "a message is a file, written once"),
    },
}

versions = pytest.mark.parametrize("version", ["2.3", "2.4"])


def settings(version, **given):
    return dovecot_settings(mail_template(f"dovecot-{version}.conf.j2", **given))


def expected(version):
    return {name: value for name, (value, _) in (SETTINGS | OF_VERSION[version]).items()}


@versions
def test_the_plainest_instance(version):
    assert settings(version) == expected(version)
    assert all(reason for _, reason in (SETTINGS | OF_VERSION[version]).values())


@versions
def test_a_version_finds_what_it_asks_for_first(version):
    """Dovecot 2.4 refuses a configuration that does not begin with its version."""
    first = next(iter(settings(version)))
    assert first == {"2.3": "base_dir", "2.4": "dovecot_config_version"}[version]


@versions
def test_the_description_is_followed(version):
    options = {
        "domains": ["a.example", "b.example"],
        "rate_limits": {"imap_connections": 7},
        "dovecot_settings": "\nmail_max_userip_connections = 50\n",
    }
    assert settings(version, address="2001:db8::21", options=options) == {
        **expected(version),
        "listen": "[2001:db8::21]",
        "postmaster_address": "postmaster@a.example",
        "protocol imap/mail_max_userip_connections": "7",
        "mail_max_userip_connections": "50",
    }


@versions
def test_what_the_user_sets_comes_last(version):
    """So that it counts, and none of it is there unless described."""
    text = mail_template(f"dovecot-{version}.conf.j2", options={"dovecot_settings": "\na = b\n\n"})
    assert text.endswith("counts.\na = b\n")
    assert "own settings" not in mail_template(f"dovecot-{version}.conf.j2")
