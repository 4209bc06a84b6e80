"""The relational monad in which the processing of an incoming segment is written.

An operation takes a socket and the state of the band limiter to a socket, a band-limiter
state, the segments to put out and whether to go on.  Segments carry whether they could be
queued, as deliver_in_3 needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, TypeVar

from netspec.base.choose import Choose, require
from netspec.base.utils import ASSERTION_FAILURE
from netspec.tcp.host_types import TCP_PROTO, Socket, Tcpcb, TcpSocket, tcp_proto
from netspec.tcp.net_types import Msg
from netspec.tcp.pre_host_types import BandlimState

T = TypeVar("T")

Out: TypeAlias = tuple[Msg, bool]
Result: TypeAlias = tuple[Socket, BandlimState, tuple[Out, ...], bool]
Monad: TypeAlias = Callable[[Socket, BandlimState, Choose], Result]


def andThen(op1: Monad, op2: Monad, *more: Monad) -> Monad:
    """Do the operations in turn, as long as each says to go on.

    Source: TCP1_auxFnsScript.sml, andThen.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        sock1, bndlm1, outsegs1, continue1 = op1(sock, bndlm, choose)
        if continue1:
            sock2, bndlm2, outsegs2, continue2 = op2(sock1, bndlm1, choose)
            return sock2, bndlm2, outsegs1 + outsegs2, continue2
        else:
            return sock1, bndlm1, outsegs1, False

    return andThen(op, *more) if more else op


def cont(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
    """Change nothing and go on.

    Source: TCP1_auxFnsScript.sml, cont.
    """
    return sock, bndlm, (), True


def stop(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
    """Change nothing and end here.

    Source: TCP1_auxFnsScript.sml, stop.
    """
    return sock, bndlm, (), False


def assert_(p: bool) -> Monad:
    """Make `p` a premise and go on.

    Source: TCP1_auxFnsScript.sml, assert.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        require(p)
        return sock, bndlm, (), True

    return op


def assert_failure(s: str) -> Monad:
    """Fail, as this point should never be reached.

    Source: TCP1_auxFnsScript.sml, assert_failure.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        return ASSERTION_FAILURE(s)

    return op


def chooseM(s: Callable[[Choose], T], f: Callable[[T], Monad]) -> Monad:
    """Go on with some value; `s` picks it, such as `lambda choose: choose.boolean("x")`.

    Source: TCP1_auxFnsScript.sml, chooseM.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        return f(s(choose))(sock, bndlm, choose)

    return op


def get_sock(f: Callable[[Socket], Monad]) -> Monad:
    """Go on with the socket.

    Source: TCP1_auxFnsScript.sml, get_sock.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        return f(sock)(sock, bndlm, choose)

    return op


def get_tcp_sock(f: Callable[[TcpSocket], Monad]) -> Monad:
    """Go on with the TCP part of the socket, which has to be a TCP socket.

    Source: TCP1_auxFnsScript.sml, get_tcp_sock.
    """
    return get_sock(lambda sock: f(tcp_proto(sock)))


def get_cb(f: Callable[[Tcpcb], Monad]) -> Monad:
    """Go on with the control block of the socket, which has to be a TCP socket.

    Source: TCP1_auxFnsScript.sml, get_cb.
    """
    return get_tcp_sock(lambda tcp_sock: f(tcp_sock.cb))


def modify_sock(f: Callable[[Socket], Socket]) -> Monad:
    """Apply a function to the socket.

    Source: TCP1_auxFnsScript.sml, modify_sock.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        return f(sock), bndlm, (), True

    return op


def modify_tcp_sock(f: Callable[[TcpSocket], TcpSocket]) -> Monad:
    """Apply a function to the TCP part of the socket, which has to be a TCP socket.

    Source: TCP1_auxFnsScript.sml, modify_tcp_sock.
    """
    return modify_sock(lambda sock: replace(sock, pr=TCP_PROTO(f(tcp_proto(sock)))))


def modify_cb(f: Callable[[Tcpcb], Tcpcb]) -> Monad:
    """Apply a function to the control block of the socket, which has to be a TCP socket.

    Source: TCP1_auxFnsScript.sml, modify_cb.
    """
    return modify_tcp_sock(lambda tcp_sock: replace(tcp_sock, cb=f(tcp_sock.cb)))


def emit_segs(segs: tuple[Out, ...]) -> Monad:
    """Put out these segments.

    Source: TCP1_auxFnsScript.sml, emit_segs.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        return sock, bndlm, segs, True

    return op


def emit_segs_pred(
    f: Callable[[BandlimState, Choose], tuple[BandlimState, tuple[Out, ...]]],
) -> Monad:
    """Put out segments that `f` gives, which may use the band limiter.

    Source: TCP1_auxFnsScript.sml, emit_segs_pred.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        bndlm_, outsegs_ = f(bndlm, choose)
        return sock, bndlm_, outsegs_, True

    return op


def mliftc(f: Callable[[Socket, Choose], tuple[Socket, tuple[Out, ...]]]) -> Monad:
    """Make an operation of one that leaves the band limiter alone and always goes on.

    Source: TCP1_auxFnsScript.sml, mliftc.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        sock_, outsegs_ = f(sock, choose)
        return sock_, bndlm, outsegs_, True

    return op


def mliftc_bndlm(
    f: Callable[[Socket, BandlimState, Choose], tuple[Socket, BandlimState, tuple[Out, ...]]],
) -> Monad:
    """Make an operation of one that always goes on.

    Source: TCP1_auxFnsScript.sml, mliftc_bndlm.
    """

    def op(sock: Socket, bndlm: BandlimState, choose: Choose) -> Result:
        sock_, bndlm_, outsegs_ = f(sock, bndlm, choose)
        return sock_, bndlm_, outsegs_, True

    return op
