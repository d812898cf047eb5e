"""What a cluster has that is secret gets neither into a description made of it nor into what modules say of it.

For every framework, every kind of secret that ``description/secrets.py`` knows, and every place of a setting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description import secrets
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import shown_configuration
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.registry import create_framework
from ansible_collections.groupware.ha.plugins.module_utils.migration.migrating import migrated

SAVED = Path(__file__).with_name("saved")
SECRET = "Hush-4711-x"  # noqa: S105
#: A configuration that was saved, of each framework.
FILES = {
    "pacemaker": "pacemaker-2.1-mail.cib.xml",
    "solaris_cluster": "solaris_cluster-3.1-messaging-server.scrgadm",
    "vcs": "vcs-6.2-mail-store.main.cf",
    "clusterware": "clusterware-12.1-messaging-server.crsctl",
    "rhcs": "rhcs-6-file-server.cluster.conf",
}
NAMES = [
    *(word for words in (secrets._WITHIN, secrets._WORDS, secrets._WHOLE) for word in words),
    *(f"x{word}" for word in secrets._LAST_WORD),
    *("adminPassword", "snmp_priv_passwd", "local.ugldapbindcred", "UserNames", "hexadecimal_kg", "session_url"),
    *("login_key", "API_KEY", "pasword", "passwd_script", "PasswordFile"),
]
#: Under a name that says nothing.
TEXTS = [
    f"https://alice:{SECRET}@host.example.com/",
    f"rw,password={SECRET}",
    f"--password {SECRET}",
    f"password {SECRET}",
    f"//host/share,username=alice%{SECRET}",
    f"Authorization: Basic {SECRET}",
    f"-----BEGIN PRIVATE KEY-----{SECRET}",
    f"$6${SECRET}",
    f"{{PLAIN}}{SECRET}",
    f'{{"token": "{SECRET}"}}',
    f"TOKEN={SECRET} start",
]
KINDS = [*((name, SECRET) for name in sorted(NAMES)), *(("Options", text) for text in TEXTS)]


def with_setting(config: ClusterConfig, key: str, value: str) -> Iterator[ClusterConfig]:
    """The configuration with a setting more, in each of the places that there are."""
    more = {key: value}
    yield replace(config, properties={**config.properties, **more})
    for index, found in enumerate(config.resources):
        others = (*config.resources[:index], replace(found, settings={**found.settings, **more}))
        yield replace(config, resources=(*others, *config.resources[index + 1 :]))
    for index, service in enumerate(config.services):
        rest = (config.services[:index], config.services[index + 1 :])
        yield replace(config, services=(*rest[0], replace(service, settings={**service.settings, **more}), *rest[1]))
        for place, found in enumerate(service.resources):
            members = list(service.resources)
            members[place] = replace(found, settings={**found.settings, **more})
            yield replace(config, services=(*rest[0], replace(service, resources=tuple(members)), *rest[1]))


@pytest.mark.parametrize("framework", FILES)
@pytest.mark.parametrize(("name", "value"), KINDS)
def test_no_secret_is_exported(framework: str, name: str, value: str) -> None:
    driver = create_framework(framework, LocalRunner(dry=True))
    saved = driver.parse_saved((SAVED / FILES[framework]).read_text(encoding="utf-8"))
    # A setting of a meta attribute or of an operation has words before its name.
    names = [name, f"meta {name}", f"operation monitor {name}"] if framework == "pacemaker" else [name]

    for config in (one for key in names for one in with_setting(saved, key, value)):
        exported = driver.export(config)
        told = {
            "export": vars(exported),
            "shown": shown_configuration(config),
            "migrated": vars(migrated(exported.cluster, exported.services)) if framework in ("vcs", "rhcs") else "",
        }
        for what, text in told.items():
            assert SECRET not in json.dumps(text, default=str), what


def test_all_frameworks_are_here() -> None:
    assert set(FILES) == set(PROGRAMS)
