"""Calendars that are scaled out, as their users meet them, at the balanced address alone but where a node is named."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import caldav
import pytest
from caldav_access import QUERY, event, whole

from ansible_collections.groupware.ha.molecule.calendar_scale_out.client import CERTIFICATE, PASSWORD, ask, path

APPS = ("app1", "app2")


@pytest.mark.parametrize("node", [None, *APPS])
@pytest.mark.parametrize("user", ["alice", "bob", "carol", "dave", "erin"])
def test_who_logs_in_gets_his_own(user: str, node: str | None) -> None:
    """Each of them has a hash of another scheme."""
    assert ask("PROPFIND", f"/SOGo/dav/{user}/", user=user, node=node, Depth="0").status == 207


@pytest.mark.parametrize(("user", "password"), [("alice", "wrong"), ("alice", ""), ("mallory", "correct horse")])
def test_who_does_not_gets_nothing(user: str, password: str) -> None:
    answer = ask("PROPFIND", "/SOGo/dav/alice/", user=user, password=password, Depth="0")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].lower().startswith("basic realm=")


def test_nobody_gets_what_is_somebody_elses() -> None:
    assert ask("PUT", path("mine.ics"), event("mine")).status == 201
    assert ask("GET", path("mine.ics"), user="bob").status in (403, 404)
    assert ask("PUT", path("mine.ics"), event("yours"), user="bob").status in (403, 404)
    assert "SUMMARY:mine" in ask("GET", path("mine.ics")).text


def test_the_methods_of_caldav_pass() -> None:
    calendar = "/SOGo/dav/alice/Calendar/work/"
    assert ask("MKCALENDAR", calendar).status == 201
    assert ask("PUT", f"{calendar}one.ics", event("one")).status == 201
    xml = {"Depth": "1", "Content_Type": "application/xml"}
    assert whole(ask("REPORT", calendar, QUERY, **xml).text) == ["one"]
    assert "one.ics" in ask("PROPFIND", calendar, Depth="1").text
    assert "REPORT" in ask("OPTIONS", calendar).headers["Allow"]
    assert ask("DELETE", calendar).status == 204
    assert ask("PROPFIND", calendar, Depth="1").status == 404


def test_names_that_differ_in_case_are_two_appointments() -> None:
    for name in ("Case", "case"):
        assert ask("PUT", path(f"{name}.ics"), event(name)).status == 201
    for name in ("Case", "case"):
        assert f"SUMMARY:{name}" in ask("GET", path(f"{name}.ics")).text


def with_attachment(uid: str, size: int) -> str:
    data = base64.b64encode(random.Random(size).randbytes(size)).decode()  # noqa: S311 # any will do
    line = f"ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=application/pdf:{data}\r\n"
    return event(uid).replace("SUMMARY:", f"{line}SUMMARY:")


def test_an_attachment_is_read_from_both_nodes() -> None:
    given = with_attachment("attached", 200_000)
    assert ask("PUT", path("attached.ics"), given).status == 201
    for node in (None, *APPS):
        assert given.split(":")[5][:50_000] in ask("GET", path("attached.ics"), node=node).text.replace("\r\n ", "")


def test_a_body_that_is_too_large_is_refused() -> None:
    answer = ask("PUT", path("large.ics"), with_attachment("large", 9 * 2**20))
    assert answer.status == 413
    assert ask("GET", path("large.ics")).status == 404


def test_one_that_does_not_say_how_large_it_is_is_refused_too() -> None:
    """SOGo takes none in pieces, and tells its users something else."""
    assert ask("PUT", path("chunked.ics"), iter([event("chunked").encode()])).status == 411
    assert ask("GET", path("chunked.ics")).status == 404


def test_of_two_who_write_the_same_one_gets_the_conflict() -> None:
    assert ask("PUT", path("shared.ics"), event("shared")).status == 201
    etag = ask("GET", path("shared.ics")).headers["ETag"]
    for day, expected, node in (("20261202", 204, "app1"), ("20261203", 412, "app2"), ("20261204", 412, None)):
        assert ask("PUT", path("shared.ics"), event("shared", day), node=node, If_Match=etag).status == expected
    assert "20261202T" in ask("GET", path("shared.ics")).text


def test_many_at_once_write_and_nothing_is_lost() -> None:
    names = [f"many{number}" for number in range(100)]
    statuses: list[int] = []
    left = iter(names)
    lock = threading.Lock()

    def take() -> Iterator[str]:
        while True:
            with lock:
                name = next(left, None)
            if name is None:
                return
            yield name

    def run() -> None:
        for name in take():
            statuses.append(ask("PUT", path(f"{name}.ics", "carol"), event(name), user="carol").status)

    assert ask("PROPFIND", path("", "carol"), user="carol", Depth="0").status == 207
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 100
    xml = {"Depth": "1", "Content_Type": "application/xml"}
    assert set(names) == set(whole(ask("REPORT", path("", "carol"), QUERY, user="carol", **xml).text))


#: The certificate is for the address too.
URL = "https://198.18.78.21/SOGo/dav/{}/"


def test_caldav_makes_and_searches() -> None:
    """The library of that name, which many programs use."""
    client = caldav.DAVClient(
        url=URL.format("dave"), username="dave", password=PASSWORD, ssl_verify_cert=str(CERTIFICATE)
    )
    principal = client.principal()
    calendar = principal.make_calendar(name="Räte", cal_id="council")
    for day in ("20261205", "20261206"):
        calendar.save_event(event(f"council-{day}", day))
    found = calendar.search(start=datetime(2026, 12, 6, tzinfo=UTC), end=datetime(2026, 12, 7, tzinfo=UTC), event=True)
    assert [one.icalendar_component["uid"] for one in found] == ["council-20261206"]
    assert "Räte" in [one.get_display_name() for one in principal.calendars()]
    calendar.delete()


#: For vdirsyncer.
CONFIG = """
[general]
status_path = "{top}/status"
[pair both]
a = "files"
b = "calendars"
collections = ["synced"]
[storage files]
type = "filesystem"
path = "{top}/files"
fileext = ".ics"
[storage calendars]
type = "caldav"
url = "{url}"
username = "erin"
password.fetch = ["command", "cat", "{top}/password"]
verify = "{certificate}"
"""


def test_vdirsyncer_keeps_two_copies_the_same(tmp_path: Path) -> None:
    """Files of a user on one side, the calendar on the other: what is new on either side is on both afterwards."""
    calendar = "/SOGo/dav/erin/Calendar/synced/"
    assert ask("MKCALENDAR", calendar, user="erin").status == 201
    assert ask("PUT", f"{calendar}there.ics", event("there"), user="erin").status == 201
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "config").write_text(CONFIG.format(top=tmp_path, url=URL.format("erin"), certificate=CERTIFICATE))
    files = tmp_path / "files/synced"
    files.mkdir(parents=True)
    for number in range(20):
        (files / f"here{number}.ics").write_bytes(event(f"here{number}").encode())
    for command in ("discover", "sync", "sync"):
        done = subprocess.run(
            ["vdirsyncer", command],
            check=False,
            capture_output=True,
            env={**os.environ, "VDIRSYNCER_CONFIG": str(tmp_path / "config")},
            input="y\n" * 9,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(files.iterdir())) == 21
    xml = {"Depth": "1", "Content_Type": "application/xml"}
    there = whole(ask("REPORT", calendar, QUERY, user="erin", **xml).text)
    assert set(there) == {"there", *(f"here{number}" for number in range(20))}
    assert ask("DELETE", calendar, user="erin").status == 204
