"""Messages from octets and back."""

from dataclasses import replace

import pytest
from dhcp_support import see
from hypothesis import given
from hypothesis import strategies as st

from netspec.dhcp.message.codec import FIXED_SIZE, MalformedMessage, decode, encode, read
from netspec.dhcp.message.types import COOKIE, Field, Kind, Option

WHOLE = encode(see(Kind.discover).message)
areas = st.binary(max_size=400) | st.lists(st.sampled_from([0, 1, 2, 3, 12, 52, 53, 255])).map(bytes)


@given(st.binary(min_size=FIXED_SIZE, max_size=FIXED_SIZE), st.sampled_from([COOKIE, b"", b"\1\2\3\4"]), areas)
def test_whatever_is_read_is_written_the_same(fixed, cookie, area):
    payload = fixed + cookie + area
    assert encode(read(payload)[0]) == payload


@given(st.sampled_from([1, 2, 3]), st.binary(min_size=64, max_size=64), st.binary(min_size=128, max_size=128))
def test_overloaded_fields_are_written_the_same(overload, sname, file):
    payload = WHOLE[:44] + sname + file + COOKIE + bytes((52, 1, overload, 255))
    message, _ = read(payload)
    assert encode(message) == payload
    assert (message.file == b"") == (overload in (1, 3)) and (message.sname == b"") == (overload in (2, 3))


def test_file_is_read_before_sname_and_instances_are_joined():
    file, sname = b"\x0c\x01b\xff".ljust(128, b"\0"), b"\x0c\x01c\xff".ljust(64, b"\0")
    message = decode(WHOLE[:44] + sname + file + COOKIE + b"\x0c\x01a\x34\x01\x03\xff")
    assert message.joined()[12] == b"abc"
    assert [option.field for option in message.options if option.code == 12] == [
        Field.options,
        Field.file,
        Field.sname,
    ]


@pytest.mark.parametrize(
    "payload, offset",
    [
        (b"", 0),
        (WHOLE[:235], 235),
        (WHOLE[:236] + b"\1\2\3\4", 236),
        (WHOLE[:240] + b"\0\x0c\x09abc", 241),
        (WHOLE[:240] + b"\x0c", 240),
        (WHOLE[:108] + b"\x0c\xff".ljust(128, b"\0") + COOKIE + b"\x34\1\1\xff", 108),
    ],
)
def test_what_is_no_message_is_refused_with_the_offset(payload, offset):
    with pytest.raises(MalformedMessage) as refused:
        decode(payload)
    assert refused.value.offset == offset


@pytest.mark.parametrize(
    "changed",
    [
        {"xid": 2**32},
        {"chaddr": bytes(17)},
        {"sname": b""},
        {"options": (Option(12, b"a", Field.file),)},
        {"options": (Option(12, bytes(256)),)},
    ],
)
def test_what_does_not_fit_is_not_written(changed):
    with pytest.raises(ValueError):
        encode(replace(see(Kind.discover).message, **changed))
