"""The modules of the mail roles, run as Ansible runs them."""

from __future__ import annotations

import grp
import importlib
import json
import os
import pwd
import syslog

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.node import addresses
from ansible_collections.groupware.ha.plugins.module_utils.products import haproxy, haproxy_process
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

OWNER = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}
SECRET = "first line of the 'secret'\nsecond line\n"  # noqa: S105


@pytest.fixture
def run(capsys, monkeypatch):
    """Takes a module's name and options; gives the result, and what was logged under ``logged``."""
    logged = []
    monkeypatch.setattr(syslog, "syslog", lambda *arguments: logged.append(str(arguments[-1])))
    monkeypatch.setattr("ansible.module_utils.basic.has_journal", False)

    def ran(name, check_mode=False, **options):
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        logged.clear()
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        output = capsys.readouterr().out
        return {**json.loads(output), "output": output, "logged": "".join(logged)}

    return ran


def four_steps(run, name, **options):
    """Check, do, do again, check again; the result of doing."""
    planned = run(name, check_mode=True, **options)
    done = run(name, **options)
    assert planned["changed"] is done["changed"] is True
    assert planned["diff"] == done["diff"]
    for check_mode in (False, True):
        assert run(name, check_mode=check_mode, **options)["changed"] is False
    return done


def test_configuration_files(run, tmp_path):
    files = [
        {"path": str(tmp_path / "etc"), "state": "directory", "mode": "0750", **OWNER},
        {"path": str(tmp_path / "etc" / "main.cf"), "content": "a = 1\n", "label": "one", **OWNER},
        {"path": str(tmp_path / "etc" / "users"), "mode": "0640", "sensitive": True, "label": "two", **OWNER},
    ]
    done = four_steps(run, "configuration_files", files=files, secrets={"2": SECRET})
    assert (tmp_path / "etc" / "users").read_text() == SECRET
    assert done["changed_labels"] == ["one", "two"]
    assert "Invoked with" in done["logged"]
    for line in SECRET.splitlines():
        assert line not in done["output"] + done["logged"]
    again = run("configuration_files", files=[{**files[1], "content": "a = 2\n", "backup": True}])
    assert [os.path.basename(path).split(".")[0] for path in again["backups"]] == ["main"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give one of content"),
        ({"content": "x", "mode": "rw"}, "octal"),
        ({"content": "x", "owner": "no-such-user"}, "unknown user"),
    ],
)
def test_configuration_files_refuses(run, tmp_path, options, message):
    result = run("configuration_files", files=[{"path": str(tmp_path / "file"), **options}])
    assert result["failed"]
    assert message in result["msg"]
    assert os.listdir(tmp_path) == []


def test_mail_configuration_leaves_out_what_is_not_mounted_here(run, tmp_path):
    """What it does where a volume is mounted: test_mail_configuration.py, and molecule/postfix_dovecot."""
    top = str(tmp_path / "srv")
    names = {"name": "mail1", "host_name": "mail1.example", "recipient": "postmaster@mail1.example"}
    instances = [{**names, "mount_point": top, "address": "192.0.2.21"}]
    files = [
        {"path": f"{top}/postfix/etc/main.cf", "content": "a = 1\n", "require_mounted": top, "label": "mail1/postfix"},
        {"path": f"{top}/dovecot/users", "mode": "0640", "sensitive": True, "require_mounted": top},
        {"path": str(tmp_path / "of-the-node"), "content": "b = 2\n", "label": "node", **OWNER},
    ]
    done = four_steps(run, "mail_configuration", instances=instances, files=files, secrets={"1": SECRET})
    assert (done["changed_labels"], done["mounted"]) == (["node"], [])
    assert os.listdir(tmp_path) == ["of-the-node"]
    for line in SECRET.splitlines():
        assert line not in done["output"] + done["logged"]


def test_radicale_configuration_leaves_out_what_is_not_mounted_here(run, tmp_path):
    """What it does where a volume is mounted: test_radicale_configuration.py, and molecule/radicale."""
    top = str(tmp_path / "srv")
    instances = [{"name": "cal1", "host_name": "cal1.example", "mount_point": top}]
    files = [
        {"path": f"{top}/radicale/config", "content": "[auth]\n", "require_mounted": top, "label": "cal1/radicale"},
        {"path": f"{top}/radicale/users", "mode": "0640", "sensitive": True, "require_mounted": top},
        {"path": str(tmp_path / "of-the-node"), "content": "b = 2\n", "label": "node", **OWNER},
    ]
    done = four_steps(run, "radicale_configuration", instances=instances, files=files, secrets={"1": SECRET})
    assert (done["changed_labels"], done["mounted"], done["restarts"]) == (["node"], [], [])
    assert os.listdir(tmp_path) == ["of-the-node"]
    for line in SECRET.splitlines():
        assert line not in done["output"] + done["logged"]


