"""Checking a capture file with the options of the command line, whatever protocols are in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from netoracle.dhcp.check import look_at
from netoracle.dhcp.machines import PROFILES as DHCP_PROFILES
from netoracle.dhcp.result import DhcpReport
from netoracle.hosted.check import check_hosts
from netoracle.hosted.result import HostReport
from netoracle.scenario import AS_IT_IS, Switches, UsageError
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.wire.check import check_capture
from netoracle.wire.result import WireReport
from netoracle.wire.together import check_with_log
from netspec.wire.profile import Vantage, WireProfile
from netspec.wire.profiles import WIRE_PROFILES

CaptureReport = WireReport | DhcpReport | HostReport

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class NothingToJudge(UsageError):
    """A capture with nothing in it of what is to be judged."""


@dataclass(frozen=True, slots=True)
class Options:
    """What only captures have: the addresses under test (all where there is none), vantage, how much is kept.

    `host_rules`: TCP is judged by the rules of the host, not by those of the wire.  `complete`: the recorder is said to
    have missed nothing.
    """

    hosts: tuple[str, ...] = ()
    vantage: str | None = None
    keep: bool = False
    log: Path | None = None
    host_rules: bool = False
    complete: bool = False

    def log_of(self, capture: Path) -> Path | None:
        """µTCP's log of the same time: the file itself, or the one of that name beside the capture, gzipped or not.

        Raises UsageError where there is none.
        """
        if self.log is None:
            return None
        beside = capture.parent / self.log
        for path in (self.log, beside, beside.with_name(f"{beside.name}.gz")):
            if path.is_file():
                return path
        raise UsageError(f"{capture}: there is no log {self.log}, nor one beside the capture")

    def addresses(self) -> frozenset[bytes]:
        """The hosts that are IP addresses, as bytes.  Raises UsageError for what is neither that nor a MAC address."""
        found = set()
        for host in self.hosts:
            if hardware_address(host) is not None:
                continue
            try:
                found.add(ip_address(host).packed)
            except ValueError:
                raise UsageError(f"--host: {host!r} is neither an IP address nor a MAC address") from None
        return frozenset(found)


def hardware_address(host: str) -> str | None:
    """A MAC address as reports name it, None for what is none."""
    plain = host.lower().replace("-", ":")
    return plain if _MAC.fullmatch(plain) else None


def wire_profile(name: str | None) -> WireProfile:
    """The profile that TCP in captures is judged by.  Raises UsageError where there is none of that name."""
    if name is None:
        return WIRE_PROFILES["rfc9293"]
    if name not in WIRE_PROFILES:
        raise UsageError(
            f"there is no profile {name!r} for captures; there are {', '.join([*WIRE_PROFILES, *DHCP_PROFILES])}"
        )
    return WIRE_PROFILES[name]


def require_unused(options: Options, path: Path) -> None:
    """Raise UsageError where an option that only captures have was given for another trace."""
    if options.hosts or options.vantage or options.log or options.host_rules:
        raise UsageError(
            f"{path}: --host, --vantage, --log and --rules are for captures; a trace with calls names its host"
        )


def check_file(
    path: Path,
    profile: str | None,
    options: Options,
    budget: Budget,
    progress: Callable[[int, int | None], None] | None = None,
    switches: Switches = AS_IT_IS,
) -> list[CaptureReport]:
    """Check a capture: a report for each host that speaks TCP, and one for DHCP.

    A profile is one of either: what it does not speak of is then not judged.  Raises CaptureError, UsageError.
    """
    if options.host_rules:
        return [*_by_host_rules(path, profile, options, budget, progress, switches)]
    seen = None if progress is None else lambda frame: progress(frame, None)
    log = options.log_of(path)
    if log is not None:
        if options.vantage not in (None, "host"):
            raise UsageError(f"{path}: with --log the vantage is the host")
        return [*check_with_log(path, log, wire_profile(profile), options.keep, budget.seconds)]
    reports: list[CaptureReport] = []
    if profile not in DHCP_PROFILES:
        reports += _tcp(path, wire_profile(profile), options, budget, seen)
    if profile is None or profile in DHCP_PROFILES:
        dhcp = dhcp_report(path, profile or DHCP_PROFILES[0], options, seen)
        if dhcp.parties or (dhcp.missed and not options.hosts):
            reports.append(dhcp)
        elif not reports:
            raise nothing_to_judge(path, profile, options, dhcp)
    if not reports:
        raise nothing_to_judge(path, profile, options)
    return reports


def nothing_to_judge(
    path: Path, profile: str | None, options: Options, dhcp: DhcpReport | None = None
) -> NothingToJudge:
    """Why a capture has nothing to judge, and what was passed over in looking for DHCP."""
    what = [*(["TCP segments"] if profile not in DHCP_PROFILES else []), *(["DHCP messages"] if dhcp else [])]
    notes = f" ({'; '.join(dhcp.notes)})" if dhcp and dhcp.notes else ""
    return NothingToJudge(f"{path}: no {' or '.join(what)}{_of(options)}{notes}")


def _of(options: Options) -> str:
    return f" of {', '.join(options.hosts)}" if options.hosts else ""


def _by_host_rules(
    path: Path,
    profile: str | None,
    options: Options,
    budget: Budget,
    progress: Callable[[int, int | None], None] | None,
    switches: Switches,
) -> list[HostReport]:
    if profile is None:
        raise UsageError("--rules host takes a --profile: the rules of the host are those of an implementation")
    if options.log is not None:
        raise UsageError("--rules host infers the calls, --log gives them: one or the other")
    if options.vantage == Vantage.path.value:
        raise UsageError("--rules host: what may be lost before it reaches the host has no trace")
    if reports := check_hosts(path, profile, options.addresses(), budget, switches, progress):
        return reports
    raise NothingToJudge(f"{path}: no TCP segments{_of(options)}")


def _tcp(
    path: Path, profile: WireProfile, options: Options, budget: Budget, progress: Callable[[int], None] | None
) -> list[WireReport]:
    addresses = options.addresses()
    if options.hosts and not addresses:
        return []
    unsaid = profile.recorded if addresses else None
    vantage = unsaid if options.vantage is None else Vantage(options.vantage)
    if options.complete and vantage not in {Vantage.host, Vantage.interface}:
        raise UsageError("--complete needs a vantage at which nothing is lost: --vantage host or interface")
    reports = check_capture(
        path, profile, vantage, addresses, budget.seconds, options.keep, progress, complete=options.complete
    )
    if options.vantage is None and any(report.verdict is Verdict.violates for report in reports):
        _doubt_the_vantage(path, profile, reports, addresses, budget)
    return reports


def _doubt_the_vantage(
    path: Path, profile: WireProfile, reports: list[WireReport], addresses: frozenset[bytes], budget: Budget
) -> None:
    """Where only the profile knows the vantage, note what the verdict rests on."""
    if profile.recorded is None or not addresses:
        return
    elsewhere = {
        report.host: report for report in check_capture(path, profile, Vantage.path, addresses, budget.seconds)
    }
    for report in reports:
        if report.verdict is Verdict.violates and elsewhere[report.host].verdict is Verdict.conforms:
            report.notes = [
                *report.notes,
                f"profile {profile.name} has captures taken at the {profile.recorded.value}; if this one was taken "
                "elsewhere (--vantage path), it conforms",
            ]


def dhcp_report(
    path: Path, profile: str, options: Options, progress: Callable[[int], None] | None = None
) -> DhcpReport:
    """Check the DHCP in a capture; of hosts that were named, by a MAC address or an address that they have."""
    vantage = options.vantage or Vantage.path.value
    addresses = options.addresses()
    report = look_at(path, profile, None, vantage, progress, options.complete)
    if options.hosts:
        names = {hardware_address(host) or host for host in options.hosts}
        report.hosts = options.hosts
        report.parties = [
            party for party in report.parties if party.party.name in names or not addresses.isdisjoint(party.addresses)
        ]
    return report
