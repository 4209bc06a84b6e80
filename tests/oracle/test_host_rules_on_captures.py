"""Captures judged by the rules of the host, with the sockets calls inferred."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from netoracle.certificate.model import CertificateError
from netoracle.certificate.replay import Refused
from netoracle.hosted import connections
from netoracle.hosted.calls import Placement, infer, ordered, placements
from netoracle.hosted.certificate import certificate_of, replay_hosts
from netoracle.hosted.check import check_hosts
from netoracle.hosted.connections import Connection, Seen, read_connections
from netoracle.hosted.reading import Reader
from netoracle.hosted.reception import late
from netoracle.hosted.streams import incarnations
from netoracle.hosted.trace import as_scenario, send_buffer
from netoracle.oracle import check_scenario
from netoracle.scenario import AS_IT_IS, UsageError
from netoracle.search import streaming
from netoracle.search.budget import Budget
from netoracle.search.search import Search, Verdict
from netoracle.search.state import State
from netoracle.search.streaming import StreamingSearch
from netoracle.symbolic.store import Store
from netspec.wire.segment import ACK as WIRE_ACK
from netspec.wire.segment import FIN, PSH, SYN, Segment

ROOT = Path(__file__).resolve().parents[2]
UTCP = ROOT / "traces" / "utcp"
HOST = frozenset({ip_address("10.9.0.2").packed})
EXPLAINED = [
    "active-echo",
    "active-peer-closes-first",
    "active-refused",
    "close-immediately",
    "closed-port",
    "echo-small",
    "half-close-utcp",
    "small-writes",
]
SEQ, ACK, FLAGS = 20 + 4, 20 + 8, 20 + 13
"""Where fields are behind an IPv4 header of 20 octets."""


def capture(name: str) -> Path:
    return next((UTCP / name).glob("capture.pcap*"))


def judged(path: Path, seconds: float = 30.0, profile: str = "utcp"):
    (report,) = check_hosts(path, profile, HOST, Budget(seconds=seconds))
    return report


@pytest.mark.parametrize("name", EXPLAINED)
def test_conforms_with_calls_inferred_and_a_certificate_that_holds(name, tmp_path):
    report = judged(capture(name))
    assert report.verdict is Verdict.conforms, report.reason
    sent = {step.frame for one in report.connections for step in one.steps if step.kind == "Lh_senddatagram"}
    assert sent == {
        one.frame
        for connection in read_connections(capture(name), HOST).connections.values()
        for one in connection.seen
        if one.sent
    }
    file = tmp_path / "certificate.json"
    file.write_text(certificate_of([report]))
    assert replay_hosts(file, capture(name))[0] == len(report.connections)


def rewritten(path: Path, into: Path, change) -> Path:
    """A capture (classic pcap, little endian, raw IP) in which `change` alters the octets of frames in place."""
    data = bytearray(path.read_bytes())
    assert struct.unpack_from("<I", data, 20) == (101,)
    at, frame = 24, 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        frame += 1
        packet = data[at + 16 : at + 16 + length]
        change(frame, packet)
        data[at + 16 : at + 16 + length] = packet
        at += 16 + length
    into.write_bytes(bytes(data))
    return into


def repaired(packet: bytearray) -> None:
    """Set the TCP checksum of a packet to what it should be."""
    packet[20 + 16 : 20 + 18] = b"\0\0"
    data = bytes(packet[12:20]) + struct.pack(">HH", 6, len(packet) - 20) + packet[20:] + b"\0" * (len(packet) % 2)
    value = sum(struct.unpack(f">{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    struct.pack_into(">H", packet, 20 + 16, ~value & 0xFFFF)


@pytest.mark.parametrize(("field", "by"), [(SEQ + 3, 1), (SEQ, 0x40), (FLAGS, 0x04), (ACK, 0x40)])
def test_what_no_host_would_send_is_not_explained_and_not_condemned(field, by, tmp_path):
    """The host's last data segment, changed: no run explains all; where it may be an abort, not what follows."""
    path = capture("echo-small")
    (connection,) = read_connections(path, HOST).connections.values()
    last = max(one.frame for one in connection.seen if one.sent and one.seg.data)

    def change(frame: int, packet: bytearray) -> None:
        if frame == last:
            packet[field] ^= by
            repaired(packet)

    report = judged(rewritten(path, tmp_path / "changed.pcap", change))
    assert report.verdict is Verdict.inconclusive
    unexplained = report.first.unexplained
    assert unexplained is not None and (unexplained.frame or 0) >= last and unexplained.nearest


