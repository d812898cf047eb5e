"""How connections are protected: each suite of TLS, each version, on each port; by the mail servers themselves."""

from __future__ import annotations

import socket
import struct
import subprocess
import time

import pytest

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

MAIL2 = "198.18.78.22"
TIMEOUT = 30


def node(name):
    return host_of(name)


PORTS = {25: "starttls", 587: "starttls", 465: "tls", 993: "tls"}


def suites(text):
    """Numbers of suites, and ranges of them."""
    ends = [[int(end, 16) for end in word.split("-")] for word in text.split()]
    return [number for first, *last in ends for number in range(first, (last or [first])[0] + 1)]


# Numbers of the TLS registry, also of suites that OpenSSL no longer has.
WITHOUT_CERTIFICATE = suites(
    """
    0017-001B 0034 003A 006C 006D 0046 0089 009B 00A6 00A7 00BF 00C5 C015-C019 C01A C01D C020 C046 C047 C05A C05B
    """
)
WITHOUT_ENCRYPTION = suites(
    """
    0000 0001 0002 003B 002C 002D 002E 00B0-00B1 00B4 00B5 00B8 00B9 C001 C006 C00B C010 C015 C039 C03A C03B
    """
)
EXPORT = suites("0003 0006 0008 000B 000E 0011 0014 0017 0019 0026-002B 0060-0065")
CBC_WITH_SHA1 = suites(
    """
    0007 0009 000A 000C 000D 000F 0010 0012 0013 0015 0016 002F-003A 0041-0046 0084-0089 0096-009B C003 C004 C005
    C008 C009 C00A C00D C00E C00F C012 C013 C014
    """
)
RC4_OR_MD5 = suites("0004 0005 0018 0020 0024 008A 008E 0092 C002 C007 C00C C011 C016 C033")
CBC_WITH_SHA2 = suites("003C 003D 0067 006B 00BA-00C4 C023 C024 C027 C028 C072-C079")
WITHOUT_FORWARD_SECRECY = suites("009C 009D C09C C09D C0A0 C0A1")
FORBIDDEN = sorted({*WITHOUT_CERTIFICATE, *WITHOUT_ENCRYPTION, *EXPORT, *CBC_WITH_SHA1, *RC4_OR_MD5})
GOOD = {"ec": [0xC02B, 0xC02C, 0xCCA9], "rsa": [0xC02F, 0xC030, 0xCCA8]}


def connection_to(port):
    """A connection where the next thing is TLS."""
    connection = socket.create_connection((MAIL2, port), TIMEOUT)
    if PORTS[port] == "starttls":
        reader = connection.makefile("rb")
        reader.readline()
        for command in (b"EHLO localhost\r\n", b"STARTTLS\r\n"):
            connection.sendall(command)
            while reader.readline()[3:4] == b"-":
                pass
    return connection


def client_hello(suites, version=0x0303):
    extensions = b"".join(
        struct.pack("!HH", kind, len(content)) + content
        for kind, content in (
            (10, struct.pack("!HHHHH", 8, 0x001D, 0x0017, 0x0018, 0x0100)),
            (11, b"\x01\x00"),
            (13, struct.pack("!H9H", 18, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0201)),
            (0xFF01, b"\x00"),
        )
    )
    offered = b"".join(struct.pack("!H", suite) for suite in suites)
    body = (
        struct.pack("!H", version)
        + bytes(range(32))
        + b"\x00"
        + struct.pack("!H", len(offered))
        + offered
        + b"\x01\x00"
        + struct.pack("!H", len(extensions))
        + extensions
    )
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


def chosen(port, suites, version=0x0303):
    """The suite that a server takes of those that are offered; None if it takes none."""
    with connection_to(port) as connection, connection.makefile("rb") as reader:
        connection.sendall(client_hello(suites, version))
        header = reader.read(5)
        if not header:
            return None  # Dovecot hangs up; that it answers to others is another test's
        kind, _version, length = struct.unpack("!BHH", header)
        body = reader.read(length)
    if kind != 0x16:
        assert kind == 0x15
        return None
    assert body[0] == 2
    session = body[38]
    return struct.unpack("!H", body[39 + session : 41 + session])[0]


