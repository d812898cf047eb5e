"""Modules of the role glassfish, run as Ansible runs them, with an administration server that keeps what it hears."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pwd
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.groupware.ha.plugins.module_utils import runner
from ansible_collections.groupware.ha.plugins.module_utils.bodies import glassfish_instance
from ansible_collections.groupware.ha.plugins.module_utils.command import CommandResult, LocalRunner
from ansible_collections.groupware.ha.plugins.module_utils.products import glassfish_node
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_plan import Difference, Paths, Step, steps
from ansible_collections.groupware.ha.plugins.module_utils.products.glassfish_rest import Administration
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.fake_administration import (
    PASSWORD,
    Server,
    serving,
)
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.glassfish_domains import (
    DESCRIBED,
    FRESH,
    PASSWORDS,
    Domain,
    described,
)
from ansible_collections.groupware.ha.tests.unit.plugins.modules.module_runs import given_arguments

GIVEN = {**PASSWORDS, "administrator": PASSWORD}
SECRETS = tuple(GIVEN.values())


@pytest.fixture
def run(capsys: Any) -> Any:
    def ran(name: str, /, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        module = importlib.import_module(f"ansible_collections.groupware.ha.plugins.modules.glassfish_{name}")
        arguments = {**options, "_ansible_check_mode": check_mode, "_ansible_diff": True}
        with given_arguments(arguments), pytest.raises(SystemExit):
            module.main()
        printed = capsys.readouterr().out
        assert not any(secret in printed for secret in SECRETS)
        result: dict[str, Any] = json.loads(printed)
        return result

    return ran


# -- the domain's configuration ----------------------------------------------------------------------------------------


class Converging(Server):
    """An administration server with a domain behind it: what is planned is what is told."""

    def __init__(self) -> None:
        super().__init__()
        self.domain = Domain()
        self.aliases: dict[str, str] = {}
        self.file: Path | None = None
        self.plain: tuple[str, ...] = ()

    def answer(self, command: str, given: list[tuple[str, str]]) -> dict[str, Any]:
        operands = [value for name, value in given if name == "DEFAULT"]
        options = {name: value for name, value in given if name != "DEFAULT"}
        if command == "get":
            self.values = self.domain.values
        elif command == "list-password-aliases":
            return {"exit_code": "SUCCESS", "children": [{"message": name} for name in self.aliases]}
        elif command.endswith("-password-alias"):
            self.aliases[operands[0]] = options["aliaspassword"]
            assert self.file is not None
            self.file.write_text(json.dumps(self.aliases))
        elif command == "list-instances":
            listed = [{"name": "instance1", "status": "RUNNING"}, {"name": "instance2", "status": "NOT_RUNNING"}]
            return {"exit_code": "SUCCESS", "extraProperties": {"instanceList": listed}}
        elif command == "get-health":
            listed = [{"name": "instance1", "status": "RUNNING"}]
            return {"exit_code": "SUCCESS", "extraProperties": {"instances": listed}}
        elif command not in self.plain:
            self.domain.take(step_of(command, options, operands))
        return super().answer(command, given)


def step_of(command: str, options: dict[str, str], operands: list[str]) -> Step:
    """What a command comes to, found out from its operands as GlassFish does."""
    target = options.get("target", "")
    if command == "set":
        named = [operand.partition("=") for operand in operands]
    elif command == "create-system-properties":
        at = "servers.server.server" if target == "server" else f"clusters.cluster.{target}"
        parts = operands[0].replace("\\:", "\0").split(":")
        pairs = [part.replace("\0", ":").partition("=") for part in parts]
        named = [(f"{at}.system-property.{name}.value", "=", value) for name, _equals, value in pairs]
    else:
        paths = Paths("/opt/glassfish", f"{PLACE['data']}/nodes")
        (found,) = [
            one for one in steps(described(), paths, FRESH) if one.command == command and list(one.operands) == operands
        ]
        return found
    return Step(
        command, options, tuple(operands), tuple(Difference(name, None, value) for name, _equals, value in named)
    )


PLACE: dict[str, Any] = {}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Converging]:
    found = Converging()
    found.file = tmp_path / "domains/domain1/config/domain-passwords"
    found.file.parent.mkdir(parents=True)
    PLACE["data"] = str(tmp_path)
    with serving(found, tmp_path) as administration:

        def way(given: Any) -> Administration:
            password = given["passwords"]["administrator"]
            return Administration("127.0.0.1", administration.port, "admin", administration.certificate, password)

        monkeypatch.setattr(glassfish_node, "administration_of", way)
        yield found


def options(**changed: Any) -> dict[str, Any]:
    description = {"name": "calendar", **DESCRIBED, **changed}
    return {**PLACE, "passwords": GIVEN, "description": description}


def test_a_configuration_in_four_steps(run: Any, server: Converging) -> None:
    checked = run("configuration", check_mode=True, **options())
    assert [command for command, _given in server.told if not command.startswith(("list", "get"))] == []
    done = run("configuration", **options())
    assert checked["changed"] is done["changed"] is True
    assert set(checked["differences"]) == set(done["differences"])
    assert [command for command, _given in server.told].count("create-cluster") == 1
    assert server.aliases == {"db": GIVEN["db"]}
    for check_mode in (False, True):
        again = run("configuration", check_mode=check_mode, **options())
        assert (again["changed"], again["commands"], again["differences"]) == (False, [], [])
    one, two = done["instances"]
    assert (one["server"], one["running"], one["member"]) == ("app1", True, True)
    assert (two["server"], two["running"], two["member"]) == ("app2", False, False)


def test_another_password_of_an_alias(run: Any, server: Converging) -> None:
    run("configuration", **options())
    changed = {**options(), "passwords": {**GIVEN, "db": "pool-of-tests-2"}}
    assert run("configuration", check_mode=True, **changed)["commands"] == ["asadmin update-password-alias db"]
    assert run("configuration", **changed)["changed"]
    assert not run("configuration", **changed)["changed"]
    assert server.aliases == {"db": "pool-of-tests-2"}
    record = Path(PLACE["data"], "domain1.aliases")
    assert record.stat().st_mode & 0o777 == 0o600
    assert "pool-of-tests-2" not in record.read_text()


def test_aliases_that_somebody_else_changed_are_given_again(run: Any, server: Converging) -> None:
    run("configuration", **options())
    assert server.file is not None
    server.file.write_text("somebody else's")
    assert run("configuration", **options())["commands"] == ["asadmin update-password-alias db"]
    assert not run("configuration", **options())["changed"]


def test_what_is_wrong_is_refused_before_anything_is_told(run: Any, server: Converging) -> None:
    result = run("configuration", **options(options={"calendar-config.jms-service.typ": "LOCAL"}))
    assert result["failed"]
    assert "did you mean configs.config.calendar-config.jms-service.type?" in result["msg"]
    result = run("configuration", **{**options(), "passwords": {"administrator": PASSWORD}})
    assert "glassfish_passwords" in result["msg"]
    result = run("configuration", **{**options(), "passwords": {**GIVEN, "administrator": "another-one"}})
    assert "does not let admin in" in result["msg"]
    assert [command for command, _given in server.told if not command.startswith(("list", "get"))] == []


def test_an_application_whose_file_is_none(run: Any, server: Converging, tmp_path: Path) -> None:
    path = tmp_path / "calendar.war"
    given = {**PLACE, "passwords": GIVEN, "cluster": "calendar", "name": "calendar", "context_root": "/calendar"}
    given |= {"archive": str(path), "checksum": "a" * 64}
    assert run("application", check_mode=True, **given)["changed"]
    assert "is missing; copy the application's file there" in run("application", **given)["msg"]
    path.write_text("this is no archive")
    assert "its file is no WAR, which is a zip file; nothing was done" in run("application", **given)["msg"]
    assert server.told == []


def test_an_application_that_is_wanted_no_longer(run: Any, server: Converging) -> None:
    """All its versions go, and nobody else's."""
    at = "clusters.cluster.calendar.application-ref"
    server.domain.values |= {f"{at}.{name}.ref": name for name in ("davserver", "davserver:1", "davserver2")}
    server.plain = ("undeploy",)
    given = {**PLACE, "passwords": GIVEN, "cluster": "calendar", "name": "davserver", "context_root": "/davserver"}
    given |= {"archive": "/nowhere", "checksum": "", "state": "absent"}
    wanted = [f"asadmin undeploy --target=calendar {name}" for name in ("davserver", "davserver:1")]
    assert run("application", check_mode=True, **given)["commands"] == wanted
    assert server.told == []
    assert run("application", **given)["commands"] == wanted
    for name in ("davserver", "davserver:1"):
        del server.domain.values[f"{at}.{name}.ref"]
    assert not run("application", **given)["changed"]


