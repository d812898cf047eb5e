"""Nothing is decided on the name of a framework, an application or a tier but in its own files and in tables.

What a framework is able to is asked of its capabilities; what an application or a tier needs, of its registry's entry.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.plugins.module_utils.applications.registry import APPLICATIONS, NATIVE
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.tiers.registry import TIERS

TOP = Path(__file__).resolve().parents[2]
APPLICATION_NAMES = [name for name in APPLICATIONS if name != NATIVE]
#: What a kind of tier is called, its group and its role, and the names of what describes one.
TIER_NAMES = [
    name for tier in TIERS.values() for name in dict.fromkeys((tier.name, tier.group, tier.role, *tier.variables))
]

#: Files that may have names of frameworks, and why.
FRAMEWORKS_ALLOWED = {
    "plugins/module_utils/description/fields.py": "users of a system whose names no user of a mail service may have",
    "plugins/module_utils/products/membership.py": "what systemd calls the services of the cluster that is formed",
    "plugins/module_utils/migration/migrating.py": "the table of what can be translated from",
    "plugins/module_utils/products/messaging_agents.py": "the table of how frameworks come to know the product",
    "roles/calendar_server_63/vars/main.yml": "the one framework that the product has an agent for",
    "roles/cluster_framework/defaults/main.yml": "what the packages of the cluster that is formed are called",
}
#: Files that may have names of applications, and why; beside those of the application itself.
APPLICATIONS_ALLOWED = {
    "plugins/module_utils/bodies/load_balancer_info.py": "what a tier's answer about the product is called",
    "plugins/module_utils/migration/rhcs.py": "what the service of the product's init script is called",
    "plugins/module_utils/products/haproxy.py": "what the role is called that its files name",
    "plugins/module_utils/products/haproxy_configuration.py": "what the product's program is called",
    "plugins/module_utils/products/haproxy_process.py": "what the product's program is called",
    "plugins/module_utils/products/load_balancer_plan.py": "what the product's unit is called, which a tier has too",
    "plugins/module_utils/products/load_balancer_verification.py": "what a tier's answer about the product is called",
    "plugins/module_utils/products/radicale.py": "what the product's account is called",
    "plugins/module_utils/products/radicale_configuration.py": "what the product's program and its account are called",
    "plugins/module_utils/products/scalix_node.py": "what the product's own services are called",
    "roles/load_balancer/defaults/main.yml": "what the product's package is called, which a tier has too",
    "roles/load_balancer/templates/haproxy.cfg.j2": "what the product's account is called",
    "roles/load_balancer/templates/haproxy.service.j2": "what the product's program is called",
    "roles/load_balancer/templates/keepalived.conf.j2": "what a tier's question about the product is called",
}
#: Files that may have names of tiers, and why; beside those of the tier itself.
TIERS_ALLOWED = {
    "plugins/filter/data_synchronization.py": "the role's own filter, named after what it plans",
}


def in_python(source: str, names: Collection[str]) -> Iterator[str]:
    """Names that are values. In documentation and in messages they stand among other words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in names:
            yield f"line {node.lineno}: {node.value}"


def in_yaml(source: str, names: Collection[str]) -> Iterator[str]:
    """Names in values and expressions. Comments are for people."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from (*texts(key), *texts(inner))
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)
        elif isinstance(value, str):
            yield value

    for text in texts(yaml.safe_load(source)):
        yield from (f"{match[0]} in {text!r}" for match in _any(names).finditer(text))


def in_template(source: str, names: Collection[str]) -> Iterator[str]:
    """Names in values and expressions of a template."""
    yield from (match[0] for match in _any(names).finditer(re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)))


def _any(names: Collection[str]) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(names)})\b")


READERS = {".py": in_python, ".yml": in_yaml, ".j2": in_template}


def decided_on(top: Path, names: Collection[str], own: Callable[[Path], bool]) -> dict[str, list[str]]:
    """By file, the names that it has. What only documents options and roles may have any.

    :param own: whether a file is one of those that the names are for
    """
    found = {}
    for path in sorted(path for room in ("playbooks", "plugins", "roles") for path in (top / room).rglob("*")):
        file = path.relative_to(top)
        documents = file.parts[:2] in (("plugins", "doc_fragments"), ("plugins", "filter")) and path.suffix == ".yml"
        if path.suffix not in READERS or documents or path.parent.name == "meta" or own(file):
            continue
        there = list(READERS[path.suffix](path.read_text(), names))
        if there:
            found[str(file)] = there
    return found


def of_frameworks(file: Path) -> bool:
    """Whether a file is in the room of the frameworks."""
    return "frameworks" in file.parts


def of_applications(file: Path) -> bool:
    """Whether a file is an application's own, or a table of what it is in a framework's terms."""
    roles = {application.role for application in APPLICATIONS.values()}
    return (
        {"applications", "frameworks"} & set(file.parts) != set()
        or (file.parts[0] == "roles" and file.parts[1] in roles)
        or (file.parts[:2] == ("plugins", "filter") and file.stem in APPLICATIONS)
    )


def of_tiers(file: Path) -> bool:
    """Whether a file is a tier's own: in the room of the tiers, its role, or a module or filter named after it."""
    return (
        "tiers" in file.parts
        or (file.parts[0] == "roles" and file.parts[1] in {tier.role for tier in TIERS.values()})
        or any(file.stem.startswith(f"{tier.name}_") for tier in TIERS.values())
    )


