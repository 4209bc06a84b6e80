"""The abstract DHCP network as a system to be checked, and the properties that it should have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netoracle.modelcheck.dhcp_symmetry import clients_alike
from netoracle.modelcheck.system import (
    Fairness,
    Invariant,
    LeadsTo,
    Model,
    NoDeadlock,
    Property,
    Sometimes,
    SometimesStep,
    Step,
    StepInvariant,
)
from netspec.dhcp.abstract import composition
from netspec.dhcp.abstract.client import CLIENT_RULES, START_RULES, TIMEOUT_RULES
from netspec.dhcp.abstract.composition import Network, client_name
from netspec.dhcp.abstract.moves import seen
from netspec.dhcp.abstract.records import Binding, Mode, Status
from netspec.dhcp.abstract.server import server_restarts
from netspec.dhcp.abstract.setting import SWITCHED, Setting


@dataclass(frozen=True, slots=True)
class DhcpNetwork:
    """The system of one setting."""

    setting: Setting

    def initial(self) -> Iterable[Network]:
        """Nobody has a lease."""
        return composition.initial(self.setting)

    def successors(self, state: Network) -> Iterator[tuple[Step, Network]]:
        """Every step of the network."""
        for rule, party, detail, after in composition.steps(state, self.setting):
            yield Step(rule, party, detail), after


def dhcp_model(setting: Setting, capacity: int | None = None) -> Model[Network]:
    """The model of a setting; `capacity` bounds the messages on their way, by default where nothing else does."""
    if capacity is None and (setting.faults.delay is None or setting.impatient):
        capacity = 2 * setting.clients * setting.servers
    within = None if capacity is None else lambda state: len(state.medium) <= capacity
    return Model(
        title_of(setting, capacity),
        DhcpNetwork(setting),
        (*safety(), *reboots(setting), *progress(setting)),
        clients_alike(setting),
        within,
        show,
    )


_SWITCHES = ("relay", "release", "conflict", "impatient", "reboot", "forget", "restart")


def title_of(setting: Setting, capacity: int | None) -> str:
    """The instance in words."""
    faults = setting.faults
    words = [f"{setting.clients} clients", f"{setting.servers} servers", f"pool {setting.pool}"]
    words += [
        name
        for name in ("relay", "release", "conflict", "impatient", "reboot", "forget", "restart")
        if getattr(setting, name)
    ]
    words += [name for name in ("loss", "duplicate", "reorder") if getattr(faults, name)]
    if faults.delay != 0:
        words.append("any delay" if faults.delay is None else f"delay {faults.delay}")
    if capacity is not None:
        words.append(f"{capacity} messages")
    words += [f"{name} {value}" for name in ("drift", "grace") if (value := getattr(setting.parameters, name))]
    return ", ".join([*words, *sorted(setting.parameters.deviations)])


def safety() -> tuple[Property[Network], ...]:
    """What must never happen."""
    return (
        Invariant("unique_bindings", "no address is used by two clients at once", _unique),
        Invariant(
            "use_within_lease", "a client uses an address only while its server holds it for this client", _within_lease
        ),
        Invariant("no_conflict", "no client uses an address that another host has", _no_conflict),
        StepInvariant("declined_not_offered", "an address that was declined is not offered again", _declined_stays),
        StepInvariant("offers_reserved", "an address on offer to a client is not offered to another", _reserved),
        StepInvariant("only_running_leases_extended", "no lease is extended after its end", _running),
        NoDeadlock(),
        Sometimes("can_bind", "some client gets a lease", lambda state: any(c.uses_address for c in state.clients)),
        SometimesStep(
            "can_extend", "some lease is extended", lambda before, step, after: step.rule == "client_extends"
        ),
        Sometimes(
            "can_rebind", "some client rebinds", lambda state: any(c.mode == Mode.REBINDING for c in state.clients)
        ),
        Sometimes("can_end", "some lease ends at its server", _some_ended),
    )


def reboots(setting: Setting) -> tuple[Property[Network], ...]:
    """What can happen where clients may start again and remember their lease."""
    if not setting.reboot:
        return ()
    return (
        SometimesStep(
            "can_reboot",
            "some client starts again and gets its address acknowledged",
            lambda before, step, after: step.rule == "client_resumes",
        ),
    )


def progress(setting: Setting) -> tuple[Property[Network], ...]:
    """What must happen in the end.

    A client gets a lease where every server has addresses for all (a client may hold one of each server, so it does
    not do for all servers together to have enough) and where an answer comes before the lease that it grants has
    ended.  The clients are alike, so the first stands for each; so does the first address.

    Fairness is strong: what some party, the clock or the medium can do again and again, it does again and again, and
    what is done about past exchanges does not count for that.  A release, a new start, a loss and a duplicate need
    never happen, and for the return of addresses clients need not do anything by themselves.  Weak fairness would not
    do: a lease that ends comes before everything else, so that nothing else is enabled all the time.  No party starts
    again for ever: a server that does so between its offer and the REQUEST never grants anything.
    """
    returns = LeadsTo(
        "addresses_return",
        "an offer or lease that is over does not stay so, whether its client comes back or not",
        _ended,
        _not_ended,
        Fairness(strong=_is_due_from_others),
    )
    delay = setting.faults.delay
    in_time = delay is not None and not setting.impatient and round_trip(setting) < setting.parameters.lease
    if setting.pool - setting.conflict < setting.clients or not in_time:
        return (returns,)
    gets = LeadsTo(
        "gets_lease",
        "a client without a lease has one in the end",
        _without_lease,
        _with_lease,
        Fairness(strong=_is_due, ceasing=_starts_again),
    )
    return (returns, gets)


def round_trip(setting: Setting) -> int:
    """The ticks that a question and its answer take at most, where delays are bounded."""
    return (4 if setting.relay else 2) * (setting.faults.delay or 0)


_OPTIONAL = (*SWITCHED, "medium_loses", "medium_duplicates")


def _is_due(action: str) -> bool:
    return action.split()[0] not in _OPTIONAL


def _starts_again(action: str) -> bool:
    return action.split()[0] in (*START_RULES, server_restarts.__name__)


def _is_due_from_others(action: str) -> bool:
    return _is_due(action) and action.split()[0] not in (*CLIENT_RULES, *TIMEOUT_RULES)


def _ended(state: Network) -> bool:
    return _is_over(_binding(state, 1))


def _some_ended(state: Network) -> bool:
    return any(
        binding.status == Status.BOUND and binding.left == 0 for server in state.servers for binding in server.bindings
    )


def _is_over(binding: Binding) -> bool:
    return binding.status in (Status.OFFERED, Status.BOUND) and binding.left == 0


def _not_ended(state: Network) -> bool:
    return not _ended(state)


def _without_lease(state: Network) -> bool:
    return not state.clients[0].uses_address


def _with_lease(state: Network) -> bool:
    return state.clients[0].uses_address


def _unique(state: Network) -> bool:
    used = [client.address for client in state.clients if client.uses_address]
    return len(used) == len(set(used))


def _binding(state: Network, address: int) -> Binding:
    return next(server.binding(address) for server in state.servers if server.owns(address))


def _within_lease(state: Network) -> bool:
    for number, client in enumerate(state.clients):
        # A client with no time left stops using the address before anything else happens.
        if client.uses_address and client.left > 0:
            binding = _binding(state, client.address)
            if binding.status != Status.BOUND or binding.client != client_name(number) or binding.left == 0:
                return False
    return True


def _no_conflict(state: Network) -> bool:
    return not any(client.uses_address and client.address in state.in_use for client in state.clients)


def _changes(before: Network, after: Network) -> Iterator[tuple[int, Binding, Binding]]:
    """Each address whose binding a step changed, with the binding before and after."""
    for one, other in zip(before.servers, after.servers, strict=True):
        if one is not other:
            for address in one.addresses():
                if one.binding(address) != other.binding(address):
                    yield address, one.binding(address), other.binding(address)


def _declined_stays(before: Network, step: Step, after: Network) -> bool:
    return step.rule != "server_offers" or not any(
        address in before.declined for address, _, _ in _changes(before, after)
    )


def _reserved(before: Network, step: Step, after: Network) -> bool:
    return step.rule != "server_offers" or not any(
        "" != one.promised != other.promised for _, one, other in _changes(before, after)
    )


def _running(before: Network, step: Step, after: Network) -> bool:
    return step.rule != "server_extends" or all(one.left > 0 for _, one, _ in _changes(before, after))


def show(state: Network) -> str:
    """A state in a line for each party that is not idle, and one for what is on its way."""
    lines = []
    for number, client in enumerate(state.clients):
        words = [client_name(number), client.mode.name]
        if client.address:
            words.append(f".{client.address} of {client.server}")
        if client.uses_address:
            words.append(f"{client.left} ticks left")
        lines.append(" ".join(words))
    for server in state.servers:
        for address in server.addresses():
            binding = server.binding(address)
            if binding.status != Status.FREE:
                lines.append(
                    f"{server.name} .{address} {binding.status.name} {binding.client}, {binding.left} ticks left"
                )
    lines += [f"on its way: {seen(message)}" for message in state.medium]
    return "\n".join(lines)
