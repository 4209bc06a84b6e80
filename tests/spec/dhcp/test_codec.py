"""Octets to messages and back: what was captured, what is made up, and what is hostile."""

import os
import struct
from dataclasses import replace
from pathlib import Path

import dpkt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netspec.dhcp.message.codec import FIXED_SIZE, MalformedMessage, decode, encode, read
from netspec.dhcp.message.types import COOKIE, END, OVERLOAD, Field, Message, Option

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "traces" / "dhcp"
CORPUS = Path(os.environ.get("NETORACLE_CAPTURES", ROOT.parent / "shared" / "captures"))
PORTS = {67, 68}

BARE = Message(1, 1, 6, 0, 7, 0, 0, 0, 0, 0, 0, bytes(16), bytes(64), bytes(128))
AREA = {Field.file: (108, 128), Field.sname: (44, 64)}


def payloads(path):
    """The UDP payloads to or from a DHCP port in a capture of Ethernet."""
    with path.open("rb") as file:
        for _, octets in dpkt.pcap.Reader(file):
            packet = dpkt.ethernet.Ethernet(octets).data
            if isinstance(packet, dpkt.ip.IP) and isinstance(packet.data, dpkt.udp.UDP):
                if {packet.data.sport, packet.data.dport} & PORTS:
                    yield bytes(packet.data.data)


def round_trips(folder):
    """How many messages there are, and which do not come back as they were."""
    found = [(path, payload) for path in sorted(folder.glob("**/capture*.pcap")) for payload in payloads(path)]
    return len(found), [path for path, payload in found if encode(read(payload)[0]) != payload]


def test_every_message_of_the_captures_that_ship_round_trips():
    count, wrong = round_trips(SHIPPED)
    assert count > 0
    assert wrong == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not in {CORPUS}")
@pytest.mark.parametrize("folder", ["dhcp", "dhcp-extra"])
def test_every_captured_message_round_trips(folder):
    if not (CORPUS / folder).is_dir():
        pytest.skip(f"the captures are not in {CORPUS / folder}")
    count, wrong = round_trips(CORPUS / folder)
    assert count > 0
    assert wrong == []


def octets(size):
    return st.binary(min_size=size, max_size=size)


CODES = st.integers(1, 254).filter(lambda code: code != OVERLOAD)


def option_in(field):
    return st.builds(Option, CODES, st.binary(max_size=20), st.just(field), st.integers(0, 3))


def sized(options):
    return sum(option.pads + 2 + len(option.data) for option in options)


@st.composite
def messages(draw):
    """A message of any fields and options, in any of the areas, with or without END."""
    byte, word, long = st.integers(0, 255), st.integers(0, 65535), st.integers(0, 2**32 - 1)
    numbers = [draw(one) for one in (byte, byte, byte, byte, long, word, word, long, long, long, long)]
    areas = draw(st.sampled_from([(), (Field.file,), (Field.sname,), (Field.file, Field.sname)]))
    options = draw(st.lists(option_in(Field.options), max_size=5))
    if areas:
        value = {(Field.file,): 1, (Field.sname,): 2}.get(areas, 3)
        options.insert(draw(st.integers(0, len(options))), Option(OVERLOAD, bytes((value,))))
    pads = bytes(draw(st.integers(0, 3)))
    tails = [(Field.options, pads + (bytes((END,)) + draw(st.binary(max_size=9)) if draw(st.booleans()) else b""))]
    for field in areas:
        some = draw(st.lists(option_in(field), max_size=2))
        options += some
        left = AREA[field][1] - sized(some)
        end = draw(st.booleans())
        tails.append((field, bytes((END,)).ljust(left, b"\0") if end else bytes(left)))
    chaddr, sname, file = draw(octets(16)), draw(octets(64)), draw(octets(128))
    sname, file = (b"" if Field.sname in areas else sname), (b"" if Field.file in areas else file)
    return Message(*numbers, chaddr, sname, file, COOKIE, tuple(options), tuple(tails))


@given(messages())
def test_a_message_comes_back_from_its_octets(message):
    assert decode(encode(message)) == message


def overloading(value):
    return bytes(FIXED_SIZE) + COOKIE + bytes((OVERLOAD, 1, value))


