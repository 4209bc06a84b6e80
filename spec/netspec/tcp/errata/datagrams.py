"""Errata of UDP and ICMP.

"FreeBSD's tcp_mtudisc" and the like is the kernel's code of 2002, which the model of FreeBSD 4.6 describes.
"""

from typing import Final

from netspec.tcp.errata.erratum import Erratum

# -- UDP -------------------------------------------------------------------------------------------

LOOKUP_OF_UDP: Final = Erratum(
    "lookup-of-udp",
    ("lookup_udp",),
    "TCP sockets count too: a datagram to a port that a TCP socket has is taken by no rule.",
    "Only UDP sockets count.",
    "The text's comment: a set of UDP sockets. The ports of TCP and of UDP are different ones.",
)

PORT_UNREACHABLE_ROUTED: Final = Erratum(
    "port-unreachable-routed",
    ("deliver_in_udp_2",),
    "The ICMP message that answers a datagram for no socket is queued whether or not there is a route for it.",
    "It is queued where there is a route.",
    "All that the host sends otherwise is routed first (dosend, rollback_tcp_output); RFC 1122, 3.3.1.",
)

# -- ICMP ------------------------------------------------------------------------------------------

PATH_MTU_DISCOVERY: Final = Erratum(
    "path-mtu-discovery",
    ("deliver_in_icmp_2",),
    'That there is a route to keep the MTU of a path in is `F /\\ F`: every "fragmentation needed" sets the segment '
    "size to MSSDFLT, whatever the MTU that it names.",
    "There is one: the segment size becomes what the MTU allows, if that is less, and what was lost is sent again.",
    "RFC 1191, 3: the host reduces its estimate of the path MTU by the value in the message. FreeBSD's tcp_mtudisc; a "
    "connection there has a route of its own (RTF_PRCLONING). The text calls both F placeholders.",
)

REDIRECT_IGNORED: Final = Erratum(
    "redirect-ignored",
    ("deliver_in_icmp_6",),
    "No rule takes a redirect: it stays at the head of the queue, and time stops.",
    "It is taken and changes nothing.",
    "RFC 1122, 3.2.2.2: it changes the gateway of a route, which the model's routing table does not have.",
)

NO_SOCKET_BY_LOOKUP: Final = Erratum(
    "no-socket-by-lookup",
    ("deliver_in_icmp_7",),
    "A message is about no socket where none has all of its addresses and ports. lookup_icmp finds more (on Windows "
    "by the port alone, on Linux UDP sockets without a peer's port): what deliver_in_icmp_1 to 5 take may be ignored.",
    "It is about no socket where lookup_icmp finds none.",
    "The text's comment: there's no matching socket. lookup_icmp's comment is what matching means.",
)

NEEDFRAG_ABOUT_NO_SOCKET: Final = Erratum(
    "needfrag-about-no-socket",
    ("deliver_in_icmp_7",),
    '"Fragmentation needed" about no socket is taken by no rule: it stays at the head of the queue, and time stops.',
    "It is ignored.",
    "The text's comment: drop where there's no matching socket; this message is special only in that its source may "
    "be missing.",
)

ICMP_WITHOUT_SEQUENCE_NUMBER: Final = Erratum(
    "icmp-without-sequence-number",
    ("deliver_in_icmp_7",),
    "A message about a TCP socket that quotes no sequence number is taken by no rule, and time stops.",
    "It is ignored.",
    "RFC 792 has every such message quote 64 bits of the datagram, in which TCP has the number. FreeBSD's icmp_input "
    "drops what is shorter than ICMP_ADVLENMIN.",
)

ERRATA: Final[tuple[Erratum, ...]] = (
    LOOKUP_OF_UDP,
    PORT_UNREACHABLE_ROUTED,
    PATH_MTU_DISCOVERY,
    REDIRECT_IGNORED,
    NO_SOCKET_BY_LOOKUP,
    NEEDFRAG_ABOUT_NO_SOCKET,
    ICMP_WITHOUT_SEQUENCE_NUMBER,
)