def test_no_name_of_a_framework_is_decided_on_outside_the_frameworks() -> None:
    found = decided_on(TOP, PROGRAMS, of_frameworks)

    assert {file: names for file, names in found.items() if file not in FRAMEWORKS_ALLOWED} == {}
    assert sorted(found) == sorted(FRAMEWORKS_ALLOWED), "what is allowed is needed"


def test_no_name_of_an_application_is_decided_on_outside_its_own_files() -> None:
    found = decided_on(TOP, APPLICATION_NAMES, of_applications)

    assert {file: names for file, names in found.items() if file not in APPLICATIONS_ALLOWED} == {}
    assert sorted(found) == sorted(APPLICATIONS_ALLOWED), "what is allowed is needed"


def test_no_name_of_a_tier_is_decided_on_outside_its_own_files() -> None:
    found = decided_on(TOP, TIER_NAMES, of_tiers)

    assert {file: names for file, names in found.items() if file not in TIERS_ALLOWED} == {}
    assert sorted(found) == sorted(TIERS_ALLOWED), "what is allowed is needed"


def test_names_of_tiers_are_found(tmp_path: Path) -> None:
    (tmp_path / "playbooks/tiers/ias").mkdir(parents=True)
    (tmp_path / "playbooks/site.yml").write_text('- hosts: "{{ groups.ias_servers | default([]) }}"')
    (tmp_path / "playbooks/plan.yml").write_text("- vars:\n    kind: ias # and ias_cluster_name, for people")
    (tmp_path / "playbooks/verify.yml").write_text('- debug:\n    msg: "{{ ias_cluster_servers }}"')
    (tmp_path / "playbooks/tiers/ias/plan.yml").write_text('- debug:\n    msg: "{{ ias_cluster_servers }}"')

    found = decided_on(tmp_path, TIER_NAMES, of_tiers)

    assert list(found) == ["playbooks/plan.yml", "playbooks/site.yml", "playbooks/verify.yml"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("roles/mail/tasks/main.yml", "- debug:\n  when: cluster.framework | default('pacemaker') == 'vcs'"),
        ("roles/mail/vars/main.yml", "types: {rhcs: script}"),
        ("playbooks/site.yml", "- vars:\n    framework: clusterware"),
        ("playbooks/templates/a.j2", "{% if framework == 'vcs' %}\n"),
        ("plugins/filter/a.py", "def a(b):\n    return b.get('framework') == 'clusterware'"),
        ("plugins/modules/a.py", "OPTIONS = {'choices': ['solaris_cluster']}"),
    ],
)
def test_names_are_found(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)

    assert list(decided_on(tmp_path, PROGRAMS, of_frameworks)) == [file]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (
            "roles/mail/tasks/main.yml",
            "# Not rhcs\n- debug:\n  when: (cluster | groupware.ha.framework).own_fencing",
        ),
        ("roles/mail/meta/main.yml", "galaxy_info: {galaxy_tags: [pacemaker]}"),
        ("plugins/modules/a.py", "DOCUMENTATION = 'choices: [vcs]'"),
        ("plugins/module_utils/frameworks/names.py", "DEFAULT = 'pacemaker'"),
    ],
)
def test_words_and_the_frameworks_own_files_are_free(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)

    assert decided_on(tmp_path, PROGRAMS, of_frameworks) == {}
