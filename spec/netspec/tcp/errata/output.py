"""Errata of output, timers and segments sent."""

from typing import Final

from netspec.tcp.errata.erratum import Erratum

# -- segments --------------------------------------------------------------------------------------

LINUX_WINDOW_GROWS: Final = Erratum(
    "linux-window-grows",
    ("tcp_output_really", "deliver_in_2"),
    "The window that Linux advertises is all that the receive buffer has room for.",
    "Linux advertises any window between what it offered before and that.",
    "trace5000aux-inv and trace5001aux-inv, label 24: Linux 2.4.20 advertises 5792, with room for 43794. Its "
    "tcp_select_window is bounded by rcv_ssthresh, which tcp_grow_window raises; the model has no such field.",
)

FIN_AFTER_ONE_BYTE: Final = Erratum(
    "fin-after-one-byte",
    ("tcp_output_really",),
    "A FIN is sent with the number before snd_nxt wherever snd_nxt is iss + 2: after one byte of data that is the "
    "number of this byte.",
    "Only where the SYN is not acknowledged yet, so that the number before snd_nxt is that of a FIN.",
    "The text's comment is about a FIN sent before, with snd_una = iss the case that nothing else was. RFC 9293, 3.4: "
    "a FIN has a number of its own.",
)

WINDOW_AFTER_FIN: Final = Erratum(
    "window-after-fin",
    ("calculate_bsd_rcv_wnd", "tcp_output_really"),
    "`Num (rcv_adv - rcv_nxt)` is open where a FIN follows data that filled the window: nothing can be sent then.",
    "What is still offered is 0 there.",
    "RFC 9293, 3.10.7.4: the FIN is acknowledged. FreeBSD's tcp_input has imax() of signed numbers.",
)

SEND_BUFFER_BOUNDS_SEGMENT: Final = Erratum(
    "send-buffer-bounds-segment",
    ("calculate_buf_sizes",),
    "On BSD the size of the receive buffer bounds the segment size, and the send buffer is rounded up to segments of "
    "the size before this bound (t_maxseg'' where t_maxseg''' is expected).",
    "The send buffer bounds the segment size, and both buffers are rounded up to whole segments.",
    "FreeBSD's tcp_mss: if the mss is larger than so_snd.sb_hiwat, decrease the mss; the receive buffer comes after.",
)

# -- queueing --------------------------------------------------------------------------------------

NOTHING_SENT_NOTHING_UNDONE: Final = Erratum(
    "nothing-sent-nothing-undone",
    ("enqueue_or_fail",),
    "With no segment to send, the control block is the one of before: a persist timer just started is lost "
    "(deliver_in_icmp_2).",
    "It is the one after.",
    "mlift_tcp_output_perhaps_or_fail, which does the same for deliver_in_3, keeps it; there is no failure to undo.",
)

RCVDSYN_AS_NAMED: Final = Erratum(
    "rcvdsyn-as-named",
    ("deliver_out_1", "timer_tt_persist_1", "timer_tt_delack_1"),
    "A routing error is kept in t_softerror in CLOSED, LISTEN and SYN_SENT.",
    "In the other states.",
    "rollback_tcp_output's comment: rcvdsyn is HAVERCVDSYN; deliver_in_icmp_2 has it so. FreeBSD's tcp_output: "
    "TCPS_HAVERCVDSYN.",
)

# -- limits on resets ------------------------------------------------------------------------------

RESETS_COUNTED_WHEN_SENT: Final = Erratum(
    "resets-counted-when-sent",
    ("bandlim_rst_ok_simple",),
    "Resets that are suppressed count as well: under a lasting flood none is sent after the first 200.",
    "Those that are sent count.",
    "The text's comment: limit the number in the last second to the listed value. FreeBSD's badport_bandlim starts "
    "again every second.",
)

