"""What is written on the command lines: options, -attr, dependencies and filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .sources import COMMANDS, DEPENDENCIES, MARKS, MESSAGING_SERVER, TRANSCRIPTS


class GrammarError(Exception):
    """Something is not written as it must be."""


@dataclass(frozen=True)
class Line:
    """A command line: its words and its options; an option without a value has an empty one."""

    words: tuple[str, ...]
    options: dict[str, str]

    def __contains__(self, option: str) -> bool:
        return option in self.options

    def get(self, option: str, default: str = "") -> str:
        """Value of an option."""
        return self.options.get(option, default)


def command_line(arguments: Sequence[str], flags: Collection[str], valued: Collection[str]) -> Line:
    """Words and options apart; an option that is not among these, is given twice or lacks its value is an error."""
    words: list[str] = []
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if not argument.startswith("-"):
            words.append(argument)
        elif argument in options:
            raise GrammarError(f"'{argument}' is given more than once")
        elif argument in flags:
            options[argument] = ""
        elif argument in valued:
            if not rest:
                raise GrammarError(f"'{argument}' needs a value")
            options[argument] = rest.pop(0)
        else:
            raise GrammarError(f"'{argument}' is an invalid argument")
    return Line(tuple(words), options)


# -- -attr -----------------------------------------------------------------------------------------------------------


def _at_commas(text: str) -> list[str]:
    """Parts of a text that stand between commas outside of quotes."""
    parts = [""]
    quoted = False
    for character in text:
        if character == "'":
            quoted = not quoted
        if character == "," and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    if quoted:
        raise GrammarError("a quotation mark is not closed")
    return parts


def _value(name: str, text: str) -> str:
    quoted = re.fullmatch(r"'([^']*)'", text)
    if quoted:
        return quoted[1]
    if re.search(r"[\s()']", text):
        raise GrammarError(f"the value of {name} must be in single quotation marks")
    return text


ATTRIBUTE_NAME = re.compile(
    r"[A-Z][A-Z0-9_]*(@SERVERNAME\([^()\s]+\)(@DEGREEID\(\d+\))?|@CARDINALITYID\(\d+\)(@DEGREEID\(\d+\))?)?"
)


@MARKS.documented(
    "crsctl add resource", "-attr is NAME=value with commas between, blanks around them ignored", COMMANDS
)
@MARKS.documented("crsctl add resource", "a leading blank, and a comma right after a quoted value", MESSAGING_SERVER)
@MARKS.documented("crsctl add resource", "values with blank, comma or parenthesis stand in single quotes", COMMANDS)
@MARKS.documented("crsctl modify resource", "ATTR@SERVERNAME(s)[@DEGREEID(d)], ATTR@CARDINALITYID(c)", COMMANDS)
@MARKS.assumed("crsctl add resource", "an attribute given twice, or a quote within quotes, is refused")
def attributes(text: str) -> dict[str, str]:
    """Names and values in a -attr argument."""
    found: dict[str, str] = {}
    for part in _at_commas(text):
        name, equals, value = part.strip().partition("=")
        name = name.strip()
        if not equals or not ATTRIBUTE_NAME.fullmatch(name):
            raise GrammarError(f"'{part.strip()}' is not an attribute with a value")
        if name in found:
            raise GrammarError(f"'{name}' is given more than once")
        found[name] = _value(name, value.strip())
    return found


@MARKS.documented("crsctl add resource", "-file has one ATTR=value a line, values as they are", COMMANDS)
@MARKS.assumed("crsctl add resource", "empty lines of -file are skipped, quotes around a whole value dropped")
def file_attributes(text: str) -> dict[str, str]:
    """Names and values in a file that -file names."""
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not ATTRIBUTE_NAME.fullmatch(name.strip()) or name.strip() in found:
            raise GrammarError(f"'{line}' is not an attribute with a value")
        quoted = re.fullmatch(r"'([^']*)'", value.strip())
        found[name.strip()] = quoted[1] if quoted else value.strip()
    return found


@dataclass(frozen=True)
class AttributeDefinition:
    """One attribute that a resource type has; ``default`` is None where none was given."""

    name: str
    kind: str
    default: str | None
    flags: tuple[str, ...]


FLAGS = ("CONFIG", "READONLY", "REQUIRED", "HOTMOD")
KEYWORDS = ("ATTRIBUTE", "TYPE", "DEFAULT_VALUE", "FLAGS")


@MARKS.documented(
    "crsctl add type", "ATTRIBUTE, TYPE, DEFAULT_VALUE, FLAGS in this order, several after another", COMMANDS
)
@MARKS.documented("crsctl add type", "flags CONFIG, READONLY, REQUIRED, HOTMOD with bars between", COMMANDS)
@MARKS.documented("crsctl add type", "an attribute that is not REQUIRED must have a DEFAULT_VALUE", COMMANDS)
@MARKS.documented("crsctl add type", "TYPE is string or int, in capitals as well", TRANSCRIPTS)
@MARKS.assumed("crsctl add type", "names of attributes are of capitals, digits and underscores")
def type_attributes(text: str) -> list[AttributeDefinition]:
    """Attributes in the -attr argument of a resource type."""
    groups: list[dict[str, str]] = []
    for part in _at_commas(text):
        keyword, equals, value = part.strip().partition("=")
        if not equals or keyword not in KEYWORDS:
            raise GrammarError(f"'{part.strip()}' is none of {', '.join(KEYWORDS)}")
        if keyword == "ATTRIBUTE":
            groups.append({})
        elif not groups or KEYWORDS.index(keyword) <= max(map(KEYWORDS.index, groups[-1])):
            raise GrammarError(f"'{keyword}' is out of order")
        groups[-1][keyword] = _value(keyword, value.strip())
    return [_definition(group) for group in groups]


def _definition(group: dict[str, str]) -> AttributeDefinition:
    name = group["ATTRIBUTE"]
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise GrammarError(f"'{name}' is not a name for an attribute")
    kind = group.get("TYPE", "").lower()
    if kind not in ("string", "int"):
        raise GrammarError(f"the TYPE of {name} must be string or int")
    flags = tuple(group["FLAGS"].split("|")) if "FLAGS" in group else ()
    if not set(flags) <= set(FLAGS):
        raise GrammarError(f"the FLAGS of {name} must be of {', '.join(FLAGS)}")
    default = group.get("DEFAULT_VALUE")
    if default is None and "REQUIRED" not in flags:
        raise GrammarError(f"{name} is not REQUIRED and has no DEFAULT_VALUE")
    if default and kind == "int" and not re.fullmatch(r"-?\d+", default):
        raise GrammarError(f"the DEFAULT_VALUE of {name} must be a number")
    return AttributeDefinition(name, kind, default, flags)


# -- dependencies ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dependency:
    """One resource, or type of resources, that a resource depends on, and how."""

    kind: str
    modifiers: tuple[str, ...]
    is_type: bool
    name: str


class DependencyError(Exception):
    """A dependency is not written as it must be; ``kind`` is syntax, modifier or duplicate."""

    def __init__(self, kind: str, dependency: str) -> None:
        super().__init__(kind, dependency)
        self.kind = kind
        self.dependency = dependency


MODIFIERS = {
    "START_DEPENDENCIES": {
        "attraction": {"intermediate"},
        "dispersion": {"intermediate", "active", "pool"},
        "exclusion": {"preempt_pre", "preempt_post"},
        "hard": {"intermediate", "global", "uniform"},
        "pullup": {"intermediate", "global", "always"},
        "weak": {"concurrent", "global", "uniform"},
    },
    "STOP_DEPENDENCIES": {"hard": {"intermediate", "global", "shutdown"}},
}


@MARKS.documented(
    "crsctl add resource", "kinds of dependencies, each at most once except pullup, and modifiers", DEPENDENCIES
)
@MARKS.documented("crsctl add resource", "pullup:always(...) as well as pullup(always:...)", DEPENDENCIES)
@MARKS.documented("crsctl add resource", "type: stands right before the name of a type", DEPENDENCIES)
@lru_cache(maxsize=4096)
def dependencies(text: str, attribute: str) -> tuple[Dependency, ...]:
    """What START_DEPENDENCIES or STOP_DEPENDENCIES says."""
    modifiers = MODIFIERS[attribute]
    found: list[Dependency] = []
    seen: set[str] = set()
    rest = text.strip()
    while rest:
        match = re.match(r"(\w+)((?::\w+)*)\s*\(([^()]*)\)\s*", rest)
        if not match or match[1] not in modifiers:
            raise DependencyError("syntax", rest)
        kind, common = match[1], tuple(filter(None, match[2].split(":")))
        if kind in seen and kind != "pullup":
            raise DependencyError("duplicate", kind)
        seen.add(kind)
        for entity in match[3].split(","):
            *words, name = entity.strip().split(":")
            is_type = bool(words) and words[-1] == "type"
            given = common + tuple(words[:-1] if is_type else words)
            if not re.fullmatch(r"[^\s:(),!~]+", name):
                raise DependencyError("syntax", entity)
            if not set(given) <= modifiers[kind] or len(set(given)) < len(given):
                raise DependencyError("modifier", kind)
            found.append(Dependency(kind, given, is_type, name))
        rest = rest[match.end() :]
    return tuple(found)


@MARKS.assumed("crsctl status resource", "dependencies are shown with one blank between them and none within")
def normal_dependencies(text: str) -> str:
    """A dependency text as Clusterware keeps it."""
    tight = re.sub(r"\s*([(),:])\s*", r"\1", text.strip())
    return tight.replace(")", ") ").rstrip()


# -- filters ---------------------------------------------------------------------------------------------------------

COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda value, given: value == given,
    "==": lambda value, given: value == given,
    "!=": lambda value, given: value != given,
    ">": lambda value, given: _number(value) > _number(given),
    "<": lambda value, given: _number(value) < _number(given),
    "co": lambda value, given: given in value,
    "nc": lambda value, given: given not in value,
    "st": lambda value, given: value.startswith(given),
    "en": lambda value, given: value.endswith(given),
}


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise GrammarError(f"'{text}' is not a number") from None


Test = Callable[[Mapping[str, str]], bool]


@MARKS.documented("crsctl status resource", "-w: operators with blanks around them, parentheses, AND", COMMANDS)
@MARKS.assumed("crsctl status resource", "-w: operators = == != > < co nc st en, and OR")
class Filter:
    """A filter expression, such as ``((NAME st ocucs) AND (TYPE == ocucs.ms.type))``."""

    def __init__(self, text: str) -> None:
        self._tokens = re.findall(r"\(|\)|'[^']*'|[^\s()']+", text)
        self._position = 0
        self._test = self._disjunction()
        if self._position != len(self._tokens):
            raise GrammarError(f"the filter is not understood at '{self._tokens[self._position]}'")

    def matches(self, values: Mapping[str, str]) -> bool:
        """Whether it holds for what has these attributes."""
        return self._test(values)

    def _next(self) -> str:
        if self._position == len(self._tokens):
            raise GrammarError("the filter is not complete")
        self._position += 1
        return str(self._tokens[self._position - 1])

    def _at(self, word: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == word:
            self._position += 1
            return True
        return False

    def _disjunction(self) -> Test:
        tests = [self._conjunction()]
        while self._at("OR"):
            tests.append(self._conjunction())
        return lambda values: any(test(values) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._comparison()]
        while self._at("AND"):
            tests.append(self._comparison())
        return lambda values: all(test(values) for test in tests)

    def _comparison(self) -> Test:
        if self._at("("):
            test = self._disjunction()
            if not self._at(")"):
                raise GrammarError("a parenthesis of the filter is not closed")
            return test
        name, operator, given = self._next(), self._next(), self._next().strip("'")
        if operator not in COMPARISONS or not re.fullmatch(r"[A-Z_]+", name):
            raise GrammarError(f"'{name} {operator} {given}' is not a comparison")
        compare = COMPARISONS[operator]
        return lambda values: compare(values.get(name, ""), given)
