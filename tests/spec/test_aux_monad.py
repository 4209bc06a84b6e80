from __future__ import annotations

from dataclasses import replace

import pytest
from aux_sockets import a_cb, a_segment, a_sock
from support import Scripted

from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.aux_fns.monad import (
    Monad,
    Out,
    andThen,
    assert_,
    assert_failure,
    chooseM,
    cont,
    emit_segs,
    emit_segs_pred,
    get_cb,
    get_sock,
    get_tcp_sock,
    mliftc,
    mliftc_bndlm,
    modify_cb,
    modify_sock,
    modify_tcp_sock,
    stop,
)
from netspec.tcp.host_types import Socket, UDP_Sock, tcp_sock_of
from netspec.tcp.net_types import TCP
from netspec.tcp.pre_host_types import BANDLIM_UNLIMITED, CLOSE_WAIT, BandlimState

SOCK = a_sock()
UDP = a_sock(pr=UDP_Sock(()))
ONE: Out = (TCP(a_segment(win=1)), True)
TWO: Out = (TCP(a_segment(win=2)), False)
BNDLM: BandlimState = ()


def eof(sock: Socket) -> Socket:
    return replace(sock, cantrcvmore=True)


def test_cont_goes_on_and_stop_does_not() -> None:
    assert cont(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (), True)
    assert stop(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (), False)


def test_andThen_threads_the_socket_and_joins_the_segments() -> None:
    op = andThen(emit_segs((ONE,)), modify_sock(eof), emit_segs((TWO,)))
    assert op(SOCK, BNDLM, Scripted()) == (eof(SOCK), BNDLM, (ONE, TWO), True)


def test_andThen_ends_with_the_operation_that_stops() -> None:
    op = andThen(emit_segs((ONE,)), stop, modify_sock(eof), assert_failure("not reached"))
    assert op(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (ONE,), False)


def test_andThen_stops_where_its_last_operation_does() -> None:
    assert andThen(cont, stop)(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (), False)


def test_assert_makes_a_premise() -> None:
    assert assert_(True)(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (), True)
    with pytest.raises(PremiseFailed):
        assert_(False)(SOCK, BNDLM, Scripted())


def test_assert_failure_fails_when_it_is_done() -> None:
    op = assert_failure("here")
    with pytest.raises(PremiseFailed):
        op(SOCK, BNDLM, Scripted())


@pytest.mark.parametrize("FIN_reass", [False, True])
def test_chooseM_goes_on_with_the_value_chosen(FIN_reass: bool) -> None:
    op = chooseM(
        lambda choose: choose.boolean("FIN_reass"),
        lambda x: modify_sock(lambda sock: replace(sock, cantrcvmore=x)),
    )
    sock_, _, _, _ = op(SOCK, BNDLM, Scripted(FIN_reass=FIN_reass))
    assert sock_.cantrcvmore == FIN_reass


def test_get_hands_on_the_socket_its_tcp_part_or_its_control_block() -> None:
    tcp_sock = tcp_sock_of(SOCK)
    seen: list[object] = []

    def see(x: object) -> Monad:
        seen.append(x)
        return stop

    for op in (get_sock(see), get_tcp_sock(see), get_cb(see)):
        assert op(SOCK, BNDLM, Scripted()) == (SOCK, BNDLM, (), False)
    assert seen == [SOCK, tcp_sock, tcp_sock.cb]


def test_modify_changes_the_tcp_part_or_its_control_block() -> None:
    op = modify_tcp_sock(lambda s: replace(s, st=CLOSE_WAIT))
    assert op(SOCK, BNDLM, Scripted()) == (a_sock(st=CLOSE_WAIT), BNDLM, (), True)
    op = modify_cb(lambda cb: replace(cb, t_dupacks=2))
    assert op(SOCK, BNDLM, Scripted()) == (a_sock(cb=a_cb(t_dupacks=2)), BNDLM, (), True)


@pytest.mark.parametrize(
    "op",
    [
        get_tcp_sock(lambda _: cont),
        get_cb(lambda _: cont),
        modify_tcp_sock(lambda s: s),
        modify_cb(lambda cb: cb),
    ],
)
def test_no_tcp_part_is_had_of_a_udp_socket(op: Monad) -> None:
    with pytest.raises(PremiseFailed):
        op(UDP, BNDLM, Scripted())


def test_lifted_operations_go_on() -> None:
    limited: BandlimState = ((a_segment(), a_segment().seq, BANDLIM_UNLIMITED),)

    def pred(bndlm: BandlimState, choose: Choose) -> tuple[BandlimState, tuple[Out, ...]]:
        return limited + bndlm, (ONE,)

    def plain(sock: Socket, choose: Choose) -> tuple[Socket, tuple[Out, ...]]:
        return eof(sock), (ONE,)

    def full(sock: Socket, b: BandlimState, choose: Choose) -> tuple[Socket, BandlimState, tuple[Out, ...]]:
        return eof(sock), limited + b, (TWO,)

    assert emit_segs_pred(pred)(SOCK, BNDLM, Scripted()) == (SOCK, limited, (ONE,), True)
    assert mliftc(plain)(SOCK, BNDLM, Scripted()) == (eof(SOCK), BNDLM, (ONE,), True)
    assert mliftc_bndlm(full)(SOCK, BNDLM, Scripted()) == (eof(SOCK), limited, (TWO,), True)
