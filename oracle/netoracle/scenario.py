"""What is to be explained: the labels of a trace, and the host at its start, under a profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from netoracle.trace.model import ApiCall, Entry, InitialHost, LegacyTrace, Trace, TraceError, with_epsilons
from netoracle.trace.observation import Observation
from netoracle.trace.utcp_calls import sockets_view
from netspec.base.base_types import FD
from netspec.base.choose import Choose, require
from netspec.base.seq32 import Seq32, ts_seq
from netspec.profiles import PROFILES, Profile
from netspec.tcp.errata import ERRATA
from netspec.tcp.host_init import initial_host
from netspec.tcp.host_types import Host
from netspec.tcp.params import tickintvlmax
from netspec.tcp.pre_host_types import HostParams


class UsageError(Exception):
    """A trace that cannot be checked as asked; the message is one line."""


@dataclass(frozen=True, slots=True)
class Switches:
    """The names of the errata and deviations to be switched on and off in a profile."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    def require_known(self) -> None:
        """Raise UsageError for a name that is neither an erratum's nor that of a deviation of some profile."""
        known = {*ERRATA, *(deviation.name for profile in PROFILES.values() for deviation in profile.deviations)}
        for name in (*self.on, *self.off):
            if name not in known:
                raise UsageError(f"there is no erratum or deviation {name!r}; `netoracle errata` lists the errata")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A trace made ready for checking.

    `entries` are the trace's entries that the labels come from, one for each label; `initial` makes the host at
    the start from what the trace leaves open.
    """

    trace: Trace
    profile: Profile
    host: str
    labels: tuple[Observation, ...]
    entries: tuple[Entry, ...]
    initial: Callable[[Choose], Host]

    def portable(self) -> Scenario:
        """The same without what cannot be handed to another process."""
        return replace(self, initial=_not_here)


def _not_here(choose: Choose) -> Host:
    raise RuntimeError("the initial host was left in another process")


_INFERRED_FDS = {
    "FreeBSD_4_6_RELEASE": tuple(map(FD, range(8))),
    "Linux_2_4_20_8": (*map(FD, range(7)), FD(1000)),
    "WinXP_Prof_SP1": (),
}
_INFERRED_PARAMS = HostParams(1024, 5000)


AS_IT_IS = Switches()


def prepare(trace: Trace, profile_name: str | None, switches: Switches = AS_IT_IS) -> Scenario:
    """Make a trace ready for checking under a profile; None takes the one that the trace names.

    Raises UsageError where the trace cannot be checked, TraceError where its times are unusable.
    """
    if trace.format == "utcp-log":
        profile = _switched(_profile(profile_name or "utcp"), switches)
        view = sockets_view(trace, profile.arch)
        return Scenario(trace, profile, "", view.labels, view.entries, view.initial)
    timed = with_epsilons(trace)
    line = timed.initial
    if line is None:
        what = "no host line" if not timed.hosts else "two hosts"
        raise UsageError(f"{trace.path}: a trace with {what} cannot be checked: the state at its start is unknown")
    labels: list[Observation] = []
    for entry in timed.labels:
        if isinstance(entry.label, (LegacyTrace, ApiCall)):
            raise TraceError(trace.path, entry.line, entry.column, "expected a label of the present model")
        labels.append(entry.label)
    profile = _switched(_profile(profile_name) if profile_name else _profile_of(trace.path, line.arch), switches)
    return Scenario(trace, profile, str(line.ip), tuple(labels), timed.labels, _host_maker(line, profile))


def _profile(name: str) -> Profile:
    if name not in PROFILES:
        raise UsageError(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
    return PROFILES[name]


def _switched(profile: Profile, switches: Switches) -> Profile:
    try:
        return profile.switched(switches.on, switches.off)
    except ValueError as error:
        raise UsageError(f"{error}; `netoracle errata` lists the errata") from None


def _profile_of(path: str, arch: str) -> Profile:
    for profile in PROFILES.values():
        if profile.arch.name == arch:
            return profile
    raise UsageError(f"{path}: there is no profile for the architecture {arch}")


def _host_maker(line: InitialHost, profile: Profile) -> Callable[[Choose], Host]:
    """The host of a host line, with what the line leaves symbolic to be chosen."""
    fds = line.fds if line.fds is not None else _INFERRED_FDS.get(line.arch, ())

    def make(choose: Choose) -> Host:
        if isinstance(line.ticks, Seq32):
            ticks = line.ticks
        else:
            ticks = ts_seq(choose.integer("initial_ticker_count", 0, 2**32 - 1))
        if isinstance(line.remdr, str):
            interval = tickintvlmax(profile.arch)
            remdr = choose.real("initial_ticker_remdr", interval * 0, interval)
            require(remdr < interval)
        else:
            remdr = line.remdr
        return initial_host(
            line.ip,
            line.tid,
            profile.arch,
            line.privs,
            line.heldports,
            line.ifaces,
            line.rttab,
            tuple(fd.n for fd in fds),
            ticks,
            remdr,
            line.params or _INFERRED_PARAMS,
        )

    return make
