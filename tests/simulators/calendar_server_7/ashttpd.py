"""The simulated document store: ``ashttpd.py CONFIG-DIRECTORY``. Keeps documents as files, for who knows the password.

What the product's protocol is, nobody says; this one is PUT and GET of /docs/NAME.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

#: What the file may have, with what is taken where it has nothing; the product's reference.
SETTINGS = {
    "service.host": "*",
    "service.port": "8008",
    "store.datadir": "/var/opt/sun/comms/davserver",
    "store.lockdir": "/var/opt/sun/comms/davserver/lock",
    "store.loglevel": "INFO",
}


def properties(path: Path) -> dict[str, str]:
    """The values of a file of lines ``name=value``."""
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {name: value for name, _equals, value in pairs}


def main() -> None:
    """Serve until the process is ended."""
    config = Path(sys.argv[1])
    given = properties(config / "ashttpd.properties")
    unknown = sorted(set(given) - set(SETTINGS))
    if unknown:
        sys.exit(f"unknown parameter {unknown[0]}")
    settings = {**SETTINGS, **given}
    password = properties(config / "ashttpdcreds.properties")["store.document.password"]
    proof = "Basic " + base64.b64encode(f"davserver:{password}".encode()).decode()
    documents = Path(settings["store.datadir"], "docs")
    documents.mkdir(parents=True, exist_ok=True)

    class Handler(BaseHTTPRequestHandler):
        def _path(self) -> Path | None:
            """The file of a document, where the client may have it."""
            if not hmac.compare_digest(self.headers.get("Authorization", ""), proof):
                self._answer(401)
                return None
            match = re.fullmatch(r"/docs/([A-Za-z0-9-]+)", self.path)
            if match is None:
                self._answer(200 if self.path == "/" else 404)
                return None
            return documents / match[1]

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            path = self._path()
            if path is not None:
                self._answer(*((200, path.read_bytes()) if path.is_file() else (404,)))

        def do_PUT(self) -> None:
            path = self._path()
            if path is not None:
                new = path.with_suffix(".new")
                with open(new, "wb") as file:
                    file.write(self.rfile.read(int(self.headers["Content-Length"])))
                    file.flush()
                    os.fsync(file.fileno())
                new.replace(path)
                self._answer(201)

    host = "" if settings["service.host"] == "*" else settings["service.host"]
    ThreadingHTTPServer((host, int(settings["service.port"])), Handler).serve_forever()


if __name__ == "__main__":
    main()
