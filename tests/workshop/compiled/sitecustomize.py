"""Python keeps what it has compiled of archives, as it does of files.

Ansible sends each module with all that it imports as an archive, and what is in archives Python compiles whenever it
is imported: most of what a module costs. Tests run the same modules thousands of times, so Python on their nodes finds
this file, which it imports at its start. What is kept goes by the source text: nothing that has changed is ever found.
"""

from __future__ import annotations

import _imp
import marshal
import os
import sys
import zipimport

if False:  # what types need, no node has to import
    from collections.abc import Callable
    from typing import Any

#: Where a node has it, or wherever a test says. Without that folder nothing is kept.
FOLDER = os.environ.get("GROUPWARE_HA_COMPILED", "/var/cache/groupware-ha-compiled")

_compile = zipimport._compile_source  # type: ignore[attr-defined]


def kept_or_compiled(source: bytes, pathname: str, compiled: Callable[[], Any]) -> Any:
    """The code of a source text: the one that is kept, or else the one that is compiled now."""
    kept = f"{FOLDER}/{sys.implementation.cache_tag}-{len(source)}-{_imp.source_hash(0, source).hex()}"
    try:
        with open(kept, "rb") as file:
            code = marshal.loads(file.read())  # noqa: S302 of a folder that nobody else writes to
        _imp._fix_co_filename(code, pathname)
        return code
    except (OSError, ValueError, EOFError, TypeError):
        code = compiled()
    written = f"{kept}.{os.urandom(8).hex()}"
    try:
        with open(written, "wb") as file:
            file.write(marshal.dumps(code))
        os.rename(written, kept)
    except OSError:  # a user who may not
        pass
    return code


zipimport._compile_source = lambda pathname, source: kept_or_compiled(  # type: ignore[attr-defined]
    source, pathname, lambda: _compile(pathname, source)
)
