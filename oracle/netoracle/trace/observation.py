"""What an observer of a host can tell: a label of the model, or that a call returned, but not what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from netspec.base.base_types import TID
from netspec.tcp.host0 import Label, Lh_return
from netspec.tcp.host_types import Host
from netspec.tcp.pre_host_types import Ret


@dataclass(frozen=True, slots=True)
class AnyReturn:
    """A call of a thread returns, with a value that the trace does not show."""

    tid: TID


Observation: TypeAlias = Label | AnyReturn


def shown(observation: Observation, h: Host) -> Label | None:
    """The label that a host would show for an observation; None where it cannot make one."""
    if not isinstance(observation, AnyReturn):
        return observation
    timed = h.ts.get(observation.tid)
    if timed is None or not isinstance(timed.value, Ret):
        return None
    return Lh_return(observation.tid, timed.value.v)
