# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node has of Scalix, and what its files are to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, Runner
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.formats import (
    scalix_connectors,
    scalix_tomcat,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_files import (
    CONNECTOR,
    INSTALLED,
    INSTANCE_CFG,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.scalix_instance import Instance, InstanceError
from ansible_collections.groupware.ha.plugins.module_utils.node import files
from ansible_collections.groupware.ha.plugins.module_utils.node.readers import Reader, to_be_told

#: What all paths are below; tests have a directory for each node.
ROOT = Path("/")
WEB_CLIENT = "/opt/scalix/global/httpd/scalix-web-client.conf"
TOMCAT_TOOLS = "/opt/scalix-tomcat/bin"

#: Services of a node, in the order in which they are stopped.
SERVICES = ("scalix-tomcat", "scalix-postgres", "scalix")
#: On an instance's volume: how far the installation has come.
UNFINISHED = ".groupware_ha_unfinished"
INSTALLING, CONFIGURING = "installing", "configuring"

#: The option of all modules that names the instances.
INSTANCES_ARGUMENT = {
    "type": "list",
    "elements": "dict",
    "required": True,
    "options": {
        "name": {"type": "str", "required": True},
        "host_name": {"type": "str", "required": True},
        "nodes": {"type": "list", "elements": "str", "default": []},
    },
}


class ScalixError(Failure):
    """What cannot be done, and what to do about it."""


@dataclass(frozen=True)
class InstanceState:
    """An instance whose volume is mounted on this node."""

    #: Parts of an installation that are there, and those that are not.
    present: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    #: What the file on the volume says; None without one.
    unfinished: str | None = None
    shutdown_port: int | None = None
    web_applications: tuple[str, ...] = ()
    #: The properties of its management agent.
    agent: str = ""

    @property
    def status(self) -> str:
        """One of absent, unfinished, installed."""
        if self.unfinished == INSTALLING or (self.present and self.missing):
            return "unfinished"
        return "absent" if self.missing else INSTALLED

    def as_dict(self) -> dict[str, Any]:
        """What a module returns of it."""
        return {
            "status": self.status,
            "missing": list(self.missing) if self.status == "unfinished" else [],
            "shutdown_port": self.shutdown_port,
            "web_applications": list(self.web_applications),
        }


@dataclass(frozen=True)
class NodeState:
    """What one node has of Scalix."""

    instance_cfg: str | None = None
    connectors: Mapping[str, str] = field(default_factory=dict)
    web_client: str | None = None
    instances: Mapping[str, InstanceState] = field(default_factory=dict)
    #: Services that start when the node boots.
    boot: tuple[str, ...] = ()
    tools: bool = False
    #: Whether Apache was not told of its files by the run that wrote them, which was cut off.
    unread: bool = False

    def as_dict(self) -> dict[str, Any]:
        """What a module returns of it; what ``nodes`` of scalix_instance and the filter take."""
        return {
            "installed": self.tools,
            "instance_cfg": self.instance_cfg,
            "connectors": dict(self.connectors),
            "web_client": self.web_client,
            "instances": {name: state.as_dict() for name, state in self.instances.items()},
            "boot": list(self.boot),
            "unread": self.unread,
        }


def web_server(reload: Sequence[str], written: bool) -> list[Reader]:
    """Apache, if it is to be told of its files.

    :param reload: the command for that; nothing, if it is not to be told by us
    :param written: whether one is written
    """
    return to_be_told({"files": Reader("web-server", [reload] if reload else [])}, ["files"] if written else [])


# -- reading -----------------------------------------------------------------------------------------------------------


def read(instances: Sequence[Instance], mounted: Collection[str], runner: Runner) -> NodeState:
    """Look at this node: three commands, and one more for each instance that is mounted here.

    :param mounted: mount points in use on this node
    """
    tools = local_path(f"{TOMCAT_TOOLS}/sxtomcat-webapps").exists()
    text = read_text(INSTANCE_CFG)
    connectors = {
        f"{directory}/{path.name}": path.read_bytes().decode("latin-1")
        for directory in scalix_connectors.CONNECTORS
        for path in sorted(local_path(f"{CONNECTOR}/{directory}").glob("*.conf"))
    }
    boot, unread = _boot_services(runner) if tools else (), bool(web_server([], False))
    state = NodeState(text, connectors, read_text(WEB_CLIENT), {}, boot, tools, unread)
    here = [instance for instance in instances if instance.mount_point in mounted]
    return replace(state, instances={instance.name: _read_instance(instance, state, runner) for instance in here})


def read_mounted(instances: Sequence[Instance], runner: Runner) -> NodeState:
    """The same, with the volumes kept from being unmounted meanwhile."""
    with files.held_volumes(instance.mount_point for instance in instances) as mounted:
        return read(instances, mounted, runner)


def _read_instance(instance: Instance, node: NodeState, runner: Runner) -> InstanceState:
    tomcat = _tomcat_directory(instance, runner) if node.tools else f"{instance.mount_point}/tomcat"
    server, general = read_text(f"{tomcat}/conf/server.xml"), f"{instance.data_directory}/sys/general.cfg"
    evidence = {general: read_text(general) is not None, f"{tomcat}/conf/server.xml": server is not None}
    try:
        port = None if server is None else scalix_tomcat.shutdown_port(server)
    except InstanceError as error:
        raise ScalixError(f"instance {instance.name}: {tomcat}/conf: {error}") from None
    unfinished = read_text(f"{instance.mount_point}/{UNFINISHED}")
    return InstanceState(
        present=tuple(name for name, there in evidence.items() if there),
        missing=tuple(name for name, there in evidence.items() if not there),
        unfinished=None if unfinished is None else unfinished.split("\n", 1)[0],
        shutdown_port=port,
        web_applications=tuple(scalix_connectors.web_applications(node.connectors, instance.name)),
        agent=read_text(f"{tomcat.rpartition('/')[0]}/res/config/res.properties") or "",
    )


def _tomcat_directory(instance: Instance, runner: Runner) -> str:
    """Where the instance's Tomcat is; where it is by default, on a node that does not know the instance yet."""
    try:
        found = runner.run([f"{TOMCAT_TOOLS}/sxtomcat-get-inst-dir", instance.name], record=False).stdout.strip()
    except CommandError:
        found = ""
    return found.rstrip("/") if found.startswith(f"{instance.mount_point}/") else f"{instance.mount_point}/tomcat"


def _boot_services(runner: Runner) -> tuple[str, ...]:
    try:
        listed = runner.run(["chkconfig", "--list"], record=False).stdout
    except CommandNotFound:
        raise ScalixError("chkconfig is not installed: services cannot be kept from starting at boot") from None
    names = {line.split()[0] for line in listed.splitlines() if ":" in line and line.split()[0] in SERVICES}
    return tuple(service for service in SERVICES if service in names)


def local_path(path: str) -> Path:
    """Where a path of the node is for this process."""
    return ROOT / path.lstrip("/")


def read_text(path: str) -> str | None:
    """A file's bytes, each as one character: whatever they mean, they go through Ansible and back as they are."""
    try:
        return local_path(path).read_bytes().decode("latin-1")
    except (FileNotFoundError, NotADirectoryError):
        return None


def as_utf8(text: str) -> str:
    """What the bytes mean, each of which is a character, to those who write UTF-8 with it."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def entries(wanted: Mapping[str, str | None]) -> list[files.Entry]:
    """Those files, with the directories that they are in.

    :param wanted: their bytes, each as one character, as they were read
    """
    contents = {path: None if text is None else as_utf8(text) for path, text in wanted.items()}
    present = [path for path, text in wanted.items() if text is not None]
    directories = sorted({path.rpartition("/")[0] for path in present})
    return [
        *(files.Entry(str(local_path(directory)), "directory") for directory in directories),
        *(
            files.Entry(str(local_path(path)), "file" if text is not None else "absent", content=text, backup=True)
            for path, text in contents.items()
        ),
    ]
