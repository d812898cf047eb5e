"""What all simulators share: one state for all simulated nodes, a clock, and orders to fail.

A simulator is used in two ways. In one process it plays all nodes of a cluster: its state is a dictionary and its clock
moves only when somebody waits, so that tests never sleep. In containers the state is a file on a volume that all nodes
share, locked for each command, the clock is the machine's, and the files of a node are its real files.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import marshal
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: How a command that is told to fail does so: refused and without effect; never answers and has no effect; never
#: answers but takes effect; takes effect and then says that it failed.
FAULTS = ("fail", "hang", "hang_after_effect", "lose_answer")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status. ``hung`` stands for a command that never answers."""

    status: int = 0
    stdout: str = ""
    stderr: str = ""
    hung: bool = False


class Refusal(Exception):
    """Raised by a simulated command that ends without effect."""

    def __init__(self, status: int, stderr: str = "", stdout: str = "") -> None:
        super().__init__(stderr or stdout)
        self.answer = Answer(status, stdout, stderr)


class Simulator:
    """A simulated product on all its nodes.

    A subclass sets ``programs`` (program name to the name of its method) and makes the first state. Such a method is
    called with the node, the arguments after the program's name and the standard input, with ``self.state`` loaded;
    it changes the state in place and returns an Answer or raises a Refusal, after which the state is as it was.
    """

    #: Name of each program on PATH, and the method that plays it.
    programs: Mapping[str, str] = {}

    def __init__(self, nodes: Sequence[str], state_file: Path | None = None, **options: Any) -> None:
        self.nodes = tuple(nodes)
        self.options = options
        self._file = state_file
        self._now = 1_000_000.0
        self.state: dict[str, Any] = {}
        if state_file is None:
            self.state = self._whole_state()
        #: In one process, the files of each node by path.
        self.node_files: dict[str, dict[str, str]] = {node: {} for node in nodes}
        #: Every command line that was run, in order, with its node.
        self.history: list[tuple[str, tuple[str, ...]]] = []

    # -- for subclasses ----------------------------------------------------------------------------------------

    def first_state(self) -> dict[str, Any]:
        """The state of a freshly installed product, of what JSON can hold."""
        raise NotImplementedError

    def installed_files(self) -> dict[str, str]:
        """Files that the product's installer leaves on every node, by path."""
        return {}

    def advance(self) -> None:
        """Bring everything that happens by itself up to ``self.now``."""

    def next_event(self) -> float | None:
        """When something will next happen by itself."""
        return None

    @property
    def now(self) -> float:
        """Seconds; they pass by themselves only with a state file."""
        return self._now if self._file is None else time.time()

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Let time pass until the condition holds; False when the seconds are over first. The state may change."""
        deadline = self.now + seconds
        self.advance()
        while not condition():
            if self.now >= deadline:
                return False
            if self._file is None:
                event = self.next_event()
                self._now = deadline if event is None else max(self._now, min(event, deadline))
            else:
                self._save()
                self._unlock()
                time.sleep(0.05)
                self._lock()
                self._load()
            self.advance()
        return True

    def read_file(self, node: str, path: str) -> str | None:
        """Text of a file of the node, or None."""
        if self._file is None:
            return self.node_files[node].get(path)
        try:
            return Path(path).read_text(encoding="utf-8")
        except OSError:
            return None

    def write_file(self, node: str, path: str, text: str) -> None:
        """Write a file of the node; another node's in one process only (in containers they belong in the state)."""
        if self._file is None:
            self.node_files[node][path] = text
        else:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text, encoding="utf-8")

    # -- for tests ---------------------------------------------------------------------------------------------

    def run(self, node: str, argv: Sequence[str], stdin: str | None = None) -> Answer:
        """Run one command on a node."""
        with self._transaction():
            self.history.append((node, tuple(argv)))
            program = os.path.basename(argv[0])
            if program not in self.programs:
                return Answer(127, "", f"{program}: not found\n")
            fault = self._fault_of_this_command(argv)
            # Far quicker than a deep copy, and a refusal is the only thing that needs it.
            before = marshal.dumps(self.state)
            if fault in ("fail", "hang"):
                return Answer(1, "", "ordered to fail\n") if fault == "fail" else Answer(-1, hung=True)
            try:
                self.advance()
                answer: Answer = getattr(self, self.programs[program])(node, list(argv[1:]), stdin)
                self.advance()
            except Refusal as refusal:
                self.state = marshal.loads(before)  # noqa: S302 - written a moment ago
                return refusal.answer
            if fault == "lose_answer":
                return Answer(1, "", "the connection was lost\n")
            return Answer(-1, hung=True) if fault == "hang_after_effect" else answer

    def pass_time(self, seconds: float) -> None:
        """Let time pass (in one process)."""
        deadline = self._now + seconds
        with self._transaction():
            while True:
                event = self.next_event()
                if event is None or event > deadline:
                    break
                self._now = max(self._now, event)
                self.advance()
            self._now = deadline
            self.advance()

    def order_fault(self, number: int, fault: str, program: str | None = None) -> None:
        """Have the number-th command from now (of that program, if one is named) fail in one of the ways of FAULTS."""
        if fault not in FAULTS:
            raise ValueError(fault)
        with self._transaction():
            self.state["faults"].append({"number": number, "fault": fault, "program": program})

    def cancel_faults(self) -> None:
        """Have no further command fail."""
        with self._transaction():
            self.state["faults"] = []

    @contextlib.contextmanager
    def edit(self) -> Iterator[dict[str, Any]]:
        """The state, to be changed by hand as an administrator or an accident would."""
        with self._transaction():
            yield self.state

    # -- state -------------------------------------------------------------------------------------------------

    def _whole_state(self) -> dict[str, Any]:
        return {"faults": [], **self.first_state()}

    def _fault_of_this_command(self, argv: Sequence[str]) -> str | None:
        found = None
        for fault in list(self.state["faults"]):
            if fault["program"] in (None, os.path.basename(argv[0])):
                fault["number"] -= 1
                if fault["number"] == 0:
                    found = fault["fault"]
                    self.state["faults"].remove(fault)
        return found

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._file is None:
            yield
            return
        self._lock()
        try:
            self._load()
            yield
            self._save()
        finally:
            self._unlock()

    def _lock(self) -> None:
        assert self._file is not None
        self._lock_file = open(f"{self._file}.lock", "w", encoding="utf-8")  # noqa: SIM115 - closed by _unlock
        fcntl.flock(self._lock_file, fcntl.LOCK_EX)

    def _unlock(self) -> None:
        self._lock_file.close()

    def _load(self) -> None:
        assert self._file is not None
        if self._file.exists():
            self.state = json.loads(self._file.read_text(encoding="utf-8"))
        else:
            self.state = self._whole_state()

    def _save(self) -> None:
        assert self._file is not None
        new = Path(f"{self._file}.new")
        new.write_text(json.dumps(self.state, indent=1), encoding="utf-8")
        new.replace(self._file)
