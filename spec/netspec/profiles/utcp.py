"""µTCP 0.0.7: the model with the differences that its documentation states as intended."""

from netspec.profiles.profile import Deviation, Profile
from netspec.tcp import deviations
from netspec.tcp.errata.output import RETRANSMISSION_IN_CLOSE_WAIT
from netspec.tcp.params import Arch, ArchBase

_CURRENT = "As FreeBSD-CURRENT, the branch of the model that the README says the code uses:"

DEVIATIONS = (
    Deviation(
        deviations.RECEIVE_BUFFER_65535,
        "The README limits the receive buffer to 2^16; Params.so_rcvbuf, like the model's FreeBSD-CURRENT branch, has "
        "65535.",
        ("sf_default_n",),
    ),
    Deviation(
        deviations.MSSDFLT_536,
        "Params.mssdflt, as in the model's FreeBSD-CURRENT branch, which the README says the code follows "
        "(RFC 9293, 3.7.1).",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.NO_CLUSTER_ROUNDING,
        "The model's FreeBSD-CURRENT branch, which the README says the code follows, has no rounding.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.INITIAL_WINDOW_RFC3390,
        "The README lists the initial window among the intended differences.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.HANDSHAKE_KEEPS_WINDOW,
        "Part of the initial window of RFC 3390 (section 1; RFC 5681, section 3.1), which the README lists: the "
        "acknowledgement of the SYN,ACK must not increase it. deliver_in_3c_3d leaves it alone.",
        ("di3_newackstuff",),
    ),
    Deviation(
        deviations.ACK_WINDOW_BEFORE_ROUNDING,
        "deliver_in_2 of the code computes the window before it replaces the buffer size. Not documented, but a "
        "host may always advertise less than it has room for.",
        ("deliver_in_2",),
    ),
    Deviation(
        deviations.CHALLENGE_ACK,
        "The README lists RFC 5961 among the features.",
        ("deliver_in_7", "deliver_in_8", "deliver_in_9"),
    ),
    Deviation(
        RETRANSMISSION_IN_CLOSE_WAIT.name,
        "The README lists the model's restriction among its anomalies, with the commit that lifted it.",
        ("timer_tt_rexmt_1",),
    ),
    Deviation(
        deviations.URGENT_IGNORED,
        "The README excludes out-of-band data.",
        ("dequeue_segment",),
    ),
    Deviation(
        deviations.ONE_OF_SYN_FIN_RST,
        "The README lists it among the intended differences.",
        ("dequeue_segment", "deliver_in_4"),
    ),
    Deviation(
        deviations.POLLED_TIMERS,
        "The comment at Tcptimer.timer: called every 100 ms, slow timers of 500 ms; timers.ml needs no fuzziness. That "
        "the code has one second between them is not documented.",
        ("SLOW_TIMER_MODEL_INTVL",),
    ),
    Deviation(
        deviations.MINIMUM_TIMEOUT_30_MS,
        "Params.tcptv_min, said to be that of FreeBSD 13.",
        ("initial_cb_of",),
    ),
    Deviation(
        deviations.BACKOFFS_TO_512,
        "Params.tcp_backoff.",
        ("tcp_backoffs",),
    ),
    Deviation(
        deviations.NUMBER_RESTORED,
        "The README lists the model's snd_nxt among its anomalies.",
        ("di3_newackstuff",),
    ),
    Deviation(
        deviations.RECEIVE_WINDOW_ON_INPUT_TOO,
        "FreeBSD-CURRENT computes it on input; that the code does so on output as well is in the README.",
        ("di3_topstuff",),
    ),
    Deviation(
        deviations.DATA_AFTER_CLOSE,
        "The list of rules in input.ml has deliver_in_3b as not handled.",
        ("deliver_in_3", "deliver_in_3b"),
    ),
    Deviation(
        deviations.NO_RESET_LIMIT,
        "The README: there is no bandwidth limitation.",
        ("bandlim_rst_ok_simple",),
    ),
    Deviation(
        deviations.SYN_WINDOW_LESS_MSS,
        "The README doubts the model's size of the options, which misses this one.",
        ("timer_tt_rexmtsyn_1",),
    ),
    *(
        Deviation(name, f"{_CURRENT} {where}", touches)
        for name, where, touches in (
            (deviations.INITIAL_SEGMENT_SIZE_536, "State.initial_cb.", ("initial_cb_of",)),
            (deviations.CLOCK_1000_HZ, "Subr.update_rtt counts in ticks of 1 ms.", ("HZ",)),
            (deviations.CONGESTION_WINDOW_GROWS, "Subr.expand_cwnd.", ("expand_cwnd",)),
            (
                deviations.WINDOW_CLIPPED,
                "Segment.max_win.",
                ("make_syn_ack_segment", "make_ack_segment", "tcp_output_really", "deliver_in_2"),
            ),
            (deviations.RESET_ACKNOWLEDGES_FIN, "Segment.count_flags.", ("make_rst_segment_from_seg",)),
            (deviations.WINDOW_KEPT_IN_TIME_WAIT, "Segment.tcp_output_really.", ("tcp_output_really",)),
            (deviations.FIN_NO_DUPLICATE, "Input.di3_ackstuff, with FreeBSD's revisions.", ("di3_ackstuff",)),
            (deviations.RESET_FOR_SYN_ACK, "Input.handle_noconn; the README's table.", ("deliver_in_1b",)),
            (deviations.SYN_WINDOW_NOT_SAVED, "Tcptimer.timer_tt_rexmtsyn.", ("timer_tt_rexmtsyn_1",)),
            (deviations.SYN_WINDOW_LESS_OPTIONS, "Subr.tcp_maxseg.", ("timer_tt_rexmtsyn_1",)),
        )
    ),
)

UTCP = Profile(
    "utcp",
    Arch("utcp", ArchBase.FreeBSD_4_6_RELEASE, frozenset(deviation.name for deviation in DEVIATIONS)),
    "µTCP 0.0.7 (robur-coop/utcp)",
    DEVIATIONS,
)
