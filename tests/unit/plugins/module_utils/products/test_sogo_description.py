"""A described tier of SOGo, judged as a whole, and the files that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.products import sogo_description as describing
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.calendars import (
    DESCRIBED,
    PASSWORD,
    described,
)

NODES: list[dict[str, Any]] = DESCRIBED["nodes"]


def test_what_is_not_given() -> None:
    made = described()
    assert (made.port, made.workers, made.time_zone, made.database.port, made.cache.port) == (
        20000,
        6,
        "UTC",
        3306,
        11211,
    )
    assert (made.mail.imap, made.mail.submission, made.cache.memory) == (None, None, 64)


def changed_in(key: str, **changed: Any) -> dict[str, Any]:
    return {key: {**DESCRIBED[key], **changed}}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"nodes": NODES[:1]}, "sogo_nodes = a list of 1 item: has fewer than two nodes; one has to be there when"),
        ({"nodes": "app1"}, "sogo_nodes = a text: is not a list"),
        ({"nodes": [NODES[0], {**NODES[1], "name": "app1"}]}, "sogo_nodes = 'app1': is the name of two nodes"),
        ({"nodes": [NODES[0], {**NODES[1], "address": "192.0.2.31"}]}, "'192.0.2.31': is the address of two nodes"),
        ({"nodes": [NODES[0], {**NODES[1], "port": 1}]}, "sogo_nodes[1].port = a number: is not a known option"),
        ({"nodes": [NODES[0], {"name": "app2"}]}, "sogo_nodes[1].address"),
        ({"nodes": [NODES[0], {"name": "app2", "address": "2001:db8::2"}]}, "is of IPv6, which SOGo's URLs and its"),
        ({"front_end": None}, "sogo_front_end: is missing; name the front end of the load balancers"),
        ({"front_end": "a b"}, "sogo_front_end = a text: is not the name of a front end"),
        ({"port": 80}, "sogo_port = a number: is not a number; give a whole number from 1024, at most 65535"),
        ({"workers": "many"}, "sogo_workers = a text: is not a number"),
        ({"database": None}, "sogo_database: is missing; give name, account, front_end and address"),
        (changed_in("database", name="so`go"), "sogo_database.name = 'so`go': is not the name of a database"),
        (changed_in("database", account=None), "sogo_database.account: is missing; it is required"),
        (changed_in("database", account="a:b"), "sogo_database.account = 'a:b': is not the name of an account"),
        (changed_in("database", front_end=None), "sogo_database.front_end: is missing"),
        (changed_in("database", adress="x"), "sogo_database.adress = a text: is not a known option; did you mean addr"),
        (changed_in("cache", address="cache1"), "sogo_cache.address = 'cache1': is not an IP address"),
        (changed_in("cache", memory=1), "sogo_cache.memory = a number: is not a number of MiB"),
        ({"mail_domain": "a_b"}, "sogo_mail_domain = 'a_b': is not a host name"),
        ({"mail": {"imap": "imap.example.com:993"}}, "sogo_mail.imap = 'imap.example.com:993': is not a host name"),
        ({"mail": {"smtp": "x"}}, "sogo_mail.smtp = a text: is not a known option"),
        ({"time_zone": "../etc/passwd"}, "sogo_time_zone = a text: is not a time zone; give one such as Europe/Berlin"),
        ({"settings": {"WOPort": 1}}, "sogo_settings.WOPort = a number: is set by the tier itself; take it out"),
        ({"settings": {"OCSStoreURL": "x"}}, "sogo_settings.OCSStoreURL = a text: is set by the tier itself"),
        ({"settings": {"a b": 1}}, "is not the name of a setting; give it as SOGo's guide spells it"),
        ({"settings": {"SOGoLanguage": None}}, "sogo_settings.SOGoLanguage = None: is nothing that a property list"),
        ({"settings": {"SOGoVersion": 1.5}}, "sogo_settings.SOGoVersion = a number: is nothing that a property list"),
        ({"settings": {"SOGoUrl": "imap://a:geheim@b"}}, "sogo_settings.SOGoUrl = '(hidden)'"),
    ],
)
def test_what_is_wrong(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        described(**changed)
    assert words in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (None, "sogo_database_password: is missing"),
        ("", "sogo_database_password: is missing"),
        ("Geheim@Nis", "sogo_database_password = '(hidden)': has characters that SOGo does not take in the URL"),
        ("Geheim/Nis", "has characters"),
        ("Geheim%41Nis", "has characters"),
        (["Geheim"], "has characters"),
    ],
)
def test_a_password_that_sogo_cannot_use(password: Any, words: str) -> None:
    with pytest.raises(DescriptionError) as refused:
        describing.judge_password(password)
    assert words in str(refused.value)
    assert "Geheim" not in str(refused.value)


def test_files() -> None:
    made = described(settings={"SOGoLanguage": "German"}, workers=9, mail={"imap": "mail.example.com"})
    files = {entry["path"]: entry for entry in describing.files(made, "app2", PASSWORD)}
    conf = files["/etc/sogo/sogo.conf"]
    assert (conf["owner"], conf["group"], conf["mode"], conf["sensitive"]) == ("root", "sogo", "0640", True)
    assert PASSWORD not in str([entry for path, entry in files.items() if path != "/etc/sogo/sogo.conf"])
    lines = [line.strip() for line in conf["content"].splitlines()]
    assert lines[0] == f"// {describing.MARK}"
    assert 'WOPort = "192.0.2.32:20000";' in lines
    assert 'SOGoMemcachedHost = "192.0.2.22:11211";' in lines
    assert f'OCSStoreURL = "mysql://sogo:{PASSWORD}@192.0.2.22:3306/sogo/sogo_store";' in lines
    assert f'viewURL = "mysql://sogo:{PASSWORD}@192.0.2.22:3306/sogo/groupware_users";' in lines
    # Or each request fails for minutes when another server has taken over.
    assert "GCSChannelExpireAge = 1;" in lines
    assert 'SOGoLanguage = "German";' in lines
    assert 'SOGoIMAPServer = "imaps://mail.example.com:993";' in lines
    assert not any("SMTP" in line for line in lines)
    assert "Environment=PREFORK=9" in files[describing.DROP_IN]["content"].splitlines()
    assert "-l 192.0.2.32" in files["/etc/memcached.conf"]["content"].splitlines()


def test_invitations_are_handed_in_at_the_mail_service() -> None:
    node = described().nodes[0]
    made = describing.configuration(described(mail={"submission": "mail.example.com"}), node, PASSWORD)
    assert (made["SOGoSMTPServer"], made["SOGoAppointmentSendEMailNotifications"]) == (
        "smtps://mail.example.com:465",
        True,
    )


def test_what_is_said_of_it() -> None:
    assert describing.outlook(described()) == [
        "office: SOGo on app1 (192.0.2.31:20000), app2 (192.0.2.32:20000), for clients of the front end calendar",
        "office: its database is sogo at 192.0.2.22:3306, its cache at 192.0.2.22:11211",
    ]
