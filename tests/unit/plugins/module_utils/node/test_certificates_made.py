"""Self-signed certificates, made by the real openssl: what they certify, for how long, and who may read the key."""

from __future__ import annotations

import os
import re
import ssl
import subprocess

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node.certificates import (
    CertificateError,
    make,
    to_be_made,
    unusable,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.watched_files import watching

LONG = f"{'a' * 60}.mail.example"


@pytest.fixture(autouse=True)
def _usual_mask():
    """Files are made with the usual mask, so that a wide mode comes out as one."""
    mask = os.umask(0o022)
    yield
    os.umask(mask)


def made(directory, host_names=("mail1.example", "mail.example"), days=30):
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    make(certificate, key, host_names, days, LocalRunner())
    return certificate


def shown(path, *options):
    return subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", *options], check=True, capture_output=True, text=True
    ).stdout


def test_what_it_certifies(tmp_path):
    certificate = made(tmp_path)
    text = shown(certificate, "-text")
    assert re.search(r"Subject Alternative Name: *\n *DNS:mail1.example, DNS:mail.example\n", text)
    assert re.search(r"Basic Constraints: critical\n *CA:FALSE\n", text)
    assert re.search(r"Extended Key Usage: *\n *TLS Web Server Authentication\n", text)
    assert "Signature Algorithm: ecdsa-with-SHA256" in text
    assert "NIST CURVE: P-256" in text
    assert shown(certificate, "-subject").replace(" ", "") == "subject=CN=mail1.example\n"
    assert shown(certificate, "-issuer").replace(" ", "") == "issuer=CN=mail1.example\n"


@pytest.mark.parametrize("days", [1, 3650])
def test_how_long_it_is_valid(tmp_path, days):
    certificate = made(tmp_path, days=days)
    begin, end = (
        ssl.cert_time_to_seconds(shown(certificate, option).partition("=")[2].strip())
        for option in ("-startdate", "-enddate")
    )
    assert end - begin == days * 86400


def test_a_name_that_is_too_long_for_a_common_name_is_an_alternative_name(tmp_path):
    certificate = made(tmp_path, (LONG,))
    assert f"DNS:{LONG}" in shown(certificate, "-text")
    assert shown(certificate, "-subject").replace(" ", "") == f"subject=CN={LONG[:64]}\n"


def test_a_server_can_use_it_without_a_passphrase(tmp_path):
    certificate = made(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem", password=lambda: pytest.fail("it asks for a passphrase"))


def test_making_a_pair_is_no_change_of_the_node(tmp_path):
    """It is made beside, also in check mode; what changes is where it is put."""
    runner = LocalRunner(dry=True)
    make(tmp_path / "certificate.pem", tmp_path / "key.pem", ["mail.example"], 30, runner)
    assert runner.commands == []
    assert shown(tmp_path / "certificate.pem", "-subject").replace(" ", "") == "subject=CN=mail.example\n"


def test_the_key_is_for_its_owner_before_openssl_writes_it_and_nothing_else_stays(tmp_path):
    class Watching(LocalRunner):
        def run(self, *arguments, **options):
            modes.append((tmp_path / "key.pem").stat().st_mode & 0o777)
            return super().run(*arguments, **options)

    modes = []
    before = len(os.listdir("/proc/self/fd"))
    with watching(tmp_path) as watch:
        make(tmp_path / "certificate.pem", tmp_path / "key.pem", ["mail.example"], 30, Watching())
    assert modes == [0o600]
    assert watch.widest(b"PRIVATE KEY") == 0o600
    assert sorted(os.listdir(tmp_path)) == ["certificate.pem", "key.pem"]
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_key_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "key.pem").write_text("somebody's\n")
    with pytest.raises(FileExistsError):
        made(tmp_path)
    assert (tmp_path / "key.pem").read_text() == "somebody's\n"
    assert not (tmp_path / "certificate.pem").exists()


def test_one_without_the_other_is_refused(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    hint = "; put the missing one back, or remove the first to have both made anew"
    assert to_be_made(certificate, key, ["mail.example"], LocalRunner())
    key.write_text("")
    with pytest.raises(CertificateError) as caught:
        to_be_made(certificate, key, ["mail.example"], LocalRunner())
    assert str(caught.value) == f"{key} is there, but {certificate} is not{hint}"
    key.rename(certificate)
    with pytest.raises(CertificateError) as caught:
        to_be_made(certificate, key, ["mail.example"], LocalRunner())
    assert str(caught.value) == f"{certificate} is there, but {key} is not{hint}"


def test_the_nodes_own_configuration_of_openssl_does_not_weaken_it(tmp_path, monkeypatch):
    (tmp_path / "openssl.cnf").write_text("[req]\ndefault_md = sha1\ndistinguished_name = names\n[names]\n")
    monkeypatch.setenv("OPENSSL_CONF", str(tmp_path / "openssl.cnf"))
    assert "Signature Algorithm: ecdsa-with-SHA256" in shown(made(tmp_path), "-text")


def test_words_between_certificates_may_be_of_any_language(tmp_path):
    certificate = made(tmp_path)
    certificate.write_bytes(
        "# Z\N{LATIN SMALL LETTER U WITH DIAERESIS}rich\n".encode("latin-1") + certificate.read_bytes()
    )
    assert unusable(certificate, tmp_path / "key.pem", LocalRunner()) is None
