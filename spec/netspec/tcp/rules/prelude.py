"""What many rules begin or end with: matching labels and states, and changing one part of a host."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from netspec.base.base_types import TID
from netspec.base.choose import FAPPLY, Choose, PremiseFailed, require
from netspec.base.timers import Timed, Timer
from netspec.tcp.host0 import Label, Lh_call, Lh_tau
from netspec.tcp.host_types import Host, Socket
from netspec.tcp.params import FID, SID, FileFlags, FT_Socket
from netspec.tcp.pre_host_types import HostThreadState, Run

T = TypeVar("T")


def a_call(lbl: Label, call: type[T]) -> tuple[TID, T]:
    """Match `lbl = Lh_call(tid, call(..))`: the thread, and the call with its arguments."""
    if not isinstance(lbl, Lh_call) or not isinstance(lbl.call, call):
        raise PremiseFailed
    return lbl.tid, lbl.call


def thread(h: Host, tid: TID) -> Timed[HostThreadState]:
    """The state of a thread with its deadline; the premise fails where there is no such thread."""
    return FAPPLY(h.ts, tid)


def running(h: Host, tid: TID) -> None:
    """State the premise `ts_(tid) = Timed(Run, d)`."""
    require(tid in h.ts)
    require(h.ts[tid].value == Run)


def blocked(h: Host, lbl: Label, state: type[T], choose: Choose) -> tuple[TID, T]:
    """Match `lbl = Lh_tau` and `ts_(tid) = Timed(state(..), d)`: some such thread, and its state."""
    if not isinstance(lbl, Lh_tau):
        raise PremiseFailed
    states = {tid: timed.value for tid, timed in h.ts.items() if isinstance(timed.value, state)}
    tid = choose.one_of("tid", states)
    return tid, states[tid]


def file_socket(h: Host, fid: FID) -> tuple[SID, FileFlags]:
    """Match `FAPPLY h.files fid = File(FT_Socket(sid), ff)`: the socket of a file, and the file's flags."""
    file = FAPPLY(h.files, fid)
    if not isinstance(file.ft, FT_Socket):
        raise PremiseFailed
    return file.ft.sid, file.ff


def with_thread(h: Host, tid: TID, state: HostThreadState, timer: Timer) -> Host:
    """The host with a thread in another state, with a deadline."""
    return replace(h, ts=h.ts.set(tid, Timed(state, timer)))


def with_sock(h: Host, sid: SID, sock: Socket) -> Host:
    """The host with another content of a socket."""
    return replace(h, socks=h.socks.set(sid, sock))
