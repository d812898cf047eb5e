#!/usr/bin/python3
"""What takes connections in place of a product's servers: ``serve.py HOST_NAME ADDRESS PORT=KIND...``.

Prints its process when they can be asked, and goes on in the background.
"""

from __future__ import annotations

import contextlib
import os
import socketserver
import sys
import threading
from collections.abc import Mapping

#: What each kind answers to lines with a word; without a word it is the greeting. A kind without one says no more then.
KINDS: Mapping[str, Mapping[str, bytes]] = {
    "smtp": {
        "": b"220 HOST -- Server ESMTP\r\n",
        "EHLO": b"250 HOST\r\n",
        "QUIT": b"221 bye\r\n",
    },
    "imap": {
        "": b"* OK HOST IMAP4 service\r\n",
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
        "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
    },
    "wcap": {"GET /VERSION.WCAP?": b"HTTP/1.0 200 OK\r\n\r\nX-NSCP-WCAPVERSION:3.0\r\n"},
    "web": {"GET /WEBMAIL/ ": b"HTTP/1.0 200 OK\r\n\r\nSign in\r\n"},
}


def server(host_name: str, address: str, port: int, answers: Mapping[str, bytes]) -> socketserver.BaseServer:
    """A server that listens, and answers nobody yet."""

    def filled(answer: bytes) -> bytes:
        return answer.replace(b"HOST", host_name.encode())

    class Talker(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.wfile.write(filled(answers.get("", b"")))
                for line in self.rfile:
                    word = next((word for word in answers if word and word.encode() in line.upper()), None)
                    if word is not None:
                        self.wfile.write(filled(answers[word]).replace(b"TAG", line.split()[0]))
                        if "" not in answers:
                            return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    return Server((address, port), Talker)


def main() -> None:
    """Serve until killed."""
    host_name, address, *wanted = sys.argv[1:]
    pairs = [pair.split("=") for pair in wanted]
    servers = [server(host_name, address, int(port), KINDS[kind]) for port, kind in pairs]
    process = os.fork()
    if process:
        print(process)
        return
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    threads = [threading.Thread(target=one.serve_forever) for one in servers]
    for thread in threads:
        thread.start()
    # As soon as this one ends, Python 3.12 and newer begin no thread any more, and each connection has its own.
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
