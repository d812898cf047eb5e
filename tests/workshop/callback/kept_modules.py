"""What one run of Ansible has packed of a module, to be sent to nodes, is there for the next run.

To pack a module, Ansible reads all that it imports, which costs more than to run it; that is kept for the one run.
Tests run the same modules thousands of times. What is kept here goes by the content of everything that could be packed.

The rest of a collection, filters and the like, Ansible compiles in each process that imports it. That is kept too, if
Python has been told to keep what it compiles of archives; see ../compiled.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible
from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import connection_loader, filter_loader, shell_loader, test_loader
from ansible.release import __version__
from ansible.utils.collection_loader import _collection_finder

DOCUMENTATION = """
name: kept_modules
type: aggregate
short_description: Keeps packed modules for the next run
description: Keeps packed modules for the next run.
"""

KEPT = Path(os.environ.get("GROUPWARE_HA_KEPT_MODULES") or Path(__file__).resolve().parents[3] / ".cache/modules")
DAY = 24 * 60 * 60
#: Others may come from anywhere, such as a folder beside a playbook.
PREFIXES = ("ansible_collections.groupware.ha.", "ansible.modules.")


def content(collection: Path) -> str:
    """A name for the content of all that could be packed."""
    whole = hashlib.sha256(f"{__version__} {ansible.__file__} {sys.version}".encode())
    for room in ("modules", "module_utils"):
        for path in sorted((collection / "plugins" / room).rglob("*.py")):
            whole.update(f"{path.relative_to(collection)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()[:32]


def _keeping(kept_or_compiled: Any) -> Callable[..., Any]:
    """Compile as the built-in function does, and keep it."""

    def compile_source(source: str | bytes, filename: str, mode: str, **options: Any) -> Any:
        text = source.encode() if isinstance(source, str) else source
        return kept_or_compiled(text, filename, lambda: compile(source, filename, mode, **options))

    return compile_source


def _load_for_all_workers() -> None:
    """Load once what each process that Ansible forks for a task and a host would load for itself."""
    for loader in (filter_loader, test_loader):
        for _plugin in loader.all():
            pass
    for loader, name in ((connection_loader, "ssh"), (connection_loader, "local"), (shell_loader, "sh")):
        loader.get(name, class_only=True)
    # They live too short to collect garbage, and looking for it copies memory that they share.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20000)


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Gives what is kept to a run that begins, and keeps more when it ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kept_modules"

    def __init__(self, *given, **options) -> None:  # type: ignore[no-untyped-def] # whatever Ansible gives
        super().__init__(*given, **options)
        self.own = Path(constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache"
        self.own.mkdir(exist_ok=True)
        found = importlib.import_module("ansible_collections.groupware.ha")
        self.kept = KEPT / content(Path(next(iter(found.__path__))))
        keeping = getattr(sys.modules.get("sitecustomize"), "kept_or_compiled", None)
        if keeping:
            _collection_finder.compile = _keeping(keeping)
        with contextlib.suppress(OSError):  # nothing is kept yet
            for path in self.kept.iterdir():
                (self.own / path.name).symlink_to(path)

        _load_for_all_workers()

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """Keep what this run has packed."""
        packed = [path for path in self.own.iterdir() if path.name.startswith(PREFIXES) and path.suffix != ".lock"]
        with contextlib.suppress(OSError):  # a user who may not
            if not self.kept.exists():
                self.kept.mkdir(parents=True, exist_ok=True)
                self._forget()
            for path in packed:
                if not path.is_symlink():
                    written = self.kept.with_name(f"{os.urandom(8).hex()}.new")
                    written.write_bytes(path.read_bytes())
                    written.rename(self.kept / path.name)

    def _forget(self) -> None:
        """Remove what has been kept of earlier contents."""
        for folder in self.kept.parent.iterdir():
            if folder.is_dir() and folder.stat().st_mtime < time.time() - DAY:
                for path in folder.iterdir():
                    path.unlink()
                folder.rmdir()
