"""Runs a Radicale, and tells systemd whether it answers. This file is replaced by Ansible: see the role radicale.

Usage: groupware-ha-radicale FOLDER, with its config, and authority.pem if it trusts an authority of the site's own.

Radicale becomes this very process, so that systemd waits for it and for nothing else; beside it a child asks it for a
page, as anybody would. When it is first given, the unit is started; each time it is given, the watchdog of the unit is
told so. A Radicale that hangs, or that lost its address, is ended by systemd, and the cluster starts it anew.
"""

import configparser
import contextlib
import http.client
import os
import socket
import ssl
import sys
import time

#: Seconds between two questions, the first ones and the later ones; seconds for an answer.
SOON, LATER, PATIENCE = 0.2, 10, 20


def where(config):
    """The address and the port of an instance, from its file."""
    parser = configparser.RawConfigParser()
    with open(config, encoding="utf-8") as file:
        parser.read_file(file)
    host, port = parser["server"]["hosts"].rsplit(":", 1)
    return host.strip("[]"), int(port)


def answers(host, port):
    """Whether the page that wants no log-in is given, or refused in good order."""
    # It asks its own address for its own page: who signed the certificate is of no interest.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context)
    try:
        connection.request("GET", "/.web/", headers={"Connection": "close"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tell(text):
    """Tell systemd."""
    path = os.environ["NOTIFY_SOCKET"]
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sender:
        sender.connect(f"\0{path[1:]}" if path.startswith("@") else path)
        sender.send(text.encode())


def watch(host, port):
    """Ask as long as there is somebody to ask."""
    started = False
    parent = os.getppid()
    while os.getppid() == parent:
        if answers(host, port):
            tell("WATCHDOG=1" if started else "READY=1\nWATCHDOG=1")
            started = True
        time.sleep(LATER if started else SOON)


def main():
    """Run."""
    folder = sys.argv[1]
    config, authority = os.path.join(folder, "config"), os.path.join(folder, "authority.pem")
    host, port = where(config)
    if "NOTIFY_SOCKET" in os.environ and os.fork() == 0:
        watch(host, port)
        return
    if os.path.exists(authority):
        # Read by OpenSSL in place of the system's, when Radicale asks the mail service.
        os.environ["SSL_CERT_FILE"] = authority
    os.environ.pop("NOTIFY_SOCKET", None)
    os.execv("/usr/bin/radicale", ["/usr/bin/radicale", "--config", config])  # noqa: S606 # no shell is wanted


if __name__ == "__main__":
    main()
