"""Checking a capture: every end of every TCP connection in it, as a stream."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from os import PathLike, fspath

from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.icmp import ICMP, quoted_segment
from netoracle.trace.capture.packets import TCP, Packet, packets
from netoracle.trace.capture.tcp import tcp_segment
from netoracle.wire.connection import Conversation, End, Observe, Side
from netoracle.wire.result import MOST_LISTED, Finding, Followed, Quad, WireReport
from netspec.wire.endpoint import Octets
from netspec.wire.event import Event
from netspec.wire.profile import Vantage, WireProfile

MOST_OPEN = 25_000
"""How many connections are followed at once; the one longest silent gives way to a new one."""

MOST_HOSTS = 5_000
"""How many hosts have a report each; further ones share one."""

_OTHERS = "other hosts"
_BUDGET_EVERY = 1024

Key = tuple[Side, Side]
"""The ends of a connection, in order."""

Progress = Callable[[int], None]


class CaptureCheck:
    """A capture under judgement; `hosts` are the addresses to judge, all where it is empty."""

    def __init__(
        self,
        file: str,
        profile: WireProfile,
        vantage: Vantage | None = None,
        hosts: frozenset[bytes] = frozenset(),
        keep: bool = False,
        observe: Observe | None = None,
    ) -> None:
        self.observe = observe
        self.file = file
        self.profile = profile
        self.vantage = vantage
        self.hosts = hosts
        self.keep = keep
        self.open: OrderedDict[Key, Conversation] = OrderedDict()
        self.reports: dict[str, WireReport] = {}
        self.checksums: Counter[str] = Counter()
        self.segments = 0
        self.unusable = 0
        self.now = 0

    def packet(self, packet: Packet) -> None:
        """Judge one packet."""
        self.now = max(self.now, packet.time)
        if packet.protocol == TCP:
            self._tcp(packet)
        elif packet.protocol == ICMP:
            self._icmp(packet)

    def _tcp(self, packet: Packet) -> None:
        try:
            sport, dport, segment = tcp_segment(packet, self.checksums)
        except ValueError:
            self.unusable += 1
            return
        self.segments += 1
        event = Event(packet.frame, packet.time, segment)
        if packet.src == packet.dst and sport == dport:
            # A segment to itself (RFC 9293 has no connection between a socket and itself on the wire).
            return
        source, target = (packet.src, sport), (packet.dst, dport)
        conversation = self._conversation(source, target)
        if conversation is not None:
            conversation.pass_by(source, target, event)

    def _icmp(self, packet: Packet) -> None:
        quoted = quoted_segment(packet)
        if quoted is None or quoted.src != packet.dst:
            return
        source, target = (quoted.src, quoted.sport), (quoted.dst, quoted.dport)
        conversation = self.open.get(_key(source, target))
        if conversation is not None and source in conversation.ends:
            conversation.ends[source].icmp(quoted.hard)

    def _conversation(self, source: Side, target: Side) -> Conversation | None:
        """The connection between two ends, None where neither is judged."""
        key = _key(source, target)
        known = self.open.get(key)
        if known is not None:
            self.open.move_to_end(key)
            return known
        ends = {
            side: self._end(side, peer) for side, peer in (key, key[::-1]) if not self.hosts or side[0] in self.hosts
        }
        if not ends:
            return None
        if len(self.open) >= MOST_OPEN:
            self._close(self.open.popitem(last=False)[1])
        new = self.open[key] = Conversation(ends, self.observe)
        return new

    def _end(self, side: Side, peer: Side) -> End:
        quad = Quad(str(ip_address(side[0])), side[1], str(ip_address(peer[0])), peer[1])
        return End(quad, self.profile, self.vantage, self.keep)

    def _report(self, host: str) -> WireReport:
        if host not in self.reports and len(self.reports) >= MOST_HOSTS:
            host = _OTHERS
        if host not in self.reports:
            vantage = self.vantage.value if self.vantage else "interface, or a path with little loss"
            self.reports[host] = WireReport(self.file, self.profile.name, host, vantage)
        return self.reports[host]

    def _close(self, conversation: Conversation) -> None:
        """Enter what became of a connection into the reports of its hosts."""
        missed = conversation.missed
        for end in conversation.ends.values():
            end.finish(self.now)
            self._enter(end, missed)

    def _enter(self, end: End, missed: tuple[Side, Octets] | None) -> None:
        report = self._report(end.quad.host)
        track = end.judged
        report.connections += 1
        report.segments += end.segments
        report.states += sum(one.states for one in end.tracks)
        report.rules.update(end.rules)
        for call in end.calls.list:
            report.calls[call.name] += 1
        endpoint = track.endpoint
        for advice in endpoint.advice if endpoint is not None else ():
            kind = (advice.clause, advice.text)
            report.advice[kind] += 1
            report.advised.setdefault(kind, advice.frame)
        if track.violation is not None and missed is not None:
            (address, port), (first, last) = missed
            if report.verdict is Verdict.conforms:
                report.verdict = Verdict.inconclusive
            report.reason = report.reason or (
                f"the recorder missed frames: octets {first} to {last} from {ip_address(address)}:{port} were "
                "acknowledged, but never recorded"
            )
        elif track.violation is not None:
            report.violating += 1
            report.verdict = Verdict.violates
            if len(report.findings) < MOST_LISTED:
                report.findings.append(Finding(end.quad, track.violation))
        elif track is not end.tracks[0]:
            report.lossy_count += 1
            if len(report.lossy) < MOST_LISTED:
                report.lossy.append(end.quad)
        if self.keep:
            state = endpoint.state if endpoint is not None else "CLOSED"
            report.followed.append(
                Followed(end.quad, state, track.profile.vantage.value, track.steps or [], end.calls.list)
            )

    def finish(self) -> list[WireReport]:
        """The reports, when all packets have been judged."""
        while self.open:
            self._close(self.open.popitem(last=False)[1])
        for report in self.reports.values():
            report.findings.sort(key=lambda finding: finding.violation.time)
        return list(self.reports.values())


def _key(source: Side, target: Side) -> Key:
    return (source, target) if source <= target else (target, source)


def check_capture(
    path: str | PathLike[str],
    profile: WireProfile,
    vantage: Vantage | None = None,
    hosts: frozenset[bytes] = frozenset(),
    seconds: float = 60.0,
    keep: bool = False,
    progress: Progress | None = None,
) -> list[WireReport]:
    """Check a capture: a report for each host, or for those of `hosts`, that takes part in a TCP connection.

    `keep` keeps every step and inferred call; without it memory is bounded by the open connections.
    Raises CaptureError where the file is no capture.
    """
    started = time.perf_counter()
    check = CaptureCheck(fspath(path), profile, vantage, hosts, keep)
    frames = read_frames(path)
    stream = packets(frames)
    spent = None
    for count, packet in enumerate(_counted(stream, progress)):
        if count % _BUDGET_EVERY == 0 and time.perf_counter() - started > seconds:
            spent = f"the budget of {seconds:g} s ended at frame {packet.frame}"
            break
        check.packet(packet)
    reports = check.finish()
    notes = [*frames.warnings]
    if frames.backwards:
        notes.append(f"{frames.backwards} frames have an earlier time than the frame before")
    if check.unusable:
        notes.append(f"{check.unusable} packets end before their TCP header does")
    if check.checksums["offloaded"]:
        notes.append(f"{check.checksums['offloaded']} checksums were left to the network card")
    for report in reports:
        report.seconds = time.perf_counter() - started
        report.notes = notes
        if spent is not None and report.verdict is Verdict.conforms:
            report.verdict, report.reason = Verdict.inconclusive, spent
    return reports


def _counted(stream: Iterator[Packet], progress: Progress | None) -> Iterator[Packet]:
    for packet in stream:
        if progress is not None and packet.frame % 4096 == 0:
            progress(packet.frame)
        yield packet
