# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option of modules that write many files in one call; module_utils/node/file_options.py has its argument spec."""

from __future__ import annotations


class ModuleDocFragment:
    """What these modules have in common."""

    DOCUMENTATION = r"""
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
          - Required for a file whose content is O(files[].sensitive) or looks like a secret, so that it is said who may
            read it.
        type: str
      backup:
        description:
          - Keep a copy of the file that is replaced or removed, with its permissions, beside it.
          - Of a file that others may not read, or that is O(files[].sensitive), only the last copy is kept.
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
"""
