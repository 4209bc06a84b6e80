"""The MUSTs of RFC 9293, by their numbers, each with what a capture shows of it.

Source: RFC 9293, the numbers in its text and in appendix B.
"""

from __future__ import annotations

from dataclasses import dataclass

_API = "what the application asks, or is told, is not on the wire"
_INSIDE = "what a host keeps for itself is not on the wire"
_RECEIVING = "shows in what is answered: a segment with it is due an answer like any other"
_CONFIGURED = "what can be configured is not on the wire"
_ADDRESSES = "the routing and the addresses of a host are not in the capture"


@dataclass(frozen=True, slots=True)
class Must:
    """A MUST: its number, its section, what it asks, and why no premise states it, None where one does."""

    number: int
    section: str
    text: str
    unjudged: str | None = None


MUSTS = (
    Must(1, "3.1", "a window is an unsigned number", "a host that misreads a window may only seem slow"),
    Must(2, "3.1", "the sender computes the checksum"),
    Must(3, "3.1", "the receiver checks the checksum"),
    Must(4, "3.1", "End of Option List, No-Operation and Maximum Segment Size are supported", _RECEIVING),
    Must(5, "3.1", "an option is received in any segment", _RECEIVING),
    Must(6, "3.1", "an unknown option is ignored", _RECEIVING),
    Must(7, "3.1", "an illegal option length is survived", "that a host answers no more may have many causes"),
    Must(8, "3.4.1", "initial sequence numbers follow a clock"),
    Must(
        9,
        "3.4.1",
        "the secret of initial sequence numbers cannot be computed",
        "numbers do not show how they were made",
    ),
    Must(10, "3.5", "simultaneous open is supported"),
    Must(11, "3.5", "whether SYN-RECEIVED was reached actively or passively is kept", _INSIDE),
    Must(12, "3.6", "the application learns whether the peer closed or aborted", _API),
    Must(13, "3.6.1", "TIME-WAIT lasts 2 MSL", "an application may abort in it (3.10.5), or a new SYN end it (MAY-2)"),
    Must(
        14,
        "3.7.1",
        "the MSS option is sent and received",
        "it need not be sent where the default is meant; MUST-16 if received",
    ),
    Must(15, "3.7.1", "without an MSS option, 536 octets are assumed, on IPv6 1220"),
    Must(16, "3.7.1", "a segment is no larger than the smaller of what either end can take"),
    Must(17, "3.7.4", "the Nagle algorithm can be switched off", _API),
    Must(18, "3.8.1", "the retransmission timeout is computed as in RFC 6298"),
    Must(19, "3.8.2", "slow start, congestion avoidance, and exponential back-off"),
    Must(
        20,
        "3.8.3",
        "excessive retransmissions are handled by two thresholds",
        "an application may set the second to any value",
    ),
    Must(21, "3.8.3", "the application can set the second threshold", _API),
    Must(22, "appendix B", "SYNs are handled by the same thresholds", "an application may give up before"),
    Must(23, "3.8.3", "a SYN is sent again for at least three minutes", "an application may give up before"),
    Must(24, "3.8.4", "keep-alives can be switched on and off", _API),
    Must(25, "3.8.4", "keep-alives are off by default", _CONFIGURED),
    Must(26, "3.8.4", "keep-alives are sent only when all is acknowledged and nothing came for an interval"),
    Must(27, "3.8.4", "the interval of keep-alives is configurable", _CONFIGURED),
    Must(28, "3.8.4", "the interval of keep-alives is two hours by default", _CONFIGURED),
    Must(29, "3.8.4", "one keep-alive without an answer ends no connection", "an application may abort then"),
    Must(30, "3.8.5", "urgent data is supported", _INSIDE),
    Must(31, "3.8.5", "urgent data may have any length", _INSIDE),
    Must(32, "3.8.5", "the application is told of urgent data", _API),
    Must(33, "3.8.5", "the application can learn how much urgent data remains", _API),
    Must(34, "3.8.6", "a sender survives a window that shrinks", "what it has sent before stays within the old window"),
    Must(35, "3.8.6", "a window that shrinks to zero is probed"),
    Must(36, "3.8.6.1", "a zero window is probed", "what the application has yet to send is not on the wire"),
    Must(37, "3.8.6.1", "a peer that answers probes keeps its connection", "an application may abort it"),
    Must(38, "3.8.6.2.1", "the sender avoids silly windows", "the application may push what is small"),
    Must(
        39,
        "3.8.6.2.2",
        "the receiver avoids silly windows",
        "no algorithm is prescribed, and its buffer is not on the wire",
    ),
    Must(40, "3.8.6.3", "an acknowledgement is delayed by less than half a second"),
    Must(41, "3.9.1.1", "a passive OPEN leaves earlier connections alone", _API),
    Must(42, "3.9.1.1", "a port in use by a connection can be listened on", _API),
    Must(43, "3.9.1.1", "the local address can be chosen", _API),
    Must(44, "3.9.1.1", "else the IP layer chooses the local address", _ADDRESSES),
    Must(45, "3.9.1.1", "a connection keeps its local address", "another address is another connection"),
    Must(46, "3.9.1.1", "an OPEN to an invalid address is an error"),
    Must(47, "3.9.1.8", "soft errors are reported", _API),
    Must(48, "3.9.1.9", "the application can set the Differentiated Services field", _API),
    Must(49, "3.9.2", "the time to live is configurable", _CONFIGURED),
    Must(50, "3.9.2", "IP options that are not understood are ignored", _RECEIVING),
    Must(51, "3.9.2.1", "the application can give a source route", _API),
    Must(52, "3.9.2.1", "that takes precedence over one received", _API),
    Must(53, "3.9.2.1", "a source route received is used in return", "source routes are not judged"),
    Must(54, "3.9.2.2", "ICMP errors reach their connection", _INSIDE),
    Must(55, "3.9.2.2", "Source Quench is ignored", _INSIDE),
    Must(56, "3.9.2.2", "a soft ICMP error aborts no connection", "an application may abort it"),
    Must(57, "3.9.2.3", "a SYN to a broadcast or multicast address is ignored"),
    Must(58, "3.10.7.4", "acknowledgements are aggregated where possible"),
    Must(
        59,
        "3.10.7.4",
        "queued segments are processed before any is acknowledged",
        "which segments waited is not on the wire",
    ),
    Must(60, "3.9.1.2", "without PUSH in the interface, data is not buffered for ever", _API),
    Must(61, "3.9.1.2", "without PUSH in the interface, the last segment has PSH", _API),
    Must(62, "3.8.5", "the urgent pointer is behind the urgent data"),
    Must(63, "3.9.2.3", "a SYN from an invalid address is ignored"),
    Must(64, "3.2", "options need not begin on a word boundary", _RECEIVING),
    Must(65, "3.2", "only a SYN has the MSS option"),
    Must(66, "3.8.6", "RST and URG are processed when the window is zero"),
    Must(67, "3.7.1", "the MSS offered is no more than can be received"),
    Must(68, "3.1", "options but two have a length"),
    Must(69, "3.1", "behind End of Option List the header is zero"),
)
"""All of them; MUST-70 and later numbers do not exist."""
