"""Calendar Server 7 on GlassFish, as its users meet it, at the balanced address alone but where a node is named."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import caldav
import pytest
from caldav_access import QUERY, event, whole

from ansible_collections.groupware.ha.molecule.calendar_glassfish.client import CERTIFICATE, DAV, INSTANCES, Curl, home
from ansible_collections.groupware.ha.molecule.calendar_scale_out.client import PASSWORD
from ansible_collections.groupware.ha.molecule.shared.lab import sh

DATA = "/var/opt/sun/comms/davserver"


def test_a_session_goes_on_with_its_cookies_alone() -> None:
    alice = Curl()
    instance, count = alice.session(log_in=True)
    assert count == 1
    assert alice.session() == (instance, 2)
    # And nobody has one without them.
    assert Curl()("OPTIONS", home()).status == 401


@pytest.mark.parametrize(("user", "password"), [("alice", "wrong"), ("alice", ""), ("mallory", PASSWORD)])
@pytest.mark.parametrize("node", [None, *INSTANCES])
def test_who_does_not_log_in_gets_nothing(user: str, password: str, node: str | None) -> None:
    said = Curl(user, node)("GET", home("calendar/one.ics", user), log_in=True, password=password)
    assert said.status == 401
    assert said.headers["www-authenticate"].startswith("Basic realm=")


def test_the_methods_of_caldav_pass() -> None:
    alice = Curl()
    alice.session(log_in=True)
    assert alice("MKCALENDAR", home("work/")).status == 201
    assert alice("MKCALENDAR", home("work/")).status == 405
    assert alice("PUT", home("work/one.ics"), event("one")).status == 201
    said = alice("REPORT", home("work/"), QUERY, Depth="1")
    assert (said.status, whole(said.text)) == (207, ["one"])
    assert "one.ics" in alice("PROPFIND", home("work/"), Depth="1").text
    assert alice("DELETE", home("work/")).status == 204


def test_nobody_gets_what_is_somebody_elses() -> None:
    assert Curl()("PUT", home("calendar/mine.ics"), event("mine"), log_in=True).status == 201
    assert Curl("bob")("GET", home("calendar/mine.ics"), log_in=True).status == 403


def test_an_attachment_is_read_from_both_front_ends() -> None:
    """It is in the document store, and on no front end."""
    given = bytes(random.Random(7).choices(b"abcdefghijklmnop", k=300_000))  # noqa: S311 # any will do
    alice = Curl()
    assert alice("PUT", home("calendar/attached.ics"), event("attached"), log_in=True).status == 201
    said = alice("POST", home("calendar/attached.ics?action=attachment-add"), given)
    assert said.status == 201
    number = said.headers["cal-managed-id"]
    for node in (None, *INSTANCES):
        assert Curl(node=node)("GET", f"{DAV}/attach/{number}", log_in=True).text.encode() == given
    assert Curl("bob")("GET", f"{DAV}/attach/{number}", log_in=True).status == 404
    sh("store", f"test $(stat --format=%s {DATA}/docs/{number}) = 300000")
    for node in INSTANCES:
        assert sh(node, f"find / -xdev -name {number}") == ""


def test_a_body_that_is_too_large_is_refused() -> None:
    alice = Curl()
    large = event("large").replace("SUMMARY:", "DESCRIPTION:" + "x" * 10_000_000 + "\r\nSUMMARY:")
    said = alice("PUT", home("calendar/large.ics"), large, log_in=True)
    assert (said.status, said.text) == (413, "more than 10000000 bytes\n")
    assert alice("GET", home("calendar/large.ics")).status == 404
    assert alice("PUT", home("calendar/none.ics"), "no appointment").status == 400


def test_of_two_who_write_the_same_one_gets_the_conflict() -> None:
    first, second = Curl(node="app1"), Curl(node="app2")
    assert first("PUT", home("calendar/shared.ics"), event("shared"), log_in=True).status == 201
    etag = second("GET", home("calendar/shared.ics"), log_in=True).headers["etag"]
    assert first("PUT", home("calendar/shared.ics"), event("shared", "20261202"), If_Match=etag).status == 204
    said = second("PUT", home("calendar/shared.ics"), event("shared", "20261203"), If_Match=etag)
    assert (said.status, said.text) == (412, "somebody else changed it meanwhile\n")
    assert "20261202T" in Curl()("GET", home("calendar/shared.ics"), log_in=True).text


def test_caldav_makes_and_searches() -> None:
    """The library of that name, which many programs use."""
    client = caldav.DAVClient(
        url=f"https://198.18.78.21{DAV}/", username="dave", password=PASSWORD, ssl_verify_cert=str(CERTIFICATE)
    )
    principal = client.principal()
    calendar = principal.make_calendar(name="Council", cal_id="council")
    for day in ("20261205", "20261206"):
        calendar.save_event(event(f"council-{day}", day))
    found = calendar.search(start=datetime(2026, 12, 6, tzinfo=UTC), end=datetime(2026, 12, 7, tzinfo=UTC), event=True)
    assert [one.icalendar_component["uid"] for one in found] == ["council-20261206"]
    assert "Council" in [one.get_display_name() for one in principal.calendars()]
    calendar.delete()
