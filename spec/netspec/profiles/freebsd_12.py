"""FreeBSD 12: the model with the differences of its later branch, FreeBSD-CURRENT.

With all of them on, the specification says what the branch's text says, also where that is doubtful.
"""

from netspec.profiles.profile import Deviation, Profile
from netspec.tcp import deviations
from netspec.tcp.params import Arch, ArchBase

DEVIATIONS = (
    Deviation(
        deviations.RECEIVE_BUFFER_65535,
        "The branch has 65535, and notes that the kernel's net.inet.tcp.recvspace is 65536.",
        ("sf_default_n",),
    ),
    Deviation(
        deviations.MSSDFLT_536,
        "The branch has the default that RFC 1122, 4.2.2.6, asks for.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.INITIAL_SEGMENT_SIZE_536,
        "The same constant in its two other places.",
        ("initial_cb_of", "deliver_in_icmp_2"),
    ),
    Deviation(
        deviations.NO_CLUSTER_ROUNDING,
        "The branch takes the segment size as it is; it gives no reason.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.OPTIONS_IN_SEGMENT_SIZE,
        "The branch takes the options off for the congestion window alone, as tcp_maxseg() does.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.INITIAL_WINDOW_RFC6928,
        "The default of the kernel's sysctl, tcp.initcwnd.segments, is 10; other values of it are left out.",
        ("calculate_buf_sizes",),
    ),
    Deviation(
        deviations.CONGESTION_WINDOW_GROWS,
        "The quotient of the increment may be 0; the branch gives no reason.",
        ("expand_cwnd",),
    ),
    Deviation(
        deviations.WINDOW_CLIPPED,
        "A receive buffer may be larger than 65535 bytes, where the model finds no segment to send.",
        ("make_syn_ack_segment", "make_ack_segment", "tcp_output_really", "deliver_in_2"),
    ),
    Deviation(
        deviations.RESET_ACKNOWLEDGES_FIN,
        "RFC 793, 3.4: the reset acknowledges the sum of the sequence number and the length, FIN included.",
        ("make_rst_segment_from_seg",),
    ),
    Deviation(
        deviations.WINDOW_KEPT_IN_TIME_WAIT,
        "The branch gives no reason.",
        ("tcp_output_really",),
    ),
    Deviation(
        deviations.RECEIVE_WINDOW_ON_INPUT,
        "The branch gives no reason; the kernel sets rcv_wnd where it processes a segment.",
        ("di3_topstuff", "tcp_output_really"),
    ),
    Deviation(
        deviations.CLOCK_1000_HZ,
        "The default of the kernel since FreeBSD 6.",
        ("HZ",),
    ),
    Deviation(
        deviations.SLOW_TIMER_10_MS,
        "The branch needs more than 1 ms to mask that the model's steps are atomic.",
        ("SLOW_TIMER_MODEL_INTVL",),
    ),
    Deviation(
        deviations.FIN_NO_DUPLICATE,
        "A simultaneous close; the branch cites the kernel's revisions 239672, 258821 and 261244.",
        ("di3_ackstuff",),
    ),
    Deviation(
        deviations.RESET_FOR_SYN_ACK,
        "RFC 793, 3.4: in a state that is not synchronized, an acknowledgement of nothing sent is reset.",
        ("deliver_in_1b",),
    ),
    Deviation(
        deviations.SIMULTANEOUS_OPEN_WINDOW,
        "The kernel sets the congestion window only once the connection is established. The branch calls its own "
        "way of saying so horrible.",
        ("deliver_in_2",),
    ),
    Deviation(
        deviations.SIMULTANEOUS_OPEN_SYN_ACK,
        "The kernel no longer sends an ACK alone here, and its SYN,ACK has timestamps and window scaling again.",
        ("deliver_in_2",),
    ),
    Deviation(
        deviations.RESET_IN_WINDOW,
        "RFC 793, 3.4, validates resets like this; the model's text has it as still to do.",
        ("deliver_in_7", "deliver_in_7a", "deliver_in_7d", "deliver_in_7e"),
    ),
    Deviation(
        deviations.ACK_FOR_SYN,
        "A SYN outside the window is acknowledged. The text allows that for one in the window too.",
        ("deliver_in_8",),
    ),
    Deviation(
        deviations.ONE_RESET_FOR_SYN,
        "The branch drops the second reset; it gives no reason.",
        ("deliver_in_8", "deliver_in_9"),
    ),
    Deviation(
        deviations.SYN_WINDOW_NOT_SAVED,
        "The kernel does not run that code in SYN_SENT any more.",
        ("timer_tt_rexmtsyn_1",),
    ),
    Deviation(
        deviations.SYN_WINDOW_LESS_OPTIONS,
        "The kernel computes these windows with tcp_maxseg().",
        ("timer_tt_rexmtsyn_1",),
    ),
    Deviation(
        deviations.TRACE_FIN_WAIT_2_AS_TIME_WAIT,
        "The kernel passes through FIN_WAIT_2 on close, where the model goes to TIME_WAIT at once.",
        ("tracesock_eq",),
    ),
    Deviation(
        deviations.TRACE_OF_REMOVED_SOCKET,
        "The branch gives no reason; the last record of a socket may come after the model has removed it.",
        ("trace_2",),
    ),
    Deviation(
        deviations.ANY_TRACE_AFTER_REMOVAL,
        "The text's alternative for a removed socket is not bound to the record, since conjunction binds tighter than "
        "disjunction. Most likely an oversight: switched off, the alternative is about the record's own socket.",
        ("trace_2",),
    ),
)

FREEBSD_12 = Profile(
    "freebsd-12",
    Arch("freebsd-12", ArchBase.FreeBSD_4_6_RELEASE, frozenset(deviation.name for deviation in DEVIATIONS)),
    "FreeBSD 12 (the model's branch FreeBSD-CURRENT)",
    DEVIATIONS,
)
