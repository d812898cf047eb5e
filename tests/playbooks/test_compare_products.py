"""What a run would do to clusters of Messaging Server, Calendar Server and Scalix, by what their nodes answered.

All cases are clusters of one inventory, and compared in one run.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml

from ansible_collections.groupware.ha.tests.playbooks.conftest import Controller
from ansible_collections.groupware.ha.tests.playbooks.test_compare import PLAY

NODES = ("nodea", "nodeb")
Answers = dict[str, dict[str, Any]]

MESSAGING = {
    "mail_node_info.messaging_server": {"state": {"users": {"mailsrv": 5005}, "groups": {"mail": 8}}},
    "messaging_instance_info": {
        "changed": False,
        "instances": {
            "app": {
                "installed": True,
                "mounted": True,
                "configured": "unified",
                "joined": True,
                "unfinished": [],
                "agents": ["vcs"],
            }
        },
        "compared": {"app": {"registered": True, "options": [], "problem": None}},
    },
    "nfs_shares": {"changed": False, "commands": []},
}
FOUND = {"configured_here": True, "configured_anywhere": True, "bound": True, "parameters": [], "problem": None}
LINE = "/dev/dsk/c1\t/dev/rdsk/c1\t/cal\tufs\t2\tno\tlogging"
CALENDAR = {
    "mail_node_info.calendar_server_63": {"state": {"users": {"icsuser": 5063}, "groups": {"icsgroup": 5063}}},
    "calendar_node": {"changed": False, "commands": []},
    "calendar_instance_info": {"changed": False, "instances": {"app": FOUND}},
    "vfstab": {"changed": False, "lines": [LINE], "commands": []},
}
DIRECTORY = {"calendar_directory": {"changed": False, "commands": []}}
CFG = "OMNAME=app\nOMHOSTNAME=app.example.com\nOMDATADIR=/var/opt/scalix/ap/s\nOMAUTOSTART=FALSE\n"
CONNECTORS = {f"{directory}/instance-app.conf": "x\n" for directory in ("ajp", "jk")}
CONNECTORS["jk/workers.conf"] = "JkWorkerProperty worker.list=app\n"
STATE = {
    "installed": True,
    "instance_cfg": CFG,
    "connectors": CONNECTORS,
    "web_client": None,
    "instances": {},
    "boot": [],
    "unread": False,
}
MOUNTED = {"app": {"status": "installed", "missing": [], "shutdown_port": 8005, "web_applications": ["caa", "sac"]}}
SETUP = {"changed": False, "commands": [], "answers_left": False}
SCALIX = {
    "scalix_node_info": {"changed": False, "state": STATE},
    "scalix_setup": SETUP,
    "scalix_setup.installed": SETUP,
}
#: By role: what a node answers that lacks nothing.
PRODUCTS = {"messaging_server": MESSAGING, "calendar_server_63": CALENDAR, "scalix": SCALIX}
APPLICATIONS = {
    "messaging_server": {"type": "messaging_server", "options": {"server_root": "/opt/app/messaging64"}},
    "calendar_server_63": {"type": "calendar_server", "options": {"server_root": "/opt/SUNWics5/cal"}},
    "scalix": {"type": "scalix"},
}
FRAMEWORKS = {"messaging_server": "vcs", "calendar_server_63": "solaris_cluster", "scalix": "rhcs"}
POINTS = {"messaging_server": "/app", "calendar_server_63": "/cal", "scalix": "/var/opt/scalix/ap"}
SECRET = "n0body-sees-this"  # noqa: S105 - nobody's
GIVEN = {
    "messaging_server_shares": [],
    "messaging_server_secrets": {"app": {"base.cred": SECRET}},
    "calendar_server_63_file_systems": [{"mount_point": "/cal", "device": "/dev/dsk/c1"}],
    "calendar_server_63_answers": {
        "ldap_host": "nodea",
        "base_dn": "o=x",
        "directory_manager_password": SECRET,
        "administrator_password": SECRET,
        "administrator_email": "admin@example.com",
        "smtp_host": "nodea",
    },
    "calendar_server_63_directory": {
        "host": "nodea",
        "server_root": "/var/ds",
        "instance": "slapd-a",
        "password": SECRET,
    },
}


def merged(answer: Any, changed: Any) -> Any:
    """An answer, but for what has changed at any depth; a key that begins with = replaces."""
    if not isinstance(answer, dict) or not isinstance(changed, dict):
        return copy.deepcopy(changed)
    found = copy.deepcopy(answer)
    for key, value in changed.items():
        found[key.lstrip("=")] = value if key.startswith("=") else merged(answer.get(key, {}), value)
    return found


def answers(role: str, home: str | None = "nodea", **changed: Any) -> dict[str, Answers]:
    """What nodes answer that lack nothing, but for what has changed, by node."""
    cluster = {"running": True, "framework": FRAMEWORKS[role], "services": {"app": {"node": home, "members": {}}}}
    found = {}
    for node in NODES:
        of_node: Answers = {"cluster_info": {"changed": False, "cluster": cluster}, **copy.deepcopy(PRODUCTS[role])}
        if node == "nodea" and role == "calendar_server_63":
            of_node |= copy.deepcopy(DIRECTORY)
        if node == home and role == "scalix":
            of_node["scalix_node_info"]["state"]["instances"] = MOUNTED
        found[node] = merged(of_node, changed.get(node, {}))
    return found


def of_messaging(state: Any = None, compared: Any = None, **answered: Any) -> Answers:
    """What a node answers of the instance of Messaging Server."""
    info = {"instances": {"app": state or {}}, "compared": {"app": compared or {}}}
    return {"messaging_instance_info": info, **answered}


def of_calendar(**found: Any) -> Answers:
    """What a node answers of the calendar."""
    return {"calendar_instance_info": {"instances": {"app": found}}}


def of_scalix(**state: Any) -> Answers:
    """What a node answers of Scalix."""
    return {"scalix_node_info": {"state": state}}


NEW = {"installed": False, "mounted": False, "configured": None, "joined": False, "agents": []}
UNKNOWN = {"registered": False, "options": None}
NOT_YET = {"configured_here": False, "configured_anywhere": False, "bound": None}
NOWHERE = "app: its service is online on none of these nodes, so that it is not known whether there is something to"
#: By the name of its cluster: the role, what the nodes answer, and the lines.
CASES: dict[str, tuple[str, dict[str, Answers], list[str]]] = {
    f"{role}_same": (role, answers(role), []) for role in PRODUCTS
} | {
    # -- Messaging Server
    "m_new": (
        "messaging_server",
        answers(
            "messaging_server",
            None,
            **{
                node: {**of_messaging(NEW, UNKNOWN), "mail_node_info.messaging_server": {"state": {"=users": {}}}}
                for node in NODES
            },
        ),
        [
            "nodea: makes accounts",
            "nodeb: makes accounts",
            "nodea: installs the programs of app",
            "nodea: makes the agent of app known to the cluster",
            "nodeb: installs the programs of app",
            "nodeb: makes the agent of app known to the cluster",
            NOWHERE,
        ],
    ),
    "m_online": (
        "messaging_server",
        answers("messaging_server", nodea=of_messaging({"configured": None}), nodeb=of_messaging({"joined": False})),
        ["nodea: configures app", "nodeb: joins app, to be able to run it"],
    ),
    "m_unfinished": (
        "messaging_server",
        answers("messaging_server", nodea=of_messaging({"unfinished": ["configure"]})),
        ["nodea: configures app"],
    ),
    "m_options": (
        "messaging_server",
        answers("messaging_server", nodea=of_messaging(None, {"options": ["base.cred", "imap.banner"]})),
        ["nodea: sets options of app: base.cred, imap.banner"],
    ),
    # Only the node that runs it sets options, though others may see them.
    "m_standby": (
        "messaging_server",
        answers("messaging_server", nodeb=of_messaging(None, {"options": ["imap.banner"], "problem": "not here"})),
        [],
    ),
    "m_problem": (
        "messaging_server",
        answers("messaging_server", nodea=of_messaging(None, {"options": None, "problem": "has a legacy one"})),
        ["nodea: app cannot be compared with its description: has a legacy one"],
    ),
    "m_agent": (
        "messaging_server",
        answers("messaging_server", nodeb=of_messaging({"agents": []}, {"registered": False})),
        ["nodeb: makes the agent of app known to the cluster"],
    ),
    "m_programs": (
        "messaging_server",
        answers("messaging_server", nodeb=of_messaging({"installed": False})),
        ["nodeb: installs the programs of app"],
    ),
    "m_group": (
        "messaging_server",
        answers("messaging_server", nodeb={"mail_node_info.messaging_server": {"state": {"=groups": {}}}}),
        ["nodeb: makes accounts"],
    ),
    "m_ids": (
        "messaging_server",
        answers("messaging_server", nodeb={"mail_node_info.messaging_server": {"state": {"users": {"mailsrv": 99}}}}),
        ["the user mailsrv has the id 5005 on nodea, 99 on nodeb"],
    ),
    "m_shares": (
        "messaging_server",
        answers(
            "messaging_server",
            nodeb={"nfs_shares": {"changed": True, "files": ["/etc/fstab"], "commands": ["mount /app"]}},
        ),
        ["nodeb: writes /etc/fstab", "nodeb: runs mount /app"],
    ),
    "m_silent": (
        "messaging_server",
        answers("messaging_server", nodeb={"=messaging_instance_info": {"failed": True, "msg": "no\nanswer"}}),
        ["nodeb: is not known yet: no answer"],
    ),
    # -- Calendar Server
    "c_new": (
        "calendar_server_63",
        answers(
            "calendar_server_63",
            None,
            nodea={
                **of_calendar(**NOT_YET),
                "vfstab": {"changed": True, "commands": ["# replace /etc/vfstab"]},
                "calendar_node": {"changed": True, "commands": ["mkdir -p /cal"]},
                "calendar_directory": {"changed": True, "commands": ["perl comm_dssetup.pl"]},
            },
            nodeb=of_calendar(**NOT_YET),
        ),
        ["nodea: runs mkdir -p /cal", "nodea: writes /etc/vfstab", "nodea: runs perl comm_dssetup.pl", NOWHERE],
    ),
    "c_online": (
        "calendar_server_63",
        answers("calendar_server_63", nodea=of_calendar(**NOT_YET), nodeb=of_calendar(**NOT_YET)),
        ["nodea: configures app", "nodeb: configures app"],
    ),
    "c_half": (
        "calendar_server_63",
        answers("calendar_server_63", nodea=of_calendar(configured_anywhere=False)),
        ["nodea: configures app"],
    ),
    # The volume is elsewhere.
    "c_standby": (
        "calendar_server_63",
        answers("calendar_server_63", nodeb=of_calendar(configured_anywhere=False, bound=None)),
        [],
    ),
    "c_parameters": (
        "calendar_server_63",
        answers("calendar_server_63", nodea=of_calendar(bound=False, parameters=["service.listenaddr"])),
        ["nodea: writes ics.conf of app: service.listenaddr"],
    ),
    "c_block": (
        "calendar_server_63",
        answers("calendar_server_63", nodea=of_calendar(bound=False)),
        ["nodea: writes ics.conf of app"],
    ),
    "c_link": (
        "calendar_server_63",
        answers("calendar_server_63", nodeb=of_calendar(problem="config is a directory", configured_here=False)),
        ["nodeb: app cannot be compared with its description: config is a directory"],
    ),
    "c_vfstab": (
        "calendar_server_63",
        answers("calendar_server_63", nodeb={"vfstab": {"lines": []}}),
        ["It does not on nodea but not on nodeb: /dev/dsk/c1"],
    ),
    "c_user": (
        "calendar_server_63",
        answers("calendar_server_63", nodeb={"mail_node_info.calendar_server_63": {"state": {"=users": {}}}}),
        ["nodeb: makes accounts"],
    ),
    "c_directory": (
        "calendar_server_63",
        answers("calendar_server_63", nodea={"=calendar_directory": {"failed": True, "msg": "is missing"}}),
        ["nodea: is not known yet: is missing"],
    ),
    # -- Scalix
    "s_elsewhere": (
        "scalix",
        answers("scalix", None),
        ["app: its volume is mounted on none of these nodes, so that it is not known whether it lacks anything"],
    ),
    "s_installer": (
        "scalix",
        answers("scalix", nodea={"scalix_setup.installed": {"changed": True, "commands": ["scalix-installer"]}}),
        ["nodea: runs scalix-installer"],
    ),
    "s_tools": (
        "scalix",
        answers("scalix", nodea={"scalix_setup": {"changed": True, "commands": ["chkconfig --del scalix"]}}),
        ["nodea: runs chkconfig --del scalix"],
    ),
    "s_refused": (
        "scalix",
        answers("scalix", nodea={"=scalix_setup": {"failed": True, "msg": "would be restarted"}}),
        ["nodea: is not known yet: would be restarted"],
    ),
    "s_admin": (
        "scalix",
        answers("scalix", nodea=of_scalix(instances={"app": {"web_applications": ["api"]}})),
        ["instance app: is to have the management services, but has no web application caa or sac"],
    ),
    "s_left": (
        "scalix",
        answers("scalix", nodeb={"scalix_setup": {"answers_left": True}}),
        ["nodeb: removes the answers that a run left which was cut short"],
    ),
    "s_unread": (
        "scalix",
        answers("scalix", nodeb=of_scalix(unread=True)),
        ["nodeb: has Apache read its files, which the run that wrote them did not"],
    ),
    "s_cfg": (
        "scalix",
        answers("scalix", nodeb=of_scalix(instance_cfg=None)),
        ["nodeb: writes /etc/opt/scalix/instance.cfg"],
    ),
    "s_boot": (
        "scalix",
        answers("scalix", nodeb=of_scalix(instance_cfg=CFG.replace("FALSE", "TRUE"))),
        ["nodeb: writes /etc/opt/scalix/instance.cfg"],
    ),
    "s_connectors": (
        "scalix",
        answers("scalix", nodeb=of_scalix(**{"=connectors": {}})),
        [
            "nodeb: writes /etc/opt/scalix-tomcat/connector/ajp/instance-app.conf",
            "nodeb: writes /etc/opt/scalix-tomcat/connector/jk/instance-app.conf",
            "nodeb: writes /etc/opt/scalix-tomcat/connector/jk/workers.conf",
        ],
    ),
    "s_surplus": (
        "scalix",
        answers("scalix", nodeb=of_scalix(connectors={"ajp/app-app.old.conf": "x\n"})),
        ["nodeb: writes /etc/opt/scalix-tomcat/connector/ajp/app-app.old.conf"],
    ),
    "s_other_name": (
        "scalix",
        answers("scalix", nodeb=of_scalix(instance_cfg=CFG.replace("app.example", "old.example"))),
        ["nodea: cannot know all instances: instance.cfg of node nodeb", "nodeb: cannot know all instances"],
    ),
}

#: Those that are refused, for the reason that stands for their lines.
REFUSED = ("m_ids", "c_vfstab", "s_admin")


def described(name: str, role: str) -> dict[str, Any]:
    """The variables of a case's cluster."""
    nodes = [{"name": f"{name}_{node}", "address": f"192.0.2.{number}"} for number, node in enumerate(NODES, 11)]
    given = copy.deepcopy(GIVEN)
    given["calendar_server_63_directory"]["host"] = nodes[0]["name"]
    if name == "m_shares":
        given["messaging_server_shares"] = [{"device": "filer:/app", "mount_point": "/app"}]
    service = {
        "name": "app",
        "model": "asymmetric",
        "nodes": {"primary": nodes[0]["name"], "standby": nodes[1]["name"]},
        "address": "192.0.2.21",
        "host_name": "app.example.com",
        "storage": {"mount_point": POINTS[role]},
        "application": APPLICATIONS[role],
    }
    cluster = {"name": name, "framework": FRAMEWORKS[role], "networks": ["192.0.2.0/24"], "nodes": nodes}
    return {"groupware_cluster": cluster, "groupware_services": [service], **given}


