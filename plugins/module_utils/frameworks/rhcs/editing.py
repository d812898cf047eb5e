# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to cluster.conf, and whether they can be made without others. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from ansible_collections.groupware.ha.plugins.module_utils.description.secrets import is_secret
from ansible_collections.groupware.ha.plugins.module_utils.engine.config import ClusterConfig, Service
from ansible_collections.groupware.ha.plugins.module_utils.engine.reconcile import MEMBERS_KEY, Change
from ansible_collections.groupware.ha.plugins.module_utils.formats import cluster_conf, cluster_conf_grammar
from ansible_collections.groupware.ha.plugins.module_utils.formats.clustat import Clustat
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf import ClusterConf, Member
from ansible_collections.groupware.ha.plugins.module_utils.formats.cluster_conf_editing import Editor
from ansible_collections.groupware.ha.plugins.module_utils.frameworks.base import FrameworkError
from . import terms
from .reading import NativeState, all_members, configuration, placement_of, split_options

_INSTALLATION_SETTINGS = {"autostart": "0", "recovery": "disable"}


def edited(conf: ClusterConf, changes: Sequence[Change]) -> ClusterConf:
    """The configuration after the changes, with all else as it was.

    :raises FrameworkError: it would not be valid, or a change cannot be made without another that was not asked for
    """
    wanted = conf.copy()
    editor = Editor(wanted)
    members = all_members(editor)
    orders: dict[str, Sequence[str]] = {}
    try:
        for change in changes:
            if change.kind == "cluster":
                for key, value in (change.after or {}).items():
                    if key != terms.IN_EFFECT:
                        tag, _point, attribute = key.partition(".")
                        editor.set_property(tag, attribute, value)
            elif change.kind == "service":
                _edit_service(editor, members, change)
                if MEMBERS_KEY in (change.after or {}):
                    orders[change.name] = (change.after or {})[MEMBERS_KEY].split()
            elif change.service is None:
                _edit_device(editor, change)
            else:
                _edit_member(editor, members, change, change.service)
    except cluster_conf.ClusterConfError as error:
        raise FrameworkError(f"cluster.conf cannot be changed: {error}") from None
    for service, names in orders.items():
        if service in editor.services:
            present = members[service]
            editor.reorder(editor.services[service], [present[name].element for name in names if name in present])
    _judge_edit(conf, wanted, changes)
    return wanted


def _judge_edit(conf: ClusterConf, wanted: ClusterConf, changes: Sequence[Change]) -> None:
    known = cluster_conf_grammar.problems(conf)
    problems = [problem for problem in cluster_conf_grammar.problems(wanted) if problem not in known]
    if problems:
        raise FrameworkError(f"cluster.conf would not be valid: {'; '.join(problems)}; nothing was changed")
    nowhere = Clustat(True, {}, None)
    before = configuration(NativeState(conf, conf.version, nowhere))
    after = configuration(NativeState(wanted, wanted.version, nowhere))
    touched = {change.service or change.name for change in changes}
    for service in before.services:
        other = after.service(service.name)
        if service.name not in touched and (other is None or _shape(service) != _shape(other)):
            raise FrameworkError(
                f"the changes would change service {service.name} too, which has a failover domain or a resource in "
                "common with what they are about; give each its own, or change both in one run; nothing was changed"
            )
    for change in changes:
        if change.action != "delete":
            _require_made(after, change)


def _shape(service: Service) -> tuple[object, ...]:
    """A service without the names that its members only go by."""
    members = [
        (member.type, {key: value for key, value in member.settings.items() if key != terms.REQUIRES})
        for member in service.resources
    ]
    return service.own_settings(), members


def _require_made(after: ClusterConfig, change: Change) -> None:
    """Refuse a change that cluster.conf has no place for."""
    if change.kind == "cluster":
        settings: Mapping[str, str] | None = after.properties
    elif change.kind == "service":
        service = after.service(change.name)
        settings = None if service is None else service.own_settings()
    else:
        owner = None if change.service is None else after.service(change.service)
        resources = after.resources if owner is None else owner.resources
        settings = next((resource.settings for resource in resources if resource.name == change.name), None)
        if settings is None and owner is not None:
            names = ", ".join(resource.name for resource in resources if resource.type == change.type)
            raise FrameworkError(
                f"resource {change.name} cannot have this name in cluster.conf; those of type {change.type} in service "
                f"{owner.name} would be called {names}; nothing was changed"
            )
    for key, value in (change.after or {}).items():
        if key in (MEMBERS_KEY, terms.IN_EFFECT, terms.MANAGED):
            continue
        if settings is None or not terms.same_meaning(key, settings.get(key, ""), value):
            raise FrameworkError(
                f"{change.kind} {change.name}: {key} = {value!r} has no place in cluster.conf; nothing was changed"
            )


def _edit_service(editor: Editor, members: dict[str, dict[str, Member]], change: Change) -> None:
    if change.action == "delete":
        members.pop(change.name, None)
        if change.name in editor.services:
            editor.remove_service(change.name)
        return
    if change.action == "create":
        editor.add_service(change.name)
        members[change.name] = {}
    element = editor.services.get(change.name)
    if element is None:
        raise FrameworkError(f"service {change.name} has gone while it was to be changed; run again")
    settings = change.edits
    if change.action == "create" and settings.get(terms.IN_EFFECT) == terms.INSTALLING:
        settings = {**_INSTALLATION_SETTINGS, **settings}
    if "domain" in settings:
        _set_domain(editor, element, settings.pop("domain"))
    _edit_domain(editor, element, settings, change.placement)
    for key, value in settings.items():
        if key.startswith(terms.DOMAIN) or key in (terms.IN_EFFECT, terms.MANAGED):
            continue
        if value is None:
            element.attrib.pop(key, None)
        else:
            element.set(key, value)