def test_a_change_that_only_repairs_checksums_is_still_explained(tmp_path):
    path = rewritten(capture("echo-small"), tmp_path / "same.pcap", lambda frame, packet: None)
    assert judged(path).verdict is Verdict.conforms


def test_inferred_calls_move_the_octets_that_the_segments_carry():
    (connection,) = read_connections(capture("echo-small"), HOST).connections.values()
    placement = placements(connection)[0]
    calls = infer(ordered(connection, placement), placement, send_buffer("utcp"))
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    written = sum(call.octets or 0 for call in calls if call.name == "send")
    received = {(one.seg.seq, one.seg.data) for one in connection.seen if not one.sent and one.seg.data}
    assert sum(call.octets or 0 for call in calls if call.name == "recv") <= sum(len(d) for _, d in received)
    sent = {(one.seg.seq, one.seg.data) for one in connection.seen if one.sent and one.seg.data}
    assert written >= sum(len(data) for _, data in sent) > 0


def test_a_certificate_for_another_capture_or_changed_is_refused(tmp_path):
    report = judged(capture("echo-small"))
    document = json.loads(certificate_of([report]))
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(document))
    with pytest.raises(Refused):
        replay_hosts(file, capture("small-writes"))
    document["connections"][0]["certificate"]["steps"].pop(20)
    file.write_text(json.dumps(document))
    with pytest.raises(Refused):
        replay_hosts(file, capture("echo-small"))
    document["connections"] = []
    file.write_text(json.dumps(document))
    with pytest.raises(Refused):
        replay_hosts(file, capture("echo-small"))


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "netoracle host certificate 1"}', "[" * 5000, '{"kind": 3}'])
def test_what_is_no_certificate_is_said(text, tmp_path):
    file = tmp_path / "certificate.json"
    file.write_text(text)
    with pytest.raises(CertificateError):
        replay_hosts(file, capture("echo-small"))


def test_connections_that_are_too_long_or_begin_before_are_inconclusive(monkeypatch):
    monkeypatch.setattr("netoracle.hosted.check.MOST_SEGMENTS", 5)
    report = judged(capture("echo-small"))
    assert report.verdict is Verdict.inconclusive and "more than the 5" in (report.reason or "")


def test_a_capture_that_begins_inside_the_connection_is_inconclusive(tmp_path):
    data = capture("echo-small").read_bytes()
    at = 24
    for _ in range(3):
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    late = tmp_path / "late.pcap"
    late.write_bytes(data[:24] + data[at:])
    report = judged(late)
    assert report.verdict is Verdict.inconclusive and "begins inside" in (report.reason or "")


def test_only_addresses_that_the_model_has(tmp_path):
    with pytest.raises(UsageError, match="IPv4"):
        read_connections(capture("echo-small"), frozenset({ip_address("::1").packed}))
    with pytest.raises(UsageError, match="profile"):
        check_hosts(capture("echo-small"), "rfc9293", HOST, Budget())


