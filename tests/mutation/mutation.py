#!/usr/bin/env python3
"""Change the code in small ways, one at a time, and see that some unit test notices each: `make mutation`.

Everything happens in copies below .cache/mutation: the checkout itself is only read, and a run that is broken off goes
on from there the next time. README.md, next to this file, says what is changed and what to do about a survivor.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from mutants import Mutant, mutants

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
CACHE = TOP / ".cache" / "mutation"

#: What a copy of the checkout consists of: what unit tests use.
COPIED = (
    "plugins",
    "roles",
    "playbooks",
    "meta",
    "inventories",
    "tests",
    "galaxy.yml",
    "pyproject.toml",
    "ansible.cfg",
)

#: A mutant may take this many times as long as the tests do without one, and this many seconds more.
PATIENCE, GRACE = 5, 10

#: Exit statuses of pytest: all passed, and one failed. A test file that cannot even be imported ends with 2, and a
#: conftest.py with 4.
PASSED, FAILED = 0, (1, 2, 4)

KILLED, SURVIVED, HUNG, EQUIVALENT = "killed", "survived", "hung", "equivalent"


@dataclass(frozen=True)
class Target:
    """Files to change, and the tests that have to notice."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]
    only: str = ""
    #: How many mutants to take, and the seed that chooses them; all if none is given.
    sample: tuple[int, int] | None = None

    def mutants(self, top: Path) -> list[Mutant]:
        """All mutants of the target's files, or a sample: the same one for the same files, number and seed."""
        found = []
        for source in self.sources:
            text = (top / source).read_text(encoding="utf-8")
            for mutant in mutants(source, text):
                told = "\n".join((mutant.scope, *mutant.difference(text)))
                if re.search(self.only, told, re.IGNORECASE):
                    found.append(mutant)
        if self.sample is None or self.sample[0] >= len(found):
            return found
        number, seed = self.sample
        chosen = random.Random(seed).sample(range(len(found)), number)  # noqa: S311 # nothing is kept secret by it
        return [found[index] for index in sorted(chosen)]

    def state(self, top: Path) -> str:
        """A digest of the target's files and tests: results of another state say nothing."""
        digest = hashlib.sha256()
        for path in (*self.sources, *self.tests):
            digest.update(path.encode() + b"\0" + (top / path).read_bytes() + b"\0")
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Equivalent:
    """A mutant that changes nothing that anybody could notice, and why."""

    file: str
    scope: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    mutant: Mutant
    result: str
    seconds: float


