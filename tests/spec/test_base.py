from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import immutables
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.base.base_types import (
    ETH,
    FAIL,
    FD,
    LO,
    NETMASK,
    O_ASYNC,
    O_NONBLOCK,
    OK,
    SO_LINGER,
    Fail,
    Ip,
    OK_bool,
    OK_fdipport,
    OK_fdlisttriple,
    OK_fileflags,
    OK_getifaddrs_ret,
    OK_int,
    OK_intpair_option,
    OK_ipport,
    OK_ipportlift,
    OK_one,
    OK_string_ipportpair_pair,
    Port,
    TL_err,
    TL_fd,
    TL_int,
    TL_ip,
    TL_list,
    TL_one,
    TL_option,
    TL_pair,
    TLang,
    TLang_type,
    TLty_bool,
    TLty_err,
    TLty_fd,
    TLty_int,
    TLty_lift,
    TLty_list,
    TLty_pair,
    tlang_typing,
)
from netspec.base.choose import PremiseFailed
from netspec.base.errors import EADDRINUSE, EHOSTDOWN, Error
from netspec.base.seq32 import (
    Seq32,
    Side,
    seq32_fromto,
    tcp_seq_flip_sense,
    tcp_seq_foreign,
    tcp_seq_local,
    ts_seq,
)
from netspec.base.signals import SIGABRT, SIGXFSZ, Signal
from netspec.base.time import (
    TimeInfty,
    abstime,
    duration,
    real_mult_time,
    realopt_of_time,
    the_time,
    time_gt,
    time_gte,
    time_infty,
    time_lt,
    time_lte,
    time_max,
    time_min,
    time_minus_dur,
    time_plus_dur,
    time_zero,
)
from netspec.base.utils import (
    ABS,
    ASSERTION_FAILURE,
    CHR,
    CONCAT_OPTIONAL,
    DROP,
    INSERT_ORDERED,
    MAP_OPTIONAL,
    MAX,
    MIN,
    ORD,
    ORDERINGS,
    REPLICATE,
    SPLIT,
    TAKE,
    TAKEWHILE,
    Num,
    clip_int_to_num,
    decr_list,
    fm_exists,
    funupd,
    funupd_list,
    n2w,
    num_floor,
    num_floor_and_frac,
    num_minus,
    real_of_int,
    rounddown,
    roundup,
    w2n,
)
from netspec.tcp import lib_interface as lib

WORDS = st.integers(0, 2**32 - 1)
NUMS = st.integers(0, 2**40)
INTS = st.integers(-(2**40), 2**40)
REALS = st.fractions()
TIMES = st.one_of(REALS, st.just(time_infty))


@dataclass(frozen=True)
class StandIn:
    """A number that is not a number for Python, as an unknown is."""

    log: tuple[object, ...] = ()

    def max_with(self, other: object) -> StandIn:
        return StandIn(("max", other))

    def min_with(self, other: object) -> StandIn:
        return StandIn(("min", other))

    def abs_value(self) -> StandIn:
        return StandIn(("abs",))

    def __le__(self, other: object) -> bool:
        """Leave the answer to the other operand."""
        return NotImplemented

    __lt__ = __ge__ = __gt__ = __add__ = __sub__ = __mul__ = __le__


# -- numbers ------------------------------------------------------------------------------


@given(NUMS, NUMS)
def test_subtraction_of_naturals_stops_at_zero(a: int, b: int) -> None:
    assert num_minus(a, b) == (a - b if a >= b else 0)


@given(INTS)
def test_integers_as_naturals(i: int) -> None:
    assert clip_int_to_num(i) == (i if i >= 0 else 0)
    if i >= 0:
        assert Num(i) == i
    else:
        with pytest.raises(PremiseFailed):
            Num(i)


@given(st.integers(1, 10000), NUMS)
def test_rounding(bs: int, v: int) -> None:
    up = roundup(bs, v)
    assert up % bs == 0 and up - bs < v <= up
    down = rounddown(bs, v)
    assert down == v if v < bs else (down % bs == 0 and down <= v < down + bs)


@given(REALS)
def test_natural_below_a_real(x: Fraction) -> None:
    n, frac = num_floor_and_frac(x)
    assert n == num_floor(x) >= 0
    assert n + 1 > x and (n == 0 or not n > x)
    assert n + frac == x


