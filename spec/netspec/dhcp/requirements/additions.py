"""Requirements of other RFCs on options (107 to 121), on ARP (122 to 129), and on relays (130 to 134)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_READING = "how a receiver reads a message shows only in what it does with it"

REQUIREMENTS = (
    Requirement(107, "RFC 3396 5, 6, 7", _M, "any", "instances of an option, joined in order, make one whole value"),
    Requirement(108, "RFC 4361 6.1", _M, "client", "an identifier of type 255 has an IAID and a DUID"),
    Requirement(109, "RFC 6842 3", _M, "server", "an identifier in a reply is the client's"),
    Requirement(
        110,
        "RFC 4702 2, 2.1, 2.2, 3.1, 4",
        _M,
        "any",
        "option 81 has the flags and RCODEs of its sender, no option 12 beside it, and is in the REQUEST too",
    ),
    Requirement(
        111, "RFC 3442", _M, "any", "classless routes are well formed, and asked for with routers, before them"
    ),
    Requirement(112, "RFC 3397 2, 3", _M, "any", "a search list consists of whole names"),
    Requirement(
        113, "RFC 3925 3, 4", _M, "any", "vendor classes and options are enterprise, length, data, without rest"
    ),
    Requirement(114, "RFC 3046 2.0, 2.1, 2.2", _M, "any", "relay agent information is well formed and the last option"),
    Requirement(115, "RFC 4039 3, 4", _M, "any", "rapid commit is in DISCOVER, in the ACK to it, and nowhere else"),
    Requirement(
        116,
        "RFC 8925 3.1, 3.3, 3.4",
        _M,
        "any",
        "option 108 is four octets, 0 or at least 300 s, and in no answer but to who asked",
    ),
    Requirement(117, "RFC 8910 2, 2.1", _M, "server", "option 114 is a URI without NUL"),
    Requirement(118, "RFC 4833 5, 8", _S, "client", "a time zone by name is preferred to options 100 and 2", _READING),
    Requirement(119, "RFC 3203 6", _M, "server", "FORCERENEW is authenticated (option 90)"),
    Requirement(
        120, "RFC 4388 6.2, 6.3", _M, "any", "LEASEQUERY has the asker's address in giaddr, and asks for one thing"
    ),
    Requirement(
        121, "RFC 7844 3", _S, "client", "an anonymous client names nothing", "anonymity is not claimed on the wire"
    ),
    Requirement(
        122,
        "RFC 5227 1.1, 2.1.1, RFC 2131 4.4.1",
        _M,
        "client",
        "a probe is broadcast, has sender address 0, and SHOULD have target hardware address 0",
    ),
    Requirement(123, "RFC 5227 2.1.1", _M, "client", "an address that another host answers for is not used"),
    Requirement(124, "RFC 5227 2.3", _M, "client", "an address is announced by ARP requests"),
    Requirement(125, "RFC 5227 2.4", _M, "client", "an address is defended once in 10 s, or given up"),
    Requirement(126, "RFC 5227 1.1, 2.1.1", _M, "client", "after 10 conflicts, attempts are 60 s apart"),
    Requirement(
        127,
        "RFC 4436 2.1.1",
        _M,
        "client",
        "a reachability test is unicast to the gateway of before",
        "an ARP request does not say that it is such a test",
    ),
    Requirement(128, "RFC 5494 3", _D, "any", "ARP operations 0 and 65535 are not used"),
    Requirement(129, "RFC 826", _D, "any", "an ARP frame's sender hardware address is the one it is sent from"),
    Requirement(130, "RFC 1542 4.1.1", _M, "relay", "a request that is passed on is one that a client sent, unchanged"),
    Requirement(131, "RFC 1542 4.1.1", _M, "relay", "hops grows by one, and what comes with more than 16 is discarded"),
    Requirement(132, "RFC 1542 4.1.1", _M, "relay", "giaddr is set where it is 0, and stays where it is not"),
    Requirement(133, "RFC 1542 4.1.2", _M, "relay", "a reply that is passed on is one that a server sent, unchanged"),
    Requirement(
        134, "RFC 3046 2.1", _M, "relay", "who added relay agent information takes it out of what goes to a client"
    ),
)
