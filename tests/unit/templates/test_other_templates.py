"""What the other templates say."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.groupware.ha.tests.unit.templates.rendering import TOP, rendered

DESCRIPTION = {
    "cluster": {"name": "one", "framework": "pacemaker"},
    "services": [
        {"name": "mail1", "nodes": ["nodea", "nodeb"], "text": "two\nlines\n"},
        {"name": "mail1x", "nodes": ["nodeb"]},
    ],
    "unexpressed": [
        "service mail1: its\nfirst note",
        "services[mail1].storage: " + " ".join(["a long word"] * 12),
        "service mail1x: another",
        "fencing device f: password is a secret; name a file on the nodes",
    ],
}


def described(**variables):
    return rendered("playbooks/templates/description.yml.j2", **variables)


def test_an_exported_description_is_what_was_described_with_its_notes():
    text = described(groupware_description=DESCRIPTION)
    assert yaml.safe_load(text) == {
        "groupware_cluster": DESCRIPTION["cluster"],
        "groupware_services": DESCRIPTION["services"],
    }
    expected = """---
# What a cluster runs: written by groupware.ha.adopt.
#
# Not in it, or to be added:
# - fencing device f: password is a secret; name a file on the nodes
groupware_cluster:
  name: one
  framework: pacemaker
groupware_services:
  # - service mail1: its first note
  # - services[mail1].storage: a long word a long word a long word a long word a long word a long word a long word a
  #   long word a long word a long word a long word a long word
  - name: mail1
    nodes:
    - nodea
    - nodeb
    text: 'two

      lines

      '
  # - service mail1x: another
  - name: mail1x
    nodes:
    - nodeb
"""
    assert text == expected


def test_an_exported_description_without_notes_and_services():
    description = {"cluster": {"name": "one"}, "services": [], "unexpressed": []}
    text = described(groupware_description=description, groupware_playbook="migrate")
    expected = """---
# What a cluster ran, for a new one of Pacemaker: written by groupware.ha.migrate.
groupware_cluster:
  name: one
groupware_services: []
"""
    assert text == expected


def test_the_document_store_is_run_by_the_vendors_programs():
    text = rendered(
        "roles/calendar_server_7/templates/document-store.service.j2", calendar_server_7_home="/opt/sun/dav"
    )
    lines = text.splitlines()
    assert {"ExecStart=/opt/sun/dav/sbin/start-as", "ExecStop=/opt/sun/dav/sbin/stop-as", "Type=forking"} <= set(lines)
    assert lines[-1] == "WantedBy=multi-user.target"


ANSWERS = {
    "ldap_host": "ldap.example",
    "base_dn": "o=example",
    "directory_manager_password": "secret one",
    "administrator_password": "secret two",
    "administrator_email": "admin@one.example",
    "smtp_host": "mail.example",
}
STATE = {
    "LDAP_HOST": "ldap.example",
    "LDAP_PORT": "389",
    "BASE_DN": "o=example",
    "DIRECTORY_MANAGER_DN": "cn=Directory Manager",
    "DIRECTORY_MANAGER_PASSWORD": "secret one",
    "ADMINISTRATOR_USER_ID": "calmaster",
    "ADMINISTRATOR_PASSWORD": "secret two",
    "ADMINISTRATOR_EMAIL": "admin@one.example",
    "SMTP_HOST": "mail.example",
    "SERVICE_PORT": "80",
    "RUNTIME_USER": "icsuser",
    "RUNTIME_GROUP": "icsgroup",
    # The cluster starts it, on one node: started twice, its databases break.
    "START_AFTER_CONFIGURATION": "no",
    "START_ON_SYSTEM_STARTUP": "no",
    "CONFIG_DIRECTORY": "/srv/cal/config",
}


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, {}),
        (
            {"ldap_port": 636, "directory_manager": "cn=me", "administrator": "boss", "service_port": 8080},
            {
                "LDAP_PORT": "636",
                "DIRECTORY_MANAGER_DN": "cn=me",
                "ADMINISTRATOR_USER_ID": "boss",
                "SERVICE_PORT": "8080",
            },
        ),
    ],
)
def test_answers_for_the_calendar_servers_configurator(answers, state):
    text = rendered(
        "roles/calendar_server_63/templates/state_file.j2",
        answers={**ANSWERS, **answers},
        calendar_server_63_user="icsuser",
        calendar_server_63_group="icsgroup",
        directories={"config": "/srv/cal/config"},
    )
    assert dict(line.split(" = ") for line in text.splitlines() if line) == {**STATE, **state}


def test_no_template_is_forgotten():
    """Whoever adds a template adds a test of it here."""
    tested = "".join(path.read_text() for path in (TOP / "tests" / "unit" / "templates").glob("test_*.py"))
    names = {path.name for path in [*TOP.glob("roles/*/templates/*.j2"), *TOP.glob("playbooks/templates/*.j2")]}
    assert {
        name for name in names if name not in tested.replace("{version}", "2.3") + tested.replace("{version}", "2.4")
    } == set()
