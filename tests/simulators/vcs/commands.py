"""What the commands have in common: who may run when, how attributes are changed, waited for and printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..engine import Answer, Refusal
from .attributes import Attribute, Value, modified, shown
from .cluster import BUILDING
from .common import ENMINST, HAGRP_1M, HATYPE_1M, LITP, MARKS, error, message, usage, warning
from .systems import Systems


class Commands(Systems):
    """Base of the mixins that play one program each."""

    @MARKS.documented("all", "10600: the engine does not run on this system", LITP)
    @MARKS.documented("all", "11030: the engine is starting", LITP)
    @MARKS.assumed(
        "all", "11030 is the answer while the first system builds its configuration, but for hasys and hastatus"
    )
    def ask(self, node: str, starting: bool = False) -> None:
        """Begin a command: it is refused where the engine does not run, or has just started and cannot say yet."""
        if self.state["nodes"][node]["state"] == "EXITED":
            raise error(10600, "Cannot connect to VCS engine")
        if self.state["nodes"][node]["state"] == "LOCAL_BUILD" and not starting:
            raise warning(11030, "HAD not ready to receive this command.")
        self.be_on(node)

    def be_on(self, node: str) -> None:
        """Run on this node, whose files can be written from now on."""
        self.own_node = node
        if self.state["nodes"][node]["state"] == "RUNNING":
            self.save_on(node)

    @MARKS.documented("all", "50129: rejected in the states REMOTE_BUILD, LEAVING and ADMIN_WAIT", ENMINST)
    @MARKS.assumed("all", "50129 meets every command that changes anything")
    def act(self, node: str, program: str, words: Sequence[str]) -> None:
        """Go on with a command that changes something."""
        state = self.state["nodes"][node]["state"]
        if state in BUILDING:
            line = " ".join([program, *words])
            raise warning(50129, f"Operation '{line}' rejected as the node is in {state} state")

    @MARKS.documented("all", "the configuration is read-only until haconf -makerw", "haconf(1M), VCS 5.0MP2")
    @MARKS.assumed("all", "11309 and its text for a change while the configuration is read-only")
    def write(self, node: str, program: str, words: Sequence[str]) -> None:
        """Go on with a command that changes the configuration."""
        self.act(node, program, words)
        if not self.state["writable"]:
            raise warning(11309, "Configuration must be ReadWrite")

    @MARKS.documented("all", "-wait: ends when the attribute has the value; 10805 after -time seconds", LITP)
    @MARKS.documented("all", "-wait [-sys system] [-time timeout]", HAGRP_1M)
    @MARKS.assumed("all", "-wait without -time waits for ever; bars around a state do not matter")
    def wait_for(self, value: Callable[[], str], wanted: str, seconds: str | None, given: Sequence[str]) -> Answer:
        """Let time pass until an attribute has a value."""
        if seconds is not None and not re.fullmatch(r"[0-9]+", seconds):
            raise usage("-wait", given)
        limit = float(seconds) if seconds is not None else 1e6
        if self.wait_until(lambda: value().strip("|") == wanted.strip("|"), limit):
            return Answer()
        return (
            Answer(-1, hung=True)
            if seconds is None
            else Answer(1, "", message("WARNING", 10805, "Connection timed out"))
        )

    @MARKS.documented("all", "-list with conditions Attribute=Value, !=, =~, all of which must hold", HATYPE_1M)
    def meets(self, program: str, given: Sequence[str], conditions: Sequence[str], value: Callable[[str], str]) -> bool:
        """Whether an object meets the conditions of -list."""
        for condition in conditions:
            match = re.fullmatch(r"([A-Za-z0-9_]+)(!=|=~|=)(.*)", condition)
            if match is None:
                raise usage(program, given)
            name, operator, wanted = match.groups()
            found = value(name)
            holds = wanted in found if operator == "=~" else (found == wanted) == (operator == "=")
            if not holds:
                return False
        return True

    def change(
        self,
        program: str,
        given: Sequence[str],
        name: str,
        attribute: Attribute | None,
        current: Value,
        words: list[str],
    ) -> Value:
        """The new value of an attribute that -modify names."""
        if attribute is None:
            raise self.no_attribute(name)
        if attribute.system:
            raise self.system_attribute(name)
        return modified(program, given, name, attribute, current, words)

    @MARKS.assumed("all", "text and number for an attribute that does not exist")
    def no_attribute(self, name: str) -> Refusal:
        """There is no such attribute."""
        return error(0, f"Attribute {name} does not exist")

    @MARKS.documented(
        "all", "attributes that VCS sets cannot be modified", "VCS 4.1 User's Guide, Modifying Resource Attributes"
    )
    def system_attribute(self, name: str) -> Refusal:
        """VCS alone sets this attribute."""
        return error(0, f"Attribute {name} is set by VCS")

    @MARKS.documented("all", "10200: the system is not available or not defined", LITP)
    def known_system(self, system: str) -> str:
        """A system of the cluster."""
        if system not in self.state["nodes"]:
            raise warning(10200, f"System {system} is not defined")
        return system


def plain(text: str) -> Answer:
    """What a query prints."""
    return Answer(0, text)


def value_line(value: Value) -> Answer:
    """What -value prints: the value alone."""
    return Answer(0, shown(value) + "\n")


def modification(program: str, given: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
    """Object and attribute, the words of the change and the options of ``-modify``."""
    rest = list(given[1:])
    options: dict[str, str] = {}
    for option in ("-time", "-wait", "-sys"):
        if option == "-wait" and rest[-1:] == ["-wait"]:
            options["-wait"] = rest.pop()
        elif option != "-wait" and len(rest) > 2 and rest[-2] == option:
            options[option] = rest.pop()
            rest.pop()
    if len(rest) < 2 or rest[0].startswith("-"):
        raise usage(program, given)
    return rest[0], rest[1:], options
