"""A correct TCP host, small and readable, written from the RFCs; it knows nothing of the wire rules."""

from __future__ import annotations

from dataclasses import replace

from simulated_sender import AFTER_SYN_TIMEOUT, LEAST_RTO, MS, SPACE, B, Sender

from netspec.wire.segment import ACK, FIN, RST, SYN, Segment


def less(a: int, b: int) -> bool:
    return (a - b) % SPACE >= SPACE // 2


class Host(Sender):
    """A TCP endpoint: what it does with what it receives (RFC 9293 section 3.10.7)."""

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
        if self.tries:
            # Its SYN was repeated (RFC 6298 section 5.7).
            self.rto = AFTER_SYN_TIMEOUT
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
