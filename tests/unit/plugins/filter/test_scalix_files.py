"""What the filter says of the files of Scalix on all nodes is what the module does to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils import basic

from ansible_collections.groupware.ha.plugins.filter.scalix import scalix_differences, scalix_plan
from ansible_collections.groupware.ha.tests.unit.plugins.modules.scalix_site import INSTANCES, Site


def test_what_the_role_would_do_is_known_from_the_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The filter says of each file what the module does to it; the product's tools are asked on the nodes."""

    monkeypatch.setattr(basic.AnsibleModule, "backup_local", lambda _, path: f"{path}~")
    site = Site(tmp_path, monkeypatch, capsys)

    def differences() -> list[str]:
        nodes = site.nodes()
        plan = scalix_plan(nodes, INSTANCES, "mail1", {}, predict=True)
        return scalix_differences(nodes, INSTANCES, plan)

    def written() -> list[str]:
        nodes = site.nodes()
        changes = {node: site.run("scalix_instance", node, check_mode=True, node=node, nodes=nodes) for node in nodes}
        paths = [(node, one["path"]) for node, told in changes.items() for one in told["changes"]]
        # A directory that is missing is made with the files in it.
        return [
            f"{node}: writes {path.removeprefix(str(site.root / node))}" for node, path in paths if "." in path[-5:]
        ]

    assert differences() == []
    site.installed()
    port = "nodeb: gives the Tomcat of mail2 the shutdown port 8006"
    assert written()
    assert sorted(differences()) == sorted([port, *written()])
    site.configured()
    assert sorted(differences()) == sorted(written()) != []
    for node in ("nodea", "nodeb"):
        site.run("scalix_instance", node, node=node, nodes=site.nodes())
    for node in ("nodea", "nodeb"):
        site.run("scalix_instance", node, node=node, nodes=site.nodes())
    assert differences() == written() == []

    site.file("nodeb", "/etc/opt/scalix-tomcat/connector/ajp/instance-mail1.conf").unlink()
    site.file("nodea", "/etc/opt/scalix/instance.cfg").unlink()
    site.file("nodea", "/etc/opt/scalix-tomcat/connector/ajp/app-mail2.old.conf").write_text("x")
    assert len(differences()) == 3
    assert sorted(differences()) == sorted(written())
    site.simulator.mount("m2", None)
    assert any(line.startswith("mail2: its volume is mounted on none of these nodes") for line in differences())
