"""Mutants of captured DHCP exchanges: one field, option or message changed, one delay.

What a mutant changes is drawn from a seed, so that the same seed gives the same mutants.  Checksums and
lengths of IP and UDP are made right again: a mutant differs in DHCP, not in its envelope.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from netoracle.dhcp.events import CLIENT_PORT, SERVER_PORT
from netoracle.trace.capture.frames import Frame

_ETHERNET, _UDP = 14, 17
_BOOTP = 236
_OPTIONS = _BOOTP + 4
_FIELDS = {
    "op": (0, 1),
    "htype": (1, 1),
    "hlen": (2, 1),
    "hops": (3, 1),
    "xid": (4, 4),
    "secs": (8, 2),
    "flags": (10, 2),
    "ciaddr": (12, 4),
    "yiaddr": (16, 4),
    "siaddr": (20, 4),
    "giaddr": (24, 4),
    "chaddr": (28, 6),
    "cookie": (236, 4),
}
_DELAYS = (1, 3, 7, 30, 120, 3600)
_PAD, _END = 0, 255


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed exchange: the kind of change, the frame it is made at, what it is in words, and the frames."""

    kind: str
    frame: int
    what: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class _Datagram:
    """A frame taken apart: Ethernet and IP headers, ports and DHCP payload."""

    ethernet: bytes
    ip: bytes
    source_port: int
    destination_port: int
    payload: bytes

    def whole(self) -> bytes:
        """Put together, with lengths and checksums of its own."""
        udp_length = 8 + len(self.payload)
        ip = bytearray(self.ip)
        ip[2:4] = (len(ip) + udp_length).to_bytes(2)
        ip[10:12] = b"\0\0"
        ip[10:12] = _checksum(bytes(ip))
        udp = struct.pack("!HHHH", self.source_port, self.destination_port, udp_length, 0) + self.payload
        pseudo = bytes(ip[12:20]) + struct.pack("!HH", _UDP, udp_length)
        checksum = _checksum(pseudo + udp)
        return self.ethernet + bytes(ip) + udp[:6] + (checksum if any(checksum) else b"\xff\xff") + udp[8:]


Change = tuple[str, _Datagram]
Operator = Callable[[_Datagram, random.Random], Change | None]


def mutants(frames: Sequence[Frame], seed: int, count: int) -> Iterator[Mutant]:
    """Draw `count` mutants of an exchange, none twice; fewer where there are no more to be found."""
    draw = random.Random(seed)
    messages = [at for at, frame in enumerate(frames) if _taken_apart(frame) is not None]
    seen: set[tuple[tuple[int, bytes], ...]] = {_essence(frames)}
    made = 0
    for _ in range(count * 20):
        if made == count or not messages:
            return
        mutant = _mutant(frames, draw.choice(messages), draw)
        if mutant is None or (essence := _essence(mutant.frames)) in seen:
            continue
        seen.add(essence)
        made += 1
        yield mutant


def _mutant(frames: Sequence[Frame], at: int, draw: random.Random) -> Mutant | None:
    frame = frames[at]
    kind = draw.choice(KINDS)
    if kind == "message dropped":
        return Mutant(kind, frame.number, "dropped", _numbered([*frames[:at], *frames[at + 1 :]]))
    if kind == "message duplicated":
        copy = replace(frame, time=frame.time + draw.randrange(1, 2_000_000_000))
        changed = sorted([*frames, copy], key=lambda one: one.time)
        return Mutant(kind, frame.number, f"again {(copy.time - frame.time) / 1e9:.3f} s later", _numbered(changed))
    if kind == "message delayed":
        delay = draw.choice(_DELAYS)
        later = [replace(one, time=one.time + delay * 1_000_000_000) for one in frames[at:]]
        return Mutant(kind, frame.number, f"this and what follows {delay} s later", _numbered([*frames[:at], *later]))
    datagram = _taken_apart(frame)
    change = _OPERATORS[kind](datagram, draw) if datagram is not None else None
    # A field that has the value already: all that would change is a checksum that is computed anew, or trailing octets.
    if change is None or change[1] == datagram:
        return None
    what, changed_datagram = change
    data = changed_datagram.whole()
    return Mutant(
        kind,
        frame.number,
        what,
        (*frames[:at], replace(frame, data=data, wire_length=len(data)), *frames[at + 1 :]),
    )


def _field(datagram: _Datagram, draw: random.Random) -> Change:
    name = draw.choice(tuple(_FIELDS))
    at, size = _FIELDS[name]
    before = datagram.payload[at : at + size]
    after = draw.choice((bytes(size), (int.from_bytes(before) ^ 1 << draw.randrange(8 * size)).to_bytes(size)))
    payload = datagram.payload[:at] + after + datagram.payload[at + size :]
    return f"{name} {before.hex()} becomes {after.hex()}", replace(datagram, payload=payload)


def _option_dropped(datagram: _Datagram, draw: random.Random) -> Change | None:
    options, rest = _options(datagram.payload)
    if not options:
        return None
    at = draw.randrange(len(options))
    what = f"option {options[at][0]} dropped"
    return what, _with_options(datagram, [*options[:at], *options[at + 1 :]], rest)


def _option_repeated(datagram: _Datagram, draw: random.Random) -> Change | None:
    options, rest = _options(datagram.payload)
    if not options:
        return None
    one = draw.choice(options)
    return f"option {one[0]} repeated", _with_options(datagram, [*options, one], rest)


