"""cluster.conf: what it may hold, and what it means to rgmanager."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .marks import AGENT_SCHEMA, AGENTS, MARKS, SCHEMA, SERVICE_AGENT, TREE

#: The order in which a service starts and stops its children of each type; others start after these and stop first.
START_LEVELS = {
    "lvm": 1, "fs": 2, "clusterfs": 3, "netfs": 4, "nfsexport": 5, "nfsclient": 6, "ip": 7, "smb": 8, "script": 9,
}  # fmt: skip
STOP_LEVELS = {
    "script": 1, "ip": 2, "smb": 3, "nfsclient": 4, "nfsexport": 5, "netfs": 6, "clusterfs": 7, "fs": 8, "lvm": 9,
}  # fmt: skip

#: What can be changed in a service without stopping it.
RECONFIGURABLE = {"service": frozenset({"domain", "autostart", "hardrecovery", "exclusive", "recovery"})}

#: What a service has where its attribute is not given.
SERVICE_DEFAULTS = {
    "autostart": "1",
    "exclusive": "0",
    "nfslock": "0",
    "recovery": "restart",
    "depend_mode": "hard",
    "max_restarts": "0",
    "restart_expire_time": "0",
    "nfs_client_cache": "0",
    "priority": "0",
}

RECOVERY_POLICIES = ("restart", "relocate", "disable", "restart-disable")


@dataclass(frozen=True)
class Agent:
    """What the metadata of a resource agent says of its attributes."""

    primary: str = "name"
    required: tuple[str, ...] = ()
    #: None where any attribute is let pass.
    optional: tuple[str, ...] | None = ()
    unique: tuple[str, ...] = ()
    #: How many services may refer to one resource; 0 is any number.
    instances: int = 0


@MARKS.documented("cluster.conf", "attributes of ip, fs, lvm, netfs and script; those required and unique", AGENTS)
@MARKS.assumed("cluster.conf", "resources of further types have a name and any other attributes")
@MARKS.assumed("cluster.conf", "several script resources may name one file, although the metadata calls it unique")
def _agents() -> dict[str, Agent]:
    further = (
        "ASEHAagent SAPDatabase SAPInstance apache bind-mount clusterfs drbd mysql named nfsclient nfsexport nfsserver "
        "openldap oracledb oradg orainstance oralistener postgres-8 samba smb tomcat-5 tomcat-6"
    ).split()
    return {
        "ip": Agent(
            "address",
            optional=("family", "monitor_link", "nfslock", "sleeptime", "disable_rdisc", "prefer_interface"),
            unique=("address",),
            instances=1,
        ),
        "fs": Agent(
            required=("mountpoint", "device"),
            optional=(
                "fstype", "force_unmount", "force_fsck", "self_fence", "options", "fsid", "quick_status",
                "use_findmnt", "nfslock",
            ),
            unique=("mountpoint", "device"),
            instances=1,
        ),
        "lvm": Agent(required=("vg_name",), optional=("lv_name", "self_fence", "nfslock"), instances=1),
        "netfs": Agent(
            required=("mountpoint", "host", "export"),
            optional=("fstype", "force_unmount", "no_unmount", "options", "nfslock", "self_fence", "use_findmnt"),
            unique=("mountpoint",),
            instances=1,
        ),
        "script": Agent(required=("file",), optional=("service_name",)),
        "service": Agent(
            optional=(
                "domain", "autostart", "hardrecovery", "exclusive", "nfslock", "recovery", "depend", "depend_mode",
                "max_restarts", "restart_expire_time", "nfs_client_cache", "priority",
            ),
        ),
        "vm": Agent(optional=None),
        **{name: Agent(optional=None) for name in further},
    }  # fmt: skip


AGENTS_BY_TYPE = _agents()
UNDERSCORED = (
    "__independent_subtree", "__enforce_timeouts", "__max_failures", "__failure_expire_time", "__max_restarts",
    "__restart_expire_time",
)  # fmt: skip


class Invalid(Exception):
    """The file is not a configuration; the errors say why."""

    def __init__(self, errors: list[str], well_formed: bool = True) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors
        self.well_formed = well_formed


@dataclass(frozen=True)
class Resource:
    """A resource at its place in the tree of a service, or the service itself."""

    type: str
    name: str
    attributes: Mapping[str, str]
    children: tuple[Resource, ...] = ()
    #: "0", "1" (restarted apart from its siblings) or "2" (not critical: stopped when it fails).
    independent: str = "0"

    @property
    def key(self) -> str:
        """Type and name, as rgmanager names it."""
        return f"{self.type}:{self.name}"

    @MARKS.documented(
        "rgmanager", "children of a service start by the levels of their types, as they stand within", TREE
    )
    def starting(self) -> list[Resource]:
        """The children in the order in which they start."""
        if self.type != "service":
            return list(self.children)
        return sorted(self.children, key=lambda child: START_LEVELS.get(child.type, 99))

    @MARKS.documented("rgmanager", "children of a service stop by their own levels, the last one first within", TREE)
    def stopping(self) -> list[Resource]:
        """The children in the order in which they stop."""
        backwards = list(reversed(self.children))
        if self.type != "service":
            return backwards
        return sorted(backwards, key=lambda child: STOP_LEVELS.get(child.type, 0))

    def walk(self, path: str = "") -> Iterator[tuple[str, Resource]]:
        """Every member below, with its path."""
        for child in self.children:
            place = f"{path}/{child.key}" if path else child.key
            yield place, child
            yield from child.walk(place)


@dataclass(frozen=True)
class Domain:
    """A failover domain; the priorities of its nodes, 0 for none."""

    name: str
    ordered: bool
    restricted: bool
    nofailback: bool
    priorities: Mapping[str, int]


@dataclass(frozen=True)
class Configuration:
    """What cluster.conf says."""

    name: str
    version: int
    node_ids: Mapping[str, int]
    votes: Mapping[str, int]
    expected_votes: int
    two_node: bool
    domains: Mapping[str, Domain]
    common: Mapping[str, Resource]
    #: By ``service:name``, in the order of the file.
    services: Mapping[str, Resource]

    @property
    def quorum(self) -> int:
        """Votes that a quorum needs."""
        return 1 if self.two_node else self.expected_votes // 2 + 1


def is_true(value: str | None) -> bool:
    """A boolean attribute as rgmanager and the agents read it."""
    return (value or "").lower() in ("1", "yes", "on", "true")


@lru_cache(maxsize=64)
def read(text: str, release: int) -> Configuration:
    """Check the text of a cluster.conf and say what it means; raises Invalid."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise Invalid([f"parser error : {error}"], well_formed=False) from None
    return _Reader(root, release).read()


