#!/usr/bin/python
"""Count the processes that a task starts on a node, and their time, by the kernel's process accounting.

The kernel writes a record of each process that ends in this PID namespace (acct(5)): nothing is polled, so none is
missed, and nothing has to be installed. Of all records those count that descend from an ssh connection: the cluster's
own processes, and those of other containers on the same machine, do not.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

RECORDS = Path("/run/groupware-ha-benchmark.acct")

#: struct acct_v3 up to the times: flag, version, tty, exit code, uid, gid, pid, ppid, start, elapsed, user, system;
#: then six counters and the name.
FORMAT = struct.Struct("=BBH6If2H12x16s")
TICKS = 100  # a second, in these records, whatever the kernel's own frequency is


@dataclass
class Process:
    """One that has ended."""

    pid: int
    parent: int
    name: str
    elapsed: float
    cpu: float


def parse(data: bytes) -> list[Process]:
    """The records, in the order in which processes ended."""
    processes = []
    for record in FORMAT.iter_unpack(data[: len(data) // FORMAT.size * FORMAT.size]):
        pid, parent, _start, elapsed, user, system, name = record[6:]
        cpu = (expand(user) + expand(system)) / TICKS
        processes.append(Process(pid, parent, name.rstrip(b"\0").decode(errors="replace"), elapsed / TICKS, cpu))
    return processes


def expand(number: int) -> int:
    """A comp_t: 13 bits, and an exponent of 8."""
    return int((number & 0x1FFF) << (number >> 13) * 3)


def count(processes: Iterable[Process], connections: Collection[int], ignored: Collection[int]) -> dict[str, Any]:
    """What descends from the connections; a module is the topmost Python among it.

    Processes end before their parents: backwards, each comes after its parent.
    """
    shells, started = set(connections), set()
    programs: Counter[str] = Counter()
    modules = 0
    module_seconds = cpu_seconds = 0.0
    for process in reversed(list(processes)):
        if process.pid in ignored or process.parent in ignored:
            continue
        if process.parent in shells and process.name.startswith("sshd"):
            shells.add(process.pid)  # a connection of its own, which has ended
            continue
        if process.parent in shells and process.name.startswith("python"):
            modules += 1
            module_seconds += process.elapsed
            started.add(process.pid)
        elif process.parent in shells:
            shells.add(process.pid)
        elif process.parent in started:
            started.add(process.pid)
        else:
            continue
        programs[process.name] += 1
        cpu_seconds += process.cpu
    return {
        "processes": sum(programs.values()),
        "programs": dict(programs),
        "modules": modules,
        "module_seconds": round(module_seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
    }


def ancestors() -> list[tuple[int, str]]:
    """Number and name of this process and of those that it descends from, as far as they are in this namespace."""
    pid, chain = os.getpid(), []
    while pid > 1:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        chain.append((pid, name))
        pid = int(rest.split()[1])
    return chain


def account(path: Path | None) -> None:
    """Begin to write records into the file, or end it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.acct(None if path is None else os.fsencode(path)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "process accounting")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "required": True, "choices": ["started", "stopped"]},
            "ignored": {"type": "list", "elements": "int", "default": []},
        },
        supports_check_mode=False,
    )
    chain = ancestors()
    connections = [pid for pid, name in chain if name.startswith("sshd")]
    if not connections:
        module.fail_json(msg="processes are told apart by the ssh connection that they descend from: use ssh")
    if module.params["state"] == "started":
        RECORDS.write_bytes(b"")
        account(RECORDS)
        # What brought this module here ends when records are written already.
        module.exit_json(changed=False, own=[pid for pid, _name in chain if pid not in connections])
    account(None)
    processes = parse(RECORDS.read_bytes())
    RECORDS.unlink()
    module.exit_json(changed=False, **count(processes, connections, module.params["ignored"]))


if __name__ == "__main__":
    main()
