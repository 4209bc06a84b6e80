"""The systems that can be checked, by name, each made from plain options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netoracle.modelcheck.dhcp import dhcp_model, round_trip
from netoracle.modelcheck.product import Recorder, product_model
from netoracle.modelcheck.system import Model
from netoracle.scenario import UsageError
from netspec.dhcp.abstract.deviations import DEVIATIONS, PROFILES, profile_deviations
from netspec.dhcp.abstract.medium import Faults
from netspec.dhcp.abstract.records import Parameters
from netspec.dhcp.abstract.setting import Setting

SYSTEMS: Final = ("dhcp", "dhcp-judged", "dhcp-allowed", "dhcp-late", "dhcp-behind")
"""The abstract network; with the concrete rules as judge of everything, or only of what they forbid; and that where
the recorder starts late, or stands behind the place where a message is lost."""

_RECORDERS: Final = {"dhcp-late": Recorder.late, "dhcp-behind": Recorder.behind}

_LIMITS: Final = {
    "clients": (1, 4),
    "servers": (1, 3),
    "pool": (1, 4),
    "drift": (0, 8),
    "grace": (0, 8),
    "delay": (0, 8),
    "capacity": (1, 32),
}
_FLAGS: Final = (
    *("relay", "release", "conflict", "loss", "duplicate", "reorder", "any_delay", "impatient"),
    *("reboot", "forget", "restart"),
)
_DEFAULTS: Final[dict[str, Any]] = {"clients": 2, "servers": 1, "pool": 2, "drift": 0, "grace": 0, "delay": 0}


def model_of(name: str, options: Mapping[str, Any]) -> Model[Any]:
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
        on["impatient"],
        on["reboot"],
        on["forget"],
        on["restart"],
    )
    # An offer outlasts the way there and back, so that a client can take it.
    setting = setting._replace(parameters=parameters._replace(hold=1 + round_trip(setting)))
    capacity = chosen.get("capacity")
    if name == "dhcp":
        return dhcp_model(setting, capacity)
    try:
        return product_model(setting, capacity, _RECORDERS.get(name, Recorder.whole), name != "dhcp-judged")
    except ValueError as error:
        raise UsageError(f"delay: {error}") from None


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
