"""Solaris Cluster 3.0 to 4.x: one state, two command sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Answer
from .object_commands import ObjectCommands
from .sources import SCSWITCH, SCSWITCH_31

MARKS = Marks("solaris_cluster")

_ORIGINAL = "scha_cluster_get scha_resource_get scha_resourcegroup_get scconf scinstall scrgadm scstat scswitch".split()
#: The commands of 3.2 under their short and their full names.
_OBJECT = {
    **{name: name for name in ("clrt", "clrg", "clrs", "clrslh", "clrssa", "clnode", "clquorum", "cluster")},
    "clresourcetype": "clrt",
    "clresourcegroup": "clrg",
    "clresource": "clrs",
    "clreslogicalhostname": "clrslh",
    "clressharedaddress": "clrssa",
    "clq": "clquorum",
}


class SolarisCluster(ObjectCommands):
    """A cluster on all its nodes; options as those of ResourceGroupManager."""

    programs = {**{name: name for name in _ORIGINAL}, **_OBJECT}

    @MARKS.documented("clrg", "the object-oriented commands came with 3.2; the original ones remain", SCSWITCH)
    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)
        if self.version < (3, 2):
            self.programs = {name: name for name in _ORIGINAL}

    @MARKS.documented(
        "scswitch",
        "one that still runs keeps others from running; it is not to be killed",
        SCSWITCH_31,
    )
    def run(self, node: str, argv: Sequence[str], stdin: str | None = None) -> Answer:
        """See Simulator.run."""
        answer = super().run(node, argv, stdin)
        if answer.hung and argv[0].rpartition("/")[2] == "scswitch":
            with self.edit() as state:
                state["busy_until"] = self.now + self.busy_seconds
        return answer


SIMULATOR = SolarisCluster
