"""`netoracle show`: a trace, readably."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from rich.table import Table

from netoracle.exit_status import Exit
from netoracle.oracle import FormatName
from netoracle.report.console import report_console
from netoracle.report.dhcp_words import message_in_words
from netoracle.report.segments import in_words as segment_in_words
from netoracle.trace import read_trace
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import TCP, UDP, packets
from netoracle.trace.capture.recognise import is_capture
from netoracle.trace.capture.tcp import tcp_segment
from netoracle.trace.capture.udp import udp_datagram
from netoracle.trace.words import in_words


def run(file: Path, trace_format: FormatName) -> int:
    """Print one line for each label or, of a capture, each packet."""
    if trace_format == "auto" and is_capture(file):
        return _capture(file)
    trace = read_trace(str(file), trace_format)
    table = Table(title=str(file), box=None, pad_edge=False)
    for heading in ("label", "line", "time", "what"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    start = trace.base_time
    for index, entry in enumerate(trace.labels):
        if start is None:
            start = entry.time
        when = "" if entry.time is None or start is None else f"{float(entry.time - start):.6f}"
        table.add_row(str(index), str(entry.line), when, in_words(entry.label))
    report_console().print(table)
    return Exit.CONFORMS


def _capture(file: Path) -> int:
    """Print the packets as a stream: frame, seconds since the first packet, ends, contents."""
    console = report_console()
    start = None
    frames = read_frames(file)
    for packet in packets(frames):
        start = packet.time if start is None else start
        when = f"{(packet.time - start) / 1e9:.6f}"
        source, target = ip_address(packet.src), ip_address(packet.dst)
        if packet.protocol == TCP:
            sport, dport, segment = tcp_segment(packet)
            line = f"{source}:{sport} -> {target}:{dport}  {segment_in_words(segment)}"
        elif packet.protocol == UDP:
            sport, dport, length, data, _ = udp_datagram(packet)
            what = message_in_words(data) if length == len(data) and {sport, dport} & {67, 68} else None
            line = f"{source}:{sport} -> {target}:{dport}  {what or f'UDP, {length} octets'}"
        else:
            line = f"{source} -> {target}  protocol {packet.protocol}, {packet.length} octets"
        console.print(f"{packet.frame:6} {when:>12}  {line}", markup=False, soft_wrap=True, highlight=False)
    for warning in frames.warnings:
        console.print(warning, style="dim", markup=False, soft_wrap=True)
    return Exit.CONFORMS
