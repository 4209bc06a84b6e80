"""µTCP 0.0.7: the model with the differences that its documentation states as intended."""

from netspec.profiles.profile import Deviation, Profile
from netspec.tcp import deviations
from netspec.tcp.errata.output import RETRANSMISSION_IN_CLOSE_WAIT
from netspec.tcp.params import Arch, ArchBase

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
)

UTCP = Profile(
    "utcp",
    Arch("utcp", ArchBase.FreeBSD_4_6_RELEASE, frozenset(deviation.name for deviation in DEVIATIONS)),
    "µTCP 0.0.7 (robur-coop/utcp)",
    DEVIATIONS,
)
