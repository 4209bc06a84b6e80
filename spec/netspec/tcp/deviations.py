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

ACK_WINDOW_BEFORE_ROUNDING: Final = "first window before rounding"
"""The acknowledgement of a SYN,ACK advertises the receive buffer as it was before it was rounded up."""

CHALLENGE_ACK: Final = "challenge acknowledgements"
"""A reset must have exactly the sequence number expected, and a SYN never ends a connection.

Otherwise, where the sequence number is in the window, the segment is answered with an acknowledgement.
"""

RETRANSMIT_IN_CLOSE_WAIT: Final = "retransmission in CLOSE_WAIT"
"""A connection that the peer has closed retransmits like others."""

URGENT_IGNORED: Final = "urgent data ignored"
"""The URG flag of a segment received means nothing: its data is like any other."""

ONE_OF_SYN_FIN_RST: Final = "one of SYN, FIN and RST"
"""A segment with more than one of these flags is dropped."""
