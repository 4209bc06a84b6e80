"""Errata of the Sockets API.

"FreeBSD's sosend" and the like is the kernel's code of 2002, which the model of FreeBSD 4.6 describes.
"""

from typing import Final

from netspec.tcp.errata.erratum import Erratum

# -- close and connect -----------------------------------------------------------------------------

LINGER_ENDS_CLOSED: Final = Erratum(
    "linger-ends-closed",
    ("close_5",),
    "A lingering close returns in CLOSED only where the socket still has its local address and port, which BSD takes "
    "away with the connection: there it never returns.",
    "In CLOSED it needs no addresses.",
    "The rule names CLOSED among its states, after LAST_ACK as its comment says. FreeBSD's soclose waits until "
    "soisdisconnected.",
)

UNROUTED_UDP_CONNECT: Final = Erratum(
    "unrouted-udp-connect",
    ("connect_5a",),
    "The premise that exempts UDP on FreeBSD stands inside the case that there is a route, which fails anyway: a "
    "connect of a UDP socket fails there too.",
    "The rule does not apply to UDP on FreeBSD; then no rule takes this call.",
    "The text's comment: this rule does not apply to UDP sockets on FreeBSD. FreeBSD's in_pcbladdr takes an "
    "interface's address where there is no route.",
)

PORTS_OF_THE_HOST: Final = Erratum(
    "ports-of-the-host",
    ("connect_5b", "send_14"),
    "autobind is asked about the sockets of an h whose sockets are replaced, so about any: a socket without a port "
    "may get one that is taken (connect_5b), and ports may always be used up (send_14).",
    "It is asked about the sockets of the host.",
    "The other rules name the host before the call, h0, as recv_14, which is otherwise the same as send_14, does.",
)

# -- descriptors -----------------------------------------------------------------------------------

DUPFD_NUMBER: Final = Erratum(
    "dupfd-number",
    ("dupfd_3",),
    "A conjunction binds tighter than a disjunction: a negative number has any error, and a large one is refused on "
    "Windows too, which has no such call.",
    "On Unix, a number that is negative or too large has the one error.",
    "The text's comments: the error is EINVAL, on BSD EBADF, and the rule does not apply to WinXP.",
)

DUPFD_NONE_FREE: Final = Erratum(
    "dupfd-none-free",
    ("dupfd_4",),
    "The premise names the least free descriptor beyond the greatest one that is allowed, which always exists: EMFILE "
    "is always possible.",
    "EMFILE is for a number that is allowed, where no descriptor from it on is free.",
    "The text's own remark: this rule is incorrect, it doesn't mean what the author thought it meant. POSIX, fcntl: "
    "EMFILE where no descriptor from the argument on is available.",
)

# -- options ---------------------------------------------------------------------------------------

LINGER_IN_SECONDS: Final = Erratum(
    "linger-in-seconds",
    ("setsocktopt_1",),
    "`t = SOME(s,ns)` is a condition on s and ns, which are quantified over the whole rule: choosing others escapes "
    "`ns = 0`.",
    "The time to linger is a whole number of seconds.",
    "The premise is there for nothing else. POSIX, struct linger: l_linger is in seconds.",
)

# -- pselect ---------------------------------------------------------------------------------------

BAD_DESCRIPTORS_ON_BSD: Final = Erratum(
    "bad-descriptors-on-bsd",
    ("pselect_1", "pselect_2"),
    "Descriptors that are not open are returned by BSD, but a second premise excludes them on BSD too: the call is "
    "taken by no rule.",
    "The second premise is not for BSD.",
    "The text's comments in pselect_1 and pselect_6: a bug of BSD, which returns them and does not fail. pselect_3 "
    "has no such premise.",
)

EMPTY_SETS_ON_WINDOWS: Final = Erratum(
    "empty-sets-on-windows",
    ("pselect_1", "pselect_2"),
    "On Windows none of the three sets may be empty: with one that is, the call is taken by no rule.",
    "Not all of them may be empty.",
    "The text's comment: all three sets may not be empty. pselect_5 fails with EINVAL where all three are.",
)

