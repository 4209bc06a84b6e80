"""The names of the deviations that rules and definitions know.

A rule tests one where the model would test an architecture: `deviates(h.arch, NAME)`.
Why an implementation deviates is said in its profile.
"""

from typing import Final

RECEIVE_BUFFER_65535: Final = "receive buffer 65535"
"""A new stream socket's receive buffer holds 65535 bytes."""

MSSDFLT_536: Final = "default segment size 536"
"""A peer that sends no maximum segment size gets segments of at most 536 bytes."""

NO_CLUSTER_ROUNDING: Final = "no cluster rounding"
"""The segment size is not rounded down to a multiple of a memory cluster."""

INITIAL_WINDOW_RFC3390: Final = "initial window of RFC 3390"
"""The congestion window begins at 4380 bytes, but two to four segments."""

HANDSHAKE_KEEPS_WINDOW: Final = "handshake keeps the initial window"
"""The acknowledgement of the SYN,ACK does not increase the congestion window."""

ACK_WINDOW_BEFORE_ROUNDING: Final = "first window before rounding"
"""The acknowledgement of a SYN,ACK advertises the receive buffer as it was before it was rounded up."""

CHALLENGE_ACK: Final = "challenge acknowledgements"
"""A reset must have exactly the sequence number expected, and a SYN never ends a connection.

Otherwise, where the sequence number is in the window, the segment is answered with an acknowledgement.
"""

URGENT_IGNORED: Final = "urgent data ignored"
"""The URG flag of a segment received means nothing: its data is like any other."""

ONE_OF_SYN_FIN_RST: Final = "one of SYN, FIN and RST"
"""A segment with more than one of these flags is dropped."""

INITIAL_SEGMENT_SIZE_536: Final = "initial segment size 536"
"""A control block starts with a segment size of 536 bytes, and falls back to it where a path is too narrow."""

OPTIONS_IN_SEGMENT_SIZE: Final = "options in the segment size"
"""The segment size of a new connection leaves no room for the options of each segment."""

INITIAL_WINDOW_RFC6928: Final = "initial window of RFC 6928"
"""The congestion window begins at 14600 bytes, but two to ten segments without their options."""

CONGESTION_WINDOW_GROWS: Final = "congestion window always grows"
"""In congestion avoidance, an acknowledgement opens the congestion window by at least one byte."""

WINDOW_CLIPPED: Final = "window clipped"
"""A window that is too large for its field is sent as 65535."""

RESET_ACKNOWLEDGES_FIN: Final = "reset acknowledges FIN"
"""A reset that answers a segment without ACK acknowledges its FIN too."""

WINDOW_KEPT_IN_TIME_WAIT: Final = "window kept in TIME_WAIT"
"""What is sent in TIME_WAIT offers no more than was offered before."""

RECEIVE_WINDOW_ON_INPUT: Final = "receive window on input"
"""The receive window is computed when a segment arrives, and sending one does not change it."""

CLOCK_1000_HZ: Final = "clock of 1000 Hz"
"""The kernel's clock has 1000 ticks a second."""

SLOW_TIMER_10_MS: Final = "slow timer 10 ms late"
"""What happens on TCP's slow clock may be late by 10 ms."""

FIN_NO_DUPLICATE: Final = "FIN is no duplicate acknowledgement"
"""The first FIN of the peer does not count as a duplicate acknowledgement, but ends their count."""

RESET_FOR_SYN_ACK: Final = "reset for SYN,ACK"
"""A listening socket answers a segment with both SYN and ACK with a reset."""

SIMULTANEOUS_OPEN_WINDOW: Final = "congestion window of a simultaneous open"
"""In a simultaneous open, the congestion window begins one advertised segment size lower."""

SIMULTANEOUS_OPEN_SYN_ACK: Final = "SYN,ACK in a simultaneous open"
"""A SYN in SYN_SENT is answered with a SYN,ACK, with the options that the own SYN had."""

RESET_IN_WINDOW: Final = "reset in the window"
"""A reset ends a connection only where its sequence number is in the window last acknowledged."""

ACK_FOR_SYN: Final = "acknowledgement for SYN"
"""A SYN on a connection may be answered with an acknowledgement; with a reset only where it is in the window."""

ONE_RESET_FOR_SYN: Final = "one reset for SYN"
"""Of the two resets that answer a SYN on a connection, only that of the control block is sent."""

SYN_WINDOW_NOT_SAVED: Final = "window not saved for SYN"
"""Sending a SYN again saves nothing for the case that this was needless."""

SYN_WINDOW_LESS_OPTIONS: Final = "window less options for SYN"
"""The windows after sending a SYN again are in segments without the options that the SYN asks for."""

TRACE_FIN_WAIT_2_AS_TIME_WAIT: Final = "record of FIN_WAIT_2 in TIME_WAIT"
"""A trace record may show FIN_WAIT_2 where the socket is in TIME_WAIT."""

TRACE_OF_REMOVED_SOCKET: Final = "record of a removed socket"
"""A trace record without addresses may show as closed a bound socket that is no more."""

ANY_TRACE_AFTER_REMOVAL: Final = "any record after a removal"
"""As soon as some bound socket is no more, a trace record may be anything."""

POLLED_TIMERS: Final = "polled timers"
"""The slow timer runs every half second, called every 100 ms: what is due may be late by 0.6 s."""

MINIMUM_TIMEOUT_30_MS: Final = "minimum timeout 30 ms"
"""The least round-trip time, and so the least retransmission timeout, is 30 ms."""

BACKOFFS_TO_512: Final = "back-off to 512"
"""The factors of the retransmission timeout go on doubling up to 512."""

SYN_WINDOW_LESS_MSS: Final = "window less segment size option for SYN"
"""The windows after sending a SYN again are in segments without its option of the maximum segment size."""

RECEIVE_WINDOW_ON_INPUT_TOO: Final = "receive window on input too"
"""The receive window is computed when a segment arrives, and again when one is sent."""

NUMBER_RESTORED: Final = "number restored after partial acknowledgement"
"""After the retransmission for a partial acknowledgement, the next number to send is what it was before."""

DATA_AFTER_CLOSE: Final = "data after close"
"""Data for a connection that the application has closed is acknowledged, and not answered with a reset."""

NO_RESET_LIMIT: Final = "no limit on resets"
"""Resets may be sent at any rate."""