def read_targets(path: Path, top: Path, names: Sequence[str], tests: Sequence[str] = ()) -> list[Target]:
    """The targets of these names, or all, their patterns replaced by the files that they match.

    :param tests: patterns of test files to be taken instead of the table's
    :raises SystemExit: an unknown name; a target without files or tests, which would be green whatever happens
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(set(names) - set(table))
    if unknown:
        sys.exit(f"No target {', '.join(unknown)}; there are {', '.join(table)}")
    targets = []
    for name in names or table:
        given = {**table[name], **({"tests": tests} if tests else {})}
        found = {key: _matching(given[key], top) for key in ("sources", "tests")}
        for key, files in found.items():
            if not files:
                sys.exit(f"{path.name}: no file matches {key} of {name}")
        targets.append(Target(name, found["sources"], found["tests"], given.get("only", "")))
    return targets


def _matching(patterns: Iterable[str], top: Path) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            path.relative_to(top).as_posix()
            for pattern in patterns
            for path in sorted(top.glob(pattern))
            if path.name != "__init__.py"
        )
    )


def read_equivalents(path: Path) -> list[Equivalent]:
    """The list of mutants that change nothing.

    :raises SystemExit: an entry without its reason
    """
    listed = [Equivalent(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])]
    for entry in listed:
        if not entry.reason.strip():
            sys.exit(f"{path.name}: {entry.file}, {entry.scope}: say why {entry.after!r} changes nothing")
    return listed


# Running the tests on one mutant --------------------------------------------------------------------------------------


class Copy:
    """A copy of the checkout, which one process changes and tests."""

    current: Copy

    def __init__(self, place: Path) -> None:
        self.place = place
        self.tree = place / "ansible_collections" / "groupware" / "ha"

    def fill(self, top: Path) -> None:
        """Make the copy of a checkout: what git knows and what it would add."""
        shutil.rmtree(self.place, ignore_errors=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *COPIED],
            cwd=top,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for path in filter(None, listed.split("\0")):
            if os.path.lexists(top / path):
                (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(top / path, self.tree / path, follow_symlinks=False)

    def fill_from(self, other: Copy) -> None:
        """Make the copy of another copy."""
        shutil.rmtree(self.place, ignore_errors=True)
        shutil.copytree(other.place, self.place, symlinks=True)

    def test(self, tests: Sequence[str], timeout: float) -> int | None:
        """Run test files in a process of their own.

        :returns: pytest's exit status, or None if it did not end in time
        """
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                self._become_pytest(tests)
            os._exit(FAILED[0])
        deadline = time.monotonic() + timeout
        ended = 0
        while not ended and time.monotonic() < deadline:
            ended, status = os.waitpid(child, os.WNOHANG)
            time.sleep(0 if ended else 0.01)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # all that the tests started, too
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        return os.waitstatus_to_exitcode(status)

    def _become_pytest(self, tests: Sequence[str]) -> None:
        import pytest  # noqa: PLC0415 # read before, by the process that this one is a copy of

        os.setsid()
        quiet = os.open(self.place / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for descriptor in (1, 2):
            os.dup2(quiet, descriptor)
        os.chdir(self.tree)
        # The copy comes before the checkout, which is linked into the virtual environment; programs that tests start
        # find it as well. No bytecode: it is told apart by time and size, which two mutants may have in common.
        sys.path.insert(0, str(self.place))
        os.environ.update(
            PYTHONPATH=str(self.place), PYTHONDONTWRITEBYTECODE="1", ANSIBLE_COLLECTIONS_PATH=str(self.place)
        )
        sys.dont_write_bytecode = True
        os._exit(int(pytest.main(["--exitfirst", "--tb=line", "-p", "no:xdist", "-p", "no:randomly", *tests])))

    def outcome(self, mutant: Mutant, tests: Sequence[str], timeout: float) -> Outcome:
        """Test one mutant; the copy is as it was afterwards."""
        file = self.tree / mutant.path
        text = file.read_text(encoding="utf-8")
        begin = time.monotonic()
        try:
            file.write_text(mutant.apply(text), encoding="utf-8")
            status = self.test(tests, timeout)
        finally:
            file.write_text(text, encoding="utf-8")
        seconds = time.monotonic() - begin
        if status is None:
            return Outcome(mutant, HUNG, seconds)
        if status not in (PASSED, *FAILED) and status > 0:
            raise RuntimeError(f"pytest ended with {status}: {(self.place / 'output').read_text()[-2000:]}")
        return Outcome(mutant, SURVIVED if status == PASSED else KILLED, seconds)


def _begin(reference: Copy) -> None:
    """In each process: read once what all tests need, and make a copy."""
    import ansible.module_utils.basic  # noqa: F401, PLC0415
    import hypothesis  # noqa: F401, PLC0415
    import jinja2  # noqa: F401, PLC0415
    import pytest  # noqa: F401, PLC0415
    import yaml  # noqa: F401, PLC0415

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Copy.current = Copy(CACHE / f"copy-{multiprocessing.current_process().name.rpartition('-')[2]}")
    Copy.current.fill_from(reference)


def _baseline(tests: Sequence[str]) -> tuple[int | None, float, str]:
    """The tests without a mutant: status, seconds, and the end of what they said."""
    copy, begin = Copy.current, time.monotonic()
    status = copy.test(tests, 600)
    return status, time.monotonic() - begin, (copy.place / "output").read_text(errors="replace")[-3000:]


def _outcome(mutant: Mutant, tests: Sequence[str], timeout: float) -> Outcome:
    return Copy.current.outcome(mutant, tests, timeout)


# A whole run ----------------------------------------------------------------------------------------------------------


class Notes:
    """Results so far, a line each, so that a run that is broken off can go on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, str] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # the last line, when the run was broken off
                    self.known.update(json.loads(line))

    @staticmethod
    def key(state: str, mutant: Mutant) -> str:
        """What a result is noted under."""
        return f"{state} {mutant.path} {mutant.start} {mutant.end} {mutant.replacement}"

    def add(self, key: str, result: str) -> None:
        """Note a result."""
        self.known[key] = result
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({key: result}) + "\n")