@given(st.binary(max_size=600) | st.binary(max_size=300).map(lambda rest: bytes(FIXED_SIZE) + COOKIE + rest))
@example(b"")
@example(bytes(FIXED_SIZE))
@example(bytes(FIXED_SIZE) + COOKIE[:2])
@example(overloading(3))
@example(b"\xff" * FIXED_SIZE + overloading(3)[FIXED_SIZE:])
@example(b"\x0c" * FIXED_SIZE + overloading(3)[FIXED_SIZE:])
@example(overloading(1) + b"\x0c")
def test_any_octets_are_a_message_that_comes_back_or_malformed(payload):
    try:
        message, fault = read(payload)
    except MalformedMessage as malformed:
        assert len(payload) < FIXED_SIZE
        assert malformed.offset == len(payload)
        return
    assert encode(message) == payload
    if fault is None:
        assert decode(payload) == message
    else:
        assert 0 <= fault.offset <= len(payload)
        with pytest.raises(MalformedMessage) as raised:
            decode(payload)
        assert (raised.value.offset, raised.value.reason) == (fault.offset, fault.reason)


@pytest.mark.parametrize(
    "payload, offset",
    [
        (bytes(236), 236),
        (bytes(236) + COOKIE[:3], 236),
        (encode(replace(BARE, tails=((Field.options, b"\x0c\x04abc"),))), 240),
        (encode(replace(BARE, tails=((Field.options, b"\0\0\x0c"),))), 242),
        (overloading(2)[:44] + b"\x0c\xff" + overloading(2)[46:] + b"\xff", 44),
    ],
)
def test_the_offset_is_where_reading_stops(payload, offset):
    with pytest.raises(MalformedMessage) as raised:
        decode(payload)
    assert raised.value.offset == offset
    assert str(raised.value).startswith(f"octet {offset}: ")


def test_fields_are_read_where_they_stand():
    fixed = struct.pack("!BBBBIHHIIII", 2, 1, 6, 3, 0x01020304, 5, 0x8000, 6, 7, 8, 9)
    payload = fixed + b"c" * 16 + b"s" * 64 + b"f" * 128 + COOKIE + b"\x35\x01\x02\xff"
    expected = Message(
        2, 1, 6, 3, 0x01020304, 5, 0x8000, 6, 7, 8, 9, b"c" * 16, b"s" * 64, b"f" * 128, COOKIE, (Option(53, b"\2"),)
    )
    assert decode(payload) == expected


def test_options_after_end_are_none_and_pads_are_kept():
    message = decode(bytes(FIXED_SIZE) + COOKIE + b"\0\0\x0c\x01a\0\xff\x0c\x01b")
    assert message.options == (Option(12, b"a", Field.options, 2),)
    assert message.tail(Field.options) == b"\0\xff\x0c\x01b"
    assert message.tail(Field.file) is None


@pytest.mark.parametrize("value, read_too", [(1, b"of"), (2, b"os"), (3, b"ofs"), (0, b"o"), (4, b"o")])
def test_overloaded_areas_are_joined_in_the_order_options_file_sname(value, read_too):
    payload = bytearray(overloading(value) + b"\x0c\x01o\xff")
    payload[108:112] = b"\x0c\x01f\xff"
    payload[44:48] = b"\x0c\x01s\xff"
    message = decode(bytes(payload))
    assert message.joined()[12] == read_too
    assert encode(message) == payload
    assert message.file == (b"" if value in (1, 3) else bytes(payload[108:236]))
    assert message.sname == (b"" if value in (2, 3) else bytes(payload[44:108]))


def test_overload_in_file_does_not_give_another_area():
    payload = bytearray(overloading(1) + b"\xff")
    payload[108:112] = bytes((OVERLOAD, 1, 2, END))
    assert decode(bytes(payload)).tail(Field.sname) is None


@pytest.mark.parametrize(
    "wrong",
    [
        replace(BARE, op=256),
        replace(BARE, xid=-1),
        replace(BARE, flags=65536),
        replace(BARE, ciaddr=2**32),
        replace(BARE, sname=bytes(63)),
        replace(BARE, file=bytes(129)),
        replace(BARE, options=(Option(256, b""),)),
        replace(BARE, options=(Option(12, bytes(127), Field.file),)),
        replace(BARE, tails=((Field.sname, bytes(65)),)),
    ],
)
def test_what_does_not_fit_is_not_encoded(wrong):
    with pytest.raises(ValueError):
        encode(wrong)
