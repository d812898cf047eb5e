"""Where the users' programs are, and figures that are worth reading when all is over."""

from __future__ import annotations

import os
import sys
from typing import Any

sys.path.insert(0, f"{os.environ['MOLECULE_PROJECT_DIRECTORY']}/tests/failover")

FIGURES: list[str] = []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show them."""
    terminalreporter.section("figures")
    for figure in FIGURES:
        terminalreporter.line(figure)