def run_target(target: Target, top: Path, pool: ProcessPoolExecutor, notes: Notes) -> Iterator[Outcome]:
    """Test all mutants of a target, as they end.

    :raises SystemExit: the tests fail without any mutant
    """
    state, found = target.state(top), target.mutants(top)
    waiting = []
    for mutant in found:
        known = notes.known.get(Notes.key(state, mutant))
        if known is None:
            waiting.append(mutant)
        else:
            yield Outcome(mutant, known, 0)
    if not waiting:
        return
    status, seconds, said = pool.submit(_baseline, target.tests).result()
    if status != PASSED:
        sys.exit(f"{said}\n{target.name}: the tests fail before anything is changed")
    timeout = seconds * PATIENCE + GRACE
    running = [pool.submit(_outcome, mutant, target.tests, timeout) for mutant in waiting]
    for number, future in enumerate(as_completed(running), start=1):
        outcome = future.result()
        notes.add(Notes.key(state, outcome.mutant), outcome.result)
        _progress(f"{target.name}: {number} of {len(running)}")
        yield outcome
    _progress("")


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def judged(
    outcomes: Iterable[Outcome], top: Path, listed: Sequence[Equivalent], unused: set[Equivalent]
) -> Iterator[Outcome]:
    """The outcomes, with survivors that are listed as equivalent said to be so; what is used is taken out of unused."""
    for outcome in outcomes:
        removed, added = outcome.mutant.difference((top / outcome.mutant.path).read_text(encoding="utf-8"))
        key = (outcome.mutant.path, outcome.mutant.scope, removed, added)
        entry = next((one for one in listed if (one.file, one.scope, one.before, one.after) == key), None)
        if outcome.result == SURVIVED and entry is not None:
            unused.discard(entry)
            yield Outcome(outcome.mutant, EQUIVALENT, outcome.seconds)
        else:
            yield outcome


def shown(mutant: Mutant, top: Path) -> str:
    """A survivor, as a place and a difference."""
    text = (top / mutant.path).read_text(encoding="utf-8")
    lines = difflib.unified_diff(text.splitlines(), mutant.apply(text).splitlines(), lineterm="", n=1)
    return "\n".join([f"{mutant.path}:{mutant.line(text)}: survived, in {mutant.scope}", *list(lines)[3:], ""])


def entry_for(mutant: Mutant, top: Path) -> str:
    """A survivor as an entry of equivalents.toml, whose reason is still missing."""
    removed, added = mutant.difference((top / mutant.path).read_text(encoding="utf-8"))
    values = {"file": mutant.path, "scope": mutant.scope, "before": removed, "after": added, "reason": ""}
    return "[[equivalent]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 0 if no mutant survived that is not listed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="targets of targets.toml; all if none is given")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--tests", nargs="*", help="patterns of test files instead of the table's, to see what they notice"
    )
    parser.add_argument("--entries", action="store_true", help="print survivors as entries of equivalents.toml")
    parser.add_argument("--sample", type=int, metavar="N", help="take N mutants of each target, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample; the same seed chooses the same mutants")
    parser.add_argument("--json", type=Path, help="where the counts go")
    options = parser.parse_args(arguments)
    CACHE.mkdir(parents=True, exist_ok=True)
    # Whoever goes on editing meanwhile does not change what is tested.
    reference = Copy(CACHE / "reference")
    reference.fill(TOP)
    table = reference.tree / HERE.relative_to(TOP) / "targets.toml"
    chosen = read_targets(table, reference.tree, options.targets, options.tests or ())
    if options.sample is not None:
        chosen = [replace(target, sample=(options.sample, options.seed)) for target in chosen]
    return _run(chosen, reference, options)


def _run(chosen: Sequence[Target], reference: Copy, options: argparse.Namespace) -> int:
    listed = read_equivalents(HERE / "equivalents.toml")
    whole = [target for target in chosen if not target.only and target.sample is None]
    sources = {source for target in whole for source in target.sources}
    unused = {entry for entry in listed if entry.file in sources}
    notes, top = Notes(CACHE / "results.jsonl"), reference.tree
    counts: dict[str, Counter[str]] = {}
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(options.processes, context, _begin, (reference,)) as pool:
        try:
            for target in chosen:
                begin, counted = time.monotonic(), Counter[str]()
                for outcome in judged(run_target(target, top, pool, notes), top, listed, unused):
                    counted[outcome.result] += 1
                    if outcome.result == SURVIVED:
                        _progress("")
                        print((entry_for if options.entries else shown)(outcome.mutant, top))
                counts[target.name] = counted
                print(summary(target.name, counted, time.monotonic() - begin), flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for entry in sorted(unused, key=lambda entry: entry.file):
        print(f"equivalents.toml: nothing survived as {entry.file}, {entry.scope}: {entry.after!r}; take it out")
    if options.json:
        options.json.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    total = sum(counts.values(), Counter[str]())
    print(summary("all", total, None))
    return 1 if total[SURVIVED] or unused else 0


def summary(name: str, counted: Counter[str], seconds: float | None) -> str:
    """The score of a target: how many of the mutants that change something were noticed."""
    noticed = counted[KILLED] + counted[HUNG]
    of = noticed + counted[SURVIVED]
    took = "" if seconds is None else f", {seconds:.0f} s"
    return (
        f"{name}: {noticed} of {of} noticed ({100 * noticed / max(of, 1):.1f} %; {counted[HUNG]} of them hung), "
        f"{counted[SURVIVED]} survived, {counted[EQUIVALENT]} change nothing{took}"
    )


if __name__ == "__main__":
    sys.exit(main())
