"""Captures and logs of calls become HOL traces of one host."""

from __future__ import annotations

import json
import struct
from decimal import Decimal
from fractions import Fraction

import dpkt
import pytest
from typer.testing import CliRunner

from netoracle.cli import app
from netoracle.trace import TraceError, parse_hol, print_hol
from netoracle.trace.convert import Recording, convert
from netspec.base.base_types import FD, Fail, Ip, MsgBFlag, Port, TL_err
from netspec.base.errors import EAGAIN, ECONNREFUSED
from netspec.tcp import lib_interface as lib
from netspec.tcp import net_types as net
from netspec.tcp.host0 import Lh_call, Lh_recvdatagram, Lh_return, Lh_senddatagram

HOST, PEER = "10.0.0.1", "10.0.0.2"
START = 1_700_000_000


def octets(address):
    return bytes(map(int, address.split(".")))


def ip(address):
    return Ip(int.from_bytes(octets(address)))


def packet(source, destination, protocol, payload, fragment=0, ident=1):
    fields = 0x45, 0, 20 + len(payload), ident, fragment, 64, protocol
    addresses = octets(source) + octets(destination)
    checksum = 0xFFFF - sum(struct.unpack("!10H", struct.pack("!BBHHHBBH", *fields, 0) + addresses)) % 0xFFFF
    return struct.pack("!BBHHHBBH", *fields, checksum) + addresses + payload


def udp(source, destination, sport, dport, data):
    return packet(source, destination, 17, struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data)


def frame(data, ethertype=0x0800):
    return bytes(12) + struct.pack("!H", ethertype) + data


def capture(path, frames, nano=True, linktype=1):
    """Write a capture of (milliseconds, frame)."""
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, snaplen=65535, linktype=linktype, nano=nano)
        for milliseconds, data in frames:
            writer.writepkt_time(data, START + Decimal(milliseconds) / 1000)
    return str(path)


