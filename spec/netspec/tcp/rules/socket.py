"""Making sockets."""

from __future__ import annotations

from dataclasses import replace

from netspec.base.base_types import FAIL, SOCK_DGRAM, OK_fd
from netspec.base.choose import Choose, require
from netspec.base.errors import EMFILE
from netspec.tcp import lib_interface as lib
from netspec.tcp.aux_fns.initial_cb import initial_cb_of
from netspec.tcp.host0 import Label, Lh_call
from netspec.tcp.host_types import NO_OOBDATA, Host, ProtocolInfo, Sock, TCP_Sock, UDP_Sock
from netspec.tcp.params import FID, OPEN_MAX, SID, File, FT_Socket, ff_default, sf_default
from netspec.tcp.pre_host_types import CLOSED, Ret, nextfd, sched_timer
from netspec.tcp.rule import fail, fast, rp_all, rule, succeed
from netspec.tcp.rules.prelude import a_call, running, with_thread


@rule(rp_all, {Lh_call: fast(succeed)})
def socket_1(h: Host, lbl: Label, choose: Choose) -> Host:
    """A socket call makes a new socket, and returns a descriptor of it.

    Source: TCP1_hostLTSScript.sml, socket_1.
    """
    tid, opn = a_call(lbl, lib.socket)
    running(h, tid)
    require(len(h.fds) < OPEN_MAX)
    fid = choose.fresh("fid", FID, h.files)
    sid = choose.fresh("sid", SID, h.socks)
    fd = nextfd(h.arch, h.fds, choose)
    pr: ProtocolInfo
    if opn.socktype == SOCK_DGRAM:
        pr = UDP_Sock(())
    else:
        pr = TCP_Sock(CLOSED, initial_cb_of(h.arch), None, b"", None, b"", None, NO_OOBDATA)
    sf = sf_default(h.arch, opn.socktype)
    sock = Sock(fid, sf, None, None, None, None, None, False, False, pr)
    h_ = replace(
        h,
        fds=h.fds.set(fd, fid),
        files=h.files.set(fid, File(FT_Socket(sid), ff_default)),
        socks=h.socks.set(sid, sock),
    )
    return with_thread(h_, tid, Ret(OK_fd(fd)), sched_timer)


@rule(rp_all, {Lh_call: fast(fail)})
def socket_2(h: Host, lbl: Label, choose: Choose) -> Host:
    """A socket call fails with EMFILE, as the process has no descriptor left.

    Source: TCP1_hostLTSScript.sml, socket_2.
    """
    tid, _ = a_call(lbl, lib.socket)
    running(h, tid)
    require(len(h.fds) >= OPEN_MAX)
    return with_thread(h, tid, Ret(FAIL(EMFILE)), sched_timer)
