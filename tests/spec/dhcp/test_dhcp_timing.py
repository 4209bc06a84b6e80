"""When a client sends, and its ARP: for each requirement what meets it, and what does not."""

import pytest
from dhcp_support import ADDRESS, ADDRESSES, EVERYONE, MAC, OTHER, OTHER_MAC, RFC, renewal, seconds, see

from netspec.dhcp import arp, timing
from netspec.dhcp.message.types import Kind
from netspec.dhcp.requirement import Level
from netspec.dhcp.requirements import REQUIREMENTS

D, OF, R, A = Kind.discover, Kind.offer, Kind.request, Kind.ack
SECOND = seconds(1)
LONG = [see(D), see(OF), see(R), see(A)]
TIMED = [see(D), see(OF), see(R), see(A, {58: (1000).to_bytes(4), 59: (2000).to_bytes(4)}, at=seconds(5))]


def discovers(*times):
    return [see(D, at=seconds(time)) for time in times]


def rebind(at):
    return renewal(at=seconds(at), destination=EVERYONE)


def renew(*times):
    return [renewal(at=seconds(time)) for time in times]


DECLINE = see(Kind.decline)

TIMES = [
    (27, discovers(0, 4, 12, 28, 60, 124), discovers(0, 4, 8, 12, 16, 20)),
    (28, discovers(0, 3), discovers(0, 1.5)),
    (41, [*LONG[:3], see(R, at=seconds(4)), see(D, at=seconds(12))], [*LONG[:3], see(D, at=seconds(4))]),
    (53, [*TIMED, *renew(1000), rebind(2000)], [*TIMED, *renew(1000), rebind(1500)]),
    (55, [*TIMED, *renew(1000, 1600)], [*TIMED, *renew(1000, 2200)]),
    (57, [*LONG, *renew(1800), rebind(3599)], [*LONG, *renew(1800), rebind(3700)]),
    (58, [*LONG, *renew(1800)], [*LONG, *renew(2000)]),
    (58, [*TIMED, *renew(1000)], [*TIMED, *renew(1200)]),
    (59, [*TIMED, rebind(3600)], [*TIMED, rebind(3604)]),
    (60, [*LONG, *renew(1800, 2300)], [*LONG, *renew(1800, 2200)]),
    (60, [*LONG, *renew(3050, 3110)], [*LONG, *renew(3050, 3054)]),
    (60, [*LONG, rebind(3200), rebind(3260)], [*LONG, rebind(3200), rebind(3204)]),
    (69, [DECLINE, *discovers(10)], [DECLINE, *discovers(5)]),
    (126, [DECLINE] * 10 + discovers(60), [DECLINE] * 10 + discovers(10)),
]


def timed(labels, tolerance=SECOND):
    state, found = timing.Timing(), []
    for label in labels:
        if label.reply:
            state = timing.heard(state, label)
        else:
            state, more = timing.sent(state, label, RFC.bounds, tolerance)
            found += more
    return found


def wrong(labels, tolerance=SECOND):
    return [finding for finding in timed(labels, tolerance) if not finding.holds]


@pytest.mark.parametrize("number, meets, breaks", TIMES, ids=[str(case[0]) for case in TIMES])
def test_times_meet_or_break_the_requirement(number, meets, breaks):
    assert number in {one.requirement for one in timed(meets)}
    assert number not in {one.requirement for one in wrong(meets)}
    broken = [one for one in wrong(breaks) if one.requirement == number]
    assert broken
    assert not any(one.violates(RFC) for one in broken)


def test_a_frame_recorded_twice_is_no_retransmission():
    assert wrong(discovers(0, 0.9)) == []


def test_a_renewal_before_t1_is_allowed():
    assert 58 not in {one.requirement for one in wrong([*LONG, *renew(100)])}


def test_rebinding_begins_at_t2_whenever_the_last_renewal_was():
    assert 60 not in {one.requirement for one in timed([*LONG, *renew(3140), rebind(3150)])}


def test_within_the_tolerance_nothing_is_found():
    assert wrong(discovers(0, 1.5), 4 * SECOND) == []


def test_nine_conflicts_slow_nobody_down():
    assert 126 not in {one.requirement for one in timed([DECLINE] * 9 + discovers(10))}


