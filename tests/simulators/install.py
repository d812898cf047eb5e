#!/usr/bin/python3
"""Install on this node the simulated product that /etc/groupware-ha-simulator.json names (see launch.py).

Its programs get their real names in the directory where the product has them, and what its own installer leaves on a
node is left here too.
"""

from __future__ import annotations

import os
from pathlib import Path

from launch import simulator_of_this_node

SIMULATORS = Path(__file__).resolve().parent
LAUNCHER = SIMULATORS / "launch.py"

GRID_HOME = "/u01/app/12.1.0/grid"

#: Where each product has its programs.
DIRECTORIES = {
    "solaris_cluster": "/usr/cluster/bin",
    "vcs": "/opt/VRTSvcs/bin",
    "clusterware": f"{GRID_HOME}/bin",
    "rhcs": "/usr/sbin",
}

#: Files that tell where a product is.
LOCATIONS = {
    "clusterware": {"/etc/oracle/olr.loc": f"olrconfig_loc={GRID_HOME}/cdata/node.olr\ncrs_home={GRID_HOME}\n"},
}


def install(path: Path, text: str) -> bool:
    """Write a file of the product; whether it was another before."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def link(path: Path, program: Path) -> bool:
    """Give the program this name; whether it had another before."""
    program.chmod(0o755)
    if path.is_symlink() and path.readlink() == program:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(program)
    return True


def main() -> None:
    """Install what is missing, and say so."""
    framework, simulator = simulator_of_this_node()
    files = {**LOCATIONS.get(framework, {}), **simulator.installed_files()}
    programs = {f"{DIRECTORIES[framework]}/{name}": LAUNCHER for name in simulator.programs}
    programs["/usr/local/sbin/simulated-accident"] = SIMULATORS / "accident.py"
    changed = [path for path, text in files.items() if install(Path(path), text)]
    changed += [path for path, program in programs.items() if link(Path(path), program)]
    print("\n".join(changed))


if __name__ == "__main__":
    os.umask(0o022)
    main()
