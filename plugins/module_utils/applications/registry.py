# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications there are, in the order in which a site configures them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Application
from .scalix import Scalix

#: For members that the user names in the framework's own terms.
NATIVE = "native"

APPLICATIONS: Mapping[str, Application] = {
    application.name: application
    for application in (
        Application(
            "postfix_dovecot",
            "postfix_dovecot",
            needs=("address", "host_name", "storage"),
            logs_in=True,
            secrets={
                r"\.options\.(relay_host|postfix_parameters\.smtp_sasl_)": (
                    "give it by the instance's name in postfix_dovecot_relay_passwords, with relay_host.user"
                ),
                r"\.application\.options\.": "give it to the application's role, as in postfix_dovecot_users",
            },
        ),
        Application("messaging_server", "messaging_server", brings_agent=True),
        Application("calendar_server", "calendar_server_63"),
        Scalix("scalix", "scalix"),
        Application(NATIVE, None),
    )
}
