"""What is kept between runs, so that tests are quick, is what would be made anew: nothing that has changed is found."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.tests.workshop.callback import kept_modules

HERE = Path(__file__).parent


def imported(archive: Path, kept: Path, source: str) -> str:
    """What Python says that imports a module with this source text from an archive."""
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("stored.py", source)
    environment = {**os.environ, "PYTHONPATH": f"{HERE / 'compiled'}:{archive}", "GROUPWARE_HA_COMPILED": str(kept)}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import stored; print(stored.__file__, stored.where.__code__.co_filename, stored.VALUE)",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_python_keeps_what_it_compiled_of_an_archive_and_finds_nothing_that_changed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    sources = [f"VALUE = {value}\ndef where(): pass\n" for value in (1, 2)]
    for archive in (tmp_path / "one.zip", tmp_path / "other.zip"):
        for number, source in enumerate(sources, start=1):
            assert imported(archive, kept, source) == f"{archive}/stored.py {archive}/stored.py {number}\n"
    found = list(kept.iterdir())
    assert len(found) == len(sources)
    assert all(path.name.startswith(sys.implementation.cache_tag or "") for path in found)
    for path in found:
        path.write_bytes(path.read_bytes()[:20])  # as an interrupted run might leave it
    assert imported(tmp_path / "one.zip", kept, sources[0]).endswith(" 1\n")


def test_without_the_folder_nothing_is_kept(tmp_path: Path) -> None:
    assert imported(tmp_path / "one.zip", tmp_path / "kept", "VALUE = 1\ndef where(): pass\n").endswith(" 1\n")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("room", ["modules", "module_utils"])
def test_packed_modules_go_by_the_content_of_all_that_is_packed(tmp_path: Path, room: str) -> None:
    path = tmp_path / "plugins" / room / "some/file.py"
    path.parent.mkdir(parents=True)
    path.write_text("VALUE = 1\n")
    before = kept_modules.content(tmp_path)
    changed = path.stat()
    path.write_text("VALUE = 2\n")
    os.utime(path, ns=(changed.st_atime_ns, changed.st_mtime_ns))
    assert kept_modules.content(tmp_path) != before
    path.write_text("VALUE = 1\n")
    assert kept_modules.content(tmp_path) == before


def test_a_run_keeps_what_it_packed_for_the_next(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
        "GROUPWARE_HA_KEPT_MODULES": str(tmp_path / "kept"),
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }
    playbook = tmp_path / "playbook.yml"
    playbook.write_text("- hosts: localhost\n  gather_facts: false\n  tasks: [ansible.builtin.ping: ]\n")
    answers = []
    for _run in range(2):
        subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", playbook],
            env=environment,
            capture_output=True,
            check=True,
        )
        (packed,) = (tmp_path / "kept").glob("*/ansible.modules.ping*")
        answers.append(packed.stat().st_ino)
    assert answers[0] == answers[1]
