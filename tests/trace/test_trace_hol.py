"""The HOL trace language, read and written."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trace_strategies import CALLS, LABELS, RESULTS, failures, traces

from netoracle.trace import Entry, LegacyTrace, Trace, parse_hol, print_hol
from netspec.base.base_types import (
    ETH,
    FD,
    LO,
    MSG_DONTWAIT,
    MSG_PEEK,
    NETMASK,
    SOCK_STREAM,
    TID,
    OK_fd,
    OK_ipportlift,
    OK_one,
    OK_string,
    OK_string_ipportpair_pair,
    Port,
)
from netspec.base.seq32 import tcp_seq_foreign, tcp_seq_local, ts_seq
from netspec.tcp import lib_interface as lib
from netspec.tcp import net_types as net
from netspec.tcp.host0 import Lh_call, Lh_epsilon, Lh_return, Lh_senddatagram, Lh_tau
from netspec.tcp.pre_host_types import IP, HostParams, Ifd, RoutingTableEntry, TcpState

T1 = TID(52439)

HOST = (
    "initial_host (IP 192 168 0 12) (TID 52439) (FreeBSD_4_6_RELEASE) F [(NONE, Port 80)] "
    "[(ETH 0, <| ipset := {IP 192 168 0 12}; primary := IP 192 168 0 12; netmask := NETMASK 24; up := T |>); "
    "(LO, <| ipset := {IP 127 0 0 1}; primary := IP 127 0 0 1; netmask:= NETMASK 8; up := T |>)] "
    "[<| destination_ip := IP 127 0 0 1; destination_netmask := NETMASK 8; ifid := LO |>;"
    "<| destination_ip := IP 192 168 0 0; destination_netmask := NETMASK 24; ifid := ETH 0 |>]"
)

SHORT = f"""(* Test Host: BSD(john)  Aux Host: LINUX(alan) *)

(* -------------------------------------- *)
(* HOST *)
{HOST} initial_ticker_count initial_ticker_remdr
(* TSOH *)
(* Injector: running on alan *)
(* BEGIN  *)

(* BASETIME *)
abstime 1095745422 989579
(* EMITESAB *)

(** 1095745422.989579 "ns0" **)
(* Merge Index: 0 *)
 Lh_call(TID 52439, socket(SOCK_STREAM));

(* Merge Index: 1 *)
Lh_epsilon(duration 0 32111);

(** 1095745423.021690 "ns1" **)
(* Merge Index: 2 *)
(* SYN_SENT:output (nested (* remark *)) *)
 Lh_return(TID 52439, OK(FD 8));
