"""Deviations of implementations from the abstract client and server, by name, with what they are."""

from __future__ import annotations

from typing import Final

DEVIATIONS: Final[dict[str, str]] = {
    "offers_not_reserved": "a server does not keep an address that it has offered (RFC 2131, 4.3.1)",
    "expired_leases_acked": "a server acknowledges the renewal of a lease that has ended",
    "expired_leases_kept": "a server never takes back the address of a lease that has ended",
    "declined_addresses_offered_again": "a server treats an address that was declined as free (RFC 2131, 4.3.3)",
    "relayed_refused": "a server drops messages that came through a relay",
    "leases_forgotten": "a server that starts again has lost its leases (RFC 2131, 1.6, 2.1)",
    "lease_from_ack_arrival": "a client counts its lease from the arrival of the ACK (RFC 2131, 4.4.1)",
    "lease_from_last_request": "a client that repeats a REQUEST counts its lease from the last copy",
    "lease_never_ends": "a client uses its address for ever (RFC 2131, 4.4.5)",
    "conflicts_not_probed": "a client does not look whether its address is in use (RFC 2131, 4.4.1)",
    "renewal_keeps_xid": "a renewal has the xid of the exchange that the lease came from (RFC 2131, 4.4.5)",
}

PROFILES: Final[dict[str, frozenset[str]]] = {
    "rfc2131": frozenset(),
    "charrua-server": frozenset(
        {"offers_not_reserved", "expired_leases_acked", "declined_addresses_offered_again", "relayed_refused"}
    )
    | {"expired_leases_kept"},
    "charrua-client-3.1": frozenset({"lease_never_ends", "conflicts_not_probed", "renewal_keeps_xid"}),
    "charrua-client-3.2.1": frozenset({"lease_from_ack_arrival", "conflicts_not_probed", "renewal_keeps_xid"}),
}
"""Which deviations an implementation has; each is also a profile by its own name."""


def profile_deviations(name: str) -> frozenset[str]:
    """The deviations of a profile, or the one of that name.  Raises KeyError."""
    if name in DEVIATIONS:
        return frozenset({name})
    return PROFILES[name]
