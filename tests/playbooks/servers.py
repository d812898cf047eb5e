"""Servers on ports of their own: ``servers.py ADDRESS PORT=KIND...``; prints its process when they can be asked."""

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
        "": b"220 mail1.example.com -- Server ESMTP\r\n",
        "EHLO": b"250 mail1.example.com\r\n",
        "QUIT": b"221 bye\r\n",
    },
    "imap": {
        "": b"* OK mail1.example.com IMAP4 service\r\n",
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n",
        "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
    },
    "wcap": {"GET /VERSION.WCAP?": b"HTTP/1.0 200 OK\r\n\r\nX-NSCP-WCAPVERSION:3.0\r\n"},
}


def server(address: str, port: int, answers: Mapping[str, bytes]) -> socketserver.BaseServer:
    """A server that listens, and answers nobody yet."""

    class Talker(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.wfile.write(answers.get("", b""))
                for line in self.rfile:
                    word = next((word for word in answers if word and word.encode() in line.upper()), None)
                    if word is not None:
                        self.wfile.write(answers[word].replace(b"TAG", line.split()[0]))
                        if "" not in answers:
                            return

    return socketserver.ThreadingTCPServer((address, port), Talker)


def main() -> None:
    """Serve until killed."""
    address, *wanted = sys.argv[1:]
    pairs = [pair.split("=") for pair in wanted]
    servers = [server(address, int(port), KINDS[kind]) for port, kind in pairs]
    process = os.fork()
    if process:
        print(process)
        return
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    for one in servers:
        threading.Thread(target=one.serve_forever).start()


if __name__ == "__main__":
    main()
