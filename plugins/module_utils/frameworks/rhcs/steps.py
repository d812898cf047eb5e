# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps, each with how it is known to have taken effect. Pure but for the runner that an action is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Step, command
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Group
from . import terms
from .reading import Observation, failure, running_version, stands

#: Seconds that a service may take to stop or to start; a large application takes its time.
SLOW = 300.0
#: Seconds until the cluster has a new configuration, rgmanager has taken notice of it, or a service is frozen.
_NOTICE = 60.0


# -- what is more than one command line -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Replacement:
    """This node's cluster.conf with another text; what was there is kept beside it."""

    text: str

    def run(self, runner: Runner, timeout: float) -> None:  # noqa: ARG002 - no command is started
        """See Action."""
        runner.replace_file(terms.CLUSTER_CONF, self.text, backup=True)

    def __str__(self) -> str:
        return f"replace {terms.CLUSTER_CONF}"


@dataclass(frozen=True)
class Propagation:
    """The cluster is told to run this node's cluster.conf, which has that version."""

    version: int
    release_6: bool

    def run(self, runner: Runner, timeout: float) -> None:
        """See Action."""
        runner.run(self._argv, timeout=timeout)
        if self.release_6 or runner.dry:
            return
        deadline = runner.clock() + terms.GRACE
        while running_version(runner.run(terms.VERSION, record=False).stdout) != self.version:
            if runner.clock() >= deadline:
                # cman of release 4 is told by itself what version ccsd has distributed; see cman_tool(8).
                runner.run([*terms.VERSION, "-r", str(self.version)], timeout=timeout)
                return
            runner.pause(1.0)

    @property
    def _argv(self) -> tuple[str, ...]:
        # The ccs_tool of release 6 can no longer update a configuration.
        return (*terms.VERSION, "-r") if self.release_6 else ("ccs_tool", "update", terms.CLUSTER_CONF)

    def __str__(self) -> str:
        return " ".join(self._argv)


@dataclass(frozen=True)
class Grace:
    """Some time for rgmanager: nothing shows that it is about to restart parts of a service, or to know other nodes."""

    def run(self, runner: Runner, timeout: float) -> None:  # noqa: ARG002 - no command is started
        """See Action."""
        if not runner.dry:
            runner.pause(terms.GRACE)

    def __str__(self) -> str:
        return f"wait {terms.GRACE:g} seconds"


# -- steps ----------------------------------------------------------------------------------------------------------


def _told(
    service: str,
    words: str,
    options: Sequence[str],
    state: Callable[[Group], bool],
    hopeless: Callable[[Group | None], str] = lambda _group: "",
    remedy: str = "",
    timeout: float = SLOW,
) -> Step:
    """rgmanager is told something of a service; what came of it, clustat alone knows."""

    def reached(found: Observation) -> bool:
        group = found.status.group(service)
        return group is not None and state(group)

    return Step(
        words,
        reached,
        command("clusvcadm", *options),
        reached,
        hopeless=lambda found: hopeless(found.status.group(service)),
        late=lambda found: stands(found.status.group(service)),
        remedy=remedy,
        timeout=timeout,
    )


def stop(service: str, option: str = "-d") -> Step:
    """Have a service stop: ``-d`` disables it, ``-s`` leaves it stopped."""
    states = ("disabled",) if option == "-d" else ("stopped", "disabled")
    words = f"service {service} was told to stop"
    return _told(service, words, [option, service], lambda found: found.state in states, failure)


def start(service: str, node: str | None, timeout: float = SLOW) -> list[Step]:
    """Have a service start on a node and be there: ``clusvcadm`` is content with any other."""
    if node is None:
        return [_run(service, "", ["-e", service], lambda found: found.state == "started", timeout)]
    first = _run(service, node, ["-e", service, "-m", node], lambda found: found.state == "started", timeout)
    return [first, replace(relocate(service, node, timeout), if_needed=True)]


def relocate(service: str, node: str, timeout: float = SLOW) -> Step:
    """Have a service that runs do so on a node."""

    def there(found: Group) -> bool:
        return found.state == "started" and found.owner == node

    return _run(service, node, ["-r", service, "-m", node], there, timeout)


def _run(service: str, node: str, options: Sequence[str], state: Callable[[Group], bool], timeout: float) -> Step:
    words = f"service {service} was told to run" + (f" on {node}" if node else "")
    remedy = "the log of rgmanager on the nodes says which resource did not start"
    return _told(service, words, options, state, failure, remedy, timeout)


def freeze(service: str, frozen: bool) -> Step:
    """Have rgmanager leave a service as it is, or act on it again."""
    words = f"rgmanager was told to {'freeze' if frozen else 'unfreeze'} service {service}"
    options = ["-Z" if frozen else "-U", service]
    return _told(service, words, options, lambda found: found.frozen == frozen, timeout=_NOTICE)


def clear(service: str) -> Step:
    """Disable a failed service, which is all that rgmanager allows for it."""
    words = f"the failure of service {service} was to be cleared"
    return _told(service, words, ["-d", service], lambda found: found.state == "disabled")


def convalesce(service: str) -> Step:
    """Have parts of a running service that failed and were left out start again."""
    words = f"the parts of service {service} that failed were to start again"
    return _told(service, words, ["-c", service], lambda found: not found.partial)


def reconfigure(
    text: str, version: int, release_6: bool, services: Collection[str], deleted: Collection[str], disturbing: bool
) -> list[Step]:
    """Have the cluster run another cluster.conf.

    :param services: those that rgmanager is to know afterwards
    :param deleted: those that it is to have forgotten
    :param disturbing: whether services that run change, or where services may run
    """

    def taken(found: Observation) -> bool:
        return found.running == version

    def noticed(found: Observation) -> bool:
        known = found.status.groups or {}
        return set(services) <= set(known) and not set(deleted) & set(known)

    steps = [
        Step(f"{terms.CLUSTER_CONF} was to be replaced", taken, Replacement(text)),
        Step(
            f"the cluster was to take version {version} of its configuration",
            taken,
            Propagation(version, release_6),
            reached=taken,
            remedy=f"it is in {terms.CLUSTER_CONF} of this node, and the next run propagates it again",
            timeout=_NOTICE,
            patience=_NOTICE,
            unseen=True,
        ),
        Step(
            f"rgmanager was to take notice of version {version} of the configuration",
            noticed,
            reached=noticed,
            remedy="see its log on all nodes, and run again",
            patience=_NOTICE,
            unseen=True,
        ),
    ]
    if disturbing:
        steps.append(Step("rgmanager was to have some time", lambda _found: True, Grace()))
    return steps
