"""What holds a secret is marked so everywhere: Ansible logs all other options of a module, and prints all other values.

Whoever adds an option whose name sounds like a secret says here which it is.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils import basic

TOP = Path(__file__).resolve().parents[2]

#: Names that sound like a secret.
SUSPICIOUS = re.compile(r"passw?(?!ive)|secret|(?<!_)key|token|cred|auth|answers|content|community|pin$", re.IGNORECASE)

#: Options of modules that hold secrets, and what they hold.
SECRET_OPTIONS = {
    "calendar_configuration state_file_content": "passwords of the directory manager and of the administrator",
    "calendar_directory password": "the password of the directory manager",
    "calendar_server_7_configuration secrets": "the administrator's password, and those that are answers or options",
    "configuration_files secrets": "files that are marked as sensitive",
    "corosync authkey": "with it, anybody on the network is a member of the cluster",
    "database_accounts passwords": "passwords of the accounts that are made",
    "database_replication password": "the password of the account that replicas follow with",
    "database_replication_info password": "the same",
    "glassfish_2_1_agent passwords": "the administrator's, the domain's, and that of HADB's management domain",
    "glassfish_2_1_cluster passwords": "the same",
    "glassfish_2_1_instance passwords": "the same",
    "directory_copy packed": "files of another host, with the passwords that they have",
    "glassfish_application passwords": "the administrator's",
    "glassfish_configuration passwords": "the administrator's, the domain's, and those of its aliases",
    "glassfish_domain passwords": "the administrator's and the domain's",
    "glassfish_http_lb passwords": "the administrator's",
    "glassfish_instance passwords": "the administrator's and the domain's",
    "haproxy_configuration secrets": "files that are marked as sensitive",
    "load_balancer_configuration secrets": "files that are marked as sensitive",
    "mail_configuration secrets": "files that are marked as sensitive",
    "mail_service_info passwords": "passwords of those who ask whether mail gets through",
    "messaging_instance state": "answers for the configurator, the administrator's password among them",
    "messaging_instance_info secrets": "options that are marked as secret",
    "messaging_option secrets": "options that are marked as secret",
    "radicale_configuration secrets": "files that are marked as sensitive",
    "sogo_configuration secrets": "files that are marked as sensitive",
    "sogo_users password": "the password of SOGo's account at its database",
    "sogo_users password_hashes": "hashes of the users' passwords",
    "web_server_7 password": "that of the web server's administrator",
}

#: Options of modules that sound like secrets and are none.
HARMLESS_OPTIONS = {
    "calendar_server_7_configuration answers": "for the configurator, but for passwords, which are in secrets",
    "configuration_files files.content": "contents that are secret are handed over in secrets",
    "haproxy_configuration files.content": "contents that are secret are handed over in secrets",
    "load_balancer_configuration files.content": "contents that are secret are handed over in secrets",
    "mail_configuration files.content": "contents that are secret are handed over in secrets",
    "messaging_instance_info update_secrets": "when secrets are written: always, or once",
    "messaging_option update_secrets": "when secrets are written: always, or once",
    "radicale_configuration files.content": "contents that are secret are handed over in secrets",
    "registry directory.password_file": "the path of a file",
    "scalix_setup answers_directory": "the path of a directory",
    "sogo_configuration files.content": "contents that are secret are handed over in secrets",
    "vfstab file_systems.fsck_pass": "a number",
}

#: Modules that are only documented: their action plugins do everything, on the controller, and log nothing.
ON_THE_CONTROLLER = {"account", "compare", "request"}

#: Variables of roles that hold secrets, and those that sound so and are none.
SECRET_VARIABLES = {
    "calendar_server_7 calendar_server_7_glassfish.passwords",
    "calendar_server_7 calendar_server_7_passwords",
    "database_replication database_replication_passwords",
    "glassfish glassfish_passwords",
    "glassfish_2_1 glassfish_2_1_passwords",
    "scalix scalix_agent_answers",
    "scalix scalix_install_answers",
    "scalix scalix_secure_communications_password",
    "sogo sogo_database_password",
    "sogo sogo_users",
    "web_server_7 web_server_7_password",
}

#: Tasks whose result holds a secret.
SECRET_TASKS = {
    "roles/calendar_server_7/tasks/copy.yml: Read the files of the first front end",
    "roles/cluster_framework/tasks/change.yml: Have the key at hand, a new one for a new cluster",
    "roles/cluster_framework/tasks/change.yml: Read the cluster's key on a member",
    "roles/ias_cluster/tasks/look.yml: Put the password into it",
    "roles/scalix/tasks/setup.yml: Put the installer's answers there",
}


class ArgumentSpec(Exception):
    """Carries the argument spec of a module out of it."""


def options_of(spec: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All options of an argument spec, those within others by their path."""
    for name, option in spec.items():
        yield prefix + name, option
        yield from options_of(option.get("options") or {}, f"{prefix}{name}.")


