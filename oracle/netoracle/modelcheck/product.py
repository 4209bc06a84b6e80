"""The abstract DHCP network together with the concrete rules as its judge: are all its messages allowed?

A state is one of the network, the transaction identifiers in use, and what the judge remembers.  Each step of the
network is a step here; its messages are written octet for octet and judged, and what is objected to stands in the
step's detail.  So the whole space says whether the rules that captures are judged by allow all that the abstract system
can do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from netoracle.dhcp.events import Event
from netoracle.dhcp.parties import dotted
from netoracle.dhcp.result import Party, Role
from netoracle.modelcheck import dhcp, product_wire
from netoracle.modelcheck.product_judge import Court, Judged, Objection
from netoracle.modelcheck.product_memory import Passage
from netoracle.modelcheck.product_track import NONE, Tags, Written, follow
from netoracle.modelcheck.product_wire import NOW
from netoracle.modelcheck.system import Model, Property, SometimesStep, Step, StepInvariant
from netspec.dhcp.abstract import composition, medium
from netspec.dhcp.abstract.composition import Network, NetworkStep, client_name
from netspec.dhcp.abstract.relay import RELAY
from netspec.dhcp.abstract.setting import Setting
from netspec.dhcp.labels import SECOND

TICK: Final = 600
"""Seconds in a tick, where messages take no time."""

LONGEST_ANSWER: Final = 5
"""Seconds within which a question is answered (`netspec.dhcp.profiles.Bounds`): delays in ticks have to fit in."""

LONGEST_PAUSE: Final = 80 * SECOND
"""More than any pause that the rules ask for or allow, timers aside: the longest is 60 s, tolerance 4 s."""

_FORBIDDEN, _NOTED = "forbidden by", "noted by"
_MARK: Final = re.compile(rf"({_FORBIDDEN}|{_NOTED}) (\d+)")


class Recorder(Enum):
    """Which messages the judge is shown: all, all from some moment on, or those that are not lost before they show."""

    whole = "judged"
    late = "recorded late"
    behind = "lost unseen"


class Pair(NamedTuple):
    """A state of the network, the identifiers in use, the judge's state, and whether it is shown what happens."""

    network: Network
    tags: Tags
    judge: Judged
    recording: bool = True


class Move(NamedTuple):
    """A step, where it leads, what is seen of it, the nanoseconds that it takes, and new numbers of identifiers."""

    step: Step
    after: Pair
    events: tuple[Event, ...] = ()
    back: int = 0
    renamed: Mapping[int, int] | None = None


class Happening(NamedTuple):
    """A step of the network with what is seen of it, whatever the judge says; `occasion`: what the judge is told."""

    rule: str
    party: str
    detail: str
    written: Written
    events: tuple[Event, ...]
    back: int
    occasion: int


@dataclass(frozen=True)
class JudgedNetwork:
    """The system of one setting, with a tick of so many seconds.

    `known` has what may happen in networks met before, each of which many states of the judge go with.
    """

    setting: Setting
    recorder: Recorder
    tick: int
    court: Court = field(compare=False)
    known: dict[tuple[Network, Tags, bool], tuple[Happening, ...]] = field(default_factory=dict, compare=False)

    def initial(self) -> Iterator[Pair]:
        """Nobody has a lease, and nothing was seen."""
        for network in composition.initial(self.setting):
            tags = Tags((), (NONE,) * self.setting.clients)
            yield Pair(network, tags, self.court.start(), self.recorder is not Recorder.late)

    def successors(self, state: Pair) -> Iterator[tuple[Step, Pair]]:
        """Every step of the network, judged, and where the recorder may be late, its start."""
        for move in self.moves(state):
            yield move.step, move.after

    def moves(self, state: Pair) -> Iterator[Move]:
        """The steps from a state, each with what it writes."""
        if not state.recording:
            yield Move(Step("recorder_starts"), state._replace(recording=True))
        place = state.network, state.tags, state.recording
        happenings = self.known.get(place)
        if happenings is None:
            happenings = self.known[place] = tuple(self._happenings(*place))
        for rule, party, detail, written, events, back, occasion in happenings:
            judge, objections = self.court.take(state.judge, occasion)
            after = Pair(written.after, written.tags, judge, state.recording)
            yield Move(Step(rule, party, marked(detail, objections)), after, events, back, written.renamed)

    def _happenings(self, network: Network, tags: Tags, recording: bool) -> Iterator[Happening]:
        for step in self._steps(network):
            rule, party, detail, _ = step
            back = self.tick * SECOND if rule == "time_passes" else 0
            for written in follow(network, tags, step, self.setting, self.recorder is Recorder.behind):
                events = tuple(self._events(network, step, written)) if recording else ()
                passage = Passage(back, self._horizon, tuple(sorted(written.renamed.items())))
                said = f"{detail}; lost unseen" if written.lost else detail
                yield Happening(rule, party, said, written, events, back, self.court.occasion(events, passage))

    def _steps(self, network: Network) -> Iterator[NetworkStep]:
        """The steps of the network; time passes for the judge also where it changes nothing else."""
        rules = set()
        for step in composition.steps(network, self.setting):
            rules.add(step[0])
            yield step
        if not rules & {"time_passes", "client_expires"} and medium.may_wait(network.medium, self.setting.faults):
            yield "time_passes", "", "one tick", composition.time_passes(network, self.setting)

    @property
    def _horizon(self) -> int:
        """Nanoseconds after which it makes no difference how long ago something was.

        More than any limit on two messages of a client (`netspec.dhcp.timing`, `arp`), and than what a lease may last
        after the REQUEST before it that was acknowledged.
        """
        parameters = self.setting.parameters
        return (parameters.lease + parameters.drift + 1) * self.tick * SECOND + LONGEST_PAUSE

    def _events(self, before: Network, step: NetworkStep, written: Written) -> Iterator[Event]:
        """What a recorder sees of a step."""
        rule, party, _, _ = step
        if rule == "time_passes":
            # A client uses its address until just before the next tick.
            for number, client in enumerate(before.clients):
                if client.uses_address:
                    yield product_wire.uses(client_name(number), client.address, NOW + self.tick * SECOND - 1)
        elif rule in ("client_binds", "client_resumes", "client_declines"):
            address = before.clients[int(party[1:]) - 1].address
            if "conflicts_not_probed" not in self.setting.parameters.deviations:
                yield product_wire.probe(party, address)
                if address in before.in_use:
                    yield product_wire.answer_to_probe(party, address)
            if rule != "client_declines":
                yield product_wire.announcement(party, address)
        for message, xid in written.sent:
            yield product_wire.datagram(message, xid, self.setting.parameters, self.tick)


