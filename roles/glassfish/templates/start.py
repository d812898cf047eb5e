"""Starts a GlassFish instance, for systemd. Replaced by Ansible: see the role glassfish.

ADDRESS PORT FINGERPRINT PROGRAM ARGUMENT...  run PROGRAM, which is asadmin, with the passwords that systemd hands over

An instance fetches what is new from the administration server, which it tells the administrator's password for that.
asadmin tells it anybody: so it is told only who shows the certificate of that fingerprint. Where nobody does, the
instance starts with what it has.
"""

import hashlib
import os
import socket
import ssl
import sys

#: Seconds for an administration server to answer.
PATIENCE = 10


def is_there(address: str, port: str, fingerprint: str) -> bool:
    """Whether the domain's own administration server answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, int(port)), timeout=PATIENCE) as plain,
            context.wrap_socket(plain) as tls,
        ):
            certificate = tls.getpeercert(binary_form=True) or b""
    except OSError as error:
        print(f"no administration server answers at {address}:{port} ({error})")
        return False
    if hashlib.sha256(certificate).hexdigest() != fingerprint:
        print(f"what answers at {address}:{port} shows another certificate than the domain's own")
        return False
    return True


def main(arguments: "list[str]") -> "str | None":
    """Become asadmin; why not, if that cannot be."""
    if len(arguments) < 5:
        return __doc__
    address, port, fingerprint, program, *own = arguments
    sync = "normal"
    if not is_there(address, port, fingerprint):
        print("the instance starts with what it has; start it again to have it take over what is new")
        sync = "none"
    sys.stdout.flush()
    passwords = os.path.join(os.environ["CREDENTIALS_DIRECTORY"], "passwords")
    options = ["--interactive=false", "--user=admin", f"--passwordfile={passwords}"]
    try:
        os.execv(program, [program, *options, own[0], f"--sync={sync}", *own[1:]])  # noqa: S606 # in the place of this one
    except OSError as error:
        return f"{program}: {error.strerror}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
