"""What clustat prints on the releases 4 to 6."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import ClustatError, Group, parse

RELEASE_6 = """<?xml version="1.0"?>
<clustat version="4.1.1">
  <cluster name="scalix" id="26777" generation="188"/>
  <quorum quorate="1" groupmember="1"/>
  <nodes>
    <node name="nodea" state="1" local="1" estranged="0" rgmanager="1" rgmanager_master="0" qdisk="0" nodeid="0x1"/>
    <node name="nodeb" state="1" local="0" estranged="0" rgmanager="0" rgmanager_master="0" qdisk="0" nodeid="0x2"/>
    <node name="nodec" state="0" local="0" estranged="0" rgmanager="0" rgmanager_master="0" qdisk="0" nodeid="0x3"/>
    <node name="/dev/sdq" state="1" local="0" estranged="0" rgmanager="0" rgmanager_master="0" qdisk="1" nodeid="0x0"/>
  </nodes>
  <groups>
    <group name="service:mail1" state="112" state_str="started" flags="1" flags_str="frozen" owner="nodea"
     last_owner="nodea" restarts="0" last_transition="1345237321" last_transition_str="Fri Aug 17 14:02:01 2012"/>
    <group name="service:mail2" state="119" state_str="disabled" flags="0" flags_str="" owner="none"
     last_owner="nodeb" restarts="0" last_transition="0" last_transition_str="Thu Jan  1 00:00:00 1970"/>
    <group name="vm:guest" state="112" state_str="started" flags="0" flags_str="" owner="nodea"
     last_owner="nodea" restarts="0" last_transition="0" last_transition_str="Thu Jan  1 00:00:00 1970"/>
  </groups>
</clustat>
"""

RELEASE_4 = """<?xml version="1.0"?>
<clustat version="4.0">
  <quorum quorate="1" groupmember="1"/>
  <nodes>
    <node name="nodea" state="1" nodeid="0x0000000000000001"/>
    <node name="nodeb" state="0" nodeid="0x0000000000000002"/>
  </nodes>
  <groups>
    <group name="mail1" state="110" state_str="stopped"  owner="unknown" last_owner="unknown" restarts="0"/>
  </groups>
</clustat>
"""

NO_QUORUM = """Service states unavailable: Operation requires quorum
<?xml version="1.0"?>
<clustat version="4.1.1">
  <cluster name="scalix" id="26777" generation="192"/>
  <quorum quorate="0"
 groupmember="0"/>
  <nodes>
    <node name="nodea" state="1" local="1" estranged="0" rgmanager="0" rgmanager_master="0" qdisk="0" nodeid="0x1"/>
  </nodes>
</clustat>
"""


def test_release_6() -> None:
    found = parse(RELEASE_6)

    assert found.quorate
    assert found.nodes == {"nodea": True, "nodeb": False, "nodec": False}
    assert found.groups == {
        "mail1": Group("mail1", "started", "nodea", "nodea", frozen=True),
        "mail2": Group("mail2", "disabled", None, "nodeb"),
    }


def test_release_4() -> None:
    found = parse(RELEASE_4)

    assert found.nodes == {"nodea": True, "nodeb": False}
    assert found.groups == {"mail1": Group("mail1", "stopped", None, None)}
    assert found.groups["mail1"].never_ran


def test_without_quorum_nothing_is_known_of_services() -> None:
    found = parse(NO_QUORUM)

    assert not found.quorate
    assert found.groups is None
    assert found.group("mail1") is None
    assert found.nodes == {"nodea": True}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<clustat", "<clustats", "it is not XML"),
        ("clustat", "cib", "its element is cib"),
        ("quorum", "quora", "nothing of the quorum"),
        ('quorate="1"', 'quorate="yes"', "quorate of a quorum is 'yes'"),
        ('name="nodeb"', 'name="nodea"', "node nodea twice"),
        ('name="nodeb" state="1"', 'name="nodeb"', "state of a node is None"),
        ('state="112"', 'state="121"', "state 121 'started', which is unknown"),
        ('state_str="started"', 'state_str="stopped"', "state 112 'stopped', which is unknown"),
        ('owner="nodea"\n', 'owner="nodex"\n', "nodex, is not among its nodes"),
        ('owner="nodea"\n', 'owner="none"\n', "started but has no owner"),
        ('owner="nodea"\n', "\n", "a group has no owner"),
        ("service:mail2", "service:mail1", "'mail1' twice"),
        ("service:mail2", "service:", "'' twice, or without a name"),
        ('flags="1"', 'flags="x"', "flags 'x', which are no number"),
    ],
)
def test_what_clustat_does_not_print_is_refused(old: str, new: str, reason: str) -> None:
    assert old in RELEASE_6

    with pytest.raises(ClustatError, match=reason):
        parse(RELEASE_6.replace(old, new))
