from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TypeVar

import pytest
from aux_sockets import foreign
from hypothesis import given
from hypothesis import strategies as st
from support import Scripted

from netspec.base.choose import PremiseFailed
from netspec.base.seq32 import Seq32
from netspec.tcp.aux_fns.reassembly import Reassembled, tcp_reass, tcp_reass_prune
from netspec.tcp.host_types import TcpReassSegment

T = TypeVar("T")


class Picks(Scripted):
    """Picks by position, and takes note of how many there were to pick from."""

    def __init__(self, picks: tuple[int, ...]) -> None:
        super().__init__()
        self.picks = picks
        self.sizes: list[int] = []

    def one_of(self, name: str, options: Iterable[T]) -> T:
        members = tuple(options)
        at = len(self.sizes)
        self.sizes.append(len(members))
        if not members:
            raise PremiseFailed
        return members[self.picks[at] if at < len(self.picks) else 0]


def every(seq: Seq32, *rsegs: TcpReassSegment) -> tuple[object, ...]:
    """All results, each once."""
    results: dict[object, None] = {}
    pending: list[tuple[int, ...]] = [()]
    while pending:
        choose = Picks(pending.pop())
        results[tcp_reass(seq, rsegs, choose)] = None
        made = (*choose.picks, *(0 for _ in choose.sizes[len(choose.picks) :]))
        for at in range(len(choose.picks), len(choose.sizes)):
            pending += ((*made[:at], other) for other in range(1, choose.sizes[at]))
    return tuple(results)


def only(seq: Seq32, *rsegs: TcpReassSegment) -> object:
    (member,) = every(seq, *rsegs)
    return member


def rseg(seq: int, data: bytes, urgent: int | None = None, FIN: bool = False) -> TcpReassSegment:
    return TcpReassSegment(foreign(seq), None if urgent is None else foreign(urgent), FIN, data)


def test_nothing_queued_gives_no_data() -> None:
    assert only(foreign(100)) == (b"", 0, False)


def test_segments_are_joined_up_to_a_gap() -> None:
    assert only(foreign(100), rseg(103, b"def"), rseg(100, b"abc"), rseg(107, b"h")) == (b"abcdef", 6, False)


def test_data_before_and_after_a_gap_are_left() -> None:
    assert only(foreign(100), rseg(101, b"bc")) == (b"", 0, False)
    assert only(foreign(100), rseg(97, b"xyz")) == (b"", 0, False)


def test_data_received_before_are_skipped() -> None:
    assert only(foreign(102), rseg(100, b"abcd")) == (b"cd", 2, False)


def test_sequence_numbers_wrap_around() -> None:
    assert only(foreign(2**32 - 2), rseg(2**32 - 2, b"ab"), rseg(0, b"cd", FIN=True)) == (b"abcd", 4, True)


def test_the_fin_counts_only_where_the_data_end_with_its_segment() -> None:
    assert only(foreign(100), rseg(100, b"ab", FIN=True)) == (b"ab", 2, True)
    assert only(foreign(100), rseg(100, b"ab", FIN=True), rseg(102, b"c")) == (b"abc", 3, False)
    assert only(foreign(100), rseg(102, b"c", FIN=True)) == (b"", 0, False)
    assert only(foreign(100), rseg(100, b"", FIN=True)) == (b"", 0, True)


def test_a_pulled_out_byte_takes_a_sequence_number_but_gives_no_data() -> None:
    # "abUcd" at 100 with U pulled out: the length counts it, the data lack it, and the FIN is after 105.
    assert only(foreign(100), rseg(100, b"abcd", urgent=102, FIN=True)) == (b"abcd", 5, True)
    assert only(foreign(102), rseg(100, b"abcd", urgent=102)) == (b"cd", 3, False)
    assert only(foreign(103), rseg(100, b"abcd", urgent=102)) == (b"cd", 2, False)
    assert only(foreign(100), rseg(100, b"", urgent=100)) == (b"", 1, False)
    assert only(foreign(100), rseg(100, b"ab", urgent=102)) == (b"ab", 3, False)


def test_segments_that_agree_where_they_overlap_give_one_result() -> None:
    assert only(foreign(100), rseg(100, b"abcd"), rseg(102, b"cdef")) == (b"abcdef", 6, False)


def test_segments_that_disagree_give_every_mixture() -> None:
    assert set(every(foreign(100), rseg(100, b"aXbYc"), rseg(100, b"aPbQc"))) == {
        (b"aXbYc", 5, False),
        (b"aXbQc", 5, False),
        (b"aPbYc", 5, False),
        (b"aPbQc", 5, False),
    }


def test_a_byte_may_be_pulled_out_of_one_copy_only() -> None:
    assert set(every(foreign(100), rseg(100, b"ac", urgent=101), rseg(100, b"abc"))) == {
        (b"ac", 3, False),
        (b"abc", 3, False),
    }


def test_a_result_that_two_mixtures_give_is_there_once() -> None:
    # Either of the two equal bytes may be the one that is pulled out.
    results = every(foreign(100), rseg(100, b"a", urgent=100), rseg(100, b"a", urgent=101))
    assert sorted(map(str, results)) == sorted(map(str, {(b"", 2, False), (b"a", 2, False), (b"aa", 2, False)}))


