"""What the driver reads from a CIB, and what it writes into one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Resource, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import ConflictError, reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.editing import apply_changes
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.reading import parse_configuration
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import (
    compiled,
    good_description,
    judge,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.fake_pacemaker import (
    EMPTY_CIB,
    FakeCluster,
    FakeRunner,
)

DRIVER = Pacemaker(FakeRunner(FakeCluster()))

#: What administrators and other tools leave in a CIB, none of which is the collection's.
FOREIGN = {
    "crm_config": """
        <cluster_property_set id="cib-bootstrap-options">
          <nvpair id="cib-bootstrap-options-have-watchdog" name="have-watchdog" value="false"/>
          <nvpair id="cib-bootstrap-options-cluster-name" name="cluster-name" value="demo"/>
        </cluster_property_set>""",
    "nodes": '<node id="1" uname="nodea"/><node id="2" uname="nodeb"/><node id="3" uname="nodec"/>',
    "resources": """
        <clone id="ping-clone"><primitive id="ping" class="ocf" provider="pacemaker" type="ping"/></clone>
        <bundle id="web-bundle"><docker image="web:1"/></bundle>
        <template id="address-template" class="ocf" provider="heartbeat" type="IPaddr2"/>
        <primitive id="templated" template="address-template"/>
        <group id="theirs">
          <primitive id="theirs_a" class="systemd" type="nginx"/>
          <primitive id="theirs_b" class="systemd" type="memcached"/>
        </group>""",
    "constraints": """
        <rsc_location id="theirs-on-nodec" rsc="theirs" node="nodec" score="50"/>
        <rsc_order id="order-theirs" first="theirs" then="templated"/>""",
}


def cib_with(**sections: str) -> Element:
    """A CIB with the given sections."""
    cib = ElementTree.fromstring(EMPTY_CIB)
    for tag, content in sections.items():
        section = cib.find(f"./configuration/{tag}")
        assert section is not None
        section.extend(ElementTree.fromstring(f"<x>{content}</x>"))
    return cib


def converge(cib: Element, desired: ClusterConfig, **options: Any) -> list[str]:
    """Make the CIB what is desired, in place; the changes in words."""
    changes = reconcile(parse_configuration(cib), desired, DRIVER, **options)
    apply_changes(cib, changes)
    return [f"{change.action} {change.kind} {change.name}" for change in changes]


def text(element: Element | None) -> str:
    assert element is not None
    return "".join(ElementTree.tostring(element, encoding="unicode").split())


def find(cib: Element, identifier: str) -> Element:
    (found,) = cib.iterfind(f"./configuration//*[@id='{identifier}']")
    return found


def identifiers(cib: Element) -> list[str]:
    references = ("resource_ref", "obj_ref")
    configuration = cib.find("configuration")
    assert configuration is not None
    return [
        element.attrib["id"]
        for element in configuration.iter()
        if "id" in element.attrib and element.tag not in references
    ]


# -- compiling


def test_compiled_mail_service() -> None:
    mail1 = compiled(good_description()).services[0]

    assert mail1.placement == ("nodea", "nodeb")
    assert mail1.settings["meta resource-stickiness"] == "1000"
    assert [(resource.name, resource.type) for resource in mail1.resources] == [
        ("mail1_storage", "ocf:heartbeat:Filesystem"),
        ("mail1_address", "ocf:heartbeat:IPaddr2"),
        ("mail1_dovecot", "ocf:heartbeat:dovecot"),
        ("mail1_postfix", "ocf:heartbeat:postfix"),
    ]
    storage, address, _, postfix = (resource.settings for resource in mail1.resources)
    assert (storage["device"], storage["directory"], storage["fstype"]) == ("/dev/san/mail1", "/srv/mail1", "ext4")
    assert (address["ip"], address["cidr_netmask"]) == ("192.0.2.21", "24")
    assert postfix["config_dir"] == "/srv/mail1/postfix/etc"
    for resource in mail1.resources:
        assert {"operation start timeout", "operation stop timeout", "operation monitor interval"} <= set(
            resource.settings
        )


def test_compiled_volume_group_and_native_member() -> None:
    calendar = compiled(good_description()).services[2]

    volume, storage, address, server = calendar.resources
    assert (volume.name, volume.type) == ("calendar_volume", "ocf:heartbeat:LVM-activate")
    assert (volume.settings["vgname"], volume.settings["lvname"]) == ("vg-calendar", "lvcalendar")
    assert volume.settings["vg_access_mode"] == "system_id"
    assert (storage.settings["device"], storage.settings["options"]) == ("/dev/vg-calendar/lvcalendar", "noatime")
    assert (address.settings["ip"], address.settings["cidr_netmask"]) == ("2001:db8:77::31", "64")
    assert server == Resource(
        "calendar_server",
        "systemd:radicale",
        {"meta migration-threshold": "1", "operation monitor interval": "30s"},
    )
    assert calendar.placement == ("nodec", "nodea", "nodeb")
    assert calendar.settings["meta resource-stickiness"] == "0"


def test_compiled_fencing() -> None:
    config = compiled(good_description())

    (fence,) = config.resources
    assert config.properties == {"stonith-enabled": "true", "stonith-timeout": "60s"}
    assert fence.type == "stonith:fence_docker"
    assert fence.settings["pcmk_host_list"] == "nodea nodeb nodec"


@pytest.mark.parametrize(
    ("option", "mapped"), [("pcmk_host_map", "nodea:1;nodeb:2;nodec:3"), ("pcmk_host_list", "nodea,nodeb nodec")]
)
def test_hosts_of_a_fencing_device_may_be_mapped(option: str, mapped: str) -> None:
    description = good_description()
    description["cluster"]["fencing"]["devices"][0]["options"] = {option: mapped}

    hosts = {key: value for key, value in compiled(description).resources[0].settings.items() if "host" in key}
    assert hosts == {option: mapped}


def test_properties_of_a_service_are_its_meta_attributes() -> None:
    description = good_description()
    description["services"][0]["properties"] = {"resource-stickiness": 5, "priority": 10}

    settings = compiled(description).services[0].settings
    assert (settings["meta resource-stickiness"], settings["meta priority"]) == ("5", "10")


def test_without_applications() -> None:
    description = good_description()
    for key in ("address", "host_name", "storage"):
        del description["services"][2][key]

    _, config = judge(description, include_applications=False)

    assert {service.name: [resource.name for resource in service.resources] for service in config.services} == {
        "mail1": ["mail1_storage", "mail1_address"],
        "mail2": ["mail2_storage", "mail2_address"],
    }


def test_operation_without_an_interval() -> None:
    description = good_description()
    description["services"][2]["application"]["members"][0]["operations"] = {"start": {"timeout": 90}}

    desired = compiled(description)
    cib = cib_with()
    converge(cib, desired)

    assert reconcile(parse_configuration(cib), desired, DRIVER, purge=True) == []
    assert find(cib, "calendar_server-start").attrib["interval"] == "0s"


# -- reading


def test_written_and_read_back() -> None:
    desired = compiled(good_description())
    cib = cib_with()
    converge(cib, desired)

    assert parse_configuration(cib) == desired
    assert reconcile(parse_configuration(cib), desired, DRIVER) == []
    assert reconcile(parse_configuration(cib), desired, DRIVER, purge=True) == []


def test_read_empty() -> None:
    assert parse_configuration(cib_with()) == ClusterConfig()
    assert parse_configuration(ElementTree.fromstring("<cib/>")) == ClusterConfig()


def test_clones_bundles_and_templates_are_not_ours() -> None:
    config = parse_configuration(cib_with(**FOREIGN))

    assert [service.name for service in config.services] == ["theirs"]
    assert [resource.name for resource in config.resources] == ["templated"]
    assert {"ping", "ping-clone", "web-bundle", "address-template", "theirs-on-nodec"} <= config.foreign
    assert not config.foreign & {"theirs", "theirs_a", "templated", ""}


@pytest.mark.parametrize("purge", [False, True])
def test_foreign_parts_stay_as_they_are(purge: bool) -> None:
    cib = cib_with(**FOREIGN)
    kept = ["ping-clone", "web-bundle", "address-template", "cib-bootstrap-options-cluster-name"]
    if not purge:
        kept += ["templated", "theirs", "theirs-on-nodec", "order-theirs"]
    before = {name: text(find(cib, name)) for name in kept}

    desired = compiled(good_description())
    converge(cib, desired, purge=purge)

    assert {name: text(find(cib, name)) for name in kept} == before
    assert (cib.find(".//*[@id='theirs']") is None) == purge
    assert (cib.find(".//*[@id='order-theirs']") is None) == purge
    assert reconcile(parse_configuration(cib), desired, DRIVER, purge=purge) == []


@pytest.mark.parametrize("purge", [False, True])
def test_preference_of_crm_resource_is_left_alone(purge: bool) -> None:
    desired = compiled(good_description())
    cib = cib_with()
    converge(cib, desired)
    constraints = cib.find("./configuration/constraints")
    assert constraints is not None
    ElementTree.SubElement(
        constraints, "rsc_location", {"id": "cli-prefer-mail1", "rsc": "mail1", "node": "nodec", "score": "INFINITY"}
    )

    assert converge(cib, desired, purge=purge) == []
    converge(cib, ClusterConfig(), absent=["mail1"])
    assert cib.find(".//*[@id='cli-prefer-mail1']") is None


@pytest.mark.parametrize("name", ["ping", "ping-clone", "address-template", "theirs-on-nodec"])
def test_name_that_something_else_has(name: str) -> None:
    config = parse_configuration(cib_with(**FOREIGN))

    with pytest.raises(ConflictError, match=f"{name} is the name of something else"):
        reconcile(config, ClusterConfig(resources=(Resource(name, "systemd:x"),)), DRIVER)


SETS_WITH_RULES = """
    <group id="mail1">
      <meta_attributes id="mail1-meta_attributes" score="10">
        <rule id="night" score="0"><date_expression id="night-e" operation="date_spec">
          <date_spec id="night-s" hours="0-6"/></date_expression></rule>
        <nvpair id="night-stickiness" name="resource-stickiness" value="7"/>
      </meta_attributes>
      <meta_attributes id="odd-name">
        <nvpair id="odd-name-1" name="resource-stickiness" value="5"/>
      </meta_attributes>
      <meta_attributes id-ref="night-defaults"/>
      <primitive id="mail1_a" class="systemd" type="a">
        <meta_attributes id-ref="night-defaults"/>
        <operations>
          <op id="first" name="monitor" interval="10" timeout="20"/>
          <op id="second" name="monitor" interval="11" role="Promoted"/>
          <op id-ref="first"/>
        </operations>
      </primitive>
    </group>"""


def test_sets_with_rules_and_references_are_left_alone() -> None:
    cib = cib_with(resources=SETS_WITH_RULES)
    night = text(find(cib, "mail1-meta_attributes"))
    service = parse_configuration(cib).services[0]
    assert service.settings == {"meta resource-stickiness": "5"}
    assert service.resources[0].settings == {"operation monitor interval": "10", "operation monitor timeout": "20"}

    member = Resource("mail1_a", "systemd:a", {"meta priority": "3", "operation monitor interval": "15s"})
    desired = ClusterConfig(services=(Service("mail1", None, {"meta resource-stickiness": "1000"}, (member,)),))
    converge(cib, desired)

    assert find(cib, "odd-name-1").get("value") == "1000"
    assert text(find(cib, "mail1-meta_attributes")) == night
    assert (find(cib, "first").get("interval"), find(cib, "second").get("interval")) == ("15s", "11")
    assert [len(values) for values in cib.iterfind(".//meta_attributes[@id-ref]")] == [0, 0]
    assert find(cib, "mail1_a-meta_attributes-priority").get("value") == "3"
    assert len(set(identifiers(cib))) == len(identifiers(cib))
    assert reconcile(parse_configuration(cib), desired, DRIVER) == []


def test_new_set_beside_one_with_a_rule_gets_an_id_of_its_own() -> None:
    cib = cib_with(resources=SETS_WITH_RULES)
    group = find(cib, "mail1")
    group.remove(find(cib, "odd-name"))

    converge(cib, ClusterConfig(services=(Service("mail1", None, {"meta resource-stickiness": "1000"}, ()),)))

    assert find(cib, "mail1-meta_attributes").find("rule") is not None
    assert len(set(identifiers(cib))) == len(identifiers(cib))
    assert parse_configuration(cib).services[0].settings == {"meta resource-stickiness": "1000"}


def test_new_set_stands_behind_those_that_are_there() -> None:
    """Seen with Pacemaker 2.1.5: crm_diff tells sets without an id apart by their place alone."""
    cib = cib_with(
        resources="""<group id="g"><meta_attributes id-ref="elsewhere"/>
        <primitive id="a" class="systemd" type="x"/></group>"""
    )

    converge(cib, ClusterConfig(services=(Service("g", None, {"meta priority": "1"}, ()),)))

    assert [child.get("id-ref") or child.get("id") for child in find(cib, "g")] == [
        "elsewhere",
        "g-meta_attributes",
        "a",
    ]


def test_property_in_a_set_with_a_rule_is_left_alone() -> None:
    cib = cib_with(
        crm_config="""
        <cluster_property_set id="at-night"><rule id="r" score="0" boolean-op="and"><date_expression id="e"
          operation="gt" start="2030-01-01"/></rule>
          <nvpair id="at-night-1" name="stonith-timeout" value="7s"/></cluster_property_set>
        <cluster_property_set id="always"><nvpair id="x" name="cluster-name" value="demo"/></cluster_property_set>"""
    )

    converge(cib, ClusterConfig(properties={"stonith-timeout": "60s"}))

    assert find(cib, "at-night-1").get("value") == "7s"
    assert find(cib, "always-stonith-timeout").get("value") == "60s"


def test_setting_that_stands_in_two_sets_is_purged_from_both() -> None:
    cib = cib_with(
        resources="""<primitive id="p" class="systemd" type="a">
        <meta_attributes id="m1"><nvpair id="m1-1" name="priority" value="1"/></meta_attributes>
        <meta_attributes id="m2"><nvpair id="m2-1" name="priority" value="2"/></meta_attributes></primitive>"""
    )
    desired = ClusterConfig(resources=(Resource("p", "systemd:a"),))

    assert converge(cib, desired, purge=True) == ["update resource p"]
    assert converge(cib, desired, purge=True) == []


# -- drift


def hand_edits() -> dict[str, tuple[Callable[[Element], None], str]]:
    """What an administrator may have changed by hand, and which change finds it."""

    def setting(identifier: str, **attributes: str) -> Callable[[Element], None]:
        return lambda cib: find(cib, identifier).attrib.update(attributes)

    def removed(identifier: str) -> Callable[[Element], None]:
        def remove(cib: Element) -> None:
            element = find(cib, identifier)
            next(parent for parent in cib.iter() if element in list(parent)).remove(element)

        return remove

    mail1, address = "update service mail1", "update resource mail1_address"
    return {
        "score": (setting("mail1-prefers-nodea", score="50"), mail1),
        "node of a preference": (setting("mail1-prefers-nodea", node="nodec"), mail1),
        "resource of a preference": (setting("mail1-prefers-nodea", rsc="mail2"), mail1),
        "role of a preference": (setting("mail1-prefers-nodea", role="Stopped"), mail1),
        "preference removed": (removed("mail1-prefers-nodeb"), mail1),
        "rule removed": (removed("mail1-nowhere-else"), mail1),
        "score of the rule": (setting("mail1-nowhere-else-rule", score="-5"), mail1),
        "operator of the rule": (setting("mail1-nowhere-else-rule", **{"boolean-op": "or"}), mail1),
        "role of the rule": (setting("mail1-nowhere-else-rule", role="Started"), mail1),
        "expression": (setting("mail1-nowhere-else-nodea", operation="eq"), mail1),
        "node of an expression": (setting("mail1-nowhere-else-nodea", value="nodec"), mail1),
        "expression removed": (removed("mail1-nowhere-else-nodeb"), mail1),
        "meta attribute": (setting("mail1-meta_attributes-resource-stickiness", value="0"), mail1),
        "meta attributes removed": (removed("mail1-meta_attributes"), mail1),
        "instance attribute": (setting("mail1_address-instance_attributes-ip", value="192.0.2.99"), address),
        "instance attribute removed": (removed("mail1_address-instance_attributes-ip"), address),
        "interval": (setting("mail1_address-monitor", interval="5s"), address),
        "timeout": (setting("mail1_address-monitor", timeout="1s"), address),
        "operation removed": (removed("mail1_address-monitor"), address),
        "member removed": (removed("mail1_address"), "update service mail1"),
        "fencing off": (setting("cib-bootstrap-options-stonith-enabled", value="false"), "update cluster properties"),
        "type": (setting("mail1_address", type="IPaddr"), "delete resource mail1_address"),
    }


@pytest.mark.parametrize("edit", hand_edits())
@pytest.mark.parametrize("purge", [False, True])
def test_hand_edit_is_found_and_put_right(edit: str, purge: bool) -> None:
    desired = compiled(good_description())
    cib = cib_with()
    converge(cib, desired)
    change, expected = hand_edits()[edit]
    change(cib)

    assert converge(cib, desired, purge=purge)[0] == expected

    assert parse_configuration(cib) == desired
    assert len(set(identifiers(cib))) == len(identifiers(cib))


@pytest.mark.parametrize(
    ("identifier", "attribute", "value"),
    [
        ("mail1_address-monitor", "interval", "10"),
        ("mail1_address-monitor", "interval", "10000ms"),
        ("mail1_address-start", "interval", "0"),
        ("mail1-meta_attributes-failure-timeout", "value", "600"),
        ("mail1-meta_attributes-resource-stickiness", "value", "+1000"),
        ("cib-bootstrap-options-stonith-enabled", "value", "yes"),
        ("mail1-prefers-nodea", "score", "+200"),
    ],
)
def test_other_spelling_is_no_drift(identifier: str, attribute: str, value: str) -> None:
    desired = compiled(good_description())
    cib = cib_with()
    converge(cib, desired)
    find(cib, identifier).set(attribute, value)

    assert reconcile(parse_configuration(cib), desired, DRIVER, purge=True) == []


def test_operational_settings_survive_a_purge() -> None:
    desired = compiled(good_description())
    cib = cib_with()
    converge(cib, desired)
    values = find(cib, "mail1-meta_attributes")
    for name in ("target-role", "is-managed", "maintenance"):
        ElementTree.SubElement(values, "nvpair", id=f"x-{name}", name=name, value="false")

    assert converge(cib, desired, purge=True) == []


# -- comparing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20s", "20"),
        ("20s", "20000ms"),
        ("20", "20sec"),
        ("10min", "600"),
        ("1h", "60m"),
        ("true", "yes"),
        ("true", "on"),
        ("true", "1"),
        ("false", "off"),
        ("no", "0"),
        ("True", "TRUE"),
        ("INFINITY", "1000000"),
        ("+INFINITY", "infinity"),
        ("-INFINITY", "-1000000"),
        ("+100", "100"),
        ("Started", "started"),
    ],
)
def test_same_meaning(one: str, other: str) -> None:
    for key in ("meta x", "operation monitor x", "stonith-timeout"):
        assert DRIVER.same(key, one, other)
        assert DRIVER.same(key, other, one)
        assert not DRIVER.same("an instance attribute", one, other) or one == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("20s", "21s"),
        ("20", "20ms"),
        ("true", "false"),
        ("true", "0"),
        ("true", "2"),
        ("INFINITY", "-INFINITY"),
        ("INFINITY", "999999"),
        ("-5", "5"),
        ("", "0"),
        ("stop", "ignore"),
    ],
)
def test_other_meaning(one: str, other: str) -> None:
    assert not DRIVER.same("meta x", one, other)
    assert not DRIVER.same("meta x", other, one)


# -- writing


def resources(*names: str) -> tuple[Resource, ...]:
    return tuple(Resource(name, "systemd:x") for name in names)


def test_constraints_come_with_the_service() -> None:
    cib = cib_with()
    converge(cib, compiled(good_description()))

    (elsewhere,) = cib.findall(".//rsc_location[@id='mail1-nowhere-else']/rule")
    assert elsewhere.attrib == {"id": "mail1-nowhere-else-rule", "score": "-INFINITY", "boolean-op": "and"}
    assert [
        (expression.get("attribute"), expression.get("operation"), expression.get("value")) for expression in elsewhere
    ] == [("#uname", "ne", "nodea"), ("#uname", "ne", "nodeb")]
    assert find(cib, "mail1-prefers-nodea").attrib == {
        "id": "mail1-prefers-nodea",
        "rsc": "mail1",
        "node": "nodea",
        "score": "200",
    }


def test_attributes_stand_before_the_members_of_a_group() -> None:
    cib = cib_with(resources='<group id="mail1"><primitive id="a" class="systemd" type="x"/></group>')

    converge(cib, ClusterConfig(services=(Service("mail1", None, {"meta priority": "1"}, ()),)))

    assert [element.tag for element in find(cib, "mail1")] == ["meta_attributes", "primitive"]


def test_new_member_stands_in_its_place() -> None:
    cib = cib_with()
    converge(cib, ClusterConfig(services=(Service("s", None, {}, resources("a", "c")),)))
    converge(cib, ClusterConfig(services=(Service("s", None, {}, resources("a", "b", "c")),)))

    assert [member.get("id") for member in find(cib, "s")] == ["a", "b", "c"]


def test_deleted_service_takes_its_constraints_along() -> None:
    cib = cib_with(**FOREIGN)
    converge(cib, compiled(good_description()))

    converge(cib, ClusterConfig(), absent=["mail1"])

    left = text(cib.find("configuration"))
    assert "mail1" not in left
    assert "theirs-on-nodec" in left
    assert "mail2-prefers-nodeb" in left


def test_deleting_the_last_member_deletes_the_group() -> None:
    cib = cib_with(
        resources='<group id="g"><primitive id="a" class="systemd" type="x"/></group>',
        constraints='<rsc_location id="l" rsc="g" node="nodea" score="1"/><rsc_order id="o" first="b" then="g"/>',
    )

    converge(cib, ClusterConfig(), absent=["a"])

    assert text(cib.find("configuration")) == text(cib_with().find("configuration"))


def test_group_that_gets_all_new_members_stays() -> None:
    cib = cib_with()
    service = Service("s", ("nodea",), {"meta priority": "1"}, resources("a"))
    converge(cib, ClusterConfig(services=(service,)))

    desired = ClusterConfig(services=(Service("s", ("nodea",), {"meta priority": "1"}, resources("b")),))
    converge(cib, desired, purge=True)

    assert parse_configuration(cib) == desired


def test_sets_tags_and_permissions_lose_what_is_deleted() -> None:
    cib = cib_with(
        resources='<primitive id="a" class="systemd" type="x"/><primitive id="b" class="systemd" type="x"/>',
        constraints="""
        <rsc_order id="o"><resource_set id="o1"><resource_ref id="a"/><resource_ref id="b"/></resource_set></rsc_order>
        <rsc_colocation id="c" score="1"><resource_set id="c1"><resource_ref id="a"/></resource_set></rsc_colocation>
        <rsc_colocation id="d" rsc="b" with-rsc="a" score="1"/>""",
    )
    tags = '<tags><tag id="t"><obj_ref id="a"/></tag><tag id="u"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>'
    configuration = cib.find("configuration")
    assert configuration is not None
    configuration.append(ElementTree.fromstring(tags))
    permissions = """<acls><acl_role id="r"><acl_permission id="p1" kind="read" reference="a"/>
        <acl_permission id="p2" kind="read" reference="b"/></acl_role></acls>"""
    configuration.append(ElementTree.fromstring(permissions))

    converge(cib, ClusterConfig(), absent=["a"])

    assert text(cib.find(".//constraints")) == text(
        ElementTree.fromstring(
            '<constraints><rsc_order id="o"><resource_set id="o1"><resource_ref id="b"/></resource_set></rsc_order>'
            "</constraints>"
        )
    )
    assert [permission.get("id") for permission in cib.iter("acl_permission")] == ["p2"]
    assert text(cib.find(".//tags")) == '<tags><tagid="u"><obj_refid="b"/></tag></tags>'


def test_other_type_keeps_place_and_constraints() -> None:
    cib = cib_with(
        resources="""<group id="g"><primitive id="a" class="systemd" type="x"/>
        <primitive id="b" template="t"><meta_attributes id="m"><nvpair id="m1" name="target-role" value="Stopped"/>
        </meta_attributes></primitive><primitive id="c" class="systemd" type="x"/></group>""",
        constraints='<rsc_order id="o" first="b" then="z"/>',
    )
    desired = ClusterConfig(services=(Service("g", None, {}, (Resource("b", "ocf:heartbeat:new", {"k": "v"}),)),))

    assert converge(cib, desired) == ["delete resource b", "create resource b"]

    assert [member.get("id") for member in find(cib, "g")] == ["a", "b", "c"]
    assert find(cib, "b").attrib == {"id": "b", "class": "ocf", "provider": "heartbeat", "type": "new"}
    assert find(cib, "b").find("meta_attributes") is None
    assert find(cib, "o") is not None


def test_purge_moves_a_member_to_another_group() -> None:
    cib = cib_with()
    converge(cib, ClusterConfig(services=(Service("s", None, {}, resources("a", "x")),)))
    desired = ClusterConfig(services=(Service("s", None, {}, resources("a")), Service("t", None, {}, resources("x"))))

    converge(cib, desired, purge=True)

    assert parse_configuration(cib) == desired


@pytest.mark.parametrize(
    "changed",
    [
        ClusterConfig(services=(Service("s", None, {"meta priority": "2"}, resources("a")),)),
        ClusterConfig(services=(Service("s", None, {}, (Resource("a", "systemd:x", {"meta priority": "1"}),)),)),
        ClusterConfig(services=(Service("s", None, {}, resources("a", "b")),)),
    ],
)
def test_what_has_gone_meanwhile_is_not_made_in_halves(changed: ClusterConfig) -> None:
    cib = cib_with()
    converge(cib, ClusterConfig(services=(Service("s", None, {}, resources("a")),)))
    changes = reconcile(parse_configuration(cib), changed, DRIVER)

    with pytest.raises(FrameworkError, match="has gone while it was to be changed; run again"):
        apply_changes(cib_with(), changes)


def test_values_are_escaped() -> None:
    value = "<&\"'>\n\tä😀"
    desired = ClusterConfig(resources=(Resource("a", "systemd:x", {"k": value}),))
    cib = cib_with()
    converge(cib, desired)

    again = parse_xml(ElementTree.tostring(cib, encoding="unicode"), "test")
    assert parse_configuration(again) == desired


def test_reading_changes_nothing() -> None:
    cib = cib_with(**FOREIGN)
    before = copy.deepcopy(cib)

    parse_configuration(cib)

    assert text(cib) == text(before)


@pytest.mark.parametrize("garbage", ["", "not XML", "<cib>", "<cib/><cib/>", "\x00", '<?xml version="1.0"?>'])
def test_garbage_is_no_xml(garbage: str) -> None:
    with pytest.raises(FrameworkError, match="cibadmin printed something that is not XML"):
        parse_xml(garbage, "cibadmin")