def log(path, *records):
    """Write a log of calls, each (milliseconds, milliseconds, fields)."""
    lines = [
        {"t0": START * 10**9 + a * 10**6, "t1": START * 10**9 + b * 10**6, "pid": 7, "cmd": "", "err": "", "ret": 0}
        | fields
        for a, b, fields in records
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def labels(trace):
    return [entry.label for entry in trace.labels]


def of(tmp_path, frames, *records, **more):
    pcap = capture(tmp_path / "a.pcap", [(ms, frame(data)) for ms, data in frames])
    calls = log(tmp_path / "a.jsonl", *records) if records else None
    return convert(Recording(pcap, calls, ip(HOST), **more))


SOCKET = (0, 1, {"op": "socket", "fd": 3, "ret": 3, "cmd": "s0 socket udp"})
SEND = (2, 4, {"op": "sendto", "fd": 3, "ret": 3, "len": 3, "addr": f"{PEER}:7", "cmd": f"s0 sendto {PEER} 7 3"})


def receive(flags=None, ret=5, **more):
    return (8, 9, {"op": "recv", "fd": 3, "ret": ret, "len": 100, "flags": flags or "", "cmd": "s0 recv 100", **more})


# ---------------------------------------------------------------- packets


def test_datagrams_are_sent_or_received_as_the_host_sees_it_in_the_order_of_time(tmp_path):
    trace = of(tmp_path, [(3, udp(HOST, PEER, 40000, 7, b"abc")), (6, udp(PEER, HOST, 7, 40000, b"reply"))])
    sent, received = labels(trace)
    assert sent == Lh_senddatagram(net.UDP(net.UdpDatagram(ip(HOST), ip(PEER), Port(40000), Port(7), b"abc")))
    assert received == Lh_recvdatagram(net.UDP(net.UdpDatagram(ip(PEER), ip(HOST), Port(7), Port(40000), b"reply")))
    assert trace.labels[1].time - trace.labels[0].time == Fraction(3, 1000)


@pytest.mark.parametrize("nano", [True, False])
def test_time_stamps_of_both_precisions_are_exact(tmp_path, nano):
    pcap = capture(tmp_path / "a.pcap", [(3, frame(udp(HOST, PEER, 1, 2, b"")))], nano)
    assert convert(Recording(pcap, None, ip(HOST))).labels[0].time == START + Fraction(3, 1000)


def test_packets_without_a_link_layer_are_read_too(tmp_path):
    pcap = capture(tmp_path / "a.pcap", [(3, udp(HOST, PEER, 1, 2, b""))], linktype=101)
    assert len(convert(Recording(pcap, None, ip(HOST))).labels) == 1


def test_fragments_in_any_order_make_one_datagram_when_the_last_has_come(tmp_path):
    whole = struct.pack("!HHHH", 7, 40000, 8 + 24, 0) + bytes(range(24))
    pieces = [(0, 16, True), (16, 24, True), (24, 32, False)]
    frames = [
        (ms, packet(PEER, HOST, 17, whole[begin:end], begin // 8 | 0x2000 * more))
        for ms, (begin, end, more) in zip((5, 3, 4), pieces, strict=True)
    ]
    (entry,) = of(tmp_path, frames).labels
    assert entry.label.msg.v.data == bytes(range(24))
    assert entry.time == START + Fraction(5, 1000)
    assert entry.comments == ("put together from 3 fragments",)


def test_incomplete_fragments_and_foreign_frames_are_counted(tmp_path):
    some = udp(HOST, PEER, 1, 2, b"")
    pcap = capture(
        tmp_path / "a.pcap",
        [
            (1, frame(some)),
            (2, frame(packet(PEER, HOST, 17, bytes(16), 0x2000))),
            (3, frame(bytes(28), 0x0806)),
            (4, frame(udp(PEER, "10.0.0.9", 1, 2, b""))),
            (5, frame(packet(PEER, HOST, 1, bytes(8)))),
        ],
    )
    assert convert(Recording(pcap, None, ip(HOST))).header == (
        "left out: ICMP message of type 0 (1)",
        "left out: frame of ARP (1)",
        "left out: frame of an incomplete packet (1)",
        "left out: packet to or from another host (1)",
    )


def test_a_segment_keeps_what_the_model_has_and_says_what_it_has_not(tmp_path):
    options = b"\x02\x04\x05\xb4" + b"\x04\x02" + b"\x08\x0a" + struct.pack("!II", 9, 8) + b"\x01\x03\x03\x07"
    segment = struct.pack("!HHIIBBHHH", 40000, 80, 5, 6, 10 << 4, 0x42, 64240, 0, 0) + options
    (entry,) = of(tmp_path, [(1, packet(HOST, PEER, 6, segment))]).labels
    v = entry.label.msg.v
    assert (v.SYN, v.ACK, v.win, v.mss, v.ws, v.seq.n, v.ack.n) == (True, False, 64240, 1460, 7, 5, 6)
    assert [stamp.n for stamp in v.ts] == [9, 8]
    assert entry.comments == ("left out: the flag ECE", "left out: the option SACK permitted")


@pytest.mark.parametrize(
    ("kind", "code", "word", "expected"),
    [
        (3, 3, 0, net.ICMP_UNREACH(net.PORT)),
        (3, 15, 0, net.ICMP_UNREACH(net.PREC_CUTOFF)),
        (3, 4, 576, net.ICMP_UNREACH(net.NEEDFRAG(576))),
        (3, 4, 0, net.ICMP_UNREACH(net.NEEDFRAG(None))),
        (3, 99, 5, net.ICMP_UNREACH(net.OTHER(99, 5))),
        (4, 0, 0, net.ICMP_SOURCE_QUENCH(net.QUENCH)),
        (5, 1, 0, net.ICMP_REDIRECT(net.RD_HOST)),
        (11, 0, 0, net.ICMP_TIME_EXCEEDED(net.INTRANS)),
        (12, 0, 0, net.ICMP_PARAMPROB(net.BADHDR)),
    ],
)
def test_icmp_messages_quote_their_datagram(tmp_path, kind, code, word, expected):
    payload = struct.pack("!BBHI", kind, code, 0, word) + udp(HOST, PEER, 40000, 9, b"abc")
    (label,) = labels(of(tmp_path, [(1, packet("10.0.0.254", HOST, 1, payload))]))
    v = label.msg.v
    assert v.t == expected
    assert (v.is1, v.is2, v.is3, v.is4) == (ip("10.0.0.254"), ip(HOST), ip(HOST), ip(PEER))
    assert (v.ps3, v.ps4, v.proto, v.seq) == (Port(40000), Port(9), net.PROTO_UDP, None)


def test_a_frame_that_was_cut_is_an_error_and_no_shorter_datagram(tmp_path):
    with pytest.raises(TraceError, match="frame 1: no packet that can be read"):
        of(tmp_path, [(1, udp(HOST, PEER, 1, 2, b"abcdefgh")[:-4])])


@pytest.mark.parametrize("content", [b"no capture at all, but long enough", b"\xd4\xc3\xb2\xa1"])
def test_what_is_no_capture_is_refused(tmp_path, content):
    (tmp_path / "a.pcap").write_bytes(content)
    with pytest.raises(TraceError, match=r"expected pcap or pcapng|ends inside the header"):
        convert(Recording(str(tmp_path / "a.pcap"), None, ip(HOST)))


# ---------------------------------------------------------------- calls


def test_calls_and_datagrams_are_merged_and_the_data_come_from_the_capture(tmp_path):
    frames = [(3, udp(HOST, PEER, 40000, 7, b"abc")), (6, udp(PEER, HOST, 7, 40000, b"reply"))]
    trace = of(tmp_path, frames, SOCKET, SEND, receive(**{"from": f"{PEER}:7"}))
    kinds = [type(label) for label in labels(trace)]
    assert kinds == [Lh_call, Lh_return, Lh_call, Lh_senddatagram, Lh_return, Lh_recvdatagram, Lh_call, Lh_return]
    assert labels(trace)[2].call == lib.send(FD(3), (ip(PEER), Port(7)), b"abc", ())
    text = print_hol(trace)
    assert 'OK("reply", SOME((SOME(IP 10 0 0 2), SOME(Port 7)), T))' in text
    assert parse_hol(text).labels == trace.labels
    assert parse_hol(text).hosts == trace.hosts
    assert trace.initial.fds == (FD(0), FD(1), FD(2))
    assert (trace.initial.params.min_eph_port, trace.initial.params.max_eph_port) == (32768, 60999)


def test_a_peek_leaves_the_datagram_and_a_cut_one_says_so(tmp_path):
    frames = [(3, udp(HOST, PEER, 40000, 7, b"abc")), (6, udp(PEER, HOST, 7, 40000, b"reply"))]
    trace = of(tmp_path, frames, SOCKET, SEND, receive("peek"), receive(ret=2))
    peeked, cut = (print_hol(trace).partition("peek")[2], print_hol(trace))
    assert 'OK("reply", ' in cut
    assert 'OK("re", SOME((SOME(IP 10 0 0 2), SOME(Port 7)), F))' in cut
    assert peeked == ""
    calls = [label.call for label in labels(trace) if isinstance(label, Lh_call)]
    assert calls[2] == lib.recv(FD(3), 100, (MsgBFlag.MSG_PEEK,))


def test_errors_are_those_of_the_log(tmp_path):
    records = [SOCKET, receive(ret=-1, err="EAGAIN")]
    pending = (10, 11, {"op": "getsockopt", "fd": 3, "opt": "error", "val": 111, "valname": "ECONNREFUSED"})
    results = [x.v for x in labels(of(tmp_path, [], *records, pending)) if isinstance(x, Lh_return)]
    assert results[1:] == [TL_err(Fail(EAGAIN)), TL_err(Fail(ECONNREFUSED))]


def test_a_stream_is_read_in_order_however_its_segments_come(tmp_path):
    def segment(seq, flags, data):
        head = struct.pack("!HHIIBBHHH", 80, 40000, seq % 2**32, 1, 5 << 4, flags, 1000, 0, 0)
        return packet(PEER, HOST, 6, head + data)

    start = 2**32 - 3
    frames = [
        (2, segment(start, 0x12, b"")),
        (3, segment(start + 4, 0x10, b"def")),
        (4, segment(start + 1, 0x10, b"abc")),
    ]
    opened = (0, 1, {"op": "socket", "fd": 3, "ret": 3, "cmd": "s0 socket tcp"})
    connected = (1, 3, {"op": "connect", "fd": 3, "addr": f"{PEER}:80", "local": f"{HOST}:40000"})
    trace = of(tmp_path, frames, opened, connected, receive(ret=4), receive(ret=2))
    text = print_hol(trace)
    assert 'OK("abcd", NONE)' in text
    assert 'OK("ef", NONE)' in text
    with pytest.raises(TraceError, match="7 bytes were returned, the capture has 6"):
        of(tmp_path, frames, opened, connected, receive(ret=7))


def test_what_the_model_has_no_call_for_is_left_out_and_counted(tmp_path):
    unknown = (2, 3, {"op": "cc", "fd": 3})
    option = (4, 5, {"op": "setsockopt", "fd": 3, "opt": "mtudisc", "val": 2})
    closed = (6, 7, {"op": "close", "fd": -1, "ret": -1, "err": "EBADF"})
    trace = of(tmp_path, [], SOCKET, unknown, option, closed)
    assert len(trace.labels) == 2
    assert trace.header == (
        "left out: the call cc (1)",
        "left out: the descriptor -1 (1)",
        "left out: the option mtudisc (1)",
    )


def test_the_calls_of_some_lines_are_a_trace_where_nothing_is_left_open_before(tmp_path):
    frames = [(3, udp(HOST, PEER, 40000, 7, b"abc")), (23, udp(HOST, PEER, 40001, 7, b"abc"))]
    close = (5, 6, {"op": "close", "fd": 3})
    again = [(a + 20, b + 20, fields) for a, b, fields in (SOCKET, SEND)]
    trace = of(tmp_path, frames, SOCKET, SEND, close, *again, lines=(4, 5))
    ports = [label.msg.v.ps1 for label in labels(trace) if isinstance(label, Lh_senddatagram)]
    assert ports == [Port(40001)]
    with pytest.raises(TraceError, match="left a socket or a connection"):
        of(tmp_path, frames, SOCKET, SEND, *again, lines=(3, 4))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (receive(), "the capture has no such datagram"),
        (receive(ret=-1, err="ENONSENSE"), "expected the name of an error"),
        ((1, 2, {"op": "bind", "fd": 3, "addr": "nowhere"}), "expected an IPv4 address and a port as 'addr'"),
        ((1, 2, {"op": "recv", "fd": 9, "len": 1, "ret": 1, "flags": ""}), "no call that returned descriptor 9"),
        ((1, 2, {"op": "close", "fd": 3, "pid": 8}), "a second process"),
        ((1, 2, {"op": 5, "fd": 3}), "expected a call's"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path, record, message):
    with pytest.raises(TraceError, match=message) as caught:
        of(tmp_path, [], SOCKET, record)
    assert caught.value.line == 2


# ---------------------------------------------------------------- the command


def scenario(folder):
    (folder / "scenario.json").write_text(
        json.dumps({"name": "n", "description": "d", "link": "router", "client": {"ip": HOST}, "server": {"ip": PEER}})
    )
    capture(folder / "capture.pcap", [(3, frame(udp(HOST, PEER, 40000, 7, b"abc")))])
    capture(folder / "capture-server.pcap", [(4, frame(udp(HOST, PEER, 40000, 7, b"abc")))])
    log(folder / "api-client.jsonl", SOCKET, SEND)


def test_the_command_converts_either_side_of_a_scenario(tmp_path):
    scenario(tmp_path)
    out = tmp_path / "t.hol"
    done = CliRunner().invoke(app, ["convert", str(tmp_path), "-o", str(out)])
    assert done.exit_code == 0, done.output
    client = parse_hol(out.read_text())
    assert client.header == ("n, client: d",)
    assert len(client.labels) == 5
    assert len(client.initial.rttab) == 3
    done = CliRunner().invoke(app, ["convert", str(tmp_path), "--side", "server", "-o", str(out)])
    assert done.exit_code == 0, done.output
    (label,) = labels(parse_hol(out.read_text()))
    assert isinstance(label, Lh_recvdatagram)


def test_the_command_takes_files_one_by_one_and_prints(tmp_path):
    scenario(tmp_path)
    pcap, calls = str(tmp_path / "capture.pcap"), str(tmp_path / "api-client.jsonl")
    done = CliRunner().invoke(app, ["convert", "--pcap", pcap, "--calls", calls, "--host", f"{HOST}/16"])
    assert done.exit_code == 0, done.output
    trace = parse_hol(done.output)
    assert trace.header == ("recorded by capture.pcap and api-client.jsonl",)
    assert [route.destination_ip for route in trace.initial.rttab] == [ip("127.0.0.1"), ip("10.0.0.0")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected a folder, or --pcap and --host"),
        (["--pcap", "x"], "expected a folder, or --pcap and --host"),
        (["FOLDER", "--host", HOST], "found both"),
        (["--pcap", "x", "--host", "nowhere"], "--host:"),
        (["FOLDER"], "expected a scenario"),
    ],
)
def test_the_command_says_what_it_cannot_use(tmp_path, arguments, message):
    (tmp_path / "scenario.json").write_text("{}")
    done = CliRunner().invoke(app, ["convert", *(str(tmp_path) if a == "FOLDER" else a for a in arguments)])
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_frame_that_the_snapshot_length_cut_is_an_error(tmp_path):
    data = udp(HOST, PEER, 1, 2, b"abcdefgh")
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    (tmp_path / "a.pcap").write_bytes(header + struct.pack("<IIII", START, 0, 30, len(data)) + data[:30])
    with pytest.raises(TraceError, match="frame 1: no packet that can be read: 10 of its 16 bytes were captured"):
        convert(Recording(str(tmp_path / "a.pcap"), None, ip(HOST)))


def test_a_packet_with_a_wrong_header_checksum_is_left_out(tmp_path):
    data = bytearray(udp(HOST, PEER, 1, 2, b""))
    data[10] ^= 1
    trace = of(tmp_path, [(1, bytes(data)), (2, udp(HOST, PEER, 1, 2, b""))])
    assert len(trace.labels) == 1
    assert "left out: frame of a packet with a wrong header checksum (1)" in trace.header
