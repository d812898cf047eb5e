"""States of groups and resources, in every spelling that is documented."""

from __future__ import annotations

import contextlib

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.groupware.ha.plugins.module_utils.formats.scstat import (
    GROUP_STATES,
    RESOURCE_STATES,
    ResourceState,
    ScstatError,
    parse_scstat,
    parse_suspended,
)

# Axway Transfer CFT, scstat -g of Sun Cluster 3.1.
GROUPS = """\
-- Resource Groups --
            Group Name          Node Name           State
            ----------          ---------           -----
     Group: CFT-rg              chou                Offline
     Group: CFT-rg              fleur               Online

-- Resources --
            Resource Name       Node Name           State     Status Message
            -------------       ---------           -----     --------------
  Resource: cft-ip              chou                Offline   Offline - LogicalHostname offline.
  Resource: cft-ip              fleur               Online    Online - LogicalHostname online.
  Resource: cft-gds             fleur               Online    Online
"""
NODES = """\
-- Cluster Nodes --

                    Node name           Status
                    ---------           ------
  Cluster node:     PA-TLH-SRV-PRD-1    Online
  Cluster node:     PA-TLH-SRV-PRD-2    Offline

-- Quorum Summary from latest node reconfiguration --

  Quorum votes possible:      3
  Quorum votes needed:        2
  Quorum votes present:       2
"""
# The check of Sun Cluster for Nagios, clrg status.
SUSPENDED = """\
=== Cluster Resource Groups ===

Group Name      Node Name         Suspended      Status
----------      ---------         ---------      ------
nfs-rg          vincent           No             Offline
                theo              No             Online

web rg          vincent           Yes            Offline
                theo              Yes            Pending online
"""


def test_groups_and_resources() -> None:
    states = parse_scstat(GROUPS)

    assert states.groups == {"CFT-rg": {"chou": "offline", "fleur": "online"}}
    assert states.resources["cft-ip"] == {
        "chou": ResourceState("offline", "Offline - LogicalHostname offline."),
        "fleur": ResourceState("online", "Online - LogicalHostname online."),
    }
    assert states.online_on("CFT-rg") == ["fleur"]
    assert states.active_on("cft-ip") == ["fleur"]
    assert not states.offline("CFT-rg")


def test_nodes_and_quorum() -> None:
    states = parse_scstat(NODES)

    assert states.nodes == {"PA-TLH-SRV-PRD-1": True, "PA-TLH-SRV-PRD-2": False}
    assert states.quorate
    assert not parse_scstat(NODES.replace("present:       2", "present:       1")).quorate


@pytest.mark.parametrize(
    ("printed", "state", "message"),
    [
        ("Start failed  Faulted - it did not answer", "start_failed", "Faulted - it did not answer"),
        ("Start_failed", "start_failed", ""),
        ("START_FAILED Faulted", "start_failed", "Faulted"),
        ("Stop failed   Faulted", "stop_failed", "Faulted"),
        ("Monitor failed  Degraded", "monitor_failed", "Degraded"),
        ("Online not monitored  Online", "online_not_monitored", "Online"),
        ("Online but not monitored  Online", "online_not_monitored", "Online"),
        ("Online_not_monitored", "online_not_monitored", ""),
        ("Online    Faulted", "online", "Faulted"),
        ("Starting  Unknown - Starting", "starting", "Unknown - Starting"),
        ("Not_online  Offline", "not_online", "Offline"),
    ],
)
def test_spellings_of_resource_states(printed: str, state: str, message: str) -> None:
    states = parse_scstat(f"  Resource: mail-rs   mars     {printed}\n")

    assert states.resources["mail-rs"]["mars"] == ResourceState(state, message)


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("Error--stop failed", "error_stop_failed"),
        ("Error_stop_failed   No", "error_stop_failed"),
        ("Online faulted", "online_faulted"),
        ("Online          Yes", "online"),
        ("PENDING_ONLINE_BLOCKED", "pending_online_blocked"),
        ("Pending offline", "pending_offline"),
        ("Unmanaged", "unmanaged"),
    ],
)
def test_spellings_of_group_states(printed: str, state: str) -> None:
    assert parse_scstat(f"     Group: MAIL-RG  mars  {printed}\n").groups == {"MAIL-RG": {"mars": state}}


@pytest.mark.parametrize(
    "line",
    [
        "     Group: CFT-rg   chou",
        "     Group: CFT-rg   chou   Onlin",
        "  Resource: cft-ip   chou   Broken",
        "  Cluster node:   mars   Perhaps",
        "  Quorum votes needed:   many",
        "     Group: CFT-rg   chou   Online\n     Group: CFT-rg   chou   Offline",
    ],
)
def test_what_is_not_understood_is_refused(line: str) -> None:
    with pytest.raises(ScstatError):
        parse_scstat(f"{line}\n")


def test_suspended_groups() -> None:
    assert parse_suspended(SUSPENDED) == {"web rg"}
    assert parse_suspended("") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        SUSPENDED.replace("Suspended", "Something"),
        SUSPENDED.replace("Yes ", "Eh  "),
        "nfs-rg  vincent  No  Offline\n",
    ],
)
def test_a_table_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ScstatError):
        parse_suspended(text)


@given(st.text())
def test_any_text(text: str) -> None:
    for parse in (parse_scstat, parse_suspended):
        with contextlib.suppress(ScstatError):
            parse(text)


@given(st.integers(0, len(GROUPS) - 1), st.characters())
def test_another_character_never_makes_a_state_of_its_own(position: int, character: str) -> None:
    try:
        states = parse_scstat(GROUPS[:position] + character + GROUPS[position + 1 :])
    except ScstatError:
        return
    assert {state for nodes in states.groups.values() for state in nodes.values()} <= GROUP_STATES
    assert {found.state for nodes in states.resources.values() for found in nodes.values()} <= RESOURCE_STATES
