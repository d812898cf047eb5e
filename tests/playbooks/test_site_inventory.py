"""A site in one short file is an inventory like any other."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.tests.playbooks.conftest import TOP, Controller

JUDGE = [
    {
        "hosts": "localhost,all",
        "gather_facts": False,
        "tasks": [{"groupware.ha.request": {"playbook": "plan"}, "run_once": True}],
    }
]


def listed(source: Path | str, folder: Path, *arguments: str) -> dict[str, Any]:
    """What ansible-inventory says."""
    done = subprocess.run(
        ["ansible-inventory", "-i", str(source), "--list", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def played(source: Path | str, folder: Path, plays: list[dict[str, Any]], *arguments: str) -> tuple[int, str]:
    """Run plays with an inventory."""
    (folder / "play.yml").write_text(yaml.safe_dump(plays))
    done = subprocess.run(
        ["ansible-playbook", "-i", str(source), "play.yml", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def documented() -> str:
    """The example in the plugin's documentation."""
    done = subprocess.run(
        ["ansible-doc", "--type", "inventory", "--json", "groupware.ha.site"],
        capture_output=True,
        text=True,
        check=True,
    )
    text = json.loads(done.stdout)["groupware.ha.site"]["examples"]
    assert isinstance(text, str)
    return text


_HASH = f"{{SHA512-CRYPT}}$6$saltsaltsalt${'x' * 86}"
SECRETS = [
    "-e",
    json.dumps({"vault_alice": _HASH, "vault_bob": _HASH, "vault_ias_cluster_directory_password": "hush"}),
]


@pytest.mark.parametrize("example", ["the documentation", "inventories/fleet/site.groupware.yml"])
def test_examples_are_inventories_that_are_judged_to_be_right(tmp_path: Path, example: str) -> None:
    source = tmp_path / "site.groupware.yml"
    source.write_text(documented() if example == "the documentation" else (TOP / example).read_text())

    found = listed(source, tmp_path)
    status, output = played(source, tmp_path, JUDGE, *SECRETS)

    assert status == 0, output
    assert len(found["groupware_nodes"]["children"]) == len(yaml.safe_load(source.read_text())["clusters"])
    assert found["ias_shop"] == {"hosts": ["server0", "server1"]}
    assert found["_meta"]["hostvars"]["server1"]["ias_cluster_name"] == "shop"
    assert "mail" in output, "the placement is drawn"


