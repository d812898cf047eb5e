#!/usr/bin/env python3
"""Prove that mail and calendars survive the loss of a node: what was acknowledged is there, and how long it took.

Clients submit and read mail, and make and read appointments, on every service without a pause. The node that runs the
chosen service loses its power: all its processes are killed at once. The round is over when every service answers
again, every acknowledged message and appointment has been read, the cluster has confirmed that the node was off before
its storage was used elsewhere, and the node is a member again. Services stay where they are, so that rounds take turns
on the nodes by themselves.

What this cannot show: all nodes share this machine's kernel, so what the lost node had written but not yet flushed to
its disk is not lost with it, as it would be with real power. The servers are configured to flush before they answer.
"""

from __future__ import annotations

import argparse
import json
import secrets
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from calendar_traffic import PORT as CALDAV_PORT
from calendar_traffic import Calendar, CalendarTraffic
from clients import Client, Traffic
from cluster_view import TOP, ProofError, RunningLab, wait_for
from mail_traffic import IMAPS_PORT, Mailbox, MailTraffic
from timeline import (
    INTERRUPTION,
    Delivery,
    Gap,
    Phase,
    Spread,
    account,
    fencing_confirmed,
    longest_gap,
    outage,
    phases,
    spread,
    starts,
    summarise,
)

#: Every wait ends: seconds for ...
SETTLE_DEADLINE = 120.0  # the cluster to be whole before a round, and again after it
TRAFFIC_DEADLINE = 30.0  # all clients to have had answers before the node is killed
RECOVERY_DEADLINE = 120.0  # all clients to have answers again
DELIVERY_DEADLINE = 300.0  # acknowledged messages to get from the queue to the mailbox

#: Answers that each client has to have had before the node is killed, and seconds of traffic before and after.
WARM_UP = 5
CALM = 1.0

STARTED = time.monotonic()


@dataclass(frozen=True)
class ServiceResult:
    """One service in one round."""

    moved: bool  # it ran on the lost node
    node: str  # where it runs afterwards
    gaps: dict[str, float]  # per protocol: its outage, or its longest time between two answers
    failures: dict[str, int]  # per protocol: attempts that failed in that time; on a busy machine answers are only late
    delivery: Delivery
    things: str = "messages"  # what is acknowledged


#: A user of one service.
Access = Mailbox | Calendar

#: What is away in the time of a client's outage.
AWAY = {
    "submission": "no mail accepted (submission)",
    "IMAPS": "no mail read (IMAPS)",
    "CalDAV, made": "no appointment made (CalDAV)",
    "CalDAV, read": "no appointment read (CalDAV)",
}


@dataclass(frozen=True)
class Round:
    """One node lost."""

    node: str
    fenced_by: str
    services: dict[str, ServiceResult]
    phases: list[Phase]
    rejoined_after: float
    problems: list[str]


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:7.1f} s  {text}", file=sys.stderr, flush=True)


# -- one round -----------------------------------------------------------------------------------------------------


def run_round(lab: RunningLab, users: list[Access], service: str) -> Round:
    """Lose the node that runs the service."""
    wait_for("the cluster is whole", lambda: lab.view().why_unsettled(), SETTLE_DEADLINE)
    lab.settle(SETTLE_DEADLINE)
    before = lab.view()
    node = before.running_on.get(service, "")
    if not node:
        raise ProofError(f"{service}: the cluster has no such service; it has {', '.join(before.running_on)}")
    affected = [user.service for user in users if before.running_on[user.service] == node]

    # Unique to the round, and part of every Message-ID and appointment.
    prefix = f"node-loss-{secrets.token_hex(6)}-"
    traffic = [traffic_of(user, prefix) for user in users]
    clients = [client for each in traffic for client in each.clients]
    with running(clients):
        wait_for_answers(clients, WARM_UP)
        time.sleep(CALM)
        say(f"{node}: cutting the power; it runs {' and '.join(affected)}")
        began = time.time()
        lab.kill(node)
        killed = time.time()
        wait_for(
            "all services answer again",
            lambda: unanswered(clients, killed),
            RECOVERY_DEADLINE,
            pause=0.05,
        )
        say(f"{' and '.join(affected)}: what is new is accepted and read again")
        time.sleep(CALM)

    survivors = [name for name in lab.nodes if name != node]
    log = lab.journals(survivors, began - 1)
    after = lab.view(avoid=node)
    deliveries = {each.service: await_deliveries(each, queue_of(lab, each, after.running_on)) for each in traffic}
    say("mailboxes and calendars read")
    if not any(delivery.lost for delivery in deliveries.values()):
        for each in traffic:
            each.remove()

    gaps = {str(client): client_gap(client, affected, began) for client in clients}
    results = {
        each.service: ServiceResult(
            moved=each.service in affected,
            node=after.running_on.get(each.service, ""),
            gaps={client.protocol: gaps[str(client)].seconds for client in each.clients},
            failures={client.protocol: failed_in(gaps[str(client)], client) for client in each.clients},
            delivery=deliveries[each.service],
            things=each.things,
        )
        for each in traffic
    }
    fenced = [event for event in after.fencing if event.target == node and event.completed >= int(began)]
    confirmed = [event for event in fenced if event.successful]
    problems = find_problems(node, results)
    if not confirmed:
        problems.append(f"{node} was not fenced: the fencing history has no success since its power was cut")
    problems += storage_before_fencing(node, affected, fencing_confirmed(log, node), starts(log))

    say(f"{node}: waiting until it is a member again")
    rejoin(lab, node)
    return Round(
        node=node,
        fenced_by=confirmed[-1].delegate if confirmed else "",
        services=results,
        phases=phases(log, node, service, gaps[next(str(each.writer) for each in traffic if each.service == service)]),
        rejoined_after=time.time() - began,
        problems=problems,
    )


