"""Confirming a certificate: the recorded steps applied to the frames one by one, with nothing searched.

Shares with the search only the specification and the reading of frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from netoracle.dhcp.certificate import CertificateStep, DhcpCertificate
from netoracle.dhcp.choosing import Recorded
from netoracle.dhcp.events import DhcpEvent, events
from netoracle.dhcp.facts import Facts, facts
from netoracle.dhcp.machine import START
from netoracle.dhcp.machines import Machines, Seen
from netoracle.dhcp.parties import client_party, server_party
from netoracle.trace.capture.frames import Frame
from netspec.base.choose import PremiseFailed

Name = tuple[str, str]


class Refused(Exception):
    """A certificate that the frames do not bear out: which frame and why."""


def replay(certificate: DhcpCertificate, frames: Iterable[Frame]) -> int:
    """Confirm a certificate, returning how many frames it explains; raises Refused where it does not hold.

    Every message that a party of the certificate sent must have its step.
    """
    machines = Machines(certificate.profile)
    states: dict[Name, Any] = {}
    pending = deque(certificate.steps)
    explained = 0
    for event in events(frames):
        seen = facts(event.payload) if isinstance(event, DhcpEvent) else None
        if not isinstance(event, DhcpEvent) or seen is None:
            continue
        owed = {_sender(event, seen)} & set(certificate.parties)
        while pending and pending[0].frame == event.frame:
            step = pending.popleft()
            name = (step.role, step.party)
            if step.rule != START and step.sent and name not in owed:
                raise Refused(f"frame {event.frame}: {step.role} {step.party} did not send it")
            if step.rule != START and not step.sent and not _concerns(step, seen):
                raise Refused(f"frame {event.frame} is not for {step.role} {step.party}")
            states[name] = _apply(machines, states.get(name), step, Seen(event, seen))
            if step.sent and step.rule != START:
                owed.discard(name)
                explained += 1
        if owed:
            raise Refused(f"frame {event.frame}: no step of {', '.join(' '.join(name) for name in sorted(owed))}")
    if pending:
        raise Refused(f"a step at frame {pending[0].frame}, where there is no message")
    return explained


def _sender(event: DhcpEvent, seen: Facts) -> Name:
    party = server_party(event, seen) if seen.reply else client_party(seen)
    return party.role, party.name


def _concerns(step: CertificateStep, seen: Facts) -> bool:
    if seen.reply:
        return (step.role, step.party) == ("client", client_party(seen).name)
    return step.role == "server"


def _apply(machines: Machines, state: Any, step: CertificateStep, label: Seen) -> Any:
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
