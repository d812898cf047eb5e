"""The attributes that resources have by release, and which values are legal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .sources import ATTRIBUTES, MARKS, TRANSCRIPTS


@dataclass(frozen=True)
class Release:
    """What differs between releases."""

    version: str
    home: str
    address_type: str


RELEASES = {
    "11.2": Release("11.2.0.4.0", "/u01/app/11.2.0/grid", "app.appvip.type"),
    "12.1": Release("12.1.0.2.0", "/u01/app/12.1.0/grid", "app.appvip_net1.type"),
    "19": Release("19.0.0.0.0", "/u01/app/19.0.0/grid", "app.appviptypex2.type"),
}

#: What -p shows on all releases, with its default.
CONFIGURED = {
    "ACL": "",
    "ACTION_FAILURE_TEMPLATE": "",
    "ACTION_SCRIPT": "",
    "ACTIVE_PLACEMENT": "0",
    "AGENT_FILENAME": "%CRS_HOME%/bin/scriptagent%CRS_EXE_SUFFIX%",
    "AUTO_START": "restore",
    "CARDINALITY": "1",
    "CHECK_INTERVAL": "60",
    "CHECK_TIMEOUT": "30",
    "DEFAULT_TEMPLATE": "",
    "DEGREE": "1",
    "DESCRIPTION": "",
    "ENABLED": "1",
    "FAILOVER_DELAY": "0",
    "FAILURE_INTERVAL": "0",
    "FAILURE_THRESHOLD": "0",
    "HOSTING_MEMBERS": "",
    "LOAD": "1",
    "LOGGING_LEVEL": "1",
    "NOT_RESTARTING_TEMPLATE": "",
    "OFFLINE_CHECK_INTERVAL": "0",
    "PLACEMENT": "balanced",
    "PROFILE_CHANGE_TEMPLATE": "",
    "RESTART_ATTEMPTS": "1",
    "SCRIPT_TIMEOUT": "60",
    "SERVER_POOLS": "*",
    "START_DEPENDENCIES": "",
    "START_TIMEOUT": "0",
    "STATE_CHANGE_TEMPLATE": "",
    "STOP_DEPENDENCIES": "",
    "STOP_TIMEOUT": "0",
    "UPTIME_THRESHOLD": "1h",
}
#: What -f adds from 12.1 on and can be set.
CONFIGURED_12 = {
    "ACTIONS": "",
    "ACTION_START_OPTION": "",
    "ACTION_TIMEOUT": "60",
    "CLEAN_TIMEOUT": "60",
    "DELETE_TIMEOUT": "60",
    "INTERMEDIATE_TIMEOUT": "0",
    "MODIFY_TIMEOUT": "60",
    "RANK": "0",
    "RELOCATE_ACTION": "0",
    "RELOCATE_BY_DEPENDENCY": "1",
    "SERVER_CATEGORY": "",
    "START_CONCURRENCY": "0",
    "STOP_CONCURRENCY": "0",
    "USER_WORKLOAD": "no",
    "USE_STICKINESS": "0",
}
CONFIGURED_19 = {"CRITICAL_RESOURCES": "", "RESOURCE_GROUP": ""}
#: What local resources, which run on every server, have no use for.
PLACEMENT_ATTRIBUTES = {
    "ACTIVE_PLACEMENT", "CARDINALITY", "DEGREE", "FAILOVER_DELAY", "HOSTING_MEMBERS", "PLACEMENT",
}  # fmt: skip
#: What crsctl itself keeps of a resource; nobody can set it.
INTERNAL = {
    "NAME", "TYPE", "STATE", "TARGET", "CARDINALITY_ID", "CONFIG_VERSION", "CREATION_SEED", "DEGREE_ID",
    "FAILURE_COUNT", "FAILURE_HISTORY", "ID", "INCARNATION", "INSTANCE_COUNT", "INTERNAL_STATE", "LAST_RESTART",
    "LAST_SERVER", "LAST_STATE_CHANGE", "OXR_SECTION", "RESTART_COUNT", "STATE_DETAILS", "TARGET_SERVER",
    "TYPE_VERSION",
}  # fmt: skip


@MARKS.documented("crsctl status resource", "names of the attributes in -p, and in -f on 12.1", TRANSCRIPTS)
@MARKS.assumed(
    "crsctl status resource", "which attributes 11.2 and 19 have besides those of 12.1, and local resources lack"
)
@MARKS.assumed("crsctl status resource", "defaults of the attributes of cluster_resource")
def base_attributes(release: str, base_type: str) -> dict[str, str]:
    """Attributes of local_resource or cluster_resource and their defaults."""
    found = dict(CONFIGURED)
    if release != "11.2":
        found |= CONFIGURED_12
    else:
        found["SERVER_POOLS"] = ""
    if release == "19":
        found |= CONFIGURED_19
        found = {name: default for name, default in found.items() if not name.endswith("_TEMPLATE")}
    if base_type == "local_resource":
        found = {name: default for name, default in found.items() if name not in PLACEMENT_ATTRIBUTES}
    return found


@MARKS.documented("crsctl status resource", "-f has what -p has, and more", TRANSCRIPTS)
@MARKS.assumed("crsctl status resource", "on 19, -p has what can be set of what -f has")
def shown_in_profile(release: str, name: str) -> bool:
    """Whether -p shows an attribute of cluster_resource or local_resource."""
    return release == "19" or name not in CONFIGURED_12


NUMBERS = {
    "ACTION_TIMEOUT", "CHECK_INTERVAL", "CHECK_TIMEOUT", "CLEAN_TIMEOUT", "DEGREE", "DELETE_TIMEOUT", "FAILOVER_DELAY",
    "FAILURE_INTERVAL", "FAILURE_THRESHOLD", "INTERMEDIATE_TIMEOUT", "LOAD", "LOGGING_LEVEL", "MODIFY_TIMEOUT",
    "OFFLINE_CHECK_INTERVAL", "RANK", "RESTART_ATTEMPTS", "SCRIPT_TIMEOUT", "START_CONCURRENCY", "START_TIMEOUT",
    "STOP_CONCURRENCY", "STOP_TIMEOUT",
}  # fmt: skip
CHOICES = {
    "ACTIVE_PLACEMENT": ("0", "1"),
    "AUTO_START": ("always", "restore", "never"),
    "ENABLED": ("0", "1"),
    "PLACEMENT": ("balanced", "favored", "restricted"),
    "RELOCATE_BY_DEPENDENCY": ("0", "1"),
    "USER_WORKLOAD": ("yes", "no"),
    "USE_STICKINESS": ("0", "1"),
}
LENGTH_LIMIT = 254


@MARKS.documented("crsctl add resource", "values of at most 254 characters", ATTRIBUTES)
@MARKS.documented("crsctl add resource", "values of AUTO_START, PLACEMENT, ENABLED, in lower case; numbers", ATTRIBUTES)
@MARKS.documented("crsctl add resource", "FAILURE_THRESHOLD is at most 20", ATTRIBUTES)
@MARKS.documented("crsctl add resource", "UPTIME_THRESHOLD is a number with s, m, h, d or w", ATTRIBUTES)
@MARKS.documented("crsctl add resource", "CARDINALITY is a number or %CRS_SERVER_POOL_SIZE%", ATTRIBUTES)
@MARKS.assumed("crsctl add resource", "ACTION_SCRIPT must be an absolute path")
def problem_with(name: str, value: str, kind: str) -> str | None:
    """What is wrong with a value of an attribute; ``kind`` is that of an attribute that a user's type has."""
    if len(value) > LENGTH_LIMIT:
        return f"the value of attribute '{name}' is longer than {LENGTH_LIMIT} characters"
    base = name.partition("@")[0]
    legal = True
    if base in CHOICES:
        legal = value in CHOICES[base]
    elif base in NUMBERS:
        legal = bool(re.fullmatch(r"\d+", value)) and (base != "FAILURE_THRESHOLD" or int(value) <= 20)
    elif base == "UPTIME_THRESHOLD":
        legal = bool(re.fullmatch(r"\d+[smhdw]", value))
    elif base == "CARDINALITY":
        legal = value == "%CRS_SERVER_POOL_SIZE%" or bool(re.fullmatch(r"[1-9]\d*", value))
    elif base == "ACTION_SCRIPT":
        legal = value.startswith(("/", "%")) or not value
    elif base == "ACL":
        legal = bool(permissions(value))
    elif kind == "int":
        legal = bool(re.fullmatch(r"-?\d+", value))
    return None if legal else f"'{value}' is not a legal value of attribute '{name}'"


