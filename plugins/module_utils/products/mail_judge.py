# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Postfix and Dovecot themselves judge the files of an instance, before these are what they run with.

The files are laid out in a private directory in memory (/run), with each path in them that would lead to the files in
use leading to the ones that are judged; and so does the queue, as "postfix check" makes what is missing there. So the
same can be asked in check mode, and nothing of the volume is touched.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, Runner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates, staging
from ansible_collections.groupware.ha.plugins.module_utils.shown import HIDDEN
from . import mail_ports, postfix_parameters
from .mail_generations import LINKS

#: What is asked; where one is not installed yet, as in check mode on an empty node, nothing can be judged.
PROGRAMS = ("doveconf", "postconf", "postmap", "postfix", "openssl")

#: Seconds for one program. "postfix check" starts hundreds of processes, and needs a while on a node that is busy.
_TIMEOUT = 300

#: A key that no table has, so that a look-up goes through all of them.
_NO_KEY = "nobody@groupware.invalid"

#: Tables in files; those of a database server would make the server part of the judgement.
_TABLE = re.compile(r"\b(?:texthash|hash|btree|cdb|lmdb|dbm|sdbm|regexp|pcre|cidr):/[^\s,{}()]+")

#: Postfix makes these itself, when it needs them.
_CACHE = re.compile(r"_cache_(?:map|database)$|^address_verify_map$")

#: The user's own parameters stand after the role's, and the last one counts. Meant, and said by each of the programs.
_OVERRIDING = re.compile(r"warning: .*: overriding earlier entry: ")


@dataclass(frozen=True)
class Judged:
    """An instance's files that are to be judged.

    :ivar given: what the user gave of ``postfix_parameters.NAME``, ``dovecot_settings``, ``certificate``
    :ivar hidden: words that must not be repeated, since they are secrets
    """

    name: str
    mount_point: str
    given: tuple[str, ...]
    hidden: tuple[str, ...] = ()

    def key(self, option: str, words: str = "") -> str:
        """What of the user's it is about, as far as that can be told."""
        names = [name for name in self.given if name == option or name.startswith(f"{option}.")]
        named = [name for name in names if re.search(rf"\b{re.escape(name.partition('.')[2])}\b", words)]
        chosen = named if option == "postfix_parameters" and named else names
        return f"postfix_dovecot_instances[{self.name}]" + (f".options.{', '.join(chosen)}" if chosen else "")


class Stage:
    """The private directory with the files."""

    def __init__(self, judged: Judged, top: Path) -> None:
        self.judged, self.top = judged, top
        base = judged.mount_point
        self._paths = {f"{base}/{name}": str(top / target) for name, target in LINKS.items()}
        self._paths.update({f"{base}/postfix/{name}": str(top / name) for name in ("spool", "data")})
        for name in ("spool", "data", "postfix", "dovecot", "tls"):
            (top / name).mkdir()

    def put(self, relative: str, content: bytes) -> None:
        """A file as it is to become."""
        path = self.top / relative
        path.parent.mkdir(exist_ok=True, parents=True)
        text = content.decode("utf-8", "surrogateescape")
        for real, staged in self._paths.items():
            text = re.sub(rf"{re.escape(real)}(?![\w.-])", staged, text)
        staging.put(path, text)

    def keep(self, relative: str, path: Path) -> None:
        """A file that stays as it is."""
        staged = self.top / relative
        staged.parent.mkdir(exist_ok=True, parents=True)
        staged.symlink_to(path)

    def words(self, text: str) -> str:
        """What a program said, with the real paths and without secrets."""
        for real, staged in self._paths.items():
            text = text.replace(staged, real)
        for word in sorted(self.judged.hidden, key=len, reverse=True):
            text = text.replace(word, HIDDEN)
        return " / ".join(line.strip() for line in text.splitlines() if line.strip())


@contextlib.contextmanager
def staged(judged: Judged) -> Iterator[Stage]:
    """Make the directory, which nobody else can look into, and remove it again."""
    with staging.stage("mail") as top:
        yield Stage(judged, top)


def judge(stage: Stage, runner: Runner, *, certificate_in_time: bool) -> list[str]:
    """Everything that the programs have against the files; each with its key and the program's own words.

    :param certificate_in_time: whether the certificate must be valid today
    """
    judged = stage.judged
    problems = []
    tls = certificates.unusable(
        stage.top / "tls/certificate.pem", stage.top / "tls/key.pem", runner, in_time=certificate_in_time
    )
    if tls is not None:
        problems.append(f"{judged.key('certificate')}: cannot be used with the key: {stage.words(tls)}")
    dovecot = _ask(runner, ["doveconf", "-n", "-x", "-c", str(stage.top / "dovecot/dovecot.conf")])
    if dovecot.status != 0:
        problems.append(f"{judged.key('dovecot_settings')}: {stage.words(dovecot.stderr) or 'doveconf refuses it'}")
    words = _postfix_words(stage, runner)
    if words is not None:
        key = judged.key("postfix_parameters", words)
        problems.append(f"{key}: {stage.words(words)}")
    return problems


