"""Messaging Server's command lines, against its simulator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError
from ansible_collections.groupware.ha.plugins.module_utils.products import messaging_instance
from ansible_collections.groupware.ha.plugins.module_utils.products import messaging_server as product
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_agents import AGENTS
from ansible_collections.groupware.ha.tests.simulators.engine import FAULTS
from ansible_collections.groupware.ha.tests.unit.plugins.module_utils.products.messaging_site import (
    ADDRESS,
    COMMPKG,
    DATA,
    HOST_NAME,
    VOLUME,
    Site,
)

KINDS = pytest.mark.parametrize("kind", ["legacy", "unified"])
SECRET = {"legacy": "local.ugldapbindcred", "unified": "base.ugldapbindcred"}
PACKAGE = messaging_instance.Package("/opt/sun/comms/msg_scha", COMMPKG, ["MS_SCHA"])
LISTEN = {"legacy": "service.listenaddr", "unified": "base.listenaddr"}


def four_steps(site, work, node="nodea"):
    """Check, do, do again, check again; the server that did it and what it returned."""
    before = site.files()
    checked = site.server(node, dry=True)
    predicted = work(checked)
    assert site.files() == before
    done = site.server(node)
    outcome = work(done)
    assert (predicted, checked.runner.commands) == (outcome, done.runner.commands)
    after = site.files()
    for dry in (False, True):
        again = site.server(node, dry=dry)
        work(again)
        assert again.runner.commands == []
    assert site.files() == after
    return done, outcome


# -- options ---------------------------------------------------------------------------------------------------------


@KINDS
def test_options_in_four_steps(kind):
    site = Site().configured(kind)
    wanted = {LISTEN[kind]: ADDRESS, "pop.enable": "0", "imap.banner": 'a "quoted" \\ one'}
    done, outcome = four_steps(site, lambda server: product.set_options(server, wanted))
    assert outcome.configuration == kind
    assert outcome.after == wanted
    # One command reads all, one changes all, one reads again.
    assert len(done.runner.asked) == 3
    assert len(done.runner.commands) == 1
    four_steps(site, lambda server: product.set_options(server, {"pop.enable": None, "imap.banner": "b"}))
    assert "pop.enable" not in site.server().read_options(kind)


@KINDS
def test_a_hundred_options_cost_as_many_commands_as_one(kind):
    site = Site().configured(kind)
    server = site.server()
    product.set_options(server, {f"test.option{number}": str(number) for number in range(100)})
    assert len(server.runner.asked) == 3


@KINDS
def test_secrets_are_on_no_command_line_and_in_no_diff(kind):
    site = Site().configured(kind)
    secret = 'n0body sees th\\is "one"'  # noqa: S105
    server = site.server()
    outcome = product.set_options(server, {}, {SECRET[kind]: secret}, replace_hidden=True)
    said = f"{site.simulator.history} {outcome.as_dict()} {server.runner.commands}"
    assert secret not in said
    assert "n0body" not in said
    assert outcome.changed
    files = site.files()
    assert not [name for name in files["nodea"] if name.startswith("/var/run")]
    assert any("n0body" in text for text in files[VOLUME].values())
    # Legacy shows it, so that it is compared; what is not shown is left alone.
    assert not product.set_options(site.server(), {}, {SECRET[kind]: secret}).changed


def test_an_option_that_is_not_there_afterwards_is_an_error():
    site = Site().configured("legacy")
    with pytest.raises(product.MessagingServerError, match=r"nosuch\.option.*does not show it afterwards"):
        product.set_options(site.server(), {"nosuch.option": "1"})
    site = Site().configured("unified")
    with pytest.raises(CommandError, match=r"no option nosuch"):
        product.set_options(site.server(), {"nosuch.option": "1"})


def test_the_other_configuration_is_refused():
    site = Site().configured("legacy")
    with pytest.raises(product.MessagingServerError, match="has a legacy configuration"):
        product.set_options(site.server(), {"base.listenaddr": ADDRESS}, kind="unified")
    with pytest.raises(product.MessagingServerError, match="there is no configuration"):
        product.set_options(Site().server(), {"base.listenaddr": ADDRESS})


# -- the logical address ---------------------------------------------------------------------------------------------


@KINDS
def test_binding_in_four_steps(kind):
    site = Site().configured(kind)
    _, outcome = four_steps(site, lambda server: product.bind_to_address(server, ADDRESS))
    assert len(outcome.after) == {"legacy": 6, "unified": 8}[kind]
    four_steps(site, lambda server: product.bind_to_address(server, "192.0.2.99"))


@KINDS
def test_binding_has_the_effect_of_the_products_own_program(kind):
    """ha_ip_config, or the recipe HAConfig.rcp, and this: the same configuration, whichever came first."""
    site, other = Site().configured(kind), Site().configured(kind)
    product.bind_to_address(site.server(), ADDRESS)
    if kind == "legacy":
        argv, stdin = [f"{other.home}/bin/ha_ip_config"], f"{ADDRESS}\n{other.home}\nno\n"
    else:
        argv, stdin = [f"{other.home}/bin/msconfig", "run", "HAConfig.rcp"], f"{ADDRESS}\n"
    assert other.simulator.run("nodea", argv, stdin).status == 0
    assert site.server().read_options(kind) == other.server().read_options(kind)
    assert not product.bind_to_address(other.server(), ADDRESS).changed
    assert site.simulator.count("ha_ip_config", f"{DATA}/config") == 0


def test_what_the_diff_says_of_the_mtas_files():
    site = Site().configured("legacy")
    outcome = product.bind_to_address(site.server(), ADDRESS)
    assert outcome.before["job_controller.cnf INTERFACE_ADDRESS"] == "127.0.0.1"
    assert outcome.after["dispatcher.cnf [SERVICE=SMTP] INTERFACE_ADDRESS"] == ADDRESS
    assert "SECRET" not in str(outcome.as_dict())
    site.simulator.remove_file("nodea", f"{DATA}/config/dispatcher.cnf")
    with pytest.raises(product.MessagingServerError, match=r"dispatcher\.cnf is missing"):
        product.bind_to_address(site.server(), ADDRESS)


# -- installation ----------------------------------------------------------------------------------------------------


def configure(instance, kind="unified", **options):
    text = Site().state_text(kind == "unified")
    instance.configure(kind, HOST_NAME, text, last_line="All Tasks Passed", **options)


@KINDS
def test_from_nothing_to_two_nodes_in_four_steps(kind):
    site = Site()

    def on(node, work):
        return four_steps(site, lambda server: work(messaging_instance.Instance(server, DATA, VOLUME)), node)

    for node in ("nodea", "nodeb"):
        on(node, lambda instance: instance.install(COMMPKG, ["MS64"]))
    on("nodea", lambda instance: configure(instance, kind))
    site.simulator.mount(VOLUME, "nodeb")
    on("nodeb", lambda instance: instance.join())
    assert site.instance("nodeb").state() == messaging_instance.InstanceState(True, True, kind, True, ())
    assert site.server("nodeb").read_options(kind)[messaging_instance.HOST_NAME[kind]] == HOST_NAME
    # Once, whatever ran how often.
    assert site.simulator.count("configure", DATA) == 1
    for node in ("nodea", "nodeb"):
        assert site.simulator.count("commpkg", f"{node}:{site.home}") == 1
    assert site.simulator.count("useconfig", f"nodeb:{site.home}") == 1


def test_nothing_secret_is_left_behind():
    site = Site().configured()
    for node in site.simulator.nodes:
        assert not [path for path in site.files()[node] if "unfinished" in path or path.startswith("/var/run")]
    assert "secret-of" not in str(site.simulator.history)


@pytest.mark.parametrize("status", [0, 1])
def test_an_installer_that_dies_is_not_taken_for_done(status):
    """Whatever its exit status: half of the programs are there, half of the configuration, one of the links."""
    site = Site()
    for program, work in (
        ("commpkg", lambda node: site.instance(node).install(COMMPKG, ["MS64"])),
        ("configure", lambda node: configure(site.instance(node))),
        ("useconfig", lambda node: site.instance(node).join()),
    ):
        node = "nodeb" if program == "useconfig" else "nodea"
        if program == "useconfig":
            site.instance(node).install(COMMPKG, ["MS64"])
            site.simulator.mount(VOLUME, "nodea", "nodeb")
        site.simulator.order_interruption(program, status)
        with pytest.raises((CommandError, product.MessagingServerError)):
            work(node)
        assert site.instance(node).state().unfinished
        assert not [path for path in site.files()[node] if path.startswith("/var/run")]
        work(node)
        state = site.instance(node).state()
        assert state.installed
        assert not state.unfinished
    assert site.simulator.count("configure", DATA) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("program", ["commpkg", "configure", "useconfig"])
def test_a_step_that_failed_hung_or_lost_its_answer_is_done_again(program, fault):
    site = Site()
    site.simulator.order_fault(1, fault, program)
    failures = 0
    for _ in range(2):
        try:
            site.instance().install(COMMPKG, ["MS64"])
            site.instance("nodeb").install(COMMPKG, ["MS64"])
            configure(site.instance())
            site.simulator.mount(VOLUME, "nodea", "nodeb")
            site.instance("nodeb").join()
        except (CommandError, product.MessagingServerError):
            failures += 1
    assert failures == 1
    for node in site.simulator.nodes:
        assert site.instance(node).state() == messaging_instance.InstanceState(True, True, "unified", True, ())
        assert not [path for path in site.files()[node] if path.startswith("/var/run")]


def test_configure_is_never_run_over_a_configuration():
    site = Site().configured("legacy")
    with pytest.raises(product.MessagingServerError, match="never run over a configuration"):
        configure(site.instance(), "unified")
    with pytest.raises(product.MessagingServerError, match=r"configured for mail1\.example\.com"):
        site.instance().configure("legacy", "other.example.com", site.state_text(False))
    # Not even over what is unfinished, once the service was in use.
    site.simulator.write_file("nodea", f"{DATA}.configure-unfinished", "")
    with pytest.raises(product.MessagingServerError, match="the service is in use"):
        configure(site.instance(), "legacy", in_use=True)
    assert site.simulator.count("configure", DATA) == 1


def test_nothing_is_configured_or_installed_below_a_mount_point():
    site = Site(home=f"{VOLUME}/messaging64")
    site.simulator.mount(VOLUME)
    for work in (
        lambda: site.instance().install(COMMPKG, ["MS64"]),
        lambda: configure(site.instance()),
    ):
        with pytest.raises(product.MessagingServerError, match="nothing is mounted there"):
            work()
    with pytest.raises(product.MessagingServerError, match="no finished configuration"):
        site.instance().join()


def test_programs_are_installed_where_the_installer_puts_them_and_may_be_elsewhere_if_they_are_there():
    site = Site(home="/opt/SUNWmsgsr")
    with pytest.raises(product.MessagingServerError, match="is not where commpkg installs"):
        site.instance().install(COMMPKG, ["MS64"])
    assert site.simulator.count("commpkg", "/opt/SUNWmsgsr") == 0


def test_programs_on_the_volume_are_there_for_every_node():
    site = Site(home=f"{VOLUME}/messaging64").configured()
    site.simulator.mount(VOLUME, "nodeb")
    assert site.instance("nodeb").state() == messaging_instance.InstanceState(True, True, "unified", True, ())


# -- agents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework", AGENTS)
def test_agents_in_four_steps(framework):
    site = Site().configured()

    def register(server):
        messaging_instance.register_agent(server, framework, PACKAGE)

    if framework == "clusterware":
        register(site.server())
        site.simulator.remove_file("nodea", f"{site.home}/cwha/bin/ms_actionscript.pl")
        with pytest.raises(product.MessagingServerError, match=r"ms_actionscript\.pl is missing"):
            register(site.server())
        return
    four_steps(site, register)
    program = {"vcs": "config-vcsha", "solaris_cluster": "init-config"}[framework]
    assert site.simulator.count(program, "nodea") == 1
    assert site.instance().state().agents == (framework,)


@pytest.mark.parametrize("status", [0, 1])
def test_an_agent_whose_installation_died_is_installed_again(status):
    """Its program may be there already, but not what the program needs."""
    site = Site()
    site.simulator.order_interruption("commpkg", status)
    with pytest.raises((CommandError, product.MessagingServerError)):
        messaging_instance.register_agent(site.server(), "solaris_cluster", PACKAGE)
    with pytest.raises(product.MessagingServerError, match="give installer"):
        messaging_instance.register_agent(site.server(), "solaris_cluster", replace(PACKAGE, installer=None))
    messaging_instance.register_agent(site.server(), "solaris_cluster", PACKAGE)
    assert site.instance().state().agents == ("solaris_cluster",)
    assert not [path for path in site.files()["nodea"] if "unfinished" in path]


def test_an_agent_of_which_half_was_copied_is_copied_again():
    site = Site().configured()
    site.simulator.order_interruption("config-vcsha", 0)
    with pytest.raises(product.MessagingServerError, match=r"sub\.pl is not there"):
        messaging_instance.register_agent(site.server(), "vcs", PACKAGE)
    messaging_instance.register_agent(site.server(), "vcs", PACKAGE)
    assert site.simulator.count("config-vcsha", "nodea") == 1


# -- files of a node -------------------------------------------------------------------------------------------------


def test_a_private_file_is_new_and_for_its_owner_alone(tmp_path):
    """Whoever laid something in its place before, as a link to a file of his own, gets nothing."""
    files = product.Files()
    path, other = tmp_path / "run" / "answers", tmp_path / "other"
    files.write_private(str(path), "first")
    path.unlink()
    path.symlink_to(other)
    files.write_private(str(path), "second")
    assert not other.exists()
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o7777 == 0o600
    files.remove(str(path))
    files.remove(str(path))
    assert not path.exists()


def test_a_private_file_goes_whatever_happens():
    site = Site()
    server = site.server()

    def die():
        with server.private_file("state", "n0body") as path:
            assert site.simulator.read_file("nodea", path) == "n0body"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert not [path for path in site.files()["nodea"] if path.startswith("/var/run")]
