"""What a description of a GlassFish cluster may say, and what is wrong with others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_description as describing
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import (
    DESCRIBED,
    PASSWORDS,
    described,
)


def refused(**changed: Any) -> str:
    with pytest.raises(DescriptionError) as caught:
        described(**changed)
    return str(caught.value)


def test_what_is_not_said() -> None:
    found = described(options=None, pools=None, applications=None)
    assert (found.administration, found.group_port, found.administration_port) == ("app1", 9090, 4848)
    assert [server.port for server in found.servers] == [28080, 8080]
    assert found.configuration == "calendar-config"
    assert found.aliases == ()
    assert (
        described(servers=[{"name": "a", "address": "192.0.2.1"}, {"name": "b", "address": "192.0.2.2"}])
        .servers[1]
        .instance
        == "b"
    )


def test_all_members_are_found_without_multicast() -> None:
    """The administration server is one too, beside an instance that has the port already."""
    assert described().members == "tcp://192.0.2.11:9090,tcp://192.0.2.12:9090,tcp://192.0.2.11:9091"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"servers": DESCRIBED["servers"][:1]}, "glassfish_servers = a list of 1 item: has fewer than two servers"),
        ({"servers": [*DESCRIBED["servers"], DESCRIBED["servers"][0]]}, "'app1': is the name of two servers"),
        ({"servers": [{"name": "a"}, {"name": "b", "address": "x"}]}, "glassfish_servers[0].address: is missing"),
        (
            {"servers": [{"name": "a", "adress": "192.0.2.1"}]},
            "glassfish_servers[0].adress = a text: is not a known key",
        ),
        ({"administration_server": "app3"}, "'app3': is none of the servers; name one of app1, app2"),
        ({"group_port": "9090"}, "glassfish_group_port = a text: is no port"),
        ({"group_port": 28080}, "glassfish_servers[app1].port = 28080: is a port that the server needs"),
        ({"group_port": 8079, "administration_server": "app2"}, "glassfish_servers[app2].port = 8080: is a port that"),
        ({"options": {"jms": "LOCAL"}}, "glassfish_options.jms = 'jms': is not the name of a setting"),
        ({"options": {"a.b": [1]}}, "is not a single value"),
        ({"options": {"nodes.node.app1.node-host": "x"}}, "is set by the tier itself"),
        (
            {"options": {"calendar-config.a.b": 1, "configs.config.calendar-config.a.b": 2}},
            "is given twice, by two names",
        ),
        (
            {"options": {"calendar-config.jms-service.jms-host.x.admin-password": "only-for-tests"}},
            "must not hold secrets",
        ),
        ({"pools": [{"name": "main"}]}, "glassfish_pools[0].data_source: is missing"),
        (
            {"pools": [{"name": "main", "data_source": "x"}]},
            "glassfish_pools[0].data_source = 'x': is the name of no class",
        ),
        (
            {"pools": [{**DESCRIBED["pools"][0], "type": "x"}]},
            "glassfish_pools[0].type = 'x': is no kind of data source",
        ),
        ({"pools": [{**DESCRIBED["pools"][0], "alias": "master"}]}, "is the name of a password of the servers' own"),
        ({"pools": [{**DESCRIBED["pools"][0], "properties": {"password": "only-for-tests"}}]}, "must not hold secrets"),
        ({"pools": DESCRIBED["pools"] * 2}, "'jdbc/calendar': is a resource of two pools"),
        ({"pools": [{**DESCRIBED["pools"][0], "resources": ["jdbc/a.b"]}]}, "is no name that applications find it by"),
        ({"applications": [{"name": "a"}]}, "glassfish_applications[0].archive: is missing"),
        ({"applications": [{"name": "a", "archive": "a.war", "checksum": "1"}]}, "is no checksum"),
        ({"applications": [{"name": "a", "archive": "a.war", "context_root": "a"}]}, "is no path to begin with"),
        (
            {"applications": [{"name": "a", "archive": "a.war", "availability": False, "session_page": "/x"}]},
            "is for sessions that are replicated",
        ),
    ],
)
def test_what_is_wrong(changed: dict[str, Any], words: str) -> None:
    said = refused(**changed)
    assert words in said
    assert "only-for-tests" not in said


def test_a_name_that_glassfish_does_not_take() -> None:
    with pytest.raises(DescriptionError, match="glassfish_name = 'server': is a name of GlassFish's own"):
        describing.parse("server", DESCRIBED)
    with pytest.raises(DescriptionError, match="glassfish_name = 'a b': is no name that GlassFish takes"):
        describing.parse("a b", DESCRIBED)


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("calendar-config.a.b", "configs.config.calendar-config.a.b"),
        ("server-config.a.b", "configs.config.server-config.a.b"),
        ("server.a", "servers.server.server.a"),
        ("configs.config.other.a", "configs.config.other.a"),
    ],
)
def test_names_of_options(short: str, whole: str) -> None:
    assert describing.whole_name(short, "calendar") == whole


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"administrator": ""}, "glassfish_passwords"),
        ({"master": "short"}, "is too short; use 6 characters at least"),
        ({"db": "with a blank"}, "has characters that GlassFish does not take"),
        ({"db": None}, "is missing"),
        ({"databse": "only-for-tests"}, "is for nothing that is described"),
    ],
)
def test_passwords_that_are_wrong_are_not_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DescriptionError) as caught:
        describing.judge_passwords(described(), {**PASSWORDS, **changed})
    assert words in str(caught.value)
    assert not any(str(value) in str(caught.value) for value in PASSWORDS.values())


def test_passwords_that_are_right() -> None:
    describing.judge_passwords(described(), PASSWORDS)


def test_a_file_of_passwords() -> None:
    """Of GlassFish's own alone, as Java reads properties."""
    text = describing.password_file({**PASSWORDS, "administrator": 'a"\\b#c=d'})
    assert text == 'AS_ADMIN_PASSWORD=a"\\\\b#c=d\nAS_ADMIN_MASTERPASSWORD=master-of-tests\n'


def test_files_that_are_deployed() -> None:
    files = {"/srv/calendar.war": "a" * 64}
    describing.judge_files(described(), files, [])
    with pytest.raises(
        DescriptionError, match=r"glassfish_applications\[calendar\].archive = '/srv/calendar.war': is no"
    ):
        describing.judge_files(described(), {}, [])
    with pytest.raises(DescriptionError, match=r"glassfish_libraries = '/srv/x.jar': is no file"):
        describing.judge_files(described(), files, ["/srv/x.jar"])
    wanted = described(applications=[{**DESCRIBED["applications"][0], "checksum": "b" * 64}])
    with pytest.raises(DescriptionError, match=r"is not the checksum of /srv/calendar.war, which is aaaa"):
        describing.judge_files(wanted, files, [])
