"""Files as a module's options describe them, and what the module does about copies and security contexts."""

from __future__ import annotations

import os
import stat

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.groupware.ha.plugins.module_utils.node.file_options import (
    ARGUMENT_SPEC,
    given_entries,
    keeper,
    labeller,
)
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError


def validated(*files, **more):
    """What Ansible makes of a module's options, and what it has against them."""
    result = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"files": list(files), **more})
    return result.validated_parameters, " ".join(result.error_messages)


def entries(*files, **more):
    parameters, errors = validated(*files, **more)
    assert errors == ""
    return given_entries(parameters)


def test_every_option_of_an_entry_is_heard():
    given = {
        "path": "/srv/mail1/a",
        "content": "x\n",
        "owner": "vmail",
        "group": "mail",
        "mode": "0640",
        "backup": True,
        "require_mounted": "/srv/mail1",
        "label": "mail1",
        "sensitive": True,
    }
    assert entries(given) == [
        Entry(
            "/srv/mail1/a",
            content="x\n",
            owner="vmail",
            group="mail",
            mode=0o640,
            backup=True,
            require_mounted="/srv/mail1",
            label="mail1",
            sensitive=True,
        )
    ]


def test_what_is_not_said_of_an_entry_is_left_as_it_is():
    assert entries({"path": "/a", "content": ""}) == [Entry("/a", content="")]
    for state in ("directory", "absent"):
        assert entries({"path": "/a", "state": state}) == [Entry("/a", state=state)]
    assert entries({"path": "/a", "state": "link", "target": "/b"}) == [Entry("/a", state="link", target="/b")]


def test_secret_contents_go_to_the_entry_of_their_number():
    files = [{"path": "/a", "content": "open"}, {"path": "/b"}, {"path": "/c"}]
    assert [entry.content for entry in entries(*files, secrets={"2": "two", "1": ""})] == ["open", "", "two"]


def test_parameters_are_texts_or_lists_of_texts():
    (entry,) = entries({"path": "/a", "parameters": {"a": 1, "b": ["x", 2], "c": "y z"}})
    assert entry.parameters == {"a": "1", "b": ["x", "2"], "c": "y z"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"state": "link"}, "target"),
        ({"content": "x", "parameters": {"a": "b"}}, "mutually exclusive"),
        ({"content": "x", "source": "y"}, "mutually exclusive"),
        ({"template": "x", "source": "y"}, "mutually exclusive"),
    ],
)
def test_what_contradicts_itself_is_refused_by_ansible(given, said):
    assert said in validated({"path": "/a", **given})[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "/a: give one of content, template, source, parameters"),
        ({"content": "x", "mode": "rw"}, "/a: mode 'rw' is not octal digits, such as '0640'"),
        ({"content": "x", "mode": "0o8"}, "/a: mode '0o8' is not octal digits, such as '0640'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_path(given, said):
    with pytest.raises(FileStateError) as refused:
        entries({"path": "/a", **given})
    assert str(refused.value) == said


def test_copies_of_secrets_are_private_whatever_rights_they_had(tmp_path):
    for name in ("secret", "open"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o644)
    keep = keeper([Entry(str(tmp_path / "secret"), sensitive=True), Entry(str(tmp_path / "open"))])
    modes = [stat.S_IMODE(os.stat(keep(str(tmp_path / name))).st_mode) for name in ("secret", "open")]
    assert modes == [0o640, 0o644]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_file_gets_the_security_context_of_the_path_that_it_will_have(enabled):
    class Module:
        """The part of Ansible's module that knows SELinux."""

        def __init__(self):
            self.done = []

        def selinux_enabled(self):
            return enabled

        def selinux_default_context(self, path):
            return ["context of", path]

        def set_context_if_different(self, path, context, changed):
            self.done.append((path, context, changed))

    module = Module()
    labeller(module)("/srv/.new", "/srv/file")
    assert module.done == ([("/srv/.new", ["context of", "/srv/file"], False)] if enabled else [])
