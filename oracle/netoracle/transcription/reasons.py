"""Why the specification differs from the text in places, where that is intended.

A reason explains one very difference: the kind of name, the name, and what the comparison
says of it, which is nothing where the name is missing.  If the difference becomes another one,
it is unexplained again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

RENAMED: Final[Mapping[str, str]] = {"OK": "Ok", "FAIL": "Fail", "ip": "Ip", "SEQ32": "Seq32"}
"""Constructors whose Python name is another."""

RULE_NAMES: Final = "rule_ids"
"""The datatype whose constructors are the names of the rules."""


BRANCH_RULE: Final = "deliver_in_7e"
"""The rule that only the branch FreeBSD-CURRENT of the text has."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some names of a kind are missing or different; `names` has what the comparison says of each."""

    text: str
    what: str
    names: Mapping[str, str]


def _missing(text: str, what: str, *names: str) -> Reason:
    return Reason(text, what, dict.fromkeys(names, ""))


_OPERATOR: Final = "an operator of Python: `not in`, `<<`, `>>`, or `new if condition else old`"
_PROPERTY: Final = "a property that proofs about the model speak of; no rule uses it"
_RESULT: Final = "what the text computes is returned, whatever its name: a queue, a segment, a truth value"
_PARTIAL: Final = "the text defines a function without naming all its parameters"
_HOL: Final = "a notation of HOL for what Python has"

REASONS: Final[tuple[Reason, ...]] = (
    _missing("it makes each step of the other rules one of the whole relation: the function host_redn", "rule", "rn"),
    _missing("a rule of the branch FreeBSD-CURRENT, for the profile freebsd-12", "rule", BRANCH_RULE),
    _missing("the text lists this name, but has no rule of it", "constructor", "rule_ids.connect_1a"),
    _missing(_OPERATOR, "definition", "notinlist", "NOTIN'", "left_shift_num", "right_shift_num", "onlywhen"),
    _missing(
        "auxiliary to SPLIT or TAKEWHILE, which are one expression of Python",
        "definition",
        "SPLIT_REV",
        "SPLIT_REV_0",
        "TAKEWHILE_REV",
    ),
    _missing(_PROPERTY, "definition", "time_pass_additive", "time_pass_trajectory"),
    _missing("a function of time passage as a relation, for the properties of time", "definition", "opttorel"),
    _missing("seq32_fromto of the side that the number has", "definition", "seq32_coerce"),
    _missing("the form of a rule, which is a function with premises", "definition", "<=="),
    Reason(
        "operators of the class",
        "definition",
        dict.fromkeys(
            (
                "seq32_plus",
                "seq32_plus'",
                "seq32_minus",
                "seq32_minus'",
                "seq32_lt",
                "seq32_leq",
                "seq32_gt",
                "seq32_geq",
            ),
            "it is Seq32",
        ),
    ),
    Reason(
        "one function of numbers, times and sequence numbers",
        "definition",
        {"seq32_min": "it is MIN", "seq32_max": "it is MAX"},
    ),
    Reason(
        "the overloaded name, which both directions have",
        "definition",
        dict.fromkeys(("tcp_seq_local_to_foreign", "tcp_seq_foreign_to_local"), "it is tcp_seq_flip_sense"),
    ),
    Reason("unit values are not passed", "definition", {"OK'_one": "it takes ()"}),
    Reason("the pair is passed as two values", "definition", {"OK'_pair": "it takes (a, b)"}),
    Reason(
        "named for what it is", "definition", dict.fromkeys(("time_plus_dur", "time_minus_dur"), "it takes (t, dur)")
    ),
    Reason(
        "a function of the flag, as the map that a host has of it",
        "definition",
        dict.fromkeys(("ff_default_b", "sf_default_b", "sf_default_t"), "it takes ()"),
    ),
    Reason(
        _RESULT,
        "definition",
        {
            "enqueue": "it takes (dq, q, msg, choose)",
            "route_and_enqueue_oq": "it takes (rttab, ifds, oq, msg, arch, choose)",
            "enqueue_list": "it takes (dq, q, msgs, choose)",
            "accept_incoming_q0": "it takes (lis, arch)",
            "accept_incoming_q": "it takes (lis, arch)",
            "drop_from_q0": "it takes (lis, choose)",
            "enqueue_oq_bndlim_rst": "it takes (arch, oq, seg, ticks, reason, bndlm, choose)",
            "dosend": "it takes (ifds, rttab, addr_data, quad, oq, choose)",
            "tcp_output_perhaps": "it takes (arch, ts_val, ifds0, sock, choose)",
            "enqueue_each_and_ignore_fail": "it takes (arch, rttab, ifds, segs, oq, choose)",
            "dropwithreset": "it takes (arch, seg, ifds0, ticks, reason, bndlm, choose)",
            "tcp_drop_and_close": "it takes (arch, err, sock, choose)",
        },
    ),
    Reason(
        "an operation of the monad: the state is passed to what it returns",
        "definition",
        {"mlift_dropafterack_or_fail": "it takes (seg, arch, rttab, ifds, ticks)"},
    ),
    Reason(
        _PARTIAL,
        "definition",
        {
            "enqueue_iq": "it takes (q, msg, choose)",
            "enqueue_oq": "it takes (q, msg, choose)",
            "dequeue_iq": "it takes (q)",
            "dequeue_oq": "it takes (q)",
            "enqueue_oq_list_qinfo": "it takes (q, msgqs)",
            "enqueue_oq_list": "it takes (q, msgs, choose)",
            "start_tt_rexmt": "it takes (arch, shift, wantmin, ri)",
            "start_tt_rexmtsyn": "it takes (arch, shift, wantmin, ri)",
            "cont": "it takes (sock, bndlm, choose)",
            "stop": "it takes (sock, bndlm, choose)",
        },
    ),
    Reason(
        "it takes what the socket is made of, as the function inside does",
        "definition",
        {
            "TCP_Sock": "it takes (st, cb, lis, sndq, sndurp, rcvq, rcvurp, iobc)",
            "UDP_Sock": "it takes (rcvq)",
        },
    ),
    _missing("a finite time is the number itself", "constructor", "time.time"),
    Reason("the side, a type in the text, is a value", "constructor", {"seq32.SEQ32": "`'a => word32` is Side, int"}),
    _missing("a number from 0 to 255, and a list of them is `bytes`", "abbreviation", "byte"),
    _missing("Seq32 has its side as a value", "abbreviation", "tcp_seq_local", "tcp_seq_foreign", "ts_seq"),
    Reason(
        "a record of a trace shows a part of the control block only",
        "abbreviation",
        {
            "tracerecord": "`traceflavour # sid # (ip option # port option # ip option # port option) option"
            " # tcpstate # tcpcb` is TraceFlavour, SID, tuple[Ip | None, Port | None, Ip | None, Port | None] | None,"
            " TcpState, Tracecb"
        },
    ),
    Reason(
        "the sets that are no finite lists are sets of a subnet",
        "field",
        {"ifd.ipset": "`ip set` is Subnet | set[Ip]"},
    ),
    _missing(
        _HOL,
        "overload",
        "w_0 = word_0:word16",
        "w_0 = word_0:word32",
        "MIN = real$min",
        "MAX = real$max",
        "choose_from_set = bool$RES_EXISTS",
        "choose = $?",
        "? = $?",
        "IN' = MEM",
    ),
)

