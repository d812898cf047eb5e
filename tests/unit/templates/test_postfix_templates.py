"""What Postfix is told, and why: a setting that is lost, changed or added without a reason is noticed here."""

from __future__ import annotations

import re

import pytest

from ansible_collections.groupware.ha.tests.unit.templates.rendering import (
    mail_template,
    postfix_parameters,
    postfix_services,
)

HASH = "{SHA512-CRYPT}$6$saltsalt$" + "a" * 86

#: Each parameter of main.cf, its value for the plainest instance, and why it is so; names are those of postconf(5).
PARAMETERS = {
    "compatibility_level": ("3.6", "a newer Postfix keeps the defaults that this was tested with"),
    "queue_directory": ("/srv/mail1/postfix/spool", "mail that was accepted moves with the service"),
    "data_directory": ("/srv/mail1/postfix/data", "two instances must not share caches and locks"),
    "syslog_name": ("postfix-mail1", "log lines say whose they are"),
    "myhostname": ("mail1.example", "the name that the service keeps on every node"),
    "myorigin": ("mail1.example", "mail without a domain belongs to the service, not to the node"),
    "smtpd_banner": ("$myhostname ESMTP", "neither program nor version is told to strangers"),
    "inet_interfaces": ("loopback-only", "an address that is not online would keep Postfix from stopping"),
    "proxy_interfaces": ("192.0.2.21", "mail to the own address is no mail for elsewhere"),
    "inet_protocols": ("ipv4", "no attempt with addresses that the service does not have"),
    "smtp_bind_address": ("192.0.2.21", "mail leaves with the service's address, which its name resolves to"),
    "mydestination": ("", "accounts of the node are no mailboxes"),
    "local_recipient_maps": ("", "accounts of the node are no mailboxes"),
    "local_transport": ("error:no local accounts", "accounts of the node are no mailboxes"),
    "alias_maps": ("", "the node's own aliases are not the service's"),
    "alias_database": ("", "the node's own aliases are not the service's"),
    "virtual_mailbox_domains": ("mail1.example", "the service's domains"),
    "virtual_mailbox_maps": ("texthash:/srv/mail1/postfix/etc/mailboxes", "unknown users are refused, not bounced"),
    "virtual_alias_maps": ("texthash:/srv/mail1/postfix/etc/aliases", "the described aliases"),
    "virtual_transport": ("lmtp:unix:/run/dovecot/mail1/lmtp", "this service's Dovecot, no other's"),
    "recipient_delimiter": ("+", "alice+shop@ is alice"),
    "message_size_limit": ("52428800", "the described limit"),
    "append_dot_mydomain": ("no", "an incomplete domain is not completed by guessing"),
    "biff": ("no", "nobody logs in on the node to be told of mail"),
    "enable_long_queue_ids": ("yes", "ids are not used again, on no node"),
    "queue_run_delay": ("60s", "mail that met a fail-over is tried again soon"),
    "minimal_backoff_time": ("60s", "mail that met a fail-over is tried again soon"),
    "mynetworks": ("", "nobody sends without logging in unless described"),
    "smtpd_relay_restrictions": (
        "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
        "no open relay",
    ),
    "smtpd_recipient_restrictions": ("", "relaying is decided in one place"),
    "smtpd_sender_restrictions": (
        "permit_mynetworks, check_client_access cidr:/srv/mail1/postfix/etc/forwarding_hosts, "
        "check_sender_access regexp:/srv/mail1/postfix/etc/own_domains",
        "nobody writes in a user's name without logging in",
    ),
    "smtpd_client_connection_count_limit": ("50", "one client does not take all processes"),
    "smtpd_client_connection_rate_limit": ("300", "one client does not take all processes"),
    "smtpd_client_auth_rate_limit": ("120", "guessing passwords takes time"),
    "smtpd_client_message_rate_limit": ("300", "a stolen password does not send for hours unnoticed"),
    "smtpd_client_recipient_rate_limit": ("1000", "a stolen password does not send for hours unnoticed"),
    "smtpd_client_event_limit_exceptions": ("$mynetworks", "trusted networks may do more"),
    "anvil_rate_time_unit": ("60s", "limits are of a minute, as documented"),
    "smtpd_helo_required": ("yes", "programs that only half speak SMTP are kept out"),
    "disable_vrfy_command": ("yes", "addresses are not told to those who guess"),
    "smtpd_data_restrictions": ("reject_unauth_pipelining", "programs that only half speak SMTP are kept out"),
    "smtpd_forbid_bare_newline": ("normalize", "SMTP smuggling, CVE-2023-51764"),
    "smtpd_sasl_auth_enable": ("no", "no passwords on port 25"),
    "smtpd_sasl_type": ("dovecot", "one place knows the users"),
    "smtpd_sasl_path": ("/run/dovecot/mail1/postfix-auth", "this service's users, no other's"),
    "smtpd_sasl_security_options": ("noanonymous", "a log-in has a name"),
    "smtpd_sender_login_maps": ("texthash:/srv/mail1/postfix/etc/senders", "who has logged in sends as himself alone"),
    "smtpd_tls_auth_only": ("yes", "no password crosses the network in the clear"),
    "smtpd_tls_chain_files": ("/srv/mail1/tls/key.pem, /srv/mail1/tls/certificate.pem", "the key comes first"),
    "smtpd_tls_security_level": ("may", "port 25 offers TLS; RFC 2487 forbids to demand it of the public"),
    "smtpd_tls_protocols": ("!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", "RFC 8996"),
    "smtpd_tls_mandatory_protocols": ("!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", "RFC 8996"),
    "smtpd_tls_ciphers": ("medium", "on port 25 old suites are better than none"),
    "smtpd_tls_mandatory_ciphers": ("high", "mail programs know them"),
    "smtpd_tls_exclude_ciphers": (
        "aNULL, eNULL, EXPORT, LOW, DES, 3DES, RC4, MD5, SEED, IDEA, PSK, SRP, DSS, SHA1",
        "those protect nothing, or not for long",
    ),
    "smtpd_tls_mandatory_exclude_ciphers": (
        "kRSA, SHA256, SHA384, CAMELLIA, ARIA",
        "what is left has forward secrecy, and authenticates what it encrypts",
    ),
    "tls_ssl_options": ("NO_RENEGOTIATION", "a client does not keep the server calculating"),
    "smtpd_tls_received_header": ("yes", "a message says whether it came encrypted"),
    "smtpd_tls_loglevel": ("1", "the log says whether mail came encrypted"),
    "smtp_tls_security_level": ("may", "mail leaves encrypted where the other side can"),
    "smtp_tls_mandatory_protocols": ("!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", "RFC 8996"),
    "smtp_tls_CApath": ("/etc/ssl/certs", "the log says whether the other side is who it claims to be"),
    "smtp_tls_loglevel": ("1", "the log says whether mail left encrypted"),
    "tls_preempt_cipherlist": ("no", "a telephone without AES in hardware may prefer ChaCha20"),
}

