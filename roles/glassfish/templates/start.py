"""Starts a GlassFish server, for systemd, as root. Replaced by Ansible: see the role glassfish.

USER PASSWORDS WHERE PROGRAM ARGUMENT...

Runs PROGRAM, which is asadmin, as USER, with a copy of the file PASSWORDS that USER may read and that is gone when it
has ended.

An instance fetches what is new from the administration server, which it tells the administrator's password for that.
asadmin tells it anybody. So WHERE, which is ADDRESS,PORT,FINGERPRINT, says who has to answer there: who has the
certificate of that fingerprint. Where nobody does, the instance starts with what it has. WHERE is - for the
administration server itself.
"""

import hashlib
import os
import pwd
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

#: Seconds for an administration server to answer.
PATIENCE = 10
#: In memory.
PARENT = "/run"


def answers(where: str) -> bool:
    """Whether the domain's own administration server is there."""
    address, port, fingerprint = where.split(",")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        plain = socket.create_connection((address, int(port)), timeout=PATIENCE)
        with plain, context.wrap_socket(plain) as shown:
            certificate = shown.getpeercert(binary_form=True) or b""
    except OSError as error:
        print(f"no administration server answers at {address}:{port} ({error})")
        return False
    if hashlib.sha256(certificate).hexdigest() != fingerprint:
        print(f"what answers at {address}:{port} shows another certificate than the domain's own")
        return False
    return True


def run(user: str, passwords: str, program: str, arguments: "list[str]") -> int:
    """Run asadmin; its exit status."""
    account = pwd.getpwnam(user)
    with tempfile.TemporaryDirectory(prefix="groupware-ha-glassfish-", dir=PARENT) as top:
        own = os.path.join(top, "passwords")
        with open(passwords, "rb") as source, open(os.open(own, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
            target.write(source.read())
        for path in (own, top):
            os.chown(path, account.pw_uid, account.pw_gid)
        options = ["--interactive=false", "--user=admin", f"--passwordfile={own}"]
        groups = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return subprocess.run([program, *options, *arguments], check=False, **groups).returncode


def main(arguments: "list[str]") -> "int | str | None":
    """The program's exit status."""
    if len(arguments) < 5:
        return __doc__
    user, passwords, where, program, command, *own = arguments
    if where != "-":
        sync = "normal"
        if not answers(where):
            print("the instance starts with what it has; start it again to have it take over what is new")
            sync = "none"
        own.insert(0, f"--sync={sync}")
    sys.stdout.flush()
    # Told to end, it leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    return run(user, passwords, program, [command, *own])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
