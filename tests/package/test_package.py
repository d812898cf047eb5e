"""The collection as its users get it: built, installed into an empty place, and called by its full name from there."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[2]
PLAYBOOKS = sorted(path.stem for path in (TOP / "playbooks").glob("*.yml"))
MODULES = sorted(path.stem for path in (TOP / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (TOP / "roles").iterdir())

#: Three nodes that nobody can reach, and one service: enough for everything that happens before a node is touched.
INVENTORY = {
    "groupware_nodes": {
        "hosts": {name: {"ansible_host": "127.0.0.1", "ansible_port": 1} for name in ("nodea", "nodeb", "nodec")},
        "vars": {
            "groupware_cluster": {
                "name": "package",
                "networks": ["192.0.2.0/24"],
                "nodes": [
                    {"name": "nodea", "address": "192.0.2.11"},
                    {"name": "nodeb", "address": "192.0.2.12"},
                    {"name": "nodec", "address": "192.0.2.13"},
                ],
                "fencing": {"disabled_accepting_data_loss": True},
            },
            "groupware_services": [
                {
                    "name": "mail1",
                    "model": "asymmetric",
                    "nodes": {"primary": "nodea", "standby": "nodeb"},
                    "address": "192.0.2.21",
                    "host_name": "mail1.example.com",
                    "storage": {"device": "/dev/san/mail1", "filesystem": "ext4", "mount_point": "/srv/mail1"},
                    "application": {"type": "postfix_dovecot"},
                }
            ],
        },
    }
}


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("build")
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", place], cwd=TOP, check=True)
    return next(place.glob("groupware-ha-*.tar.gz"))


class Place:
    """An empty folder with nothing but the installed collection; its dependencies are those of the ansible package."""

    def __init__(self, path: Path, tarball: Path) -> None:
        self.path = path
        self.collection = path / "collections" / "ansible_collections" / "groupware" / "ha"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        self.environment |= {"ANSIBLE_COLLECTIONS_PATH": str(path / "collections")}
        # Forced, because the checkout is linked into the virtual environment and counts as installed.
        self.run(
            "ansible-galaxy",
            "collection",
            "install",
            "--force",
            "--offline",
            f"--collections-path={path / 'collections'}",
            str(tarball),
        )
        (path / "hosts.yml").write_text(yaml.safe_dump(INVENTORY))

    def run(self, *arguments: str, succeeds: bool = True) -> str:
        result = subprocess.run(
            arguments, cwd=self.path, env=self.environment, capture_output=True, text=True, check=False
        )
        assert (result.returncode == 0) == succeeds, result.stdout + result.stderr
        return result.stdout


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, tarball: Path) -> Place:
    return Place(tmp_path_factory.mktemp("place"), tarball)


def test_tarball_holds_the_collection_and_nothing_else(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        top_level = {name.split("/")[0] for name in archive.getnames()}
        every_name = {part for name in archive.getnames() for part in name.split("/")}

    allowed = {"CHANGELOG.rst", "CONTRIBUTING.md", "COPYING", "FILES.json", "MANIFEST.json", "README.md", "changelogs"}
    assert top_level <= allowed | {"docs", "inventories", "meta", "playbooks", "plugins", "roles"}
    assert {"COPYING", "README.md", "meta", "playbooks", "plugins", "roles"} <= top_level
    assert not {name for name in every_name if name.endswith((".pyc", ".tar.gz")) or name == "__pycache__"}
    # What is in it was looked at: 716 KB, all of it sources. Much more would be something that does not belong there.
    assert tarball.stat().st_size < 1_000_000


def test_tarball_holds_every_file_that_belongs_to_it(tarball: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "meta", "playbooks", "plugins", "roles"],
        cwd=TOP,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    with tarfile.open(tarball) as archive:
        assert set(tracked) <= set(archive.getnames())


def test_the_installed_copy_is_what_runs(place: Place) -> None:
    documented = json.loads(place.run("ansible-doc", "--json", "groupware.ha.deployment"))
    assert documented["groupware.ha.deployment"]["doc"]["filename"].startswith(str(place.collection))


def test_every_module_is_documented(place: Place) -> None:
    documented = json.loads(place.run("ansible-doc", "--json", *(f"groupware.ha.{name}" for name in MODULES)))
    assert {name for name, parts in documented.items() if parts["doc"] and parts["examples"]} == {
        f"groupware.ha.{name}" for name in MODULES
    }


def test_every_role_is_documented(place: Place) -> None:
    listed = json.loads(place.run("ansible-doc", "--type", "role", "--list", "--json", "groupware.ha"))
    assert {name.removeprefix("groupware.ha.") for name in listed} == set(ROLES)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_playbook_is_found_by_its_full_name(place: Place, playbook: str) -> None:
    place.run("ansible-playbook", "--syntax-check", "-i", "hosts.yml", f"groupware.ha.{playbook}")


def test_plan_draws_the_placement(place: Place) -> None:
    output = place.run("ansible-playbook", "-i", "hosts.yml", "groupware.ha.plan", succeeds=False)
    assert all(word in output for word in ("mail1", "nodea", "nodeb")), output
    assert "Nothing was compared, since no node of " in output


@pytest.mark.parametrize("playbook", ["plan", "site"])
def test_a_bad_description_is_refused_before_a_node_is_touched(place: Place, playbook: str) -> None:
    services = copy.deepcopy(INVENTORY["groupware_nodes"]["vars"]["groupware_services"])
    services[0]["nodes"] = {"primary": "nodea", "standby": "nodea"}
    variables = json.dumps({"groupware_services": services})
    output = place.run(
        "ansible-playbook", "-i", "hosts.yml", "-e", variables, f"groupware.ha.{playbook}", succeeds=False
    )
    assert "standby" in output
    assert "UNREACHABLE" not in output
