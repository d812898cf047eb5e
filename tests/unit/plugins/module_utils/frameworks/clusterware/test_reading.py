"""Oracle Clusterware: what is there is read, whole or not at all, and described."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.driver import Clusterware
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.frameworks.clusterware.site import (
    CLUSTER,
    SERVICES,
    Site,
    compiled,
)


def by_hand() -> Site:
    """A cluster that was set up with the manual in hand."""
    site = Site()
    for line in (
        ["appvipcfg", "create", "-network=1", "-ip=10.0.0.3", "-vipname=msg1", "-user=root"],
        ["crsctl", "add", "type", "ocucs.ms.type", "-basetype", "cluster_resource", "-attr"]
        + ["ATTRIBUTE=INSTANCE_PATH,TYPE=string,FLAGS=READONLY|REQUIRED"],
        ["crsctl", "add", "resource", "ocucs.ms.msg1", "-type", "ocucs.ms.type", "-attr"]
        + [
            " INSTANCE_PATH=/export/msg1/messaging64, AGENT_FILENAME='%CRS_HOME%/bin/scriptagent', ACTION_SCRIPT="
            "'/export/msg1/messaging64/cwha/bin/ms_actionscript.pl', ENABLED=1, AUTO_START=restore, "
            "UPTIME_THRESHOLD=10m, CHECK_INTERVAL=10, SCRIPT_TIMEOUT=300, RESTART_ATTEMPTS=2, "
            "OFFLINE_CHECK_INTERVAL=0, START_DEPENDENCIES='hard(msg1) pullup(msg1)', "
            "STOP_DEPENDENCIES='hard(intermediate:msg1)',CARDINALITY=1, FAILURE_INTERVAL=0, FAILURE_THRESHOLD=0, "
            "HOSTING_MEMBERS='cl1 cl2',PLACEMENT=favored"
        ],
        ["crsctl", "start", "resource", "ocucs.ms.msg1", "-n", "cl1"],
    ):
        assert site.simulator.run("cl1", line).status == 0
    return site


def test_what_was_set_up_by_hand_is_a_service() -> None:
    site = by_hand()

    assert site.states() == {"msg1_service": ("online", ("cl1",))}
    (service,) = site.driver().read().config.services
    assert [resource.name for resource in service.resources] == ["msg1", "ocucs.ms.msg1"]
    assert service.misplaced == "msg1: cl1, ocucs.ms.msg1: cl1 cl2"
    assert service.settings["PLACEMENT"].endswith("favored")


def test_what_disagrees_is_exported_as_the_application_has_it() -> None:
    export = by_hand().driver().export(by_hand().driver().read().config)
    (service,) = export.services

    assert service["nodes"] == {"primary": "cl1", "standby": "cl2"}
    assert service["properties"]["PLACEMENT"] == "favored"
    assert service["resource_names"] == {"address": "msg1", "application": "ocucs.ms.msg1"}
    assert any("HOSTING_MEMBERS" in words and "do not agree" in words for words in export.unexpressed)
    assert any("PLACEMENT" in words and "do not agree" in words for words in export.unexpressed)


def test_exported_compiles_to_what_is_there(site: Site) -> None:
    config = site.driver().read().config
    export = site.driver().export(config)
    cluster = {**CLUSTER, **{key: export.cluster[key] for key in ("framework", "properties") if key in export.cluster}}

    again = compiled([dict(service) for service in export.services], cluster)

    assert reconcile(config, again, site.driver()) == []
    applications = {service["name"]: service.get("application", {}).get("type") for service in export.services}
    assert applications == {"mail1": "messaging_server", "web": "native", "plain": None}
    assert any("address of cl1" in words for words in export.unexpressed)


def test_saved_and_running_configuration_say_the_same(site: Site) -> None:
    for form in ("-f", "-p"):
        saved = Clusterware(LocalRunner()).parse_saved(site.crsctl("status", "resource", form))
        running = site.driver().read().config

        assert [service.name for service in saved.services] == [service.name for service in running.services]
        desired = ClusterConfig(services=compiled(SERVICES).services)
        assert reconcile(saved, desired, site.driver()) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "no resource in it"), ("NAME=a\nTYPE=b\n", "not shown whole"), ("<cib/>", "middle of a line")],
)
def test_saved_texts_that_are_none(text: str, complaint: str) -> None:
    with pytest.raises(FrameworkError, match=complaint):
        Clusterware(LocalRunner()).parse_saved(text)


def test_oracles_own_resources_are_foreign(site: Site) -> None:
    config = site.driver().read().config

    assert "ora.net1.network" in config.foreign
    assert not any(name.startswith("ora.") for name in config.owners())
    assert not any("resource ora." in " ".join(argv) and "status" not in argv for _, argv in site.simulator.history)


def test_a_cut_off_text_is_never_read_as_a_whole_one(site: Site) -> None:
    driver = Clusterware(LocalRunner())
    text = site.crsctl("status", "resource", "-f")
    whole = {service.name: service for service in driver.parse_saved(text).services}

    for end in range(1, len(text), 7):
        with contextlib.suppress(FrameworkError):
            for service in driver.parse_saved(text[:end]).services:
                for resource in service.resources:
                    known = {found.name: found for found in whole[service.name].resources}[resource.name]
                    assert resource.settings.items() <= known.settings.items(), (end, resource)


def test_mutilated_texts_are_read_or_refused(site: Site) -> None:
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    shown = {form: site.crsctl("status", "resource", form) for form in ("-f", "-v")}
    types = site.crsctl("status", "type", "-p")

    @hypothesis.given(st.data())
    def mutilate(data: Any) -> None:
        lines = data.draw(st.sampled_from([*shown.values(), types])).splitlines()
        for _ in range(data.draw(st.integers(1, 3))):
            number = data.draw(st.integers(0, len(lines) - 1))
            kind = data.draw(st.sampled_from(["remove", "repeat", "swap", "replace", "cut"]))
            if kind == "remove":
                del lines[number]
            elif kind == "repeat":
                lines.insert(number, lines[number])
            elif kind == "swap":
                lines[number], lines[-1] = lines[-1], lines[number]
            elif kind == "replace":
                words = st.sampled_from(["STATE=", "NAME=x", "START_DEPENDENCIES=hard(", "=", "TARGET=ONLINE,ONLINE"])
                lines[number] = data.draw(st.one_of(words, st.text(max_size=12)))
            else:
                lines[number] = lines[number][: len(lines[number]) // 2]
            if not lines:
                return
        text = "\n".join(lines) + "\n"
        driver = Clusterware(Reading(text))
        for ask in (driver.read, driver.status, lambda: driver.parse_saved(text)):
            with contextlib.suppress(FrameworkError):
                ask()

    mutilate()


class Reading(LocalRunner):
    """Answers every question with one text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def run(self, argv: Sequence[str], **_: Any) -> CommandResult:
        """The text."""
        nodes = "cl1\tActive\n" if argv[0] == "olsnodes" else self.text
        return CommandResult(tuple(argv), 0, nodes, "")
