"""What a run would do to each cluster, by what its nodes answered, as the roles' own files of questions say it.

All cases are clusters of one inventory, and compared in one run.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.tests.playbooks.conftest import CLUSTER, NODES, SERVICE, VCS_CLUSTER, Controller

ROLES = {
    "ha_ip_config": {"questions": ["logical_addresses"], "cluster_questions": []},
    "shared_storage": {"questions": ["shared_volumes"], "cluster_questions": []},
    "postfix_dovecot": {"questions": ["mail_node_info", "mail_configuration"], "cluster_questions": []},
    "failover_service": {"questions": [], "cluster_questions": ["failover_services"]},
}
ROLES_OF = {"pacemaker": ROLES, "vcs": {"cluster_framework": {"questions": [], "cluster_questions": []}}}
USERS = {"postfix": 871, "dovecot": 873, "dovenull": 874, "vmail": 5000}
GROUPS = {**USERS, "postdrop": 872}
SERVICES = [{**SERVICE, "application": {"type": "postfix_dovecot", "options": {"domains": ["example.com"]}}}]
GROUPED = [{**SERVICES[0], "storage": {**SERVICE["storage"], "volume_group": "vg1", "logical_volume": "mail1"}}]
CREATED = {"action": "create", "kind": "service", "name": "mail2", "service": "mail2", "before": None, "after": {}}

PLAY = """
- hosts: localhost,all
  gather_facts: false
  tasks:
    - groupware.ha.compare:
      run_once: true
      register: compared
    - ansible.builtin.copy:
        content: "{{ compared | to_json }}"
        dest: compared.json
      run_once: true
