"""A capture with the verdict in it: pcapng, with a comment at each frame that was explained or violates.

Written here because dpkt's writer gives every frame its captured length as its length.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from netoracle.dhcp.result import DhcpReport
from netoracle.report.files import writing
from netoracle.trace.capture.frames import Frame, read_frames
from netoracle.wire.result import WireReport

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_COMMENT, _RESOLUTION = 1, 9
_NANOSECONDS = b"\x09"
_SNAPLEN = 262_144


def comments_of(reports: Sequence[WireReport | DhcpReport]) -> dict[int, list[str]]:
    """The comments by frame: the rule that explains what was sent, or why nothing does, and what DHCP departs from."""
    comments: dict[int, list[str]] = defaultdict(list)
    for report in reports:
        if isinstance(report, DhcpReport):
            for step in report.steps:
                if step.sent:
                    comments[step.frame].append(f"{step.party}: {step.rule}")
            for violation in report.violations:
                comments[violation.frame].append(f"VIOLATES {report.profile}: {violation.party}: {violation.summary}")
            for deviation in (one for party in report.parties for one in party.deviations):
                departs = f"{deviation.party} deviates from requirement {deviation.requirement}: {deviation.found}"
                comments[deviation.frame].append(departs)
            continue
        for one in report.followed:
            for wire_step in one.steps:
                comments[wire_step.frame].append(f"{report.host}: {wire_step.rule}")
        for finding in report.findings:
            found = finding.violation
            if found.frame is not None:
                near = found.nearest[0]
                comments[found.frame].append(
                    f"VIOLATES {report.profile}: {report.host} in {found.state}: {found.summary} [{near.clause}]: "
                    f"expected {near.expected}, found {near.found}"
                )
    return dict(comments)


def write_annotated(capture: str | Path, into: Path, comments: Mapping[int, Sequence[str]]) -> None:
    """Copy a capture as pcapng with comments.  Raises CaptureError, CannotWrite; nothing half-written stays."""
    with writing(into) as file:
        file.write(_block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        interfaces: dict[int, int] = {}
        for frame in read_frames(capture):
            if frame.linktype not in interfaces:
                interfaces[frame.linktype] = len(interfaces)
                file.write(_interface(frame.linktype))
            file.write(_packet(frame, interfaces[frame.linktype], comments.get(frame.number, ())))


def _interface(linktype: int) -> bytes:
    options = [(_RESOLUTION, _NANOSECONDS)]
    return _block(_INTERFACE, struct.pack("<HHI", linktype, 0, _SNAPLEN) + b"".join(_options(options)))


def _packet(frame: Frame, interface: int, comments: Sequence[str]) -> bytes:
    high, low = divmod(frame.time, 1 << 32)
    head = struct.pack("<IIIII", interface, high, low, len(frame.data), frame.wire_length)
    options = [(_COMMENT, comment.encode()[:60_000]) for comment in comments]
    return _block(_PACKET, head + _padded(frame.data) + b"".join(_options(options)))


def _options(options: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    if not options:
        return
    for code, value in options:
        yield struct.pack("<HH", code, len(value)) + _padded(value)
    yield bytes(4)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