@MARKS.documented(
    "crsctl add resource", "PLACEMENT favored and restricted require HOSTING_MEMBERS or SERVER_POOLS", ATTRIBUTES
)
@MARKS.documented("crsctl add resource", "SERVER_CATEGORY is enough for them as well", ATTRIBUTES)
@MARKS.documented("crsctl add resource", "restricted with SERVER_CATEGORY goes with SERVER_POOLS=*", ATTRIBUTES)
@MARKS.assumed("crsctl add resource", "a default SERVER_POOLS is not enough for them")
@MARKS.assumed("crsctl add resource", "restricted with more than one of them is refused, a default SERVER_POOLS apart")
def problem_with_placement(explicit: Mapping[str, str], placement: str) -> str | None:
    """What is wrong with where a resource may run, from what was set of it."""
    said = {name for name in ("HOSTING_MEMBERS", "SERVER_POOLS", "SERVER_CATEGORY") if explicit.get(name)}
    if placement != "balanced" and not said:
        return f"PLACEMENT '{placement}' requires HOSTING_MEMBERS, SERVER_POOLS or SERVER_CATEGORY"
    if explicit.get("SERVER_CATEGORY") and explicit.get("SERVER_POOLS") == "*":
        said.remove("SERVER_POOLS")
    if placement == "restricted" and len(said) > 1:
        return f"PLACEMENT '{placement}' goes with one of {', '.join(sorted(said))}"
    return None


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(duration: str) -> int:
    """Seconds of an UPTIME_THRESHOLD."""
    return int(duration[:-1]) * UNITS[duration[-1]]


