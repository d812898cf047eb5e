"""Who may send in whose name, who is always reached, and how fast one client may be; by the mail servers themselves."""

from __future__ import annotations

import contextlib
import imaplib
import json
import shlex
import smtplib
import ssl
import time
import uuid

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

NETWORK = "198.18.78"
MAIL1, MAIL2 = f"{NETWORK}.21", f"{NETWORK}.22"
PASSWORDS = {"alice": 'alice, "her" pass\\word'}
OTHERS = "secret of the others"
TIMEOUT = 30
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
CONTEXT.check_hostname, CONTEXT.verify_mode = False, ssl.CERT_NONE


def node(name):
    return host_of(name)


@contextlib.contextmanager
def logged_in(user, port=587, address=MAIL2):
    kind = smtplib.SMTP_SSL if port == 465 else smtplib.SMTP
    options = {"context": CONTEXT} if port == 465 else {}
    with kind(address, port, local_hostname="localhost", timeout=TIMEOUT, **options) as connection:
        if port != 465:
            connection.starttls(context=CONTEXT)
        connection.login(user, PASSWORDS.get(user, OTHERS))
        yield connection


def stranger(address=MAIL2):
    return smtplib.SMTP(address, 25, local_hostname="localhost", timeout=TIMEOUT)


def answer(connection, sender, recipient="bob@mail2.molecule.test"):
    """What the server says to a sender and a recipient: it refuses senders when it hears of the first recipient."""
    connection.ehlo_or_helo_if_needed()
    connection.rset()
    status, text = connection.docmd("MAIL", f"FROM:<{sender}>")
    if status == 250:
        status, text = connection.docmd("RCPT", f"TO:<{recipient}>")
    return status, text.decode()


def arrived(user, subject, address=MAIL2, seconds=15.0):
    end = time.monotonic() + seconds
    with imaplib.IMAP4_SSL(address, 993, ssl_context=CONTEXT, timeout=TIMEOUT) as connection:
        connection.login(user, PASSWORDS.get(user, OTHERS))
        while time.monotonic() < end:
            connection.select("INBOX")
            if connection.search(None, "SUBJECT", f'"{subject}"')[1][0]:
                return True
            time.sleep(0.1)
    return False


# -- whose name -------------------------------------------------------------------------------------------------------

NOT_BOBS = [
    "carol@mail2.molecule.test",  # another user
    "CAROL@Mail2.Molecule.Test",
    '"carol"@mail2.molecule.test',
    "carol+tag@mail2.molecule.test",
    "carol@mail2.molecule.test.",
    "carol",  # becomes an address of the service
    f"carol@[{MAIL2}]",
    f"bob@[{MAIL2}]",
    "@mail1.molecule.test:carol@mail2.molecule.test",
    "carol%mail2.molecule.test@mail1.molecule.test",
    "mail2.molecule.test!carol",
    "sales@mail2.molecule.test",  # another user's alias
    "nobody@mail2.molecule.test",  # nobody's
    "bobby@mail2.molecule.test",
    "bob@sub.mail2.molecule.test",
    "postmaster@mail2.molecule.test",  # goes to him, but is the postmaster's
    "abuse@mail2.molecule.test",
    "postmaster",
    "mailer-daemon@mail2.molecule.test",
    "double-bounce@mail2.molecule.test",
    "alice@mail1.molecule.test",  # a user of the other service
    "bob@mail1.molecule.test",
    "postmaster@mail1.molecule.test",
    "chancellor@elsewhere.example",  # a stranger
    "bob@elsewhere.example",
    "someone@partner.example",  # carol may
    "boss@elsewhere.example",
    "bob@mail2.molecule.test,carol@mail2.molecule.test",
    "root",
    "root@localhost",
    "@",
    "@mail2.molecule.test",
]
BOBS = [
    "bob@mail2.molecule.test",
    "BOB@mail2.molecule.test",
    "bob+tag@mail2.molecule.test",
    "bob",
    "team@mail2.molecule.test",
]
CAROLS = ["sales@mail2.molecule.test", "team@mail2.molecule.test", "anybody@partner.example", "boss@elsewhere.example"]


@pytest.mark.parametrize("port", [587, 465])
@pytest.mark.parametrize("sender", NOT_BOBS)
def test_who_has_logged_in_sends_in_no_other_name(sender, port):
    with logged_in("bob", port) as connection:
        status, text = answer(connection, sender)
    assert status in (501, 553, 555), text
    assert status != 553 or "not owned by user bob" in text


