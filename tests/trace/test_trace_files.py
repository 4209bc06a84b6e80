"""Trace files: what format they have, those that cannot be read, and the recorded ones."""

from __future__ import annotations

import gzip
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from time import process_time
from typing import Literal

import pytest
from trace_samples import CAPTURES, NETSEM, TRACE1741, UTCP

from netoracle.trace import (
    Trace,
    TraceError,
    files,
    parse_hol,
    print_hol,
    read_hol,
    read_trace,
    read_utcp_log,
    with_epsilons,
)
from netspec.base.base_types import FD, TID
from netspec.tcp.host0 import Lh_call, Lh_epsilon
from netspec.tcp.lib_interface import send

LABELS = {
    "conflate-client0.epsilon": 109,
    "conflate-server0.epsilon": 114,
    "trace0241": 19,
    "trace1741": 71,
    "trace5000": 33,
    "trace5001": 55,
    "trace5002": 31,
    "trace5003": 47,
}
"""How many labels HOL4's checker counted."""


def error_of(path: Path, format: Literal["auto", "hol", "utcp-log"] = "auto") -> str:
    with pytest.raises(TraceError) as raised:
        read_trace(path, format)
    assert "\n" not in str(raised.value)
    return str(raised.value).removeprefix(f"{path}")


def file(tmp_path: Path, contents: bytes) -> Path:
    path = tmp_path / "trace"
    path.write_bytes(contents)
    return path


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    assert error_of(tmp_path / "none") == ": cannot be read: No such file or directory"


def test_a_directory_is_an_error(tmp_path: Path) -> None:
    assert error_of(tmp_path) == ": is a directory, expected a trace file"


@pytest.mark.parametrize("format", ["auto", "hol", "utcp-log"])
def test_an_empty_file_is_an_error(tmp_path: Path, format: Literal["auto", "hol", "utcp-log"]) -> None:
    assert error_of(file(tmp_path, b""), format) == ": is empty, expected a trace"


def test_blanks_are_an_error(tmp_path: Path) -> None:
    assert error_of(file(tmp_path, b" \n\n")) == ":1:1: expected a capture, a HOL trace or a µTCP log, found none"


def test_binary_data_are_an_error(tmp_path: Path) -> None:
    garbage = file(tmp_path, bytes(range(256)))
    assert error_of(garbage) == ":1:1: expected a capture, a HOL trace or a µTCP log, found none"
    assert error_of(garbage, "hol") == ":2:24: this string is not closed on its line"
    assert error_of(garbage, "utcp-log") == ":1:1: expected a line of tcp.tracing"


def test_a_damaged_gzip_file_is_an_error(tmp_path: Path) -> None:
    packed = gzip.compress(b"Lh_tau;" * 100)
    assert error_of(file(tmp_path, packed[:-12])).startswith(": cannot be decompressed: ")
    assert error_of(file(tmp_path, packed[:10] + b"xx" + packed[12:])).startswith(": cannot be decompressed: ")


def test_a_file_that_is_too_large_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    assert error_of(file(tmp_path, b"x" * 1001)) == ": has more than 1000 bytes"
    assert error_of(file(tmp_path, gzip.compress(b"x" * 1001))) == ": has more than 1000 bytes"


def test_both_formats_are_told_apart_gzipped_or_not(tmp_path: Path) -> None:
    hol, log = b"(* a remark *)\nLh_tau;\n", b"x tcp.tracing 1.2.3.4:5 -> 1.2.3.5:6 [7ns] close\n"
    for contents, format in ((hol, "hol"), (log, "utcp-log")):
        for packed in (contents, gzip.compress(contents)):
            assert read_trace(file(tmp_path, packed)).format == format


def test_bytes_above_ascii_survive_in_strings_and_remarks(tmp_path: Path) -> None:
    trace = read_hol(file(tmp_path, b'(* \xe9 *) Lh_call(TID 1, send(FD 1, NONE, "\xff", []));'))
    assert trace.labels[0].label == Lh_call(TID(1), send(FD(1), None, b"\xff", ()))
    assert parse_hol(print_hol(trace).encode("latin-1").decode("latin-1")) == trace


@pytest.mark.parametrize("path", NETSEM)
def test_every_recorded_netsem_trace_is_read_and_written(path: Path) -> None:
    trace = read_trace(path)
    assert trace.format == "hol"
    assert len(trace.labels) == LABELS.get(path.name, len(trace.labels))
    assert len(trace.hosts) == (0 if path.name.startswith("ssh-") else 2 if _is_joint(path.name) else 1)
    text = print_hol(trace)
    assert parse_hol(text) == trace
    assert print_hol(parse_hol(text)) == text


def _is_joint(name: str) -> bool:
    return name in (
        "conflate-result-pinky-brain",
        "conflate-server0_client0",
        "conflate-trace0595_trace0595.aux",
    )


@pytest.mark.parametrize("path", NETSEM)
def test_the_times_in_comments_say_the_same_as_the_epsilons(path: Path) -> None:
    trace = read_trace(path)
    timed = replace(trace, labels=tuple(e for e in trace.labels if not isinstance(e.label, Lh_epsilon)))
    if path.name == "ssh-johnemil-2002-11-11":
        with pytest.raises(TraceError, match=":42:1: time runs backwards"):
            with_epsilons(timed)
        return
    assert _merged(with_epsilons(timed)) == _merged(trace)


def _merged(trace: Trace) -> list[object]:
    """The labels, and between them the time that passes in one piece."""
    found: list[object] = []
    passed = Fraction(0)
    for entry in trace.labels:
        if isinstance(entry.label, Lh_epsilon):
            passed += entry.label.dur
        else:
            found += [passed, entry.label]
            passed = Fraction(0)
    return found


def test_a_long_trace_is_read_in_a_fraction_of_a_second() -> None:
    if not TRACE1741.exists():
        pytest.skip(f"{TRACE1741.name} is not there")
    begin = process_time()
    read_trace(TRACE1741)
    assert process_time() - begin < 0.15


@pytest.mark.parametrize("path", UTCP, ids=[path.parent.name for path in UTCP])
def test_every_utcp_log_of_the_project_is_read(path: Path) -> None:
    trace = read_trace(path)
    assert trace.format == "utcp-log"
    assert len(trace.labels) == len(path.read_text("utf-8").splitlines())
    assert with_epsilons(trace).labels[-1] == trace.labels[-1]


def test_the_project_has_its_utcp_logs() -> None:
    assert len(UTCP) == 8


@pytest.mark.parametrize("path", CAPTURES)
def test_every_captured_utcp_log_is_read(path: Path) -> None:
    if path.parent.name == "raw-land":
        assert error_of(path) == ": is empty, expected a trace"
        return
    assert read_utcp_log(path) == read_trace(path)
