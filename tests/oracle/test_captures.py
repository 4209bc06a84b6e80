"""Captures through the command line: verdicts, reports, certificates, and files that are meant to do harm."""

from __future__ import annotations

import json
import os
import random
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from netoracle.captures import Options, wire_profile
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.links import read_link
from netoracle.wire.check import check_capture
from netspec.wire.profile import Vantage

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ROOT / "traces" / "utcp-captures"
CORPUS = Path(os.environ.get("NETORACLE_CAPTURES", ROOT.parent / "shared" / "captures"))
UTCP, LINUX = "10.9.0.2", "10.9.0.1"

NOTHING_NEW = "a segment with nothing new answers one that calls for it"

HELD_BACK = "data that waits is sent when nothing holds it back"

VIOLATIONS = {
    "idle-after-handshake": (NOTHING_NEW, 5),
    "impair-mixed-down": (HELD_BACK, 300),
    "impair-reorder-down": (HELD_BACK, 348),
    "never-read": (NOTHING_NEW, 78),
    "passive-never-sends-640s": (NOTHING_NEW, 6),
    "raw-beyond-window": ("a segment is acknowledged once", 107),
    "raw-close-wait": ("a host acknowledges only what it received", 9),
    "raw-fin-data": ("a host acknowledges only what it received", 9),
    "raw-rexmt-backoff": ("unacknowledged data is sent again", 7),
    "raw-zero-window-persist": (NOTHING_NEW, 4),
    "rtt-includes-idle": ("unacknowledged data is sent again", 7),
    "third-ack-lost": ("what belongs to a connection is not answered with a reset", 5),
}
"""Of the captures of µTCP 0.0.7, those that violate profile utcp, with the premise and the frame (docs/utcp.md)."""

corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the captures are not in {CORPUS}")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "netoracle", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def shipped(name: str) -> Path:
    (path,) = (SHIPPED / name).glob("capture.pcap*")
    return path


def of(path: Path, host: str, profile: str, vantage: Vantage | None = Vantage.interface):
    (report,) = check_capture(path, wire_profile(profile), vantage, Options((host,)).addresses())
    return report


@pytest.mark.parametrize("name", ["raw-close-wait", "impair-mixed-down", "rtt-includes-idle"])
def test_a_violation_names_frame_premise_and_both_sides(name):
    premise, frame = VIOLATIONS[name]
    report = of(shipped(name), UTCP, "utcp")
    assert report.verdict is Verdict.violates
    violation = report.findings[0].violation
    assert (violation.summary, violation.frame) == (premise, frame)
    assert all(near.expected and near.found and near.clause for near in violation.nearest)


def test_a_profile_may_allow_what_another_forbids():
    """RFC 9293 has a reset with FIN reset; µTCP documents that it drops such a segment."""
    assert of(shipped("raw-flags"), UTCP, "rfc9293").verdict is Verdict.violates
    assert of(shipped("raw-flags"), UTCP, "utcp").verdict is Verdict.conforms


def test_loss_on_a_path_explains_what_an_interface_does_not():
    capture = shipped("impair-loss5-down")
    assert of(capture, LINUX, "rfc9293", Vantage.interface).verdict is Verdict.violates
    assert of(capture, LINUX, "rfc9293", Vantage.path).verdict is Verdict.conforms
    either = of(capture, LINUX, "rfc9293", None)
    assert (either.verdict, either.lossy_count) == (Verdict.conforms, 1)
    assert of(capture, UTCP, "rfc9293", Vantage.interface).verdict is Verdict.conforms


@pytest.mark.parametrize(
    ("places", "verdict"),
    [((2, 3), Verdict.conforms), ((2, 2), Verdict.violates)],
    ids=["at two interfaces", "twice at one"],
)
def test_a_packet_that_two_interfaces_showed_was_sent_once(places, verdict, tmp_path):
    """Linux's capture of all interfaces (link type 276) has a packet at each; sent twice, it is twice at one."""
    doubled = tmp_path / "any.pcap"
    with doubled.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 276))
        for frame in read_frames(shipped("simultaneous-close")):
            link = read_link(frame.linktype, frame.data)
            for after, place in enumerate(places):
                data = b"\x08\0\0\0" + place.to_bytes(4) + bytes(12) + frame.data[link[1] :]
                seconds, nanoseconds = divmod(frame.time + after, 10**9)
                file.write(struct.pack("<IIII", seconds, nanoseconds, len(data), len(data)) + data)
    assert of(doubled, UTCP, "rfc9293").verdict is verdict


def test_what_rests_on_a_vantage_that_only_the_profile_knows_is_noted():
    note = "if this one was taken elsewhere (--vantage path), it conforms"
    capture = shipped("rtt-includes-idle")
    assert note in run("check", capture, "--host", UTCP, "--profile", "utcp").stdout
    assert note not in run("check", capture, "--host", UTCP, "--profile", "utcp", "--vantage", "interface").stdout
    assert note not in run("check", shipped("raw-close-wait"), "--host", UTCP, "--profile", "utcp").stdout


