"""Captures judged as a stream: what they begin and end with, whom they show, and what the recorder missed."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from netoracle.captures import Options, wire_profile
from netoracle.scenario import UsageError
from netoracle.search.search import Verdict
from netoracle.wire.check import check_capture
from netspec.wire.profile import Vantage
from netspec.wire.segment import ACK, FIN, RST, SYN

PEER, HOST, OTHER = 1, 2, 3
MS = 1_000_000


def checksum(data: bytes) -> int:
    words = data + b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source: int, target: int, protocol: int, payload: bytes) -> bytes:
    addresses = struct.pack("!II", 0x0A000000 + source, 0x0A000000 + target)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0) + addresses
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


class Capture:
    """Frames, one each millisecond; the host listens on port 80, peers have port 999 unless said otherwise."""

    def __init__(self, own: int = 1000, peers: int = 5000) -> None:
        self.own, self.peers = own, peers
        self.frames: list[tuple[int, bytes]] = []
        self.now = 0

    def see(
        self, source: int, seq: int, ack: int, flags: int = ACK, data: bytes = b"", host: int = HOST, peer: int = PEER,
        damaged: bool = False, lost: bool = False,
    ) -> Capture:  # fmt: skip
        """A segment from the host or else its peer, numbers counted from the initial ones."""
        mine = source == host
        numbers = ((self.own + seq) % 2**32, (self.peers + ack) % 2**32 if flags & ACK else 0)
        if not mine:
            numbers = ((self.peers + seq) % 2**32, (self.own + ack) % 2**32 if flags & ACK else 0)
        ports, target = ((80, 999), peer) if mine else ((999, 80), host)
        tcp = struct.pack("!HHIIBBHHH", *ports, *numbers, 0x50, flags, 60_000, 0, 0) + data
        pseudo = struct.pack("!IIHH", 0x0A000000 + source, 0x0A000000 + target, 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp) ^ (0x5555 if damaged else 0)) + tcp[18:]
        self.now += MS
        if not lost:
            self.frames.append((self.now, packet(source, target, 6, tcp)))
        return self

    def unreachable(self, code: int, seq: int) -> Capture:
        """An ICMP error of type 3 to the host, about a segment that it sent."""
        quoted = packet(HOST, PEER, 6, struct.pack("!HHI", 80, 999, (self.own + seq) % 2**32))
        icmp = struct.pack("!BBHI", 3, code, 0, 0) + quoted
        self.now += MS
        self.frames.append((self.now, packet(PEER, HOST, 1, icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:])))
        return self

    def opened(self, host: int = HOST, peer: int = PEER) -> Capture:
        self.see(peer, 0, 0, SYN, host=host, peer=peer).see(host, 0, 1, SYN | ACK, host=host, peer=peer)
        return self.see(peer, 1, 1, host=host, peer=peer)

    def passes(self, milliseconds: int) -> Capture:
        self.now += milliseconds * MS
        return self

    def judged(
        self,
        folder: Path,
        *hosts: str,
        vantage: Vantage | None = Vantage.interface,
        profile: str = "rfc9293",
        complete: bool = False,
    ):
        parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 101)]
        for time, data in self.frames:
            parts += [struct.pack("<IIII", time // 10**9, time % 10**9, len(data), len(data)), data]
        path = folder / "capture.pcap"
        path.write_bytes(b"".join(parts))
        reports = check_capture(path, wire_profile(profile), vantage, Options(hosts).addresses(), complete=complete)
        return {report.host: report for report in reports}

    def verdict(self, folder: Path, **named: object) -> tuple[Verdict, str | None]:
        """The verdict on the host, and the premise that failed."""
        report = self.judged(folder, "10.0.0.2", **named)["10.0.0.2"]
        return report.verdict, report.findings[0].violation.summary if report.findings else None


CONFORMS = (Verdict.conforms, None)
NOT_RECEIVED = (Verdict.violates, "a host acknowledges only what it received")


@pytest.mark.parametrize("own", [0, 2**31 - 3, 2**32 - 1, 2**32 - 4])
@pytest.mark.parametrize("peers", [0, 2**31 - 3, 2**32 - 1, 2**32 - 4])
def test_numbers_wrap_in_both_directions(tmp_path, own, peers):
    def both():
        c = Capture(own, peers).opened()
        for n in range(3):
            c.see(PEER, 1 + 3 * n, 1 + 5 * n, data=b"abc").see(HOST, 1 + 5 * n, 4 + 3 * n, data=b"hello")
        return c.see(PEER, 10, 16, ACK | FIN).see(HOST, 16, 11, ACK | FIN).see(PEER, 11, 17)

    assert both().verdict(tmp_path) == CONFORMS
    assert both().see(HOST, 17, 12).verdict(tmp_path) == NOT_RECEIVED


def test_what_an_acknowledgement_allows_may_be_sent_before_the_text_of_its_segment_is_taken(tmp_path):
    def many(flags: int, data: bytes = b""):
        c = Capture().opened()
        for n in range(11):
            c.see(HOST, 1 + 536 * n, 1, data=bytes(536))
        return c.see(PEER, 1, 1 + 5 * 536, flags, data).see(HOST, 1 + 11 * 536, 1, data=bytes(536))

    assert many(ACK | FIN).see(HOST, 1 + 12 * 536, 2).verdict(tmp_path) == CONFORMS
    assert many(ACK, b"abc").see(HOST, 1 + 12 * 536, 4).verdict(tmp_path) == CONFORMS
    late = many(ACK | FIN).passes(1000).see(HOST, 1 + 12 * 536, 1)
    assert late.verdict(tmp_path) == (Verdict.violates, "data is to be acknowledged within half a second")
    assert many(RST).verdict(tmp_path)[0] is Verdict.violates


def test_where_times_go_back_nobody_can_say_what_was_due(tmp_path):
    def late(milliseconds: int):
        c = Capture().passes(100_000).opened().see(PEER, 1, 1, data=b"abc").passes(milliseconds).see(HOST, 1, 4)
        return c.passes(-milliseconds).see(PEER, 4, 1, data=b"abc").see(HOST, 1, 7)

    assert late(900).verdict(tmp_path) == (Verdict.violates, "data is to be acknowledged within half a second")
    assert late(90_000).verdict(tmp_path)[0] is Verdict.inconclusive
    wrong = late(90_000).see(HOST, 1, 8)
    assert wrong.verdict(tmp_path)[0] is Verdict.inconclusive
    assert Capture().passes(100_000).opened().passes(-90_000).see(HOST, 1, 9).verdict(tmp_path) == NOT_RECEIVED


def test_the_same_ports_again(tmp_path):
    def twice():
        c = Capture().opened().see(PEER, 1, 1, ACK | FIN).see(HOST, 1, 2, ACK | FIN).see(PEER, 2, 2)
        c.own, c.peers = 700_000, 900_000
        return c.opened().see(PEER, 1, 1, data=b"abc").see(HOST, 1, 4)

    assert twice().verdict(tmp_path) == CONFORMS
    assert twice().see(HOST, 1, 5).verdict(tmp_path) == NOT_RECEIVED
    c = Capture().opened().see(PEER, 1, 1, data=b"abc").see(HOST, 1, 4)
    c.own, c.peers = 700_000, 900_000
    c.see(PEER, 0, 0, SYN).see(HOST, 0, 1, SYN | ACK)
    assert c.verdict(tmp_path) == (Verdict.violates, "a SYN for a connection that exists opens none")


@pytest.mark.parametrize("skipped", [1, 2, 3, 4])
def test_a_connection_that_began_before_the_capture(tmp_path, skipped):
    def late():
        c = Capture().opened().see(PEER, 1, 1, data=b"abc").see(HOST, 1, 4, data=b"hi").see(PEER, 4, 3)
        c = c.see(HOST, 3, 4, ACK | FIN).see(PEER, 4, 4)
        del c.frames[:skipped]
        return c

    assert late().verdict(tmp_path) == CONFORMS
    assert late().see(HOST, 4, 4, data=b"more").verdict(tmp_path) == (Verdict.violates, "no data follows the FIN")


def test_a_damaged_segment_from_the_host(tmp_path):
    c = Capture().opened().see(HOST, 1, 1, data=b"abc", damaged=True).see(PEER, 1, 1)
    assert c.verdict(tmp_path) == (Verdict.violates, "a host sends well-formed segments")
    assert c.verdict(tmp_path, vantage=Vantage.path) == CONFORMS


def test_a_damaged_segment_to_the_host_is_not_received(tmp_path):
    assert Capture().opened().see(PEER, 1, 1, data=b"abc", damaged=True).passes(2000).see(HOST, 1, 1).verdict(
        tmp_path
    ) == CONFORMS  # fmt: skip
    assert Capture().opened().see(PEER, 1, 1, data=b"abc", damaged=True).see(HOST, 1, 4).verdict(tmp_path) == (
        NOT_RECEIVED
    )


def test_every_host_has_a_report_or_those_asked_for(tmp_path):
    c = Capture().opened().opened(OTHER, HOST)
    c.see(OTHER, 1, 9, host=OTHER, peer=HOST)
    verdicts = {host: report.verdict.value for host, report in c.judged(tmp_path).items()}
    assert verdicts == {"10.0.0.1": "conforms", "10.0.0.2": "conforms", "10.0.0.3": "violates"}
    assert set(c.judged(tmp_path, "10.0.0.2")) == {"10.0.0.2"}
    assert c.judged(tmp_path, "10.0.0.2")["10.0.0.2"].connections == 2
    assert set(c.judged(tmp_path, "10.0.0.1", "10.0.0.3")) == {"10.0.0.1", "10.0.0.3"}


def test_what_the_recorder_missed_is_no_verdict(tmp_path):
    """The peer's data is acknowledged and never recorded, though it goes on behind it."""

    def missing(lost):
        c = Capture().opened().see(PEER, 1, 1, data=b"abc", lost=lost).see(PEER, 4, 1, data=b"def")
        return c.see(HOST, 1, 7).see(PEER, 7, 1, data=b"ghi").see(HOST, 1, 10)

    assert missing(False).verdict(tmp_path, vantage=None) == CONFORMS
    report = missing(True).judged(tmp_path, "10.0.0.2", vantage=None)["10.0.0.2"]
    assert report.verdict is Verdict.inconclusive
    assert "octets 1 to 4 from 10.0.0.1:999" in report.reason
    assert missing(True).verdict(tmp_path) == NOT_RECEIVED


