"""The module registry on a file and on a real directory server, as Ansible runs it."""

from __future__ import annotations

import importlib
import json
import os
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats import registry_ldif
from ansible_collections.groupware.ha.tests.unit.plugins.modules import directory_server
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

MODULE = importlib.import_module("ansible_collections.groupware.ha.plugins.modules.registry")
ABOVE = r"SOFTWARE\iPlanet\Application Server"
CLUSTER = rf"{ABOVE}\Clusters\mail"
SERVERS = rf"{CLUSTER}\SyncServers"
MAPPING = rf"{ABOVE}\6.0\CCS0\ClusterName"


def servers(*priorities: int) -> list[dict[str, Any]]:
    return [
        {"path": SERVERS, "name": f"192.0.2.{11 + number}:10800", "data": priority, "type": "integer"}
        for number, priority in enumerate(priorities)
    ]


def parameters(**values: int) -> list[dict[str, Any]]:
    return [{"path": CLUSTER, "name": name, "data": value, "type": "integer"} for name, value in values.items()]


@pytest.fixture(scope="module")
def running_directory(tmp_path_factory):
    if directory_server.program("slapd") is None or directory_server.program("ldapmodify") is None:
        pytest.skip("needs slapd and ldap-utils")
    with directory_server.started(tmp_path_factory.mktemp("directory")) as server:
        yield server


@pytest.fixture
def directory(running_directory):
    """A directory without keys."""
    names = [
        name
        for name, _ in registry_ldif.entries(running_directory.run("ldapsearch", "-LLL", "-b", directory_server.BASE))
        if name != directory_server.BASE
    ]
    if names:
        running_directory.run("ldapdelete", text="".join(f"{name}\n" for name in sorted(names, key=len, reverse=True)))
    return running_directory


@pytest.fixture(params=["file", "directory"])
def place(request, tmp_path):
    """Where the registry is, as options of the module."""
    if request.param == "file":
        return {"file": str(tmp_path / "local.reg")}
    return {"directory": request.getfixturevalue("directory").options}


@pytest.fixture
def run(capsys):
    def ran(check_mode: bool = False, **options: Any) -> dict[str, Any]:
        capsys.readouterr()
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            MODULE.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return ran


@pytest.fixture
def four_steps(run):
    """Check, do, do again, check again; the result of doing."""

    def ran(**options: Any) -> dict[str, Any]:
        planned = run(check_mode=True, **options)
        assert planned.get("changed") is True, planned
        done = run(**options)
        assert {key: done[key] for key in ("changed", "diff", "changes", "commands")} == {
            key: planned[key] for key in ("changed", "diff", "changes", "commands")
        }
        assert done["diff"]["before"] != done["diff"]["after"]
        for check_mode in (False, True):
            again = run(check_mode=check_mode, **options)
            assert (again["changed"], again["commands"], again["changes"]) == (False, [], [])
            assert again["diff"]["before"] == again["diff"]["after"] == done["diff"]["after"]
        return done

    return ran


def test_a_cluster_comes_changes_and_goes(four_steps, place):
    made = four_steps(
        values=[*parameters(MaxBackups=2, SyncHeartBeatInterval=30), *servers(0, 1, 2)], purge=[SERVERS], **place
    )
    assert made["diff"]["after"].splitlines() == [
        f"[{CLUSTER}]",
        '"MaxBackups"=integer:2',
        '"SyncHeartBeatInterval"=integer:30',
        "",
        f"[{SERVERS}]",
        '"192.0.2.11:10800"=integer:0',
        '"192.0.2.12:10800"=integer:1',
        '"192.0.2.13:10800"=integer:2',
    ]
    assert not made["data_changed"]

    # Priorities swapped, a server less, a parameter that nobody asked for kept.
    changed = four_steps(values=[*parameters(MaxBackups=1), *servers(1, 0)], purge=[SERVERS], **place)
    assert changed["data_changed"]
    assert not changed["data_type_changed"]
    assert [(one["action"], one["name"], one["before"], one["after"]) for one in changed["changes"]] == [
        ("set_value", "MaxBackups", 2, 1),
        ("remove_value", "192.0.2.13:10800", 2, None),
        ("set_value", "192.0.2.11:10800", 0, 1),
        ("set_value", "192.0.2.12:10800", 1, 0),
    ]
    assert '"SyncHeartBeatInterval"=integer:30' in changed["diff"]["after"]

    four_steps(path=SERVERS.upper(), name="192.0.2.12:10800", state="absent", **place)
    gone = four_steps(path=CLUSTER, state="absent", **place)
    assert gone["diff"]["after"] == ""
    assert len(gone["commands"]) == 1


