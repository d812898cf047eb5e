"""Messaging Server on a simulated cluster, from nothing: what a run has not to do, and what was changed by hand."""

from __future__ import annotations

import re

from ansible_collections.groupware.ha.tests.playbooks.conftest import Controller, Outcome, extra
from ansible_collections.groupware.ha.tests.playbooks.mail_site import MOUNT_POINT, NETWORK, PROGRAMS, SECRETS, MailSite
from ansible_collections.groupware.ha.tests.playbooks.test_many_clusters import changed


def planned(outcome: Outcome) -> list[str]:
    """What is to be done on the nodes."""
    assert outcome.status == 0, outcome.output
    return re.findall(r"^    messaging_server: (.*)$", outcome.output, re.MULTILINE)


def test_each_change_by_hand_is_seen_and_put_right(controller: Controller) -> None:
    site = MailSite(controller.path)
    hosts = site.inventory()
    wrong = extra('{"messaging_server_shares": [{"mount_point": "/mail1"}]}')
    for playbook in ("plan", "site"):
        refused = controller.run(playbook, hosts, *wrong)
        assert refused.status != 0
        assert "messaging_server: " in refused.output
        assert "messaging_server_shares[0]" in refused.output
        assert "failed=0" in re.sub(r"localhost +:.*", "", refused.output)
    before = controller.run("plan", hosts)
    built = controller.run("site", hosts)
    again = controller.run("site", hosts)

    assert built.status == 0, built.output
    assert planned(before) == [
        "msga: makes accounts",
        "msgb: makes accounts",
        "msga: installs the programs of mail1",
        "msga: makes the agent of mail1 known to the cluster",
        "msgb: installs the programs of mail1",
        "msgb: makes the agent of mail1 known to the cluster",
        "mail1: its service is online on none of these nodes, so that it is not known whether there is something to"
        " configure",
    ]
    assert "TASK [groupware.ha." not in again.output
    assert "mail  done  mail1: online on msga, nothing changed" in again.output

    configuration = site.volume / "data/config/config.xml"
    configuration.write_text(configuration.read_text().replace(f"{NETWORK}.31", f"{NETWORK}.99"))
    passwd = site.node("msgb").file("/etc/passwd")
    passwd.write_text(re.sub("(?m)^mailsrv:.*\n", "", passwd.read_text()))
    site.node("msgb").file("/etc/VRTSvcs/conf/config/MsgSrvTypes.cf").unlink()
    site.node("msgb").file(f"{PROGRAMS}/config").unlink()
    drifted = controller.run("plan", hosts)
    waiting = controller.run("site", hosts)
    mended = controller.run("site", hosts, *extra("messaging_server_allow_interruption=true"))
    quiet = controller.run("site", hosts)

    lines = planned(drifted)
    assert lines[0] == "msgb: makes accounts"
    assert lines[1].startswith("msga: sets options of mail1: base.listenaddr, dispatcher.service:SMTP.listenaddr")
    assert lines[2:] == [
        "msgb: makes the agent of mail1 known to the cluster",
        "msgb: joins mail1, to be able to run it",
    ]
    # What waits until the service may be interrupted is said each time.
    assert waiting.status == 0, waiting.output
    assert "msgb cannot run mail1 yet" in waiting.output
    assert mended.status == 0, mended.output
    assert site.node("msgb").file(f"{PROGRAMS}/config").readlink().as_posix() == f"{MOUNT_POINT}/data/config"
    assert changed(quiet) == {"localhost": 0, "msga": 0, "msgb": 0}
    assert "TASK [groupware.ha." not in quiet.output
    outputs = [one.output for one in (before, built, again, drifted, waiting, mended, quiet)]
    assert not [word for word in SECRETS.values() for output in outputs if word in output]