def test_what_the_host_left_out_was_missed_unless_the_capture_is_complete(tmp_path):
    """Three octets of the host's are acknowledged and were never recorded, and it goes on behind them."""

    def leaving(lost=True):
        c = Capture().opened().see(HOST, 1, 1, data=b"abc", lost=lost).see(HOST, 4, 1, data=b"def")
        return c.see(PEER, 1, 7)

    premise = "new data follows what was sent before"
    for vantage in (Vantage.interface, Vantage.host):
        assert leaving(lost=False).verdict(tmp_path, vantage=vantage) == CONFORMS
        report = leaving().judged(tmp_path, "10.0.0.2", vantage=vantage)["10.0.0.2"]
        assert report.verdict is Verdict.inconclusive
        report = leaving().judged(tmp_path, "10.0.0.2", vantage=vantage, complete=True)["10.0.0.2"]
        assert (report.verdict, report.findings[0].violation.summary) == (Verdict.violates, premise)
        assert "octets 1 to 4 from 10.0.0.2:80 were acknowledged, but never recorded" in report.notes
    either = leaving().judged(tmp_path, "10.0.0.2", vantage=None)["10.0.0.2"]
    assert (either.verdict, either.lossy_count) == (Verdict.conforms, 1)
    assert leaving().verdict(tmp_path, vantage=Vantage.path) == CONFORMS


