"""Captures that ship: verdicts, the frame and requirement of each violation, certificates, mutants."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from netoracle.dhcp.certificate import NoCertificate, certificate, from_text, to_text
from netoracle.dhcp.check import MOST_PARTIES, check_dhcp, check_frames
from netoracle.dhcp.coverage import coverage, main, summary, table
from netoracle.dhcp.json_report import to_object
from netoracle.dhcp.mutants import mutants
from netoracle.dhcp.replay import Refused, replay
from netoracle.report.dhcp_view import view
from netoracle.scenario import UsageError
from netoracle.search.search import Verdict
from netoracle.trace.capture.frames import read_frames

TRACES = Path(__file__).resolve().parents[2] / "traces" / "dhcp"
BROKEN = {
    "dhcpd-scapy-broken-use-before-ack": (3, "client", 66),
    "fake-udhcpc+dhclient-broken-same-address-two-clients": (8, "server", 93),
    "dnsmasq-charrua-broken-siaddr": (6, "client", 36),
    "kea-charrua-broken-server-identifier": (3, "client", 32),
    "charrua-charrua-broken-sixhours": (3, "client", 36),
    "charrua-dhclient-broken-infinite": (2, "server", 90),
    "kea-mixed-broken-nak-unicast": (18, "server", 85),
    "dnsmasq-networkmanager-broken-ciaddr": (18, "client", 19),
    "coredhcp+networkd-mixed-broken-not-selected": (4, "server", 97),
}
CONFORMING = sorted(path.name for path in TRACES.iterdir() if path.is_dir() and path.name not in BROKEN)
DORA = TRACES / "dhcpd-dhclient-dora" / "capture.pcap"


def judged(name, vantage="path"):
    (report,) = check_dhcp(TRACES / name / "capture.pcap", vantage=vantage)
    return report


@pytest.mark.parametrize("name", CONFORMING)
def test_what_real_software_did_conforms_and_its_certificate_is_confirmed(name):
    report = judged(name)
    assert report.verdict is Verdict.conforms, report.violations
    whole = from_text(to_text(certificate(report)))
    sent = sum(party.messages for party in report.parties)
    assert replay(whole, read_frames(TRACES / name / "capture.pcap")) == sent > 0


@pytest.mark.parametrize("name", CONFORMING)
def test_a_capture_that_begins_later_conforms_too(name):
    frames = list(read_frames(TRACES / name / "capture.pcap"))
    for first in range(1, min(len(frames), 40)):
        assert check_frames(frames[first:]).verdict is not Verdict.violates, first


@pytest.mark.parametrize("name", BROKEN)
def test_a_scripted_violation_is_found_where_it_is(name):
    frame, role, requirement = BROKEN[name]
    violation = judged(name).violations[0]
    assert (violation.frame, violation.party.role, violation.requirements) == (frame, role, (requirement,))


@pytest.mark.parametrize("vantage", ["path", "interface"])
@pytest.mark.parametrize(
    ("name", "profile", "role", "deviations"),
    [
        ("dnsmasq-charrua-broken-siaddr", "charrua-3.2.0", "client", {36, 38, 111}),
        ("kea-charrua-broken-server-identifier", "charrua-3.2.0", "client", {32, 38, 111}),
        ("charrua-charrua-broken-sixhours", "charrua-3.2.0", "client", {36, 38, 67, 111}),
        ("charrua-dhclient-broken-infinite", "charrua-server", "server", {89, 90}),
        ("charrua-mixed-exhausted", "charrua-server", "server", {82, 92}),
    ],
)
def test_an_implementation_conforms_under_its_profile_and_its_deviations_show(name, profile, role, deviations, vantage):
    (report,) = check_dhcp(TRACES / name / "capture.pcap", profile, vantage=vantage)
    (party, *_) = [one for one in report.parties if one.party.role == role]
    assert party.verdict is Verdict.conforms
    assert deviations <= {one.requirement for one in party.deviations} <= {*deviations, 25, 91, 139}


def test_a_server_beside_the_recorder_proves_nothing_about_another_one():
    """The recorder stands at the port of one of two servers: what the other one offers does not pass it."""
    name = "dhcpd+kea-mixed-beside-one"
    assert judged(name).verdict is Verdict.conforms
    deviations = {(one.frame, one.requirement) for party in judged(name).parties for one in party.deviations}
    assert (6, 32) in deviations
    (complete,) = check_dhcp(TRACES / name / "capture.pcap", vantage="interface", complete=True)
    assert (6, (32,)) in {(one.frame, one.requirements) for one in complete.violations}


@pytest.mark.parametrize("vantage", ["path", "interface"])
@pytest.mark.parametrize(
    ("name", "role", "broken"),
    [
        ("dnsmasq-networkmanager-broken-ciaddr", "client", {(18, 19), (20, 34)}),
        ("coredhcp+networkd-mixed-broken-not-selected", "server", {(n, 97) for n in (4, 10, 14, 18, 28)}),
    ],
)
def test_what_one_party_breaks_is_not_held_against_its_peers(name, role, broken, vantage):
    """A server may answer such a REQUEST, and a client goes on with the server that it chose."""
    report = judged(name, vantage)
    found = {(one.party.role, one.frame, number) for one in report.violations for number in one.requirements}
    assert found == {(role, frame, number) for frame, number in broken}


def test_a_release_without_the_identifier_of_its_lease_is_forbidden_where_nothing_is_missing():
    (violation,) = judged("dnsmasq-connman-release", "interface").violations
    assert (violation.frame, violation.party.role, violation.requirements) == (7, "client", (38,))


def test_a_relay_whose_other_side_does_not_show_is_not_compared_with_what_was_routed():
    report = judged("kea-mixed-relay-server-side", "interface")
    (relay,) = [party for party in report.parties if party.party.role == "relay"]
    assert relay.verdict is Verdict.conforms
    assert (15, 130) in {(one.frame, one.requirement) for one in relay.deviations}


def test_a_capture_of_a_path_is_not_complete():
    with pytest.raises(UsageError, match="--complete"):
        check_dhcp(DORA, complete=True)


def test_a_certificate_with_a_step_less_or_a_changed_choice_is_refused():
    whole = certificate(judged("dhcpd-dhclient-dora"))
    for at in range(len(whole.steps)):
        if whole.steps[at].sent:
            less = replace(whole, steps=whole.steps[:at] + whole.steps[at + 1 :])
            with pytest.raises(Refused):
                replay(less, read_frames(DORA))
    other = replace(whole.steps[-1], choices=(("made up", True),))
    with pytest.raises(Refused):
        replay(replace(whole, steps=(*whole.steps[:-1], other)), read_frames(DORA))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "other", "profile": "x", "parties": []}'])
def test_what_is_no_certificate_is_said_to_be_none(text):
    with pytest.raises(NoCertificate, match="line 1"):
        from_text(text)


def test_a_report_says_how_each_requirement_fared():
    report = to_object(judged("dhcpd-dhclient-dora"))
    server = next(party for party in report["parties"] if party["role"] == "server")
    asked = {one["number"]: one for one in server["requirements"]}
    assert asked[76]["status"] == "satisfied" and asked[76]["satisfied_frames"] == [2, 4]
    assert asked[86]["status"] == "not exercised"


def test_a_relay_is_judged_on_what_it_passes_on():
    report = judged("dhcpd-udhcpc-relay")
    relay = next(party for party in report.parties if party.party.role == "relay")
    assert relay.verdict is Verdict.conforms and relay.messages > 0 and report.notes == []


def test_a_report_lists_every_requirement_and_says_which_cannot_show():
    (party, *_) = to_object(judged("dhcpd-dhclient-dora"))["parties"]
    status = {one["number"]: one["status"] for one in party["requirements"]}
    assert set(range(1, 130)) <= set(status)
    assert (status[18], status[1], status[116]) == ("not observable", "satisfied", "not exercised")


def test_coverage_has_no_gap_and_a_row_for_each():
    assert not [one.requirement.number for one in coverage() if one.missing]
    assert table().count("\n") == len(coverage()) + 1


def test_the_documentation_has_the_coverage_as_it_is():
    page = (TRACES.parents[1] / "docs" / "dhcp.md").read_text()
    assert table() in page and summary() in page


def test_a_page_without_a_place_for_the_table_is_an_error(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("nothing")
    assert main([str(page)]) == main([str(tmp_path / "none")]) == main([]) == 2
    assert page.read_text() == "nothing"


def test_mutants_are_drawn_from_their_seed():
    frames = list(read_frames(DORA))
    once, again = (list(mutants(frames, 5, 40)) for _ in range(2))
    assert once == again
    assert len(once) == 40
    assert len(Counter(mutant.kind for mutant in once)) > 5


def test_a_checksum_that_is_computed_anew_makes_no_mutant():
    """The frames say nothing of UDP checksums, so that any frame that was put together anew differs from its own."""
    frames = [replace(one, data=one.data[:40] + b"\0\0" + one.data[42:]) for one in read_frames(DORA)]
    for mutant in mutants(frames, 3, 400):
        if mutant.kind not in ("message dropped", "message duplicated", "message delayed"):
            before, after = (one[mutant.frame - 1].data for one in (frames, mutant.frames))
            assert before[:24] + before[26:40] + before[42:] != after[:24] + after[26:40] + after[42:], mutant.what


def test_an_undetected_mutant_has_a_certificate_that_allows_it():
    frames = list(read_frames(DORA))
    verdicts = Counter()
    for mutant in mutants(frames, 1, 60):
        report = check_frames(mutant.frames, vantage="interface")
        verdicts[report.verdict] += 1
        if report.verdict is Verdict.conforms:
            assert replay(certificate(report), mutant.frames) > 0
    assert verdicts[Verdict.violates] > 20


def test_no_frame_makes_it_stumble():
    frames = list(read_frames(DORA))
    for frame in frames:
        for length in range(0, len(frame.data), 3):
            check_frames([replace(frame, data=frame.data[:length])])


@pytest.mark.parametrize("asked", [{"profile": "made up"}, {"vantage": "moon"}])
def test_a_profile_or_vantage_that_is_not_known_is_an_error(asked):
    with pytest.raises(UsageError, match=r"made up|moon"):
        check_dhcp(DORA, **asked)


def test_many_clients_take_bounded_memory_and_are_counted():
    discover = next(iter(read_frames(DORA)))

    def crowd():
        for n in range(MOST_PARTIES + 100):
            data = bytearray(discover.data)
            data[42 + 4 : 42 + 8] = n.to_bytes(4)
            data[42 + 28 : 42 + 34] = data[6:12] = (0x020000000000 + n).to_bytes(6)
            data[40:42] = b"\0\0"
            yield replace(discover, number=n + 1, time=discover.time + n, data=bytes(data))

    report = check_frames(crowd())
    assert len(report.parties) == MOST_PARTIES
    assert report.notes == ["100 parties more: conforms"]
    assert report.verdict is Verdict.conforms


def test_deviations_of_one_kind_are_one_line():
    remarks = view(judged("dhcpd-dhclient-decline")).remarks
    kinds = [line for line in remarks if "deviates" in line]
    assert len(kinds) == len(set(kinds)) and sum("requirement 25" in line for line in kinds) == 1
    assert any(line.startswith("frames 1, 3, 8, 10, 16 and 1 more: client") for line in kinds)
