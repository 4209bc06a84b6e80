"""An instance of the network: how large it is, and what may happen in it."""

from __future__ import annotations

from typing import Final, NamedTuple

from netspec.dhcp.abstract.medium import Faults
from netspec.dhcp.abstract.records import Parameters


class Setting(NamedTuple):
    """An instance: how many clients and servers, addresses in each server's pool, and what may happen.

    `release`: clients may give leases back.  `conflict`: another host may have the first address from the start.
    `impatient`: clients may repeat themselves while an answer is on its way.  `reboot`: clients may start again and
    remember their lease, `forget`: and not remember it.  `restart`: servers may start again.
    """

    clients: int = 2
    servers: int = 1
    pool: int = 2
    relay: bool = False
    release: bool = False
    conflict: bool = False
    faults: Faults = Faults()
    parameters: Parameters = Parameters()
    impatient: bool = False
    reboot: bool = False
    forget: bool = False
    restart: bool = False


SWITCHED: Final[dict[str, str]] = {
    "client_releases": "release",
    "client_reboots": "reboot",
    "client_forgets": "forget",
    "server_restarts": "restart",
}
"""Rules that only apply where the setting has a switch on, and need not apply then."""


def may_happen(rule: str, setting: Setting) -> bool:
    """Whether a rule applies in a setting at all."""
    switch = SWITCHED.get(rule)
    return switch is None or bool(getattr(setting, switch))
