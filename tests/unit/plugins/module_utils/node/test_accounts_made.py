"""Commands that make accounts, in full: an account of a service is nobody who could log in."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.accounts import Account, Present, judge

USER, GROUP = Account("user", "vmail", 5000), Account("group", "vmail", 5000)


@pytest.mark.parametrize(
    ("account", "solaris", "command"),
    [
        (GROUP, False, "groupadd --system --gid 5000 vmail"),
        (GROUP, True, "groupadd -g 5000 vmail"),
        (
            USER,
            False,
            "useradd --system --uid 5000 --gid vmail --home-dir /nonexistent --no-create-home "
            "--shell /usr/sbin/nologin vmail",
        ),
        (USER, True, "useradd -u 5000 -g vmail -d /nonexistent -s /bin/false vmail"),
        (
            Account("user", "icsuser", 1, "icsgroup"),
            True,
            "useradd -u 1 -g icsgroup -d /nonexistent -s /bin/false icsuser",
        ),
    ],
)
def test_commands(account, solaris, command):
    assert " ".join(account.creation(solaris=solaris)) == command
    if not solaris:
        assert account.creation() == account.creation(solaris=False)


def test_accounts_that_are_as_wanted_are_no_problem():
    assert judge([USER, GROUP], Present({"vmail": 5000}, {"vmail": 5000})) == []


def test_a_taken_id_names_who_has_it():
    (problem,) = judge([USER], Present({"other": 5000, "third": 1}, {"group": 5000}))
    assert (problem.key, problem.value) == ("users.vmail", 5000)
    assert "other" in problem.reason
