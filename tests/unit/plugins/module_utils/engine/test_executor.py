"""Steps are taken, waited for and judged: on a cluster of lamps, by a clock that the test turns."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, CommandResult
from ansible_collections.groupware.ha.plugins.module_utils.engine.executor import Executor
from ansible_collections.groupware.ha.plugins.module_utils.engine.plan import Action, Step, command
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import Framework, FrameworkError, NotRunning

NEVER = float("inf")


@dataclass
class Lamps:
    """Lamps that ``light NAME`` lights, at once unless ``delays`` or ``answers`` say otherwise; a runner too."""

    dry: bool = False
    #: When each lamp is lit.
    lit: dict[str, float] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    #: What is done, once for each time, before a lamp would be lit; it may raise something.
    answers: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    #: When each command was started, and how long it might have taken.
    started: list[tuple[str, float, float]] = field(default_factory=list)
    now: float = 0.0

    def run(self, argv: Sequence[str], *, timeout: float = 60, **_options: Any) -> CommandResult:
        """See LocalRunner.run."""
        self.commands.append(shlex.join(argv))
        name = argv[1]
        if not self.dry:
            self.started.append((name, self.now, timeout))
            if self.answers.get(name):
                self.answers[name].pop(0)()
            self.lit[name] = self.now + self.delays.get(name, 0)
        return CommandResult(tuple(argv), 0, "", "")

    def fail(self, name: str, reason: str = "exit status 1", takes: float = NEVER, lasts: float = 0.0) -> None:
        """Have the next command for a lamp fail; it is lit nevertheless after ``takes`` seconds."""

        def answer() -> None:
            self.now += lasts
            if takes != NEVER:
                self.lit[name] = self.now + takes
            raise CommandError(["light", name], reason)

        self.answers.setdefault(name, []).append(answer)

    def pause(self, seconds: float) -> None:
        """See LocalRunner.pause."""
        self.now += seconds

    def clock(self) -> float:
        """See LocalRunner.clock."""
        return self.now

    @property
    def order(self) -> list[str]:
        """Lamps in the order of their commands."""
        return [name for name, _when, _timeout in self.started]


class Lighting(Framework):
    """A framework of lamps; an observation has those that are lit, and those that are to be later."""

    runner: Lamps
    patience = 100.0
    looks = 0
    asked_what_is_under_way = 0
    #: Whether a command ends when something has changed, so that the cluster need not be looked at every second.
    waits = False
    awaited: tuple[tuple[str, ...], float] = ((), 0.0)
    compile = native_resource = native_service = axis_settings = parse_saved = export = None  # type: ignore[assignment]
    read = missing_agents = plan = plan_enabling = plan_moving = plan_standby = None  # type: ignore[assignment]
    plan_freezing = plan_clearing = None  # type: ignore[assignment]

    def observe(self) -> dict[str, bool]:
        """Whether each lamp is lit yet."""
        self.looks += 1
        return {name: when <= self.runner.now for name, when in self.runner.lit.items()}

    def under_way(self, observation: dict[str, bool]) -> list[str]:
        """Those that are lit later."""
        self.asked_what_is_under_way += 1
        return [name for name, lit in observation.items() if not lit]

    def passing(self, error: CommandError) -> bool:
        """Being busy passes."""
        return error.reason == "busy"

    def await_states(self, steps: Sequence[Step], seconds: float) -> None:
        """Note who waits, and how long at most."""
        self.awaited = tuple(step.words for step in steps), seconds
        if self.waits:
            later = (when for when in self.runner.lit.values() if when > self.runner.now)
            self.runner.now = min([*later, self.runner.now + seconds])


@pytest.fixture
def lamps() -> Lamps:
    return Lamps()


@pytest.fixture
def lighting(lamps: Lamps) -> Lighting:
    return Lighting(lamps)


def light(name: str, lane: str = "", **options: Any) -> Step:
    """A step that lights a lamp."""

    def lit(seen: dict[str, bool]) -> bool:
        return seen.get(name, False)

    return Step(f"{name} was to be lit", lit, command("light", name), lane=lane, **options)


def wait(name: str, lane: str = "", **options: Any) -> Step:
    """A step that lights a lamp and waits until it is."""
    step = light(name, lane, **options)
    return Step(**{**vars(step), "reached": step.done})


# -- one after the other


def test_each_step_is_there_before_the_next_is_taken(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays = {"a": 5, "b": 2}

    Executor(lighting).carry_out([wait("a"), wait("b", timeout=7), light("c")])

    assert lamps.started == [("a", 0, 120), ("b", 5, 7), ("c", 7, 120)]


def test_nothing_is_asked_where_nothing_has_to_be_known(lamps: Lamps, lighting: Lighting) -> None:
    Executor(lighting).carry_out([light("a"), light("b")])

    assert (lamps.order, lighting.looks) == (["a", "b"], 0)


def test_after_one_that_fails_none_is_taken(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a")

    with pytest.raises(FrameworkError, match="a was to be lit"):
        Executor(lighting).carry_out([light("a"), light("b")])

    assert lamps.order == ["a"]


def test_what_is_waited_for_alone(lamps: Lamps, lighting: Lighting) -> None:
    lamps.lit["a"] = 3

    Executor(lighting).carry_out([Step(**{**vars(wait("a")), "action": None})])

    assert (lamps.now, lamps.commands) == (3, [])


# -- lanes


def test_lanes_wait_together(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays = {"a1": 5, "b1": 5, "a2": 1}

    Executor(lighting).carry_out(
        [light("a0", "a"), wait("a1", "a"), wait("a2", "a"), wait("b1", "b"), light("b2", "b")]
    )

    assert [(name, when) for name, when, _timeout in lamps.started] == [
        ("a0", 0),
        ("a1", 0),
        ("b1", 0),
        ("a2", 5),
        ("b2", 5),
    ]
    # One look a second serves both: from 0 to 5, and at 5 and 6.
    assert lighting.looks == 8


def test_a_step_without_a_lane_comes_after_all_before_it(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays = {"a": 9, "b": 1}

    Executor(lighting).carry_out([wait("a", "a"), wait("b", "b"), light("c"), light("d", "a")])

    assert [(name, when) for name, when, _timeout in lamps.started] == [("a", 0), ("b", 0), ("c", 9), ("d", 9)]


def test_a_lane_that_fails_stops_no_other(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays = {"a": NEVER, "b": 3}
    lamps.fail("c")
    lamps.fail("d")
    steps = [
        wait("a", "a", hopeless=lambda _: "it is broken"),
        light("a2", "a"),
        wait("b", "b"),
        light("b2", "b"),
        light("c", "c", remedy="change it"),
        light("c2", "c"),
        wait("d", "d"),
        light("after all"),
    ]

    with pytest.raises(FrameworkError) as raised:
        Executor(lighting).carry_out(steps)

    assert lamps.order == ["a", "b", "c", "d", "b2"]
    assert sorted(str(raised.value).split("; ")) == [
        "a was to be lit, but it is broken",
        "c was to be lit, but that had no effect (light c: exit status 1)",
        "change it",
        "d was to be lit, but that had no effect (light d: exit status 1)",
    ]


def test_where_the_cluster_is_not_running_no_other_lane_is_tried(lamps: Lamps, lighting: Lighting) -> None:
    def missing() -> None:
        raise CommandNotFound(["light"], "is not installed")

    lamps.answers["a"] = [missing]

    with pytest.raises(NotRunning, match="light: is not installed"):
        Executor(lighting).carry_out([light("a", "a"), light("b", "b")])

    assert lamps.order == ["a"]


# -- commands that fail


def test_a_command_that_failed_and_took_effect(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a", takes=0)

    Executor(lighting).carry_out([light("a"), light("b")])

    assert lamps.order == ["a", "b"]


def test_a_command_that_failed_and_had_none(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a")

    with pytest.raises(FrameworkError) as raised:
        Executor(lighting).carry_out([light("a", hopeless=lambda seen: f"of {len(seen)} lamps", remedy="change it")])

    assert str(raised.value) == (
        "a was to be lit, but that had no effect (light a: exit status 1); of 0 lamps; change it"
    )


def test_a_command_that_hung_is_judged_once_what_it_began_is_over(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a", "did not end within 60 seconds", takes=10, lasts=60)

    Executor(lighting).carry_out([light("a"), light("b")])

    assert [(name, when) for name, when, _timeout in lamps.started] == [("a", 0), ("b", 70)]


def test_a_command_that_hung_is_not_waited_for_for_ever(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a", "did not end within 60 seconds", takes=1000, lasts=60)

    with pytest.raises(FrameworkError, match=r"that had no effect .*did not end"):
        Executor(lighting).carry_out([light("a")])

    # From when it ended, since it has had time to begin something until then.
    assert lamps.now == 60 + lighting.patience


@pytest.mark.parametrize(("takes", "lit"), [(4.0, True), (6.0, False)])
def test_a_command_that_failed_is_judged_once_it_is_quiet(
    lamps: Lamps, lighting: Lighting, monkeypatch: pytest.MonkeyPatch, takes: float, lit: bool
) -> None:
    lighting.quiet = 5.0
    monkeypatch.setattr(lighting, "under_way", lambda _: [])
    lamps.fail("a", takes=takes)

    with contextlib.nullcontext() if lit else pytest.raises(FrameworkError, match="had no effect"):
        Executor(lighting).carry_out([light("a")])

    assert lamps.now == (takes if lit else 5)


def test_a_command_that_failed_for_a_reason_that_only_the_end_shows(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a")

    with pytest.raises(FrameworkError, match=r"exit status 1\); it waits for b$"):
        Executor(lighting).carry_out([light("a", late=lambda _: "it waits for b")])


def test_it_is_tried_again_while_the_reason_passes(lamps: Lamps, lighting: Lighting) -> None:
    for _ in range(3):
        lamps.fail("a", "busy")

    Executor(lighting).carry_out([light("a")])

    assert lamps.started == [("a", when, 120) for when in range(4)]


def test_it_is_tried_again_while_something_else_is_under_way(lamps: Lamps, lighting: Lighting) -> None:
    lamps.lit["another"] = 1000
    lamps.fail("a", "busy")

    Executor(lighting).carry_out([light("a")])

    assert lamps.order == ["a", "a"]
    assert lamps.now < 100


def test_it_is_not_tried_again_where_it_took_effect(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a", "busy", takes=4)

    Executor(lighting).carry_out([light("a")])

    assert (lamps.order, lamps.now) == (["a"], 4)


def test_it_is_not_tried_again_for_ever(lamps: Lamps, lighting: Lighting) -> None:
    for _ in range(1000):
        lamps.fail("a", "busy")

    with pytest.raises(FrameworkError, match=r"a was to be lit, but that had no effect .*busy"):
        Executor(lighting, patience=10).carry_out([light("a")])

    assert len(lamps.order) == 11


# -- states that do not come true


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (None, "b was to be lit, but it did not, and the cluster has nothing left to do; change it"),
        (
            command("light", "a"),
            "b was to be lit, but that had no effect (light a), and the cluster has nothing left to do; change it",
        ),
    ],
)
def test_nothing_left_to_do(lamps: Lamps, lighting: Lighting, action: Action | None, words: str) -> None:
    lighting.quiet = 0.0

    for late, known in (("", "; "), ("it is broken", ": it is broken; ")):
        step = wait("b", late=lambda _, late=late: late, remedy="change it")
        with pytest.raises(FrameworkError) as raised:
            Executor(lighting).carry_out([Step(**{**vars(step), "action": action})])

        assert (str(raised.value), lamps.now) == (words.replace("; ", known), 0)


def test_what_nothing_shows_may_come_in_a_cluster_at_rest(lamps: Lamps, lighting: Lighting) -> None:
    lighting.quiet = 5.0
    lamps.lit["shown"] = 8
    steps = [
        Step(**{**vars(wait(name, name, patience=20, unseen=unseen)), "action": None})
        for name, unseen in (("hidden", True), ("seen", False))
    ]

    with pytest.raises(FrameworkError) as raised:
        Executor(lighting).carry_out(steps)

    assert sorted(str(raised.value).split("; ")) == [
        "hidden was to be lit, but it did not within 20 seconds",
        "seen was to be lit, but it did not, and the cluster has nothing left to do",
    ]
    with pytest.raises(FrameworkError, match=r"^hidden was to be lit, but it did not within 20 seconds$"):
        Executor(lighting).carry_out(steps[:1])


def test_where_quiet_says_nothing_it_may_come_nevertheless(lamps: Lamps, lighting: Lighting) -> None:
    def pause(seconds: float) -> None:
        lamps.now += seconds
        lamps.lit.update({"a": 20} if lamps.now == 20 else {})

    lamps.pause = pause  # type: ignore[method-assign]

    Executor(lighting).carry_out([Step(**{**vars(wait("a")), "action": None})])

    assert (lamps.now, lighting.quiet) == (20, None)


def test_it_has_to_be_quiet_for_a_while(lamps: Lamps, lighting: Lighting) -> None:
    lighting.quiet = 5.0
    lamps.lit["other"] = 7
    step = Step(**{**vars(wait("a")), "action": None})

    with pytest.raises(FrameworkError, match="nothing left to do"):
        Executor(lighting).carry_out([step])

    assert lamps.now == 12


def test_the_quiet_is_broken_by_what_begins(lamps: Lamps, lighting: Lighting) -> None:
    lighting.quiet = 5.0
    begins = {3.0: ("other", 6.0), 9.0: ("a", 20.0)}

    def pause(seconds: float) -> None:
        lamps.now += seconds
        lamps.lit.update([begins[lamps.now]] if lamps.now in begins else [])

    lamps.pause = pause  # type: ignore[method-assign]

    Executor(lighting).carry_out([Step(**{**vars(wait("a")), "action": None})])

    assert lamps.now == 20


@pytest.mark.parametrize(
    ("of_step", "of_executor", "waits"), [(3.0, 7.0, 3), (None, 7.0, 7), (None, None, 100), (0.0, None, 0)]
)
def test_patience(
    lamps: Lamps, lighting: Lighting, of_step: float | None, of_executor: float | None, waits: float
) -> None:
    lamps.delays["a"] = NEVER
    step = wait("a", patience=of_step, late=lambda seen: f"{len(seen)} lamp waits", remedy="change it")

    with pytest.raises(FrameworkError) as raised:
        Executor(lighting, of_executor).carry_out([step])

    words = f"a was to be lit, but it did not within {waits} seconds: 1 lamp waits; change it"
    assert (str(raised.value), lamps.now) == (words, waits)


def test_what_is_known_to_be_hopeless_is_not_waited_for(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays["a"] = NEVER
    step = wait("a", hopeless=lambda _: "it is broken" if lamps.now >= 4 else "", late=lambda _: "never said")

    with pytest.raises(FrameworkError, match=r"^a was to be lit, but it is broken$"):
        Executor(lighting).carry_out([step])

    assert lamps.now == 4


@pytest.mark.parametrize(("quiet", "patience"), [(0.0, 9.0), (None, 0.0)])
def test_the_best_reason_is_said(lighting: Lighting, quiet: float | None, patience: float) -> None:
    lighting.quiet = quiet
    step = Step(**{**vars(wait("a", hopeless=lambda _: "it is broken", patience=patience)), "action": None})

    with pytest.raises(FrameworkError, match=r"^a was to be lit, but it is broken$"):
        Executor(lighting).carry_out([step])


def test_it_is_looked_at_when_it_has_been_awaited(lamps: Lamps, lighting: Lighting) -> None:
    lighting.waits, lighting.quiet = True, 0.0
    lamps.delays = {"a": 8}

    Executor(lighting).carry_out([wait("a")])

    assert (lamps.now, lighting.looks, lighting.asked_what_is_under_way) == (8, 1, 0)


def test_those_that_wait_are_awaited_as_long_as_the_most_patient(lamps: Lamps, lighting: Lighting) -> None:
    lamps.delays = {"a": 8, "b": NEVER}

    with pytest.raises(FrameworkError, match=r"^b was to be lit, but it did not within 3 seconds$"):
        Executor(lighting).carry_out([wait("a", "a", patience=20), wait("b", "b", patience=3)])

    # The last time before the eighth second.
    assert lighting.awaited == (("a was to be lit",), 12)


# -- afterwards


def test_afterwards(lamps: Lamps, lighting: Lighting) -> None:
    Executor(lighting).carry_out([light("a")], [light("b"), light("c")])

    assert lamps.order == ["a", "b", "c"]


def test_afterwards_comes_after_a_failure(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a")

    with pytest.raises(FrameworkError, match=r"^a was to be lit, but that had no effect \(light a: exit status 1\)$"):
        Executor(lighting).carry_out([light("a"), light("b")], [light("c")])

    assert lamps.order == ["a", "c"]


def test_both_failures_are_said(lamps: Lamps, lighting: Lighting) -> None:
    lamps.fail("a")
    lamps.fail("c")

    with pytest.raises(FrameworkError, match=r"^a was to be lit, .*; c was to be lit, but"):
        Executor(lighting).carry_out([light("a")], [light("c")])


@pytest.mark.parametrize("failing", [True, False])
def test_afterwards_comes_after_whatever_ended_it(lamps: Lamps, lighting: Lighting, failing: bool) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    lamps.answers["a"] = [interrupt]
    if failing:
        lamps.fail("c")

    with pytest.raises(KeyboardInterrupt):
        Executor(lighting).carry_out([light("a")], [light("c")])

    assert lamps.order == ["a", "c"]


# -- what is needed, and check mode


def test_what_is_not_needed_is_left_out(lamps: Lamps, lighting: Lighting) -> None:
    lamps.lit["a"] = 0

    steps = [
        wait(name, lane, if_needed=True) for name, lane in [("a", ""), ("b", ""), ("b", ""), ("c", "x"), ("c", "x")]
    ]
    Executor(lighting).carry_out(steps)

    assert lamps.commands == ["light b", "light c"]
    # Two looks for what is needed, and one for what has come true; one where it is not.
    assert lighting.looks == 7


def test_what_is_waited_for_alone_is_left_out_too(lamps: Lamps, lighting: Lighting) -> None:
    lamps.lit["a"] = 0
    step = Step(**{**vars(wait("a", if_needed=True)), "action": None, "reached": lambda _: False})

    Executor(lighting).carry_out([step])

    assert lamps.now == 0


def test_check_mode_records_and_starts_nothing(lamps: Lamps, lighting: Lighting) -> None:
    lamps.dry = True
    steps = [wait("a"), light("b", if_needed=True), wait("c", "c"), wait("d", "d"), light("d2", "d")]

    Executor(lighting).carry_out(steps, [light("e")])

    assert lamps.commands == [f"light {name}" for name in ("a", "c", "d", "d2", "e")]
    assert (lamps.order, lamps.now, lighting.looks) == ([], 0, 0)
