"""The labels of a host's transitions: what it does that its environment can see, and what it does unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from netspec.base.base_types import TID, IfId, TLang
from netspec.base.time import Duration
from netspec.tcp.host_types import TraceRecord
from netspec.tcp.lib_interface import LIB_interface
from netspec.tcp.net_types import Msg


@dataclass(frozen=True, slots=True)
class Lh_call:
    """A thread makes a call.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    tid: TID
    call: LIB_interface


@dataclass(frozen=True, slots=True)
class Lh_return:
    """A call returns to its thread.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    tid: TID
    v: TLang


@dataclass(frozen=True, slots=True)
class Lh_senddatagram:
    """The host puts a message on the network.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    msg: Msg


@dataclass(frozen=True, slots=True)
class Lh_recvdatagram:
    """The host takes a message from the network.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    msg: Msg


@dataclass(frozen=True, slots=True)
class Lh_loopdatagram:
    """The host sends itself a message.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    msg: Msg


@dataclass(frozen=True, slots=True)
class Lh_interface:
    """An interface goes up or down.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    ifid: IfId
    up: bool


@dataclass(frozen=True, slots=True)
class Lh_tau:
    """An internal step.

    Source: TCP1_host0Script.sml, Lhost0.
    """


@dataclass(frozen=True, slots=True)
class Lh_epsilon:
    """Time passes: `dur` seconds.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    dur: Duration


@dataclass(frozen=True, slots=True)
class Lh_trace:
    """BSD's kernel writes a trace record.

    Source: TCP1_host0Script.sml, Lhost0.
    """

    tr: TraceRecord


Label: TypeAlias = (
    Lh_call
    | Lh_return
    | Lh_senddatagram
    | Lh_recvdatagram
    | Lh_loopdatagram
    | Lh_interface
    | Lh_tau
    | Lh_epsilon
    | Lh_trace
)
