"""Requirements on what the other chapters leave out, of all parties (135 to 155)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_C, _SV, _R = "client", "server", "relay"

REQUIREMENTS = (
    Requirement(136, "RFC 1542 3.4, RFC 2131 table 5", _M, _C, "a client leaves giaddr 0"),
    Requirement(138, "RFC 2131 table 1, RFC 951 3", _D, "any", "a name in sname or file is ended by NUL"),
    Requirement(139, "RFC 2131 tables 3 and 5", _S, "any", "OFFER, ACK, DECLINE and RELEASE have option 56"),
    Requirement(140, "RFC 2131 4.4.3", _S, _C, "INFORM does not ask for lease times"),
    Requirement(142, "RFC 2131 4.4.5", _S, _SV, "an ACK that gives a lease gives T1 and T2"),
    Requirement(143, "RFC 2131 4.1", _S, _SV, "without a relay, option 54 is the address that the reply comes from"),
    Requirement(
        146, "RFC 1122 3.2.1.3, 3.3.6", _M, "any", "what is sent goes to an address, and comes from a host's own"
    ),
    Requirement(148, "RFC 3046 2.2", _S, _SV, "relay agent information is the last option of a reply"),
    Requirement(151, "RFC 1542 4.1.2", _M, _R, "a reply is passed on to the client's port"),
)
