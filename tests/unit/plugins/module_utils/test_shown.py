"""Values are shown in one way: secrets are hidden, and of what has the wrong shape only the shape is shown."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.filter.calendar_server import calendar_instances
from ansible_collections.groupware.ha.plugins.filter.data_synchronization import data_synchronization
from ansible_collections.groupware.ha.plugins.filter.messaging_server import messaging_instances
from ansible_collections.groupware.ha.plugins.filter.postfix_dovecot import mail_instances, mail_targets
from ansible_collections.groupware.ha.plugins.filter.scalix import scalix_instances
from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.description import entries
from ansible_collections.groupware.ha.plugins.module_utils.description.parsing import parse_description
from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError, Problem
from ansible_collections.groupware.ha.plugins.module_utils.errors import Failure
from ansible_collections.groupware.ha.plugins.module_utils.frameworks import registry
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.names import PROGRAMS
from ansible_collections.groupware.ha.plugins.module_utils.shown import (
    HIDDEN,
    Names,
    in_error,
    key_name,
    shape,
    shown,
    without,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.descriptions import good_description, problems_of

SECRET = "hunter2-S3cr3t"  # noqa: S105
#: Secrets in every wrong shape that came to mind; each is put wherever something is read.
MALFORMED: dict[str, Any] = {
    "a text": SECRET,
    "a list of one": [SECRET],
    "a list of a list": [[SECRET]],
    "name and value as a list": ["password", SECRET],
    "a dictionary": {"password": SECRET},
    "a misspelt name": {"pasword": SECRET},
    "a misspelt key around it": {"fencng": {"password": SECRET}},
    "two misspelt keys around it": {"optoins": {"x": {"passwd": SECRET}}},
    "a dictionary in a list": [{"password": SECRET}],
    "a list below its name": {"password": [SECRET]},
    "a dictionary below its name": {"password": {"value": SECRET}},
    "name and value as a dictionary": {"name": "password", "value": SECRET},
    "the key of a dictionary": {SECRET: None},
    "the key and the value exchanged": {SECRET: "password"},
    "the key of a name": {SECRET: "x y/z"},
    "the key of settings": {SECRET: {"a b": "x", "c": {"d": "e"}, "f": "\0"}},
    "the key of a list": {SECRET: ["x"]},
    "the key of a text that cannot be": {SECRET: "\0"},
    "name and value with a usual name": {"name": "password", "value": SECRET.replace("-", "_")},
    "an item among others": ["nodea", {"apikey": SECRET}, "nodeb"],
    "a pair in a text": f"password={SECRET}",
    "a pair in a longer text": f"noatime,user=x,password={SECRET}",
    "JSON": json.dumps({"password": SECRET}),
    "a URL": f"https://alice:{SECRET}@example.com/",
    "a command": f"/bin/x --password {SECRET}",
    "several lines": f"one\npassword = {SECRET}\n",
    "a private key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "bytes": SECRET.encode(),
    "a set": {SECRET},
    "a community": {"community": SECRET},
    "a script that is none": {"passwd_script": SECRET},
    "a key that is none of a file": {"key_file": SECRET, "key": SECRET},
    "a hash": f"{{SHA512-CRYPT}}$6$salt${SECRET}",
}
#: Of a text that may be anything nobody knows that it is a secret; nor of a list where one of texts belongs.
UNKNOWABLE = "a text"
LISTS_OF_TEXTS = ("networks", "standby", "device", "trusted_networks", "domains")
#: What a native setting or a role may have as well: nothing says that it is a secret.
UNKNOWN = (
    "a list of one",
    "a list of a list",
    "the key of a dictionary",
    "the key and the value exchanged",
    "the key of a name",
    "the key of settings",
    "the key of a list",
    "the key of a text that cannot be",
    "bytes",
    "a set",
)


def told(error: str) -> bool:
    return "hunter2" in error or "S3cr3t" in error


PLACES: list[tuple[Any, ...]] = [
    ("cluster",),
    ("cluster", "name"),
    ("cluster", "networks"),
    ("cluster", "nodes"),
    ("cluster", "nodes", 0),
    ("cluster", "nodes", 0, "address"),
    ("cluster", "fencing"),
    ("cluster", "fencing", "devices"),
    ("cluster", "fencing", "devices", 0),
    ("cluster", "fencing", "devices", 0, "nodes"),
    ("cluster", "fencing", "devices", 0, "options"),
    ("cluster", "fencing", "devices", 0, "options", "passwd"),
    ("cluster", "fencing", "devices", 0, "options", "passwd_script"),
    ("cluster", "fencing", "devices", 0, "colour"),
    ("cluster", "properties"),
    ("cluster", "properties", "x"),
    ("services",),
    ("services", 0),
    ("services", 0, "nodes"),
    ("services", 0, "nodes", "standby"),
    ("services", 0, "address"),
    ("services", 0, "host_name"),
    ("services", 0, "failback"),
    ("services", 0, "storage"),
    ("services", 0, "storage", "device"),
    ("services", 0, "storage", "mount_point"),
    ("services", 0, "storage", "mount_options"),
    ("services", 0, "application"),
    ("services", 0, "application", "options"),
    ("services", 0, "application", "options", "dovecot_settings"),
    ("services", 0, "application", "options", "postfix_parameters"),
    ("services", 0, "properties"),
    ("services", 0, "resource_names"),
    ("services", 0, "resource_properties"),
    ("services", 0, "resource_properties", "storage"),
    ("services", 2, "application", "members"),
    ("services", 2, "application", "members", 0),
    ("services", 2, "application", "members", 0, "type"),
    ("services", 2, "application", "members", 0, "properties"),
    ("services", 2, "application", "members", 0, "properties", "additional_parameters"),
    ("services", 2, "application", "members", 0, "operations"),
    ("services", 2, "application", "members", 0, "operations", "monitor"),
    ("services", 2, "application", "members", 0, "meta"),
]


#: Where keys are given that no list of known ones is there for, at least not on each framework.
SETTINGS: list[tuple[Any, ...]] = [
    ("cluster", "properties"),
    ("services", 2, "properties"),
    ("services", 2, "resource_names"),
    ("services", 2, "resource_properties"),
    ("services", 2, "application", "options"),
    ("services", 2, "application", "members", 0, "properties"),
    ("services", 2, "application", "members", 0, "meta"),
    ("services", 2, "application", "members", 0, "operations"),
    ("services", 2, "application", "members", 0, "operations", "monitor"),
]


def put(description: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The description with a value in a place."""
    description = copy.deepcopy(description)
    holder = description
    for key in place[:-1]:
        holder = holder.setdefault(key, {}) if isinstance(holder, dict) else holder[key]
    holder[place[-1]] = value
    return description


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_no_malformed_description_tells_a_secret(place: tuple[Any, ...]) -> None:
    for name, value in MALFORMED.items():
        if name == UNKNOWABLE and place[-1] not in ("passwd", "passwd_script"):
            continue
        if name == "a list of one" and (place[-1] in LISTS_OF_TEXTS or place[-2:] == (0, "nodes")):
            continue
        problems = problems_of(put(good_description(), place, value))
        assert problems or name in UNKNOWN, (name, "was not refused")
        for problem in problems:
            assert not told(f"{problem}{problem.as_dict()}{problem!r}"), (name, str(problem))


