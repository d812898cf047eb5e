# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptors of a web application whose sessions outlive their instance, and the archive that has them. Pure.

The manual has an administrator write them into the application that is unpacked below the domain, where the next patch
of the product, which is deployed anew, takes them away again. Here they are in the archive that is deployed.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from xml.etree import ElementTree

from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure

WEB, OWN, NEWER = "WEB-INF/web.xml", "WEB-INF/sun-web.xml", "WEB-INF/glassfish-web.xml"
#: What GlassFish 7 calls replication, and GlassFish 2.1 with HADB. Version 7 takes ``ha`` for memory, and says nothing.
PERSISTENCE = ("replicated", "ha")
_ROOT = re.compile(r"<web-app\b[^>]*>")
#: What may be before <distributable/>, in the schemas that have an order.
_BEFORE = re.compile(r"\s*(?:<!--.*?-->|<(icon|display-name|description)\b[^>]*?(?:/>|>.*?</\1\s*>))", re.DOTALL)
#: The manual has neither of the two names of the document type right, nor closes it.
_SUN_WEB = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE sun-web-app PUBLIC "-//Sun Microsystems, Inc.//DTD Application Server 9.0 Servlet 2.5//EN"
  "http://www.sun.com/software/appserver/dtds/sun-web-app_2_5-0.dtd">
<sun-web-app>
  <session-config>
    <session-manager persistence-type="{persistence}">
      <manager-properties>
        <property name="persistenceFrequency" value="web-method"/>
      </manager-properties>
      <store-properties>
        <property name="persistenceScope" value="session"/>
      </store-properties>
    </session-manager>
    <session-properties/>
    <cookie-properties/>
  </session-config>
</sun-web-app>
"""
#: So that the same files make the same archive.
_MOMENT = (1980, 1, 1, 0, 0, 0)


class ArchiveError(Failure):
    """An archive that is none, or that could not be what is wanted."""


def distributable(text: str) -> str:
    """A web.xml with <distributable/> directly below <web-app>, where the schema has it.

    :raises ArchiveError: it is no web.xml
    """
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise ArchiveError(f"{WEB} is not well-formed: {error}") from None
    names = [child.tag.rpartition("}")[2] for child in root]
    match = _ROOT.search(text)
    if root.tag.rpartition("}")[2] != "web-app" or match is None:
        raise ArchiveError(f"{WEB} begins with <{root.tag.rpartition('}')[2]}>, not with <web-app>")
    if "distributable" in names:
        return text
    if match[0].endswith("/>"):
        raise ArchiveError(f"{WEB} has an empty <web-app>: it describes no application")
    place = match.end()
    while found := _BEFORE.match(text, place):
        place = found.end()
    return f"{text[:place]}\n  <distributable/>{text[place:]}"


def sun_web(persistence: str) -> str:
    """The manual's sun-web.xml, put right."""
    return _SUN_WEB.format(persistence=persistence)


def with_sessions(content: bytes, persistence: str) -> bytes:
    """The archive with the descriptors; the same bytes for the same files.

    :raises ArchiveError: it is no archive of a web application, or has a descriptor that would win
    """
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as war:
            names = given.namelist()
            if WEB not in names:
                raise ArchiveError(f"has no {WEB}: it is no web application")
            if NEWER in names:
                raise ArchiveError(f"has {NEWER}, which GlassFish prefers to the manual's {OWN}; take it out")
            texts = {WEB: distributable(given.read(WEB).decode()), OWN: sun_web(persistence)}
            for name in sorted({*names, OWN}):
                data = texts[name].encode() if name in texts else given.read(name)
                war.writestr(zipfile.ZipInfo(name, _MOMENT), data, zipfile.ZIP_DEFLATED)
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ArchiveError(f"is no archive that can be read: {error}") from None
    return made.getvalue()


def checksum(content: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(content).hexdigest()
