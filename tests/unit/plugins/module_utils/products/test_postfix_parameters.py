"""Parameters of Postfix that may be set by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_parameters import (
    OPTION_PARAMETERS,
    OWN_PARAMETERS,
    hidden,
    judge,
    mistyped,
)

#: What the reason against a parameter begins with, for each word of the list.
REASONS = {
    "own": "makes the instance what it is",
    "option": "is set by an option",
    "value": "takes away what the instance promises",
    "restrictions": "has x, which is not known to refuse",
    "refused": "is not known to leave relaying",
}


def test_each_parameter_of_postfix_is_judged_as_listed():
    lines = Path(__file__).with_name("postfix_parameters.txt").read_text().splitlines()
    listed = dict(line.split() for line in lines if not line.startswith("#"))
    assert len(listed) > 900
    for name, word in listed.items():
        against = judge(name, "450" if name.endswith("_code") else "x")
        assert (against is None) == (word == "free"), name
        assert against is None or against[0].startswith(REASONS[word]), name


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("smtpd_delay_reject", "yes"),
        ("smtpd_forbid_bare_newline", "normalize reject yes"),
        ("smtpd_tls_auth_only", "yes"),
        ("smtpd_tls_ciphers", "medium high"),
        ("smtpd_tls_mandatory_ciphers", "high"),
        ("smtpd_tls_security_level", "may encrypt"),
        ("smtpd_reject_unlisted_recipient", "yes"),
        ("smtpd_reject_unlisted_sender", "yes no"),
        ("smtp_tls_security_level", "may encrypt dane dane-only verify secure"),
        *((f"{side}_sasl{tls}_security_options", "noanonymous") for side in ("smtp", "smtpd") for tls in ("", "_tls")),
    ],
)
def test_values_that_keep_the_promises(name, values):
    some = ("no", "yes", "none", "may", "low", "medium", "high", "noplaintext", *values.split())
    assert {value for value in some if judge(name, value) is None} == set(values.split())
    remedy = judge(name, "x")[1]
    assert set(values.split()) <= set(re.findall(r"[\w-]+", remedy))


def test_further_words_may_stand_beside_the_one_that_is_needed():
    for value in ("noanonymous, noplaintext", "noplaintext,noanonymous", "noactive noanonymous"):
        assert judge("smtp_sasl_security_options", value) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delay_warning_time", "4h"),
        ("maximal_queue_lifetime", "2d"),
        ("header_checks", "regexp:/srv/mail1/postfix/etc/header_checks"),
        ("smtpd_milters", "inet:127.0.0.1:11332"),
        ("milter_default_action", "accept"),
        ("smtp_host_lookup", "native"),
        ("smtp_tls_security_level", "dane"),
        ("smtp_dns_support_level", "dnssec"),
        ("transport_maps", "texthash:/srv/mail1/postfix/etc/transport"),
        ("always_bcc", "archive@example.com"),
        ("smtpd_recipient_limit", "200"),
        ("smtpd_banner", "$myhostname ESMTP"),
        ("unknown_address_reject_code", "550"),
        ("smtpd_tls_auth_only", "yes"),
        ("smtp_sasl_password_maps", "texthash:/srv/mail1/passwords"),
        ("smtp_sasl_password_maps", "texthash:/srv/mail1/passwords, hash:/srv/mail1/more"),
        ("smtpd_recipient_restrictions", ""),
        (
            "smtpd_recipient_restrictions",
            "permit_sasl_authenticated, permit_mynetworks, reject_unknown_sender_domain, reject_rbl_client "
            "zen.spamhaus.org=127.0.0.[2..11], check_policy_service inet:127.0.0.1:10023 "
            "warn_if_reject reject_unlisted_sender",
        ),
        ("smtpd_helo_restrictions", "check_helo_access pcre:/srv/mail1/helo reject_invalid_helo_hostname"),
        ("smtpd_client_restrictions", "sleep 1, reject_unauth_pipelining"),
    ],
)
def test_what_keeps_the_promises_may_be_set(name, value):
    assert judge(name, value) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # Relaying for anybody.
        ("smtpd_relay_restrictions", "permit"),
        ("smtpd_relay_restrictions", ""),
        ("mynetworks", "0.0.0.0/0"),
        ("mynetworks_style", "class"),
        ("relay_domains", "*"),
        ("relay_domains", "static:ALL"),
        ("relay_clientcerts", "static:ok"),
        ("permit_mx_backup_networks", "0.0.0.0/0"),
        ("virtual_alias_domains", "static:ALL"),
        ("allow_untrusted_routing", "yes"),
        ("allow_percent_hack", "yes"),
        ("swap_bangpath", "yes"),
        ("parent_domain_matches_subdomains", "relay_domains"),
        ("smtpd_recipient_restrictions", "permit"),
        ("smtpd_recipient_restrictions", "permit_inet_interfaces"),
        ("smtpd_recipient_restrictions", "permit_mx_backup reject"),
        ("smtpd_recipient_restrictions", "permit_tls_all_clientcerts"),
        ("smtpd_recipient_restrictions", "permit_naked_ip_address"),
        ("smtpd_recipient_restrictions", "reject_unauth_destination, PERMIT"),
        ("smtpd_recipient_restrictions", "static:OK"),
        ("smtpd_recipient_restrictions", "hash:/srv/mail1/anything"),
        ("smtpd_recipient_restrictions", "$mine"),
        ("smtpd_recipient_restrictions", "my_class"),
        ("smtpd_client_restrictions", "check_client_access inline:{0.0.0.0/0=OK}"),
        ("smtpd_client_restrictions", "permit"),
        ("smtpd_helo_restrictions", "check_helo_access $table"),
        ("smtpd_data_restrictions", "permit"),
        ("smtpd_restriction_classes", "mine"),
        ("smtpd_relay_before_recipient_restrictions", "no"),
        # Sending in another's name.
        ("smtpd_sender_restrictions", ""),
        ("smtpd_sender_login_maps", "static:bob"),
        ("smtpd_reject_unlisted_recipient", "no"),
        ("smtpd_forbid_bare_newline", "no"),
        ("smtpd_null_access_lookup_key", "x"),
        ("recipient_delimiter", "@"),
        # Being taken for another client, or logged in as one.
        ("smtpd_authorized_xclient_hosts", "0.0.0.0/0"),
        ("smtpd_authorized_xforward_hosts", "0.0.0.0/0"),
        ("smtpd_upstream_proxy_protocol", "haproxy"),
        ("smtpd_sasl_auth_enable", "yes"),
        ("smtpd_sasl_exceptions_networks", "0.0.0.0/0"),
        ("smtpd_sasl_local_domain", "x"),
        ("smtpd_sasl_security_options", "noplaintext"),
        ("smtpd_sasl_security_options", ""),
        ("smtpd_delay_reject", "no"),
        ("smtpd_command_filter", "pcre:/srv/mail1/x"),
        # TLS that does not protect.
        ("smtpd_tls_auth_only", "no"),
        ("smtpd_tls_security_level", "none"),
        ("smtpd_use_tls", "no"),
        ("smtpd_tls_protocols", ""),
        ("smtpd_tls_mandatory_protocols", "SSLv3"),
        ("smtpd_tls_ciphers", "null"),
        ("smtpd_tls_mandatory_ciphers", "export"),
        ("smtpd_tls_exclude_ciphers", ""),
        ("smtpd_tls_mandatory_exclude_ciphers", ""),
        ("smtpd_tls_wrappermode", "no"),
        ("smtpd_tls_cert_file", "/x"),
        ("tls_high_cipherlist", "ALL"),
        ("tls_medium_cipherlist", "ALL"),
        ("tls_null_cipherlist", "ALL"),
        ("tls_ssl_options", ""),
        ("tls_disable_workarounds", "x"),
        ("smtp_tls_security_level", "none"),
        ("smtp_tls_wrappermode", "no"),
        ("smtp_sasl_security_options", ""),
        # Limits that would be on one port alone, or on none.
        ("smtpd_client_event_limit_exceptions", "0.0.0.0/0"),
        ("smtpd_client_auth_rate_limit", "0"),
        ("smtpd_client_message_rate_limit", "0"),
        ("anvil_rate_time_unit", "1s"),
        ("message_size_limit", "0"),
        # Other programs, other places.
        ("debugger_command", "x"),
        ("mailbox_command", "x"),
        ("import_environment", "LD_PRELOAD=/x"),
        ("command_directory", "/x"),
        ("daemon_directory", "/x"),
        ("shlib_directory", "/x"),
        ("meta_directory", "/x"),
        ("queue_directory", "/x"),
        ("mail_owner", "root"),
        ("default_privs", "root"),
        ("alias_maps", "hash:/x"),
        ("local_transport", "local"),
        ("local_recipient_maps", "static:x"),
        ("default_transport", "pipe"),
        ("virtual_mailbox_base", "/"),
        ("virtual_uid_maps", "static:0"),
        ("proxy_interfaces", ""),
        ("inet_protocols", "all"),
        ("smtp_bind_address", "192.0.2.1"),
        ("master_service_disable", "inet"),
        ("multi_instance_enable", "yes"),
        ("authorized_submit_users", "static:anyone"),
        ("maillog_file", "/etc/passwd"),
        ("myorigin", "x"),
        # A yes where a no is meant; secrets in the parameter itself; what Postfix does not know.
        ("unknown_address_reject_code", "250"),
        ("unverified_recipient_reject_code", "200"),
        ("smtp_sasl_password_maps", "static:user:password"),
        ("smtp_sasl_password_maps", "inline:{x=user:password}"),
        ("smtp_sasl_password_maps", "texthash:passwords"),
        ("smtp_sasl_password_maps", "texthash:/a static:user:password"),
        ("no_such_parameter", "x"),
    ],
)
def test_what_breaks_a_promise_is_refused(name, value):
    reason, remedy = judge(name, value)
    assert reason
    assert remedy


def test_the_remedy_names_the_option():
    for name, option in OPTION_PARAMETERS.items():
        assert option in judge(name, "x")[1]
    for name in OWN_PARAMETERS:
        assert "makes the instance" in judge(name, "x")[0]


def test_a_value_that_may_be_a_secret_is_not_shown():
    assert hidden("smtp_sasl_password_maps")
    assert not hidden("mynetworks")


@pytest.mark.parametrize(
    ("default", "right", "wrong"),
    [
        ("5d", ["0", "30", "10m", "1W", "0h"], ["never", "soon", "3dd", "", "-1d", "1.5h", "5 d", "10y", "d"]),
        ("50", ["0", "1000"], ["many", "", "-1", "1.5", "5k", "yes"]),
        ("no", ["yes", "no", "YES"], ["true", "1", "", "on", "y"]),
        ("postmaster", ["", "x", "5d"], []),
        ("", ["anything"], []),
        ("5d, 50", ["anything"], []),
    ],
)
def test_a_value_is_of_the_kind_of_the_default(default, right, wrong):
    assert {value: mistyped("some_limit", value, default) for value in right} == dict.fromkeys(right)
    for value in wrong:
        reason, remedy = mistyped("some_limit", value, default)
        assert reason.startswith("is n")
        assert remedy.startswith("give ")


def test_fractions_and_what_is_judged_by_its_words_are_no_numbers_or_switches():
    assert mistyped("default_destination_concurrency_positive_feedback", "1/concurrency", "1") is None
    assert mistyped("smtpd_forbid_bare_newline", "normalize", "no") is None
