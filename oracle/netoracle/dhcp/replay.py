"""Confirming a certificate: the recorded steps applied to the frames one by one, with nothing searched.

Shares with the search only the specification, the reading of frames and the book of leases.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from netoracle.certificate.replay import Refused
from netoracle.dhcp.certificate import CertificateStep, DhcpCertificate
from netoracle.dhcp.choosing import Recorded
from netoracle.dhcp.events import DhcpEvent, MissedEvent, events
from netoracle.dhcp.facts import Facts, facts, see
from netoracle.dhcp.invariants import TOLERANCE, Invariants
from netoracle.dhcp.machine import START
from netoracle.dhcp.machines import Machines
from netoracle.dhcp.parties import client_party, hardware_name, senders
from netoracle.dhcp.result import DhcpViolation, Party, Role
from netoracle.scenario import UsageError
from netoracle.trace.capture.frames import Frame
from netspec.base.choose import PremiseFailed
from netspec.dhcp.labels import Sight
from netspec.dhcp.messages import findings, relay_findings

__all__ = ["Refused", "replay"]

Name = tuple[str, str]


def replay(certificate: DhcpCertificate, frames: Iterable[Frame]) -> int:
    """Confirm a certificate, returning how many frames it explains; raises Refused where it does not hold.

    Every message that a party of the certificate sent must have its step and be right on its own, and nothing that
    such a party does may break what holds across parties.  Raises UsageError for a profile or vantage not known.
    """
    vantage = certificate.vantage
    if vantage not in TOLERANCE:
        raise UsageError(f"no vantage {vantage!r}, expected one of {', '.join(TOLERANCE)}")
    machines = Machines(certificate.profile, vantage == "path", vantage == "host", certificate.complete)
    invariants = Invariants(TOLERANCE[vantage], vantage == "host", vantage == "path")
    explaining = set(certificate.parties)
    states: dict[Name, Any] = {}
    pending = deque(certificate.steps)
    explained = 0
    for event in events(frames):
        if isinstance(event, MissedEvent):
            raise Refused(f"frame {event.frame}: a message that {event.why}")
        label = see(event) if isinstance(event, DhcpEvent) else None
        seen = None if label is None else facts(label)
        for violation, sure in invariants.take(event, seen):
            if sure and violation.party in explaining and not _waives(machines, violation):
                raise Refused(f"frame {event.frame}: {violation.party}: {violation.summary}")
        if not isinstance(event, DhcpEvent) or label is None or seen is None:
            continue
        other = invariants.readers.other(event.network, seen)
        sending = set(senders(event, seen))
        owed = {party for party in sending if party in explaining}
        if certificate.whole and sending != owed:
            raise Refused(f"frame {event.frame}: {min(sending - owed)} is not in the certificate")
        for party in sorted(owed):
            _alone(machines, party, event.frame, label)
        while pending and pending[0].frame == event.frame:
            step = pending.popleft()
            name = (step.role, step.party)
            if step.rule != START and step.sent and name not in owed:
                raise Refused(f"frame {event.frame}: {step.role} {step.party} did not send it")
            if step.rule != START and not step.sent and not _concerns(step, seen, other):
                raise Refused(f"frame {event.frame} is not for {step.role} {step.party}")
            states[name] = _apply(machines, states.get(name), step, label)
            if step.sent and step.rule != START:
                owed.discard(Party(*name))
                explained += 1
        if owed:
            raise Refused(f"frame {event.frame}: no step of {', '.join(map(str, sorted(owed)))}")
    if pending:
        raise Refused(f"a step at frame {pending[0].frame}, where there is no message")
    silent = explaining - states.keys()
    if silent:
        raise Refused(f"{' '.join(min(silent))} is in the certificate and has no step")
    return explained


def _alone(machines: Machines, party: Party, frame: int, label: Sight) -> None:
    """What is asked of the message alone."""
    for finding in relay_findings(label) if party.role == Role.relay.value else findings(label):
        if finding.violates(machines.profile):
            raise Refused(f"frame {frame}: {party}: {finding.found}, which breaks requirement {finding.requirement}")


def _waives(machines: Machines, violation: DhcpViolation) -> bool:
    return violation.requirements[0] in machines.profile.waived


def _concerns(step: CertificateStep, seen: Facts, other: bytes | None) -> bool:
    if step.role == Role.relay.value:
        return True
    if seen.reply:
        readers = {client_party(seen).name} | ({hardware_name(other)} if other is not None else set())
        return step.role == Role.client.value and step.party in readers
    return step.role == Role.server.value


def _apply(machines: Machines, state: Any, step: CertificateStep, label: Sight) -> Any:
    machine = machines.of(step.role)
    if step.rule == START:
        if state is not None:
            raise Refused(f"frame {step.frame}: {step.role} {step.party} begins twice")
        starts = list(machine.starts())
        place = dict(step.choices).get("state")
        if not isinstance(place, int) or not 0 <= place < len(starts):
            raise Refused(f"frame {step.frame}: no start {place!r}")
        return starts[place]
    if state is None:
        raise Refused(f"frame {step.frame}: {step.role} {step.party} has not begun")
    recorded = Recorded([value for _, value in step.choices])
    try:
        after = machine.take(state, step.rule, label, step.sent, recorded)
    except PremiseFailed as failed:
        raise Refused(f"frame {step.frame}: {step.rule} does not apply ({failed})") from None
    except KeyError:
        raise Refused(f"frame {step.frame}: there is no rule {step.rule}") from None
    if not recorded.spent or tuple(recorded.made) != step.choices:
        raise Refused(f"frame {step.frame}: {step.rule} makes other choices than those recorded")
    return after