def traffic_of(user: Access, prefix: str) -> Traffic:
    """What a user does in a round."""
    return MailTraffic(user, prefix) if isinstance(user, Mailbox) else CalendarTraffic(user, prefix)


@contextmanager
def running(clients: list[Client]) -> Iterator[None]:
    """Have clients ask all the time."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stop()


def queue_of(lab: RunningLab, traffic: Traffic, running_on: Mapping[str, str]) -> Callable[[], int]:
    """How many of the acknowledged things are on their way still; an appointment is where it belongs at once."""
    if isinstance(traffic, CalendarTraffic):
        return lambda: 0
    return partial(lab.queued, traffic.service, running_on.get(traffic.service, ""))


def wait_for_answers(clients: list[Client], count: int) -> None:
    """Wait until each client has had so many answers."""

    def missing() -> str:
        late = [client for client in clients if len(client.successes) < count]
        return "; ".join(f"{client}: {client.last_failure or 'no answer yet'}" for client in late)

    wait_for("every client has answers", missing, TRAFFIC_DEADLINE, pause=0.05)


def unanswered(clients: list[Client], killed: float) -> str:
    """The clients that have had no answer to what they began after the node was killed."""
    late = [client for client in clients if not client.answered_since(killed)]
    return "; ".join(f"{client}: {client.last_failure}" for client in late)


def failed_in(gap: Gap, client: Client) -> int:
    """How many attempts of a client failed within a time."""
    return sum(gap.start < moment < gap.end for moment in client.failures)


def client_gap(client: Client, affected: list[str], began: float) -> Gap:
    """How long a client had no answer: the outage around the loss, or the longest gap if its service was elsewhere."""
    times = client.times()
    if client.service not in affected:
        return longest_gap(times)
    # The last answer before the loss is where the outage begins; what happened earlier is no part of it.
    last = max(moment for moment in times if moment <= began)
    return outage(moment for moment in times if moment >= last)


def await_deliveries(traffic: Traffic, queued: Callable[[], int]) -> Delivery:
    """Wait until all that was acknowledged is there; a message that is neither there nor in the queue is lost.

    :param queued: how many messages are in the queue
    """
    deadline = time.monotonic() + DELIVERY_DEADLINE
    empty = 0
    while True:
        # In this order: what has left the queue by then is in the mailbox. Twice, since a message that is tried again
        # changes its place while the queue is read.
        empty = 0 if queued() else empty + 1
        delivery = account(traffic.acknowledged, traffic.attempted, traffic.stored())
        if not delivery.lost or empty > 1 or time.monotonic() > deadline:
            return delivery
        time.sleep(1)


def rejoin(lab: RunningLab, node: str) -> None:
    """Wait until the node that was lost is an ordinary member again, and nothing is under way."""
    wait_for("the lost node has joined again", lambda: lab.view(avoid=node).why_unsettled(), SETTLE_DEADLINE)
    lab.settle(SETTLE_DEADLINE, avoid=node)


# -- what may not happen -------------------------------------------------------------------------------------------


def find_problems(node: str, results: dict[str, ServiceResult]) -> list[str]:
    """Everything that makes the round a failure, as sentences."""
    problems = []
    for name, result in results.items():
        lost = result.delivery.lost
        if lost:
            problems.append(f"{name}: {len(lost)} acknowledged {result.things} are lost, the first is {lost[0]}")
        if result.moved and result.node in ("", node):
            problems.append(f"{name}: does not run on another node: {result.node or 'it runs on none'}")
        for protocol, seconds in result.gaps.items():
            if not result.moved and seconds > INTERRUPTION and result.failures[protocol]:
                problems.append(f"{name}: did not run on {node}, yet {protocol} was interrupted for {seconds:.1f} s")
    return problems


def storage_before_fencing(
    node: str, affected: list[str], confirmed: float | None, started: dict[str, float]
) -> list[str]:
    """A volume that is mounted elsewhere before the lost node is known to be off would be mounted twice."""
    firsts = {name: started.get(f"{name}_volume", started.get(f"{name}_storage")) for name in affected}
    return [
        f"{name}: its storage was started before {node} was confirmed to be off"
        for name, moment in firsts.items()
        if moment is not None and (confirmed is None or moment < confirmed)
    ]


# -- users ---------------------------------------------------------------------------------------------------------


def open_access(lab: RunningLab) -> list[Access]:
    """A user on each service that credentials were given for."""
    users: list[Access] = []
    for name, credentials in lab.credentials.items():
        service = lab.services[name]
        address = service["address"].partition("/")[0]
        host_name, user, password = service["host_name"], credentials["user"], credentials["password"]
        if service["application"]["type"] == "radicale":
            port = service["application"].get("options", {}).get("port", CALDAV_PORT)
            users.append(Calendar(name, address, port, host_name, user, password, tls_for(address, port)))
        else:
            users.append(Mailbox(name, address, host_name, user, password, tls_for(address, IMAPS_PORT)))
    return users


def tls_for(address: str, port: int) -> ssl.SSLContext:
    """Trust in the certificate that the service has now: after the loss it has to be the same one, for its own name."""
    try:
        certificate = ssl.get_server_certificate((address, port), timeout=5)
    except OSError as error:
        raise ProofError(f"no certificate from {address} port {port}: {error}") from None
    context = ssl.create_default_context(cadata=certificate)
    # Whoever signed it: it is this very certificate that is trusted.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


# -- report --------------------------------------------------------------------------------------------------------


def figures(rounds: list[Round], service: str) -> dict[str, list[float]]:
    """How long each service was away in the rounds that took its node, and its longest pause in the others."""
    collected: dict[str, list[float]] = {}
    # The service in question first, then those that were lost with it, then the pauses of those that were elsewhere.
    for name in sorted(rounds[0].services, key=lambda name: name != service):
        moved = [one.services[name] for one in rounds if one.services[name].moved]
        if moved:
            for protocol in moved[0].gaps:
                collected[f"{name}: {AWAY[protocol]}"] = [result.gaps[protocol] for result in moved]
        unmoved = [max(one.services[name].gaps.values()) for one in rounds if not one.services[name].moved]
        if unmoved:
            collected[f"{name}: longest pause while elsewhere"] = unmoved
    collected["lost node is a member again after"] = [one.rejoined_after for one in rounds]
    return collected


def report(rounds: list[Round], service: str) -> str:
    """Tables to read."""
    results = [result for one in rounds for result in one.services.values()]
    lines = [f"{'seconds':<44}{heading(rounds)}"]
    lines += [
        f"  {name:<42}{columns(spread(values), len(rounds))}" for name, values in figures(rounds, service).items()
    ]
    lines.append(f"What {service} waited for:")
    for name, figure in summarise([{phase.name: phase.seconds for phase in one.phases} for one in rounds]).items():
        lines.append(f"  {name:<42}{columns(figure, len(rounds))}")
    lines += [
        *(
            told(things, [result.delivery for result in results if result.things == things])
            for things in dict.fromkeys(result.things for result in results)
        ),
        f"Nodes lost: {', '.join(one.node for one in rounds)}; fencing confirmed: "
        f"{sum(bool(one.fenced_by) for one in rounds)} of {len(rounds)}",
    ]
    return "\n".join(lines)


def told(things: str, deliveries: list[Delivery]) -> str:
    """What became of one kind of things."""
    return (
        f"{things.capitalize()} acknowledged: {sum(each.acknowledged for each in deliveries)}, "
        f"found: {sum(each.found for each in deliveries)}, lost: {sum(len(each.lost) for each in deliveries)}, "
        f"duplicates: {sum(each.duplicates for each in deliveries)}, "
        f"found though not acknowledged: {sum(each.unacknowledged for each in deliveries)}"
    )


def heading(rounds: list[Round]) -> str:
    """The heads of the columns."""
    return "".join(f"{head:>9}" for head in ("minimum", "median", "maximum")) if len(rounds) > 1 else ""


def columns(figure: Spread, rounds: int) -> str:
    """One row's figures."""
    values = (figure.minimum, figure.median, figure.maximum) if rounds > 1 else (figure.median,)
    return "".join(f"{value:>9.2f}" for value in values)


def as_json(rounds: list[Round], service: str) -> str:
    """Everything, for other programs."""
    summary = {name: asdict(spread(values)) for name, values in figures(rounds, service).items()}
    return json.dumps({"service": service, "summary": summary, "rounds": [asdict(one) for one in rounds]}, indent=2)


def main() -> int:
    """Run the rounds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--inventory", type=Path, default=TOP / "inventories/demo", help="of a running lab")
    parser.add_argument("--service", default="mail1", help="kill the node that runs it (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures")
    arguments = parser.parse_args()
    lab = RunningLab(arguments.inventory.resolve())
    users = open_access(lab)
    rounds: list[Round] = []
    for number in range(1, arguments.rounds + 1):
        if arguments.rounds > 1:
            say(f"round {number} of {arguments.rounds}")
        rounds.append(run_round(lab, users, arguments.service))
        if rounds[-1].problems:
            break
    print(report(rounds, arguments.service))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(as_json(rounds, arguments.service) + "\n")
    for problem in rounds[-1].problems:
        print(f"FAILED: {problem}")
    return 1 if rounds[-1].problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ProofError as error:
        sys.exit(f"node_loss: {error}")
