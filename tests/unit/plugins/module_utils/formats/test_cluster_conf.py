"""cluster.conf: what an edit is not about stays as it is, to the letter."""

from __future__ import annotations

import difflib

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import (
    ClusterConf,
    ClusterConfError,
    parse,
    same_address,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_editing import Editor
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_grammar import problems

#: The services of Scalix TB-2007-02-HACLUSTER as system-config-cluster would have them, with what administrators add.
SCALIX = """<?xml version="1.0"?>
<!-- Changed by hand on 2007-04-13 <cluster/> -->
<cluster name="scalix" config_version="3">
\t<cman two_node="1" expected_votes="1"/>
\t<clusternodes>
\t\t<!-- the old one -->
\t\t<clusternode name="nodea.scalixdemo.com" nodeid="1" votes="1"><fence/></clusternode>
\t\t<clusternode name="nodeb.scalixdemo.com" nodeid="2" votes="1"><fence/></clusternode>
\t</clusternodes>
\t<fencedevices/>
\t<vendor:extension xmlns:vendor="urn:vendor" kept="a &gt; b"/>
\t<rm log_level="6">
\t\t<failoverdomains>
\t\t\t<failoverdomain name="mail1-dom" ordered="1" restricted="0">
\t\t\t\t<failoverdomainnode name="nodea.scalixdemo.com" priority="1"/>
\t\t\t\t<failoverdomainnode name="nodeb.scalixdemo.com" priority="2"/>
\t\t\t</failoverdomain>
\t\t</failoverdomains>
\t\t<resources>
\t\t\t<ip address="192.0.2.11" monitor_link="1"/>
\t\t\t<fs name="mail1-fs" device="/dev/vgmail1/lvmail1" mountpoint="/var/opt/scalix/m1" force_unmount="1"/>
\t\t</resources>
\t\t<service name="mail1" domain="mail1-dom" autostart="1" recovery="relocate">
\t\t\t<ip ref="192.0.2.11"/> <!-- before fs, but starts after it -->
\t\t\t<fs ref="mail1-fs"/>
\t\t\t<script name="scalix-mail1" file="/etc/init.d/scalix">
\t\t\t\t<action name="status" depth="10" interval="60"/>
\t\t\t</script>
\t\t</service>
\t\t<vm name="guest" domain="mail1-dom"/>
\t</rm>
</cluster>
<!-- the end -->
"""


def editor() -> Editor:
    return Editor(parse(SCALIX))


def lines_changed(conf: ClusterConf) -> list[str]:
    found = difflib.ndiff(SCALIX.splitlines(), conf.text().splitlines())
    return [line[0] + line[2:].replace("\t", "") for line in found if line[0] in "+-"]


def test_what_is_not_edited_stays_to_the_letter() -> None:
    conf = parse(SCALIX)

    assert conf.text() == SCALIX
    assert (conf.version, conf.node_names) == (3, ["nodea.scalixdemo.com", "nodeb.scalixdemo.com"])
    assert problems(conf) == []


def test_the_version_is_part_of_the_text_and_not_of_what_it_says() -> None:
    conf = parse(SCALIX)
    newer = parse(conf.text(version=4))

    assert newer.version == 4
    assert newer.canonical() == parse(SCALIX).canonical()


def test_white_space_comments_and_the_order_of_attributes_say_nothing() -> None:
    other = SCALIX.replace("\t", "").replace("<!-- the old one -->", "")
    other = other.replace('address="192.0.2.11" monitor_link="1"', 'monitor_link="1" address="192.0.2.11"')

    assert parse(other).canonical() == parse(SCALIX).canonical()
    assert parse(other.replace("relocate", "restart")).canonical() != parse(SCALIX).canonical()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not XML"),
        ("<cluster", "it is not XML"),
        ("<cluster/>", "its outermost element is empty"),
        ("<cluster></cluster>", "its cluster has no name"),
        ("<cib></cib>", "its element is cib"),
        ('<cluster name="a"><clusternodes/></cluster>', "its config_version is ''"),
        ('<cluster name="a" config_version="0"><clusternodes/></cluster>', "its config_version is '0'"),
        ('<cluster name="a" config_version="x"><clusternodes/></cluster>', "its config_version is 'x'"),
        ('<cluster name="a" config_version="1"> </cluster>', "its cluster has no clusternodes"),
        ('<!DOCTYPE c [<!ENTITY a "b">]><cluster name="a" config_version="1"></cluster>', "it has a document type"),
        (SCALIX[:-60], "it is not XML"),
        (SCALIX.replace("scalix", "scalix\udc80"), "it is not XML in UTF-8"),
    ],
)
def test_what_is_no_configuration_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ClusterConfError, match=reason):
        parse(text)


