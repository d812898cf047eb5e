"""Count what the simulators behave as documented, and what is only assumed, for each command: `make behaviours`."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path

from ansible_collections.groupware.ha.tests import simulators
from ansible_collections.groupware.ha.tests.simulators.behaviour import BEHAVIOURS

Counts = dict[str, Counter[tuple[str, bool]]]


def counts() -> Counts:
    """For each product, how many behaviours of each command are documented (True) and assumed (False)."""
    for package in sorted(Path(simulators.__path__[0]).iterdir()):
        if (package / "simulator.py").exists():
            importlib.import_module(f"{simulators.__name__}.{package.name}.simulator")
    found: Counts = {}
    for behaviour in BEHAVIOURS:
        found.setdefault(behaviour.framework, Counter())[behaviour.command, bool(behaviour.source)] += 1
    return found


def summary(product: Counter[tuple[str, bool]]) -> tuple[int, int, int]:
    """How many commands one product has, and of their behaviours how many are documented and assumed."""
    documented = sum(number for (_, is_documented), number in product.items() if is_documented)
    return len({command for command, _ in product}), documented, sum(product.values()) - documented


def main() -> None:
    """Print the counts."""
    for framework, product in sorted(counts().items()):
        commands, documented, assumed = summary(product)
        print(f"{framework}: {commands} commands, {documented} documented, {assumed} assumed")
        for command in sorted({command for command, _ in product}):
            print(f"  {command:28} {product[command, True]:4} documented {product[command, False]:4} assumed")


if __name__ == "__main__":
    main()
