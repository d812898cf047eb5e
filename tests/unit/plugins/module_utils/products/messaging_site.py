"""A node with the simulated Messaging Server, as the product's command lines see it."""

from __future__ import annotations

from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_instance import Instance
from ansible_collections.groupware.ha.plugins.module_utils.products.messaging_server import MessagingServer
from ansible_collections.groupware.ha.tests.simulators.messaging_server.simulator import SIMULATOR
from ansible_collections.groupware.ha.tests.simulators.runner import SimulatedRunner

COMMPKG = "/net/software/commpkg"
VOLUME = "/mail1"
DATA = "/mail1/data"
HOST_NAME = "mail1.example.com"
ADDRESS = "192.0.2.21"
ANSWERS = {
    "FULLY_QUALIFIED_HOST_NAME": HOST_NAME,
    "DATA_ROOT": DATA,
    "SYSTEM_USER": "mailsrv",
    "SYSTEM_GROUP": "mail",
    "LDAP_URL": "ldap://ldap.example.com",
    "LDAP_BIND_DN": "cn=Directory Manager",
    "LDAP_BIND_PASSWORD": "secret-of-the-directory",
    "POSTMASTER": "pma@example.com",
    "ADMINISTRATOR_PASSWORD": "secret-of-the-administrator",
    "DEFAULT_DOMAIN": "example.com",
    "ORGANIZATION_DN": "o=example.com",
}


class SimulatedFiles:
    """The files of one simulated node."""

    def __init__(self, simulator, node):
        self.simulator, self.node = simulator, node

    def exists(self, path):
        return self.simulator.exists(self.node, path)

    def link_target(self, path):
        return self.simulator.link_target(self.node, path)

    def is_mounted(self, path):
        return self.simulator.is_mounted(self.node, path)

    def write_private(self, path, text):
        self.simulator.write_file(self.node, path, text)

    def remove(self, path):
        self.simulator.remove_file(self.node, path)


class Site:
    """A cluster of two nodes with one service; ``home`` is where the programs are."""

    def __init__(self, home="/opt/mail1/messaging64"):
        self.home = home
        self.simulator = SIMULATOR(["nodea", "nodeb"], volumes=[VOLUME])
        self.simulator.mount(VOLUME, "nodea")
        for node in self.simulator.nodes:
            self.simulator.write_file(node, COMMPKG, "#!/bin/sh\n")

    def server(self, node="nodea", dry=False, home=None):
        runner = SimulatedRunner(self.simulator, node, dry=dry)
        return MessagingServer(runner, SimulatedFiles(self.simulator, node), home or self.home)

    def instance(self, node="nodea", dry=False):
        return Instance(self.server(node, dry), DATA, VOLUME)

    def state_text(self, unified=True):
        return "".join(f"{name}={value}\n" for name, value in ANSWERS.items()) + f"XMLCONFIG={int(unified)}\n"

    def configured(self, kind="unified"):
        """The site with a configured instance on nodea."""
        self.instance().install(COMMPKG, ["MS64"])
        self.instance().configure(kind, HOST_NAME, self.state_text(kind == "unified"), last_line="All Tasks Passed")
        return self

    def files(self):
        """Everything that is written on nodes and volumes, to see that nothing changed or was left behind."""
        return {
            **{node: dict(files) for node, files in self.simulator.node_files.items()},
            **{point: dict(files) for point, files in self.simulator.volume_files.items()},
        }