def test_one_value_after_the_other_as_the_manual_adds_them(four_steps, place):
    four_steps(path=CLUSTER, **place)
    four_steps(path=CLUSTER, name="MaxBackups", data="1", type="integer", **place)
    four_steps(path=SERVERS, **place)
    for one in servers(0, 1):
        four_steps(**one, **place)


def test_strings_types_and_the_value_without_a_name(four_steps, run, place):
    path = rf"{ABOVE}\Clusters\a,b+c #1 = "
    text = ' "quoted", back\\slash\nand üñí '
    four_steps(path=path, name='na"me', data=text, **place)
    four_steps(path=path, name='NA"me', data=5, **place)
    changed = four_steps(path=path, name='na"me', data=5, type="integer", **place)
    assert changed["data_type_changed"]
    assert not changed["data_changed"]
    four_steps(path=path, data="nameless", **place)
    four_steps(path=path, state="absent", delete_key=False, **place)
    left = run(path=path, **place)
    assert not left["changed"]
    assert '"na\\"me"=integer:5' in left["diff"]["after"]
    assert "integer:5" in left["diff"]["after"]


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        ({"values": servers(0, 65536)}, "12:10800", "is no whole number from 0 to 65535"),
        ({"values": servers(0, -1)}, "12:10800", "is no whole number from 0 to 65535"),
        ({"values": servers(3, 3)}, "12:10800", "is the priority of 192.0.2.11:10800 too"),
        ({"path": SERVERS, "name": "192.0.2.11", "data": 1, "type": "integer"}, "192.0.2.11", "does not name a server"),
        ({"path": SERVERS, "name": "a:0", "data": 1, "type": "integer"}, "a:0", "does not name a server"),
        ({"path": SERVERS, "name": "192.0.2.11:10800", "data": "1"}, "11:10800", "is a string"),
        ({"values": [*parameters(MaxBackups=2), *servers(0, 1)]}, "MaxBackups", "not below the number of Sync Servers"),
        ({"values": [*parameters(MaxBackups=2), *servers(0)]}, "MaxBackups", "not below the number of Sync Servers, 1"),
        ({"values": parameters(MaxSyncHeartBeat=0)}, "MaxSyncHeartBeat", "is no whole number from 1"),
        ({"values": parameters(SyncHeartBeatInterval=-30)}, "SyncHeartBeatInterval", "is no whole number from 1"),
        ({"values": parameters(SyncTimerInterval=2**31)}, "SyncTimerInterval", "to 2147483647"),
        ({"path": CLUSTER, "name": "MaxBackups", "data": "one", "type": "integer"}, "data", "is no integer of 32 bits"),
        ({"path": CLUSTER, "name": "MaxBackups", "data": True, "type": "integer"}, "data", "is no integer"),
        ({"path": CLUSTER, "name": "MaxBackups"}, "data", "is missing for the value MaxBackups"),
        ({"path": CLUSTER, "name": "x", "data": 1, "state": "absent"}, "data", "does not go with state absent"),
        ({"path": r"\SOFTWARE"}, "path", "is no path"),
        ({"values": [{"path": "a\nb"}], "purge": []}, "values[0].path", "is no path"),
        ({"path": CLUSTER, "purge": [""]}, "purge[0]", "is no path"),
    ],
)
def test_what_is_refused(run, place, options, key, reason):
    for check_mode in (True, False):
        refused = run(check_mode=check_mode, **options, **place)
        assert refused["failed"], refused
        assert refused["problems"][0]["key"].endswith(key)
        assert reason in refused["problems"][0]["reason"]
        assert refused["problems"][0]["remedy"]
        assert refused["commands"] == []
    assert run(path=CLUSTER, check_mode=True, **place)["diff"]["before"] == ""


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_mapping_of_a_server(four_steps, tmp_path):
    file = tmp_path / "local.reg"
    file.write_text(f"# bozo\n\n[{MAPPING}\\bozo-NoDsync]\n")
    file.chmod(0o604)
    done = four_steps(path=rf"{MAPPING}\mail", purge=[MAPPING], file=str(file))
    assert done["commands"] == [f"# replace {file}"]
    assert file.read_text() == f"# bozo\n\n[{MAPPING}\\mail]\n"
    assert file.stat().st_mode & 0o777 == 0o604
    [backup] = tmp_path.glob("local.reg.*~")
    assert "bozo-NoDsync" in backup.read_text()


