"""The commands on captures of DHCP: what they print and write, certificates, hosts, exit statuses."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from netoracle.cli import app
from netoracle.dhcp.certificate import from_text, to_text
from netoracle.trace.capture.frames import Frame, read_frames

TRACES = Path(__file__).resolve().parents[2] / "traces"
DORA = TRACES / "dhcp" / "dhcpd-dhclient-dora" / "capture.pcap"
BROKEN = TRACES / "dhcp" / "dhcpd-scapy-broken-use-before-ack" / "capture.pcap"
RELAYED = TRACES / "dhcp" / "dhcpd-udhcpc-relay" / "capture.pcap"
TCP = TRACES / "utcp-captures" / "simultaneous-close" / "capture.pcap"
CLIENT, SERVER, GIVEN = "02:c1:00:0d:02:01", "10.77.0.1", "10.77.0.100"


def run(*arguments: object):
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)


def written(path: Path, frames: list[Frame]) -> Path:
    """A pcap file of raw IP, in the order of time."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 101))
        for frame in sorted(frames, key=lambda one: one.time):
            data = frame.data[14:] if frame.linktype == 1 else frame.data
            file.write(struct.pack("<IIII", *divmod(frame.time, 10**9), len(data), len(data)) + data)
    return path


@pytest.fixture
def certified(tmp_path):
    path = tmp_path / "run.json"
    assert run("check", DORA, "--certificate", path).exit_code == 0
    return path


def test_a_certificate_of_a_capture_of_dhcp_is_written_and_holds(certified):
    done = run("verify", certified, DORA)
    assert done.exit_code == 0 and "holds: 4 messages of 2 parties of DHCP are explained" in done.stdout
    refused = run("verify", certified, RELAYED)
    assert refused.exit_code == 1 and "refused" in refused.stdout


@pytest.mark.parametrize("vantage", ["path", "interface", "host"])
def test_a_certificate_is_replayed_as_at_the_vantage_of_the_check(tmp_path, vantage):
    path = tmp_path / "run.json"
    assert run("check", RELAYED, "--vantage", vantage, "--certificate", path).exit_code == 0
    assert from_text(path.read_text()).vantage == vantage
    assert run("verify", path, RELAYED).exit_code == 0


def test_no_character_of_a_certificate_can_be_changed(certified):
    text = certified.read_text()
    for at in range(0, len(text) - 1, 17):
        certified.write_text(text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :])
        assert run("verify", certified, DORA).exit_code in (1, 2), at


def test_no_line_of_a_certificate_can_be_left_out_doubled_or_moved(certified):
    lines = certified.read_text().splitlines(keepends=True)
    for at in range(1, len(lines)):
        for other in (lines[:at] + lines[at + 1 :], [*lines[:at], lines[at], *lines[at:]], [*lines, lines[at]]):
            certified.write_text("".join(other))
            assert run("verify", certified, DORA).exit_code in (1, 2), at


def test_what_a_certificate_with_a_right_digest_claims_is_tested(certified):
    """Each change makes a claim that the capture does not bear out; the digest is made to fit."""
    whole = from_text(certified.read_text())

    def without(role):
        kept = tuple(step for step in whole.steps if step.role != role)
        return replace(whole, steps=kept, parties=tuple(one for one in whole.parties if one[0] != role))

    changes = [
        *(replace(whole, steps=whole.steps[:n] + whole.steps[n + 1 :]) for n, s in enumerate(whole.steps) if s.sent),
        *(
            replace(whole, steps=(*whole.steps[:n], replace(step, **{name: value}), *whole.steps[n + 1 :]))
            for n, step in enumerate(whole.steps)
            for name, value in (
                ("frame", step.frame + 7),
                ("rule", "made_up"),
                ("party", "10.9.9.9"),
                ("role", "relay"),
            )
        ),
        replace(whole, parties=(*whole.parties, ("client", "02:00:00:00:00:09"))),
        without("server"),
        without("client"),
    ]
    for changed in changes:
        certified.write_text(to_text(changed))
        done = run("verify", certified, DORA)
        assert done.exit_code == 1 and "refused" in done.stdout, changed


def test_a_certificate_cannot_claim_that_a_message_is_right_that_is_not(tmp_path, certified):
    """A DISCOVER with yiaddr: the rules of transitions allow it, the rules on a message alone do not."""
    frames = list(read_frames(DORA))
    data = bytearray(frames[0].data)
    data[42 + 16 : 42 + 20], data[40:42] = b"\1\2\3\4", b"\0\0"
    first = Frame(1, frames[0].time, 1, bytes(data), len(data))
    done = run("verify", certified, written(tmp_path / "other.pcap", [first, *frames[1:]]))
    assert done.exit_code == 1 and "requirement 23" in done.stdout


