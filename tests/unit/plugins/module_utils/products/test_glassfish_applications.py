"""Applications of a GlassFish cluster: the former version serves until the new one is taken."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_applications import (
    ApplicationError,
    Deployment,
    version,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import Step
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import AdministrationError


class Cluster:
    """Deploys as GlassFish does; ``fails`` is what it does not do, ``warns`` what it does not load."""

    def __init__(self, fails: str = "", warns: str = "") -> None:
        self.values: dict[str, str] = {}
        self.fails, self.warns = fails, warns
        self.told: list[str] = []

    def ask(self) -> dict[str, str]:
        return dict(self.values)

    def put(self, name: str, enabled: str) -> None:
        at = f"clusters.cluster.calendar.application-ref.{name}"
        self.values |= {f"{at}.ref": name, f"{at}.enabled": enabled}

    def enabled(self) -> list[str]:
        return [
            name.split(".")[4] for name, value in self.values.items() if name.endswith("enabled") and value == "true"
        ]

    def tell(self, step: Step) -> dict[str, Any]:
        name = step.options.get("name", step.operands[0])
        self.told.append(f"{step.command} {name}")
        if self.fails == step.command and name.endswith(WANTED):
            if step.command == "enable":
                self.put(name, "false")
                for other in self.enabled():
                    self.put(other, "false")
            raise AdministrationError("it is broken")
        if step.command == "deploy":
            self.put(name, step.options["enabled"])
        elif step.command == "undeploy":
            self.values = {one: value for one, value in self.values.items() if f".{name}." not in one}
        else:
            for other in self.enabled():
                self.put(other, "false")
            self.put(name, "true")
            if self.warns == step.command:
                return {"exit_code": "WARNING", "message": "it was not loaded"}
        return {"exit_code": "SUCCESS"}


WANTED = version("b" * 64, "/calendar", True)
NEW, OLD = f"calendar:{WANTED}", f"calendar:{version('a' * 64, '/calendar', True)}"


def deployment(cluster: Cluster) -> Deployment:
    return Deployment(cluster, "calendar", "calendar", WANTED, "/calendar", True, "/tmp/calendar.war")  # type: ignore[arg-type]


def take(cluster: Cluster) -> list[str]:
    deployment(cluster).take(cluster.ask(), cluster.tell)
    return cluster.told


def test_the_first_version() -> None:
    cluster = Cluster()
    assert take(cluster) == [f"deploy {NEW}", f"enable {NEW}"]
    assert cluster.enabled() == [NEW]
    assert deployment(cluster).steps(cluster.ask()) == ([], [], [])


def test_another_file() -> None:
    cluster = Cluster()
    cluster.put(OLD, "true")
    cluster.put("other:1", "true")
    assert take(cluster) == [f"deploy {NEW}", f"enable {NEW}", f"undeploy {OLD}"]
    assert deployment(cluster).steps(cluster.ask()) == ([], [], [])


def test_one_that_was_deployed_by_hand_goes() -> None:
    cluster = Cluster()
    cluster.put("calendar", "true")
    assert take(cluster) == [f"deploy {NEW}", f"enable {NEW}", "undeploy calendar"]


def test_one_that_was_disabled_by_hand_serves_again() -> None:
    cluster = Cluster()
    cluster.put(NEW, "false")
    assert take(cluster) == [f"enable {NEW}"]


def test_a_run_that_was_cut_short_is_completed() -> None:
    cluster = Cluster()
    cluster.put(OLD, "true")
    cluster.put(NEW, "false")
    assert take(cluster) == [f"enable {NEW}", f"undeploy {OLD}"]


def test_one_that_is_not_taken() -> None:
    cluster = Cluster(fails="deploy")
    cluster.put(OLD, "true")
    with pytest.raises(ApplicationError) as caught:
        take(cluster)
    assert str(caught.value) == (
        f"application calendar: GlassFish does not take it: it is broken. What served before serves still: {OLD}"
    )
    assert cluster.enabled() == [OLD]


@pytest.mark.parametrize("kind", ["fails", "warns"])
def test_one_that_does_not_start(kind: str) -> None:
    cluster = Cluster(**{kind: "enable"})
    cluster.put(OLD, "true")
    with pytest.raises(ApplicationError, match=f"it does not start: .*. What served before serves still: {OLD}"):
        take(cluster)
    assert cluster.enabled() == [OLD]
    assert NEW not in str(cluster.values)


def test_the_first_one_does_not_start() -> None:
    cluster = Cluster(warns="enable")
    with pytest.raises(ApplicationError, match=r"it does not start: it was not loaded\. Nothing of it is left"):
        take(cluster)
    assert cluster.values == {}


def test_a_version_is_of_the_file_and_of_what_is_told() -> None:
    versions = {version("a", "/x", True), version("a", "/x", False), version("a", "/y", True), version("b", "/x", True)}
    assert len(versions) == 4
    assert version("a", "/x", True) == version("a", "/x", True)
