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
from netoracle.dhcp.facts import Facts, facts, see
from netoracle.dhcp.machine import START
from netoracle.dhcp.machines import Machines
from netoracle.dhcp.parties import client_party, senders
from netoracle.dhcp.result import Role
from netoracle.trace.capture.frames import Frame
from netspec.base.choose import PremiseFailed
from netspec.dhcp.labels import Sight

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
        label = see(event) if isinstance(event, DhcpEvent) else None
        if not isinstance(event, DhcpEvent) or label is None:
            continue
        seen = facts(label)
        owed = {(one.role, one.name) for one in senders(event, seen)} & set(certificate.parties)
        while pending and pending[0].frame == event.frame:
            step = pending.popleft()
            name = (step.role, step.party)
            if step.rule != START and step.sent and name not in owed:
                raise Refused(f"frame {event.frame}: {step.role} {step.party} did not send it")
            if step.rule != START and not step.sent and not _concerns(step, seen):
                raise Refused(f"frame {event.frame} is not for {step.role} {step.party}")
            states[name] = _apply(machines, states.get(name), step, label)
            if step.sent and step.rule != START:
                owed.discard(name)
                explained += 1
        if owed:
            raise Refused(f"frame {event.frame}: no step of {', '.join(' '.join(name) for name in sorted(owed))}")
    if pending:
        raise Refused(f"a step at frame {pending[0].frame}, where there is no message")
    return explained


def _concerns(step: CertificateStep, seen: Facts) -> bool:
    if step.role == Role.relay.value:
        return True
    if seen.reply:
        return (step.role, step.party) == ("client", client_party(seen).name)
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
