"""Requirements on servers (74 to 106)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_SV = "server"
_CONFIGURATION = "what the server is configured with is not on the wire"
_STORE = "what the server has on record is not on the wire, and silence may be loss"

REQUIREMENTS = (
    Requirement(74, "RFC 2131 table 3", _D, _SV, "a reply has the request's xid, chaddr, giaddr and flags"),
    Requirement(75, "RFC 2131 table 3", _D, _SV, "hops and secs of a reply are 0"),
    Requirement(76, "RFC 2131 table 3", _M, _SV, "a reply has option 54"),
    Requirement(77, "RFC 2131 table 3", _M, _SV, "option 51 is in OFFER and in ACK to REQUEST"),
    Requirement(78, "RFC 2131 table 3", _M, _SV, "a reply has none of options 50, 55, 57"),
    Requirement(79, "RFC 2131 table 3", _M, _SV, "a NAK has no lease and no parameters"),
    Requirement(80, "RFC 2131 table 3", _S, _SV, "a NAK says why (option 56)"),
    Requirement(
        81, "RFC 2131 table 3, RFC 1122 3.2.1.3", _D, _SV, "yiaddr, siaddr and ciaddr are those of the kind of reply"
    ),
    Requirement(
        82, "RFC 6842 3", _M, _SV, "the client's identifier is returned unchanged, and none where it sent none"
    ),
    Requirement(
        83,
        "RFC 2131 2, 4.1",
        _M,
        _SV,
        "option 54 is an address that the client can reach",
    ),
    Requirement(84, "RFC 2131 4.1", _D, _SV, "a reply goes where giaddr says, to yiaddr, or to all"),
    Requirement(85, "RFC 2131 3.2, 4.1, 4.3.2", _M, _SV, "a NAK that is not relayed is broadcast"),
    Requirement(86, "RFC 2131 4.3.2", _M, _SV, "a relayed NAK to INIT-REBOOT has the BROADCAST flag"),
    Requirement(87, "RFC 2131 4.3.1, RFC 2132 9.8", _M, _SV, "what is asked for and configured is sent"),
    Requirement(88, "RFC 2131 4.3.1", _M, _SV, "what is not configured is not sent", _CONFIGURATION),
    Requirement(89, "RFC 2131 3.1, 4.3.2", _S, _SV, "parameters in an ACK do not contradict the OFFER"),
    Requirement(90, "RFC 2131 4.4.5", _M, _SV, "T1 is before T2, T2 before the end of the lease"),
    Requirement(91, "RFC 2131 2.2, 3.1", _S, _SV, "a server probes an address before it offers it"),
    Requirement(92, "RFC 2131 3.1, 4.3.1, 4.3.2", _S, _SV, "an address on offer is not offered to another client"),
    Requirement(93, "RFC 2131 1.6, 2.2", _D, _SV, "no address is leased to two clients at once"),
    Requirement(94, "RFC 2131 4.3.1", _S, _SV, "a client with a lease is offered the address of it"),
    Requirement(95, "RFC 2131 4.3", _D, _SV, "a message is answered by a reply of the right kind"),
    Requirement(96, "RFC 2131 3.1, 4.3.2", _D, _SV, "a server that was not selected is silent"),
    Requirement(97, "RFC 2131 3.1, table 3", _D, _SV, "an ACK gives the address that was asked for"),
    Requirement(
        98, "RFC 2131 4.3.2", _M, _SV, "INIT-REBOOT with a wrong address is refused, one unknown ignored", _STORE
    ),
    Requirement(99, "RFC 2131 4.1, 4.3.2", _D, _SV, "a renewal is acknowledged to ciaddr"),
    Requirement(100, "RFC 2131 4.3.2", _S, _SV, "rebinding is answered only with authority over the address", _STORE),
    Requirement(101, "RFC 2131 4.3.3", _M, _SV, "a declined address is not handed out again"),
    Requirement(
        102, "RFC 2131 4.3.4", _D, _SV, "a released address is free", "a server need not use an address that is free"
    ),
    Requirement(103, "RFC 2131 3.4, 4.3.5", _M, _SV, "an ACK to INFORM has no lease and goes to ciaddr"),
    Requirement(
        104,
        "RFC 2131 4.1",
        _M,
        _SV,
        "a server accepts each of its addresses as option 54",
        "which addresses a server has is not on the wire, and silence may be loss",
    ),
    Requirement(
        105,
        "RFC 2131 4.2",
        _M,
        _SV,
        "bindings go by identifier, without one by chaddr",
        "what a server looks bindings up by is inside it; 93 judges what comes of it",
    ),
    Requirement(106, "RFC 2131 4.3.1", _M, _SV, "vendor parameters go only to the class they are for", _CONFIGURATION),
)
