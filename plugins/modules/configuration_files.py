#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module configuration_files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: configuration_files
short_description: Write many configuration files in one call
version_added: 0.1.0
description:
  - Brings files, directories and links into the wanted state, all in one call per node; each file is written
    atomically and is on disk when the module returns.
  - Files on a volume that fails over are written on the node where the volume is mounted, and nowhere else. An entry
    with O(files[].require_mounted) is left out on a node where nothing is mounted there, and is never written into the
    directory below the mount point. The volume is kept from being unmounted while its files are written.
  - Sensitive content appears in no log, no diff and no return value.
notes:
  - Stands in for loops over M(ansible.builtin.template), M(ansible.builtin.copy) and M(ansible.builtin.file), which
    cost a connection for each file.
attributes:
  check_mode:
    description: Can run in check mode, and then reports exactly what the next run will do.
    support: full
  diff_mode:
    description: Shows each file before and after, but for sensitive content.
    support: full
  idempotent:
    description: A second run changes nothing.
    support: full
options:
  files:
    description: What is wanted, in this order; a directory comes before what is in it.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Absolute path on the node.
        type: path
        required: true
      state:
        description: What is to be there. V(absent) removes a file or a link, never a directory.
        type: str
        choices: [file, directory, link, absent]
        default: file
      content:
        description: The whole content of the file.
        type: str
      template:
        description: Name of a Jinja2 template that makes the content; found as M(ansible.builtin.template) finds it.
        type: str
      variables:
        description: Further variables for O(files[].template).
        type: dict
      source:
        description: Path of a file on the controller that has the content; found as M(ansible.builtin.copy) finds it.
        type: str
      parameters:
        description:
          - Parameters that are set in place in a file of C(name = value) lines such as Postfix's C(main.cf); everything
            else in the file is kept.
          - With a list, each of its words is made one of the words of the value, and others are kept.
        type: dict
      target:
        description: Where the link leads, with O(files[].state=link).
        type: str
      owner:
        description: Name of the user that owns it. The default is to leave it, or C(root) when new.
        type: str
      group:
        description: Name of the group that owns it. The default is to leave it, or C(root) when new.
        type: str
      mode:
        description:
          - Permissions, as octal digits in quotes. The default is to leave them, or V(0644) and for a directory V(0755)
            when new.
        type: str
      backup:
        description: Keep a copy of the file that is replaced or removed, with its permissions, beside it.
        type: bool
        default: false
      require_mounted:
        description: Leave this entry out unless a file system is mounted at this path.
        type: path
      label:
        description: A word of your own for what this file belongs to; see RV(changed_labels).
        type: str
      sensitive:
        description: The content is a secret, and appears in no log, diff or return value.
        type: bool
        default: false
  secrets:
    description:
      - Contents of the sensitive files, by the position of their entry. Filled by the action plugin of this module; not
        for use in a playbook.
    type: dict
    default: {}
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Write an instance's files where its volume is mounted
  groupware.ha.configuration_files:
    files:
      - path: /srv/mail1/postfix
        state: directory
        require_mounted: /srv/mail1
      - path: /srv/mail1/postfix/main.cf
        template: main.cf.j2
        variables:
          instance: {name: mail1, address: 192.0.2.21}
        backup: true
        require_mounted: /srv/mail1
        label: mail1
      - path: /srv/mail1/tls/key.pem
        source: /etc/pki/mail1.key
        mode: "0600"
        sensitive: true
        require_mounted: /srv/mail1
        label: mail1
      - path: /etc/postfix/main.cf
        parameters:
          inet_interfaces: loopback-only
          alternate_config_directories: [/srv/mail1/postfix]
        backup: true
        label: node
  register: written

- name: Reload what changed
  ansible.builtin.command:
    argv: [/usr/sbin/postfix, -c, /srv/mail1/postfix, reload]
  changed_when: true
  when: "'mail1' in written.changed_labels"
"""

RETURN = r"""
changes:
  description: What was done, or would be done, to which path.
  returned: success
  type: list
  elements: dict
  sample: [{path: /srv/mail1/postfix/main.cf, action: write, label: mail1}]
changed_labels:
  description: The labels of all files that changed, each once.
  returned: success
  type: list
  elements: str
  sample: [mail1]
mounted:
  description: The paths of O(files[].require_mounted) where a file system is mounted on this node.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1]
backups:
  description: Paths of the copies that were kept.
  returned: success
  type: list
  elements: str
  sample: [/srv/mail1/postfix/main.cf.2041.2026-11-21@03:28:45~]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.groupware.ha.plugins.module_utils.files import Entry, FileStateError, apply, held_volumes, plan


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "path": {"type": "path", "required": True},
                    "state": {"type": "str", "choices": ["file", "directory", "link", "absent"], "default": "file"},
                    "content": {"type": "str"},
                    "template": {"type": "str"},
                    "variables": {"type": "dict"},
                    "source": {"type": "str"},
                    "parameters": {"type": "dict"},
                    "target": {"type": "str"},
                    "owner": {"type": "str"},
                    "group": {"type": "str"},
                    "mode": {"type": "str"},
                    "backup": {"type": "bool", "default": False},
                    "require_mounted": {"type": "path"},
                    "label": {"type": "str"},
                    "sensitive": {"type": "bool", "default": False},
                },
                "mutually_exclusive": [("content", "template", "source", "parameters")],
                "required_if": [("state", "link", ["target"])],
            },
            "secrets": {"type": "dict", "default": {}, "no_log": True},
        },
        supports_check_mode=True,
    )
    secrets = module.params["secrets"]
    try:
        entries = [_entry(given, secrets.get(str(index))) for index, given in enumerate(module.params["files"])]
        with held_volumes(entry.require_mounted for entry in entries if entry.require_mounted) as mounted:
            planned = plan(entries, mounted, check_mode=module.check_mode)
            backups = []
            if not module.check_mode:
                backups = apply(planned.changes, back_up=module.backup_local, label_security=_labeller(module))
    except FileStateError as error:
        module.fail_json(msg=str(error))
    result: dict[str, Any] = {
        "changed": bool(planned.changes),
        "changes": [change.as_dict() for change in planned.changes],
        "changed_labels": planned.labels,
        "mounted": planned.mounted,
        "backups": backups,
    }
    if module._diff:
        result["diff"] = [change.diff() for change in planned.changes]
    module.exit_json(**result)


def _entry(given: dict[str, Any], secret: str | None) -> Entry:
    content = given["content"] if secret is None else secret
    if given["state"] == "file" and content is None and given["parameters"] is None:
        raise FileStateError(f"{given['path']}: give one of content, template, source, parameters")
    mode = given["mode"]
    try:
        octal = None if mode is None else int(mode, 8)
    except ValueError:
        raise FileStateError(f"{given['path']}: mode {mode!r} is not octal digits, such as '0640'") from None
    kept = ("path", "state", "target", "owner", "group", "backup", "require_mounted", "label", "sensitive")
    parameters = given["parameters"]
    if parameters is not None:
        parameters = {
            name: [str(word) for word in value] if isinstance(value, list) else str(value)
            for name, value in parameters.items()
        }
    return Entry(content=content, parameters=parameters, mode=octal, **{name: given[name] for name in kept})


def _labeller(module: AnsibleModule) -> Any:
    """Gives a file the SELinux context of the path that it is to have; nothing without SELinux."""

    def label(path: str, final_path: str) -> None:
        if module.selinux_enabled():
            module.set_context_if_different(path, module.selinux_default_context(final_path), False)

    return label


if __name__ == "__main__":
    main()