@pytest.fixture(scope="module")
def module_options() -> dict[str, Mapping[str, Any]]:
    """Options of all modules, as they give them to Ansible."""

    def caught(_self: object, argument_spec: Mapping[str, Any], **_: Any) -> None:
        raise ArgumentSpec(argument_spec)

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(basic.AnsibleModule, "__init__", caught)
        for path in sorted((TOP / "plugins" / "modules").glob("*.py")):
            module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{path.stem}")
            if path.stem in ON_THE_CONTROLLER:
                assert not hasattr(module, "main")
                continue
            with pytest.raises(ArgumentSpec) as spec:
                module.main()
            found |= {f"{path.stem} {name}": option for name, option in options_of(spec.value.args[0])}
    return found


def test_secret_options_are_not_logged(module_options):
    assert {name for name, option in module_options.items() if option.get("no_log")} == set(SECRET_OPTIONS)


def test_options_that_sound_like_secrets_are_judged(module_options):
    suspicious = {name for name in module_options if SUSPICIOUS.search(name.rpartition(".")[2].rpartition(" ")[2])}
    assert suspicious - set(SECRET_OPTIONS) == set(HARMLESS_OPTIONS)


def test_options_that_ansible_suspects_are_said_to_be_harmless(module_options):
    """Else it warns at each run, or ansible-test does, whose list of suspicious names is longer."""
    assert {name for name, option in module_options.items() if option.get("no_log") is False} == {
        "messaging_instance_info update_secrets",
        "messaging_option update_secrets",
        "registry directory.password_file",
        "vfstab file_systems.fsck_pass",
    }


def role_options() -> dict[str, Mapping[str, Any]]:
    """Variables of all roles, as their argument specs have them."""
    found = {}
    for path in sorted(TOP.glob("roles/*/meta/argument_specs.yml")):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            found |= {f"{path.parts[-3]} {name}": option for name, option in options_of(entry.get("options") or {})}
    return found


def test_secret_variables_are_not_logged():
    assert {name for name, option in role_options().items() if option.get("no_log")} == SECRET_VARIABLES


def tasks_of(node: Any) -> Iterator[Mapping[str, Any]]:
    """All tasks of a file, those of blocks and plays included."""
    for item in node if isinstance(node, list) else []:
        yield item
        for key in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from tasks_of(item.get(key))


@pytest.fixture(scope="module")
def tasks() -> list[tuple[str, Mapping[str, Any]]]:
    """All tasks of roles and playbooks, with their files."""
    patterns = ("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/*.yml", "playbooks/tasks/*.yml")
    return [
        (path.relative_to(TOP).as_posix(), task)
        for pattern in patterns
        for path in sorted(TOP.glob(pattern))
        for task in tasks_of(yaml.safe_load(path.read_text()))
    ]


def test_tasks_that_handle_secrets_show_nothing(tasks):
    assert {f"{path}: {task['name']}" for path, task in tasks if task.get("no_log")} == SECRET_TASKS


def modes_of(node: Any) -> Iterator[str]:
    """Modes that a task gives to what it makes."""
    if isinstance(node, dict):
        yield from [node["mode"]] if "mode" in node else []
        node = list(node.values())
    for item in node if isinstance(node, list) else []:
        yield from modes_of(item)


#: Who may read what tasks make. The list for configuration_files that products give is tested with them.
MODES = {
    "roles/calendar_server_7/tasks/copy.yml": ["0755"],
    "roles/calendar_server_7/tasks/store.yml": ["0755", "0644"],
    "roles/glassfish/tasks/application.yml": ["0600"],
    "roles/glassfish/tasks/cluster.yml": ["0644"],
    "roles/glassfish/tasks/domain.yml": ["0640", "0644"],
    "roles/glassfish/tasks/install.yml": ["0600", "0750", "0750", "0750", "0600", "0755"],
    "roles/ias_cluster/tasks/look.yml": ["0600"],
    "roles/scalix/tasks/setup.yml": ["0700", "0600"],
    "roles/shared_storage/tasks/lvm.yml": ["0644"],
    "playbooks/adopt.yml": ["0600"],
}


def test_modes_of_what_tasks_make(tasks):
    found: dict[str, list[str]] = {}
    for path, task in tasks:
        modes = [mode for key, value in task.items() if key not in ("block", "tasks") for mode in modes_of(value)]
        if modes:
            found.setdefault(path, []).extend(modes)
    assert found == MODES