def test_a_file_that_cannot_be_read_is_left_alone(run, tmp_path):
    file = tmp_path / "local.reg"
    file.write_text("nonsense\n")
    refused = run(path=CLUSTER, file=str(file))
    assert refused["problems"][0]["key"] == f"line 1 of {file}"
    assert file.read_text() == "nonsense\n"
    assert "there is no directory" in run(path=CLUSTER, file=str(tmp_path / "nowhere" / "x"))["msg"]
    assert "cannot be read: Is a directory" in run(path=CLUSTER, file=str(tmp_path))["msg"]


# -- the directory ----------------------------------------------------------------------------------------------------


def test_a_key_is_an_entry_and_a_value_an_attribute(run, directory):
    run(values=[*parameters(MaxBackups=1), *servers(0, 1)], directory=directory.options)
    found = dict(registry_ldif.entries(directory.everything()))
    entry = found[f"cn=SyncServers,cn=mail,cn=Clusters,{directory_server.BASE}"]
    assert sorted(entry[registry_ldif.ATTRIBUTE.lower()]) == [
        '"192.0.2.11:10800"=integer:0',
        '"192.0.2.12:10800"=integer:1',
    ]
    assert registry_ldif.OBJECT_CLASS in entry["objectclass"]


def test_the_password_is_on_no_command_line_and_in_no_result(run, directory):
    result = run(path=CLUSTER, directory=directory.options)
    assert directory_server.PASSWORD not in json.dumps(result)
    assert result["commands"] == [
        f"ldapmodify -x -H {directory.uri} -D cn=manager,o=NetscapeRoot -y {directory.password_file}"
    ]


def test_what_is_wrong_with_the_directory_is_said(run, directory, tmp_path):
    def refused(path: str = CLUSTER, **other: str) -> str:
        result = run(path=path, directory={**directory.options, **other})
        assert result["failed"]
        assert result["commands"] == []
        return str(result["msg"])

    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    assert "Invalid credentials" in refused(password_file=str(wrong))
    wrong.write_text(f"{directory_server.PASSWORD}\n")
    assert "ends with a new line" in refused(password_file=str(wrong))
    assert "is not there" in refused(password_file=str(tmp_path / "none"))
    assert "cannot be read" in refused(password_file=str(tmp_path))
    assert "is no entry of the directory" in refused(base="cn=None,o=NetscapeRoot")
    assert "is no distinguished name" in refused(base="nonsense")
    assert "is not in SOFTWARE" in refused(path=r"SOFTWARE\Other")
    assert "is not in SOFTWARE" in refused(path=ABOVE)
    assert "Can't contact LDAP server" in refused(uri="ldap://127.0.0.1:1")


def test_what_an_administrator_wrote_in_another_way_is_understood(run, directory):
    name = f"CN=Clusters,{directory_server.BASE}"
    directory.run(
        "ldapadd",
        text=f"dn: {name}\nobjectClass: applicationProcess\ncn: Clusters\n\n"
        f"dn: cn=a\\2Cb,{name}\nobjectClass: {registry_ldif.OBJECT_CLASS}\n"
        f'{registry_ldif.ATTRIBUTE}: "MaxBackups"=integer:01\n',
    )
    path = rf"{ABOVE}\Clusters\a,b"
    assert not run(path=path, name="maxbackups", data=1, type="integer", directory=directory.options)["changed"]
    attribute = registry_ldif.ATTRIBUTE
    directory.run(
        "ldapmodify", text=f"dn: cn=a\\2Cb,{name}\nchangetype: modify\nadd: {attribute}\n{attribute}: nonsense\n"
    )
    assert "which is no value of a registry key" in run(path=path, directory=directory.options)["msg"]


def test_the_directory_server_is_nobody_s_own(running_directory):
    """It runs as whoever runs the tests, who need not be root."""
    assert os.stat(running_directory.password_file).st_uid == os.getuid()
    assert int(running_directory.uri.rpartition(":")[2]) > 1024


def test_the_schema_is_the_one_that_the_collection_has():
    assert directory_server.REGISTRY_SCHEMA.read_text().endswith(registry_ldif.SCHEMA)
