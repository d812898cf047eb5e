"""What a CalDAV client says and reads: an appointment, the question for all of them, and the answer."""

from __future__ import annotations

from xml.etree import ElementTree

#: Asks for all appointments of a calendar, RFC 4791, 7.8.
QUERY = """
<C:calendar-query xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:D="DAV:">
  <D:prop><C:calendar-data/></D:prop>
  <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter>
</C:calendar-query>
"""


def event(uid: str, day: str = "20261201") -> str:
    """An appointment."""
    entry = [f"UID:{uid}", "DTSTAMP:20261130T120000Z", f"DTSTART:{day}T120000Z", f"SUMMARY:{uid}"]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//groupware.ha//EN", "BEGIN:VEVENT"]
    return "\r\n".join([*head, *entry, "END:VEVENT", "END:VCALENDAR", ""])


def whole(answer: str) -> list[str]:
    """The UID of each appointment of an answer to QUERY that is there to its end."""
    data = [
        one.text or "" for one in ElementTree.fromstring(answer).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
    ]
    # Line ends are lost in XML.
    parts = [dict(line.split(":", 1) for line in one.split()) | {"": one.split()[-1]} for one in data]
    return [one["UID"] for one in parts if one["SUMMARY"] == one["UID"] and one[""] == "END:VCALENDAR"]
