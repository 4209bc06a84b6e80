"""Errata of the rules that receive segments (deliver_in_1 to deliver_in_9 and the definitions that they use).

"FreeBSD's tcp_input" and the like is the kernel's code of 2002, which the model of FreeBSD 4.6 describes.
"""

from typing import Final

from netspec.tcp.errata.erratum import Erratum

# -- opening a connection --------------------------------------------------------------------------

LISTEN_QUEUE_LIMIT: Final = Erratum(
    "listen-queue-limit",
    ("accept_incoming_q0", "accept_incoming_q"),
    "A connection is let in while the queue is shorter than its limit: after `listen(fd, 0)` none ever.",
    "While the queue is no longer than its limit.",
    "conflate-brain, label 24: FreeBSD 4.6 lets a connection in after listen(fd, 0). FreeBSD's tcp_input goes on "
    "while `so_qlen <= so_qlimit`, and sonewconn refuses where `so_qlen > 3 * so_qlimit / 2`.",
)

SYN_ACK_TIMED_BY_ISS: Final = Erratum(
    "syn-ack-timed-by-iss",
    ("deliver_in_1",),
    "t_rttseg holds the snd_nxt of the listening socket.",
    "It holds iss, the number of the segment that is timed.",
    "errata.txt of the model (Li Peng); connect_1 times its SYN by iss.",
)

TIME_WAIT_REUSE: Final = Erratum(
    "time-wait-reuse",
    ("deliver_in_1", "deliver_in_1b"),
    "The listening socket has to match the SYN best; a socket in TIME_WAIT with the same addresses and ports always "
    "matches better. So a SYN that may open the connection again is taken by no rule.",
    "Such a socket does not count where the SYN is after all that it has received.",
    "deliver_in_1 itself closes such a socket; RFC 9293, 3.10.7.4 (RFC 1122, 4.2.2.13). FreeBSD's tcp_input closes "
    "it and looks for the listening socket.",
)

WINDOW_SCALE_LIMIT: Final = Erratum(
    "window-scale-limit",
    ("deliver_in_1", "deliver_in_2"),
    "The scale of the peer's window is the one that it offers, up to 255.",
    "It is at most 14.",
    "RFC 7323, 2.3: a TCP must use 14 instead of a larger shift. FreeBSD's tcp_dooptions does.",
)

URGENT_IN_SYN: Final = Erratum(
    "urgent-in-syn",
    ("deliver_in_2",),
    "With urgent data in the SYN, the mark counts from the rcv_nxt of before, which is 0; and rcv_nxt does not count "
    "the byte that is taken out of the stream.",
    "The mark counts from the first byte of data, as in di3_datastuff_really, and rcv_nxt counts the byte.",
    "FreeBSD's tcp_input sets rcv_up to the number after the SYN first; tcp_pulloutofband leaves the length of the "
    "segment as it is. di3_datastuff_really does both.",
)

REXMT_AFTER_SYN: Final = Erratum(
    "rexmt-after-syn",
    ("deliver_in_2",),
    "Where the SYN is acknowledged but not what was sent after it, the timer runs on as that of a SYN. It expires in "
    "a state where timer_tt_rexmtsyn_1 does not apply, and time stops.",
    "It runs on as the timer of data.",
    "The text's comment in timer_tt_rexmtsyn_1 calls that rule incomplete for this reason. FreeBSD has one timer, "
    "whose expiry depends on the state alone.",
)

IDLE_TIME_IN_SYN_SENT: Final = Erratum(
    "idle-time-in-syn-sent",
    ("deliver_in_2a", "deliver_in_7c"),
    "In SYN_SENT, a segment that is ignored starts the keepalive timer (deliver_in_2a), or a reset that is ignored "
    "does not reset the idle time (deliver_in_7c).",
    "Both reset the idle time, and neither starts the keepalive timer.",
    "FreeBSD's tcp_input sets t_rcvtime for every segment and starts tt_keep only past SYN_RECEIVED, as the text's "
    "comment in deliver_in_7c says.",
)

SIMULTANEOUS_OPEN_NOT_RESET: Final = Erratum(
    "simultaneous-open-not-reset",
    ("deliver_in_8",),
    "In SYN_RECEIVED, a SYN of the peer's that deliver_in_3 takes may also be answered with resets: they end the "
    "simultaneous open that it completes.",
    "deliver_in_8 does not apply to the SYN that opened the connection, sent again, if its acknowledgement is good.",
    "errata.txt of the model (Li Peng); RFC 9293, 3.5, figure 7.",
)

FULL_QUEUE_DROPS_SOCKET: Final = Erratum(
    "full-queue-drops-socket",
    ("di3_socks_update",),
    "A connection that finds the queue of complete ones full leaves its listener's queues but stays in `socks`, "
    "connected and out of reach.",
    "The socket is removed.",
    "The text's comment says so: the entry is gone, and further segments are answered with a reset.",
)

# -- which socket ----------------------------------------------------------------------------------

