# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HAProxy for each service: judges the options, and says which files an instance has. Pure.

It keeps nothing, so that its service needs no volume: its files are the same on each node of the cluster, at places
that have the service's name. It runs on the one node that has the service's address.

    /etc/groupware-ha-haproxy/NAME      haproxy.cfg, and key and certificate of each front end where TLS ends
    /run/groupware-ha-haproxy/NAME      socket and members' states, there as long as it runs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionary_of, refuse_secrets
from . import load_balancer_front_ends
from .load_balancer_front_ends import USUAL_CONNECTIONS, FrontEnd, Place
from .load_balancer_verification import Verification, judge_front_end
from .mail_options import Options

_FRONT_ENDS = "front_ends"
#: The role's variable, as its user knows it.
_INSTANCES = "haproxy_instances"

FOLDER = "/etc/groupware-ha-haproxy"
RUNNING = "/run/groupware-ha-haproxy"
PROGRAM = "/usr/local/libexec/groupware-ha-haproxy-service"
#: The unit that runs an instance, by the instance's name.
UNIT = "groupware-haproxy@.service"
#: Label of what all instances of a node have in common.
UNITS = "node:unit"
#: What a tier's balancers have as well, as the tasks of this role find it.
_SHARED = "../../load_balancer/templates"


@dataclass(frozen=True)
class Instance:
    """What the templates of an instance need to know.

    :ivar nodes: those that may run it
    """

    name: str
    address: str
    nodes: tuple[str, ...]
    front_ends: tuple[FrontEnd, ...]


def folder_of(name: str) -> str:
    """Where an instance's own files are."""
    return f"{FOLDER}/{name}"


def configuration_of(name: str) -> str:
    """An instance's file for HAProxy."""
    return f"{folder_of(name)}/haproxy.cfg"


def socket_of(name: str) -> str:
    """Where a running instance can be asked."""
    return f"{RUNNING}/{name}/haproxy.sock"


def saving(name: str) -> list[str]:
    """What has it write down which of its members are drained or in maintenance, as its unit does before a reload."""
    return ["/usr/bin/env", "python3", "-IS", PROGRAM, "save", socket_of(name), states_of(name)]


def states_of(name: str) -> str:
    """Where a running instance has that."""
    return f"{RUNNING}/{name}/states"


def unit_of(name: str) -> str:
    """What runs an instance."""
    return UNIT.replace("@", f"@{name}")


def label_of(name: str) -> str:
    """What an instance's own files are labelled with."""
    return f"{name}/haproxy"


# -- judging -----------------------------------------------------------------------------------------------------------


def parse_instances(instances: Sequence[Mapping[str, Any]]) -> list[Instance]:
    """Read and judge the instances.

    :param instances: the value of ``haproxy_instances``
    :raises DescriptionError: with every problem that was found
    """
    entries.refuse(instances, _INSTANCES, ("name", "host_name", "address"))
    problems = Problems()
    parsed = [_parse_instance(instance, problems) for instance in instances]
    # What front ends have in common is known when each is right by itself.
    refuse(problems)
    for instance in parsed:
        load_balancer_front_ends.judge_together(instance.front_ends, _key(instance.name), problems)
    refuse(problems)
    return parsed


def _key(name: str) -> str:
    return f"{_INSTANCES}[{name}].options.{_FRONT_ENDS}"


def _parse_instance(given: Mapping[str, Any], problems: Problems) -> Instance:
    name, address = str(given["name"]), str(given["address"])
    here = f"{_INSTANCES}[{name}].options"
    options = dictionary_of(given.get("options"), here, problems)
    refuse_secrets({key: value for key, value in options.items() if key != _FRONT_ENDS}, here, problems)
    reader = Options(options, (_FRONT_ENDS,), here, problems)
    place = Place(address, str(given["host_name"]))
    front_ends = load_balancer_front_ends.parse(reader.values.get(_FRONT_ENDS), _key(name), problems, place)
    return Instance(name, address, tuple(given.get("nodes") or ()), front_ends)


# -- files -------------------------------------------------------------------------------------------------------------


