"""Clusters that were saved to files, described by the playbooks of the installed collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.tests.package.test_package import TOP, Place, place, tarball

__all__ = ["place", "tarball"]  # fixtures

SAVED = TOP / "tests" / "unit" / "plugins" / "module_utils" / "saved"
RED_HAT = SAVED / "rhcs-6-file-server.cluster.conf"
VERITAS = SAVED / "vcs-6.2-mail-store.main.cf"


def run(place: Place, playbook: str, saved: Path, *arguments: str, succeeds: bool = True) -> str:
    """Run a playbook on a saved file, which it finds relative to where it is called."""
    (place.path / saved.name).write_text(saved.read_text())
    framework = saved.name.partition("-")[0]
    variables = ["-e", f"saved={saved.name}", "-e", f"framework={framework}"]
    return place.run(
        "ansible-playbook", "-i", "hosts.yml", *variables, *arguments, f"groupware.ha.{playbook}", succeeds=succeeds
    )


def accepted(text: str, framework: str) -> list[str]:
    """The names of the services, of a description that is complete but for what an administrator adds."""
    described: dict[str, Any] = yaml.safe_load(text)
    cluster, services = described["groupware_cluster"], described["groupware_services"]
    driver = create_framework(framework, LocalRunner(dry=True))
    assert cluster["framework"] == framework
    cluster.setdefault("name", "added")
    for number, node in enumerate(cluster["nodes"], start=1):
        node["address"] = f"203.0.113.{number}"
    if not driver.capabilities.own_fencing:
        cluster.setdefault("fencing", {"disabled_accepting_data_loss": True})
    return [
        service.name for service in driver.compile(parse_description(cluster, services, driver.capabilities)).services
    ]


@pytest.mark.parametrize(
    "saved", sorted(path for path in SAVED.iterdir() if path.is_file()), ids=lambda path: path.name
)
def test_every_saved_file_is_described(place: Place, saved: Path) -> None:
    assert "Describe the cluster" in run(place, "adopt", saved)


@pytest.mark.parametrize("saved", [RED_HAT, VERITAS], ids=lambda path: path.name)
def test_adopted_and_migrated_files_are_descriptions(place: Place, saved: Path) -> None:
    framework = saved.name.partition("-")[0]
    run(place, "adopt", saved, "-e", f"into={framework}.yml")
    run(place, "migrate", saved, "-e", f"into={framework}-new.yml")

    assert accepted((place.path / f"{framework}.yml").read_text(), framework) == ["store", "front"]
    text = (place.path / f"{framework}-new.yml").read_text()
    assert accepted(text, "pacemaker") == ["store", "front"]
    comments = " ".join(line.strip(" #") for line in text.splitlines() if line.strip().startswith("#"))
    assert "services[front].application.members[web]" in comments
    assert "cluster.nodes: the configuration does not say the address of" in comments


def test_four_steps(place: Place) -> None:
    into = place.path / "four.yml"

    assert "+groupware_cluster:" in run(place, "migrate", RED_HAT, "-e", f"into={into}", "--check", "--diff")
    assert not into.exists()
    assert "changed=1" in run(place, "migrate", RED_HAT, "-e", f"into={into}")
    assert "changed=0" in run(place, "migrate", RED_HAT, "-e", f"into={into}")
    assert "changed=0" in run(place, "migrate", RED_HAT, "-e", f"into={into}", "--check")


def test_another_description_is_written_over_only_when_asked(place: Place) -> None:
    into = place.path / "kept.yml"
    into.write_text("groupware_services: []\n")

    assert "overwrite=true" in run(place, "adopt", RED_HAT, "-e", f"into={into}", succeeds=False)
    assert into.read_text() == "groupware_services: []\n"
    run(place, "adopt", RED_HAT, "-e", f"into={into}", "-e", "overwrite=true")
    assert accepted(into.read_text(), "rhcs") == ["store", "front"]


def test_what_ansible_would_evaluate_is_refused(place: Place, tmp_path: Path) -> None:
    bad = tmp_path / RED_HAT.name
    bad.write_text(RED_HAT.read_text().replace("noatime", "{{ 1 }}"))

    assert "takes for a template" in run(place, "adopt", bad, "-e", "into=bad.yml", succeeds=False)
    assert not (place.path / "bad.yml").exists()


def test_other_frameworks_are_not_migrated(place: Place) -> None:
    saved = next(SAVED.glob("clusterware-*"))

    assert "has no translation" in run(place, "migrate", saved, succeeds=False)


def test_a_cluster_that_nobody_sees_is_not_described(place: Place) -> None:
    output = place.run("ansible-playbook", "-i", "hosts.yml", "groupware.ha.adopt", succeeds=False)

    assert "the cluster was found on no node" in output
