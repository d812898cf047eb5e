# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of Messaging Server share: judged options, this node's installation, how errors become failures."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.formats.messaging_options import (
    OptionFormatError,
    check_name,
    option_text,
)
from ansible_collections.groupware.ha.plugins.module_utils.formats.mta_cnf import MtaFileError
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instance import (
    Instance,
    Package,
    register_agent,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import (
    LocalFiles,
    MessagingServer,
    MessagingServerError,
    Outcome,
)

#: What the configurators of the Communications Suite say at the end if nothing failed (Calendar Server 6.3
#: Administration Guide, 6.7); the Messaging Server manuals do not show it.
CONFIGURE_LAST_LINE = "All Tasks Passed"


def local_server(server_root: str, dry: bool) -> MessagingServer:
    """The installation on this node."""
    return MessagingServer(LocalRunner(dry=dry), LocalFiles(), server_root.rstrip("/"))


def run_module(module: AnsibleModule, work: Callable[[MessagingServer], dict[str, Any]]) -> None:
    """Do the module's work and exit; what is refused or fails becomes a failure with the commands run so far."""
    server = local_server(module.params["server_root"], module.check_mode)
    try:
        result = work(server)
    except (CommandError, MessagingServerError, MtaFileError, OptionFormatError) as error:
        module.fail_json(msg=str(error), commands=server.runner.commands)
    module.exit_json(**result, commands=server.runner.commands)


def instance_of(server: MessagingServer, given: Mapping[str, Any]) -> Instance:
    """The instance that a module was given."""
    return Instance(server, given["data_root"].rstrip("/"), given["mount_point"].rstrip("/"))


def state_of(instance: Instance) -> dict[str, Any]:
    """What the node has of it, as modules return it."""
    state = asdict(instance.state())
    return {**state, "unfinished": list(state["unfinished"]), "agents": list(state["agents"])}


def do_step(server: MessagingServer, given: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out one step of setting up an instance, unless it is done; the result of the module messaging_instance."""
    instance = instance_of(server, given)
    before = state_of(instance)
    step, kind = given["step"], given["configuration"]
    if step == "install":
        instance.install(given["installer"], given["components"])
    elif step == "configure":
        answers = state_file(given["state"], kind) if given["state"] else ""
        arguments = given["configure_arguments"]
        instance.configure(kind, given["host_name"], answers, arguments, given["last_line"], given["in_use"])
    elif step == "join":
        instance.join()
    else:
        package = Package(given["agent_root"], given["installer"], given["agent_components"])
        register_agent(server, given["framework"], package)
    commands = server.runner.commands
    return {
        "changed": bool(commands),
        "before": before,
        "after": state_of(instance),
        "diff": {"before": "", "after": "".join(f"{command}\n" for command in commands)},
    }


def outcome_of(outcome: Outcome) -> dict[str, Any]:
    """What was set, as modules return it."""
    return {
        "changed": outcome.changed,
        "configuration": outcome.configuration,
        "changed_options": sorted({*outcome.before, *outcome.after}),
        "diff": outcome.diff(),
    }


def options_of(options: Mapping[str, Any], secrets: Mapping[str, Any]) -> tuple[dict[str, str | None], dict[str, str]]:
    """The wanted options and the secret ones, judged.

    :raises OptionFormatError: a name or a value is none; secret values are not said
    """
    wanted: dict[str, str | None] = {}
    for name, value in options.items():
        check_name(name)
        if name in secrets:
            raise OptionFormatError(f"{name} is among options and among secrets; give it once")
        wanted[name] = None if value is None else option_text(name, value)
    for name in secrets:
        check_name(name)
    return wanted, {name: option_text(name, value) for name, value in secrets.items()}


def checked_address(address: str) -> str:
    """An address in its usual spelling.

    :raises OptionFormatError: it is none
    """
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        raise OptionFormatError(
            f"address = {address!r}: is not an IP address; give the logical address without a prefix length"
        ) from None


def state_file(answers: Mapping[str, Any], configuration: str) -> str:
    """The state file of configure.

    :raises OptionFormatError: an answer does not fit into a line; its value is not said
    """
    for name in answers:
        if re.fullmatch(r"[\w.\-]+", name) is None:
            raise OptionFormatError(f"state: {name!r} is not a name that configure gives its answers")
    lines = {name: option_text(f"state.{name}", value) for name, value in answers.items()}
    lines["XMLCONFIG"] = "1" if configuration == "unified" else "0"
    return "".join(f"{name}={value}\n" for name, value in lines.items())
