"""Figures that are worth reading when all is over."""

from __future__ import annotations

from typing import Any

FIGURES: list[str] = []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show them."""
    terminalreporter.section("figures")
    for figure in FIGURES:
        terminalreporter.line(figure)