"""

Answers = dict[str, dict[str, Any]]


def answers(**changed: dict[str, Any]) -> dict[str, Answers]:
    """What the nodes of a cluster answer that lacks nothing, and where mail1 runs on nodea; but for what has changed.

    :param changed: by node, for all of them as ``all``, what modules answer besides
    """
    cluster = {"running": True, "services": {"mail1": {"state": "online", "nodes": ["nodea"]}}}
    found: dict[str, Answers] = {}
    for node in NODES:
        here = node == "nodea"
        found[node] = {
            "cluster_info": {"changed": False, "cluster": cluster},
            "logical_addresses": {"changed": False, "online": ["192.0.2.21"] if here else []},
            "shared_volumes": {"changed": False, "volumes": {"mail1": {"home": "nodea", "devices": {}}}},
            "mail_node_info": {"state": {"missing_packages": [], "users": USERS, "groups": GROUPS}},
            "mail_configuration": {"changed": False, "mounted": ["/srv/mail1"] if here else []},
            "failover_services": {"changed": False, "changes": [], "restarts": [], "services": {}},
        }
        for name in ("all", node):
            for module, answer in changed.get(name, {}).items():
                found[node][module] = {**found[node][module], **answer}
    return found


def lacking(**state: Any) -> dict[str, Any]:
    """What a node answers that lacks packages or accounts."""
    return {"mail_node_info": {"state": {"missing_packages": [], "users": USERS, "groups": GROUPS, **state}}}


def disk(wwn: str) -> dict[str, Any]:
    """What a node answers of the device of mail1."""
    found = {"exists": True, "size": 2**30, "signatures": [], "uuids": [], "used_by": [], "hardware": {"wwn": wwn}}
    return {"shared_volumes": {"volumes": {"mail1": {"home": "nodea", "devices": {"/dev/san/mail1": found}}}}}


STANDING = "fencing device fence_engine does not run (start failed on nodea)"
SMALL = "mail1: the logical volume has 1024 MiB, less than 20g; grow it"
NOT_RUNNING = {"cluster_info": {"cluster": {"running": False}}}
NAMED = {node: {"shared_volumes": {"system_id": node}} for node in NODES}
#: By the name of its cluster: what the nodes answer, and the lines.
CASES: dict[str, tuple[dict[str, Answers], list[str]]] = {
    "nothing": (answers(), []),
    "hosts": (
        answers(nodeb={"logical_addresses": {"changed": True, "files": ["/etc/hosts"]}}),
        ["ha_ip_config: nodeb: writes /etc/hosts"],
    ),
    "refused": (
        answers(nodeb={"logical_addresses": {"failed": True, "msg": "no interface\non its network"}}),
        ["ha_ip_config: nodeb: is not known yet: no interface on its network"],
    ),
    "volume": (
        answers(nodea={"shared_volumes": {"changed": True, "commands": ["mkfs.ext4 -q /dev/san/mail1"]}}),
        ["shared_storage: nodea: runs mkfs.ext4 -q /dev/san/mail1"],
    ),
    "lvm": (answers(**{**NAMED, "nodec": {}}), ["shared_storage: nodec: gets its name as LVM system ID"]),
    "lvm_named": (answers(**NAMED), []),
    "lvm_swapped": (
        answers(**{**NAMED, "nodea": NAMED["nodeb"], "nodeb": NAMED["nodea"]}),
        [f"shared_storage: {node}: gets its name as LVM system ID" for node in ("nodea", "nodeb")],
    ),
    "small": (answers(nodeb={"shared_volumes": {"warnings": [SMALL]}}), []),
    "packages": (answers(nodeb=lacking(missing_packages=["postfix", "openssl"])), ["nodeb: installs postfix, openssl"]),
    "users": (answers(nodeb=lacking(users={})), ["postfix_dovecot: nodeb: makes accounts"]),
    "groups": (answers(nodeb=lacking(groups={})), ["postfix_dovecot: nodeb: makes accounts"]),
    "mail": (
        answers(nodeb={"mail_configuration": {"changed": True, "files": ["/a", "/b"]}}),
        ["postfix_dovecot: nodeb: writes /a", "postfix_dovecot: nodeb: writes /b"],
    ),
    "offline": (
        answers(nodea={"mail_configuration": {"mounted": []}}),
        ["postfix_dovecot: mail1: its volume is mounted on none of these nodes, so that its files are not known"],
    ),
    "created": (answers(all={"failover_services": {"changed": True, "changes": [CREATED]}}), ["create service mail2"]),
    "second": (
        answers(nodea=NOT_RUNNING, all={"failover_services": {"changed": True, "changes": [CREATED]}}),
        ["create service mail2"],
    ),
    "untold": (
        answers(nodeb={"mail_node_info": {"failed": True, "msg": "no dpkg", "state": None}}),
        ["postfix_dovecot: nodeb: is not known yet: no dpkg"],
    ),
    "unfenced": (answers(all={"failover_services": {"warnings": [STANDING]}}), []),
    "untold_ids": (
        answers(
            nodeb={"mail_configuration": {"failed": True, "msg": "no openssl"}},
            nodec=lacking(users={**USERS, "vmail": 4711}),
        ),
        ["postfix_dovecot: nodeb: is not known yet: no openssl"],
    ),
    "down": (
        answers(all=NOT_RUNNING),
        ["what is to be done to the cluster's resources is not known before it runs"],
    ),
}


OTHERS = {"vcs_other_nodea": {}, "vcs_other_nodeb": {}}
#: By the name of its cluster: what the nodes answer, and why nothing is done.
REFUSED: dict[str, tuple[dict[str, Answers], list[str]]] = {
    "ids": (
        answers(nodec=lacking(users={**USERS, "vmail": 4711})),
        ["the user vmail has the id 5000 on nodea, 5000 on nodeb, 4711 on nodec"],
    ),
    "twice": (
        answers(nodeb={"logical_addresses": {"online": ["192.0.2.21"]}}),
        ["An address is online on more than one node at once, so that its service answers now from the one and now"],
    ),
    "restarted": (
        answers(all={"failover_services": {"failed": True, "refused": True, "msg": "the changes\nstop mail1"}}),
        ["the changes stop mail1"],
    ),
    "in_use": (
        answers(nodeb={"shared_volumes": {"failed": True, "refused": True, "msg": "volume mail1: has data"}}),
        ["nodeb: volume mail1: has data"],
    ),
    "another_disk": (
        answers(nodea=disk("4f1c"), nodeb=disk("9a02")),
        ["volume mail1: /dev/san/mail1 is not the same device on all nodes: wwn 4f1c on nodea, 9a02 on nodeb"],
    ),
    "vcs_down": (
        answers(nodeb={"cluster_info": {"cluster": {"running": False, "reason": "no such command: hasys"}}}),
        ["nodeb: the cluster does not run there: no such command: hasys. Form it with the installer of vcs"],
    ),
    "vcs_other": (
        answers(all={"cluster_info": {"cluster": {"running": True, "nodes": OTHERS, "services": {}}}}),
        ["cluster.nodes = nodea, nodeb, nodec: the members of the cluster are nodea, nodeb. Add or remove nodes"],
    ),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the module returns for all of them."""
    groups = {}
    for name, (given, _lines) in {**CASES, **REFUSED}.items():
        framework = "vcs" if name.startswith("vcs") else "pacemaker"
        # Hosts of other clusters have other names.
        hosts = {
            f"{name}_{node}": {"groupware_answer": {"answers": _renamed(answer, name), "roles": ROLES_OF[framework]}}
            for node, answer in given.items()
        }
        groups[name] = {"hosts": hosts, "vars": _described(name)}
    clusters = [{"name": name, "hosts": list(group["hosts"]), "nodes": []} for name, group in groups.items()]
    controller = Controller(tmp_path_factory.mktemp("compared"))
    (controller.path / "compare.yml").write_text(PLAY)
    (controller.path / "request.yml").write_text(
        yaml.safe_dump({"groupware_request": {"clusters": clusters, "tiers": []}})
    )
    inventory = {"groupware_nodes": {"children": groups}, "all": {"vars": {"ansible_connection": "local"}}}
    done = controller.run("compare.yml", inventory, "-e", "@request.yml")
    assert done.status == 0, done.output
    found: dict[str, Any] = json.loads((controller.path / "compared.json").read_text())
    return found