@MARKS.documented(
    "crsctl add resource", "names have no ! and no ~, do not begin with a period, 254 characters", ATTRIBUTES
)
@MARKS.assumed("crsctl add resource", "names have no blanks, quotes, commas and parentheses, nor -attr's equals sign")
def problem_with_name(name: str) -> str | None:
    """What is wrong with the name of a resource or of a type."""
    if len(name) > LENGTH_LIMIT or name.startswith(".") or not re.fullmatch(r"[^\s!~'\",()=]+", name):
        return f"'{name}' is not a legal name"
    return None


# -- permissions -----------------------------------------------------------------------------------------------------


@MARKS.documented("crsctl setperm resource", "form of an ACL", TRANSCRIPTS)
def permissions(acl: str) -> dict[str, str]:
    """Entries of an ACL, such as ``user:oracle``, and what they permit; empty when it is none."""
    found: dict[str, str] = {}
    for part in acl.split(","):
        match = re.fullmatch(r"(?:(owner|pgrp|user|group):([^:,\s]+)|(other):):([r-][w-][x-])", part.strip())
        if not match:
            return {}
        found[f"{match[1]}:{match[2]}" if match[1] else "other:"] = match[4]
    return found if {"owner", "pgrp", "other"} <= {entry.partition(":")[0] for entry in found} else {}


def acl_text(entries: Mapping[str, str]) -> str:
    """An ACL of these entries."""
    return ",".join(f"{entry}:{what}" for entry, what in entries.items())


@MARKS.documented("crsctl start resource", "users other than root need x of a resource to start it", TRANSCRIPTS)
@MARKS.assumed("crsctl modify resource", "users other than root need w of a resource to change or delete it")
def permitted(acl: str, user: str, letter: str) -> bool:
    """Whether a user may do something to what has this ACL; everybody is in a group of the own name alone."""
    if user == "root":
        return True
    entries = permissions(acl)
    names = [f"owner:{user}", f"user:{user}", f"pgrp:{user}", f"group:{user}", "other:"]
    return next((letter in entries[name] for name in names if name in entries), False)
