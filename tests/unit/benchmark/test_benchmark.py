"""What the benchmark counts and concludes."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmark"


def load(path: Path) -> ModuleType:
    specification = spec_from_file_location(f"benchmark_{path.stem}", path)
    assert specification
    assert specification.loader
    module = module_from_spec(specification)
    sys.modules[module.__name__] = module
    specification.loader.exec_module(module)
    return module


benchmark = load(BENCHMARK / "benchmark.py")
accounting = load(BENCHMARK / "library/process_accounting.py")


@pytest.mark.parametrize(
    ("encoded", "value"), [(0, 0), (8191, 8191), (0b001_0000000000001, 8), (0b010_0000000000011, 192)]
)
def test_compressed_numbers(encoded: int, value: int) -> None:
    assert accounting.expand(encoded) == value


def ended(pid: int, parent: int, name: str, elapsed: float = 0.0, cpu: float = 0.0) -> Any:
    return accounting.Process(pid, parent, name, elapsed, cpu)


def test_records_of_the_kernel() -> None:
    record = accounting.FORMAT.pack(0, 3, 0, 0, 0, 0, 42, 7, 0, 150.0, 20, 5, b"pcs")
    assert len(record) == 64
    assert accounting.parse(record * 2 + b"cut off") == [ended(42, 7, "pcs", 1.5, 0.25)] * 2


def test_only_what_descends_from_the_connection_counts() -> None:
    processes = [
        ended(12, 11, "sleep"),  # of the task before
        ended(11, 10, "sh"),
        ended(23, 22, "cibadmin", 0.2, 0.1),
        ended(90, 80, "Dummy", 1, 1),  # of the cluster
        ended(22, 21, "pcs", 0.8, 0.4),
        ended(21, 20, "python3", 1.5, 0.5),  # the module
        ended(24, 20, "sleep"),
        ended(20, 10, "sh"),
        ended(31, 30, "python3", 2, 0.5),  # a module on a connection that has ended
        ended(30, 5, "sshd"),
    ]
    found = accounting.count(processes, connections=[10, 5], ignored=[11])
    assert found["programs"] == {"cibadmin": 1, "pcs": 1, "python3": 2, "sleep": 1, "sh": 1}
    assert found["processes"] == 6
    assert found["modules"] == 2
    assert found["module_seconds"] == 3.5
    assert found["cpu_seconds"] == 1.5


def measurement(tool: str, step: str, services: int = 100, **values: Any) -> Any:
    needed = 1 if tool == benchmark.TOOLS[0] else 4 * services
    defaults: dict[str, Any] = {
        "calls": needed,
        "calls_needed": needed,
        "task_seconds": 2.0,
        "module_seconds": 1.0,
        "cpu_seconds": 0.5,
        "processes": 7,
        "programs": {},
        "calls_changed": 0,
        "calls_to_change": 0,
    }
    return benchmark.Measurement(services=services, tool=tool, step=step, **{**defaults, **values})


def measurements(**values: Any) -> list[Any]:
    """Both tools in all steps; the values are the loop's."""
    return [
        measurement(tool, step.name, **(values if tool == benchmark.TOOLS[1] else {}))
        for tool in benchmark.TOOLS
        for step in benchmark.STEPS
    ]


def test_a_loop_that_was_stopped_is_scaled_and_marked() -> None:
    found = measurements(calls=100, task_seconds=30.0)
    row = next(line for line in benchmark.table(found).splitlines() if " second run" in line)
    assert "100/400     ~120" in row
    assert row.endswith("~60")
    summary = list(benchmark.summary(found, limit=30))
    assert any("60 times faster" in line and line.endswith(" met") for line in summary)
    assert any(line.startswith("~: the loop was stopped after 30 s") for line in summary)


def test_a_missed_target_is_named() -> None:
    assert any(line.endswith("MISSED") for line in benchmark.summary(measurements(task_seconds=99.0), limit=0))


def test_a_wrong_report_is_named() -> None:
    found = measurements(calls_changed=1)
    assert "1 of 400 WRONG" in benchmark.table(found)
    assert any(line.startswith("WRONG") for line in benchmark.summary(found, limit=0))
    assert "WRONG" not in benchmark.table(measurements())


def test_services_are_spread_over_the_nodes() -> None:
    services = benchmark.describe(3, ["nodea", "nodeb"])
    assert [service["nodes"]["primary"] for service in services] == ["nodea", "nodeb", "nodea"]
    assert all(len(service["application"]["members"]) == 4 for service in services)
