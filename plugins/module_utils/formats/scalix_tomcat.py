# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of an instance's Tomcat: its shutdown port, and the host that its management agent reports to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from .scalix_instance import InstanceError

#: The port that each installation gives to its Tomcat.
DEFAULT_SHUTDOWN_PORT = 8005
#: What else a Tomcat listens on by default: AJP, HTTP, HTTPS.
TOMCAT_PORTS = frozenset({8009, 8080, 8443})


def shutdown_ports(
    instances: Sequence[str], current: Mapping[str, int | None], given: Mapping[str, int] | None = None
) -> dict[str, int]:
    """A shutdown port for each instance, each another one in the cluster.

    What is given counts. An instance keeps the port that it has unless one before it in the list has the same, and else
    gets the one that its place in the list gives it, or the next that is free. So the same list gives the same ports,
    and those of instances that are not to be seen in a run are left free for them.

    :param current: the port of each instance that was seen
    :raises InstanceError: given ports are no ports, or the same
    """
    given = given or {}
    ports: dict[str, int] = {}
    for name, port in given.items():
        if name not in instances:
            raise InstanceError(f"shutdown port of {name}: there is no such instance; correct the name")
        if not 1 <= port <= 65535:
            raise InstanceError(f"shutdown port of {name}: {port} is no port; choose one from 1024 to 65535")
        if port in ports.values():
            raise InstanceError(f"shutdown port of {name}: {port} is another instance's too; choose another one")
        ports[name] = port
    for name in instances:
        kept_port = current.get(name)
        if name not in ports and kept_port is not None and kept_port not in ports.values():
            ports[name] = kept_port
    taken = set(ports.values())
    for name, preferred in _by_place(instances):
        if name not in ports:
            places = {place for other, place in _by_place(instances) if other not in ports and other != name}
            port = preferred
            while port in taken or port in TOMCAT_PORTS or (port in places and port != preferred):
                port += 1
            ports[name] = port
            taken.add(port)
    return {name: ports[name] for name in instances}


def _by_place(instances: Sequence[str]) -> list[tuple[str, int]]:
    """The port that each instance gets by its place in the list, past those that Tomcats listen on by default."""
    result, port = [], DEFAULT_SHUTDOWN_PORT
    for name in instances:
        while port in TOMCAT_PORTS:
            port += 1
        result.append((name, port))
        port += 1
    return result


def shutdown_port(server_xml: str) -> int:
    """The shutdown port in a Tomcat's server.xml, which is the ``port`` of its outermost element.

    :raises InstanceError: it has none
    """
    try:
        root = ElementTree.fromstring(server_xml)
    except (ElementTree.ParseError, ValueError) as error:
        raise InstanceError(f"server.xml is not XML: {error}") from None
    port = root.get("port", "")
    if root.tag != "Server" or not port.isdigit():
        raise InstanceError("server.xml has no shutdown port (the attribute port of Server)")
    return int(port)


def names_host(properties: str, host_name: str) -> bool:
    """Whether a properties file has this host name as a value, or in one (comments are none)."""
    host = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(host_name)}(?![A-Za-z0-9-]|\.[A-Za-z0-9])", re.IGNORECASE)
    lines = (line.strip() for line in properties.splitlines())
    return any(host.search(line.partition("=")[2]) for line in lines if not line.startswith(("#", "!")))