@pytest.mark.parametrize("port", [587, 465])
@pytest.mark.parametrize(("user", "senders"), [("bob", BOBS), ("carol", CAROLS), ("bob@mail2.molecule.test", BOBS)])
def test_who_has_logged_in_sends_in_his_own_names(user, senders, port):
    with logged_in(user, port) as connection:
        # And without a sender, as a mail program answers that a message was read (RFC 8098 3).
        assert [(one, answer(connection, one)[0]) for one in [*senders, ""]] == [(one, 250) for one in [*senders, ""]]


@pytest.mark.parametrize(
    "sender",
    [
        "bob@mail2.molecule.test",
        "BOB@MAIL2.molecule.test",
        '"bob"@mail2.molecule.test',
        "bob+tag@mail2.molecule.test",
        "bob@mail2.molecule.test.",
        "nobody@mail2.molecule.test",
        "postmaster@mail2.molecule.test",
        "bob",
        f"bob@[{MAIL2}]",
        "@elsewhere.example:bob@mail2.molecule.test",
    ],
)
def test_strangers_do_not_write_in_the_names_of_users(sender):
    with stranger() as connection:
        status, text = answer(connection, sender)
    assert (status, "Log in on port 587" in text) == (550, True), text


def test_strangers_write_in_names_of_their_own():
    theirs = [
        "stranger@elsewhere.example",
        "bob@sub.mail2.molecule.test",
        "bob@mail22molecule.test",
        "alice@mail1.molecule.test",
        "",
    ]
    with stranger() as connection:
        assert [(one, answer(connection, one)[0]) for one in theirs] == [(one, 250) for one in theirs]


FROM_A_NODE = """
import smtplib, sys, json
source = {"source_address": (sys.argv[2], 0)}
with smtplib.SMTP(sys.argv[1], 25, local_hostname="localhost", timeout=30, **source) as connection:
    connection.ehlo()
    answers = []
    for recipient in sys.argv[4:]:
        connection.rset()
        connection.mail(sys.argv[3])
        answers.append(connection.rcpt(recipient)[0])
    print(json.dumps(answers))
"""


def told_from(name, number, *arguments):
    command = shlex.join(["python3", "-c", FROM_A_NODE, MAIL2, f"{NETWORK}.{number}", *arguments])
    return json.loads(node(name).check_output(command))


def test_a_forwarding_host_hands_in_mail_of_own_senders_and_relays_nothing():
    addresses = ("bob@mail2.molecule.test", "bob@mail2.molecule.test", "someone@elsewhere.example")
    assert told_from("nodec", 13, *addresses) == [250, 554]


def test_a_trusted_network_sends_anything():
    addresses = ("bob@mail2.molecule.test", "bob@mail2.molecule.test", "someone@elsewhere.example")
    assert told_from("nodeb", 12, *addresses) == [250, 250]


# -- addresses that every server has ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "recipient", "user"),
    [
        (MAIL2, "postmaster@mail2.molecule.test", "bob"),
        (MAIL2, "Postmaster", "bob"),
        (MAIL2, "abuse@mail2.molecule.test", "bob"),
        (MAIL1, "postmaster@mail1.molecule.test", "alice"),
        (MAIL1, "abuse@mail1.molecule.test", "alice"),
    ],
)
def test_the_postmaster_is_reached(address, recipient, user):
    subject = str(uuid.uuid4())
    with stranger(address) as connection:
        connection.sendmail("stranger@elsewhere.example", [recipient], f"Subject: {subject}\r\n\r\nHello.\r\n")
    assert arrived(user, subject, address)


def test_without_users_the_postmasters_mail_is_kept_and_nobody_logs_in():
    """What the role writes for an instance without users, by Dovecot itself."""
    host = node("nodea")
    folder = "/tmp/reserved"
    line = f"postmaster:{{CRYPT}}*::::{folder}/postmaster::"
    versions, passwords = "", f"passdb {{\n driver = passwd-file\n args = {folder}/users\n}}\n"
    if not host.check_output("dovecot --version").startswith("2.3."):
        versions = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"
        passwords = f"passdb passwd-file {{\n passwd_file_path = {folder}/users\n}}\n"
    configuration = (
        f"{versions}base_dir = {folder}/run\nstate_dir = {folder}\nlog_path = {folder}/log\n"
        f"ssl = no\nprotocols =\nlisten = 127.0.0.9\n{passwords}"
        "service auth {\n unix_listener auth-client {\n mode = 0600\n }\n}\n"
    )
    host.check_output(
        f"mkdir -p {folder}/run && printf '%s\\n' {shlex.quote(line)} > {folder}/users && chmod -R a+rX {folder}"
    )
    host.check_output(
        f"printf '%s' {shlex.quote(configuration)} > {folder}/dovecot.conf && dovecot -c {folder}/dovecot.conf"
    )
    try:
        for password in ("*", "", "postmaster", "{CRYPT}*", "x"):
            found = host.run(f"doveadm -c {folder}/dovecot.conf auth test postmaster {shlex.quote(password)}")
            assert "auth failed" in found.stdout, found
    finally:
        host.check_output(f"doveadm -c {folder}/dovecot.conf stop; rm -rf {folder}")


