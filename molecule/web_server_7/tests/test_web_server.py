"""The web server after everything that was done with it."""

from __future__ import annotations

from ansible_collections.groupware.ha.molecule.shared.lab import host_of

ROOT = "/var/opt/SUNWwbsvr7"
STORE, INSTANCE = f"{ROOT}/admin-server/config-store/machineC/config", f"{ROOT}/https-machineC/config"
DOMAIN = "/opt/glassfish/domains/domain1/config"


def fingerprint(node: str, nickname: str, folder: str) -> str:
    shown = host_of(node).check_output(f"certutil -L -n {nickname} -d {folder}")
    return shown.split("Fingerprint (SHA-256):")[1].split()[0]


def test_both_know_the_same_certificate() -> None:
    assert fingerprint("nodea", "s1as", STORE) == fingerprint("nodeb", "s1as", DOMAIN)
    assert "CT,," in host_of("nodea").check_output(f"certutil -L -d {STORE} | grep s1as").replace("c", "")


def test_the_instance_has_what_is_in_the_store() -> None:
    host_of("nodea").check_output(f"diff -r --exclude=*.db --exclude=pkcs11.txt {STORE} {INSTANCE}")
    assert "MKCALENDAR" in host_of("nodea").file(f"{INSTANCE}/magnus.conf").content_string
    assert "init-passthrough" in host_of("nodea").file(f"{STORE}/magnus.conf").content_string
    assert 'acl "uri=/davserver";' in host_of("nodea").file(f"{INSTANCE}/default.acl").content_string
    assert host_of("nodea").socket("tcp://127.0.0.1:8443").is_listening


def test_no_password_is_left() -> None:
    assert host_of("nodea").run("grep -r n0t-f0r-logs /run /tmp /root /var/log /etc").rc == 1
