"""A capture and µTCP's log that do not agree, and what only both together show: mutants of the slices that ship."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from traces import ROOT

from netoracle.captures import wire_profile
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.wire.alignment import align
from netoracle.wire.passing import Passing
from netoracle.wire.result import WireReport
from netoracle.wire.together import check_with_log
from netoracle.wire.utcp_log import Logged
from netoracle.wire.written import Written
from netspec.wire.event import Event
from netspec.wire.segment import ACK, Segment

UTCP = ROOT / "traces" / "utcp"
ECHO = UTCP / "echo-small"
HOST = b"\x0a\x09\x00\x02"
SECOND = 10**9


@dataclass
class Frame:
    """A frame of a capture without link layer: when, and the IPv4 packet; `captured` octets of it."""

    time: int
    data: bytearray
    captured: int | None = None

    @property
    def sent(self) -> bool:
        return self.data[12:16] == HOST

    @property
    def payload(self) -> int:
        """Where the data begins."""
        return 20 + (self.data[32] >> 4) * 4

    def change(self, at: int) -> None:
        """Flip a bit of an octet, and correct the checksum."""
        self.data[at] ^= 1
        checksum(self.data)


def checksum(data: bytearray) -> None:
    """Write the checksum of a TCP segment in an IPv4 packet (RFC 9293 section 3.1)."""
    data[36:38] = b"\0\0"
    total = bytes(data[12:20]) + struct.pack("!HH", 6, len(data) - 20) + bytes(data[20:])
    words = struct.unpack(f"!{(len(total) + 1) // 2}H", total + b"\0" * (len(total) % 2))
    value = sum(words)
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    data[36:38] = struct.pack("!H", ~value & 0xFFFF)


def frames(folder: Path = ECHO) -> list[Frame]:
    return [Frame(one.time, bytearray(one.data)) for one in read_frames(folder / "capture.pcap")]


def lines(folder: Path = ECHO) -> list[str]:
    return (folder / "utcp-trace.log").read_text().splitlines()


def judged(tmp_path: Path, capture: list[Frame], log: list[str], profile: str = "utcp") -> WireReport:
    with (tmp_path / "capture.pcap").open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101))
        for one in capture:
            data = one.data[: one.captured]
            file.write(struct.pack("<IIII", *divmod(one.time, SECOND), len(data), len(one.data)) + data)
    (tmp_path / "utcp-trace.log").write_text("\n".join(log) + "\n")
    (report,) = check_with_log(tmp_path / "capture.pcap", tmp_path / "utcp-trace.log", wire_profile(profile))
    return report


def of(log: list[str], word: str) -> list[int]:
    """The places of the lines of a kind."""
    return [at for at, line in enumerate(log) if f"] {word}" in line]


def told(report: WireReport) -> list[str]:
    return [note for note in report.notes if "have their line" not in note]


def only(report: WireReport) -> tuple[str, int | None, int | None]:
    (finding,) = report.findings
    return finding.violation.summary, finding.violation.frame, finding.violation.line


def test_unchanged_nothing_is_said(tmp_path):
    report = judged(tmp_path, frames(), lines())
    assert (report.verdict, told(report)) == (Verdict.conforms, [])


def test_a_changed_octet_in_a_frame_from_the_host(tmp_path):
    capture = frames()
    at = next(at for at, one in enumerate(capture) if one.sent and len(one.data) > one.payload)
    capture[at].change(capture[at].payload)
    report = judged(tmp_path, capture, lines())
    line = of(lines(), "out")[[one.sent for one in capture[: at + 1]].count(True) - 1] + 1
    where = f"frame {at + 1} and line {line}"
    assert any(f"1 segments differ: {where} (octet 0 of the data" in note for note in told(report))
    assert report.verdict is Verdict.inconclusive
    assert where in report.reason


def test_a_changed_octet_that_the_checksum_shows(tmp_path):
    capture = frames()
    at = next(at for at, one in enumerate(capture) if one.sent and len(one.data) > one.payload)
    capture[at].data[-1] ^= 1
    report = judged(tmp_path, capture, lines())
    assert report.verdict is Verdict.inconclusive
    assert any("segments differ" in note for note in told(report))


def test_a_violation_in_both_stays_one_beside_a_disagreement(tmp_path):
    """The host acknowledges an octet too many, in the frame and in its line; another frame is not as its line."""
    capture, log = frames(), lines()
    outs = of(log, "out")
    at, place = [at for at, one in enumerate(capture) if one.sent][1], outs[1]
    capture[at].data[31] += 1
    checksum(capture[at].data)
    head, _, _ = log[place].rpartition(" ")
    log[place] = f"{head} {base64.b64encode(bytes(capture[at].data[20:])).decode()}"
    report = judged(tmp_path, capture, log)
    assert only(report) == ("a host acknowledges only what it received", at + 1, place + 1)
    capture[-1].change(35)
    report = judged(tmp_path, capture, log)
    assert any("segments differ" in note for note in told(report))
    assert only(report) == ("a host acknowledges only what it received", at + 1, place + 1)


def test_a_frame_recorded_twice(tmp_path):
    capture = frames()
    at = max(at for at, one in enumerate(capture) if one.sent)
    capture.insert(at, capture[at])
    report = judged(tmp_path, capture, lines())
    assert report.verdict is Verdict.inconclusive
    assert any(re.search(r"the log does not hand out: frame \d+$", note) for note in told(report))


def test_a_frame_without_a_sound_header_has_no_line(tmp_path):
    """Not even where the sound one was not recorded."""
    capture = frames()
    at = next(at for at, one in enumerate(capture) if not one.sent and len(one.data) > one.payload)
    capture[at].data[32] = 0x10
    checksum(capture[at].data)
    report = judged(tmp_path, capture, lines())
    assert any("processed and never on the wire" in note for note in told(report))
    assert any("did not process (data offset below 5)" in note for note in told(report))
    assert report.verdict is Verdict.conforms


def test_a_changed_window_in_a_line(tmp_path):
    log = lines()
    at = of(log, "out")[-1]
    head, _, text = log[at].rpartition(" ")
    segment = bytearray(base64.b64decode(text))
    segment[15] ^= 4
    log[at] = f"{head} {base64.b64encode(bytes(segment)).decode()}"
    report = judged(tmp_path, frames(), log)
    assert any(re.search(rf"differ: frame \d+ and line {at + 1} \(win \d+ on the wire", note) for note in told(report))
    assert report.verdict is Verdict.inconclusive


@pytest.mark.parametrize("sent", [True, False], ids=["from the host", "to the host"])
def test_a_dropped_frame_is_judged_as_the_log_has_it(tmp_path, sent):
    capture = frames()
    data = [at for at, one in enumerate(capture) if one.sent == sent and len(one.data) > one.payload]
    del capture[data[0]]
    report = judged(tmp_path, capture, lines())
    kind = "handed out" if sent else "processed"
    (note,) = told(report)
    assert re.fullmatch(rf"disagreement: 1 segments {kind} and never on the wire: line \d+", note)
    assert report.verdict is Verdict.conforms


def test_each_frame_dropped_is_reported(tmp_path):
    for at in range(len(frames())):
        capture = frames()
        del capture[at]
        report = judged(tmp_path, capture, lines())
        (note,) = told(report)
        assert "never on the wire: line" in note or "outside of the capture's time: line" in note
        assert report.verdict is Verdict.conforms


@pytest.mark.parametrize("word", ["out", "handle_buf"])
def test_each_segment_missing_in_the_log_is_reported(tmp_path, word):
    for at in of(lines(), word):
        log = lines()
        last = at == len(log) - 1
        del log[at]
        report = judged(tmp_path, frames(), log)
        kind = "does not hand out" if word == "out" else "did not process"
        assert any(re.search(rf"{kind}.*: frame \d+$", note) for note in told(report))
        assert report.verdict is Verdict.inconclusive or last


def test_swapped_lines_run_backwards(tmp_path):
    for at in range(len(lines()) - 1):
        log = lines()
        log[at], log[at + 1] = log[at + 1], log[at]
        report = judged(tmp_path, frames(), log)
        assert f"disagreement: 1 lines earlier than the line before them: line {at + 2}" in told(report)
        assert report.verdict is Verdict.inconclusive


def swap_events(log: list[str], one: int, other: int) -> None:
    """Swap what two lines say, and leave them their times."""
    (head, tail), (head2, tail2) = (log[at].split("ns] ") for at in (one, other))
    log[one], log[other] = f"{head}ns] {tail2}", f"{head2}ns] {tail}"


def test_segments_in_another_order(tmp_path):
    folder = UTCP / "small-writes"
    log = lines(folder)
    received = of(log, "handle_buf")
    swap_events(log, received[4], received[5])
    report = judged(tmp_path, frames(folder), log)
    assert any("in another order on the wire than in the log: frame" in note for note in told(report))
    assert any("segments processed before they came: frame" in note for note in told(report))
    assert report.verdict is Verdict.inconclusive


def test_a_fin_before_the_close(tmp_path):
    log = lines()
    (close,) = of(log, "close")
    fin = next(at for at in of(log, "out") if at > close)
    assert fin == close + 1
    swap_events(log, close, fin)
    report = judged(tmp_path, frames(), log)
    summary, frame, line = only(report)
    assert (summary, line) == ("a FIN is sent only after the application closes", close + 1)
    assert frame is not None
    assert frames()[frame - 1].data[33] & 1


def test_data_written_and_never_sent(tmp_path):
    log = lines()
    (close,) = of(log, "close")
    head = log[close].removesuffix("close")
    log[close:close] = [f"{head}send 2 {base64.b64encode(data).decode()}" for data in (b"xy", b"zz")]
    assert only(judged(tmp_path, frames(), log))[0] == "what was written is sent before the FIN"


def test_a_segment_with_a_wrong_checksum_was_processed(tmp_path):
    capture = frames()
    at = max(at for at, one in enumerate(capture) if not one.sent)
    capture[at].data[36] ^= 0x55
    report = judged(tmp_path, capture, lines())
    line = of(lines(), "handle_buf")[-1] + 1
    assert report.verdict is Verdict.violates
    assert (report.findings[0].violation.frame, report.findings[0].violation.line) == (at + 1, line)
    assert report.findings[0].violation.summary == "a segment with a wrong checksum or header is not processed"


def reset() -> tuple[list[Frame], list[str]]:
    """The handshake of the echo, then a reset of the host at its next number."""
    capture, log = frames()[:3], lines()
    log = log[: of(log, "handle_buf")[1] + 1]
    data = capture[1].data[:40]
    number = int.from_bytes(data[24:28]) + 1
    data[24:28] = number.to_bytes(4)
    data[2:4], data[32:34] = b"\0\x28", b"\x50\x14"
    data[10:12] = b"\0\0"
    total = sum(struct.unpack("!10H", data[:20]))
    data[10:12] = struct.pack("!H", ~(total % 0xFFFF) & 0xFFFF)
    checksum(data)
    clock = re.search(r"\[(\d+)ns\]", log[-1])
    assert clock is not None
    head = log[-1][: clock.start()]
    now = int(clock[1]) + SECOND // 2
    log.append(f"{head}[{now}ns] out 0 {base64.b64encode(bytes(data[20:])).decode()}")
    capture.append(Frame(capture[-1].time + SECOND // 2, data))
    return capture, log


def test_a_log_of_another_run(tmp_path):
    report = judged(tmp_path, frames(UTCP / "half-close-utcp"), lines())
    assert report.verdict is Verdict.inconclusive
    assert report.reason == "no frame of the capture has a line in the log: they are not of the same time"


def test_frames_cut_short_have_their_data_from_the_log(tmp_path):
    capture = frames()
    for one in capture:
        one.captured = 60
    report = judged(tmp_path, capture, lines())
    assert (report.verdict, told(report)) == (Verdict.conforms, [])
    log = [line for line in lines() if "] send" not in line]
    assert only(judged(tmp_path, capture, log))[0] == "the data sent is what the application wrote"


def sides(times: list[int], seqs: list[int], clock: Callable[[int], int]) -> tuple[list[Passing], list[Logged]]:
    """Segments of the host at some times of its clock, in a capture and a log."""
    host, peer = (HOST, 7), (b"\x0a\x09\x00\x01", 9)
    segments = [Segment(seq, 1, ACK, 100) for seq in seqs]
    capture = [
        Passing(host, peer, Event(at + 1, clock(time), seg))
        for at, (time, seg) in enumerate(zip(times, segments, strict=True))
    ]
    log = [
        Logged(at + 1, time, host, peer, "out", seg) for at, (time, seg) in enumerate(zip(times, segments, strict=True))
    ]
    return capture, log


def test_a_clock_that_drifts():
    """200 parts in a million over three hours are 2 s: more than any tolerance."""
    times = [at * 60 * SECOND for at in range(181)]
    capture, log = sides(times, list(range(181)), lambda time: 5 * SECOND + time + time // 5000)
    found = align(capture, log)
    assert len(found.line_of) == 181
    assert not found.lost_lines
    assert found.clock.drift == pytest.approx(2e-4, rel=1e-3)
    assert found.spread < 1000


def test_segments_with_the_same_contents():
    times = [at * SECOND // 10 for at in range(10)]
    capture, log = sides(times, [5, 6, 7, 7, 7, 7, 8, 9, 10, 11], lambda time: time + 3 * SECOND)
    without_frame = align([one for one in capture if one.event.frame != 4], log)
    assert [line.line for line in without_frame.lost_lines] == [4]
    without_line = align(capture, [one for one in log if one.line != 5])
    assert [place for place in range(10) if place not in without_line.line_of] == [4]
    assert all(line.line == place + 1 for place, line in without_line.line_of.items())


def test_clocks_from_retransmissions_alone():
    times = [0, SECOND, 3 * SECOND, 7 * SECOND, 15 * SECOND]
    capture, log = sides(times, [5] * 5, lambda time: time + 100 * SECOND)
    found = align(capture[1:], log)
    assert {place: line.line for place, line in found.line_of.items()} == {0: 2, 1: 3, 2: 4, 3: 5}
    assert found.clock.offset == 100 * SECOND


def written(*buffers: bytes) -> Written:
    result = Written()
    for one in buffers:
        result.offer(one)
    return result


@pytest.mark.parametrize(
    ("buffers", "stream", "possible"),
    [
        ((b"abcdef", b"cdef", b"gh"), b"abcdefgh", True),
        ((b"abcdef", b"cdef", b"gh"), b"abcdefcdefgh", True),
        ((b"abcdef", b"cdef", b"f", b"gh"), b"abcdefgh", True),
        ((b"abcdef", b"cdef", b"gh"), b"abefgh", False),
        ((b"abc", b"abc", b"abc"), b"abc", True),
        ((b"abc", b"abc"), b"abcabcabc", False),
        ((b"abc", b"def"), b"abdef", False),
        ((b"a",) * 200, b"a" * 200, True),
        ((b"a",) * 200, b"a" * 201, False),
        ((b"", b"ab", b""), b"ab", True),
        ((), b"a", False),
    ],
)
def test_streams_that_writes_explain(buffers, stream, possible):
    assert written(*buffers).take(stream) is possible
    one = written(*buffers)
    assert all(one.take(stream[at : at + 1]) for at in range(len(stream))) is possible


def test_what_is_taken_before_the_rest_is_offered_stays_sent():
    one = written(b"abcdef")
    assert one.take(b"abcde")
    one.offer(b"def")
    assert one.take(b"f")
    assert not one.take(b"f")
    assert one.take(b"def")


def test_the_end_of_the_stream():
    one = written(b"abc", b"def", b"ghi")
    assert one.take(b"abc")
    assert not one.ended()
    assert one.take(b"def")
    assert one.ended()
    rest = written(b"abc", b"c", b"c")
    assert rest.take(b"ab")
    assert rest.ended()


def test_too_many_readings_are_no_verdict():
    one = written(*(b"a",) * 3000)
    assert one.take(b"a" * 3001)
    assert one.unchecked


def test_a_reset_without_cause(tmp_path):
    summary, frame, _ = only(judged(tmp_path, *reset()))
    assert (summary, frame) == ("what belongs to a connection is not answered with a reset", 4)
