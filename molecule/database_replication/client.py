#!/usr/bin/env python3
"""Clients of a replicated database: several write a row after the other, at whichever server takes it.

client.py write SERVER...  write until the file /root/stop is there; keep account of what was acknowledged
client.py wait             wait until rows are acknowledged from now on
client.py check SERVER...  say which acknowledged rows the server that takes writes does not have

Each row is tried once, at the server that took the last one and then at the others, each time with another number, so
that a row whose answer was lost is no acknowledged one. The password is in /root/client.cnf.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

OPTIONS, STOP = "/root/client.cnf", Path("/root/stop")
ACKNOWLEDGED = Path("/root/acknowledged")
WRITERS = 4
#: Seconds for an answer.
ANSWER = 3


def tell(server: str, sql: str) -> tuple[int, str]:
    """Exit status of the client, and what it printed."""
    argv = ["mariadb", f"--defaults-file={OPTIONS}", f"--host={server}", "--connect-timeout=1", "-N", "-B", "calendar"]
    try:
        done = subprocess.run(argv, input=sql, capture_output=True, text=True, timeout=ANSWER, check=False)
    except subprocess.TimeoutExpired:
        return 1, "no answer in time"
    return done.returncode, done.stdout if done.returncode == 0 else done.stderr


class Account:
    """What was acknowledged, and when."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = time.monotonic()
        self.longest = 0.0
        self.tried = self.refused = self.number = 0
        self.file = ACKNOWLEDGED.open("a", encoding="ascii")

    def next(self) -> str:
        with self.lock:
            self.number += 1
            self.tried += 1
            return f"{time.time_ns() // 10**6}{self.number % 10**6:06}"

    def acknowledge(self, number: str) -> None:
        with self.lock:
            now = time.monotonic()
            self.longest = max(self.longest, now - self.last)
            self.last = now
            self.file.write(f"{number}\n")
            self.file.flush()

    def refuse(self) -> None:
        with self.lock:
            self.refused += 1


def write(servers: list[str]) -> None:
    STOP.unlink(missing_ok=True)
    before = len(acknowledged())
    account = Account()

    def run() -> None:
        mine = list(servers)
        while not STOP.exists():
            for server in list(mine):
                number = account.next()
                status, _said = tell(server, f"INSERT INTO written VALUES ({number})")  # noqa: S608 # digits
                if status == 0:
                    account.acknowledge(number)
                    mine.sort(key=lambda one: one != server)
                    break
                account.refuse()
            else:
                time.sleep(0.05)

    threads = [threading.Thread(target=run) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures = {"tried": account.tried, "refused": account.refused, "acknowledged": len(acknowledged()) - before}
    Path("/root/figures").write_text(
        json.dumps({**figures, "longest gap": round(account.longest, 2)}), encoding="ascii"
    )


def acknowledged() -> list[str]:
    return ACKNOWLEDGED.read_text(encoding="ascii").split() if ACKNOWLEDGED.exists() else []


def wait(_servers: list[str]) -> int:
    """Wait for rows that are acknowledged from now on; a minute at most."""
    enough, until = len(acknowledged()) + 40, time.monotonic() + 60
    while len(acknowledged()) < enough:
        if time.monotonic() > until:
            print("nothing is acknowledged")
            return 1
        time.sleep(0.1)
    return 0


def check(servers: list[str]) -> int:
    for server in servers:
        status, said = tell(server, "SELECT n FROM written WHERE NOT @@read_only")
        if status == 0 and said:
            lost = sorted(set(acknowledged()) - set(said.split()))
            figures = Path("/root/figures").read_text(encoding="ascii") if Path("/root/figures").exists() else "{}"
            print(json.dumps({**json.loads(figures), "at": server, "lost": lost, "known": len(acknowledged())}))
            return 1 if lost else 0
    print("no server takes writes")
    return 1


if __name__ == "__main__":
    sys.exit({"write": write, "wait": wait, "check": check}[sys.argv[1]](sys.argv[2:]))
