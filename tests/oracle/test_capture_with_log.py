"""µTCP's log and a capture of the same time, judged together."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import pytest
from traces import ROOT

from netoracle.captures import wire_profile
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.model import TraceError
from netoracle.wire.together import check_with_log

SLICES = sorted(path.parent for path in (ROOT / "traces" / "utcp").glob("*/capture.pcap"))
ECHO = ROOT / "traces" / "utcp" / "echo-small"


def judged(capture: Path, log: Path):
    (report,) = check_with_log(capture, log, wire_profile("utcp"))
    return report


@pytest.mark.parametrize("folder", SLICES, ids=lambda folder: folder.name)
def test_the_slices_conform_and_agree(folder):
    report = judged(folder / "capture.pcap", folder / "utcp-trace.log")
    assert report.verdict is Verdict.conforms, report.findings
    assert not [note for note in report.notes if "disagreement" in note]
    frames = len(list(read_frames(folder / "capture.pcap")))
    assert report.notes[0].startswith(f"{frames} frames have their line")


def changed(tmp_path: Path, change) -> Path:
    """The log of the echo with its lines changed."""
    lines = (ECHO / "utcp-trace.log").read_text().splitlines()
    log = tmp_path / "utcp-trace.log"
    log.write_text("\n".join(change(lines)) + "\n")
    return log


def without(word: str):
    return lambda lines: [line for line in lines if f"] {word}" not in line]


def test_a_fin_needs_a_close(tmp_path):
    report = judged(ECHO / "capture.pcap", changed(tmp_path, without("close")))
    assert report.verdict is Verdict.violates
    assert report.findings[0].violation.summary == "a FIN is sent only after the application closes"


def test_a_syn_needs_a_connect(tmp_path):
    folder = ROOT / "traces" / "utcp" / "active-echo"
    lines = [line for line in (folder / "utcp-trace.log").read_text().splitlines() if "] connect" not in line]
    log = tmp_path / "utcp-trace.log"
    log.write_text("\n".join(lines) + "\n")
    report = judged(folder / "capture.pcap", log)
    assert report.findings[0].violation.summary == "a SYN is sent only after the application connects"


def test_data_needs_to_be_written(tmp_path):
    report = judged(ECHO / "capture.pcap", changed(tmp_path, without("send")))
    assert report.findings[0].violation.summary == "the data sent is what the application wrote"

    def other_octet(lines):
        result = []
        for line in lines:
            if "] send" in line:
                head, _, text = line.rpartition(" ")
                data = bytearray(base64.b64decode(text))
                data[0] ^= 1
                line = f"{head} {base64.b64encode(bytes(data)).decode()}"
            result.append(line)
        return result

    report = judged(ECHO / "capture.pcap", changed(tmp_path, other_octet))
    assert report.findings[0].violation.summary == "the data sent is what the application wrote"


def test_what_only_one_of_them_has_is_said(tmp_path):
    report = judged(ECHO / "capture.pcap", changed(tmp_path, without("out")))
    assert any("that the log does not hand out" in note for note in report.notes)
    log = changed(tmp_path, without("handle_buf"))
    report = judged(ECHO / "capture.pcap", log)
    assert any("did not process (well-formed)" in note for note in report.notes)
    assert report.verdict is Verdict.inconclusive

    frames = list(read_frames(ECHO / "capture.pcap"))
    capture = tmp_path / "capture.pcap"
    with capture.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101))
        for frame in frames[:4] + frames[5:]:
            file.write(
                struct.pack("<IIII", *divmod(frame.time, 10**9), len(frame.data), frame.wire_length) + frame.data
            )
    report = judged(capture, ECHO / "utcp-trace.log")
    assert any("handed out and never on the wire" in note for note in report.notes)


def test_a_log_that_is_none(tmp_path):
    log = tmp_path / "utcp-trace.log"
    log.write_text("nothing of µTCP\n")
    with pytest.raises(TraceError, match=r"utcp-trace\.log:1:"):
        check_with_log(ECHO / "capture.pcap", log, wire_profile("utcp"))
