"""Tiers of replicated databases: what is refused before any server is asked."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.tests.playbooks.conftest import LOCAL, SILENT, Controller, extra

SERVERS = [{"name": "db1", "address": "192.0.2.31"}, {"name": "db2", "address": "192.0.2.32"}]
PASSWORDS = {"replication": "geheim eins", "app": "geheim zwei"}


def tier(**changed: Any) -> dict[str, Any]:
    """An inventory of one tier; its servers give no answer."""
    variables = {
        "name": "office",
        "servers": SERVERS,
        "primary": "db1",
        "databases": [{"name": "calendar"}],
        "accounts": [{"name": "app", "hosts": ["192.0.2.%"]}],
        "passwords": PASSWORDS,
        **changed,
    }
    described = {f"database_replication_{name}": value for name, value in variables.items() if value is not None}
    return {"database_servers": {"hosts": {"db1": SILENT, "db2": SILENT}, "vars": described}}


@pytest.mark.parametrize(
    ("playbook", "arguments", "changed", "words"),
    [
        ("site", (), {"primary": "db3"}, "database_replication_primary = 'db3': is none of the servers"),
        ("plan", (), {"settings": {"read_only": 0}}, "settings.read_only = '0': is set by the tier itself"),
        ("site", (), {"passwords": None}, "database_replication_passwords: is not defined for db1, db2"),
        ("promote", (), {}, "server: is missing; name the server that is to be the primary, as in -e server=db2"),
        ("promote", ("-e", "server=db3"), {}, "server = 'db3': is no server of a tier; there are db1, db2"),
        (
            "promote",
            ("-e", "server=db2", "-e", "old_primary_is_off=perhaps"),
            {},
            "old_primary_is_off = 'perhaps': is nothing that promote knows",
        ),
        ("promote", ("-e", "server=db2", "-e", "old_primary_is_of=true"), {}, "did you mean old_primary_is_off?"),
    ],
)
def test_what_is_refused(
    controller: Controller, playbook: str, arguments: tuple[str, ...], changed: dict[str, Any], words: str
) -> None:
    done = controller.run(playbook, tier(**changed), *arguments)

    assert done.status != 0
    assert f"Nothing was touched: {words}" in done.messages or words in done.messages
    assert "UNREACHABLE" not in done.output
    assert "geheim" not in done.output


def test_without_servers_nothing_is_promoted(controller: Controller) -> None:
    done = controller.run("promote", {"groupware_nodes": {"hosts": {"nodea": LOCAL}}}, "-e", "server=db2")

    assert done.status != 0
    assert "the inventory has no host in a group database_servers" in done.messages


def test_passwords_are_judged_and_not_repeated(controller: Controller) -> None:
    hosts = tier(passwords={"replication": "geheim"})
    hosts["database_servers"]["hosts"] = {"db1": LOCAL, "db2": LOCAL}
    done = controller.run("site", hosts, "-vvv", *extra('{"database_replication_packages": []}'))

    assert done.status != 0
    assert "database_replication_passwords.app: is missing; give it, from a vault" in done.output
    assert "geheim" not in done.output