#: What each network service of master.cf is told with -o, and why; the two submission ports differ in how TLS begins.
SUBMISSION = {
    "smtpd_sasl_auth_enable": ("yes", "this is where users log in"),
    "smtpd_client_restrictions": ("permit_sasl_authenticated,reject", "nobody gets further without a log-in"),
    "smtpd_sender_restrictions": (
        "reject_authenticated_sender_login_mismatch",
        "nobody sends as anybody but himself, nor as nobody at all",
    ),
    "smtpd_relay_restrictions": ("permit_sasl_authenticated,reject", "trusted networks are trusted on port 25 only"),
    "cleanup_service_name": ("submission-cleanup", "users' mail is completed, foreign mail is left as it came"),
}

#: The other services: private, unprivileged, chroot, wake-up, processes, command. None runs in a chroot; those that
#: postsuper and friends talk to are public; the queue is looked through every 300 s, see master(5).
PROCESSES = {
    "pickup unix": "n - n 60 1 pickup",
    "cleanup unix": "n - n - 0 cleanup",
    "submission-cleanup unix": "n - n - 0 cleanup",
    "qmgr unix": "n - n 300 1 qmgr",
    "tlsmgr unix": "- - n 1000? 1 tlsmgr",
    "rewrite unix": "- - n - - trivial-rewrite",
    "bounce unix": "- - n - 0 bounce",
    "defer unix": "- - n - 0 bounce",
    "trace unix": "- - n - 0 bounce",
    "verify unix": "- - n - 1 verify",
    "flush unix": "n - n 1000? 0 flush",
    "proxymap unix": "- - n - - proxymap",
    "proxywrite unix": "- - n - 1 proxymap",
    "smtp unix": "- - n - - smtp",
    "relay unix": "- - n - - smtp",
    "showq unix": "n - n - - showq",
    "error unix": "- - n - - error",
    "retry unix": "- - n - - error",
    "discard unix": "- - n - - discard",
    "lmtp unix": "- - n - - lmtp",
    "anvil unix": "- - n - 1 anvil",
    "scache unix": "- - n - 1 scache",
    "postlog unix-dgram": "n - n - 1 postlogd",
}