@pytest.fixture(scope="module", params=["ec", "rsa"])
def certificate(request):
    """The service as it is, and with a certificate of the other kind: other suites go with it."""
    host = node("nodea")
    reload = "postfix -c /srv/mail2/postfix/etc reload; doveadm -c /srv/mail2/dovecot/dovecot.conf reload"
    if request.param == "ec":
        yield "ec"
        return
    host.check_output(
        "cd /srv/mail2/tls && for kind in key certificate; do cp --archive --dereference $kind.pem /tmp; done && "
        "openssl req -x509 -nodes -newkey rsa:2048 -days 40 -subj /CN=mail2.molecule.test "
        "-addext subjectAltName=DNS:mail2.molecule.test -keyout /tmp/rsa.key -out /tmp/rsa.pem 2>&1 && "
        f"cat /tmp/rsa.key > key.pem && cat /tmp/rsa.pem > certificate.pem && {reload}"
    )
    wait_for_key(host, "rsa")
    yield "rsa"
    host.check_output(
        "cd /srv/mail2/tls && for kind in key certificate; do cat /tmp/$kind.pem > $kind.pem; done && "
        f"rm -f /tmp/key.pem /tmp/certificate.pem /tmp/rsa.*; {reload}"
    )
    wait_for_key(host, "ec")


def wait_for_key(host, kind):
    """A Dovecot of 2.4.1 dies when it reloads for the second time: it is started again, as the cluster does it."""
    end = time.monotonic() + 60
    while [shown(host, port) in GOOD[kind] for port in PORTS] != [True] * 4:
        assert time.monotonic() < end, f"no certificate of kind {kind}"
        time.sleep(0.2)


def shown(host, port):
    try:
        return chosen(port, [*GOOD["ec"], *GOOD["rsa"]])
    except ConnectionRefusedError:
        host.check_output("instance mail2 start")
        return None


@pytest.mark.parametrize("port", PORTS)
def test_no_suite_that_does_not_protect(certificate, port):
    del certificate
    assert chosen(port, FORBIDDEN) is None


@pytest.mark.parametrize("port", PORTS)
def test_suites_of_today(certificate, port):
    assert [chosen(port, [suite]) for suite in GOOD[certificate]] == GOOD[certificate]


def test_older_suites_on_port_25_alone(certificate):
    older = {"ec": [0xC023, 0xC024], "rsa": [0x003C, 0x009C, 0xC027, 0xC028]}[certificate]
    assert [chosen(25, [suite]) for suite in older] == older
    for port in (587, 465, 993):
        assert chosen(port, [*CBC_WITH_SHA2, *WITHOUT_FORWARD_SECRECY]) is None


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("version", [0x0300, 0x0301, 0x0302])
def test_no_older_tls(port, version):
    suites = [*range(0x0001, 0x00A8), *range(0xC001, 0xC0B0), *range(0xCCA8, 0xCCAF)]
    assert chosen(port, suites, version) is None


@pytest.mark.parametrize("port", PORTS)
def test_every_suite_of_openssl_is_judged(certificate, port):
    """One after the other, as a scanner does it."""
    listed = subprocess.run(
        ["openssl", "ciphers", "-V", "-tls1_2", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"],
        capture_output=True,
        text=True,
        check=True,
    )
    numbers = {}
    for line in listed.stdout.splitlines():
        number, _dash, name = line.split()[:3]
        numbers[int(number.split(",")[0], 16) << 8 | int(number.split(",")[1], 16)] = name
    taken = {numbers[one] for one in numbers if numbers[one].startswith("TLS_") is False and chosen(port, [one]) == one}
    assert taken
    for name in taken:
        assert not name.endswith(("-SHA", "-MD5")), taken
        assert not name.startswith(("ADH", "AECDH", "NULL", "PSK", "SRP", "EXP")), taken
    if port != 25:
        assert all(name.startswith(("ECDHE-", "DHE-")) for name in taken), taken
        assert all("GCM" in name or "CHACHA20" in name or "CCM" in name for name in taken), taken
    assert certificate in ("ec", "rsa")


@pytest.mark.parametrize("port", PORTS)
def test_no_renegotiation(port):
    starttls = ["-starttls", "smtp"] if PORTS[port] == "starttls" else []
    with subprocess.Popen(
        ["openssl", "s_client", "-tls1_2", "-connect", f"{MAIL2}:{port}", *starttls],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as client:
        for line in client.stdout:
            if "Verify return code" in line:
                break
        client.stdin.write("R\n")
        client.stdin.flush()
        told, _ = client.communicate(timeout=TIMEOUT)
    assert "RENEGOTIATING" in told
    # What the server says meanwhile, its greeting, is an unexpected record where a handshake was asked for.
    assert "no renegotiation" in told or "unexpected record" in told
