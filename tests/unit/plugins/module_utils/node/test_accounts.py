"""Ids that are the same on every node."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.node.accounts import Account, Present, agree, judge, missing

WANTED = [Account("user", "vmail", 5000), Account("group", "vmail", 5000), Account("group", "postdrop", 872)]
PREFERRED = {"users": {"vmail": 5000}, "groups": {"vmail": 5000, "postdrop": 872}}


def report(users=None, groups=None):
    return {"users": users or {}, "groups": groups or {}}


def test_groups_are_made_before_their_users():
    made = missing(WANTED, Present(users={}, groups={"postdrop": 872}))
    assert [account.creation()[0] for account in made] == ["groupadd", "useradd"]
    assert missing(WANTED, Present({"vmail": 5000}, {"vmail": 5000, "postdrop": 872})) == []


def test_a_user_may_have_a_group_of_another_name_and_solaris_has_short_options():
    account = Account("user", "icsuser", 5001, "icsgroup")
    assert account.creation()[1:6] == ["--system", "--uid", "5001", "--gid", "icsgroup"]
    assert account.creation(solaris=True)[:5] == ["useradd", "-u", "5001", "-g", "icsgroup"]
    assert Account("group", "icsgroup", 5001).creation(solaris=True) == ["groupadd", "-g", "5001", "icsgroup"]


def test_other_ids_and_taken_ids_are_refused():
    problems = judge(WANTED, Present(users={"vmail": 999}, groups={"other": 872}))
    assert [(problem.key, problem.value) for problem in problems] == [("users.vmail", 5000), ("groups.postdrop", 872)]
    assert "has the id 999" in problems[0].reason
    assert "other has this id" in problems[1].reason


def test_ids_that_exist_are_kept_and_the_preferred_ones_fill_the_gaps():
    reports = {"nodea": report({"vmail": 1001}), "nodeb": report(groups={"postdrop": 107}), "nodec": report()}
    assert agree(reports, PREFERRED) == {"users": {"vmail": 1001}, "groups": {"vmail": 5000, "postdrop": 107}}


def test_all_disagreements_are_named_with_their_nodes():
    reports = {"nodea": report({"vmail": 1001}, {"postdrop": 107}), "nodeb": report({"vmail": 5000}, {"postdrop": 108})}
    with pytest.raises(Failure, match="vmail has the id 1001 on nodea, 5000 on nodeb") as refusal:
        agree(reports, PREFERRED)
    assert "postdrop has the id 107 on nodea, 108 on nodeb" in str(refusal.value)
