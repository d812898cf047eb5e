#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: registry
short_description: Keys and values of the iPlanet registry
version_added: 0.1.0
description:
  - Adds, changes and removes keys and typed values of the registry of iPlanet Application Server, as
    M(ansible.windows.win_regedit) does with that of Windows.
  - Keys that all servers share, such as those below C(Clusters), are in the directory server, where a key is an entry
    and a value an attribute; see O(directory). Keys of one machine, such as C(CCS0), are in a file; see O(file).
  - Of a cluster that is touched, the result is judged before anything is written. MaxBackups, MaxSyncHeartBeat,
    SyncHeartBeatInterval and SyncTimerInterval are integers in their ranges. Values of C(SyncServers) are named by
    address and port, with a priority from 0 to 65535 that no other server has. MaxBackups is below the number of Sync
    Servers when there are two or more.
  - What was written is read back.
notes:
  - The manual asks to stop all servers of a cluster before its keys are edited, and to start them again afterwards. The
    role P(groupware.ha.ias_cluster#role) does so; this module does not.
  - The product's own format of its local registry, and its object classes in the directory, are not published. The text
    format, which names keys in brackets and values in lines such as C("MaxBackups"=integer:1), and the schema in
    C(roles/ias_cluster/files/registry.schema) are this collection's own. What is written so is not read by a product
    that keeps its registry otherwise.
attributes:
  diff_mode:
    description: Shows the keys before and after, in the text format.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
requirements:
  - C(ldapsearch) and C(ldapmodify) of OpenLDAP with O(directory)
options:
  path:
    description:
      - The key, with the names of the keys that it is in, and a backslash between them.
      - Names of keys and values are the same whatever their case.
    type: str
    aliases: [key]
  name:
    description: Name of the value. Without it and O(data), the key itself is meant; without it alone, the value that
      has no name.
    type: str
    aliases: [entry, value]
  data:
    description: What the value is to be.
    type: raw
  type:
    description: Type of the value.
    type: str
    choices: [string, integer]
    default: string
    aliases: [datatype]
  state:
    description: Whether the key or value is to be there.
    type: str
    choices: [present, absent]
    default: present
  delete_key:
    description: With O(state=absent) and no O(name), remove the key with all that is in it; else only the value that
      has no name.
    type: bool
    default: true
  values:
    description:
      - Many keys and values in one call, judged and written together, in place of O(path) and what goes with it.
      - In a directory each key is written at once.
    type: list
    elements: dict
    suboptions:
      path:
        description: See O(path).
        type: str
        required: true
        aliases: [key]
      name:
        description: See O(name).
        type: str
        aliases: [entry, value]
      data:
        description: See O(data).
        type: raw
      type:
        description: See O(type).
        type: str
        choices: [string, integer]
        default: string
        aliases: [datatype]
      state:
        description: See O(state).
        type: str
        choices: [present, absent]
        default: present
      delete_key:
        description: See O(delete_key).
        type: bool
        default: true
  purge:
    description: Paths of keys that are to hold no values and no keys but those that are named in this call.
    type: list
    elements: str
    default: []
  file:
    description:
      - The file with the keys of this machine, in this collection's text format. It is replaced atomically, and what
        was there is kept beside it.
    type: path
  directory:
    description: The directory server with the keys that all servers share.
    type: dict
    suboptions:
      uri:
        description: Where it is. With C(ldap://) the password goes over the network as it is.
        type: str
        required: true
      base:
        description: Distinguished name of the entry that stands for O(directory.base_path). It has to be there.
        type: str
        required: true
      base_path:
        description: The key whose inner keys are the entries below O(directory.base).
        type: str
        default: SOFTWARE\iPlanet\Application Server
      bind_dn:
        description: Who writes.
        type: str
        required: true
      password_file:
        description: A file on the node that holds the password of O(directory.bind_dn) and nothing else, not even a new
          line. Keep it readable for its owner alone, and remove it afterwards.
        type: path
        required: true
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Two Sync Backups
  groupware.ha.registry:
    path: SOFTWARE\iPlanet\Application Server\Clusters\mail
    name: MaxBackups
    data: 2
    type: integer
    directory:
      uri: ldaps://directory.example.com
      base: cn=Application Server,cn=iPlanet,o=NetscapeRoot
      bind_dn: cn=Directory Manager
      password_file: /root/directory_password

- name: Exactly these Sync Servers
  groupware.ha.registry:
    values:
      - {path: "{{ servers }}", name: "192.0.2.11:10800", data: 0, type: integer}
      - {path: "{{ servers }}", name: "192.0.2.12:10800", data: 1, type: integer}
      - {path: "{{ servers }}", name: "192.0.2.13:10800", data: 2, type: integer}
    purge: ["{{ servers }}"]
    directory: "{{ directory }}"
  vars:
    servers: SOFTWARE\iPlanet\Application Server\Clusters\mail\SyncServers

- name: Map the synchronizer of this server to the cluster, and to no other
  groupware.ha.registry:
    path: SOFTWARE\iPlanet\Application Server\6.0\CCS0\ClusterName\mail
    purge: [SOFTWARE\iPlanet\Application Server\6.0\CCS0\ClusterName]
    file: /usr/iplanet/ias6/ias/registry/local.reg
"""

RETURN = r"""
changes:
  description: What was changed, or would be.
  returned: success
  type: list
  elements: dict
  sample:
    - action: set_value
      path: SOFTWARE\iPlanet\Application Server\Clusters\mail
      name: MaxBackups
      before: 1
      after: 2
data_changed:
  description: Whether a value that was there has other data now.
  returned: success
  type: bool
data_type_changed:
  description: Whether a value that was there has another type now.
  returned: success
  type: bool
commands:
  description: The command lines that changed something, or would.
  returned: always
  type: list
  elements: str
  sample: ["ldapmodify -x -H ldaps://directory.example.com -D 'cn=Directory Manager' -y /root/directory_password"]
problems:
  description: Every reason why nothing was written, each with key, value, reason and remedy.
  returned: failure
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.groupware.ha.plugins.module_utils.command import Runner
from ansible_collections.groupware.ha.plugins.module_utils.products import ias_registry
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module

ONE: dict[str, Any] = {
    "path": {"type": "str", "aliases": ["key"]},
    "name": {"type": "str", "aliases": ["entry", "value"]},
    "data": {"type": "raw"},
    "type": {"type": "str", "choices": ["string", "integer"], "default": "string", "aliases": ["datatype"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "delete_key": {"type": "bool", "default": True},
}


def main() -> None:
    module = Module(
        {
            **ONE,
            "values": {
                "type": "list",
                "elements": "dict",
                "options": {**ONE, "path": {"type": "str", "required": True, "aliases": ["key"]}},
            },
            "purge": {"type": "list", "elements": "str", "default": []},
            "file": {"type": "path"},
            "directory": {
                "type": "dict",
                "options": {
                    "uri": {"type": "str", "required": True},
                    "base": {"type": "str", "required": True},
                    "base_path": {"type": "str", "default": "SOFTWARE\\iPlanet\\Application Server"},
                    "bind_dn": {"type": "str", "required": True},
                    "password_file": {"type": "path", "required": True, "no_log": False},
                },
            },
        },
        mutually_exclusive=[("path", "values"), ("name", "values"), ("data", "values"), ("file", "directory")],
        required_one_of=[("path", "values"), ("file", "directory")],
    )
    module.run(lambda runner: _converged(module.params, runner))


def _converged(parameters: dict[str, Any], runner: Runner) -> dict[str, Any]:
    given = parameters["values"]
    if given is None:
        requests = ias_registry.parse_requests([parameters], [""])
    else:
        requests = ias_registry.parse_requests(given, [f"values[{index}]." for index in range(len(given))])
    purge = ias_registry.parse_paths(parameters["purge"], "purge")
    return ias_registry.converge(_store(parameters, runner), requests, purge, runner)


def _store(parameters: dict[str, Any], runner: Runner) -> ias_registry.Store:
    directory = parameters["directory"]
    if directory is None:
        return ias_registry.FileStore(runner, parameters["file"])
    [base_path] = ias_registry.parse_paths([directory["base_path"]], "directory.base_path")
    return ias_registry.DirectoryStore(
        runner, directory["uri"], directory["base"], base_path, directory["bind_dn"], directory["password_file"]
    )


if __name__ == "__main__":
    main()