def test_members_are_read_in_the_order_in_which_they_start() -> None:
    found = editor()
    members = found.members(found.services["mail1"])

    assert [(member.type, member.primary) for member in members] == [
        ("fs", "mail1-fs"),
        ("ip", "192.0.2.11"),
        ("script", "scalix-mail1"),
    ]
    assert members[0].attributes["mountpoint"] == "/var/opt/scalix/m1"
    assert members[1].attributes == {"address": "192.0.2.11", "monitor_link": "1"}
    assert members[2].attributes == {"file": "/etc/init.d/scalix"}


def test_members_are_changed_where_they_stand() -> None:
    found = editor()
    storage, address, script = found.members(found.services["mail1"])

    found.set_attribute(storage, "force_fsck", "1")
    found.set_attribute(address, "address", "192.0.2.31/24")
    found.set_attribute(script, "file", "/etc/init.d/scalix-mail1")
    found.set_attribute(script, "__independent_subtree", "1")

    assert lines_changed(found.conf) == [
        '-<ip address="192.0.2.11" monitor_link="1"/>',
        '+<ip address="192.0.2.31/24" monitor_link="1"/>',
        '-<fs name="mail1-fs" device="/dev/vgmail1/lvmail1" mountpoint="/var/opt/scalix/m1" force_unmount="1"/>',
        '+<fs name="mail1-fs" device="/dev/vgmail1/lvmail1" mountpoint="/var/opt/scalix/m1" '
        'force_unmount="1" force_fsck="1"/>',
        '-<ip ref="192.0.2.11"/> <!-- before fs, but starts after it -->',
        '+<ip ref="192.0.2.31/24"/> <!-- before fs, but starts after it -->',
        '-<script name="scalix-mail1" file="/etc/init.d/scalix">',
        '+<script name="scalix-mail1" file="/etc/init.d/scalix-mail1" __independent_subtree="1">',
    ]
    assert problems(found.conf) == []


def test_a_new_member_is_a_shared_resource_that_is_referred_to() -> None:
    found = editor()
    service = found.services["mail1"]

    member = found.add_member((service,), "lvm", "mail1-volume")
    found.set_attribute(member, "vg_name", "vgmail1")

    assert lines_changed(found.conf) == ['+<lvm name="mail1-volume" vg_name="vgmail1"/>', '+<lvm ref="mail1-volume"/>']
    assert found.members(service)[0].type == "lvm"
    assert problems(found.conf) == []


def test_what_was_nested_in_a_removed_member_moves_up() -> None:
    found = editor()
    service = found.services["mail1"]
    storage, address, script = found.members(service)
    found.move_member(script, (service, storage.element))
    assert [member.type for member in found.members(service)] == ["fs", "script", "ip"]

    found.remove_member(storage)

    assert [member.type for member in found.members(service)] == ["ip", "script"]
    assert ("fs", "mail1-fs") not in found.definitions
    assert found.members(service)[0].element is address.element


def test_removing_a_service_takes_what_was_there_for_it_alone() -> None:
    found = editor()
    found.remove_service("mail1")

    text = found.conf.text()
    assert "mail1-fs" not in text
    assert 'name="mail1-dom"' in text, "the virtual machine has it too"
    assert problems(found.conf) == []


