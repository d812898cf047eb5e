"""A mail server of somebody else: takes mail on port 2525 from whoever logs in over TLS, and keeps it in a folder.

Usage: smarthost.py FOLDER CERTIFICATE KEY USER PASSWORD
"""

import base64
import pathlib
import socketserver
import ssl
import sys
import uuid

FOLDER, CERTIFICATE, KEY, USER, PASSWORD = sys.argv[1:]
CREDENTIALS = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()


class Session(socketserver.StreamRequestHandler):
    """One client."""

    def say(self, *lines):
        for number, line in enumerate(lines, 1):
            code, text = line.split(" ", 1)
            self.wfile.write(f"{code}{' ' if number == len(lines) else '-'}{text}\r\n".encode())

    def secure(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, KEY)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def handle(self):
        secure = logged_in = False
        envelope = ""
        self.say("220 smarthost.molecule.test ESMTP")
        # Not by iter(): there is another one after STARTTLS.
        while raw := self.rfile.readline():
            line = raw.decode().strip()
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                self.say("250 smarthost.molecule.test", "250 AUTH PLAIN" if secure else "250 STARTTLS")
            elif word == "STARTTLS":
                self.say("220 go on")
                self.secure()
                secure = True
            elif word == "AUTH":
                logged_in = secure and line == f"AUTH PLAIN {CREDENTIALS}"
                self.say("235 welcome" if logged_in else "535 no")
            elif not logged_in and word in ("MAIL", "RCPT", "DATA"):
                self.say("530 log in first")
            elif word == "DATA":
                self.say("354 go on")
                message = b"".join(iter(self.rfile.readline, b".\r\n"))
                (pathlib.Path(FOLDER) / uuid.uuid4().hex).write_bytes(envelope.encode() + message)
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                envelope += f"{line}\n" if word in ("MAIL", "RCPT") else ""
                self.say("250 ok")


socketserver.ThreadingTCPServer.allow_reuse_address = True
with socketserver.ThreadingTCPServer(("", 2525), Session) as server:
    server.serve_forever()
