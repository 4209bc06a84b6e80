"""The instances that the documentation reports on: each with its options and what is known to be violated in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Instance:
    """Options of the command, the properties that they violate, if these are checked alone, and the system."""

    options: Mapping[str, Any]
    violated: tuple[str, ...] = ()
    alone: bool = False
    system: str = "dhcp"


_STARTS: Final = {"reboot": True, "forget": True, "restart": True}

SPECIFICATION: Final = (
    Instance({"clients": 1, "pool": 1}),
    Instance({"clients": 1, "pool": 3}),
    Instance({"clients": 2, "pool": 1}),
    Instance({"clients": 2, "pool": 2}),
    Instance({"clients": 3, "pool": 1}),
    Instance({"clients": 3, "pool": 2}),
    Instance({"clients": 3, "pool": 3}),
    Instance({"clients": 2, "servers": 2, "pool": 1}),
    Instance({"clients": 2, "servers": 2, "pool": 2}),
    Instance({"clients": 2, "servers": 2, "pool": 1, "relay": True}),
    Instance({"clients": 3, "servers": 2, "pool": 1}),
    Instance({"clients": 3, "pool": 1, "loss": True}),
    Instance({"clients": 2, "pool": 2, "conflict": True}),
    Instance({"clients": 2, "pool": 2, "release": True}),
    Instance({"clients": 2, "pool": 2, "relay": True}),
    Instance({"clients": 2, "pool": 2, "loss": True}),
    Instance({"clients": 2, "pool": 2, "relay": True, "loss": True}),
    Instance({"clients": 2, "servers": 2, "pool": 1, "loss": True}),
    Instance({"clients": 2, "pool": 2, "duplicate": True}),
    Instance({"clients": 2, "pool": 2, "duplicate": True, "reorder": True}),
    Instance({"clients": 2, "pool": 2, "delay": 1}),
    Instance({"clients": 2, "pool": 2, "loss": True, "delay": 1}),
    Instance({"clients": 1, "pool": 1, "loss": True, "duplicate": True, "reorder": True, "delay": 1}),
    Instance({"clients": 1, "servers": 2, "pool": 1, "loss": True, "delay": 1}),
    Instance({"clients": 1, "pool": 1, "any_delay": True, "loss": True, "reorder": True}),
    Instance({"clients": 2, "pool": 1, "drift": 1, "grace": 1}),
    Instance({"clients": 1, "pool": 1, "reboot": True}),
    Instance({"clients": 2, "pool": 1, "reboot": True}),
    Instance({"clients": 3, "pool": 1, "reboot": True}),
    Instance({"clients": 2, "pool": 2, "reboot": True, "forget": True}),
    Instance({"clients": 2, "pool": 2, "reboot": True, "loss": True}),
    Instance({"clients": 2, "pool": 2, "reboot": True, "duplicate": True}),
    Instance({"clients": 2, "pool": 1, "reboot": True, "delay": 1}),
    Instance({"clients": 2, "servers": 2, "pool": 1, "reboot": True}),
    Instance({"clients": 2, "pool": 2, "relay": True, "reboot": True, "restart": True}),
    Instance({"clients": 2, "pool": 1, "release": True, "conflict": True} | _STARTS),
    Instance({"clients": 1, "pool": 1, "any_delay": True, "loss": True, "reorder": True} | _STARTS),
    Instance({"clients": 1, "servers": 2, "pool": 1, "loss": True, "delay": 1, "reboot": True}),
)
"""The specification itself: everything holds."""

BEYOND: Final = (
    Instance({"clients": 2, "pool": 1, "drift": 1}, ("unique_bindings", "use_within_lease")),
    Instance({"clients": 1, "pool": 1, "release": True, "reorder": True, "delay": 1}, ("use_within_lease",), True),
    Instance({"clients": 2, "pool": 1, "release": True, "reorder": True, "delay": 1}, ("unique_bindings",), True),
)
"""What RFC 2131 does not guard against: clocks that drift without grace, and a RELEASE that comes late."""

DEVIATING: Final = (
    Instance({"profile": "offers_not_reserved"}, ("offers_reserved", "gets_lease")),
    Instance(
        {"profile": "expired_leases_acked", "clients": 1, "pool": 1, "delay": 2}, ("only_running_leases_extended",)
    ),
    Instance({"profile": "expired_leases_kept"}, ("addresses_return",)),
    Instance({"profile": "declined_addresses_offered_again", "conflict": True}, ("declined_not_offered",)),
    Instance(
        {"profile": "relayed_refused", "relay": True}, ("can_bind", "can_extend", "can_rebind", "can_end", "gets_lease")
    ),
    Instance(
        {"profile": "lease_from_ack_arrival", "pool": 1, "delay": 1}, ("unique_bindings", "use_within_lease"), True
    ),
    Instance(
        {"profile": "lease_from_last_request", "clients": 1, "pool": 1, "any_delay": True, "loss": True},
        ("use_within_lease",),
        True,
    ),
    Instance(
        {"profile": "leases_forgotten", "pool": 1, "restart": True}, ("unique_bindings", "use_within_lease"), True
    ),
    Instance({"profile": "lease_never_ends", "pool": 1}, ("unique_bindings", "use_within_lease"), True),
    Instance({"profile": "conflicts_not_probed", "conflict": True}, ("no_conflict",)),
    Instance(
        {"profile": "renewal_keeps_xid", "clients": 1, "pool": 1, "duplicate": True, "delay": 2},
        ("use_within_lease",),
        True,
    ),
    Instance({"profile": "charrua-server"}, ("offers_reserved", "addresses_return"), True),
    Instance({"profile": "charrua-client-3.1", "pool": 1}, ("unique_bindings", "use_within_lease"), True),
    Instance({"profile": "charrua-client-3.2.1", "pool": 1, "delay": 1}, ("unique_bindings", "use_within_lease"), True),
)
"""Deviations of implementations, each with the properties that fail."""


_ONE: Final = {"clients": 1, "pool": 1}
_TWO: Final = {"clients": 2, "pool": 1}
_EVERYTHING: Final = {"loss": True, "duplicate": True, "reorder": True}


def _judged(system: str, *options: Mapping[str, Any]) -> tuple[Instance, ...]:
    return tuple(Instance(one, system=system) for one in options)


JUDGED: Final = (
    *_judged(
        "dhcp-judged",
        _ONE,
        _ONE | {"delay": 1},
        _ONE | {"impatient": True, "loss": True},
        _ONE | {"relay": True, "loss": True},
        _ONE | {"servers": 2},
        {"clients": 1, "pool": 2, "conflict": True, "release": True},
        _TWO,
        _ONE | {"reboot": True},
        _ONE | {"reboot": True, "delay": 1},
        _ONE | {"reboot": True, "forget": True, "loss": True},
        _ONE | {"reboot": True, "forget": True, "relay": True},
        _ONE | {"reboot": True, "servers": 2},
        {"clients": 1, "pool": 2, "conflict": True, "release": True} | _STARTS,
    ),
    *_judged(
        "dhcp-allowed",
        {"clients": 1, "pool": 2, "conflict": True, "release": True, "loss": True},
        _ONE | {"loss": True, "delay": 1},
        _ONE | {"relay": True} | _EVERYTHING,
        _TWO | {"release": True, "conflict": True},
        _TWO | {"relay": True},
        _ONE | {"reboot": True, "loss": True, "delay": 1},
        _TWO | {"reboot": True},
    ),
    *_judged(
        "dhcp-late",
        _ONE,
        _ONE | {"delay": 1},
        _ONE | {"impatient": True},
        _ONE | {"loss": True, "duplicate": True},
        _ONE | {"servers": 2},
        _ONE | {"relay": True, "loss": True},
        _TWO,
        _ONE | {"reboot": True},
        _ONE | {"reboot": True, "forget": True, "loss": True},
        _ONE | {"reboot": True, "forget": True, "relay": True},
        _ONE | {"reboot": True, "loss": True, "relay": True},
        _ONE | {"reboot": True, "loss": True, "duplicate": True},
        _ONE | {"reboot": True, "servers": 2},
    ),
    *_judged(
        "dhcp-behind",
        _ONE | {"relay": True, "duplicate": True},
        {"clients": 1, "pool": 2, "conflict": True, "release": True},
        _TWO,
        _ONE | {"reboot": True, "relay": True, "duplicate": True},
    ),
)
"""The abstract network judged by the concrete rules: they allow all of it."""

SHOWN: Final = (
    Instance(_ONE | {"profile": "lease_never_ends"}, ("allowed",), True, "dhcp-allowed"),
    Instance(_ONE | {"profile": "lease_from_ack_arrival", "delay": 1}, ("allowed",), True, "dhcp-allowed"),
    Instance(
        _ONE | {"profile": "lease_from_last_request", "delay": 1, "loss": True, "impatient": True},
        ("allowed",),
        True,
        "dhcp-allowed",
    ),
    Instance(
        _ONE | {"profile": "renewal_keeps_xid", "delay": 1, "loss": True, "duplicate": True},
        ("allowed",),
        True,
        "dhcp-allowed",
    ),
    Instance(_TWO | {"profile": "leases_forgotten", "restart": True}, ("allowed",), True, "dhcp-allowed"),
    Instance(_ONE | {"profile": "charrua-client-3.1"}, ("allowed",), True, "dhcp-allowed"),
    Instance(_ONE | {"profile": "charrua-client-3.2.1", "delay": 1}, ("allowed",), True, "dhcp-allowed"),
    Instance({"clients": 2, "pool": 2, "profile": "offers_not_reserved"}, ("unremarked",), True, "dhcp-judged"),
    Instance(
        {"clients": 1, "pool": 2, "profile": "declined_addresses_offered_again", "conflict": True},
        ("unremarked",),
        True,
        "dhcp-judged",
    ),
    Instance(
        {"clients": 1, "pool": 1, "profile": "conflicts_not_probed", "conflict": True},
        ("unremarked",),
        True,
        "dhcp-judged",
    ),
    Instance({"clients": 2, "pool": 2, "profile": "charrua-server"}, ("unremarked",), True, "dhcp-judged"),
)
"""Deviations that a concrete rule forbids (`allowed`) or notes (`unremarked`) in what is written of some run."""

NOT_SHOWN: Final = {
    "expired_leases_acked": "a server may give a lease anew as long as nobody else has its address",
    "expired_leases_kept": "a server need not answer a DISCOVER, nor offer an address that is free",
    "relayed_refused": "a server that is silent may not have been reached",
}
"""Deviations of which no capture shows that they are, and why."""
