"""What playbooks can be asked for, and what is wrong with what they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.request import PLAYBOOKS, Call, judge
from ansible_collections.groupware.ha.plugins.module_utils.spelling import nearest

NODES = ["nodea", "nodeb"]


def service(name: str, nodes: Sequence[str], address: int) -> dict[str, Any]:
    return {
        "name": name,
        "model": "asymmetric",
        "nodes": {"primary": nodes[0], "standby": nodes[1]},
        "address": f"192.0.2.{address}",
        "host_name": f"{name}.example.com",
        "storage": {"device": f"/dev/san/{name}", "mount_point": f"/srv/{name}"},
    }


def cluster(name: str, nodes: Sequence[str], first: int) -> dict[str, Any]:
    return {
        "name": name,
        "networks": ["192.0.2.0/24"],
        "nodes": [{"name": node, "address": f"192.0.2.{number}"} for number, node in enumerate(nodes, start=first)],
        "fencing": {"disabled_accepting_data_loss": True},
    }


MAIL = {**service("mail1", NODES, 21), "application": {"type": "postfix_dovecot"}}
DESCRIPTION = {
    "groupware_cluster": cluster("office", NODES, 11),
    "groupware_services": [MAIL, service("files", NODES, 22)],
}
WEST = {
    "groupware_cluster": cluster("west", ["nodec", "noded"], 13),
    "groupware_services": [service("wiki", ["nodec", "noded"], 23)],
}


def problems(asked: Call) -> list[str]:
    return judge(asked, lambda _description: None).problems


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
        described=dict.fromkeys(NODES, DESCRIPTION),
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
        call("site", groupware_hold_timeout=600, groupware_take_over="3f9a1c2e77b0"),
        call("evacuate", node="nodea", groupware_hold_timeout=600),
        call("remove_node", node="nodec"),
        call("adopt", into="file.yml", overwrite="yes"),
        replace(call("migrate", saved="main.cf", framework="vcs"), groups={}, described={}),
        replace(call("site"), tags={"--tags": ["all", "scalix"], "--skip-tags": ["shared_storage"]}),
        replace(
            call("plan"),
            tags={"--tags": ["all"], "--skip-tags": ["molecule-notest", "notest", "molecule-idempotence-notest"]},
        ),
        replace(call("site"), groups={"ias_servers": ["nodea"]}, described={}),
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
    described = {name: value for name, value in DESCRIPTION.items() if name != missing}
    asked = replace(call(playbook, node="nodec"), extra=[], described=dict.fromkeys(NODES, described))

    assert problems(asked) == [
        f"{missing}: is not defined for the hosts of groupware_nodes; describe it in the inventory"
    ]


def test_a_new_node_that_is_no_host_of_the_run() -> None:
    asked = call("add_node", node="nodeb")

    assert problems(
        replace(asked, groups={**asked.groups, "groupware_nodes": ["nodea"]}, described={"nodea": DESCRIPTION})
    ) == ["node = 'nodeb': is not in the inventory group groupware_nodes, which has nodea"]
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


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("failover_service_allow_restar", "failover_service_allow_restart"),
        ("groupware_servces", "groupware_services"),
        ("failover_service_of_ours", None),
        ("groupware_services", None),
        ("vault_alice", None),
        ("groupware_canarry", "groupware_canary"),
        ("returned", None),
        ("nodes", None),
        ("services", None),
    ],
)
def test_variables_of_the_inventory_that_are_misspelt(name: str, meant: str | None) -> None:
    found = problems(replace(call("site"), inventory=[name, "ansible_host", "group_names"]))

    words = f"{name}: is a variable of the inventory that nothing reads; did you mean {meant}?"
    assert found == ([] if meant is None else [words])


def test_a_group_of_tiers_that_is_misspelt_beside_the_nodes() -> None:
    groups = {"all": [*NODES, "server0"], "groupware_nodes": NODES, "ias_server": ["server0"]}

    assert problems(replace(call("site"), groups=groups)) == [
        "inventory group ias_server: is read by nobody; did you mean ias_servers?"
    ]


def two_clusters(playbook: str, **given: Any) -> Call:
    hosts = [*NODES, "nodec", "noded"]
    return replace(
        call(playbook, **given),
        groups={"all": hosts, "groupware_nodes": hosts, "office": NODES, "west": ["nodec", "noded"]},
        hosts=[*hosts, "localhost"],
        described={**dict.fromkeys(NODES, DESCRIPTION), **dict.fromkeys(["nodec", "noded"], WEST)},
    )


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (two_clusters("site"), ["office", "west"]),
        (replace(two_clusters("site"), hosts=NODES, limit="office"), ["office"]),
        (two_clusters("verify"), ["office", "west"]),
        (two_clusters("unconfigure"), ["office", "west"]),
        (two_clusters("unconfigure", groupware_hold_timeout=600), ["office", "west"]),
        (two_clusters("unconfigure", unconfigure_cluster="west"), ["west"]),
        (two_clusters("switchover", service="wiki"), ["west"]),
        (two_clusters("evacuate", node="nodea"), ["office"]),
        (two_clusters("add_node", node="noded"), ["west"]),
        (replace(two_clusters("adopt"), hosts=NODES, limit="office"), ["office"]),
    ],
    ids=lambda one: one.playbook if isinstance(one, Call) else "-".join(one),
)
def test_which_of_two_clusters_is_meant(asked: Call, meant: list[str]) -> None:
    judgement = judge(asked, lambda _description: None)

    assert judgement.problems == []
    assert [one.name for one in judgement.clusters] == meant


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            two_clusters("switchover", service="wikki"),
            "service = 'wikki': is in none of the clusters office, west; there are",
        ),
        (
            two_clusters("switchover", service="wiki", node="nodea"),
            "service = 'wiki', node = 'nodea': is in none of the",
        ),
        (two_clusters("evacuate", node="nodex"), "node = 'nodex': is in none of the clusters office, west"),
        (two_clusters("unconfigure", unconfigure_cluster="wst"), "unconfigure_cluster = 'wst': is in none of the"),
        (two_clusters("adopt"), "adopt: may mean any of the clusters office, west; say which one with --limit"),
    ],
    ids=lambda one: one.playbook if isinstance(one, Call) else "words",
)
def test_a_call_that_means_no_one_cluster(asked: Call, words: str) -> None:
    (found,) = problems(asked)

    assert found.startswith(words)


def test_the_whole_site_is_judged_whatever_is_meant() -> None:
    broken = {**WEST, "groupware_services": [{**service("wiki", ["nodec", "noded"], 23), "model": "symetric"}]}
    asked = replace(two_clusters("site"), hosts=NODES, limit="office")

    found = problems(replace(asked, described={**asked.described, "nodec": broken, "noded": broken}))

    assert len(found) == 1
    assert found[0].startswith("west: services[wiki].model = 'symetric'")


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


LOG_IN = {"user": "alice", "password": "hush"}
MAIL_WEST = {
    **WEST,
    "groupware_services": [{**WEST["groupware_services"][0], "application": {"type": "postfix_dovecot"}}],
}


def verified(own: dict[str, Any], west: dict[str, Any], **given: Any) -> list[str]:
    """What is wrong where each of two clusters has users of its own."""
    east, other = {**DESCRIPTION, **own}, {**MAIL_WEST, **west}
    hosts = {**dict.fromkeys(NODES, east), **dict.fromkeys(["nodec", "noded"], other)}
    return problems(replace(two_clusters("verify", **given), described=hosts))


def test_each_cluster_has_users_of_its_own() -> None:
    mail, wiki = {"mail1": LOG_IN}, {"wiki": LOG_IN}
    assert verified({"verify_credentials": mail}, {"verify_credentials": wiki}) == []
    assert verified({"verify_credentials": mail}, {}) == []
    assert verified({}, {}, verify_credentials={**mail, **wiki}) == []
    for wrong in (
        verified({"verify_credentials": mail}, {"verify_credentials": {"wikki": LOG_IN}}),
        verified({}, {}, verify_credentials={**mail, "wikki": LOG_IN}),
    ):
        assert len(wrong) == 1
        assert "is for no mail service; there are: mail1, wiki" in wrong[0]


@pytest.mark.parametrize("value", ["abc", "-5", [1]])
def test_a_time_to_wait_that_is_none(value: Any) -> None:
    (found,) = problems(call("site", groupware_hold_timeout=value))
    assert found.startswith(f"groupware_hold_timeout = {value!r}: is no number of seconds")


def test_a_place_for_holds_that_is_another_one_for_each_run() -> None:
    (found,) = problems(call("site", groupware_hold_directory="run/holds"))
    assert found.startswith("groupware_hold_directory = 'run/holds': is not an absolute path")
    assert problems(call("site", groupware_hold_directory="/run/holds")) == []


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
