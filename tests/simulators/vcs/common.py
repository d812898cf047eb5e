"""What all simulated VCS commands share: their marks, their messages and how they read their arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..behaviour import Marks
from ..engine import Refusal

MARKS = Marks("vcs")

HAGRP_1M = "hagrp(1M), Cluster Server 7.3"
HARES_1M = "hares(1M), Cluster Server 7.3"
HATYPE_1M = "hatype(1M), Cluster Server 7.4.1"
HAATTR_1M = "haattr(1M), VCS 5.0MP3"
HASYS_1M = "hasys(1M), Cluster Server 7.2"
HACONF_1M = "haconf(1M), VCS 5.0MP2"
LITP = "ERIClitpvcs: vcs_cmd_api.py and its tests"
ENMINST = "ENM_INST: h_vcs/vcs_utils.py and its tests"
TRANSCRIPTS = "veritas-infoscale: transcripts of InfoScale 7.4.2"

#: Stands for a message number that no public source gives: nothing may depend on it.
UNKNOWN = 0


def message(severity: str, number: int, text: str) -> str:
    """A message as VCS prints it."""
    return f"VCS {severity} V-16-1-{number:05d} {text}\n"


def warning(number: int, text: str) -> Refusal:
    """A command that ends without effect with a warning."""
    return Refusal(1, message("WARNING", number, text))


def error(number: int, text: str) -> Refusal:
    """A command that ends without effect with an error."""
    return Refusal(1, message("ERROR", number, text))


def notice(number: int, text: str) -> Refusal:
    """A command that ends without effect with no more than a notice."""
    return Refusal(1, message("NOTICE", number, text))


@MARKS.assumed("all", "a form that is not documented prints its usage on standard error and exits 1")
def usage(program: str, words: Sequence[str]) -> Refusal:
    """A form that the manual pages do not have."""
    return Refusal(1, f"{program}: incorrect usage: {program} {' '.join(words)}\nFor help: {program} -help\n")


@dataclass(frozen=True)
class Arguments:
    """What stood after a command's verb."""

    words: list[str]
    flags: frozenset[str]
    values: Mapping[str, list[str]]

    def value(self, option: str) -> str | None:
        """The one value of an option, or None."""
        return self.values[option][0] if option in self.values else None


def arguments(
    program: str,
    given: Sequence[str],
    count: int | tuple[int, int],
    flags: Sequence[str] = (),
    single: Sequence[str] = (),
    several: Sequence[str] = (),
) -> Arguments:
    """Read the arguments of one form, where options may stand anywhere after the verb.

    :param count: how many words that are no options there must be, or may be at least and at most
    :param flags: options without a value
    :param single: options with one value
    :param several: options with one or more values, up to the next option
    """
    words: list[str] = []
    found: set[str] = set()
    values: dict[str, list[str]] = {}
    rest = list(given[1:])
    while rest:
        word = rest.pop(0)
        if word in flags:
            found.add(word)
        elif word in single or word in several:
            if word in values or not rest or rest[0].startswith("-"):
                raise usage(program, given)
            values[word] = [rest.pop(0)]
            while word in several and rest and not rest[0].startswith("-"):
                values[word].append(rest.pop(0))
        elif word.startswith("-"):
            raise usage(program, given)
        else:
            words.append(word)
    least, most = (count, count) if isinstance(count, int) else count
    if not least <= len(words) <= most:
        raise usage(program, given)
    return Arguments(words, frozenset(found), values)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Rows under a header; the last column is not padded, and a long value is followed by one blank."""
    lines = []
    for row in [["#" + header[0], *header[1:]], *rows]:
        lines.append(" ".join(f"{cell:<{width}}" for cell, width in zip(row, [*widths, 0], strict=True)))
    return "".join(f"{line}\n" for line in lines)
