"""Files as modules are given them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import ARGUMENT_SPEC, given_entries
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError

SECRET = "hunter2-S3cr3t"  # noqa: S105


def entry(secret: str | None = None, **given: Any) -> Entry:
    """The entry that a module makes of what it was given."""
    options = ARGUMENT_SPEC["files"]["options"]
    whole = {name: option.get("default") for name, option in options.items()}
    files = [{**whole, "path": "/etc/x", **given}]
    return given_entries({"files": files, "secrets": {} if secret is None else {"0": secret}})[0]


@pytest.mark.parametrize(
    "given",
    [
        {"content": f"user = x\npassword = {SECRET}\n"},
        {"content": f"url: https://x:{SECRET}@example.com/\n"},
        {"content": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n"},
        {"parameters": {"ldap_bind_password": SECRET}},
        {"parameters": {"hosts": ["a", f"password={SECRET}"]}},
        {"secret": SECRET, "sensitive": True},
    ],
)
def test_a_secret_is_for_everybody_only_where_the_mode_says_so(given: dict[str, Any]) -> None:
    with pytest.raises(FileStateError, match="/etc/x: has a secret in it and no mode") as refused:
        entry(**given)
    assert SECRET not in str(refused.value)
    assert entry(**given, mode="0600").mode == 0o600
    assert entry(**given, mode="0644").mode == 0o644


@pytest.mark.parametrize(
    "given",
    [
        {"content": "smtp_sasl_password_maps = texthash:/etc/x\n"},
        {"parameters": {"smtp_sasl_password_maps": "texthash:/etc/x", "biff": False}},
        {"state": "absent", "sensitive": True},
        {"state": "directory"},
    ],
)
def test_what_has_none_needs_no_mode(given: dict[str, Any]) -> None:
    assert entry(**given).mode is None
