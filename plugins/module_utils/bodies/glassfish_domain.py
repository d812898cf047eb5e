# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the domain of a GlassFish cluster on the host of its administration server, or removes it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_description import MASTER
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_node import (
    ACCESS,
    Asadmin,
    GlassFishError,
    Place,
    being_made,
    is_secure,
    there,
)
from ansible_collections.groupware.ha.plugins.module_utils.runner import Body, Module


def _work(module: Module, runner: Runner) -> dict[str, Any]:
    place = glassfish_node.place_of(module.params)
    passwords = {str(name): str(value) for name, value in module.params["passwords"].items()}
    has = there(place.home)
    if module.params["state"] == "absent":
        if has:
            runner.commands.append(f"# remove {place.home}")
        if has and not module.check_mode:
            glassfish_node.remove(place.home)
            Path(place.certificate).unlink(missing_ok=True)
        return {"changed": has, "diff": _diff(place, has, False)}
    whole = has and is_secure(place.home)
    if not whole:
        asadmin = Asadmin(runner, place, module.params["administrator"], passwords)
        # One that was made but is not secure yet is one of a user's own, or what a run was cut short at.
        if has:
            _secure(asadmin, place, module)
        else:
            with being_made(place.home, not module.check_mode):
                _create(asadmin, place, module)
                _secure(asadmin, place, module)
    shows = _shows_its_certificate(place)
    if whole and not shows:
        runner.commands.append(f"# write {place.certificate}")
    if not shows and not module.check_mode:
        _show_certificate(runner, place, passwords)
    return {
        "changed": not whole or not shows,
        "diff": _diff(place, whole, True),
        "fingerprint": glassfish_node.fingerprint(place.certificate),
    }


def _diff(place: Place, before: bool, after: bool) -> dict[str, str]:
    line = f"domain {place.home}\n"
    return {"before": line if before else "", "after": line if after else ""}


def _create(asadmin: Asadmin, place: Place, module: Module) -> None:
    own = ["--savemasterpassword=false", "--savelogin=false", f"--adminport={module.params['port']}"]
    asadmin.run("create-domain", f"--domaindir={place.domains}", *own, place.domain)


def _secure(asadmin: Asadmin, place: Place, module: Module) -> None:
    """It is told while it runs, without TLS and from this host alone as yet, and holds when it is started again."""
    asadmin.run("start-domain", f"--domaindir={place.domains}", place.domain)
    try:
        asadmin.run("enable-secure-admin", where=[f"--port={module.params['port']}"])
    finally:
        asadmin.run("stop-domain", f"--domaindir={place.domains}", place.domain)


def _shows_its_certificate(place: Place) -> bool:
    try:
        return os.path.getmtime(place.certificate) >= os.path.getmtime(_key_store(place))
    except OSError:
        return False


def _key_store(place: Place) -> str:
    return next(
        (path for path in (f"{place.home}/config/keystore.{kind}" for kind in ("p12", "jks")) if os.path.exists(path)),
        f"{place.home}/config/keystore.jks",
    )


def _show_certificate(runner: Runner, place: Place, passwords: dict[str, str]) -> None:
    """Copy the certificate, which is no secret, to where it can be read without the master password."""
    with tempfile.TemporaryDirectory(prefix="groupware-ha-glassfish-", dir=glassfish_node.PARENT) as top:
        file = Path(top, "password")
        file.touch(mode=0o600)
        file.write_text(passwords[MASTER] + "\n", encoding="ascii")
        argv = ["keytool", "-exportcert", "-rfc", "-alias", "s1as", "-keystore", _key_store(place)]
        try:
            text = runner.run([*argv, "-storepass:file", str(file)], record=False).stdout
        except CommandError as error:
            words = "does not open with glassfish_passwords.master"
            raise GlassFishError(f"{_key_store(place)}: {words} ({error.reason})") from None
    new = Path(f"{place.certificate}.new")
    new.write_text(text[text.index("-----BEGIN") :], encoding="ascii")
    new.chmod(0o644)
    new.replace(place.certificate)


BODY = Body({**ACCESS, "state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}, _work)
