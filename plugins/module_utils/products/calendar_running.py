# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Calendar Server 6.3 works, as its own command says on the node that runs it. Changes nothing.

``start-cal -L`` lists the services that are enabled, ``start-cal -l`` those that are active (Communications Suite 5
Release Notes, start-cal Wrapper Script for Calendar Server 6.3). How the lists look is not documented: the names of
services are found in them, whatever is around them.
"""

from __future__ import annotations

import posixpath
import re

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.formats import ics_conf
from ansible_collections.groupware.ha.plugins.module_utils.products.running import Running

#: Its services, and the names of their daemons.
SERVICES = {
    "watcher": "watcher",
    "ens": "enpd",
    "store": "csstored",
    "notify": "csnotifyd",
    "admin": "csadmind",
    "dwp": "csdwpd",
    "http": "cshttpd",
}
#: Calendar Server 6 2005Q4 Administration Guide, table E-5.
_USUAL_PORT = 80
_TIMEOUT = 60


def ask(runner: Runner, server_root: str, node: str) -> Running:
    """Ask the installation's configuration and command.

    :param node: the name of this node, for what is said
    """
    found = Running()
    path = posixpath.join(server_root, "config", "ics.conf")
    text = runner.read_file(path)
    if text is None:
        found.unknown.append(f"its port is not known on {node}: there is no {path}")
    else:
        found.ports = _ports(ics_conf.read_parameters(text))
    program = posixpath.join(server_root, "sbin", "start-cal")
    try:
        enabled, active = (_listed(runner, program, option) for option in ("-L", "-l"))
    except CommandError as error:
        found.unknown.append(f"its services could not be listed on {node}: {error}")
        return found
    found.running = [daemon for service, daemon in SERVICES.items() if service in active]
    for service, daemon in SERVICES.items():
        if service in enabled and service not in active:
            found.problems.append(
                f"{daemon} does not run on {node}, although it is enabled; read its log, and start it with "
                f"{program} {service}"
            )
    if not enabled:
        found.unknown.append(f"{program} -L names no service on {node}")
    return found


def _ports(parameters: dict[str, str]) -> dict[str, int]:
    if parameters.get("service.http.enable", "yes") == "no":
        return {}
    port = parameters.get("service.http.port", "")
    return {"web": int(port) if port.isdecimal() and 0 < int(port) < 65536 else _USUAL_PORT}


def _listed(runner: Runner, program: str, option: str) -> set[str]:
    printed = runner.run([program, option], timeout=_TIMEOUT, record=False).stdout
    return set(re.findall(r"[a-z]+", printed)) & set(SERVICES)