def judge_ports(
    stage: Stage, runner: Runner, address: str, taken: Mapping[str, Collection[int]], master: int | None
) -> list[str]:
    """What keeps Dovecot from listening where its file says; with its key.

    :param taken: ports on the instance's address, by the other servers of the instance
    :param master: the process of the instance's Dovecot, if it runs here, and would be told to listen there
    """
    shown = _ask(runner, ["doveconf", "-c", str(stage.top / "dovecot/dovecot.conf"), *mail_ports.SETTINGS])
    wanted = mail_ports.listeners(shown.stdout)
    problems = mail_ports.colliding(wanted, address, taken)
    if master is not None and not problems:
        problems = mail_ports.unavailable(wanted, master)
    return [f"{stage.judged.key('dovecot_settings')}: {problem}" for problem in problems]


def _postfix_words(stage: Stage, runner: Runner) -> str | None:
    """What Postfix's programs say against the files, the first that says something."""
    directory = str(stage.top / "postfix")
    _owned_by_postfix(stage.top / "data")
    shown = _ask(runner, ["postconf", "-c", directory, "-x"])
    said = _complaints(shown)
    if shown.status != 0 or said:
        return said or "postconf refuses it"
    values = _values(shown)
    # With the parameters that are in the defaults as they are here.
    mistyped = _mistyped(stage.judged, values, _values(_ask(runner, ["postconf", "-c", directory, "-d", "-x"])))
    if mistyped:
        return "\n".join(mistyped)
    tables = _tables(stage, values)
    queried = _ask(runner, ["postmap", "-c", directory, "-q", _NO_KEY, *tables])
    said = _complaints(queried)
    if queried.status not in (0, 1) or said:
        return said or f"postmap cannot read {', '.join(tables)}"
    checked = _ask(runner, ["postfix", "-c", directory, "check"])
    if checked.status != 0:
        return _complaints(checked) or f"postfix check fails, with exit status {checked.status}; the mail log says why"
    # The server itself, which reads parameters that none of the others knows; alone, without the network.
    smtpd = f"{values.get('daemon_directory', '')}/smtpd"
    greeted = _ask(runner, ["env", f"MAIL_CONFIG={directory}", smtpd, "-S"], stdin="QUIT\r\n")
    if not greeted.stdout.startswith("220"):
        return _complaints(greeted) or "smtpd does not start with it; the mail log says why"
    return None


def _values(shown: CommandResult) -> dict[str, str]:
    return dict(re.findall(r"^(\w+) = (.*)$", shown.stdout, re.MULTILINE))


def _mistyped(judged: Judged, values: Mapping[str, str], defaults: Mapping[str, str]) -> list[str]:
    """Values of the user that are not of the kind that Postfix's own are."""
    names = [name.partition(".")[2] for name in judged.given if name.startswith("postfix_parameters.")]
    faults = {
        name: postfix_parameters.mistyped(name, values[name], defaults[name])
        for name in names
        if name in values and name in defaults
    }
    return [f"{name} = {values[name]}: {fault[0]}; {fault[1]}" for name, fault in faults.items() if fault is not None]


def _ask(runner: Runner, argv: Sequence[str], stdin: str | None = None) -> CommandResult:
    """Run a program whatever its exit status is; what it prints may have secrets, and is in no exception."""
    return runner.run(argv, stdin=stdin, timeout=_TIMEOUT, accept=range(-64, 256), record=False)


def _complaints(result: CommandResult) -> str:
    return "\n".join(line for line in result.stderr.splitlines() if _OVERRIDING.search(line) is None and _speaks(line))


def _speaks(line: str) -> bool:
    """Whether a line is a complaint, and not a word on what "postfix check" does for a chroot."""
    return re.match(r"[\w/-]+: (?:warning|error|fatal|panic): ", line) is not None


def _tables(stage: Stage, values: Mapping[str, str]) -> list[str]:
    """The tables in files that the instance's own main.cf and master.cf name."""
    main = (stage.top / "postfix/main.cf").read_text(encoding="utf-8", errors="replace")
    master = (stage.top / "postfix/master.cf").read_text(encoding="utf-8", errors="replace")
    names = [name for name in re.findall(r"^(\w+)\s*=", main, re.MULTILINE) if _CACHE.search(name) is None]
    texts = [*(values.get(name, "") for name in names), master]
    return list(dict.fromkeys(table for text in texts for table in _TABLE.findall(text)))


def _owned_by_postfix(path: Path) -> None:
    """As "postfix check" wants it; where there is no such account, Postfix says so itself."""
    path.chmod(0o700)
    with contextlib.suppress(LookupError):
        shutil.chown(path, "postfix", "postfix")
