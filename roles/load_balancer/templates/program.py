#!/usr/bin/python3 -IS
"""Asks HAProxy on its socket, for keepalived and for systemd. This file is replaced by Ansible: see the role load_balancer.

answers  whether it does
save     has it write down which of its members are drained or in maintenance, for its next start or reload
"""

import os
import socket
import sys

SOCKET = "/run/haproxy/groupware-ha.sock"
STATES = "/var/lib/groupware-ha-haproxy.states"


def ask(command: str) -> str:
    """What HAProxy answers; it closes the connection behind that."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1.5)
        connection.connect(SOCKET)
        connection.sendall(command.encode() + b"\n")
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()


def save() -> None:
    """Put the states in place as a whole."""
    text = ask("show servers state")
    if not text.startswith("1\n#"):
        sys.exit("HAProxy gives the states of its members in a format that is not known here")
    new = f"{STATES}.new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, STATES)


try:
    if sys.argv[1:] == ["save"]:
        save()
    elif sys.argv[1:] == ["answers"]:
        sys.exit(0 if ask("show info").startswith("Name: HAProxy") else 1)
    else:
        sys.exit(__doc__)
except OSError as error:
    sys.exit(f"HAProxy does not answer: {error}")
