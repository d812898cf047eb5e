"""The files of a mail instance: replaced as a whole, whenever a run ends; taken over, or put back."""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.node import certificates, staging
from ansible_collections.groupware.ha.plugins.module_utils.node.files import Entry, FileStateError
from ansible_collections.groupware.ha.plugins.module_utils.products import (
    mail_configuration,
    mail_generations,
    mail_judge,
    mail_running,
)
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_configuration import Configuration, Instance
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_generations import LINKS, Generations

OWNER = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}
SECRET = "{SHA512-CRYPT}$6$the-hash-of-alice"  # noqa: S105
GREETING = "220 mail1.example ESMTP\n"


class Programs(LocalRunner):
    """Stands in for Postfix and Dovecot, that have nothing against anything unless a test says so; openssl is real."""

    def __init__(self, **says):
        super().__init__()
        self.says = says
        self.asked = []

    def installed(self, program):
        return program not in self.says.get("missing", ())

    def run(self, argv, **options):
        if argv[0] == "openssl":
            return super().run(argv, **options)
        name = Path(argv[2] if argv[0] == "env" else argv[0]).name
        staged = Path(next(word.partition("=")[2] or word for word in argv if "groupware-ha-mail-" in word))
        top = next(one for one in (staged, *staged.parents) if one.name.startswith("groupware-ha-mail-"))
        assert top.stat().st_mode & 0o777 == 0o700
        self.asked.append((name, {path.name: path.read_text() for path in top.glob("*/*") if path.is_file()}))
        status, output, error = self.says.get(name, (0, GREETING if name == "smtpd" else "", ""))
        return CommandResult(tuple(argv), status, output, error.replace("STAGE", str(top)))


