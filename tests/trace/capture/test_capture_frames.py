"""Frames of pcap and pcapng files."""

import gzip
import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packet_samples import START, block, enhanced, interface, option, pcap, section

from netoracle.trace import TraceError
from netoracle.trace.capture import source
from netoracle.trace.capture.errors import CaptureError
from netoracle.trace.capture.frames import Frame, read_frames

FRAMES = [(START, b"one", 3), (START + 1, b"two!", 1000), (START + 1000, b"", 5)]


def as_frames(frames, linktype=1):
    return [Frame(number, time, linktype, data, wire) for number, (time, data, wire) in enumerate(frames, 1)]


@pytest.fixture
def written(tmp_path):
    def write(data):
        path = tmp_path / "capture"
        path.write_bytes(data)
        return path

    return write


def refused(path):
    with pytest.raises(CaptureError) as caught:
        list(read_frames(path))
    assert isinstance(caught.value, TraceError) and str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("zipped", [False, True])
def test_nanoseconds_stay_exact(written, order, zipped):
    data = pcap(FRAMES, order)
    assert list(read_frames(written(gzip.compress(data) if zipped else data))) == as_frames(FRAMES)


@pytest.mark.parametrize("order", "<>")
def test_microseconds(written, order):
    times = [frame.time for frame in read_frames(written(pcap(FRAMES, order, nano=False)))]
    assert times == [START // 1000 * 1000, START // 1000 * 1000, START // 1000 * 1000 + 1000]


def test_two_gzip_members_are_one_file(written):
    data = pcap(FRAMES)
    assert list(read_frames(written(gzip.compress(data[:50]) + gzip.compress(data[50:])))) == as_frames(FRAMES)


@pytest.mark.parametrize("order", "<>")
def test_interfaces_have_their_own_link_type_and_clock(written, order):
    seconds = struct.pack(order + "q", -2)
    data = (
        section(order)
        + interface(1, order=order)
        + interface(113, options=option(9, b"\x09", order) + option(0, b"", order), order=order)
        + interface(101, options=option(9, b"\x8a", order) + option(14, seconds, order), order=order)
        + block(0x0BAD, b"not known", order)
        + enhanced(5, b"us", 0, order=order)
        + enhanced(5, b"ns", 1, order=order)
        + enhanced(3 * 1024 + 512, b"1/1024 s", 2, wire=90, order=order)
        + block(2, struct.pack(order + "HHIIII", 1, 0, 1, 7, 2, 2) + b"PB", order)
    )
    assert list(read_frames(written(data))) == [
        Frame(1, 5000, 1, b"us", 2),
        Frame(2, 5, 113, b"ns", 2),
        Frame(3, 1_500_000_000, 101, b"1/1024 s", 90),
        Frame(4, (1 << 32) + 7, 113, b"PB", 2),
    ]


def test_a_section_begins_anew(written):
    data = section("<") + interface(1) + enhanced(1, b"a")
    data += section(">") + interface(101, order=">") + enhanced(2, b"b", order=">")
    frames = list(read_frames(written(data)))
    assert [(frame.linktype, frame.time) for frame in frames] == [(1, 1000), (101, 2000)]
    error = refused(written(section("<") + interface(1) + section("<") + enhanced(1, b"a")))
    assert "interface 0" in str(error)


def test_finer_clocks_are_rounded_down(written):
    data = section() + interface(options=option(9, b"\x0c")) + enhanced(1999, b"ps")
    assert next(read_frames(written(data))).time == 1


def test_an_empty_capture_has_no_frames(written):
    assert list(read_frames(written(pcap([])))) == []
    assert list(read_frames(written(section()))) == []


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("lost", [1, 4, 10])
@pytest.mark.parametrize("data", [pcap(FRAMES[:2]), section() + interface() + enhanced(1, b"one") + enhanced(2, b"2")])
def test_a_file_that_ends_inside_a_record_is_of_use_up_to_there(written, data, lost, zipped):
    frames = read_frames(written(gzip.compress(data[:-lost]) if zipped else data[:-lost]))
    assert [frame.data for frame in frames] == [b"one"]
    assert len(frames.warnings) == 1 and "ends inside a record, after 1 frames" in frames.warnings[0]


def test_a_gzip_file_that_was_cut(written):
    data = pcap([(START + number, number.to_bytes(4), 4) for number in range(1000)])
    frames = read_frames(written(gzip.compress(data)[:-1000]))
    number = len(list(frames))
    assert 0 < number < 1000 and f"after {number} frames" in frames.warnings[0]


def test_a_whole_file_has_no_warnings(written):
    frames = read_frames(written(pcap(FRAMES)))
    assert list(frames) and frames.warnings == [] and frames.backwards == 0


def test_times_that_go_backwards_are_counted(written):
    frames = read_frames(written(pcap([(START + t, b"", 0) for t in (0, 5, 4, 4, 6, 1)])))
    assert [frame.time - START for frame in frames] == [0, 5, 4, 4, 6, 1]
    assert frames.backwards == 2


def test_frames_longer_than_the_snapshot_length_are_kept_with_a_warning(written):
    frames = read_frames(written(pcap(FRAMES, snaplen=2)))
    assert len(list(frames)) == 3 and len(frames.warnings) == 1


BAD = {
    "empty": (b"", "is empty", None),
    "short": (b"\xd4\xc3", "begins with d4 c3", None),
    "text": (b"(* a trace *)", "expected pcap or pcapng", None),
    "pcap header": (pcap([])[:-1], "after 23 bytes", None),
    "pcap version": (pcap([], version=(1, 9)), "version 1.9", 4),
    "pcap link": (pcap([], linktype=147), "link type 147", 20),
    "more captured than sent": (pcap([(0, b"abcd", 3)]), "4 captured bytes of a frame of 3", 24),
    "captured length": (pcap([]) + struct.pack("<IIII", 0, 0, 262145, 262145), "262145", 24),
    "nanoseconds": (pcap([]) + struct.pack("<IIII", 0, 10**9, 0, 0), "1000000000 ns", 24),
    "byte order": (section()[:8] + b"\1\2\3\4" + section()[12:], "byte-order magic", 0),
    "pcapng version": (section(version=2), "version 2.0", 0),
    "section length": (section()[:4] + struct.pack("<I", 24) + section()[8:], "24 bytes", 0),
    "section trailer": (section()[:-4] + struct.pack("<I", 32), "one of 32", 0),
    "block length": (section() + struct.pack("<II", 6, 0xFFFFFFF0), "4294967280 bytes", 28),
    "odd block length": (section() + struct.pack("<II", 5, 13) + bytes(9), "13 bytes", 28),
    "no interface": (section() + enhanced(1, b"a"), "interface 0", 28),
    "ng link": (section() + interface(147) + enhanced(1, b"a"), "link type 147", 48),
    "longer than its block": (
        section() + interface() + block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9)),
        "in a block that has 0",
        48,
    ),
    "no time": (section() + interface() + block(3, struct.pack("<I", 1) + b"a"), "has no time", 48),
    "clock": (section() + interface(options=option(9, b"")), "option 9", 28),
    "time offset": (section() + interface(options=option(14, b"abcd")), "4 bytes, expected 8", 28),
    "option": (section() + interface(options=struct.pack("<HH", 2, 50)), "option 2", 28),
    "gzip": (gzip.compress(b"")[:10] + b"\xff" * 40, "cannot be decompressed", None),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(written, name):
    data, text, offset = BAD[name]
    error = refused(written(data))
    assert text in str(error) and error.offset == offset
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_the_error_names_the_frame(written):
    error = refused(written(pcap([*FRAMES, (0, b"abcd", 3)])))
    assert error.frame == 4 and "frame 4, byte " in str(error)


def test_files_that_are_not_there(tmp_path):
    assert "No such file" in str(refused(tmp_path / "nothing"))
    assert "is a directory" in str(refused(tmp_path))


def test_the_expansion_is_bounded(written, monkeypatch):
    monkeypatch.setattr(source, "MAX_EXPANDED", 1 << 20)
    path = written(gzip.compress(pcap([(START, bytes(200_000), 200_000)] * 20)))
    assert "expands to more than" in str(refused(path))


@given(
    st.lists(st.tuples(st.integers(0, (1 << 32) * 10**9 - 1), st.binary(max_size=60), st.integers(0, 1 << 20))),
    st.sampled_from("<>"),
)
def test_round_trip(tmp_path_factory, records, order):
    records = [(time, data, max(wire, len(data))) for time, data, wire in records]
    path = tmp_path_factory.getbasetemp() / "round_trip.pcap"
    path.write_bytes(pcap(records, order))
    assert list(read_frames(path)) == as_frames(records)
    clock = option(9, b"\x09", order)
    blocks = [enhanced(time, data, wire=wire, order=order) for time, data, wire in records]
    path.write_bytes(section(order) + interface(options=clock, order=order) + b"".join(blocks))
    assert list(read_frames(path)) == as_frames(records)
