"""The wire profiles, by name."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.wire.profile import MILLISECOND, SECOND, Vantage, WireProfile

RFC9293 = WireProfile("rfc9293")
"""The loosest host that RFC 9293, and what it builds on, allows."""

UTCP = WireProfile(
    "utcp",
    recorded=Vantage.interface,
    ack_delay=300 * MILLISECOND,
    answers_gaps=True,
    initial_window=4,
    initial_octets=4380,
    newreno=True,
    burst=0,
    rto=3 * SECOND,
    keep_idle=75 * SECOND,
    rto_measured=SECOND,
    rto_min=30 * MILLISECOND,
    early=10 * MILLISECOND,
    granularity=1001 * MILLISECOND,
    undo=SECOND,
    syn_backoff=(1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64, 64, 64),
    connecting=75 * SECOND,
    persist=(5 * SECOND, 60 * SECOND),
    fin_wait_2=600 * SECOND,
    give_up=12,
    never_shrinks=True,
    one_of_syn_fin_rst=True,
    throttle=0,
    pushes=True,
    exact_resets=True,
    answers_early=False,
    unprompted=False,
    aborts=False,
    simultaneous_open=False,
    bare_options=True,
    offload=False,
)
"""µTCP 0.0.7: bounds of the model that it follows, and the differences that its documentation states as intended."""

WIRE_PROFILES: dict[str, WireProfile] = {profile.name: profile for profile in (RFC9293, UTCP)}


@dataclass(frozen=True, slots=True)
class WireDeviation:
    """A bound of a profile that is not that of RFC 9293: the field, and the reason."""

    field: str
    reason: str


WIRE_DEVIATIONS: dict[str, tuple[WireDeviation, ...]] = {
    RFC9293.name: (),
    UTCP.name: (
        WireDeviation("recorded", "it runs beside a TUN or TAP device, where its captures are taken"),
        WireDeviation("ack_delay", "TCPTV_DELACK, 0.1 s, and the period of the fast timer, 0.2 s"),
        WireDeviation("answers_gaps", "di3_datastuff_really acknowledges it at once"),
        WireDeviation("initial_window", "RFC 3390; the README lists the initial window among the intended differences"),
        WireDeviation("initial_octets", "RFC 3390"),
        WireDeviation("newreno", "the model's expand_cwnd and timer_tt_rexmt_1; the README lists SACK as not done"),
        WireDeviation("burst", "the source sends nothing beyond its congestion window"),
        WireDeviation("rto", "TCPTV_RTOBASE, 3 s, and the model's estimator (computed_rto, tcp_backoffs)"),
        WireDeviation("rto_measured", "TCPTV_MIN of the model, 1 s; tcptv_min of Params, 30 ms, is less"),
        WireDeviation("rto_min", "tcptv_min of Params, 30 ms"),
        WireDeviation("early", "the source writes a segment in the step that starts its timer"),
        WireDeviation(
            "granularity",
            "SLOW_TIMER_MODEL_INTVL and doqmax of the model: a segment leaves up to 1.001 s after its timer; within "
            "that are the 0.5 s between two calls of the slow timer by the source's comment",
        ),
        WireDeviation("keep_idle", "TCPTV_KEEPINTVL; before the first it is TCPTV_KEEP_IDLE"),
        WireDeviation("undo", "t_badrxtwin of the model, half a round trip, which may close dschedmax, 1 s, later"),
        WireDeviation("syn_backoff", "tcp_syn_backoff of Params, TCP_SYN_BSD_BACKOFFS of the model"),
        WireDeviation("connecting", "TCPTV_KEEP_INIT"),
        WireDeviation("persist", "TCPTV_PERSMIN and TCPTV_PERSMAX"),
        WireDeviation("fin_wait_2", "TCPTV_MAXIDLE"),
        WireDeviation("give_up", "TCP_MAXRXTSHIFT"),
        WireDeviation("never_shrinks", "the model's rcv_adv never decreases"),
        WireDeviation("one_of_syn_fin_rst", "the README lists it among the intended differences"),
        WireDeviation("throttle", "the source holds no answer back, nor do the model's deliver_in_7 and deliver_in_8"),
        WireDeviation("pushes", 'the model\'s tcp_output_really ("The BSD way")'),
        WireDeviation("exact_resets", "the README lists RFC 5961"),
        WireDeviation("answers_early", "the source has what SYN-RECEIVED ignores in a comment: SYN and FIN"),
        WireDeviation("unprompted", "the model's tcp_output_required; the README has keep-alives among what is to do"),
        WireDeviation("aborts", "the library has no call for an abortive close, the model's close_3 and close_7"),
        WireDeviation(
            "simultaneous_open", "the source drops the connection, the answer being commented out; its tests skip it"
        ),
        WireDeviation("bare_options", "the README excludes Timestamps and lists SACK as not done"),
        WireDeviation("offload", "the stack writes its segments itself"),
    ),
}
"""Why a profile differs, for each field in which it does."""
