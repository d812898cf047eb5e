"""Mail for others by way of somebody else's server, which wants a log-in."""

from __future__ import annotations

import base64
import pathlib
import re
import shlex
import smtplib
import ssl
import time
import uuid

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

PASSWORD = "secret of the others"  # noqa: S105
PLAIN = base64.b64encode(f"\0bob\0{PASSWORD}".encode()).decode()
NETWORK = "198.18.78"
MAIL2 = f"{NETWORK}.22"
#: What postfix_dovecot_relay_passwords holds in this scenario.
RELAY_PASSWORD = 'a password: with "blanks", # and $signs'  # noqa: S105
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE


def node(name):
    return host_of(name)


@pytest.fixture(scope="module")
def smarthost():
    """A server on nodec that wants a log-in; gives what it has taken so far."""
    host, program = node("nodec"), pathlib.Path(__file__).parent.parent / "files" / "smarthost.py"
    arguments = ["/run/smarthost", "/etc/smarthost/certificate.pem", "/etc/smarthost/key.pem", "mail2", RELAY_PASSWORD]
    encoded = base64.b64encode(program.read_bytes()).decode()
    host.check_output(
        "mkdir -p /etc/smarthost /run/smarthost && "
        f"echo {encoded} | base64 -d > /etc/smarthost/smarthost.py && "
        "openssl req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=smarthost.molecule.test "
        "-addext subjectAltName=DNS:smarthost.molecule.test "
        "-keyout /etc/smarthost/key.pem -out /etc/smarthost/certificate.pem 2>&1 && "
        + shlex.join(
            ["systemd-run", "--quiet", "--unit=smarthost", "python3", "/etc/smarthost/smarthost.py", *arguments]
        )
    )
    shown = base64.b64encode(host.check_output("cat /etc/smarthost/certificate.pem").encode()).decode()
    node("nodea").check_output(
        f"mkdir -p /etc/smarthost && echo {shown} | base64 -d > /etc/smarthost/certificate.pem && "
        f"echo '{NETWORK}.13 smarthost.molecule.test' >> /etc/hosts"
    )
    wait_until_forgiven()
    yield lambda: host.check_output("cat /run/smarthost/* 2>/dev/null || true")
    host.check_output("systemctl stop smarthost; rm -rf /etc/smarthost /run/smarthost")
    node("nodea").check_output(
        "rm -rf /etc/smarthost; sed '/smarthost.molecule.test/d' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts"
    )


def wait_until_forgiven(seconds=90.0):
    """Until Dovecot has forgotten that other tests gave wrong passwords from here.

    It lets an address that did so wait for up to 15 s (auth penalty), and Postfix waits for its answer for 10 s.
    """
    end = time.monotonic() + seconds
    while True:
        with smtplib.SMTP(MAIL2, 587, local_hostname="localhost", timeout=30) as connection:
            connection.starttls(context=CONTEXT)
            connection.ehlo()
            if connection.docmd("AUTH", "PLAIN " + PLAIN)[0] == 235:
                return
        assert time.monotonic() < end


def send_away():
    subject = str(uuid.uuid4())
    with smtplib.SMTP(MAIL2, 587, local_hostname="localhost", timeout=30) as connection:
        connection.starttls(context=CONTEXT)
        connection.login("bob", PASSWORD)
        connection.sendmail(
            "bob@mail2.molecule.test", ["someone@elsewhere.example"], f"Subject: {subject}\r\n\r\nHello.\r\n"
        )
    return subject


def flushed(subject, condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, node("nodea").check_output("journalctl --no-pager -n 30 -t postfix-mail2/smtp")
        time.sleep(0.2)
    return subject


def test_mail_for_others_goes_by_the_smarthost_with_a_log_in(smarthost):
    subject = send_away()
    flushed(subject, lambda: subject in smarthost())
    envelope = next(part for part in smarthost().split("MAIL FROM:")[1:] if subject in part)
    assert envelope.startswith("<bob@mail2.molecule.test>")
    assert "RCPT TO:<someone@elsewhere.example>" in envelope


def test_a_smarthost_that_cannot_be_verified_gets_no_password(smarthost):
    """The name resolves, the server answers, but its certificate is from nobody that is trusted."""
    host = node("nodea")
    host.check_output(
        "cd /etc/smarthost && mv certificate.pem elsewhere.pem && "
        "openssl req -x509 -nodes -newkey rsa:2048 -days 2 -subj /CN=somebody "
        "-keyout /dev/null -out certificate.pem 2>&1; "
        "postfix -c /srv/mail2/postfix/etc reload"
    )
    try:
        subject = send_away()
        # In the words of the handshake that failed, or of Postfix that looked at the certificate after it.
        unverified = re.compile("Cannot start TLS|Server certificate not verified")
        flushed(subject, lambda: unverified.search(host.check_output("postqueue -c /srv/mail2/postfix/etc -p")))
        assert subject not in smarthost()
    finally:
        host.check_output(
            "mv /etc/smarthost/elsewhere.pem /etc/smarthost/certificate.pem; postfix -c /srv/mail2/postfix/etc reload"
        )
    host.check_output("postqueue -c /srv/mail2/postfix/etc -f")
    flushed(subject, lambda: subject in smarthost())


def test_the_password_for_the_smarthost_is_roots_alone():
    host = node("nodea")
    file = host.file("/srv/mail2/postfix/etc/relay_credentials")
    assert (file.mode, file.user, file.group) == (0o600, "root", "root")
    assert host.file("/srv/mail2/postfix/etc/relay_credentials").contains("smarthost.molecule.test")
    for name in ("nodea", "nodeb", "nodec"):
        journal = node(name).check_output("journalctl --no-pager --boot --output=cat | grep -v smarthost.py")
        assert 'with "blanks"' not in journal