def test_words_and_bytes() -> None:
    assert n2w(65536 + 7, 16) == 7
    assert w2n(n2w(65535, 16)) == 65535
    assert (CHR(255), ORD(255)) == (255, 255)
    for n in (-1, 256):
        with pytest.raises(PremiseFailed):
            CHR(n)


def test_reals_are_exact() -> None:
    assert isinstance(real_of_int(-3), Fraction)
    assert real_of_int(-3) == -3


@given(INTS, INTS)
def test_extremes_of_numbers(a: int, b: int) -> None:
    assert (MAX(a, b), MIN(a, b), ABS(a)) == (max(a, b), min(a, b), abs(a))


@given(TIMES, TIMES)
def test_extremes_of_times(a: Any, b: Any) -> None:
    assert MAX(a, b) == time_max(a, b)
    assert MIN(a, b) == time_min(a, b)


@pytest.mark.parametrize("other", [0, Fraction(1, 2)])
def test_a_stand_in_answers_for_itself(other: Any) -> None:
    unknown: Any = StandIn()
    assert MAX(unknown, other) == MAX(other, unknown) == StandIn(("max", other))
    assert MIN(unknown, other) == MIN(other, unknown) == StandIn(("min", other))
    assert ABS(unknown) == StandIn(("abs",))


def test_extremes_of_a_stand_in_and_infinity() -> None:
    unknown: Any = StandIn()
    assert MAX(unknown, time_infty) is MAX(time_infty, unknown) is time_infty
    assert MIN(unknown, time_infty) is MIN(time_infty, unknown) is unknown


# -- maps and lists ---------------------------------------------------------------------------


def test_changing_functions() -> None:
    f = immutables.Map({"x": 1, "y": 2})
    assert funupd(f, "x", 5) == immutables.Map({"x": 5, "y": 2})
    assert funupd_list(f, [("x", 5), ("y", 6), ("x", 7)]) == immutables.Map({"x": 7, "y": 6})
    assert fm_exists(f, lambda k, v: k == "y" and v == 2)
    assert not fm_exists(f, lambda k, v: k == "x" and v == 2)


@given(st.integers(0, 12), st.binary(max_size=8))
def test_splitting(n: int, rs: bytes) -> None:
    assert SPLIT(n, rs) == (TAKE(n, rs), DROP(n, rs))
    assert TAKE(n, rs) + DROP(n, rs) == rs
    assert len(TAKE(n, rs)) == min(n, len(rs))
    assert (TAKE(n, tuple(rs)), DROP(n, tuple(rs))) == (tuple(TAKE(n, rs)), tuple(DROP(n, rs)))


def test_lists() -> None:
    assert TAKEWHILE(lambda n: n < 3, (1, 5, 2)) == (1, 2)
    assert REPLICATE(3, "a") == ("a", "a", "a")
    assert decr_list(2, (1, 2, 5)) == (0, 3)
    assert MAP_OPTIONAL(lambda n: n or None, (0, 1, 2)) == (1, 2)
    assert CONCAT_OPTIONAL((None, 0, None, 3)) == (0, 3)
    assert INSERT_ORDERED({3}, (1, 2, 3, 4), {1}) == (1, 3)


def test_orderings_of_a_set() -> None:
    assert ORDERINGS(frozenset({1, 2}), (2, 1))
    assert not ORDERINGS(frozenset({1, 2}), (2, 1, 2))
    assert not ORDERINGS(frozenset({1, 2}), (2, 3))


def test_an_assertion_failure_is_a_premise_that_fails() -> None:
    with pytest.raises(PremiseFailed, match="never"):
        ASSERTION_FAILURE("never")


# -- sequence numbers -----------------------------------------------------------------------------


@given(WORDS, INTS)
def test_sequence_numbers_wrap_around(n: int, k: int) -> None:
    s = tcp_seq_local(n)
    assert 0 <= (s + k).n < 2**32
    assert (s + k) - k == s
    assert s - k == s + -k
    assert ((s + k) - s - k) % 2**32 == 0
    assert -(2**31) <= (s + k) - s < 2**31


