"""Which socket a datagram is for (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.base.base_types import Ip, Port
from netspec.base.choose import SOME
from netspec.tcp.aux_fns.ports import bound_after
from netspec.tcp.errata.datagrams import LOOKUP_OF_UDP
from netspec.tcp.errata.input import BEST_MATCH_OF_TCP
from netspec.tcp.host_types import Socket, proto_of
from netspec.tcp.net_types import PROTO_TCP, PROTO_UDP, IcmpDatagram, TcpSegment
from netspec.tcp.params import SID, Arch, corrected
from netspec.tcp.pre_host_types import linux_arch, windows_arch

Quad = tuple[Ip | None, Port | None, Ip | None, Port | None]


def match_score(quad: Quad, seg_quad: tuple[Ip | None, Port | None, Ip | None, Port | None]) -> int:
    """How exactly a socket's addresses (is1, ps1, is2, ps2) match those of a datagram (i3, ps3, i4, ps4): 0 to 4.

    The model leaves the score of a bound socket with a gap in its addresses open; here it is 0.

    Source: TCP1_auxFnsScript.sml, match_score.
    """
    i3, ps3, i4, ps4 = seg_quad
    match quad:
        case (_, None, _, _):
            return 0
        case (None, p1, None, None):
            return 1 if ps4 == p1 else 0
        case (i1, p1, None, None):
            return 2 if i1 == i4 and p1 == ps4 else 0
        case (None, _, _, _) | (_, _, None, _):
            return 0
        case (i1, p1, i2, None):
            return 3 if i2 == i3 and i1 == i4 and p1 == ps4 else 0
        case (i1, p1, i2, p2):
            return 4 if p2 == ps3 and i2 == i3 and i1 == i4 and p1 == ps4 else 0


def _score(s: Socket, quad: Quad) -> int:
    return match_score((s.is1, s.ps1, s.is2, s.ps2), quad)


def lookup_udp(socks: Mapping[SID, Socket], quad: Quad, bound: tuple[SID, ...], arch: Arch) -> frozenset[SID]:
    """The sockets that a UDP datagram is delivered to.

    Source: TCP1_auxFnsScript.sml, lookup_udp.
    """
    if corrected(arch, LOOKUP_OF_UDP):
        socks = {sid: s for sid, s in socks.items() if proto_of(s.pr) == PROTO_UDP}

    def wanted(sid: SID) -> bool:
        sn = _score(socks[sid], quad)
        if not sn > 0:
            return False
        others = [(sid_, s_) for sid_, s_ in socks.items() if sid_ != sid]
        if windows_arch(arch):
            return not any(_score(s_, quad) > sn for _, s_ in others) if sn == 1 else True
        return not any(
            _score(s_, quad) > sn or (linux_arch(arch) and _score(s_, quad) == sn and bound_after(sid_, sid, bound))
            for sid_, s_ in others
        )

    return frozenset(sid for sid in socks if wanted(sid))


def tcp_socket_best_match(
    socks: Mapping[SID, Socket], sid_sock: tuple[SID, Socket], seg: TcpSegment, arch: Arch
) -> bool:
    """Whether no other socket matches a segment better.

    Source: TCP1_auxFnsScript.sml, tcp_socket_best_match.
    """
    sid, s = sid_sock
    quad = (SOME(seg.is1), seg.ps1, SOME(seg.is2), seg.ps2)
    score = _score(s, quad)
    any_protocol = not corrected(arch, BEST_MATCH_OF_TCP)
    return not any(
        _score(s_, quad) > score
        for sid_, s_ in socks.items()
        if sid_ != sid and (any_protocol or proto_of(s_.pr) == PROTO_TCP)
    )


def lookup_icmp(socks: Mapping[SID, Socket], icmp: IcmpDatagram, arch: Arch, bound: tuple[SID, ...]) -> frozenset[SID]:
    """The sockets that an ICMP message is about.

    Source: TCP1_auxFnsScript.sml, lookup_icmp.
    """

    def wanted(sid: SID, sock: Socket) -> bool:
        if not (sock.ps1 == icmp.ps3 and proto_of(sock.pr) == icmp.proto):
            return False
        if windows_arch(arch):
            return True
        return (
            sock.is1 == icmp.is3
            and sock.is2 == icmp.is4
            and (
                sock.ps2 == icmp.ps4
                or (
                    linux_arch(arch)
                    and proto_of(sock.pr) == PROTO_UDP
                    and sock.ps2 is None
                    and not any(
                        s.is1 == icmp.is3
                        and s.is2 == icmp.is4
                        and s.ps1 == icmp.ps3
                        and s.ps2 == icmp.ps4
                        and proto_of(s.pr) == icmp.proto
                        and bound_after(sid_, sid, bound)
                        for sid_, s in socks.items()
                        if sid_ != sid
                    )
                )
            )
        )

    return frozenset(sid for sid, sock in socks.items() if wanted(sid, sock))