"""


def label_of(text: str) -> Any:
    """The label that a text of one label is."""
    (entry,) = parse_hol(text).labels
    return entry.label


def returned(call: str, result: str) -> object:
    """What a call returned."""
    label = parse_hol(f"Lh_call(TID 1, {call}); Lh_return(TID 1, {result});").labels[1].label
    assert isinstance(label, Lh_return)
    return label.v


def again(trace: Trace) -> Trace:
    return parse_hol(print_hol(trace))


def test_a_short_trace_is_read_with_what_its_comments_say() -> None:
    trace = parse_hol(SHORT, "short")
    assert trace.path == "short"
    assert trace.format == "hol"
    assert trace.header == ("Test Host: BSD(john)  Aux Host: LINUX(alan)", "Injector: running on alan")
    assert trace.base_time == Fraction(1095745422989579, 10**6)
    assert trace.labels == (
        Entry(Lh_call(T1, lib.socket(SOCK_STREAM)), Fraction(1095745422989579, 10**6), "ns0", 0),
        Entry(Lh_epsilon(Fraction(32111, 10**6)), index=1),
        Entry(
            Lh_return(T1, OK_fd(FD(8))),
            Fraction(1095745423021690, 10**6),
            "ns1",
            2,
            comments=("SYN_SENT:output (nested (* remark *))",),
        ),
    )


def test_labels_know_their_places() -> None:
    entries = parse_hol(SHORT).labels
    assert [(entry.line, entry.column) for entry in entries] == [(16, 2), (19, 1), (24, 2)]


def test_a_host_line_is_read_as_it_stands() -> None:
    host = parse_hol(SHORT).initial
    assert host is not None
    assert host.name is None
    assert host.ip == IP(192, 168, 0, 12)
    assert host.tid == T1
    assert host.arch == "FreeBSD_4_6_RELEASE"
    assert host.privs is False
    assert host.heldports == ((None, Port(80)),)
    assert host.ifaces == (
        (ETH(0), Ifd(frozenset({IP(192, 168, 0, 12)}), IP(192, 168, 0, 12), NETMASK(24), True)),
        (LO, Ifd(frozenset({IP(127, 0, 0, 1)}), IP(127, 0, 0, 1), NETMASK(8), True)),
    )
    assert host.rttab == (
        RoutingTableEntry(IP(127, 0, 0, 1), NETMASK(8), LO),
        RoutingTableEntry(IP(192, 168, 0, 0), NETMASK(24), ETH(0)),
    )
    assert host.fds is None
    assert host.ticks == "initial_ticker_count"
    assert host.remdr == "initial_ticker_remdr"
    assert host.params is None


def test_a_later_host_line_has_open_descriptors_and_parameters() -> None:
    line = f"{HOST} [0;1;1000] (ts_seq(n2w 5)) (duration 0 7) <| min_eph_port := 1024; max_eph_port := 4999 |>"
    host = parse_hol(f"{line} Lh_tau;").initial
    assert host is not None
    assert host.fds == (FD(0), FD(1), FD(1000))
    assert host.ticks == ts_seq(5)
    assert host.remdr == Fraction(7, 10**6)
    assert host.params == HostParams(1024, 4999)


@pytest.mark.parametrize("inner", ["{}", "(initial_host {})"])
def test_a_joint_trace_says_whose_each_label_is(inner: str) -> None:
    line = inner.format(HOST.removeprefix("initial_host ") + " initial_ticker_count initial_ticker_remdr")
    trace = parse_hol(
        f'net_initial_host "pinky" {line}\nnet_initial_host "brain" {line}\n'
        "abstime 1144070766 865752;\n"
        '(* Conflate Index: 0 *)\n(** 1144070766.865752 "ns0" **)\n(* Merge Index: 0 *)\n'
        'Ln1_host ("pinky",\nLh_call(TID 1, accept(FD 8))\n);\n'
        "Ln1_epsilon(duration 0 010122);\n"
        'Ln1_host("brain", Lh_tau);\n'
    )
    assert [host.name for host in trace.hosts] == ["pinky", "brain"]
    assert trace.initial is None
    assert trace.labels == (
        Entry(Lh_call(TID(1), lib.accept(FD(8))), Fraction(1144070766865752, 10**6), "ns0", 0, host="pinky"),
        Entry(Lh_epsilon(Fraction(10122, 10**6))),
        Entry(Lh_tau(), host="brain"),
    )
    assert again(trace) == trace


def test_a_segment_is_read_field_by_field() -> None:
    label = label_of("""Lh_senddatagram( TCP(<|
    is1 := SOME(IP 192 168 0 12);
    is2 := SOME(IP 192 168 0 13);
    ps1 := SOME(Port 1180);
    ps2 := NONE;
    seq := tcp_seq_local(n2w 1885512662);
    ack := tcp_seq_foreign(n2w 7);
    URG :=   F;
    ACK := T  ;
    PSH := F;
    RST := F;
    SYN := T;
    FIN := F;
    win := n2w 57344;
    ws := SOME(CHR 0);
    urp := n2w 0;
    mss := SOME(n2w 1460);
    ts := SOME(ts_seq (n2w 52402161), ts_seq (n2w 0));
    data := [CHR 40; CHR 42 ]   (*"(*"*)
    |>) );""")
    assert label == Lh_senddatagram(
        net.TCP(
            net.TcpSegment(
                is1=IP(192, 168, 0, 12),
                is2=IP(192, 168, 0, 13),
                ps1=Port(1180),
                ps2=None,
                seq=tcp_seq_local(1885512662),
                ack=tcp_seq_foreign(7),
                URG=False,
                ACK=True,
                PSH=False,
                RST=False,
                SYN=True,
                FIN=False,
                win=57344,
                ws=0,
                urp=0,
                mss=1460,
                ts=(ts_seq(52402161), ts_seq(0)),
                data=b"(*",
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "icmp"),
    [
        ("ICMP_UNREACH NEEDFRAG SOME(n2w 1400)", net.ICMP_UNREACH(net.NEEDFRAG(1400))),
        ("ICMP_UNREACH(NEEDFRAG NONE)", net.ICMP_UNREACH(net.NEEDFRAG(None))),
        ("ICMP_UNREACH PORT", net.ICMP_UNREACH(net.PORT)),
        ("ICMP_REDIRECT HOST", net.ICMP_REDIRECT(net.RD_HOST)),
        ("ICMP_REDIRECT(RD_HOST)", net.ICMP_REDIRECT(net.RD_HOST)),
        ("ICMP_SOURCE_QUENCH OTHER 5 7", net.ICMP_SOURCE_QUENCH(net.SQ_OTHER(5, 7))),
        ("ICMP_PARAMPROB(OTHER(CHR 5, n2w 7))", net.ICMP_PARAMPROB(net.PP_OTHER(5, 7))),
        ("ICMP_TIME_EXCEEDED REASS", net.ICMP_TIME_EXCEEDED(net.REASS)),
    ],
)
def test_icmp_types_are_read_with_and_without_brackets(text: str, icmp: net.IcmpType) -> None:
    label = label_of(
        "Lh_recvdatagram(ICMP(<| is1 := NONE; is2 := NONE; is3 := NONE; is4 := NONE; ps3 := NONE; "
        f"ps4 := NONE; proto := PROTO_TCP; seq := NONE; t := {text} |>));"
    )
    assert label.msg.v.t == icmp


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("socket()", lib.socket(SOCK_STREAM)),
        ("connect(FD 8, IP 1 2 3 4, Port 22)", lib.connect(FD(8), IP(1, 2, 3, 4), Port(22))),
        ('send(FD 4, "q\\x00a", [])', lib.send(FD(4), None, b"q\n", ())),
    ],
)
def test_older_calls_are_read_as_todays(text: str, call: Any) -> None:
    assert label_of(f"Lh_call(TID 1, {text});") == Lh_call(TID(1), call)


def test_options_keep_their_order() -> None:
    label = label_of("Lh_call(TID 1, recv(FD 1, ~5, [MSG_DONTWAIT; MSG_PEEK]));")
    assert label == Lh_call(TID(1), lib.recv(FD(1), -5, (MSG_DONTWAIT, MSG_PEEK)))


@pytest.mark.parametrize(
    ("call", "text", "result"),
    [
        ("close(FD 4)", "OK(one)", OK_one()),
        ("close(FD 4)", "OK()", OK_one()),
        ("recv(FD 4, 5, [])", 'OK("Hi!", NONE)', OK_string_ipportpair_pair(b"Hi!", None)),
        ("recv(FD 4, 5, [])", 'OK("Hi!")', OK_string_ipportpair_pair(b"Hi!", None)),
        ('send(FD 4, NONE, "a", [])', 'OK("")', OK_string(b"")),
        (
            "getsockname(FD 4)",
            "OK(SOME(IP 1 2 3 4), SOME(Port 5))",
            OK_ipportlift(IP(1, 2, 3, 4), Port(5)),
        ),
        ("getsockname(FD 4)", "OK(IP 1 2 3 4, Port 5)", OK_ipportlift(IP(1, 2, 3, 4), Port(5))),
        ("getsockname(FD 4)", "OK(NONE, NONE)", OK_ipportlift(None, None)),
    ],
)
def test_a_result_has_the_type_that_the_rules_give_it(call: Any, text: str, result: Any) -> None:
    assert returned(call, text) == result


def test_a_result_belongs_to_the_call_of_its_own_thread_and_host() -> None:
    trace = parse_hol('Ln1_host("a", Lh_call(TID 1, recv(FD 1, 5, []))); Ln1_host("b", Lh_return(TID 1, OK("x")));')
    assert trace.labels[1].label == Lh_return(TID(1), OK_string(b"x"))


def test_an_older_trace_record_is_kept_as_such() -> None:
    label = label_of("""Lh_trace(SOME(SOME(IP 1 2 3 4), SOME(Port 5), NONE, NONE), FIN_WAIT1,
      <| snd_up := tcp_seq_local(n2w 3); t_dupacks := 0; ts_recent := SOME(Timed(ts_seq(n2w 4), time_zero));
         t_rtseq := NONE |>);""")
    assert label == LegacyTrace(
        (IP(1, 2, 3, 4), Port(5), None, None),
        TcpState.FIN_WAIT_1,
        (("snd_up", tcp_seq_local(3)), ("t_dupacks", 0), ("ts_recent", ts_seq(4)), ("t_rtseq", None)),
    )


@pytest.mark.parametrize(
    ("comment", "time", "source"),
    [
        ('(** 12.000345 "ns0" **)', Fraction(12000345, 10**6), "ns0"),
        ("(** 12.000345 debug1 **)", Fraction(12000345, 10**6), "debug1"),
        ("(* 12.5 *)", Fraction(25, 2), ""),
        ("(** 1/3 **)", Fraction(1, 3), ""),
    ],
)
def test_times_of_every_recorder_are_read(comment: str, time: Fraction, source: str) -> None:
    (entry,) = parse_hol(f"{comment} Lh_tau;").labels
    assert (entry.time, entry.source) == (time, source)


@pytest.mark.parametrize("text", ["Lh_epsilon(duration 2 3);", "Lh_epsilon(duration(2, 3));"])
def test_both_forms_of_a_duration_are_read(text: str) -> None:
    assert label_of(text) == Lh_epsilon(Fraction(2000003, 10**6))


def test_a_duration_that_is_no_number_of_microseconds_survives() -> None:
    trace = Trace("", "hol", labels=(Entry(Lh_epsilon(Fraction(1, 3))), Entry(Lh_epsilon(Fraction(1, 10**9)))))
    assert again(trace) == trace


def test_the_last_semicolon_may_be_missing() -> None:
    assert len(parse_hol("Lh_tau; Lh_tau").labels) == 2


@pytest.mark.parametrize("name", CALLS)
def test_every_call_survives_writing_and_reading(name: str) -> None:
    @given(CALLS[name])
    def check(call: Any) -> None:
        trace = Trace("", "hol", labels=(Entry(Lh_call(T1, call)),))
        assert again(trace) == trace

    check()


@pytest.mark.parametrize("name", RESULTS)
def test_every_return_survives_writing_and_reading(name: str) -> None:
    @given(CALLS[name], st.one_of(RESULTS[name], failures))
    def check(call: Any, result: Any) -> None:
        trace = Trace("", "hol", labels=(Entry(Lh_call(T1, call)), Entry(Lh_return(T1, result))))
        assert again(trace) == trace

    check()


@pytest.mark.parametrize("name", LABELS)
def test_every_other_label_survives_writing_and_reading(name: str) -> None:
    @given(LABELS[name])
    def check(label: Any) -> None:
        trace = Trace("", "hol", labels=(Entry(label),))
        assert again(trace) == trace

    check()


@given(traces())
def test_every_trace_survives_writing_and_reading(trace: Trace) -> None:
    text = print_hol(trace)
    assert parse_hol(text) == trace
    assert print_hol(parse_hol(text)) == text


@pytest.mark.parametrize("remark", ["", "unbalanced (*", "1.5", "Merge Index: 3", "HOST", "----", " blank "])
def test_a_remark_that_would_be_read_as_something_else_is_not_written(remark: str) -> None:
    trace = replace(parse_hol(SHORT), header=(remark,))
    with pytest.raises(ValueError, match="remark"):
        print_hol(trace)
