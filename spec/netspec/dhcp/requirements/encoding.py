"""Requirements on every message: its encoding and its envelope (1 to 17)."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described
_READING = "how a receiver reads a message shows only in what it does with values that contradict each other"

REQUIREMENTS = (
    Requirement(1, "RFC 2131 3, RFC 1542 3.5", _D, "any", "options begin with the magic cookie"),
    Requirement(
        2,
        "RFC 2131 3, RFC 2132 2, 9.6, RFC 1534 2",
        _D,
        "any",
        "option 53 is there and says which message it is; BOOTP has none of DHCP's options",
    ),
    Requirement(3, "RFC 2131 4.1, RFC 2132 3.2", _D, "any", "the last option is END, and only zeros follow it"),
    Requirement(4, "RFC 2132 3 to 9", _M, "any", "an option has the length that its RFC defines"),
    Requirement(5, "RFC 2132 3 to 9", _D, "any", "an option's value is within its limits"),
    Requirement(6, "RFC 2132 2", _S, "any", "strings do not end with NUL"),
    Requirement(7, "RFC 2132 3.3", _M, "server", "the subnet mask stands before the routers"),
    Requirement(8, "RFC 2131 2", _M, "client", "flags other than BROADCAST are zero"),
    Requirement(
        9, "RFC 2131 4.1, 4.3.1, RFC 3396 1, 4", _S, "any", "an option that fits is neither split nor repeated"
    ),
    Requirement(10, "RFC 2131 4.1", _M, "any", "options in file and sname begin the field, end with END, then zeros"),
    Requirement(11, "RFC 2131 4.1", _M, "any", "options, then file, then sname are interpreted", _READING),
    Requirement(12, "RFC 2131 2", _D, "any", "a message is no larger than 576 octets or what option 57 allows"),
    Requirement(13, "RFC 1542 2.1, RFC 951 3", _D, "any", "a message has at least 300 octets"),
    Requirement(14, "RFC 2131 tables 3 and 5", _D, "any", "op, hops, htype and hlen are those of sender and chaddr"),
    Requirement(15, "RFC 2131 4.1, RFC 8357 5.1", _D, "any", "clients send to port 67, servers to 68 or a relay's 67"),
    Requirement(16, "RFC 2131 4.1", _D, "client", "what is broadcast without an address comes from 0.0.0.0"),
    Requirement(17, "RFC 791 3.1, RFC 768", _D, "any", "IP and UDP lengths and checksums are right"),
)
