"""A small cluster that stands for Pacemaker's command line tools in unit tests.

It keeps a CIB, answers the command lines that the driver uses and refuses all others. What real tools make of the same
CIB is tested with real clusters, in the scenarios of the roles.
"""

from __future__ import annotations

import copy
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.command import CommandError, CommandNotFound, CommandResult

EMPTY_CIB = """<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">
  <configuration><crm_config/><nodes/><resources/><constraints/></configuration>
  <status/>
</cib>"""


@dataclass
class FakeCluster:
    """Nodes, a CIB, and where its resources are active."""

    cib: Element = field(default_factory=lambda: ElementTree.fromstring(EMPTY_CIB))
    nodes: list[str] = field(default_factory=lambda: ["nodea", "nodeb", "nodec"])
    installed: bool = True
    running: bool = True
    quorate: bool = True
    offline: set[str] = field(default_factory=set)
    standby: set[str] = field(default_factory=set)
    #: Resources whose start fails.
    broken: set[str] = field(default_factory=set)
    #: Resources that do not stop when they should.
    stuck: set[str] = field(default_factory=set)
    settles: bool = True
    #: What the scheduler would still do, as elements of ``crm_simulate``'s transition; none while it is empty.
    scheduled: list[dict[str, str]] = field(default_factory=list)
    #: What rows of resources say that is pending, whether or not it is.
    pending: dict[str, str] = field(default_factory=dict)
    #: Patches are accepted and have no effect, as if somebody undid them at once.
    forgetful: bool = False
    #: What nodes number their operations with.
    calls_of_nodes: int = 1
    active: dict[str, str] = field(default_factory=dict)
    #: Every command line in order, also those that only read.
    calls: list[str] = field(default_factory=list)
    #: The configuration after each patch.
    patches: list[Element] = field(default_factory=list)
    _wishes: dict[str, str] = field(default_factory=dict)

    @property
    def configuration(self) -> Element:
        configuration = self.cib.find("configuration")
        assert configuration is not None
        return configuration

    def element(self, identifier: str) -> Element:
        """The one element of the configuration with that id."""
        (found,) = self.configuration.iterfind(f".//*[@id='{identifier}']")
        return found

    def called(self, program: str) -> list[str]:
        """Command lines of one program."""
        return [call for call in self.calls if call.split()[0] == program]

    def settle(self) -> None:
        """Start, stop and move what should be."""
        for element in self.configuration.findall("./resources/*"):
            if element.tag not in ("primitive", "group"):
                continue
            names = [member.get("id", "") for member in element.findall("primitive")] or [element.get("id", "")]
            node = self._best_node(element, names)
            blocked = False
            for name, member in zip(names, element.findall("primitive") or [element]):  # noqa: B905
                blocked = blocked or name in self.broken or self._told_to_stop(member, element)
                if name in self.stuck and name in self.active:
                    continue
                if node is not None and not blocked:
                    self.active[name] = node
                else:
                    self.active.pop(name, None)
        existing = {element.get("id") for element in self.configuration.iter("primitive")}
        self.active = {name: node for name, node in self.active.items() if name in existing}

    def _best_node(self, element: Element, names: Sequence[str]) -> str | None:
        identifier = element.get("id", "")
        candidates = [node for node in self.nodes if node not in self.offline | self.standby]
        scores = {
            location.get("node", ""): int(location.get("score", "0"))
            for location in self.configuration.iterfind("./constraints/rsc_location[@node]")
            if location.get("rsc") == identifier
        }
        if scores:
            candidates = [node for node in candidates if node in scores]
        current = next((self.active[name] for name in names if name in self.active), "")
        if self._wishes.get(identifier) in candidates:
            return self._wishes[identifier]
        if current in candidates:
            return current
        return max(candidates, key=lambda node: scores.get(node, 0), default=None)

    def _told_to_stop(self, *elements: Element) -> bool:
        for element in elements:
            role = element.find("./meta_attributes/nvpair[@name='target-role']")
            if role is not None:
                return role.get("value") == "Stopped"
        return False

    def monitor(self) -> str:
        """What ``crm_mon --output-as=xml`` prints."""
        result = Element("pacemaker-result", {"api-version": "2.25", "request": "crm_mon"})
        summary = ElementTree.SubElement(result, "summary")
        ElementTree.SubElement(
            summary,
            "current_dc",
            {"present": "true", "name": self.nodes[0], "with_quorum": "true" if self.quorate else "false"},
        )
        nodes = ElementTree.SubElement(result, "nodes")
        for name in self.nodes:
            flags = {"online": name not in self.offline, "standby": name in self.standby}
            flags.update({"maintenance": False, "unclean": False})
            attributes = {key: str(value).lower() for key, value in flags.items()}
            ElementTree.SubElement(nodes, "node", {"name": name, **attributes})
        resources = ElementTree.SubElement(result, "resources")
        for element in self.configuration.findall("./resources/*"):
            if element.tag == "group":
                group = ElementTree.SubElement(resources, "group", {"id": element.get("id", "")})
                for member in element.findall("primitive"):
                    self._row(group, member, element)
            elif element.tag == "primitive":
                self._row(resources, element)
        failures = ElementTree.SubElement(result, "failures")
        for name in sorted(self.broken):
            attributes = {"op_key": f"{name}_start_0", "node": self.nodes[0], "exitreason": "it is broken"}
            attributes["call"] = str(self.calls_of_nodes)
            ElementTree.SubElement(failures, "failure", attributes)
        return ElementTree.tostring(result, encoding="unicode")

    def _row(self, parent: Element, element: Element, group: Element | None = None) -> None:
        name = element.get("id", "")
        agent = ":".join(element.get(key, "") for key in ("class", "provider", "type") if element.get(key))
        row = ElementTree.SubElement(
            parent,
            "resource",
            {"id": name, "resource_agent": agent, "active": str(name in self.active).lower(), "managed": "true"},
        )
        frozen = None if group is None else group.find("./meta_attributes/nvpair[@name='maintenance'][@value='true']")
        if frozen is not None:
            row.set("managed", "false")
        if self._told_to_stop(element, *([] if group is None else [group])):
            row.set("target_role", "Stopped")
        if name in self.pending:
            row.set("pending", self.pending[name])
        if name in self.active:
            ElementTree.SubElement(row, "node", {"name": self.active[name]})

    def simulation(self) -> str:
        """What ``crm_simulate --simulate --output-as=xml`` prints of what is to be done."""
        result = Element("pacemaker-result", {"api-version": "2.25", "request": "crm_simulate"})
        transition = ElementTree.SubElement(result, "transition")
        ElementTree.SubElement(transition, "pseudo_action", {"task": "all_stopped"})
        for action in self.scheduled:
            ElementTree.SubElement(transition, "rsc_action" if "op" in action else "node_action", action)
        return ElementTree.tostring(result, encoding="unicode")

    def controller(self, node: str) -> str:
        """What ``crmadmin --status=NODE --output-as=xml`` prints: the one that leads is idle when all is done."""
        state = "S_NOT_DC"
        if node == self.nodes[0]:
            state = "S_IDLE" if self.settles else "S_TRANSITION_ENGINE"
        if self.settles:
            self.settle()
        return f'<pacemaker-result><crmd node_name="{node}" state="{state}" result="ok"/></pacemaker-result>'

    # -- the command lines --------------------------------------------------------------------------------------

    def answer(self, argv: Sequence[str], stdin: str | None) -> tuple[int, str]:
        """Exit status and output of one command line."""
        program, *arguments = argv
        options = dict(self._options(arguments))
        if program == "cibadmin" and list(options) == ["--query"]:
            return 0, ElementTree.tostring(self.cib, encoding="unicode")
        if program == "cibadmin" and options == {"--query": "", "--scope": "configuration"}:
            return 0, ElementTree.tostring(self.configuration, encoding="unicode")
        if program == "cibadmin" and list(options) == ["--patch", "--xml-pipe"]:
            self._patch(stdin or "")
        elif program == "crm_diff" and set(options) == {"--original", "--new", "--no-version"}:
            original, new = (_configuration_text(options[name]) for name in ("--original", "--new"))
            return (0, "") if original == new else (1, new)
        elif program == "crm_mon" and options == {"--one-shot": "", "--inactive": "", "--output-as": "xml"}:
            return 0, self.monitor()
        elif program == "crm_simulate" and list(options) == ["--live-check", "--simulate", "--output-as"]:
            return 0, self.simulation()
        elif program == "crmadmin" and set(options) == {"--status", "--output-as"}:
            return 0, self.controller(options["--status"])
        elif program == "crm_resource":
            return self._crm_resource(options), ""
        elif program == "crm_attribute" and options["--type"] == "nodes" and options["--name"] == "standby":
            assert options["--node"] in self.nodes
            change = self.standby.discard if "--delete" in options else self.standby.add
            change(options["--node"])
        else:
            raise AssertionError(f"no such command line: {shlex.join(argv)}")
        return 0, ""

    def _options(self, arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
        for argument in arguments:
            name, _, value = argument.partition("=")
            yield name, value

    def _patch(self, text: str) -> None:
        new = ElementTree.fromstring(text)
        self.patches.append(new)
        if not self.forgetful:
            self.cib.remove(self.configuration)
            self.cib.insert(0, copy.deepcopy(new))

    def _crm_resource(self, options: dict[str, str]) -> int:
        element = self.element(options["--resource"])
        identifier = element.get("id", "")
        if "--move" in options:
            assert options["--lifetime"].startswith("PT")
            self._clear(identifier)
            self._prefer(identifier, options["--node"])
        elif "--clear" in options:
            self._clear(identifier)
        elif "--cleanup" in options:
            self.broken -= {member.get("id", "") for member in element.iter("primitive")}
        elif "--meta" in options and "--delete-parameter" in options:
            for found in element.findall("meta_attributes"):
                for pair in found.findall(f"nvpair[@name='{options['--delete-parameter']}']"):
                    found.remove(pair)
        elif "--meta" in options and "--set-parameter" in options:
            name, value = options["--set-parameter"], options["--parameter-value"]
            values = element.find("meta_attributes")
            if values is None:
                values = Element("meta_attributes", id=f"{identifier}-meta_attributes")
                element.insert(0, values)
            ElementTree.SubElement(values, "nvpair", id=f"{values.get('id')}-{name}", name=name, value=value)
        else:
            raise AssertionError(f"no such options of crm_resource: {options}")
        return 0

    def _prefer(self, identifier: str, node: str) -> None:
        """As 2.1.5 does it when a lifetime is given."""
        self._wishes[identifier] = node
        constraints = self.configuration.find("constraints")
        assert constraints is not None
        made = f"cli-prefer-{identifier}"
        location = ElementTree.SubElement(constraints, "rsc_location", id=made, rsc=identifier, role="Started")
        ruling = {"id": f"cli-prefer-rule-{identifier}", "score": "INFINITY", "boolean-op": "and"}
        rule = ElementTree.SubElement(location, "rule", ruling)
        what = {"attribute": "#uname", "operation": "eq", "value": node, "type": "string"}
        ElementTree.SubElement(rule, "expression", {"id": f"cli-prefer-expr-{identifier}", **what})
        lifetime = {"id": f"cli-prefer-lifetime-end-{identifier}", "operation": "lt", "end": "2026-01-01 00:00:00Z"}
        ElementTree.SubElement(rule, "date_expression", lifetime)

    def _clear(self, identifier: str) -> None:
        self._wishes.pop(identifier, None)
        constraints = self.configuration.find("constraints")
        assert constraints is not None
        for location in constraints.findall(f"rsc_location[@id='cli-prefer-{identifier}']"):
            constraints.remove(location)


def _configuration_text(path: str) -> str:
    configuration = ElementTree.fromstring(Path(path).read_text(encoding="utf-8")).find("configuration")
    assert configuration is not None
    return ElementTree.tostring(configuration, encoding="unicode")


@dataclass
class FakeRunner:
    """Answers command lines from a fake cluster, and records as LocalRunner does."""

    cluster: FakeCluster
    dry: bool = False
    commands: list[str] = field(default_factory=list)
    now: float = 0.0

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = 60,
        accept: Sequence[int] = (0,),
        record: bool = True,
    ) -> CommandResult:
        """See LocalRunner.run."""
        assert timeout > 0
        if record:
            self.commands.append(shlex.join(argv))
            if self.dry:
                return CommandResult(tuple(argv), 0, "", "")
        if not self.cluster.installed:
            raise CommandNotFound(argv, "is not installed")
        if not self.cluster.running:
            raise CommandError(argv, "exit status 102", "Transport endpoint is not connected")
        self.cluster.calls.append(shlex.join(argv))
        status, output = self.cluster.answer(argv, stdin)
        if status not in accept:
            raise CommandError(argv, f"exit status {status}", "it went wrong")
        return CommandResult(tuple(argv), status, output, "")

    def installed(self, program: str) -> bool:
        """See LocalRunner.installed."""
        return self.cluster.installed and program == "cibadmin"

    def pause(self, seconds: float) -> None:
        """See LocalRunner.pause."""
        self.now += seconds

    def clock(self) -> float:
        """See LocalRunner.clock."""
        return self.now

    def read_file(self, path: str) -> str | None:  # noqa: ARG002 - as the Runner has it
        """See LocalRunner.read_file."""
        return None

    def replace_file(self, path: str, text: str, backup: bool = False) -> None:
        """See LocalRunner.replace_file."""
        raise AssertionError((path, text, backup))
