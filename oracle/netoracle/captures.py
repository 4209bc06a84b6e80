"""Checking a capture file with the options of the command line, whatever protocols are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from netoracle.scenario import UsageError
from netoracle.search.budget import Budget
from netoracle.wire.check import check_capture
from netoracle.wire.result import WireReport
from netspec.wire.profile import Vantage, WireProfile
from netspec.wire.profiles import WIRE_PROFILES


@dataclass(frozen=True, slots=True)
class Options:
    """What only captures have: the addresses under test (all where there is none), vantage, how much is kept."""

    hosts: tuple[str, ...] = ()
    vantage: str | None = None
    keep: bool = False

    def addresses(self) -> frozenset[bytes]:
        """The hosts as bytes.  Raises UsageError where one is no address."""
        try:
            return frozenset(ip_address(host).packed for host in self.hosts)
        except ValueError as error:
            raise UsageError(f"--host: {error}") from None


NONE = Options()


def wire_profile(name: str | None) -> WireProfile:
    """The profile that captures are judged by.  Raises UsageError where there is none of that name."""
    if name is None:
        return WIRE_PROFILES["rfc9293"]
    if name not in WIRE_PROFILES:
        raise UsageError(f"there is no profile {name!r} for captures; there are {', '.join(WIRE_PROFILES)}")
    return WIRE_PROFILES[name]


def require_unused(options: Options, path: Path) -> None:
    """Raise UsageError where an option that only captures have was given for another trace."""
    if options.hosts or options.vantage:
        raise UsageError(f"{path}: --host and --vantage are for captures; a trace with sockets calls names its host")


def check_file(
    path: Path,
    profile: str | None,
    options: Options,
    budget: Budget,
    progress: Callable[[int, int | None], None] | None = None,
) -> list[WireReport]:
    """Check a capture: a report for each host.  Raises CaptureError, UsageError."""
    vantage = None if options.vantage is None else Vantage(options.vantage)
    seen = None if progress is None else lambda frame: progress(frame, None)
    judged_by = wire_profile(profile)
    if not options.hosts:
        # Of an end that nobody vouches for, the capture may have been taken anywhere: any number of losses is possible.
        judged_by = replace(judged_by, losses=None)
    reports = check_capture(path, judged_by, vantage, options.addresses(), budget.seconds, options.keep, seen)
    if not reports:
        raise UsageError(f"{path}: no TCP segments" + (f" of {', '.join(options.hosts)}" if options.hosts else ""))
    return reports
