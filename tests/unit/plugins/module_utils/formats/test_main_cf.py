"""Postfix's main.cf."""

from __future__ import annotations

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.formats.main_cf import read_parameters, set_parameters

TEXT = """\
# The first
myhostname = a.example
mynetworks = 127.0.0.0/8
    # a comment inside
    [::1]/128

inet_interfaces = all
alternate_config_directories = /etc/postfix-x,/etc/postfix-y
myhostname=b.example
"""


def test_the_last_of_several_counts_and_values_go_on_over_lines():
    assert read_parameters(TEXT) == {
        "myhostname": "b.example",
        "mynetworks": "127.0.0.0/8 [::1]/128",
        "inet_interfaces": "all",
        "alternate_config_directories": "/etc/postfix-x,/etc/postfix-y",
    }


def test_only_what_differs_is_changed():
    changed = set_parameters(TEXT, {"inet_interfaces": "loopback-only", "biff": "no", "myhostname": "b.example"})
    assert changed == TEXT.replace("inet_interfaces = all", "inet_interfaces = loopback-only") + "biff = no\n"


def test_a_value_over_several_lines_is_replaced_as_a_whole():
    changed = set_parameters(TEXT, {"mynetworks": "192.0.2.0/24"})
    assert read_parameters(changed) == {**read_parameters(TEXT), "mynetworks": "192.0.2.0/24"}


def test_words_are_added_to_those_of_others():
    changed = set_parameters(TEXT, {"alternate_config_directories": ["/etc/postfix-y", "/srv/mail1"]})
    value = read_parameters(changed)["alternate_config_directories"]
    assert value == "/etc/postfix-x,/etc/postfix-y /srv/mail1"


@pytest.mark.parametrize("text", [TEXT, "", "# nothing", "a =\n"])
def test_the_second_time_nothing_changes(text):
    parameters = {"a": "1", "mynetworks": "", "alternate_config_directories": ["/x", "/y"]}
    once = set_parameters(text, parameters)
    assert set_parameters(once, parameters) == once
    assert read_parameters(once)["alternate_config_directories"].endswith("/x /y")
