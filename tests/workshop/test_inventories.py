"""What an inventory must not do, since people copy those that are here."""

from __future__ import annotations

from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("inventories", "molecule", "tests") for path in (TOP / folder).rglob("*.yml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TOP)))
def test_no_address_is_found_by_the_name_of_the_host_that_asks(path: Path) -> None:
    # A task that is delegated asks in the name of the host that it is delegated from, and so goes there.
    addresses = [line for line in path.read_text("utf-8").splitlines() if line.strip().startswith("ansible_host:")]
    assert not [line for line in addresses if "inventory_hostname" in line]
