"""What a parser says of a file or of a program's output that is broken anywhere: never a secret that is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.formats import (
    clusterware,
    corosync_conf,
    ics_conf,
    messaging_options,
    registry_ldif,
    scrgadm,
    vcs_main_cf,
    vcs_tables,
    vfstab,
)
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.clusterware.driver import Clusterware
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.cib import parse_xml
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.rhcs.driver import RedHatClusterSuite
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.solaris_cluster.driver import SolarisCluster
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.vcs.driver import VeritasClusterServer

SECRET = "Hush-4711-x"  # noqa: S105
RUNNER = LocalRunner(dry=True)
MAIN_CF = f"""include "types.cf"
cluster demo (
        UserNames = {{ admin = "{SECRET}", bob = "{SECRET}",
                 carol = {SECRET} }}
        )
system nodea (
        )
group mail1 (
        SystemList = {{ nodea = 0 }}
        )
        Oracle mail1_db (
                Pword = "{SECRET}"
                StartUpOpt = STARTUP
                )
        IP mail1_ip (
                Address = "192.0.2.21"
                )
        mail1_db requires mail1_ip
"""
CLUSTER_CONF = f"""<?xml version="1.0"?>
<cluster name="demo" config_version="3"><clusternodes><clusternode name="nodea" nodeid="1"><fence><method name="1">
<device name="power" port="1"/></method></fence></clusternode></clusternodes>
<fencedevices>
<fencedevice name="power" agent="fence_apc" ipaddr="192.0.2.9" login="a" passwd="{SECRET}"/></fencedevices>
<rm><service name="mail1"><ip address="192.0.2.21"/></service></rm></cluster>
"""
CIB = f"""<cib><configuration><resources><primitive id="f" class="stonith" type="fence_x"><instance_attributes id="i">
<nvpair id="i1" name="passwd" value="{SECRET}"/></instance_attributes></primitive></resources></configuration></cib>
"""
CRSCTL = f"""NAME=mail1_db
TYPE=app.type
CONNECT_STRING={SECRET}
DB_PASSWORD={SECRET}
STATE=ONLINE

NAME=b
TYPE=c
"""
SCRGADM = f"""Res Type name:  SUNW.x
Res Group name: mail1-rg
  (mail1-rg) Res Group nodelist:  nodea
  (mail1-rg) Res Group mode:      Failover
  (mail1-rg) Res Group management state: Managed
  (mail1-rg) Res name: mail1
    (mail1-rg:mail1) Res type: SUNW.x
    (mail1-rg:mail1:Password) Res property name: Password
      (mail1-rg:mail1:Password) Res property class: extension
      (mail1-rg:mail1:Password) Res property type: stringarray
      (mail1-rg:mail1:Password) Res property value: {SECRET}
      {SECRET}
"""
DISPLAY = f"""#Resource     Attribute             System     Value
mail1_db      Group                 global     mail1
mail1_db      Pword                 global     {SECRET}
mail1_db      Type                  global     Oracle
"""
LDIF = f"""dn: cn=CCS0,o=NetscapeRoot
objectclass: nsValueItem
userPassword: {SECRET}
userPassword:: {SECRET}
"""
VFSTAB = f"""//host/share\t-\t/srv/mail1\tsmbfs\t-\tyes\tpassword={SECRET}
/dev/dsk/a\t-\t/srv/b\tufs\t-\tno\t-
"""

CASES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "main.cf": (MAIN_CF, vcs_main_cf.parse),
    "main.cf, by the driver": (MAIN_CF, VeritasClusterServer(RUNNER).parse_saved),
    "cluster.conf": (CLUSTER_CONF, RedHatClusterSuite(RUNNER).parse_saved),
    "a CIB": (CIB, lambda text: parse_xml(text, "cibadmin")),
    "a CIB in one line": (CIB.replace("\n", " "), lambda text: parse_xml(text, "cibadmin")),
    "crsctl": (CRSCTL, Clusterware(RUNNER).parse_saved),
    "crsctl, types": (CRSCTL.replace("NAME=", "TYPE_NAME="), clusterware.parse_types),
    "crsctl, a definition": (CRSCTL, clusterware.parse_definition),
    "scrgadm": (SCRGADM, scrgadm.parse_scrgadm),
    "scrgadm, by the driver": (SCRGADM, SolarisCluster(RUNNER).parse_saved),
    "hares -display": (DISPLAY, lambda text: vcs_tables.parse_display(text, "Resource")),
    "corosync.conf": (f"totem {{\n  key: {SECRET}\n  version: 2\n}}\n", corosync_conf.parse),
    "LDIF": (LDIF, lambda text: list(registry_ldif.entries(text))),
    "LDIF, values of the registry": (
        f'dn: o=x\nnsValue: "Password"={SECRET}\n',
        lambda text: registry_ldif.read(text, "o=x", ("a",)),
    ),
    "vfstab": (VFSTAB, lambda text: vfstab.edit(text, [], ["/srv/mail1", "/srv/b"])),
    "ics.conf": (f'local.ugldapbindcred = "{SECRET}"\n', lambda text: ics_conf.edit(text, {"a": "b"}, "x")),
    "msconfig": (f"role.base.proxyadminpass = {SECRET}\n", lambda text: messaging_options.parse_options(text, True)),
}


def broken(text: str) -> Iterator[str]:
    """The text with one thing wrong: cut off, a character less, one that has a meaning more, a line less or twice.

    Names of secrets stay whole: one that was cut in two speaks of nothing any more.
    """
    named = {
        position
        for name in re.finditer(
            r"UserNames|Pword|passwd|CONNECT_STRING|DB_PASSWORD|userPassword|Password|key|\w+pass\b", text
        )
        for position in range(name.start(), name.end() + 1)
    }
    for position in sorted({*range(0, len(text), 1 if len(text) < 200 else 3)} - named):
        yield text[:position]
        yield text[:position] + text[position + 1 :]
        for mark in ('"', "\n", "}", "=", "(", "<", ":", "\x00"):
            yield text[:position] + mark + text[position:]
    lines = text.splitlines(keepends=True)
    for number in range(len(lines)):
        yield "".join(lines[:number] + lines[number + 1 :])
        yield "".join(lines[:number] + [lines[number]] * 2 + lines[number + 1 :])


@pytest.mark.parametrize("case", CASES)
def test_no_error_quotes_a_secret(case: str) -> None:
    text, parse = CASES[case]
    pieces = [SECRET[:8], SECRET[-8:]]
    told = 0
    for given in broken(text):
        try:
            parse(given)
        except (ValueError, vcs_main_cf.MainCfError, vcs_tables.TableError, FrameworkError) as error:
            told += 1
            shown = str(error)
            if any(piece in shown for piece in pieces):
                raise AssertionError(f"{shown}\n--- of ---\n{given}") from None
    assert told or case in ("ics.conf", "msconfig", "vfstab", "crsctl, a definition")


def test_what_a_program_printed_is_shown_without_secrets() -> None:
    error = CommandError(["cibadmin"], "exit status 1", f"bad line:\n  passwd={SECRET}\nhttps://a:{SECRET}@host/\nbye")
    assert SECRET not in f"{error} {error.output}"
    assert error.output == "bad line:\n(hidden)\n(hidden)\nbye"
