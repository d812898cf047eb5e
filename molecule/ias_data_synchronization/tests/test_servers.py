"""The directory, the servers' own registries and their ports after everything that was done with them."""

from __future__ import annotations

import glob
import tempfile

from ansible_collections.groupware.ha.molecule.shared.lab import STATE, host_of

NETWORK = "198.18.78"
ENTRIES = f"{STATE}/shared/ias_directory/o=netscaperoot/cn=application server/cn=clusters"
PRIORITIES = {f"{NETWORK}.{11 + number % 3}:{10800 + number}": number for number in range(5)}


def node(number):
    return host_of(f"node{'abc'[number % 3]}")


def values(name):
    with open(f"{ENTRIES}/{name}.ldif", encoding="utf-8") as file:
        lines = [line.removeprefix("groupwareHaRegistryValue: ").strip() for line in file if "RegistryValue" in line]
    return {name.strip('"'): int(number) for name, _, number in (line.partition("=integer:") for line in lines)}


def test_the_directory_has_the_cluster():
    assert values("cn=mail/cn=syncservers") == PRIORITIES
    assert values("cn=mail") == {
        "MaxBackups": 2,
        "MaxSyncHeartBeat": 10,
        "SyncHeartBeatInterval": 30,
        "SyncTimerInterval": 60,
    }


def test_every_server_is_mapped_to_it_and_runs():
    for number in range(7):
        host = node(number)
        registry = host.file(f"/opt/ias/server{number}/ias/registry/local.reg").content_string
        lines = [line for line in registry.split("\n") if line]
        above = r"SOFTWARE\iPlanet\Application Server\6.0\CCS0"
        assert lines == [f"[{above}]", '"Threads"=integer:32', rf"[{above}\ClusterName\mail]"]
        assert host.socket(f"tcp://{NETWORK}.{11 + number % 3}:{10800 + number}").is_listening


def test_no_password_is_left():
    assert not glob.glob(f"{tempfile.gettempdir()}/*.ias_cluster")
