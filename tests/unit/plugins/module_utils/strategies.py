"""Descriptions for property-based tests. Importing this needs hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NODES = ["nodea", "nodeb", "nodec", "node-4", "node5.demo.test"]

#: Few names, so that services, members and fencing devices of two descriptions often meet.
SERVICE_NAMES = ["mail1", "mail2", "mail", "calendar", "m-1", "fence", "mail_storage"]
MEMBER_NAMES = ["server", "storage", "address", "x_1", "a", "b", "dovecot"]
TYPES = ["systemd:a", "ocf:heartbeat:Dummy", "ocf:pacemaker:Dummy", "systemd:b"]
SETTING_NAMES = ["a", "b-c", "timeout", "interval", "priority", "target", "_x.y"]

#: What is a value in YAML, with the odd characters that XML has to escape.
VALUES = st.one_of(
    st.booleans(),
    st.integers(-10, 2_000_000),
    st.sampled_from(["10s", "10000ms", "yes", "INFINITY", "", "a b", "<&\"'>", "ä\n\t"]),
)
SETTINGS = st.dictionaries(st.sampled_from(SETTING_NAMES), VALUES, max_size=3)

#: Anything that YAML can bring forth.
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["nodea", "192.0.2.21", "2001:db8::1%eth0", "192.0.2.21/²", "/dev/san/mail1", "/", "%", "\ud800"]),
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(SCALARS), inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def storages(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A volume with or without LVM; now and then on a device or mount point that others use too."""
    shared = draw(st.integers(0, 9)) == 0
    stem = "shared" if shared else name
    storage: dict[str, Any] = {
        "mount_point": f"/srv/{stem}",
        "filesystem": draw(st.sampled_from(["ext4", "xfs"])),
    }
    if draw(st.booleans()):
        storage.update(
            devices=[f"/dev/san/{stem}1", f"/dev/san/{stem}2"], volume_group=f"vg{stem}", logical_volume="lv"
        )
    else:
        storage["device"] = draw(st.sampled_from([f"/dev/san/{stem}", f"/dev/vg{stem}/other"]))
    if draw(st.booleans()):
        storage["mount_options"] = "noatime"
    return storage


@st.composite
def members(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Native members of a service."""
    names = draw(st.lists(st.sampled_from(MEMBER_NAMES), min_size=1, max_size=3, unique=True))
    operations = st.dictionaries(st.sampled_from(["start", "stop", "monitor"]), SETTINGS, max_size=2)
    return [
        {
            "name": name,
            "type": draw(st.sampled_from(TYPES)),
            "properties": draw(SETTINGS),
            "meta": draw(SETTINGS),
            "operations": draw(operations),
        }
        for name in names
    ]


@st.composite
def services(draw: st.DrawFn, name: str, number: int, nodes: list[str], shared_standby: str) -> dict[str, Any]:
    """One service, of any model but the symmetric one, whose services come in pairs."""
    service: dict[str, Any] = {"name": name, "failback": draw(st.booleans())}
    if draw(st.booleans()):
        service["model"] = "n_plus_1"
        primary = draw(st.sampled_from([node for node in nodes if node != shared_standby]))
        service["nodes"] = {"primary": primary, "standby": shared_standby}
    else:
        service["model"] = "asymmetric"
        order = draw(st.permutations(nodes))[: draw(st.integers(2, len(nodes)))]
        service["nodes"] = {"primary": order[0], "standby": order[1:]}
    kind = draw(st.sampled_from(["mail", "native", "address", "storage", "native alone"]))
    if kind in ("mail", "address", "native"):
        service["address"] = draw(st.sampled_from([f"192.0.2.{number}", f"2001:db8:77::{number}/64"]))
    if kind in ("mail", "storage") or (kind == "native" and draw(st.booleans())):
        service["storage"] = draw(storages(name))
    if kind == "mail":
        service.update(host_name=f"h{number}.demo.test", application={"type": "postfix_dovecot"})
    if kind.startswith("native"):
        service["application"] = {"type": "native", "members": draw(members())}
    if draw(st.booleans()):
        service["properties"] = draw(SETTINGS)
    return service


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """A description that looks right; most of them are."""
    nodes = draw(st.lists(st.sampled_from(NODES), min_size=2, max_size=5, unique=True))
    shared_standby = draw(st.sampled_from(nodes))
    names = draw(st.lists(st.sampled_from(SERVICE_NAMES), max_size=4, unique=True))
    found = [draw(services(name, 100 + SERVICE_NAMES.index(name), nodes, shared_standby)) for name in names]
    if len(found) >= 2 and draw(st.booleans()):
        for service, (primary, standby) in zip(found, [nodes[:2], nodes[1::-1]], strict=False):
            service.update(model="symmetric", nodes={"primary": primary, "standby": standby})
    fencing: dict[str, Any] = {"disabled_accepting_data_loss": True}
    if draw(st.booleans()):
        device = draw(st.sampled_from(["fence", "power", "mail_storage"]))
        fencing = {"devices": [{"name": device, "agent": "fence_docker", "nodes": nodes, "options": draw(SETTINGS)}]}
    return {
        "cluster": {
            "name": "demo",
            "networks": ["192.0.2.0/24", "2001:db8:77::/64"],
            "nodes": [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(nodes, start=11)],
            "fencing": fencing,
            "properties": draw(SETTINGS),
        },
        "services": found,
    }


@st.composite
def damaged(draw: st.DrawFn, description: dict[str, Any]) -> dict[str, Any]:
    """A good description with one thing in it replaced by anything, removed or renamed."""
    found = list(places(description))
    holder, key = draw(st.sampled_from(found))
    action = draw(st.sampled_from(["replace", "remove", "rename", "repeat"]))
    if action == "replace":
        holder[key] = draw(ANYTHING)
    elif action == "remove":
        del holder[key]
    elif isinstance(holder, dict):
        holder[draw(SCALARS)] = holder.pop(key)
    else:
        holder.append(holder[key])
    return description


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (dictionary or list, key) within a value."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]