def test_a_file_for_a_web_server_in_four_steps(run: Any, server: Converging, tmp_path: Path) -> None:
    target = tmp_path / "loadbalancer.xml"
    given = {**PLACE, "passwords": GIVEN, "cluster": "calendar", "name": "web", "path": str(target)}

    def create(command: str) -> Any:
        def made(_given: list[tuple[str, str]]) -> dict[str, Any]:
            at = "lb-configs.lb-config.web"
            reference = f"{at}.cluster-ref.calendar"
            server.domain.values |= (
                {f"{at}.name": "web"}
                if command == "create-http-lb-config"
                else {f"{reference}.ref": "calendar", f"{reference}.health-checker.url": "/"}
            )
            return {"exit_code": "SUCCESS"}

        return made

    def export(given: list[tuple[str, str]]) -> dict[str, Any]:
        Path(dict(given)["DEFAULT"]).write_text(
            f"<loadbalancer/>\n<!-- This file was generated on: {os.urandom(4)} -->\n"
        )
        return {"exit_code": "SUCCESS"}

    server.plain = ("create-http-lb-config", "create-http-lb-ref", "export-http-lb-config")
    server.answers = {name: create(name) for name in server.plain[:2]} | {"export-http-lb-config": export}
    assert run("http_lb", check_mode=True, **given)["changed"]
    assert server.told == []
    assert run("http_lb", **given)["changed"]
    assert target.read_text().startswith("<loadbalancer/>")
    for check_mode in (False, True):
        assert not run("http_lb", check_mode=check_mode, **given)["changed"]
    target.write_text("changed by hand")
    assert run("http_lb", **given)["commands"] == [f"# write {target}"]


