"""Leases across a capture: one holder for each address, and addresses used only while leased.

Both are judged on what is certain.  A lease counts as over as soon as it may be: where it was
released, declined, refused or superseded on the wire, even if the server never saw that.  Two
identities are told apart only where both are known, and their hardware addresses differ too.  An address counts as used
without a lease only where nothing that the client may have received gave it one.
Times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

INFINITE = 0xFFFFFFFF
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as acknowledged: to whom, from when and until when (None: for ever), and the frame that says so."""

    identity: bytes | None
    hardware: bytes
    since: int
    until: int | None
    frame: int

    def over(self, time: int) -> bool:
        """Whether the lease has run out."""
        return self.until is not None and time >= self.until


@dataclass(slots=True)
class _Holder:
    """What is known of a hardware address that DHCP configures.

    `addresses` maps an address that DHCP spoke of to when its lease may end at the latest: None for never,
    the time of the offer where it was only offered.  `leased` are those that were acknowledged.
    `lost` says of an address that the client was told not to use any more which requirement that is.
    """

    addresses: dict[bytes, int | None] = field(default_factory=dict)
    leased: set[bytes] = field(default_factory=set)
    lost: dict[bytes, int] = field(default_factory=dict)


class LeaseBook:
    """The leases of one subnet.  Ended leases are dropped, at most `capacity` are remembered."""

    def __init__(self, tolerance: int, capacity: int = 65_536) -> None:
        """`tolerance` allows for the time between an event and its frame's time stamp."""
        self._tolerance = tolerance
        self._capacity = capacity
        self._leases: dict[bytes, Lease] = {}
        self._of: dict[bytes, bytes] = {}
        self._holders: dict[bytes, _Holder] = {}
        self.forgotten = 0

    def acknowledged(self, address: bytes, lease: Lease) -> Lease | None:
        """Take in an acknowledgement; returns another identity's lease on the address that still runs."""
        held = self._leases.pop(address, None)
        self._leases[address] = lease
        if len(self._leases) > self._capacity:
            oldest = self._leases.pop(next(iter(self._leases)))
            if oldest.identity is not None:
                self._of.pop(oldest.identity, None)
            self.forgotten += 1
        if held is None or held.over(lease.since) or held.identity is None or lease.identity is None:
            return None
        return held if held.identity != lease.identity and held.hardware != lease.hardware else None

    def ended(self, address: bytes, identity: bytes | None) -> None:
        """The holder gave the address up or was refused it: whoever holds it now, nobody is known to."""
        held = self._leases.get(address)
        if held is not None and (identity is None or held.identity is None or held.identity == identity):
            del self._leases[address]

    def refused(self, identity: bytes) -> None:
        """The identity was told that it has no lease."""
        before = self._of.pop(identity, None)
        if before is not None:
            self.ended(before, identity)

    def superseded(self, identity: bytes | None, kept: bytes) -> None:
        """The identity was given `kept`: a server with one binding for each client frees the one before."""
        if identity is not None:
            before = self._of.get(identity)
            if before is not None and before != kept:
                self.ended(before, identity)
            self._of[identity] = kept

    def holder(self, address: bytes) -> Lease | None:
        """The last known lease on an address."""
        return self._leases.get(address)

    def offered(self, hardware: bytes, address: bytes, time: int) -> None:
        """A client that has no lease is offered an address: it must not use it yet."""
        self._holder(hardware).addresses.setdefault(address, time)

    def may_use(self, hardware: bytes, address: bytes, until: int | None) -> None:
        """The client may use the address until then at the latest (None: for ever)."""
        holder = self._holder(hardware)
        known = holder.addresses.pop(address, until)
        holder.addresses[address] = None if until is None or known is None else max(known, until)
        holder.leased.add(address)
        holder.lost.pop(address, None)

    def must_stop(self, hardware: bytes, address: bytes, time: int) -> None:
        """The client itself gave the address up, which it had: it may not use it from then on."""
        holder = self._holder(hardware)
        if address in holder.addresses:
            holder.addresses[address] = time
            holder.leased.add(address)

    def claimed(self, hardware: bytes, address: bytes) -> None:
        """The client says that the address is its own: unless DHCP spoke of it, it may be leased from before."""
        self._holder(hardware).addresses.setdefault(address, None)

    def told(self, hardware: bytes, addresses: Collection[bytes], time: int, requirement: int) -> None:
        """The client was told, for certain, not to use these addresses."""
        holder = self._holder(hardware)
        for address in addresses:
            holder.addresses[address] = time
            holder.lost[address] = requirement

    def leased(self, hardware: bytes) -> frozenset[bytes]:
        """The addresses that the client was given."""
        holder = self._holders.get(hardware)
        return frozenset() if holder is None else frozenset(holder.leased)

    def why(self, hardware: bytes, address: bytes) -> int | None:
        """The requirement by which the client may not use an address that it was told not to, None for others."""
        holder = self._holders.get(hardware)
        return holder.lost.get(address) if holder is not None else None

    def used(self, hardware: bytes, address: bytes, time: int) -> int | None:
        """The client uses the address: when its last lease on it ended, if it may not, else None.

        An answer that lets it use the address passes the recorder before the use does, so only ends of leases
        need the tolerance.  An address in use before DHCP spoke of it may be leased from before the capture.
        """
        holder = self._holder(hardware)
        until = holder.addresses.setdefault(address, None)
        if until is None:
            return None
        tolerance = self._tolerance if address in holder.leased else 0
        return until if time > until + tolerance else None

    def was_leased(self, hardware: bytes, address: bytes) -> bool:
        """Whether the client ever got the address, rather than being offered it only."""
        holder = self._holders.get(hardware)
        return holder is not None and address in holder.leased

    def _holder(self, hardware: bytes) -> _Holder:
        holder = self._holders.get(hardware)
        if holder is None:
            holder = self._holders[hardware] = _Holder()
            if len(self._holders) > self._capacity:
                del self._holders[next(iter(self._holders))]
                self.forgotten += 1
        while len(holder.addresses) > 64:
            oldest = next(iter(holder.addresses))
            del holder.addresses[oldest]
            holder.leased.discard(oldest)
            holder.lost.pop(oldest, None)
        return holder