def values(table):
    """A table without its reasons."""
    return {name: value for name, (value, _) in table.items()}


def test_main_cf_of_the_plainest_instance():
    assert postfix_parameters(mail_template("main.cf.j2")) == values(PARAMETERS)
    assert all(reason for _, reason in PARAMETERS.values())


def test_main_cf_follows_the_description():
    options = {
        "domains": ["a.example", "b.example"],
        "trusted_networks": ["192.0.2.0/24", "2001:db8::/32"],
        "postfix_parameters": {"smtpd_helo_required": False, "delay_warning_time": "4h"},
    }
    plain = values(PARAMETERS)
    del plain["smtp_bind_address"]
    assert postfix_parameters(mail_template("main.cf.j2", address="2001:db8::21", options=options)) == {
        **plain,
        "myorigin": "a.example",
        "proxy_interfaces": "2001:db8::21",
        "inet_protocols": "ipv6",
        "smtp_bind_address6": "2001:db8::21",
        "virtual_mailbox_domains": "a.example b.example",
        "mynetworks": "192.0.2.0/24 [2001:db8::]/32",
        "smtpd_helo_required": "no",
        "delay_warning_time": "4h",
    }


def test_what_the_user_sets_comes_last():
    """So that it counts, and none of it is there unless described."""
    assert mail_template("main.cf.j2", options={"postfix_parameters": {"biff": True}}).endswith("counts.\nbiff = yes\n")
    assert "own parameters" not in mail_template("main.cf.j2")


@pytest.mark.parametrize(
    ("address", "written"), [("192.0.2.21", "192.0.2.21"), ("2001:db8::21", "[2001:db8::21]")], ids=["IPv4", "IPv6"]
)
def test_network_services(address, written):
    services = postfix_services(mail_template("master.cf.j2", address=address))
    network = {name: service for name, service in services.items() if name.endswith(" inet")}
    columns = "n - n - - smtpd"
    assert network == {
        f"{written}:smtp inet": (columns, {}),
        f"{written}:submission inet": (
            columns,
            {
                "syslog_name": "postfix-mail1/submission",
                "smtpd_tls_security_level": "encrypt",  # RFC 3207: nothing but STARTTLS before it is encrypted
                **values(SUBMISSION),
            },
        ),
        f"{written}:submissions inet": (
            columns,
            {
                "syslog_name": "postfix-mail1/submissions",
                "smtpd_tls_wrappermode": "yes",  # RFC 8314: TLS from the first byte
                "smtpd_tls_security_level": "encrypt",  # with it, suites are those that are mandatory
                **values(SUBMISSION),
            },
        ),
    }


def test_processes():
    services = postfix_services(mail_template("master.cf.j2"))
    others = {name: columns for name, (columns, _) in services.items() if not name.endswith(" inet")}
    assert others == PROCESSES
    assert services["submission-cleanup unix"][1] == {"always_add_missing_headers": "yes"}


def relay(**given):
    """What main.cf says of the server for outgoing mail, as far as it is not as without one."""
    text = mail_template(
        "main.cf.j2", options={"relay_host": given}, relay_password="secret" if "user" in given else None
    )
    assert "secret" not in text
    parameters = postfix_parameters(text)
    return {name: value for name, value in parameters.items() if values(PARAMETERS).get(name) != value}


def test_a_server_for_outgoing_mail():
    assert relay(host="relay.example", tls="opportunistic") == {
        "relayhost": "[relay.example]:587",
        "smtp_tls_wrappermode": "no",
    }
    assert relay(host="relay.example", port=465, user="mail1") == {
        "relayhost": "[relay.example]:465",
        "smtp_tls_security_level": "secure",  # the other side is who it claims to be
        "smtp_tls_wrappermode": "yes",
        "smtp_sasl_auth_enable": "yes",
        "smtp_sasl_password_maps": "texthash:/srv/mail1/postfix/etc/relay_credentials",
        "smtp_sasl_security_options": "noanonymous",
    }


def table(name, **given):
    """Lines of a table that are no comments."""
    lines = mail_template(name, **given).splitlines()
    assert lines[0].startswith("# ")
    return lines[1:]