@lru_cache(maxsize=64)
def version_of(text: str) -> str | None:
    """The config_version of a file that may not be valid otherwise; None if it is not well-formed or has none."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return None
    return root.get("config_version") if root.tag == "cluster" else None


# What may stand in elements that rgmanager does not read: element to its attributes (None: any) and its children.
_OTHER_ELEMENTS: dict[str, tuple[tuple[str, ...] | None, tuple[str, ...]]] = {
    "cman": (
        (
            "two_node", "expected_votes", "upgrading", "disallowed", "quorum_dev_poll", "shutdown_timeout", "ccsd_poll",
            "debug_mask", "port", "cluster_id", "hash_cluster_id", "nodename", "broadcast", "transport", "keyfile",
            "disable_openais",
        ),
        ("multicast", "altmulticast"),
    ),
    "multicast": (("addr", "ttl", "port", "interface"), ()),
    "altmulticast": (("addr", "ttl", "port"), ()),
    "totem": (None, ("interface",)),
    "interface": (("ringnumber", "bindnetaddr", "mcastaddr", "mcastport", "broadcast"), ()),
    "uidgid": (("uid", "gid"), ()),
    "quorumd": (None, ("heuristic",)),
    "heuristic": (None, ()),
    "fence_daemon": (None, ()),
    "fence_xvmd": (None, ()),
    "dlm": (None, ("lockspace",)),
    "lockspace": (None, ("master",)),
    "master": (("name", "weight"), ()),
    "gfs_controld": (None, ()),
    "group": (("groupd_compat",), ()),
    "logging": (None, ("logging_daemon",)),
    "logging_daemon": (None, ()),
    "clvmd": (("interface",), ()),
    "unfence": ((), ("device",)),
    "device": (None, ()),
    "altname": (("name", "port", "mcast", "ttl"), ()),
}  # fmt: skip
_RM_ATTRIBUTES = (
    "log_level", "status_child_max", "status_poll_interval", "transition_throttling", "central_processing",
    "log_facility", "disabled",
)  # fmt: skip
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z")


@dataclass
class _Reader:
    root: ET.Element
    release: int
    errors: list[str] = field(default_factory=list)
    common: dict[str, Resource] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def read(self) -> Configuration:
        root = self.root
        if root.tag != "cluster":
            raise Invalid([f"element {root.tag}: expecting element cluster"])
        self._attributes(root, ("name", "config_version"), ())
        version = root.get("config_version", "")
        if "config_version" in root.attrib and not re.fullmatch(r"[1-9]\d*", version):
            self._complain(root, "config_version is not a positive integer")
        for child in root:
            if child.tag not in ("clusternodes", "fencedevices", "rm"):
                self._other(child, [name for name in _OTHER_ELEMENTS if name not in ("interface", "device", "master")])
        for tag in ("cman", "totem", "clusternodes", "fencedevices", "rm", "quorumd", "fence_daemon", "logging"):
            if len(root.findall(tag)) > 1:
                self._complain(root, f"more than one element {tag}")
        ids, votes = self._nodes()
        two_node, expected = self._membership(votes)
        domains, services = self._manager(ids)
        if self.errors:
            raise Invalid(self.errors)
        return Configuration(
            root.get("name", ""), int(version), ids, votes, expected, two_node, domains, dict(self.common), services
        )

    # -- helpers -----------------------------------------------------------------------------------------------

    def _complain(self, element: ET.Element, words: str) -> None:
        self.errors.append(f"element {element.tag}: {words}")

    def _attributes(self, element: ET.Element, required: tuple[str, ...], optional: tuple[str, ...] | None) -> None:
        for name in required:
            if not element.get(name):
                self._complain(element, f"failed to validate attributes: {name} is missing")
        if optional is not None:
            for name in element.attrib:
                if name not in required and name not in optional:
                    self._complain(element, f"Invalid attribute {name}")

    def _number(self, element: ET.Element, name: str, least: int, most: int | None = None) -> int | None:
        value = element.get(name)
        if value is None:
            return None
        if not re.fullmatch(r"\d+", value) or int(value) < least or (most is not None and int(value) > most):
            self._complain(element, f"attribute {name} has the invalid value {value!r}")
            return None
        return int(value)

    @MARKS.documented("cluster.conf", "which elements may stand in a cluster, and which attributes in them", SCHEMA)
    def _other(self, element: ET.Element, allowed: list[str] | tuple[str, ...]) -> None:
        if element.tag not in allowed or element.tag not in _OTHER_ELEMENTS:
            self._complain(element, "Did not expect this element here")
            return
        attributes, children = _OTHER_ELEMENTS[element.tag]
        self._attributes(element, (), attributes)
        for child in element:
            self._other(child, children)

    # -- nodes -------------------------------------------------------------------------------------------------

    @MARKS.documented(
        "cluster.conf", "clusternode has a name and a positive nodeid, votes; fence, method, device", SCHEMA
    )
    @MARKS.assumed("cluster.conf", "release 4 needs no nodeid: the nodes are numbered as they stand")
    @MARKS.assumed(
        "cluster.conf", "a name or nodeid given to two nodes is refused, and a fence device that is not defined"
    )
    def _nodes(self) -> tuple[dict[str, int], dict[str, int]]:
        ids: dict[str, int] = {}
        votes: dict[str, int] = {}
        listed = self.root.find("clusternodes")
        if listed is None:
            self._complain(self.root, "Expecting an element clusternodes, got nothing")
            return ids, votes
        self._attributes(listed, (), ())
        devices = self._fence_devices()
        for number, node in enumerate(listed, 1):
            if node.tag != "clusternode":
                self._complain(node, "Did not expect this element here")
                continue
            numbered = ("name", "nodeid") if self.release != 4 else ("name",)
            self._attributes(node, numbered, ("nodeid", "votes", "weight"))
            name, nodeid = node.get("name", ""), self._number(node, "nodeid", 1)
            if name in ids or (nodeid is not None and nodeid in ids.values()):
                self._complain(node, f"{name} or its nodeid stands there twice")
            ids[name] = nodeid if nodeid is not None else number
            votes[name] = self._number(node, "votes", 1) or 1
            for child in node:
                if child.tag == "fence":
                    self._fence(child, devices)
                else:
                    self._other(child, ("altname", "unfence"))
        return ids, votes

    def _fence_devices(self) -> set[str]:
        devices: set[str] = set()
        for listed in self.root.findall("fencedevices"):
            self._attributes(listed, (), ())
            for device in listed:
                if device.tag != "fencedevice":
                    self._complain(device, "Did not expect this element here")
                    continue
                self._attributes(device, ("name", "agent"), None)
                name = device.get("name", "")
                if name in devices or not _XML_NAME.match(name):
                    self._complain(device, f"the name {name!r} is not a unique XML identifier")
                devices.add(name)
        return devices

    def _fence(self, element: ET.Element, devices: set[str]) -> None:
        self._attributes(element, (), ())
        for method in element:
            if method.tag != "method":
                self._complain(method, "Did not expect this element here")
                continue
            self._attributes(method, ("name",), ())
            for device in method:
                self._attributes(device, ("name",), None)
                if device.tag != "device" or device.get("name") not in devices:
                    self._complain(device, f"fence device {device.get('name')} is not defined")

    @MARKS.documented(
        "cluster.conf", "two_node needs expected_votes 1; expected_votes is else the sum of votes", SCHEMA
    )
    def _membership(self, votes: Mapping[str, int]) -> tuple[bool, int]:
        cman = self.root.find("cman")
        if cman is None:
            return False, sum(votes.values())
        expected = self._number(cman, "expected_votes", 1)
        two_node = cman.get("two_node") == "1"
        if two_node and (expected != 1 or len(votes) != 2):
            self._complain(cman, "two_node needs expected_votes 1 and two nodes")
        if cman.get("transport", "udp") not in ("udp", "udpb", "udpu", "rdma"):
            self._complain(cman, "attribute transport has an invalid value")
        return two_node, expected if expected is not None else sum(votes.values())

    # -- rgmanager ---------------------------------------------------------------------------------------------

    def _manager(self, ids: Mapping[str, int]) -> tuple[dict[str, Domain], dict[str, Resource]]:
        domains: dict[str, Domain] = {}
        services: dict[str, Resource] = {}
        manager = self.root.find("rm")
        if manager is None:
            return domains, services
        self._attributes(manager, (), _RM_ATTRIBUTES)
        for element in manager:
            if element.tag == "failoverdomains":
                for domain in element:
                    self._domain(domain, ids, domains)
            elif element.tag == "resources":
                for resource in element:
                    self._common(resource)
            elif element.tag not in ("service", "vm", "events", "resource-defaults"):
                self._complain(element, "Did not expect this element here")
        for element in manager:
            if element.tag in ("service", "vm"):
                self._service(element, domains, services)
        return domains, services

    @MARKS.documented(
        "cluster.conf", "failoverdomain and its nodes: name; ordered, restricted, nofailback; priority", SCHEMA
    )
    @MARKS.assumed("cluster.conf", "a domain that stands there twice or has a node that the cluster has not is refused")
    def _domain(self, element: ET.Element, ids: Mapping[str, int], domains: dict[str, Domain]) -> None:
        if element.tag != "failoverdomain":
            self._complain(element, "Did not expect this element here")
            return
        self._attributes(element, ("name",), ("ordered", "restricted", "nofailback"))
        name = element.get("name", "")
        if name in domains:
            self._complain(element, f"{name} stands there twice")
        for flag in ("ordered", "restricted", "nofailback"):
            self._number(element, flag, 0, 1)
        priorities: dict[str, int] = {}
        for node in element:
            if node.tag != "failoverdomainnode":
                self._complain(node, "Did not expect this element here")
                continue
            self._attributes(node, ("name",), ("priority",))
            member = node.get("name", "")
            if member not in ids or member in priorities:
                self._complain(node, f"{member} is no node of the cluster, or stands there twice")
            priority = self._number(node, "priority", 1, 100) or 0
            # rgmanager reads the priorities of ordered domains only.
            priorities[member] = priority if element.get("ordered") == "1" else 0
        ordered, restricted, nofailback = (element.get(flag) == "1" for flag in ("ordered", "restricted", "nofailback"))
        domains[name] = Domain(name, ordered, restricted, nofailback, priorities)

    def _common(self, element: ET.Element) -> None:
        if element.tag not in AGENTS_BY_TYPE or element.tag in ("service", "vm"):
            self._complain(element, "Did not expect this element here")
            return
        if "ref" in element.attrib:
            self._complain(element, "a common resource cannot be a reference")
            return
        resource = self._defined(element)
        self.common[resource.key] = resource

    @MARKS.documented(
        "cluster.conf", "a resource is a reference, or has its primary and required attributes", AGENT_SCHEMA
    )
    @MARKS.documented("cluster.conf", "what is unique in the agent's metadata is given to one resource only", AGENTS)
    @MARKS.assumed("cluster.conf", "two resources with one unique attribute are refused; rgmanager only logs it")
    def _defined(self, element: ET.Element) -> Resource:
        agent = AGENTS_BY_TYPE[element.tag]
        optional = None if agent.optional is None else agent.optional + UNDERSCORED
        self._attributes(element, (agent.primary, *agent.required), optional)
        name = element.get(agent.primary, "")
        for attribute in dict.fromkeys((agent.primary, *agent.unique)):
            place = (element.tag, attribute, element.get(attribute, ""))
            if place in self.known:
                self._complain(element, f"{attribute} {place[2]} is already that of {self.known[place]}")
            self.known[place] = f"{element.tag}:{name}"
        attributes = {key: value for key, value in element.attrib.items() if not key.startswith("__")}
        return Resource(element.tag, name, attributes)

    @MARKS.documented(
        "cluster.conf", "nested resources; actions; references to common resources of the same type", TREE
    )
    @MARKS.documented("cluster.conf", "an ip, fs, lvm or netfs belongs to one service (maxinstances 1)", AGENTS)
    @MARKS.assumed(
        "cluster.conf", "a reference to nothing, or to more places than allowed, is refused; rgmanager logs it"
    )
    def _member(self, element: ET.Element) -> Resource | None:
        agent = AGENTS_BY_TYPE.get(element.tag)
        if agent is None or element.tag in ("service", "vm"):
            self._complain(element, "Did not expect this element here")
            return None
        reference = element.get("ref")
        if reference is None:
            found: Resource | None = self._defined(element)
        else:
            self._attributes(element, ("ref",), UNDERSCORED)
            found = self.common.get(f"{element.tag}:{reference}")
            if found is None:
                self._complain(element, f"no resource {reference} of type {element.tag} is defined")
                return None
        assert found is not None
        self.used[found.key] = self.used.get(found.key, 0) + 1
        if agent.instances and self.used[found.key] > agent.instances:
            self._complain(element, f"max references exceeded for {found.key}")
        independent = element.get("__independent_subtree", "0")
        flag = {"1": "1", "yes": "1", "2": "2", "non-critical": "2"}.get(independent, "0")
        return Resource(found.type, found.name, found.attributes, self._children(element), flag)

    def _children(self, element: ET.Element) -> tuple[Resource, ...]:
        children: list[Resource] = []
        for child in element:
            if child.tag == "action":
                self._attributes(child, ("name",), ("depth", "interval", "timeout"))
                continue
            member = self._member(child)
            if member is not None:
                if member.key in [other.key for other in children]:
                    self._complain(child, f"{member.key} stands there twice")
                children.append(member)
        return tuple(children)

    @MARKS.documented("cluster.conf", "attributes and defaults of a service", SERVICE_AGENT)
    @MARKS.assumed(
        "cluster.conf", "a service that stands there twice, a domain or policy that does not exist are refused"
    )
    def _service(self, element: ET.Element, domains: Mapping[str, Domain], services: dict[str, Resource]) -> None:
        if "ref" in element.attrib:
            self._complain(element, "a service cannot be a reference")
            return
        if self.release == 6 and "hardrecovery" in element.attrib:
            self._complain(element, "Invalid attribute hardrecovery")
        defined = self._defined(element)
        for flag in ("autostart", "exclusive", "nfslock", "hardrecovery"):
            if element.get(flag, "0") not in ("0", "1", "yes", "no"):
                self._complain(element, f"attribute {flag} has the invalid value {element.get(flag)!r}")
        if element.get("recovery", "restart") not in RECOVERY_POLICIES:
            self._complain(element, f"recovery {element.get('recovery')} is not one of {', '.join(RECOVERY_POLICIES)}")
        for counted in ("max_restarts", "restart_expire_time"):
            self._number(element, counted, 0)
        domain = element.get("domain")
        if domain is not None and domain not in domains:
            self._complain(element, f"failover domain {domain} is not defined")
        attributes = {**SERVICE_DEFAULTS, **defined.attributes}
        services[defined.key] = Resource(defined.type, defined.name, attributes, self._children(element))


def comparison(old: Resource, new: Resource) -> str:
    """What a reload makes of two resources of one type and name: same, reconfigured in place, or changed."""
    if dict(old.attributes) == dict(new.attributes):
        return "same"
    differing = {
        key for key in {*old.attributes, *new.attributes} if old.attributes.get(key) != new.attributes.get(key)
    }
    return "reconfigured" if differing <= RECONFIGURABLE.get(old.type, frozenset()) else "changed"