@given(WORDS, st.integers(1, 2**31 - 1))
def test_order_of_sequence_numbers(n: int, k: int) -> None:
    s = tcp_seq_foreign(n)
    assert s < s + k and s <= s + k and s + k > s and s + k >= s
    assert not (s > s + k or s >= s + k or s + k < s or s + k <= s)
    assert s <= s and s >= s and not s < s and not s > s
    assert MAX(s, s + k) == MAX(s + k, s) == s + k
    assert MIN(s, s + k) == MIN(s + k, s) == s


@given(WORDS)
def test_opposite_sequence_numbers_are_each_below_the_other(n: int) -> None:
    s, t = tcp_seq_local(n), tcp_seq_local(n) + 2**31
    assert s < t and t < s
    assert (MIN(s, t), MAX(s, t)) == (s, t)


def test_sides_do_not_mix() -> None:
    s, t = tcp_seq_local(1), tcp_seq_foreign(1)
    assert s != t
    assert s != 1
    for compare in (Seq32.__lt__, Seq32.__le__, Seq32.__gt__, Seq32.__ge__, Seq32.__sub__):
        with pytest.raises(TypeError):
            compare(s, t)
    with pytest.raises(TypeError):
        seq32_fromto(Side.TcpForeign, Side.TcpLocal, s)


def test_the_other_end() -> None:
    s = tcp_seq_local(7)
    assert tcp_seq_flip_sense(s) == tcp_seq_foreign(7)
    assert tcp_seq_flip_sense(tcp_seq_flip_sense(s)) == s
    with pytest.raises(TypeError):
        tcp_seq_flip_sense(ts_seq(7))


def test_equal_sequence_numbers_are_one_key() -> None:
    assert len({tcp_seq_local(1), tcp_seq_local(0) + 1, tcp_seq_foreign(1)}) == 2


def test_the_result_of_comparing_unknowns_is_kept() -> None:
    class Unknown:
        def __eq__(self, other: object) -> Any:
            return "equal?"

        def __ne__(self, other: object) -> Any:
            return "unequal?"

        __hash__ = object.__hash__

    unknown: Any = Unknown()
    s: Any = Seq32(Side.TcpLocal, unknown)
    assert (s == tcp_seq_local(1)) == "equal?"
    assert (s != tcp_seq_local(1)) == "unequal?"


# -- times ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [Fraction(0), Fraction(10**9), StandIn()])
def test_infinity_is_above_everything(x: Any) -> None:
    assert x < time_infty and x <= time_infty and time_infty > x and time_infty >= x
    assert not (x > time_infty or x >= time_infty or time_infty < x or time_infty <= x)
    assert x != time_infty and time_infty != x


@pytest.mark.parametrize("x", [Fraction(0), Fraction(-7, 2), StandIn()])
def test_infinity_absorbs(x: Any) -> None:
    assert time_infty + x is x + time_infty is time_infty - x is time_infty
    assert time_infty * x is x * time_infty is time_infty


def test_infinity_is_one() -> None:
    assert time_infty == time_infty and time_infty <= time_infty and time_infty >= time_infty
    assert not (time_infty < time_infty or time_infty > time_infty or time_infty != time_infty)
    assert copy.deepcopy(time_infty) is pickle.loads(pickle.dumps(time_infty)) is time_infty
    assert isinstance(time_infty, TimeInfty)
    with pytest.raises(TypeError):
        time_infty - time_infty


@given(TIMES, TIMES)
def test_order_of_times(x: Any, y: Any) -> None:
    assert time_lt(x, y) == time_gt(y, x) == (not time_lte(y, x))
    assert time_lte(x, y) == time_gte(y, x)


def test_arithmetic_of_times() -> None:
    half = Fraction(1, 2)
    assert time_plus_dur(time_zero, half) == half
    assert time_minus_dur(half, half) == 0
    assert real_mult_time(Fraction(8), half) == 4
    assert real_mult_time(Fraction(0), time_infty) is time_infty
    assert time_plus_dur(time_infty, half) is time_minus_dur(time_infty, half) is time_infty


def test_times_from_and_to_numbers() -> None:
    assert duration(1, 500000) == abstime(1, 500000) == Fraction(3, 2)
    assert isinstance(duration(1, 0), Fraction)
    assert the_time(Fraction(3)) == realopt_of_time(Fraction(3)) == 3
    assert realopt_of_time(time_infty) is None
    with pytest.raises(PremiseFailed):
        the_time(time_infty)


# -- base types ---------------------------------------------------------------------------------------------


