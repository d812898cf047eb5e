"""What properties of the Resource Group Manager mean."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats import solaris_cluster_properties as rgm


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("Failback", "TRUE", "True"),
        ("Failback", "false", "False"),
        ("AffinityOn", "True", "true"),
        ("RG_dependencies", "<NULL>", ""),
        ("RG_dependencies", "<null>", ""),
        ("Resource_dependencies", "disk-rs meadow", "meadow,disk-rs"),
        ("Resource_dependencies", "disk-rs{LOCAL_NODE},meadow", "meadow,disk-rs{LOCAL_NODE}"),
        ("FilesystemMountPoints", "/mail /store", "/store,/mail"),
        ("HostnameList", "Meadow", "meadow"),
        ("Failover_mode", "SOFT", "soft"),
        ("Start_timeout", "300", " 300 "),
    ],
)
def test_the_same(name: str, one: str, other: str) -> None:
    assert rgm.same_value(name, one, other)
    assert rgm.same_value(name, other, one)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("Failback", "True", "False"),
        ("HostnameList", "a,b", "b,a"),
        ("Resource_dependencies", "a,a", "a"),
        ("Resource_dependencies", "a", "a{LOCAL_NODE}"),
        ("FilesystemMountPoints", "/mail,/mail/store", "/mail/store,/mail"),
        ("FilesystemMountPoints", "/mail", "/mail,/store"),
        ("Start_command", "/opt/a b,c", "/opt/a b c"),
        ("R_description", "Mail", "mail"),
        ("Start_timeout", "300", "30"),
    ],
)
def test_not_the_same(name: str, one: str, other: str) -> None:
    assert not rgm.same_value(name, one, other)
    assert not rgm.same_value(name, other, one)


def test_names_have_one_spelling() -> None:
    assert rgm.canonical_name("FILESYSTEMMOUNTPOINTS") == "FilesystemMountPoints"
    assert rgm.canonical_name("FileSystemMountPoints") == "FilesystemMountPoints"
    assert rgm.canonical_name("resource_Dependencies") == "Resource_dependencies"
    assert rgm.canonical_name("My_Own") == rgm.canonical_name("my_own")
    assert rgm.canonical_name("PROBE_TIMEOUT{mars}") == "Probe_timeout{mars}"


def test_what_commands_take() -> None:
    assert rgm.canonical_value("FilesystemMountPoints", "/a  /b") == "/a,/b"
    assert rgm.canonical_value("Failback", "TRUE") == "True"
    assert rgm.canonical_value("Start_command", "true") == "true"
    assert rgm.canonical_value("Pathprefix", "<NULL>") == ""


def test_sorts_of_properties() -> None:
    assert not rgm.is_extension("Resource_dependencies")
    assert not rgm.is_extension("Start_timeout")
    assert rgm.is_extension("Probe_timeout")
    assert rgm.is_extension("Probe_timeout{mars}")
    assert rgm.set_at_creation_only("HostnameList")
    assert rgm.set_when_disabled_only("FilesystemMountPoints")
    # Of a property that only an agent knows, nobody says that it can be changed at any time.
    assert rgm.set_when_disabled_only("something_else")
    assert not rgm.set_when_disabled_only("Resource_dependencies")
    assert not rgm.set_when_disabled_only("Monitor_retry_count")
    assert rgm.is_default("Failover_mode", "none")
    assert not rgm.is_default("Start_timeout", "300")
    assert rgm.names_of("a{LOCAL_NODE},b c") == ["a", "b", "c"]
