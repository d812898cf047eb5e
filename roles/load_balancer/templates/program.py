"""Asks HAProxy on its socket, for keepalived and for systemd. Replaced by Ansible: see the role load_balancer.

answers  whether it does
save     has it write down which of its members are drained or in maintenance, for its next start or reload; of another
         HAProxy than that of a balancer with the paths of its socket and of the file to write
"""

import os
import socket
import sys

SOCKET = "/run/haproxy/groupware-ha.sock"
STATES = "/var/lib/groupware-ha-haproxy.states"


def ask(command: str, path: "str | None" = None) -> str:
    """What HAProxy answers; it closes the connection behind that."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(path or SOCKET)
        connection.sendall(command.encode() + b"\n")
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).decode()


def save(path: "str | None" = None, states: "str | None" = None) -> "int | str":
    """Put the states in place as a whole."""
    text = ask("show servers state", path)
    if not text.startswith("1\n#"):
        return "HAProxy gives the states of its members in a format that is not known here"
    states = states or STATES
    new = f"{states}.new"
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, states)
    return 0


def main(arguments: "list[str]") -> "int | str | None":
    """The program's exit status, or why it failed."""
    try:
        if arguments[:1] == ["save"] and len(arguments) in (1, 3):
            return save(*arguments[1:])
        if arguments == ["answers"]:
            return 0 if ask("show info").startswith("Name: HAProxy") else 1
    except OSError as error:
        return f"HAProxy does not answer: {error}"
    return __doc__


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
