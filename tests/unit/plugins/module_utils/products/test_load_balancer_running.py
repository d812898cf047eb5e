"""What HAProxy says on its socket, as versions 2.6 and 3.0 say it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import load_balancer_running as running
from ansible_collections.groupware.ha.plugins.module_utils.products.load_balancer_running import HaproxyError

STATES = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change
3 calendar 1 app1 192.0.2.31 2 0 100 100 80
3 calendar 2 app2 192.0.2.32 2 8 100 100 80
4 through 1 app1 192.0.2.31 0 1 100 100 80

"""
STATISTICS = """# pxname,svname,qcur,qmax,scur,smax,slim,stot,status,check_status,last_chk,
calendar,FRONTEND,,,1,2,4096,7,OPEN,,,
calendar,app1,0,0,1,1,,4,UP,L7OK,HTTP status check returned code <200>,
calendar,app2,0,0,2,1,,3,DRAIN,L7OK,HTTP status check returned code <200>,
calendar,BACKEND,0,0,3,1,410,7,UP,,,
through,app1,0,0,0,1,,0,MAINT,,,
"""
ANSWERS = {
    "show servers state": STATES,
    "show stat": STATISTICS,
    "show info": "Name: HAProxy\nVersion: 2.6.12\nPid: 7\n",
}


def test_members() -> None:
    found = running.members(ANSWERS.__getitem__)
    assert [(one.front_end, one.name, one.state, one.status, one.sessions, one.total, one.usable) for one in found] == [
        ("calendar", "app1", "ready", "UP", 1, 4, True),
        ("calendar", "app2", "drain", "DRAIN", 2, 3, False),
        ("through", "app1", "maintenance", "MAINT", 0, 0, False),
    ]
    assert found[0].check == "L7OK HTTP status check returned code <200>"


@pytest.mark.parametrize("changed", [{"show servers state": "2\n# be_id\n"}, {"show stat": "Unknown command\n"}])
def test_another_format(changed: dict[str, str]) -> None:
    with pytest.raises(HaproxyError, match="format that is not known here"):
        running.members({**ANSWERS, **changed}.__getitem__)


def test_a_state_that_it_refuses() -> None:
    member = running.members(ANSWERS.__getitem__)[0]
    said: list[str] = []
    running.set_state(member, "maintenance", lambda command: (said.append(command), "\n")[1])
    assert said == ["set server calendar/app1 state maint"]
    with pytest.raises(HaproxyError, match="calendar/app1: HAProxy says: No such server"):
        running.set_state(member, "drain", lambda _: "No such server.\n")


def test_a_real_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SOCKET", str(tmp_path / "socket"))
    with pytest.raises(HaproxyError, match=r"does not answer at .*socket \(No such file or directory\)"):
        running.ask("show info")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()

        def answer() -> None:
            connection, _address = listener.accept()
            with connection:
                command = connection.recv(100).decode().strip()
                connection.sendall(ANSWERS[command].encode())

        thread = threading.Thread(target=answer)
        thread.start()
        assert running.process() == {"Name": "HAProxy", "Version": "2.6.12", "Pid": "7"}
        thread.join()
