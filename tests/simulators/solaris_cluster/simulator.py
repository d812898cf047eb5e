"""Solaris Cluster 3.0 to 4.x: one state, two command sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Answer
from .original_commands import OriginalCommands

MARKS = Marks("solaris_cluster")

_ORIGINAL = (
    "scha_cluster_get",
    "scha_resource_get",
    "scha_resourcegroup_get",
    "scconf",
    "scinstall",
    "scrgadm",
    "scstat",
)


class SolarisCluster(OriginalCommands):
    """A cluster on all its nodes; options as those of ResourceGroupManager."""

    programs = {name: name for name in (*_ORIGINAL, "scswitch")}

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        super().__init__(nodes, state_file, **options)

    @MARKS.documented(
        "scswitch",
        "one that still runs keeps others from running; it is not to be killed",
        "https://docs.oracle.com/cd/E19263-01/817-4231/6mjp6ml1t/index.html",
    )
    def run(self, node: str, argv: Sequence[str], stdin: str | None = None) -> Answer:
        """See Simulator.run."""
        answer = super().run(node, argv, stdin)
        if answer.hung and argv[0].rpartition("/")[2] == "scswitch":
            with self.edit() as state:
                state["busy_until"] = self.now + self.busy_seconds
        return answer


SIMULATOR = SolarisCluster