def fleet(size: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Clusters in the plain way, and in one file of a site."""
    plain: dict[str, Any] = {}
    short: dict[str, Any] = {}
    for number in range(size):
        network = f"10.0.{number}"
        names = [f"node{number}{letter}" for letter in "abc"]
        addresses = [f"{network}.{last}" for last in (11, 12, 13)]
        service = {"address": f"{network}.21", "host_name": f"mail{number}.example.com"}
        placed = {"nodes": {"primary": names[0], "standby": names[1:]}}
        plain[f"cluster{number}"] = {
            "hosts": {name: {"ansible_host": address} for name, address in zip(names, addresses, strict=True)},
            "vars": {
                "ansible_user": "root",
                "groupware_cluster": {
                    "name": f"cluster{number}",
                    "networks": [f"{network}.0/24"],
                    "nodes": [
                        {"name": name, "address": address} for name, address in zip(names, addresses, strict=True)
                    ],
                    "fencing": {
                        "devices": [
                            {
                                "name": "power",
                                "agent": "fence_apc",
                                "nodes": names,
                                "options": {"username": "ha", "passwd_script": "/etc/power", "ip": f"{network}.10"},
                            }
                        ]
                    },
                },
                "groupware_services": [
                    {
                        "name": f"mail{number}",
                        "model": "asymmetric",
                        "storage": {"device": "/dev/mapper/mail", "mount_point": "/srv/mail"},
                        **service,
                        **placed,
                    }
                ],
            },
        }
        short[f"cluster{number}"] = {
            "networks": [f"{network}.0/24"],
            "nodes": dict(zip(names, addresses, strict=True)),
            "fencing": {"devices": {"power": {"options": {"ip": f"{network}.10"}}}},
            "services": {f"mail{number}": {**service, **placed}},
        }
    power = {"agent": "fence_apc", "options": {"username": "ha", "passwd_script": "/etc/power"}}
    defaults = {
        "fencing": {"devices": {"power": power}},
        "each_service": {
            "model": "asymmetric",
            "storage": {"device": "/dev/mapper/mail", "mount_point": "/srv/mail"},
        },
    }
    file = {"plugin": "groupware.ha.site", "name": "fleet", "vars": {"ansible_user": "root"}}
    return {"groupware_nodes": {"children": plain}}, {**file, "defaults": defaults, "clusters": short}


def test_a_fleet_has_the_same_variables_as_in_the_plain_inventory(tmp_path: Path) -> None:
    plain, short = fleet(20)
    (tmp_path / "plain.yml").write_text(yaml.safe_dump(plain))
    (tmp_path / "short.yml").write_text(yaml.safe_dump(short))

    wanted = listed(tmp_path / "plain.yml", tmp_path)
    found = listed(tmp_path / "short.yml", tmp_path)
    judged = [played(tmp_path / name, tmp_path, JUDGE) for name in ("plain.yml", "short.yml")]

    assert len(wanted["_meta"]["hostvars"]) == 60
    assert found["_meta"] == wanted["_meta"]
    assert sorted(found["groupware_nodes"]["children"]) == sorted(wanted["groupware_nodes"]["children"])
    assert [status for status, _output in judged] == [0, 0], judged
    assert judged[0][1] == judged[1][1]


def test_values_of_a_vault_and_templates_are_read(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    encrypt = ["ansible-vault", "encrypt_string", "--vault-password-file", "password", "--name", "secret", "hush"]
    done = subprocess.run(encrypt, cwd=tmp_path, capture_output=True, text=True, check=True)
    site = "plugin: groupware.ha.site\nname: example\nclusters:\n  office:\n    nodes: {nodea: 192.0.2.11}\n    vars:\n"
    site += '      whole: "{{ secret }} of {{ groupware_cluster.name }}"\n'
    site += "".join(f"      {line}\n" for line in done.stdout.splitlines())
    (tmp_path / "site.yml").write_text(site)
    tell = [{"hosts": "all", "gather_facts": False, "tasks": [{"debug": {"msg": "{{ whole }}"}}]}]

    status, output = played("site.yml", tmp_path, tell, "--vault-password-file", "password")

    assert status == 0, output
    assert "hush of office" in output
    assert "__ansible_vault" in json.dumps(listed("site.yml", tmp_path)), "who has no password sees no value"


def test_further_groups_and_variables_are_constructed(tmp_path: Path) -> None:
    _plain, short = fleet(2)
    short["clusters"]["cluster1"]["framework"] = "rhcs"
    short["keyed_groups"] = [{"prefix": "framework", "key": "groupware_cluster.framework"}]
    short["groups"] = {"first": "inventory_hostname.endswith('a')"}
    short["compose"] = {"called": "groupware_cluster.name ~ ' ' ~ ansible_user"}
    (tmp_path / "site.yml").write_text(yaml.safe_dump(short))

    found = listed("site.yml", tmp_path)

    assert found["framework_rhcs"]["hosts"] == ["node1a", "node1b", "node1c"]
    assert found["first"]["hosts"] == ["node0a", "node1a"]
    assert found["_meta"]["hostvars"]["node0b"]["called"] == "cluster0 root"


def test_a_file_that_is_wrong_is_left_out_and_the_run_refused(controller: Controller) -> None:
    _plain, short = fleet(1)
    short["clusters"]["cluster0"]["netwroks"] = short["clusters"]["cluster0"].pop("networks")
    (controller.path / "site.groupware.yml").write_text(yaml.safe_dump(short))

    done = controller.run("plan", None, "-i", "site.groupware.yml")

    assert done.status != 0
    said = re.sub(r"\s+", " ", done.output)
    assert (
        "site.groupware.yml is left out: - clusters.cluster0.netwroks = a list of 1 item: is not a known key;" in said
    )
    assert "did you mean networks?" in said
    assert "Nothing was touched: the inventory has no host in a group groupware_nodes" in done.messages


def test_a_wrong_file_ends_a_run_that_is_told_to(controller: Controller) -> None:
    plain, short = fleet(1)
    (controller.path / "site.groupware.yml").write_text(yaml.safe_dump({**short, "cluster": {}}))

    done = controller.run("plan", plain, "-i", "site.groupware.yml", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")

    assert done.status != 0
    assert "did you mean clusters?" in done.output
    assert "PLAY" not in done.output
