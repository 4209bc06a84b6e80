"""Messages and judges made by hand."""

from dataclasses import replace

from netspec.dhcp.judgement import Judge
from netspec.dhcp.labels import SECOND, Envelope, sight
from netspec.dhcp.message.codec import encode, read
from netspec.dhcp.message.types import BROADCAST, Field, Kind, Message, Option
from netspec.dhcp.profiles import PROFILES
from netspec.dhcp.requirement import Unmet

MAC = bytes.fromhex("02000000000a")
OTHER_MAC = bytes.fromhex("02000000000b")
EVERYONE = 0xFFFFFFFF
SERVER = 0x0A000001
ELSE = 0x0A000002
ADDRESS = 0x0A000064
OTHER = 0x0A000065
RELAY = 0x0A0000FE
ID = b"\x01" + MAC

ADDRESSES = {n: n.to_bytes(4) for n in (SERVER, ELSE, ADDRESS, OTHER)}
RFC = PROFILES["rfc2131"]


def see(kind, options=(), at=0, tail=b"\xff", **changed):
    """A message of a kind as a correct party sends it, with fields, envelope fields and options changed.

    An option given as None is left out.
    """
    reply = kind in (Kind.offer, Kind.ack, Kind.nak)
    values = {53: bytes([kind])} if kind is not None else {}
    if reply:
        values |= {54: ADDRESSES[SERVER]}
        if kind is Kind.nak:
            values |= {56: b"no"}
        else:
            values |= {51: (3600).to_bytes(4), 1: b"\xff\xff\xff\0", 3: ADDRESSES[SERVER], 56: b"welcome"}
            if 51 not in dict(options):
                values |= {58: (1800).to_bytes(4), 59: (3150).to_bytes(4)}
    elif kind is Kind.discover:
        values |= {61: ID, 55: b"\x01\x03", 57: b"\x05\xdc"}
    elif kind is Kind.request:
        values |= {61: ID, 55: b"\x01\x03", 57: b"\x05\xdc", 50: ADDRESSES[ADDRESS], 54: ADDRESSES[SERVER]}
    elif kind is Kind.decline:
        values |= {61: ID, 50: ADDRESSES[ADDRESS], 54: ADDRESSES[SERVER], 56: b"in use"}
    elif kind is Kind.release:
        values |= {61: ID, 54: ADDRESSES[SERVER], 56: b"done"}
    values = {code: value for code, value in (values | dict(options)).items() if value is not None}
    message = Message(
        2 if reply else 1, 1, 6, 0, 7, 0, 0, 0, 0, 0, 0, MAC.ljust(16, b"\0"), bytes(64), bytes(128),
        options=tuple(Option(code, value) for code, value in values.items()),
    )  # fmt: skip
    if kind in (Kind.offer, Kind.ack):
        message = replace(message, yiaddr=ADDRESS)
    if kind in (Kind.release, Kind.inform):
        message = replace(message, ciaddr=ADDRESS)
    own = {name: value for name, value in changed.items() if hasattr(message, name)}
    message = replace(message, **own)
    size = len(encode(replace(message, tails=())))
    tail = changed.get("whole_tail") or tail.ljust(300 - size, b"\0")
    message = replace(message, tails=((Field.options, tail), *changed.get("areas", ())))
    payload = encode(message)
    if reply:
        destination = EVERYONE if message.flags & BROADCAST or kind is Kind.nak else message.ciaddr or message.yiaddr
        envelope = Envelope(at, b"", b"", SERVER, destination, 67, 68, len(payload))
    else:
        unicast = kind is Kind.release or (kind is Kind.request and message.ciaddr)
        source = message.ciaddr
        envelope = Envelope(at, MAC, b"", source, SERVER if unicast else EVERYONE, 68, 67, len(payload))
    envelope = envelope._replace(**{name: v for name, v in changed.items() if hasattr(envelope, name)})
    return sight(envelope, *read(payload))


def renewal(at=0, options=(), **changed):
    """A REQUEST that renews."""
    return see(Kind.request, {50: None, 54: None} | dict(options), at, ciaddr=changed.pop("ciaddr", ADDRESS), **changed)


class Refusing:
    """Choices where there are none."""

    def __getattr__(self, name):
        raise AssertionError(f"a choice: {name}")


def run(rules, state, labels, profile=RFC, certain=False, lossy=False, complete=True):
    """Take labels with the first rule of the module that applies to each: broken requirements, met, departed from."""
    from netspec.base.choose import PremiseFailed

    broken, met, departed = set(), set(), set()
    for label in labels:
        failures = []
        for rule in (*rules.HEARS.values(), *rules.SENDS.values()):
            judge = Judge(Refusing(), profile, certain, lossy, complete and not lossy)
            try:
                state = rule(state, label, judge)
            except Unmet as unmet:
                failures.append(unmet.number)
            except PremiseFailed:
                continue
            else:
                met |= set(judge.met)
                departed |= {number for number, _ in judge.departures}
                failures = []
                break
        broken |= set(failures)
    return broken, met - broken - departed, departed


def seconds(n):
    """Nanoseconds."""
    return int(n * SECOND)
