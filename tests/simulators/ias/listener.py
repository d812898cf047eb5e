"""What takes connections in place of an Executive Server: ``listener.py ADDRESS PORT``."""

from __future__ import annotations

import socket
import sys


def main() -> None:
    """Take connections until the end."""
    with socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64) as listening:
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        while True:
            listening.accept()[0].close()


if __name__ == "__main__":
    main()
