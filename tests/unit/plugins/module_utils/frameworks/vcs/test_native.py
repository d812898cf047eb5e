"""What VCS shows at one moment, and what types files declare, without a cluster."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.vcs_tables import parse_display
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.native import Native, declared_types
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.terms import DIRECTORY, operational
from ansible_collections.groupware.ha.tests.simulators.vcs.attributes import GROUP_ATTRIBUTES, STATIC_ATTRIBUTES


def test_what_waits_for_a_person() -> None:
    resources = parse_display(
        "#Resource Attribute System Value\n"
        "r1 Group global SG1\nr1 Type global Mount\nr1 State n1 ONLINE|UNABLE TO OFFLINE\nr1 State n2 FAULTED\n"
        "r2 Group global SG1\nr2 Type global NIC\nr2 State n1 ONLINE\nr2 State n2 OFFLINE|ADMIN_WAIT\n",
        "Resource",
    )
    native = Native(resources=resources, types={"NIC": {"Operations": "None"}})

    assert native.faults("SG1") == [
        ("r1", "n1", "UNABLE TO OFFLINE"),
        ("r1", "n2", "FAULTED"),
        ("r2", "n2", "ADMIN_WAIT"),
    ]
    assert native.group_nodes("SG1") == ("n1",)
    assert not native.places("r2")


def test_what_is_static_is_overridden_and_what_a_group_has_is_not() -> None:
    assert {key for key in STATIC_ATTRIBUTES if operational(key)} == set(STATIC_ATTRIBUTES) & set(GROUP_ATTRIBUTES)
    assert all(operational(key) for key in (*GROUP_ATTRIBUTES, "Address", "Enabled", "requires"))


def test_the_file_of_a_type_itself_comes_first() -> None:
    files = {
        f"{DIRECTORY}/MsgSrvTypes.cf": "type MsgSrv (\n static int ConfInterval = 600\n str LogHostName\n)\n",
        f"{DIRECTORY}/types.cf": "type MsgSrv (\n)\ntype Mount (\n str MountPoint\n)\n",
    }
    registered = {"MsgSrv": {"ConfInterval": "1", "SourceFile": "./types.cf"}}
    found = declared_types(["MsgSrv", "Mount", "Oracle"], registered, files.get)

    assert list(found) == ["MsgSrv", "Mount"]
    assert found["MsgSrv"].static == {"ConfInterval": "600"}
    assert found["MsgSrv"].attributes == {"LogHostName": ("MsgSrv", "LogHostName", "-string", "-scalar")}
    with pytest.raises(FrameworkError, match=r"types\.cf is no types file"):
        declared_types(["Mount"], registered, {f"{DIRECTORY}/types.cf": "type ("}.get)
