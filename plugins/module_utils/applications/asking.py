# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services of an application are asked to find out whether they work, and what their answers mean. Pure.

Each is asked twice: its own commands on the node that runs it, and over the network at its logical address, from the
controller. What the cluster says was stopped is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.applications.base import Application
from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import Problems, refuse
from ansible_collections.groupware.ha.plugins.module_utils.description.reader import dictionary_of
from ansible_collections.groupware.ha.plugins.module_utils.shown import in_words, key_name

#: The port of Application.page, in what a product says of its ports.
_WEB = "web"

#: What an application says of itself that has no commands of its own.
_SILENT: Mapping[str, Any] = {"running": [], "problems": [], "unknown": [], "ports": None}


def log_ins(credentials: Any) -> dict[str, Mapping[str, Any]]:
    """The users that verify_credentials names, by service.

    :raises DescriptionError: it has another shape
    """
    problems = Problems()
    given = {
        name: dictionary_of(one, f"verify_credentials.{key_name(name)}", problems)
        for name, one in dictionary_of(credentials, "verify_credentials", problems).items()
    }
    refuse(problems)
    return given


def status_of(infos: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the cluster says of each service: what one of its members says is the same on all; empty if none says it.

    :param infos: what groupware.ha.cluster_info returned on each node, which may have failed
    """
    clusters = [info.get("cluster") or {} for info in infos]
    found: Mapping[str, Any] = next((one["services"] for one in clusters if one.get("running")), {})
    return found


def is_stopped(status: Mapping[str, Any], service: str) -> bool:
    """Whether the cluster runs nothing of a service; what it does not know is not stopped."""
    return bool(status.get(service, {}).get("state") == "offline")


def running_here(instances: Sequence[Mapping[str, Any]], info: Mapping[str, Any], node: str) -> list[Mapping[str, Any]]:
    """The instances that run on a node, as the cluster says there."""
    status = status_of([info])
    return [one for one in instances if status.get(one["name"], {}).get("node") == node]


def questions(
    services: Sequence[Mapping[str, Any]],
    application: str,
    infos: Sequence[Mapping[str, Any]],
    reports: Mapping[str, Mapping[str, Any]],
    credentials: Any,
) -> dict[str, Any]:
    """What is asked over the network of the services of an application, and what they are asked by.

    :param infos: what groupware.ha.cluster_info returned on each node
    :param reports: by node, what the module returned that asks the product's own commands; it may have failed
    :param credentials: for each service user and password; services may be missing
    :raises DescriptionError: the credentials have another shape
    """
    status = status_of(infos)
    given = log_ins(credentials)
    about = APPLICATIONS[application]
    found: dict[str, Any] = {"mail": [], "web": [], "passwords": {}, "asked": {}}
    for service in services:
        name = service["name"]
        if (service.get("application") or {}).get("type") != application or is_stopped(status, name):
            continue
        address = str(service["address"]).partition("/")[0]
        node = status.get(name, {}).get("node")
        own, why = _own(name, node, reports) if about.own_commands else (_SILENT, "")
        found["asked"][name] = {"application": application, "address": address, "node": node, "own": own, "why": why}
        mail, web = _ports(about, own, service["application"].get("options") or {})
        found["asked"][name]["ports"] = {**mail, **({_WEB: web} if web else {})}
        if mail:
            user = given.get(name, {}).get("user")
            target = {"name": name, "host": address, "host_name": service["host_name"], "ports": mail}
            found["mail"].append({**target, **({"user": user} if user else {})})
        if web and about.page is not None:
            page: dict[str, Any] = {"path": about.page.path, "contains": about.page.contains}
            if about.page.tls:
                page.update(tls=True, host_name=service["host_name"])
            found["web"].append({"name": name, "host": address, "port": web, **page})
    named = {target["name"] for target in found["mail"]}
    found["passwords"] = {name: one["password"] for name, one in given.items() if name in named and "password" in one}
    return found


def _own(name: str, node: str | None, reports: Mapping[str, Mapping[str, Any]]) -> tuple[Any, str]:
    """What a service's own commands said, or why they said nothing."""
    if node is None:
        return None, "nobody says which node runs it"
    report = reports.get(node)
    if report is None:
        return None, f"{node} was not asked"
    own = report.get("instances", {}).get(name)
    if own is not None:
        return own, ""
    reason = " ".join(str(report.get("msg", "it gave no answer")).removeprefix("Task failed: ").split())
    return None, f"on {node}: {reason}"


def _ports(
    about: Application, own: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> tuple[dict[str, int], int | None]:
    """The ports for mail, and the one for HTTP: those that the product itself says, or else the usual ones."""
    usual = dict(about.mail)
    if about.page is not None:
        usual[_WEB] = options.get(about.page.port_option, about.page.port)
    ports = own["ports"] if own is not None and own["ports"] is not None else usual
    return {name: port for name, port in ports.items() if name != _WEB}, ports.get(_WEB)


def answers(asked: Mapping[str, Any], mail: Mapping[str, Any], web: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each service answered: problems, each with what to do, what is not known, and in one line what is well.

    :param asked: of ``questions``
    :param mail: what groupware.ha.mail_service_info returned of each service
    :param web: what groupware.ha.web_service_info returned of each service
    """
    return {name: _answer(one, mail.get(name, {}), web.get(name)) for name, one in asked.items()}


def _answer(asked: Mapping[str, Any], mail: Mapping[str, Any], web: Mapping[str, Any] | None) -> dict[str, Any]:
    about = APPLICATIONS[asked["application"]]
    own = asked["own"] or {
        "running": [],
        "problems": [],
        "unknown": [f"its own commands were not asked: {asked['why']}"],
    }
    problems = [*own["problems"], *(_mail_problem(about, asked, mail, text) for text in mail.get("problems", ()))]
    greeted = list(mail.get("greeted", ()))
    if web is not None and about.page is not None:
        problems += [_silent(about, asked, f"{about.page.protocol}: {text}", _WEB) for text in web["problems"]]
        greeted += [about.page.protocol] if web["ok"] else []
    logins = any(isinstance(fact, dict) and fact.get("login") for fact in mail.values())
    well = (
        [f"{in_words(greeted, 'answer')} at {asked['address']}{', logins work' if logins else ''}"] if greeted else []
    )
    well += [f"{in_words(own['running'], 'run')} on {asked['node']}"] if own["running"] else []
    return {
        "ok": not problems,
        "problems": problems,
        "unknown": [*own["unknown"], *mail.get("unknown", ())],
        "summary": "; ".join(well) if not problems else "",
    }


def _mail_problem(about: Application, asked: Mapping[str, Any], mail: Mapping[str, Any], text: str) -> str:
    protocol = text.partition(":")[0]
    if protocol in mail["silent"]:
        return _silent(about, asked, text, protocol)
    if protocol == "certificate":
        return f"{text}; give the service another one"
    if " the banner says " in text:
        return f"{text}; have the service call itself so, or correct host_name in the description"
    return f"{text}; correct verify_credentials, or the user's account"


def _silent(about: Application, asked: Mapping[str, Any], text: str, protocol: str) -> str:
    where = f"port {asked['ports'][protocol]} of {asked['address']}"
    return f"{text} ({where}); {about.remedy.format(node=asked['node'] or 'the node that runs it')}"
