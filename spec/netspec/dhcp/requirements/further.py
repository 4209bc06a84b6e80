"""Requirements on what the other chapters leave out, of all parties (135 to 155)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_C, _SV, _R = "client", "server", "relay"
_WHY = "an echo request or an ARP frame does not say what it is sent for"

REQUIREMENTS = (
    Requirement(135, "RFC 1534 2", _M, _SV, "BOOTP is answered without option 53"),
    Requirement(136, "RFC 1542 3.4, RFC 2131 table 5", _M, _C, "a client leaves giaddr 0"),
    Requirement(137, "RFC 1542 3.2", _S, _C, "secs counts the seconds since the first message"),
    Requirement(138, "RFC 2131 table 1, RFC 951 3", _D, "any", "a name in sname or file is ended by NUL"),
    Requirement(139, "RFC 2131 tables 3 and 5", _S, "any", "OFFER, ACK, DECLINE and RELEASE have option 56"),
    Requirement(140, "RFC 2131 4.4.3", _S, _C, "INFORM does not ask for lease times"),
    Requirement(141, "RFC 2131 3.4, 4.3.5", _S, _SV, "an ACK to INFORM has yiaddr 0"),
    Requirement(142, "RFC 2131 4.4.5", _S, _SV, "an ACK that gives a lease gives T1 and T2"),
    Requirement(143, "RFC 2131 4.1", _S, _SV, "without a relay, option 54 is the address that the reply comes from"),
    Requirement(144, "RFC 2131 4.3.1", _D, _SV, "who has a lease and asks for none is offered what is left of it"),
    Requirement(145, "RFC 2131 4.1, RFC 1542 5.4", _S, _SV, "a reply's frame goes to chaddr, or to every station"),
    Requirement(
        146, "RFC 1122 3.2.1.3, 3.3.6", _M, "any", "nothing goes to 0.0.0.0 or comes from an address of several hosts"
    ),
    Requirement(147, "RFC 3046 2.2, RFC 6607 8", _M, _SV, "relay agent information in a reply is the request's"),
    Requirement(148, "RFC 3046 2.2", _S, _SV, "relay agent information is the last option of a reply"),
    Requirement(
        149,
        "RFC 3046 2.1, 2.1.1",
        _M,
        _R,
        "no relay changes or adds relay agent information where there is some, or where another relay was",
    ),
    Requirement(
        150, "RFC 1542 4.1.2", _S, _R, "a reply is passed on to all or to yiaddr and chaddr, as BROADCAST says"
    ),
    Requirement(151, "RFC 1542 4.1.2", _M, _R, "a reply is passed on to the client's port"),
    Requirement(152, "RFC 1542 4.1.1", _M, _R, "what was broadcast is not broadcast again where it came from"),
    Requirement(153, "RFC 1542 4.1.1", _M, _R, "what comes of one client is passed on to the same servers"),
    Requirement(154, "RFC 3011 2", _M, _SV, "option 118 in a reply is the client's"),
    Requirement(155, "RFC 2131 3.1, 3.2", _S, _SV, "no server probes an address that a REQUEST names", _WHY),
)