def test_too_many_connections_are_refused(monkeypatch):
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 0)
    with pytest.raises(UsageError, match="more than 0 connections"):
        read_connections(capture("echo-small"), HOST)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "netoracle", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_writes_reports_and_a_certificate_that_it_verifies(tmp_path):
    outputs = ("--json", tmp_path / "a.json", "--junit", tmp_path / "a.xml", "--html", tmp_path / "a.html")
    given = ("--rules", "host", "--profile", "utcp", "--host", "10.9.0.2", "--certificate", tmp_path / "c.json")
    done = run("check", capture("echo-small"), *given, *outputs)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads((tmp_path / "a.json").read_text())
    assert document["verdict"] == "conforms" and document["rules"] == "host"
    assert {one["call"] for one in document["inferred"]} >= {"socket", "listen", "accept", "recv", "send"}
    assert run("verify", tmp_path / "c.json", capture("echo-small")).returncode == 0
    assert run("verify", tmp_path / "c.json", capture("small-writes")).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [(), ("--profile", "rfc9293"), ("--profile", "utcp", "--vantage", "path"), ("--profile", "utcp", "--host", "::1")],
)
def test_what_does_not_fit_the_host_rules_is_refused(arguments):
    done = run("check", "--rules", "host", capture("echo-small"), *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


CAPTURES = ROOT / "traces" / "utcp-captures"
MILLISECOND = 10**6


def shipped(name: str) -> Path:
    return next((CAPTURES / name).glob("capture.pcap*"))


@pytest.mark.parametrize("name", ["persist-100s", "simultaneous-close"])
def test_shipped_captures_conform(name):
    assert judged(shipped(name)).verdict is Verdict.conforms


@pytest.mark.parametrize("name", ["half-close-utcp", "small-writes", "close-immediately"])
def test_what_happened_a_while_ago_is_settled_and_the_run_still_holds(name, monkeypatch, tmp_path):
    """With a window of a few labels, short captures are as long as others are with the usual one."""
    monkeypatch.setattr(streaming, "LAG", 4)
    path = capture(name)
    report = judged(path)
    assert report.verdict is Verdict.conforms, report.reason
    assert all(one.states < 8 * one.segments for one in report.connections)
    file = tmp_path / "certificate.json"
    file.write_text(certificate_of([report]))
    assert replay_hosts(file, path)[0] == len(report.connections)


def test_a_window_keeps_few_of_the_states_at_which_it_began():
    initial = State(0, None, None, Store(), None, 0)  # type: ignore[arg-type]
    window = streaming._Window(initial)
    states = [replace(initial, index=index) for index in range(1, 10)]
    for one in states:
        window.begin(one)
    assert window.bases == states[-3:]


def test_a_search_that_has_forgotten_alternatives_does_not_say_violates(tmp_path):
    """An acknowledgement of octets that nobody sent: with these calls there is no run at all."""
    path = capture("echo-small")
    (connection,) = read_connections(path, HOST).connections.values()
    last = max(at for at, one in enumerate(connection.seen) if one.sent and one.seg.data)
    one = connection.seen[last]
    connection.seen[last] = replace(one, seg=replace(one.seg, ack=(one.seg.ack + 9999) % 2**32))
    calls = infer(connection, Placement(late=False), send_buffer("utcp"))
    scenario = as_scenario(str(path), connection, calls, connection.seen[-1].time, "utcp", AS_IT_IS)
    verdicts = [check_scenario(scenario, Budget(seconds=60), kind=kind).verdict for kind in (Search, StreamingSearch)]
    assert verdicts[1] is Verdict.inconclusive and verdicts[0] is not Verdict.conforms


def test_a_connection_whose_times_go_back_is_no_trace_and_another_is(tmp_path):
    """The last frame of a connection gets the time of the first."""
    data = bytearray(capture("echo-small").read_bytes())
    at, last = 24, 24
    while at < len(data):
        last = at
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    data[last : last + 8] = data[24:32]
    path = tmp_path / "back.pcap"
    path.write_bytes(data)
    report = judged(path)
    assert report.verdict is Verdict.inconclusive and "is earlier than the one before" in (report.reason or "")


def seen(*given: tuple[int, bool, int, int, int, bytes]) -> list[Seen]:
    """Segments from their millisecond, whether sent, flags, number, acknowledgement and data."""
    return [
        Seen(frame, time * MILLISECOND, sent, Segment(seq, ack, flags, 1000, len(data), data))
        for frame, (time, sent, flags, seq, ack, data) in enumerate(given, 1)
    ]


OPENING = ((0, False, SYN, 100, 0, b""), (1, True, SYN | WIRE_ACK, 500, 101, b""), (2, False, WIRE_ACK, 101, 501, b""))


def order(*given: tuple[int, bool, int, int, int, bytes]) -> list[int]:
    return [one.frame for one in late(seen(*OPENING, *given))]


def test_a_bare_acknowledgement_waits_until_the_host_sends_data():
    sent = (3, True, WIRE_ACK, 501, 101, b"data")
    bare = (5, False, WIRE_ACK, 101, 505, b"")
    more = (7, True, WIRE_ACK, 505, 101, b"more")
    assert order(sent, bare, (6, True, WIRE_ACK, 505, 101, b""), more) == [1, 2, 3, 4, 6, 5, 7]


@pytest.mark.parametrize(
    "bare",
    [
        (5, False, WIRE_ACK, 100, 505, b""),  # a probe with an old number, which is answered
        (5, False, WIRE_ACK, 101, 505, b"x"),  # data that the next segment acknowledges
        (5, False, WIRE_ACK | FIN, 101, 505, b""),
    ],
)
def test_what_an_acknowledgement_may_answer_does_not_wait(bare):
    sent, more = (3, True, WIRE_ACK, 501, 101, b"data"), (7, True, WIRE_ACK, 505, 102, b"more")
    assert order(sent, bare, (6, True, WIRE_ACK, 505, 102, b""), more) == [1, 2, 3, 4, 5, 6, 7]


def test_no_acknowledgement_waits_longer_than_the_queue_of_the_model():
    sent, bare = (3, True, WIRE_ACK, 501, 101, b"data"), (5, False, WIRE_ACK, 101, 505, b"")
    more = (5000, True, WIRE_ACK, 505, 101, b"more")
    assert order(sent, bare, (6, True, WIRE_ACK, 505, 101, b""), more) == [1, 2, 3, 4, 5, 6, 7]


def test_a_fin_takes_no_room_in_the_window():
    """The right edge moves by one for the FIN alone: nothing was read.  Without the FIN an octet was."""

    def read(flags: int, ack: int) -> int:
        segments = seen(*OPENING, (3, False, WIRE_ACK | flags, 101, 501, b"12345"), (4, True, WIRE_ACK, 501, ack, b""))
        segments[1] = replace(segments[1], seg=replace(segments[1].seg, win=1005))
        (one,) = incarnations(segments)
        return Reader(segments, one).before(4, segments[4])

    assert read(FIN, 107) == 0
    assert read(0, 106) == 0


def test_writes_come_when_they_are_needed_or_as_early_as_there_is_room():
    segments = seen(
        *OPENING,
        (3, True, WIRE_ACK, 501, 101, b"1234"),
        (4, False, WIRE_ACK, 101, 505, b""),
        (5, True, WIRE_ACK, 505, 101, b"5678"),
        (6, True, WIRE_ACK | PSH, 509, 101, b"9"),
    )
    connection = Connection((b"\n\t\0\2", 7), (b"\n\t\0\1", 9), segments, len(segments))

    def sizes(placement: Placement) -> list[int | None]:
        return [call.octets for call in infer(connection, placement, 1000) if call.name == "send"]

    # A segment without PSH leaves an octet in the queue.
    assert sizes(Placement()) == [5, 4]
    assert sizes(Placement(eager=True)) == [9]


def test_sockets_do_not_block_so_that_what_is_written_goes_into_the_queue_at_once():
    (connection,) = read_connections(capture("echo-small"), HOST).connections.values()
    names = [call.name for call in infer(connection, Placement(), send_buffer("utcp"))]
    assert names[names.index("accept") + 1] == "setfileflags" and names.count("setfileflags") == 1


def test_a_connection_is_accepted_before_the_peer_closes_it():
    """Once the peer has sent FIN the model does not accept any more; before the handshake ended it cannot."""

    def names(*given: tuple[int, bool, int, int, int, bytes]) -> list[tuple[str, int]]:
        segments = seen(*given)
        connection = Connection((b"\n\t\0\2", 7), (b"\n\t\0\1", 9), segments, len(segments))
        return [(call.name, call.at) for call in infer(connection, Placement(), 1000) if call.name == "accept"]

    fin = (3, False, WIRE_ACK | FIN, 101, 501, b"")
    answer = (4, True, WIRE_ACK | FIN, 501, 102, b"")
    assert names(*OPENING, fin, answer) == [("accept", 3)]
    assert names(*OPENING[:2], fin, answer) == [("accept", 3)]
    assert names(*OPENING[:2], (3, True, WIRE_ACK | FIN, 501, 101, b""), fin) == [("accept", 2)]