def _option_changed(datagram: _Datagram, draw: random.Random) -> Change | None:
    options, rest = _options(datagram.payload)
    filled = [at for at, (_, value) in enumerate(options) if value]
    if not filled:
        return None
    at = draw.choice(filled)
    code, value = options[at]
    bit = draw.randrange(8 * len(value))
    after = (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))
    what = f"option {code} {value.hex()} becomes {after.hex()}"
    return what, _with_options(datagram, [*options[:at], (code, after), *options[at + 1 :]], rest)


def _option_resized(datagram: _Datagram, draw: random.Random) -> Change | None:
    options, rest = _options(datagram.payload)
    if not options:
        return None
    at = draw.randrange(len(options))
    code, value = options[at]
    after = value[:-1] if value and draw.random() < 0.5 else value + b"\x01"
    what = f"option {code} of {len(value)} octets has {len(after)}"
    return what, _with_options(datagram, [*options[:at], (code, after), *options[at + 1 :]], rest)


def _option_added(datagram: _Datagram, draw: random.Random) -> Change | None:
    options, rest = _options(datagram.payload)
    present = {code for code, _ in options}
    values = {
        50: b"\x0a\x4d\x00\x63",
        51: b"\0\0\x0e\x10",
        54: b"\x0a\x4d\x00\x09",
        55: b"\x01\x03",
        56: b"text",
        57: b"\x02\x40",
        61: b"\x01\x02\0\0\0\0\x09",
    }
    absent = [code for code in values if code not in present]
    if not absent:
        return None
    code = draw.choice(absent)
    return f"option {code} added", _with_options(datagram, [*options, (code, values[code])], rest)


def _end_dropped(datagram: _Datagram, draw: random.Random) -> Change | None:
    payload = datagram.payload
    end = _OPTIONS + sum(2 + len(value) for _, value in _options(payload)[0])
    if payload[end : end + 1] != b"\xff":
        return None
    return "END replaced by a pad", replace(datagram, payload=payload[:end] + b"\0" + payload[end + 1 :])


def _envelope(datagram: _Datagram, draw: random.Random) -> Change:
    which = draw.choice(("source address", "destination address", "source port", "destination port"))
    if which == "source port":
        return which + " 1067", replace(datagram, source_port=1067)
    if which == "destination port":
        return which + " 1068", replace(datagram, destination_port=1068)
    at = 12 if which == "source address" else 16
    address = draw.choice((bytes(4), b"\xff" * 4, b"\x0a\x4d\x00\x63")) if at == 16 else b"\x0a\x4d\x00\x63"
    ip = datagram.ip[:at] + address + datagram.ip[at + 4 :]
    ethernet = b"\xff" * 6 + datagram.ethernet[6:] if address == b"\xff" * 4 else datagram.ethernet
    return f"{which} {'.'.join(map(str, address))}", replace(datagram, ip=ip, ethernet=ethernet)


_OPERATORS: dict[str, Operator] = {
    "field changed": _field,
    "option dropped": _option_dropped,
    "option repeated": _option_repeated,
    "option changed": _option_changed,
    "option resized": _option_resized,
    "option added": _option_added,
    "end dropped": _end_dropped,
    "envelope changed": _envelope,
}
KINDS = (*_OPERATORS, "message dropped", "message duplicated", "message delayed")
"""The kinds of changes."""


def _taken_apart(frame: Frame) -> _Datagram | None:
    """A DHCP frame on plain Ethernet taken apart; None for any other."""
    data = frame.data
    if frame.linktype != 1 or len(data) < _ETHERNET + 28 + _OPTIONS or data[12:14] != b"\x08\x00":
        return None
    header = (data[_ETHERNET] & 15) * 4
    if data[_ETHERNET + 9] != _UDP:
        return None
    udp = _ETHERNET + header
    source_port, destination_port, length, _ = struct.unpack_from("!HHHH", data, udp)
    if not {source_port, destination_port} & {CLIENT_PORT, SERVER_PORT}:
        return None
    return _Datagram(data[:_ETHERNET], data[_ETHERNET:udp], source_port, destination_port, data[udp + 8 : udp + length])


def _options(payload: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The options before END, and what follows them, END included."""
    found, at = [], _OPTIONS
    while at + 1 < len(payload) and payload[at] != _END:
        if payload[at] == _PAD:
            break
        size = payload[at + 1]
        found.append((payload[at], payload[at + 2 : at + 2 + size]))
        at += 2 + size
    return found, payload[at:]


def _with_options(datagram: _Datagram, options: Sequence[tuple[int, bytes]], rest: bytes) -> _Datagram:
    """The datagram with other options; the padding takes up the difference where it can."""
    area = b"".join(bytes((code, len(value))) + value for code, value in options if len(value) < 256)
    size = len(datagram.payload)
    payload = datagram.payload[:_OPTIONS] + area + (rest.rstrip(b"\0") or b"")
    return replace(datagram, payload=payload.ljust(size, b"\0"))


def _numbered(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    return tuple(replace(frame, number=number) for number, frame in enumerate(frames, 1))


def _essence(frames: Sequence[Frame]) -> tuple[tuple[int, bytes], ...]:
    return tuple((frame.time, frame.data) for frame in frames)


def _checksum(octets: bytes) -> bytes:
    total: int = sum(struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (0xFFFF - total % 0x10000).to_bytes(2)