# -- what is on a host -------------------------------------------------------------------------------------------------


def archive(folder: Path, **files: str) -> tuple[str, str]:
    """A distribution, and its checksum."""
    path = folder / "glassfish.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in ({"glassfish7/README.txt": "x", "glassfish7/bin/asadmin": "#!", **files}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o750 if name.endswith("asadmin") else 0o600) << 16
            packed.writestr(info, text)
    return str(path), hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_installation_in_four_steps(run: Any, tmp_path: Path) -> None:
    path, checksum = archive(tmp_path)
    given = {"archive": path, "checksum": checksum, "directory": str(tmp_path / "opt/glassfish")}
    assert run("installation", check_mode=True, **given)["changed"]
    assert not (tmp_path / "opt").exists()
    assert run("installation", **given)["changed"]
    assert os.access(tmp_path / "opt/glassfish/bin/asadmin", os.X_OK)
    assert (tmp_path / "opt/glassfish/README.txt").stat().st_mode & 0o777 == 0o644
    os.unlink(path)
    for check_mode in (False, True):
        assert not run("installation", check_mode=check_mode, **given)["changed"]
    assert run("installation", directory=given["directory"], state="absent")["changed"]
    assert not run("installation", directory=given["directory"], state="absent")["changed"]


def test_installations_that_are_refused(run: Any, tmp_path: Path) -> None:
    path, checksum = archive(tmp_path)
    directory = tmp_path / "glassfish"
    result = run("installation", archive=path, checksum="0" * 64, directory=str(directory))
    assert f"has the checksum {checksum}, not 0000" in result["msg"]
    assert not directory.exists()
    directory.mkdir()
    (directory / "file").touch()
    assert "was not unpacked by this module" in run("installation", checksum=checksum, directory=str(directory))["msg"]
    (directory / glassfish_node.MARK).write_text("1" * 64)
    result = run("installation", checksum=checksum, directory=str(directory), check_mode=True)
    assert "has another GlassFish, whose servers may run" in result["msg"]


@pytest.mark.parametrize("name", ["glassfish7/../../escaped", "other/file"])
def test_archives_that_lead_astray(run: Any, tmp_path: Path, name: str) -> None:
    path, checksum = archive(tmp_path, **{name: "x"})
    result = run("installation", archive=path, checksum=checksum, directory=str(tmp_path / "a/glassfish"))
    assert "is no distribution of GlassFish" in result["msg"]
    assert not (tmp_path / "escaped").exists()
    assert not (tmp_path / "a/glassfish").exists()


