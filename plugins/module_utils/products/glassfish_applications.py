# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of a GlassFish cluster, each in versions: the former one serves until the new one is taken.

A version is named after what was deployed and how, so that the name alone says whether that is what is wanted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from .glassfish_plan import Difference, Step, deployed
from .glassfish_rest import Administration, AdministrationError, complaints

#: Hexadecimal digits of a version's name.
_DIGITS = 12


class ApplicationError(Failure):
    """An application that GlassFish does not take, or that does not start."""


def version(checksum: str, context_root: str, availability: bool) -> str:
    """The name of a version: of the file, and of what is told with it."""
    text = "\0".join((checksum, context_root, str(availability)))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


@dataclass
class Deployment:
    """Has a cluster have one version of an application, and no other one.

    :ivar archive: the path of the file on the host of the administration server
    """

    administration: Administration
    cluster: str
    name: str
    version: str
    context_root: str
    availability: bool
    archive: str
    done: list[Step] = field(default_factory=list)

    @property
    def whole(self) -> str:
        """How GlassFish knows this version."""
        return f"{self.name}:{self.version}"

    def steps(self, found: Mapping[str, str]) -> tuple[list[Step], list[Step], list[Step]]:
        """What is done to have it, to have it serve, and to have no other one. Pure."""
        versions = self.versions(found)
        at = f"clusters.cluster.{self.cluster}.application-ref.{self.whole}"
        deploying, enabling = [], []
        if self.whole not in versions:
            options = {
                "target": self.cluster,
                "name": self.whole,
                "contextroot": self.context_root,
                "availabilityenabled": str(self.availability).lower(),
                "enabled": "false",
            }
            made = Difference(f"applications.application.{self.whole}.context-root", None, self.context_root)
            deploying.append(Step("deploy", options, (self.archive,), (made,)))
        if found.get(f"{at}.enabled") != "true":
            serving = Difference(f"{at}.enabled", found.get(f"{at}.enabled"), "true")
            enabling.append(Step("enable", {"target": self.cluster}, (self.whole,), (serving,)))
        return deploying, enabling, [self.undeploy(name) for name in versions if name != self.whole]

    def versions(self, found: Mapping[str, str]) -> list[str]:
        """All versions of it that the cluster has, and one without a version."""
        these = deployed(found, self.cluster)
        return [one for one in these if one == self.name or one.startswith(f"{self.name}:")]

    def undeploy(self, name: str) -> Step:
        """Have one version of it no longer."""
        gone = Difference(f"applications.application.{name}", name, None)
        return Step("undeploy", {"target": self.cluster}, (name,), (gone,))

    def take(self, found: Mapping[str, str], tell: Callable[[Step], dict[str, Any]]) -> None:
        """Do it; where it fails, what served before serves again.

        :raises ApplicationError: GlassFish does not take it, or it does not start
        """
        former = [
            one
            for one in self.versions(found)
            if found.get(f"clusters.cluster.{self.cluster}.application-ref.{one}.enabled") == "true"
        ]
        deploying, enabling, removing = self.steps(found)
        self._try(deploying, tell, [], "GlassFish does not take it")
        self._try(enabling, tell, former, "it does not start")
        for step in removing:
            tell(step)

    def _try(self, steps: list[Step], tell: Callable[[Step], dict[str, Any]], former: list[str], words: str) -> None:
        for step in steps:
            try:
                report = tell(step)
                said = "; ".join(complaints(report))
            except AdministrationError as error:
                if error.away:
                    raise
                report, said = {"exit_code": "FAILURE"}, str(error)
            # A warning of asadmin's is that an instance could not load it.
            if report.get("exit_code") not in ("SUCCESS", None):
                raise ApplicationError(f"application {self.name}: {words}: {said}. {self._take_back(former, tell)}")

    def _take_back(self, former: list[str], tell: Callable[[Step], dict[str, Any]]) -> str:
        found = self.administration.ask()
        if self.whole in self.versions(found) and self.whole not in former:
            tell(self.undeploy(self.whole))
        for one in former:
            if one != self.whole:
                tell(Step("enable", {"target": self.cluster}, (one,), ()))
        left = [one for one in self.versions(self.administration.ask()) if one != self.whole]
        return f"What served before serves still: {', '.join(left)}" if left else "Nothing of it is left"
