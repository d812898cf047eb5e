"""Described instances of Messaging Server."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instances import complete

MAIL1 = {
    "name": "mail1",
    "host_name": "mail1.example.com",
    "address": "192.0.2.21",
    "mount_point": "/mail1",
    "nodes": ["nodea", "nodeb"],
    "options": {},
}
MAIL2 = {**MAIL1, "name": "mail2", "host_name": "mail2.example.com", "address": "192.0.2.22", "mount_point": "/mail2"}
STATE = {"HOST": "Mail1.example.com", "DIRECTORY": "/mail1/data/", "PASSWORD": "n0body-sees-this"}


def test_what_follows_from_the_description():
    found = complete([MAIL1, MAIL2], {"mail2": {"server_root": "/opt/mail2/messaging64"}}, {"mail1": STATE})
    assert found[0]["server_root"] == "/mail1/messaging64"
    assert found[0]["data_root"] == "/mail1/data"
    assert [one["shared"] for one in found] == [True, False]
    assert "n0body" not in str(found)
    described = {**MAIL1, "options": {"server_root": "/opt/mail1/messaging64"}}
    assert complete([described], {}, {})[0]["server_root"] == "/opt/mail1/messaging64"


@pytest.mark.parametrize(
    ("settings", "states", "key", "reason"),
    [
        ({"mail3": {}}, {}, "messaging_server_settings.mail3", "is not an instance"),
        ({}, {"mail3": {}}, "messaging_server_states.mail3", "is not an instance"),
        ({"mail1": {"root": "/x"}}, {}, "messaging_server_settings.mail1.root", "is not a setting"),
        ({"mail1": {"server_root": "messaging64"}}, {}, "messaging_server_settings.mail1.server_root", "absolute"),
        ({"mail1": {"data_root": "/var/mail1"}}, {}, "messaging_server_settings.mail1.data_root", "not fail over"),
        ({"mail1": {"data_root": "/mail1"}}, {}, "messaging_server_settings.mail1.data_root", "not below /mail1"),
        (
            {"mail1": {"data_root": "/mail1/messaging64/data"}},
            {},
            "messaging_server_settings.mail1.server_root",
            "each other's directory",
        ),
        ({"mail1": {"configuration": "xml"}}, {}, "messaging_server_settings.mail1.configuration", "kind"),
        ({"mail1": {"options": {"a b": 1}}}, {}, "messaging_server_settings.mail1.options.a b", "name of an option"),
        (
            {"mail1": {"server_root": "/mail2/a/messaging64"}},
            {},
            "messaging_server_settings.mail1.server_root",
            "on the volume of mail2",
        ),
        (
            {name: {"server_root": "/opt/sun/comms/messaging64"} for name in ("mail1", "mail2")},
            {},
            "messaging_server_settings.mail2.server_root",
            "is that of mail1 too",
        ),
        ({}, {"mail1": {**STATE, "HOST": "nodea.example.com"}}, "messaging_server_states.mail1", "logical host name"),
        ({}, {"mail1": {**STATE, "DIRECTORY": "/var/x"}}, "messaging_server_states.mail1", "not be on the service's"),
    ],
)
def test_what_is_refused(settings, states, key, reason):
    with pytest.raises(DescriptionError) as refused:
        complete([MAIL1, MAIL2], settings, states)
    problems = [problem for problem in refused.value.problems if problem.key == key]
    assert problems
    assert reason in problems[0].reason
    assert "n0body" not in str(refused.value)


@pytest.mark.parametrize(
    ("accounts", "key", "reason"),
    [
        (("root", "mail"), "messaging_server_user", "must not run as root"),
        (("postman", "mail"), "messaging_server_states.mail1", "no answer is postman, the user"),
        (("mailsrv", "post"), "messaging_server_states.mail1", "no answer is post, the group"),
    ],
)
def test_configure_is_told_the_accounts_that_are_the_same_on_all_nodes(accounts, key, reason):
    state = {**STATE, "USER": "mailsrv", "GROUP": "mail"}
    assert complete([MAIL1], {}, {"mail1": state}, ("mailsrv", "mail"))
    with pytest.raises(DescriptionError) as refused:
        complete([MAIL1], {}, {"mail1": state}, accounts)
    assert [problem.reason for problem in refused.value.problems if problem.key == key and reason in problem.reason]


@pytest.mark.parametrize(
    ("secrets", "key", "reason"),
    [
        ({"mail3": {"base.cred": "n0body"}}, "messaging_server_secrets.mail3", "is not an instance"),
        ({"mail1": {"base cred": "n0body"}}, "messaging_server_secrets.mail1.base cred", "name of an option"),
        ({"mail1": {"base.cred": "n0\nbody"}}, "messaging_server_secrets.mail1.base.cred", "one line"),
        ({"mail1": {"pop.enable": "n0body"}}, "messaging_server_secrets.mail1.pop.enable", "not secret too"),
    ],
)
def test_secrets_are_judged_and_not_shown(secrets, key, reason):
    settings = {"mail1": {"options": {"pop.enable": False}}}
    assert "n0body" not in str(complete([MAIL1], settings, {}, secrets={"mail1": {"base.cred": "n0body"}}))
    with pytest.raises(DescriptionError) as refused:
        complete([MAIL1], settings, {}, secrets=secrets)
    assert [problem.key for problem in refused.value.problems if reason in problem.reason] == [key]
    assert "n0" not in str(refused.value)