MAIL = {
    "name": "mail1",
    "host_name": "mail1.example.com",
    "address": "192.0.2.21",
    "mount_point": "/srv/mail1",
    "nodes": ["nodea", "nodeb"],
    "options": {},
}
FILTERS: dict[str, tuple[Callable[[Any], Any], list[Callable[[Any], Any]]]] = {
    "mail instances": (
        mail_instances,
        [
            lambda value: value,
            lambda value: [value],
            lambda value: [{**MAIL, "options": value}],
            *(
                lambda value, key=key: [{**MAIL, "options": {key: value}}]  # type: ignore[misc]
                for key in (
                    *(
                        "aliases",
                        "message_size_limit",
                        "certificate",
                        "may_send_as",
                        "rate_limits",
                        "relay_host",
                    ),
                    *("postfix_parameters", "dovecot_settings", "colour", "password"),
                )
            ),
            lambda value: [{**MAIL, "options": {"postfix_parameters": {"smtp_sasl_password_maps": value}}}],
            lambda value: [{**MAIL, "options": {"postfix_parameters": {"relayhost": value}}}],
            # Of one address nobody knows that it is a secret; of what is behind this word everybody does.
            lambda _value: [{**MAIL, "options": {"postmaster": ["password", SECRET], "domains": ["password", SECRET]}}],
        ],
    ),
    "mail users": (
        lambda users: mail_instances([MAIL], users),
        [
            lambda value: value,
            lambda value: {"mail1": value},
            lambda value: {"mail9": value},
            lambda value: {"mail1": [value]},
            lambda value: {"mail1": [{"name": "alice", "password_hash": value}]},
            lambda value: {"mail1": [{"name": "alice", "password": value}]},
            lambda value: {"mail1": {"alice": value}},
        ],
    ),
    "messaging settings": (
        lambda settings: messaging_instances([MAIL], settings),
        [
            lambda value: value,
            lambda value: {"mail1": value},
            lambda value: {"mail9": value},
            lambda value: {"mail1": {"options": value}},
            lambda value: {"mail1": {"options": {"base.x": value}}},
            lambda value: {"mail1": {"colour": value}},
            lambda value: {"mail1": {"configuration": value}},
        ],
    ),
    "messaging states": (
        lambda states: messaging_instances([MAIL], {}, states),
        [lambda value: value, lambda value: {"mail1": value}, lambda value: {"mail1": {"PASSWORD": value}}],
    ),
    "messaging secrets": (
        lambda secrets: messaging_instances([MAIL], {}, {}, (), secrets),
        [
            lambda value: value,
            lambda value: {"mail1": value},
            lambda value: {"mail9": value},
            lambda value: {"mail1": {"base.cred": value}},
            lambda value: {"mail1": {"base cred": value}},
        ],
    ),
    "calendar answers": (
        lambda answers: calendar_instances([MAIL], [], answers),
        [lambda value: value, lambda value: {"administrator_password": value}, lambda value: {"colour": value}],
    ),
    "calendar directory": (
        lambda directory: calendar_instances([MAIL], [], None, directory),
        [lambda value: value, lambda value: {"password": value}],
    ),
    "calendar file systems": (
        lambda file_systems: calendar_instances([], file_systems),
        [
            lambda value: value,
            lambda value: [value],
            lambda value: [{"mount_point": "/x", "device": "/dev/x", "options": value}],
            lambda value: [{"mount_point": "/x", "device": value}],
            lambda value: [{"mount_point": "/x", "colour": value}],
        ],
    ),
    "scalix": (
        scalix_instances,
        [
            lambda value: value,
            lambda value: [value],
            lambda value: [{**MAIL, "options": value}],
            lambda value: [{**MAIL, "options": {"instance": value}}],
            lambda value: [{**MAIL, "options": {"colour": value}}],
        ],
    ),
    "ias servers": (
        lambda servers: data_synchronization(servers, "iASCluster"),
        [
            lambda value: value,
            lambda value: [value],
            lambda value: [{"name": "server0", "address": "192.0.2.1", "port": 10800, "password": value}],
            lambda value: [{"name": "server0", "address": "192.0.2.1", "port": value}],
        ],
    ),
    "ias parameters": (
        lambda parameters: data_synchronization([], "iASCluster", parameters),
        [lambda value: value, lambda value: {"MaxBackups": value}, lambda value: {"Colour": value}],
    ),
    "verify credentials": (
        lambda credentials: mail_targets([], credentials),
        [lambda value: value, lambda value: {"mail1": value}, lambda value: {"mail1": {"user": value}}],
    ),
}


