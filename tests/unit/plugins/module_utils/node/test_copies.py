"""The files of one host, as another one has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node import copies
from ansible_collections.groupware.ha.plugins.module_utils.node.files import FileStateError, apply, plan


def test_all_comes_along_but_what_is_each_hosts_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in ("config/wallet", "logs", "db"):
        (first / folder).mkdir(parents=True)
    (first / "config/creds.properties").write_text("password=geheim\n")
    (first / "config/creds.properties").chmod(0o600)
    (first / "config/wallet/keys").write_bytes(bytes(range(256)))
    (first / "config/link").symlink_to("wallet/keys")
    for own in ("logs/calendar.0", "db/ibdata", "config/x.log"):
        (first / own).write_text("own")
    packed = copies.pack(str(first))
    changes = plan(copies.unpack(packed, str(second)), frozenset()).changes
    assert all("geheim" not in str(change.diff()) for change in changes)
    apply(changes)
    found = {str(path.relative_to(second)) for path in second.rglob("*")}
    assert found == {"config", "config/wallet", "config/creds.properties", "config/wallet/keys", "config/link"}
    assert (second / "config/wallet/keys").read_bytes() == bytes(range(256))
    assert (second / "config/creds.properties").stat().st_mode & 0o777 == 0o600
    assert os.readlink(second / "config/link") == "wallet/keys"
    assert plan(copies.unpack(packed, str(second)), frozenset()).changes == []
    (second / "config/creds.properties").chmod(0o644)
    assert [change.action for change in plan(copies.unpack(packed, str(second)), frozenset()).changes] == ["attributes"]


def test_what_cannot_be_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileStateError, match="is not there"):
        copies.pack(str(tmp_path / "none"))
    monkeypatch.setattr(copies, "_MOST", 2**20)
    (tmp_path / "large").write_bytes(bytes(2**20 + 1))
    with pytest.raises(FileStateError, match="more than 1 MiB"):
        copies.pack(str(tmp_path))