RECENT_RESETS_ONLY: Final = Erratum(
    "recent-resets-only",
    ("bandlim_rst_ok_simple",),
    "TAKEWHILE goes on after the first element that fails: resets of more than 2^31 ticks ago count as recent.",
    "It stops there.",
    "TAKEWHILE's comment: split a list at the first element not satisfying the predicate.",
)

# -- timers ----------------------------------------------------------------------------------------

RETRANSMISSION_IN_CLOSE_WAIT: Final = Erratum(
    "retransmission-in-close-wait",
    ("timer_tt_rexmt_1",),
    "Nothing is sent again in CLOSE_WAIT: where data is lost there the timer expires, no rule takes that, and time "
    "stops.",
    "A connection that the peer has closed retransmits like others.",
    "RFC 9293, 3.10.8, retransmission timeout, for any state; µTCP's README has it among the model's anomalies.",
)

RETRANSMISSION_PAST_FIN: Final = Erratum(
    "retransmission-past-fin",
    ("timer_tt_rexmt_1",),
    "An expired timer in FIN_WAIT_2 or TIME_WAIT is taken by no rule, and time stops. It is started there where an "
    "acknowledgement finds the output queue full.",
    "These states are like the others: the acknowledgement is sent again.",
    "RFC 9293, 3.10.8, retransmission timeout, for any state. FreeBSD's tcp_timer_rexmt does not look at the state.",
)

DROPPED_AFTER_RETRANSMISSIONS: Final = Erratum(
    "dropped-after-retransmissions",
    ("timer_tt_rexmt_1",),
    "Where the connection is dropped, cb' is bound to nothing: part of the closed control block may become anything; "
    "a full output queue starts a timer in it, which nothing takes; and in LISTEN, where there is no reset to "
    "send, the premise that there is one fails, so that time stops.",
    "The connection is closed and the reset, if any, is queued or lost, as in timer_tt_conn_est_1.",
    "cb' occurs only in the other branch of the case. FreeBSD's tcp_drop has no control block left to change.",
)

PERSIST_SHIFT_BOUNDED: Final = Erratum(
    "persist-shift-bounded",
    ("timer_tt_persist_1",),
    "The shift of the persist timer grows without end.",
    "It stays at TCP_MAXRXTSHIFT.",
    "µTCP's README. FreeBSD's tcp_setpersist: `if (t_rxtshift < TCP_MAXRXTSHIFT) t_rxtshift++`.",
)

KEEPALIVE_TO_PEER: Final = Erratum(
    "keepalive-to-peer",
    ("timer_tt_keep_1",),
    "The probe has its addresses and ports exchanged: the host sends it to itself.",
    "It goes from the socket to its peer.",
    "RFC 9293, 3.8.4. All other segments that the model makes have is1 and ps1 for the source.",
)

KEEPALIVE_WITHOUT_FILE: Final = Erratum(
    "keepalive-without-file",
    ("timer_tt_keep_1",),
    "Only a socket with a file sends a probe: for one that is closed, or not accepted yet, the expired timer is taken "
    "by no rule, and time stops.",
    "A socket without a file sends it too.",
    "update_idle starts the timer on every segment, whether or not there is a file; FreeBSD's tcp_timer_keep does not "
    "ask.",
)

ERRATA: Final[tuple[Erratum, ...]] = (
    LINUX_WINDOW_GROWS,
    FIN_AFTER_ONE_BYTE,
    WINDOW_AFTER_FIN,
    SEND_BUFFER_BOUNDS_SEGMENT,
    NOTHING_SENT_NOTHING_UNDONE,
    RCVDSYN_AS_NAMED,
    RESETS_COUNTED_WHEN_SENT,
    RECENT_RESETS_ONLY,
    RETRANSMISSION_IN_CLOSE_WAIT,
    RETRANSMISSION_PAST_FIN,
    DROPPED_AFTER_RETRANSMISSIONS,
    PERSIST_SHIFT_BOUNDED,
    KEEPALIVE_TO_PEER,
    KEEPALIVE_WITHOUT_FILE,
)
