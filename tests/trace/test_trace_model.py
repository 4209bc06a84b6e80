"""What traces are, and the passage of time in them."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction

import pytest

from netoracle.trace import Entry, Trace, TraceError, parse_hol, with_epsilons
from netoracle.trace.model import seconds
from netspec.tcp.host0 import Lh_epsilon, Lh_tau

TAU = Lh_tau()


def trace_of(*times: int | None, base: int | None = None) -> Trace:
    """A trace of one label a line, at these microseconds."""
    labels = tuple(
        Entry(TAU, None if time is None else Fraction(time, 10**6), line=number, column=3)
        for number, time in enumerate(times, 1)
    )
    return Trace("f", "hol", labels=labels, base_time=None if base is None else Fraction(base, 10**6))


def kinds(trace: Trace) -> list[object]:
    return [e.label.dur * 10**6 if isinstance(e.label, Lh_epsilon) else "label" for e in trace.labels]


def test_differences_of_times_become_epsilons() -> None:
    assert kinds(with_epsilons(trace_of(5, 7, 7, 10))) == ["label", 2, "label", "label", 3, "label"]


def test_the_time_since_the_base_time_comes_first() -> None:
    assert kinds(with_epsilons(trace_of(5, base=1))) == [4, "label"]


def test_a_trace_that_has_epsilons_is_left_as_it_is() -> None:
    trace = parse_hol("(** 5.0 **) Lh_tau; Lh_epsilon(duration 7 0); (** 6.0 **) Lh_tau;")
    assert with_epsilons(trace) is trace


def test_a_trace_without_times_is_left_as_it_is() -> None:
    trace = trace_of(None, None)
    assert with_epsilons(trace) is trace


def test_time_that_runs_backwards_is_an_error_at_its_label() -> None:
    with pytest.raises(TraceError) as raised:
        with_epsilons(trace_of(5, 7, 4))
    assert str(raised.value) == ("f:3:3: time runs backwards: this label is 0.000003 s before what precedes it")


def test_a_label_before_the_base_time_is_an_error() -> None:
    with pytest.raises(TraceError, match="f:1:3: time runs backwards"):
        with_epsilons(trace_of(5, base=6))


def test_a_label_without_a_time_among_others_is_an_error() -> None:
    with pytest.raises(TraceError, match="f:2:3: this label has no absolute time"):
        with_epsilons(trace_of(5, None))


def test_places_and_paths_do_not_tell_traces_apart() -> None:
    trace = trace_of(1, 2)
    moved = replace(trace, path="g", labels=tuple(replace(e, line=9, column=9) for e in trace.labels))
    assert moved == trace


def test_traces_and_errors_travel_between_processes() -> None:
    trace = trace_of(1, 2)
    assert pickle.loads(pickle.dumps(trace)) == trace
    error = TraceError("f", 1, 2, "wrong")
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "f:1:2: wrong"


def test_an_error_is_one_line_whatever_it_names() -> None:
    assert str(TraceError("a\nb", None, None, "no\x1btrace")) == "a\\nb: no\\x1btrace"


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (Fraction(0), "0.000000"),
        (Fraction(12000345, 10**6), "12.000345"),
        (Fraction(1, 10**9), "0.000000001"),
        (Fraction(-3, 2), "-1.500000"),
        (Fraction(1, 3), "1/3"),
    ],
)
def test_seconds_are_written_exactly(time: Fraction, text: str) -> None:
    assert seconds(time) == text