def error_of(call: Callable[[Any], Any], value: Any) -> str:
    """What a filter says of a value that it refuses."""
    try:
        call(value)
    except Failure as error:
        return str(error)
    return ""


@pytest.mark.parametrize("entry", FILTERS)
def test_no_filter_tells_a_secret(entry: str) -> None:
    call, places = FILTERS[entry]
    for name, value in MALFORMED.items():
        if name == UNKNOWABLE:
            continue
        for place in places:
            error = error_of(call, place(copy.deepcopy(value)))
            assert not told(error), (name, error)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "a dictionary"),
        ({"a": 1, "b": 2}, "a dictionary"),
        ([], "a list of 0 items"),
        (["x"], "a list of 1 item"),
        ((1, 2, 3), "a list of 3 items"),
        ({"x"}, "a list of 1 item"),
        ("x", "a text"),
        ("x\ny", "a text of 2 lines"),
        ("", "an empty text"),
        (7, "a number"),
        (7.5, "a number"),
        (b"x", "a value of the type bytes"),
        (datetime.date(2026, 11, 29), "a value of the type date"),
    ],
)
def test_shapes(value: Any, words: str) -> None:
    assert repr(shape(value)) == words
    assert repr(Problem("a", shape(value), "is wrong", "correct it").value) == words


