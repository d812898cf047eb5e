"""The machines after everything that was done with them."""

from __future__ import annotations

import json

from ansible_collections.groupware.ha.molecule.shared.lab import host_of, sh

PROGRAM = "/opt/glassfish/hadb/4/lib/server/clu_nsup_srv"
NODES = ("nodea", "nodeb")


def test_each_machine_was_booted_once_and_runs_hadb() -> None:
    state = json.loads(sh("nodea", "cat /var/lib/groupware-ha-simulator/glassfish.json"))
    for node in NODES:
        assert state["machines"][node]["booted"] == 1
        assert state["machines"][node]["kernel"]["SEMMNU"] == 600
        assert sh(node, f"stat --format='%U %a' {PROGRAM}") == "root 4755"
        assert host_of(node).socket("tcp://0.0.0.0:1862").is_listening or ":1862" in sh(node, "ss --listening --tcp -n")
        assert host_of(node).file("/etc/rc3.d/S99ma-initd").is_symlink
    assert state["members"] == ["nodea", "nodeb"]
    assert state["databases"]["dav-cluster"]["hosts"] == ["nodea", "nodeb"]


def test_the_cluster_runs_and_the_load_balancer_serves_the_application() -> None:
    state = json.loads(sh("nodea", "cat /var/lib/groupware-ha-simulator/glassfish.json"))
    assert all(one["running"] for one in [*state["instances"].values(), *state["agents"].values()])
    assert sorted(state["instances"]) == ["instance1", "instance2"]
    served = {name: value for name, value in state["values"].items() if name.endswith(".lb-enabled")}
    assert set(served.values()) == {"true"}
    assert len(served) == 3
    assert state["balancers"]["dav-lb"]["deviceport"] == "8443"


def test_a_copy_of_the_kernel_s_settings_was_kept() -> None:
    for node in NODES:
        kept = sh(node, "cat /etc/system.*~")
        assert "other:thing" in kept
        assert "shminfo" not in kept


def test_no_password_is_left() -> None:
    for node in NODES:
        # But in the options of the simulated product itself.
        assert host_of(node).run("grep -r n0t-f0r-logs /run /tmp /root /var/log /etc").rc == 1