def _set_domain(editor: Editor, service: Element, name: str | None) -> None:
    """Give a service another failover domain, which is as the old one was if it is new."""
    old = editor.domain(service.get("domain", ""))
    old_name = service.attrib.pop("domain", "")
    if name is not None:
        if editor.domain(name) is None and old is not None:
            if editor.users_of_domain(old_name):
                new = editor.make_domain(name)
                new.attrib.update({**old.attrib, "name": name})
                entries = old.findall("failoverdomainnode")
                nodes = {entry.get("name", ""): entry.get("priority", "") for entry in entries}
                editor.set_domain_nodes(new, nodes)
            else:
                old.set("name", name)
        service.set("domain", name)
        editor.make_domain(name)
    editor.drop_domain(old_name)


def _edit_domain(
    editor: Editor, service: Element, settings: Mapping[str, str | None], placement: Sequence[str] | None
) -> None:
    settings = {key: value for key, value in settings.items() if key.startswith(terms.DOMAIN)}
    domain = editor.domain(service.get("domain", ""))
    if domain is None:
        if placement is not None or any(value is not None for value in settings.values()):
            raise FrameworkError(
                f"service {service.get('name')} has no failover domain to give nodes to; name one with domain"
            )
        return
    for key, value in settings.items():
        if value is None:
            domain.attrib.pop(key[len(terms.DOMAIN) :], None)
        else:
            domain.set(key[len(terms.DOMAIN) :], value)
    if placement is None and settings.get(f"{terms.DOMAIN}ordered") == "1":
        # In a domain without order, priorities had no meaning.
        placement = placement_of(editor, service)[0]
    if placement is not None:
        editor.set_domain_nodes(domain, {node: str(number) for number, node in enumerate(placement, start=1)})


def _edit_device(editor: Editor, change: Change) -> None:
    if change.action == "delete":
        editor.remove_fence_device(change.name)
        return
    if change.action == "create":
        if not (change.type or "").startswith("fence_"):
            raise FrameworkError(
                f"resource {change.name}: one of type {change.type} is started with a service alone; name the group"
            )
        editor.add_fence_device(change.name, change.type or "")
    device = editor.fence_device(change.name)
    if device is None:
        raise FrameworkError(f"fencing device {change.name} has gone while it was to be changed; run again")
    for key, value in change.edits.items():
        if key.startswith(terms.NODE_KEY):
            node = key[len(terms.NODE_KEY) :]
            secrets = {
                option: text
                for name, _fence, _method, use in editor.fence_places(change.name)
                for option, text in use.attrib.items()
                if name == node and is_secret(option)
            }
            editor.set_fencing(node, change.name, None if value is None else {**split_options(value), **secrets})
        elif key != terms.IN_EFFECT:
            if value is None:
                device.attrib.pop(key, None)
            else:
                device.set(key, value)


def _edit_member(editor: Editor, members: dict[str, dict[str, Member]], change: Change, service: str) -> None:
    element, own = editor.services.get(service), members.get(service)
    if element is None or own is None:
        raise FrameworkError(f"service {service} has gone while it was to be changed; run again")
    if change.action == "delete":
        if change.name in own:
            gone = own.pop(change.name)
            editor.remove_member(gone)
            # What was nested in it has moved up.
            for member in own.values():
                member.path = tuple(place for place in member.path if place is not gone.element)
        return
    settings = change.edits
    path: tuple[Element, ...] = (element,)
    required = settings.pop(terms.REQUIRES, None)
    if required is not None:
        if required not in own:
            raise FrameworkError(f"resource {change.name} requires {required}, which is no member of service {service}")
        path = (*own[required].path, own[required].element)
    if change.action == "create":
        own[change.name] = _create_member(editor, change, path, settings)
    if change.name not in own:
        raise FrameworkError(f"resource {change.name} has gone while it was to be changed; run again")
    member = own[change.name]
    if terms.REQUIRES in change.keys and change.action == "update":
        if member.element in path:
            raise FrameworkError(f"resource {change.name} cannot require itself")
        editor.move_member(member, path)
        member.path = path
    for key, value in settings.items():
        if key.startswith(terms.OPERATION):
            _operation, name, attribute = key.split(" ", 2)
            name, _point, depth = name.partition(".")
            editor.set_action(member, name, depth or None, attribute, value)
        else:
            editor.set_attribute(member, key, value)


def _create_member(
    editor: Editor, change: Change, path: tuple[Element, ...], settings: Mapping[str, str | None]
) -> Member:
    resource_type = change.type or ""
    primary = cluster_conf.primary_attribute(resource_type)
    name = change.name.rpartition(":")[2] if primary == "name" else settings.get(primary)
    if not name:
        raise FrameworkError(f"resource {change.name}: a resource of type {resource_type} needs {primary}")
    if editor.references(resource_type, name):
        raise FrameworkError(
            f"resource {change.name}: cluster.conf has the {resource_type} {name} already, for another service"
        )
    return editor.add_member(path, resource_type, name)
