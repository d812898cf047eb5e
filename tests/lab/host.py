"""What the lab needs of the machine it runs on: commands, progress, files, locks and background processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

STARTED = time.monotonic()


class LabError(Exception):
    """Something that the person at the keyboard has to know; printed without a traceback."""


def run(
    command: Sequence[str | Path], *, check: bool = True, timeout: float = 120, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command quietly; a failure carries the command and what it printed."""
    arguments = [str(word) for word in command]
    try:
        done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError:
        raise LabError(f"{arguments[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"no answer within {timeout:.0f} s from: {' '.join(arguments)}") from None
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(arguments)}\nexit code {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:7.1f} s  {text}", file=sys.stderr, flush=True)


def wait_until(what: str, condition: Callable[[], object], timeout: float, pause: float = 0.05) -> None:
    """Poll a condition until it is true."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"gave up after {timeout:.0f} s waiting until {what}")
        time.sleep(pause)


def write_file(path: Path, content: str, mode: int = 0o644) -> bool:
    """Write a file whole or not at all; true if it changed."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_text() == content and path.stat().st_mode & 0o777 == mode:
            return False
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
    temporary.rename(path)
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a second run out; the lock is on a file that is there anyway, so that none is left behind."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that holds {path.name}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Daemon:
    """A background process that outlives this program and is found again by its pid file."""

    def __init__(self, name: str, command: Sequence[str | Path], state: Path) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.pid_file = state / f"{name}.pid"
        self.log_file = state / f"{name}.log"

    def running(self) -> tuple[int, list[str]] | None:
        """The pid and command of the process that was started, if it is still there.

        Pids are used again, above all after a boot: what is not about this lab is somebody else's.
        """
        try:
            pid = int(self.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode().split("\0")
        except (OSError, ValueError):
            return None
        return (pid, command) if str(self.pid_file.parent) in " ".join(command) else None

    def pid(self) -> int | None:
        """The pid, if it runs as it is to run now."""
        found = self.running()
        return found[0] if found and found[1] == self.command else None

    def start(self) -> bool:
        """Start it unless it runs; true if it was started."""
        if self.pid() is not None:
            return False
        self.stop()
        with self.log_file.open("a") as log:
            # The shell records its own pid before it becomes the daemon: a pid file exists for whatever runs, even
            # if this program is killed at once.
            process = subprocess.Popen(
                ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', self.pid_file, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        wait_until(f"{self.name} starts", lambda: self.pid() or process.poll() is not None, timeout=10, pause=0.01)
        return True

    def stop(self) -> None:
        found = self.running()
        if found is not None:
            os.kill(found[0], signal.SIGTERM)
            try:
                wait_until(f"{self.name} ends", lambda: self.running() is None, timeout=5)
            except LabError:
                os.kill(found[0], signal.SIGKILL)
        self.pid_file.unlink(missing_ok=True)
