"""Texts that are no HOL traces: each error names its place on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netoracle.trace import TraceError, parse_hol, print_hol

SEGMENT = (
    "Lh_senddatagram(TCP(<| is1 := NONE; is2 := NONE; ps1 := NONE; ps2 := NONE; seq := tcp_seq_local(n2w 1); "
    "ack := tcp_seq_foreign(n2w 1); URG := F; ACK := F; PSH := F; RST := F; SYN := F; FIN := F; "
    "win := n2w 5; ws := NONE; urp := n2w 0; mss := NONE; ts := NONE; data := [] |>));"
)
HOST = "initial_host (IP 1 2 3 4) (TID 1) (FreeBSD_4_6_RELEASE) F [] [] [] t r"


def error_of(text: str) -> str:
    with pytest.raises(TraceError) as raised:
        parse_hol(text, "f")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "f:1:1: the trace ends before its first label"),
        ("(* only *) (* remarks *)", "f:1:1: the trace ends before its first label"),
        ("Lh_tau;\n(* never closed", "f:2:1: this comment has no end"),
        ('Lh_call(TID 1, send(FD 1, NONE, "abc\n', "f:1:33: this string is not closed on its line"),
        ("Lh_tau;\nLh_tau )", "f:2:8: expected ';' or the end, found ')'"),
        ("Lh_tau; Lh_tau Lh_tau", "f:1:16: expected '(' or ')' or ';', found 'Lh_tau'"),
        (
            "Lh_tau;\n\n  Lh_call(TID 1",
            "f:3:16: the trace ends where a value or the end of a value should follow",
        ),
        ("hello", "f:1:1: expected a base time or a host line or a label, found 'hello'"),
        ("Lh_tau; \x00", "f:1:9: unexpected character '\\x00'"),
        ("Lh_foo(3);", "f:1:1: unknown label 'Lh_foo'"),
        ("Lh_epsilon;", "f:1:1: Lh_epsilon takes 1 arguments, found 0"),
        ("Lh_trace(TA_INPUT);", "f:1:1: Lh_trace takes 5 arguments, found 1"),
        ("Lh_call(TID 1, fork());", "f:1:16: expected a sockets call, found 'fork' ..."),
        ("Lh_call(TID 1, accept(FD 1, FD 2));", "f:1:16: accept takes 1 arguments, found 2"),
        ("Lh_call(TID 1, accept(8));", "f:1:23: expected a file descriptor (FD n), found '8'"),
        ("Lh_call(TID ~1, accept(FD 8));", "f:1:13: expected a thread, found -1"),
        ("Lh_call(TID 1, bind(FD 1, NONE, Port 5));", "f:1:33: expected NONE or SOME(...), found 'Port' ..."),
        (
            "Lh_call(TID 1, bind(FD 1, NONE, SOME(Port 65536)));",
            "f:1:43: expected a port of at most 65535, found 65536",
        ),
        (
            "Lh_call(TID 1, bind(FD 1, SOME(IP 1 2 3 256), NONE));",
            "f:1:41: expected an octet of at most 255, found 256",
        ),
        (
            f"Lh_call(TID {'9' * 41}, accept(FD 8));",
            "f:1:13: this number has more than 40 digits",
        ),
        (f"(** {'9' * 41}.0 **) Lh_tau;", "f:1:1: this number has more than 40 digits"),
        ("Lh_tau;\n(** 1/0 **) Lh_tau;", "f:2:1: division by zero"),
        ("Lh_epsilon(1/0);", "f:1:12: division by zero"),
        ("Lh_epsilon(~1/2);", "f:1:12: a duration cannot be negative"),
        ("Lh_return(TID 1, OK(FAIL));", "f:1:21: expected a value that a call can return, found 'FAIL'"),
        ("Lh_return(TID 1, FAIL(EWRONG));", "f:1:23: expected an error code, found 'EWRONG'"),
        ('Lh_return(TID 1, OK("\\q"));', "f:1:21: unknown escape \\q"),
        ('Lh_return(TID 1, OK("\\x100"));', "f:1:21: \\x100 is no byte"),
        (
            SEGMENT.replace("win := n2w 5", "win := n2w 65536"),
            "f:1:207: expected a 16-bit word of at most 65535, found 65536",
        ),
        (
            SEGMENT.replace("(n2w 1)", "(n2w 4294967296)", 1),
            "f:1:101: expected a 32-bit word of at most 4294967295, found 4294967296",
        ),
        (SEGMENT.replace("data := []", "data := [CHR 256]"), "f:1:269: a byte of this list is above 255"),
        (SEGMENT.replace("URG := F; ", ""), "f:1:21: a TCP segment lacks the field 'URG'"),
        (SEGMENT.replace("URG", "URGENT"), "f:1:136: a TCP segment has no field 'URGENT'"),
        (SEGMENT.replace("URG", "ACK"), "f:1:146: a TCP segment has the field 'ACK' twice"),
        (SEGMENT.replace("URG := F", "URG := 1"), "f:1:143: expected T or F, found '1'"),
        (f"{HOST.replace('FreeBSD', 'OpenBSD')} Lh_tau;", None),
        (f"{HOST} Lh_tau; {HOST}", "f:1:80: expected a label, found 'initial_host'"),
        (f"{HOST} {HOST} Lh_tau;", "f:1:72: a second host, and they are not both named"),
        ("abstime 1 2 abstime 3 4 Lh_tau;", "f:1:13: a second base time"),
        (f'net_initial_host "a" ({HOST}) Ln1_host("b", Lh_tau);', "f:1:104: no host line names '\"b\"'"),
        (f"{'(' * 101}", "f:1:101: brackets nest deeper than 100"),
        (f"{'(* ' * 101}", "f:1:1: comments nest deeper than 100"),
        (f"Lh_return(TID 1, OK({'1,' * 50}1));", "f:1:20: no call returns a tuple of 51"),
        (f"Lh_{'x' * 1000};", f"f:1:1: unknown label 'Lh_{'x' * 27}'..."),
    ],
)
def test_an_error_names_its_place_and_what_was_expected(text: str, error: str) -> None:
    found = error_of(text)
    assert found == (error or found)
    assert found.startswith("f:")


def test_an_architecture_that_the_model_does_not_have_is_named() -> None:
    found = error_of(f"{HOST.replace('FreeBSD_4_6_RELEASE', 'Plan9')} Lh_tau;")
    assert found.startswith("f:1:36: expected an architecture (FreeBSD_4_6_RELEASE, ")
    assert found.endswith(", found 'Plan9'")


@pytest.mark.parametrize("cut", range(1, len(SEGMENT) - 1, 7))
def test_a_truncated_label_is_an_error(cut: int) -> None:
    error_of(f"Lh_tau;\n{SEGMENT[:cut]}")


@given(st.text(max_size=60))
def test_any_text_is_a_trace_or_a_trace_error(text: str) -> None:
    try:
        print_hol(parse_hol(text))
    except TraceError as error:
        assert "\n" not in str(error)


@given(
    st.integers(0, len(SEGMENT)),
    st.integers(0, 9),
    st.sampled_from(["", "(", ")", "|>", ";", "~", "9" * 45, "SOME"]),
)
def test_a_damaged_label_is_a_trace_or_a_trace_error(start: int, length: int, put: str) -> None:
    text = SEGMENT[:start] + put + SEGMENT[start + length :]
    try:
        parse_hol(text)
    except TraceError as error:
        assert error.line == 1
        assert error.column is not None
        assert 1 <= error.column <= len(text) + 1