OBJECTS: Final[Mapping[str, str]] = {
    "netspec.base.choose.*": "how a rule states premises and asks for what the text leaves open",
    "netspec.base.seq32.MODULUS": "a number of the arithmetic of 32-bit words",
    "netspec.base.seq32.HALF": "a number of the arithmetic of 32-bit words",
    "netspec.base.timers.ZERO": "the real number 0",
    "netspec.base.utils.Some": "an option of an option",
    **{
        f"netspec.base.utils.{name}": "a function of HOL's own libraries"
        for name in ("num_minus", "Num", "n2w", "w2n", "CHR", "ORD", "DIV", "ABS")
    },
    "netspec.network.net_types.BAG_EQ": "a function of HOL's own libraries",
    "netspec.network.rules.NET_RULES": "the index of the clauses",
    "netspec.profiles.*": "a profile: an architecture with deviations",
    "netspec.tcp.deviations.*": "the name of a deviation of a profile",
    "netspec.tcp.errata.*": "an erratum of the text, which a profile may have corrected",
    "netspec.tcp.deliver_in_3.fast_path.*": "what the erratum fast-path-before-acknowledgement corrects",
    "netspec.tcp.aux_fns.buffers.offered_window": "what the erratum window-after-fin corrects",
    "netspec.tcp.params.Arch": "an architecture of the text with deviations",
    "netspec.tcp.params.deviates": "whether a deviation applies",
    "netspec.tcp.params.corrected": "whether an erratum is corrected",
    "netspec.tcp.host_init.ZERO": "the real number 0",
    "netspec.tcp.host_types.tcp_proto": "a pattern of the text",
    "netspec.tcp.host_types.udp_proto": "a pattern of the text",
    "netspec.tcp.host_types.PortRange": "a set of ports, which the text writes as a comprehension",
    "netspec.tcp.pre_host_types.Subnet": "a set of addresses, which the text writes as a comprehension",
    "netspec.tcp.pre_host_types.NSEC": "the number of nanoseconds in a second",
    "netspec.tcp.rule.Rule": "the form of a rule",
    "netspec.tcp.rule.RULES": "the index of the rules",
    "netspec.tcp.rule.COMPOSITE_RULES": "the index of the rules",
    "netspec.tcp.rule.rule": "the form of a rule",
    "netspec.tcp.rules.challenge.*": "a deviation: the answer of RFC 5961",
    **{
        f"netspec.tcp.rules.deliver_in_icmp.{name}": "a set or a number that the text writes in the rule"
        for name in ("UNREACHABLE", "REFUSED", "BAD_HEADER", "HOST_ROUTE", "MTU_NOT_LOCKED", "CURMTU")
    },
    "netspec.tcp.rules.input_segment.*": "premises that begin most rules of deliver_in",
    "netspec.tcp.rules.no_data.*": "a pattern of the text",
    "netspec.tcp.rules.patterns.*": "a pattern of the text",
    "netspec.tcp.rules.prelude.*": "a pattern of the text, or an update that rules share",
    "netspec.tcp.rules.time.urgent_rules": "a set that epsilon_1 speaks of",
}
"""Why objects transcribe nothing, by their names or by patterns of these."""


def reason(what: str, name: str, detail: str) -> str | None:
    """Why there is such a difference, if that is known."""
    if what == "object":
        return next((text for pattern, text in OBJECTS.items() if fnmatchcase(name, pattern)), None)
    return next((one.text for one in REASONS if one.what == what and one.names.get(name) == detail), None)