@pytest.fixture
def site():
    users = [{"name": name, "password_hash": HASH} for name in ("alice", "bob@b.example")]
    options = {
        "domains": ["a.example", "b.example"],
        "aliases": {"info@b.example": ["alice", "x@elsewhere.example"]},
        "postmaster": ["bob@b.example", "y@elsewhere.example"],
        "may_send_as": {"alice": ["news@a.example"], "bob@b.example": ["@b.example"]},
        "forwarding_hosts": ["192.0.2.7", "2001:db8::/48"],
    }
    return {"users": users, "options": options}


def test_mailboxes_and_aliases(site):
    boxes = ["alice@a.example alice", "alice@b.example alice", "bob@b.example bob@b.example"]
    assert table("mailboxes.j2", **site) == boxes
    roles = [f"{role}@{domain}" for domain in ("a.example", "b.example") for role in ("postmaster", "abuse")]
    assert table("aliases.j2", **site) == [
        "info@b.example alice@a.example, x@elsewhere.example",
        *(f"{role} bob@b.example, y@elsewhere.example" for role in roles),
    ]


def test_who_may_send_as_what(site):
    """Each address of one's own; postmaster and abuse lead to a user, but nobody writes as them unless described."""
    assert sorted(table("senders.j2", **site)) == [
        "@b.example bob@b.example",
        "alice@a.example alice",
        "alice@b.example alice, bob@b.example",
        "bob@b.example bob@b.example",
        "info@b.example alice, bob@b.example",
        "news@a.example alice",
    ]


@pytest.mark.parametrize(
    ("address", "refused"), [("192.0.2.21", "192.0.2.21"), ("2001:db8::21", "IPv6:2001:db8::21")], ids=["IPv4", "IPv6"]
)
def test_names_that_only_users_write_in(site, address, refused):
    """As Postfix reads a table of regular expressions, see regexp_table(5)."""
    rules = [line.split(" ", 1) for line in table("own_domains.j2", address=address, **site)]
    assert all(
        expression[0] == expression[-1] == "/" and result.startswith("550 5.7.1 ") for expression, result in rules
    )
    expressions = [re.compile(expression[1:-1]) for expression, _ in rules]

    def found(sender):
        return any(expression.search(sender) for expression in expressions)

    assert all(map(found, ("x@a.example", "y@b.example", f"x@[{refused}]")))
    assert not any(
        map(found, ("x@other.example", "x@axexample", "x@a.example.org", "x@sub.a.example", "x@[192.0.2.212]"))
    )


@pytest.mark.parametrize(
    "sender",
    ["xn--bcher-kva.example", "XN--bcher-KVA.Example", "bücher.example", "BÜCHER.example", "bu\u0308cher。example"],
)
def test_an_internationalized_domain_is_one_in_all_spellings(sender):
    rules = [line.split(" ", 1) for line in table("own_domains.j2", options={"domains": ["xn--bcher-kva.example"]})]
    # Postfix has the expressions ignore case, and the C library that of ASCII alone.
    expressions = [re.compile(expression[1:-1].encode(), re.IGNORECASE) for expression, _ in rules]
    assert any(expression.search(f"bob@{sender}".encode()) for expression in expressions)
    assert not any(expression.search(b"bob@bacher.example") for expression in expressions)


def test_hosts_that_may_hand_in_mail_of_own_senders(site):
    assert table("forwarding_hosts.j2", **site) == ["192.0.2.7/32 OK", "2001:db8::/48 OK"]
    assert table("forwarding_hosts.j2") == []


def test_limits_follow_the_description():
    limits = {
        "connections": 1,
        "connections_per_minute": 2,
        "logins_per_minute": 3,
        "messages_per_minute": 4,
        "recipients_per_minute": 5,
        "unlimited_networks": ["192.0.2.7"],
    }
    parameters = postfix_parameters(mail_template("main.cf.j2", options={"rate_limits": limits}))
    assert {name: value for name, value in parameters.items() if name.startswith("smtpd_client")} == {
        "smtpd_client_connection_count_limit": "1",
        "smtpd_client_connection_rate_limit": "2",
        "smtpd_client_auth_rate_limit": "3",
        "smtpd_client_message_rate_limit": "4",
        "smtpd_client_recipient_rate_limit": "5",
        "smtpd_client_event_limit_exceptions": "$mynetworks 192.0.2.7/32",
    }