def test_the_command_reports_in_every_format(tmp_path):
    files = [tmp_path / name for name in ("report.json", "report.xml", "report.html")]
    outputs = ("--json", files[0], "--junit", files[1], "--html", files[2])
    done = run("check", SHIPPED, "--profile", "utcp", "--host", UTCP, "--jobs", 2, *outputs)
    assert done.returncode == 1, done.stderr
    reports = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert {Path(r["file"]).parent.name: r["verdict"] for r in reports} == {
        folder.name: "violates" if folder.name in VIOLATIONS else "conforms" for folder in SHIPPED.iterdir()
        if folder.is_dir()
    }  # fmt: skip
    assert all(report["host"] == UTCP and report["steps"] and report["inferred"] for report in reports)
    suite = ElementTree.parse(files[1]).getroot()
    violating = sum(report["verdict"] == "violates" for report in reports)
    assert (int(suite.get("tests")), int(suite.get("failures"))) == (len(reports), violating)
    assert "a host acknowledges only what it received" in files[2].read_text()


def test_a_certificate_is_replayed_and_cannot_be_changed(tmp_path):
    certificate = tmp_path / "run.json"
    capture = shipped("simultaneous-close")
    assert run("check", capture, "--certificate", certificate).returncode == 0
    assert run("verify", certificate, capture).returncode == 0
    original = json.loads(certificate.read_text())
    for connection, one in enumerate(original["connections"]):
        for place, (frame, rule, received) in enumerate(one["steps"]):
            for changed in ([frame + 1, rule, received], [frame, "keep_alive", received], [frame, rule, received + 9]):
                document = json.loads(certificate.read_text())
                document["connections"][connection]["steps"][place] = changed
                other = tmp_path / "changed.json"
                other.write_text(json.dumps(document))
                assert _refuses(other, capture), changed
            document = json.loads(certificate.read_text())
            del document["connections"][connection]["steps"][place]
            (tmp_path / "shorter.json").write_text(json.dumps(document))
            assert _refuses(tmp_path / "shorter.json", capture)


def _refuses(certificate: Path, capture: Path) -> bool:
    from netoracle.certificate.replay import Refused
    from netoracle.wire.certificate import replay_capture

    try:
        replay_capture(certificate.read_text(), certificate.name, capture)
    except Refused:
        return True
    return False


def test_the_annotated_capture_is_the_capture_with_comments(tmp_path):
    from netoracle.trace.capture.frames import read_frames

    capture, annotated = shipped("raw-close-wait"), tmp_path / "annotated.pcapng"
    assert run("check", capture, "--host", UTCP, "--profile", "utcp", "--annotate", annotated).returncode == 1
    assert list(read_frames(annotated)) == list(read_frames(capture))
    text = annotated.read_bytes()
    assert b"10.9.0.2: answer_syn" in text and b"VIOLATES utcp: 10.9.0.2 in CLOSE-WAIT" in text
    assert [path.name for path in tmp_path.iterdir()] == ["annotated.pcapng"]


def test_in_a_folder_what_is_no_trace_is_left_out(tmp_path):
    (tmp_path / "kernel.trace").write_text("some other program's trace\n")
    (tmp_path / "notes.hol").write_bytes(b"\x00\xff")
    empty = _pcap(tmp_path / "udp.pcap", [])
    assert run("check", empty).returncode == 2
    (tmp_path / "capture.pcap").write_bytes(shipped("raw-flags").read_bytes())
    done = run("check", tmp_path, "--profile", "utcp", "--host", UTCP)
    assert (done.returncode, done.stderr) == (0, "")
    assert "udp.pcap: no TCP segments" in done.stdout and "conforms" in done.stdout


def test_explain_and_show_print_every_segment():
    capture = shipped("raw-close-wait")
    explained = run("explain", capture, "--host", UTCP, "--profile", "utcp")
    assert explained.returncode == 1
    assert "answer_syn" in explained.stdout and "rcv_min: 0 -> 1" in explained.stdout
    listed = run("show", capture)
    assert listed.returncode == 0 and len(listed.stdout.splitlines()) == 15


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"\xd4\xc3\xb2\xa1",
        b"\x4d\x3c\xb2\xa1" + bytes(20) + b"\xff" * 16,
        b"\x0a\x0d\x0d\x0a\xff\xff\xff\x7f" + bytes(24),
        b"\x1f\x8b\x08\x00garbage",
        b"nothing like a capture",
    ],
)
def test_what_is_no_capture_ends_in_one_line(contents, tmp_path):
    file = tmp_path / "bad.pcap"
    file.write_bytes(contents)
    done = run("check", file)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and str(file) in done.stderr


