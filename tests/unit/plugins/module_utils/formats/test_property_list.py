"""Property lists, as GNUstep's own parser has read them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.property_list import render


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('a "b" \\ c\nd', '"a \\"b\\" \\\\ c\\nd"'),
        ("Älice", '"\\U00c4lice"'),
        ("😀", '"\\Ud83d\\Ude00"'),
        (7, "7"),
        (-7, '"-7"'),
        (True, "YES"),
        (False, "NO"),
        (["a", 1], '("a", 1)'),
        ([], "()"),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert render({"a": value}) == f"{{\n  a = {text};\n}}\n"


def test_dictionaries_and_comments() -> None:
    text = render({"a": [{"b": "c"}], "d": {}}, ["one", "two"])
    assert text == '// one\n// two\n{\n  a = ({\n    b = "c";\n  });\n  d = {\n  };\n}\n'
