"""What the role of Calendar Server is told: completed, or refused as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products.calendar_instances import complete

CAL = {
    "name": "cal1",
    "host_name": "cal1.example.com",
    "address": "192.0.2.31",
    "mount_point": "/cal/Node1",
    "nodes": ["nodea", "nodeb"],
    "options": {"server_root": "/opt/Node1/SUNWics5/cal"},
}
OTHER = {**CAL, "name": "cal2", "options": {"server_root": "/opt/Node2/SUNWics5/cal"}}
OPT = {"mount_point": "/opt/Node1", "device": "/dev/md/penguin/dsk/d500"}
ANSWERS = dict.fromkeys(
    (
        *("ldap_host", "base_dn", "directory_manager_password"),
        *("administrator_password", "administrator_email", "smtp_host"),
    ),
    "sesame",
)
DIRECTORY = {"server_root": "/var/opt/mps", "instance": "slapd-ldap1", "password": "sesame"}


def test_directories_are_those_of_the_manual() -> None:
    (found,) = complete([CAL], [], ANSWERS, DIRECTORY)

    assert found["directories"] == {
        "config": "/cal/Node1/config",
        "database": "/cal/Node1/csdb",
        "attachment_store": "/cal/Node1/store",
        "logs": "/cal/Node1/logs",
        "temporary_files": "/cal/Node1/tmp",
        "archive": "/cal/Node1/csdb/archive",
        "hot_backup": "/cal/Node1/csdb/hotbackup",
    }
    assert "sesame" not in str(found)


@pytest.mark.parametrize(
    ("file_systems", "shared"),
    [
        ([], False),
        ([OPT], True),
        ([{**OPT, "options": "logging,noatime", "mount_at_boot": "no", "fsck_pass": 2}], True),
        ([{**OPT, "kind": "global", "state": "present"}], True),
        # A node's own file system is not the same one on all nodes, and one that goes is none.
        ([{**OPT, "kind": "local"}], False),
        ([{"mount_point": "/opt/Node1", "state": "absent"}], False),
        ([{**OPT, "mount_point": "/opt/Node"}], False),
    ],
)
def test_an_installation_is_shared_if_its_file_system_is(file_systems: list[dict[str, Any]], shared: bool) -> None:
    (found,) = complete([CAL], file_systems, None, {})

    assert found["shared_installation"] is shared


def test_an_installation_below_the_shared_directory_is_shared() -> None:
    (found,) = complete([{**CAL, "options": {"server_root": "/cal/Node1/SUNWics5/cal"}}], [], None, {})

    assert found["shared_installation"]


@pytest.mark.parametrize(
    ("instances", "file_systems", "answers", "directory", "words"),
    [
        ([{**CAL, "host_name": "cal1"}], [], None, {}, "instances.cal1.host_name = 'cal1': is not fully qualified"),
        ([{**CAL, "options": {}}], [], None, {}, "options.server_root = ''.*csconfigurator.sh"),
        ([{**CAL, "options": {"server_root": "/opt/../cal"}}], [], None, {}, "server_root.*is not the path"),
        ([CAL, {**OTHER, "options": CAL["options"]}], [], None, {}, "cal2.options.server_root.*of cal1 too"),
        ([CAL], [{"mount_point": "/cal"}], None, {}, r"file_systems\[0\].device: is missing"),
        ([CAL], [{**OPT, "mount_at_boot": True}], None, {}, r"file_systems\[0\].*mounted at boot.*6\.7\.1"),
        ([CAL], [{**OPT, "devise": "x"}], None, {}, r"file_systems\[0\].devise = a text.*use mount_point"),
        ([CAL], [OPT, OPT], None, {}, r"file_systems\[1\].*given twice"),
        ([CAL], [], {}, {}, "answers.ldap_host: is missing"),
        ([CAL], [], {**ANSWERS, "smtp_host": "a\nb"}, {}, "answers.smtp_host = '.hidden.': is more than one line"),
        ([CAL], [], ANSWERS, {**DIRECTORY, "password": ""}, "directory.password: is missing"),
        ([CAL], [], ANSWERS, {"password": "sesame"}, "directory.instance: is missing"),
    ],
)
def test_what_cannot_work_is_refused(
    instances: list[dict[str, Any]],
    file_systems: list[dict[str, Any]],
    answers: dict[str, Any] | None,
    directory: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(DescriptionError, match=f"(?s){words}") as caught:
        complete(instances, file_systems, answers, directory)

    assert "sesame" not in str(caught.value)


def test_without_instances_nothing_has_to_be_answered() -> None:
    assert complete([], [], {}, {}) == []