@pytest.fixture(autouse=True)
def this_node(monkeypatch, tmp_path):
    """Nothing runs here, and there need be no account of Postfix."""
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(staging, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(mail_judge, "_owned_by_postfix", lambda _: None)
    monkeypatch.setattr(mail_running, "running", lambda *_: mail_running.Running({}))


@pytest.fixture
def volume(tmp_path, monkeypatch):
    """A volume as the role leaves it before the files of the instance come."""
    top = tmp_path / "srv"
    for name in ("postfix", "dovecot"):
        (top / name).mkdir(parents=True)
    held = contextlib.nullcontext(frozenset([str(top)]))
    monkeypatch.setattr(mail_configuration, "held_volumes", lambda _: held)
    return top


def entries_of(top, version, own=None):
    def file(path, content, mode=0o644, sensitive=False, label="mail1/postfix"):
        return Entry(str(top / path), content=content, mode=mode, sensitive=sensitive, label=label, **OWNER)

    certificate, key = own or (None, None)
    return [
        file("postfix/etc/main.cf", f"version = {version}\ntls = {top}/tls/key.pem, {top}/tls-other\n"),
        file("postfix/etc/mailboxes", f"alice@{version}.example alice\n"),
        file("postfix/etc/master.cf", "smtp inet\n"),
        file("dovecot/dovecot.conf", f"# {version}\nssl_cert = x\n", label="mail1/dovecot"),
        file("dovecot/users", f"alice:{SECRET}-{version}\n", 0o640, sensitive=True, label=""),
        *([file("tls/certificate.pem", certificate, label="mail1/tls")] if own else []),
        *([file("tls/key.pem", key, 0o600, sensitive=True, label="mail1/tls")] if own else []),
    ]


def configuration_of(top, version, own=None, check_mode=False, **given):
    instance = Instance(
        "mail1", str(top), "127.0.0.1", "mail1.example", "postmaster@mail1.example", self_signed=own is None, **given
    )
    return Configuration([instance], entries_of(top, version, own), lambda *_: None, check_mode)


def bring_about(top, version, own=None, programs=None, **given):
    """Run once; gives what was changed."""
    wanted = configuration_of(top, version, own, **given)
    runner = programs or Programs()
    with wanted.held():
        wanted.judge(runner)
        wanted.carry_out(runner, lambda path: path)
    return wanted.changes


def planned(top, version, own=None, **given):
    wanted = configuration_of(top, version, own, check_mode=True, **given)
    with wanted.held():
        wanted.judge(Programs())
    return wanted.changes


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Three certificates with their keys."""
    found = []
    for number in range(3):
        directory = tmp_path_factory.mktemp("pair")
        certificates.make(directory / "c", directory / "k", [f"{number}.example"], 10, LocalRunner())
        found.append(((directory / "c").read_text(), (directory / "k").read_text()))
    return found


def in_use(top):
    """What the servers find under the names that they know."""
    names = ("postfix/etc/main.cf", "postfix/etc/mailboxes", "dovecot/dovecot.conf", "dovecot/users")
    found = [top / name for name in (*names, "tls/certificate.pem", "tls/key.pem")]
    return [path.read_text() if path.exists() else None for path in found]


def everything(top):
    """All that is on the volume with modes and contents, but for the numbers of generations."""
    names = {(top / "configuration" / link).resolve().name: link for link in ("previous", "current")}
    result = {}
    for path in sorted(top.rglob("*")):
        shown = "/".join(names.get(part, part) for part in path.relative_to(top).parts)
        mode = f"{path.lstat().st_mode:o}"
        if path.is_symlink():
            target = os.readlink(path)
            result[shown if path.name not in ("current", "previous") else f"link {path.name}"] = names.get(
                target, target
            )
        else:
            result[shown] = (mode, path.read_text() if path.is_file() else "")
    return result


def world_readable_secrets(top):
    return [
        str(path)
        for path in top.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and ("PRIVATE KEY" in (text := path.read_text()) or SECRET in text)
        and path.stat().st_mode & 0o007
    ]


# -- four steps --------------------------------------------------------------------------------------------------------


def four_steps(top, version, own=None):
    expected = planned(top, version, own)
    done = bring_about(top, version, own)
    assert [change.diff() for change in expected] == [change.diff() for change in done]
    assert [change.as_dict() for change in expected] == [change.as_dict() for change in done]
    shown = "".join(f"{text}" for change in done for text in change.diff().values())
    assert SECRET not in shown
    assert "PRIVATE KEY" not in shown
    assert planned(top, version, own) == []
    before = everything(top)
    assert bring_about(top, version, own) == []
    assert everything(top) == before
    return done


def test_a_new_volume(volume):
    done = four_steps(volume, "one")
    assert {change.entry.path for change in done} >= {f"{volume}/{name}" for name in LINKS}
    assert {change.entry.path for change in done} >= {f"{volume}/tls/key.pem", f"{volume}/tls/certificate.pem"}
    assert (volume / "tls/key.pem").stat().st_mode & 0o777 == 0o600
    assert (volume / "dovecot/users").stat().st_mode & 0o777 == 0o640
    assert all((volume / name).is_symlink() for name in LINKS)


def test_a_change_replaces_everything_and_keeps_what_is_not_the_role_s(volume, pairs):
    four_steps(volume, "one", pairs[0])
    (volume / "postfix/etc/own").write_text("mine\n")
    (volume / "postfix/etc/own").chmod(0o600)
    (volume / "postfix/etc/link").symlink_to("own")
    (volume / "postfix/etc/deeper").mkdir(mode=0o750)
    (volume / "postfix/etc/deeper/still").symlink_to("../../../../tls")
    done = four_steps(volume, "two", pairs[1])
    assert {change.entry.label for change in done} == {"mail1/postfix", "mail1/dovecot", "mail1/tls", ""}
    assert (volume / "postfix/etc/own").stat().st_mode & 0o777 == 0o600
    assert (volume / "postfix/etc/link").read_text() == "mine\n"
    assert (volume / "postfix/etc/deeper").stat().st_mode & 0o777 == 0o750
    assert sorted(os.listdir(volume / "configuration")) == ["1", "2", "current", "previous"]
    four_steps(volume, "three", pairs[1])
    assert sorted(os.listdir(volume / "configuration")) == ["2", "3", "current", "previous"]


def of_an_earlier_version(top, pair):
    (top / "postfix/etc").mkdir()
    (top / "tls").mkdir()
    for entry in entries_of(top, "one", pair):
        Path(entry.path).write_text(entry.content)
        Path(entry.path).chmod(entry.mode)
    (top / "postfix/etc/own").write_text("mine\n")
    (top / "dovecot/state").mkdir()
    (top / "dovecot/state/kept").write_text("state\n")


def test_a_volume_of_an_earlier_version(volume, pairs):
    of_an_earlier_version(volume, pairs[0])
    before = in_use(volume)
    done = four_steps(volume, "one", pairs[0])
    assert [change.action for change in done] == ["link"] * len(LINKS)
    assert in_use(volume) == before
    assert (volume / "postfix/etc/own").read_text() == "mine\n"
    assert (volume / "dovecot/state/kept").read_text() == "state\n"
    assert sorted(os.listdir(volume / "dovecot")) == ["dovecot.conf", "state", "users"]


def test_without_an_exchange_of_names_it_is_the_same(volume, pairs, monkeypatch):
    monkeypatch.setattr(mail_generations.ctypes, "CDLL", lambda *_, **__: None)
    of_an_earlier_version(volume, pairs[0])
    four_steps(volume, "two", pairs[1])
    assert all((volume / name).is_symlink() for name in LINKS)


def test_what_others_linked_is_refused(volume):
    (volume / "postfix/etc").symlink_to("/etc/postfix")
    with pytest.raises(FileStateError, match="which this role did not make"):
        planned(volume, "one")


def test_half_a_pair_is_refused(volume):
    bring_about(volume, "one")
    (volume / "tls/key.pem").unlink()
    with pytest.raises(certificates.CertificateError, match="put the missing one back"):
        planned(volume, "one")


def test_two_runs_at_once(volume):
    with Generations(str(volume)).locked(), pytest.raises(FileStateError, match="another run is changing"):
        bring_about(volume, "one")


# -- a run that ends anywhere ------------------------------------------------------------------------------------------

#: What changes a name; what is written before a name leads to it is seen by nobody.
CHANGING = frozenset(["os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"])


def replace(top, version, own):
    """As bring_about, but for the programs, which change nothing."""
    wanted = configuration_of(top, version, own)
    with wanted.held():
        wanted.carry_out(Programs(), lambda path: path)


@pytest.fixture
def without_power_loss(monkeypatch):
    """What survives a loss of power is not asked in tests that end many processes, and would take them minutes."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def ends_after(number, action, volume):
    """Do something in a process that ends, as by kill -9, before its change of this number of a volume.

    :returns: whether it ended so
    """
    child = os.fork()
    if child == 0:
        count = itertools.count()

        def hook(event, arguments):
            counts = event in CHANGING and any(str(volume) in str(argument) for argument in arguments)
            if counts and next(count) == number:
                os._exit(9)

        try:
            sys.addaudithook(hook)
            action()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


def cut_everywhere(tmp_path, volume, prepare, action, allowed):
    """Cut at each operation: what is in use is one of what is allowed, and the next run ends as an uncut one does."""
    prepare(volume)
    shutil.copytree(volume, tmp_path / "kept", symlinks=True)

    def start_again():
        shutil.rmtree(volume)
        shutil.copytree(tmp_path / "kept", volume, symlinks=True)

    action()
    expected, final = everything(volume), in_use(volume)
    start_again()
    number = 0
    while ends_after(number, action, volume):
        assert in_use(volume) in [*allowed, final], f"cut at {number}"
        assert world_readable_secrets(volume) == []
        action()
        assert everything(volume) == expected, f"cut at {number}"
        start_again()
        number += 1
    return number


@pytest.mark.usefixtures("without_power_loss")
def test_a_change_that_is_cut_anywhere(tmp_path, volume, pairs):
    def prepare(top):
        bring_about(top, "zero", pairs[2])
        bring_about(top, "one", pairs[0])

    prepare(volume)
    before = in_use(volume)
    shutil.rmtree(volume)
    for name in ("postfix", "dovecot"):
        (volume / name).mkdir(parents=True)
    cuts = cut_everywhere(tmp_path, volume, prepare, lambda: replace(volume, "two", pairs[1]), [before])
    assert cuts > 10


@pytest.mark.usefixtures("without_power_loss")
def test_a_volume_of_an_earlier_version_that_is_cut_anywhere(tmp_path, volume, pairs):
    def prepare(top):
        of_an_earlier_version(top, pairs[0])

    contents = [entry.content for entry in entries_of(volume, "one", pairs[0])]
    before = [*contents[:2], *contents[3:]]
    cuts = cut_everywhere(tmp_path, volume, prepare, lambda: replace(volume, "two", pairs[1]), [before])
    assert cuts > 10


@pytest.mark.usefixtures("without_power_loss")
def test_a_first_run_that_is_cut_anywhere(tmp_path, volume, pairs):
    def action():
        replace(volume, "one", pairs[0])

    # Nothing is started before there is everything; until then some names may be missing.
    contents = [entry.content for entry in entries_of(volume, "one", pairs[0])]
    final = [*contents[:2], *contents[3:]]
    partly = [
        [text if kept else None for text, kept in zip(final, mask, strict=True)]
        for mask in itertools.product((0, 1), repeat=6)
    ]
    cuts = cut_everywhere(tmp_path, volume, lambda _: None, action, partly)
    assert cuts > 10


# -- taken over, or put back -------------------------------------------------------------------------------------------


class Servers:
    """Servers that run here, with the files that they read when they were told to; ``broken`` ones do not answer."""

    def __init__(self, top, monkeypatch, path):
        self.top, self.path = top, path
        self.path.write_text("".join(text or "" for text in in_use(top)))
        monkeypatch.setattr(mail_configuration, "_PATIENCE", 0)
        monkeypatch.setattr(mail_configuration, "_PATIENCE_BACK", 0)
        monkeypatch.setattr(mail_configuration, "_PATIENCE_BEFORE", 0)
        # What a server that reads "fatal" does: it ends.
        self.masters = {"postfix": os.getpid(), "dovecot": os.getpid()}
        self.starts = []
        monkeypatch.setattr(mail_running, "running", lambda *_: mail_running.Running(dict(self.masters)))
        monkeypatch.setattr(mail_running, "start", self.start)
        monkeypatch.setattr(mail_running, "address_is_here", lambda _: True)
        monkeypatch.setattr(mail_running, "reload", self.reload)
        monkeypatch.setattr(mail_running, "not_taken_over", lambda *_: [])
        monkeypatch.setattr(mail_running, "greet", self.greet)
        self.reloads = []

    def reload(self, servers, *_):
        self.reloads.append(sorted(servers.masters))
        self.path.write_text("".join(in_use(self.top)))
        for server in servers.masters:
            if f"fatal for {server}" in self.path.read_text():
                del self.masters[server]
        return []

    def start(self, servers, name, mount_point, _runner):
        assert (name, mount_point) == ("mail1", str(self.top))
        self.starts.extend(sorted(servers))
        self.path.write_text("".join(in_use(self.top)))
        for server in servers:
            if f"fatal for {server}" not in self.path.read_text():
                self.masters[server] = os.getpid()
        return self.refused

    refused = ()

    def greet(self, _address, ports, shown, _recipient):
        assert sorted(ports) == sorted(shown) == [25, 465, 587, 993]
        if len(self.masters) < 2:
            return ["port 993: Connection refused"]
        return ["port 25: silence"] if "broken" in self.path.read_text() else []

    @property
    def run_with_what_is_there(self):
        return self.path.read_text() == "".join(in_use(self.top))


@pytest.fixture
def servers(tmp_path, volume, pairs, monkeypatch):
    bring_about(volume, "one", pairs[0])
    return Servers(volume, monkeypatch, tmp_path / "run with")


def test_servers_take_over_what_changed(volume, servers, pairs):
    four_steps(volume, "two", pairs[1])
    assert servers.run_with_what_is_there
    assert servers.reloads == [["dovecot", "postfix"]]


@pytest.mark.parametrize(
    ("name", "reloads"), [("main.cf", [["postfix"]]), ("dovecot.conf", [["dovecot"]]), ("users", [[]])]
)
def test_only_servers_whose_files_changed_are_told(volume, servers, pairs, monkeypatch, name, reloads):
    entries = entries_of(volume, "one", pairs[0])
    other = [
        entry if not entry.path.endswith(name) else Entry(**{**vars(entry), "content": f"{entry.content}x\n"})
        for entry in entries
    ]
    monkeypatch.setitem(globals(), "entries_of", lambda *_: other)
    bring_about(volume, "one", pairs[0])
    assert servers.reloads == reloads


def test_files_that_silence_the_servers_are_put_back(volume, servers, pairs):
    before, files = in_use(volume), everything(volume)
    with pytest.raises(FileStateError, match=r"port 25: silence.*put back, and it answers"):
        bring_about(volume, "broken", pairs[1])
    assert in_use(volume) == before
    assert everything(volume) == files
    assert servers.run_with_what_is_there


@pytest.mark.parametrize("server", ["dovecot", "postfix"])
@pytest.mark.parametrize("refused", [(), ("dovecot: exit status 89: is already running",)])
def test_a_server_that_ended_with_the_new_files_runs_again_with_the_former_ones(
    volume, servers, pairs, server, refused
):
    before, files = in_use(volume), everything(volume)
    # By the cluster, which was first.
    servers.refused = refused
    words = rf"port 993: Connection refused\. The former .* what had ended \({server}\) has been started again, and"
    with pytest.raises(FileStateError, match=words):
        bring_about(volume, f"fatal for {server}", pairs[1])
    # With the new files first.
    assert servers.starts == [server, server]
    assert in_use(volume) == before
    assert everything(volume) == files
    assert servers.run_with_what_is_there


@pytest.mark.parametrize("server", ["dovecot", "postfix"])
def test_a_server_that_ends_over_files_that_are_well_is_started_with_them(volume, servers, pairs, monkeypatch, server):
    def reload(told, *arguments):
        problems = servers.reload(told, *arguments)
        del servers.masters[server]
        return problems

    monkeypatch.setattr(mail_running, "reload", reload)
    bring_about(volume, "two", pairs[1])
    assert servers.starts == [server]
    assert servers.reloads == [["dovecot", "postfix"]]
    assert servers.run_with_what_is_there


def test_a_server_that_ends_with_the_former_files_too_is_started(volume, servers, pairs, monkeypatch):
    def reload(told, *arguments):
        problems = servers.reload(told, *arguments)
        if len(servers.reloads) == 2:
            servers.masters.clear()
        return problems

    monkeypatch.setattr(mail_running, "reload", reload)
    with pytest.raises(
        FileStateError, match=r"put back, what had ended \(dovecot, postfix\) has been started again, and"
    ):
        bring_about(volume, "broken", pairs[1])
    assert servers.starts == ["dovecot", "postfix"]
    assert servers.run_with_what_is_there


@pytest.mark.usefixtures("servers")
def test_a_server_that_cannot_be_started_again(volume, pairs, monkeypatch):
    monkeypatch.setattr(mail_running, "start", lambda *_: ["dovecot -c x: exit status 89"])
    words = "started again, but it does not answer now: dovecot -c x: exit status 89; port 993: Connection refused"
    with pytest.raises(FileStateError, match=words):
        bring_about(volume, "fatal for dovecot", pairs[1])


def test_nothing_is_started_where_the_service_is_not_any_more(volume, servers, pairs, monkeypatch):
    def reload(told, *arguments):
        monkeypatch.setattr(mail_running, "address_is_here", lambda _: False)
        return servers.reload(told, *arguments)

    monkeypatch.setattr(mail_running, "reload", reload)
    with pytest.raises(FileStateError, match="put back, but it does not answer now"):
        bring_about(volume, "fatal for dovecot", pairs[1])
    assert servers.starts == []


def test_the_way_back_starts_what_has_ended(volume, servers, pairs):
    servers.path.write_text("broken")
    with pytest.raises(FileStateError) as failed:
        bring_about(volume, "fatal for dovecot", pairs[1])
    line = f"postfix -c {volume}/postfix/etc reload; dovecot -c {volume}/dovecot/dovecot.conf"
    assert str(failed.value).endswith(line)


def test_servers_that_were_silent_before_keep_the_new_files(volume, servers, pairs):
    servers.path.write_text("broken")
    with pytest.raises(FileStateError, match=r"had not answered with the former ones either.*To go back: ln -sfn 1 "):
        bring_about(volume, "also broken", pairs[0])
    assert "also broken" in (volume / "postfix/etc/main.cf").read_text()
    # It is still to be seen whether they answer, with every run, until they do.
    assert [change.action for change in planned(volume, "also broken", pairs[0])] == ["remove"]
    with pytest.raises(FileStateError, match="does not answer"):
        bring_about(volume, "also broken", pairs[0])
    four_steps(volume, "mended", pairs[0])
    assert servers.run_with_what_is_there


@pytest.mark.usefixtures("without_power_loss")
def test_a_run_that_is_cut_anywhere_leaves_no_server_behind(tmp_path, volume, servers, pairs):
    def action():
        replace(volume, "two", pairs[1])

    shutil.copytree(volume, tmp_path / "kept", symlinks=True)
    first = servers.path.read_text()
    for number in itertools.count():
        shutil.rmtree(volume)
        shutil.copytree(tmp_path / "kept", volume, symlinks=True)
        servers.path.write_text(first)
        if not ends_after(number, action, volume):
            break
        action()
        assert servers.run_with_what_is_there, f"cut at {number}"
        assert planned(volume, "two", pairs[1]) == []
    assert number > 10


def test_a_run_that_was_cut_goes_back_to_what_worked(volume, servers, pairs, monkeypatch):
    """Cut after the switch; the next run has yet another change, and that silences the servers."""
    before = in_use(volume)
    monkeypatch.setattr(mail_running, "reload", lambda *_: sys.exit("cut"))
    with pytest.raises(SystemExit):
        bring_about(volume, "two", pairs[1])
    monkeypatch.setattr(mail_running, "reload", servers.reload)
    with pytest.raises(FileStateError, match="put back"):
        bring_about(volume, "broken", pairs[1])
    assert in_use(volume) == before
    assert servers.run_with_what_is_there


# -- judged ------------------------------------------------------------------------------------------------------------

GIVEN = ("postfix_parameters.smtpd_timeuot", "postfix_parameters.biff", "dovecot_settings", "certificate")
MAIN = "/srv/postfix/etc/main.cf"


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (
            {"postconf": (0, "", "postconf: warning: STAGE/postfix/main.cf: unused parameter: smtpd_timeuot=3\n")},
            [
                "postfix_dovecot_instances[mail1].options.postfix_parameters.smtpd_timeuot: ",
                "etc/main.cf: unused parameter",
            ],
        ),
        (
            {"postmap": (1, "", "postmap: fatal: open database STAGE/postfix/own.db: No such file or directory\n")},
            [
                "postfix_dovecot_instances[mail1].options.postfix_parameters.smtpd_timeuot, postfix_parameters.biff: ",
                "etc/own.db",
            ],
        ),
        ({"postfix": (1, "", "")}, ["postfix check fails, with exit status 1; the mail log says why"]),
        ({"smtpd": (1, "", "")}, ["smtpd does not start with it; the mail log says why"]),
        (
            {"doveconf": (89, "key = $6$the-hash-of-alice-two", "doveconf: Fatal: STAGE/dovecot/dovecot.conf line 9")},
            [
                "postfix_dovecot_instances[mail1].options.dovecot_settings: doveconf: Fatal: ",
                "srv/dovecot/dovecot.conf line 9",
            ],
        ),
        (
            {"doveconf": (89, "", f"Unknown scheme: {SECRET}-two")},
            ["Unknown scheme: (hidden)"],
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_a_program_refuses_changes_nothing(volume, says, expected, check_mode):
    bring_about(volume, "one")
    before = everything(volume)
    wanted = configuration_of(volume, "two", check_mode=check_mode, given=GIVEN)
    with wanted.held(), pytest.raises(FileStateError, match="nothing was changed") as refused:
        wanted.judge(Programs(**says))
    for words in expected:
        assert words in str(refused.value)
    assert "the-hash-of-alice" not in str(refused.value)
    assert everything(volume) == before
    assert os.listdir(staging.PARENT) == []


LISTENING = """listen = 127.0.0.1
protocols = imap lmtp
service imap-login {
  protocol = imap
  inet_listener imaps {
    port = %s
  }
}
"""


def test_a_port_of_postfix_is_refused_wherever_dovecot_runs(volume):
    bring_about(volume, "one")
    before = everything(volume)
    for check_mode in (True, False):
        wanted = configuration_of(volume, "two", check_mode=check_mode, given=GIVEN)
        with wanted.held(), pytest.raises(FileStateError, match="nothing was changed") as refused:
            wanted.judge(Programs(doveconf=(0, LISTENING % 465, "")))
        words = (
            "options.dovecot_settings: service imap-login { inet_listener imaps }: port 465 of 127.0.0.1 is Postfix's"
        )
        assert words in str(refused.value)
    assert everything(volume) == before


def test_a_port_of_somebody_else_is_refused_where_dovecot_runs(volume, monkeypatch):
    bring_about(volume, "one")
    with socket.create_server(("127.0.0.1", 0)) as other:
        says = LISTENING % other.getsockname()[1]
        planned_there = configuration_of(volume, "two")
        with planned_there.held():
            planned_there.judge(Programs(doveconf=(0, says, "")))
        with subprocess.Popen(["sleep", "1000"]) as dovecot:
            running = mail_running.Running({"dovecot": dovecot.pid})
            monkeypatch.setattr(mail_running, "running", lambda *_: running)
            wanted = configuration_of(volume, "two", given=GIVEN)
            with (
                wanted.held(),
                pytest.raises(FileStateError, match=rf"dovecot_settings: .* is taken by .*{os.getpid()}"),
            ):
                wanted.judge(Programs(doveconf=(0, says, "")))
            dovecot.kill()
        running.masters["dovecot"] = os.getpid()
        wanted = configuration_of(volume, "two", given=GIVEN)
        with wanted.held():
            wanted.judge(Programs(doveconf=(0, says, "")))


def test_an_address_that_the_cluster_has_still_to_bring_is_no_reason_to_refuse(volume, monkeypatch):
    """A service gets another address while it runs: the cluster brings it, and starts the servers with it."""
    bring_about(volume, "one")
    says = (LISTENING % 993).replace("127.0.0.1", "192.0.2.99")
    monkeypatch.setattr(mail_running, "running", lambda *_: mail_running.Running({"dovecot": os.getpid()}))
    for here in (False, True):
        monkeypatch.setattr(mail_running, "address_is_here", lambda _, here=here: here)
        wanted = configuration_of(volume, "two", given=GIVEN)
        with wanted.held(), pytest.raises(FileStateError, match="not this node's") if here else nullcontext():
            wanted.judge(Programs(doveconf=(0, says, "")))


def test_the_user_s_own_value_after_the_role_s_is_no_complaint(volume):
    said = "postconf: warning: STAGE/postfix/main.cf, line 70: overriding earlier entry: biff=no\n"
    bring_about(volume, "one", programs=Programs(postconf=(0, "", said)), given=GIVEN)


def test_a_value_that_is_found_wrong_when_there_is_mail_to_handle(volume):
    """Nothing that can be asked alone reads the parameters of the queue manager."""

    class Postconf(Programs):
        def run(self, argv, **options):
            self.says["postconf"] = (0, f"biff = no\nqueue_life = {'5d' if '-d' in argv else 'never'}\n", "")
            return super().run(argv, **options)

    bring_about(volume, "one")
    before = everything(volume)
    wanted = configuration_of(volume, "two", given=("postfix_parameters.queue_life", "postfix_parameters.biff"))
    with wanted.held(), pytest.raises(FileStateError) as refused:
        wanted.judge(Postconf())
    assert "postfix_parameters.queue_life: queue_life = never: is no time; give one such as" in str(refused.value)
    assert everything(volume) == before


def test_programs_judge_what_will_be_there(volume):
    bring_about(volume, "one")
    (volume / "postfix/etc/own").write_text("mine\n")
    programs = Programs(postconf=(0, "tables = texthash:/x/one, hash:/x/two\ndaemon_directory = /d\n", ""))
    bring_about(volume, "two", programs=programs)
    assert [name for name, _ in programs.asked] == [
        *("doveconf", "postconf", "postconf", "postmap", "postfix", "smtpd"),
        "doveconf",
    ]
    main = programs.asked[0][1]["main.cf"]
    assert f"{volume}/tls/key.pem" not in main
    assert f"{volume}/tls-other" in main
    assert programs.asked[0][1]["own"] == "mine\n"
    assert (volume / "tls/key.pem").read_text() == programs.asked[0][1]["key.pem"]


def test_what_a_killed_run_left_in_memory_is_removed(volume):
    left, other = (Path(staging.PARENT, f"groupware-ha-mail-{number}-x") for number in (999999999, os.getpid()))
    left.mkdir()
    other.mkdir()
    bring_about(volume, "one")
    assert os.listdir(staging.PARENT) == [other.name]


def test_a_pair_that_does_not_belong_together(volume, pairs):
    with pytest.raises(FileStateError, match=r"instances\[mail1\]\.options\.certificate: .*key values mismatch"):
        bring_about(volume, "one", (pairs[0][0], pairs[1][1]), given=GIVEN)
    assert not (volume / "configuration").exists()


def test_nothing_is_judged_in_check_mode_where_the_programs_are_yet_to_come(volume):
    wanted = configuration_of(volume, "one", check_mode=True)
    with wanted.held():
        wanted.judge(Programs(missing=["postconf"]))
    wanted = configuration_of(volume, "one")
    with wanted.held(), pytest.raises(FileStateError, match="without postconf"):
        wanted.judge(Programs(missing=["postconf"]))