def test_a_vantage_says_nothing_of_the_recorder(tmp_path):
    """Whether a capture is complete, only who took it can say."""
    from netoracle.captures import check_file
    from netoracle.search.budget import Budget

    def verdict(vantage, damaged=False, complete=False):
        c = Capture().opened().see(HOST, 1, 1, data=b"abc", lost=True)
        c.see(HOST, 4, 1, data=b"def", damaged=damaged).see(PEER, 1, 7).judged(tmp_path)
        options = Options(("10.0.0.2",), vantage, complete=complete)
        (report,) = check_file(tmp_path / "capture.pcap", "utcp", options, Budget(seconds=60))
        return report.verdict

    assert verdict(None) is verdict("interface") is Verdict.inconclusive
    assert verdict(None, complete=True) is verdict("interface", complete=True) is Verdict.violates
    with pytest.raises(UsageError, match="--complete"):
        verdict("path", complete=True)
    # What is wrong in itself is so whatever was missed.
    assert verdict(None, damaged=True) is Verdict.violates


def test_an_icmp_error_may_end_a_connection(tmp_path):
    def silent():
        return Capture().opened().see(HOST, 1, 1, data=b"abc")

    def end(c):
        return c.passes(70_000).see(PEER, 1, 1).verdict(tmp_path)

    assert end(silent()) == (Verdict.violates, "unacknowledged data is sent again")
    assert end(silent().unreachable(1, 1)) == (Verdict.violates, "unacknowledged data is sent again")
    assert end(silent().unreachable(3, 1)) == CONFORMS


def test_a_reset_of_the_host_ends_its_connection(tmp_path):
    c = Capture().opened().see(HOST, 1, 1, RST | ACK).see(HOST, 1, 1, data=b"abc")
    premise = "only a connection that exists sends segments without SYN or RST"
    assert c.verdict(tmp_path) == (Verdict.violates, premise)
    assert c.verdict(tmp_path, vantage=Vantage.path) == CONFORMS


def test_the_end_of_the_capture_is_no_deadline(tmp_path):
    assert Capture().opened().see(PEER, 1, 1, data=b"abc").verdict(tmp_path) == CONFORMS