@pytest.mark.parametrize("value", [None, True, False, "yes", "off"])
def test_switches_are_shown(value: Any) -> None:
    assert shape(value) == value


def test_results_keep_their_shape() -> None:
    given = {
        "passwd": "x",
        "passwd_script": "/etc/x",
        "nested": [{"apikey": "x", "port": 1}],
        "options": "rw,password=x",
        "credentials": {"user": "alice"},
        "pair": {"name": "secret", "value": "x"},
        "none": {"password": None},
    }
    assert shown(given) == {
        "passwd": HIDDEN,
        "passwd_script": "/etc/x",
        "nested": [{"apikey": HIDDEN, "port": 1}],
        "options": HIDDEN,
        "credentials": HIDDEN,
        "pair": {"name": "secret", "value": HIDDEN},
        "none": {"password": None},
    }
    assert shown(None) is None


def test_errors_show_names_and_single_values() -> None:
    assert in_error("192.0.2.300", "services[mail1].address") == "192.0.2.300"
    assert in_error(Names(["nodea", "nodeb"]), "cluster.nodes") == ["nodea", "nodeb"]
    assert in_error("x", "messaging_server_secrets.mail1.base") == HIDDEN
    assert in_error("x", "services[password].address") == "x"
    assert repr(in_error("x" * 300, "a")) == "a text"


def test_what_a_library_says_of_a_value_does_not_show_it() -> None:
    problem = Problem("a", f"http://u:{SECRET}@h", f"is not a URL ('http://u:{SECRET}@h' has no path)", "give one")
    assert str(problem) == "a = '(hidden)': is not a URL ((hidden) has no path); give one"
    assert without("cannot use 'x y'", ["x y"]) == "cannot use (hidden)"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fencng", "fencng"),
        ("node x", "node x"),
        (SECRET, "(a name of 14 characters)"),
        ("password=x", "(a name of 10 characters)"),
        (7, "(a number)"),
    ],
)
def test_names_of_keys_that_are_not_known(name: Any, words: str) -> None:
    assert key_name(name) == words


@pytest.mark.parametrize("framework", PROGRAMS)
def test_no_framework_tells_a_secret_among_settings(framework: str) -> None:
    driver = registry.driver(framework)(LocalRunner())
    for place in SETTINGS:
        for name, value in MALFORMED.items():
            description = good_description()
            description["cluster"]["properties"] = {}
            description = put(description, place, value)
            description["cluster"]["framework"] = framework
            if driver.capabilities.own_fencing:
                del description["cluster"]["fencing"]
            if "interface" in driver.capabilities.cluster_keys:
                description["cluster"]["interface"] = "eth0"
            calendar = description["services"][2]
            calendar["storage"]["filesystem"] = driver.capabilities.filesystems[0]
            for key in {"meta", "operations"} - {place[-1]}:
                calendar["application"]["members"][0].pop(key, None)
            description["services"] = [calendar]
            said = ""
            try:
                driver.compile(parse_description(description["cluster"], description["services"], driver.capabilities))
            except DescriptionError as error:
                said = str(error)
            assert not told(said), (place, name, said)


def test_a_secret_in_the_place_of_a_nodes_name_is_in_no_reason() -> None:
    description = good_description()
    description["cluster"]["nodes"].append({"name": f"password={SECRET}", "address": "192.0.2.19"})
    found = [str(problem) for problem in problems_of(description)]
    assert any("has no device for (hidden)" in problem for problem in found), found
    assert SECRET not in " ".join(found)


@pytest.mark.parametrize("key", ["nodes", "devices"])
def test_a_list_that_announces_a_secret_is_not_shown(key: str) -> None:
    (problem,) = entries.judge([{"name": "mail1", key: ["password", SECRET]}], "shared_storage_volumes")
    assert problem.reason == "has a secret in it"
    assert SECRET not in str(problem)