def node_files(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """What every node needs, whichever instances it runs."""
    if not instances:
        return []
    usual = {"owner": "root", "group": "root", "mode": "0644", "label": UNITS}
    return [
        # The program before who calls it: a run may end between the two.
        {"path": PROGRAM.rpartition("/")[0], "state": "directory"},
        {"path": PROGRAM, "template": f"{_SHARED}/program.py", **usual},
        {
            "path": f"/etc/systemd/system/{UNIT}",
            "template": "unit.j2",
            "variables": {"program": PROGRAM, "folder": FOLDER, "running": RUNNING},
            **usual,
        },
        {"path": FOLDER, "state": "directory", "owner": "root", "group": "root", "mode": "0755"},
    ]


def instance_files(instance: Instance) -> list[dict[str, Any]]:
    """All files of an instance, as groupware.ha.haproxy_configuration takes them; the same on each node."""
    name, usual = instance.name, {"owner": "root", "group": "root"}
    pairs = f"{folder_of(name)}/"
    # It has no other peer than itself, to which it hands on at a reload what it knows of where clients belong.
    peer = {"name": name, "where": f"abns@groupware-haproxy-{name}"}
    variables = {
        "subject": f"the service {name}",
        "role": "haproxy",
        "socket": socket_of(name),
        "states": states_of(name),
        "connections": USUAL_CONNECTIONS,
        "balancer": peer,
        "balancers": [peer],
        "front_ends": [one.variables(pairs) for one in instance.front_ends],
    }
    return [
        {"path": folder_of(name), "state": "directory", "mode": "0755", **usual},
        # Before the file that names them.
        *load_balancer_front_ends.pair_files(instance.front_ends, pairs, label_of(name)),
        {
            "path": configuration_of(name),
            "template": f"{_SHARED}/haproxy.cfg.j2",
            "variables": variables,
            "mode": "0644",
            "label": label_of(name),
            **usual,
        },
    ]


# -- what is said of them ----------------------------------------------------------------------------------------------


def pages(instance: Instance) -> list[dict[str, Any]]:
    """What its front ends are asked for, as groupware.ha.web_service_info takes them."""
    return [
        {**page, "name": f"{instance.name}/{page['name']}"}
        for page in load_balancer_front_ends.pages(instance.front_ends)
    ]


def answer(
    instance: Instance,
    compared: Mapping[str, Mapping[str, Any]],
    infos: Mapping[str, Mapping[str, Any]],
    answers: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """What an instance answered: problems, each with what to do, what is not known, and in one line what is well.

    :param compared: what groupware.ha.haproxy_configuration returned in check mode, by node
    :param infos: what groupware.ha.load_balancer_info returned of its service, by node
    :param answers: what groupware.ha.web_service_info returned of its pages
    """
    found, unknown = Verification(), []
    for node in instance.nodes:
        told = compared.get(node) or {}
        if "changes" in told:
            found.problems += _of_files(instance.name, node, told)
        else:
            reason = " ".join(str(told.get("msg", "it gave no answer")).split())
            unknown.append(f"whether its files are on {node} is not known: {reason}")
    name = instance.name
    told_by = {node: info["services"][name] for node, info in infos.items() if name in info.get("services", {})}
    running = {node: info for node, info in told_by.items() if info["running"]}
    if told_by and not running:
        found.problems.append(f"HAProxy answers on none of {', '.join(told_by)}; see systemctl status {unit_of(name)}")
    bring_back = f"groupware.ha.load_balancer_member with service: {name} and state: ready"
    for front_end in instance.front_ends if running else ():
        judge_front_end(front_end, running, answers.get(f"{name}/{front_end.name}"), found, bring_back)
    return {
        "ok": not found.problems,
        "problems": found.problems,
        "unknown": unknown,
        "summary": "" if found.problems else "; ".join(found.lines),
    }


def _of_files(name: str, node: str, compared: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the files of an instance on a node."""
    different = [str(one["path"]) for one in compared["changes"] if one["label"] in (label_of(name), UNITS)]
    if different:
        yield f"{node} is not as described ({', '.join(different)}); run groupware.ha.site while that node answers"
    elif name in compared["reloads"]:
        yield f"on {node} it runs with former files; run groupware.ha.site"