class Host(LocalRunner):
    """Makes what asadmin would make, and notes what it was told, and in which file its passwords were."""

    told: list[str] = []
    dies: str = ""

    def run(self, argv: Any, *, record: bool = True, **given: Any) -> CommandResult:  # noqa: ARG002
        if argv[0] != "setpriv":
            return CommandResult(tuple(argv), 0, "-----BEGIN CERTIFICATE-----\nMTIz\n-----END CERTIFICATE-----\n", "")
        file = Path(argv[argv.index("--passwordfile") + 1])
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert PASSWORD in file.read_text()
        assert not any(secret in " ".join(argv) for secret in SECRETS)
        command = next(one for one in argv if one.startswith(("create", "start", "stop", "enable", "delete")))
        Host.told.append(command)
        folder = Path(PLACE["data"])
        if command == "create-domain":
            config = folder / "domains/domain1/config"
            config.mkdir(parents=True)
            (config / "domain.xml").write_text("<domain><secure-admin enabled='false'/></domain>")
            (config / "keystore.jks").touch()
        if command == Host.dies:
            raise KeyboardInterrupt
        if command == "enable-secure-admin":
            (folder / "domains/domain1/config/domain.xml").write_text("<domain><secure-admin enabled='true'/></domain>")
        if command == "create-local-instance":
            (folder / "nodes/app1/instance1").mkdir(parents=True)
        return CommandResult(tuple(argv), 0, "", "")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Host]:
    Host.told, Host.dies = [], ""
    PLACE["data"] = str(tmp_path)
    for folder in ("domains", "nodes", "run"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(glassfish_node, "PARENT", str(tmp_path / "run"))
    monkeypatch.setattr(runner, "LocalRunner", Host)
    return Host


def of_host() -> dict[str, Any]:
    return {**PLACE, "user": pwd.getpwuid(os.geteuid()).pw_name, "passwords": GIVEN}


MAKING = ["create-domain", "start-domain", "enable-secure-admin", "stop-domain"]


def test_a_domain_in_four_steps(run: Any, host: type[Host], tmp_path: Path) -> None:
    checked = run("domain", check_mode=True, **of_host())
    assert (checked["changed"], host.told) == (True, [])
    done = run("domain", **of_host())
    assert (done["changed"], host.told) == (True, MAKING)
    assert checked["commands"] == done["commands"]
    assert done["fingerprint"]
    for check_mode in (False, True):
        assert not run("domain", check_mode=check_mode, **of_host())["changed"]
    assert host.told == MAKING
    assert os.listdir(tmp_path / "run") == []
    assert run("domain", state="absent", **of_host())["changed"]
    assert not run("domain", state="absent", **of_host())["changed"]


@pytest.mark.parametrize("dies", MAKING)
def test_a_domain_that_was_cut_short_is_made_anew(run: Any, host: type[Host], dies: str, tmp_path: Path) -> None:
    host.dies = dies
    with pytest.raises(KeyboardInterrupt):
        run("domain", **of_host())
    assert os.listdir(tmp_path / "run") == []
    host.told, host.dies = [], ""
    assert run("domain", check_mode=True, **of_host())["changed"]
    assert run("domain", **of_host())["changed"]
    assert host.told == MAKING
    assert not run("domain", **of_host())["changed"]


def test_an_instance_in_four_steps(run: Any, host: type[Host], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(glassfish_instance, "_judge_certificate", lambda where, *_rest: asked.append(where))
    given = {**of_host(), "node": "app1", "instance": "instance1", "host": "192.0.2.11", "cluster": "calendar"}
    checked = run("instance", check_mode=True, properties={"A": "x:y"}, **given)
    assert (checked["changed"], host.told, asked) == (True, [], [])
    assert r"--systemproperties=A=x\:y" in checked["commands"][0]
    done = run("instance", properties={"A": "x:y"}, **given)
    assert (done["changed"], host.told, asked) == (True, ["create-local-instance"], ["192.0.2.11"])
    assert checked["commands"] == done["commands"]
    for check_mode in (False, True):
        assert not run("instance", check_mode=check_mode, **given)["changed"]
    assert run("instance", state="absent", **given)["changed"]
    assert not run("instance", state="absent", **given)["changed"]
    host.told = []
    assert run("instance", registered=True, **given)["changed"]
    assert host.told == ["delete-instance", "create-local-instance"]


def test_a_password_is_not_told_to_somebody_else(run: Any, host: type[Host], tmp_path: Path) -> None:
    given = {**of_host(), "node": "app1", "instance": "instance1", "host": "127.0.0.1", "cluster": "calendar"}
    with serving(Server(), tmp_path) as administration:
        result = run("instance", port=administration.port, fingerprint="0" * 64, **given)
    assert "shows another certificate than the domain's own, so that nothing was said to it" in result["msg"]
    assert "gives no answer" in run("instance", port=1, fingerprint="0" * 64, **given)["msg"]
    assert host.told == []


def test_what_a_fresh_host_has(run: Any, host: type[Host]) -> None:
    given = {name: value for name, value in of_host().items() if name != "passwords"}
    found = run("info", node="app1", instance="instance1", installation="/nowhere", services=["x.service"], **given)
    assert (found["has_domain"], found["has_instance"], found["foreign"], found["checksum"]) == (
        False,
        False,
        False,
        None,
    )
    assert found["services"]["x.service"]["running"] is False
    assert found["user"] is True
    assert host.told == []