def _described(name: str) -> dict[str, Any]:
    """The cluster of a case, and its service."""
    nodes = [{**one, "name": f"{name}_{one['name']}"} for one in CLUSTER["nodes"]]
    primary, *standby = [node["name"] for node in nodes]
    (service,) = GROUPED if name.startswith("lvm") else SERVICES
    return {
        "groupware_cluster": {**(VCS_CLUSTER if name.startswith("vcs") else CLUSTER), "nodes": nodes},
        "groupware_services": [{**service, "nodes": {"primary": primary, "standby": standby}}],
    }


def _renamed(answer: Answers, name: str) -> Answers:
    """LVM knows a node by its name in the inventory."""
    found = copy.deepcopy(answer)
    if "system_id" in found["shared_volumes"]:
        found["shared_volumes"]["system_id"] = f"{name}_{found['shared_volumes']['system_id']}"
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_a_run_would_do(compared: dict[str, Any], name: str) -> None:
    _given, expected = CASES[name]
    lines = [line.replace(f"{name}_", "") for one in compared["differences"][name] for line in one["lines"]]

    assert len(lines) == len(expected), lines
    assert all(words in line for words, line in zip(expected, lines, strict=True)), lines
    goes_on = [host for host in compared["hosts"] if host.startswith(f"{name}_node")]
    assert goes_on == ([f"{name}_{node}" for node in NODES] if expected else [])


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_run_would_refuse(compared: dict[str, Any], name: str) -> None:
    _given, expected = REFUSED[name]
    hosts = [f"{name}_{node}" for node in NODES]
    lines = [line.replace(f"{name}_", "") for line in compared["refusals"][hosts[0]]]

    assert len(lines) == len(expected), lines
    assert all(words in line for words, line in zip(expected, lines, strict=True)), lines
    assert all(compared["refusals"][host] == compared["refusals"][hosts[0]] for host in hosts)
    assert not set(hosts) & set(compared["hosts"])


def test_only_what_cannot_be_is_refused(compared: dict[str, Any]) -> None:
    assert {host.rpartition("_")[0] for host in compared["refusals"]} == set(REFUSED)


def test_what_is_not_for_a_run_to_change(compared: dict[str, Any]) -> None:
    assert compared["warnings"] == [f"small: small_nodeb: {SMALL}", f"unfenced: {STANDING}"]
