"""Certificates and keys, made and judged with the real openssl."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates

RUNNER = LocalRunner()


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture
def pair(tmp_path):
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificates.make(certificate, key, ["mail1.example", "m" * 70 + ".example"], 10, RUNNER)
    return certificate, key


def test_a_pair_that_is_made_can_be_used(pair):
    assert certificates.unusable(*pair, RUNNER) is None
    assert pair[1].stat().st_mode & 0o777 == 0o600
    shown = RUNNER.run(["openssl", "x509", "-in", str(pair[0]), "-noout", "-text"], record=False).stdout
    assert "DNS:mail1.example, DNS:mmmm" in shown
    assert "CA:FALSE" in shown


def test_a_pair_is_made_only_where_there_is_nothing(pair, tmp_path):
    long = "m" * 70 + ".example"
    certificates.make(tmp_path / "c", tmp_path / "k", ["mail1.example", long], 400, RUNNER)
    assert not certificates.to_be_made(tmp_path / "c", tmp_path / "k", ["mail1.example", long], RUNNER)
    # For another host name, and shortly before it ends.
    assert certificates.to_be_made(tmp_path / "c", tmp_path / "k", ["mail9.example"], RUNNER)
    assert certificates.to_be_made(*pair, ["mail1.example"], RUNNER)
    assert certificates.to_be_made(tmp_path / "a", tmp_path / "b", ["mail1.example"], RUNNER)
    pair[1].unlink()
    with pytest.raises(certificates.CertificateError, match="put the missing one back"):
        certificates.to_be_made(*pair, ["mail1.example"], RUNNER)


def test_what_does_not_belong_together_or_is_none(pair, tmp_path):
    certificate, key = pair
    certificates.make(tmp_path / "other", tmp_path / "other-key", ["other.example"], 10, RUNNER)
    assert "key values mismatch" in certificates.unusable(certificate, tmp_path / "other-key", RUNNER)
    (tmp_path / "nothing").write_text("nothing\n")
    assert certificates.unusable(tmp_path / "nothing", key, RUNNER)
    assert certificates.unusable(certificate, tmp_path / "nothing", RUNNER)
    assert "No such file" in certificates.unusable(certificate, tmp_path / "nowhere", RUNNER)
    assert certificates.unusable(tmp_path / "nowhere", key, RUNNER).endswith(f": '{tmp_path}/nowhere'")


def test_a_key_with_a_password(pair, tmp_path):
    openssl("ec", "-aes128", "-passout", "pass:secret", "-in", pair[1], "-out", tmp_path / "encrypted")
    assert "the key is encrypted" in certificates.unusable(pair[0], tmp_path / "encrypted", RUNNER)


def test_a_certificate_that_has_ended(pair, tmp_path):
    openssl("x509", "-in", pair[0], "-signkey", pair[1], "-days", "-1", "-out", tmp_path / "ended")
    assert certificates.unusable(tmp_path / "ended", pair[1], RUNNER) == "certificate has expired"
    assert certificates.unusable(tmp_path / "ended", pair[1], RUNNER, in_time=False) is None


def test_the_order_of_a_chain(tmp_path):
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    root, key, wanted, own = (tmp_path / name for name in ("root", "root-key", "request", "own"))
    openssl("req", "-x509", *curve, "-subj", "/CN=authority", "-keyout", key, "-out", root)
    openssl("req", *curve, "-subj", "/CN=mail1.example", "-keyout", tmp_path / "own-key", "-out", wanted)
    openssl("x509", "-req", "-in", wanted, "-CA", root, "-CAkey", key, "-CAcreateserial", "-days", "9", "-out", own)
    chain = tmp_path / "chain"
    chain.write_text(own.read_text() + root.read_text())
    looking = LocalRunner(dry=True)
    assert certificates.unusable(chain, tmp_path / "own-key", looking) is None
    assert looking.commands == []
    chain.write_text(own.read_text() + own.read_text())
    assert "follows one that it did not issue" in certificates.unusable(chain, tmp_path / "own-key", RUNNER)
    chain.write_text(root.read_text() + own.read_text())
    assert "key values mismatch" in certificates.unusable(chain, tmp_path / "own-key", RUNNER)
