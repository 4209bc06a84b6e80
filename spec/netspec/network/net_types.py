"""The state of the network.

The messages on their way are a multiset.  It is a tuple in which the order means nothing: a
message may hold numbers that are not known yet, so neither can messages be keys of a map that
counts them, nor can they be sorted.  `BAG_EQ` compares such tuples as multisets.  The text
would allow infinite multisets too; these are finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import immutables

from netspec.base.timers import Timed
from netspec.tcp.host_types import Host
from netspec.tcp.net_types import Msg
from netspec.tcp.pre_host_types import HostId

T = TypeVar("T")

Msgs: TypeAlias = tuple[Timed[Msg], ...]
"""Messages on their way, each with the moment of its arrival.  Source: TCP1_netScript.sml, msgs."""

Hosts: TypeAlias = immutables.Map[HostId, Host]
"""The hosts.  Source: TCP1_netScript.sml, hosts."""


@dataclass(frozen=True, slots=True)
class Net:
    """The hosts and the messages between them; `==` heeds the order of the messages.

    Source: TCP1_netScript.sml, net.
    """

    hosts: Hosts
    msgs: Msgs


def hosts_to_net(h1: Host, h2: Host) -> Hosts:
    """The two hosts of a test: the one observed, and the one that helps.

    Source: TCP1_netScript.sml, hosts_to_net.
    """
    return immutables.Map({HostId.Test: h1, HostId.Aux: h2})


def BAG_EQ(left: Sequence[T], right: Sequence[T]) -> bool:
    """Whether two sequences have the same members, each the same number of times."""
    rest = list(right)
    for member in left:
        if member not in rest:
            return False
        rest.remove(member)
    return not rest
