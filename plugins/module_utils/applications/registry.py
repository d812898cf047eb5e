# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications there are, in the order in which a site configures them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Application, Page
from .scalix import Scalix

#: For members that the user names in the framework's own terms.
NATIVE = "native"

#: What else may be wrong with what does not answer.
_ELSE = "or read its log there; if it runs, see what filters packets on the way"

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
        Application(
            "radicale",
            "radicale",
            needs=("address", "host_name", "storage"),
            secrets={r"\.application\.options\.": "give users by the instance's name in radicale_users"},
            # The page that wants no log-in.
            page=Page("CalDAV", "/.web/", "Radicale", port=5232, port_option="port", tls=True),
            own_commands=False,
            remedy=f"see what the unit groupware-radicale@ says in the journal of {{node}}, {_ELSE}",
        ),
        Application(
            "haproxy",
            "haproxy",
            needs=("address", "host_name"),
            own_commands=False,
        ),
        Application(
            "messaging_server",
            "messaging_server",
            brings_agent=True,
            logs_in=True,
            mail={"smtp": 25, "imap": 143},
            remedy=f"start it with start-msg on {{node}}, {_ELSE}",
        ),
        Application(
            "calendar_server",
            "calendar_server_63",
            # The one question that wants no session, and whose answer is documented (Calendar Server 6.3 WCAP
            # Developer's Guide, version.wcap).
            page=Page("WCAP", "/version.wcap?fmt-out=text/calendar", "X-NSCP-WCAPVERSION"),
            remedy=f"start it with start-cal http on {{node}}, {_ELSE}",
        ),
        Scalix(
            "scalix",
            "scalix",
            logs_in=True,
            mail={"smtp": 25, "imap": 143},
            # The web application that every instance has.
            page=Page("HTTP", "/webmail/"),
            remedy=f"start it with service scalix start on {{node}} (its web mail with service scalix-tomcat), {_ELSE}",
        ),
        Application(NATIVE, None),
    )
}
