"""Put pip into ansible-test's virtual environments, from the wheel that lies beside this file."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    wheel = str(next(Path(__file__).resolve().parent.glob("pip-*.whl")))
    sys.path.insert(0, wheel)
    from pip._internal.cli.main import main as pip  # noqa: PLC0415 - there is none before the line above

    options = [
        argument
        for argument in sys.argv[1:]
        if argument not in ("--no-setuptools", "--no-wheel") and not argument.startswith("pip")
    ]
    return pip(["install", *options, "--no-index", wheel])


if __name__ == "__main__":
    sys.exit(main())
