"""What playbooks can be asked for, and what is wrong with what they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.request import PLAYBOOKS, Call, nearest, problems

NODES = ["nodea", "nodeb"]
DESCRIPTION = {
    "groupware_cluster": {"name": "office", "nodes": [{"name": name} for name in NODES]},
    "groupware_services": [{"name": "mail1", "application": {"type": "postfix_dovecot"}}, {"name": "files"}],
}


def call(playbook: str, extra: str = "", **given: Any) -> Call:
    return Call(
        playbook=playbook,
        given=given,
        extra=[*given, *extra.split()],
        known=["failover_service_allow_restart"],
        groups={"all": [*NODES, "web1"], "ungrouped": [], "groupware_nodes": NODES, "web": ["web1"]},
        hosts=[*NODES, "web1", "localhost"],
        limit=None,
        sources=["hosts.yml"],
        description=DESCRIPTION,
    )


@pytest.mark.parametrize(
    "well",
    [
        call("plan"),
        call("site", "failover_service_allow_restart vault_alice ansible_user groupware_services"),
        call("verify", verify_credentials={"mail1": {"user": "probe", "password": "x"}}),
        call("switchover", service="mail1", node="nodeb", state="online"),
        call("evacuate", node="nodea", offline_too="true"),
        call("evacuate", node="nodea", **{"return": True}),
        call("evacuate", node="nodea", **{"return": "False"}),
        call("add_node", node="nodeb"),
        call("remove_node", node="nodec"),
        call("adopt", into="file.yml", overwrite="yes"),
        replace(call("migrate", saved="main.cf", framework="vcs"), groups={}, description=None),
        replace(call("site"), tags={"--tags": ["all", "scalix"], "--skip-tags": ["shared_storage"]}),
        replace(
            call("plan"),
            tags={"--tags": ["all"], "--skip-tags": ["molecule-notest", "notest", "molecule-idempotence-notest"]},
        ),
        replace(call("site"), groups={"ias_servers": ["nodea"]}, description=None),
    ],
    ids=lambda given: given.playbook,
)
def test_nothing_is_wrong(well: Call) -> None:
    assert problems(well) == []


@pytest.mark.parametrize(
    ("tags", "wrong"),
    [
        ({"--tags": ["scalx"]}, "--tags scalx"),
        ({"--tags": ["notest"]}, "--tags notest"),
        ({"--skip-tags": ["all"]}, "--skip-tags all"),
        ({"--skip-tags": ["shared_storge"]}, "--skip-tags shared_storge"),
    ],
)
def test_tags_that_no_part_has(tags: dict[str, list[str]], wrong: str) -> None:
    (found,) = problems(replace(call("site"), tags=tags))

    assert found.startswith(f"{wrong}: is no tag of site; it has calendar_server_63, ")


@pytest.mark.parametrize("playbook", [name for name, found in PLAYBOOKS.items() if found.described])
@pytest.mark.parametrize("missing", ["groupware_cluster", "groupware_services"])
def test_what_is_not_described(playbook: str, missing: str) -> None:
    asked = replace(call(playbook, node="nodec"), extra=[], description={**DESCRIPTION, missing: None})

    assert problems(asked) == [
        f"{missing}: is not defined for the hosts of groupware_nodes; describe it in the inventory"
    ]


def test_a_new_node_that_is_no_host_of_the_run() -> None:
    asked = call("add_node", node="nodeb")

    assert problems(replace(asked, groups={**asked.groups, "groupware_nodes": ["nodea"]})) == [
        "node = 'nodeb': is not in the inventory group groupware_nodes, which has nodea"
    ]
    assert problems(replace(asked, hosts=["nodea"], limit="nodea")) == ["node = 'nodeb': --limit nodea leaves it out"]


def test_credentials_are_not_shown() -> None:
    for credentials in ({"hush": {}}, {"mail1": "hush"}, {"mail1": {"user": "hush"}}, "hush"):
        found = problems(call("verify", verify_credentials=credentials))

        assert len(found) == 1
        assert "hush" not in found[0]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"user": "alice", "password": ["hush"]}, ".password: is a list of 1 item, not a text; give a text in quotes"),
        ({"user": "alice", "password": 4711}, ".password: is a number, not a text; give a text in quotes"),
        ({"user": "alice", "password": True}, ".password: is a boolean, not a text; give a text in quotes"),
        ({"user": "alice", "password": ""}, ".password: is empty; give a text in quotes"),
        ({"user": "alice", "password": None}, ".password: is empty; give a text in quotes"),
        ({"user": {"hush": 1}, "password": "x"}, ".user: is a dictionary, not a text; give a text in quotes"),
        ({"user": "alice", "pasword": "hush"}, ".pasword: is not known; did you mean password?"),
        (
            {"user": "a", "password": "x", "hush 7$": 1},
            ".(a name of 7 characters): is not known; give user and password",
        ),
        ({"user": "alice"}, ".password: is missing; give {SERVICE: {user: NAME, password: PASSWORD}}"),
        ("hush", ": is a text, not a mapping; give {SERVICE: {user: NAME, password: PASSWORD}}"),
    ],
)
def test_credentials_that_nobody_could_log_in_with(entry: object, words: str) -> None:
    assert problems(call("verify", verify_credentials={"mail1": entry})) == [f"verify_credentials.mail1{words}"]


class Encrypted(Sequence):  # type: ignore[type-arg]
    """A vault's value, as Ansible before 2.19 hands it over: no text, but one to each module."""

    __ENCRYPTED__ = True

    def __getitem__(self, index: Any) -> Any:
        return "x"[index]

    def __len__(self) -> int:
        return 1


def test_credentials_out_of_a_vault() -> None:
    credentials = {"mail1": {"user": "alice", "password": Encrypted()}}

    assert problems(call("verify", verify_credentials=credentials)) == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("nod", "node"),
        ("noed", "node"),
        ("nodes", "node"),
        ("retrun", "return"),
        ("state", None),
        ("no", None),
        ("name", None),
        ("statte", "state"),
        ("failover_service_alow_restat", "failover_service_allow_restart"),
        ("vault_alice", None),
    ],
)
def test_slips_of_the_keyboard(word: str, meant: str | None) -> None:
    assert nearest(word, ["node", "state", "return", "failover_service_allow_restart"]) == meant
