"""How many DHCP messages a second are judged, and in how much memory."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from netoracle.dhcp.check import check_frames
from netoracle.trace.capture.frames import Frame, read_frames

CAPTURE = Path(__file__).resolve().parent.parent / "traces" / "dhcp" / "dhcpd-udhcpc-relay" / "capture.pcap"
MESSAGES = 100_000
HOUR = 3600 * 1_000_000_000


def repeated(frames: list[Frame], messages: int) -> Iterator[Frame]:
    """The capture over and over, an hour apart."""
    number = turn = 0
    while number < messages:
        for frame in frames:
            number += 1
            yield replace(frame, number=number, time=frame.time + turn * HOUR)
        turn += 1


def test_dhcp(benchmark):
    frames = list(read_frames(CAPTURE))
    needed = MESSAGES * len(frames) // check_frames(frames).messages + len(frames)
    report = benchmark.pedantic(lambda: check_frames(repeated(frames, needed)), rounds=3)
    assert report.messages >= MESSAGES
    per_second = round(report.messages / benchmark.stats.stats.median)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nDHCP: {report.messages} messages, {per_second} a second, at most {memory} MiB  {report.verdict.value}")
