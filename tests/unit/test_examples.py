"""Examples in the documentation are accepted as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.pacemaker.driver import Pacemaker

TOP = Path(__file__).resolve().parents[2]


def descriptions(text):
    """Every description among the YAML blocks of a page: variables, or the variables of a role in a play."""
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        loaded = yaml.safe_load(block)
        candidates = [loaded] if isinstance(loaded, dict) else []
        for play in loaded if isinstance(loaded, list) else []:
            candidates.append(play.get("vars", {}))
            candidates += [role.get("vars", {}) for role in play.get("roles", []) if isinstance(role, dict)]
        for variables in candidates:
            clusters = [value for name, value in variables.items() if name.endswith("_cluster")]
            services = [value for name, value in variables.items() if name.endswith("_services")]
            if clusters and isinstance(clusters[0], dict):
                yield clusters[0], services[0] if services and isinstance(services[0], list) else []


PAGES = [TOP / "README.md", *sorted(TOP.glob("roles/*/README.md"))]
EXAMPLES = [
    pytest.param(cluster, services, id=page.relative_to(TOP).as_posix())
    for page in PAGES
    for cluster, services in descriptions(page.read_text())
]


def test_the_main_page_has_an_example():
    assert "README.md" in [example.id for example in EXAMPLES]


@pytest.mark.parametrize(("cluster", "services"), EXAMPLES)
def test_examples_are_accepted(cluster, services):
    pacemaker = Pacemaker(runner=None)
    deployment = parse_description(cluster, services, pacemaker.capabilities)
    assert len(pacemaker.compile(deployment).services) == len(services)
