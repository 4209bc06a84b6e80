from __future__ import annotations

from dataclasses import replace

from aux_sockets import BSD, LINUX, WINXP
from socket_hosts import FILE, SOCK_FD, a_host, a_tcp, call, forbids, returning, state_of
from support import Scripted

from netspec.base.base_types import FAIL, FD, OK_fd
from netspec.base.errors import EBADF, EINVAL, EMFILE, ENOMEM
from netspec.tcp import lib_interface as lib
from netspec.tcp.host0 import Lh_call
from netspec.tcp.host_types import Host
from netspec.tcp.params import FID, OPEN_MAX
from netspec.tcp.rules.dup import dup_1, dup_2, dupfd_1, dupfd_3, dupfd_4

DUP = call(lib.dup(SOCK_FD))
EMPTY = returning(FAIL(EMFILE))


def dupfd(n: int, fd: FD = SOCK_FD) -> Lh_call:
    return call(lib.dupfd(fd, n))


def with_descriptors(h: Host, *fds: int) -> Host:
    for k in fds:
        if FD(k) not in h.fds:
            h = replace(h, fds=h.fds.set(FD(k), FID(0)))
    return h


def test_dup_1() -> None:
    h = a_host(BSD, a_tcp())
    h_ = dup_1(h, DUP, Scripted())
    assert state_of(h_) == returning(OK_fd(FD(4)))
    assert h_.fds == h.fds.set(FD(4), FILE)
    forbids(dup_1, h, call(lib.dup(FD(9))))
    forbids(dup_1, a_host(WINXP, a_tcp()), DUP)
    forbids(dup_1, with_descriptors(h, *range(OPEN_MAX)), DUP)


def test_dup_2() -> None:
    h = a_host(LINUX, a_tcp())
    assert state_of(dup_2(with_descriptors(h, *range(OPEN_MAX - 1)), DUP, Scripted())) == EMPTY
    forbids(dup_2, with_descriptors(h, *range(OPEN_MAX - 2)), DUP)
    forbids(dup_2, with_descriptors(h, *range(OPEN_MAX)), call(lib.dup(FD(OPEN_MAX))))
    forbids(dup_2, with_descriptors(a_host(WINXP, a_tcp()), *range(OPEN_MAX)), DUP)


def test_dupfd_1() -> None:
    h = with_descriptors(a_host(BSD, a_tcp()), 20, 21, OPEN_MAX - 1)
    for n, fd in ((0, 4), (20, 22), (30, 30)):
        h_ = dupfd_1(h, dupfd(n), Scripted())
        assert state_of(h_) == returning(OK_fd(FD(fd)))
        assert h_.fds == h.fds.set(FD(fd), FILE)
    for n in (-1, OPEN_MAX, OPEN_MAX - 1):
        forbids(dupfd_1, h, dupfd(n))
    forbids(dupfd_1, h, dupfd(0, FD(9)))
    forbids(dupfd_1, a_host(WINXP, a_tcp()), dupfd(0))


def test_dupfd_3() -> None:
    for arch, e in ((BSD, EBADF), (LINUX, EINVAL), (WINXP, EINVAL)):
        h_ = dupfd_3(a_host(arch, a_tcp()), dupfd(OPEN_MAX), Scripted())
        assert state_of(h_) == returning(FAIL(e))
    forbids(dupfd_3, a_host(BSD, a_tcp()), dupfd(OPEN_MAX - 1))


def test_dupfd_3_leaves_the_error_of_a_negative_number_open() -> None:
    for e in (EINVAL, EBADF, ENOMEM):
        h_ = dupfd_3(a_host(BSD, a_tcp()), dupfd(-1), Scripted(err=e))
        assert state_of(h_) == returning(FAIL(e))
    forbids(dupfd_3, a_host(WINXP, a_tcp()), dupfd(-1))


def test_dupfd_4() -> None:
    h = a_host(BSD, a_tcp())
    assert state_of(dupfd_4(h, dupfd(0), Scripted())) == EMPTY
    forbids(dupfd_4, h, dupfd(-1))
    forbids(dupfd_4, h, dupfd(0, FD(9)))
    forbids(dupfd_4, a_host(WINXP, a_tcp()), dupfd(0))