def test_haproxy_configuration(run, tmp_path, monkeypatch):
    """What it does where an instance runs: test_haproxy_configuration.py, and molecule/haproxy."""
    monkeypatch.setattr(haproxy, "FOLDER", str(tmp_path))
    monkeypatch.setattr(haproxy_process, "refusal", lambda *_: "")
    folder = tmp_path / "web"
    files = [
        {"path": str(folder), "state": "directory", **OWNER},
        {"path": f"{folder}/one.pem", "mode": "0600", "sensitive": True, "label": "web/haproxy", **OWNER},
        {"path": f"{folder}/haproxy.cfg", "content": "global\n", "label": "web/haproxy", **OWNER},
    ]
    done = four_steps(run, "haproxy_configuration", instances=["web"], files=files, secrets={"1": SECRET})
    assert (done["changed_labels"], done["running"], done["reloads"]) == (["web/haproxy"], [], [])
    assert (folder / "one.pem").stat().st_mode & 0o777 == 0o600
    for line in SECRET.splitlines():
        assert line not in done["output"] + done["logged"]


def test_logical_addresses(run, tmp_path, monkeypatch):
    interface = addresses.Interface("eth0", "52:54:00:00:00:01", ("192.0.2.11/24", "192.0.2.21/24"))
    monkeypatch.setattr(addresses, "read_interfaces", lambda _: [interface])
    monkeypatch.setattr(addresses, "read_static_files", dict)
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    address = {"name": "mail1", "host_name": "mail1.example", "address": "192.0.2.21", "nodes": ["nodea"]}
    options = {"nodes": [{"name": "nodea", "address": "192.0.2.11"}], "node": "nodea", "hosts_file": str(hosts)}
    done = four_steps(run, "logical_addresses", addresses=[address], **options)
    assert (done["online"], done["hardware"]) == (["192.0.2.21"], ["52:54:00:00:00:01"])
    refused = run("logical_addresses", addresses=[{**address, "address": "198.51.100.1"}], **options)
    assert [problem["key"] for problem in refused["problems"]] == ["addresses[mail1].address"]
    hosts.write_text("192.0.2.99 mail1.example\n")
    assert "is 192.0.2.99 there" in run("logical_addresses", addresses=[address], **options)["msg"]


def test_mail_service_info_asks_nobody_with_a_password_that_is_none(run):
    services = [{"name": "mail1", "host": "192.0.2.21", "user": "alice"}]
    refused = run("mail_service_info", services=services, passwords={"mail1": ["hush"]})
    assert refused["failed"]
    assert refused["msg"] == "passwords.mail1: is a list of 1 item, not a text; give a text in quotes"
    assert "hush" not in refused["output"] + refused["logged"]


def test_mail_service_info_asks_nobody_at_a_port_that_is_none(run):
    services = [{"name": "mail1", "host": "192.0.2.21", "ports": {"smtp": 0, "imapss": 993}}]
    refused = run("mail_service_info", services=services)
    assert refused["failed"]
    assert "services[mail1].ports: imapss: is no protocol; use smtp, submission, imap, imaps, pop" in refused["msg"]
    assert "services[mail1].ports: smtp = " in refused["msg"]


def test_what_is_asked_over_the_network_and_gives_no_answer(run):
    mail = run("mail_service_info", services=[{"name": "mail1", "host": "127.0.0.1", "ports": {"smtp": 1}}])
    web = run("web_service_info", check_mode=True, services=[{"name": "cal", "host": "127.0.0.1", "port": 1}])
    assert mail["problems"] == ["mail1: smtp: [Errno 111] Connection refused"]
    assert mail["services"]["mail1"]["silent"] == ["smtp"]
    assert web["problems"] == ["cal: [Errno 111] Connection refused"]
    assert mail["changed"] is web["changed"] is False


@pytest.mark.parametrize(
    ("name", "given", "unknown"),
    [
        ("calendar_service_info", {"server_root": "/nowhere"}, "its port is not known on nodea"),
        ("messaging_service_info", {"server_root": "/nowhere"}, "its options could not be read on nodea"),
        ("scalix_service_info", {"instance": "mail1"}, "the services of mail1 could not be listed on nodea"),
    ],
)
def test_a_node_without_the_product_says_so(run, name, given, unknown):
    found = run(name, node="nodea", instances=[{"name": "mail1", **given}])
    assert found["changed"] is False
    told = found["instances"]["mail1"]
    assert (told["running"], told["ports"], told["problems"]) == ([], None, [])
    assert told["unknown"][0].startswith(unknown)


def test_service_accounts_that_exist_are_left_alone(run):
    assert run("service_accounts", users={"root": 0}, groups={"root": 0})["changed"] is False
    refused = run("service_accounts", users={"root": 1234})
    assert refused["failed"]
    assert refused["problems"][0]["key"] == "users.root"
    planned = run("service_accounts", check_mode=True, groups={"no-such-group": 54321})
    assert planned["commands"] == ["groupadd --system --gid 54321 no-such-group"]