FULL_SET_ON_WINDOWS: Final = Erratum(
    "full-set-on-windows",
    ("pselect_1", "pselect_2", "pselect_5"),
    "On Windows a set with FD_SETSIZE members is too large.",
    "A set with more than that is.",
    "The text's comments: FD_SETSIZE is the maximum number of descriptors in a set, so none has more members.",
)

LINUX_WRITEABLE: Final = Erratum(
    "linux-writeable",
    ("sowriteable",),
    "On Linux a socket is writeable wherever it is not shut down for writing, however full its send queue.",
    "It is writeable where it has room and is not shut down for writing.",
    "The text's comment: on Linux, shutting down makes it non-writeable. Linux's tcp_poll tests both.",
)

# -- receiving -------------------------------------------------------------------------------------

PEEK_KEEPS_MARK: Final = Erratum(
    "peek-keeps-mark",
    ("recv_1", "recv_3"),
    "With MSG_PEEK the data stays in the queue, but the urgent mark ahead comes nearer by its length.",
    "The mark ahead stays where it is, too.",
    "The text's comment in recv_8: MSG_PEEK should never change the state of the socket. FreeBSD's soreceive then "
    "leaves so_oobmark alone.",
)

DATA_OF_DATAGRAM: Final = Erratum(
    "data-of-datagram",
    ("recv_15",),
    "`data' = TAKE n data'`: where the datagram is too long for the call, it returns any n bytes.",
    "It returns the first n bytes of the datagram.",
    "The text's comment, and recv_11, which has TAKE n data.",
)

# -- sending ---------------------------------------------------------------------------------------

URGENT_END_OF_SEND: Final = Erratum(
    "urgent-end-of-send",
    ("send_1",),
    "n in `n = LENGTH str` is bound to nothing: urgent data may or may not be marked as such.",
    "It is marked.",
    "The text's comment: the urgent pointer will point to the end of the send queue. send_3 and send_3a do so for all "
    "and for a part of the data; FreeBSD's sosend passes PRUS_OOB with every part.",
)

ADDRESSED_SEND_ON_BSD: Final = Erratum(
    "addressed-send-on-bsd",
    ("send_9", "send_10", "send_11", "send_19"),
    "On BSD, a send to an address that send_21 or send_19 lets fail may succeed, block or fail for want of room as "
    "well; and send_19 counts the socket's own peer as another's.",
    "A socket with a peer fails by send_21 alone; one without fails by send_19 where another socket has the quad.",
    "The text's comments: the call will fail, and another socket, sid', has the quad. FreeBSD's udp_output returns "
    "EISCONN, then what in_pcbconnect says, before it sends.",
)

# -- resources -------------------------------------------------------------------------------------

SOCKET_NEEDS_NO_SOCKET: Final = Erratum(
    "socket-needs-no-socket",
    ("resourcefail_1",),
    "The premises on a descriptor hold for every call: socket() fails for want of resources only where some socket "
    "is open.",
    "They are not for socket().",
    "The call has no descriptor. The rule as a whole applies only where resources are not taken to be infinite.",
)

ERRATA: Final[tuple[Erratum, ...]] = (
    LINGER_ENDS_CLOSED,
    UNROUTED_UDP_CONNECT,
    PORTS_OF_THE_HOST,
    DUPFD_NUMBER,
    DUPFD_NONE_FREE,
    LINGER_IN_SECONDS,
    BAD_DESCRIPTORS_ON_BSD,
    EMPTY_SETS_ON_WINDOWS,
    FULL_SET_ON_WINDOWS,
    LINUX_WRITEABLE,
    PEEK_KEEPS_MARK,
    DATA_OF_DATAGRAM,
    URGENT_END_OF_SEND,
    ADDRESSED_SEND_ON_BSD,
    SOCKET_NEEDS_NO_SOCKET,
)