def test_names_are_those_of_the_members() -> None:
    assert Error["EADDRINUSE"] is EADDRINUSE and Error["EHOSTDOWN"] is EHOSTDOWN
    assert Signal["SIGABRT"] is SIGABRT and Signal["SIGXFSZ"] is SIGXFSZ
    assert len(Error) == 81
    assert len(Signal) == 28


def test_results() -> None:
    i, p = Ip(1), Port(2)
    assert FAIL(EADDRINUSE) == TL_err(Fail(EADDRINUSE))
    assert OK_one() == OK(TL_one())
    assert OK_ipport(i, p) == OK(TL_pair(TL_ip(i), OK_ipport(i, p).v.v.b))  # type: ignore[union-attr]
    assert OK_ipportlift(None, None) == OK(TL_pair(TL_option(None), TL_option(None)))
    assert OK_intpair_option((1, 2)) == OK(TL_option(TL_pair(TL_int(1), TL_int(2))))
    assert OK_intpair_option(None) == OK(TL_option(None))
    assert OK_fdlisttriple((FD(3),), (), ()) == OK(TL_pair(TL_list((TL_fd(FD(3)),)), TL_pair(TL_list(()), TL_list(()))))


INT_PAIR = TLty_pair(TLty_int, TLty_int)


@pytest.mark.parametrize(
    ("v", "ty", "typed"),
    [
        (OK_int(1), TLty_err(TLty_int), True),
        (OK_int(1), TLty_err(TLty_bool), False),
        (OK_int(1), TLty_int, False),
        (FAIL(EADDRINUSE), TLty_err(TLty_int), True),
        (OK_intpair_option((1, 2)), TLty_err(TLty_lift(INT_PAIR)), True),
        (OK_intpair_option(None), TLty_err(TLty_lift(INT_PAIR)), True),
        (OK_intpair_option((1, 2)), TLty_err(INT_PAIR), False),
        (TL_list((TL_fd(FD(1)), TL_fd(FD(2)))), TLty_list(TLty_fd), True),
        (TL_list((TL_fd(FD(1)), TL_int(2))), TLty_list(TLty_fd), False),
    ],
)
def test_typing(v: TLang, ty: TLang_type, typed: bool) -> None:
    assert tlang_typing(v, ty) is typed


def test_results_have_the_types_of_their_calls() -> None:
    fd, i, p = FD(3), Ip(1), Port(2)
    results: list[tuple[lib.LIB_interface, TLang]] = [
        (lib.accept(fd), OK_fdipport(fd, i, p)),
        (lib.getfileflags(fd), OK_fileflags((O_NONBLOCK, O_ASYNC))),
        (lib.getifaddrs(), OK_getifaddrs_ret([(LO, i, (i,), NETMASK(8)), (ETH(0), i, (), NETMASK(24))])),
        (lib.getpeername(fd), OK_ipport(i, p)),
        (lib.getsockname(fd), OK_ipportlift(None, p)),
        (lib.getsocktopt(fd, SO_LINGER), OK_intpair_option((1, 0))),
        (lib.pselect((), (), (), None, None), OK_fdlisttriple((fd,), (), ())),
        (lib.recv(fd, 1, ()), OK_string_ipportpair_pair(b"x", None)),
        (lib.sockatmark(fd), OK_bool(True)),
        (lib.close(fd), OK_one()),
    ]
    for call, result in results:
        assert tlang_typing(result, TLty_err(lib.retType(call)))
    assert not tlang_typing(OK_one(), TLty_err(lib.retType(lib.accept(fd))))


def test_a_udp_recv_has_optional_addresses_that_its_call_type_has_not() -> None:
    result = OK_string_ipportpair_pair(b"x", ((Ip(1), Port(2)), True))
    assert not tlang_typing(result, TLty_err(lib.retType(lib.recv(FD(3), 1, ()))))


def test_groups_of_calls() -> None:
    fd = FD(3)
    assert lib.fd_op(fd, lib.dup(fd)) and not lib.fd_sockop(fd, lib.dup(fd))
    assert lib.fd_op(fd, lib.accept(fd)) and lib.fd_sockop(fd, lib.accept(fd))
    assert not lib.fd_op(FD(4), lib.accept(fd))
    assert not lib.fd_op(fd, lib.pselect((fd,), (), (), None, None))
