"""Two correct TCP hosts, small and readable, and a medium that loses, duplicates, delays and reorders.

The hosts are written from the RFCs and know nothing of the wire rules.  What each interface sees is recorded as it
would be in a capture there.  Times are nanoseconds.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from netoracle.wire.passing import Passing, Side
from netspec.wire.event import Event
from netspec.wire.segment import ACK, FIN, NO_OPTIONS, PSH, RST, SYN, Options, Segment

MS = 1_000_000
A: Side = (b"\x0a\x00\x00\x01", 1111)
B: Side = (b"\x0a\x00\x00\x02", 80)
SPACE = 1 << 32
MOST = 3000
"""After so many segments at an interface all are lost: of two hosts that no longer agree, each answers the other."""
FIRST_RTO, LEAST_RTO, GIVE_UP = 1000 * MS, 200 * MS, 12


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


@dataclass(frozen=True)
class Medium:
    """Per thousand: how many segments are lost, sent twice, and delayed for long; `lag`: from interface to host.

    `odd`: by how many a forged one comes at the interface, as strangers, old connections and broken peers send them.
    """

    loss: int = 0
    twice: int = 0
    late: int = 0
    delay: int = 20 * MS
    lag: int = 0
    odd: int = 0


def less(a: int, b: int) -> bool:
    return (a - b) % SPACE >= SPACE // 2


class Host:
    """A TCP endpoint with an application that is driven from outside."""

    def __init__(self, sim: Simulation, me: Side, config: Config) -> None:
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
            if self.sack and self.held and not flags & RST:
                options = replace(options, sack=tuple(self.blocks()[:3]))
            offered = self.window()
            self.edge = max(self.edge, self.rcv + offered)
            window = offered >> self.my_scale
        ack = (self.irs + self.rcv) % SPACE if flags & ACK else 0
        if flags & ACK:
            self.delack, self.last_ack = 0, self.rcv
        if data and at + len(data) == 1 + len(self.out):
            flags |= PSH
        self.sim.transmit(self, Segment((self.c.iss + at) % SPACE, ack, flags, window, len(data), data, 0, options))

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

    # Receiving (RFC 9293 section 3.10.7)

    def receive(self, seg: Segment) -> None:
        if self.state == "CLOSED" and (self.aborted or self.me != B or not seg.flags & SYN or seg.flags & ACK):
            self.refuse(seg)
        elif self.state == "CLOSED":
            self.listen(seg)
        elif self.state == "SYN-SENT":
            self.answered(seg)
        else:
            self.arrived(seg)

    def refuse(self, seg: Segment) -> None:
        if seg.flags & RST:
            return
        if seg.flags & ACK:
            reset = Segment(seg.ack, 0, RST, 0)
        else:
            span = seg.length + bool(seg.flags & SYN) + bool(seg.flags & FIN)
            reset = Segment(0, (seg.seq + span) % SPACE, RST | ACK, 0)
        self.sim.transmit(self, reset)

    def note_syn(self, seg: Segment) -> None:
        self.irs, self.rcv = seg.seq, 1
        self.peer_mss = min(seg.options.mss or 536, 1460)
        self.scaled = self.c.scale is not None and seg.options.ws is not None
        self.peer_scale = (seg.options.ws or 0) if self.scaled else 0
        self.my_scale_next = (self.c.scale or 0) if self.scaled else 0
        self.stamps = self.c.stamps and seg.options.ts is not None
        self.sack = self.c.sack and seg.options.sack_permitted
        self.recent = seg.options.ts[0] if seg.options.ts else 0
        self.wnd = seg.win

    def listen(self, seg: Segment) -> None:
        self.note_syn(seg)
        self.state, self.nxt, self.top, self.passive = "SYN-RECEIVED", 1, 1, True
        self.emit(0, SYN | ACK)
        self.my_scale = self.my_scale_next
        self.arm()

    def answered(self, seg: Segment) -> None:
        good = bool(seg.flags & ACK) and seg.ack == (self.c.iss + 1) % SPACE
        if seg.flags & ACK and not good:
            self.refuse(seg)
        elif seg.flags & RST:
            if good:
                self.die()
        elif seg.flags & SYN:
            self.note_syn(seg)
            if good:
                self.my_scale = self.my_scale_next
                self.established()
                self.acknowledge()
                self.output()
            else:
                self.state = "SYN-RECEIVED"
                self.emit(0, SYN | ACK)
                self.my_scale = self.my_scale_next

    def established(self) -> None:
        self.state, self.una, self.tries, self.timer = "ESTABLISHED", 1, 0, 0
        self.cwnd = 3 * self.peer_mss

    def arrived(self, seg: Segment) -> None:
        start = self.rcv + ((seg.seq - self.irs - self.rcv + SPACE // 2) % SPACE - SPACE // 2)
        end = start + seg.length + bool(seg.flags & FIN) + bool(seg.flags & SYN)
        wnd = self.edge - self.rcv
        ts = seg.options.ts
        stale = self.stamps and ts is not None and less(ts[0], self.recent) and not seg.flags & RST
        if self.stamps and ts is None and not seg.flags & (RST | SYN):
            return
        crossed = self.state == "SYN-RECEIVED" and seg.flags & (SYN | ACK) == SYN | ACK and start == 0
        fits = self.rcv <= start < self.rcv + wnd or self.rcv < end <= self.rcv + wnd or start == end == self.rcv
        if crossed and seg.ack == (self.c.iss + 1) % SPACE:
            self.established()
            self.wnd = seg.win
            self.output()
            return
        if stale or not fits:
            if not seg.flags & RST:
                (self.acknowledge if seg.length else self.challenge)()
            return
        if seg.flags & RST:
            if start == self.rcv:
                self.die()
            else:
                self.challenge()
            return
        if seg.flags & SYN:
            if self.c.relistening and self.state == "SYN-RECEIVED" and self.passive:
                self.__init__(self.sim, self.me, replace(self.c, iss=(self.c.iss + 100_000) % SPACE))  # type: ignore[misc]
            else:
                self.challenge()
            return
        if not seg.flags & ACK:
            return
        if self.stamps and ts is not None and start <= self.last_ack:
            self.recent = ts[0]
        if not self.take_ack(seg):
            return
        if self.c.eager:
            self.output()
        self.take_text(seg, start, end)
        self.output()

    def take_ack(self, seg: Segment) -> bool:
        ack = self.una + ((seg.ack - self.c.iss - self.una + SPACE // 2) % SPACE - SPACE // 2)
        if self.state == "SYN-RECEIVED":
            if not self.una < ack <= self.top:
                self.refuse(seg)
                return False
            self.established()
        if ack > self.top or (self.c.wary and ack < max(1, self.una - self.most)):
            self.challenge()
            return False
        window = seg.win << self.peer_scale
        self.most = max(self.most, window)
        if ack > self.una:
            self.new_ack(ack)
        elif ack == self.una and not seg.length and not seg.flags & FIN and window == self.wnd and self.una < self.top:
            self.dups += 1
            if self.dups == 3:
                self.ssthresh = max((self.top - self.una) // 2, 2 * self.peer_mss)
                self.cwnd = self.ssthresh + 3 * self.peer_mss
                self.resend()
            elif self.dups > 3:
                self.cwnd += self.peer_mss
        if ack >= self.una:
            if window and self.persist:
                self.persist, self.persisted = 0, 500 * MS
            self.wnd = window
        return True

    def new_ack(self, ack: int) -> None:
        if self.timed is not None and ack >= self.timed[0]:
            self.rto = max(LEAST_RTO, 3 * (self.sim.now - self.timed[1]))
            self.timed = None
        if self.dups >= 3:
            self.cwnd = self.ssthresh
        elif self.cwnd < self.ssthresh:
            self.cwnd += min(ack - self.una, self.peer_mss)
        else:
            self.cwnd += max(1, self.peer_mss**2 // self.cwnd)
        self.una, self.nxt = ack, max(self.nxt, ack)
        self.dups = self.tries = self.timer = 0
        if self.una < self.top:
            self.arm()
        if self.closing and ack == 2 + len(self.out):
            ended = {"FIN-WAIT-1": "FIN-WAIT-2", "CLOSING": "TIME-WAIT", "LAST-ACK": "CLOSED"}
            self.state = ended.get(self.state, self.state)
            if self.state == "CLOSED":
                self.die()

    def take_text(self, seg: Segment, start: int, end: int) -> None:
        if end == start or self.state == "CLOSED":
            return
        end = min(end, self.edge)
        finished = self.peer_fin is not None and self.rcv > self.peer_fin
        if finished:
            return
        if seg.flags & FIN and end == start + seg.length + 1:
            self.peer_fin = end - 1
        if start > self.rcv:
            if self.c.ooo:
                self.held[start] = max(end, self.held.get(start, 0))
            elif seg.flags & FIN:
                self.peer_fin = None
            self.acknowledge()
            return
        before, gap = self.rcv, bool(self.held)
        self.rcv = max(self.rcv, end)
        while ready := [a for a in self.held if a <= self.rcv]:
            self.rcv = max(self.rcv, *(self.held.pop(a) for a in ready))
        fin = self.peer_fin is not None and self.rcv > self.peer_fin
        self.unread += self.rcv - before - fin
        if fin:
            self.state = {"ESTABLISHED": "CLOSE-WAIT", "FIN-WAIT-1": "CLOSING", "FIN-WAIT-2": "TIME-WAIT"}.get(
                self.state, self.state
            )
        if not self.c.delayed or self.delack or gap or fin:
            self.acknowledge()
        else:
            self.delack = self.after(self.sim.random.randrange(1, 400) * MS, self.delack_fires)

    def delack_fires(self, mine: int) -> None:
        if mine == self.delack and self.open:
            self.acknowledge()


@dataclass(order=True)
class Step:
    time: int
    order: int
    what: Callable[[], None] = field(compare=False)


class Simulation:
    """Runs two hosts; `seen` has for each host what its interface recorded, in order."""

    def __init__(self, seed: int, a: Config, b: Config, medium: Medium) -> None:
        self.random = Random(seed)
        self.medium, self.now = medium, 10_000 * MS
        self.steps: list[Step] = []
        self.order = count(1)
        self.a, self.b = Host(self, A, a), Host(self, B, b)
        self.seen: dict[Side, list[Passing]] = {A: [], B: []}

    def at(self, time: int, what: Callable[[], None]) -> None:
        heapq.heappush(self.steps, Step(time, next(self.order), what))

    def record(self, place: Side, source: Side, target: Side, seg: Segment) -> None:
        seen = self.seen[place]
        seen.append(Passing(source, target, Event(len(seen) + 1, self.now, seg)))

    def transmit(self, sender: Host, seg: Segment) -> None:
        other = self.b if sender is self.a else self.a
        self.record(sender.me, sender.me, other.me, seg)
        if self.medium.odd and len(self.seen[sender.me]) > MOST:
            return
        copies = 2 if self.random.randrange(1000) < self.medium.twice else 1
        for _ in range(copies):
            if self.random.randrange(1000) >= self.medium.loss:
                late = self.random.randrange(1000) < self.medium.late
                delay = self.medium.delay + (self.random.randrange(200) * MS if late else 0)
                self.at(self.now + delay, lambda: self.reach(sender, other, seg))

    def reach(self, sender: Host, other: Host, seg: Segment) -> None:
        """The segment passes the other host's interface, and is in order received some time later."""
        self.record(other.me, sender.me, other.me, seg)
        due = max(self.now + self.random.randrange(self.medium.lag + 1), getattr(other, "busy", 0))
        other.busy = due  # type: ignore[attr-defined]
        self.at(due, lambda: other.receive(seg))
        if self.random.randrange(1000) < self.medium.odd:
            odd = self.forged(other, seg)
            self.at(self.now + self.random.choice([0, 1, 40, 1500]) * MS, lambda: self.appear(sender, other, odd))

    def appear(self, sender: Host, other: Host, seg: Segment) -> None:
        """A forged segment passes the interface: its sender never saw it."""
        self.record(other.me, sender.me, other.me, seg)
        due = max(self.now + self.random.randrange(self.medium.lag + 1), getattr(other, "busy", 0))
        other.busy = due  # type: ignore[attr-defined]
        self.at(due, lambda: other.receive(seg))

    def forged(self, other: Host, seg: Segment) -> Segment:
        """A segment that does not belong to the connection, or not now; it brings no data that the host would keep."""
        choice = self.random.choice
        edge = (other.irs + other.edge) % SPACE
        window = max(1, other.edge - other.rcv)
        near = [seg.seq, seg.seq - 1, seg.seq + choice([1, window // 2, window - 1]), edge - 1, edge, edge + 1]
        seq = choice([*near, seg.seq + 70_000, seg.seq - 70_000]) % SPACE
        sent = other.c.iss + other.top
        ack = (
            choice([seg.ack, seg.ack, sent, sent + 1, sent + 3000, other.c.iss, sent - 70_000, sent + SPACE // 2])
            % SPACE
        )
        flags = choice([ACK] * 6 + [RST, RST | ACK, SYN, SYN, SYN | ACK, 0, PSH | ACK])
        if flags & RST and seq == (other.irs + other.rcv) % SPACE and self.random.random() < 0.8:
            seq = (seq + 1) % SPACE
        data = b""
        if flags == PSH | ACK:
            seq, data = choice(
                [((seg.seq - 1) % SPACE, b"x"), (edge, b"beyond"), ((edge + 9000) % SPACE, b"far beyond")]
            )
        stamp = seg.options.ts
        if stamp is not None:
            leap = choice([0, 0, 0, -50, -5000, 1 << 29, (1 << 31) - 1, (1 << 31) + 5])
            stamp = ((stamp[0] + leap) % SPACE, stamp[1])
        options = Options(ts=stamp) if self.random.random() < 0.9 else NO_OPTIONS
        return Segment(seq, ack if flags & ACK else 0, flags, seg.win, len(data), data, 0, options)

    def run(self, until: int) -> None:
        while self.steps and self.steps[0].time <= until:
            step = heapq.heappop(self.steps)
            self.now = step.time
            step.what()
        self.now = until