BEST_MATCH_OF_TCP: Final = Erratum(
    "best-match-of-tcp",
    ("tcp_socket_best_match",),
    "UDP sockets count too. A SYN for a listener on any address is taken by no rule where a UDP socket has the same "
    "port and an address.",
    "Only TCP sockets count, as in deliver_in_5.",
    "The ports of TCP and of UDP are different ones; FreeBSD has a list of control blocks for each protocol.",
)

MARTIANS_DROPPED: Final = Erratum(
    "martians-dropped",
    ("deliver_in_5", "deliver_in_6"),
    "A segment from or to a broadcast or multicast address is dropped by deliver_in_4, or else handled by these "
    "rules, which may answer it; deliver_in_6 also takes one without a source address.",
    "These rules do not apply to what deliver_in_4 drops.",
    "deliver_in_4's comment calls the drop silent; RFC 1122, 3.2.1.3 and 4.2.3.10; RFC 9293, 3.9.2.3.",
)

RESET_WITHOUT_FILE: Final = Erratum(
    "reset-without-file",
    ("deliver_in_7", "deliver_in_7a", "deliver_in_7c"),
    "Only a socket with a file takes a reset: one that is not accepted yet, or is closed, does not. The reset stays at "
    "the head of the queue, and time stops.",
    "A socket without a file takes it too.",
    "RFC 9293, 3.10.7.4, second check, in every synchronized state and in SYN-RECEIVED. deliver_in_7a's case of a "
    "passive open is of sockets that have no file yet.",
)

SYN_WITHOUT_FILE: Final = Erratum(
    "syn-without-file",
    ("deliver_in_8", "deliver_in_9"),
    "Only a socket with a file takes a SYN; for others it stays at the head of the queue, and time stops.",
    "A socket without a file takes it too, but for what deliver_in_3 takes in SYN_RECEIVED.",
    "RFC 9293, 3.10.7.4, fourth check, in every state but LISTEN and SYN-SENT.",
)

# -- resets and SYNs on a connection ---------------------------------------------------------------

RESET_LEAVES_QUEUE: Final = Erratum(
    "reset-leaves-queue",
    ("deliver_in_7a",),
    "The case of a simultaneous open also applies where some socket listens for the connection, which then keeps a "
    "closed one in its queue.",
    "It applies where none does.",
    "The text's comments name the cases: there is a listening socket, or there is none.",
)

SYN_BY_WINDOW: Final = Erratum(
    "syn-by-window",
    ("deliver_in_8", "deliver_in_9"),
    "A SYN with any number is answered with resets, while the connection goes on.",
    "Before the window it is acknowledged. In the window it ends the connection with ECONNRESET and is answered with "
    "resets. In TIME_WAIT, where nobody listens for one that is new, the connection is over.",
    "RFC 793, 3.9, first and fourth check (RFC 9293 acknowledges in both cases). FreeBSD's tcp_input trims an old SYN "
    "and acknowledges it, and calls tcp_drop for one in the window.",
)

# -- acknowledgements ------------------------------------------------------------------------------

FAST_PATH_BEFORE_ACKNOWLEDGEMENT: Final = Erratum(
    "fast-path-before-acknowledgement",
    ("di3_datastuff", "di3_newackstuff"),
    "bsd_fast_path compares snd_wnd, snd_una, snd_cwnd and t_dupacks after di3_ackstuff has changed them; data may "
    "come with a new acknowledgement, and be missing with an old one.",
    "Header prediction is decided on the control block before the segment, for a pure acknowledgement of new data or "
    "for data alone. It leaves snd_wnd, snd_wl1 and snd_wl2 as they were, and on BSD snd_cwnd.",
    "trace5001, labels 42 and 46, which conforms with this erratum alone: FreeBSD 4.6 leaves all of these alone. The "
    "text's comment and FreeBSD's tcp_input decide on the state before the segment, too.",
)

ACK_FLAG_REQUIRED: Final = Erratum(
    "ack-flag-required",
    ("di3_ackstuff",),
    "The acknowledgement number is used whether or not the segment has the ACK flag: a mere SYN can complete an open.",
    "A segment without ACK is not processed further.",
    "RFC 9293, 3.10.7.4, fifth check: if the ACK bit is off, drop the segment.",
)

DUPLICATE_IS_EQUAL: Final = Erratum(
    "duplicate-is-equal",
    ("di3_ackstuff",),
    "An acknowledgement before snd_una counts as a duplicate too. The third one sets snd_nxt before snd_una: with data "
    "to send, no rule takes the segment.",
    "A duplicate acknowledgement is equal to snd_una; an older one ends their count.",
    "RFC 5681, 2 (d). FreeBSD's tcp_input has `th_ack != snd_una` set t_dupacks to 0. µTCP's README has the text's "
    "comment, which says yet another thing, among its anomalies.",
)

ACKNOWLEDGEMENT_IN_RANGE_FIRST: Final = Erratum(
    "acknowledgement-in-range-first",
    ("di3_newackstuff",),
    "Fast recovery ends before the acknowledgement is compared with snd_max. One of what was never sent ends it too, "
    "or makes the congestion window negative, so that no rule takes the segment.",
    "The acknowledgement of what was never sent is answered and changes nothing.",
    "RFC 9293, 3.10.7.4, fifth check: if SEG.ACK > SND.NXT then send an ACK, drop the segment, and return.",
)

