"""Octets to messages and back, octet for octet, whatever of the encoding rules they break."""

from __future__ import annotations

from struct import Struct, error

from netspec.dhcp.message.types import COOKIE, END, OVERLOAD, PAD, Field, Message, Option

_FIXED = Struct("!BBBBIHHIIII16s64s128s")
FIXED_SIZE = _FIXED.size
"""Octets before the magic cookie."""

_AREA_SIZE = {Field.file: 128, Field.sname: 64}
_AREA_AT = {Field.file: 108, Field.sname: 44, Field.options: FIXED_SIZE + 4}
OVERLOADED = {1: (Field.file,), 2: (Field.sname,), 3: (Field.file, Field.sname)}
"""The areas that each value of option 52 adds (RFC 2132 section 9.3)."""


class MalformedMessage(ValueError):
    """Octets that are no message: where, counted from the first octet, and why."""

    def __init__(self, offset: int, reason: str) -> None:
        """Say what is wrong at an offset."""
        super().__init__(f"octet {offset}: {reason}")
        self.offset = offset
        self.reason = reason


def decode(payload: bytes) -> Message:
    """The message in octets.

    Raises MalformedMessage where they are too few, do not have the cookie, or an option does not fit its area.
    """
    message, fault = read(payload)
    if fault is not None:
        raise fault
    return message


def read(payload: bytes) -> tuple[Message, MalformedMessage | None]:
    """The message as far as it can be read, and the first thing that keeps the rest from it.

    What cannot be read stays in the area's tail.  Raises MalformedMessage for fewer octets than the fixed fields.
    """
    if len(payload) < FIXED_SIZE:
        raise MalformedMessage(len(payload), f"a message has at least {FIXED_SIZE} octets")
    fixed = _FIXED.unpack_from(payload)
    op, htype, hlen, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file = fixed
    cookie, area = payload[FIXED_SIZE : FIXED_SIZE + 4], payload[FIXED_SIZE + 4 :]
    options: list[Option] = []
    if cookie == COOKIE:
        options, tail, fault = options_in(area, Field.options)
    else:
        tail, fault = area, MalformedMessage(FIXED_SIZE, f"the cookie is {cookie.hex() or 'not there'}")
    tails = [(Field.options, tail)]
    overload = next((option.data for option in options if option.code == OVERLOAD), b"")
    more = OVERLOADED.get(overload[0], ()) if len(overload) == 1 else ()
    for field in more:
        found, tail, failed = options_in(file if field is Field.file else sname, field)
        options += found
        tails.append((field, tail))
        fault = fault or failed
    if Field.sname in more:
        sname = b""
    if Field.file in more:
        file = b""
    fields = (op, htype, hlen, hops, xid, secs, flags, ciaddr, yiaddr, siaddr, giaddr, chaddr, sname, file, cookie)
    return Message(*fields, tuple(options), tuple(tails)), fault


def encode(message: Message) -> bytes:
    """The octets of a message; raises ValueError where a number or a value does not fit its field."""
    areas = {field: bytearray() for field in Field}
    for option in message.options:
        areas[option.field] += bytes(option.pads) + bytes((option.code, len(option.data))) + option.data
    for field, tail in message.tails:
        areas[field] += tail
    for field, size in _AREA_SIZE.items():
        if areas[field] and len(areas[field]) != size:
            raise ValueError(f"options in {field.value} take {len(areas[field])} octets, not {size}")
    chaddr, sname = message.chaddr, bytes(areas[Field.sname]) or message.sname
    file = bytes(areas[Field.file]) or message.file
    if (len(chaddr), len(sname), len(file)) != (16, 64, 128):
        raise ValueError(f"chaddr, sname, file of {len(chaddr)}, {len(sname)}, {len(file)} octets, not 16, 64, 128")
    try:
        fixed = _FIXED.pack(
            message.op,
            message.htype,
            message.hlen,
            message.hops,
            message.xid,
            message.secs,
            message.flags,
            message.ciaddr,
            message.yiaddr,
            message.siaddr,
            message.giaddr,
            chaddr,
            sname,
            file,
        )
    except error as wrong:
        raise ValueError(str(wrong)) from None
    return fixed + message.cookie + bytes(areas[Field.options])


def options_in(area: bytes, field: Field) -> tuple[list[Option], bytes, MalformedMessage | None]:
    """The options of an area up to END, what follows the last one, and what keeps the rest from being read."""
    found: list[Option] = []
    at = done = 0
    end = len(area)
    while at < end and (code := area[at]) != END:
        if code == PAD:
            at += 1
            continue
        size = area[at + 1] if at + 1 < end else 0
        after = at + 2 + size
        if after > end:
            wrong = MalformedMessage(_AREA_AT[field] + at, f"option {code} runs past the end of {field.value}")
            return found, area[done:], wrong
        found.append(Option(code, area[at + 2 : after], field, at - done))
        at = done = after
    return found, area[done:], None