@pytest.mark.parametrize(
    "text",
    ["", "[" * 100_000, '{"format": "netoracle-dhcp-certificate-2"}', '{"format": "netoracle-dhcp-certificate-2", '],
)
def test_what_is_no_certificate_is_one_line(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    done = run("verify", path, DORA)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1 and str(path) in done.stderr


def test_tcp_and_dhcp_in_one_capture_have_one_certificate(tmp_path):
    both, path = written(tmp_path / "both.pcap", [*read_frames(DORA), *read_frames(TCP)]), tmp_path / "run.json"
    assert run("check", both, "--certificate", path).exit_code == 0
    done = run("verify", path, both)
    assert done.exit_code == 0 and "7 segments of 2 connections and 4 messages of 2 parties" in done.stdout
    assert run("verify", path, written(tmp_path / "tcp.pcap", list(read_frames(TCP)))).exit_code == 1


def test_a_capture_that_violates_has_no_certificate(tmp_path):
    done = run("check", BROKEN, "--certificate", tmp_path / "run.json")
    assert done.exit_code == 1 and "no certificate" in done.stderr and not (tmp_path / "run.json").exists()


@pytest.mark.parametrize(
    ("host", "party"),
    [
        (CLIENT, "client"),
        (CLIENT.upper(), "client"),
        (CLIENT.replace(":", "-"), "client"),
        (GIVEN, "client"),
        (SERVER, "server"),
    ],
)
def test_a_host_is_named_by_its_mac_address_or_an_address_that_it_has(tmp_path, host, party):
    path, certificate = tmp_path / "report.json", tmp_path / "run.json"
    done = run("check", DORA, "--host", host, "--json", path, "--certificate", certificate)
    report = json.loads(path.read_text())
    assert done.exit_code == 0 and [one["role"] for one in report["parties"]] == [party] and report["host"] == host
    assert run("verify", certificate, DORA).exit_code == 0


@pytest.mark.parametrize("command", ["check", "explain"])
@pytest.mark.parametrize("host", ["10.99.0.1", "02:00:00:00:00:09", "fe80::1", "nonsense", "02:c1"])
def test_a_host_that_is_not_there_or_no_address_is_one_line(command, host):
    done = run(command, DORA, "--host", host)
    assert done.exit_code == 2 and done.stderr.count("\n") == 1 and host in done.stderr


@pytest.mark.parametrize("command", ["check", "explain"])
def test_a_capture_without_anything_to_judge_is_said_to_be_one(tmp_path, command):
    nothing = written(tmp_path / "nothing.pcap", [])
    done = run(command, nothing)
    assert done.exit_code == 2 and done.stderr == f"{nothing}: no TCP segments or DHCP messages\n"


def test_show_says_what_messages_say():
    lines = run("show", DORA).stdout.splitlines()
    assert "DHCP OFFER xid 0x" in lines[1] and f"yiaddr {GIVEN}, server {SERVER}, lease 24 s" in lines[1]
    assert f"asks for {GIVEN}" in lines[2]


def test_show_says_where_a_file_is_cut(tmp_path):
    short = tmp_path / "short.pcap"
    short.write_bytes(DORA.read_bytes()[:-40])
    assert "the file ends inside a record, after 3 frames" in run("show", short).stdout
    done = run("check", short)
    assert done.exit_code == 0 and "the file ends inside a record, after 3 frames" in done.stdout


def test_mutants_of_what_does_not_conform_are_refused():
    done = run("mutants", BROKEN, "--count", 5)
    assert done.exit_code == 2 and str(BROKEN) in done.stderr


def test_json_says_how_each_requirement_fared_with_all_parties(tmp_path):
    path = tmp_path / "report.json"
    assert run("check", BROKEN, "--json", path).exit_code == 1
    report = json.loads(path.read_text())
    asked = {one["number"]: one for one in report["requirements"]}
    assert (asked[66]["status"], asked[66]["violated_frames"]) == ("violated", [3, 4, 6, 8])
    assert (asked[1]["status"], asked[1]["satisfied_frames"]) == ("satisfied", [1, 2])
    assert asked[18]["status"] == "not observable" and asked[18]["unobservable"]
    assert {step["rule"] for step in report["steps"]} >= {"send_discover", "offer"}


def test_an_annotated_capture_names_violations_and_deviations(tmp_path):
    path = tmp_path / "annotated.pcapng"
    run("check", BROKEN, "--annotate", path)
    assert b"VIOLATES rfc2131" in path.read_bytes() and b"deviates from requirement 25" in path.read_bytes()


def test_junit_says_nothing_of_what_is_not_known(tmp_path):
    path = tmp_path / "junit.xml"
    run("check", BROKEN, "--junit", path)
    assert "requirement 66" in path.read_text() and "None" not in path.read_text()