# -- how fast ---------------------------------------------------------------------------------------------------------

# Run on nodec: the machine that the tests run on is exempt.
FAST = """
import json, smtplib, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
address, kind, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
answers = []
kept = []
for number in range(count):
    connection = smtplib.SMTP(local_hostname="localhost", timeout=30, source_address=("198.18.78.13", 0))
    connection._host = address
    status = connection.connect(address, 587 if kind == "logins" else 25)[0]
    if kind == "connections" or status != 220:
        answers.append(status)
        kept.append(connection)
        continue
    if kind == "logins":
        connection.starttls(context=context)
        connection.ehlo()
        answers.append(connection.docmd("AUTH", "PLAIN AGJvYgBzZWNyZXQgb2YgdGhlIG90aGVycw==")[0])
    else:
        connection.ehlo()
        answers.append(connection.docmd("MAIL", "FROM:<stranger@elsewhere.example>")[0])
        if kind == "recipients":
            answers[-1] = [connection.docmd("RCPT", "TO:<bob@mail2.molecule.test>")[0] for _ in range(10)]
    connection.close()
print(json.dumps(answers))
"""


def fast(kind, count):
    return json.loads(node("nodec").check_output(shlex.join(["python3", "-c", FAST, MAIL2, kind, str(count)])))


@pytest.fixture
def at_rest():
    """What anvil counts is of a minute; a fresh one, so that no test sees what another did."""
    node("nodea").check_output("pkill -x anvil --parent $(cat /srv/mail2/postfix/spool/pid/master.pid) || true")


@pytest.mark.usefixtures("at_rest")
def test_logins_of_one_client_are_limited():
    assert fast("logins", 6) == [235] * 4 + [450] * 2


@pytest.mark.usefixtures("at_rest")
def test_messages_of_one_client_are_limited():
    assert fast("messages", 7) == [250] * 5 + [450] * 2


@pytest.mark.usefixtures("at_rest")
def test_recipients_of_one_client_are_limited():
    assert fast("recipients", 1) == [[250] * 8 + [450] * 2]


@pytest.mark.usefixtures("at_rest")
def test_connections_of_one_client_are_limited():
    assert fast("connections", 5) == [220] * 3 + [421] * 2


def test_one_client_may_be_exempt():
    with contextlib.ExitStack() as open_connections:
        for _ in range(10):
            connection = open_connections.enter_context(stranger())
            assert answer(connection, "stranger@elsewhere.example")[0] == 250
    for _ in range(6):
        with logged_in("bob"):
            pass


def test_imap_connections_of_one_user_are_limited():
    with contextlib.ExitStack() as open_connections:
        for number in range(6):
            connection = imaplib.IMAP4_SSL(MAIL2, 993, ssl_context=CONTEXT, timeout=TIMEOUT)
            open_connections.callback(connection.shutdown)
            if number < 4:
                connection.login("bob", OTHERS)
            else:
                with pytest.raises(imaplib.IMAP4.error, match="Maximum number of connections"):
                    connection.login("bob", OTHERS)
        connection = imaplib.IMAP4_SSL(MAIL2, 993, ssl_context=CONTEXT, timeout=TIMEOUT)
        open_connections.callback(connection.shutdown)
        connection.login("carol", OTHERS)


def test_who_guesses_waits_longer_each_time():
    def refused_after(password):
        started = time.monotonic()
        connection = imaplib.IMAP4_SSL(MAIL2, 993, ssl_context=CONTEXT, timeout=TIMEOUT)
        with contextlib.closing(connection.socket()), pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            connection.login("bob", password)
        return time.monotonic() - started

    waited = [refused_after(f"guess {number}") for number in range(3)]
    assert waited[0] > 1.5
    assert waited[2] > waited[0] + 1.5
