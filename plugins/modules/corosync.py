#!/usr/bin/python
# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: corosync
short_description: Make one node a member of a Corosync and Pacemaker cluster, or take it out
version_added: 0.1.0
description:
  - Writes the cluster's key and C(corosync.conf), starts the services, or removes all of it from a node.
  - The one-node cluster that Debian's packages start when they are installed is stopped and emptied first, unless
    somebody configured resources in it, which is an error.
  - Corosync itself reads a new C(corosync.conf) with C(corosync -t) before it is put in place, in check mode too where
    it is installed; what it does not accept is an error, and nothing is touched.
  - Never restarts a running service. To make running members take over a new C(corosync.conf), use
    O(state=reloaded) on one of them once all have it.
  - Which nodes are members, and what is in the file, is for P(groupware.ha.corosync_plan#filter) to say.
attributes:
  diff_mode:
    description: Shows the files, but never the key, and the states of the services.
extends_documentation_fragment:
  - groupware.ha.engine.attributes
options:
  state:
    description:
      - V(judged) has Corosync read O(configuration), and changes nothing. Run it on all nodes before any of them gets
        the file.
      - V(configured) has the files in place and leaves the services alone.
      - V(started) starts them as well.
      - V(reloaded) has all running members read their C(corosync.conf) anew, C(corosync-cfgtool -R). While it forms a
        new membership Corosync has no time for it, and is told again, for ten seconds. It changes something each time.
      - V(absent) stops Pacemaker, so that what runs on the node moves away, then Corosync, and removes the files and
        Pacemaker's copy of the configuration.
    type: str
    choices: [judged, configured, started, reloaded, absent]
    default: started
  configuration:
    description: Text of C(corosync.conf). Without it, the file is left as it is.
    type: str
  authkey:
    description: The cluster's key, Base64-encoded. Without it, the key is left as it is.
    type: str
  boot:
    description: Whether Corosync and Pacemaker start at boot.
    type: bool
    default: true
  stop_timeout:
    description: Seconds that services may take to leave the node before it is an error.
    type: int
    default: 600
author:
  - groupware.ha contributors (@groupware-ha)
"""

EXAMPLES = r"""
- name: Have Corosync judge the file on all nodes before any of them gets it
  groupware.ha.corosync:
    state: judged
    configuration: "{{ plan.configuration }}"

- name: Have the files in place on all nodes before any of them starts
  groupware.ha.corosync:
    state: configured
    configuration: "{{ plan.configuration }}"
    authkey: "{{ authkey }}"

- name: Start the cluster's services on this node
  groupware.ha.corosync:
    state: started

- name: Take this node out of the cluster
  groupware.ha.corosync:
    state: absent
"""

RETURN = r"""
commands:
  description: The commands that were run, or would be run, to change something.
  returned: always
  type: list
  elements: str
  sample: [systemctl enable --quiet corosync, systemctl start corosync]
"""


import platform

from ansible_collections.groupware.ha.plugins.module_utils.products import corosync
from ansible_collections.groupware.ha.plugins.module_utils.runner import Module


def main() -> None:
    module = Module(
        {
            "state": {"type": "str", "choices": list(corosync.STATES), "default": "started"},
            "configuration": {"type": "str"},
            "authkey": {"type": "str", "no_log": True},
            "boot": {"type": "bool", "default": True},
            "stop_timeout": {"type": "int", "default": 600},
        }
    )
    params = module.params

    def work(runner):
        if params["state"] == corosync.RELOADED:
            corosync.reload(runner)
            return {"changed": True, "diff": {"before": "", "after": "corosync.conf is read anew\n"}}
        wanted = corosync.Wanted(
            params["state"], params["configuration"], corosync.decoded_key(params["authkey"]), params["boot"]
        )
        steps = corosync.make_plan(wanted, corosync.read_state(platform.node(), runner))
        corosync.judge(steps, runner)
        if wanted.state == "judged":
            steps = []
        if not module.check_mode:
            corosync.execute(steps, runner, params["stop_timeout"])
        return {
            "changed": bool(steps),
            "commands": corosync.planned_commands(steps),
            "diff": {"before": corosync.render(steps, "before"), "after": corosync.render(steps, "after")},
        }

    module.run(work)


if __name__ == "__main__":
    main()
