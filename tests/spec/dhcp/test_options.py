"""The table of options, and values with a structure: one value that is right and one that is not for each rule."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.dhcp.message.options import LIMITS, OPTIONS, SIZE, UNIT, Form, wrong_size, wrong_value
from netspec.dhcp.message.structure import STRUCTURES

RFC2132 = [*range(1, 62), *range(64, 77)]


@pytest.mark.parametrize("code", RFC2132)
def test_every_option_of_rfc_2132_is_defined(code):
    assert OPTIONS[code].source == "RFC 2132"


@pytest.mark.parametrize("code", OPTIONS)
def test_a_value_of_the_least_size_fits_and_a_smaller_one_does_not(code):
    least = OPTIONS[code].least
    assert wrong_size(code, b"\2" * least) is None
    if least:
        assert wrong_size(code, b"\2" * (least - 1)) is not None


@pytest.mark.parametrize(
    "code, right, wrong",
    [
        (97, bytes(17), bytes(16)),
        (97, b"\1" * 9, bytes(9)),
        (120, b"\1" + bytes(8), b"\1" + bytes(7)),
        (120, b"\0\1a\0", b"\1\1a\0"),
        (94, b"\1\2\x0b", b"\1\2\x0b\0"),
    ],
)
def test_a_size_that_the_first_octet_gives(code, right, wrong):
    assert wrong_size(code, right) is None
    assert wrong_size(code, wrong) is not None


@pytest.mark.parametrize("code", [code for code, one in OPTIONS.items() if one.form in SIZE])
def test_a_fixed_size_is_neither_less_nor_more(code):
    assert wrong_size(code, bytes(SIZE[OPTIONS[code].form] + 1)) is not None


@pytest.mark.parametrize("code", [code for code, one in OPTIONS.items() if one.form in UNIT])
def test_what_repeats_is_whole(code):
    unit = UNIT[OPTIONS[code].form]
    assert wrong_size(code, bytes(3 * unit)) is None
    assert wrong_size(code, bytes(3 * unit + 1)) is not None


# The sizes as RFC 2132 gives them, apart from the table that is tested.
@pytest.mark.parametrize(
    "codes, right, wrong",
    [
        ((1, 2, 16, 24, 28, 32, 35, 38, 50, 51, 54, 58, 59), (4,), (0, 3, 5, 8)),
        ((13, 22, 26, 57), (2,), (0, 1, 3, 4)),
        ((19, 20, 23, 27, 29, 30, 31, 34, 36, 37, 39, 46, 52, 53), (1,), (0, 2)),
        ((*range(3, 12), 41, 42, 44, 45, 48, 49, 65, *range(69, 77)), (4, 8, 252), (0, 2, 6)),
        ((21, 33), (8, 16), (0, 4, 12)),
        ((25,), (2, 4), (0, 1, 3)),
        ((12, 14, 15, 17, 18, 40, 43, 47, 55, 56, 60, 64, 66, 67), (1, 255), (0,)),
        ((61,), (2, 255), (0, 1)),
        ((68,), (0, 4), (2,)),
    ],
)
def test_sizes_are_those_of_the_text(codes, right, wrong):
    for code in codes:
        assert all(wrong_size(code, bytes(size)) is None for size in right), code
        assert all(wrong_size(code, bytes(size)) is not None for size in wrong), code


@pytest.mark.parametrize("code, least, most", [(code, *limits) for code, limits in LIMITS.items()])
def test_limits_hold_at_both_ends(code, least, most):
    size = SIZE[OPTIONS[code].form]
    assert wrong_value(code, least.to_bytes(size)) is None
    assert wrong_value(code, most.to_bytes(size)) is None
    assert wrong_value(code, (least - 1).to_bytes(size)) is not None
    if most + 1 < 256**size:
        assert wrong_value(code, (most + 1).to_bytes(size)) is not None


@pytest.mark.parametrize("code", [code for code, one in OPTIONS.items() if one.form is Form.boolean])
def test_a_boolean_is_0_or_1(code):
    assert [wrong_value(code, bytes((value,))) is None for value in (0, 1, 2, 255)] == [True, True, False, False]


@pytest.mark.parametrize(
    "code, right, wrong",
    [
        (22, "0240", "023f"),
        (26, "0044", "0043"),
        (57, "0240", "023f"),
        (23, "01", "00"),
        (37, "ff", "00"),
        (52, "03", "04"),
        (46, "08", "03"),
        (25, "0044 0128", "0043 0128"),
        (25, "0044 0044", "0128 0044"),
        (33, "0a000000 0a000001", "00000000 0a000001"),
        (33, "0a000000 00000000", "0a000000 0a000001 00000000 0a000001"),
    ],
)
def test_a_value_is_within_what_the_option_allows(code, right, wrong):
    assert wrong_value(code, bytes.fromhex(right)) is None
    assert wrong_value(code, bytes.fromhex(wrong)) is not None


@pytest.mark.parametrize("code", [62, 63, 128, 150, 224, 249])
def test_an_option_without_one_form_is_carried(code):
    assert wrong_size(code, b"") is None
    assert wrong_value(code, b"/boot/menu") is None


LABEL = b"\x3f" + b"a" * 63
FOUR = LABEL * 3


@pytest.mark.parametrize(
    "code, right, wrong",
    [
        (61, b"\xff" + bytes(7), b"\xff" + bytes(6)),
        (61, b"\x01" + bytes(6), b"\xff"),
        (81, b"\x05\0\0\4host", b"\x05\0\0\5host"),
        (81, b"\x04\0\0\4host\0", b"\x04\0\0\x40" + b"a" * 64),
        (81, b"\x08\0\0", b"\x09\0\0"),
        (81, b"\x07\0\0", b"\x10\0\0"),
        (82, b"\1\3abc\2\0", b"\1\3abc\2"),
        (82, b"\1\3abc", b"\1\4abc"),
        (82, b"\5\4abcd", b"\5\3abc"),
        (82, b"\x0b\4abcd\x0a\1\x80", b"\x0b\4abcd\x0a\2\x80\0"),
        (77, b"\1a\2bc", b"\1a\2b"),
        (77, b"\1a", b"\1a\0"),
        (114, b"https://a.example/api", b"https://a.example/api\0"),
        (114, b"urn:ietf:params:capport:unrestricted", b"a.example/api"),
        (114, b"https://[2001:db8::1]/", b"https://a b/"),
        (114, b"https://a.example/%c3", b"https://a.example/\xc3\xa4"),
        (119, b"\3foo\0", b"\3foo"),
        (119, b"\3foo\0\1a\xc0\0", b"\3foo\0\1a\xc0"),
        (119, b"\3foo\0\1a\xc0\0\1b\xc0\5", b"\3foo\0\1a\xc0\2"),
        (119, b"\1a\1b\0\1c\xc0\2", b"\1a\1b\xc0\0"),
        (119, b"\1a\0\xc0\0", b"\xc0\0"),
        (119, b"\1a\0\xc0\0", b"\1a\0\xc0\7\1b\0"),
        (119, LABEL + b"\0", b"\x40" + b"a" * 64 + b"\0"),
        (119, FOUR + b"\x3d" + b"a" * 61 + b"\0", FOUR + b"\x3e" + b"a" * 62 + b"\0"),
        (119, FOUR + b"\0\x3d" + b"a" * 61 + b"\xc0\0", FOUR + b"\0\x3e" + b"a" * 62 + b"\xc0\0"),
        (121, b"\0\1\2\3\4", b"\0\1\2\3"),
        (121, b"\x20\1\2\3\4\1\2\3\4", b"\x21\1\2\3\4\5\1\2\3\4"),
        (121, b"\x11\1\2\3\1\2\3\4\x08\x0a\1\2\3\4", b"\x11\1\2\1\2\3\4"),
        (124, b"\0\0\0\1\2\1a\0\0\0\2\0", b"\0\0\0\1\2\1a\0\0\0\2"),
        (124, b"\0\0\0\1\2\1a", b"\0\0\0\1\3\1a"),
        (124, b"\0\0\0\1\4\1a\1b", b"\0\0\0\1\4\1a\2b"),
        (125, b"\0\0\0\1\5\1\1a\2\0", b"\0\0\0\1\4\1\1a\2"),
        (125, b"\0\0\0\1\3\1\1a", b"\0\0\0\1\3\1\2a"),
    ],
)
def test_a_value_with_a_structure_is_whole(code, right, wrong):
    looks = STRUCTURES[code][1]
    assert looks(right) is None
    assert looks(wrong) is not None


@pytest.mark.parametrize("code, one", [(124, b"\0\0\0\1\2\1a"), (125, b"\0\0\0\1\2\1\0")])
def test_an_enterprise_may_be_there_twice(code, one):
    assert STRUCTURES[code][1](one + one) is None


@pytest.mark.parametrize("free", [b"\0", b"\xff", b"\0\0\0", b"\1\1a\xff"])
def test_a_vendor_chooses_the_format_of_codes_0_and_255(free):
    assert STRUCTURES[125][1](b"\0\0\0\1" + bytes((len(free),)) + free) is None


@given(st.sampled_from(sorted(STRUCTURES)), st.binary(max_size=300))
def test_no_value_makes_looking_fail(code, value):
    found = STRUCTURES[code][1](value)
    assert found is None or isinstance(found, str)


@given(st.integers(0, 255), st.binary(max_size=300))
def test_a_value_of_a_wrong_size_is_not_looked_at(code, value):
    if wrong_size(code, value) is not None:
        assert wrong_value(code, value) is None


@pytest.mark.parametrize("code", sorted(STRUCTURES))
@pytest.mark.parametrize("octet", [b"\0", b"\xc0\0", b"\1a", b"\0\0\0\1\0", b"\xff"])
def test_the_largest_value_is_looked_at_in_no_time(code, octet):
    value = octet * (65000 // len(octet))
    begun = time.perf_counter()
    STRUCTURES[code][1](value)
    assert time.perf_counter() - begun < 2
