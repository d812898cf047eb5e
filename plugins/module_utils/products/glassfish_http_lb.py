# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GlassFish has for a web server with its load balancer plug-in: what differs, and the file for that server. Pure.

GlassFish 7 has these commands still, and writes the file that the plug-ins of former products read; it has no plug-in
itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .glassfish_plan import Difference, PlanError, Step, deployed

#: What a configuration has; the page of asadmin's subcommand create-http-lb-config, and the server's own answer.
SETTINGS = (
    *("response-timeout-in-seconds", "https-routing", "reload-poll-interval-in-seconds", "monitoring-enabled"),
    "route-cookie-enabled",
)
#: Each file says when it was written.
_WRITTEN = re.compile(r"<!--\s*This file was generated on.*?-->\s*", re.DOTALL)


@dataclass(frozen=True)
class HttpLb:
    """A described configuration.

    :ivar health_check: the page that the plug-in asks instances for
    """

    cluster: str
    name: str
    health_check: str
    settings: Mapping[str, str]

    @property
    def _at(self) -> str:
        return f"lb-configs.lb-config.{self.name}"

    @property
    def _reference(self) -> str:
        return f"{self._at}.cluster-ref.{self.cluster}"

    def steps(self, found: Mapping[str, str]) -> list[Step]:
        """What has to be done. What is set of a configuration that is made first is set behind that.

        :raises PlanError: a setting that there is not
        """
        for name in self.settings:
            if name not in SETTINGS:
                close = difflib.get_close_matches(name, SETTINGS, n=1)
                remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(SETTINGS)}"
                raise PlanError(f"nothing was changed; settings.{name}: is nothing that it has; {remedy}")
        done = []
        if f"{self._at}.name" not in found:
            made = Difference(f"{self._at}.name", None, self.name)
            done.append(Step("create-http-lb-config", {}, (self.name,), (made,)))
        checked = f"{self._reference}.health-checker.url"
        if f"{self._reference}.ref" not in found:
            made = Difference(f"{self._reference}.ref", None, self.cluster)
            url = Difference(checked, None, self.health_check)
            options = {"config": self.name, "healthcheckerurl": self.health_check}
            done.append(Step("create-http-lb-ref", options, (self.cluster,), (made, url)))
            found = {**found, checked: self.health_check}
        wanted = {checked: self.health_check, **{f"{self._at}.{name}": one for name, one in self.settings.items()}}
        wanted |= dict.fromkeys(self._balanced(found), "true")
        different = tuple(
            Difference(name, found.get(name), value) for name, value in wanted.items() if found.get(name) != value
        )
        if different:
            operands = tuple(f"{one.name}={one.after}" for one in different)
            done.append(Step("set", {}, operands, different))
        return done

    def _balanced(self, found: Mapping[str, str]) -> list[str]:
        """Whether the plug-in hands requests to each instance, and those of each application."""
        at = f"clusters.cluster.{self.cluster}"
        servers = [
            name[: -len(".ref")] for name in found if name.startswith(f"{at}.server-ref.") and name.endswith(".ref")
        ]
        applications = [f"{at}.application-ref.{name}" for name in deployed(found, self.cluster)]
        return [f"{one}.lb-enabled" for one in (*servers, *applications)]

    def removal(self, found: Mapping[str, str]) -> list[Step]:
        """What takes it away: a cluster that is balanced cannot be taken out of it."""
        done = []
        if f"{self._reference}.ref" in found:
            gone = Difference(f"{self._reference}.ref", self.cluster, None)
            done.append(Step("disable-http-lb-server", {"timeout": "0"}, (self.cluster,), ()))
            done.append(Step("delete-http-lb-ref", {"config": self.name}, (self.cluster,), (gone,)))
        if f"{self._at}.name" in found:
            gone = Difference(f"{self._at}.name", self.name, None)
            done.append(Step("delete-http-lb-config", {}, (self.name,), (gone,)))
        return done


def without_time(text: str) -> str:
    """A file without when it was written, to be compared."""
    return _WRITTEN.sub("", text)
