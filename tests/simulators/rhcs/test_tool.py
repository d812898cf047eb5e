"""rg_test: what rgmanager makes of a configuration file, and agents run without rgmanager."""

from __future__ import annotations

from ..engine import Answer
from .cluster import ClusterNodes
from .grammar import AGENTS_BY_TYPE, START_LEVELS, Configuration, Invalid, Resource, comparison, read
from .marks import MARKS, TEST

USAGE = (
    "usage: rg_test [agent_path] <args..>\n\n\ttest <configfile> [args..]\n\t\tstart <type> <resource>\n"
    "\t\tstatus <type> <resource>\n\t\tstop <type> <resource>\n\n\tdelta <configfile1> <configfile2>\n\n\trules\n\n"
)


@MARKS.documented("rg_test", "test, noop, delta, rules; usage exits 1", TEST)
@MARKS.documented("rg_test", "Error parsing a file exits 0", TEST)
@MARKS.assumed("rg_test", "a file that is parsed but not valid is answered as one that cannot be parsed")
def run(cluster: ClusterNodes, node: str, arguments: list[str]) -> Answer:
    """One call of rg_test."""
    if not arguments or arguments[0] not in ("test", "noop", "delta", "rules"):
        return Answer(1, USAGE)
    mode, rest = arguments[0], arguments[1:]
    if mode == "rules":
        return Answer(0, "", f"Running in rules mode.\nLoaded {len(AGENTS_BY_TYPE)} resource rules\n")
    if mode == "delta" and len(rest) < 2:
        return Answer(255, "Operation requires two arguments\n\tdelta <configfile1> <configfile2>\n\n")
    if not rest:
        return Answer(1, USAGE)
    found: list[Configuration] = []
    banner = "Running in resource tree delta test mode.\n" if mode == "delta" else "Running in test mode.\n"
    for path in rest[: 2 if mode == "delta" else 1]:
        try:
            found.append(read(cluster.read_file(node, path) or "", cluster.release))
        except Invalid:
            return Answer(1 if mode == "delta" else 0, f"Error parsing {path}\n", banner)
    if mode == "delta":
        return Answer(0, _delta(*found), banner)
    if len(rest) == 1:
        return Answer(0, _listing(found[0]), f"{banner}Loaded {len(AGENTS_BY_TYPE)} resource rules\n")
    if len(rest) < 4:
        return Answer(0, "", banner)
    status, text = _operate(cluster, node, found[0], rest[1:4], mode == "noop")
    return Answer(status, text, banner)


@MARKS.documented("rg_test", "No resource of a type is found: exit 0; failed starts and stops: 255", TEST)
@MARKS.assumed("rg_test", "noop prints one line for each operation of an agent")
@MARKS.assumed("rg_test", "only whole services are started, stopped and asked for their status")
def _operate(
    cluster: ClusterNodes, node: str, configuration: Configuration, what: list[str], noop: bool
) -> tuple[int, str]:
    operation, kind, name = what
    tree = configuration.services.get(f"{kind}:{name}")
    if tree is None:
        return 0, f"No resource {name} of type {kind} found\n"
    if operation not in ("start", "stop", "status"):
        return 0, ""
    words = {"start": ("Starting", "Start"), "stop": ("Stopping", "Stop"), "status": ("Checking status of", "")}
    text = f"{words[operation][0]} {name}...\n"
    if noop:
        text += "".join(f"[{operation}] {key}\n" for key in _order(tree, operation))
        done = True
    else:
        done = cluster.run_agents(operation, tree, node)
    if operation == "status":
        return (0, f"{text}Status of {name} is good\n") if done else (1, f"{text}Status check of {name} failed\n")
    if done:
        return 0, f"{text}{words[operation][1]} of {name} complete\n"
    return 255, text + (f"Failed to start {name}\n" if operation == "start" else "")


def _order(tree: Resource, operation: str) -> list[str]:
    if operation == "stop":
        return [key for child in tree.stopping() for key in _order(child, operation)] + [tree.key]
    return [tree.key] + [key for child in tree.starting() for key in _order(child, operation)]


@MARKS.documented("rg_test", "test FILE prints the resources, the tree and the failover domains", TEST)
def _listing(configuration: Configuration) -> str:
    lines = ["=== Resources List ==="]
    resources = dict(configuration.common)
    for service, tree in configuration.services.items():
        resources[service] = tree
        for _, member in tree.walk():
            resources.setdefault(member.key, member)
    for resource in resources.values():
        lines.append(f"Resource type: {resource.type}")
        lines.append("Attributes:")
        lines += [f"  {name} = {value}" for name, value in resource.attributes.items()]
        lines.append("")
    lines.append("=== Resource Tree ===")
    for tree in configuration.services.values():
        lines += _tree(tree, 0)
    if configuration.domains:
        lines.append("=== Failover Domains ===")
    for domain in configuration.domains.values():
        flags = [
            words
            for words, given in (
                ("Ordered ", domain.ordered),
                ("Restricted ", domain.restricted),
                ("No Failback", domain.nofailback),
            )
            if given
        ]
        lines += [f"Failover domain: {domain.name}", f"Flags: {''.join(flags) or 'none'}"]
        for node, priority in domain.priorities.items():
            lines.append(f"  Node {node} (id {configuration.node_ids[node]}, priority {priority})")
    return "\n".join(lines) + "\n"


def _tree(resource: Resource, level: int) -> list[str]:
    margin = "  " * level
    lines = [f"{margin}{resource.type} {{"]
    lines += [f'{margin}  {name} = "{value}";' for name, value in resource.attributes.items()]
    # The tree is built type by type where the parent knows the types of its children.
    for child in sorted(resource.children, key=lambda one: START_LEVELS.get(one.type, 99)):
        lines += _tree(child, level + 1)
    return [*lines, f"{margin}}}"]


@MARKS.documented("rg_test", "delta prints both trees and the operations of the down-phase and the up-phase", TEST)
@MARKS.assumed("rg_test", "delta names whole services and their resources only")
def _delta(old: Configuration, new: Configuration) -> str:
    lines = ["=== Old Resource Tree ==="]
    for tree in old.services.values():
        lines += _tree(tree, 0)
    lines.append("=== New Resource Tree ===")
    for tree in new.services.values():
        lines += _tree(tree, 0)
    lines.append("=== Operations (down-phase) ===")
    for service, tree in old.services.items():
        after = new.services.get(service)
        if after is None or comparison(tree, after) == "changed":
            lines.append(f"[kill] {service}")
        else:
            lines += [f"[stop] {key}" for key in _gone(tree, after)]
    lines.append("=== Operations (up-phase) ===")
    for service, tree in new.services.items():
        before = old.services.get(service)
        if before is None or comparison(before, tree) == "changed":
            lines.append(f"[init] {service}")
        else:
            lines += [f"[start] {key}" for key in _gone(tree, before)]
    return "\n".join(lines) + "\n"


def _gone(tree: Resource, other: Resource) -> list[str]:
    kept = {child.key: child for child in other.children}
    gone: list[str] = []
    for child in tree.starting():
        if child.key in kept and comparison(child, kept[child.key]) == "same":
            gone += _gone(child, kept[child.key])
        else:
            gone.append(child.key)
    return gone
