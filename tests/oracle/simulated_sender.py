"""What a correct TCP host sends: for its application, and by its timers.

Times are nanoseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Protocol

from netoracle.wire.passing import Side
from netspec.wire.segment import ACK, FIN, NO_OPTIONS, PSH, RST, SYN, Options, Segment

MS = 1_000_000
A: Side = (b"\x0a\x00\x00\x01", 1111)
B: Side = (b"\x0a\x00\x00\x02", 80)
SPACE = 1 << 32
FIRST_RTO, LEAST_RTO, GIVE_UP = 1000 * MS, 200 * MS, 12
AFTER_SYN_TIMEOUT = 3000 * MS


def octets(options: Options) -> int:
    """The octets that options take up in a header, each padded to whole words."""
    words = sum((options.mss is not None, options.ws is not None, options.sack_permitted, 3 * bool(options.ts)))
    return 4 * (words + (1 + 2 * len(options.sack) if options.sack else 0))


@dataclass(frozen=True)
class Config:
    """What a host offers and how it behaves; `ooo`: it keeps data out of order; `keep`: it sends keep-alives.

    `sparing`: no more than ten challenges in five seconds (RFC 5961 section 7); `wary`: too old acknowledgements have a
    segment dropped (section 5); `eager`: what an acknowledgement allows is sent before the text of its segment is
    taken; `relistening`: a SYN in the window takes SYN-RECEIVED back to LISTEN (RFC 9293 section 3.10.7.4).
    """

    iss: int = 0
    mss: int = 1000
    scale: int | None = None
    sack: bool = False
    stamps: bool = False
    ooo: bool = True
    delayed: bool = True
    buffer: int = 8000
    keep: bool = False
    simultaneous: bool = False
    sparing: bool = False
    wary: bool = False
    eager: bool = False
    relistening: bool = False


class Surroundings(Protocol):
    """What a host lives in: a clock, chance, and a way for segments out."""

    now: int
    random: Random

    def at(self, time: int, what: Callable[[], None]) -> None: ...

    def transmit(self, sender: Sender, seg: Segment) -> None: ...


class Sender:
    """The half of a TCP endpoint that sends, with an application that is driven from outside."""

    def __init__(self, sim: Surroundings, me: Side, config: Config) -> None:
        self.sim, self.me, self.c = sim, me, config
        self.state = "CLOSED"
        self.out = bytearray()  # the whole stream written; octet n has number iss + 1 + n
        self.closing = self.aborted = self.passive = False
        self.una = self.nxt = self.top = 0  # offsets from iss; `nxt` goes back at a timeout, `top` does not
        self.irs = self.rcv = 0  # `rcv`: offset of RCV.NXT from irs
        self.held: dict[int, int] = {}
        self.peer_fin: int | None = None
        self.unread = 0
        self.wnd = self.edge = 0
        self.peer_mss, self.peer_scale, self.my_scale = 536, 0, 0
        self.scaled, self.my_scale_next = False, 0  # whether scaling is agreed, and the shift once it is in force
        self.stamps = self.sack = False
        self.recent = 0
        self.last_ack = 0
        self.cwnd, self.ssthresh, self.dups = 0, 1 << 30, 0
        self.rto, self.tries = FIRST_RTO, 0
        self.timed: tuple[int, int] | None = None
        self.timer = self.delack = self.persist = 0  # generation of the timer that is armed, 0 for none
        self.generation = count(1)
        self.persisted = 500 * MS
        self.challenges: list[int] = []
        self.most = 0  # the largest window of the peer

    # What the application does

    def connect(self) -> None:
        if self.state == "CLOSED":
            self.state, self.una, self.nxt, self.top = "SYN-SENT", 0, 1, 1
            self.emit(0, SYN)
            self.arm()

    def write(self, data: bytes) -> None:
        if not self.closing and self.state in ("ESTABLISHED", "CLOSE-WAIT", "SYN-SENT", "SYN-RECEIVED"):
            self.out += data
            self.output()

    def read(self, most: int) -> None:
        before = self.window()
        self.unread -= min(most, self.unread)
        grown = self.window() - before
        if self.open and grown and (before < self.c.mss <= self.window() or grown >= self.c.buffer // 2):
            self.acknowledge()

    def close(self) -> None:
        if self.state in ("ESTABLISHED", "CLOSE-WAIT", "SYN-RECEIVED") and not self.closing:
            self.closing = True
            self.output()

    def abort(self) -> None:
        if self.open:
            self.emit(self.top, RST | ACK)
            self.die()

    def probe(self) -> None:
        """A keep-alive, where the connection is idle."""
        if self.c.keep and self.state == "ESTABLISHED" and self.una == self.top:
            self.emit(self.top - 1, ACK, self.sim.random.choice([b"", b"\x55"]))

    # Sending

    @property
    def open(self) -> bool:
        return self.state not in ("CLOSED", "SYN-SENT")

    def window(self) -> int:
        space = max(0, self.c.buffer - self.unread)
        offered = self.edge - self.rcv  # never shrunk
        space = max(space, offered)
        return min(space >> self.my_scale, 65535) << self.my_scale

    def emit(self, at: int, flags: int, data: bytes = b"") -> None:
        options = NO_OPTIONS
        now = (self.sim.now // MS) % SPACE
        if flags & SYN:
            scale = self.c.scale if flags & ACK == 0 or self.scaled else None
            sack = self.c.sack
            stamps = self.c.stamps and (flags & ACK == 0 or self.stamps)
            options = Options(self.c.mss, scale, sack, (now, self.recent) if stamps else None)
            window = min(self.c.buffer, 65535)
            self.edge = max(self.edge, self.rcv + window)
        else:
            if self.stamps:
                options = Options(ts=(now, self.recent))
            if self.sack and self.held and not flags & RST and not data:
                options = replace(options, sack=tuple(self.blocks()[:3]))
            offered = self.window()
            self.edge = max(self.edge, self.rcv + offered)
            window = offered >> self.my_scale
        ack = (self.irs + self.rcv) % SPACE if flags & ACK else 0
        if flags & ACK:
            self.delack, self.last_ack = 0, self.rcv
        if data and at + len(data) == 1 + len(self.out):
            flags |= PSH
        seg = Segment((self.c.iss + at) % SPACE, ack, flags, window, len(data), data, 0, options)
        self.sim.transmit(self, replace(seg, options_length=octets(options), summed=True))

    def blocks(self) -> list[tuple[int, int]]:
        merged: list[list[int]] = []
        for start, end in sorted(self.held.items()):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(end, merged[-1][1])
            else:
                merged.append([start, end])
        return [((self.irs + a) % SPACE, (self.irs + b) % SPACE) for a, b in merged]

    def acknowledge(self) -> None:
        self.emit(self.top, ACK)

    def challenge(self) -> None:
        """Answer what is not acceptable, unless that was done often enough."""
        self.challenges = [time for time in self.challenges if time > self.sim.now - 5000 * MS]
        if not self.c.sparing or len(self.challenges) < 10:
            self.challenges.append(self.sim.now)
            self.acknowledge()

    def output(self) -> None:
        """Send what the windows allow; beyond `top` it is new."""
        if self.state not in ("ESTABLISHED", "CLOSE-WAIT", "FIN-WAIT-1", "LAST-ACK", "CLOSING"):
            return
        end = 1 + len(self.out)
        while True:
            room = min(self.una + self.wnd, self.una + self.cwnd) - self.nxt
            size = min(end - self.nxt, self.peer_mss - (12 if self.stamps else 0), room)
            fin = self.closing and self.nxt + max(size, 0) == end and room >= 0
            if size <= 0 and not (fin and self.nxt == end):
                break
            size = max(size, 0)
            self.send_at(self.nxt, size, fin)
            self.nxt += size + fin
            self.top = max(self.top, self.nxt)
            if fin:
                break
        if self.wnd == 0 and self.una == self.top and self.top < end and not self.persist:
            self.persist = self.after(self.persisted, self.persist_fires)

    def send_at(self, at: int, size: int, fin: bool) -> None:
        if self.timed is None and at >= self.top:
            self.timed = (at + size + fin, self.sim.now)
        elif at < self.top:
            self.timed = None
        if fin and self.state in ("ESTABLISHED", "CLOSE-WAIT"):
            self.state = "FIN-WAIT-1" if self.state == "ESTABLISHED" else "LAST-ACK"
        self.emit(at, ACK | (FIN if fin else 0), bytes(self.out[at - 1 : at - 1 + size]))
        if not self.timer:
            self.arm()

    # Timers

    def after(self, delay: int, what: Callable[[int], None]) -> int:
        mine = next(self.generation)
        self.sim.at(self.sim.now + delay, lambda: what(mine))
        return mine

    def arm(self) -> None:
        self.timer = self.after(min(self.rto << self.tries, 60_000 * MS), self.timeout)

    def timeout(self, mine: int) -> None:
        if mine != self.timer:
            return
        self.timer, self.timed = 0, None
        self.tries += 1
        if self.tries > GIVE_UP:
            self.die()
            return
        if self.state == "SYN-SENT":
            self.emit(0, SYN)
        elif self.state == "SYN-RECEIVED":
            self.emit(0, SYN | ACK)
        elif self.una < self.top:
            self.ssthresh = max((self.top - self.una) // 2, 2 * self.peer_mss)
            self.cwnd, self.dups, self.nxt = self.peer_mss, 0, self.una
            self.resend()
        else:
            return
        self.arm()

    def resend(self) -> None:
        """The first segment that is not acknowledged, of what was sent before; perhaps cut otherwise than then."""
        end = min(self.top, 1 + len(self.out))
        size = min(end - self.una, self.peer_mss - (12 if self.stamps else 0))
        if self.sim.random.random() < 0.3:
            size = max(1, size // 2) if size > 0 else size
        size = max(size, 0)
        fin = self.closing and self.una + size == 1 + len(self.out) and self.top > 1 + len(self.out)
        self.timed = None
        self.emit(self.una, ACK | (FIN if fin else 0), bytes(self.out[self.una - 1 : self.una - 1 + size]))
        self.nxt = max(self.nxt, self.una + size + fin)

    def persist_fires(self, mine: int) -> None:
        if mine != self.persist:
            return
        self.persist = 0
        if self.wnd == 0 and self.open and self.top < 1 + len(self.out) and self.una == self.top:
            if self.sim.random.random() < 0.5:
                self.emit(self.una, ACK, bytes(self.out[self.una - 1 : self.una]))
                self.top = max(self.top, self.una + 1)
                self.nxt = self.top
                if not self.timer:
                    self.arm()
            else:
                self.emit(self.una - 1, ACK)
                self.persisted = min(2 * self.persisted, 60_000 * MS)
                self.persist = self.after(self.persisted, self.persist_fires)

    def die(self) -> None:
        self.state = "CLOSED"
        self.timer = self.delack = self.persist = 0
        self.aborted = True
