"""µTCP's trace log, read."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netoracle.trace import ApiCall, Entry, Flow, TraceError, parse_utcp_log
from netspec.base.base_types import Port
from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp.host0 import Lh_recvdatagram, Lh_senddatagram
from netspec.tcp.net_types import TCP, TcpSegment
from netspec.tcp.pre_host_types import IP

UTCP, LINUX = IP(10, 9, 0, 2), IP(10, 9, 0, 1)
FLOW = Flow(UTCP, Port(11), LINUX, Port(34116))
PREFIX = "Nov 23 09:38:06 user.debug 10.9.0.2 tcp.tracing 10.9.0.2:11 -> 10.9.0.1:34116 "
SYN = PREFIX + "[2887316152069ns] handle_buf 0 hUQAC7HHbXIAAAAAoAL68AAAAAACBAW0BAIICvRf61gAAAAAAQMDCg==\n"
SYN_ACK = PREFIX + "[2887316465580ns] out 0 AAuFRHLgPjaxx21zcBL//xVaAAACBAW0AwMGAA==\n"


def line(rest: str) -> str:
    return f"{PREFIX}[5ns] {rest}\n"


def segment(options: bytes = b"", flags: int = 0x10, payload: bytes = b"") -> str:
    """A segment that the remote end sends, as the log writes it."""
    header = b"\x85\x44\x00\x0b\x00\x00\x00\x01\x00\x00\x00\x02"
    header += bytes([(5 + len(options) // 4) << 4, flags]) + b"\x00\x07\x00\x00\x00\x09" + options
    return f"{len(payload)} {base64.b64encode(header + payload).decode()}"


def error_of(text: str) -> str:
    with pytest.raises(TraceError) as raised:
        parse_utcp_log(text, "f")
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_received_segment_is_named_by_its_sender() -> None:
    (entry,) = parse_utcp_log(SYN).labels
    assert entry == Entry(
        Lh_recvdatagram(
            TCP(
                TcpSegment(
                    is1=LINUX,
                    is2=UTCP,
                    ps1=Port(34116),
                    ps2=Port(11),
                    seq=tcp_seq_local(0xB1C76D72),
                    ack=tcp_seq_foreign(0),
                    URG=False,
                    ACK=False,
                    PSH=False,
                    RST=False,
                    SYN=True,
                    FIN=False,
                    win=64240,
                    ws=10,
                    urp=0,
                    mss=1460,
                    ts=(ts_seq(0xF45FEB58), ts_seq(0)),
                    data=b"",
                )
            )
        ),
        Fraction(2887316152069, 10**9),
        "handle_buf",
    )
    assert (entry.line, entry.column) == (1, 1)


def test_a_sent_segment_is_named_by_its_sender() -> None:
    (entry,) = parse_utcp_log(SYN_ACK).labels
    assert isinstance(entry.label, Lh_senddatagram)
    sent = entry.label.msg.v
    assert isinstance(sent, TcpSegment)
    assert (sent.is1, sent.ps1, sent.is2, sent.ps2) == (UTCP, Port(11), LINUX, Port(34116))
    assert (sent.SYN, sent.ACK, sent.win, sent.ws, sent.mss, sent.ts) == (True, True, 65535, 6, 1460, None)


def test_flags_urgent_pointer_and_data_are_read() -> None:
    (entry,) = parse_utcp_log(line("handle_buf " + segment(flags=0xFF, payload=b"abc"))).labels
    assert isinstance(entry.label, Lh_recvdatagram)
    seg = entry.label.msg.v
    assert isinstance(seg, TcpSegment)
    assert all((seg.URG, seg.ACK, seg.PSH, seg.RST, seg.SYN, seg.FIN))
    assert (seg.win, seg.urp, seg.data) == (7, 9, b"abc")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (b"", (None, None, None)),
        (b"\x01\x03\x03\x0e", (None, 14, None)),
        (b"\x04\x02\x01\x01", (None, None, None)),
        (b"\x00\x02\x04\x05", (None, None, None)),
        (b"\x02\x04\x05\xb4\xfe\x04\x00\x00", (1460, None, None)),
        (b"\x01\x01\x08\x0a\x00\x00\x00\x05\x00\x00\x00\x06", (None, None, (ts_seq(5), ts_seq(6)))),
    ],
)
def test_options_that_the_model_has_are_read_and_others_skipped(options: bytes, found: tuple[Any, ...]) -> None:
    (entry,) = parse_utcp_log(line("handle_buf " + segment(options))).labels
    assert isinstance(entry.label, Lh_recvdatagram)
    seg = entry.label.msg.v
    assert isinstance(seg, TcpSegment)
    assert (seg.mss, seg.ws, seg.ts) == found


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("connect", ApiCall("connect", FLOW)),
        ("receive", ApiCall("receive", FLOW)),
        ("close", ApiCall("close", FLOW)),
        ("shutdown_read", ApiCall("shutdown_read", FLOW)),
        ("shutdown_write", ApiCall("shutdown_write", FLOW)),
        ("shutdown_readwrite", ApiCall("shutdown_readwrite", FLOW)),
        ("send 3 YWJj", ApiCall("send", FLOW, b"abc")),
        ("send 0 ", ApiCall("send", FLOW, b"")),
        ("force enqueue 3 YWJj", ApiCall("force_enqueue", FLOW, b"abc")),
    ],
)
def test_calls_are_kept_as_calls_of_utcp(text: str, call: ApiCall) -> None:
    (entry,) = parse_utcp_log(line(text)).labels
    assert entry == Entry(call, Fraction(5, 10**9), call.kind)


def test_an_answered_syn_implies_a_listening_socket() -> None:
    trace = parse_utcp_log(SYN + SYN_ACK + line("receive"))
    assert trace.meta == {
        "wire_only_calls": True,
        "local_ips": (UTCP,),
        "flows": (FLOW,),
        "listening": ((UTCP, Port(11)),),
    }
    assert trace.hosts == ()


def test_a_syn_that_is_not_answered_with_a_syn_implies_none() -> None:
    assert parse_utcp_log(SYN).meta["listening"] == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("hello\n", "f:1:1: expected a line of tcp.tracing"),
        ("\n\n", "f: has no line of tcp.tracing"),
        (SYN + "\n" + line("fly"), f"f:3:{len(PREFIX) + 7}: unknown function 'fly'"),
        (line("force it"), f"f:1:{len(PREFIX) + 13}: expected 'enqueue' after 'force'"),
        (line("close 3"), f"f:1:{len(PREFIX) + 13}: the line should end here"),
        (line("send x YWJj"), f"f:1:{len(PREFIX) + 12}: expected a length"),
        (line("send 4 YWJj"), f"f:1:{len(PREFIX) + 14}: the length is given as 4, but there are 3 bytes"),
        (line("send 3 YW%j"), f"f:1:{len(PREFIX) + 14}: this is no base64"),
        (line("send 3 YWJ"), f"f:1:{len(PREFIX) + 14}: this is no base64"),
        (line("handle_buf 0 YWJj"), f"f:1:{len(PREFIX) + 20}: a TCP header has at least 20 bytes, found 3"),
        (PREFIX.strip(), f"f:1:{len(PREFIX)}: the line ends where the clock should follow"),
        (PREFIX + "[5ns]", f"f:1:{len(PREFIX) + 6}: the line ends where a function should follow"),
        (PREFIX + "[5s] close", f"f:1:{len(PREFIX) + 1}: expected the clock ([<nanoseconds>ns])"),
        ("tcp.tracing 10.9.0.2 -> 10.9.0.1:1", "f:1:13: expected the local address and port (a.b.c.d:port)"),
        (
            "tcp.tracing 10.9.0.2:11 -> 10.9.0.256:1",
            "f:1:28: expected the remote address and port, a number is too large",
        ),
        ("tcp.tracing 10.9.0.2:11 <- 10.9.0.1:1", "f:1:25: expected '->'"),
        (
            line("out " + segment()),
            f"f:1:{len(PREFIX) + 13}: the segment's ports are 34116 and 11, the line has 11 and 34116",
        ),
        (
            line("handle_buf " + segment(b"\x02\x05\x05\xb4")),
            f"f:1:{len(PREFIX) + 20}: TCP option 2 does not fit into the header",
        ),
        (
            line("handle_buf " + segment(b"\x01\x01\x01\x02")),
            f"f:1:{len(PREFIX) + 20}: TCP option 2 does not fit into the header",
        ),
    ],
)
def test_an_error_names_its_place_and_what_was_expected(text: str, error: str) -> None:
    assert error_of(text) == error


@pytest.mark.parametrize("cut", range(1, len(SYN) - 1, 9))
def test_a_truncated_segment_is_an_error(cut: int) -> None:
    error_of(SYN_ACK + SYN[:cut])


@given(st.integers(0, len(SYN)), st.integers(0, 9), st.text(max_size=4))
def test_a_damaged_line_is_a_trace_or_a_trace_error(start: int, length: int, put: str) -> None:
    try:
        parse_utcp_log(SYN[:start] + put + SYN[start + length :])
    except TraceError as error:
        assert "\n" not in str(error)