@pytest.mark.parametrize("option", [("--host", "10.9.0.300"), ("--host", "10.1.1.1"), ("--profile", "freebsd-4.6")])
def test_options_that_cannot_be_used_end_in_one_line(option):
    done = run("check", shipped("raw-flags"), *option)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def _pcap(path: Path, packets: list[tuple[int, bytes]]) -> Path:
    """Write raw IP packets with their times in nanoseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101)]
    for time, data in packets:
        parts += [struct.pack("<IIII", time // 10**9, time % 10**9, len(data), len(data)), data]
    path.write_bytes(b"".join(parts))
    return path


def _segment(source: int, target: int, sport: int, seq: int, ack: int, flags: int, data: bytes = b"") -> bytes:
    """A segment between two addresses of 10.0.0.0/8, with right checksums."""
    addresses = struct.pack("!II", 0x0A000000 + source, 0x0A000000 + target)
    tcp = struct.pack("!HHIIBBHHH", sport, 80, seq, ack, 0x50, flags, 65535, 0, 0) + data
    field = _sum(addresses + struct.pack("!HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack("!H", field) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses
    return ip[:10] + struct.pack("!H", _sum(ip)) + ip[12:] + tcp


def _sum(data: bytes) -> int:
    words = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def test_very_many_connections_end_within_the_budget(tmp_path):
    """Each is one SYN; more of them than are followed at once."""
    syns = [(n, _segment(n, 5, 1024 + n % 60000, n, 0, 2)) for n in range(60_000)]
    capture = _pcap(tmp_path / "many.pcap", syns)
    done = run("check", capture, "--budget-seconds", 30)
    assert done.returncode in (0, 3) and not done.stderr


def test_ten_thousand_segments_out_of_order(tmp_path):
    """The peer's data arrives in random order; the host acknowledges it all in the end."""
    peer, host = 1, 2
    order = list(range(10_000))
    random.Random(1).shuffle(order)
    packets = [_segment(peer, host, 999, 0, 0, 2)]
    answer = struct.pack("!HHIIBBHHH", 80, 999, 0, 1, 0x50, 18, 65535, 0, 0)
    packets.append(_reply(host, peer, answer))
    packets += [_segment(peer, host, 999, 1 + 6 * n, 1, 16, b"abcdef") for n in order]
    packets.append(_reply(host, peer, struct.pack("!HHIIBBHHH", 80, 999, 1, 60_001, 0x50, 16, 65535, 0, 0)))
    capture = _pcap(tmp_path / "order.pcap", [(n * 1000, data) for n, data in enumerate(packets)])
    (report,) = check_capture(capture, wire_profile(None), Vantage.interface, Options(("10.0.0.2",)).addresses())
    assert report.verdict is Verdict.conforms
    assert report.seconds < 60


def _reply(source: int, target: int, tcp: bytes) -> bytes:
    addresses = struct.pack("!II", 0x0A000000 + source, 0x0A000000 + target)
    tcp = tcp[:16] + struct.pack("!H", _sum(addresses + struct.pack("!HH", 6, len(tcp)) + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses
    return ip[:10] + struct.pack("!H", _sum(ip)) + ip[12:] + tcp


@corpus
def test_every_capture_of_utcp_is_judged_as_argued():
    found = {}
    for folder in sorted((CORPUS / "utcp" / "0.0.7").iterdir()):
        capture = folder / "capture.pcap"
        if not capture.is_file():
            continue
        reports = check_capture(capture, wire_profile("utcp"), Vantage.interface, Options((UTCP,)).addresses())
        for finding in (finding for report in reports for finding in report.findings):
            found[folder.name] = finding.violation.summary, finding.violation.frame
    assert found == VIOLATIONS


@corpus
@pytest.mark.parametrize("named", [False, True], ids=["all ends", "each host named"])
def test_no_false_alarm_on_linux(named):
    """Linux at both ends of its own paths, and at the far end of the paths to µTCP; no vantage stated."""
    alarms = []
    captures = [path for folder in sorted((CORPUS / "linux").iterdir()) for path in folder.glob("capture*.pcap")]
    captures += [folder / "capture.pcap" for folder in sorted((CORPUS / "utcp" / "0.0.7").iterdir())]
    for capture in captures:
        if not capture.is_file() or "raw" in capture.parent.name:
            continue
        hosts = {report.host for report in check_capture(capture, wire_profile("rfc9293"))} - {UTCP}
        for chosen in [(host,) for host in hosts] if named else [()]:
            reports = check_capture(capture, wire_profile("rfc9293"), None, Options(chosen).addresses())
            alarms += [
                (capture.parent.name, report.host, report.reason)
                for report in reports
                if report.verdict is Verdict.violates and report.host != UTCP
            ]
    assert alarms == []
