# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Postfix's parameters may be set by hand, and how. Pure.

What an instance promises (nobody relays through it, nobody sends in another's name, it stays on its volume and address)
hangs on some of Postfix's 800 parameters, in ways that change with its versions. So those are listed that are known to
leave the promises alone (postconf(5) of Postfix 3.7 and 3.10), and whatever is not on the list is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: Parameters that make an instance what it is; another value would tear it off its volume or its address.
OWN_PARAMETERS = frozenset(
    """
    alternate_config_directories config_directory data_directory inet_interfaces mail_owner mydestination myhostname
    queue_directory setgid_group smtpd_sasl_path smtpd_sasl_type smtpd_tls_chain_files syslog_name virtual_alias_maps
    virtual_mailbox_domains virtual_mailbox_maps virtual_transport
    """.split()
)

#: Parameters that are an option's, which is judged as a whole and in force on all ports.
OPTION_PARAMETERS = {
    **dict.fromkeys(("mynetworks", "mynetworks_style", "smtpd_relay_restrictions"), "trusted_networks"),
    **dict.fromkeys(("smtpd_sender_login_maps", "smtpd_sender_restrictions"), "may_send_as or forwarding_hosts"),
    **dict.fromkeys(("relayhost", "smtp_tls_wrappermode"), "relay_host"),
    **dict.fromkeys(
        [
            "anvil_rate_time_unit",
            "smtpd_client_event_limit_exceptions",
            *(f"smtpd_client_{what}_limit" for what in ("auth_rate", "connection_count", "connection_rate")),
            *(f"smtpd_client_{what}_rate_limit" for what in ("message", "recipient", "new_tls_session")),
        ],
        "rate_limits",
    ),
    "message_size_limit": "message_size_limit",
}

# Restrictions that can only refuse, or that grant what relaying does not depend on: smtpd_relay_restrictions is asked
# as well, and is the instance's own.
_RESTRICTION = re.compile(
    r"reject(_[a-z_]+)?|defer(_[a-z_]+)?|warn_if_reject|permit_mynetworks|permit_sasl_authenticated|permit_auth_destination"
    r"|permit_dnswl_client|permit_rhswl_client|check_(client|helo|sender|recipient|reverse_client_hostname)_access"
    r"|check_(client|helo|sender|recipient)_(a|ns|mx)_access|check_sasl_access|check_policy_service|sleep"
)
#: What a restriction may be followed by: a table, a policy service, a domain of a block list, a number of seconds.
_ARGUMENT = re.compile(r"(inet|unix):[^\s,$]+|[a-z]+:/[^\s,$]+|[A-Za-z0-9.-]+\.[A-Za-z0-9-]+(=[0-9.;\[\]]+)?|[0-9]+")
_RESTRICTION_LIST = re.compile(r"smtpd_(client|data|end_of_data|etrn|helo|recipient)_restrictions")

#: A table in a file. The other types that come to mind have the secret itself in the parameter.
_TABLES = re.compile(r"(proxy:)?(texthash|hash|lmdb|btree|cdb|regexp|pcre):/[^\s,]+")

# Each of these leaves relaying, senders, TLS towards clients, volume and address as they are.
_FREE = re.compile(
    "|".join(
        """
        (2bounce|bounce|delay|error)_notice_recipient (access_map|maps_rbl|multi_recipient_bounce)_reject_code
        address_verify_cache_cleanup_interval address_verify_(negative|positive)_[a-z_]+
        address_verify_(poll|pending)_[a-z_]+ address_verify_sender(_ttl)? always_add_missing_headers always_bcc
        append_dot_mydomain biff
        (body_checks|header|bounce|mailbox|virtual_mailbox|queue_file_attribute_count)_(size_)?limit
        (bounce|maximal)_queue_lifetime broken_sasl_auth_clients confirm_delay_cleared content_filter
        debug_peer_(level|list) default_(delivery_slot|minimum_delivery)_[a-z]+ default_(extra_)?recipient_[a-z_]+
        default_process_limit default_rbl_reply default_transport_rate_delay
        ((default|lmtp|smtp|relay|local|virtual)_)?(initial_)?destination_(concurrency|recipient|rate)[a-z_]*
        delay_logging_resolution_limit delay_warning_time destination_concurrency_feedback_debug disable_dns_lookups
        disable_(mime|verp|vrfy)_[a-z_]+ dns_ncache_ttl_fix_enable duplicate_filter_limit enable_[a-z0-9_]+
        fork_(attempts|delay) hash_queue_(depth|names) header_(address_token|size)_limit header_from_format
        hopcount_limit ignore_mx_lookup_error in_flow_delay info_log_address_format initial_destination_concurrency
        ipc_(idle|timeout|ttl) lmtp_[a-z_]*(timeout|limit) mail_name masquerade_(classes|domains|exceptions)
        max_(idle|use) (maximal|minimal)_backoff_time message_(drop_headers|reject_characters|strip_characters)
        milter_(protocol|default_action|[a-z]+_timeout|[a-z_]+_macros|macro_[a-z_]+)
        mime_(boundary_length|nesting)_limit (non_smtpd|smtpd)_milters notify_classes prepend_delivered_header
        propagate_unmatched_extensions qmgr_[a-z_]+ queue_minfree queue_run_delay rbl_reply_maps
        (recipient|sender)_bcc_maps relocated_maps respectful_logging
        (sender_dependent_(relayhost|default_transport)|transport)_maps ((sender|recipient)_)?canonical_(maps|classes)
        service_throttle_time show_user_unknown_table_name
        smtp_(address|always|balance|cname|connect|connection|data|defer|delivery|discard|dns|fallback|helo|host|line|mail)[a-z_]*
        (smtp_)?body_checks smtp_generic_maps (smtp_|milter_)?(mime_|nested_)?header_checks
        smtp_(min|mx|never|per|pix|quit|quote|randomize|rcpt|reply|rset|send|skip|starttls|xforward)[a-z_]*
        smtp_sasl_(auth_cache_time|auth_enable|auth_soft_bounce|mechanism_filter) smtp_sender_dependent_authentication
        smtp_tcp_port smtp_tls_[a-z]*_cert_match smtp_tls_(cert|key|chain|eccert|eckey)_files?
        smtp_tls_(CAfile|CApath|block_early_mail_reply|connection_reuse|dane_[a-z_]+|force_[a-z_]+|loglevel|policy_maps)
        smtp_tls_fingerprint_[a-z_]+ smtp_tls_(mandatory_)?(exclude_)?ciphers smtp_tls_(mandatory_)?protocols
        smtp_tls_(note_starttls_offer|scert_verifydepth|session_cache_[a-z]+|servername|trust_anchor_file)
        smtpd_banner smtpd_client_port_logging smtpd_(delay_open_until_valid_rcpt|discard_ehlo_keywords)
        smtpd_discard_ehlo_keyword_address_maps smtpd_dns_reply_filter smtpd_error_sleep_time
        smtpd_forbid_(bare_newline_reject_code|unauth_pipelining) smtpd_forbidden_commands
        smtpd_(hard|soft)_error_limit smtpd_helo_required smtpd_history_flush_threshold smtpd_junk_command_limit
        smtpd_log_access_permit_actions smtpd_milter_maps smtpd_min_data_rate smtpd_noop_commands
        smtpd_peername_lookup smtpd_per_request_deadline smtpd_policy_service_[a-z_]+
        smtpd_recipient_(overshoot_)?limit smtpd_reject_footer(_maps)? smtpd_sasl_authenticated_header
        smtpd_sasl_response_limit smtpd_(starttls_)?timeout
        smtpd_tls_(always_issue_session_ids|ask_ccert|dh1024_param_file|eecdh_grade|loglevel|received_header)
        smtpd_tls_session_cache_[a-z]+ smtputf8_(enable|autodetect_classes) soft_bounce strict_[a-z0-9_]+
        syslog_facility
        tls_(preempt_cipherlist|eecdh_[a-z_]+|fast_shutdown_enable|server_sni_maps|session_ticket_cipher)
        transport_retry_time trigger_timeout undisclosed_recipients_header
        (unverified|unknown)_[a-z_]+_(code|reason|action) virtual_alias_(address_length|expansion|recursion)_limit
        """.split()
    )
)


def _only(*values: str) -> tuple[Callable[[str], bool], str]:
    return lambda value: value in values, f"give {' or '.join(values)}"


def _says(word: str) -> tuple[Callable[[str], bool], str]:
    return lambda value: word in re.split(r"[\s,]+", value), f"keep {word} in it"


#: Parameters that may be set some ways; a test for the value, and what would pass it.
_SOME_VALUES: dict[str, tuple[Callable[[str], bool], str]] = {
    "smtpd_delay_reject": _only("yes"),
    "smtpd_forbid_bare_newline": _only("normalize", "reject", "yes"),
    "smtpd_tls_auth_only": _only("yes"),
    "smtpd_tls_ciphers": _only("medium", "high"),
    "smtpd_tls_mandatory_ciphers": _only("high"),
    "smtpd_tls_security_level": _only("may", "encrypt"),
    "smtpd_reject_unlisted_recipient": _only("yes"),
    "smtpd_reject_unlisted_sender": _only("yes", "no"),
    "smtpd_sasl_security_options": _says("noanonymous"),
    "smtpd_sasl_tls_security_options": _says("noanonymous"),
    "smtp_sasl_security_options": _says("noanonymous"),
    "smtp_sasl_tls_security_options": _says("noanonymous"),
    "smtp_tls_security_level": _only("may", "encrypt", "dane", "dane-only", "verify", "secure"),
    "smtp_sasl_password_maps": (
        lambda value: all(_TABLES.fullmatch(table) for table in re.split(r"[\s,]+", value)),
        "name a table in a file that only root can read, such as texthash:/srv/mail1/postfix/etc/passwords",
    ),
}


def judge(name: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a parameter, and what would be right; None if it may be set so."""
    if name in OWN_PARAMETERS:
        return "makes the instance what it is", "leave it out; see the role's options"
    if name in OPTION_PARAMETERS:
        return "is set by an option of the instance", f"leave it out, and use the option {OPTION_PARAMETERS[name]}"
    if _RESTRICTION_LIST.fullmatch(name):
        return _judge_restrictions(value)
    if name in _SOME_VALUES:
        fits, remedy = _SOME_VALUES[name]
        return None if fits(value) else ("takes away what the instance promises", remedy)
    if _FREE.fullmatch(name) is None:
        reason = "is not known to leave relaying, senders, TLS, volume and address as they are"
        return reason, "leave it out; the role's README.md says which parameters can be set"
    if name.endswith("_code") and re.fullmatch(r"[45][0-9]{2}", value) is None:
        return "would have the server say yes where it refuses", "give a code that begins with 4 or 5"
    return None


#: Kinds of parameters, told by their defaults, all of which Postfix's programs read in one way (postconf(5), "General
#: processing"): a default of this form, what a value has to be, what is wrong with another, and what would be right.
_KINDS = (
    (
        re.compile(r"[0-9]+[smhdw]"),
        re.compile(r"[0-9]+[smhdwSMHDW]?"),
        "is no time",
        "one such as 30s, 10m, 4h, 5d or 1w",
    ),
    (re.compile(r"[0-9]+"), re.compile(r"[0-9]+"), "is no number", "one such as 50"),
    (re.compile("yes|no"), re.compile("yes|no", re.IGNORECASE), "is neither yes nor no", "yes or no, in quotes"),
)


def mistyped(name: str, value: str, default: str) -> tuple[str, str] | None:
    """What is wrong with a value of another kind than the default, and what would be right.

    Programs that are started when there is mail to handle find such a value too late: they end, and mail that was
    accepted is not delivered. Of some values they make something else without a word, such as 0 seconds of ``soon``.

    :param value: without names of other parameters in it, as is the default
    """
    # These may be yes or no, or fractions, and the programs say more words of them than their defaults show.
    if name in _SOME_VALUES or name.endswith("_feedback"):
        return None
    for kind, wanted, reason, remedy in _KINDS:
        if kind.fullmatch(default):
            return None if wanted.fullmatch(value) else (reason, f"give {remedy}")
    return None


def _judge_restrictions(value: str) -> tuple[str, str] | None:
    remedy = "use restrictions that refuse, tables, policy services, permit_mynetworks and permit_sasl_authenticated"
    after_restriction = False
    for word in re.split(r"[\s,]+", value.strip()):
        if _RESTRICTION.fullmatch(word):
            after_restriction = True
        elif word and not (after_restriction and _ARGUMENT.fullmatch(word)):
            return f"has {word}, which is not known to refuse anything", remedy
    return None


def hidden(name: str) -> bool:
    """Whether a refused value may be a secret."""
    return "password" in name
