# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the instance of a host, a member of a GlassFish cluster, or removes its files."""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import (
    ACCESS,
    Asadmin,
    GlassFishError,
    being_made,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import escaped
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module

_TIMEOUT = 30
_PROPERTY = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    place, given = glassfish_node.place_of(module.params), module.params
    if not all(_PROPERTY.fullmatch(name) for name in given["properties"]):
        # It stands on a command line, and may be anything in the wrong place.
        raise GlassFishError(
            "properties: one has a name that is none; use letters, digits, points, hyphens, underscores"
        )
    node, folder = f"{place.nodes}/{given['node']}", place.instance(given["node"], given["instance"])
    has, absent = glassfish_node.has_instance(place, given["node"], given["instance"]), given["state"] == "absent"
    changed = has if absent else not has
    if absent and has:
        runner.commands.append(f"# remove {node}")
        if not module.check_mode:
            glassfish_node.remove(node)
    elif not absent and not has:
        passwords = {str(name): str(value) for name, value in given["passwords"].items()}
        asadmin = Asadmin(runner, place, given["administrator"], passwords)
        where = [f"--host={given['host']}", f"--port={given['port']}"]
        if not module.check_mode:
            _judge_certificate(given["host"], given["port"], given["fingerprint"])
        with being_made(node, not module.check_mode):
            if given["registered"]:
                # The domain knows it, and this host has lost it, or never came to have it.
                asadmin.run("delete-instance", given["instance"], where=where)
            own = [f"--node={given['node']}", f"--nodedir={place.nodes}", f"--cluster={given['cluster']}"]
            own += [f"--systemproperties={escaped(given['properties'])}"]
            asadmin.run("create-local-instance", *own, given["instance"], where=where)
    line = f"instance {folder}\n"
    return {"changed": changed, "diff": {"before": line if has else "", "after": "" if absent else line}}


def _judge_certificate(host: str, port: int, fingerprint: str | None) -> None:
    """Refuse to tell the administrator's password to anybody else; asadmin itself takes any certificate.

    :raises GlassFishError: somebody else answers, or nobody
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    where = f"the administration server at {host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=_TIMEOUT) as plain, context.wrap_socket(plain) as shown:
            certificate = shown.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise GlassFishError(f"{where} gives no answer ({error.strerror or error})") from None
    if hashlib.sha256(certificate).hexdigest() != fingerprint:
        raise GlassFishError(f"{where} shows another certificate than the domain's own, so that nothing was said to it")


BODY = Body(
    {
        **ACCESS,
        "host": {"type": "str"},
        "fingerprint": {"type": "str"},
        "cluster": {"type": "str"},
        "node": {"type": "str", "required": True},
        "instance": {"type": "str", "required": True},
        "properties": {"type": "dict", "default": {}},
        "registered": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    _work,
)
