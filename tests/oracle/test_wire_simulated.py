"""Correct hosts conform: at their own interface, and at the other end of the path."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from simulated_host import Host
from simulated_sender import MS, A, B, Config
from wire_simulator import Medium, Simulation

from netoracle.search.search import Verdict
from netoracle.wire.check import CaptureCheck
from netspec.wire.profile import Vantage
from netspec.wire.profiles import RFC9293

SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

numbers = st.sampled_from([0, 1, 2**31 - 500, 2**32 - 1, 2**32 - 700, 2**32 - 5000]) | st.integers(0, 2**32 - 1)
configs = st.builds(
    Config,
    iss=numbers,
    mss=st.sampled_from([100, 536, 1000, 1460]),
    scale=st.sampled_from([None, 0, 2, 7]),
    sack=st.booleans(),
    stamps=st.booleans(),
    ooo=st.booleans(),
    delayed=st.booleans(),
    buffer=st.sampled_from([300, 2000, 8000, 60_000, 200_000]),
    keep=st.booleans(),
    sparing=st.booleans(),
    wary=st.booleans(),
    eager=st.booleans(),
    relistening=st.booleans(),
)
media = st.builds(
    Medium,
    loss=st.sampled_from([0, 0, 20, 150, 400]),
    twice=st.sampled_from([0, 0, 50]),
    late=st.sampled_from([0, 0, 100, 300]),
    delay=st.sampled_from([1 * MS, 20 * MS, 300 * MS]),
    lag=st.sampled_from([0, 0, 5 * MS, 60 * MS]),
)
calls = st.lists(
    st.tuples(
        st.integers(0, 8000),
        st.booleans(),
        st.sampled_from(["write"] * 6 + ["read"] * 4 + ["close"] * 2 + ["abort", "probe"]),
        st.integers(1, 6000),
    ),
    min_size=1,
    max_size=25,
)


def simulate(seed, a, b, medium, script, crossing=False) -> Simulation:
    """Run a script of calls, then read all, close both, and let time pass."""
    sim = Simulation(seed, a, b, medium)
    start = sim.now
    sim.at(start, sim.a.connect)
    if crossing:
        sim.at(start + MS // 2, sim.b.connect)
    fill = sim.random.randbytes(6000)
    for after, first, name, size in script:
        sim.at(start + after * MS, lambda h=sim.a if first else sim.b, n=name, s=size: call(h, n, s, fill))
    end = start + 8100 * MS
    for step in range(40):
        for host in (sim.a, sim.b):
            sim.at(end + step * 1000 * MS, lambda h=host: h.read(10**6))
    for host in (sim.a, sim.b):
        sim.at(end, host.close)
    sim.run(start + 120_000 * MS)
    return sim


def call(host: Host, name: str, size: int, fill: bytes) -> None:
    match name:
        case "write":
            host.write(fill[:size])
        case "read":
            host.read(size)
        case "close":
            host.close()
        case "abort":
            host.abort()
        case _:
            host.probe()


def reports(sim: Simulation, place, host, vantage):
    check = CaptureCheck("simulated", RFC9293, vantage, frozenset({host[0]}))
    for one in sim.seen[place]:
        check.judge(one)
    check.now = max(check.now, sim.now)
    return check.finish()


def conforms(sim: Simulation, place, host, vantage) -> None:
    for report in reports(sim, place, host, vantage):
        assert report.verdict is Verdict.conforms, (report.reason, report.findings, shown(sim, place, report))


def shown(sim: Simulation, place, report) -> str:
    """The last frames before the finding."""
    frame = next((f.violation.frame for f in report.findings), None) or 10**9
    return "".join(
        f"\n{p.event.frame} {p.event.time / 1e9:.3f} {'A' if p.source == A else 'B'} {p.event.seg}"[:260]
        for p in sim.seen[place]
        if frame - 25 <= p.event.frame <= frame
    )


@SETTINGS
@given(st.integers(0, 2**16), configs, configs, media, calls, st.booleans())
def test_correct_hosts_conform(seed, a, b, medium, script, crossing):
    sim = simulate(seed, a, b, medium, script, crossing)
    for host, other in ((A, B), (B, A)):
        conforms(sim, host, host, Vantage.interface)
        conforms(sim, other, host, Vantage.path)


@SETTINGS
@given(st.integers(0, 2**16), configs, configs, media, st.sampled_from([30, 200, 700]), calls, st.booleans())
def test_so_do_those_that_strangers_disturb(seed, a, b, medium, odd, script, crossing):
    """What only the interface of its receiver saw says nothing of who is said to have sent it."""
    sim = simulate(seed, a, b, replace(medium, odd=odd), script, crossing)
    for host in (A, B):
        conforms(sim, host, host, Vantage.interface)


def test_the_simulation_is_rich():
    """Over some seeds the recordings have what makes TCP hard."""
    seen: set[str] = set()
    for seed in range(40):
        a = Config(iss=2**32 - 700, mss=536, scale=2, sack=seed % 2 == 0, stamps=seed % 3 == 0, buffer=2000, keep=True)
        b = Config(iss=5, mss=1000, scale=7, sack=True, stamps=True, buffer=3000)
        script = [(n * 130, True, "write", 3000) for n in range(10)] + [(900, False, "write", 4000)]
        script += [(7000, False, "abort", 1)] if seed % 4 == 3 else []
        sim = simulate(seed, a, b, Medium(60, 30, 100, 20 * MS, MS), script, seed % 5 == 4)
        highest: dict[object, int] = {}
        for one in sim.seen[A]:
            seg = one.event.seg
            if seg.length and seg.seq < (highest.get(one.source, 0)) < 2**31:
                seen.add("repeated")
            highest[one.source] = max(highest.get(one.source, 0), seg.seq)
            seen |= {name for bit, name in ((1, "FIN"), (2, "SYN"), (4, "RST")) if seg.flags & bit}
            seen |= {"zero window"} if seg.win == 0 and not seg.flags & 4 else set()
            seen |= {"SACK"} if seg.options.sack else set()
            seen |= {"timestamps"} if seg.options.ts else set()
            seen |= {"wrapped"} if one.source == A and seg.seq < 2**31 else set()
        ended = {sim.a.state, sim.b.state}
        seen |= {"ended well"} if ended & {"TIME-WAIT"} else set()
    assert seen >= {"repeated", "FIN", "SYN", "RST", "zero window", "SACK", "timestamps", "wrapped", "ended well"}, seen
