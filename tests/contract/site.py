"""A cluster that the contract is held against: how to call the modules there, and how to look at it past them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

Result = dict[str, Any]


class Site:
    """One framework on three nodes. What differs between frameworks is here; the contract itself knows none of it."""

    framework = ""
    nodes: Sequence[str] = ("nodea", "nodeb", "nodec")
    #: Whether the framework has a setting that cannot be changed while its resource exists: key and value of a service.
    fixed_change: Mapping[str, Any] | None = None
    #: Whether a change that stops and starts a service is refused without permission.
    asks_permission = True
    #: A change of a service that stops and starts it.
    restarting_change: Mapping[str, Any] = {}
    #: A change of a service that disturbs nothing.
    quiet_change: Mapping[str, Any] = {}
    #: Whether single members can be disabled; whether they can be left unwatched.
    disables_members = True
    monitors_members = False
    #: Whether an evacuated node stays free of services.
    keeps_nodes_free = False
    #: Whether a service can be frozen.
    freezes = True
    #: Whether types are registered; one that is, or can be.
    registered_type: Mapping[str, Any] | None = None

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    # -- what is described -------------------------------------------------------------------------------------

    def cluster(self) -> Result:
        """The value of groupware_cluster."""
        nodes = [{"name": name, "address": f"198.18.78.{11 + number}"} for number, name in enumerate(self.nodes)]
        return {"name": "contract", "framework": self.framework, "networks": ["198.18.78.0/24"], "nodes": nodes}

    def service(self, name: str, primary: str, standby: Any, number: int, model: str) -> Result:
        """One service with storage, address and application, as the framework likes them."""
        return {
            "name": name,
            "model": model,
            "nodes": {"primary": primary, "standby": standby},
            "address": f"198.18.78.{number}",
            "host_name": f"{name}.contract.test",
        }

    def symmetric(self) -> list[Result]:
        """Two services, each other's nodes standing by."""
        first, second, *_ = self.nodes
        return [
            self.service("mail1", first, second, 31, "symmetric"),
            self.service("mail2", second, first, 32, "symmetric"),
        ]

    def asymmetric(self) -> list[Result]:
        """One service with an ordered list of standbys."""
        first, *others = self.nodes
        return [self.service("mail1", first, others, 31, "asymmetric")]

    def n_plus_1(self) -> list[Result]:
        """Two services with one standby between them."""
        first, second, third = self.nodes
        return [
            self.service("mail1", first, third, 31, "n_plus_1"),
            self.service("mail2", second, third, 32, "n_plus_1"),
        ]

    def foreign_group(self) -> Result:
        """Options of resource_group for a group that no description names."""
        raise NotImplementedError

    def member(self) -> tuple[str, str]:
        """Name and type of a member of mail1 that can be disabled."""
        raise NotImplementedError

    def lone_member(self) -> Result:
        """A native member that depends on nothing."""
        raise NotImplementedError

    # -- calling the modules -----------------------------------------------------------------------------------

    def run(self, module: str, check_mode: bool = False, **options: Any) -> Result:
        """What a module returns, failing or not."""
        raise NotImplementedError

    def converge(self, services: Sequence[Result], check_mode: bool = False, **options: Any) -> Result:
        """What failover_services returns for these services."""
        return self.run("failover_services", check_mode, cluster=self.cluster(), services=list(services), **options)

    def four_steps(self, module: str, **options: Any) -> Result:
        """Check, do, do again, check again; the result of doing.

        The check says exactly what is then done, and touches nothing.
        """
        before = self.look()
        planned = self.run(module, check_mode=True, **options)
        assert not planned.get("failed"), planned
        assert planned["changed"], planned
        assert self.look() == before
        done = self.run(module, **options)
        assert not done.get("failed"), done
        assert done["changed"], done
        for key in ("changes", "restarts", "commands", "diff"):
            assert done.get(key) == planned.get(key), key
        self.unchanged(module, **options)
        return done

    def unchanged(self, module: str, **options: Any) -> Result:
        """Neither doing nor checking finds anything to change; the result of doing."""
        for check_mode in (False, True):
            result = self.run(module, check_mode=check_mode, **options)
            assert not result.get("failed"), result
            assert not result["changed"], result
            assert result["commands"] == []
        return result

    def refused(self, module: str, **options: Any) -> str:
        """The module fails in check mode as it does otherwise, and touches nothing; its message."""
        before = self.look()
        planned = self.run(module, check_mode=True, **options)
        result = self.run(module, **options)
        assert result.get("failed"), result
        assert result["msg"] == planned["msg"]
        assert not result.get("commands")
        assert self.look() == before
        return str(result["msg"])

    # -- looking past the modules ------------------------------------------------------------------------------

    def look(self) -> Any:
        """Everything that the cluster knows and does, to be compared with itself."""
        raise NotImplementedError

    def where(self, service: str) -> list[str]:
        """The nodes on which a service is online as a whole, by the product's own account."""
        raise NotImplementedError

    def nodes_of(self, service: str) -> list[str]:
        """The nodes that a service may run on, in their order, by the product's own account."""
        raise NotImplementedError

    def take_out(self, node: str) -> None:
        """Have a node take no services."""
        result = self.run("switchover", node=node, state="evacuated")
        assert not result.get("failed"), result

    def spoil(self) -> None:
        """Change settings of mail1 by hand."""
        raise NotImplementedError

    def active(self, service: str, member: str) -> list[str]:
        """The nodes on which one member of a service is active."""
        raise NotImplementedError

    def break_start(self) -> None:
        """Have the application of mail1 not start, on any node."""
        raise NotImplementedError

    def repair(self) -> None:
        """Undo break_start."""
        raise NotImplementedError

    def leave(self) -> None:
        """Leave a cluster that runs nothing."""


def changed(service: Mapping[str, Any], change: Mapping[str, Any]) -> Result:
    """A description of a service with some of its keys changed, at any depth."""
    copied: Result = copy.deepcopy(dict(service))
    for key, value in change.items():
        copied[key] = changed(copied.get(key, {}), value) if isinstance(value, Mapping) else value
    return copied
