from __future__ import annotations

import pytest
from aux_sockets import BSD, LINUX, WINXP

from netspec.base.choose import PremiseFailed
from netspec.tcp.aux_fns.mtu import mtu_tab, next_smaller
from netspec.tcp.params import Arch


@pytest.mark.parametrize(
    ("arch", "mtu", "smaller"),
    [
        (BSD, 70000, 65535),
        (BSD, 65535, 32000),
        (BSD, 1500, 1492),
        (BSD, 1492, 1006),
        (WINXP, 1006, 508),
        (LINUX, 70000, 32000),
        (LINUX, 1492, 576),
        (LINUX, 129, 128),
        (LINUX, 69, 68),
    ],
)
def test_the_next_smaller_plateau(arch: Arch, mtu: int, smaller: int) -> None:
    assert next_smaller(mtu_tab(arch), mtu) == smaller


def test_nothing_is_smaller_than_the_smallest() -> None:
    with pytest.raises(PremiseFailed):
        next_smaller(mtu_tab(BSD), 68)


def test_each_table_has_eleven_plateaus() -> None:
    assert [len(mtu_tab(arch)) for arch in (BSD, LINUX, WINXP)] == [11, 11, 11]
    assert mtu_tab(BSD) == mtu_tab(WINXP)
    assert mtu_tab(BSD) ^ mtu_tab(LINUX) == {65535, 1006, 508, 576, 216, 128}
