"""How the time to check a capture grows with it, and what memory it takes, the whole process included.

Captures that ship are repeated: each time later, between other addresses, so that every checksum stays right.
"""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from netoracle.trace.capture.frames import read_frames

ROOT = Path(__file__).resolve().parent.parent
CAPTURE = ROOT / "traces" / "utcp-captures" / "impair-loss5-down" / "capture.pcap.gz"
_SECOND = 10**9


def repeated(capture: Path, times: int, into: Path) -> int:
    """Write a capture of raw IP packets several times over; returns its number of frames.

    The first word of one address grows by what that of the other shrinks by, which leaves the checksums as they are.
    """
    frames = list(read_frames(capture))
    length = frames[-1].time - frames[0].time + 10 * _SECOND
    lower = min(frame.data[12:20] for frame in frames)[:4]
    with into.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101))
        for round_ in range(times):
            for frame in frames:
                data = bytearray(frame.data)
                for place in (12, 16):
                    change = round_ if data[place : place + 4] == lower else -round_
                    word = int.from_bytes(data[place : place + 2]) + change
                    data[place : place + 2] = word.to_bytes(2)
                time = frame.time + round_ * length
                file.write(struct.pack("<IIII", time // _SECOND, time % _SECOND, len(data), frame.wire_length) + data)
    return len(frames) * times


@pytest.mark.parametrize("times", [1, 10, 100])
def test_growth(benchmark, times, tmp_path):
    """Seconds a segment, and the peak memory of the process, at three sizes."""
    capture = tmp_path / "repeated.pcap"
    segments = repeated(CAPTURE, times, capture)
    command = [sys.executable, "-m", "netoracle", "check", str(capture), "--profile", "utcp", "--budget-seconds", "600"]
    benchmark.pedantic(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=False), rounds=3)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info["segments"] = segments
    benchmark.extra_info["microseconds a segment"] = round(benchmark.stats.stats.min / segments * 1e6)
    benchmark.extra_info["peak MiB"] = round(peak)
    print(f"\n{times:4} times: {dict(benchmark.extra_info)}")