def host(name: str, role: str, answered: Answers) -> dict[str, Any]:
    """What a node of a case answered; hosts of other clusters have other names."""
    asked = [module for module in PRODUCTS[role] | DIRECTORY if module in answered]
    asked = [module for module in asked if module != "nfs_shares" or name == "m_shares"]
    found = copy.deepcopy(answered)
    for service in found["cluster_info"]["cluster"]["services"].values():
        service["node"] = service["node"] and f"{name}_{service['node']}"
    return {"groupware_answer": {"answers": found, "roles": {role: {"questions": asked, "cluster_questions": []}}}}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the module returns for all of them."""
    groups = {
        name: {
            "hosts": {f"{name}_{node}": host(name, role, answer) for node, answer in given.items()},
            "vars": described(name, role),
        }
        for name, (role, given, _lines) in CASES.items()
    }
    clusters = [{"name": name, "hosts": list(group["hosts"]), "nodes": []} for name, group in groups.items()]
    controller = Controller(tmp_path_factory.mktemp("compared"))
    (controller.path / "compare.yml").write_text(PLAY)
    (controller.path / "request.yml").write_text(
        yaml.safe_dump({"groupware_request": {"clusters": clusters, "tiers": []}})
    )
    inventory = {"groupware_nodes": {"children": groups}, "all": {"vars": {"ansible_connection": "local"}}}
    done = controller.run("compare.yml", inventory, "-e", "@request.yml")
    assert done.status == 0, done.output
    assert SECRET not in done.output
    found: dict[str, Any] = json.loads((controller.path / "compared.json").read_text())
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_a_run_would_do(compared: dict[str, Any], name: str) -> None:
    role, _given, expected = CASES[name]
    lines = [line.replace(f"{name}_", "") for one in compared["differences"][name] for line in one["lines"]]
    if name in REFUSED:
        (refusal,) = compared["refusals"][f"{name}_nodea"]
        assert (lines, compared["differences"][name]) == ([], [])
        assert expected[0] in refusal.replace(f"{name}_", "")
        assert not any(one.startswith(f"{name}_node") for one in compared["hosts"])
        return

    assert len(lines) == len(expected), lines
    for words, line in zip(expected, lines, strict=True):
        assert line.startswith(f"{role}: "), line
        assert words in line
    assert any(one.startswith(f"{name}_node") for one in compared["hosts"]) is bool(expected)
