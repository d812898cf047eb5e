#!/usr/bin/env python3
"""A web server that answers every method with what it saw, and keeps sessions.

server.py NAME PAIR   without TLS on port 8080, and with TLS on port 8443

/status begins no session, /sessions says how many there are, every other page belongs to one, as those of Java do.
"""

from __future__ import annotations

import json
import ssl
import sys
import threading
import uuid
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = sys.argv[1]
SESSIONS: dict[str, int] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    # Or each answer waits for the client to acknowledge its head.
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle_one_request(self) -> None:
        """Any method; http.server asks for one of the method's name."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        shown = {"server": NAME, "method": self.command, "path": self.path, "body": len(body)}
        shown["forwarded"] = [self.headers.get(f"X-Forwarded-{what}") for what in ("For", "Proto")]
        headers = {}
        if self.path == "/sessions":
            shown["sessions"] = len(SESSIONS)
        elif self.path != "/status":
            cookie = SimpleCookie(self.headers.get("Cookie", ""))
            session = cookie["SESSION"].value if "SESSION" in cookie else ""
            if session not in SESSIONS:
                session = uuid.uuid4().hex
                headers["Set-Cookie"] = f"SESSION={session}"
            SESSIONS[session] = shown["count"] = SESSIONS.get(session, 0) + 1
        text = json.dumps(shown).encode()
        self.send_response(207 if self.command in ("PROPFIND", "REPORT") else 200)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, *_given: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as come."""

    request_queue_size = 256


plain, secure = Server(("", 8080), Handler), Server(("", 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=secure.serve_forever, daemon=True).start()
plain.serve_forever()
