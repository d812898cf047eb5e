#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hold
short_description: Keep other runs from changing a node, or a cluster or tier, at the same time
description:
  - A run of C(ansible-playbook) that changes a cluster or tier holds its nodes. Another run, from this or another
    controller, is refused or waits meanwhile, and is told who holds them, from where, since when and with which
    playbook.
  - A hold is a file on each node, in a directory that is root's alone and does not survive a reboot. The same run may
    hold a node again.
  - Of O(members) a run holds all or none. Where two runs come at the same time, the one that gets the first of them,
    by name, gets the others too, and what the other one got it gives back.
  - What a run left behind that was ended by force is taken over at once by another from the same controller, on which
    it can be seen that the process is gone. From another controller that cannot be seen, so that it has to be said,
    with O(take_over). A reboot of the node ends a hold too.
  - Two runs that reach no node in common do not see each other.
  - Works with the linear strategy of Ansible, and with a task on each of the members.
version_added: 0.2.0
author: groupware.ha contributors (@groupware-ha)
attributes:
  check_mode:
    description: Holds nothing, and warns of another run that does.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  state:
    description:
      - V(held) holds the node for this run, or fails.
      - V(released) gives back what this run holds, and only that.
    type: str
    default: held
    choices: [held, released]
  subject:
    description: What the node is held for, in words, for those who find it held.
    type: str
    required: true
  members:
    description:
      - The hosts that are held together, as the inventory calls them; all of them run this task. Without any it is
        this host alone.
      - A task for several registers its result as C(groupware_hold), where the others find it, and is repeated as long
        as RV(settled) is false for one of them. It cannot be repeated with C(until), which asks no other host.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for another run to give back what it holds. V(0) refuses at once.
    type: int
    default: 0
  take_over:
    description: The run whose hold is taken over, as the refusal names it; to be given when that run is certainly dead.
    type: str
  directory:
    description:
      - Where holds are kept; the same for all controllers. By default C(/run/groupware-ha) on Linux, and
        C(/var/run/groupware-ha) elsewhere.
    type: path
  holder:
    description: What the run says of itself; not for use in a playbook.
    type: dict
    suboptions:
      run:
        description: Tells the run from all others.
        type: str
      user:
        description: Who started it.
        type: str
      controller:
        description: What the controller calls itself.
        type: str
      machine:
        description: Tells the controller from all others.
        type: str
      process:
        description: Number of the process of C(ansible-playbook).
        type: str
      started:
        description: Tells that process from others with its number.
        type: str
      playbook:
        description: The playbooks that it was given.
        type: str
"""

EXAMPLES = r"""
---
- name: Hold one node, or fail where another run does
  groupware.ha.hold:
    subject: maintenance of its disks

# What follows stands in a file of its own, here hold.yml.
- name: Hold the cluster, and wait for another run up to ten minutes
  groupware.ha.hold:
    subject: cluster office
    members: [nodea, nodeb]
    timeout: 600
  register: groupware_hold

- name: Go on until all members are held
  ansible.builtin.include_tasks: hold.yml
  when: "[hostvars.nodea, hostvars.nodeb] | rejectattr('groupware_hold.settled') | length > 0"

- name: Give it back
  groupware.ha.hold:
    subject: cluster office
    state: released
  register: groupware_hold
"""

RETURN = r"""
held:
  description: Whether this run holds the node now.
  returned: always
  type: bool
settled:
  description: Whether it is decided that it does, or that it need not; else the task is to be repeated.
  returned: success
  type: bool
preceded:
  description: Whether another run held the node when this one asked first. What was known of it may be out of date.
  returned: when the state is V(held)
  type: bool
holder:
  description: Who held the node before, if anybody did.
  returned: success
  type: dict
  sample: {run: 3f9a1c2e77b0, subject: cluster office, user: alice, login: root, controller: control1, process: "4711",
    machine: 5b1e8d0c, started: "123456", playbook: groupware.ha.site, since: 2026-11-30 21:50:03 UTC}
taken_over:
  description: Whose hold was taken over, if anybody's was.
  returned: success
  type: dict
"""


from ansible_collections.groupware.ha.plugins.module_utils.node.holding import converge
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module

_TEXT = {"type": "str"}


def main() -> None:
    said = ("run", "user", "controller", "machine", "process", "started", "playbook")
    module = Module(
        {
            "state": {"type": "str", "default": "held", "choices": ["held", "released"]},
            "subject": {"type": "str", "required": True},
            "members": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 0},
            "take_over": _TEXT,
            "directory": {"type": "path"},
            "holder": {"type": "dict", "options": dict.fromkeys(said, _TEXT)},
        },
    )
    module.run(lambda _runner: converge(module.params, module.check_mode), tells_commands=False)


if __name__ == "__main__":
    main()
