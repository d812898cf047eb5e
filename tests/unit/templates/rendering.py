"""Templates rendered as Ansible renders them, and what they say taken apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
from ansible.plugins.filter.core import FilterModule
from ansible.plugins.test.core import TestModule

from ansible_collections.groupware.ha.plugins.module_utils.products.postfix_dovecot import parse_instances

TOP = Path(__file__).resolve().parents[3]


def rendered(path: str, **variables: Any) -> str:
    """The text that a template of the collection gives; a variable that is missing is an error."""
    # As Ansible has it, see TRIM_BLOCKS in its documentation of templates.
    environment = jinja2.Environment(  # noqa: S701 # configuration is not HTML
        trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    # Jinja's own where both have one: Ansible's know only its own kind of undefined values.
    environment.filters = {**FilterModule().filters(), **environment.filters}
    environment.tests = {**TestModule().tests(), **environment.tests}
    return environment.from_string((TOP / path).read_text(encoding="utf-8")).render(**variables)


def mail_template(name: str, **given: Any) -> str:
    """A template of the role postfix_dovecot for one instance.

    :param given: other keys of the instance, its ``users``, and its ``relay_password``
    """
    users, password = given.pop("users", []), given.pop("relay_password", None)
    one = {"name": "mail1", "host_name": "mail1.example", "address": "192.0.2.21", "mount_point": "/srv/mail1", **given}
    instance = parse_instances([one], {"mail1": users}, {"mail1": password} if password else None)[0]
    return rendered(f"roles/postfix_dovecot/templates/{name}", instance=instance.configuration)


def _lines(text: str) -> Iterator[str]:
    """Lines without comments, and with those that continue them."""
    joined = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    yield from (line for line in re.sub(r"\n[ \t]+", " ", joined).splitlines() if line.strip())


def postfix_parameters(text: str) -> dict[str, str]:
    """Parameters of a main.cf; the last one of a name counts, as postconf(5) says."""
    parameters = {}
    for line in _lines(text):
        name, equals, value = line.partition("=")
        assert equals, line
        parameters[name.strip()] = value.strip()
    return parameters


def postfix_services(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Services of a master.cf: by name and type, the other columns and the options given with -o."""
    services = {}
    for line in _lines(text):
        name, kind, *columns = line.split()
        words = " ".join(columns).split(" -o ")
        options = dict(word.split("=", 1) for word in words[1:])
        services[f"{name} {kind}"] = (words[0], options)
    return services


def dovecot_settings(text: str) -> dict[str, str]:
    """Settings of a dovecot.conf by their path through its sections, as in ``service lmtp/inet_listener lmtp/port``."""
    settings: dict[str, str] = {}
    path: list[str] = []
    for given in text.splitlines():
        line = given.strip()
        if not line or line.startswith("#"):
            continue
        if line.endswith("{"):
            path.append(line.removesuffix("{").strip())
        elif line == "}":
            path.pop()
        else:
            name, equals, value = line.partition("=")
            assert equals, line
            settings["/".join([*path, name.strip()])] = value.strip()
    assert not path
    return settings


def loaded(path: Path) -> ModuleType:
    """A program that is among the templates, as a module. Nothing that was compiled is left beside it, in the role."""
    module = ModuleType(path.stem)
    exec(compile(path.read_text(), path, "exec"), module.__dict__)  # noqa: S102 of this checkout
    return module