PARTIAL_ACKNOWLEDGEMENT_RESTORES: Final = Erratum(
    "partial-acknowledgement-restores",
    ("di3_newackstuff",),
    "After a partial acknowledgement, the inner cb' hides the one of before the retransmission: snd_nxt stays where "
    "that left it, and the window that is deflated is the single segment that it was sent with.",
    "snd_nxt goes back to what it was, if that is later, and the congestion window of before is deflated.",
    "errata.txt of the model (Li Peng), µTCP's README; the text's comment is to restore the previous value; RFC 2582, "
    "3, step 5. FreeBSD's tcp_newreno restores ocwnd and onxt.",
)

PARTIAL_ACKNOWLEDGEMENT_SENDS: Final = Erratum(
    "partial-acknowledgement-sends",
    ("di3_newackstuff",),
    "For the retransmission after a partial acknowledgement the congestion window is one segment from snd_una on, "
    "which has not moved yet: where that much is acknowledged nothing is sent, and the persist timer may start.",
    "The congestion window is one segment from the acknowledgement on.",
    "The text's comment: allow one segment to be emitted. FreeBSD's tcp_newreno sets it to "
    "`t_maxseg + (th_ack - snd_una)`.",
)

# -- data and FIN ----------------------------------------------------------------------------------

URGENT_AFTER_TRIMMING: Final = Erratum(
    "urgent-after-trimming",
    ("di3_datastuff_really",),
    "The urgent byte is taken out at urp, though the data was trimmed on the left; spliced_urp counts from rcv_nxt, "
    "though the data may start after it.",
    "It is taken out at urp_trimmed, and spliced_urp counts from seq_trimmed.",
    "The text's comments: the pointer is relative to the segment's data, and spliced_urp is the number of the urgent "
    "byte. FreeBSD's tcp_input takes what it trims off th_urp.",
)

TIME_WAIT_ACKNOWLEDGES: Final = Erratum(
    "time-wait-acknowledges",
    ("di3_datastuff",),
    "In TIME_WAIT, a FIN or data is ignored: no rule acknowledges a FIN that the peer sends again.",
    "It is acknowledged.",
    "RFC 9293, 3.10.7.4, TIME-WAIT: acknowledge a retransmission of the remote FIN. deliver_out_1's comment has "
    "TIME_WAIT among its states for this. FreeBSD's tcp_input sets TF_ACKNOW.",
)

DATA_AFTER_FIN: Final = Erratum(
    "data-after-fin",
    ("di3_datastuff",),
    "In CLOSE_WAIT, CLOSING and LAST_ACK, data beyond the peer's FIN is taken like any other, and acknowledged.",
    "It is ignored, and an acknowledgement of what was received before is sent.",
    "RFC 9293, 3.10.7.4, seventh: in these states text should not occur, since a FIN has been received; ignore it. "
    "FreeBSD's tcp_input takes data only if not TCPS_HAVERCVDFIN. µTCP has the text's condition, and its error.",
)

FIN_IN_LAST_ACK: Final = Erratum(
    "fin-in-last-ack",
    ("di3_ststuff",),
    "A second FIN that is reached in LAST_ACK is an assertion failure: no rule takes the segment.",
    "The state stays, as in CLOSE_WAIT and CLOSING.",
    "RFC 9293, 3.10.7.4, eighth: LAST-ACK, remain in the LAST-ACK state. A peer that sends beyond its FIN reaches it.",
)

ERRATA: Final[tuple[Erratum, ...]] = (
    LISTEN_QUEUE_LIMIT,
    SYN_ACK_TIMED_BY_ISS,
    TIME_WAIT_REUSE,
    WINDOW_SCALE_LIMIT,
    URGENT_IN_SYN,
    REXMT_AFTER_SYN,
    IDLE_TIME_IN_SYN_SENT,
    SIMULTANEOUS_OPEN_NOT_RESET,
    FULL_QUEUE_DROPS_SOCKET,
    BEST_MATCH_OF_TCP,
    MARTIANS_DROPPED,
    RESET_WITHOUT_FILE,
    SYN_WITHOUT_FILE,
    RESET_LEAVES_QUEUE,
    SYN_BY_WINDOW,
    FAST_PATH_BEFORE_ACKNOWLEDGEMENT,
    ACK_FLAG_REQUIRED,
    DUPLICATE_IS_EQUAL,
    ACKNOWLEDGEMENT_IN_RANGE_FIRST,
    PARTIAL_ACKNOWLEDGEMENT_RESTORES,
    PARTIAL_ACKNOWLEDGEMENT_SENDS,
    URGENT_AFTER_TRIMMING,
    TIME_WAIT_ACKNOWLEDGES,
    DATA_AFTER_FIN,
    FIN_IN_LAST_ACK,
)
