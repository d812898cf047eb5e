"""The registry: its text, what is wanted of it, and what leads from one to the other."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.formats.registry import (
    Registry,
    Request,
    Value,
    differences,
    edit,
    parse,
    parse_path,
    parse_value,
    wanted,
)

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

CLUSTER_NAME = r"SOFTWARE\iPlanet\Application Server\6.0\CCS0\ClusterName"
TEXT = rf"""# The part of bozo alone.

[{CLUSTER_NAME}\bozo-NoDsync]

# Threads of the Executive Server.
[SOFTWARE\iPlanet\Application Server\6.0\CCS0]
"Threads"=integer:32
"Greeting"=string: as it is, "quoted", to the end
"""


def request(path: str, name: str | None = None, data: str | None = None, kind: str = "string") -> Request:
    value = None if name is None or data is None else Value(name, kind, data)
    return Request(parse_path(path), name, value)


def changed(text: str, *requests: Request, purge: tuple[str, ...] = ()) -> str:
    return edit(text, wanted(parse(text), requests, [parse_path(path) for path in purge]))


def test_keys_and_values_are_read():
    registry = parse(TEXT)
    assert registry.key(parse_path(CLUSTER_NAME + "\\BOZO-nodsync\\")) is not None
    above = parse_path(r"software\IPLANET\application server\6.0\ccs0")
    assert registry.value(above, "THREADS") == Value("Threads", "integer", "32")
    assert registry.value(above, "greeting") == Value("Greeting", "string", ' as it is, "quoted", to the end')
    assert [key.path[-1] for key in registry.subkeys(above)] == ["ClusterName"]


def test_another_cluster_takes_the_place_of_the_default_one():
    after = changed(TEXT, request(rf"{CLUSTER_NAME}\mail"), purge=(CLUSTER_NAME,))
    assert after == TEXT.replace(f"\n[{CLUSTER_NAME}\\bozo-NoDsync]\n", "") + f"\n[{CLUSTER_NAME}\\mail]\n"
    assert changed(after, request(rf"{CLUSTER_NAME}\mail"), purge=(CLUSTER_NAME,)) == after
    back = changed(after, request(rf"{CLUSTER_NAME}\bozo-NoDsync"), purge=(CLUSTER_NAME,))
    assert back.count("\n") == TEXT.count("\n")


def test_a_purged_key_keeps_what_is_named_and_what_is_in_it():
    text = '[A]\n"x"=integer:1\n"y"=integer:2\n\n[A\\B]\n"z"=integer:3\n\n[A\\C]\n'
    after = changed(text, request("A", "X", "1", "integer"), request(r"A\b"), purge=("a",))
    assert after == '[A]\n"x"=integer:1\n\n[A\\B]\n"z"=integer:3\n'


def test_a_value_is_changed_where_it_is_and_a_new_one_comes_after_the_last():
    above = r"SOFTWARE\iPlanet\Application Server\6.0\CCS0"
    after = changed(TEXT, request(above, "threads", "64", "integer"), request(above, "New", "a\nb\\c"))
    assert after == TEXT.replace(":32", ":64") + '"New"=string:a\\nb\\\\c\n'


def test_a_key_whose_last_inner_key_goes_stays():
    after = changed(f"[{CLUSTER_NAME}\\mail]\n", Request(parse_path(rf"{CLUSTER_NAME}\mail"), present=False))
    assert after == f"[{CLUSTER_NAME}]\n"


def test_removing_what_is_not_there_changes_nothing():
    for gone in (
        Request(parse_path("Other"), present=False),
        Request(parse_path("Other"), "name", present=False),
        Request(parse_path(CLUSTER_NAME), "name", present=False),
    ):
        assert changed(TEXT, gone) == TEXT


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("[A]\n[a]\n", "line 2 of", "a key that is there before"),
        ('[A]\n"x"=integer:1\n"X"=integer:2\n', "line 3 of", "a value that is there before"),
        ('"x"=integer:1\n', "line 1 of", "neither a key nor a value"),
        ('[A]\n"x"=integer:one\n', "line 2 of", "neither"),
        ('[A]\n"x"=binary:1\n', "line 2 of", "neither"),
        ('[A]\n"x"=string:\\q\n', "line 2 of", "neither"),
        ("[A\\\\B]\n", "line 1 of", "neither"),
        ("[A\n", "line 1 of", "neither"),
        ("words\n", "line 1 of", "neither"),
    ],
)
def test_lines_that_cannot_be_read_are_named(text: str, where: str, reason: str):
    with pytest.raises(DescriptionError) as refused:
        parse(text)
    assert refused.value.problems[0].key.startswith(where)
    assert reason in refused.value.problems[0].reason


names = strategies.text(strategies.characters(blacklist_characters="\\\n\r\0", blacklist_categories=["Cs"]), min_size=1)
few_names = strategies.sampled_from(["a", "B", "c d", "x]", '"', "#"]) | names
paths = strategies.lists(few_names, min_size=1, max_size=3).map(tuple)
texts = strategies.text(strategies.characters(blacklist_characters="\0", blacklist_categories=["Cs"]))
values = strategies.builds(Value, few_names | texts, strategies.just("string"), texts) | strategies.builds(
    Value, few_names, strategies.just("integer"), strategies.integers(-(2**31), 2**32).map(str)
)
requests = strategies.builds(
    lambda path, value, what: (
        Request(path, value.name, value)
        if what == "value"
        else Request(path)
        if what == "key"
        else Request(path, None if what == "no key" else value.name, present=False)
    ),
    paths,
    values,
    strategies.sampled_from(["value", "value", "value", "key", "no key", "no value"]),
)
comments = strategies.lists(strategies.sampled_from(["", "# a comment", "#[A]", '#"a"=string:b', "  "]), max_size=3)


@strategies.composite
def files(draw):
    """A registry, as text with comments and blank lines anywhere."""
    registry = wanted(Registry(), draw(strategies.lists(requests, max_size=8)))
    lines: list[str] = []
    for line in edit("", registry).split("\n"):
        lines += [*draw(comments), line]
    return "\n".join(lines)


@hypothesis.given(values)
def test_values_are_read_as_they_were_written(value):
    assert parse_value(value.line()) == value
    assert "\n" not in value.line()


@hypothesis.given(files(), strategies.lists(requests, max_size=5), strategies.lists(paths, max_size=2))
def test_the_edited_text_says_what_is_wanted_and_a_second_run_nothing_new(text, wishes, purge):
    current = parse(text)
    target = wanted(current, wishes, purge)
    after = edit(text, target)
    assert parse(after) == target
    assert wanted(target, wishes, purge) == target
    assert edit(after, target) == after
    assert bool(differences(current, target)) == (current != target)
    assert edit(text, current) == text
    # Comments stay.
    kept = [line for line in text.split("\n") if line.startswith("#")]
    assert [line for line in after.split("\n") if line.startswith("#")] == kept


@hypothesis.given(files(), files())
def test_the_differences_lead_from_one_to_the_other(text, other):
    current, target = parse(text), parse(other)
    walked = current.copy()
    for change in differences(current, target):
        if change.action == "remove_key":
            assert not walked.subkeys(change.path)
            walked.remove(change.path)
        elif change.action == "add_key":
            assert len(change.path) == 1 or walked.key(change.path[:-1]) is not None
            walked.add(change.path)
        elif change.action == "remove_value":
            walked.key(change.path).values.pop(change.before.name.casefold())
        else:
            assert walked.value(change.path, change.value.name) == change.before
            walked.key(change.path).values[change.value.name.casefold()] = change.value
    assert walked == target


@hypothesis.given(strategies.text())
def test_any_text_is_read_or_refused(text):
    try:
        registry = parse(text)
    except DescriptionError:
        return
    assert edit(text, registry) == text