def test_putting_members_in_order_leaves_comments_where_they_are() -> None:
    found = editor()
    service = found.services["mail1"]
    storage, address, script = found.members(service)

    found.reorder(service, [storage.element, address.element, script.element])

    assert [child.tag for child in service if isinstance(child.tag, str)] == ["fs", "ip", "script"]
    assert '\t\t\t<fs ref="mail1-fs"/> <!-- before fs, but starts after it -->\n' in found.conf.text()


def test_actions_are_told_apart_by_their_depth() -> None:
    found = editor()
    script = found.members(found.services["mail1"])[2]

    found.set_action(script, "status", "10", "interval", None)
    found.set_action(script, "status", None, "interval", "30")
    found.set_action(script, "stop", None, "timeout", None)

    assert lines_changed(found.conf) == [
        '-<action name="status" depth="10" interval="60"/>',
        '+<action name="status" interval="30"/>',
    ]


def test_fencing_is_a_method_of_its_own() -> None:
    found = editor()
    found.add_fence_device("apc", "fence_apc").set("ipaddr", "192.0.2.99")
    for number, node in enumerate(found.conf.node_names, start=1):
        found.set_fencing(node, "apc", {"port": str(number)})
    assert problems(found.conf) == []
    assert '<method name="apc">' in found.conf.text()
    assert [node for node, *_ in found.fence_places("apc")] == found.conf.node_names

    found.remove_fence_device("apc")

    assert parse(found.conf.text()).canonical() == parse(SCALIX).canonical()
    with pytest.raises(ClusterConfError, match="nodec is not among"):
        found.set_fencing("nodec", "apc", {})


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('priority="2"', 'priority="101"', "priority is '101', not a number from 1 to 100"),
        ('nodeid="2"', 'nodeid="1"', "nodeid 1 is there 2 times"),
        ('nodeid="2"', 'nodeid="0"', "nodeid is '0'"),
        (
            '<failoverdomainnode name="nodeb.scalixdemo.com"',
            '<failoverdomainnode name="x"',
            "x, which is no clusternode",
        ),
        ('recovery="relocate"', 'recovery="sometimes"', "recovery is 'sometimes'"),
        ('autostart="1"', 'autostart="maybe"', "autostart is 'maybe', neither 1 nor 0"),
        ('autostart="1"', 'autostrat="1"', "a service has no attribute autostrat"),
        ('name="mail1" domain="mail1-dom"', 'name="mail1" domain="other"', "its domain other does not exist"),
        ('<fs ref="mail1-fs"/>', '<fs ref="other"/>', "refers to fs other"),
        (' mountpoint="/var/opt/scalix/m1"', "", "fs mail1-fs has no mountpoint"),
        ('force_unmount="1"', 'force_umount="1"', "no attribute force_umount"),
        ('ip address="192.0.2.11"', 'ip address="192.0.2.300"', "address is '192.0.2.300', not an IP address"),
        ("<fencedevices/>", '<fencedevices><fencedevice name="a"/></fencedevices>', "fencedevice a has no agent"),
        ("<fence/>", '<fence><method name="1"><device name="a"/></method></fence>', "names a, which is no fencedevice"),
        ("<fencedevices/>", "<fencedevices/><fencedevices/>", "more than one fencedevices"),
        ('<action name="status"', "<action", "an action has no name"),
    ],
)
def test_what_the_grammar_does_not_allow_is_named(old: str, new: str, problem: str) -> None:
    assert old in SCALIX

    assert any(problem in found for found in problems(parse(SCALIX.replace(old, new)))), problem


def test_addresses_are_one_if_their_prefix_lengths_are() -> None:
    assert same_address("2001:db8:0::1/64", "2001:DB8::1/64")
    assert not same_address("192.0.2.11", "192.0.2.11/32")
    assert not same_address("192.0.2.11/24", "192.0.2.11/25")
