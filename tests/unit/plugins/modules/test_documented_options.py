"""What a module's documentation says of its options is what the module takes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.bodies.registry import BODIES
from ansible_collections.groupware.ha.tests.unit.plugins.modules.test_secrets import MODULES, module, specification

#: What both say of an option, and what holds where they say nothing. Each says the type.
SAID = {"type": None, "elements": None, "required": False, "default": None, "choices": None}


def documented(name: str) -> dict[str, Any]:
    """A module's options, with those that several modules have in common."""
    documentation = yaml.safe_load(module(name).DOCUMENTATION)
    options = dict(documentation.get("options", {}))
    for fragment in documentation.get("extends_documentation_fragment", []):
        file, _, part = fragment.removeprefix("groupware.ha.").partition(".")
        place = importlib.import_module(f"ansible_collections.groupware.ha.plugins.doc_fragments.{file}")
        shared = getattr(place.ModuleDocFragment, (part or "documentation").upper())
        options |= yaml.safe_load(shared).get("options", {})
    return options


def said(options: Mapping[str, Any], nested: str) -> dict[str, Any]:
    """What is said of each option, and of those in it, which are under another key in each place."""
    return {
        name: {key: option.get(key, usual) for key, usual in SAID.items()}
        | {"options": said(option.get(nested) or {}, nested)}
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", MODULES)
def test_options_are_as_documented(name: str) -> None:
    assert said(specification(name), "options") == said(documented(name), "suboptions")


def test_the_question_names_all_that_can_be_asked() -> None:
    options = yaml.safe_load(module("question").DOCUMENTATION)["options"]
    assert set(re.findall(r"V\((\w+)\)", options["questions"]["description"][1])) == set(BODIES)
