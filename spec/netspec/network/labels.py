"""The labels of the network's transitions: what its hosts do that their users can see, and what happens unseen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from netspec.base.base_types import TID, IfId, TLang
from netspec.base.time import Duration
from netspec.tcp.host_types import TraceRecord
from netspec.tcp.lib_interface import LIB_interface
from netspec.tcp.pre_host_types import HostId


@dataclass(frozen=True, slots=True)
class Ln0_call:
    """A thread of a host makes a call.

    Source: TCP1_netScript.sml, Lnet0.
    """

    hid: HostId
    tid: TID
    call: LIB_interface


@dataclass(frozen=True, slots=True)
class Ln0_return:
    """A call returns to a thread of a host.

    Source: TCP1_netScript.sml, Lnet0.
    """

    hid: HostId
    tid: TID
    v: TLang


@dataclass(frozen=True, slots=True)
class Ln0_interface:
    """An interface of a host goes up or down.

    Source: TCP1_netScript.sml, Lnet0.
    """

    hid: HostId
    ifid: IfId
    up: bool


@dataclass(frozen=True, slots=True)
class Ln0_tau:
    """A step that no user sees: of one host, or of a message to or from the medium.

    Source: TCP1_netScript.sml, Lnet0.
    """


@dataclass(frozen=True, slots=True)
class Ln0_epsilon:
    """Time passes: `dur` seconds.

    Source: TCP1_netScript.sml, Lnet0.
    """

    dur: Duration


@dataclass(frozen=True, slots=True)
class Ln0_trace:
    """The kernel of some host writes a trace record; the label does not say which host.

    Source: TCP1_netScript.sml, Lnet0.
    """

    tr: TraceRecord


NetLabel: TypeAlias = Ln0_call | Ln0_return | Ln0_interface | Ln0_tau | Ln0_epsilon | Ln0_trace
