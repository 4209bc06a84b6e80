"""The line that says how a host was set up."""

from __future__ import annotations

from netoracle.trace.hol.printing.values import (
    print_boolean,
    print_epsilon,
    print_host_name,
    print_ifid,
    print_ip,
    print_list,
    print_natural,
    print_netmask,
    print_option,
    print_port,
    print_sequence,
    print_tid,
)
from netoracle.trace.model import InitialHost
from netspec.base.base_types import IfId, Ip, Port
from netspec.tcp.pre_host_types import LOOPBACK_ADDRS, Ifd, IpSet, RoutingTableEntry


def _ipset(ipset: IpSet) -> str:
    if isinstance(ipset, frozenset):
        return f"{{{'; '.join(print_ip(ip) for ip in sorted(ipset, key=lambda ip: ip.n))}}}"
    if ipset != LOOPBACK_ADDRS:
        raise ValueError(f"no host line names the addresses {ipset!r}")
    return "LOOPBACK_ADDRS"


def _interface(interface: tuple[IfId, Ifd]) -> str:
    ifid, ifd = interface
    return (
        f"({print_ifid(ifid)}, <| ipset := {_ipset(ifd.ipset)}; primary := {print_ip(ifd.primary)}; "
        f"netmask := {print_netmask(ifd.netmask)}; up := {print_boolean(ifd.up)} |>)"
    )


def _route(route: RoutingTableEntry) -> str:
    return (
        f"<| destination_ip := {print_ip(route.destination_ip)}; "
        f"destination_netmask := {print_netmask(route.destination_netmask)}; ifid := {print_ifid(route.ifid)} |>"
    )


def _held_port(held: tuple[Ip | None, Port]) -> str:
    return f"({print_option(print_ip, held[0])}, {print_port(held[1])})"


def print_host_line(host: InitialHost) -> str:
    """How a host was set up, with its name in a joint trace."""
    words = [
        f"initial_host ({print_ip(host.ip)}) ({print_tid(host.tid)}) ({host.arch}) {print_boolean(host.privs)}",
        print_list(_held_port, host.heldports),
        print_list(_interface, host.ifaces),
        print_list(_route, host.rttab),
    ]
    if host.fds is not None:
        words.append(f"[{';'.join(print_natural(fd.n) for fd in host.fds)}]")
    words.append(host.ticks if isinstance(host.ticks, str) else f"({print_sequence(host.ticks)})")
    words.append(host.remdr if isinstance(host.remdr, str) else f"({print_epsilon(host.remdr)})")
    if host.params is not None:
        low, high = host.params.min_eph_port, host.params.max_eph_port
        words.append(f"<| min_eph_port := {print_natural(low)}; max_eph_port := {print_natural(high)} |>")
    line = " ".join(words)
    return line if host.name is None else f"net_initial_host {print_host_name(host.name)} ({line})"
