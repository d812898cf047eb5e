"""Where a Dovecot would listen, and whether it can; with sockets and processes that are real."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from ansible_collections.groupware.ha.plugins.module_utils.products import mail_ports
from ansible_collections.groupware.ha.plugins.module_utils.products.mail_ports import Listener

# Parts of what doveconf prints, of 2.4.1 and of 2.3.19 in this order.
SHOWN = {
    "2.4": """listen = 192.0.2.21
protocols = imap lmtp
service imap-login {
  protocol = imap
  service_extra_groups = 
  unix_listener "srv.imap-login/%{pid}" {
    mode = 0600
    type = admin
  }
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = 993
    ssl = yes
  }
  inet_listener more {
    port = 1143
    listen = 127.0.0.1 ::1
  }
}
service anvil {
  protocol = 
}
service doveadm {
  protocol = 
  inet_listener http {
    port = 8080
  }
}
service pop3-login {
  protocol = pop3
  inet_listener pop3 {
    port = 110
  }
}
""",  # noqa: W291 - as it is printed
    "2.3": """listen = 192.0.2.21
protocols = imap lmtp
service doveadm {
  executable = doveadm-server
  inet_listener http {
    address = 
    port = 8080
    reuse_port = no
    ssl = no
  }
  protocol = 
}
service imap-login {
  inet_listener imap {
    address = 
    haproxy = no
    port = 0
  }
  inet_listener imaps {
    address = 
    port = 993
    ssl = yes
  }
  inet_listener more {
    address = 127.0.0.1 ::1
    port = 1143
  }
  protocol = imap
}
service pop3-login {
  inet_listener pop3 {
    address = 
    port = 110
  }
  protocol = pop3
}
""",  # noqa: W291 - as it is printed
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_where_it_listens(shown):
    found = {(listener.address, listener.port) for listener in mail_ports.listeners(shown)}

    assert found == {("192.0.2.21", 993), ("127.0.0.1", 1143), ("::1", 1143), ("192.0.2.21", 8080)}
    assert "service imap-login { inet_listener imaps }: port 993 of 192.0.2.21" in map(str, mail_ports.listeners(shown))


def test_addresses_as_people_write_them():
    shown = SHOWN["2.4"].replace("listen = 192.0.2.21", "listen = *, [::], 2001:DB8:0::1, mail1.example")
    found = [listener.socket[0] for listener in mail_ports.listeners(shown) if listener.port == 993]

    assert found == ["0.0.0.0", "::", "2001:db8::1"]


def test_a_port_of_a_server_of_the_same_instance():
    wanted = [
        Listener("one", "192.0.2.21", 465),
        Listener("two", "*", 25),
        Listener("three", "::", 25),
        Listener("four", "192.0.2.22", 465),
        Listener("five", "192.0.2.21", 993),
    ]

    assert mail_ports.colliding(wanted, "192.0.2.21", {"Postfix": (25, 465)}) == [
        "one: port 465 of 192.0.2.21 is Postfix's, of the same instance",
        "two: port 25 of * is Postfix's, of the same instance",
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_what_others_have_and_what_it_has_itself(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.create_server((address, 0), family=family)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with listening, subprocess.Popen(["sleep", "1000"]) as other:
        port = listening.getsockname()[1]
        wanted = [Listener("imaps", address, port)]
        (problem,) = mail_ports.unavailable(wanted, other.pid)
        own = mail_ports.unavailable(wanted, os.getpid())
        everywhere = [Listener("imaps", "::" if ":" in address else "*", port)]
        (problem_everywhere,) = mail_ports.unavailable(everywhere, os.getpid())
        other.kill()
    assert problem.startswith(f"imaps: port {port} of {address} is taken by ")
    assert f"(process {os.getpid()})" in problem
    assert own == []
    # Dovecot closes what it does not need any more only when it has the rest.
    assert "is taken by" in problem_everywhere
    assert mail_ports.unavailable(wanted, os.getpid()) == []


def test_an_address_that_is_not_here():
    assert mail_ports.unavailable([Listener("imaps", "192.0.2.1", 993)], os.getpid()) == [
        "imaps: port 993 of 192.0.2.1 cannot be had: the address is not this node's"
    ]


def test_what_has_ended_holds_nothing():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert mail_ports.unavailable([Listener("imaps", "127.0.0.1", port)], os.getpid()) == []
    assert mail_ports.unavailable([Listener("imaps", "127.0.0.1", port)], 999999999) == []