def frame(operation=1, sender=0, target=ADDRESS, mac=MAC, **changed):
    values = {"source_mac": mac, "destination_mac": b"\xff" * 6, "sender_mac": mac, "target_mac": bytes(6)}
    values |= {"time": 0, "operation": operation, "sender": sender, "target": target}
    return arp.ArpSight(**(values | changed))


PROBE = frame()
ANNOUNCE = frame(sender=ADDRESS)
CLAIM = frame(2, ADDRESS, OTHER, OTHER_MAC)

FRAMES = [
    (122, PROBE, frame(target_mac=OTHER_MAC), False),
    (122, PROBE, frame(destination_mac=OTHER_MAC), False),
    (124, ANNOUNCE, frame(2, ADDRESS), False),
    (128, PROBE, frame(0), True),
    (128, PROBE, frame(65535), True),
    (129, PROBE, frame(sender_mac=OTHER_MAC), False),
]


@pytest.mark.parametrize("number, meets, breaks, certain", FRAMES, ids=[str(case[0]) for case in FRAMES])
def test_an_arp_frame_meets_or_breaks_the_requirement(number, meets, breaks, certain):
    found = {one.requirement: one for one in arp.frame(breaks) if not one.holds}
    assert number in found and found[number].violates(RFC) == certain
    assert all(one.holds for one in arp.frame(meets))
    assert number in {one.requirement for one in arp.frame(meets)}


def lived(steps):
    """A client with an address: ARP frames of its own and of others, in order."""
    state, found = arp.configured(arp.Arp(), see(A)), []
    for step in steps:
        if step.sender_mac == MAC:
            state, more = arp.sent(state, step, SECOND)
            found += more
        else:
            state = arp.claimed(state, step)
    return found


USE = frame(sender=ADDRESS, target=OTHER)
DEFENCE = [ANNOUNCE._replace(time=seconds(n)) for n in (0, 1, 5, 30)]
ATTACK = [CLAIM._replace(time=seconds(n)) for n in (1, 4, 29)]
LIVES = [
    (67, [PROBE, ANNOUNCE], [ANNOUNCE]),
    (70, [PROBE, ANNOUNCE], [PROBE, USE]),
    (68, [PROBE, ANNOUNCE], [PROBE, CLAIM, ANNOUNCE]),
    (123, [PROBE, ANNOUNCE, CLAIM], [PROBE, PROBE._replace(source_mac=OTHER_MAC, sender_mac=OTHER_MAC), ANNOUNCE]),
    (122, [PROBE, ANNOUNCE], [frame(sender=OTHER)]),
    (125, [PROBE, DEFENCE[0], ATTACK[0], DEFENCE[1], ATTACK[2], DEFENCE[3]],
          [PROBE, DEFENCE[0], ATTACK[0], DEFENCE[1], ATTACK[1], DEFENCE[2]]),
]  # fmt: skip


@pytest.mark.parametrize("number, meets, breaks", LIVES, ids=[str(case[0]) for case in LIVES])
def test_arp_around_a_lease_meets_or_breaks_the_requirement(number, meets, breaks):
    assert {one.holds for one in lived(meets) if one.requirement == number} == {True}
    assert False in {one.holds for one in lived(breaks) if one.requirement == number}


OTHERS = [
    (39, (see(D), None, None), (see(D), b"\x01" + OTHER_MAC, None)),
    (91, (see(OF), None, True), (see(OF), None, False)),
    (91, (see(OF), None, True, MAC), (see(OF), None, True, OTHER_MAC)),
]


@pytest.mark.parametrize("number, meets, breaks", OTHERS)
def test_what_needs_a_look_at_others_meets_or_breaks_the_requirement(number, meets, breaks):
    assert {(one.requirement, one.holds) for one in arp.subnet(*meets)} == {(number, True)}
    (found,) = (one for one in arp.subnet(*breaks) if not one.holds)
    assert found.requirement == number and not found.violates(RFC)


def test_the_numbers_are_those_of_the_checklist_the_relays_and_the_rest():
    assert list(REQUIREMENTS) == list(range(1, 156))
    assert {one.level for one in REQUIREMENTS.values()} == set(Level)
    assert ADDRESSES[ADDRESS] == ADDRESS.to_bytes(4)
