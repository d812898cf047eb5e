"""Settings of Solaris' kernel, as they are to be and as they are; and what its clock follows."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats import etc_system, ntpq

WANTED = {"shmsys:shminfo_shmmax": "0x80000000", "semsys:seminfo_semmni": "10"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "set shmsys:shminfo_shmmax=0x80000000\nset semsys:seminfo_semmni=10\n"),
        # The last line has no end, and what a comment says does not count.
        (
            "* set semsys:seminfo_semmni=99\nset a:b=1",
            "* set semsys:seminfo_semmni=99\nset a:b=1\n"
            "set shmsys:shminfo_shmmax=0x80000000\nset semsys:seminfo_semmni=10\n",
        ),
        # The last one counts; octal, and larger than it has to be, in another spelling.
        (
            "set semsys:seminfo_semmni=99\n set  semsys:seminfo_semmni = 011 * mine\n"
            "set shmsys:shminfo_shmmax=2147483648\n",
            "set semsys:seminfo_semmni=99\n set  semsys:seminfo_semmni = 10 * mine\n"
            "set shmsys:shminfo_shmmax=2147483648\n",
        ),
        (
            "set shmsys:shminfo_shmmax=0xFFFFFFFF\r\nset semsys:seminfo_semmni=what\r\n",
            "set shmsys:shminfo_shmmax=0xFFFFFFFF\r\nset semsys:seminfo_semmni=10\r\n",
        ),
    ],
)
def test_settings_are_large_enough(before: str, after: str) -> None:
    assert etc_system.with_at_least(before, WANTED) == after
    assert etc_system.with_at_least(after, WANTED) == after


def test_what_the_kernel_has() -> None:
    printed = (
        "*\n* IPC Semaphores\n*\n    10  semaphore identifiers (SEMMNI)\n 2147483648\tmax segment size (SHMMAX)\n 3 x\n"
    )
    assert etc_system.running(printed) == {"SEMMNI": 10, "SHMMAX": 2147483648}


HEAD = "     remote           refid      st t when poll reach   delay   offset    disp\n" + "=" * 78 + "\n"


@pytest.mark.parametrize(
    ("lines", "offset"),
    [
        ("*192.0.2.1       .GPS.            1 u   33   64  377     0.41    -0.021    0.01\n", -0.021),
        ("+192.0.2.2 192.0.2.9 2 u 1 64 377 0.4 9.9 0.1\no192.0.2.1 .PPS. 0 l 3 64 377 0.0 0.003 0.1\n", 0.003),
        (" 192.0.2.1       .INIT.          16 u    -   64    0     0.00     0.000 16000.0\n", None),
        ("*192.0.2.1 .GPS. 1 u 33\n", None),
        ("*192.0.2.1 .GPS. 1 u 33 64 377 0.4 broken 0.1\n", None),
    ],
)
def test_how_far_a_clock_is_off(lines: str, offset: float | None) -> None:
    assert ntpq.offset(HEAD + lines) == offset
