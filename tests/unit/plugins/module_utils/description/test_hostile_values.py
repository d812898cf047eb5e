"""Names, addresses, devices and mount points that break something, given to every role that is used alone.

Each is refused with its key, in one go and without a traceback, by the first thing that a role hands it to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.calendar_server import calendar_instances
from ansible_collections.groupware.ha.plugins.filter.corosync_plan import corosync_plan
from ansible_collections.groupware.ha.plugins.filter.data_synchronization import data_synchronization
from ansible_collections.groupware.ha.plugins.filter.description import addresses, instances, volumes
from ansible_collections.groupware.ha.plugins.filter.messaging_server import messaging_instances, shares
from ansible_collections.groupware.ha.plugins.filter.postfix_dovecot import mail_instances
from ansible_collections.groupware.ha.plugins.filter.scalix import scalix_instances
from ansible_collections.groupware.ha.plugins.module_utils.description import entries, fields
from ansible_collections.groupware.ha.plugins.module_utils.description.model import Capabilities
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.modules import logical_addresses, shared_volumes
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

#: What is a bad value for every key.
BAD: list[Any] = [
    *("", "a\nb", "a\n", "\nb", "a\tb", "a\x00b", "a\x1b[31mb", "a\rb", "\u202ea", "a\u00a0b", "a\u2028b"),
    *("../x", "..", ".", "/..", "a/../b", "./a", "//", "-rf", "--help", "-", "a b", " a", "a "),
    *("$(x)", "${x}", "`x`", "a;b", "a|b", "a&b", "a>b", "a%b", "a#b", "a'b", 'a"b', "a\\b", "a{b", "a}b", "{{ x }}"),
    *(
        "a,b",
        "a*b",
        "a?b",
        "a!b",
        "a[b",
        "a(b",
        "a^b",
        "~",
        "~root",
        "a~b",
        "m\u0430il",
        "\uff4dail",
        "mail\u0301",
        "é",
        "邮",
    ),
    *("a" * 5000, "/" + "a/" * 500),
    *([], ["a"], {}, {"a": 1}, 0, 1, -1, 1.5, True, False, b"a"),
]
#: What is a bad value for one kind of key in addition.
ADDRESSES: list[Any] = [
    *("fe80::1%eth0", "010.0.0.1", "192.0.2.256", "192.0.2", "192.0.2.0/24", "192.0.2.1/24", "0.0.0.0", "::", "::1"),
    *("127.0.0.1", "224.0.0.1", "ff02::1", "255.255.255.255", "0x7f.1", "3221225985", "١٩٢.0.2.1", "host.example.com"),
    *("[2001:db8::1]", "2001:db8::1::2", "192.0.2.1:25", "http://192.0.2.1"),
]
MOUNT_POINTS: list[Any] = [
    *("srv/mail1", "/", "/srv", "/srv/", "/srv//mail1", "/srv/../etc", "/srv/mail1/.", "/etc", "/etc/mail", "/usr/x"),
    *("/usr", "/run/x", "/var/run/x", "/var/lib/pacemaker", "/var/lib/pacemaker/cib", "/var/lib/corosync/x", "/tmp/x"),
    *("/var/lib/pcsd/x", "/bin/x", "/sbin/x", "/lib/x", "/lib64/x", "/root/.ssh", "/root/x", "/boot/x", "/dev/x"),
    *("/proc/x", "/sys/x", "/var/tmp/x", "/var/log/x", "/var/lib", "/opt", "/home", "/srv/a:b", "/srv/a$b", "/srv/a%b"),
    *("/srv/a#b", '/srv/a"b', "/srv/a'b", "/srv/a\\b", "/srv/a b", "/srv/a\nb", "/srv/a,b", "/srv/-o", "/srv/é"),
    *("/lost+found", "/lost+found/x", "/srv/lost+found", "/efi/x", "/snap/x", "/net/x", "/sysroot/x"),
    *("/var/spool/postfix", "/var/spool/postfix/x", "/var/spool/cron/x", "/var/spool/at", "/var/spool/mqueue/x"),
    *(
        f"/var/lib/{name}/x"
        for name in (
            *("containers", "docker", "dovecot", "postfix", "cluster", "systemd", "apt", "dpkg", "rpm", "iscsi", "nfs"),
            *("NetworkManager", "dhcp", "sss", "libvirt", "selinux", "alternatives", "dbus", "chrony", "booth", "sbd"),
        )
    ),
    *("/var/empty/x", "/var/crash/x", "/opt/scalix/x", "/var/opt/oracle/x", "/zones"),
]
SHARES: list[Any] = [
    *(
        "filer",
        "filer:",
        "filer:export",
        ":/export",
        "filer:/a b",
        "filer:/a\nb",
        "filer:/a\tb",
        "filer:/a/",
        "filer://a",
    ),
    *("filer:/a/../b", "filer:/a#b", "filer:/a$b", "filer:/a'b", 'filer:/a"b', "filer:/a\\b", "fi ler:/a", "-o:/a"),
    *(
        "filer\n/etc:/a",
        "filer:/a rw,suid",
        "filer:/$(x)",
        "filer:/a;b",
        "a/b:/c",
        "-filer:/a",
        "filer:/a/é",
    ),
    *("filer:/a\n/dev/sda1 / ext4 defaults 0 0", "filer.:/a", "f_iler:/a", "user@filer:/a", "filer:/" + "a" * 300),
]
GOOD_SHARES = ["filer:/", "filer.example.com:/export/mail-1", "192.0.2.50:/vol/mail_1", "filer:/export/mail@2,x=y"]
MOUNT_OPTIONS: list[Any] = ["rw suid", "rw\n/dev/sda1", "rw\tsuid", "-o rw", "--bind", "rw, suid", ["rw"], {"rw": 1}, 5]
GOOD_MOUNT_POINTS = [
    *("/srv/mail1", "/mail", "/mail1", "/cal/Node1", "/var/mail-x", "/opt/SUNWmsgsr/x", "/var/opt/scalix/m1", "/s1ms"),
    *("/global/x", "/export/msg1", "/home/mail", "/srv/vol/2", "/var/opt/Node1/SUNWics5", "/opt/Node1", "/usr/local/x"),
    *("/srv/a_b-c.d", "/var/spool/imap", "/mnt/mail", "/data", "/u01/mail"),
    *("/var/lib/radicale", "/var/lib/imap", "/var/lib/mysql", "/var/spool/mail1", "/var/lib/dovecot2", "/srv/lost"),
]

SERVICE = {
    "name": "mail1",
    "nodes": {"primary": "nodea", "standby": "nodeb"},
    "address": "192.0.2.21",
    "host_name": "mail1.example.com",
    "storage": {"device": "/dev/mapper/lun1", "mount_point": "/srv/mail1"},
    "application": {"type": "postfix_dovecot"},
}
INSTANCE = {
    "name": "mail1",
    "host_name": "mail1.example.com",
    "address": "192.0.2.21",
    "mount_point": "/srv/mail1",
    "nodes": ["nodea", "nodeb"],
    "options": {"server_root": "/opt/mail1/SUNWmsgsr"},
}
NODE = {"name": "nodea", "address": "192.0.2.11"}


def cluster_plan(nodes: Any) -> Any:
    """The filter corosync_plan, which tells of problems by what it returns."""
    plan = corosync_plan({}, {"name": "demo", "nodes": nodes})
    if plan["problems"]:
        raise Failure(json.dumps(plan["problems"]))
    return plan


def run_module(module: Any, **options: Any) -> None:
    """A module that fails, as a filter would."""
    with given_arguments({**options, "_ansible_check_mode": True}), pytest.raises(SystemExit) as ended:
        module.main()
    if ended.value.code:
        raise Failure("refused")


Entry = Callable[[Any], Any]
MAIL = {key: value for key, value in INSTANCE.items() if key != "options"}
SCALIX = {**{key: INSTANCE[key] for key in ("name", "host_name", "nodes")}, "mount_point": "/var/opt/scalix/m1"}
VOLUME = {
    "name": "mail1",
    "device": "/dev/mapper/lun1",
    "mount_point": "/srv/mail1",
    "home": "nodea",
    "nodes": ["nodea", "nodeb"],
}
ADDRESS = {key: INSTANCE[key] for key in ("name", "host_name", "address", "nodes")}

#: Each role's first filter or module: what takes a list, a good entry of it, and the keys that are tried.
ROLES: dict[str, tuple[Entry, dict[str, Any], tuple[str, ...]]] = {
    "shared_storage, of a description": (volumes, SERVICE, ("name",)),
    "ha_ip_config, of a description": (addresses, SERVICE, ("name", "host_name", "address")),
    "instances, of a description": (
        lambda services: instances(services, "postfix_dovecot"),
        SERVICE,
        ("name", "host_name", "address"),
    ),
    "postfix_dovecot": (mail_instances, MAIL, ("name", "host_name", "address", "mount_point")),
    "messaging_server": (messaging_instances, INSTANCE, ("name", "host_name", "address", "mount_point")),
    "calendar_server_63": (
        lambda given: calendar_instances(given, (), None),
        INSTANCE,
        ("name", "host_name", "address", "mount_point"),
    ),
    "scalix": (scalix_instances, SCALIX, ("name", "host_name", "mount_point")),
    "messaging_server, shares": (
        shares,
        {"device": "filer.example.com:/export/msg1", "mount_point": "/msg1", "mount_options": "rw,hard,vers=3"},
        ("device", "mount_point"),
    ),
    "ias_cluster": (
        lambda servers: data_synchronization(servers, "cluster1"),
        {"name": "nodea", "address": "192.0.2.11", "port": 10800, "priority": 0},
        ("name",),
    ),
    "cluster_framework": (cluster_plan, NODE, ("name", "address")),
}


def bad_values(key: str) -> list[Any]:
    """All that is wrong for a key; what is None is not given."""
    more = {"address": ADDRESSES, "mount_point": MOUNT_POINTS, "device": SHARES}.get(key, [])
    return [None, *BAD, *more]


CASES = [
    (role, key, value) for role, (_take, _good, keys) in ROLES.items() for key in keys for value in bad_values(key)
]


@pytest.mark.parametrize("role", ROLES)
def test_good_entries_are_not_refused_for_their_values(role: str) -> None:
    take, good, _keys = ROLES[role]
    partner = {"name": "nodeb", "address": "192.0.2.12"}
    given = [good, partner] if role == "cluster_framework" else [good]
    if role == "cluster_framework":
        with pytest.raises(Failure, match="the first run needs all nodes"):
            take(given)
    else:
        assert take(given)


@pytest.mark.parametrize(("role", "key"), [(role, key) for role, (_take, _good, keys) in ROLES.items() for key in keys])
def test_bad_values_are_refused_by_each_role(role: str, key: str) -> None:
    """In one test for each key: pytest cannot show some of these values."""
    take, good, _keys = ROLES[role]
    optional = role in ("shared_storage, of a description", "ha_ip_config, of a description") and key != "name"
    for value in bad_values(key):
        if (value in (None, "") and optional) or (role.endswith("of a description") and value == "192.0.2.1/24"):
            continue
        with pytest.raises(Failure) as refused:
            take([{**good, key: value}])
        assert key in str(refused.value), value
        assert "\n{" not in str(refused.value), value


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("entry", [None, "mail1", 5, ["mail1"], True])
def test_entries_of_the_wrong_shape_are_refused_by_each_role(role: str, entry: Any) -> None:
    with pytest.raises(Failure):
        ROLES[role][0]([entry])


@pytest.mark.parametrize("role", [role for role in ROLES if role != "ias_cluster"])
@pytest.mark.parametrize("given", [None, "mail1", 5, {"name": "mail1"}, True])
def test_what_is_no_list_is_refused_by_each_role(role: str, given: Any) -> None:
    with pytest.raises(Failure):
        ROLES[role][0](given)


@pytest.mark.parametrize("part", ["primary", "standby"])
def test_nodes_of_a_described_service(part: str) -> None:
    for value in BAD:
        if part == "standby" and value == ["a"]:
            continue
        for take in (volumes, addresses):
            with pytest.raises(Failure, match=part):
                take([{**SERVICE, "nodes": {**SERVICE["nodes"], part: value}}])  # type: ignore[dict-item]


@pytest.mark.parametrize("key", ["mount_point", "device"])
def test_storage_of_a_described_service(key: str) -> None:
    for value in bad_values(key):
        if key == "device" and value in (None, "", [], {}, 0, False):
            continue
        with pytest.raises(Failure, match=key):
            volumes([{**SERVICE, "storage": {**SERVICE["storage"], key: value}}])  # type: ignore[dict-item]


@pytest.mark.parametrize("key", ["device", "devices"])
def test_shares_of_a_described_service(key: str) -> None:
    """By the roles that are used alone, and by the description itself."""
    rules = Capabilities("x", r"\w+", "x", 60, filesystems=("nfs",), devices_required=False, own_fencing=True)
    cluster = {
        "name": "demo",
        "networks": ["192.0.2.0/24"],
        "nodes": [NODE, {"name": "nodeb", "address": "192.0.2.12"}],
    }
    for value in [*(one for one in BAD if isinstance(one, str) and one), *SHARES, "/dev/sda"]:
        storage = {"filesystem": "nfs", "mount_point": "/srv/mail1", key: value if key == "device" else [value]}
        service = {**SERVICE, "model": "asymmetric", "storage": storage}
        with pytest.raises(Failure, match="device"):
            volumes([service])  # type: ignore[list-item]
        with pytest.raises(DescriptionError, match="device"):
            parse_description(cluster, [service], rules)


@pytest.mark.parametrize("share", GOOD_SHARES)
def test_shares_as_file_servers_have_them_pass(share: str) -> None:
    assert fields.share_fault(share) is None


def test_mount_options_of_a_share() -> None:
    for value in MOUNT_OPTIONS:
        with pytest.raises(Failure, match="mount_options"):
            shares([{"device": GOOD_SHARES[0], "mount_point": "/msg1", "mount_options": value}])
    assert shares([]) == []


#: Ansible makes texts of numbers before a module sees them, and takes control characters out of nothing.
MODULE_VALUES = [value for value in BAD if isinstance(value, str) and value]


@pytest.mark.parametrize("key", ["name", "host_name", "address"])
def test_addresses_that_a_module_is_given(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    for value in [*MODULE_VALUES, *(ADDRESSES if key == "address" else [])]:
        with pytest.raises(Failure):
            run_module(logical_addresses, nodes=[NODE], addresses=[{**ADDRESS, key: value}])
        result = json.loads(capsys.readouterr().out)
        assert [problem["key"].rpartition(".")[2] for problem in result["problems"]] == [key], value


@pytest.mark.parametrize("key", ["name", "mount_point", "device", "volume_group", "home"])
def test_volumes_that_a_module_is_given(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    # Ansible itself takes these for paths of somebody's home.
    allowed = {"device": ["~", "~root"]}.get(key, [])
    for value in [*MODULE_VALUES, *(MOUNT_POINTS if key == "mount_point" else [])]:
        if value in allowed:
            continue
        with pytest.raises(Failure):
            run_module(shared_volumes, volumes=[{**VOLUME, "logical_volume": "lv", "volume_group": "vg", key: value}])
        result = json.loads(capsys.readouterr().out)
        assert any(key in problem for problem in result["problems"]), value


@pytest.mark.parametrize("path", GOOD_MOUNT_POINTS)
def test_mount_points_as_manuals_have_them_pass(path: str) -> None:
    assert fields.mount_point_fault(path) is None


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(DescriptionError) as refused:
        entries.refuse([{"name": "a\nb", "address": "x"}, {"name": "b"}, {"name": "b"}], "things", ("name", "address"))
    assert [problem.key for problem in refused.value.problems] == [
        *("things[0].name", "things[0].address", "things[b].address", "things[b].address", "things[b].name"),
    ]


def test_how_many_there_are() -> None:
    """For those who change the lists: the number is part of what is promised."""
    assert len({repr(value) for value in [*BAD, *ADDRESSES, *MOUNT_POINTS]}) >= 120
    assert len(CASES) >= 1000
