"""Requirements on clients (18 to 73)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_C = "client"
_ABSENCE = "what a client discards shows only in what it does not do; what it does with an address is judged by 66"

REQUIREMENTS = (
    Requirement(
        18, "RFC 2131 4.4.1", _S, _C, "waits 1 to 10 s before it begins", "when a client begins is not on the wire"
    ),
    Requirement(19, "RFC 2131 4.1, 4.4.1", _D, _C, "DISCOVER is broadcast from 0.0.0.0 with ciaddr 0"),
    Requirement(20, "RFC 2131 4.4.1", _M, _C, "chaddr is the hardware address that the frame is sent from"),
    Requirement(21, "RFC 2131 table 5", _M, _C, "DISCOVER has no option 54"),
    Requirement(22, "RFC 2131 table 5", _S, _C, "what a client sends while it configures itself has no option 56"),
    Requirement(23, "RFC 2131 table 5", _D, _C, "a client leaves yiaddr and siaddr 0"),
    Requirement(24, "RFC 2131 4.1, 4.4.1", _M, _C, "xid is random", "of one number nobody can say how it was chosen"),
    Requirement(25, "RFC 2131 3.5", _S, _C, "DISCOVER and REQUEST say how large a message may be (option 57)"),
    Requirement(
        26,
        "RFC 2131 4.1",
        _S,
        _C,
        "BROADCAST is set only by who cannot receive unicast yet",
        "what a host can receive is not on the wire",
    ),
    Requirement(27, "RFC 2131 4.1", _M, _C, "delays between retransmissions grow exponentially"),
    Requirement(28, "RFC 2131 4.1", _S, _C, "the first delay is 4 s, give or take 1 s, and doubles up to 64 s"),
    Requirement(29, "RFC 2131 table 5", _D, _C, "secs is 0 or does not fall within an exchange"),
    Requirement(30, "RFC 2131 4.4.1", _D, _C, "a repeated DISCOVER asks for the same configuration"),
    Requirement(31, "RFC 2131 4.4.1, table 5", _D, _C, "the REQUEST has the xid of the OFFER"),
    Requirement(32, "RFC 2131 3.1, 4.3.2", _M, _C, "option 54 is that of the chosen OFFER"),
    Requirement(33, "RFC 2131 3.1, 4.3.2", _M, _C, "option 50 is yiaddr of the chosen OFFER"),
    Requirement(34, "RFC 2131 4.3.2", _M, _C, "ciaddr is 0 in a REQUEST that selects"),
    Requirement(35, "RFC 2131 3.1", _M, _C, "the REQUEST has secs of a DISCOVER, and is broadcast where that was"),
    Requirement(36, "RFC 2131 table 5", _D, _C, "siaddr is 0 in a REQUEST"),
    Requirement(
        37, "RFC 2131 3.5, 4.3.2, 4.4.1", _M, _C, "all REQUESTs and DISCOVERs ask for what the first asked for"
    ),
    Requirement(38, "RFC 2131 2, 4.2", _M, _C, "a client identifier once used stays"),
    Requirement(39, "RFC 2131 2, RFC 2132 9.14", _M, _C, "no other client on the subnet has the same identifier"),
    Requirement(40, "RFC 2131 4.4.1", _D, _C, "a REQUEST that selects follows an OFFER to the latest DISCOVER"),
    Requirement(41, "RFC 2131 3.1, 4.1", _D, _C, "a REQUEST without an answer is repeated before a new start"),
    Requirement(
        42,
        "RFC 2132 9.13",
        _D,
        _C,
        "the REQUEST has the DISCOVER's vendor class",
        "no RFC says that it must: a client may identify its vendor in either",
    ),
    Requirement(
        43,
        "RFC 2131 4.3.2",
        _M,
        _C,
        "no option 54 in INIT-REBOOT",
        "option 54 alone tells the kinds of REQUEST apart: one that has it is judged as one that selects",
    ),
    Requirement(44, "RFC 2131 4.3.2, 4.4.2", _M, _C, "INIT-REBOOT names the address in option 50"),
    Requirement(45, "RFC 2131 3.2, 4.3.2", _M, _C, "ciaddr is 0 in INIT-REBOOT"),
    Requirement(46, "RFC 2131 table 4, 4.4.2", _D, _C, "INIT-REBOOT is broadcast"),
    Requirement(47, "RFC 2131 3.7", _S, _C, "a reboot or new link verifies the address", "a reboot is not on the wire"),
    Requirement(48, "RFC 2131 3.2, 4.2", _M, _C, "INIT-REBOOT has the identifier that the lease was got with"),
    Requirement(
        49, "RFC 2131 3.2", _D, _C, "without an answer the old lease may be used", "a permission: nothing breaks it"
    ),
    Requirement(50, "RFC 2131 4.3.2", _M, _C, "a renewal has no option 54"),
    Requirement(51, "RFC 2131 4.3.2", _M, _C, "a renewal has no option 50"),
    Requirement(52, "RFC 2131 4.3.2", _M, _C, "a renewal has the leased address in ciaddr"),
    Requirement(53, "RFC 2131 table 4, 4.4.5", _D, _C, "before T2 a renewal is unicast"),
    Requirement(54, "RFC 2131 4.1, 4.4.5", _M, _C, "a unicast renewal or RELEASE goes to the server of the lease"),
    Requirement(55, "RFC 2131 4.3.2", _M, _C, "from T2 on a renewal is broadcast"),
    Requirement(56, "RFC 2131 4.1, table 5", _S, _C, "BROADCAST is clear in a renewal"),
    Requirement(57, "RFC 2131 4.4.5", _M, _C, "the times in use rise: T1, T2, end of the lease"),
    Requirement(58, "RFC 2131 4.4.5", _D, _C, "renewing begins at T1, which is half of the lease unless given"),
    Requirement(59, "RFC 2131 4.4.1, 4.4.5", _D, _C, "a lease counts from the sending of its REQUEST"),
    Requirement(60, "RFC 2131 4.4.5", _S, _C, "half of what is left, and at least 60 s, pass between renewals"),
    Requirement(61, "RFC 2131 4.4.5", _M, _C, "an address is not used after its lease"),
    Requirement(62, "RFC 2131 figure 5", _D, _C, "an address is not used after a NAK to its renewal"),
    Requirement(63, "RFC 2131 4.4.5", _M, _C, "the address of before is not used once another was given"),
    Requirement(64, "RFC 2131 4.4.5", _D, _C, "an ACK with another xid is discarded", _ABSENCE),
    Requirement(65, "RFC 2131 figure 5", _D, _C, "a bound client discards stray replies", _ABSENCE),
    Requirement(66, "RFC 2131 3.1", _D, _C, "an address is not used before its lease"),
    Requirement(67, "RFC 2131 2.2, 3.1, 4.4.1", _S, _C, "an address is probed before use"),
    Requirement(68, "RFC 2131 3.1, 3.2, 4.4.1", _M, _C, "an address found in use is declined"),
    Requirement(69, "RFC 2131 3.1", _S, _C, "at least 10 s pass between DECLINE and a new start"),
    Requirement(70, "RFC 2131 4.4.1", _S, _C, "a new address is announced by ARP"),
    Requirement(
        71,
        "RFC 2131 table 5, 4.4.4",
        _M,
        _C,
        "DECLINE has options 50 and 54, ciaddr 0, nothing to configure, and is broadcast",
    ),
    Requirement(
        72, "RFC 2131 table 5, 4.4.4", _M, _C, "RELEASE has ciaddr, option 54, nothing to configure, and is unicast"
    ),
    Requirement(
        73,
        "RFC 2131 table 5, 4.4.3",
        _M,
        _C,
        "INFORM has ciaddr, none of options 50, 51, 54, and goes to a server or to all",
    ),
)