def test_a_byte_that_the_model_leaves_open_is_no_result() -> None:
    # The urgent byte is before the segment: its first byte is EL (Num ~1) data.
    with pytest.raises(PremiseFailed):
        tcp_reass(foreign(100), (rseg(100, b"ab", urgent=90),), Scripted())
    assert only(foreign(101), rseg(100, b"ab", urgent=90)) == (b"ab", 2, False)
    assert only(foreign(100), rseg(100, b"ab", urgent=90), rseg(100, b"Zab")) == (b"Zab", 3, False)
    # It is after the segment: the last of the three bytes is EL 2 data.
    with pytest.raises(PremiseFailed):
        tcp_reass(foreign(100), (rseg(100, b"ab", urgent=110),), Scripted())
    assert only(foreign(100), rseg(100, b"ab", urgent=110), rseg(102, b"Z")) == (b"abZ", 3, False)


def test_a_chosen_result_must_be_one_of_them() -> None:
    rsegs = (rseg(100, b"ab"), rseg(100, b"xy"))
    choices = {"data_reass, stretch 0": b"a", "data_reass, stretch 1": b"y"}
    assert tcp_reass(foreign(100), rsegs, Scripted(**choices)) == (b"ay", 2, False)
    with pytest.raises(PremiseFailed):
        tcp_reass(foreign(100), rsegs, Scripted(**{**choices, "data_reass, stretch 1": b"z"}))


def test_large_segments_are_not_taken_byte_by_byte() -> None:
    data = bytes(range(256)) * 4096
    urgent = 2**19 + 1
    without = data[:urgent] + data[urgent + 1 :]
    rsegs = (rseg(0, data), rseg(0, without, urgent), rseg(500, data[500:]), rseg(len(data), data))
    start = time.perf_counter()
    results = every(foreign(0), *rsegs)
    assert time.perf_counter() - start < 1
    length = 2 * len(data)
    assert set(results) == {(data + data, length, False), (without + data, length, False)}


# -- the definition itself, byte by byte -------------------------------------------------------------

OPEN = "open"


def myrel(i: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> set[int | str | None]:
    """Every c with (i,c) IN myrel; OPEN for the elements that EL leaves open."""

    def el(n: int, data: bytes) -> int | str:
        return data[n] if 0 <= n < len(data) else OPEN

    cs: set[int | str | None] = set()
    for one in rsegq:
        if i >= one.seq and i < one.seq + len(one.data) + (1 if one.spliced_urp is not None else 0):
            if one.spliced_urp is None:
                cs.add(el(i - one.seq, one.data))
            elif i > one.spliced_urp:
                cs.add(el(i - one.seq - 1, one.data))
            elif i == one.spliced_urp:
                cs.add(None)
            else:
                cs.add(el(i - one.seq, one.data))
    return cs


def naive(seq: Seq32, rsegq: tuple[TcpReassSegment, ...]) -> set[Reassembled]:
    chains: list[tuple[int | str | None, ...]] = [()]
    length = 0
    while cs := myrel(seq + length, rsegq):
        chains = [(*chain, c) for chain in chains for c in cs]
        length += 1
    FIN = any(
        one.seq + len(one.data) + (1 if one.spliced_urp is not None else 0) == seq + length and one.FIN for one in rsegq
    )
    return {(bytes(c for c in chain if isinstance(c, int)), length, FIN) for chain in chains if OPEN not in chain}


BASES = (0, 2**32 - 3, 2**31 - 2, 77)
places = st.integers(-4, 6)
segments = st.tuples(
    places, st.none() | st.integers(-6, 9), st.booleans(), st.lists(st.sampled_from(b"ab"), max_size=5).map(bytes)
)


@given(st.sampled_from(BASES), st.lists(segments, max_size=4))
def test_the_results_are_those_of_the_definition(base: int, queue: list[tuple[int, int | None, bool, bytes]]) -> None:
    seq = foreign(base)
    rsegq = tuple(
        TcpReassSegment(seq + place, None if urgent is None else seq + urgent, FIN, data)
        for place, urgent, FIN, data in queue
    )
    expected = naive(seq, rsegq)
    if not expected:
        with pytest.raises(PremiseFailed):
            tcp_reass(seq, rsegq, Scripted())
        return
    results = every(seq, *rsegq)
    assert len(results) == len(expected)
    assert set(results) == expected


# -- pruning -----------------------------------------------------------------------------------------


def test_prune_keeps_what_reaches_past_the_sequence_number() -> None:
    old, reaching, with_fin, urgent = (
        rseg(98, b"ab"),
        rseg(98, b"abc"),
        rseg(98, b"ab", FIN=True),
        rseg(98, b"ab", urgent=99),
    )
    assert tcp_reass_prune(foreign(100), (old, reaching, with_fin, urgent)) == (reaching, with_fin, urgent)


def test_prune_counts_a_fin_as_one() -> None:
    assert tcp_reass_prune(foreign(100), (rseg(97, b"ab", FIN=True), rseg(97, b"ab", urgent=98, FIN=True))) == (
        rseg(97, b"ab", urgent=98, FIN=True),
    )


def test_prune_wraps_around() -> None:
    before, across = rseg(2**32 - 2, b"a"), rseg(2**32 - 2, b"abcd")
    assert tcp_reass_prune(foreign(1), (before, across)) == (across,)
