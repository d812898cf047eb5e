"""What a lab consists of: no two labs share anything by which one could meet the other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "tests/lab"
sys.path.insert(0, str(FOLDER))
import lab  # noqa: E402
from host import LabError  # noqa: E402


def test_the_lab_of_a_description_is_in_this_machines_network() -> None:
    demo = lab.Lab("demo")
    assert demo.namespace is None
    assert demo.within() == []
    assert demo.podman == ["podman"]
    assert demo.entered()


def test_labs_of_one_description_differ_in_everything_but_their_addresses() -> None:
    labs = [lab.Lab(f"molecule.{instance}") for instance in ("1a2b3c4d-ha_ip_config", "5e6f7a8b-ha_ip_config")]
    for names in zip(*({node.container for node in each.nodes} for each in labs), strict=True):
        assert len(set(names)) == len(labs)
    for own in ("prefix", "network", "state", "namespace", "molecule_state", "podman"):
        one, other = (getattr(each, own) for each in labs)
        assert one != other
    assert [node.address for node in labs[0].nodes] == [node.address for node in labs[1].nodes]
    assert labs[0].within() == ["nsenter", f"--net=/run/netns/{labs[0].prefix}"]


@pytest.mark.parametrize(("release", "python"), [("trixie", "3.13"), ("bookworm", "3.11")])
def test_nodes_of_tests_keep_what_python_compiles_and_those_of_the_demo_do_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, release: str, python: str
) -> None:
    monkeypatch.setattr(lab, "STATE", tmp_path)
    for name, expected in (("demo", 0), ("demo.1a2b3c4d-test", 1)):
        made = lab.Lab(name)
        command = lab.create_command(made, made.nodes[0], f"localhost/groupware-ha-node:{release}-0123456789ab")
        assert sum(part.endswith(f":/etc/python{python}/sitecustomize.py:ro") for part in command) == expected
        assert sum(part.endswith(":/var/cache/groupware-ha-compiled") for part in command) == expected


def test_sockets_of_the_longest_name_fit_into_an_address() -> None:
    scenarios = [path.name for path in (FOLDER.parents[1] / "molecule").iterdir()]
    longest = lab.Lab(f"molecule.1a2b3c4d-{max(scenarios, key=len)}")
    assert len(str(longest.state / "engine.sock")) < 108


@pytest.mark.parametrize("name", ["", "Demo", "demo.", "demo/x", "demo.A", "demo.a.b", "../demo"])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(LabError, match="is not a name for a lab"):
        lab.Lab(name)


def test_a_lab_that_nobody_describes() -> None:
    with pytest.raises(LabError, match="there is no"):
        lab.Lab("unknown.1a2b3c4d-x")
