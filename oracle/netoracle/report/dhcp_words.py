"""A DHCP message in a line."""

from __future__ import annotations

from collections.abc import Iterator

from netoracle.dhcp.parties import hardware_name
from netspec.dhcp.labels import ANYWHERE, INFINITE, Envelope, Sight, dotted, named, sight
from netspec.dhcp.message.codec import FIXED_SIZE, read


def message_in_words(payload: bytes) -> str | None:
    """Kind, client and what is asked for or given; None for what is too short for a message."""
    if len(payload) < FIXED_SIZE:
        return None
    nowhere = Envelope(0, b"", b"", ANYWHERE, ANYWHERE, 0, 0, len(payload))
    return ", ".join(_parts(sight(nowhere, *read(payload))))


def _parts(seen: Sight) -> Iterator[str]:
    message = seen.message
    yield f"DHCP {named(seen.kind)} xid {message.xid:#010x} of {hardware_name(seen.hardware)}"
    fields = (("ciaddr", message.ciaddr), ("yiaddr", message.yiaddr), ("giaddr", message.giaddr))
    yield from (f"{name} {dotted(address)}" for name, address in fields if address != ANYWHERE)
    options = (("asks for", seen.requested), ("server", seen.server))
    yield from (f"{name} {dotted(address)}" for name, address in options if address is not None)
    if seen.lease is not None:
        yield "lease for ever" if seen.lease == INFINITE else f"lease {seen.lease} s"
    if seen.malformed is not None:
        yield str(seen.malformed)
