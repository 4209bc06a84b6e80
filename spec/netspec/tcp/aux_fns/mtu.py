"""Path MTU: the plateaus to fall back to (TCP1_auxFnsScript.sml)."""

from __future__ import annotations

from netspec.base.choose import SOME
from netspec.tcp.params import Arch
from netspec.tcp.pre_host_types import linux_arch


def next_smaller(xs: frozenset[int], y: int) -> int:
    """The largest member below y; left open where there is none.

    Source: TCP1_auxFnsScript.sml, next_smaller.
    """
    return SOME(max((x for x in xs if x < y), default=None))


def mtu_tab(arch: Arch) -> frozenset[int]:
    """The usual path MTUs, in bytes.

    Source: TCP1_auxFnsScript.sml, mtu_tab.
    """
    if linux_arch(arch):
        return frozenset({32000, 17914, 8166, 4352, 2002, 1492, 576, 296, 216, 128, 68})
    else:
        return frozenset({65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68})
