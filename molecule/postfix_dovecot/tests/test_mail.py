"""Mail as its users see it, with two instances on one node, and after one of them was moved to another node."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import ssl
import time
import uuid
from email.message import EmailMessage

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NETWORK = "198.18.78"
PASSWORDS = {"alice": 'alice, "her" pass\\word', "eve": "secret of the others", "bob": "secret of the others"}
SERVICES = {"mail1": (f"{NETWORK}.21", "alice"), "mail2": (f"{NETWORK}.22", "bob")}
# Dovecot lets a client wait longer after each wrong password.
TIMEOUT = 30
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE


def node(name):
    return host_of(name)


def address_of(service):
    return SERVICES[service][0]


def mail(service, sender="stranger@elsewhere.example", user=None):
    message = EmailMessage()
    message["Subject"] = str(uuid.uuid4())
    message["From"] = sender
    message["To"] = f"{user or SERVICES[service][1]}@{service}.molecule.test"
    message.set_content("Hello.\n")
    return message


def submit(service, message, user, password=None, port=587):
    """Send as a mail program does."""
    kind = smtplib.SMTP_SSL if port == 465 else smtplib.SMTP
    options = {"context": CONTEXT} if port == 465 else {}
    with kind(address_of(service), port, local_hostname="localhost", timeout=TIMEOUT, **options) as connection:
        if port != 465:
            connection.starttls(context=CONTEXT)
        connection.login(user, PASSWORDS[user.split("@")[0]] if password is None else password)
        connection.send_message(message)


@contextlib.contextmanager
def mailbox(service, user, password=None):
    with imaplib.IMAP4_SSL(address_of(service), 993, ssl_context=CONTEXT, timeout=TIMEOUT) as connection:
        connection.login(user, PASSWORDS[user.split("@")[0]] if password is None else password)
        yield connection


def arrived(service, subject, user=None, seconds=10.0):
    end = time.monotonic() + seconds
    with mailbox(service, user or SERVICES[service][1]) as connection:
        while time.monotonic() < end:
            connection.select("INBOX")
            if connection.search(None, "SUBJECT", f'"{subject}"')[1][0]:
                return True
            time.sleep(0.1)
    return False


# -- two instances on one node ----------------------------------------------------------------------------------------


def test_each_listens_on_its_own_address_alone():
    listening = node("nodea").check_output("ss --no-header --listening --tcp --numeric")
    sockets = {line.split()[3] for line in listening.splitlines()}
    expected = {f"{address_of(service)}:{port}" for service in SERVICES for port in (25, 465, 587, 993)}
    assert {one for one in sockets if one.startswith(NETWORK)} == expected
    wildcards = {one for one in sockets if one.startswith(("0.0.0.0", "*", "[::]"))}
    assert not [one for one in wildcards if one.rsplit(":", 1)[1] in ("25", "143", "465", "587", "993")]


def test_nothing_runs_elsewhere():
    for name in ("nodeb", "nodec"):
        host = node(name)
        assert host.check_output("ls -A /srv/mail1 /srv/mail2").split() == ["/srv/mail1:", "/srv/mail2:"]
        assert not host.process.filter(comm="dovecot")


def test_ids_are_the_same_everywhere():
    command = "id postfix; id dovecot; id dovenull; id vmail; getent group postdrop"
    assert len({node(name).check_output(command) for name in ("nodea", "nodeb", "nodec")}) == 1


@pytest.mark.parametrize("service", SERVICES)
def test_the_banner_has_the_host_name(service):
    with smtplib.SMTP(timeout=TIMEOUT) as connection:
        status, banner = connection.connect(address_of(service), 25)
    assert (status, banner) == (220, f"{service}.molecule.test ESMTP".encode())


@pytest.mark.parametrize("port", [587, 465])
@pytest.mark.parametrize("service", SERVICES)
def test_submission_delivers_and_imap_reads(service, port):
    user = SERVICES[service][1]
    message = mail(service, sender=f"{user}@{service}.molecule.test")
    submit(service, message, user, port=port)
    assert arrived(service, message["Subject"])


def test_a_user_may_log_in_with_the_full_address():
    message = mail("mail1", sender="alice@mail1.molecule.test", user="alice+tag")
    submit("mail1", message, "alice@mail1.molecule.test")
    assert arrived("mail1", message["Subject"], user="alice@mail1.molecule.test")


def test_mail_from_elsewhere_is_accepted_for_users_and_aliases():
    for user in ("alice", "postmaster"):
        message = mail("mail1", user=user)
        with smtplib.SMTP(address_of("mail1"), 25, local_hostname="localhost", timeout=TIMEOUT) as connection:
            connection.send_message(message)
        assert arrived("mail1", message["Subject"])


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("user", ["alice", "bob"])
def test_a_wrong_password_is_refused(user):
    with pytest.raises(smtplib.SMTPAuthenticationError):
        submit("mail1", mail("mail1"), user, password="wrong")
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"), mailbox("mail1", user, password="wrong"):
        pass


def test_nothing_is_relayed_without_logging_in():
    for port in (25, 587):
        with smtplib.SMTP(address_of("mail1"), port, local_hostname="localhost", timeout=TIMEOUT) as connection:
            connection.starttls(context=CONTEXT)
            connection.ehlo()
            # Not in the name of a user: that is refused for another reason, see test_policy.py.
            connection.mail("stranger@elsewhere.example")
            assert connection.rcpt("someone@elsewhere.example")[0] == 554


def test_unknown_users_are_refused_at_once():
    with smtplib.SMTP(address_of("mail1"), 25, local_hostname="localhost", timeout=TIMEOUT) as connection:
        connection.ehlo()
        connection.mail("stranger@elsewhere.example")
        assert connection.rcpt("nobody@mail1.molecule.test")[0] == 550


def test_there_is_no_logging_in_without_tls():
    with smtplib.SMTP(address_of("mail1"), 587, local_hostname="localhost", timeout=TIMEOUT) as connection:
        connection.ehlo()
        assert not connection.has_extn("auth")
        assert connection.docmd("AUTH", "PLAIN AGFsaWNlAHg=")[0] == 530
        assert connection.docmd("MAIL", "FROM:<alice@mail1.molecule.test>")[0] == 530
    with smtplib.SMTP(address_of("mail1"), 25, local_hostname="localhost", timeout=TIMEOUT) as connection:
        connection.starttls(context=CONTEXT)
        connection.ehlo()
        assert not connection.has_extn("auth")
    with pytest.raises(OSError, match="refused"):
        imaplib.IMAP4(address_of("mail1"), 143, timeout=TIMEOUT)


def test_nobody_sends_in_the_name_of_another_user():
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user eve"):
        submit("mail1", mail("mail1", sender="alice@mail1.molecule.test"), "eve")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("port", [465, 993])
def test_old_tls_is_refused(port):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    kind = smtplib.SMTP_SSL if port == 465 else imaplib.IMAP4_SSL
    option = "context" if port == 465 else "ssl_context"
    with pytest.raises(ssl.SSLError):
        kind(address_of("mail1"), port, timeout=TIMEOUT, **{option: old})


def test_a_changed_limit_is_in_force():
    with smtplib.SMTP(address_of("mail1"), 25, local_hostname="localhost", timeout=TIMEOUT) as connection:
        connection.ehlo()
        assert connection.esmtp_features["size"] == "1000000"


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_can_be_read_by_those_who_need_them():
    host = node("nodea")
    users, key = host.file("/srv/mail1/dovecot/users"), host.file("/srv/mail1/tls/key.pem")
    assert (users.mode, users.user, users.group) == (0o640, "root", "dovecot")
    assert (key.mode, key.user, key.group) == (0o600, "root", "root")


def test_no_log_has_a_secret():
    for name in ("nodea", "nodeb", "nodec"):
        journal = node(name).check_output("journalctl --no-pager --boot --output=cat")
        assert "Invoked with" in journal
        assert "SHA512-CRYPT" not in journal
        assert "PRIVATE KEY" not in journal


# -- moved to another node --------------------------------------------------------------------------------------------


def test_a_moved_volume_serves_the_same_mail():
    """The last test: as a cluster does it when a node is lost, the servers are killed and the volume changes hands."""
    message = mail("mail1", sender="alice@mail1.molecule.test")
    submit("mail1", message, "alice")
    with mailbox("mail1", "alice") as connection:
        before = int(connection.select("INBOX")[1][0])
    certificate = ssl.get_server_certificate((address_of("mail1"), 993))
    old, new = node("nodea"), node("nodeb")

    # Without warning, so that the queue, the mail store and all sockets stay as they are.
    old.check_output(
        "kill -KILL $(cat /srv/mail1/postfix/spool/pid/master.pid) $(cat /run/dovecot/mail1/master.pid); "
        "fuser --kill --mount /srv/mail1 >/dev/null 2>&1; sleep 1; umount /srv/mail1; "
        f"ip address delete {address_of('mail1')}/24 dev eth0"
    )
    new.check_output(
        f"mount /dev/san/mail1 /srv/mail1 && ip address add {address_of('mail1')}/24 dev eth0 && "
        "arping -q -c 1 -U -I eth0 "
        f"{address_of('mail1')}; instance mail1 monitor; instance mail1 start && instance mail1 monitor"
    )

    assert arrived("mail1", message["Subject"])
    with mailbox("mail1", "alice") as connection:
        assert int(connection.select("INBOX")[1][0]) >= before
    assert ssl.get_server_certificate((address_of("mail1"), 993)) == certificate
    another = mail("mail1", sender="alice@mail1.molecule.test")
    submit("mail1", another, "alice")
    assert arrived("mail1", another["Subject"])

    # What stayed behind runs on, and the agent says truly that the other does not.
    message = mail("mail2", sender="bob@mail2.molecule.test")
    submit("mail2", message, "bob")
    assert arrived("mail2", message["Subject"])
    assert old.run("instance mail1 monitor").rc == 7
    assert old.run("instance mail2 monitor").rc == 0
