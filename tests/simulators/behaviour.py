"""What is known of a product, and what is only assumed: every behaviour of a simulator says which it is.

The marks stand on the function that behaves so; ``tests/conformance`` counts them for each command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Behaviour:
    """One thing that a simulated command does.

    ``source`` says where it is documented; it is empty for what is assumed.
    """

    framework: str
    command: str
    words: str
    source: str


BEHAVIOURS: list[Behaviour] = []


class Marks:
    """The marks of one framework's simulator."""

    def __init__(self, framework: str) -> None:
        self.framework = framework

    def documented(self, command: str, words: str, source: str) -> Callable[[Function], Function]:
        """This function behaves as the source says that the command does."""
        return self._mark(Behaviour(self.framework, command, words, source))

    def assumed(self, command: str, words: str) -> Callable[[Function], Function]:
        """This function behaves as nobody documents; a driver must not depend on it where it can do without."""
        return self._mark(Behaviour(self.framework, command, words, ""))

    def _mark(self, behaviour: Behaviour) -> Callable[[Function], Function]:
        BEHAVIOURS.append(behaviour)

        def unchanged(function: Function) -> Function:
            return function

        return unchanged