def marked(detail: str, objections: tuple[Objection, ...]) -> str:
    """What is seen of a step, and what is objected to: as text, so that a file of a run has it too."""
    if not objections:
        return detail
    said = [
        f"{_FORBIDDEN if one.forbids else _NOTED} {one.requirement} ({one.party}: {one.found})" for one in objections
    ]
    return "; ".join([detail, *said]) if detail else "; ".join(said)


def forbidden(step: Step) -> frozenset[int]:
    """The requirements that forbid a step."""
    return _marks(step.detail, _FORBIDDEN)


def noted(step: Step) -> frozenset[int]:
    """The requirements whose breach is noted in a step, and proves nothing by itself."""
    return _marks(step.detail, _NOTED)


@lru_cache(1 << 16)
def _marks(detail: str, wanted: str) -> frozenset[int]:
    return frozenset(int(number) for kind, number in _MARK.findall(detail) if kind == wanted)


LEFT_OPEN: Final[dict[int, str]] = {
    41: "a client may give a REQUEST up without repeating it",
    53: "a client may rebind while the answer to its renewal, which the recorder has seen, is still on its way",
    58: "a client may renew at any time between T1 and the end of its lease",
    60: "a client may repeat itself at any pace, and a lease may be shorter than the pause between renewals",
    69: "a client may start again at once after a DECLINE",
    91: "a server does not probe",
    144: "a server offers a whole lease also to whom it knows",
}
"""Requirements that are noted of the abstract system itself, and why: it does not go into what they ask for."""


def properties(brief: bool = False, reboot: bool = False) -> tuple[Property[Pair], ...]:
    """What the judge has to say of every step, and that the space has the steps that matter."""
    allowed: Property[Pair] = StepInvariant(
        "allowed", "the rules that captures are judged by allow every step", lambda _, step, __: not forbidden(step)
    )
    unremarked: Property[Pair] = StepInvariant(
        "unremarked",
        "no step departs from a requirement, but for those that the abstract system leaves open",
        lambda _, step, __: not noted(step) - LEFT_OPEN.keys(),
    )
    return (
        *((allowed,) if brief else (allowed, unremarked)),
        _taken("can_bind", "client_binds"),
        _taken("can_extend", "client_extends"),
        *((_taken("can_reboot", "client_resumes"),) if reboot else ()),
    )


def _taken(name: str, rule: str) -> Property[Pair]:
    return SometimesStep(name, f"some step is {rule}", lambda _, step, __: step.rule == rule)


def product_model(
    setting: Setting, capacity: int | None = None, recorder: Recorder = Recorder.whole, brief: bool = False
) -> Model[Pair]:
    """The model of a setting; `brief`: only what may be forbidden, without times and ARP, which are only noted.

    Raises ValueError where a delay is too long for an answer to come in time.
    """
    plain = dhcp.dhcp_model(setting, capacity)
    within = plain.within
    court = Court(parties_of(setting), brief, recorder is Recorder.whole)
    words = ["judged briefly" if brief and recorder is Recorder.whole else recorder.value]
    return Model(
        ", ".join([plain.title, *words]),
        JudgedNetwork(setting, recorder, tick_of(setting), court),
        properties(brief, setting.reboot),
        None,
        None if within is None else lambda state: within(state.network),
        lambda state: dhcp.show(state.network),
    )


def parties_of(setting: Setting) -> list[Party]:
    """Who is judged: clients by hardware address, servers and the relay by IP address."""
    clients = (product_wire.hardware_of(client_name(number)).hex(":") for number in range(setting.clients))
    servers = (product_wire.party_address(f"s{number + 1}") for number in range(setting.servers))
    parties = [Party(Role.client.value, name) for name in clients]
    parties += [Party(Role.server.value, dotted(address)) for address in servers]
    if setting.relay:
        parties.append(Party(Role.relay.value, dotted(product_wire.party_address(RELAY))))
    return parties


def tick_of(setting: Setting) -> int:
    """The seconds of a tick: so many that an answer that is as late as can be comes in time.

    Raises ValueError where it were less than one second, and where a message may take any time.
    """
    delay = setting.faults.delay
    if delay is None:
        raise ValueError("an answer that takes any time may be too late")
    if delay == 0:
        return TICK
    tick = LONGEST_ANSWER // (delay * (2 if setting.relay else 1))
    if tick == 0:
        raise ValueError(f"delays of {delay} ticks do not fit into the {LONGEST_ANSWER} s in which answers are due")
    return tick
