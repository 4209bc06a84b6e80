"""Captures judged by the rules of the host, with the sockets calls inferred."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from netoracle.certificate.model import CertificateError
from netoracle.certificate.replay import Refused
from netoracle.hosted import connections
from netoracle.hosted.calls import infer, ordered, placements
from netoracle.hosted.certificate import certificate_of, replay_hosts
from netoracle.hosted.check import check_hosts
from netoracle.hosted.connections import read_connections
from netoracle.hosted.trace import send_buffer
from netoracle.scenario import UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict

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
