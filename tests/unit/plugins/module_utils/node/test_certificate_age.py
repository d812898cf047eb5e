"""When certificates are made anew, asked of certificates that openssl makes."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.certificates import Certificate, due, is_due, parse

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NAMES = ("mail1.example", "imap.example")


def certificate(days, names=NAMES, issuer="CN = mail1.example"):
    return Certificate("CN = mail1.example", issuer, names, NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (certificate(31), False),
        (certificate(30), False),
        (certificate(29), True),
        (certificate(-1), True),
        (certificate(400, ("mail1.example",)), True),
        (certificate(400, ()), True),
        (certificate(400, ("IMAP.example", "MAIL1.example", "old.example")), False),
        # An authority's is its owner's to renew, whatever is wrong with it.
        (certificate(-1, issuer="CN = An authority"), False),
        (certificate(400, (), issuer="CN = An authority"), False),
    ],
)
def test_due(shown, expected):
    assert due(shown, NAMES, NOW) is expected


def made(path, days, names=NAMES):
    options = ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)] if names else []
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-days", str(days), "-subj", "/CN=mail1.example", *options, "-keyout", "/dev/null", "-out", str(path)],
        check=True,
        capture_output=True,
    )
    return path


@pytest.mark.parametrize(("days", "expected"), [(32, False), (29, True)])
def test_what_openssl_makes_is_read(tmp_path, days, expected):
    assert is_due(made(tmp_path / "c.pem", days), NAMES, LocalRunner()) is expected


def test_another_host_name_and_no_name_at_all(tmp_path):
    path = made(tmp_path / "c.pem", 400)
    assert is_due(path, ["mail1.example"], LocalRunner()) is False
    assert is_due(path, ["mail9.example"], LocalRunner()) is True
    assert is_due(made(path, 400, names=()), ["mail1.example"], LocalRunner()) is True


def test_what_is_no_certificate_is_an_error(tmp_path):
    (tmp_path / "c.pem").write_text("x")
    with pytest.raises(CommandError):
        is_due(tmp_path / "c.pem", NAMES, LocalRunner())


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_what_does_not_say_all_is_an_error(lacking):
    lines = ["subject=CN = mail1.example", "issuer=CN = mail1.example", "notAfter=Nov 29 12:00:00 2026 GMT"]
    assert parse("\n".join(lines)).ends == NOW
    with pytest.raises(ValueError, match="says nothing"):
        parse("\n".join(line for number, line in enumerate(lines) if number != lacking))


def test_looking_is_no_change_of_the_node(tmp_path):
    runner = LocalRunner(dry=True)
    is_due(made(tmp_path / "c.pem", 400), NAMES, runner)
    assert runner.commands == []
