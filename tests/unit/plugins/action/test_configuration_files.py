"""The controller's part of configuration_files: what it hands to the module, and which of it is secret."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from ansible_collections.groupware.ha.plugins.action.configuration_files import ActionModule


@pytest.fixture(scope="module", autouse=True)
def _loader():
    """Ansible finds its own plugins; afterwards modules are imported as everywhere, and not by Ansible's loader."""
    init_plugin_loader()
    yield
    _AnsibleCollectionFinder._remove()


@pytest.fixture
def handed_over(tmp_path, monkeypatch):
    """Runs the action with files and variables; gives what the module would be called with."""

    def run(files, variables=(), **arguments):
        loader = DataLoader()
        loader.set_basedir(str(tmp_path))
        task = Task.load({"action": {"module": "debug"}}, loader=loader)
        task.args = {"files": files, **arguments}
        monkeypatch.setattr(Task, "get_search_path", lambda _: [str(tmp_path)])
        shell = SimpleNamespace(tmpdir=None)
        called = {}

        def execute(**given):
            called.update(given)
            return {"changed": True}

        if variables is not None:
            variables = {"ansible_search_path": [str(tmp_path)], **dict(variables)}
        action = ActionModule(
            task, SimpleNamespace(_shell=shell), SimpleNamespace(), loader, Templar(loader, variables=variables), None
        )
        monkeypatch.setattr(action, "_execute_module", execute)
        assert action.run(task_vars=variables)["changed"]
        assert called["module_name"] == "groupware.ha.configuration_files"
        assert called["task_vars"] == (variables or {})
        return called["module_args"]

    return run


def test_secret_contents_are_handed_over_apart_from_the_rest(handed_over):
    files = [
        {"path": "/a", "content": "open"},
        {"path": "/b", "content": "secret", "sensitive": True, "mode": "0600"},
        {"path": "/c", "content": "also open", "sensitive": False},
        {"path": "/d", "state": "absent", "sensitive": True},
    ]
    assert handed_over(files, other=1) == {
        "files": [files[0], {"path": "/b", "sensitive": True, "mode": "0600"}, *files[2:]],
        "secrets": {"1": "secret"},
        "other": 1,
    }
    assert files[1]["content"] == "secret"


def test_templates_are_rendered_with_the_variables_of_task_and_entry(handed_over, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.j2").write_text("{{ here }} {{ there }}\n")
    entry = {"path": "/a", "template": "one.j2", "variables": {"here": "x"}, "sensitive": True}
    given = handed_over([entry, {**entry, "sensitive": False}], {"there": "y"})
    assert given["secrets"] == {"0": "x y\n"}
    assert given["files"] == [{"path": "/a", "sensitive": True}, {"path": "/a", "sensitive": False, "content": "x y\n"}]


def test_source_files_are_read_on_the_controller(handed_over, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "key.pem").write_text("k\N{LATIN SMALL LETTER E WITH ACUTE}y\n", encoding="utf-8")
    given = handed_over([{"path": "/a", "source": "key.pem", "sensitive": True}])
    assert given == {
        "files": [{"path": "/a", "sensitive": True}],
        "secrets": {"0": "k\N{LATIN SMALL LETTER E WITH ACUTE}y\n"},
    }


def test_no_variables_are_needed(handed_over):
    files = [{"path": "/a", "content": "b"}]
    assert handed_over(files, None)["files"] == files


def test_parameters_pass_through(handed_over):
    files = [{"path": "/a", "parameters": {"b": "c"}}]
    assert handed_over(files) == {"files": files, "secrets": {}}


@pytest.mark.parametrize("second", [{"template": "x"}, {"source": "x"}, {"parameters": {}}])
def test_contents_exclude_each_other(handed_over, second):
    with pytest.raises(AnsibleActionFail, match=f"^/a: content and {next(iter(second))} exclude each other$"):
        handed_over([{"path": "/a", "content": "", **second}])


def test_template_and_source_exclude_each_other(handed_over):
    with pytest.raises(AnsibleActionFail, match="template and source"):
        handed_over([{"path": "/a", "template": "x", "source": "y"}])


@pytest.mark.parametrize("files", [None, "text", {"path": "/a"}])
def test_files_must_be_a_list(handed_over, files):
    with pytest.raises(AnsibleActionFail, match="files must be a list"):
        handed_over(files)


def test_secrets_are_not_for_playbooks(handed_over):
    with pytest.raises(AnsibleActionFail, match="secrets is not for use in a playbook"):
        handed_over([], secrets={"0": "x"})


def test_check_and_diff_mode_reach_the_module():
    """Else Ansible skips the action in check mode."""
    assert ActionModule._supports_check_mode
    assert ActionModule._supports_diff
    assert not ActionModule.TRANSFERS_FILES
