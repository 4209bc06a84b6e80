"""How a function of the specification corresponds to a definition of the text.

By default a function has the definition's arguments in their order and returns its value. Where
it does not, a template says so: a HOL4 term over the names of the function's parameters and, for
a relation, `r`, `r0`, `r1`, ... for its result or the parts of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hypothesis import strategies as st

from netoracle.transcription.differential import arguments as a
from netspec.base.seq32 import Seq32, TcpForeign
from netspec.tcp.deliver_in_3.ststuff import di3_ststuff
from netspec.tcp.host_types import Socket
from netspec.tcp.params import SID, File, FileFlags, FileType
from netspec.tcp.pre_host_types import BandlimState

Kind = Literal["value", "relation", "predicate", "members"]


@dataclass(frozen=True)
class Shape:
    """A template, what it says, and what is special about the arguments.

    A `value` is equal to the result, a `relation` holds of it; a `predicate` holds where the
    function returns and does not where it raises PremiseFailed; of two sets the `members`
    among `pool` are compared.  `extra` are arguments that the template has and the function
    has not; `call` calls the function with all of them.
    """

    kind: Kind
    template: str
    arguments: Mapping[str, a.Strategy] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    call: Callable[..., Any] | None = None
    pool: tuple[Any, ...] = ()


def relation(template: str, **arguments: a.Strategy) -> Shape:
    """The template holds of the result."""
    return Shape("relation", template, arguments)


def value(template: str, **arguments: a.Strategy) -> Shape:
    """The template is equal to the result."""
    return Shape("value", template, arguments)


def members(template: str, pool: tuple[Any, ...], **arguments: a.Strategy) -> Shape:
    """The template is a set with the same members."""
    return Shape("members", template, arguments, pool=pool)


def _applied(function: Callable[..., Any], sock: Any, bndlm: Any, choose: Any, *arguments: Any) -> Any:
    return function(*arguments)(sock, bndlm, choose)


def monad(template: str, call: Callable[..., Any] | None = None, **arguments: a.Strategy) -> Shape:
    """The template, applied to a socket and a band limiter, is related to the result."""
    return Shape(
        "relation",
        f"{template} (sock,bndlm) ((r0,r1,r2),r3)",
        arguments,
        {"sock": Socket, "bndlm": BandlimState},
        call or _applied,
    )


def _persisting(function: Callable[..., Any], *arguments: Any) -> Any:
    do_output, persist_fun = function(*arguments)
    sock = arguments[-1]
    return do_output, None if persist_fun is None else persist_fun(sock.pr.v.cb)


def _after_data(function: Callable[..., Any], sock: Any, bndlm: Any, choose: Any, *arguments: Any) -> Any:
    """di3_datastuff goes on with di3_ststuff, of a FIN of ours that was not acknowledged."""
    tcp_sock_0, seg, flag, arch, ack = arguments
    return function(lambda FIN: di3_ststuff(arch, FIN, False, ack), tcp_sock_0, seg, flag, arch)(sock, bndlm, choose)


BELOW_FIVE: Final = {"p": st.just(lambda x: x < 5)}
FEW_NUMS: Final = st.lists(st.integers(0, 9), max_size=5).map(tuple)
SIGNED: Final = a.INTS
QUAD: Final = st.tuples(a.IPS, a.IPS, a.PORTS, a.PORTS)
QUADS: Final = QUAD | st.tuples(st.none(), a.PORTS, st.none(), st.none())
BACKOFFS: Final = st.lists(st.integers(1, 64), min_size=4, max_size=6).map(tuple)
TCP_SOCKETS: Final = st.deferred(lambda: a.tcp_sockets())
TCP_PARTS: Final = TCP_SOCKETS.map(lambda sock: sock.pr.v)

SHAPES: Final[dict[str, Shape]] = {
    # base
    "OK'_fdipport": value("OK'_fdipport (fd,(i2,p2))"),
    "OK'_one": value("OK'_one ()"),
    "seq32_diff": value("seq32_diff s t", s=a.LOCAL, t=a.LOCAL),
    "tcp_seq_local": value("tcp_seq_local n", n=st.integers(0, 2**32 - 1)),
    "tcp_seq_foreign": value("tcp_seq_foreign n", n=st.integers(0, 2**32 - 1)),
    "ts_seq": value("ts_seq n", n=st.integers(0, 2**32 - 1)),
    "netspec.base.utils.MAX time_max": value("time_max a b", a=a.TIMES, b=a.TIMES),
    "netspec.base.utils.MIN time_min": value("time_min a b", a=a.TIMES, b=a.TIMES),
    "netspec.base.utils.MAX seq32_max": value("seq32_max a b", a=a.LOCAL, b=a.LOCAL),
    "netspec.base.utils.MIN seq32_min": value("seq32_min a b", a=a.LOCAL, b=a.LOCAL),
    "seq32_fromto": value("seq32_fromto a b s", a=st.just(TcpForeign)),
    "OK'_pair": value("OK'_pair (a,b)"),
    "ASSERTION_FAILURE": Shape("predicate", "ASSERTION_FAILURE s"),
    "Time_Pass_timer": relation("Time_Pass_timer dur timer = SOME r"),
    "Time_Pass_timed": relation("Time_Pass_timed dur timed = SOME r"),
    "Time_Pass_timewindow": relation("Time_Pass_timewindow dur tw r"),
    "Time_Pass_ticker": relation("Time_Pass_ticker dur ticker r"),
    "Time_Pass_stopwatch": relation("Time_Pass_stopwatch dur stopwatch r"),
    "Time_Pass_timedoption": relation("?x. Time_Pass_timedoption dur x0 = SOME x /\\ r = x"),
    "Time_Pass_tcpcb": relation("?s. Time_Pass_tcpcb dur cb = SOME s /\\ r IN s"),
    "Time_Pass_socket": relation("?t. Time_Pass_socket dur s = SOME t /\\ r IN t"),
    "Time_Pass_host": relation("?s. Time_Pass_host dur h = SOME s /\\ r IN s"),
    "clip_int_to_num": value("clip_int_to_num i", i=SIGNED),
    "real_of_int": value("real_of_int i", i=SIGNED),
    "backlog_fudge": value("backlog_fudge n", n=SIGNED),
    "num_floor": value("num_floor x", x=a.DURATIONS),
    "decr_list": value("decr_list d ns", d=st.integers(0, 9), ns=FEW_NUMS),
    "REPLICATE": value("REPLICATE n x", n=st.integers(0, 5), x=a.SMALL),
    "SPLIT": value("SPLIT n rs", n=st.integers(0, 7), rs=a.BYTES),
    "TAKE": value("TAKE n rs", n=st.integers(0, 7), rs=a.BYTES),
    "DROP": value("DROP n rs", n=st.integers(0, 7), rs=a.BYTES),
    "TAKEWHILE": value("TAKEWHILE (\\x. x < 5) rs", rs=FEW_NUMS, **BELOW_FIVE),
    "MAP_OPTIONAL": value(
        "MAP_OPTIONAL (\\x. if x < 5 then SOME (x + 1) else NONE) xs",
        f=st.just(lambda x: x + 1 if x < 5 else None),
        xs=FEW_NUMS,
    ),
    "fm_exists": value("fm_exists fm (\\(k,v). v < 5)", fm=a.SMALL_MAPS, P=st.just(lambda k, v: v < 5)),
    "funupd": value("funupd f x y", f=a.FULL_MAPS, x=st.integers(0, 3), y=a.SMALL),
    "funupd_list": value(
        "funupd_list f xys",
        f=a.FULL_MAPS,
        xys=st.lists(st.tuples(st.integers(0, 3), a.SMALL), max_size=3).map(tuple),
    ),
    "ORDERINGS": value("ORDERINGS s l", s=st.frozensets(st.integers(0, 3), max_size=3), l=FEW_NUMS),
    "INSERT_ORDERED": value("INSERT_ORDERED new old bad"),
    "rounddown": value("rounddown bs v", bs=st.sampled_from((1, 4, 2048))),
    "roundup": value("roundup bs v", bs=st.sampled_from((1, 4, 1460))),
    "fmap_every": relation(
        "fmap_every (Time_Pass_timed 1) fm = SOME r",
        f=st.just(a.second_passes),
        fm=a.TIMED_MAPS,
    ),
    # preHostTypes
    "leastfd": value("leastfd fd. fd NOTIN {FD 0; FD 1; FD 3}", P=st.just(a.not_open)),
    "nextfd": relation("nextfd arch fds r"),
    "enqueue": relation("enqueue dq (q,msg,r0,r1)"),
    "enqueue_iq": relation("enqueue_iq (q,msg,r0,r1)"),
    "enqueue_oq": relation("enqueue_oq (q,msg,r0,r1)"),
    "dequeue": relation("dequeue dq (q,r0,r1)"),
    "dequeue_iq": relation("dequeue_iq (q,r0,r1)"),
    "dequeue_oq": relation("dequeue_oq (q,r0,r1)"),
    "enqueue_list_qinfo": relation("enqueue_list_qinfo dq (q,msgqs,r)"),
    "enqueue_oq_list_qinfo": relation("enqueue_oq_list_qinfo (q,msgqs,r)"),
    "enqueue_list": relation("enqueue_list dq (q,msgs,r0,r1)"),
    "enqueue_oq_list": relation("enqueue_oq_list (q,msgs,r0,r1)"),
    "route_and_enqueue_oq": relation("route_and_enqueue_oq (rttab,ifds,oq,msg,r0,r1,arch)"),
    "accept_incoming_q0": relation("accept_incoming_q0 lis r"),
    "accept_incoming_q": relation("accept_incoming_q lis r"),
    "drop_from_q0": relation("drop_from_q0 lis r", lis=a.LONG_QUEUES),
    "IN_MULTICAST": members("IN_MULTICAST", a.IP_POOL),
    "LOOPBACK_ADDRS": members("LOOPBACK_ADDRS", a.IP_POOL),
    "routeable": members("routeable rte", a.IP_POOL),
    "local_ips": members("local_ips ifds", a.IP_POOL),
    "auto_outroute": members("auto_outroute (i2_,i2,rttab,ifds)", a.IP_POOL),
    "autobind": members("autobind (ps,pr,h,socks)", a.PORT_POOL),
    "ephemeral_ports": members("ephemeral_ports h", a.PORT_POOL),
    "privileged_ports": members("privileged_ports h", a.PORT_POOL),
    "bound_ports_protocol_autobind": members("bound_ports_protocol_autobind pr socks", a.PORT_POOL),
    "time_of_tltime": value("time_of_tltime tltime", tltime=st.tuples(SIGNED, SIGNED)),
    "time_of_tltimeopt": value("time_of_tltimeopt tltimeopt", tltimeopt=st.none() | st.tuples(SIGNED, SIGNED)),
    "tltimeopt_wf": value("tltimeopt_wf tltimeopt", tltimeopt=st.none() | st.tuples(SIGNED, SIGNED)),
    "tltimeopt_of_time": relation("tltimeopt_wf r /\\ time_of_tltimeopt r = t"),
    # hostTypes
    "TCP_Sock": value("TCP_Sock (st,cb,lis,sndq,sndurp,rcvq,rcvurp,iobc)"),
    "tracecb_eq": Shape("predicate", "tracecb_eq flav st es cb cb_", a.TWO_CONTROL_BLOCKS),
    "tracesock_eq": Shape("predicate", "tracesock_eq tr sid_ sock"),
    # auxFns
    "bound_after": value("bound_after sid sid_ bound"),
    "enqueue_oq_bndlim_rst": relation("enqueue_oq_bndlim_rst (oq,seg,ticks,reason,bndlm,r0,r1,r2)", ticks=a.STAMP),
    "send_queue_space": relation("r IN send_queue_space sndq_max sndq_size oob arch maxseg i2"),
    "tcp_drop_and_close": relation("tcp_drop_and_close arch err sock (r0,r1)", sock=TCP_SOCKETS),
    "start_tt_rexmt": value("start_tt_rexmt arch shift wantmin ri", shift=a.SMALL),
    "start_tt_rexmtsyn": value("start_tt_rexmtsyn arch shift wantmin ri", shift=a.SMALL),
    "start_tt_rexmt_gen": value(
        "start_tt_rexmt_gen mode backoffs shift wantmin ri", shift=st.integers(0, 3), backoffs=BACKOFFS
    ),
    "start_tt_persist": value("start_tt_persist shift ri arch", shift=a.SMALL),
    "computed_rto": value("computed_rto backoffs shift ri", shift=st.integers(0, 3), backoffs=BACKOFFS),
    "calculate_bsd_rcv_wnd": value("calculate_bsd_rcv_wnd sf tcp_sock", tcp_sock=TCP_PARTS),
    "tcp_close": value("tcp_close arch sock", sock=TCP_SOCKETS),
    "tcp_sock_of": value("tcp_sock_of sock", sock=TCP_SOCKETS),
    "tcp_socket_best_match": value("tcp_socket_best_match socks sid_sock seg arch", seg=a.RECEIVED),
    "bandlim_rst_ok": value("bandlim_rst_ok (seg,ticks,reason,bndlm)", ticks=a.STAMP),
    "calculate_tcp_options_len": value("calculate_tcp_options_len cb_tf_doing_tstmp"),
    "do_tcp_options": value(
        "do_tcp_options cb_tf_doing_tstmp cb_ts_recent cb_ts_val", cb_ts_recent=a.RECENT_STAMPS, cb_ts_val=a.STAMP
    ),
    "tcp_output_required": Shape(
        "relation",
        "case tcp_output_required arch ifds0 sock of (d,NONE) => r0 = d /\\ r1 = NONE "
        "| (d,SOME f) => r0 = d /\\ r1 = SOME (f (tcp_sock_of sock).cb)",
        {"sock": TCP_SOCKETS},
        call=_persisting,
    ),
    "tcp_output_really": relation(
        "tcp_output_really arch window_probe ts_val_ ifds0 sock (r0,r1)", sock=TCP_SOCKETS, ts_val_=a.STAMP
    ),
    "tcp_output_perhaps": relation(
        "tcp_output_perhaps arch ts_val ifds0 sock (r0,r1)", sock=TCP_SOCKETS, ts_val=a.STAMP
    ),
    "rollback_tcp_output": relation("rollback_tcp_output rcvdsyn seg arch rttab ifds is_connect cb0 cb_in (r0,r1,r2)"),
    "enqueue_or_fail": relation("enqueue_or_fail rcvdsyn arch rttab ifds outsegs oq cb0 cb_in (r0,r1)"),
    "enqueue_or_fail_sock": relation(
        "enqueue_or_fail_sock rcvdsyn arch rttab ifds outsegs oq sock0 sock (r0,r1)",
        sock=TCP_SOCKETS,
        sock0=TCP_SOCKETS,
    ),
    "enqueue_and_ignore_fail": relation("enqueue_and_ignore_fail arch rttab ifds outsegs oq r"),
    "enqueue_each_and_ignore_fail": relation("enqueue_each_and_ignore_fail arch rttab ifds segs oq r"),
    "tcp_reass": relation("r IN tcp_reass seq rsegq", seq=a.FOREIGN, rsegq=a.REASSEMBLY),
    "tcp_reass_prune": value("tcp_reass_prune seq rsegq", seq=a.FOREIGN, rsegq=a.REASSEMBLY),
    "dropwithreset": relation("dropwithreset seg ifds0 ticks reason bndlm r0 r1", ticks=a.STAMP),
    "dropwithreset_ignore_fail": relation(
        "dropwithreset_ignore_fail seg_in arch ifds rttab ticks reason b r0 r1", ticks=a.STAMP
    ),
    "make_syn_segment": relation("make_syn_segment cb quad ts_val r", quad=QUAD, ts_val=a.STAMP),
    "make_syn_ack_segment": relation("make_syn_ack_segment cb quad ts_val_ r", quad=QUAD, ts_val_=a.STAMP),
    "make_ack_segment": relation("make_ack_segment cb FIN quad ts_val_ r", quad=QUAD, ts_val_=a.STAMP),
    "bsd_make_phantom_segment": relation(
        "bsd_make_phantom_segment cb quad ts_val_ cantsndmore r", quad=QUAD, ts_val_=a.STAMP
    ),
    "make_rst_segment_from_cb": relation("make_rst_segment_from_cb cb quad r", quad=QUAD),
    "make_rst_segment_from_seg": relation("make_rst_segment_from_seg seg r"),
    "dosend": relation("dosend (ifds,rttab,addr_data,quad,oq,r0,r1)", quad=QUADS),
    "update_idle": value("update_idle tcp_sock"),
    "next_smaller": value("next_smaller xs y", xs=st.frozensets(st.integers(0, 9), max_size=4), y=a.SMALL),
    "match_score": value("match_score quad seg_quad"),
    "bandlim_rst_ok_simple": value("bandlim_rst_ok_simple (seg,ticks,reason,bndlm)", ticks=a.STAMP),
    "bandlim_rst_ok_always": value("bandlim_rst_ok_always (seg,ticks,reason,bndlm)", ticks=a.STAMP),
    # monads
    "mlift_tcp_output_perhaps_or_fail": monad(
        "mlift_tcp_output_perhaps_or_fail ts_val arch rttab ifds0", ts_val=a.STAMP, sock=TCP_SOCKETS
    ),
    "mlift_dropafterack_or_fail": monad(
        "mlift_dropafterack_or_fail seg arch rttab ifds ticks", ticks=a.STAMP, sock=TCP_SOCKETS
    ),
    "di3_topstuff": monad("di3_topstuff seg arch rttab ifds ticks", ticks=a.STAMP, sock=TCP_SOCKETS),
    "di3_ackstuff": monad(
        "di3_ackstuff tcp_sock_0 seg ourfinisacked arch rttab ifds ticks", ticks=a.STAMP, sock=TCP_SOCKETS
    ),
    "di3_newackstuff": monad(
        "di3_newackstuff tcp_sock_0 seg ourfinisacked arch rttab ifds ticks", ticks=a.STAMP, sock=TCP_SOCKETS
    ),
    "di3_ststuff": monad("di3_ststuff FIN_reass ourfinisacked ack", ack=a.LOCAL, sock=TCP_SOCKETS),
    "di3_datastuff": Shape(
        "relation",
        "di3_datastuff (\\FIN_reass. di3_ststuff FIN_reass F ack) tcp_sock_0 seg ourfinisacked arch "
        "(sock,bndlm) ((r0,r1,r2),r3)",
        {"ack": a.LOCAL, "sock": TCP_SOCKETS},
        {"sock": Socket, "bndlm": BandlimState, "ack": None},
        _after_data,
    ),
    "di3_datastuff_really": Shape(
        "relation",
        "di3_datastuff_really (\\FIN_reass. di3_ststuff FIN_reass F ack) tcp_sock_0 seg bsd_fast_path arch "
        "(sock,bndlm) ((r0,r1,r2),r3)",
        {"ack": a.LOCAL, "sock": TCP_SOCKETS},
        {"sock": Socket, "bndlm": BandlimState, "ack": None},
        _after_data,
    ),
    "di3_socks_update": relation(
        "di3_socks_update sid socks r", socks=a.CONNECTIONS, sid=st.sampled_from((SID(0), SID(2)))
    ),
}


def _minus(s: Seq32, t: Any) -> Any:
    return s - t


OPERATORS: Final[dict[str, tuple[Callable[..., Any], Shape]]] = {
    "seq32_plus": (lambda s, m: s + m, value("seq32_plus s m", s=a.LOCAL, m=a.NUMS)),
    "seq32_plus'": (lambda s, m: s + m, value("seq32_plus' s m", s=a.LOCAL, m=SIGNED)),
    "seq32_minus": (_minus, value("seq32_minus s t", s=a.LOCAL, t=a.NUMS)),
    "seq32_minus'": (_minus, value("seq32_minus' s t", s=a.LOCAL, t=SIGNED)),
    "seq32_lt": (lambda s, t: s < t, value("seq32_lt s t", s=a.LOCAL, t=a.LOCAL)),
    "seq32_leq": (lambda s, t: s <= t, value("seq32_leq s t", s=a.LOCAL, t=a.LOCAL)),
    "seq32_gt": (lambda s, t: s > t, value("seq32_gt s t", s=a.LOCAL, t=a.LOCAL)),
    "seq32_geq": (lambda s, t: s >= t, value("seq32_geq s t", s=a.LOCAL, t=a.LOCAL)),
    "left_shift_num": (lambda n, i: n << i, value("left_shift_num n i", n=a.NUMS, i=a.SMALL)),
    "right_shift_num": (lambda n, i: n >> i, value("right_shift_num n i", n=a.NUMS, i=a.SMALL)),
    "notinlist": (lambda x, xs: x not in xs, value("notinlist x xs", x=a.SMALL, xs=FEW_NUMS)),
    "File": (File, value("File (ft,ff)", ft=a.of(FileType), ff=a.of(FileFlags))),
}
"""Definitions that are an operator of Python, or a class, in the specification."""

LEFT_OUT: Final = {
    **dict.fromkeys(
        (
            *("andThen", "cont", "stop", "assert", "assert_failure", "chooseM", "get_sock", "get_tcp_sock", "get_cb"),
            *("modify_sock", "modify_tcp_sock", "modify_cb", "emit_segs", "emit_segs_pred", "mliftc", "mliftc_bndlm"),
        ),
        "an operation of the monad: compared in the definitions that are written in it, di3_topstuff and the like",
    ),
    "fmap_every_pred": "compared in Time_Pass_host",
    "is_urgent": "a category of the text is no value of the specification",
    "seq32_coerce": "which side the result has is what HOL's types say",
    "tcp_seq_local_to_foreign": "which side the result has is what HOL's types say",
    "tcp_seq_foreign_to_local": "which side the result has is what HOL's types say",
    "time_pass_additive": "a property, no function",
    "time_pass_trajectory": "a property, no function",
    **dict.fromkeys(("SPLIT_REV_0", "SPLIT_REV", "TAKEWHILE_REV"), "compared in SPLIT and TAKEWHILE"),
    **dict.fromkeys(("onlywhen", "NOTIN'", "<==", "opttorel"), "a notation"),
}
"""Definitions that are not compared by themselves, and why."""
