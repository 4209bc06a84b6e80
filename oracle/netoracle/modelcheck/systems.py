"""The systems that can be checked, by name, each made from plain options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netoracle.modelcheck.dhcp import dhcp_model, round_trip
from netoracle.modelcheck.system import Model
from netoracle.scenario import UsageError
from netspec.dhcp.abstract.composition import Network, Setting
from netspec.dhcp.abstract.deviations import DEVIATIONS, PROFILES, profile_deviations
from netspec.dhcp.abstract.medium import Faults
from netspec.dhcp.abstract.records import Parameters

SYSTEMS: Final = ("dhcp",)

_LIMITS: Final = {
    "clients": (1, 4),
    "servers": (1, 3),
    "pool": (1, 4),
    "drift": (0, 8),
    "grace": (0, 8),
    "delay": (0, 8),
    "capacity": (1, 32),
}
_FLAGS: Final = ("relay", "release", "conflict", "loss", "duplicate", "reorder", "any_delay")
_DEFAULTS: Final[dict[str, Any]] = {"clients": 2, "servers": 1, "pool": 2, "drift": 0, "grace": 0, "delay": 0}


def model_of(name: str, options: Mapping[str, Any]) -> Model[Network]:
    """The model of a system with options: those of the command, by their long names.

    Raises UsageError where the name or an option is not known or out of range.
    """
    if name not in SYSTEMS:
        raise UsageError(f"there is no system {name!r}; there is {', '.join(SYSTEMS)}")
    chosen = {**_DEFAULTS, **options}
    for key, value in chosen.items():
        _require_good(key, value)
    delay = None if chosen.get("any_delay") else chosen["delay"]
    on = {flag: bool(chosen.get(flag)) for flag in _FLAGS}
    faults = Faults(on["loss"], on["duplicate"], on["reorder"], delay)
    parameters = Parameters(
        grace=chosen["grace"],
        drift=chosen["drift"],
        deviations=_deviations(chosen.get("profile") or "rfc2131"),
    )
    setting = Setting(
        chosen["clients"],
        chosen["servers"],
        chosen["pool"],
        on["relay"],
        on["release"],
        on["conflict"],
        faults,
        parameters,
    )
    # An offer outlasts the way there and back, so that a client can take it.
    setting = setting._replace(parameters=parameters._replace(hold=1 + round_trip(setting)))
    return dhcp_model(setting, chosen.get("capacity"))


def _require_good(key: str, value: object) -> None:
    if key in _FLAGS:
        good = isinstance(value, bool)
    elif key == "profile":
        good = value is None or isinstance(value, str)
    elif key in _LIMITS:
        least, most = _LIMITS[key]
        good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        good = good or (key == "capacity" and value is None)
        if not good:
            raise UsageError(f"{key}: a number from {least} to {most} was expected, not {value!r}")
    else:
        raise UsageError(f"there is no option {key!r}")
    if not good:
        raise UsageError(f"{key}: {value!r} cannot be used")


def _deviations(profile: str) -> frozenset[str]:
    try:
        return profile_deviations(profile)
    except KeyError:
        known = ", ".join([*PROFILES, *DEVIATIONS])
        raise UsageError(f"there is no profile or deviation {profile!r}; there are {known}") from None
