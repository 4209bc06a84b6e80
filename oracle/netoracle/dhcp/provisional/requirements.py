"""The requirements that the provisional rules test."""

from __future__ import annotations

from netspec.dhcp.requirement import Level, Requirement

_M, _S, _D = Level.must, Level.should, Level.described

_ROWS: tuple[tuple[int, Level, str, str, str], ...] = (
    (1, _M, "any", "RFC 2131 3", "options begin with the magic cookie"),
    (2, _D, "any", "RFC 2131 3", "option 53 says which message it is"),
    (3, _M, "any", "RFC 2131 4.1", "the last option is END"),
    (4, _M, "any", "RFC 2132", "an option has the length that is defined for it"),
    (5, _M, "any", "RFC 2132", "an option's value is within its limits"),
    (8, _M, "any", "RFC 2131 2", "flags other than BROADCAST are zero"),
    (14, _D, "any", "RFC 2131 tables 3 and 5", "op, hops, htype and hlen are those of the sender and of chaddr"),
    (15, _D, "any", "RFC 2131 4.1", "clients send to port 67, servers from it"),
    (16, _D, "client", "RFC 2131 4.1", "who has no address sends from 0.0.0.0"),
    (17, _M, "any", "RFC 791, RFC 768", "IP and UDP lengths and checksums are right"),
    (19, _D, "client", "RFC 2131 4.4.1", "DISCOVER is broadcast from 0.0.0.0 with ciaddr 0"),
    (21, _M, "client", "RFC 2131 table 5", "DISCOVER has no option 54"),
    (23, _D, "client", "RFC 2131 table 5", "a client leaves yiaddr 0"),
    (29, _D, "client", "RFC 2131 2", "secs does not fall within an exchange"),
    (31, _M, "client", "RFC 2131 4.4.1", "the REQUEST has the xid of the OFFER"),
    (32, _M, "client", "RFC 2131 4.3.2", "option 54 is that of the chosen OFFER"),
    (33, _M, "client", "RFC 2131 4.3.2", "option 50 is yiaddr of the chosen OFFER"),
    (34, _M, "client", "RFC 2131 4.3.2", "ciaddr is 0 in a REQUEST that selects"),
    (35, _M, "client", "RFC 2131 3.1", "the REQUEST has the DISCOVER's secs and destination"),
    (37, _M, "client", "RFC 2131 4.4.1", "the REQUEST asks for the same parameters as the DISCOVER"),
    (38, _M, "client", "RFC 2131 4.2", "a client identifier once used stays"),
    (50, _M, "client", "RFC 2131 4.3.2", "a renewal has no option 54"),
    (51, _M, "client", "RFC 2131 4.3.2", "a renewal has no option 50"),
    (52, _M, "client", "RFC 2131 4.3.2", "a renewal has the leased address in ciaddr"),
    (54, _M, "client", "RFC 2131 4.1", "a unicast renewal goes to the server of the lease"),
    (61, _M, "client", "RFC 2131 4.4.5", "an address is not used after its lease"),
    (66, _M, "client", "RFC 2131 3.1", "an address is not used before its lease"),
    (71, _M, "client", "RFC 2131 table 5", "DECLINE has options 50 and 54, ciaddr 0"),
    (72, _M, "client", "RFC 2131 table 5", "RELEASE has ciaddr and option 54, no option 50, secs 0, and is unicast"),
    (73, _M, "client", "RFC 2131 table 5", "INFORM has ciaddr and none of options 50, 51, 54"),
    (74, _D, "server", "RFC 2131 table 3", "a reply has the request's xid, chaddr, giaddr and flags"),
    (76, _M, "server", "RFC 2131 table 3", "a reply has option 54"),
    (77, _M, "server", "RFC 2131 table 3", "option 51 is in OFFER and ACK to REQUEST, and nowhere else"),
    (78, _M, "server", "RFC 2131 table 3", "a reply has none of options 50, 55, 57"),
    (79, _M, "server", "RFC 2131 table 3", "a NAK has no lease and no parameters"),
    (81, _D, "server", "RFC 2131 table 3", "yiaddr is an address in OFFER and ACK to REQUEST, 0 in NAK"),
    (84, _D, "server", "RFC 2131 4.1", "a reply goes where giaddr, ciaddr and the BROADCAST flag say"),
    (85, _M, "server", "RFC 2131 4.3.2", "a NAK that is not relayed is broadcast"),
    (86, _M, "server", "RFC 2131 4.3.2", "a relayed NAK has the BROADCAST flag"),
    (90, _M, "server", "RFC 2131 4.4.5", "T1 is before T2, T2 before the end of the lease"),
    (93, _M, "server", "RFC 2131 2.2", "no address is leased to two clients at once"),
    (95, _D, "server", "RFC 2131 4.3", "a message is answered by a reply of the right kind"),
    (96, _D, "server", "RFC 2131 4.3.2", "a server that was not selected is silent"),
    (97, _M, "server", "RFC 2131 4.3.2", "an ACK gives the address that was asked for"),
)

REQUIREMENTS: dict[int, Requirement] = {
    number: Requirement(number, source, level, party, text) for number, level, party, source, text in _ROWS
}
