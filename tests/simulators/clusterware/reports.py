"""What ``crsctl status`` and ``olsnodes`` print."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .attributes import shown_in_profile
from .catalogue import Catalogue
from .grammar import MODIFIERS, Dependency
from .messages import lines
from .sources import COMMANDS, MARKS, TRANSCRIPTS

Instance = Mapping[str, Any]


def _state(instance: Instance) -> str:
    return f"{instance['state']} on {instance['server']}" if instance["server"] else str(instance["state"])


@MARKS.documented(
    "crsctl status resource", "NAME, TYPE, TARGET, STATE=ONLINE on <server>, and an empty line", TRANSCRIPTS
)
@MARKS.assumed("crsctl status resource", "several runs are in one line, with commas between")
def plain(catalogue: Catalogue, name: str, instances: Sequence[Instance]) -> str:
    """``crsctl status resource``."""
    targets = [str(instance["target"]) for instance in instances]
    padded = [f"{target:<17}" for target in targets[:-1]] + targets[-1:]
    return lines(
        f"NAME={name}",
        f"TYPE={catalogue.resources[name]['type']}",
        f"TARGET={', '.join(padded)}",
        f"STATE={', '.join(map(_state, instances))}",
        "",
    )


def profile_values(catalogue: Catalogue, name: str, release: str) -> dict[str, str]:
    """What -p shows after NAME and TYPE."""
    own = catalogue.own_attributes(catalogue.resources[name]["type"])
    values = catalogue.values(name)
    return {key: values[key] for key in sorted(values) if key in own or shown_in_profile(release, key)}


@MARKS.documented("crsctl status resource", "-p: NAME, TYPE, then the attributes by name, empty ones too", TRANSCRIPTS)
def profile(catalogue: Catalogue, name: str, release: str) -> str:
    """``crsctl status resource -p``."""
    values = profile_values(catalogue, name, release)
    return lines(
        f"NAME={name}",
        f"TYPE={catalogue.resources[name]['type']}",
        *(f"{key}={value}" for key, value in values.items()),
        "",
    )


@MARKS.documented("crsctl status resource", "-p -attr A,B [-noname] of newer releases", COMMANDS)
@MARKS.assumed("crsctl status resource", "-p -attr: an attribute that a resource does not have is left out")
def selected(name: str, values: Mapping[str, str], wanted: Collection[str], with_name: bool) -> str:
    """``crsctl status resource -p -attr`` and ``-v -attr``."""
    heading = [f"NAME={name}"] if with_name else []
    return lines(*heading, *(f"{key}={value}" for key, value in values.items() if key in wanted), "")


@MARKS.documented("crsctl status resource", "-f: STATE and TARGET after TYPE, STATE without a server", TRANSCRIPTS)
@MARKS.documented(
    "crsctl status resource", "-f: CARDINALITY_ID=0, ID is the name, CONFIG_VERSION, INSTANCE_COUNT", TRANSCRIPTS
)
@MARKS.assumed("crsctl status resource", "-f: STATE and TARGET are ONLINE when any run is")
@MARKS.assumed("crsctl status resource", "-f: CONFIG_VERSION is one more with each change")
def full(catalogue: Catalogue, name: str, release: str) -> str:
    """``crsctl status resource -f``."""
    resource = catalogue.resources[name]
    instances = resource["instances"]
    internal = {"CARDINALITY_ID": "0", "ID": name}
    if release == "11.2":
        internal |= {"CREATION_SEED": "1", "DEGREE_ID": "0"}
    else:
        internal |= {"CONFIG_VERSION": str(resource["version"]), "INSTANCE_COUNT": str(len(instances))}
    values = catalogue.values(name) | internal
    return lines(
        f"NAME={name}",
        f"TYPE={resource['type']}",
        f"STATE={_any(instances, 'state')}",
        f"TARGET={_any(instances, 'target')}",
        *(f"{key}={values[key]}" for key in sorted(values)),
        "",
    )


def _any(instances: Sequence[Instance], key: str) -> str:
    values = [str(instance[key]) for instance in instances]
    return "ONLINE" if "ONLINE" in values else values[0]


def _time(when: float | None) -> str:
    if when is None:
        return "NEVER"
    return datetime.datetime.fromtimestamp(when, datetime.UTC).strftime("%m/%d/%Y %H:%M:%S")


@MARKS.documented("crsctl status resource", "names and order of what -v shows", TRANSCRIPTS)
@MARKS.documented(
    "crsctl status resource", "-v: ID is name, cardinality or server, degree; LAST_RESTART=NEVER", TRANSCRIPTS
)
@MARKS.assumed("crsctl status resource", "-v: FAILURE_HISTORY is seconds and server; times are in UTC")
def verbose_values(name: str, instance: Instance, count: int, local: bool, release: str) -> dict[str, str]:
    """What -v shows of one run of a resource."""
    found = {
        "LAST_SERVER": instance["last_server"],
        "STATE": _state(instance),
        "TARGET": instance["target"],
        "CARDINALITY_ID": "ONLINE" if local and release == "11.2" else instance["key"],
        "CREATION_SEED" if release == "11.2" else "OXR_SECTION": "1" if release == "11.2" else "0",
        "RESTART_COUNT": str(instance["restart_count"]),
        "FAILURE_COUNT": str(len(instance["failures"])),
        "FAILURE_HISTORY": " ".join(f"{when:.0f}:{server}" for when, server in instance["failures"]),
        "ID": f"{name} {instance['key']} 1",
        "INCARNATION": str(instance["incarnation"]),
        "LAST_RESTART": _time(instance["last_restart"]),
        "LAST_STATE_CHANGE": _time(instance["last_change"]),
        "STATE_DETAILS": instance["details"],
        "INTERNAL_STATE": "STABLE",
    }
    if release == "19":
        found |= {"TARGET_SERVER": instance["server"], "RESOURCE_GROUP": "", "INSTANCE_COUNT": str(count)}
    return found


@MARKS.documented("crsctl status resource", "-v: a paragraph for each run, the first with NAME and TYPE", TRANSCRIPTS)
def verbose(catalogue: Catalogue, name: str, instances: Sequence[Instance], release: str) -> str:
    """``crsctl status resource -v``."""
    local = catalogue.is_local(catalogue.resources[name]["type"])
    text = lines(f"NAME={name}", f"TYPE={catalogue.resources[name]['type']}")
    for instance in instances:
        values = verbose_values(name, instance, len(instances), local, release)
        text += lines(*(f"{key}={value}" for key, value in values.items()), "")
    return text


RULE = "-" * 80
DETAILS_WIDTH = 19


@MARKS.documented(
    "crsctl status resource", "-t: rules of 80 dashes, sections, a name's line above its runs", TRANSCRIPTS
)
@MARKS.documented("crsctl status resource", "-t: long details go on below; STABLE, and on 11.2 nothing", TRANSCRIPTS)
def table(catalogue: Catalogue, shown: Mapping[str, Sequence[Instance]], release: str) -> str:
    """``crsctl status resource -t``."""
    if release == "11.2":
        heading = "NAME           TARGET  STATE        SERVER                   STATE_DETAILS       "
    else:
        heading = "Name           Target  State        Server                   State details       "
    text = lines(RULE, heading, RULE)
    for title, local in (("Local Resources", True), ("Cluster Resources", False)):
        names = [name for name in shown if catalogue.is_local(catalogue.resources[name]["type"]) is local]
        if names:
            rows = [row for name in names for row in _rows(name, shown[name], local, release)]
            text += lines(title, RULE, *rows, RULE)
    return text


def _rows(name: str, instances: Sequence[Instance], local: bool, release: str) -> list[str]:
    rows = [name]
    for instance in instances:
        stable = "" if release == "11.2" else "STABLE"
        details = ",".join(filter(None, (instance["details"], stable)))
        parts = [details[at : at + DETAILS_WIDTH] for at in range(0, len(details), DETAILS_WIDTH)] or [""]
        key = "" if local else instance["key"]
        row = f"{key:>7}        {instance['target']:<8}{instance['state']:<13}{instance['server']:<25}{parts[0]}"
        rows += [row.rstrip(), *(" " * 61 + part for part in parts[1:])]
    return rows


@MARKS.documented(
    "crsctl status resource", "-dependency: a tree, resources with types, kinds and modifiers", TRANSCRIPTS
)
@MARKS.assumed("crsctl status resource", "-dependency -stop and -pullup have the same form")
def dependency_tree(catalogue: Catalogue, names: Sequence[str], what: str) -> str:
    """``crsctl status resource -dependency``; ``what`` is Start, Stop or Pullup."""
    heading = "=" * 80
    text = lines(heading, f"Resource {what} Dependencies", heading)
    for name in names:
        text += lines(f"{name:-^80}", f"{name}({catalogue.resources[name]['type']})->")
        text += lines(*_branches(catalogue, name, what, (name,))) + lines(RULE)
    return text


def _branches(catalogue: Catalogue, name: str, what: str, above: tuple[str, ...]) -> list[str]:
    if what == "Stop":
        found: Sequence[Dependency] = catalogue.stop_dependencies(name)
    else:
        found = catalogue.start_dependencies(
            name, *(("pullup",) if what == "Pullup" else MODIFIERS["START_DEPENDENCIES"])
        )
    kinds: dict[tuple[bool, str], list[str]] = {}
    for dependency in found:
        words = [dependency.kind, *(["type"] if dependency.is_type else []), *dependency.modifiers]
        kinds.setdefault((dependency.is_type, dependency.name), []).append(":".join(words))
    rows = []
    for (is_type, target), how in kinds.items():
        if is_type:
            title = f"type:{target}"
        elif target in catalogue.resources:
            title = f"{target}({catalogue.resources[target]['type']})"
        else:
            title = f"{target}<Resource not found>"
        rows.append(f"| {title}[{','.join(how)}]")
        if not is_type and target in catalogue.resources and target not in above:
            rows += [f"| {row}" for row in _branches(catalogue, target, what, (*above, target))]
    return rows


@MARKS.documented("crsctl status type", "TYPE_NAME and BASE_TYPE", TRANSCRIPTS)
@MARKS.assumed("crsctl status type", "-p has the attributes that the type adds, -f those of its bases as well")
def resource_type(catalogue: Catalogue, name: str, detail: str) -> str:
    """``crsctl status type``; ``detail`` is -p, -f or empty."""
    text = lines(f"TYPE_NAME={name}", f"BASE_TYPE={catalogue.types[name]['base']}", "")
    if not detail:
        return text
    own = catalogue.own_attributes(name) if detail == "-f" else catalogue.types[name]["attributes"]
    for attribute, definition in sorted(own.items()):
        text += lines(
            f"ATTRIBUTE={attribute}",
            f"DEFAULT_VALUE={definition['default'] or ''}",
            f"TYPE={definition['kind'].upper()}",
            f"FLAGS={'|'.join(definition['flags'])}",
            "",
        )
    return text


def log_time(when: float) -> str:
    """A time as it stands in logs."""
    return datetime.datetime.fromtimestamp(when, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
