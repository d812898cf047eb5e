"""Small changes to a source text, each of which some test has to notice: of Python, of templates, of task files.

A mutant replaces one stretch of the text, so that layout and comments stay and the difference is short. Messages for
people are left alone (what is raised, and the reason and remedy of a problem), and so is documentation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath


@dataclass(frozen=True)
class Mutant:
    """One change: the text from ``start`` to ``end`` becomes ``replacement``. ``scope`` is the function it is in."""

    path: str
    scope: str
    start: int
    end: int
    replacement: str

    def apply(self, text: str) -> str:
        """The changed text."""
        return text[: self.start] + self.replacement + text[self.end :]

    def line(self, text: str) -> int:
        """Number of the line that changes first."""
        return text.count("\n", 0, self.start) + 1

    def difference(self, text: str) -> tuple[str, str]:
        """The lines that change, as they were and as they become, without the blanks around them."""
        before, after = text.splitlines(), self.apply(text).splitlines()
        first = last = 0
        while first < min(len(before), len(after)) and before[first] == after[first]:
            first += 1
        while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
            last += 1
        return _stripped(before[first : len(before) - last]), _stripped(after[first : len(after) - last])


def _stripped(lines: list[str]) -> str:
    return "\n".join(line.strip() for line in lines)


def mutants(path: str, text: str) -> list[Mutant]:
    """All mutants of a file, each different text once."""
    suffix = PurePath(path).suffix
    found = {".py": _python_mutants, ".j2": _template_mutants, ".yml": _task_mutants}[suffix](path, text)
    different: dict[str, Mutant] = {}
    for mutant in found:
        changed = mutant.apply(text)
        if changed != text and _sound(suffix, changed):
            different.setdefault(changed, mutant)
    return sorted(different.values(), key=lambda mutant: mutant.start)


def _sound(suffix: str, text: str) -> bool:
    """Whether the text is a program at all: one that nobody could start needs no test."""
    if suffix != ".py":
        return True
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


# Python ---------------------------------------------------------------------------------------------------------------

_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
#: Comparisons whose opposite is none of the other mutants.
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OPERATORS: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.BitOr: ("|", "&"),
    ast.BitAnd: ("&", "|"),
}
#: Calls whose texts are for people: which of them are arguments by position, counted from this one on.
_MESSAGES = {"Problem": 2, "problem": 2, "DescriptionError": 0}


def _python_mutants(path: str, text: str) -> Iterator[Mutant]:
    return _Python(path, text).found()


class _Python:
    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        # The syntax tree counts columns in bytes.
        self.lines = text.encode().splitlines(keepends=True)
        self.offsets = [0]
        for line in text.splitlines(keepends=True):
            self.offsets.append(self.offsets[-1] + len(line))
        self.scope: list[str] = []

    def found(self) -> Iterator[Mutant]:
        yield from self._visit(ast.parse(self.text))

    def _position(self, line: int, column: int) -> int:
        return self.offsets[line - 1] + len(self.lines[line - 1][:column].decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, (ast.expr, ast.stmt, ast.keyword))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._position(node.lineno, node.col_offset)
        return start, self._position(node.end_lineno, node.end_col_offset)

    def _mutant(self, start: int, end: int, replacement: str) -> Mutant:
        return Mutant(self.path, ".".join(self.scope) or "module", start, end, replacement)

    def _replaced(self, node: ast.AST, replacement: str) -> Mutant:
        return self._mutant(*self._span(node), replacement)

    def _source(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.text[start:end]

    def _visit(self, node: ast.AST) -> Iterator[Mutant]:
        """Mutants of a node and of all below it that is neither an annotation nor documentation nor a message."""
        if isinstance(node, ast.ClassDef) and any(_name_of(base) == "Protocol" for base in node.bases):
            return  # what is in it is for the type checker alone
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.scope.append(node.name)
        for kind in type(node).__mro__:
            yield from getattr(self, f"_of_{kind.__name__.lower()}", lambda _: ())(node)
        for child in self._children(node):
            yield from self._visit(child)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.scope.pop()

    def _children(self, node: ast.AST) -> Iterator[ast.AST]:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise, ast.Assert)):
            return
        if isinstance(node, ast.Assign) and any(_is_documentation(target) for target in node.targets):
            return
        if isinstance(node, ast.keyword) and node.arg == "encoding":
            return  # it is that of all tests, too
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "ctx", "ops", "op"):
                continue
            for child in value if isinstance(value, list) else [value]:
                # An item of a list is left out, which is noticed less easily than another text in its place.
                skipped = name == "elts" and isinstance(child, (ast.Constant, ast.JoinedStr))
                if isinstance(child, ast.AST) and not (
                    skipped or _is_text(child) or self._is_message(node, name, child)
                ):
                    yield child

    def _is_message(self, node: ast.AST, name: str, child: ast.AST) -> bool:
        """Whether a child is a text for people."""
        if not isinstance(node, ast.Call) or not isinstance(child, (ast.Constant, ast.JoinedStr)):
            return isinstance(node, ast.JoinedStr)  # the parts of a formatted text have no place of their own
        called = _name_of(node.func)
        first = _MESSAGES.get(called, 0 if called.endswith("Error") else None)
        return first is not None and name == "args" and node.args.index(child) >= first

    def _of_stmt(self, node: ast.stmt) -> Iterator[Mutant]:
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        stored = isinstance(node, ast.Assign) and not isinstance(node.targets[0], (ast.Name, ast.Tuple))
        if called or stored or isinstance(node, (ast.AugAssign, ast.Raise, ast.Continue, ast.Break)):
            yield self._replaced(node, "pass")
        if isinstance(node, ast.Return) and node.value is not None and not _is_nothing(node.value):
            yield self._replaced(node.value, "None")
        for _, body in ast.iter_fields(node):
            if isinstance(body, list):
                yield from self._swapped(body)

    def _swapped(self, body: list[ast.AST]) -> Iterator[Mutant]:
        """Two statements in the other order, the first of which is there for its effect alone."""
        for first, second in pairwise(body):
            effect = isinstance(first, ast.Expr) and isinstance(first.value, ast.Call)
            if effect and isinstance(second, (ast.Expr, ast.Assign, ast.Try, ast.With, ast.For, ast.If)):
                (start, between), (after, end) = self._span(first), self._span(second)
                swapped = self.text[after:end] + self.text[between:after] + self.text[start:between]
                yield self._mutant(start, end, swapped)

    def _of_if(self, node: ast.If) -> Iterator[Mutant]:
        yield from self._negated(node.test)

    _of_ifexp = _of_while = _of_if

    def _of_comprehension(self, node: ast.comprehension) -> Iterator[Mutant]:
        for test in node.ifs:
            yield from self._negated(test)
            yield self._replaced(test, "True")

    def _negated(self, test: ast.expr) -> Iterator[Mutant]:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield self._replaced(test, self._source(test.operand))
        elif not isinstance(test, ast.Compare) or len(test.ops) > 1 or type(test.ops[0]) in _ORDERS:
            yield self._replaced(test, f"not ({self._source(test)})")

    def _of_unaryop(self, node: ast.UnaryOp) -> Iterator[Mutant]:
        yield self._replaced(node, self._source(node.operand))

    def _of_boolop(self, node: ast.BoolOp) -> Iterator[Mutant]:
        for left, right in pairwise(node.values):
            yield self._mutant(self._span(left)[0], self._span(right)[0], "")
        last = node.values[-1]
        yield self._mutant(self._span(node.values[-2])[1], self._span(last)[1], "")

    def _of_compare(self, node: ast.Compare) -> Iterator[Mutant]:
        operands = [node.left, *node.comparators]
        for operation, (left, right) in zip(node.ops, pairwise(operands), strict=True):
            yield from self._operator(left, right, _COMPARISONS[type(operation)])

    def _of_binop(self, node: ast.BinOp) -> Iterator[Mutant]:
        texts = any(isinstance(side, ast.JoinedStr) or _is_word(side) for side in (node.left, node.right))
        if type(node.op) in _OPERATORS and not texts:
            yield from self._operator(node.left, node.right, _OPERATORS[type(node.op)])

    def _operator(self, left: ast.expr, right: ast.expr, change: tuple[str, str]) -> Iterator[Mutant]:
        start, end = self._span(left)[1], self._span(right)[0]
        between = self.text[start:end]
        yield self._mutant(start, end, between.replace(*change, 1))

    def _of_constant(self, node: ast.Constant) -> Iterator[Mutant]:
        source = self._source(node)
        if isinstance(node.value, bool):
            yield self._replaced(node, str(not node.value))
        elif isinstance(node.value, int) and source.startswith("0o"):
            # A mode: readable by everybody, or else not by the group.
            opened = node.value | 0o055
            yield self._replaced(node, f"0o{opened if opened != node.value else node.value & ~0o055:o}")
        elif isinstance(node.value, (int, float)):
            yield self._replaced(node, repr(node.value + 1))
        elif isinstance(node.value, str) and node.value:
            yield self._replaced(node, f"(({source}) + 'mutated')" if "\n" in source else "'mutated'")

    def _of_joinedstr(self, node: ast.JoinedStr) -> Iterator[Mutant]:
        yield self._replaced(node, "'mutated'")

    def _of_call(self, node: ast.Call) -> Iterator[Mutant]:
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "split"
            and isinstance(node.func.value, ast.Constant)
        ):
            start, end = self._span(node.func.value)
            for match in re.finditer(r"[\w./:-]+\s*", self.text[start:end]):
                yield self._mutant(start + match.start(), start + match.end(), "")
        for keyword in node.keywords:
            if keyword.arg != "encoding":
                yield from self._dropped(keyword)

    def _of_list(self, node: ast.List | ast.Tuple | ast.Set) -> Iterator[Mutant]:
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            return
        for element in node.elts:
            yield from self._dropped(element)

    _of_tuple = _of_set = _of_list

    def _of_dict(self, node: ast.Dict) -> Iterator[Mutant]:
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None:
                yield from self._dropped_between(self._span(key)[0], self._span(value)[1])
            else:
                start = self.text.rindex("**", 0, self._span(value)[0])
                yield from self._dropped_between(start, self._span(value)[1])

    def _dropped(self, node: ast.AST) -> Iterator[Mutant]:
        yield from self._dropped_between(*self._span(node))

    def _dropped_between(self, start: int, end: int) -> Iterator[Mutant]:
        """An item and the comma after it; of the last one on a line, the comma before it."""
        after = re.match(r"\s*,[^\S\n]*", self.text[end:])
        if after is None:
            before = re.search(r",\s*$", self.text[:start])
            yield self._mutant(before.start() if before else start, end, "")
        else:
            yield self._mutant(start, end + after.end(), "")


def _is_documentation(target: ast.AST) -> bool:
    """Whether what is assigned to the name is for people to read."""
    names = ("DOCUMENTATION", "EXAMPLES", "RETURN", "reason", "remedy")
    return isinstance(target, ast.Name) and target.id in names


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a text alone: documentation."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name_of(function: ast.AST) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


# Templates and task files ---------------------------------------------------------------------------------------------

_STATEMENT = re.compile(r"{%.*%}\s*")
_CONDITION = re.compile(r"(?<=if )(.+?)(?= else | *-?%})")
_EXPRESSION = re.compile(r"{{ (.+?) }}")
_VALUE = re.compile(r"(?<==)(\s*)([^\s#][^#\n]*)")
_WORD = re.compile(r"[^\s,]+,?[^\S\n]*")


def _template_mutants(path: str, text: str) -> Iterator[Mutant]:
    """Each line that says something is left out, and each value, condition and expression is another."""
    for start, line in _lines(text):
        end = start + len(line)
        if not line.strip() or line.startswith(("#", "{#")):
            continue
        for pattern, change in ((_CONDITION, "not ({})"), (_EXPRESSION, "{{{{ 'mutated' }}}}")):
            for match in pattern.finditer(line):
                yield Mutant(path, "template", start + match.start(), start + match.end(), change.format(match[0]))
        if _STATEMENT.fullmatch(line):
            continue
        yield Mutant(path, "template", start, end, "")
        value = _VALUE.search(line)
        if value is not None and "{{" not in line:
            words = list(_WORD.finditer(line, value.start(2)))
            for word in words if len(words) > 1 else []:
                yield Mutant(path, "template", start + word.start(), start + word.end(), "")
            yield Mutant(path, "template", start + value.start(2), start + value.end(2), _other(value[2]))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line
        start += len(line)


def _other(value: str) -> str:
    opposites = {"yes": "no", "no": "yes"}
    if value.strip() in opposites:
        return opposites[value.strip()]
    number = re.fullmatch(r"(\d+)(\w*)", value.strip())
    return f"{int(number[1]) + 1}{number[2]}" if number else "mutated"


def _task_mutants(path: str, text: str) -> Iterator[Mutant]:
    """What protects a secret in tasks and argument specs: ``no_log`` and modes."""
    for start, line in _lines(text):
        if re.match(r"\s*(no_log|mode):", line):
            yield Mutant(path, "tasks", start, start + len(line), "")
