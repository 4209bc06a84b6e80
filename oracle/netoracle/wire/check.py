"""Checking a capture: every end of every TCP connection in it, as a stream."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from os import PathLike, fspath

from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames
from netoracle.trace.capture.packets import Packet, Reassembler, packets
from netoracle.wire.connection import Conversation, End, Observe
from netoracle.wire.passing import Passing, Side, Unreachable, passing
from netoracle.wire.result import MOST_LISTED, Finding, Followed, Quad, WireReport
from netoracle.wire.track import WireViolation
from netspec.wire.endpoint import Octets
from netspec.wire.profile import SECOND, Vantage, WireProfile
from netspec.wire.profile import seconds as in_words

MOST_OPEN = 25_000
"""How many connections are followed at once; the one longest silent gives way to a new one."""

MOST_HOSTS = 5_000
"""How many hosts have a report each; further ones share one."""

MOST_BACK = SECOND
"""How far the times of a capture may go back, in nanoseconds, for it to show what was due when."""

_OTHERS = "other hosts"
_BUDGET_EVERY = 1024

Key = tuple[Side, Side]
"""The ends of a connection, in order."""

Progress = Callable[[int], None]


class CaptureCheck:
    """A capture under judgement; `hosts` are the addresses to judge, all where it is empty.

    `complete`: the recorder is said to have missed nothing, so that what was not recorded was not sent.
    """

    def __init__(
        self,
        file: str,
        profile: WireProfile,
        vantage: Vantage | None = None,
        hosts: frozenset[bytes] = frozenset(),
        keep: bool = False,
        observe: Observe | None = None,
        complete: bool = False,
    ) -> None:
        self.observe = observe
        self.file = file
        self.profile = profile
        self.vantage = vantage
        self.complete = complete
        self.hosts = hosts
        self.keep = keep
        self.open: OrderedDict[Key, Conversation] = OrderedDict()
        self.reports: dict[str, WireReport] = {}
        self.now = 0

    def judge(self, one: Passing | Unreachable) -> None:
        """Judge what passes the recorder next."""
        if isinstance(one, Unreachable):
            conversation = self.open.get(_key(one.source, one.target))
            if conversation is not None and one.source in conversation.ends:
                conversation.ends[one.source].icmp(one.hard)
            return
        self.now = max(self.now, one.event.time)
        conversation = self._conversation(one.source, one.target)
        if conversation is not None:
            conversation.pass_by(one.source, one.target, one.event)

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
        """Enter what became of a connection into the reports of its hosts.

        Where the vantage is stated, that a host acknowledges what was never recorded counts against the host, not
        against the recorder; where the recorder missed nothing, that it leaves something out does too.
        """
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
        if track.violation is not None and missed is not None and self._doubted(track.violation, missed[0], end):
            if report.verdict is Verdict.conforms:
                report.verdict = Verdict.inconclusive
            report.reason = report.reason or f"the recorder missed frames: {_never_recorded(*missed)}"
        elif track.violation is not None:
            if missed is not None:
                report.notes.append(_never_recorded(*missed))
            report.violating += 1
            report.verdict = Verdict.violates
            if len(report.findings) < MOST_LISTED:
                report.findings.append(Finding(end.quad, track.violation))
        elif end.undecided is not None and (end.undecided.owed_in_any_case or self.hosts):
            if report.verdict is Verdict.conforms:
                report.verdict = Verdict.inconclusive
            report.reason = report.reason or (
                f"{end.quad}: {end.undecided.what}: lost between recorder and host, or the host is gone, or at fault; "
                "with --vantage interface it violates, with path it conforms"
            )
        elif track is not end.tracks[0]:
            report.lossy_count += 1
            if len(report.lossy) < MOST_LISTED:
                report.lossy.append(end.quad)
        if self.keep:
            state = endpoint.state if endpoint is not None else "CLOSED"
            report.followed.append(
                Followed(end.quad, state, track.profile.vantage.value, track.steps or [], end.calls.list)
            )

    def _doubted(self, violation: WireViolation, missed: Side, end: End) -> bool:
        """Whether a violation may be due to frames that the recorder missed, those of the side `missed` among them."""
        if self.complete or violation.of_form:
            return False
        return self.vantage is None or _is(missed, end)

    def finish(self) -> list[WireReport]:
        """The reports, when all packets have been judged."""
        while self.open:
            self._close(self.open.popitem(last=False)[1])
        for report in self.reports.values():
            report.findings.sort(key=lambda finding: finding.violation.time)
        return list(self.reports.values())


def _never_recorded(side: Side, octets: Octets) -> str:
    (address, port), (first, last) = side, octets
    return f"octets {first} to {last} from {ip_address(address)}:{port} were acknowledged, but never recorded"


def _is(side: Side, end: End) -> bool:
    return (str(ip_address(side[0])), side[1]) == (end.quad.host, end.quad.port)


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
    complete: bool = False,
) -> list[WireReport]:
    """Check a capture: a report for each host, or for those of `hosts`, that takes part in a TCP connection.

    `keep` keeps every step and inferred call; without it memory is bounded by the open connections.  `complete`: the
    recorder is said to have missed nothing.
    Raises CaptureError where the file is no capture.
    """
    started = time.perf_counter()
    check = CaptureCheck(fspath(path), profile, vantage, hosts, keep, complete=complete)
    frames = read_frames(path)
    reassembler = Reassembler()
    checksums: Counter[str] = Counter()
    spent = None
    for count, one in enumerate(passing(_counted(packets(frames, reassembler), progress), checksums)):
        if count % _BUDGET_EVERY == 0 and time.perf_counter() - started > seconds:
            spent = f"the budget of {seconds:g} s ended after {count} segments"
            break
        check.judge(one)
    notes = [*frames.warnings, *(f"{count} packets unusable: {why}" for why, count in reassembler.unusable.items())]
    if reassembler.duplicates.count:
        notes.append(f"{reassembler.duplicates.count} frames show a packet once more, at another interface")
    if frames.backwards:
        notes.append(f"{frames.backwards} frames have an earlier time than the frame before")
    if checksums["offloaded"]:
        notes.append(f"{checksums['offloaded']} checksums were left to the network card")
    reports = check.finish()
    for report in reports:
        report.seconds = time.perf_counter() - started
        report.notes = [*notes, *report.notes]
        if spent is not None and report.verdict is Verdict.conforms:
            report.verdict, report.reason = Verdict.inconclusive, spent
        if frames.furthest_back > MOST_BACK and all(finding.violation.of_time for finding in report.findings):
            back = f"the times of the frames go back by up to {in_words(frames.furthest_back)}"
            report.verdict, report.reason = Verdict.inconclusive, f"{back}: what was due when cannot be said"
    return reports


def _counted(stream: Iterator[Packet], progress: Progress | None) -> Iterator[Packet]:
    for packet in stream:
        if progress is not None and packet.frame % 4096 == 0:
            progress(packet.frame)
        yield packet
