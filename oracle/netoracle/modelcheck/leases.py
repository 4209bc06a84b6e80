"""What holds of DHCP's times for leases of any length: the order of T1, T2 and the end, and clocks that drift.

Times are in seconds.  A lease of 2**32 - 1 seconds is one without end (RFC 2131, 3.3), so that 2**32 - 2 is the
longest with an end.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from netoracle.modelcheck.result import Outcome
from netoracle.modelcheck.symbolic import Proof, prove

LONGEST: Final = 2**32 - 2
T1_DEFAULT: Final = Fraction(1, 2)
"""T1 as a share of the lease (RFC 2131, 4.4.5)."""

T2_DEFAULT: Final = Fraction(7, 8)
"""T2 as a share of the lease (RFC 2131, 4.4.5)."""


def timers_in_order(
    t1: Fraction | int = T1_DEFAULT, t2: Fraction | int = T2_DEFAULT, shortest: int = 1, longest: int = LONGEST
) -> Proof:
    """T1 < T2 < end for every lease of `shortest` to `longest` seconds; the counterexample is the longest such lease.

    T1 and T2 are shares of the lease, rounded down to seconds, or where they are of type int the same for all leases.
    """
    import z3

    lease, first, second = z3.Ints("lease t1 t2")
    assumptions = [shortest <= lease, lease <= longest, _share(first, t1, lease), _share(second, t2, lease)]
    text = f"T1 < T2 < end of the lease, for leases of {shortest} to {longest} s"
    return prove(text, assumptions, z3.And(first < second, second < lease), worst=lease)


def leases_apart(drift: int, grace: int, longest: int = LONGEST) -> Proof:
    """A client has stopped using its address when its server gives it to another, for every lease up to `longest`.

    Each clock is wrong by up to `drift` parts per million.  The client counts from when it sends the REQUEST, the
    server from when it receives it, and keeps the address `grace` seconds longer than the lease.
    """
    import z3

    lease = z3.Int("lease")
    sent, received, stops, reused, slow, fast = z3.Reals("sent received stops reused client_clock server_clock")
    rate = Fraction(drift, 1_000_000)
    least, most = (z3.RealVal(str(1 + sign * rate)) for sign in (-1, 1))
    # What a clock shows after a time is between the time at the slowest rate and that at the fastest.
    assumptions = [
        lease >= 1,
        lease <= longest,
        sent >= 0,
        sent <= received,
        slow >= least * (stops - sent),
        slow <= most * (stops - sent),
        slow == z3.ToReal(lease),
        fast >= least * (reused - received),
        fast <= most * (reused - received),
        fast == z3.ToReal(lease) + grace,
    ]
    text = f"no overlap of leases up to {longest} s, clocks wrong by {drift} ppm, grace {grace} s"
    return prove(text, assumptions, stops <= reused)


def grace_needed(drift: int, longest: int = LONGEST) -> int:
    """The fewest whole seconds of grace with which leases up to `longest` stay apart.

    Raises ValueError where clocks may stand still.
    """
    if not 0 <= drift < 1_000_000:
        raise ValueError("drift is from 0 to 999999 parts per million")
    low, high = 0, 1
    while leases_apart(drift, high, longest).outcome is Outcome.violated:
        low, high = high + 1, high * 2
    while low < high:
        middle = (low + high) // 2
        if leases_apart(drift, middle, longest).outcome is Outcome.violated:
            low = middle + 1
        else:
            high = middle
    return low


def _share(timer: Any, share: Fraction | int, lease: Any) -> Any:
    if isinstance(share, int):
        return timer == share
    return timer == (share.numerator * lease) / share.denominator
