"""asadmin of the simulated GlassFish 2.1: what the domain administration server and the node agents of hosts do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..behaviour import Marks
from ..engine import Answer, Refusal, Simulator

MARKS = Marks("glassfish_2_1")

REFERENCE = "Sun Java System Application Server 9.1 Reference Manual (820-4046), which GlassFish 2.1 shares"
GUIDE = "Sun GlassFish Enterprise Server 2.1 High Availability Administration Guide"
ADMINISTRATION = "Sun GlassFish Enterprise Server 2.1 Administration Guide"
MANUAL = "Calendar Server 7, Configuring Calendar Server on a GlassFish Server cluster"

COMMON = ("user", "passwordfile", "host", "port", "interactive", "terse", "echo", "secure")
BALANCER = ("devicehost", "deviceport", "target")
MORE = (
    *("sslproxyhost", "sslproxyport", "lbpolicy", "lbpolicymodule", "healthcheckerurl", "healthcheckerinterval"),
    *("healthcheckertimeout", "lbenableallinstances", "lbenableallapplications", "lbweight", "responsetimeout"),
    *("httpsrouting", "reloadinterval", "monitor", "routecookie", "autoapplyenabled", "property"),
)
#: Whether a command is done on this host, the options that it cannot do without, those that it may have, its operands.
COMMANDS: dict[str, tuple[bool, tuple[str, ...], tuple[str, ...], int | None]] = {
    "list-domains": (True, (), (), 0),
    "start-domain": (True, (), (), 1),
    "create-node-agent": (False, (), ("agentproperties", "savemasterpassword"), 1),
    "start-node-agent": (True, (), ("startinstances", "syncinstances"), 1),
    "stop-node-agent": (True, (), (), 1),
    "delete-node-agent": (True, (), (), 1),
    "delete-node-agent-config": (False, (), (), 1),
    "list-node-agents": (False, (), (), 0),
    "list-clusters": (False, (), (), 0),
    "list-instances": (False, (), (), 0),
    "list-http-lbs": (False, (), (), 0),
    "get": (False, (), (), 1),
    "set": (False, (), (), None),
    "create-cluster": (False, (), ("config", "systemproperties"), 1),
    "delete-cluster": (False, (), (), 1),
    "start-cluster": (False, (), (), 1),
    "stop-cluster": (False, (), (), 1),
    "create-instance": (False, ("nodeagent", "cluster"), ("systemproperties",), 1),
    "delete-instance": (False, (), (), 1),
    "start-instance": (False, (), (), 1),
    "stop-instance": (False, (), (), 1),
    "create-http-lb": (False, BALANCER, MORE, 1),
    "delete-http-lb": (False, (), (), 1),
    "enable-http-lb-server": (False, (), (), 1),
    "disable-http-lb-server": (False, (), ("timeout",), 1),
    "enable-http-lb-application": (False, ("name",), (), 1),
    "disable-http-lb-application": (False, ("name",), ("timeout",), 1),
    "configure-ha-cluster": (False, ("hosts", "haadminpasswordfile"), ("haagentport", "devicesize", "portbase"), 1),
    "remove-ha-cluster": (False, (), ("haagentport", "hosts"), 1),
}
OWN_STORE = "jdbc/hastore"


def parsed(words: Sequence[str], known: Sequence[str], flags: Sequence[str] = ()) -> tuple[dict[str, str], list[str]]:
    """Options and operands; whatever is not known is a usage error, and so is a password on a command line.

    :param flags: options without a value
    """
    options = {}
    operands = []
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if (name not in known or not equals) and (name not in flags or equals):
                raise Refusal(1, f"Invalid option: {word}\nCLI156 Could not parse the command line\n")
            options[name] = value
        else:
            operands.append(word)
    return options, operands


def secrets_in(path: str, prefix: str) -> dict[str, str]:
    """What is in a file of passwords, which nobody else may read."""
    file = Path(path)
    if not file.is_file() or file.stat().st_mode & 0o077:
        raise Refusal(1, f"The password file {path} cannot be read, or others can read it\n")
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name[len(prefix) :]: value for name, _equals, value in pairs if name.startswith(prefix)}


class Domain(Simulator):
    """The part of the product that asadmin deals with."""

    # -- the program -------------------------------------------------------------------------------------------------

    @MARKS.documented("asadmin", "--passwordfile has lines AS_ADMIN_PASSWORD= and AS_ADMIN_MASTERPASSWORD=", REFERENCE)
    @MARKS.documented("asadmin", "with --interactive=true it asks for passwords that are missing", ADMINISTRATION)
    @MARKS.documented("asadmin", "exit status 1 for every failure", REFERENCE)
    @MARKS.assumed("asadmin", "what it says of a failure, and without an administration server")
    def asadmin(self, node: str, arguments: Sequence[str], stdin: str | None) -> Answer:  # noqa: ARG002
        """The administration program."""
        command, *rest = arguments or [""]
        if command not in COMMANDS:
            raise Refusal(1, f"Command {command} not found.\n")
        local, required, further, number = COMMANDS[command]
        options, operands = parsed(rest, (*COMMON, *required, *further))
        for name in required:
            if name not in options:
                raise Refusal(1, f"Option {name} is required\nCLI139\n")
        if number is not None and len(operands) != number:
            raise Refusal(1, f"Usage: {command} ...\nCLI138 Invalid number of operands\n")
        if not local:
            self._log_in(options)
        method: Callable[[str, dict[str, str], list[str]], list[str]] = getattr(self, command.replace("-", "_"))
        told = method(node, options, operands)
        return Answer(0, "".join(f"{line}\n" for line in [*told, f"Command {command} executed successfully."]))

    def _log_in(self, options: dict[str, str]) -> None:
        if options.get("interactive") != "false":
            raise Refusal(1, "it would ask, and nobody answers\n")
        where = self.host(self.options["administration"])[0]
        if not self.state["running"] or options.get("host") != where or options.get("port") != "4848":
            raise Refusal(1, "Unable to connect to admin-server at given host and port\n")
        found = secrets_in(options.get("passwordfile", ""), "AS_ADMIN_")
        if options.get("user") != "admin" or found.get("PASSWORD") != self.options["passwords"]["administrator"]:
            raise Refusal(1, "CLI150 Invalid user or password\n")

    def _master(self, options: dict[str, str]) -> None:
        found = secrets_in(options.get("passwordfile", ""), "AS_ADMIN_")
        if found.get("MASTERPASSWORD") != self.options["passwords"]["master"]:
            raise Refusal(1, "The master password is not right\n")

    def host(self, node: str) -> tuple[str, str]:
        """What a node is called by others, and its address."""
        name, address = self.options["hosts"][node]
        return str(name), str(address)

    # -- the domain --------------------------------------------------------------------------------------------------

    @MARKS.documented("asadmin list-domains", "lists the domains of this host, with their states", REFERENCE)
    def list_domains(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """The one domain, on its host."""
        if node != self.options["administration"]:
            return ["Nothing to list."]
        return [f"domain1 {'running' if self.state['running'] else 'not running'}"]

    @MARKS.documented("asadmin start-domain", "starts the administration server on its host", REFERENCE)
    @MARKS.assumed("asadmin start-domain", "one that runs is refused")
    def start_domain(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:
        """Have it run."""
        if node != self.options["administration"] or operands != ["domain1"]:
            raise Refusal(1, f"There is no domain {operands[0]}\n")
        self._master(options)
        if self.state["running"]:
            raise Refusal(1, "The domain runs already\n")
        self.state["running"] = True
        return []

    @MARKS.documented("asadmin get", "with an asterisk it shows all values, as NAME = VALUE", ADMINISTRATION)
    @MARKS.assumed("asadmin get", "the names of references, node agents and load balancers")
    def get(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """All values."""
        if operands != ["*"]:
            raise Refusal(1, "only all of it is simulated\n")
        return [f"{name} = {value}" for name, value in sorted(self.state["values"].items())]

    @MARKS.documented("asadmin set", "takes several NAME=VALUE", REFERENCE)
    @MARKS.assumed("asadmin set", "where one name is wrong, nothing is set")
    def set(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Change values."""
        for operand in operands:
            name, equals, value = operand.partition("=")
            if not equals or (name not in self.state["values"] and ".property." not in name):
                raise Refusal(1, f"Could not find a config mbean matching the dotted name {name}\n")
            self.state["values"][name] = value
        return list(operands)

    # -- node agents -------------------------------------------------------------------------------------------------

    def _folder(self, node: str, agent: str) -> Path:
        return Path(self.options["home"].format(node=node), "nodeagents", agent)

    @MARKS.documented("asadmin create-node-agent", "makes it on this host, and tells the administration server", GUIDE)
    @MARKS.documented("asadmin create-node-agent", "remoteclientaddress is where that one reaches the agent", REFERENCE)
    @MARKS.assumed("asadmin create-node-agent", "without it, an agent of another host is reached at no place")
    def create_node_agent(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:
        """Make one."""
        folder = self._folder(node, operands[0])
        there = self.state["agents"].get(operands[0])
        if folder.exists() or (there is not None and there["node"] not in (None, node)):
            raise Refusal(1, f"A node agent {operands[0]} already exists\n")
        folder.mkdir(parents=True)
        given = dict([one.partition("=")[::2] for one in options.get("agentproperties", "").split(":")])
        self.state["agents"][operands[0]] = {
            "node": node,
            "address": given.get("remoteclientaddress", "localhost"),
            "running": False,
        }
        return []

    @MARKS.documented("asadmin start-node-agent", "runs on the agent's own host", GUIDE)
    @MARKS.documented(
        "asadmin start-node-agent", "starts the instances too, unless told --startinstances=false", REFERENCE
    )
    @MARKS.assumed("asadmin start-node-agent", "one that runs is refused; the master password is needed")
    def start_node_agent(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:
        """Have it run, and its instances."""
        agent = self._local(node, operands[0])
        self._master(options)
        if not self.state["running"]:
            raise Refusal(1, "The administration server cannot be reached\n")
        if agent["running"]:
            raise Refusal(1, "The node agent runs already\n")
        agent["running"] = True
        if options.get("startinstances", "true") == "true":
            for instance in self.state["instances"].values():
                instance["running"] = instance["running"] or instance["agent"] == operands[0]
        return []

    def _local(self, node: str, name: str) -> dict[str, Any]:
        agent: dict[str, Any] | None = self.state["agents"].get(name)
        if not self._folder(node, name).is_dir() or agent is None or agent["node"] != node:
            raise Refusal(1, f"There is no node agent {name} on this host\n")
        return agent

    @MARKS.documented("asadmin stop-node-agent", "stops the agent of this host and its instances", REFERENCE)
    def stop_node_agent(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """End it."""
        self._local(node, operands[0])["running"] = False
        for instance in self.state["instances"].values():
            instance["running"] = instance["running"] and instance["agent"] != operands[0]
        return []

    @MARKS.documented("asadmin delete-node-agent", "removes the agent of this host, once stopped", GUIDE)
    @MARKS.documented("asadmin delete-node-agent", "its configuration stays in the domain", GUIDE)
    def delete_node_agent(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Remove it here."""
        if self._local(node, operands[0])["running"]:
            raise Refusal(1, "The node agent runs\n")
        self._without_instances(operands[0])
        shutil.rmtree(self._folder(node, operands[0]))
        return []

    @MARKS.documented("asadmin delete-node-agent-config", "removes the agent from the domain", GUIDE)
    def delete_node_agent_config(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Remove it there."""
        if operands[0] not in self.state["agents"] or self.state["agents"][operands[0]]["running"]:
            raise Refusal(1, f"There is no node agent {operands[0]}, or it runs\n")
        self._without_instances(operands[0])
        del self.state["agents"][operands[0]]
        return []

    def _without_instances(self, agent: str) -> None:
        names = [name for name, one in self.state["instances"].items() if one["agent"] == agent]
        if names:
            raise Refusal(1, f"The node agent {agent} has the instances {', '.join(names)}\n")

    @MARKS.documented("asadmin list-node-agents", "lists them with their states", REFERENCE)
    @MARKS.assumed("asadmin list-node-agents", "the states are running and not running")
    def list_node_agents(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """All of them."""
        return _states({name: one["running"] for name, one in self.state["agents"].items()})

    # -- clusters and instances --------------------------------------------------------------------------------------

    @MARKS.documented("asadmin create-cluster", "gives it a configuration of its own, CLUSTER-config", REFERENCE)
    @MARKS.assumed("asadmin create-cluster", "what that has of availability and of messages at first")
    def create_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Make one."""
        name = operands[0]
        if name in self.state["clusters"]:
            raise Refusal(1, f"A cluster named {name} already exists\n")
        self.state["clusters"].append(name)
        service = f"{name}-config.availability-service"
        web = f"{service}.web-container-availability"
        self.state["values"] |= {
            f"{name}-config.jms-service.type": "LOCAL",
            f"{name}-config.http-service.access-log.format": "common",
            f"{service}.availability-enabled": "false",
            f"{web}.availability-enabled": "false",
            f"{web}.persistence-type": "memory",
            f"{web}.persistence-frequency": "time-based",
            f"{web}.persistence-scope": "session",
            f"{web}.http-session-store-pool-name": OWN_STORE,
        }
        return []

    @MARKS.documented("asadmin delete-cluster", "a cluster that has instances is refused", REFERENCE)
    def delete_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Remove one, and its configuration."""
        name = self._cluster(operands[0])
        if self._instances(name):
            raise Refusal(1, f"The cluster {name} has instances\n")
        self.state["clusters"].remove(name)
        self._forget(f"{name}-config.", f"{name}.")
        return []

    def _cluster(self, name: str) -> str:
        if name not in self.state["clusters"]:
            raise Refusal(1, f"There is no cluster {name}\n")
        return name

    def _instances(self, cluster: str) -> dict[str, dict[str, Any]]:
        return {name: one for name, one in self.state["instances"].items() if one["cluster"] == cluster}

    def _forget(self, *beginnings: str) -> None:
        values = self.state["values"]
        self.state["values"] = {name: value for name, value in values.items() if not name.startswith(beginnings)}

    @MARKS.documented("asadmin create-instance", "takes a node agent that is not there yet", MANUAL)
    def create_instance(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Make one; it does not run."""
        name, agent, cluster = operands[0], options["nodeagent"], self._cluster(options["cluster"])
        if name in self.state["instances"]:
            raise Refusal(1, f"An instance named {name} already exists\n")
        self.state["agents"].setdefault(agent, {"node": None, "address": "", "running": False})
        self.state["instances"][name] = {"cluster": cluster, "agent": agent, "running": False}
        self.state["values"] |= {
            f"{name}.node-agent-ref": agent,
            f"{cluster}.server-ref.{name}.ref": name,
            f"{cluster}.server-ref.{name}.lb-enabled": "false",
        }
        return []

    def _instance(self, name: str) -> dict[str, Any]:
        if name not in self.state["instances"]:
            raise Refusal(1, f"There is no instance {name}\n")
        found: dict[str, Any] = self.state["instances"][name]
        return found

    @MARKS.documented("asadmin delete-instance", "one that runs is refused", REFERENCE)
    def delete_instance(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Remove one."""
        instance = self._instance(operands[0])
        if instance["running"]:
            raise Refusal(1, f"The instance {operands[0]} runs\n")
        del self.state["instances"][operands[0]]
        self._forget(f"{operands[0]}.", f"{instance['cluster']}.server-ref.{operands[0]}.")
        return []

    def _start(self, names: Sequence[str]) -> None:
        for name in names:
            agent = self.state["agents"][self._instance(name)["agent"]]
            if not agent["running"]:
                raise Refusal(1, f"The node agent of the instance {name} does not run\n")
            if agent["address"] != self.host(agent["node"])[0] and agent["node"] != self.options["administration"]:
                raise Refusal(1, f"The node agent of the instance {name} is not at {agent['address']}\n")
        for name in names:
            self.state["instances"][name]["running"] = True

    @MARKS.documented("asadmin start-cluster", "starts all instances, by their node agents", GUIDE)
    @MARKS.assumed("asadmin start-cluster", "where one agent does not run, nothing is started")
    def start_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it run."""
        names = list(self._instances(self._cluster(operands[0])))
        self._start(names)
        return []

    @MARKS.documented("asadmin stop-cluster", "stops all instances", REFERENCE)
    def stop_cluster(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it not run."""
        for instance in self._instances(self._cluster(operands[0])).values():
            instance["running"] = False
        return []

    @MARKS.documented("asadmin start-instance", "starts it by its node agent", REFERENCE)
    @MARKS.assumed("asadmin start-instance", "one that runs is refused")
    def start_instance(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it run."""
        if self._instance(operands[0])["running"]:
            raise Refusal(1, f"The instance {operands[0]} runs already\n")
        self._start(operands)
        return []

    @MARKS.documented("asadmin stop-instance", "stops it", REFERENCE)
    def stop_instance(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have it not run."""
        self._instance(operands[0])["running"] = False
        return []

    @MARKS.documented("asadmin list-clusters", "lists them with their states", REFERENCE)
    def list_clusters(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """All of them."""
        lines = []
        for name in self.state["clusters"]:
            runs = [one["running"] for one in self._instances(name).values()]
            state = "running" if runs and all(runs) else "partially running" if any(runs) else "not running"
            lines.append(f"{name} {state}")
        return lines or ["Nothing to list."]

    @MARKS.documented("asadmin list-instances", "lists them with their states", REFERENCE)
    def list_instances(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """All of them."""
        return _states({name: one["running"] for name, one in self.state["instances"].items()})

    # -- the load balancer -------------------------------------------------------------------------------------------

    @MARKS.assumed("asadmin list-http-lbs", "prints bare names")
    def list_http_lbs(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """All of them."""
        return list(self.state["balancers"])

    @MARKS.documented("asadmin create-http-lb", "its options, and its name as the operand", MANUAL)
    @MARKS.documented("asadmin create-http-lb", "with --lbenableall... all is given requests", REFERENCE)
    @MARKS.assumed("asadmin create-http-lb", "one that is there already is refused")
    def create_http_lb(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Make one."""
        name, target = operands[0], self._cluster(options["target"])
        if name in self.state["balancers"]:
            raise Refusal(1, f"A load balancer named {name} already exists\n")
        self.state["balancers"][name] = {one: options[one] for one in options if one not in COMMON}
        for one, key in (("devicehost", "device-host"), ("deviceport", "device-port")):
            self.state["values"][f"domain.load-balancers.{name}.{key}"] = options[one]
        for option, kind in (("lbenableallinstances", "server"), ("lbenableallapplications", "application")):
            for key in self.state["values"]:
                if key.startswith(f"{target}.{kind}-ref.") and key.endswith(".lb-enabled"):
                    self.state["values"][key] = options.get(option, "false")
        return []

    @MARKS.documented("asadmin delete-http-lb", "takes the name as the operand", REFERENCE)
    def delete_http_lb(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Remove one."""
        if operands[0] not in self.state["balancers"]:
            raise Refusal(1, f"There is no load balancer {operands[0]}\n")
        del self.state["balancers"][operands[0]]
        self._forget(f"domain.load-balancers.{operands[0]}.")
        return []

    def _serve(self, key: str, value: str) -> list[str]:
        if key not in self.state["values"]:
            raise Refusal(1, f"There is no {key.rpartition('.')[0]}\n")
        self.state["values"][key] = value
        return []

    @MARKS.documented("asadmin enable-http-lb-server", "has it given requests", REFERENCE)
    def enable_http_lb_server(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have an instance given requests."""
        cluster = self._instance(operands[0])["cluster"]
        return self._serve(f"{cluster}.server-ref.{operands[0]}.lb-enabled", "true")

    @MARKS.documented("asadmin disable-http-lb-server", "has it given none, after --timeout minutes at last", REFERENCE)
    def disable_http_lb_server(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have an instance given no requests."""
        cluster = self._instance(operands[0])["cluster"]
        return self._serve(f"{cluster}.server-ref.{operands[0]}.lb-enabled", "false")

    @MARKS.documented("asadmin enable-http-lb-application", "takes --name and the target", MANUAL)
    @MARKS.assumed("asadmin enable-http-lb-application", "one that is not deployed is refused")
    def enable_http_lb_application(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have an application given requests."""
        return self._serve(f"{self._cluster(operands[0])}.application-ref.{options['name']}.lb-enabled", "true")

    @MARKS.documented("asadmin disable-http-lb-application", "takes --name and the target", REFERENCE)
    def disable_http_lb_application(self, node: str, options: dict[str, str], operands: list[str]) -> list[str]:  # noqa: ARG002
        """Have an application given no requests."""
        return self._serve(f"{self._cluster(operands[0])}.application-ref.{options['name']}.lb-enabled", "false")


def _states(running: dict[str, bool]) -> list[str]:
    return [f"{name} {'running' if runs else 'not running'}" for name, runs in running.items()] or ["Nothing to list."]
